//! The dialog that amends contact, place and fault, and the task about mails that were not delivered.

use domain::case::{AmendField, AmendForm, Command, Report, RevisionCommand, report_at};
use domain::i18n::Language;
use domain::t;
use domain::view::CasePage;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api::resend_mails;
use super::drafts::AmendDraft;
use super::elements::{DialogActions, DialogFrame, Room, TextField};
use super::state::{CaseState, Dialog, focus};
use crate::AppError;
use crate::effect::effect;
use crate::language::use_language;
use crate::ui::{Icon, Notice, OthersChanged, Tone, relative_time, report_changes};

/// The fields of the dialog, and the report that they rest on. What the agent changed stays when the dialog is closed, and when
/// the page is read again.
#[derive(Clone, Copy)]
pub(super) struct Amending {
    pub dialog: Dialog,
    language: Language,
    seen: RwSignal<Seen>,
    /// What another correction had changed when the last try was refused for it, a line for each value.
    others: RwSignal<Vec<String>>,
    /// Whether the last try was refused for another correction that the fields do not rest on yet.
    is_refused: RwSignal<bool>,
    fields: StoredValue<[Slot; 7]>,
}

/// The report at a version of the case.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    version: u32,
    report: Report,
}

impl Seen {
    fn of(page: &CasePage) -> Self {
        Self { version: page.version, report: page.opening.report.clone() }
    }

    fn at(page: &CasePage, version: u32) -> Self {
        report_at(&page.history, version).map_or_else(|| Self::of(page), |report| Self { version, report })
    }
}

/// A field with its value and its error.
#[derive(Clone, Copy)]
struct Slot {
    field: AmendField,
    value: RwSignal<String>,
    problem: RwSignal<Option<String>>,
}

impl Amending {
    /// `draft` is the stored draft; `None` while the fields equal the report.
    pub(super) fn new(case: CaseState, draft: RwSignal<Option<AmendDraft>>) -> Self {
        let slot = |field| Slot { field, value: RwSignal::new(String::new()), problem: RwSignal::new(None) };
        let amending = Self {
            dialog: Dialog::new(case, "do-amend"),
            language: use_language(),
            seen: RwSignal::new(case.page.with_untracked(Seen::of)),
            others: RwSignal::new(Vec::new()),
            is_refused: RwSignal::new(false),
            fields: StoredValue::new([
                slot(AmendField::Name),
                slot(AmendField::Phone),
                slot(AmendField::Second),
                slot(AmendField::Mail),
                slot(AmendField::Location),
                slot(AmendField::Fault),
                slot(AmendField::Reason),
            ]),
        };
        amending.reset();
        amending.store_draft(draft);
        amending.follow();
        amending
    }

    /// Restores the draft as soon as it is read, and stores every change from then on.
    fn store_draft(self, draft: RwSignal<Option<AmendDraft>>) {
        effect(move |before: Option<Option<AmendDraft>>| {
            let (kept, changed) = (draft.get(), self.changed());
            if kept != before.flatten() {
                if let Some(AmendDraft { seen, form }) = &kept {
                    self.seen.set(self.dialog.case.page.with_untracked(|page| Seen::at(page, *seen)));
                    self.fill(form);
                }
                return kept;
            }
            if changed != kept {
                draft.set(changed.clone());
            }
            changed
        });
    }

    /// The agent's changes; `None` while the fields are as they were shown.
    fn changed(self) -> Option<AmendDraft> {
        let form = self.form(RwSignal::get);
        let (seen, shown) = self.seen.with(|seen| (seen.version, AmendForm::of(&seen.report)));
        (form != shown).then_some(AmendDraft { seen, form })
    }

    /// Opens the dialog with the report as it is now; earlier changes stay.
    pub(super) fn begin(self) {
        if untrack(|| self.changed()).is_none() {
            self.reset();
        }
        self.dialog.begin();
    }

    /// Sets the fields to the report as it is now.
    fn reset(self) {
        let now = self.dialog.case.page.with_untracked(Seen::of);
        self.fill(&AmendForm::of(&now.report));
        self.seen.set(now);
        self.others.set(Vec::new());
        self.is_refused.set(false);
    }

    /// Follows the report while the agent has changed nothing. After a refusal for another correction, the fields rest on the
    /// report as it is now: what the agent changed stays, all else follows.
    fn follow(self) {
        effect(move || {
            let now = self.dialog.case.page.with(Seen::of);
            let (seen, is_refused) = (self.seen.get(), self.is_refused.get());
            if self.dialog.sending.get() || seen.report == now.report {
                return;
            }
            if untrack(|| self.changed()).is_none() {
                self.reset();
            } else if is_refused {
                self.is_refused.set(false);
                self.others.set(report_changes(self.language, &seen.report, &now.report));
                self.fill(&self.form(RwSignal::get_untracked).rebased(&seen.report, &now.report));
                self.seen.set(now);
            }
        });
    }

    /// What another correction has changed since the fields were shown, a line for each value.
    fn changed_by_others(self) -> Vec<String> {
        let now = self.dialog.case.page.with(|page| page.opening.report.clone());
        self.seen.with(|seen| report_changes(self.language, &seen.report, &now))
    }

    fn fill(self, form: &AmendForm) {
        for Slot { field, value, problem } in self.fields.get_value() {
            problem.set(None);
            let text = match field {
                AmendField::Name => &form.name,
                AmendField::Phone => &form.phone,
                AmendField::Second => &form.second,
                AmendField::Mail => &form.mail,
                AmendField::Location => &form.location,
                AmendField::Fault => &form.fault,
                AmendField::Reason => &form.reason,
            };
            value.set(text.clone());
        }
    }

    fn form(self, read: fn(&RwSignal<String>) -> String) -> AmendForm {
        let [name, phone, second, mail, location, fault, reason] =
            self.fields.get_value().map(|slot| read(&slot.value));
        AmendForm { name, phone, second, mail, location, fault, reason }
    }
}

const fn id(field: AmendField) -> &'static str {
    match field {
        AmendField::Name => "amend-name",
        AmendField::Phone => "amend-phone",
        AmendField::Second => "amend-second",
        AmendField::Mail => "amend-mail",
        AmendField::Location => "amend-location",
        AmendField::Fault => "amend-fault",
        AmendField::Reason => "amend-reason",
    }
}

/// Amends contact, place or fault. The customer is told by mail.
#[component]
pub(super) fn AmendDialog(amending: Amending) -> impl IntoView {
    let language = use_language();
    let dialog = amending.dialog;
    let read = move || {
        amending.seen.with_untracked(|seen| amending.form(RwSignal::get_untracked).read(&seen.report))
    };
    let run = move || match read() {
        Ok(what) => {
            let command = Command::Revision(RevisionCommand::Amend { what: Box::new(what), undelivered: 0 });
            let done = move || t!(language, "staff.amend.done").into_owned();
            let at_field = move |error: AppError| {
                amending.is_refused.set(error.is_conflicting_amendment());
                Some(error)
            };
            dialog.send_or(command, done, move || amending.reset(), at_field);
        }
        Err(problems) => {
            for slot in amending.fields.get_value() {
                let wrong = problems.iter().find(|(field, _)| *field == slot.field);
                slot.problem.set(wrong.map(|(_, problem)| problem.message(language)));
            }
            if let Some((first, _)) = problems.first() {
                focus(id(*first));
            }
        }
    };
    let fields = amending.fields.get_value().map(|Slot { field, value, problem }| {
        let room = if field == AmendField::Fault { Room::Long } else { Room::Line };
        match field {
            AmendField::Phone => {
                let hint = Signal::stored("amend.phone_hint");
                view! { <TextField id=id(field) label=field.label_key() value problem room hint/> }.into_any()
            }
            _ => view! { <TextField id=id(field) label=field.label_key() value problem room/> }.into_any(),
        }
    });
    let changed_by_others = Memo::new(move |_| amending.changed_by_others());
    let outdated = move || {
        let lines = changed_by_others.with(|lines| lines.join("\n"));
        (!lines.is_empty()).then(|| {
            view! {
                <Notice tone=Tone::Care icon="alert">
                    <p>{t!(language, "refusal.report_changed")}</p>
                    <blockquote class="history__text">{lines}</blockquote>
                </Notice>
            }
        })
    };
    view! {
        <DialogFrame dialog title=t!(language, "staff.amend.title")>
            <p class="note">{t!(language, "staff.amend.hint")}</p>
            {outdated}
            <OthersChanged changes=amending.others/>
            {fields.into_iter().collect_view()}
            <DialogActions dialog act="staff.amend.act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// A link that opens the dialog.
#[component]
pub(super) fn AmendLink(amending: Amending) -> impl IntoView {
    let language = use_language();
    view! {
        <button class="textlink" type="button" aria-label=t!(language, "staff.amend.act_label") on:click=move |_| amending.begin()>
            {t!(language, "staff.amend.act_short")}
        </button>
    }
    .into_any()
}

/// The task about undelivered mails, until the address is corrected or they are sent again.
#[component]
pub(super) fn UndeliveredTask(amending: Amending) -> impl IntoView {
    let language = use_language();
    let case = amending.dialog.case;
    let undelivered = Memo::new(move |_| case.page.with(|page| page.undelivered.clone()));
    let (sending, failed) = (RwSignal::new(false), RwSignal::new(None::<AppError>));
    let again = move |_| {
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        spawn_local(async move {
            let outcome = resend_mails(case.number).await;
            // The page may be gone by now; the mails are sent all the same.
            if sending.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(()) => {
                    case.page.update(|page| page.undelivered = None);
                    case.announce(t!(language, "staff.undelivered.sent").into_owned());
                }
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    move || {
        undelivered.get().map(|undelivered| {
            let address = undelivered.address;
            let title = match undelivered.count {
                1 => t!(language, "staff.undelivered.one", address = address),
                count => t!(language, "staff.undelivered.many", count = count, address = address),
            };
            let now = case.time.now_untracked();
            let at = case.hours.with_value(|hours| relative_time(language, &hours.zone, undelivered.at, now));
            view! {
                <Notice tone=Tone::Bad icon="mail">
                    <p class="notice__title">{title}</p>
                    <p>{t!(language, "staff.undelivered.body", at = at)}</p>
                    <p class="row">
                        <button class="button" type="button" on:click=move |_| amending.begin()>
                            <Icon name="mail"/> " " {t!(language, "staff.undelivered.amend")}
                        </button>
                        <button class="textlink" type="button" aria-disabled=move || sending.get().then_some("true") on:click=again>
                            {t!(language, "staff.undelivered.again")}
                        </button>
                    </p>
                    {move || failed.get().map(|error| view! { <p>{error.message(language)}</p> })}
                </Notice>
            }
        })
    }
}

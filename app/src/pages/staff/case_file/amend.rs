//! Contact, place and fault are put right; and that mails did not arrive, until the address is.

use domain::case::{AmendField, AmendForm, Command, Report, RevisionCommand};
use domain::t;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::elements::{Room, SheetActs, SheetFrame, TextField};
use super::hand::{InHand, Sheet, focus};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::api::resend_mails;
use crate::ui::{Icon, Notice, Tone, said};

/// The fields of the sheet, and the report that its writer saw when it was opened.
#[derive(Clone, Copy)]
pub(super) struct Amending {
    pub sheet: Sheet,
    seen: StoredValue<Report>,
    fields: StoredValue<[Slot; 7]>,
}

/// A field: what stands in it, and what is wrong with it.
#[derive(Clone, Copy)]
struct Slot {
    field: AmendField,
    value: RwSignal<String>,
    problem: RwSignal<Option<String>>,
}

impl Amending {
    /// `reason` is kept while the page is reloaded; the other fields begin with what the case says.
    pub(super) fn new(case: InHand, reason: RwSignal<String>) -> Self {
        let slot = |field| Slot { field, value: RwSignal::new(String::new()), problem: RwSignal::new(None) };
        let amending = Self {
            sheet: Sheet::new(case, "do-amend"),
            seen: StoredValue::new(case.page.with_untracked(|page| page.opening.report.clone())),
            fields: StoredValue::new([
                slot(AmendField::Name),
                slot(AmendField::Phone),
                slot(AmendField::Second),
                slot(AmendField::Mail),
                slot(AmendField::Location),
                slot(AmendField::Fault),
                Slot { value: reason, ..slot(AmendField::Reason) },
            ]),
        };
        amending.fill();
        amending
    }

    /// The writer begins with what the case says now.
    pub(super) fn begin(self) {
        self.seen.set_value(self.sheet.case.page.with_untracked(|page| page.opening.report.clone()));
        self.fill();
        self.sheet.begin();
    }

    fn fill(self) {
        let form = self.seen.with_value(AmendForm::of);
        for Slot { field, value, problem } in self.fields.get_value() {
            problem.set(None);
            match field {
                AmendField::Name => value.set(form.name.clone()),
                AmendField::Phone => value.set(form.phone.clone()),
                AmendField::Second => value.set(form.second.clone()),
                AmendField::Mail => value.set(form.mail.clone()),
                AmendField::Location => value.set(form.location.clone()),
                AmendField::Fault => value.set(form.fault.clone()),
                AmendField::Reason => {}
            }
        }
    }

    fn form(self) -> AmendForm {
        let [name, phone, second, mail, location, fault, reason] =
            self.fields.get_value().map(|slot| slot.value.get_untracked());
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

/// Puts contact, place or fault right. The customer is told by mail.
#[component]
pub(super) fn AmendSheet(amending: Amending) -> impl IntoView {
    let language = use_language();
    let sheet = amending.sheet;
    let run = move || match amending.seen.with_value(|seen| amending.form().read(seen)) {
        Ok(what) => {
            let command = Command::Revision(RevisionCommand::Amend { what: Box::new(what), undelivered: 0 });
            let done = move || t!(language, "staff.amend.done").into_owned();
            let [.., reason] = amending.fields.get_value();
            sheet.send(command, done, move || reason.value.set(String::new()));
        }
        Err(problems) => {
            for slot in amending.fields.get_value() {
                let wrong = problems.iter().find(|(field, _)| *field == slot.field);
                slot.problem.set(wrong.map(|(_, problem)| problem.words(language)));
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
    view! {
        <SheetFrame sheet title=t!(language, "staff.amend.title")>
            <p class="note">{t!(language, "staff.amend.hint")}</p>
            {fields.into_iter().collect_view()}
            <SheetActs sheet act="staff.amend.act" run/>
        </SheetFrame>
    }
    .into_any()
}

/// The way into the sheet.
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

/// That mails did not reach the customer: a task, until the address is put right or the mails go out again.
#[component]
pub(super) fn UndeliveredTask(amending: Amending) -> impl IntoView {
    let language = use_language();
    let case = amending.sheet.case;
    let undelivered = Memo::new(move |_| case.page.with(|page| page.undelivered.clone()));
    let (sending, failed) = (RwSignal::new(false), RwSignal::new(None::<AppError>));
    let again = move |_| {
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        spawn_local(async move {
            let outcome = resend_mails(case.number).await;
            // The page may be gone by now; what was sent is sent.
            if sending.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(()) => {
                    case.page.update(|page| page.undelivered = None);
                    case.tell(t!(language, "staff.undelivered.sent").into_owned());
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
            let at = case.hours.with_value(|hours| said(language, &hours.zone, undelivered.at, now));
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
                    {move || failed.get().map(|error| view! { <p>{error.words(language)}</p> })}
                </Notice>
            }
        })
    }
}

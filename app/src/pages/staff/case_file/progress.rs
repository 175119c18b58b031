//! The dialogs of pause, priority and resolution.

use domain::calendar::{DurationStyle, duration};
use domain::case::{Category, Command, PauseReason};
use domain::i18n::Language;
use domain::priority::Priority;
use domain::t;
use domain::text::{Note, PersonName, Reason, optional};
use domain::view::CasePage;
use leptos::prelude::*;

use super::customer_update::AnswerFirst;
use super::elements::{Chips, DialogActions, DialogFrame, Room, TextField};
use super::moment::MomentField;
use super::state::{Dialog, focus};
use crate::language::use_language;
use crate::ui::site_time;
use crate::ui::{Notice, Tone};

/// Pauses the clocks, for a reason and until a time.
#[component]
pub(super) fn PauseDialog(dialog: Dialog, text: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let reason = RwSignal::new(None::<PauseReason>);
    let until = RwSignal::new(String::new());
    let (allowed, wrong_name) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let (no_reason, no_until, wrong_text) =
        (RwSignal::new(None::<String>), RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let run = move || {
        let end = until
            .with_untracked(|until| case.hours.with_value(|hours| site_time::instant(&hours.zone, until)));
        let detail = text.with_untracked(|text| optional(text, Reason::parse));
        let name = allowed.with_untracked(|name| optional(name, PersonName::parse));
        wrong_name.set(name.as_ref().err().map(|wrong| wrong.message(language)));
        let missing = |key| Some(t!(language, key).into_owned());
        no_reason.set(if reason.get_untracked().is_none() { missing("problem.not_chosen") } else { None });
        no_until.set(match end {
            None => missing("staff.pause.no_until"),
            Some(end) if end <= case.time.now_untracked() => missing("refusal.pause_ends_in_the_past"),
            Some(_) => None,
        });
        wrong_text.set(detail.as_ref().err().map(|wrong| wrong.message(language)));
        let (Some(reason_meant), Some(end), Ok(detail), Ok(allowed_by)) =
            (reason.get_untracked(), end, detail, name)
        else {
            return;
        };
        if no_until.with_untracked(Option::is_some) {
            return focus("pause-until");
        }
        let command = Command::Pause { reason: reason_meant, detail, until: end, allowed_by };
        let said = move || case.done(language, "staff.pause.done");
        dialog.send(command, said, move || {
            text.set(String::new());
            until.set(String::new());
            allowed.set(String::new());
            reason.set(None);
        });
    };
    let reasons =
        PauseReason::ALL.map(|reason| (reason, t!(language, reason.name_key()).into_owned())).to_vec();
    view! {
        <DialogFrame dialog title=t!(language, "staff.pause.title")>
            <p class="note">{move || t!(language, effect_key(reason.get()))}</p>
            <Chips name="pause-reason" question=t!(language, "staff.pause.reason") choices=reasons chosen=reason
                problem=no_reason/>
            <MomentField case id="pause-until" label="staff.pause.until" value=until problem=no_until/>
            <TextField id="pause-detail" label="staff.pause.detail" value=text problem=wrong_text room=Room::Line/>
            <TextField id="pause-allowed" label="staff.pause.allowed_by" value=allowed problem=wrong_name
                room=Room::Line/>
            <DialogActions dialog act="staff.pause.act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// The clocks that a pause stops: first response only for a time that the customer named.
const fn effect_key(reason: Option<PauseReason>) -> &'static str {
    match reason {
        Some(PauseReason::AgreedDate) => "staff.pause.stops_all",
        _ => "staff.pause.stops_resolution",
    }
}

/// Overrides the priority. The customer's severity and urgency stay, and are shown.
#[component]
pub(super) fn PriorityDialog(dialog: Dialog, text: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let chosen = RwSignal::new(None::<Priority>);
    let (not_chosen, wrong_text) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let run = move || {
        let reason = text.with_untracked(|text| Reason::parse(text));
        let missing = chosen.get_untracked().is_none();
        not_chosen.set(missing.then(|| t!(language, "problem.not_chosen").into_owned()));
        wrong_text.set(reason.as_ref().err().map(|wrong| wrong.message(language)));
        let (Some(to), Ok(reason)) = (chosen.get_untracked(), reason) else {
            if !missing {
                focus("priority-reason");
            }
            return;
        };
        let said = move || t!(language, "staff.priority.done", priority = to.code());
        dialog.send(Command::ChangePriority { to, reason }, said, move || {
            text.set(String::new());
            chosen.set(None);
        });
    };
    let choices = case.page.with_untracked(|page| priorities(language, page));
    let stated = case.page.with_untracked(|page| stated(language, page));
    view! {
        <DialogFrame dialog title=t!(language, "staff.priority.title")>
            <p class="note">{stated} " " {t!(language, "staff.priority.hint")}</p>
            <Chips name="priority" question=t!(language, "staff.priority.priority") choices chosen problem=not_chosen/>
            <TextField id="priority-reason" label="staff.priority.reason" value=text problem=wrong_text room=Room::Line/>
            <DialogActions dialog act="staff.priority.act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// Each priority with its targets of first response and resolution.
fn priorities(language: Language, page: &CasePage) -> Vec<(Priority, String)> {
    let words = |priority: Priority| {
        let targets = page.opening.terms.targets(priority);
        let length = |seconds| duration(language, seconds, DurationStyle::Words);
        format!(
            "{} · {} · {}",
            priority.code(),
            length(targets.first_response_s),
            length(targets.resolution_s)
        )
    };
    Priority::ALL.map(|priority| (priority, words(priority))).to_vec()
}

/// The customer's severity and urgency, and the priority that followed.
fn stated(language: Language, page: &CasePage) -> String {
    let report = &page.opening.report;
    t!(
        language,
        "staff.priority.stated",
        severity = t!(language, report.severity.name_key()),
        urgency = t!(language, report.urgency.name_key()),
        priority = page.opening.priority.code(),
    )
}

/// Resolves the case.
#[component]
pub(super) fn ResolveDialog(
    dialog: Dialog,
    /// The cause.
    found: RwSignal<String>,
    /// The solution.
    text: RwSignal<String>,
    /// The dialog of the answer that comes first.
    answer: Dialog,
) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let category = RwSignal::new(None::<Category>);
    let (no_category, no_cause, problem) =
        (RwSignal::new(None::<String>), RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let run = move || {
        let origin = found.with_untracked(|found| Note::parse(found));
        let done = text.with_untracked(|text| Note::parse(text));
        let missing = category.get_untracked().is_none();
        no_category.set(missing.then(|| t!(language, "problem.not_chosen").into_owned()));
        no_cause.set(origin.as_ref().err().map(|wrong| wrong.message(language)));
        problem.set(done.as_ref().err().map(|wrong| wrong.message(language)));
        let (Some(kind), Ok(origin), Ok(solution)) = (category.get_untracked(), &origin, &done) else {
            return focus(if origin.is_err() { "resolve-cause" } else { "resolve-text" });
        };
        let command = Command::Resolve { category: kind, cause: origin.clone(), solution: solution.clone() };
        let said = move || case.done(language, "staff.resolve.done");
        dialog.send(command, said, move || {
            found.set(String::new());
            text.set(String::new());
            category.set(None);
        });
    };
    let categories =
        Category::ALL.map(|category| (category, t!(language, category.name_key()).into_owned())).to_vec();
    let hint = Signal::stored("staff.resolve.hint");
    view! {
        <DialogFrame dialog title=t!(language, "staff.resolve.title") described="resolve-unheard">
            <AnswerFirst dialog id="resolve-unheard" answer/>
            {move || {
                (!case.was_contacted())
                    .then(|| {
                        view! {
                            <Notice tone=Tone::Care icon="info">
                                <p>{t!(language, "refusal.contact_first")}</p>
                            </Notice>
                        }
                    })
            }}
            <Chips name="resolve-category" question=t!(language, "staff.resolve.category") choices=categories
                chosen=category problem=no_category/>
            <TextField id="resolve-cause" label="staff.resolve.cause" value=found problem=no_cause room=Room::Short/>
            <TextField id="resolve-text" label="staff.resolve.text" value=text problem room=Room::Long hint/>
            <DialogActions dialog act="staff.resolve.act" run/>
        </DialogFrame>
    }
    .into_any()
}

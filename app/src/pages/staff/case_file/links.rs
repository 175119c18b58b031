//! Linked cases, and the terminations of a case: cancelled, or a duplicate.

use domain::actor::Action;
use domain::case::{AskedBy, Command, LinkCommand, LinkKind, Refusal, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::t;
use domain::text::Reason;
use domain::view::LinkView;
use leptos::prelude::*;

use super::customer_update::AnswerFirst;
use super::elements::{Chips, DialogActions, DialogFrame, FailedNotice, Room, TextField};
use super::state::{CaseState, Dialog, focus};
use crate::AppError;
use crate::address::case_address;
use crate::language::use_language;

/// The linked cases, and the button to link one.
#[component]
pub(super) fn Links(case: CaseState, link: Dialog, duplicate: Dialog, unlink: Dialog) -> impl IntoView {
    let language = use_language();
    let links = Memo::new(move |_| case.page.with(|page| page.links.clone()));
    let is_open = Memo::new(move |_| case.page.with(|page| page.status.is_open()));
    let (may_link, may_cancel) = (case.may(Action::LinkCases), case.may(Action::CancelCase));
    let begin = move |dialog: Dialog, words: &'static str| {
        view! {
            <p>
                <button class="textlink" type="button" on:click=move |_| dialog.begin()>
                    {t!(language, words)}
                </button>
            </p>
        }
    };
    view! {
        <section class="card stack" aria-labelledby="h-links">
            <h2 id="h-links">{t!(language, "staff.links.title")}</h2>
            {move || {
                let links = links.get();
                if links.is_empty() {
                    return view! { <p class="note">{t!(language, "staff.links.none")}</p> }.into_any();
                }
                let shown = links.into_iter().map(|seen| view! { <Linked seen unlink may_link/> }).collect_view();
                view! { <ul class="facts">{shown}</ul> }.into_any()
            }}
            <FailedNotice dialog=unlink/>
            {may_link.then(|| begin(link, "staff.links.add"))}
            {move || (may_cancel && is_open.get()).then(|| begin(duplicate, "staff.duplicate.act_short"))}
        </section>
    }
    .into_any()
}

/// One linked case.
#[component]
fn Linked(seen: LinkView, unlink: Dialog, may_link: bool) -> impl IntoView {
    let language = use_language();
    let other = seen.number?;
    let status = seen.status.map(|status| t!(language, status.name_key()));
    let take_back = move |_| {
        unlink.begin();
        let done = move || t!(language, "staff.links.removed").into_owned();
        unlink.send(Command::Link(LinkCommand::Unrelate { other }), done, || ());
    };
    Some(view! {
        <li class="stack stack--tight">
            <span>
                {t!(language, seen.kind.name_key())} " "
                <a class="number nowrap" href=case_address(other)>{other.grouped()}</a>
                {status.map(|words| view! { " " <span class="badge">{words}</span> })}
            </span>
            {(may_link && seen.kind == LinkKind::Related)
                .then(|| {
                    view! {
                        <button class="textlink" type="button" aria-disabled=unlink.busy() on:click=take_back>
                            {t!(language, "staff.links.remove", number = other.grouped())}
                        </button>
                    }
                })}
        </li>
    })
}

/// Reads the number of another case; its error shows at its field.
fn read(
    language: Language,
    typed: RwSignal<String>,
    problem: RwSignal<Option<String>>,
    id: &str,
) -> Option<CaseNumber> {
    match typed.with_untracked(|typed| CaseNumber::parse(typed)) {
        Ok(number) => Some(number),
        Err(wrong) => {
            problem.set(Some(wrong.message(language)));
            focus(id);
            None
        }
    }
}

/// Shows at the field an error of the desk about the number.
fn at_field(
    language: Language,
    problem: RwSignal<Option<String>>,
    id: &'static str,
) -> impl FnOnce(AppError) -> Option<AppError> {
    move |error| {
        if let AppError::Refused(refused) = &error
            && let Some(Refusal::Link(refused)) = refused.refusal()
        {
            problem.set(Some(refused.message(language)));
            focus(id);
            return None;
        }
        Some(error)
    }
}

/// Links another case as related.
#[component]
pub(super) fn LinkDialog(dialog: Dialog) -> impl IntoView {
    let language = use_language();
    let (typed, problem) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let run = move || {
        let Some(other) = read(language, typed, problem, "link-number") else { return };
        let command = Command::Link(LinkCommand::Relate { other, known: None });
        let done = move || t!(language, "staff.links.done").into_owned();
        dialog.send_or(
            command,
            done,
            move || typed.set(String::new()),
            at_field(language, problem, "link-number"),
        );
    };
    view! {
        <DialogFrame dialog title=t!(language, "staff.links.add")>
            <p class="note">{t!(language, "staff.links.hint")}</p>
            <TextField id="link-number" label="staff.links.number" value=typed problem room=Room::Line/>
            <DialogActions dialog act="staff.links.act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// Closes the case in favour of another.
#[component]
pub(super) fn DuplicateDialog(
    dialog: Dialog,
    /// The dialog of the answer that comes first.
    answer: Dialog,
) -> impl IntoView {
    let language = use_language();
    let (typed, problem) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    let run = move || {
        let Some(of) = read(language, typed, problem, "duplicate-number") else { return };
        let command = Command::Termination(TerminationCommand::CloseAsDuplicate { of, other: None });
        let done = move || dialog.case.done(language, "staff.duplicate.done");
        let at_field = at_field(language, problem, "duplicate-number");
        dialog.send_or(command, done, move || typed.set(String::new()), at_field);
    };
    view! {
        <DialogFrame dialog title=t!(language, "staff.duplicate.title") described="duplicate-unheard">
            <AnswerFirst dialog id="duplicate-unheard" answer/>
            <p class="note">{t!(language, "staff.duplicate.hint")}</p>
            <TextField id="duplicate-number" label="staff.duplicate.number" value=typed problem room=Room::Line/>
            <DialogActions dialog act="staff.duplicate.act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// Cancels the case, with the side that asked for it and the reason.
#[component]
pub(super) fn CancelDialog(
    dialog: Dialog,
    text: RwSignal<String>,
    /// The dialog of the answer that comes first.
    answer: Dialog,
) -> impl IntoView {
    let language = use_language();
    let asked_by = RwSignal::new(None::<AskedBy>);
    let (not_chosen, problem) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let run = move || {
        let reason = text.with_untracked(|text| Reason::parse(text));
        let missing = asked_by.get_untracked().is_none();
        not_chosen.set(missing.then(|| t!(language, "problem.not_chosen").into_owned()));
        problem.set(reason.as_ref().err().map(|wrong| wrong.message(language)));
        let (asked_by_meant, reason) = match (asked_by.get_untracked(), reason) {
            (Some(meant), Ok(reason)) => (meant, reason),
            (_, Err(_)) => return focus("cancel-case-reason"),
            (None, Ok(_)) => return,
        };
        let command = Command::Termination(TerminationCommand::Cancel { asked_by: asked_by_meant, reason });
        let done = move || dialog.case.done(language, "staff.cancel_case.done");
        dialog.send(command, done, move || {
            text.set(String::new());
            asked_by.set(None);
        });
    };
    let choices = AskedBy::ALL.map(|choice| (choice, t!(language, choice.name_key()).into_owned())).to_vec();
    view! {
        <DialogFrame dialog title=t!(language, "staff.cancel_case.title") described="cancel-unheard">
            <AnswerFirst dialog id="cancel-unheard" answer/>
            <p class="note">{t!(language, "staff.cancel_case.hint")}</p>
            <Chips name="cancel-asked-by" question=t!(language, "staff.cancel_case.asked_by") choices=choices
                chosen=asked_by problem=not_chosen/>
            <TextField id="cancel-case-reason" label="staff.cancel_case.reason" value=text problem room=Room::Line/>
            <DialogActions dialog act="staff.cancel_case.act" run/>
        </DialogFrame>
    }
    .into_any()
}

//! The assignee of the case: claim, release, assign.

use domain::actor::{Action, PersonId};
use domain::case::{AssignmentCommand, Command};
use domain::t;
use domain::text::Reason;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api::{CandidateChoice, Candidates, read_candidates};
use super::elements::{DialogActions, DialogFrame, FailedNotice, Room, TextField};
use super::state::{CaseState, Dialog, focus};
use crate::language::use_language;
use crate::ui::{FieldError, Finding, Icon, Tone};

/// The assignment commands that the reader may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The case has no assignee.
    Free,
    /// The reader is the assignee, or may reassign the case.
    Mine,
    /// Another person is the assignee.
    Theirs,
}

/// The assignee of the case, with the assignment commands.
#[component]
pub(super) fn AssignmentBar(
    case: CaseState,
    /// The reader.
    me: PersonId,
    candidates: RwSignal<Vec<Candidates>>,
    claim: Dialog,
    give: Dialog,
) -> impl IntoView {
    let language = use_language();
    let assignee = Memo::new(move |_| case.page.with(|page| page.mark.assignee.clone()));
    let is_over = Memo::new(move |_| case.page.with(|page| page.status.is_end()));
    let in_charge = case.may(Action::AssignCase);
    let way = Memo::new(move |_| match assignee.get() {
        None => Way::Free,
        Some(assignee) if assignee.id == me || in_charge => Way::Mine,
        Some(_) => Way::Theirs,
    });
    let take = move |_| {
        claim.begin();
        let done = move || t!(language, "staff.hands.claimed").into_owned();
        claim.send(Command::Assignment(AssignmentCommand::Claim), done, || ());
    };
    let take_it = move || {
        view! {
            <button class="button" type="button" aria-disabled=claim.busy() on:click=take>
                <Icon name="person"/> " " {t!(language, "staff.hands.claim")}
            </button>
        }
    };
    let begin = move |_| {
        give.begin();
        // Who is at work changes while a page is open.
        spawn_local(async move {
            match read_candidates(case.number).await {
                Ok(read) => drop(candidates.try_set(read)),
                Err(error) => drop(give.failed.try_set(Some(error))),
            }
        });
    };
    let hand_on = move |words: &'static str| {
        view! {
            <button class="button" type="button" on:click=begin>
                {t!(language, words)}
            </button>
        }
    };
    view! {
        <div class="row">
            <p>
                <Icon name="person"/>
                " "
                {move || match assignee.get() {
                    Some(assignee) => t!(language, "staff.hands.held", name = assignee.name),
                    None => t!(language, "staff.hands.free").into_owned(),
                }}
            </p>
            {move || match (is_over.get(), way.get()) {
                (true, _) | (_, Way::Theirs) => ().into_any(),
                (_, Way::Free) => {
                    view! { {take_it()} {in_charge.then(|| hand_on("staff.hands.assign"))} }.into_any()
                }
                (_, Way::Mine) => hand_on("staff.hands.transfer").into_any(),
            }}
        </div>
        <FailedNotice dialog=claim/>
    }
    .into_any()
}

/// Assigns the case, with a reason when it had another assignee, or releases it.
#[component]
pub(super) fn AssignDialog(
    dialog: Dialog,
    candidates: RwSignal<Vec<Candidates>>,
    text: RwSignal<String>,
) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let chosen = RwSignal::new(String::new());
    let (nobody, wrong_text) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let is_held = Memo::new(move |_| case.page.with(|page| page.mark.assignee.is_some()));
    let run = move || {
        let person = candidates.with_untracked(|all| {
            let id = chosen.with_untracked(|id| id.parse().ok().map(PersonId));
            let mut people = all.iter().flat_map(|part| &part.people);
            people.find(|choice| Some(choice.person.id) == id).map(|choice| choice.person.clone())
        });
        let reason = text.with_untracked(|text| Reason::parse(text));
        nobody.set(person.is_none().then(|| t!(language, "problem.not_chosen").into_owned()));
        let needs_reason = is_held.get_untracked();
        wrong_text.set(reason.as_ref().err().filter(|_| needs_reason).map(|wrong| wrong.message(language)));
        let command = match (person, reason) {
            (None, _) => return focus("give-person"),
            (Some(to), Ok(reason)) if needs_reason => AssignmentCommand::Transfer { to, reason },
            (Some(to), _) if !needs_reason => AssignmentCommand::Assign { to },
            (Some(_), _) => return focus("give-reason"),
        };
        let done = move || t!(language, "staff.hands.given").into_owned();
        dialog.send(Command::Assignment(command), done, move || {
            text.set(String::new());
            chosen.set(String::new());
        });
    };
    let release = move |_| {
        let done = move || t!(language, "staff.hands.released").into_owned();
        dialog.send(Command::Assignment(AssignmentCommand::Release), done, || ());
    };
    view! {
        <DialogFrame dialog title=t!(language, "staff.hands.title")>
            <Colleagues candidates chosen problem=nobody/>
            {move || {
                is_held
                    .get()
                    .then(|| {
                        view! {
                            <TextField id="give-reason" label="staff.hands.reason" value=text problem=wrong_text
                                room=Room::Line/>
                            <p>
                                <button class="textlink" type="button" aria-disabled=dialog.busy()
                                    on:click=release>
                                    {t!(language, "staff.hands.release")}
                                </button>
                            </p>
                        }
                    })
            }}
            <DialogActions dialog act="staff.hands.give" run/>
        </DialogFrame>
    }
    .into_any()
}

/// The people whom a case can be assigned to, and what is said of the chosen one.
#[component]
fn Colleagues(
    candidates: RwSignal<Vec<Candidates>>,
    chosen: RwSignal<String>,
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let language = use_language();
    let options = move || {
        let part = |Candidates { label, people }: Candidates| {
            let option = |one: CandidateChoice| {
                let id = one.person.id.0.to_string();
                let is_chosen = chosen.with_untracked(|chosen| *chosen == id);
                view! { <option value=id selected=is_chosen>{one.label}</option> }
            };
            let options = people.into_iter().map(option).collect_view();
            if label.is_empty() {
                options.into_any()
            } else {
                view! { <optgroup label=label>{options}</optgroup> }.into_any()
            }
        };
        candidates.get().into_iter().map(part).collect_view()
    };
    let caution = move || {
        let id = chosen.with(|id| id.parse().ok().map(PersonId));
        let said = candidates.with(|all| {
            let mut people = all.iter().flat_map(|part| &part.people);
            people.find(|choice| Some(choice.person.id) == id).and_then(|choice| choice.caution.clone())
        });
        said.map(|words| view! { <Finding tone=Tone::Care icon="alert">{words}</Finding> })
    };
    view! {
        <div class="field" data-look=move || problem.with(Option::is_some).then_some("error")>
            <label class="field__label" for="give-person">{t!(language, "staff.hands.person")}</label>
            <div class="field__box">
                <select
                    class="field__input"
                    id="give-person"
                    prop:value=move || chosen.get()
                    on:change=move |event| {
                        chosen.set(event_target_value(&event));
                        problem.set(None);
                    }
                    aria-invalid=move || problem.with(Option::is_some).then_some("true")
                    aria-describedby="give-person-error"
                >
                    <option value="">{t!(language, "staff.hands.choose")}</option>
                    {options}
                </select>
            </div>
            <output for="give-person">{caution}</output>
            <FieldError id="give-person" error=problem.into()/>
        </div>
    }
    .into_any()
}

//! The dialogs of pause, priority and resolution.

use domain::calendar::{DurationStyle, duration};
use domain::case::{Category, Command, PauseReason};
use domain::causes::{CauseCode, OfferedCauses};
use domain::i18n::Language;
use domain::priority::Priority;
use domain::survey::Need;
use domain::t;
use domain::text::{Note, PersonName, Reason, optional};
use domain::view::CasePage;
use domain::waiting_reasons::OfferedWait;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api::{read_causes, read_waits};
use super::customer_update::AnswerFirst;
use super::elements::{Chips, DialogActions, DialogFrame, Room, TextField};
use super::moment::MomentField;
use super::state::{Dialog, focus};
use crate::language::use_language;
use crate::ui::pending::use_pending;
use crate::ui::site_time;
use crate::ui::{FieldError, Notice, Tone};

/// Pauses the clocks, for a reason and until a time.
#[component]
pub(super) fn PauseDialog(dialog: Dialog, text: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let reason = RwSignal::new(None::<PauseReason>);
    let waits = RwSignal::new(Vec::new());
    dialog.on_begin(move || {
        spawn_local(async move {
            // Without them the kinds are offered, and the detail is typed.
            if let Ok(known) = read_waits().await {
                waits.try_set(known);
            }
        });
    });
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
            <OwnReasons waits kind=reason text/>
            <MomentField case id="pause-until" label="staff.pause.until" value=until problem=no_until/>
            <TextField id="pause-detail" label="staff.pause.detail" value=text problem=wrong_text room=Room::Line/>
            <TextField id="pause-allowed" label="staff.pause.allowed_by" value=allowed problem=wrong_name
                room=Room::Line/>
            <DialogActions dialog act="staff.pause.act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// The provider's own reasons of the chosen kind. The chosen one becomes the detail, which may be typed on.
#[component]
fn OwnReasons(
    waits: RwSignal<Vec<OfferedWait>>,
    kind: RwSignal<Option<PauseReason>>,
    /// The detail of the pause.
    text: RwSignal<String>,
) -> impl IntoView {
    let language = use_language();
    move || {
        let of_kind = |wait: &&OfferedWait| Some(wait.kind) == kind.get();
        let names: Vec<String> =
            waits.with(|waits| waits.iter().filter(of_kind).map(|wait| wait.name.clone()).collect());
        let chosen = move |event| match event_target_value(&event) {
            name if name.is_empty() => {}
            name => text.set(name),
        };
        (!names.is_empty()).then(|| {
            let options =
                names.into_iter().map(|name| view! { <option value=name.clone()>{name.clone()}</option> });
            view! {
                <div class="field">
                    <label class="field__label" for="pause-own">{t!(language, "staff.pause.own")}</label>
                    <div class="field__box">
                        <select class="field__input" id="pause-own" on:change=chosen>
                            <option value="">{t!(language, "staff.resolve.tree_none")}</option>
                            {options.collect_view()}
                        </select>
                    </div>
                </div>
            }
        })
    }
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

/// Whether a cause of the tree must be chosen.
fn is_required(offered: Option<&OfferedCauses>) -> bool {
    offered.is_some_and(|causes| causes.choice == Need::Required && !causes.categories.is_empty())
}

/// The causes that the provider offers, by category, once they were read.
#[component]
fn CauseField(
    offered: RwSignal<Option<OfferedCauses>>,
    /// The code of the chosen cause; empty for none.
    chosen: RwSignal<String>,
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let (language, pending) = (use_language(), use_pending());
    let select = move |causes: OfferedCauses| {
        let groups = causes.categories.into_iter().map(|group| {
            let options = group.causes.into_iter().map(|cause| {
                view! { <option value=cause.code.as_str().to_owned()>{cause.name}</option> }
            });
            view! { <optgroup label=group.name>{options.collect_view()}</optgroup> }
        });
        view! {
            <div class="field" data-look=move || problem.with(Option::is_some).then_some("error")>
                <label class="field__label" for="resolve-tree">{t!(language, "staff.resolve.tree")}</label>
                <div class="field__box">
                    <select class="field__input" id="resolve-tree" bind:value=chosen
                        on:change=move |_| problem.set(None) aria-disabled=move || pending.get().then_some("true")
                        aria-invalid=move || problem.with(Option::is_some).then_some("true")
                        aria-describedby="resolve-tree-error">
                        <option value="">{t!(language, "staff.resolve.tree_none")}</option>
                        {groups.collect_view()}
                    </select>
                </div>
                <FieldError id="resolve-tree" error=problem.into()/>
            </div>
        }
    };
    move || offered.get().filter(|causes| !causes.categories.is_empty()).map(select)
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
    let (offered, chosen) = (RwSignal::new(None::<OfferedCauses>), RwSignal::new(String::new()));
    let no_choice = RwSignal::new(None::<String>);
    dialog.on_begin(move || {
        spawn_local(async move {
            match read_causes().await {
                Ok(causes) => drop(offered.try_set(Some(causes))),
                Err(error) => drop(dialog.failed.try_set(Some(error))),
            }
        });
    });
    let (no_category, no_cause, problem) =
        (RwSignal::new(None::<String>), RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let run = move || {
        let origin = found.with_untracked(|found| Note::parse(found));
        let done = text.with_untracked(|text| Note::parse(text));
        let missing = category.get_untracked().is_none();
        no_category.set(missing.then(|| t!(language, "problem.not_chosen").into_owned()));
        let of_tree = chosen.with_untracked(|code| CauseCode::parse(code).ok());
        let is_lacking = of_tree.is_none() && offered.with_untracked(|causes| is_required(causes.as_ref()));
        no_choice.set(is_lacking.then(|| t!(language, "problem.not_chosen").into_owned()));
        no_cause.set(origin.as_ref().err().map(|wrong| wrong.message(language)));
        problem.set(done.as_ref().err().map(|wrong| wrong.message(language)));
        let (Some(kind), Ok(origin), Ok(solution)) = (category.get_untracked(), &origin, &done) else {
            return focus(if origin.is_err() { "resolve-cause" } else { "resolve-text" });
        };
        if is_lacking {
            return focus("resolve-tree");
        }
        let (origin, solution) = (origin.clone(), solution.clone());
        let command = Command::Resolve {
            category: kind,
            cause: origin,
            solution,
            chosen: of_tree,
            classification: None,
        };
        let said = move || case.done(language, "staff.resolve.done");
        dialog.send(command, said, move || {
            found.set(String::new());
            text.set(String::new());
            category.set(None);
            chosen.set(String::new());
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
            <CauseField offered chosen problem=no_choice/>
            <TextField id="resolve-cause" label="staff.resolve.cause" value=found problem=no_cause room=Room::Short/>
            <TextField id="resolve-text" label="staff.resolve.text" value=text problem room=Room::Long hint/>
            <DialogActions dialog act="staff.resolve.act" run/>
        </DialogFrame>
    }
    .into_any()
}

//! What is to be settled before an empty desk serves customers: `/desk/admin/setup`. Each step leads to the page where it is
//! done, and can be left and taken up again.

use desk::setup::{self, Checklist, Mark, Progress, Step};
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::pages::{Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{Icon, Notice, Tone};

const PAGE: &str = "/desk/admin/setup";
/// The field that names the step.
const STEP: &str = "step";
/// The field that says what is said of it.
const MARK: &str = "mark";
/// The whole list, in the place of a step.
const LIST: &str = "list";

/// Takes what is said of a step, or of the whole list.
pub async fn post_setup(asked: &RequestContext, typed: &Typed) -> Posted {
    let given = |name: &str| typed.get(name).map_or("", String::as_str);
    let Some(mark) = Mark::from_code(given(MARK)) else { return Posted::Failed(AppError::Malformed) };
    let done = match (given(STEP), Step::from_code(given(STEP))) {
        (LIST, _) => setup::dismiss(&asked.desk, &asked.actor, mark).await,
        (_, Some(step)) => setup::settle(&asked.desk, &asked.actor, step, mark).await,
        (_, None) => return Posted::Failed(AppError::Malformed),
    };
    match done {
        Ok(()) => Posted::Done(PAGE.to_owned()),
        Err(error) => Posted::Failed(error.into()),
    }
}

/// Where a step is done.
const fn address(step: Step) -> &'static str {
    match step {
        Step::Account => "/desk/account",
        Step::Provider => "/desk/admin/provider",
        Step::Plans => "/desk/admin/plans",
        Step::Mail => "/desk/admin/server#mail",
        Step::Register => "/desk/admin/register",
        Step::Colleagues => "/desk/admin/people/invite",
        Step::Display => "/desk/admin/displays",
    }
}

/// A second page where a step can be done.
const fn other_way(step: Step) -> Option<(&'static str, &'static str)> {
    match step {
        Step::Plans => Some(("/desk/admin/calendars", "setup.also.plans")),
        Step::Register => Some(("/desk/admin/import", "setup.also.register")),
        Step::Account | Step::Provider | Step::Mail | Step::Colleagues | Step::Display => None,
    }
}

/// Whether a look can settle a step: what stands is right as it is.
const fn can_stand(step: Step) -> bool {
    matches!(step, Step::Provider | Step::Plans)
}

/// The list of steps.
#[component]
pub fn SetupPage() -> impl IntoView {
    view! {
        <AdminFrame title="admin.setup.title" section=Section::Setup>
            {Suspend::new(async move {
                match read().await {
                    Ok(list) => view! { <List list/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

async fn read() -> Result<Checklist, AppError> {
    let asked = staff_context()?;
    Ok(setup::checklist(&asked.desk, &asked.actor).await?)
}

#[component]
fn List(list: Checklist) -> impl IntoView {
    let language = use_language();
    let (left, all) = (list.left(), list.steps.len());
    let done = all - left;
    let lead = if left == 0 {
        view! {
            <Notice tone=Tone::Good icon="check">
                <p class="notice__title">{t!(language, "setup.ready")}</p>
                <p>{t!(language, "setup.ready_hint")}</p>
            </Notice>
        }
        .into_any()
    } else {
        view! { <p class="lead">{t!(language, "setup.lead")}</p> }.into_any()
    };
    let steps = list.steps.into_iter().map(|(step, progress)| line(language, step, progress)).collect_view();
    let (mark, words) =
        if list.is_led_to { (Mark::Settled, "setup.put_away") } else { (Mark::Open, "setup.take_up") };
    let hint = match list.dismissed {
        Some((_, by)) if !by.is_empty() => t!(language, "setup.is_away", by = by),
        _ if list.is_led_to => t!(language, "setup.put_away_hint").into_owned(),
        _ => t!(language, "setup.is_not_shown").into_owned(),
    };
    view! {
        {lead}
        <div class="progress stack stack--tight">
            <p id="h-progress"><b>{t!(language, "setup.done_of", done = done, all = all)}</b></p>
            <progress aria-labelledby="h-progress" max=all.to_string() value=done.to_string()></progress>
        </div>
        <ol class="card lines steps">{steps}</ol>
        <form class="row row--apart" method="post" action=PAGE>
            <p class="note">{hint}</p>
            <input type="hidden" name=STEP value=LIST/>
            <button class="button" type="submit" name=MARK value=mark.code()>{t!(language, words)}</button>
        </form>
    }
    .into_any()
}

fn line(language: Language, step: Step, progress: Progress) -> AnyView {
    let (icon, look, word) = match progress {
        Progress::Done | Progress::Settled => ("check", "met", "setup.state.done"),
        Progress::Skipped => ("void", "void", "setup.state.left_out"),
        Progress::Open => ("flag", "open", "setup.state.open"),
    };
    let name = t!(language, step.name_key());
    let hint = t!(language, &format!("{}.hint", step.name_key())).into_owned();
    let also = other_way(step).map(|(address, key)| {
        view! { " " <a href=address>{t!(language, key)}</a> }
    });
    let go = if progress == Progress::Open { "button button--main" } else { "button button--quiet" };
    let go_word = if progress == Progress::Open { "setup.go" } else { "setup.look" };
    let says = says(step, progress).into_iter().map(|(mark, key)| {
        let label = format!("{}: {name}", t!(language, key));
        view! {
            <form method="post" action=PAGE>
                <input type="hidden" name=STEP value=step.code()/>
                <button class="button button--quiet" type="submit" name=MARK value=mark.code() aria-label=label>
                    {t!(language, key)}
                </button>
            </form>
        }
    });
    view! {
        <li class="line step" data-progress=look>
            <Icon name=icon/>
            <div class="stack stack--tight">
                <h2 class="step__name">{name.clone()}</h2>
                <p class="quiet">{hint} {also}</p>
                <p class="note"><b>{t!(language, word)}</b></p>
            </div>
            <div class="row step__acts">
                {says.collect_view()}
                <a class=go href=address(step) rel="external" aria-label=format!("{}: {name}", t!(language, go_word))>
                    {t!(language, go_word)}
                </a>
            </div>
        </li>
    }
    .into_any()
}

/// What can be said of a step as it stands.
fn says(step: Step, progress: Progress) -> Vec<(Mark, &'static str)> {
    match progress {
        Progress::Done => Vec::new(),
        Progress::Skipped | Progress::Settled => vec![(Mark::Open, "setup.after_all")],
        Progress::Open if can_stand(step) => vec![(Mark::Settled, "setup.stands")],
        Progress::Open => vec![(Mark::Skipped, "setup.leave_out")],
    }
}

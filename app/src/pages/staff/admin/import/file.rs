//! One import: `/desk/admin/import/ID`. Its columns are matched, its preview is confirmed, or it is undone.

use desk::import::{ImportRecord, ImportStep, matched_columns, next_step};
use domain::register::{ImportKind, ImportState};
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::preview::Preview;
use super::upload::{state, who};
use super::{IMPORT, column_label, writes};
use crate::AppError;
use crate::language::use_language;
use crate::pages::PostReply;
use crate::pages::staff::admin::register::moment;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::ui::{Notice, Tone};

/// What the page shows of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// What it needs next.
    Next,
    /// Its columns, which are matched once more.
    Columns,
}

async fn read(id: &str, wanted: Wanted) -> Result<(ImportRecord, ImportStep), AppError> {
    let asked = staff_context()?;
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let read = match wanted {
        Wanted::Next => next_step(&asked.desk, &asked.actor, id).await,
        Wanted::Columns => matched_columns(&asked.desk, &asked.actor, id).await,
    };
    read.map_err(|error| super::posts::told(error, asked.language))
}

/// The page of one import, at its present step.
#[component]
pub fn ImportFilePage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    // A form that was refused is shown again.
    let is_refused = PostReply::of_page().typed.get("act").is_some_and(|act| act == "match");
    let is_asked = use_query_map().with_untracked(|query| query.get("columns").is_some());
    let wanted = if is_refused || is_asked { Wanted::Columns } else { Wanted::Next };
    view! {
        <AdminFrame title="import.page.title" section=Section::Import>
            {Suspend::new(async move {
                match read(&id, wanted).await {
                    Ok((record, step)) => view! { <One record step/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn One(record: ImportRecord, step: ImportStep) -> impl IntoView {
    let language = use_language();
    let failure = PostReply::of_page().failure;
    let done = use_query_map().with_untracked(|query| match query.get("done").as_deref() {
        Some("written") => Some("import.report.written"),
        Some("undone") => Some("import.page.done.undone"),
        _ => None,
    });
    let (title, became, when) = (record.file_name.clone(), record.state, who(language, &record));
    let kind = t!(language, record.kind.name_key()).into_owned();
    let body = match step {
        ImportStep::Columns { .. } if !writes() => ().into_any(),
        ImportStep::Columns { header, matches } => {
            view! { <Columns id=record.id header matches/> }.into_any()
        }
        ImportStep::Preview { report, digest } => {
            view! { <Preview record=record report=*report digest/> }.into_any()
        }
        ImportStep::Nothing => view! { <Past record/> }.into_any(),
    };
    view! {
        <div class="row row--apart">
            <div>
                <h2 class="title--long">{title}</h2>
                <p class="quiet">{kind} " · " {when}</p>
            </div>
            {state(language, became)}
        </div>
        {done.map(|key| view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, key)}</p></Notice> })}
        {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        {body}
    }
    .into_any()
}

/// Which column of the file is which.
#[component]
fn Columns(id: i64, header: Vec<String>, matches: Vec<(&'static str, Option<String>)>) -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let fields = matches.into_iter().map(|(column, chosen)| {
        let chosen = reply.typed.get(column).cloned().or(chosen).filter(|name| !name.is_empty());
        let problem =
            reply.problems.iter().find(|(field, _)| field == column).map(|(_, words)| words.clone());
        let is_wrong = problem.is_some();
        let error = format!("{column}-error");
        let is_missing = chosen.is_none();
        let options = header.iter().map(|name| {
            let is_chosen = chosen.as_ref() == Some(name);
            view! { <option value=name.clone() selected=is_chosen>{name.clone()}</option> }
        });
        view! {
            <div class="field" data-look=is_wrong.then_some("error")>
                <label class="field__label" for=column>
                    {column_label(language, column)} " " <span class="quiet">{column}</span>
                </label>
                <div class="field__box">
                    <select class="field__input" id=column name=column aria-invalid=is_wrong.then_some("true")
                        aria-describedby=is_wrong.then(|| error.clone())>
                        <option value="" selected=is_missing>{t!(language, "import.page.no_column")}</option>
                        {options.collect_view()}
                    </select>
                </div>
                {problem.map(|words| view! { <p class="field__error" id=error.clone()>{words}</p> })}
            </div>
        }
    });
    let fields = fields.collect_view();
    view! {
        <form class="card stack settings" method="post" action=format!("{IMPORT}/{id}") aria-labelledby="h-columns">
            <h3 id="h-columns">{t!(language, "import.page.match")}</h3>
            <p class="note">{t!(language, "import.page.match_hint")}</p>
            <div class="pairs">{fields}</div>
            <div class="row">
                <button class="button button--main" type="submit" name="act" value="match">{t!(language, "import.page.look")}</button>
                <button class="button button--quiet" type="submit" name="act" value="give_up">{t!(language, "import.page.give_up")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// An import that was written, and the way back.
#[component]
fn Past(record: ImportRecord) -> impl IntoView {
    let language = use_language();
    let ImportRecord { id, kind, state, counts: [added, changed, unchanged], undone, .. } = record;
    let figures = [
        ("import.page.added", added),
        ("import.page.changed", changed),
        ("import.page.unchanged", unchanged),
    ];
    let figures = figures.map(|(key, count)| {
        view! { <div class="figure"><dt>{t!(language, key)}</dt><dd><b>{count}</b></dd></div> }
    });
    let can_go_back = state == ImportState::Written && kind != ImportKind::Travel && writes();
    view! {
        <section class="card stack" aria-labelledby="h-past">
            <h3 id="h-past">{t!(language, "import.page.result")}</h3>
            {if state == ImportState::Shown {
                view! { <p class="note">{t!(language, "import.page.gone")}</p> }.into_any()
            } else {
                view! { <dl class="figures">{figures.collect_view()}</dl> }.into_any()
            }}
            {undone.map(|(at, by)| {
                let by = by.unwrap_or_else(|| t!(language, "register.history.operator").into_owned());
                view! { <p>{t!(language, "import.page.undone_by", by = by, at = moment(language, at))}</p> }
            })}
            {can_go_back.then(|| view! {
                <form class="stack stack--tight" method="post" action=format!("{IMPORT}/{id}")>
                    <p class="note">{t!(language, "import.page.undo_hint")}</p>
                    <div class="row">
                        <button class="button" type="submit" name="act" value="undo">{t!(language, "import.page.undo")}</button>
                    </div>
                </form>
            })}
        </section>
    }
    .into_any()
}

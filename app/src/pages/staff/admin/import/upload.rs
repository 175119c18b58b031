//! The page of imports: sending a file, and what was imported so far.

use desk::import::{ImportRecord, imports};
use domain::i18n::Language;
use domain::page::Page;
use domain::register::{ImportKind, ImportState};
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{IMPORT, column_names, writes};
use crate::AppError;
use crate::language::use_language;
use crate::pages::PostReply;
use crate::pages::staff::admin::register::moment;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::ui::{Icon, Notice, Pager, Tone};

async fn read(page: u32) -> Result<Page<ImportRecord>, AppError> {
    let asked = staff_context()?;
    Ok(imports(&asked.desk, &asked.actor, page).await?)
}

/// Sending a file, and the record: `/desk/admin/import`.
#[component]
pub fn ImportPage() -> impl IntoView {
    let page = use_query_map().with_untracked(|query| query.get("page").and_then(|page| page.parse().ok()));
    view! {
        <AdminFrame title="import.page.title" section=Section::Import>
            {Suspend::new(async move {
                match read(page.unwrap_or(1)).await {
                    Ok(page) => view! { {writes().then(|| view! { <Upload/> })} <Record page/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn Upload() -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let chosen = ImportKind::from_code(&reply.text("kind")).unwrap_or(ImportKind::Contracts);
    let kinds = ImportKind::ALL.map(|kind| {
        view! {
            <label class="choice">
                <input type="radio" name="kind" value=kind.code() checked=kind == chosen/>
                <span class="choice__card">{t!(language, kind.name_key())}</span>
            </label>
        }
    });
    let columns = ImportKind::ALL.map(|kind| {
        view! { <div class="facts__wide"><dt>{t!(language, kind.name_key())}</dt><dd>{column_names(kind)}</dd></div> }
    });
    let problem = reply.problem("file");
    let is_wrong = problem.is_some();
    let described = if is_wrong { "file-hint file-error" } else { "file-hint" };
    view! {
        <p class="lead">{t!(language, "import.page.lead")}</p>
        {reply.failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <form class="card stack settings" method="post" action=IMPORT enctype="multipart/form-data" aria-labelledby="h-file">
            <h2 id="h-file">{t!(language, "import.page.file")}</h2>
            <fieldset class="question question--small">
                <legend class="question__title">{t!(language, "import.page.kind")}</legend>
                <div class="choices choices--chips">{kinds.collect_view()}</div>
            </fieldset>
            <div class="field" data-look=is_wrong.then_some("error")>
                <label class="field__label" for="file">{t!(language, "import.page.choose")}</label>
                <div class="field__box">
                    <input class="field__input" id="file" name="file" type="file" required=true
                        accept=".csv,.tsv,.txt,.xlsx,.ods,text/csv" aria-invalid=is_wrong.then_some("true") aria-describedby=described/>
                </div>
                <p class="field__hint" id="file-hint">
                    {t!(language, "import.page.file_hint", rows = desk::import::MAX_ROWS, size = desk::import::MAX_BYTES / 1024 / 1024)}
                </p>
                {problem.map(|words| view! { <p class="field__error" role="alert" id="file-error">{words}</p> })}
            </div>
            <div class="row"><button class="button button--main" type="submit">{t!(language, "import.page.look")}</button></div>
            <details>
                <summary>{t!(language, "import.page.columns")}</summary>
                <dl class="facts">{columns.collect_view()}</dl>
            </details>
        </form>
    }
    .into_any()
}

#[component]
fn Record(page: Page<ImportRecord>) -> impl IntoView {
    let language = use_language();
    let Page { rows, paging } = page;
    if rows.is_empty() {
        return ().into_any();
    }
    let rows = rows.into_iter().map(|row| line(language, row)).collect_view();
    let heads =
        ["import.page.file", "import.page.kind", "import.page.when", "import.page.rows", "import.page.state"];
    let heads = heads.map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    view! {
        <section class="stack" aria-labelledby="h-record">
            <h2 id="h-record">{t!(language, "import.page.record")}</h2>
            <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "import.page.record")>
                <table class="table">
                    <caption class="sr">{t!(language, "import.page.record")}</caption>
                    <thead><tr>{heads.collect_view()}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {(paging.pages > 1).then(|| view! { <Pager paging to=|page| format!("{IMPORT}?page={page}")/> })}
        </section>
    }
    .into_any()
}

/// What became of an import: shape, word and colour.
pub(super) fn state(language: Language, state: ImportState) -> AnyView {
    let (look, icon) = match state {
        ImportState::Shown => ("paused", "paused"),
        ImportState::Written => ("met", "check"),
        ImportState::Undone => ("void", "undo"),
    };
    view! { <span class="state" data-state=look><Icon name=icon/> " " {t!(language, state.name_key())}</span> }.into_any()
}

/// Who and when.
pub(super) fn who(language: Language, row: &ImportRecord) -> String {
    let by = row.by.clone().unwrap_or_else(|| t!(language, "register.history.operator").into_owned());
    format!("{} · {by}", moment(language, row.at))
}

fn line(language: Language, row: ImportRecord) -> AnyView {
    let when = who(language, &row);
    let ImportRecord { id, kind, file_name, state: became, counts: [added, changed, unchanged], .. } = row;
    let counts = match became {
        ImportState::Shown => String::from("–"),
        ImportState::Written | ImportState::Undone => {
            t!(language, "import.page.counts", added = added, changed = changed, unchanged = unchanged)
        }
    };
    let name = if file_name.is_empty() { "–".to_owned() } else { file_name };
    view! {
        <tr>
            <th scope="row"><a class="cover" href=format!("{IMPORT}/{id}")>{name}</a></th>
            <td data-label=t!(language, "import.page.kind")>{t!(language, kind.name_key())}</td>
            <td data-label=t!(language, "import.page.when")>{when}</td>
            <td data-label=t!(language, "import.page.rows")>{counts}</td>
            <td data-label=t!(language, "import.page.state")>{state(language, became)}</td>
        </tr>
    }
    .into_any()
}

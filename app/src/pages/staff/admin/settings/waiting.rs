//! The form of the provider's own waiting reasons.

use desk::settings::{Subject, WAITING_ID, planned as planned_change};
use domain::case::PauseReason;
use domain::t;
use domain::time::Instant;
use domain::waiting_reasons::WAITING_REASONS_MAX;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::causes::{cells, table};
use super::fields::{Width, carried, choice};
use super::labels::label;
use super::lists::planned;
use super::rows::count;
use super::{Access, Address, Form, form, report};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::ui::{Notice, Tone};

/// Rows for further reasons.
const EMPTY_ROWS: usize = 2;

/// The page of waiting reasons: `/desk/admin/waiting`.
#[component]
pub fn WaitingPage() -> impl IntoView {
    let language = use_language();
    let address = Address { id: WAITING_ID.to_string(), ..Address::of_page() };
    let is_saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    let saved = is_saved.then(|| {
        view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, "settings.written")}</p></Notice> }
    });
    view! {
        <AdminFrame title="settings.page.waiting" section=Section::Waiting>
            {saved}
            {Suspend::new(async move {
                match read(address).await {
                    Ok((form, from)) => view! { {planned(language, from)} <WaitingForm form/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

/// The list, and from when a change counts that is planned.
async fn read(address: Address) -> Result<(Form, Option<Instant>), AppError> {
    let asked = staff_context()?;
    let planned = planned_change(&asked.desk, &asked.actor, Subject::Waiting).await?;
    Ok((form(&asked, Subject::Waiting, address).await?, planned))
}

#[component]
fn WaitingForm(form: Form) -> impl IntoView {
    let language = use_language();
    let filled = count(&form, "reasons");
    let all = if form.access == Access::Change { filled + EMPTY_ROWS } else { filled };
    let rows = (0..all.min(WAITING_REASONS_MAX + EMPTY_ROWS)).map(|row| {
        let number = (row < filled).then_some(row + 1);
        view! { <tr>{cells(&form, &format!("reasons.{row}"), number)} <td>{kind(&form, row)}</td></tr> }
    });
    let rows = rows.collect_view().into_any();
    let caption = t!(language, "settings.field.reasons").into_owned();
    view! {
        <form class="stack stack--wide settings" method="post" action="/desk/admin/waiting" novalidate>
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" id="reasons" aria-labelledby="h-reasons">
                <h2 id="h-reasons">{t!(language, "settings.field.reasons")}</h2>
                <p class="note">{t!(language, "settings.page.waiting_hint")}</p>
                {table(&form, "reasons", caption, vec!["stands_for"], rows)}
            </section>
            {report::send(&form)}
        </form>
    }
    .into_any()
}

/// The kind of pause that a reason stands for.
fn kind(form: &Form, row: usize) -> AnyView {
    let language = use_language();
    let key = format!("reasons.{row}.kind");
    let chosen = form.fields.get(&key).cloned().unwrap_or_default();
    let kinds = PauseReason::ALL.map(|it| (it.code().to_owned(), t!(language, it.name_key()).into_owned()));
    let name = (key.replace('.', "-"), label(language, &key));
    choice(form, &key, name, &chosen, kinds.to_vec(), Width::Cell)
}

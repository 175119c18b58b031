//! The audit log: `/desk/admin/audit`. The server alone draws this page: a plain form, no bundle.

mod query;

use desk::audit::{self, AuditPage as Found};
use desk::reports::{Separators, SheetFile, SheetFor};
use domain::audit::{AuditEntry, AuditKind};
use domain::country::Country;
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::query::AuditQuery;
use super::server::moment;
use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::filter::{NothingShown, Unknown};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::request::RequestContext;
use crate::ui::Icon;

const ADDRESS: &str = "/desk/admin/audit";
const FILE: &str = "/desk/admin/audit.csv";

/// Entries of a page.
const ROWS: u32 = 50;

/// What the page shows.
struct Shown {
    query: AuditQuery,
    found: Found,
    head: Option<(i64, String)>,
}

/// The page of the audit log.
#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let query = query.with_untracked(|query| AuditQuery::read(|name| query.get(name)));
    view! {
        <AdminFrame title="admin.audit.title" section=Section::Audit>
            {Suspend::new(async move {
                match query {
                    Err(unknown) => view! { <NothingShown unknown all=ADDRESS/> }.into_any(),
                    Ok(query) => match read(query).await {
                        Ok(shown) => view! { <Log shown/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    },
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

async fn read(query: AuditQuery) -> Result<Shown, AppError> {
    let asked = staff_context()?;
    let filter = query.filter(asked.desk.brand().provider.zone);
    let found = audit::read(&asked.desk, &asked.actor, &filter, query.before, ROWS).await?;
    let head = audit::head(&asked.desk).await?;
    Ok(Shown { query, found, head })
}

/// The entries that an address asks for, as a file.
///
/// # Errors
/// When the actor may not read them, the filter cannot be parsed, or the database does not answer.
pub async fn audit_csv(
    asked: &RequestContext,
    query: &[(String, String)],
    separators: Separators,
) -> Result<SheetFile, AppError> {
    let value = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let query = AuditQuery::read(value)
        .map_err(|_: Unknown| AppError::Text(t!(asked.language, "staff.filter.unknown_hint").into_owned()))?;
    let filter = query.filter(asked.desk.brand().provider.zone);
    let reading = SheetFor { language: asked.language, separators };
    Ok(desk::reports::audit_csv(&asked.desk, &asked.actor, &filter, reading).await?)
}

#[component]
fn Log(shown: Shown) -> impl IntoView {
    let language = use_language();
    let Shown { query, found: Found { entries, next }, head } = shown;
    let file = query.address(FILE, None);
    let older = next.map(|next| query.address(ADDRESS, Some(next)));
    let newest = query.before.map(|_| query.address(ADDRESS, None));
    let head = head.map(|(id, digest)| t!(language, "audit.head", digest = digest, id = id));
    let is_empty = entries.is_empty();
    view! {
        <p class="note">{t!(language, "audit.lead")}</p>
        <Filter query/>
        {is_empty.then(|| view! {
            <div class="empty card">
                <Icon name="check"/>
                <h2>{t!(language, "audit.none")}</h2>
                <p>{t!(language, "audit.none_hint")}</p>
            </div>
        })}
        {(!is_empty).then(|| view! {
            <p><a class="button" href=file rel="external" download="">{t!(language, "audit.download")}</a></p>
            <Table entries/>
        })}
        {(older.is_some() || newest.is_some()).then(|| view! {
            <nav class="pages" aria-label=t!(language, "audit.pages")>
                <div class="row">
                    {newest.map(|to| view! { <a class="button" href=to>{t!(language, "audit.newest")}</a> })}
                    {older.map(|to| view! { <a class="button" href=to rel="next">{t!(language, "audit.older")}</a> })}
                </div>
            </nav>
        })}
        {head.map(|head| view! { <p class="note number--any">{head}</p> })}
    }
    .into_any()
}

#[component]
fn Table(entries: Vec<AuditEntry>) -> impl IntoView {
    let language = use_language();
    let heads = [
        "audit.column.at",
        "audit.column.by",
        "audit.column.kind",
        "audit.column.told",
        "audit.column.network",
        "audit.column.country",
        "audit.column.number",
    ]
    .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    let rows: Vec<_> = entries.into_iter().map(|entry| row(language, entry)).collect();
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "audit.caption")>
            <table class="table">
                <caption class="sr">{t!(language, "audit.caption")}</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(language: Language, entry: AuditEntry) -> AnyView {
    let AuditEntry { id, at, record, network, country, .. } = entry;
    let country = country.map(|country| t!(language, country.name_key()).into_owned()).unwrap_or_default();
    view! {
        <tr>
            <th scope="row">{moment(language, at)}</th>
            <td data-label=t!(language, "audit.column.by")>{record.by.told(language)}</td>
            <td data-label=t!(language, "audit.column.kind")>{t!(language, record.event.kind().name_key())}</td>
            <td data-label=t!(language, "audit.column.told")>{record.event.told(language)}</td>
            <td data-label=t!(language, "audit.column.network")>{network.unwrap_or_default()}</td>
            <td data-label=t!(language, "audit.column.country")>{country}</td>
            <td class="digits" data-label=t!(language, "audit.column.number")>{id}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn Filter(query: AuditQuery) -> impl IntoView {
    let language = use_language();
    let AuditQuery { words, kind, from, to, country, .. } = query;
    let kinds = AuditKind::ALL.map(|of| {
        let chosen = kind == Some(of);
        view! { <option value=of.code() selected=chosen>{t!(language, of.name_key())}</option> }
    });
    let countries = Country::ALL.map(|of| {
        let chosen = country == Some(of);
        view! { <option value=of.code() selected=chosen>{t!(language, of.name_key())}</option> }
    });
    let day = |name: &'static str, label: &'static str, value: Option<chrono::NaiveDate>| {
        let value = value.map(|day| day.to_string()).unwrap_or_default();
        view! {
            <div class="field">
                <label class="field__label" for=name>{t!(language, label)}</label>
                <input class="field__input" type="date" id=name name=name value=value/>
            </div>
        }
    };
    view! {
        <form class="period" method="get" action=ADDRESS aria-label=t!(language, "audit.filter")>
            <div class="field">
                <label class="field__label" for="words">{t!(language, "audit.filter.words")}</label>
                <input class="field__input" type="search" id="words" name="words" value=words maxlength="100"/>
            </div>
            <div class="field">
                <label class="field__label" for="kind">{t!(language, "audit.filter.kind")}</label>
                <select class="field__input" id="kind" name="kind">
                    <option value="" selected=kind.is_none()>{t!(language, "audit.filter.any")}</option>
                    {kinds.collect_view()}
                </select>
            </div>
            {day("from", "audit.filter.from", from)}
            {day("to", "audit.filter.to", to)}
            <div class="field">
                <label class="field__label" for="country">{t!(language, "audit.filter.country")}</label>
                <select class="field__input" id="country" name="country">
                    <option value="" selected=country.is_none()>{t!(language, "audit.filter.all_countries")}</option>
                    {countries.collect_view()}
                </select>
            </div>
            <button class="button" type="submit">{t!(language, "audit.filter.show")}</button>
        </form>
    }
    .into_any()
}

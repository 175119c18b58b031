//! Contracts and equipment of a customer's company, each piece one tap from a report.

use desk::customers::equipment::{OwnEquipment, own_equipment, own_label};
use domain::actor::Actor;
use domain::i18n::Language;
use domain::page::Page;
use domain::search::{FoundContract, FoundEquipment};
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::coverage::promised;
use super::{AccountFrame, CASES, EQUIPMENT, NotRead, signed_in};
use crate::AppError;
use crate::address::query_value;
use crate::language::use_language;
use crate::request::RequestContext;
use crate::ui::{Icon, Pager};

/// A label of a piece of equipment.
const LABEL: &str = "/my/label.pdf";

/// The page of contracts and equipment.
#[component]
pub fn OwnEquipmentPage() -> impl IntoView {
    let page = use_query_map()
        .with_untracked(|query| query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1));
    view! {
        {Suspend::new(async move {
            match read(page).await {
                Ok(owned) => view! { <Owned owned/> }.into_any(),
                Err(error) => view! { <NotRead error/> }.into_any(),
            }
        })}
    }
    .into_any()
}

/// A label of one's own equipment as a PDF file, for the serial in an address.
///
/// # Errors
/// When nobody is signed in, beyond the limit of such files, or when there is no such equipment of theirs.
pub async fn own_label_file(asked: &RequestContext, query: &[(String, String)]) -> Result<Vec<u8>, AppError> {
    if !matches!(asked.actor, Actor::Contact(_)) {
        return Err(AppError::SignInFirst);
    }
    asked.may_read_much()?;
    let serial = query.iter().find(|(name, _)| name == "serial").map_or("", |(_, serial)| serial.as_str());
    Ok(own_label(&asked.desk, &asked.actor, serial, asked.language).await?)
}

async fn read(page: u32) -> Result<OwnEquipment, AppError> {
    let asked = signed_in()?;
    Ok(own_equipment(&asked.desk, &asked.actor, page).await?)
}

#[component]
fn Owned(owned: OwnEquipment) -> impl IntoView {
    let language = use_language();
    let OwnEquipment { companies, contracts, promises, equipment: Page { rows, paging } } = owned;
    if companies.is_empty() {
        return view! {
            <AccountFrame title="my.equipment" here=EQUIPMENT companies>
                <div class="empty card">
                    <Icon name="info"/>
                    <h2>{t!(language, "my.no_company")}</h2>
                    <p>{t!(language, "my.no_company_hint")}</p>
                </div>
            </AccountFrame>
        }
        .into_any();
    }
    let contracts = contracts.into_iter().map(|found| {
        let promises = promises.get(&found.number).map(|promises| promised(language, promises));
        contract(language, found, promises)
    });
    let contracts = contracts.collect_view();
    let rows = rows.into_iter().map(|found| piece(language, found)).collect_view();
    let head = ["my.serial", "my.model", "my.site", "my.contract", "my.actions"];
    let head = head.into_iter().map(|key| view! { <th scope="col">{t!(language, key)}</th> }).collect_view();
    let to = |page: u32| if page > 1 { format!("{EQUIPMENT}?page={page}") } else { EQUIPMENT.to_owned() };
    view! {
        <AccountFrame title="my.equipment" here=EQUIPMENT companies>
            <section class="card stack stack--tight">
                <h2>{t!(language, "my.contracts")}</h2>
                <ul class="stack stack--tight">{contracts}</ul>
            </section>
            <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "my.equipment")>
                <table class="table">
                    <caption class="sr">{t!(language, "my.equipment")}</caption>
                    <thead><tr>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {(paging.pages > 1).then(|| view! { <Pager paging to/> })}
        </AccountFrame>
    }
    .into_any()
}

/// A contract with its days, whether it is in force, and what it promises then.
fn contract(language: Language, found: FoundContract, promises: Option<AnyView>) -> AnyView {
    let days = t!(language, "staff.find.days", from = found.from, to = found.to);
    view! {
        <li>
            <span class="number">{found.number}</span> " "
            <span class="badge badge--line">{t!(language, found.force.name_key())}</span>
            <span class="note">" " {found.customer.name} " · " {found.plan} " · " {days}</span>
            {promises}
        </li>
    }
    .into_any()
}

fn piece(language: Language, found: FoundEquipment) -> AnyView {
    let FoundEquipment { serial, registered } = found;
    let place = registered.place();
    let report = format!("/?serial={serial}&contract={}", registered.contract);
    let past = format!("{CASES}?of=company&find={}", query_value(&serial));
    let label = format!("{LABEL}?serial={}", query_value(&serial));
    view! {
        <tr>
            <th scope="row"><span class="number number--any">{serial.clone()}</span></th>
            <td data-label=t!(language, "my.model")>{registered.model}</td>
            <td data-label=t!(language, "my.site")>{place}</td>
            <td data-label=t!(language, "my.contract") class="nowrap">{registered.contract}</td>
            <td data-label=t!(language, "my.actions")>
                <span class="row">
                    <a class="button" href=report rel="external">
                        {t!(language, "my.report")} <span class="sr">" " {serial.clone()}</span>
                    </a>
                    <a class="button button--quiet" href=past>
                        {t!(language, "my.past")} <span class="sr">" " {serial.clone()}</span>
                    </a>
                    <a class="button button--quiet" href=label rel="external">
                        {t!(language, "my.label")} <span class="sr">" " {serial}</span>
                    </a>
                </span>
            </td>
        </tr>
    }
    .into_any()
}

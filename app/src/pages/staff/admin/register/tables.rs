//! The tables of the register's lists.

use desk::register::{EntryKey, Listed, OrganisationLine, SiteLine};
use domain::i18n::Language;
use domain::search::{FoundContract, FoundEquipment};
use domain::t;
use leptos::prelude::*;

use super::entry_address;
use super::labels::{SERIAL, chooser};

/// The table of a list's page; of equipment with the choice for labels. `filters` name the list.
pub(super) fn table(language: Language, listed: Listed, filters: Vec<(&'static str, String)>) -> AnyView {
    let is_equipment = matches!(listed, Listed::Equipment(_));
    let (caption, heads, rows): (_, &[&str], Vec<AnyView>) = match listed {
        Listed::Organisations(page) => (
            "staff.find.customers",
            &[
                "register.field.name",
                "register.field.country",
                "staff.find.contracts",
                "staff.find.equipment",
            ],
            page.rows.into_iter().map(|row| organisation(language, row)).collect(),
        ),
        Listed::Contracts(page) => (
            "staff.find.contracts",
            &[
                "register.field.number",
                "register.field.organisation",
                "register.field.plan",
                "register.validity",
                "register.state",
            ],
            page.rows.into_iter().map(|row| contract(language, row)).collect(),
        ),
        Listed::Sites(page) => (
            "staff.find.sites",
            &[
                "register.field.name",
                "register.field.organisation",
                "register.field.address",
                "register.field.country",
                "staff.find.equipment",
            ],
            page.rows.into_iter().map(|row| site(language, row)).collect(),
        ),
        Listed::Equipment(page) => (
            "staff.find.equipment",
            &[
                "register.field.serial",
                "register.field.model",
                "register.field.organisation",
                "register.field.site",
                "register.field.contract",
            ],
            page.rows.into_iter().map(|row| equipment(language, row)).collect(),
        ),
    };
    let heads = heads.iter().map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    let table = view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, caption)>
            <table class="table">
                <caption class="sr">{t!(language, caption)}</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any();
    if is_equipment { chooser(table, filters) } else { table }
}

/// A cell with the head that stands beside it on a narrow screen.
fn cell(language: Language, head: &str, content: impl IntoView + 'static) -> AnyView {
    view! { <td data-label=t!(language, head)>{content}</td> }.into_any()
}

fn organisation(language: Language, row: OrganisationLine) -> AnyView {
    view! {
        <tr>
            <th scope="row"><a class="cover" href=entry_address(&EntryKey::Organisation(row.id))>{row.name}</a></th>
            {cell(language, "register.field.country", t!(language, row.country.name_key()))}
            {cell(language, "staff.find.contracts", row.contracts)}
            {cell(language, "staff.find.equipment", row.equipment)}
        </tr>
    }
    .into_any()
}

fn contract(language: Language, row: FoundContract) -> AnyView {
    let days = t!(language, "staff.find.days", from = row.from, to = row.to);
    let look = match row.force {
        domain::search::Force::InForce => "met",
        domain::search::Force::NotYet => "paused",
        domain::search::Force::Over => "void",
    };
    let state = view! { <span class="state" data-state=look>{t!(language, row.force.name_key())}</span> };
    view! {
        <tr>
            <th scope="row">
                <a class="cover number number--any" href=entry_address(&EntryKey::Contract(row.number.clone()))>{row.number.clone()}</a>
            </th>
            {cell(language, "register.field.organisation", row.customer.name)}
            {cell(language, "register.field.plan", row.plan)}
            {cell(language, "register.validity", view! { <span class="nowrap">{days}</span> })}
            {cell(language, "register.state", state)}
        </tr>
    }
    .into_any()
}

fn site(language: Language, row: SiteLine) -> AnyView {
    view! {
        <tr>
            <th scope="row"><a class="cover" href=entry_address(&EntryKey::Site(row.id))>{row.name}</a></th>
            {cell(language, "register.field.organisation", row.organisation)}
            {cell(language, "register.field.address", row.address)}
            {cell(language, "register.field.country", t!(language, row.country.name_key()))}
            {cell(language, "staff.find.equipment", row.equipment)}
        </tr>
    }
    .into_any()
}

fn equipment(language: Language, row: FoundEquipment) -> AnyView {
    let FoundEquipment { serial, registered } = row;
    view! {
        <tr>
            <th scope="row">
                <div class="row">
                    <label class="check pick">
                        <input type="checkbox" name=SERIAL value=serial.clone()/>
                        <span class="sr">{t!(language, "register.label.pick", serial = serial)}</span>
                    </label>
                    <a class="cover number number--any" href=entry_address(&EntryKey::Equipment(serial.clone()))>{serial.clone()}</a>
                </div>
            </th>
            {cell(language, "register.field.model", registered.model)}
            {cell(language, "register.field.organisation", registered.organisation)}
            {cell(language, "register.field.site", registered.site)}
            {cell(language, "register.field.contract", view! { <span class="number number--any">{registered.contract}</span> })}
        </tr>
    }
    .into_any()
}

//! Matches of the register: customers, contracts, sites and equipment, each one tap from a case.

use domain::i18n::Language;
use domain::search::{FoundContract, FoundCustomer, FoundEquipment, FoundRegister, FoundSite};
use domain::t;
use leptos::prelude::*;

use crate::language::use_language;
use crate::ui::Icon;

/// The page of a customer.
pub(super) fn customer_address(id: i64) -> String {
    format!("/desk/customers/{id}")
}

/// The case form for a piece of equipment, filled in from the register.
pub(super) fn intake_address(serial: &str) -> String {
    format!("/desk/intake?serial={serial}")
}

/// The matches of the register, by kind.
#[component]
pub(super) fn Register(register: FoundRegister) -> impl IntoView {
    let language = use_language();
    let FoundRegister { customers, contracts, sites, equipment } = register;
    let customers = customers.into_iter().map(|found| customer_line(language, found)).collect_view();
    let contracts = contracts.into_iter().map(|found| contract_line(language, found)).collect_view();
    let sites = sites.into_iter().map(site_line).collect_view();
    view! {
        <Group title="staff.find.customers" lines=customers/>
        <Group title="staff.find.contracts" lines=contracts/>
        <Group title="staff.find.sites" lines=sites/>
        {(!equipment.is_empty()).then(|| view! { <Equipment equipment/> })}
    }
    .into_any()
}

#[component]
fn Group(title: &'static str, lines: Vec<AnyView>) -> impl IntoView {
    let language = use_language();
    (!lines.is_empty()).then(|| {
        view! {
            <section class="card stack stack--tight">
                <h2>{t!(language, title)}</h2>
                <ul class="stack stack--tight">{lines}</ul>
            </section>
        }
    })
}

fn customer_line(language: Language, found: FoundCustomer) -> AnyView {
    view! {
        <li>
            <a href=customer_address(found.id)>{found.name}</a>
            <span class="note">" · " {t!(language, found.country.name_key())}</span>
        </li>
    }
    .into_any()
}

/// A contract with its days and whether it is in force.
pub(super) fn contract_line(language: Language, found: FoundContract) -> AnyView {
    let days = t!(language, "staff.find.days", from = found.from, to = found.to);
    view! {
        <li>
            <span class="number">{found.number}</span> " "
            <span class="badge badge--line">{t!(language, found.force.name_key())}</span> " "
            <a href=customer_address(found.customer.id)>{found.customer.name}</a>
            <span class="note">" · " {found.plan} " · " {days}</span>
        </li>
    }
    .into_any()
}

fn site_line(found: FoundSite) -> AnyView {
    view! {
        <li>
            {found.name} " · " <a href=customer_address(found.customer.id)>{found.customer.name}</a>
            <span class="note">" · " {found.address}</span>
        </li>
    }
    .into_any()
}

/// Equipment, each with a link to open a case for it.
#[component]
pub(super) fn Equipment(equipment: Vec<FoundEquipment>) -> impl IntoView {
    let language = use_language();
    let lines = equipment.into_iter().map(|found| {
        let FoundEquipment { serial, registered } = found;
        let place = registered.place();
        view! {
            <li class="row">
                <div>
                    <span class="number number--any">{serial.clone()}</span> " · " {registered.model.clone()}
                    <span class="two note">
                        <a href=customer_address(registered.organisation_id)>{registered.organisation.clone()}</a>
                        " · " {place} " · " {registered.contract.clone()}
                    </span>
                </div>
                <a class="button" href=intake_address(&serial)>
                    <Icon name="plus"/> " " {t!(language, "staff.find.open_case")}
                    <span class="sr">" " {serial.clone()}</span>
                </a>
            </li>
        }
    });
    view! {
        <section class="card stack stack--tight">
            <h2>{t!(language, "staff.find.equipment")}</h2>
            <ul class="stack stack--tight">{lines.collect_view()}</ul>
        </section>
    }
    .into_any()
}

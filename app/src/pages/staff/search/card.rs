//! A customer's card: open cases with their clocks, contacts, contracts and equipment, one tap from a new case.

use domain::calendar::ServiceHours;
use domain::case::ClockState;
use domain::case_number::CaseNumber;
use domain::search::{CustomerCard, KnownContact};
use domain::t;
use domain::view::{CaseRow, Snapshot};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::super::frame::{Failed, Here, StaffFrame};
use super::api::read_customer;
use super::register::{Equipment, contract_line};
use crate::address::case_address;
use crate::language::use_language;
use crate::live::{SsrMemo, provide_time, use_time};
use crate::ui::{Icon, PriorityTag, SlaChip, shown_digits};

/// The page of a customer.
#[component]
pub fn CustomerPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let id = Memo::new(move |_| {
        let id = params.with(|params| params.get("id"));
        id.and_then(|id| id.parse::<i64>().ok()).unwrap_or_default()
    });
    let card = Resource::new(move || id.get(), read_customer);
    view! {
        <StaffFrame title=t!(language, "staff.find.customer").into_owned() class="stack" here=Here::Search>
            <Suspense>
                {move || Suspend::new(async move {
                    match card.await {
                        Ok(card) => {
                            let name = card.customer.name.clone();
                            let register = format!("/desk/admin/register/organisations/{}", card.customer.id);
                            view! {
                                <h1>{name}</h1>
                                <p><a href=register rel="external">{t!(language, "staff.find.open_register")}</a></p>
                                <Card card/>
                            }
                            .into_any()
                        }
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

/// The data of a customer that helps the agent during a call.
#[component]
pub(in crate::pages::staff) fn Card(
    card: CustomerCard,
    /// What stands beside each open case.
    #[prop(optional)]
    beside: Option<Callback<CaseNumber, AnyView>>,
) -> impl IntoView {
    let language = use_language();
    let CustomerCard { contracts, equipment, more_equipment, people, open, .. } = card;
    let contracts = contracts.into_iter().map(|found| contract_line(language, found)).collect_view();
    view! {
        <OpenCases open beside/>
        {(!people.is_empty()).then(|| view! { <People people/> })}
        <section class="card stack stack--tight">
            <h2>{t!(language, "staff.find.contracts")}</h2>
            <ul class="stack stack--tight">{contracts}</ul>
        </section>
        {(!equipment.is_empty()).then(|| view! { <Equipment equipment/> })}
        {more_equipment.then(|| view! { <p class="note">{t!(language, "staff.find.more_equipment")}</p> })}
    }
    .into_any()
}

#[component]
fn OpenCases(
    open: Snapshot,
    #[prop(optional_no_strip)] beside: Option<Callback<CaseNumber, AnyView>>,
) -> impl IntoView {
    let language = use_language();
    provide_time(open.now);
    let Snapshot { rows, hours, .. } = open;
    let lines = rows.into_iter().filter_map(|row| {
        let (_, hours) = hours.iter().find(|(kept, _)| *kept == row.hours)?;
        let hours = hours.clone();
        let beside = beside.map(|beside| beside.run(row.number));
        Some(view! { <OpenCase row hours beside/> })
    });
    let lines = lines.collect_view();
    view! {
        <section class="card stack stack--tight">
            <h2>{t!(language, "staff.find.open_cases")}</h2>
            {if lines.is_empty() {
                view! { <p class="note">{t!(language, "staff.find.none_open")}</p> }.into_any()
            } else {
                view! { <ul class="stack stack--tight">{lines}</ul> }.into_any()
            }}
        </section>
    }
    .into_any()
}

/// A case with its most urgent clock.
#[component]
fn OpenCase(
    row: CaseRow,
    hours: ServiceHours,
    #[prop(optional_no_strip)] beside: Option<AnyView>,
) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    let (number, priority, status) = (row.number, row.priority, row.status);
    let equipment = row.equipment.clone();
    let figures = SsrMemo::new(move |_| {
        let now = time.now();
        match row.rank(&hours, now).decided_by {
            Some((clock, reading)) => (reading.state, shown_digits(language, &clock, &reading)),
            None => (ClockState::Met, String::new()),
        }
    });
    view! {
        <li>
            <a class="number" href=case_address(number)>{number.grouped()}</a> " "
            <PriorityTag priority=Signal::stored(priority)/> " "
            <SlaChip language figures/>
            <span class="note">" " {t!(language, status.name_key())} " · " {equipment}</span>
            {beside}
        </li>
    }
    .into_any()
}

#[component]
fn People(people: Vec<KnownContact>) -> impl IntoView {
    let language = use_language();
    let lines = people.into_iter().map(|KnownContact { contact, case }| {
        let phones = contact.phones().map(|phone| {
            view! { " · " <a class="nowrap" href=phone.tel_uri()>{phone.national()}</a> }
        });
        let phones = phones.collect_view();
        let name = contact.name.to_string();
        view! {
            <li class="row">
                <div>
                    {name.clone()} {phones}
                    <span class="two note">{contact.mail.to_string()}</span>
                </div>
                <a class="button" href=format!("/desk/intake?like={}", case.as_compact())>
                    <Icon name="plus"/> " " {t!(language, "staff.find.open_case")}
                    <span class="sr">" " {name}</span>
                </a>
            </li>
        }
    });
    view! {
        <section class="card stack stack--tight">
            <h2>{t!(language, "staff.find.contacts")}</h2>
            <ul class="stack stack--tight">{lines.collect_view()}</ul>
        </section>
    }
    .into_any()
}

//! The report, as pairs of name and value.

use domain::phone::Phone;
use domain::priority::Priority;
use domain::t;
use leptos::prelude::*;

use super::page::CustomersPage;
use crate::language::use_language;
use crate::ui::PriorityTag;

/// Which facts are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// Those by which the customer recognises the case.
    Short,
    /// All but the description.
    Whole,
}

/// The facts of a case for its customer: the pairs of a `<dl>`.
#[component]
pub(super) fn Facts(page: CustomersPage, telling: Telling) -> impl IntoView {
    let language = use_language();
    let report = page.report;
    let whole = telling == Telling::Whole;
    let serial = report.serial.to_string();
    let equipment = if page.equipment == serial { serial } else { format!("{} · {serial}", page.equipment) };
    let stated =
        format!("{} · {}", t!(language, report.severity.name_key()), t!(language, report.urgency.name_key()));
    let now = format!(
        "{} · {}",
        t!(language, page.priority_inputs.severity.name_key()),
        t!(language, page.priority_inputs.urgency.name_key())
    );
    let weight =
        if now == stated { stated } else { t!(language, "fact.stated", weight = now, stated = stated) };
    let phones = report.contact.phones().map(Phone::international).collect::<Vec<_>>().join("\n");
    // A participant knows the name alone.
    let contact = if report.contact.mail.is_erased() {
        report.contact.name.to_string()
    } else {
        format!("{}\n{phones}\n{}", report.contact.name, report.contact.mail)
    };
    let priority = page.priority;
    view! {
        <div>
            <dt>{t!(language, "fact.priority_label")}</dt>
            <dd><PriorityTag priority=Signal::stored(priority)/> " " {t!(language, priority_key(priority))}</dd>
        </div>
        {whole.then(|| view! { <Fact name="fact.weight" value=weight/> })}
        <Fact name="fact.equipment" value=equipment/>
        <Fact name="fact.location" value=format!("{}, {}", report.location, t!(language, report.country.name_key()))/>
        {whole.then(|| view! { <Fact name="fact.contact" value=contact/> })}
        <Fact name="fact.contract" value=report.contract_words(language)/>
    }
    .into_any()
}

#[component]
fn Fact(name: &'static str, value: String) -> impl IntoView {
    let language = use_language();
    view! {
        <div>
            <dt>{t!(language, name)}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_any()
}

const fn priority_key(priority: Priority) -> &'static str {
    match priority {
        Priority::P1 => "fact.priority.p1",
        Priority::P2 => "fact.priority.p2",
        Priority::P3 => "fact.priority.p3",
        Priority::P4 => "fact.priority.p4",
    }
}

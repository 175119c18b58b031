//! The tables of SLA compliance. Cells without data say so: a rate of nothing is not a figure.

use domain::calendar::{DurationStyle, day, duration};
use domain::country::Country;
use domain::i18n::Language;
use domain::reports::{CaseVolume, CaseVolumes, Days, Figures, KindFigures, SlaReportFilter};
use domain::sla_plan::SlaMetric;
use domain::t;
use leptos::prelude::*;

use super::query::address;

const MISSED: &str = "/desk/reports/promises/missed";

/// The address of the cases behind the breaches.
pub(super) fn missed_address(filter: &SlaReportFilter, kind: SlaMetric) -> String {
    format!("{}&clock={}", address(MISSED, filter), kind.code())
}

/// Results of one target: by priority with the total, and by country.
pub(super) fn kind(language: Language, filter: &SlaReportFilter, of: &KindFigures) -> AnyView {
    let missed = |filter: &SlaReportFilter| missed_address(filter, of.kind);
    let name = t!(language, of.kind.name_key()).into_owned();
    let by_priority = of.by_priority.iter().map(|(priority, figures)| {
        let filter = SlaReportFilter { priority: Some(*priority), ..filter.clone() };
        line(language, priority.code().to_owned(), figures, Some(missed(&filter)))
    });
    let total =
        line(language, t!(language, "reports.kept.total").into_owned(), &of.total, Some(missed(filter)));
    let by_country = of.by_country.iter().map(|(country, figures)| {
        let filter = SlaReportFilter { country: Some(*country), ..filter.clone() };
        line(language, country_name(language, *country), figures, Some(missed(&filter)))
    });
    let (by_priority, by_country) = (by_priority.collect_view(), by_country.collect_view());
    let caption = |by: &'static str| format!("{name}: {}", t!(language, by));
    let (of_priority, of_country) = (caption("reports.kept.by_priority"), caption("reports.kept.by_country"));
    view! {
        <div class="results">
            {table(language, of_priority, "reports.kept.priority", &FIGURES, by_priority.into_any(), Some(total))}
            {table(language, of_country, "reports.kept.country", &FIGURES, by_country.into_any(), None)}
        </div>
    }
    .into_any()
}

/// Case volumes: by priority with the total, and by country.
pub(super) fn cases(language: Language, flows: &CaseVolumes) -> AnyView {
    let by_priority = flows
        .by_priority
        .iter()
        .map(|(priority, flow)| of_cases(language, priority.code().to_owned(), flow))
        .collect_view();
    let by_country = flows
        .by_country
        .iter()
        .map(|(country, flow)| of_cases(language, country_name(language, *country), flow))
        .collect_view();
    let total = of_cases(language, t!(language, "reports.kept.total").into_owned(), &flows.total);
    let caption = |by: &'static str| format!("{}: {}", t!(language, "reports.kept.cases"), t!(language, by));
    let (of_priority, of_country) = (caption("reports.kept.by_priority"), caption("reports.kept.by_country"));
    view! {
        <div class="results">
            {table(language, of_priority, "reports.kept.priority", &CASES, by_priority.into_any(), Some(total))}
            {table(language, of_country, "reports.kept.country", &CASES, by_country.into_any(), None)}
        </div>
    }
    .into_any()
}

/// The report as customers see it: a line for each target, and the numbers of cases. Nothing leads to a page of the staff.
#[cfg(feature = "ssr")]
pub(in crate::pages) fn of_company(
    language: Language,
    caption: String,
    kinds: &[KindFigures],
    cases: &CaseVolume,
) -> AnyView {
    let word = |key: &'static str| t!(language, key).into_owned();
    let lines = kinds.iter().map(|of| line(language, word(of.kind.name_key()), &of.total, None));
    let lines = lines.collect_view().into_any();
    let volume = of_cases(language, word("reports.kept.total"), cases);
    view! {
        {table(language, caption, "reports.kept.what", &FIGURES, lines, None)}
        {table(language, word("reports.kept.cases"), "reports.kept.what", &CASES, volume, None)}
    }
    .into_any()
}

const FIGURES: [&str; 6] = [
    "reports.kept.due",
    "reports.kept.kept",
    "reports.kept.missed",
    "reports.kept.share",
    "reports.kept.median",
    "reports.kept.ninetieth",
];

const CASES: [&str; 3] = ["reports.kept.opened", "reports.kept.resolved", "reports.kept.reopened"];

fn table(
    language: Language,
    caption: String,
    group: &'static str,
    columns: &[&'static str],
    rows: AnyView,
    total: Option<AnyView>,
) -> AnyView {
    let columns = columns.iter().map(|key| view! { <th scope="col">{t!(language, key)}</th> }).collect_view();
    view! {
        <div class="tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=caption>
            <table class="table">
                <caption class="sr">{caption.clone()}</caption>
                <thead><tr><th scope="col">{t!(language, group)}</th>{columns}</tr></thead>
                <tbody>{rows}</tbody>
                {total.map(|total| view! { <tfoot>{total}</tfoot> })}
            </table>
        </div>
    }
    .into_any()
}

/// A line of figures. `missed` is the address of the cases behind the breaches, for who may read them.
fn line(language: Language, name: String, figures: &Figures, missed: Option<String>) -> AnyView {
    let none = move || t!(language, "reports.kept.none");
    if figures.due() == 0 {
        return view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="digits" data-label=t!(language, FIGURES[0])>"0"</td>
                <td class="quiet" colspan="5">{none()}</td>
            </tr>
        }
        .into_any();
    }
    let time = |used: Option<i64>| match used {
        Some(used_s) => duration(language, used_s, DurationStyle::Words),
        None => none().into_owned(),
    };
    let share = figures.share().map_or_else(|| none().into_owned(), |share| share.message(language));
    let missed = match missed.filter(|_| figures.breached > 0) {
        Some(missed) => view! {
            <a href=missed>{figures.breached} <span class="sr">" " {t!(language, "reports.kept.see")}</span></a>
        }
        .into_any(),
        None => figures.breached.to_string().into_any(),
    };
    let [due, kept, missed_name, share_name, median, ninetieth] = FIGURES.map(|key| t!(language, key));
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="digits" data-label=due>{figures.due()}</td>
            <td class="digits" data-label=kept>{figures.met}</td>
            <td class="digits" data-label=missed_name>{missed}</td>
            <td class="digits nowrap" data-label=share_name>{share}</td>
            <td class="digits nowrap" data-label=median>{time(figures.median_s)}</td>
            <td class="digits nowrap" data-label=ninetieth>{time(figures.ninetieth_s)}</td>
        </tr>
    }
    .into_any()
}

fn of_cases(language: Language, name: String, flow: &CaseVolume) -> AnyView {
    let [opened, resolved, reopened] = CASES.map(|key| t!(language, key));
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="digits" data-label=opened>{flow.opened}</td>
            <td class="digits" data-label=resolved>{flow.resolved}</td>
            <td class="digits" data-label=reopened>{flow.reopened}</td>
        </tr>
    }
    .into_any()
}

/// A period, from its first day to its last.
pub(super) fn days(language: Language, days: Days) -> String {
    format!("{} – {}", day(language, days.first()), day(language, days.last()))
}

/// A country's name.
pub(super) fn country_name(language: Language, country: Country) -> String {
    t!(language, country.name_key()).into_owned()
}

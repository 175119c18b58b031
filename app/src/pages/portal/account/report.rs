//! The promises that were kept to a customer's company, month by month.

use desk::customers::report::{OwnReport, own_report};
use domain::calendar::Month;
use domain::reports::{Days, SlaReport};
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{AccountFrame, NotRead, REPORT, signed_in};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::of_company;

/// How many months can be chosen: the present one, and those before it.
const MONTHS: u32 = 12;

/// The page of the report.
#[component]
pub fn OwnReportPage() -> impl IntoView {
    let query = use_query_map();
    let get = |name: &str| query.with_untracked(|query| query.get(name));
    let company = get("company");
    let month = get("month").and_then(|month| Month::parse(&month));
    view! {
        {Suspend::new(async move {
            match read(company, month).await {
                Ok(own) => view! { <Report own/> }.into_any(),
                Err(error) => view! { <NotRead error/> }.into_any(),
            }
        })}
    }
    .into_any()
}

async fn read(company: Option<String>, month: Option<Month>) -> Result<OwnReport, AppError> {
    let asked = signed_in()?;
    asked.may_read_much()?;
    // What is no number is no company's.
    let company = company.map(|id| id.parse().map_err(|_| AppError::NotFound)).transpose()?;
    Ok(own_report(&asked.desk, &asked.actor, company, month).await?)
}

/// The address of a company's month.
fn address(company: i64, month: Month) -> String {
    format!("{REPORT}?company={company}&month={month}")
}

#[component]
fn Report(own: OwnReport) -> impl IntoView {
    let language = use_language();
    let OwnReport { companies, company, report } = own;
    let SlaReport { filter, cases, kinds, month, .. } = report;
    // The month of the report is the one of its first day.
    let shown = (0..MONTHS).map(|back| month.back(back)).find(|month| Days::of_month(*month) == filter.days);
    let months = (0..MONTHS).map(|back| {
        let month = month.back(back);
        let current = (shown == Some(month)).then_some("page");
        view! { <a href=address(company.id, month) aria-current=current>{month.message(language)}</a> }
    });
    let months = months.collect_view();
    let chosen = shown.unwrap_or(month);
    let others = (companies.len() > 1).then(|| {
        let links = companies.iter().map(|own| {
            let current = (own.id == company.id).then_some("page");
            view! { <a href=address(own.id, chosen) aria-current=current>{own.name.clone()}</a> }
        });
        let links = links.collect_view();
        view! { <nav class="filters" aria-label=t!(language, "my.colleague.company")>{links}</nav> }
    });
    let tables = of_company(language, t!(language, "my.our_report.kept").into_owned(), &kinds, &cases.total);
    view! {
        <AccountFrame title="my.our_report" here=REPORT companies>
            {others}
            <nav class="filters" aria-label=t!(language, "reports.kept.months")>{months}</nav>
            <section class="card stack" aria-labelledby="h-report">
                <h2 id="h-report">{company.name}</h2>
                <p class="note">{t!(language, "my.our_report.lead")}</p>
                {tables}
            </section>
        </AccountFrame>
    }
    .into_any()
}

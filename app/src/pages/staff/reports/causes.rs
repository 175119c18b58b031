//! Cases resolved by category and cause. The server alone draws it: a form and a table.

use desk::reports::{CategoryCount, CausesReport, causes_report};
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::kept;
use super::query::{ReportQuery, address};
use super::sla_report::{Filter, NoFigures};
use super::{Tab, Tabs, tables};
use crate::AppError;
use crate::formats::use_formats;
use crate::language::use_language;
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::pages::staff::session::staff_context;

const ADDRESS: &str = "/desk/reports/causes";

/// The page of the report: `/desk/reports/causes`.
#[component]
pub fn CausesReportPage() -> impl IntoView {
    let language = use_language();
    let formats = use_formats();
    let (wanted, problem) =
        use_query_map().with_untracked(|query| ReportQuery::read(|name| query.get(name), &formats));
    view! {
        <StaffFrame title=t!(language, "cause.report.title").into_owned() class="stack" here=Here::Reports>
            <h1>{t!(language, "cause.report.title")}</h1>
            <Tabs tab=Tab::Causes/>
            <p class="note">{t!(language, "cause.report.lead")}</p>
            {Suspend::new(async move {
                match (problem, read(wanted).await) {
                    (Some(problem), _) => view! { <NoFigures problem=problem.to_owned()/> }.into_any(),
                    (None, Ok(report)) => view! { <Report report/> }.into_any(),
                    (None, Err(error)) => view! { <Failed error/> }.into_any(),
                }
            })}
        </StaffFrame>
    }
    .into_any()
}

async fn read(wanted: ReportQuery) -> Result<CausesReport, AppError> {
    let asked = staff_context()?;
    let filter = kept(&asked, wanted)?;
    Ok(causes_report(&asked.desk, &asked.actor, filter, asked.language).await?)
}

#[component]
fn Report(report: CausesReport) -> impl IntoView {
    let language = use_language();
    let CausesReport { filter, categories, without, total } = report;
    let file = address("/desk/reports/causes.csv", &filter);
    let days = tables::days(language, filter.days);
    view! {
        <Filter filter action=ADDRESS/>
        <div class="row row--apart">
            <p>{t!(language, "reports.kept.days", days = days)} " " {t!(language, "reports.kept.when")}</p>
            <a class="button" href=file rel="external" download="">{t!(language, "reports.kept.download")}</a>
        </div>
        {table(language, categories, without, total)}
    }
    .into_any()
}

fn table(language: Language, categories: Vec<CategoryCount>, without: i64, total: i64) -> AnyView {
    if total == 0 {
        return view! { <p class="card quiet">{t!(language, "cause.report.nothing")}</p> }.into_any();
    }
    let rows: Vec<AnyView> = categories.into_iter().flat_map(|category| lines(language, category)).collect();
    let caption = t!(language, "cause.report.title").into_owned();
    let none = (without > 0).then(|| {
        view! {
            <tr>
                <th scope="row" colspan="2">{t!(language, "cause.report.without")}</th>
                <td class="digits">{without}</td>
            </tr>
        }
    });
    view! {
        <div class="card tablewrap" tabindex="0" role="region" aria-label=caption>
            <table class="table">
                <caption class="sr">{caption.clone()}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(language, "cause.report.category")}</th>
                        <th scope="col">{t!(language, "cause.report.cause")}</th>
                        <th scope="col">{t!(language, "reports.kept.resolved")}</th>
                    </tr>
                </thead>
                <tbody>{rows} {none}</tbody>
                <tfoot>
                    <tr>
                        <th scope="row" colspan="2">{t!(language, "reports.kept.total")}</th>
                        <td class="digits">{total}</td>
                    </tr>
                </tfoot>
            </table>
        </div>
    }
    .into_any()
}

/// The lines of a category: its sum, and its causes.
fn lines(language: Language, category: CategoryCount) -> Vec<AnyView> {
    let CategoryCount { name, count, causes, .. } = category;
    let all = t!(language, "reports.kept.total").into_owned();
    let sum = view! {
        <tr>
            <th scope="row">{name.clone()}</th>
            <td class="quiet">{all}</td>
            <td class="digits"><b>{count}</b></td>
        </tr>
    }
    .into_any();
    let of_cause = move |cause: desk::reports::CauseCount| {
        view! {
            <tr>
                <td><span class="sr">{name.clone()}</span></td>
                <th scope="row">{cause.name}</th>
                <td class="digits">{cause.count}</td>
            </tr>
        }
        .into_any()
    };
    std::iter::once(sum).chain(causes.into_iter().map(of_cause)).collect()
}

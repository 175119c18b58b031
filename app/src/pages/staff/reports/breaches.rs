//! The cases behind a figure: breaches of one target, each linked to its case.

use domain::calendar::{DurationStyle, MomentStyle, duration};
use domain::contract_number::ContractFormats;
use domain::i18n::Language;
use domain::page::Page;
use domain::reports::{BreachList, BreachRow, Late};
use domain::sla_plan::SlaMetric;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::read_breaches;
use super::query::{ADDRESS, ReportQuery, address};
use super::sla_report::NoFigures;
use super::tables::{country_name, missed_address};
use super::{Tab, Tabs, tables};
use crate::address::case_address;
use crate::formats::use_formats;
use crate::language::use_language;
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::ui::{Icon, Pager};

/// The page of the list.
#[component]
pub fn BreachesReportPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let formats = use_formats();
    let asked = Memo::new(move |_| query.with(|query| wanted(|name| query.get(name), &formats)));
    let list = Resource::new(
        move || asked.get(),
        |((wanted, problem), kind, page)| async move {
            match problem {
                Some(problem) => Err(problem.to_owned()),
                None => Ok(read_breaches(wanted, kind, page).await),
            }
        },
    );
    view! {
        <StaffFrame title=t!(language, "reports.kept.missed_title").into_owned() class="stack" here=Here::Reports>
            <h1>{t!(language, "reports.kept.missed_title")}</h1>
            <Tabs tab=Tab::Sla/>
            <Suspense>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(Ok(list)) => view! { <List list/> }.into_any(),
                        Ok(Err(error)) => view! { <Failed error/> }.into_any(),
                        Err(problem) => view! { <NoFigures problem/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

/// Filter, target and page of an address.
pub(super) fn wanted(
    value: impl Fn(&str) -> Option<String>,
    formats: &ContractFormats,
) -> ((ReportQuery, Option<&'static str>), SlaMetric, u32) {
    let given = value("clock").filter(|code| !code.is_empty());
    let kind = given.as_deref().map_or(Some(SlaMetric::FirstResponse), SlaMetric::from_code);
    let page = value("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let (wanted, problem) = ReportQuery::read(value, formats);
    let problem = if kind.is_none() { Some("reports.kept.wrong_clock") } else { problem };
    ((wanted, problem), kind.unwrap_or(SlaMetric::FirstResponse), page.max(1))
}

#[component]
fn List(list: BreachList) -> impl IntoView {
    let language = use_language();
    let BreachList { filter, kind, page: Page { rows, paging } } = list;
    let back = address(ADDRESS, &filter);
    let file = format!("{}&clock={}", address("/desk/reports/promises/missed.csv", &filter), kind.code());
    let days = tables::days(language, filter.days);
    let is_empty = rows.is_empty();
    let rows = rows.into_iter().map(|row| line(language, row)).collect_view();
    let to = move |page: u32| format!("{}&page={page}", missed_address(&filter, kind));
    view! {
        <p><a href=back>{t!(language, "reports.kept.back")}</a></p>
        <h2>{t!(language, kind.name_key())}</h2>
        {is_empty.then(|| view! {
            <div class="empty card"><Icon name="check"/><h2>{t!(language, "reports.kept.none_missed")}</h2></div>
        })}
        {(!is_empty).then(|| view! {
            <div class="row row--apart">
                <p>{t!(language, "reports.kept.count", count = paging.total, days = days)}</p>
                <a class="button" href=file rel="external" download="">{t!(language, "reports.kept.download")}</a>
            </div>
            <div class="card tablewrap" tabindex="0" role="region" aria-label=t!(language, "reports.kept.missed_caption")>
                <table class="table">
                    <caption class="sr">{t!(language, "reports.kept.missed_caption")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t!(language, "reports.kept.case")}</th>
                            <th scope="col">{t!(language, "reports.kept.priority")}</th>
                            <th scope="col">{t!(language, "reports.kept.ran_out")}</th>
                            <th scope="col">{t!(language, "reports.kept.target")}</th>
                            <th scope="col">{t!(language, "reports.kept.late")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="note">{t!(language, "reports.kept.how.late")}</p>
        })}
        {(paging.pages > 1).then(|| view! { <Pager paging to/> })}
    }
    .into_any()
}

fn line(language: Language, row: BreachRow) -> impl IntoView {
    let words = |seconds: i64| duration(language, seconds, DurationStyle::Words);
    let customer = if row.customer.is_empty() {
        t!(language, "staff.queue.no_customer").into_owned()
    } else {
        row.customer
    };
    let goes_on = matches!(row.late, Late::Still(_))
        .then(|| view! { " " <span class="badge">{t!(language, "reports.kept.goes_on")}</span> });
    view! {
        <tr>
            <th scope="row">
                <a class="number" href=case_address(row.number)>{row.number.grouped()}</a>
                <span class="two">{customer} " · " {country_name(language, row.country)}</span>
            </th>
            <td>{row.priority.code()}</td>
            <td>
                {row.zone.format(row.due, language, MomentStyle::Short)}
                <span class="two quiet">{t!(language, "reports.kept.at_site", place = row.zone.city(language))}</span>
            </td>
            <td class="digits nowrap">{words(row.target_s)}</td>
            <td class="digits nowrap">{words(row.late.seconds())} {goes_on}</td>
        </tr>
    }
}

//! Waits that ran on after the customer's answer: how long, and who had set them.

use domain::calendar::{DurationStyle, MomentStyle, Month, Period, duration};
use domain::case::PauseReason;
use domain::i18n::Language;
use domain::page::Page;
use domain::reports::{OverlapFilter, OverlapList, OverlapRow};
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::read_pauses;
use super::{Tab, Tabs};
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::staff::filter::{NothingShown, Unknown};
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::ui::{Icon, Pager};

const ADDRESS: &str = "/desk/reports/pauses";

/// The page of the report.
#[component]
pub fn PausesReportPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let parsed = Memo::new(move |_| query.with(|query| parse(|name| query.get(name))));
    let list = Resource::new(
        move || parsed.get(),
        |parsed| async move {
            let (period, reason, page) = parsed?;
            Ok::<_, Unknown>(read_pauses(period, reason, page).await)
        },
    );
    view! {
        <StaffFrame title=t!(language, "reports.pauses.title").into_owned() class="stack" here=Here::Reports>
            <h1>{t!(language, "reports.pauses.title")}</h1>
            <Tabs tab=Tab::Pauses/>
            <p class="note">{t!(language, "reports.pauses.lead")}</p>
            <Suspense>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(Ok(list)) => view! { <Report list/> }.into_any(),
                        Ok(Err(error)) => view! { <Failed error/> }.into_any(),
                        Err(unknown) => view! { <NothingShown unknown all=ADDRESS/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

/// The filter of an address: period, reason and page.
type PauseQuery = (Option<Period>, Option<PauseReason>, u32);

/// Reads an address; a value that cannot be parsed is an error.
///
/// # Errors
/// The first of these values.
pub(super) fn parse(value: impl Fn(&str) -> Option<String>) -> Result<PauseQuery, Unknown> {
    let parsed @ (period, reason, _) = wanted(&value);
    let period = period.map(|Period { from, to }| format!("from={from}&to={to}")).unwrap_or_default();
    let reason = reason.map(|reason| format!("&reason={}", reason.code())).unwrap_or_default();
    Unknown::of(value, &format!("{period}{reason}"), &["from", "to", "reason"]).map_or(Ok(parsed), Err)
}

/// Period, reason and page of an address; values that cannot be parsed are ignored.
fn wanted(value: impl Fn(&str) -> Option<String>) -> PauseQuery {
    let month = |name: &str| value(name).and_then(|text| Month::parse(&text));
    let period = match (month("from"), month("to")) {
        (Some(from), Some(to)) if from <= to => Some(Period { from, to }),
        (Some(from), None) => Some(Period { from, to: from }),
        _ => None,
    };
    let reason = value("reason").and_then(|code| PauseReason::from_code(&code));
    let page = value("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    (period, reason, page.max(1))
}

/// The address of a filter: of the page, or of the file.
fn address(base: &str, filter: &OverlapFilter, page: u32) -> String {
    let OverlapFilter { period: Period { from, to }, reason } = filter;
    let reason = reason.map(|reason| format!("&reason={}", reason.code())).unwrap_or_default();
    let page = if page > 1 { format!("&page={page}") } else { String::new() };
    format!("{base}?from={from}&to={to}{reason}{page}")
}

#[component]
fn Report(list: OverlapList) -> impl IntoView {
    let language = use_language();
    let OverlapList { filter, page: Page { rows, paging }, now } = list;
    let file = address("/desk/reports/pauses.csv", &filter, 1);
    let is_empty = rows.is_empty();
    let rows = rows.into_iter().map(|row| line(language, row, now)).collect_view();
    let to = move |page| address(ADDRESS, &filter, page);
    view! {
        <Filter filter/>
        {is_empty.then(|| view! {
            <div class="empty card">
                <Icon name="check"/>
                <h2>{t!(language, "reports.pauses.none")}</h2>
                <p>{t!(language, "reports.pauses.none_hint")}</p>
            </div>
        })}
        {(!is_empty).then(|| view! {
            <div class="row row--apart">
                <p>{t!(language, "reports.pauses.count", count = paging.total)}</p>
                <a class="button" href=file rel="external" download="">{t!(language, "reports.pauses.download")}</a>
            </div>
            <div class="card tablewrap" tabindex="0" role="region" aria-label=t!(language, "reports.pauses.caption")>
                <table class="table">
                    <caption class="sr">{t!(language, "reports.pauses.caption")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t!(language, "reports.pauses.case")}</th>
                            <th scope="col">{t!(language, "reports.pauses.reason")}</th>
                            <th scope="col">{t!(language, "reports.pauses.set_by")}</th>
                            <th scope="col">{t!(language, "reports.pauses.answered")}</th>
                            <th scope="col">{t!(language, "reports.pauses.to")}</th>
                            <th scope="col">{t!(language, "reports.pauses.overlap")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="note">{t!(language, "reports.pauses.how")}</p>
        })}
        {(paging.pages > 1).then(|| view! { <Pager paging to/> })}
    }
    .into_any()
}

#[component]
fn Filter(filter: OverlapFilter) -> impl IntoView {
    let language = use_language();
    let Period { from, to } = filter.period;
    let month = |id: &'static str, label: &'static str, value: Month| {
        view! {
            <div class="field">
                <label class="field__label" for=id>{t!(language, label)}</label>
                <input class="field__input" type="month" id=id name=id value=value.to_string() required
                    pattern="[0-9]{4}-[0-9]{2}" placeholder="2026-01"/>
            </div>
        }
    };
    let reasons = PauseReason::ALL.map(|reason| {
        let chosen = filter.reason == Some(reason);
        view! { <option value=reason.code() selected=chosen>{t!(language, reason.name_key())}</option> }
    });
    view! {
        <form class="period" method="get" action=ADDRESS aria-label=t!(language, "reports.pauses.filter")>
            {month("from", "reports.pauses.period_from", from)}
            {month("to", "reports.pauses.period_to", to)}
            <div class="field">
                <label class="field__label" for="reason">{t!(language, "reports.pauses.reason")}</label>
                <select class="field__input" id="reason" name="reason">
                    <option value="" selected=filter.reason.is_none()>{t!(language, "reports.pauses.any_reason")}</option>
                    {reasons.collect_view()}
                </select>
            </div>
            <button class="button" type="submit">{t!(language, "reports.pauses.show")}</button>
        </form>
    }
    .into_any()
}

fn line(language: Language, row: OverlapRow, now: Instant) -> impl IntoView {
    let moment = |at: Instant| row.zone.format(at, language, MomentStyle::Short);
    let lasts = row.lasts(now).then(|| t!(language, "reports.pauses.lasts"));
    let end = match lasts {
        Some(words) => view! { <span class="badge">{words}</span> }.into_any(),
        None => moment(row.to).into_any(),
    };
    let answer = t!(language, row.answer.name_key());
    view! {
        <tr>
            <th scope="row">
                <a class="number" href=case_address(row.number)>{row.number.grouped()}</a>
                <span class="two">{row.customer.clone()}</span>
            </th>
            <td>
                {t!(language, row.reason.name_key())}
                <span class="two">{moment(row.from)}</span>
            </td>
            <td>{row.set_by.clone()}</td>
            <td>{moment(row.answered_at)} <span class="two">{answer}</span></td>
            <td>{end}</td>
            <td class="digits">{duration(language, row.overlap_s, DurationStyle::Words)}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_query_round_trips_through_its_address() {
        let month = |text| Month::parse(text).unwrap();
        let filter = OverlapFilter {
            period: Period { from: month("2026-01"), to: month("2026-03") },
            reason: Some(PauseReason::Customer),
        };
        let written = address(ADDRESS, &filter, 2);
        assert_eq!(written, "/desk/reports/pauses?from=2026-01&to=2026-03&reason=customer&page=2");
        let (_, query) = written.split_once('?').unwrap();
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(other, _)| *other == name).map(|(_, value)| value.to_owned()).next()
        };
        assert_eq!(wanted(value), (Some(filter.period), filter.reason, 2));
        assert_eq!(wanted(|_| Some("nonsense".to_owned())), (None, None, 1));
        assert!(parse(|_| Some("nonsense".to_owned())).is_err());
        assert_eq!(parse(|_| None), Ok((None, None, 1)));
    }
}

//! SLA compliance: how many targets were met.

use domain::calendar::Month;
use domain::country::Country;
use domain::i18n::Language;
use domain::priority::Priority;
use domain::reports::{Days, KindFigures, SlaReport, SlaReportFilter};
use domain::sla_plan::SlaMetric;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api::read_sla_report;
use super::query::{ADDRESS, ReportQuery, address};
use super::{Tab, Tabs, tables};
use crate::formats::use_formats;
use crate::language::use_language;
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::ui::{Icon, Notice, Tone};

/// How many months can be chosen: the current one, and those before it.
const MONTHS: u32 = 6;

/// The page of the report.
#[component]
pub fn SlaReportPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let formats = use_formats();
    let asked = Memo::new(move |_| query.with(|query| ReportQuery::read(|name| query.get(name), &formats)));
    let report = Resource::new(
        move || asked.get(),
        |(wanted, problem)| async move {
            match problem {
                Some(problem) => Err(problem.to_owned()),
                None => Ok(read_sla_report(wanted).await),
            }
        },
    );
    view! {
        <StaffFrame title=t!(language, "reports.kept.title").into_owned() class="stack" here=Here::Reports>
            <h1>{t!(language, "reports.kept.title")}</h1>
            <Tabs tab=Tab::Sla/>
            <p class="note">{t!(language, "reports.kept.lead")}</p>
            <Suspense>
                {move || Suspend::new(async move {
                    match report.await {
                        Ok(Ok(report)) => view! { <Report report/> }.into_any(),
                        Ok(Err(error)) => view! { <Failed error/> }.into_any(),
                        Err(problem) => view! { <NoFigures problem/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

/// The notice that no figures are shown, because of a wrong filter.
#[component]
pub(super) fn NoFigures(problem: String) -> impl IntoView {
    let language = use_language();
    view! {
        <div class="empty card" role="alert">
            <Icon name="alert"/>
            <h2>{t!(language, &problem).into_owned()}</h2>
            <p>{t!(language, "staff.filter.unknown_hint")}</p>
            <p><a class="button" href=ADDRESS>{t!(language, "reports.kept.this_month")}</a></p>
        </div>
    }
    .into_any()
}

#[component]
fn Report(report: SlaReport) -> impl IntoView {
    let language = use_language();
    let SlaReport { filter, cases, kinds, pending, month } = report;
    let file = address("/desk/reports/promises.csv", &filter);
    let kinds = kinds.iter().map(|kind| section(language, &filter, kind)).collect_view();
    let cases = tables::cases(language, &cases);
    let days = tables::days(language, filter.days);
    view! {
        {months(language, &filter, month)}
        <Filter filter action=ADDRESS/>
        {(pending > 0).then(|| view! {
            <Notice tone=Tone::Care icon="info"><p>{t!(language, "reports.kept.pending", count = pending)}</p></Notice>
        })}
        <div class="row row--apart">
            <p>{t!(language, "reports.kept.days", days = days)} " " {t!(language, "reports.kept.when")}</p>
            <a class="button" href=file rel="external" download="">{t!(language, "reports.kept.download")}</a>
        </div>
        {definitions(language)}
        <section class="card stack" aria-labelledby="h-cases">
            <h2 id="h-cases">{t!(language, "reports.kept.cases")}</h2>
            <p class="note">{t!(language, "reports.kept.how.cases")}</p>
            {cases}
        </section>
        {kinds}
    }
    .into_any()
}

/// The latest months, each a link.
fn months(language: Language, filter: &SlaReportFilter, month: Month) -> AnyView {
    let links = (0..MONTHS).map(|back| {
        let month = month.back(back);
        let days = Days::of_month(month);
        let current = (filter.days == days).then_some("true");
        let to = address(ADDRESS, &SlaReportFilter { days, ..filter.clone() });
        view! { <a href=to aria-current=current>{month.message(language)}</a> }
    });
    view! { <nav class="filters" aria-label=t!(language, "reports.kept.months")>{links.collect_view()}</nav> }
        .into_any()
}

/// The form of the filter of a report over days.
#[component]
pub(super) fn Filter(
    filter: SlaReportFilter,
    /// The address of the report.
    action: &'static str,
) -> impl IntoView {
    let language = use_language();
    let day = |id: &'static str, label: &'static str, value: String| {
        view! {
            <div class="field">
                <label class="field__label" for=id>{t!(language, label)}</label>
                <input class="field__input" type="date" id=id name=id value=value required
                    pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}" placeholder="2026-01-31"/>
            </div>
        }
    };
    let countries = Country::ALL.map(|country| {
        let chosen = filter.country == Some(country);
        view! { <option value=country.code() selected=chosen>{t!(language, country.name_key())}</option> }
    });
    let priorities = Priority::ALL.map(|priority| {
        let chosen = filter.priority == Some(priority);
        view! { <option value=priority.code() selected=chosen>{priority.code()}</option> }
    });
    let contract = filter.contract.as_ref().map(|contract| contract.as_str().to_owned()).unwrap_or_default();
    view! {
        <form class="period" method="get" action=action aria-label=t!(language, "reports.kept.filter")>
            {day("from", "reports.kept.from", filter.days.first().to_string())}
            {day("to", "reports.kept.to", filter.days.last().to_string())}
            <div class="field">
                <label class="field__label" for="country">{t!(language, "reports.kept.country")}</label>
                <select class="field__input" id="country" name="country">
                    <option value="" selected=filter.country.is_none()>{t!(language, "reports.kept.any_country")}</option>
                    {countries.collect_view()}
                </select>
            </div>
            <div class="field">
                <label class="field__label" for="priority">{t!(language, "reports.kept.priority")}</label>
                <select class="field__input" id="priority" name="priority">
                    <option value="" selected=filter.priority.is_none()>{t!(language, "reports.kept.any_priority")}</option>
                    {priorities.collect_view()}
                </select>
            </div>
            <div class="field">
                <label class="field__label" for="contract">{t!(language, "reports.kept.contract")}</label>
                <input class="field__input" id="contract" name="contract" value=contract autocomplete="off"
                    autocapitalize="characters" spellcheck="false"/>
            </div>
            <button class="button" type="submit">{t!(language, "reports.kept.show")}</button>
        </form>
    }
    .into_any()
}

/// The definition of each figure.
fn definitions(language: Language) -> AnyView {
    let terms = [
        ("reports.kept.due", "reports.kept.how.due"),
        ("reports.kept.kept", "reports.kept.how.kept"),
        ("reports.kept.missed", "reports.kept.how.missed"),
        ("reports.kept.share", "reports.kept.how.share"),
        ("reports.kept.median", "reports.kept.how.median"),
        ("reports.kept.ninetieth", "reports.kept.how.ninetieth"),
        ("reports.kept.priority", "reports.kept.how.priority"),
    ];
    let terms = terms
        .map(|(name, how)| view! { <div><dt>{t!(language, name)}</dt><dd>{t!(language, how)}</dd></div> });
    view! {
        <details class="card">
            <summary><Icon name="chevron"/> " " {t!(language, "reports.kept.how.title")}</summary>
            <dl class="facts">{terms.collect_view()}</dl>
        </details>
    }
    .into_any()
}

/// The figures of one target.
fn section(language: Language, filter: &SlaReportFilter, of: &KindFigures) -> AnyView {
    let id = format!("h-{}", of.kind.code());
    let how = match of.kind {
        SlaMetric::FirstResponse => "reports.kept.how.attention",
        SlaMetric::NextUpdate => "reports.kept.how.update",
        SlaMetric::CommittedUpdate => "reports.kept.how.committed",
        SlaMetric::OnSite => "reports.kept.how.on_site",
        SlaMetric::Resolution => "reports.kept.how.resolution",
    };
    let body = if of.total.due() == 0 {
        view! { <p class="quiet">{t!(language, "reports.kept.none")}</p> }.into_any()
    } else {
        tables::kind(language, filter, of)
    };
    view! {
        <section class="card stack" aria-labelledby=id>
            <h2 id=id.clone()>{t!(language, of.kind.name_key())}</h2>
            <p class="note">{t!(language, how)}</p>
            {body}
        </section>
    }
    .into_any()
}

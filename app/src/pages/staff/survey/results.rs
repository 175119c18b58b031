//! The results of surveys: by month, country, plan, agent and technician, as bars and as a table of the same figures.

use domain::calendar::{Month, Period};
use domain::country::Country;
use domain::i18n::Language;
use domain::reports::{Dimension, ResultLine, SurveyResults};
use domain::survey::HIGHEST_SCALE;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;

use super::api::read_results;
use super::{Tab, Tabs};
use crate::language::use_language;
use crate::pages::staff::filter::{NothingShown, Unknown};
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::ui::Icon;

/// The page of results.
#[component]
pub fn SurveyResultsPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let parsed = Memo::new(move |_| query.with(parse));
    let results = Resource::new(
        move || parsed.get(),
        |parsed| async move { Ok::<_, Unknown>(read_results(parsed?).await) },
    );
    view! {
        <StaffFrame title=t!(language, "survey.results.title").into_owned() class="stack" here=Here::Survey>
            <h1>{t!(language, "survey.results.title")}</h1>
            <Tabs tab=Tab::Results/>
            <Suspense>
                {move || Suspend::new(async move {
                    match results.await {
                        Ok(Ok(results)) => view! { <Results results/> }.into_any(),
                        Ok(Err(error)) => view! { <Failed error/> }.into_any(),
                        Err(unknown) => view! { <NothingShown unknown all="/desk/survey/results"/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

/// The period in an address; one that cannot be parsed is ignored.
fn wanted(query: &ParamsMap) -> Option<Period> {
    let month = |name: &str| query.get(name).and_then(|text| Month::parse(&text));
    match (month("from"), month("to")) {
        (Some(from), Some(to)) if from <= to => Some(Period { from, to }),
        (Some(from), None) => Some(Period { from, to: from }),
        _ => None,
    }
}

/// The same; a period that cannot be parsed is an error.
fn parse(query: &ParamsMap) -> Result<Option<Period>, Unknown> {
    let period = wanted(query);
    let understood = period.map(|Period { from, to }| format!("from={from}&to={to}")).unwrap_or_default();
    Unknown::of(|name| query.get(name), &understood, &["from", "to"]).map_or(Ok(period), Err)
}

#[component]
fn Results(results: SurveyResults) -> impl IntoView {
    let language = use_language();
    let Period { from, to } = results.period;
    let total = results.total;
    let figures = [
        ("survey.results.asked", total.asked.to_string()),
        ("survey.results.answered", total.answered.to_string()),
        ("survey.results.response", percent(&total)),
        ("survey.results.score", score(language, &total)),
        ("survey.results.nps", nps(&total)),
    ];
    let figures = figures.map(|(name, value)| {
        view! { <div><dt>{t!(language, name)}</dt><dd class="figure">{value}</dd></div> }
    });
    let month = |id: &'static str, label: &'static str, value: Month| {
        view! {
            <div class="field">
                <label class="field__label" for=id>{t!(language, label)}</label>
                <input class="field__input" type="month" id=id name=id value=value.to_string() required
                    pattern="[0-9]{4}-[0-9]{2}" placeholder="2026-01"/>
            </div>
        }
    };
    // A group may have no lines, for example without visits.
    let told = results.by.into_iter().filter(|(_, lines)| !lines.is_empty());
    let groups = told.map(|(of, lines)| view! { <Group of lines/> });
    let body = if total.asked == 0 {
        view! {
            <div class="empty card">
                <Icon name="info"/>
                <h2>{t!(language, "survey.results.none")}</h2>
                <p>{t!(language, "survey.results.none_hint")}</p>
            </div>
        }
        .into_any()
    } else {
        view! { <div class="results">{groups.collect_view()}</div> }.into_any()
    };
    view! {
        <form class="period" method="get" action="/desk/survey/results" aria-label=t!(language, "survey.results.period")>
            {month("from", "survey.results.from", from)}
            {month("to", "survey.results.to", to)}
            <button class="button" type="submit">{t!(language, "survey.results.show")}</button>
        </form>
        <section class="card stack" aria-labelledby="h-total">
            <h2 id="h-total">{t!(language, "survey.results.total")}</h2>
            <dl class="facts">{figures.collect_view()}</dl>
            <p class="note">{t!(language, "survey.results.how")}</p>
        </section>
        {body}
    }
    .into_any()
}

/// The results by one dimension.
#[component]
fn Group(of: Dimension, lines: Vec<ResultLine>) -> impl IntoView {
    let language = use_language();
    let title = format!("h-by-{}", of.code());
    let bars = lines.iter().map(|line| bar(language, of, line)).collect_view();
    let rows = lines.iter().map(|line| row(language, of, line)).collect_view();
    let ticks = (1..=HIGHEST_SCALE).map(|mark| view! { <span>{mark}</span> }).collect_view();
    let name = t!(language, of.name_key()).into_owned();
    let (labelled_by, region, caption) = (title.clone(), name.clone(), name.clone());
    view! {
        <section class="card stack" aria-labelledby=labelled_by>
            <h2 id=title>{name}</h2>
            // The table below has the same figures.
            <div class="bars" aria-hidden="true">
                <p class="note">{t!(language, "survey.results.chart")}</p>
                <div class="bars__row bars__scale"><span></span><span class="bars__ticks">{ticks}</span><b></b></div>
                {bars}
            </div>
            <div class="tablewrap" tabindex="0" role="region" aria-label=region>
                <table class="table">
                    <caption class="sr">{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t!(language, "survey.results.group")}</th>
                            <th scope="col">{t!(language, "survey.results.asked")}</th>
                            <th scope="col">{t!(language, "survey.results.answered")}</th>
                            <th scope="col">{t!(language, "survey.results.response")}</th>
                            <th scope="col">{t!(language, "survey.results.score")}</th>
                            <th scope="col">{t!(language, "survey.results.nps")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// A group's mean score as a bar on the scale from 1 to 5, with a mark at each. Its response rate is a thinner bar below.
/// The bar begins at 1, so the lowest score has no length.
fn bar(language: Language, of: Dimension, line: &ResultLine) -> impl IntoView + use<> {
    let steps = i64::from(HIGHEST_SCALE) - 1;
    let score_width = line.score().map_or(0, |score| ((score.0 - 100) / steps).clamp(0, 100));
    let marks = (1..steps).map(|step| {
        let x = (step * 100 / steps).to_string();
        view! { <rect class="bars__mark" x=x y="0" width="0.5" height="10"></rect> }
    });
    let response_width = line.response_percent().unwrap_or(0).min(100);
    view! {
        <div class="bars__row">
            <span class="bars__name">{group(language, of, line)}</span>
            <svg viewBox="0 0 100 16" preserveAspectRatio="none">
                <rect class="bars__track" x="0" y="0" width="100" height="10"></rect>
                <rect class="bars__score" x="0" y="0" width=score_width.to_string() height="10"></rect>
                {marks.collect_view()}
                <rect class="bars__track" x="0" y="12" width="100" height="4"></rect>
                <rect class="bars__response" x="0" y="12" width=response_width.to_string() height="4"></rect>
            </svg>
            <b class="digits">{score(language, line)}</b>
        </div>
    }
}

fn row(language: Language, of: Dimension, line: &ResultLine) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row">{group(language, of, line)}</th>
            <td class="digits">{line.asked}</td>
            <td class="digits">{line.answered}</td>
            <td class="digits">{percent(line)}</td>
            <td class="digits">{score(language, line)}</td>
            <td class="digits">{nps(line)}</td>
        </tr>
    }
}

/// The name of a group.
fn group(language: Language, of: Dimension, line: &ResultLine) -> String {
    match of {
        _ if line.group.is_empty() => t!(language, "survey.results.unnamed").into_owned(),
        Dimension::Country => Country::from_typed(&line.group)
            .map_or_else(|| line.group.clone(), |country| t!(language, country.name_key()).into_owned()),
        Dimension::Month => {
            Month::parse(&line.group).map_or_else(|| line.group.clone(), |month| month.message(language))
        }
        Dimension::Plan | Dimension::Agent | Dimension::Technician => line.group.clone(),
    }
}

const NONE: &str = "–";

fn percent(line: &ResultLine) -> String {
    line.response_percent().map_or_else(|| NONE.to_owned(), |percent| format!("{percent} %"))
}

fn score(language: Language, line: &ResultLine) -> String {
    line.score().map_or_else(|| NONE.to_owned(), |score| score.message(language))
}

fn nps(line: &ResultLine) -> String {
    match line.nps() {
        None => NONE.to_owned(),
        Some(nps @ 1..) => format!("+{nps}"),
        Some(nps) => nps.to_string().replace('-', "−"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> ParamsMap {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn results_address_names_its_period_or_none() {
        let month = |text| Month::parse(text).unwrap();
        let both = wanted(&query(&[("from", "2026-01"), ("to", "2026-03")]));
        assert_eq!(both, Some(Period { from: month("2026-01"), to: month("2026-03") }));
        let one = wanted(&query(&[("from", "2026-01")]));
        assert_eq!(one, Some(Period { from: month("2026-01"), to: month("2026-01") }));
        for wrong in [&[("from", "2026-03"), ("to", "2026-01")][..], &[("from", "ayer"), ("to", "hoy")], &[]]
        {
            assert_eq!(wanted(&query(wrong)), None);
            assert_eq!(parse(&query(wrong)).is_ok(), wrong.is_empty());
        }
    }

    #[test]
    fn result_figures_are_formatted_for_reading() {
        let line =
            ResultLine { marks: (0, 2, 3), scores: (450, 1), asked: 3, answered: 1, ..ResultLine::default() };
        assert_eq!(
            (nps(&line), score(Language::Es, &line), percent(&line)),
            ("−67".into(), "4,50".into(), "33 %".into())
        );
        let none = ResultLine::default();
        assert_eq!(
            (nps(&none), score(Language::Es, &none), percent(&none)),
            (NONE.into(), NONE.into(), NONE.into())
        );
        assert_eq!(
            group(Language::Es, Dimension::Country, &ResultLine { group: "MX".into(), ..none }),
            "México"
        );
        let november = ResultLine { group: "2026-11".into(), ..ResultLine::default() };
        assert_eq!(group(Language::Es, Dimension::Month, &november), "noviembre de 2026");
        assert_eq!(group(Language::En, Dimension::Month, &november), "November 2026");
    }
}

//! Reports of supervisors: SLA compliance, breaches, causes and results of surveys, with the figures of the pages.

use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use chrono::NaiveDate;
use desk::reports::{BreachPlace, CausesReport, breaches_after, causes_report, sla_report, this_month};
use desk::survey::{latest_months, survey_results};
use domain::actor::Action;
use domain::calendar::{Month, Period};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::priority::Priority;
use domain::reports::{
    BreachRow, CaseVolume, Days, Dimension, Figures, Late, ResultLine, SlaReport, SlaReportFilter,
    SurveyResults,
};
use domain::sla_plan::SlaMetric;
use domain::t;
use serde_json::{Value, json};

use super::super::AppState;
use super::caller::Caller;
use super::cases::Pairs;
use super::input::Parameters;
use super::json::{answer, time};
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{
    codes, country, day, integer, integer_or_null, list_of, object, page, priority, query, reference, string,
    text_or_null, time as time_schema,
};

pub(super) const TAG: &str = "Reports";

/// The operations of reports.
pub(super) fn operations() -> Vec<Operation> {
    let operation = |path, handler: MethodRouter<AppState>, id, summary| {
        Operation::new((Method::Get, path), handler, (id, TAG, summary)).needs(Action::ReadReports)
    };
    let filtered = |operation: Operation| {
        operation
            .parameter("report_from")
            .parameter("report_to")
            .parameter("report_country")
            .parameter("report_priority")
            .parameter("report_contract")
    };
    vec![
        filtered(operation("/reports/sla", get(sla), "readSlaReport", "Read SLA compliance"))
            .about(
                "A target counts on the day on which it was settled: when it was met, else when it was breached. Days are \
                 those of the case's site; without any they are those of the present month.",
            )
            .answers(200, "The figures.", "SlaReport"),
        filtered(operation("/reports/breaches", get(breached), "listBreaches", "List breached targets"))
            .about("Of one metric, the latest day first, two hundred to a page.")
            .parameter("report_metric")
            .parameter("report_cursor")
            .answers(200, "A page of breaches.", "BreachPage"),
        filtered(operation("/reports/causes", get(causes), "readCauses", "Read resolutions by cause"))
            .about("A case that was resolved twice counts twice.")
            .answers(200, "The figures.", "CausesReport"),
        operation("/reports/surveys", get(surveys), "readSurveyResults", "Read results of surveys")
            .about("Of the surveys that opened in a period of months; without one, of the last twelve.")
            .parameter("report_from_month")
            .parameter("report_to_month")
            .answers(200, "The figures.", "SurveyResults"),
    ]
}

/// Parameters of reports.
pub(super) fn parameters() -> Value {
    let month = json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "examples": ["2026-11"] });
    let mut metric =
        query("metric", "What the targets measure.", &codes(&SlaMetric::ALL.map(SlaMetric::code)));
    metric["required"] = true.into();
    json!({
        "report_from": query("from", "The first day; only together with `to`.", &day()),
        "report_to": query("to", "The last day: of a year at most; only together with `from`.", &day()),
        "report_country": query("country", "Sites in one country.", &country()),
        "report_priority": query("priority", "Cases of one priority.", &priority()),
        "report_contract": query(
            "contract",
            "Cases under one contract, by number.",
            &json!({ "type": "string", "minLength": 1, "maxLength": 80 }),
        ),
        "report_metric": metric,
        "report_cursor": query(
            "cursor",
            "`next` of the page before.",
            &json!({ "type": "string", "pattern": "^b[0-9]{4}-[0-9]{2}-[0-9]{2}\\.[A-Z0-9]{1,40}\\.[0-9]{1,9}$" }),
        ),
        "report_from_month": query("from", "The first month; only together with `to`.", &month),
        "report_to_month": query("to", "The last month; only together with `from`.", &month),
    })
}

fn number_or_null(words: &str) -> Value {
    json!({ "type": ["number", "null"], "description": words })
}

/// An object with the members of another one, and some before them.
fn with(before: &[(&str, Value)], required: &[&str], members: &Value) -> Value {
    let mut all = members.clone();
    for (name, schema) in before {
        all[*name] = schema.clone();
    }
    let names: Vec<&str> = before.iter().map(|(name, _)| *name).chain(required.iter().copied()).collect();
    object(&names, all)
}

/// Schemas of reports.
pub(super) fn schemas() -> Value {
    let volumes = json!({ "opened": integer(), "resolved": integer(), "reopened": integer() });
    let figures = json!({
        "due": { "type": "integer", "description": "Settled targets: met and breached." },
        "met": integer(),
        "breached": integer(),
        "met_percent": number_or_null("100 means all, and 0 means none."),
        "median_s": { "type": ["integer", "null"], "description": "Business seconds used, of stopped clocks." },
        "ninetieth_s": integer_or_null(),
    });
    let (volume_names, figure_names) = (
        ["opened", "resolved", "reopened"],
        ["due", "met", "breached", "met_percent", "median_s", "ninetieth_s"],
    );
    let of_priority = [("priority", priority())];
    let of_country = [("country", country())];
    let filter = json!({
        "from": day(),
        "to": day(),
        "country": { "description": "`null` for all.", "type": ["string", "null"] },
        "priority": { "description": "`null` for all.", "type": ["string", "null"] },
        "contract": { "description": "`null` for all.", "type": ["string", "null"] },
    });
    let mut all = json!({
        "ReportFilter": object(&["from", "to", "country", "priority", "contract"], filter),
        "SlaReport": object(
            &["filter", "cases", "metrics", "pending"],
            json!({
                "filter": reference("ReportFilter"),
                "cases": object(
                    &["total", "by_priority", "by_country"],
                    json!({
                        "total": reference("CaseVolume"),
                        "by_priority": list_of("CaseVolumeOfPriority"),
                        "by_country": list_of("CaseVolumeOfCountry"),
                    }),
                ),
                "metrics": list_of("MetricFigures"),
                "pending": {
                    "type": "integer",
                    "description": "Cases of an older version that are still to be counted.",
                },
            }),
        ),
        "MetricFigures": object(
            &["metric", "total", "by_priority", "by_country"],
            json!({
                "metric": codes(&SlaMetric::ALL.map(SlaMetric::code)),
                "total": reference("Figures"),
                "by_priority": list_of("FiguresOfPriority"),
                "by_country": list_of("FiguresOfCountry"),
            }),
        ),
        "CaseVolume": object(&volume_names, volumes.clone()),
        "CaseVolumeOfPriority": with(&of_priority, &volume_names, &volumes),
        "CaseVolumeOfCountry": with(&of_country, &volume_names, &volumes),
        "Figures": object(&figure_names, figures.clone()),
        "FiguresOfPriority": with(&of_priority, &figure_names, &figures),
        "FiguresOfCountry": with(&of_country, &figure_names, &figures),
    });
    for (name, schema) in list_schemas() {
        all[name] = schema;
    }
    all
}

fn list_schemas() -> Vec<(&'static str, Value)> {
    let line = json!({
        "group": { "type": "string", "description": "A month, country, plan or name; empty for what has none." },
        "asked": integer(),
        "answered": integer(),
        "refused": integer(),
        "response_percent": integer_or_null(),
        "score": number_or_null("The mean of the marks from 1 to 5."),
        "recommend": {
            "type": ["integer", "null"],
            "description": "Net promoter score, from -100 to 100.",
        },
    });
    let line_names = ["group", "asked", "answered", "refused", "response_percent", "score", "recommend"];
    let dimensions = Dimension::ALL.map(|dimension| format!("by_{}", dimension.code()));
    let mut results = json!({ "from": string(), "to": string(), "total": reference("SurveyFigures") });
    for dimension in &dimensions {
        results[dimension.as_str()] = list_of("SurveyFigures");
    }
    let names: Vec<&str> =
        ["from", "to", "total"].into_iter().chain(dimensions.iter().map(String::as_str)).collect();
    vec![
        ("SurveyFigures", object(&line_names, line)),
        ("SurveyResults", object(&names, results)),
        ("BreachPage", page("breaches", "Breach")),
        (
            "Breach",
            object(
                &["case", "country", "customer", "priority", "due_at", "target_s", "late_s", "lasts", "zone"],
                json!({
                    "case": string(),
                    "country": country(),
                    "customer": text_or_null(),
                    "priority": priority(),
                    "due_at": time_schema(),
                    "target_s": { "type": "integer", "description": "Business seconds." },
                    "late_s": { "type": "integer", "description": "Business seconds over the target." },
                    "lasts": { "type": "boolean", "description": "Whether the clock still runs." },
                    "zone": string(),
                }),
            ),
        ),
        (
            "CausesReport",
            object(
                &["filter", "categories", "without", "total"],
                json!({
                    "filter": reference("ReportFilter"),
                    "categories": list_of("CategoryCount"),
                    "without": { "type": "integer", "description": "Resolutions without a cause." },
                    "total": integer(),
                }),
            ),
        ),
        (
            "CategoryCount",
            object(
                &["code", "name", "count", "causes"],
                json!({ "code": string(), "name": string(), "count": integer(), "causes": list_of("CauseCount") }),
            ),
        ),
        (
            "CauseCount",
            object(
                &["code", "name", "count"],
                json!({ "code": string(), "name": string(), "count": integer() }),
            ),
        ),
    ]
}

/// The filter of a report. Without days it is the present month.
fn filter(caller: &Caller, asked: &mut Parameters) -> Result<SlaReportFilter, ApiError> {
    let country = asked.choice("country", Country::from_code, &Country::ALL.map(Country::code));
    let priority = asked.choice("priority", Priority::from_code, &Priority::ALL.map(Priority::code));
    let contract = asked.take("contract").and_then(|typed| {
        let formats = caller.desk.formats();
        asked.fields.text(
            "contract",
            Some(&typed),
            |typed| formats.parse(typed),
            domain::contract_number::ContractNumberProblem::message,
        )
    });
    let days = match (asked.take("from"), asked.take("to")) {
        (None, None) => None,
        (from, to) => {
            let day = |text: Option<String>| text.and_then(|text| text.parse::<NaiveDate>().ok());
            let days = day(from).zip(day(to)).and_then(|(from, to)| Days::new(from, to));
            if days.is_none() {
                let words = t!(caller.language, "api.days").into_owned();
                asked.fields.wrong("from", words);
            }
            days
        }
    };
    let days = match days {
        Some(days) => days,
        None => Days::of_month(this_month(&caller.desk, country)?),
    };
    Ok(SlaReportFilter { days, country, priority, contract })
}

/// SLA compliance.
async fn sla(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let filter = filter(&caller, &mut asked)?;
    asked.done()?;
    let SlaReport { filter, cases, kinds, pending, .. } =
        sla_report(&caller.desk, &caller.actor, filter).await?;
    let metrics = kinds.iter().map(|kind| {
        json!({
            "metric": kind.kind.code(),
            "total": figures(&kind.total),
            "by_priority": by_priority(&kind.by_priority, figures),
            "by_country": by_country(&kind.by_country, figures),
        })
    });
    let value = json!({
        "filter": filtered(&filter),
        "cases": {
            "total": volume(&cases.total),
            "by_priority": by_priority(&cases.by_priority, volume),
            "by_country": by_country(&cases.by_country, volume),
        },
        "metrics": metrics.collect::<Vec<_>>(),
        "pending": pending,
    });
    Ok(answer(StatusCode::OK, value))
}

fn by_priority<T>(lines: &[(Priority, T)], told: impl Fn(&T) -> Value) -> Vec<Value> {
    let line = |(priority, line): &(Priority, T)| {
        let mut value = told(line);
        value["priority"] = priority.code().into();
        value
    };
    lines.iter().map(line).collect()
}

fn by_country<T>(lines: &[(Country, T)], told: impl Fn(&T) -> Value) -> Vec<Value> {
    let line = |(country, line): &(Country, T)| {
        let mut value = told(line);
        value["country"] = country.code().into();
        value
    };
    lines.iter().map(line).collect()
}

fn filtered(filter: &SlaReportFilter) -> Value {
    json!({
        "from": filter.days.first().to_string(),
        "to": filter.days.last().to_string(),
        "country": filter.country.map(Country::code),
        "priority": filter.priority.map(Priority::code),
        "contract": filter.contract.as_ref().map(ToString::to_string),
    })
}

fn volume(volume: &CaseVolume) -> Value {
    json!({ "opened": volume.opened, "resolved": volume.resolved, "reopened": volume.reopened })
}

fn figures(figures: &Figures) -> Value {
    json!({
        "due": figures.due(),
        "met": figures.met,
        "breached": figures.breached,
        "met_percent": figures.share().map(|share| decimal(share.tenths(), 10)),
        "median_s": figures.median_s,
        "ninetieth_s": figures.ninetieth_s,
    })
}

/// A number of few figures from its parts: 987 tenths are 98.7.
fn decimal(parts: i64, of: i64) -> Value {
    // Shares and marks are small, and every digit of them is kept.
    i32::try_from(parts)
        .ok()
        .zip(i32::try_from(of).ok())
        .map_or(Value::Null, |(parts, of)| (f64::from(parts) / f64::from(of)).into())
}

/// Breached targets.
async fn breached(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let filter = filter(&caller, &mut asked)?;
    let metric = asked.take("metric");
    let codes = SlaMetric::ALL.map(SlaMetric::code);
    let metric = asked.fields.choice("metric", metric.as_deref(), SlaMetric::from_code, &codes);
    let after = cursor(&mut asked);
    let Some(metric) = metric else { return Err(asked.refused()) };
    asked.done()?;
    let found = breaches_after(&caller.desk, &caller.actor, &filter, metric, after.as_ref()).await?;
    let breaches: Vec<Value> = found.rows.iter().map(breach).collect();
    let next = found.next.as_ref().map(written_cursor);
    Ok(answer(StatusCode::OK, json!({ "breaches": breaches, "next": next })))
}

fn breach(row: &BreachRow) -> Value {
    json!({
        "case": row.number.as_compact(),
        "country": row.country.code(),
        "customer": Some(row.customer.as_str()).filter(|name| !name.is_empty()),
        "priority": row.priority.code(),
        "due_at": time(row.due),
        "target_s": row.target_s,
        "late_s": row.late.seconds(),
        "lasts": matches!(row.late, Late::Still(_)),
        "zone": row.zone.name,
    })
}

fn written_cursor(place: &BreachPlace) -> String {
    format!("b{}.{}.{}", place.day, place.number.as_compact(), place.cycle)
}

fn read_cursor(sent: &str) -> Option<BreachPlace> {
    let mut parts = sent.strip_prefix('b')?.splitn(3, '.');
    let (day, number, cycle) = (parts.next()?, parts.next()?, parts.next()?);
    Some(BreachPlace {
        day: day.parse().ok()?,
        number: CaseNumber::parse(number).ok()?,
        cycle: cycle.parse().ok()?,
    })
}

fn cursor(asked: &mut Parameters) -> Option<BreachPlace> {
    let sent = asked.take("cursor")?;
    let place = read_cursor(&sent);
    if place.is_none() {
        let words = t!(asked.fields.language(), "api.cursor").into_owned();
        asked.fields.wrong("cursor", words);
    }
    place
}

/// Resolutions by category and cause.
async fn causes(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let filter = filter(&caller, &mut asked)?;
    asked.done()?;
    let CausesReport { filter, categories, without, total } =
        causes_report(&caller.desk, &caller.actor, filter, caller.language).await?;
    let categories = categories.iter().map(|category| {
        let causes = category.causes.iter();
        let causes =
            causes.map(|cause| json!({ "code": cause.code, "name": cause.name, "count": cause.count }));
        json!({
            "code": category.code,
            "name": category.name,
            "count": category.count,
            "causes": causes.collect::<Vec<_>>(),
        })
    });
    let value = json!({
        "filter": filtered(&filter),
        "categories": categories.collect::<Vec<_>>(),
        "without": without,
        "total": total,
    });
    Ok(answer(StatusCode::OK, value))
}

/// Results of surveys.
async fn surveys(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let Some(period) = months(&caller, &mut asked) else { return Err(asked.refused()) };
    asked.done()?;
    let SurveyResults { period, total, by } = survey_results(&caller.desk, &caller.actor, period).await?;
    let mut value = json!({
        "from": period.from.to_string(),
        "to": period.to.to_string(),
        "total": line(&total),
    });
    for (dimension, lines) in &by {
        value[format!("by_{}", dimension.code())] = lines.iter().map(line).collect();
    }
    Ok(answer(StatusCode::OK, value))
}

/// The months of a query; without any, the last twelve. What is wrong is told at `from`.
pub(super) fn months(caller: &Caller, asked: &mut Parameters) -> Option<Period> {
    let months = match (asked.take("from"), asked.take("to")) {
        (None, None) => latest_months(caller.desk.now()),
        (from, to) => {
            let month = |text: Option<String>| text.as_deref().and_then(Month::parse);
            let months = month(from).zip(month(to)).filter(|(from, to)| from <= to);
            months.map(|(from, to)| Period { from, to })
        }
    };
    if months.is_none() {
        let words = t!(caller.language, "api.months").into_owned();
        asked.fields.wrong("from", words);
    }
    months
}

fn line(line: &ResultLine) -> Value {
    json!({
        "group": line.group,
        "asked": line.asked,
        "answered": line.answered,
        "refused": line.refused,
        "response_percent": line.response_percent(),
        "score": line.score().map(|score| decimal(score.0, 100)),
        "recommend": line.nps(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_of_breaches_is_read_as_it_was_written() {
        let sent = "b2026-11-30.VE2600000121.2";
        assert_eq!(read_cursor(sent).as_ref().map(written_cursor).as_deref(), Some(sent));
        for sent in
            ["", "b", "c7", "b2026-11-31.VE2600000121.2", "b2026-11-30.VE2600000121", "b2026-11-30.X.1"]
        {
            assert_eq!(read_cursor(sent), None, "{sent}");
        }
    }

    #[test]
    fn shares_and_marks_keep_their_figures() {
        assert_eq!(decimal(987, 10).to_string(), "98.7");
        assert_eq!(decimal(425, 100).to_string(), "4.25");
        assert_eq!(decimal(1000, 10).to_string(), "100.0");
    }
}

//! Settings in force: plans, calendars and formats. A program reads them; people change them.

use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use chrono::Weekday;
use desk::settings::{InForce, InForceOf, PlanInForce, in_force};
use domain::actor::Action;
use domain::calendar::week::{Calendar, Closure, Window};
use domain::check_digits::Scheme;
use domain::contract_number::ContractFormat;
use domain::country::Country;
use domain::priority::{Platform, Priority};
use domain::serial::SerialFormat;
use domain::sla_plan::{NoShowRule, PlanStatus, ReopenBudget, SlaPlan};
use serde_json::{Value, json};

use super::super::AppState;
use super::caller::Caller;
use super::cases::Pairs;
use super::entitlement::matrix;
use super::input::Parameters;
use super::json::{answer, optional_time, time};
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{
    codes, country, day, integer, integer_or_null, list_of, object, priority, string, text_or_null,
    time as time_schema,
};

/// Days of a week, Monday first.
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The operations of settings.
pub(super) fn operations() -> Vec<Operation> {
    let operation = |path, handler: MethodRouter<AppState>, (id, summary), schema| {
        Operation::new((Method::Get, path), handler, (id, "Settings", summary))
            .needs(Action::ReadSettings)
            .answers(200, "What is in force now.", schema)
    };
    vec![
        operation("/settings/plans", get(plans), ("listPlans", "Read the SLA plans in force"), "Plans"),
        operation(
            "/settings/calendars",
            get(calendars),
            ("listCalendars", "Read the calendars in force"),
            "Calendars",
        )
        .about("Times of day are local to the site of a case."),
        operation(
            "/settings/formats",
            get(formats),
            ("readFormats", "Read the formats of numbers and serials in force"),
            "Formats",
        ),
    ]
}

/// Members that every version has, before others.
fn versioned(required: &[&str], members: Value) -> Value {
    let mut all = members;
    all["id"] = integer();
    all["version"] = integer();
    all["name"] = string();
    all["since"] = json!({
        "type": ["string", "null"],
        "format": "date-time",
        "description": "Since when the version counts; `null` since the first start.",
    });
    object(&[&["id", "version", "name", "since"], required].concat(), all)
}

/// Schemas of settings.
pub(super) fn schemas() -> Value {
    let clock =
        json!({ "type": "string", "description": "Time of day, up to 24:00.", "examples": ["08:30"] });
    json!({
        "Plans": object(&["plans", "as_of"], json!({ "plans": list_of("Plan"), "as_of": time_schema() })),
        "Plan": plan_schema(),
        "PlanTarget": object(
            &["priority", "first_response_s", "next_update_s", "resolution_s"],
            json!({
                "priority": priority(),
                "first_response_s": { "type": "integer", "description": "Business seconds." },
                "next_update_s": integer(),
                "resolution_s": integer(),
            }),
        ),
        "Calendars": object(
            &["calendars", "as_of"],
            json!({ "calendars": list_of("Calendar"), "as_of": time_schema() }),
        ),
        "Calendar": versioned(
            &["observes", "worked_holidays", "hours", "closures"],
            json!({
                "observes": {
                    "type": ["string", "null"],
                    "description": "The country whose statutory holidays close it.",
                },
                "worked_holidays": {
                    "type": "array",
                    "items": day(),
                    "description": "Holidays of that country on which it is open.",
                },
                "hours": list_of("OpenHours"),
                "closures": list_of("Closure"),
            }),
        ),
        "OpenHours": object(
            &["weekday", "opens", "closes"],
            json!({ "weekday": codes(&WEEKDAYS), "opens": clock.clone(), "closes": clock.clone() }),
        ),
        "Closure": object(
            &["date", "name", "from", "to"],
            json!({ "date": day(), "name": string(), "from": clock.clone(), "to": clock }),
        ),
        "Formats": object(
            &["contracts", "cases", "serials", "as_of"],
            json!({
                "contracts": list_of("ContractFormat"),
                "cases": list_of("CaseFormat"),
                "serials": list_of("SerialFormat"),
                "as_of": time_schema(),
            }),
        ),
        "ContractFormat": object(
            &["country", "mask", "pattern", "check"],
            json!({
                "country": { "type": ["string", "null"], "description": "`null` for every country." },
                "mask": string(),
                "pattern": { "type": "string", "description": "The mask as people read it." },
                "check": text_or_null(),
            }),
        ),
        "CaseFormat": object(
            &["country", "prefix"],
            json!({
                "country": country(),
                "prefix": { "type": "string", "description": "Letters before the country's; empty for none." },
            }),
        ),
        "SerialFormat": object(
            &["code", "manufacturer", "mask", "check", "platform"],
            json!({
                "code": string(),
                "manufacturer": string(),
                "mask": string(),
                "check": text_or_null(),
                "platform": { "type": ["string", "null"], "examples": Platform::ALL.map(Platform::code) },
            }),
        ),
    })
}

fn plan_schema() -> Value {
    let closing = json!({
        "reminder_days": { "type": "array", "items": integer() },
        "decision_days": integer(),
        "reopen_days": integer(),
        "reopen_budget": codes(&["fresh", "remaining"]),
    });
    let survey = json!({
        "due_days": integer(),
        "open_days": integer(),
        "retry_s": integer(),
        "low_scale_at_most": integer(),
        "low_recommend_at_most": integer_or_null(),
        "questionnaire": { "type": ["string", "null"], "description": "`null` for the standing questions." },
    });
    versioned(
        &[
            "status",
            "calendar",
            "targets",
            "matrix",
            "warning_levels",
            "closing",
            "waiting_max_total_days",
            "survey",
            "no_show_wait_s",
        ],
        json!({
            "status": codes(&PlanStatus::ALL.map(PlanStatus::code)),
            "calendar": object(&["id", "name"], json!({ "id": integer(), "name": string() })),
            "targets": list_of("PlanTarget"),
            "matrix": list_of("MatrixCell"),
            "warning_levels": {
                "type": "array",
                "items": integer(),
                "description": "Per cent of a target at which the people in charge are warned.",
            },
            "closing": object(&["reminder_days", "decision_days", "reopen_days", "reopen_budget"], closing),
            "waiting_max_total_days": integer(),
            "survey": object(
                &[
                    "due_days", "open_days", "retry_s", "low_scale_at_most", "low_recommend_at_most",
                    "questionnaire",
                ],
                survey,
            ),
            "no_show_wait_s": {
                "type": ["integer", "null"],
                "description": "After so long a wait a visit at which nobody opened counts as met; `null`: as neither.",
            },
        }),
    )
}

async fn current(caller: &Caller, pairs: Vec<(String, String)>) -> Result<InForce, ApiError> {
    Parameters::new(pairs, caller.language).done()?;
    Ok(in_force(&caller.desk, &caller.actor).await?)
}

/// The plans.
async fn plans(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let InForce { plans, now, .. } = current(&caller, pairs).await?;
    let plans: Vec<Value> = plans.iter().map(plan).collect();
    Ok(answer(StatusCode::OK, json!({ "plans": plans, "as_of": time(now) })))
}

/// The calendars.
async fn calendars(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let InForce { calendars, now, .. } = current(&caller, pairs).await?;
    let calendars: Vec<Value> = calendars.iter().map(calendar).collect();
    Ok(answer(StatusCode::OK, json!({ "calendars": calendars, "as_of": time(now) })))
}

/// The formats.
async fn formats(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let InForce { formats, now, .. } = current(&caller, pairs).await?;
    let cases = formats.case_prefixes.iter();
    let cases: Vec<Value> = cases
        .map(|(country, prefix)| json!({ "country": country.code(), "prefix": prefix.to_string() }))
        .collect();
    let value = json!({
        "contracts": formats.contracts.iter().map(contract_format).collect::<Vec<_>>(),
        "cases": cases,
        "serials": formats.serials.iter().map(serial_format).collect::<Vec<_>>(),
        "as_of": time(now),
    });
    Ok(answer(StatusCode::OK, value))
}

/// A version with its number and time; `members` are its own.
fn version<T>(entry: &InForceOf<T>, mut members: Value) -> Value {
    members["id"] = entry.id.into();
    members["version"] = entry.version.into();
    members["name"] = entry.name.clone().into();
    members["since"] = optional_time(entry.since);
    members
}

fn plan(entry: &InForceOf<PlanInForce>) -> Value {
    let PlanInForce { terms, calendar, calendar_name, status, questionnaire } = &entry.content;
    let (closing, survey) = (terms.closing(), terms.survey());
    let members = json!({
        "status": status.code(),
        "calendar": { "id": calendar, "name": calendar_name },
        "targets": targets(terms),
        "matrix": matrix(terms),
        "warning_levels": terms.warning_levels(),
        "closing": {
            "reminder_days": closing.reminder_days,
            "decision_days": closing.decision_days,
            "reopen_days": closing.reopen_days,
            "reopen_budget": match closing.reopen_budget {
                ReopenBudget::Fresh => "fresh",
                ReopenBudget::Remaining => "remaining",
            },
        },
        "waiting_max_total_days": terms.waiting().max_total_days,
        "survey": {
            "due_days": survey.due_days,
            "open_days": survey.open_days,
            "retry_s": survey.retry_s,
            "low_scale_at_most": survey.low.scale_at_most,
            "low_recommend_at_most": survey.low.recommend_at_most,
            "questionnaire": questionnaire,
        },
        "no_show_wait_s": match terms.no_show() {
            NoShowRule::Neutral => None,
            NoShowRule::CustomersFault { wait_s } => Some(wait_s),
        },
    });
    version(entry, members)
}

fn targets(terms: &SlaPlan) -> Value {
    let target = |priority: Priority| {
        let targets = terms.targets(priority);
        json!({
            "priority": priority.code(),
            "first_response_s": targets.first_response_s,
            "next_update_s": targets.update_s,
            "resolution_s": targets.resolution_s,
        })
    };
    Priority::ALL.map(target).to_vec().into()
}

fn calendar(entry: &InForceOf<Calendar>) -> Value {
    let calendar = &entry.content;
    let members = json!({
        "observes": calendar.observes.map(Country::code),
        "worked_holidays": calendar.worked_holidays().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "hours": calendar.hours.windows().map(open_hours).collect::<Vec<_>>(),
        "closures": calendar.closures().iter().map(closure).collect::<Vec<_>>(),
    });
    version(entry, members)
}

fn open_hours(window: Window) -> Value {
    json!({
        "weekday": weekday(window.weekday),
        "opens": clock(window.opens_s),
        "closes": clock(window.closes_s),
    })
}

fn weekday(day: Weekday) -> &'static str {
    let place = usize::try_from(day.num_days_from_monday()).ok();
    place.and_then(|place| WEEKDAYS.get(place)).copied().unwrap_or_default()
}

fn closure(closure: &Closure) -> Value {
    let Closure { date, part, name } = closure;
    json!({
        "date": date.to_string(),
        "name": name,
        "from": clock(part.from_s()),
        "to": clock(part.to_s()),
    })
}

/// A time of day to the minute; 86 400 seconds are 24:00.
fn clock(seconds: u32) -> String {
    format!("{:02}:{:02}", seconds / 3600, seconds % 3600 / 60)
}

fn contract_format(format: &ContractFormat) -> Value {
    json!({
        "country": format.country().map(Country::code),
        "mask": format.mask(),
        "pattern": format.pattern(),
        "check": format.check().map(Scheme::name),
    })
}

fn serial_format(format: &SerialFormat) -> Value {
    let written = format.written();
    json!({
        "code": written.code,
        "manufacturer": written.manufacturer,
        "mask": written.mask,
        "check": written.check,
        "platform": format.platform().map(Platform::code),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_written_to_the_minute_up_to_midnight() {
        assert_eq!(
            ["08:30", "00:00", "24:00"],
            [30_600, 0, 86_400].map(clock).each_ref().map(String::as_str)
        );
    }
}

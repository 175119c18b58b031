//! Cases and their parts as JSON. Times are RFC 3339 in UTC; a case has the zone of its site beside them.

use std::collections::HashMap;

use axum::Json;
use axum::http::header::ETAG;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use desk::cases::listing::ListedCase;
use domain::calendar::{ServiceHours, Spans};
use domain::case::{
    Assignee, Audience, Author, Event, MessageEvent, Origin, Recorded, ServiceHoursRef, SlaClock, Termination,
};
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use domain::view::{CasePage, CaseRow};
use serde_json::{Value, json};

use super::problem::ApiError;

/// A time; `null` beyond the years of the calendar, such as a wait without an end.
pub(super) fn time(at: Instant) -> Value {
    at.to_chrono().map_or(Value::Null, |at| at.to_rfc3339_opts(SecondsFormat::Secs, true).into())
}

/// A time that may be absent.
pub(super) fn optional_time(at: Option<Instant>) -> Value {
    at.map_or(Value::Null, time)
}

/// An answer in JSON.
pub(super) fn answer(status: StatusCode, value: Value) -> Response {
    (status, Json(value)).into_response()
}

/// An answer with the version of a case as its entity tag.
pub(super) fn tagged(status: StatusCode, version: u32, value: Value) -> Response {
    let mut response = answer(status, value);
    if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn assignee(assignee: Option<&Assignee>) -> Value {
    assignee.map_or(Value::Null, |assignee| json!({ "id": assignee.id.0, "name": assignee.name }))
}

/// An empty text is none.
fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

/// The clocks of a case, read at `now`.
fn targets(clocks: &[SlaClock], spans: &Spans, now: Instant) -> Value {
    let target = |clock: &SlaClock| {
        let reading = clock.reading(spans, now);
        json!({
            "metric": clock.kind.code(),
            "cycle": clock.cycle,
            "state": reading.state.code(),
            "target_s": clock.applied_target_s(),
            "used_s": reading.used_s,
            "remaining_s": reading.remaining_s,
            "counting": reading.counting,
            "due_at": optional_time(reading.due),
        })
    };
    clocks.iter().map(target).collect()
}

/// A case of a list.
pub(super) fn listed(
    case: &ListedCase,
    hours: &HashMap<ServiceHoursRef, ServiceHours>,
    now: Instant,
) -> Value {
    let mut value = row(&case.row);
    value["fault"] = case.fault.as_str().into();
    value["changed_at"] = time(case.changed_at);
    value["targets"] = hours
        .get(&case.row.hours)
        .map_or_else(|| Value::Array(Vec::new()), |hours| targets(&case.row.clocks, &hours.spans, now));
    value
}

/// A case as an event tells it: its row without targets, which pass by themselves.
pub(super) fn row(row: &CaseRow) -> Value {
    let CaseRow {
        number, version, country, status, priority, coverage, customer, platform, equipment, ..
    } = row;
    json!({
        "number": number.as_compact(),
        "version": version,
        "status": status.code(),
        "priority": priority.code(),
        "country": country.code(),
        "zone": row.hours.zone,
        "entitlement": coverage.code(),
        "customer": text(customer),
        "platform": platform.code(),
        "equipment": equipment,
        "place": text(&row.place),
        "opened_at": time(row.opened_at),
        "assignee": assignee(row.mark.assignee.as_ref()),
        "unanswered_since": optional_time(row.mark.unanswered),
    })
}

/// A whole case.
pub(super) fn case(page: &CasePage) -> Value {
    let report = &page.opening.report;
    let contact = &report.contact;
    let closed = page.report.as_ref().map(|report| report.end.at());
    json!({
        "number": page.number.as_compact(),
        "version": page.version,
        "status": page.status.code(),
        "priority": page.priority.code(),
        "severity": page.priority_inputs.severity.code(),
        "urgency": page.priority_inputs.urgency.code(),
        "country": report.country.code(),
        "zone": page.opening.hours.zone,
        "entitlement": page.opening.coverage.code(),
        "customer": text(&page.customer),
        "contract": report.contract.as_ref().map(ToString::to_string),
        "company": report.company.as_ref().map(ToString::to_string),
        "serial": report.serial.as_str(),
        "platform": report.platform.code(),
        "equipment": page.equipment,
        "location": report.location.as_str(),
        "reporter": report.reporter.as_str(),
        "contact": {
            "name": contact.name.as_str(),
            "phone": contact.phone.international(),
            "mail": contact.mail.to_string(),
        },
        "fault": report.fault.as_str(),
        "language": page.opening.language.code(),
        "opened_at": time(page.opened_at),
        "ended_at": optional_time(closed),
        "assignee": assignee(page.mark.assignee.as_ref()),
        "unanswered_since": optional_time(page.mark.unanswered),
        "attempts": page.attempts,
        "awaits_decision": page.awaits_decision,
        "targets": targets(&page.clocks, &page.hours.spans, page.now),
    })
}

/// The names of the members of a whole case, in the order of the document.
pub(super) const CASE_FIELDS: [&str; 29] = [
    "number",
    "version",
    "status",
    "priority",
    "severity",
    "urgency",
    "country",
    "zone",
    "entitlement",
    "customer",
    "contract",
    "company",
    "serial",
    "platform",
    "equipment",
    "location",
    "reporter",
    "contact",
    "fault",
    "language",
    "opened_at",
    "ended_at",
    "assignee",
    "unanswered_since",
    "attempts",
    "awaits_decision",
    "targets",
    "place",
    "changed_at",
];

/// The members of an object that were asked for, and its number. `fields` is a list of names with commas.
///
/// # Errors
/// A problem at `fields` that names the unknown ones.
pub(super) fn selected(value: Value, fields: Option<&str>, language: Language) -> Result<Value, ApiError> {
    let Some(fields) = fields else { return Ok(value) };
    let wanted: Vec<&str> = fields.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if wanted.is_empty() || wanted.iter().any(|name| !CASE_FIELDS.contains(name)) {
        let words = t!(language, "api.choice", choices = CASE_FIELDS.join(", "));
        return Err(ApiError::field("fields", words));
    }
    let Value::Object(mut members) = value else { return Ok(value) };
    members.retain(|name, _| name == "number" || wanted.contains(&name.as_str()));
    Ok(Value::Object(members))
}

fn author(by: &Author) -> Value {
    let (kind, id, name) = match by {
        // A participant writes as the customer's side.
        Author::Customer | Author::CustomerBeside(_) | Author::Participant { .. } => ("customer", None, None),
        Author::Staff { id, name } => ("staff", Some(id.0), Some(name)),
        Author::Integration { id, name } => ("integration", Some(id.0), Some(name)),
        Author::System => ("system", None, None),
    };
    json!({ "type": kind, "id": id, "name": name })
}

const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Portal => "portal",
        Origin::Telephone => "telephone",
        Origin::Workspace => "workspace",
        Origin::Scheduler => "scheduler",
        Origin::CommandLine => "command_line",
        Origin::Mail => "mail",
        Origin::Api => "api",
        Origin::WhatsApp => "whatsapp",
    }
}

/// What people wrote in an entry, and who reads it.
fn words(event: &Event) -> (Option<&str>, Audience) {
    use Audience::{Internal, Public};
    match event {
        Event::Noted { audience, text } => (Some(text.as_str()), *audience),
        Event::ContactAttempted { note, .. } | Event::Contacted { note, .. } => {
            (note.as_ref().map(domain::text::Note::as_str), Internal)
        }
        Event::Message(MessageEvent::UpdateSent { text } | MessageEvent::CustomerWrote { text }) => {
            (Some(text.as_str()), Public)
        }
        Event::Paused { detail, .. } => (detail.as_ref().map(domain::text::Reason::as_str), Internal),
        Event::PriorityChanged { reason, .. } => (Some(reason.as_str()), Public),
        Event::Resolved { solution, .. } => (Some(solution.as_str()), Public),
        Event::Verified { said, .. } | Event::Reopened { said, .. } => {
            (said.as_ref().map(domain::text::Note::as_str), Public)
        }
        Event::Closed { note, .. } => (note.as_ref().map(domain::text::Reason::as_str), Public),
        Event::Terminated(Termination::Cancelled { reason, .. }) => {
            (reason.as_ref().map(domain::text::Reason::as_str), Public)
        }
        Event::Opened(opening) => (Some(opening.report.fault.as_str()), Public),
        Event::TrackingRenewed { reason } => (reason.as_ref().map(domain::text::Reason::as_str), Internal),
        Event::Warned { .. }
        | Event::Assignment(_)
        | Event::Survey(_)
        | Event::Link(_)
        | Event::VerificationUnanswered => (None, Internal),
        _ => (None, Public),
    }
}

/// An entry of a case's history.
pub(super) fn entry(entry: &Recorded, language: Language) -> Value {
    let (text, audience) = words(&entry.event);
    json!({
        "version": entry.version,
        "at": time(entry.at),
        "kind": entry.event.kind(),
        "summary": t!(language, entry.event.name_key()),
        "author": author(&entry.by),
        "origin": origin(entry.origin),
        "audience": audience.code(),
        "text": text,
    })
}

/// Whether an entry is part of the conversation with the customer: messages, public notes, contacts and attempts.
pub(super) const fn is_message(event: &Event) -> bool {
    matches!(
        event,
        Event::Noted { .. }
            | Event::Contacted { .. }
            | Event::ContactAttempted { .. }
            | Event::Message(MessageEvent::UpdateSent { .. } | MessageEvent::CustomerWrote { .. })
    )
}

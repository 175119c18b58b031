//! The report of waits that ran on after the customer had answered.

use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use desk::reports::overlaps;
use domain::actor::Action;
use domain::case::{Answered, PauseReason};
use domain::reports::{OverlapFilter, OverlapRow};
use domain::t;
use domain::time::Instant;
use serde_json::{Value, json};

use super::caller::Caller;
use super::cases::Pairs;
use super::input::Parameters;
use super::json::{answer, time};
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::reports::{TAG, months};
use super::schema::{
    boolean, codes, country, object, page, query, string, text_or_null, time as time_schema,
};

/// The operation of the report.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            (Method::Get, "/reports/waits"),
            get(waits),
            ("listWaitOverlaps", TAG, "List waits that ran on after the customer's answer"),
        )
        .needs(Action::ReadReports)
        .about(
            "By the months of the answers, the latest first, fifty to a page; without months, of the last twelve. A wait that \
             lasts is ended by `resume`.",
        )
        .parameter("report_from_month")
        .parameter("report_to_month")
        .parameter("report_reason")
        .parameter("report_page")
        .answers(200, "A page of waits.", "WaitOverlapPage"),
    ]
}

/// Parameters of the report.
pub(super) fn parameters() -> Value {
    json!({
        "report_reason": query("reason", "Waits for one reason.", &codes(&PauseReason::ALL.map(PauseReason::code))),
        "report_page": query(
            "cursor",
            "`next` of the page before.",
            &json!({ "type": "string", "pattern": "^p[0-9]{1,6}$" }),
        ),
    })
}

/// Schemas of the report.
pub(super) fn schemas() -> Value {
    json!({
        "WaitOverlapPage": page("waits", "WaitOverlap"),
        "WaitOverlap": object(
            &[
                "case", "country", "customer", "reason", "set_by", "from", "answered_at", "answer", "to", "lasts",
                "overlap_s", "zone",
            ],
            json!({
                "case": string(),
                "country": country(),
                "customer": text_or_null(),
                "reason": codes(&PauseReason::ALL.map(PauseReason::code)),
                "set_by": { "type": ["string", "null"], "description": "The member of the staff who began the wait." },
                "from": time_schema(),
                "answered_at": time_schema(),
                "answer": codes(&Answered::ALL.map(Answered::code)),
                "to": {
                    "type": ["string", "null"],
                    "format": "date-time",
                    "description": "The expected end while it lasts.",
                },
                "lasts": boolean(),
                "overlap_s": { "type": "integer", "description": "Business seconds from the answer to the end." },
                "zone": string(),
            }),
        ),
    })
}

/// Lists the waits.
async fn waits(Extension(caller): Extension<Caller>, Query(pairs): Pairs) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let period = months(&caller, &mut asked);
    let reason = asked.choice("reason", PauseReason::from_code, &PauseReason::ALL.map(PauseReason::code));
    let sent = asked.take("cursor");
    let wanted = sent.as_deref().map_or(Some(1), |sent| sent.strip_prefix('p')?.parse::<u32>().ok());
    if wanted.is_none() {
        let words = t!(caller.language, "api.cursor").into_owned();
        asked.fields.wrong("cursor", words);
    }
    let Some((period, wanted)) = period.zip(wanted) else { return Err(asked.refused()) };
    asked.done()?;
    let found = overlaps(&caller.desk, &caller.actor, OverlapFilter { period, reason }, wanted).await?;
    let (paging, now) = (found.page.paging, found.now);
    let waits: Vec<Value> = found.page.rows.iter().map(|row| told(row, now)).collect();
    let next = paging.after().map(|page| format!("p{page}"));
    Ok(answer(StatusCode::OK, json!({ "waits": waits, "next": next })))
}

fn told(row: &OverlapRow, now: Instant) -> Value {
    let text = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    json!({
        "case": row.number.as_compact(),
        "country": row.country.code(),
        "customer": text(&row.customer),
        "reason": row.reason.code(),
        "set_by": text(&row.set_by),
        "from": time(row.from),
        "answered_at": time(row.answered_at),
        "answer": row.answer.code(),
        "to": time(row.to),
        "lasts": row.lasts(now),
        "overlap_s": row.overlap_s,
        "zone": row.zone.name,
    })
}

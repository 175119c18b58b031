//! Events: the changes of cases as they happen, from the feed that walls read.

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use domain::actor::Action;
use domain::case::Status;
use domain::country::Country;
use domain::priority::Platform;
use domain::t;
use domain::view::Change;
use serde_json::{Value, json};

use super::super::AppState;
use super::super::events::{Program, Refused, last_event_id, program};
use super::super::streams::{AGAIN_S, Full};
use super::caller::{Caller, bearer};
use super::cases::Pairs;
use super::input::Parameters;
use super::json::row;
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{
    codes, integer, object, priority, query, reference_or_null, string, text_or_null, time, time_or_null,
};

/// The operation of events.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            (Method::Get, "/events"),
            get(follow),
            ("followEvents", "Events", "Follow the changes of cases"),
        )
        .needs(Action::ReadWall)
        .about(
            "Server-sent events. `case` has the case after its change, each case in its last state. `start` and `reset` \
             say that the stream begins now: read the cases, with `changed_since` where some are known. `beat` comes every \
             ten seconds. After a lost connection `Last-Event-ID` or `after` brings what was missed, or `reset` when that \
             is too much. A token may have sixteen streams; one that is revoked ends.",
        )
        .parameter("events_after")
        .parameter("LastEventId")
        .streams("The events, without an end.", "CaseEvent"),
    ]
}

/// Parameters of events.
pub(super) fn parameters() -> Value {
    let number = json!({ "type": "integer", "minimum": 0 });
    json!({
        "events_after": query("after", "The `id` of the last event that is known.", &number),
        "LastEventId": {
            "name": "Last-Event-ID",
            "in": "header",
            "required": false,
            "description": "The same, as event sources send it by themselves.",
            "schema": number,
        },
    })
}

/// The schema of an event's data.
pub(super) fn schemas() -> Value {
    json!({
        "CaseEvent": object(
            &[
                "number", "version", "status", "priority", "country", "zone", "entitlement", "customer",
                "platform", "equipment", "place", "opened_at", "assignee", "unanswered_since",
            ],
            json!({
                "number": string(),
                "version": integer(),
                "status": codes(&Status::ALL.map(Status::code)),
                "priority": priority(),
                "country": codes(&Country::ALL.map(Country::code)),
                "zone": string(),
                "entitlement": string(),
                "customer": text_or_null(),
                "platform": codes(&Platform::ALL.map(Platform::code)),
                "equipment": string(),
                "place": text_or_null(),
                "opened_at": time(),
                "assignee": reference_or_null("Person"),
                "unanswered_since": time_or_null(),
            }),
        ),
    })
}

/// Follows the changes of cases.
async fn follow(
    State(site): State<AppState>,
    Extension(caller): Extension<Caller>,
    Query(pairs): Pairs,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let mut asked = Parameters::new(pairs, caller.language);
    let after = asked.take("after").and_then(|sent| {
        let number = sent.parse().ok().filter(|number: &i64| *number >= 0);
        if number.is_none() {
            let words = t!(caller.language, "api.number", least = 0, most = i64::MAX);
            asked.fields.wrong("after", words);
        }
        number
    });
    asked.done()?;
    let token = bearer(&headers).ok_or(ApiError::TokenMissing)?.to_owned();
    let after = after.or_else(|| last_event_id(&headers));
    let told = |change: &Change| row(&change.row).to_string();
    program(site, headers, caller.actor, Program { token, after, told }).await.map_err(refused)
}

fn refused(refused: Refused) -> ApiError {
    match refused {
        Refused::Full(Full::Share) => ApiError::TooOften(AGAIN_S),
        Refused::Full(Full::House) => ApiError::Bare(StatusCode::SERVICE_UNAVAILABLE),
        Refused::Desk(error) => error.into(),
    }
}

//! Alerts of monitoring systems, in the formats that these send: Alertmanager's webhooks, and the media type for Zabbix.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use desk::monitoring::{Taken, report_alerts};
use domain::actor::Action;
use domain::monitoring::{
    ALERTMANAGER_VERSIONS, ALERTS_MAX, AlertState, AlertmanagerMessage, Alerts, CASES_PER_HOUR_MAX,
    MessageProblem, ZabbixMessage,
};
use domain::t;
use serde_json::{Value, json};

use super::caller::Caller;
use super::input::body;
use super::json::answer;
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{codes, integer, list_of, object, string};

/// Most bytes of a group of alerts. Alertmanager loses a group that is refused: [`ALERTS_MAX`] alerts of 4 KiB have room.
const GROUP_BYTES: usize = ALERTS_MAX * 4096;

/// The operations of monitoring systems.
pub(super) fn operations() -> Vec<Operation> {
    const TAG: &str = "Monitoring";
    let words = format!(
        "An alert opens a case for the serial in its label or tag `serial`, else for that of its host in the integration's \
         table. The same one again opens no second case while that is open: its case hears of it once an hour at most. One \
         that is over is told, and closes nothing. What cannot become a case stands on the integration's page, counted as \
         `unplaced`. Beyond {CASES_PER_HOUR_MAX} cases an hour the answer is 503: send the same message again."
    );
    let held = format!(
        "The integration opened {CASES_PER_HOUR_MAX} cases within an hour. What fits was taken: send the same message again \
         after `Retry-After`."
    );
    vec![
        Operation::new(
            (Method::Post, "/monitoring/alertmanager"),
            post(alertmanager).layer(DefaultBodyLimit::max(GROUP_BYTES)),
            ("reportAlertmanagerAlerts", TAG, "Report alerts of Prometheus Alertmanager"),
        )
        .of_uploads()
        .needs(Action::ReportAlerts)
        .about(&words)
        .body("AlertmanagerMessage", alertmanager_example())
        .answers(200, "What became of the alerts.", "TakenAlerts")
        .refuses(429, "The token's quota is used up. Send the same message again after `Retry-After`.")
        .refuses(503, &held),
        Operation::new(
            (Method::Post, "/monitoring/zabbix"),
            post(zabbix),
            ("reportZabbixEvent", TAG, "Report an event of Zabbix"),
        )
        .needs(Action::ReportAlerts)
        .about(&words)
        .body("ZabbixMessage", zabbix_example())
        .answers(200, "What became of the alert.", "TakenAlerts")
        .refuses(429, "The token's quota is used up. Send the same message again after `Retry-After`.")
        .refuses(503, &held),
    ]
}

/// A group of one alert.
fn alertmanager_example() -> Value {
    json!({
        "version": "4",
        "groupKey": "{}:{alertname=\"ProbeFailure\"}",
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "vigia",
        "alerts": [{
            "status": "firing",
            "labels": {
                "alertname": "ProbeFailure", "instance": "sw-12.example:9100", "severity": "critical",
                "serial": "FOC2614A1B2",
            },
            "annotations": { "summary": "Switch down", "description": "No answer for five minutes." },
            "startsAt": "2026-11-23T13:08:45.828Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "1a30ba71cca2921f",
        }],
    })
}

/// A problem.
fn zabbix_example() -> Value {
    json!({
        "version": 1,
        "event_id": "90211",
        "trigger_id": "13926",
        "value": "1",
        "name": "Unavailable by ICMP ping",
        "host": "sw-12",
        "severity": "High",
        "serial": "FOC2614A1B2",
        "detail": "0 of 3",
    })
}

/// The schemas of both formats. They name what is read; other members may be there.
pub(super) fn schemas() -> Value {
    let texts = json!({
        "type": "object",
        "description": "Texts by their names.",
        "additionalProperties": string(),
    });
    let mut alerts = list_of("AlertmanagerAlert");
    alerts["maxItems"] = ALERTS_MAX.into();
    // What is not read may be anything.
    let unread = || json!({ "description": "Not read." });
    let fingerprint = json!({
        "type": "string",
        "description": "Up to 128 characters of ASCII. It is the same each time that the alert fires.",
    });
    json!({
        "AlertmanagerMessage": object(
            &["version", "alerts"],
            json!({
                "version": codes(&ALERTMANAGER_VERSIONS),
                "receiver": unread(),
                "status": unread(),
                "groupKey": string(),
                "truncatedAlerts": { "type": "integer", "minimum": 0 },
                "alerts": alerts,
            }),
        ),
        "AlertmanagerAlert": object(
            &["status", "fingerprint"],
            json!({
                "status": codes(&AlertState::ALL.map(AlertState::code)),
                "labels": texts.clone(),
                "annotations": texts,
                "startsAt": string(),
                "endsAt": string(),
                "fingerprint": fingerprint,
            }),
        ),
        "ZabbixMessage": object(
            &["version", "event_id", "trigger_id", "value", "name"],
            json!({
                "version": { "type": "integer", "enum": [1] },
                "event_id": string(),
                "trigger_id": { "type": "string", "description": "The number of the trigger." },
                "value": codes(&["0", "1"]),
                "name": string(),
                "host": string(),
                "severity": string(),
                "serial": string(),
                "detail": string(),
            }),
        ),
        "TakenAlerts": object(
            &["opened", "noted", "unchanged", "unplaced"],
            json!({
                "opened": integer(),
                "noted": integer(),
                "unchanged": integer(),
                "unplaced": integer(),
            }),
        ),
    })
}

/// Takes a message of Alertmanager.
async fn alertmanager(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let message: AlertmanagerMessage = body(&headers, &bytes)?;
    take(&caller, message.alerts()).await
}

/// Takes a message of Zabbix.
async fn zabbix(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let message: ZabbixMessage = body(&headers, &bytes)?;
    take(&caller, message.alerts()).await
}

async fn take(caller: &Caller, alerts: Result<Alerts, MessageProblem>) -> Result<Response, ApiError> {
    let alerts = alerts.map_err(|problem| wrong(caller, problem))?;
    let Taken { opened, noted, unchanged, unplaced, held } =
        report_alerts(&caller.desk, &caller.actor, alerts).await?;
    if held > 0 {
        // Senders try again after this status alone.
        tracing::warn!(
            integration = caller.integration.id.0,
            held,
            "alerts are held: too many cases in an hour"
        );
        return Err(ApiError::Bare(StatusCode::SERVICE_UNAVAILABLE));
    }
    let value = json!({ "opened": opened, "noted": noted, "unchanged": unchanged, "unplaced": unplaced });
    Ok(answer(StatusCode::OK, value))
}

/// The field that is wrong, with what to do.
fn wrong(caller: &Caller, problem: MessageProblem) -> ApiError {
    let language = caller.language;
    match problem {
        MessageProblem::Version => {
            ApiError::field("version", t!(language, "monitoring.message.version").into_owned())
        }
        MessageProblem::TooMany => {
            ApiError::field("alerts", t!(language, "monitoring.message.too_many", most = ALERTS_MAX))
        }
        MessageProblem::Fingerprint(nth) => ApiError::field(
            "fingerprint",
            t!(language, "monitoring.message.fingerprint", nth = nth.saturating_add(1)),
        ),
        MessageProblem::State(nth) => {
            ApiError::field("status", t!(language, "monitoring.message.state", nth = nth.saturating_add(1)))
        }
    }
}

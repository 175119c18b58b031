//! What webhooks are told: payloads with cases as the API gives them, and their place in the document.

use desk::calls::{CallRequest, read_request};
use desk::cases::read::read_case_as_of;
use desk::store::StoreError;
use desk::webhooks::{Payloads, Shape, Told};
use desk::{Desk, DeskError};
use domain::actor::Actor;
use domain::case::{Event, Recorded};
use domain::sla_plan::SlaMetric;
use domain::view::CasePage;
use domain::webhook::{ChatNotice, WebhookEvent, WebhookFormat};
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::json::{case, entry, time};

/// The version of payloads. It changes when an old receiver would notice.
const PAYLOAD_VERSION: u32 = 1;
/// The `type` of a test.
const TEST: &str = "test";

/// Payloads in the shape of the API.
#[derive(Debug, Clone, Copy)]
pub struct ApiPayloads;

impl Payloads for ApiPayloads {
    fn body<'a>(
        &'a self,
        desk: &'a Desk,
        told: Told,
        shape: Shape,
    ) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        Box::pin(async move {
            let Shape { format, language } = shape;
            let (number, version, event) = match told {
                Told::Test(at) => {
                    let link = format!("{}/desk", desk.public_url());
                    let told = message(&ChatNotice::test(language, link), format)?;
                    return Ok(Some(
                        told.unwrap_or_else(|| payload(TEST, &time(at), &json!({})).to_string()),
                    ));
                }
                Told::Call { request, .. } => return Ok(read_request(desk, request).await?.map(called)),
                Told::Entry { number, version, event } => (number, version, event),
            };
            let (page, recorded) = match read_case_as_of(desk, &Actor::System, number, version).await {
                Ok(read) => read,
                Err(DeskError::Store(error)) => return Err(error),
                Err(_) => return Ok(None),
            };
            let link = format!("{}/desk/cases/{}", desk.public_url(), number.as_compact());
            let told = message(&ChatNotice::of_case(language, &page, event, link), format)?;
            Ok(Some(told.unwrap_or_else(|| of_entry(&page, &recorded, event).to_string())))
        })
    }
}

/// The body of a request for a call.
fn called(request: CallRequest) -> String {
    let CallRequest { id, number, extension, agent, case, at } = request;
    let data = json!({
        "id": id,
        "number": number,
        "extension": extension,
        "agent": { "id": agent.id.0, "name": agent.name },
        "case": case.map(|case| case.as_compact()),
    });
    payload(&WebhookEvent::CallRequested.type_name(), &time(at), &data).to_string()
}

/// A message of a chat program; `None` for the desk's own format.
fn message(notice: &ChatNotice, format: WebhookFormat) -> Result<Option<String>, StoreError> {
    let body = notice.body(format);
    body.map(|body| serde_json::to_string(&body))
        .transpose()
        .map_err(|error| StoreError::Inconsistent { table: "webhook_deliveries", what: error.to_string() })
}

/// A case and its entry in the shape of the API.
fn of_entry(page: &CasePage, recorded: &Recorded, event: WebhookEvent) -> Value {
    let target = match &recorded.event {
        Event::Warned { clock, cycle, level } => {
            json!({ "metric": clock.code(), "cycle": cycle, "level": level })
        }
        _ => Value::Null,
    };
    let data = json!({
        "case": case(page),
        "entry": entry(recorded, page.opening.language),
        "target": target,
    });
    payload(&event.type_name(), &time(recorded.at), &data)
}

fn payload(kind: &str, at: &Value, data: &Value) -> Value {
    json!({ "type": kind, "timestamp": at, "version": PAYLOAD_VERSION, "data": data })
}

/// The member `webhooks` of the document: one request for each event, and the test.
pub(super) fn described() -> Value {
    let metrics: Vec<&str> = SlaMetric::ALL.into_iter().map(SlaMetric::code).collect();
    let of_case = json!({
        "type": "object",
        "required": ["case", "entry", "target"],
        "properties": {
            "case": { "$ref": "#/components/schemas/Case" },
            "entry": { "$ref": "#/components/schemas/Entry" },
            "target": {
                "type": ["object", "null"],
                "description": "Of warnings alone: which target, and the share of it that is used up, in per cent.",
                "required": ["metric", "cycle", "level"],
                "properties": {
                    "metric": { "type": "string", "enum": metrics },
                    "cycle": { "type": "integer" },
                    "level": { "type": "integer" },
                },
            },
        },
    });
    let of_call = json!({
        "type": "object",
        "required": ["id", "number", "extension", "agent", "case"],
        "properties": {
            "id": { "type": "integer", "description": "The same in all requests that tell of it." },
            "number": { "type": "string", "description": "The number to call, in E.164." },
            "extension": { "type": "string", "description": "The extension of the agent, which is called first." },
            "agent": { "$ref": "#/components/schemas/Person" },
            "case": { "type": ["string", "null"], "description": "The case that the call is about." },
        },
    });
    let mut all: Map<String, Value> = WebhookEvent::ALL
        .into_iter()
        .map(|event| {
            let kind = event.type_name();
            let data = if event == WebhookEvent::CallRequested { &of_call } else { &of_case };
            let item = request(&kind, about(event), data);
            (kind, item)
        })
        .collect();
    let nothing = json!({ "type": "object" });
    all.insert(TEST.to_owned(), request(TEST, "An administrator tries the webhook.", &nothing));
    all.into()
}

const fn about(event: WebhookEvent) -> &'static str {
    match event {
        WebhookEvent::Opened => "A case was opened.",
        WebhookEvent::Contacted => {
            "A person of the desk contacted the customer. The first contact is the first response."
        }
        WebhookEvent::Assigned => "The assignee changed; `assignee` is `null` after a release.",
        WebhookEvent::PriorityChanged => "The priority changed.",
        WebhookEvent::CustomerWrote => "The customer wrote a message.",
        WebhookEvent::VisitAgreed => "A visit was agreed.",
        WebhookEvent::TargetWarned => "A warning level of a target was reached.",
        WebhookEvent::TargetBreached => "A target was breached, by the warning level of 100 per cent.",
        WebhookEvent::Resolved => "The case was resolved; the customer is asked to verify it.",
        WebhookEvent::Reopened => "The case was reopened.",
        WebhookEvent::Closed => "The case was closed, also as a duplicate.",
        WebhookEvent::Cancelled => "The case was cancelled.",
        WebhookEvent::CallRequested => {
            "An agent asked for a call. It is told once, within a minute or not at all."
        }
    }
}

fn request(kind: &str, words: &str, data: &Value) -> Value {
    let header = |name: &str, words: &str| json!({ "name": name, "in": "header", "required": true, "description": words, "schema": { "type": "string" } });
    json!({ "post": {
        "summary": words,
        "description": "The case is as it was after `entry`. Requests may come twice or in another order: `webhook-id` is the \
                        same in all attempts, and `version` of the case rises. What is not answered with 2xx within 15 seconds is \
                        tried again for three days. Redirects are not followed.",
        "security": [],
        "parameters": [
            header("webhook-id", "Tells repetitions."),
            header("webhook-timestamp", "Time of the attempt, in seconds since 1970."),
            header(
                "webhook-signature",
                "By Standard Webhooks: `v1,` and the HMAC-SHA256 of `id.timestamp.body` in Base64. For a day after a rotation \
                 there are two, separated by a blank.",
            ),
        ],
        "requestBody": { "required": true, "content": { "application/json": { "schema": {
            "type": "object",
            "required": ["type", "timestamp", "version", "data"],
            "properties": {
                "type": { "type": "string", "enum": [kind] },
                "timestamp": { "type": "string", "format": "date-time", "description": "Time of the event." },
                "version": { "type": "integer", "enum": [PAYLOAD_VERSION] },
                "data": data,
            },
        } } } },
        "responses": { "2XX": { "description": "The receiver took it." } },
    } })
}

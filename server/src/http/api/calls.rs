//! Telephone calls, as an exchange reports them.

use axum::Extension;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use desk::calls::{AgentName, NewReport, report};
use domain::actor::Action;
use domain::call::{
    CALL_ID_CHARS_MAX, CALL_LENGTH_S_MAX, CALL_TEXT_CHARS_MAX, CallDirection, CallId, CallState,
};
use domain::country::Country;
use domain::mail_address::MailAddress;
use domain::phone::Extension as TelephoneExtension;
use domain::t;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::commands::done;
use super::input::{Fields, body, whole};
use super::json::answer;
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{closed, codes, country, object, or_null, reference_or_null, string};

/// The operation of calls.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            (Method::Post, "/calls"),
            post(take_in),
            ("reportCall", "Telephone", "Report a telephone call"),
        )
        .needs(Action::ReportCalls)
        .about(
            "The desk shows the caller to the agent at whose extension it rings. Reports of a call have the exchange's \
             own id of it. They may come twice, late or in another order: of each state the earliest counts, and an end \
             stays an end. A call without an end expires: after two minutes of ringing, or four hours after the answer. \
             No `Idempotency-Key` is needed.",
        )
        .body("NewCall", example())
        .answers(201, "The report was taken in.", "Call"),
    ]
}

fn example() -> Value {
    json!({
        "id": "1764547200.17",
        "state": "ringing",
        "direction": "incoming",
        "number": "0412 555 0142",
        "country": "VE",
        "line": "0800 2776390",
        "extension": "204",
    })
}

/// Schemas of calls.
pub(super) fn schemas() -> Value {
    // Exchanges write these in many ways, with blanks around them: what is longer is cut.
    let text = |words: &str| json!({ "type": ["string", "null"], "description": format!("{words} Cut to {CALL_TEXT_CHARS_MAX} characters.") });
    let digits = TelephoneExtension::MAX;
    let mut country = or_null(country());
    country["description"] = "Of numbers without a plus; without it the country of the token.".into();
    json!({
        "NewCall": closed(
            &["id", "state"],
            json!({
                "id": {
                    "type": "string",
                    "minLength": 1,
                    "description": format!(
                        "The exchange's own id, up to {CALL_ID_CHARS_MAX} characters of ASCII, the same in all reports of the call."
                    ),
                },
                "state": codes(&CallState::ALL.map(CallState::code)),
                "direction": or_null(codes(&CallDirection::ALL.map(CallDirection::code))),
                "number": text("Of the other side."),
                "country": country,
                "line": text("The number that was called."),
                "extension": {
                    "type": ["string", "null"],
                    "description": format!(
                        "Of the agent, up to {digits} digits; or `agent`. Without both, or with an empty one, the report is \
                         about the call as a whole."
                    ),
                },
                "agent": { "type": ["string", "null"], "description": "The mail address of the agent, instead of `extension`." },
                "at": { "type": ["string", "null"], "format": "date-time", "description": "When it came to the state; now without it." },
                "length_s": {
                    "type": ["integer", "null"],
                    "minimum": 0,
                    "maximum": CALL_LENGTH_S_MAX,
                    "description": "With `ended`: for how many seconds they talked.",
                },
            }),
        ),
        "Call": object(
            &["id", "state", "agent"],
            json!({
                "id": string(),
                "state": codes(&CallState::ALL.map(CallState::code)),
                "agent": reference_or_null("Person"),
            }),
        ),
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCall {
    id: Option<String>,
    state: Option<String>,
    direction: Option<String>,
    number: Option<String>,
    country: Option<String>,
    line: Option<String>,
    extension: Option<String>,
    agent: Option<String>,
    at: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    length_s: Option<i64>,
}

impl NewCall {
    /// The report, or every field that is wrong.
    fn read(self, mut fields: Fields) -> Result<NewReport, ApiError> {
        let language = fields.language();
        let call = fields.text("id", self.id.as_deref(), CallId::parse, |_, language| {
            t!(language, "api.call_id", most = CALL_ID_CHARS_MAX)
        });
        let codes = CallState::ALL.map(CallState::code);
        let state = fields.choice("state", self.state.as_deref(), CallState::from_code, &codes);
        let codes = CallDirection::ALL.map(CallDirection::code);
        let direction = match self.direction.as_deref() {
            None => Some(CallDirection::Incoming),
            code => fields.choice("direction", code, CallDirection::from_code, &codes),
        };
        let country = self.country.as_deref().and_then(|code| {
            fields.choice("country", Some(code), Country::from_code, &Country::ALL.map(Country::code))
        });
        let extension =
            self.extension.as_deref().filter(|typed| !typed.trim().is_empty()).and_then(|typed| {
                let parse = |typed: &str| TelephoneExtension::try_from(typed.trim().to_owned());
                fields.text("extension", Some(typed), parse, |_, language| {
                    t!(language, "admin.extension.problem", most = TelephoneExtension::MAX)
                })
            });
        let mail =
            fields.optional("agent", self.agent.as_deref(), MailAddress::parse, |problem, language| {
                problem.message(language)
            });
        let at = fields.optional_time("at", self.at.as_deref());
        let length_s = self.length_s.filter(|length_s| {
            let fits = (0..=CALL_LENGTH_S_MAX).contains(length_s);
            if !fits {
                fields.wrong("length_s", t!(language, "api.number", least = 0, most = CALL_LENGTH_S_MAX));
            }
            fits
        });
        let read = call.zip(state).zip(direction);
        let ((call, state), direction) = done(read, fields)?;
        Ok(NewReport {
            call,
            state,
            direction,
            number: self.number.unwrap_or_default(),
            country,
            line: self.line.unwrap_or_default(),
            agent: extension.map(AgentName::Extension).or(mail.map(AgentName::Mail)),
            at,
            length_s,
        })
    }
}

/// Takes a report in.
async fn take_in(
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let new = body::<NewCall>(&headers, &bytes)?.read(Fields::new(caller.language))?;
    let id = new.call.as_str().to_owned();
    let reported = report(&caller.desk, &caller.actor, new).await?;
    let agent = reported.agent.map(|agent| json!({ "id": agent.id.0, "name": agent.name }));
    let value = json!({ "id": id, "state": reported.state.code(), "agent": agent });
    Ok(answer(StatusCode::CREATED, value))
}

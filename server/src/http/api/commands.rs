//! Commands to a case. Facts (notes, messages, contacts) fit any version; what steers names the version that was read.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use desk::cases::execute::{Expected, execute_command};
use domain::actor::{Action, PersonId};
use domain::case::{
    AskedBy, Assignee, AssignmentCommand, AttemptOutcome, Audience, Category, Channel, Command,
    MessageCommand, PauseReason, TerminationCommand, Verdict,
};
use domain::causes::CauseCode;
use domain::priority::Priority;
use domain::t;
use domain::text::{Note, PersonName, Reason, TextProblem};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::AppState;
use super::caller::Caller;
use super::input::{Fields, body, case_number, if_match, version, whole};
use super::json::tagged;
use super::operation::{Method, Operation};
use super::problem::ApiError;

/// Words of a text's problem.
pub(super) const TEXT: fn(&TextProblem, domain::i18n::Language) -> String =
    |problem, language| problem.message(language);

/// A body that becomes a command.
pub(super) trait Asked: DeserializeOwned + Send + 'static {
    /// Whether the command steers the case, so that it must name a version.
    const STEERS: bool;

    /// The command, or every field that is wrong.
    fn command(self, fields: Fields) -> Result<Command, ApiError>;
}

/// The operations of commands.
pub(super) fn operations() -> Vec<Operation> {
    let mut all = facts();
    all.extend(steps());
    all.extend(ends());
    all
}

/// The operation of a command.
pub(super) fn operation<T: Asked>(
    path: &'static str,
    (id, summary): (&'static str, &'static str),
    action: Action,
    (schema, example): (&'static str, Value),
) -> Operation {
    let operation = Operation::new((Method::Post, path), handler::<T>(), (id, "Work on cases", summary))
        .needs(action)
        .body(schema, example)
        .answers(200, "It is done; the answer has the version after it.", "CaseVersion");
    operation.parameter(if T::STEERS { "IfMatch" } else { "IfMatchOptional" })
}

fn facts() -> Vec<Operation> {
    vec![
        operation::<NewNote>(
            "/cases/{number}/notes",
            ("addNote", "Add a note"),
            Action::WorkCase,
            ("NewNote", json!({ "text": "El servidor responde de nuevo al ping.", "audience": "internal" })),
        )
        .about("An internal note is read by the staff alone, a public one by the customer too."),
        operation::<NewMessage>(
            "/cases/{number}/messages",
            ("sendMessage", "Send an update to the customer"),
            Action::WorkCase,
            ("NewMessage", json!({ "text": "El repuesto llega mañana a primera hora." })),
        )
        .about("By mail and on the case's page. It meets the target of the next update."),
        operation::<NewContact>(
            "/cases/{number}/contacts",
            ("logContact", "Log a contact with the customer"),
            Action::WorkCase,
            ("NewContact", json!({ "channel": "phone", "note": "Confirma que sigue sin red." })),
        )
        .about(
            "With an `outcome`, a failed attempt, which stops no clock. `next_update_by` commits the desk to an update.",
        ),
    ]
}

fn steps() -> Vec<Operation> {
    vec![
        operation::<NewWait>(
            "/cases/{number}/wait",
            ("waitCase", "Put a case on hold"),
            Action::WorkCase,
            ("NewWait", json!({ "reason": "spare_part", "until": "2099-12-01T14:00:00Z" })),
        ),
        operation::<Empty>(
            "/cases/{number}/resume",
            ("resumeCase", "End the wait of a case"),
            Action::WorkCase,
            ("Empty", json!({})),
        ),
        operation::<NewPriority>(
            "/cases/{number}/priority",
            ("changePriority", "Change the priority of a case"),
            Action::ChangePriority,
            ("NewPriority", json!({ "priority": "P1", "reason": "Toda la sede está sin servicio." })),
        ),
        operation::<NewAssignee>(
            "/cases/{number}/assign",
            ("assignCase", "Assign a case to a person"),
            Action::AssignCase,
            ("NewAssignee", json!({ "person": 1 })),
        )
        .about("`null` releases the case. With a `reason`, it is transferred from its assignee."),
    ]
}

fn ends() -> Vec<Operation> {
    let resolution = json!({
        "category": "hardware",
        "cause": "Fuente de poder dañada.",
        "solution": "Se reemplazó la fuente de poder.",
    });
    vec![
        operation::<NewResolution>(
            "/cases/{number}/resolve",
            ("resolveCase", "Resolve a case"),
            Action::WorkCase,
            ("NewResolution", resolution),
        )
        .about("The customer is asked to verify the solution."),
        operation::<NewVerdict>(
            "/cases/{number}/verify",
            ("verifyCase", "Record the customer's verdict on the solution"),
            Action::WorkCase,
            ("NewVerdict", json!({ "verdict": "works", "channel": "phone", "who": "Ana Rivas" })),
        ),
        operation::<NewClosing>(
            "/cases/{number}/close",
            ("closeCase", "Close a case without the customer's confirmation"),
            Action::WorkCase,
            ("NewClosing", json!({ "reason": "El cliente no responde desde hace dos semanas." })),
        )
        .about("Once the verification is overdue by the plan."),
        operation::<NewCancellation>(
            "/cases/{number}/cancel",
            ("cancelCase", "Cancel a case"),
            Action::CancelCase,
            ("NewCancellation", json!({ "asked_by": "customer", "reason": "La alarma fue una prueba." })),
        ),
    ]
}

/// The handler of a command.
fn handler<T: Asked>() -> MethodRouter<AppState> {
    post(
        async |Extension(caller): Extension<Caller>,
               Path(number): Path<String>,
               headers: HeaderMap,
               bytes: Bytes| execute::<T>(&caller, &number, &headers, &bytes).await,
    )
}

async fn execute<T: Asked>(
    caller: &Caller,
    number: &str,
    headers: &HeaderMap,
    bytes: &Bytes,
) -> Result<Response, ApiError> {
    let number = case_number(number)?;
    let expected = if T::STEERS { version(headers)? } else { if_match(headers)?.unwrap_or(Expected::Any) };
    let command = body::<T>(headers, bytes)?.command(Fields::new(caller.language))?;
    let version = execute_command(&caller.desk, &caller.actor, number, expected, command).await?;
    Ok(tagged(StatusCode::OK, version, json!({ "number": number.as_compact(), "version": version })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewNote {
    text: Option<String>,
    audience: Option<String>,
}

impl Asked for NewNote {
    const STEERS: bool = false;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let text = fields.text("text", self.text.as_deref(), Note::parse, TEXT);
        let audience = match &self.audience {
            None => Some(Audience::Internal),
            code => fields.choice(
                "audience",
                code.as_deref(),
                Audience::from_code,
                &Audience::ALL.map(Audience::code),
            ),
        };
        match (text, audience) {
            (Some(text), Some(audience)) => Ok(Command::AddNote { audience, text }),
            _ => Err(fields.refused()),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    text: Option<String>,
    next_update_by: Option<String>,
}

impl Asked for NewMessage {
    const STEERS: bool = false;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let text = fields.text("text", self.text.as_deref(), Note::parse, TEXT);
        let next = fields.optional_time("next_update_by", self.next_update_by.as_deref());
        let text = done(text, fields)?;
        Ok(Command::Message(MessageCommand::SendUpdate { text, next }))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContact {
    channel: Option<String>,
    outcome: Option<String>,
    note: Option<String>,
    next_update_by: Option<String>,
}

impl Asked for NewContact {
    const STEERS: bool = false;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let channel = channel(&mut fields, self.channel.as_deref());
        let note = fields.optional("note", self.note.as_deref(), Note::parse, TEXT);
        let outcome = self.outcome.as_deref().and_then(|code| {
            let codes = AttemptOutcome::ALL.map(AttemptOutcome::code);
            fields.choice("outcome", Some(code), AttemptOutcome::from_code, &codes)
        });
        let next = fields.optional_time("next_update_by", self.next_update_by.as_deref());
        let channel = done(channel, fields)?;
        Ok(match (outcome, next) {
            // A failed attempt commits to nothing.
            (Some(outcome), _) => Command::LogAttempt { channel, outcome, note },
            (None, Some(next)) => Command::Message(MessageCommand::Contact { channel, note, next }),
            (None, None) => Command::LogContact { channel, note },
        })
    }
}

/// A channel of contact.
pub(super) fn channel(fields: &mut Fields, code: Option<&str>) -> Option<Channel> {
    fields.choice("channel", code, Channel::from_code, &Channel::ALL.map(Channel::code))
}

/// A value that must be there, once nothing else is wrong.
pub(super) fn done<T>(value: Option<T>, fields: Fields) -> Result<T, ApiError> {
    match value {
        Some(value) => fields.done().map(|()| value),
        None => Err(fields.refused()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewWait {
    reason: Option<String>,
    until: Option<String>,
    detail: Option<String>,
    allowed_by: Option<String>,
}

impl Asked for NewWait {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let codes = PauseReason::ALL.map(PauseReason::code);
        let reason = fields.choice("reason", self.reason.as_deref(), PauseReason::from_code, &codes);
        let until = fields.time("until", self.until.as_deref());
        let detail = fields.optional("detail", self.detail.as_deref(), Reason::parse, TEXT);
        let allowed_by = fields.optional("allowed_by", self.allowed_by.as_deref(), PersonName::parse, TEXT);
        let (reason, until) = done(reason.zip(until), fields)?;
        Ok(Command::Pause { reason, detail, until, allowed_by })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

impl Asked for Empty {
    const STEERS: bool = true;

    fn command(self, _: Fields) -> Result<Command, ApiError> {
        Ok(Command::Resume)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPriority {
    priority: Option<String>,
    reason: Option<String>,
}

impl Asked for NewPriority {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let codes = Priority::ALL.map(Priority::code);
        let to = fields.choice("priority", self.priority.as_deref(), Priority::from_code, &codes);
        let reason = fields.text("reason", self.reason.as_deref(), Reason::parse, TEXT);
        let (to, reason) = done(to.zip(reason), fields)?;
        Ok(Command::ChangePriority { to, reason })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAssignee {
    /// `None` releases the case. The member must be there: an empty body releases nothing.
    #[serde(deserialize_with = "whole")]
    person: Option<i64>,
    reason: Option<String>,
}

impl Asked for NewAssignee {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let reason = fields.optional("reason", self.reason.as_deref(), Reason::parse, TEXT);
        fields.done()?;
        // The desk knows the person's name.
        let to = self.person.map(|id| Assignee { id: PersonId(id), name: String::new() });
        Ok(Command::Assignment(match (to, reason) {
            (None, _) => AssignmentCommand::Release,
            (Some(to), None) => AssignmentCommand::Assign { to },
            (Some(to), Some(reason)) => AssignmentCommand::Transfer { to, reason },
        }))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewResolution {
    category: Option<String>,
    cause: Option<String>,
    solution: Option<String>,
    chosen_cause: Option<String>,
}

impl Asked for NewResolution {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let codes = Category::ALL.map(Category::code);
        let category = fields.choice("category", self.category.as_deref(), Category::from_code, &codes);
        let cause = fields.text("cause", self.cause.as_deref(), Note::parse, TEXT);
        let solution = fields.text("solution", self.solution.as_deref(), Note::parse, TEXT);
        let chosen =
            fields.optional("chosen_cause", self.chosen_cause.as_deref(), CauseCode::parse, |_, language| {
                t!(language, "problem.not_chosen").into_owned()
            });
        let ((category, cause), solution) = done(category.zip(cause).zip(solution), fields)?;
        Ok(Command::Resolve { category, cause, solution, chosen, classification: None })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewVerdict {
    verdict: Option<String>,
    channel: Option<String>,
    who: Option<String>,
    said: Option<String>,
}

impl Asked for NewVerdict {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let codes = Verdict::ALL.map(Verdict::code);
        let verdict = fields.choice("verdict", self.verdict.as_deref(), Verdict::from_code, &codes);
        let channel = channel(&mut fields, self.channel.as_deref());
        let who = fields.optional("who", self.who.as_deref(), PersonName::parse, TEXT);
        let said = fields.optional("said", self.said.as_deref(), Note::parse, TEXT);
        let (verdict, channel) = done(verdict.zip(channel), fields)?;
        Ok(Command::Verify { verdict, channel: Some(channel), who, said })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewClosing {
    reason: Option<String>,
}

impl Asked for NewClosing {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let reason = fields.text("reason", self.reason.as_deref(), Reason::parse, TEXT);
        Ok(Command::CloseUnconfirmed { reason: done(reason, fields)? })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCancellation {
    asked_by: Option<String>,
    reason: Option<String>,
}

impl Asked for NewCancellation {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let codes = AskedBy::ALL.map(AskedBy::code);
        let asked_by = fields.choice("asked_by", self.asked_by.as_deref(), AskedBy::from_code, &codes);
        let reason = fields.text("reason", self.reason.as_deref(), Reason::parse, TEXT);
        let (asked_by, reason) = done(asked_by.zip(reason), fields)?;
        Ok(Command::Termination(TerminationCommand::Cancel { asked_by, reason }))
    }
}

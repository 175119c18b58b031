//! What is set right in a case: impact, contract and serial, the report, a contact that was logged by mistake. And cases
//! that are opened again or are duplicates.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use desk::cases::execute::execute_command;
use desk::cases::read::read_case;
use domain::actor::Action;
use domain::case::{
    AmendField, AmendForm, Command, ContractRef, PriorityInputs, RevisionCommand, TerminationCommand,
};
use domain::case_number::CaseNumber;
use domain::contract_number::ContractNumberProblem;
use domain::priority::{Severity, Urgency};
use domain::serial::{Serial, SerialProblem};
use domain::t;
use domain::text::{Note, Reason};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::AppState;
use super::caller::Caller;
use super::commands::{Asked, TEXT, done, operation};
use super::input::{Fields, body, case_number, version, whole};
use super::json::tagged;
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{closed, codes, string, text_or_null};

/// The operations of corrections.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        operation::<NewImpact>(
            "/cases/{number}/impact",
            ("changeImpact", "Change severity or urgency"),
            Action::ChangePriority,
            (
                "NewImpact",
                json!({ "severity": "low", "urgency": "low", "reason": "Hay un equipo de respaldo en servicio." }),
            ),
        )
        .about("The priority follows from both by the plan of the case. The customer reads the reason."),
        steering(
            "/cases/{number}/correct",
            ("correctCase", "Correct contract or serial"),
            Action::CorrectCase,
            post(correct),
            (
                "NewCorrection",
                json!({ "contract": "CPS-VE-004213-58", "serial": "FOC2614A1B9", "reason": "La etiqueta dice otra serie." }),
            ),
        )
        .about("Plan and targets follow. A `contract` of `null` is an unknown one."),
        steering(
            "/cases/{number}/amend",
            ("amendCase", "Amend contact, location or fault"),
            Action::AmendPlace,
            post(amend),
            ("NewAmendment", json!({ "location": "Torre Ávila, piso 8", "reason": "Se mudaron de piso." })),
        )
        .about("What is absent stays. An empty `second_phone` takes it away. Targets do not change. It needs `read_cases` as well."),
        operation::<NewUndoneContact>(
            "/cases/{number}/contacts/undo",
            ("undoContact", "Undo a contact that was logged by mistake"),
            Action::WorkCase,
            ("NewUndoneContact", json!({ "contact": 2 })),
        )
        .about("Within ten minutes, by the version of its entry."),
        operation::<NewReopening>(
            "/cases/{number}/reopen",
            ("reopenCase", "Reopen a closed case"),
            Action::Reopen,
            ("NewReopening", json!({ "said": "Se apagó otra vez." })),
        ),
        operation::<NewDuplicate>(
            "/cases/{number}/duplicate",
            ("closeDuplicate", "Close a case as a duplicate of another"),
            Action::CancelCase,
            ("NewDuplicate", json!({ "of": "VE2600000121" })),
        ),
    ]
}

/// An operation whose command is made from the case.
fn steering(
    path: &'static str,
    (id, summary): (&'static str, &'static str),
    action: Action,
    handler: MethodRouter<AppState>,
    (schema, example): (&'static str, Value),
) -> Operation {
    Operation::new((Method::Post, path), handler, (id, "Work on cases", summary))
        .needs(action)
        .body(schema, example)
        .answers(200, "It is done; the answer has the version after it.", "CaseVersion")
        .parameter("IfMatch")
}

/// Schemas of corrections.
pub(super) fn schemas() -> Value {
    let reason = json!({ "type": "string", "minLength": 3, "maxLength": 300 });
    json!({
        "NewImpact": closed(
            &["severity", "urgency", "reason"],
            json!({
                "severity": codes(&Severity::ALL.map(Severity::code)),
                "urgency": codes(&Urgency::ALL.map(Urgency::code)),
                "reason": reason.clone(),
            }),
        ),
        "NewCorrection": closed(
            &["contract", "serial", "reason"],
            json!({ "contract": text_or_null(), "serial": string(), "reason": reason.clone() }),
        ),
        "NewAmendment": closed(
            &["reason"],
            json!({
                "contact_name": text_or_null(),
                "contact_phone": text_or_null(),
                "second_phone": text_or_null(),
                "contact_mail": text_or_null(),
                "location": text_or_null(),
                "fault": text_or_null(),
                "reason": reason,
            }),
        ),
        "NewUndoneContact": closed(
            &["contact"],
            json!({ "contact": { "type": "integer", "minimum": 1, "maximum": u32::MAX, "description": "Version of its entry." } }),
        ),
        "NewReopening": closed(
            &["said"],
            json!({ "said": { "type": "string", "minLength": 1, "maxLength": 4000, "description": "What fails again." } }),
        ),
        "NewDuplicate": closed(
            &["of"],
            json!({ "of": { "type": "string", "minLength": 1, "maxLength": 40, "description": "The other case." } }),
        ),
    })
}

/// Executes a command that steers, and tells the version after it.
async fn steered(
    caller: &Caller,
    number: CaseNumber,
    headers: &HeaderMap,
    command: Command,
) -> Result<Response, ApiError> {
    let expected = version(headers)?;
    let version = execute_command(&caller.desk, &caller.actor, number, expected, command).await?;
    Ok(tagged(StatusCode::OK, version, json!({ "number": number.as_compact(), "version": version })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCorrection {
    /// The member must be there: an empty body forgets no contract.
    #[serde(deserialize_with = "Option::deserialize")]
    contract: Option<String>,
    serial: Option<String>,
    reason: Option<String>,
}

/// Corrects contract or serial, by the desk's formats of numbers.
async fn correct(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let number = case_number(&number)?;
    version(&headers)?;
    let sent = body::<NewCorrection>(&headers, &bytes)?;
    let mut fields = Fields::new(caller.language);
    let formats = caller.desk.formats();
    let contract = fields.optional(
        "contract",
        sent.contract.as_deref(),
        |text| formats.parse(text),
        |problem: &ContractNumberProblem, language| problem.message(language),
    );
    let serial =
        fields.text("serial", sent.serial.as_deref(), Serial::parse, |problem: &SerialProblem, language| {
            problem.message(language)
        });
    let reason = fields.text("reason", sent.reason.as_deref(), Reason::parse, TEXT);
    let (serial, reason) = done(serial.zip(reason), fields)?;
    let to = ContractRef { contract, serial };
    let command = Command::Revision(RevisionCommand::Correct { to, reason, resolved: None });
    steered(&caller, number, &headers, command).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAmendment {
    contact_name: Option<String>,
    contact_phone: Option<String>,
    second_phone: Option<String>,
    contact_mail: Option<String>,
    location: Option<String>,
    fault: Option<String>,
    reason: Option<String>,
}

/// Amends the report as it is at the version that the caller names.
async fn amend(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let number = case_number(&number)?;
    version(&headers)?;
    let sent = body::<NewAmendment>(&headers, &bytes)?;
    let report = read_case(&caller.desk, &caller.actor, number).await?.opening.report;
    let shown = AmendForm::of(&report);
    let form = AmendForm {
        name: sent.contact_name.unwrap_or(shown.name),
        phone: sent.contact_phone.unwrap_or(shown.phone),
        second: sent.second_phone.unwrap_or(shown.second),
        mail: sent.contact_mail.unwrap_or(shown.mail),
        location: sent.location.unwrap_or(shown.location),
        fault: sent.fault.unwrap_or(shown.fault),
        reason: sent.reason.unwrap_or_default(),
    };
    let what = form.read(&report).map_err(|problems| {
        let mut fields = Fields::new(caller.language);
        for (field, problem) in problems {
            fields.wrong(name(field), problem.message(caller.language));
        }
        fields.refused()
    })?;
    let command = Command::Revision(RevisionCommand::Amend { what: Box::new(what), undelivered: 0 });
    steered(&caller, number, &headers, command).await
}

const fn name(field: AmendField) -> &'static str {
    match field {
        AmendField::Name => "contact_name",
        AmendField::Phone => "contact_phone",
        AmendField::Second => "second_phone",
        AmendField::Mail => "contact_mail",
        AmendField::Location => "location",
        AmendField::Fault => "fault",
        AmendField::Reason => "reason",
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewImpact {
    severity: Option<String>,
    urgency: Option<String>,
    reason: Option<String>,
}

impl Asked for NewImpact {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let severities = Severity::ALL.map(Severity::code);
        let severity = fields.choice("severity", self.severity.as_deref(), Severity::from_code, &severities);
        let urgencies = Urgency::ALL.map(Urgency::code);
        let urgency = fields.choice("urgency", self.urgency.as_deref(), Urgency::from_code, &urgencies);
        let reason = fields.text("reason", self.reason.as_deref(), Reason::parse, TEXT);
        let ((severity, urgency), reason) = done(severity.zip(urgency).zip(reason), fields)?;
        let to = PriorityInputs { severity, urgency };
        Ok(Command::Revision(RevisionCommand::Reprioritize { to, reason }))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewUndoneContact {
    #[serde(deserialize_with = "whole")]
    contact: Option<i64>,
}

impl Asked for NewUndoneContact {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let contact = self.contact.and_then(|contact| u32::try_from(contact).ok());
        if contact.is_none() {
            let words = t!(fields.language(), "api.number", least = 1, most = u32::MAX);
            fields.wrong("contact", words);
        }
        Ok(Command::Revision(RevisionCommand::UndoContact { contact: done(contact, fields)? }))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReopening {
    said: Option<String>,
}

impl Asked for NewReopening {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let said = fields.text("said", self.said.as_deref(), Note::parse, TEXT);
        Ok(Command::Reopen { said: done(said, fields)? })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDuplicate {
    of: Option<String>,
}

impl Asked for NewDuplicate {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let of = fields.text("of", self.of.as_deref(), CaseNumber::parse, |_, language| {
            t!(language, "api.not_found").into_owned()
        });
        let of = done(of, fields)?;
        Ok(Command::Termination(TerminationCommand::CloseAsDuplicate { of, other: None }))
    }
}

//! Agreed visits: moved, given to another technician, missed, and reported from the site.

use std::num::NonZeroU16;

use app::AppError;
use domain::actor::Action;
use domain::case::Command;
use domain::case::visit::{Conformity, MoveTo, NoShowReason, Part, Side, VisitCommand, WorkReport};
use domain::t;
use domain::text::{Note, Reason};
use serde::Deserialize;
use serde_json::{Value, json};

use super::commands::{Asked, TEXT, done, operation};
use super::input::{Fields, whole};
use super::operation::Operation;
use super::problem::ApiError;
use super::schema::{closed, codes, id, list_of, reference, string};
use super::visits::{NewWindow, TAG, despite, one_window, statement, technician, windows};

/// The operations of agreed visits.
pub(super) fn operations() -> Vec<Operation> {
    let mut all = changes();
    all.extend(reports());
    all.into_iter().map(|operation| operation.under(TAG)).collect()
}

fn changes() -> Vec<Operation> {
    let window = json!({ "from": "2099-12-02T13:00:00Z", "to": "2099-12-02T16:00:00Z" });
    vec![
        operation::<NewMove>(
            "/cases/{number}/visits/move",
            ("moveVisit", "Move an agreed visit"),
            Action::WorkCase,
            (
                "NewVisitMove",
                json!({ "by": "customer", "reason": "La sede estará cerrada.", "technician": 2, "windows": [window] }),
            ),
        )
        .about(
            "To `windows` that are offered to the customer, or to one `window` that the customer has agreed to already: then \
             with `who` and `channel`. `despite` overrules other visits and absences of the technician, and is kept.",
        ),
        operation::<NewReassignment>(
            "/cases/{number}/visits/reassign",
            ("reassignVisit", "Send another technician at the agreed time"),
            Action::WorkCase,
            ("NewVisitReassignment", json!({ "technician": 3, "note": "Va la técnica de guardia." })),
        ),
        operation::<NewNoShow>(
            "/cases/{number}/visits/no-show",
            ("missVisit", "Record that the technician was not received"),
            Action::WorkCase,
            ("NewNoShow", json!({ "reason": "site_closed", "note": "El portón está cerrado." })),
        ),
        operation::<NewMissed>(
            "/cases/{number}/visits/did-not-come",
            ("missOwnVisit", "Record that the technician did not come"),
            Action::WorkCase,
            ("NewMissedVisit", json!({ "reason": "El vehículo se averió." })),
        )
        .about("The customer does not read the reason."),
        operation::<UndoneMiss>(
            "/cases/{number}/visits/undo-miss",
            ("undoMiss", "Undo a missed visit that was recorded by mistake"),
            Action::WorkCase,
            ("Empty", json!({})),
        ),
    ]
}

fn reports() -> Vec<Operation> {
    vec![
        operation::<Arrival>(
            "/cases/{number}/visits/arrive",
            ("arriveVisit", "Record the arrival at the site"),
            Action::WorkCase,
            ("Empty", json!({})),
        )
        .about("Now: an arrival has the time of its recording, as has what follows."),
        operation::<UndoneArrival>(
            "/cases/{number}/visits/undo-arrival",
            ("undoArrival", "Undo an arrival that was recorded by mistake"),
            Action::WorkCase,
            ("Empty", json!({})),
        ),
        operation::<Beginning>(
            "/cases/{number}/visits/start",
            ("startVisit", "Record the beginning of the work"),
            Action::WorkCase,
            ("Empty", json!({})),
        ),
        operation::<NewWorkReport>(
            "/cases/{number}/visits/end",
            ("endVisit", "Record the end of the work"),
            Action::WorkCase,
            (
                "NewWorkReport",
                json!({
                    "text": "Se cambió la fuente de poder.",
                    "parts": [{ "quantity": 1, "name": "Fuente de poder" }],
                    "unsigned_because": "El cliente confirma por teléfono.",
                }),
            ),
        )
        .about("A signature is drawn on the technician's page alone: a program says why there is none."),
    ]
}

/// Schemas of agreed visits.
pub(super) fn schemas() -> Value {
    let note = json!({ "type": ["string", "null"], "maxLength": 4000 });
    let text = json!({ "type": "string", "minLength": 1, "maxLength": 4000 });
    let mut person = id();
    person["description"] = "Id of the technician.".into();
    json!({
        "NewVisitMove": closed(
            &["by", "reason", "technician"],
            json!({
                "by": codes(&Side::ALL.map(Side::code)),
                "reason": text.clone(),
                "technician": person.clone(),
                "windows": { "type": ["array", "null"], "items": reference("NewWindow") },
                "window": { "oneOf": [reference("NewWindow"), { "type": "null" }] },
                "who": { "type": ["string", "null"], "maxLength": 120, "description": "Who agreed." },
                "channel": { "type": ["string", "null"], "description": "How they were spoken to." },
                "despite": note.clone(),
            }),
        ),
        "NewVisitReassignment": closed(
            &["technician"],
            json!({ "technician": person, "note": note.clone(), "despite": note.clone() }),
        ),
        "NewNoShow": closed(
            &["reason"],
            json!({ "reason": codes(&NoShowReason::ALL.map(NoShowReason::code)), "note": note }),
        ),
        "NewMissedVisit": closed(&["reason"], json!({ "reason": text.clone() })),
        "NewWorkReport": closed(
            &["text", "unsigned_because"],
            json!({ "text": text.clone(), "parts": list_of("NewPart"), "unsigned_because": text }),
        ),
        "NewPart": closed(
            &["quantity", "name"],
            json!({ "quantity": { "type": "integer", "minimum": 1, "maximum": 65535 }, "name": string() }),
        ),
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMove {
    by: Option<String>,
    reason: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    technician: Option<i64>,
    windows: Option<Vec<NewWindow>>,
    window: Option<NewWindow>,
    who: Option<String>,
    channel: Option<String>,
    despite: Option<String>,
}

impl Asked for NewMove {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let by = fields.choice("by", self.by.as_deref(), Side::from_code, &Side::ALL.map(Side::code));
        let reason = fields.text("reason", self.reason.as_deref(), Note::parse, TEXT);
        let technician = technician(&mut fields, self.technician);
        let to = match (&self.window, &self.windows) {
            (Some(sent), None) => {
                let window = one_window(&mut fields, "window", Some(sent));
                let word = statement(&mut fields, self.who.as_deref(), self.channel.as_deref());
                window.zip(word).map(|(window, word)| MoveTo::Agreed { window, word })
            }
            (None, sent) => windows(&mut fields, sent.as_deref()).map(MoveTo::Offer),
            (Some(_), Some(_)) => {
                let words = t!(fields.language(), "api.one_of_both").into_owned();
                fields.wrong("window", words);
                None
            }
        };
        let overruled = fields.optional("despite", self.despite.as_deref(), Note::parse, TEXT);
        let (((by, reason), technician), to) = done(by.zip(reason).zip(technician).zip(to), fields)?;
        Ok(despite(VisitCommand::Move { by, reason, technician, to }, overruled))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReassignment {
    #[serde(default, deserialize_with = "whole")]
    technician: Option<i64>,
    note: Option<String>,
    despite: Option<String>,
}

impl Asked for NewReassignment {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let technician = technician(&mut fields, self.technician);
        let note = fields.optional("note", self.note.as_deref(), Note::parse, TEXT);
        let overruled = fields.optional("despite", self.despite.as_deref(), Note::parse, TEXT);
        let technician = done(technician, fields)?;
        Ok(despite(VisitCommand::Reassign { technician, note }, overruled))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewNoShow {
    reason: Option<String>,
    note: Option<String>,
}

impl Asked for NewNoShow {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let codes = NoShowReason::ALL.map(NoShowReason::code);
        let reason = fields.choice("reason", self.reason.as_deref(), NoShowReason::from_code, &codes);
        let note = fields.optional("note", self.note.as_deref(), Note::parse, TEXT);
        let reason = done(reason, fields)?;
        Ok(Command::Visit(VisitCommand::NoShow { reason, note }))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMissed {
    reason: Option<String>,
}

impl Asked for NewMissed {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let reason = fields.text("reason", self.reason.as_deref(), Note::parse, TEXT);
        Ok(Command::Visit(VisitCommand::DidNotCome { reason: done(reason, fields)? }))
    }
}

/// Declares a body without members that is a command about the visit.
macro_rules! without_members {
    ($name:ident, $command:expr) => {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {}

        impl Asked for $name {
            const STEERS: bool = true;

            fn command(self, _: Fields) -> Result<Command, ApiError> {
                Ok(Command::Visit($command))
            }
        }
    };
}

without_members!(UndoneMiss, VisitCommand::UndoMiss);
without_members!(Arrival, VisitCommand::Arrive);
without_members!(UndoneArrival, VisitCommand::UndoArrival);
without_members!(Beginning, VisitCommand::Start);

/// Tells that a quantity is not within its range.
fn quantity_wrong<T>(fields: &mut Fields) -> Option<T> {
    let words = t!(fields.language(), "api.number", least = 1, most = u16::MAX);
    fields.wrong("parts", words);
    None
}

/// A line of parts as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPart {
    #[serde(deserialize_with = "whole")]
    quantity: Option<i64>,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewWorkReport {
    text: Option<String>,
    #[serde(default)]
    parts: Vec<NewPart>,
    unsigned_because: Option<String>,
}

impl Asked for NewWorkReport {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let text = fields.text("text", self.text.as_deref(), Note::parse, TEXT);
        let because = fields.text("unsigned_because", self.unsigned_because.as_deref(), Note::parse, TEXT);
        if self.parts.len() > WorkReport::MOST_PARTS {
            let words = t!(fields.language(), "api.number", least = 0, most = WorkReport::MOST_PARTS);
            fields.wrong("parts", words);
        }
        let mut parts = Vec::with_capacity(self.parts.len());
        for sent in &self.parts {
            let quantity =
                sent.quantity.and_then(|quantity| u16::try_from(quantity).ok()).and_then(NonZeroU16::new);
            let quantity = quantity.or_else(|| quantity_wrong(&mut fields));
            let name = fields.text("parts", Some(&sent.name), Reason::parse, TEXT);
            parts.extend(quantity.zip(name).map(|(quantity, name)| Part { quantity, name }));
        }
        let (text, reason) = done(text.zip(because), fields)?;
        let report = WorkReport::new(text, parts).map_err(|_| AppError::Malformed)?;
        Ok(Command::Visit(VisitCommand::End { report, conformity: Conformity::Unsigned { reason } }))
    }
}

//! Visits of a case: the list, and what the desk does about them, by the rules of the pages.

use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use desk::cases::read::read_case;
use domain::actor::{Action, PersonId};
use domain::case::visit::{
    AnswerSource, Conflicts, CustomerStatement, Meeting, Side, Stage, Technician, Visit, VisitAnswer,
    VisitCommand, Windows,
};
use domain::case::{Channel, Command};
use domain::t;
use domain::text::{Note, PersonName};
use domain::time::{Instant, Span};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::cases::Pairs;
use super::commands::{Asked, TEXT, channel, done, operation};
use super::entitlement::window;
use super::input::{Fields, Parameters, case_number, whole};
use super::json::{optional_time, tagged};
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{
    closed, codes, id, integer, list_of, object, reference, reference_or_null, string, time, time_or_null,
};

pub(super) const TAG: &str = "Visits";

/// The stages of a visit, by their codes.
const STAGES: [&str; 9] =
    ["offered", "proposed", "declined", "agreed", "on_site", "working", "ended", "missed", "called_off"];

/// What a customer can answer.
const ANSWERS: [&str; 3] = ["accept", "propose", "decline"];

/// The operations of visits.
pub(super) fn operations() -> Vec<Operation> {
    // Far away, so that they are never in the past; a test sends nearer ones.
    let windows = json!([{ "from": "2099-12-01T13:00:00Z", "to": "2099-12-01T16:00:00Z" }]);
    let window = windows[0].clone();
    let steps = [
        operation::<NewOffer>(
            "/cases/{number}/visits/offer",
            ("offerVisit", "Offer windows of a visit to the customer"),
            Action::WorkCase,
            (
                "NewVisitOffer",
                json!({ "windows": windows, "technician": 2, "note": "El técnico lleva el repuesto." }),
            ),
        )
        .about(
            "After the first contact. The customer gets a mail with a link, and a new offer replaces an old one. `despite` \
             overrules other visits and absences of the technician, and is kept.",
        ),
        operation::<NewAnswer>(
            "/cases/{number}/visits/answer",
            ("answerVisit", "Record the customer's answer to an offer"),
            Action::WorkCase,
            ("NewVisitAnswer", json!({ "answer": "decline", "who": "Ana Rivas", "channel": "phone" })),
        )
        .about("As somebody told it: `accept` names one window, `propose` up to three."),
        operation::<NewConfirmation>(
            "/cases/{number}/visits/confirm",
            ("confirmVisit", "Agree on a window that the customer proposed"),
            Action::WorkCase,
            ("NewVisitConfirmation", json!({ "window": window.clone() })),
        ),
        operation::<NewAgreement>(
            "/cases/{number}/visits/agree",
            ("agreeVisit", "Record an agreement on a window that was not offered in writing"),
            Action::WorkCase,
            (
                "NewVisitAgreement",
                json!({ "window": window, "technician": 2, "who": "Ana Rivas", "channel": "phone" }),
            ),
        ),
        operation::<NewCallOff>(
            "/cases/{number}/visits/cancel",
            ("cancelVisit", "Cancel the visit under way"),
            Action::WorkCase,
            ("NewVisitCancellation", json!({ "by": "customer", "reason": "La sede estará cerrada." })),
        )
        .about("Until the technician is on site."),
    ];
    let list = Operation::new(
        (Method::Get, "/cases/{number}/visits"),
        get(list),
        ("listVisits", TAG, "List the visits of a case"),
    )
    .needs(Action::ReadCase)
    .answers(200, "The visits, the first one first; the ETag is the version of the case.", "Visits");
    std::iter::once(list).chain(steps.into_iter().map(|step| step.under(TAG))).collect()
}

/// Schemas of visits.
pub(super) fn schemas() -> Value {
    let note = json!({ "type": ["string", "null"], "maxLength": 4000 });
    let windows =
        json!({ "type": "array", "items": reference("NewWindow"), "description": "From one to three." });
    let mut person = id();
    person["description"] = "Id of the technician.".into();
    let who = json!({ "type": "string", "maxLength": 120, "description": "Who said it." });
    let channels = codes(&Channel::ALL.map(Channel::code));
    json!({
        "Visits": object(
            &["visits", "version", "zone"],
            json!({ "visits": list_of("Visit"), "version": integer(), "zone": string() }),
        ),
        "Visit": object(
            &[
                "id", "revision", "stage", "technician", "windows", "window", "agreed_at", "arrived_at",
                "started_at", "ended_at", "by",
            ],
            json!({
                "id": integer(),
                "revision": integer(),
                "stage": codes(&STAGES),
                "technician": reference("Person"),
                "windows": {
                    "type": "array",
                    "items": reference("Window"),
                    "description": "Those that wait for an answer.",
                },
                "window": reference_or_null("Window"),
                "agreed_at": time_or_null(),
                "arrived_at": time_or_null(),
                "started_at": time_or_null(),
                "ended_at": time_or_null(),
                "by": { "type": ["string", "null"], "description": "The side that missed the visit or called it off." },
            }),
        ),
        "NewWindow": closed(&["from", "to"], json!({ "from": time(), "to": time() })),
        "NewVisitOffer": closed(
            &["windows", "technician"],
            json!({
                "windows": windows.clone(),
                "technician": person.clone(),
                "note": note.clone(),
                "despite": note.clone(),
            }),
        ),
        "NewVisitAnswer": closed(
            &["answer", "who", "channel"],
            json!({
                "answer": codes(&ANSWERS),
                "window": reference_or_null("NewWindow"),
                "windows": { "type": ["array", "null"], "items": reference("NewWindow") },
                "note": note.clone(),
                "who": who.clone(),
                "channel": channels.clone(),
            }),
        ),
        "NewVisitConfirmation": closed(&["window"], json!({ "window": reference("NewWindow"), "despite": note.clone() })),
        "NewVisitAgreement": closed(
            &["window", "technician", "who", "channel"],
            json!({
                "window": reference("NewWindow"),
                "technician": person,
                "who": who,
                "channel": channels,
                "despite": note,
            }),
        ),
        "NewVisitCancellation": closed(
            &["by", "reason"],
            json!({
                "by": codes(&Side::ALL.map(Side::code)),
                "reason": { "type": "string", "minLength": 1, "maxLength": 4000 },
            }),
        ),
    })
}

/// Lists the visits of a case.
async fn list(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, ApiError> {
    let number = case_number(&number)?;
    Parameters::new(pairs, caller.language).done()?;
    let page = read_case(&caller.desk, &caller.actor, number).await?;
    let visits: Vec<Value> = page.visits.iter().map(visit).collect();
    let value = json!({ "visits": visits, "version": page.version, "zone": page.opening.hours.zone });
    Ok(tagged(StatusCode::OK, page.version, value))
}

fn visit(visit: &Visit) -> Value {
    let windows = match &visit.stage {
        Stage::Offered(windows) | Stage::Proposed(windows) => windows.as_slice(),
        _ => &[],
    };
    let (started_at, ended_at) = match &visit.stage {
        Stage::Working { started_at, .. } => (Some(*started_at), None),
        Stage::Ended(done) => (Some(done.started_at), Some(done.ended_at)),
        _ => (None, None),
    };
    let arrived_at: Option<Instant> = match &visit.stage {
        Stage::Missed { arrived_at, .. } => *arrived_at,
        _ => visit.arrived_at(),
    };
    let by = match &visit.stage {
        Stage::Missed { by, .. } | Stage::CalledOff { by } => Some(by.code()),
        _ => None,
    };
    let appointment = visit.appointment();
    json!({
        "id": visit.id.0,
        "revision": visit.revision,
        "stage": visit.stage.code(),
        "technician": { "id": visit.technician.id.0, "name": visit.technician.name },
        "windows": windows.iter().map(window).collect::<Vec<_>>(),
        "window": appointment.map(|appointment| window(&appointment.window)),
        "agreed_at": optional_time(appointment.map(|appointment| appointment.agreed_at)),
        "arrived_at": optional_time(arrived_at),
        "started_at": optional_time(started_at),
        "ended_at": optional_time(ended_at),
        "by": by,
    })
}

/// A window as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWindow {
    from: Option<String>,
    to: Option<String>,
}

impl NewWindow {
    /// The window, with what is wrong told at `name`.
    fn span(&self, fields: &mut Fields, name: &str) -> Option<Span> {
        let from = fields.time(name, self.from.as_deref());
        let to = from.and_then(|_| fields.time(name, self.to.as_deref()));
        from.zip(to).map(|(from, to)| Span::new(from, to))
    }
}

/// One window that must be there.
pub(super) fn one_window(fields: &mut Fields, name: &str, sent: Option<&NewWindow>) -> Option<Span> {
    match sent {
        Some(sent) => sent.span(fields, name),
        None => required(fields, name),
    }
}

/// One to three windows that must be there.
pub(super) fn windows(fields: &mut Fields, sent: Option<&[NewWindow]>) -> Option<Windows> {
    const NAME: &str = "windows";
    let Some(sent) = sent else { return required(fields, NAME) };
    let spans = sent.iter().map(|window| window.span(fields, NAME)).collect::<Option<Vec<_>>>()?;
    match Windows::new(spans) {
        Ok(windows) => Some(windows),
        Err(problem) => {
            let words = problem.message(fields.language());
            fields.wrong(NAME, words);
            None
        }
    }
}

/// Tells that a field is missing.
pub(super) fn required<T>(fields: &mut Fields, name: &str) -> Option<T> {
    let words = t!(fields.language(), "api.required").into_owned();
    fields.wrong(name, words);
    None
}

/// A technician by id. The desk knows the name.
pub(super) fn technician(fields: &mut Fields, id: Option<i64>) -> Option<Technician> {
    match id {
        Some(id) => Some(Technician { id: PersonId(id), name: String::new() }),
        None => required(fields, "technician"),
    }
}

/// Who said it, and how.
pub(super) fn statement(
    fields: &mut Fields,
    who: Option<&str>,
    code: Option<&str>,
) -> Option<CustomerStatement> {
    let who = fields.text("who", who, PersonName::parse, TEXT);
    let channel = channel(fields, code);
    who.zip(channel).map(|(who, channel)| CustomerStatement { who, channel })
}

/// A command, with what speaks against it overruled for a reason.
pub(super) fn despite(command: VisitCommand, reason: Option<Note>) -> Command {
    match reason {
        Some(reason) => Command::VisitDespite { command, reason, conflicts: Conflicts::default() },
        None => Command::Visit(command),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOffer {
    windows: Option<Vec<NewWindow>>,
    #[serde(default, deserialize_with = "whole")]
    technician: Option<i64>,
    note: Option<String>,
    despite: Option<String>,
}

impl Asked for NewOffer {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let windows = windows(&mut fields, self.windows.as_deref());
        let technician = technician(&mut fields, self.technician);
        let note = fields.optional("note", self.note.as_deref(), Note::parse, TEXT);
        let reason = fields.optional("despite", self.despite.as_deref(), Note::parse, TEXT);
        let (windows, technician) = done(windows.zip(technician), fields)?;
        Ok(despite(VisitCommand::Offer { windows, technician, note }, reason))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAnswer {
    answer: Option<String>,
    window: Option<NewWindow>,
    windows: Option<Vec<NewWindow>>,
    note: Option<String>,
    who: Option<String>,
    channel: Option<String>,
}

impl Asked for NewAnswer {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let known = |code: &str| ANSWERS.into_iter().find(|known| *known == code);
        let kind = fields.choice("answer", self.answer.as_deref(), known, &ANSWERS);
        let note = fields.optional("note", self.note.as_deref(), Note::parse, TEXT);
        let answer = match kind {
            Some("accept") => one_window(&mut fields, "window", self.window.as_ref())
                .map(|window| VisitAnswer::Accept { window }),
            Some("propose") => windows(&mut fields, self.windows.as_deref())
                .map(|windows| VisitAnswer::Propose { windows, note }),
            Some(_) => Some(VisitAnswer::Decline { note }),
            None => None,
        };
        let word = statement(&mut fields, self.who.as_deref(), self.channel.as_deref());
        let (answer, word) = done(answer.zip(word), fields)?;
        Ok(Command::Visit(VisitCommand::Answer { answer, given: AnswerSource::ByStaff(word) }))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewConfirmation {
    window: Option<NewWindow>,
    despite: Option<String>,
}

impl Asked for NewConfirmation {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let window = one_window(&mut fields, "window", self.window.as_ref());
        let reason = fields.optional("despite", self.despite.as_deref(), Note::parse, TEXT);
        let window = done(window, fields)?;
        Ok(despite(VisitCommand::Confirm { window }, reason))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAgreement {
    window: Option<NewWindow>,
    #[serde(default, deserialize_with = "whole")]
    technician: Option<i64>,
    who: Option<String>,
    channel: Option<String>,
    despite: Option<String>,
}

impl Asked for NewAgreement {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let window = one_window(&mut fields, "window", self.window.as_ref());
        let technician = technician(&mut fields, self.technician);
        let word = statement(&mut fields, self.who.as_deref(), self.channel.as_deref());
        let reason = fields.optional("despite", self.despite.as_deref(), Note::parse, TEXT);
        let ((window, technician), word) = done(window.zip(technician).zip(word), fields)?;
        let meeting = Meeting { window, technician };
        Ok(despite(VisitCommand::Agree { meeting, word }, reason))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCallOff {
    by: Option<String>,
    reason: Option<String>,
}

impl Asked for NewCallOff {
    const STEERS: bool = true;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let by = fields.choice("by", self.by.as_deref(), Side::from_code, &Side::ALL.map(Side::code));
        let reason = fields.text("reason", self.reason.as_deref(), Note::parse, TEXT);
        let (by, reason) = done(by.zip(reason), fields)?;
        Ok(Command::Visit(VisitCommand::CallOff { by, reason }))
    }
}

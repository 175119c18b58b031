//! Other people on a case: the list, an invitation, and the end of one's part.

use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use desk::cases::read::read_case;
use domain::actor::{Action, ParticipantId};
use domain::case::{Command, Participant, ParticipantCommand};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::t;
use domain::text::PersonName;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::cases::Pairs;
use super::commands::{Asked, TEXT, operation};
use super::input::{Fields, Parameters, case_number, whole};
use super::json::tagged;
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{closed, codes, integer, list_of, object, or_null, string};

/// The operations of participants.
pub(super) fn operations() -> Vec<Operation> {
    let invitation = json!({ "name": "Eva Díaz", "mail": "eva.diaz@cumbre.example", "language": "es" });
    vec![
        Operation::new(
            (Method::Get, "/cases/{number}/participants"),
            get(list),
            ("listParticipants", "Cases", "List the other people on a case"),
        )
        .needs(Action::ReadCase)
        .about("They read the case, write and get updates by a link of their own. It is in no answer.")
        .answers(200, "The people; the ETag is the version of the case.", "Participants"),
        operation::<NewParticipant>(
            "/cases/{number}/participants",
            ("inviteParticipant", "Invite a person to a case"),
            Action::KeepParticipants,
            ("NewParticipant", invitation),
        )
        .about(
            "A link of their own is mailed to them. A case has up to ten, and none is invited after its end.",
        ),
        operation::<EndOfPart>(
            "/cases/{number}/participants/remove",
            ("removeParticipant", "Remove a person from a case"),
            Action::KeepParticipants,
            ("EndOfPart", json!({ "participant": 1 })),
        )
        .about("Their link leads nowhere any more, and their open pages end."),
    ]
}

/// Schemas of participants.
pub(super) fn schemas() -> Value {
    json!({
        "Participants": object(
            &["participants", "version"],
            json!({ "participants": list_of("Participant"), "version": integer() }),
        ),
        "Participant": object(
            &["id", "name", "mail", "language"],
            json!({
                "id": integer(),
                "name": string(),
                "mail": string(),
                "language": codes(&Language::ALL.map(Language::code)),
            }),
        ),
        "NewParticipant": closed(
            &["name", "mail"],
            json!({
                "name": string(),
                "mail": string(),
                "language": or_null(codes(&Language::ALL.map(Language::code))),
            }),
        ),
        "EndOfPart": closed(&["participant"], json!({ "participant": integer() })),
    })
}

/// Lists the participants of a case.
async fn list(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, ApiError> {
    let number = case_number(&number)?;
    Parameters::new(pairs, caller.language).done()?;
    let page = read_case(&caller.desk, &caller.actor, number).await?;
    let people: Vec<Value> = page.participants.iter().map(told).collect();
    Ok(tagged(StatusCode::OK, page.version, json!({ "participants": people, "version": page.version })))
}

fn told(participant: &Participant) -> Value {
    json!({
        "id": participant.id.0,
        "name": participant.name.as_str(),
        "mail": participant.mail.as_str(),
        "language": participant.language.code(),
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewParticipant {
    name: Option<String>,
    mail: Option<String>,
    language: Option<String>,
}

impl Asked for NewParticipant {
    const STEERS: bool = false;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let name = fields.text("name", self.name.as_deref(), PersonName::parse, TEXT);
        let mail = fields.text("mail", self.mail.as_deref(), MailAddress::parse, |problem, language| {
            problem.message(language)
        });
        let language = match &self.language {
            None => Some(fields.language()),
            code => fields.choice(
                "language",
                code.as_deref(),
                Language::from_code,
                &Language::ALL.map(Language::code),
            ),
        };
        let (Some(name), Some(mail), Some(language)) = (name, mail, language) else {
            return Err(fields.refused());
        };
        Ok(Command::Participant(ParticipantCommand::Invite { name, mail, language }))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndOfPart {
    #[serde(default, deserialize_with = "whole")]
    participant: Option<i64>,
}

impl Asked for EndOfPart {
    const STEERS: bool = false;

    fn command(self, mut fields: Fields) -> Result<Command, ApiError> {
        let Some(id) = self.participant.and_then(|id| u32::try_from(id).ok()) else {
            let words = t!(fields.language(), "api.required").into_owned();
            fields.wrong("participant", words);
            return Err(fields.refused());
        };
        let participant = ParticipantId(id);
        Ok(Command::Participant(ParticipantCommand::Remove { participant }))
    }
}

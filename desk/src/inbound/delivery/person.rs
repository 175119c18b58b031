//! A person's mail: a message of the customer, a note of a colleague, or an entry of the triage list.

use domain::actor::{Actor, ParticipantOf, PersonId, Role, Staff};
use domain::case::{
    Audience, Case, Command, Event, MessageCommand, MessageEvent, Origin, Participant, Recorded,
};
use domain::case_number::CaseNumber;
use domain::text::Note;
use sqlx::Row;

use super::{Arrived, Came, State, WaitReason, customer, refused};
use crate::Desk;
use crate::access::composed_roles::held_by;
use crate::cases::execute::{Expected, execute_in};
use crate::cases::message_files::{ReadyFile, is_kept, keep, room};
use crate::events;
use crate::inbound::files::MailFiles;
use crate::inbound::html;
use crate::inbound::reply::{Conversation, own_text};
use crate::store::{StoreError, Tx};

/// Most mails of a case whose text is compared.
const MAILS: i64 = 30;
/// Equal mails of one author within [`LOOP_S`] that become messages. Another one is a program's.
const LOOP: i64 = 2;
/// The period of that rule, in seconds.
const LOOP_S: i64 = 86_400;
/// Most messages that one mail becomes: a longer text ends in the last of them, and stays whole in the mail.
const MAX_PARTS: usize = 5;

pub(super) async fn take(
    desk: &Desk,
    tx: &mut Tx,
    arrived: &Arrived,
    case: Option<&Case>,
) -> Result<Came, StoreError> {
    let from = arrived.mail.from().map(|from| from.address).unwrap_or_default();
    let Some(case) = case else {
        let body = own(&arrived.mail, &[], &arrived.own);
        return Ok(if arrived.own.contains(&from) {
            Came::of(State::Noted, body)
        } else {
            Came::waiting(WaitReason::NoCase, body)
        });
    };
    let number = case.opening.number;
    let history = events::history(tx.connection(), number).await?;
    let texts = texts(desk, tx, number, &history).await?;
    let body = own(&arrived.mail, &texts, &arrived.own);
    if arrived.own.contains(&from) {
        return Ok(Came::of(State::Noted, body));
    }
    // Its files are not made ready.
    if arrived.is_by_number_alone() {
        let is_of_case = is_contact(case, &from) || case.participant_of(&from).is_some();
        let reason = if is_of_case { WaitReason::NumberAlone } else { WaitReason::UnverifiedSender };
        return Ok(Came::waiting(reason, body));
    }
    let parts = Parts::of(&arrived.files, &body, case, room(tx.connection(), number).await?);
    // Photographs often come with no words, or with the same.
    if !has_new_files(tx, number, &parts.files).await? && repeats(desk, tx, number, &from, &body).await? {
        return Ok(Came::of(State::Noted, body));
    }
    if parts.texts.is_empty() {
        return Ok(Came::of(State::Noted, body));
    }
    if is_contact(case, &from) {
        if case.closed().is_some() {
            return Ok(Came::waiting(WaitReason::Closed, body));
        }
        return join(desk, tx, case, (&customer(number), Origin::Mail), parts, body).await;
    }
    if let Some(Participant { id, name, .. }) = case.participant_of(&from) {
        if case.closed().is_some() {
            return Ok(Came::waiting(WaitReason::Closed, body));
        }
        let participant = Actor::Participant(ParticipantOf { number, id: *id, name: name.clone() });
        return join(desk, tx, case, (&participant, Origin::Mail), parts, body).await;
    }
    // The customer has the case's address too, and must not write in a colleague's name.
    match colleague(tx, &from).await?.filter(|_| arrived.is_genuine()) {
        Some(colleague) => join(desk, tx, case, (&colleague, Origin::Mail), parts, body).await,
        None => Ok(Came::waiting(WaitReason::UnverifiedSender, body)),
    }
}

/// Whether an address is that of the case's contact.
pub(super) fn is_contact(case: &Case, address: &str) -> bool {
    !address.is_empty() && case.opening.report.contact.mail.as_str().to_lowercase() == address
}

/// A mail's own words.
fn own(mail: &crate::inbound::Mail, texts: &[String], addresses: &[String]) -> String {
    own_text(mail, &Conversation { texts, addresses }).text
}

/// What was said in a case: the mails that the desk sent, as text and as HTML shows them, and the messages.
async fn texts(
    desk: &Desk,
    tx: &mut Tx,
    number: CaseNumber,
    history: &[Recorded],
) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "SELECT body_text, body_html FROM outbox WHERE case_number = $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(number.as_compact())
    .bind(MAILS)
    .fetch_all(tx.connection())
    .await?;
    let mut texts = Vec::new();
    for row in &rows {
        let (text, html): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        texts.push(desk.tokens().unsealed(&text));
        texts.push(html::text_of(&desk.tokens().unsealed(&html)));
    }
    texts.extend(history.iter().filter_map(|entry| match &entry.event {
        Event::Message(MessageEvent::CustomerWrote { text } | MessageEvent::UpdateSent { text }) => {
            Some(text.as_str().to_owned())
        }
        _ => None,
    }));
    Ok(texts)
}

/// Whether a mail brings a file that the case has not.
async fn has_new_files(tx: &mut Tx, number: CaseNumber, files: &[ReadyFile]) -> Result<bool, StoreError> {
    for file in files {
        if !is_kept(tx, number, file).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the same author has sent the same words about the case often: two programs answer each other.
pub(super) async fn repeats(
    desk: &Desk,
    tx: &mut Tx,
    number: CaseNumber,
    from: &str,
    body: &str,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) FROM inbound_mails
         WHERE case_number = $1 AND sender = $2 AND body = $3 AND state = 'joined' AND received_utc_s > $4",
    )
    .bind(number.as_compact())
    .bind(from)
    .bind(body.replace('\0', ""))
    .bind(desk.now().plus(-LOOP_S).0)
    .fetch_one(tx.connection())
    .await?;
    Ok(row.try_get::<i64, _>(0)? >= LOOP)
}

/// The member of the staff with an address.
async fn colleague(tx: &mut Tx, address: &str) -> Result<Option<Actor>, StoreError> {
    let row = sqlx::query("SELECT id, name, role FROM people WHERE mail = $1 AND active = 1")
        .bind(address)
        .fetch_optional(tx.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let role: String = row.try_get(2)?;
    let role = Role::from_code(&role).ok_or_else(|| StoreError::inconsistent("people", &role))?;
    let id = PersonId(row.try_get(0)?);
    let composed = held_by(tx.connection(), id).await?;
    Ok(Some(Actor::Staff(Staff { id, name: row.try_get(1)?, role, composed })))
}

/// The messages that a mail becomes.
pub(in crate::inbound) struct Parts {
    /// Their texts.
    pub(in crate::inbound) texts: Vec<Note>,
    /// The files, which come with the first one.
    pub(in crate::inbound) files: Vec<ReadyFile>,
}

impl Parts {
    /// The words, and a line about files that were not kept. A text longer than a message is several. `room` is how many
    /// files the messages of the case can still have.
    pub(in crate::inbound) fn of(files: &MailFiles, body: &str, case: &Case, room: usize) -> Self {
        let mut whole = body.trim().to_owned();
        let files = files.beside(&whole, room);
        if let Some(told) = files.told(case.opening.language, whole.is_empty()) {
            whole = if whole.is_empty() { told } else { format!("{whole}\n\n{told}") };
        }
        let letters: Vec<char> = whole.chars().collect();
        let parts = letters.chunks(Note::MAX - 2).take(MAX_PARTS);
        let last = letters.len().div_ceil(Note::MAX - 2);
        let texts = parts.enumerate().filter_map(|(at, part)| {
            let goes_on = if at + 1 < last { " …" } else { "" };
            Note::parse(&format!("{}{goes_on}", part.iter().collect::<String>())).ok()
        });
        Self { texts: texts.collect(), files: files.kept }
    }
}

/// Writes messages of the customer, or notes of a colleague.
pub(in crate::inbound) async fn join(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    (actor, origin): (&Actor, Origin),
    parts: Parts,
    body: String,
) -> Result<Came, StoreError> {
    let number = case.opening.number;
    for (at, text) in parts.texts.into_iter().enumerate() {
        let command = match actor {
            Actor::Staff(_) => Command::AddNote { audience: Audience::Internal, text },
            _ => Command::Message(MessageCommand::Write { text }),
        };
        let done = execute_in(desk, tx, actor, origin, number, Expected::Any, command).await;
        // Later parts of a mail that has begun are in the mail.
        if refused(done)?.is_none() && at == 0 {
            return Ok(Came::waiting(WaitReason::Refused, body));
        }
        if at == 0 {
            keep(desk, tx, number, &parts.files).await?;
        }
    }
    Ok(Came::of(State::Joined, body))
}

//! Use-case: the triage list. A mail that belongs to no case by itself waits for an agent. The agent adds it to a case, to a
//! new one among others, or discards it.

use domain::actor::{Action, Actor, Subject, may};
use domain::case::{Audience, Case, Channel, Command, MessageCommand, Origin, Refusal};
use domain::case_number::CaseNumber;
use domain::page::{Page, Paging};
use domain::t;
use domain::text::Note;
use domain::time::Instant;
use domain::webhook::WebhookId;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use super::Mail;
use super::delivery::{Parts, State, WaitReason};
use super::files::MailFiles;
use super::whatsapp;
use crate::Desk;
use crate::DeskError;
use crate::cases::execute::{Expected, execute_in};
use crate::cases::message_files::{keep, room};
use crate::events;
use crate::store::{Guarded, StoreError, Tx, list as numbered, row};
use crate::webhooks::whatsapp::{Wrote, note_wrote};

/// Most words of a mail that are looked up as serials.
const WORDS: usize = 200;

/// Id of a mail that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InboundId(pub i64);

/// A mail as a line of the triage list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageLine {
    /// Its id.
    pub id: InboundId,
    /// When it came in.
    pub received: Instant,
    /// Address of its author, as the mail says.
    pub sender: String,
    /// Name of its author, as the mail says; may be empty.
    pub sender_name: String,
    /// The subject; may be empty.
    pub subject: String,
    /// Why it waits or waited; `None` for one that never did.
    pub reason: Option<WaitReason>,
    /// The case that it names or to which it was added.
    pub case: Option<CaseNumber>,
    /// What became of it.
    pub state: State,
    /// How it came: by mail, or by WhatsApp, with a number as its sender.
    pub channel: Channel,
}

/// A mail of the triage list with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageMail {
    /// The mail as a line.
    pub line: TriageLine,
    /// What its author wrote, without what the mail quotes.
    pub own: String,
    /// All that the mail says.
    pub whole: String,
    /// Names of its files.
    pub files: Vec<String>,
    /// What was recognised in it.
    pub recognised: Recognised,
}

/// What the register knows of a mail's words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognised {
    /// A serial of the register.
    pub serial: Option<String>,
    /// The contract of that equipment, or one that the mail names.
    pub contract: Option<String>,
}

row! {
    struct Record {
        id: i64,
        received_utc_s: i64,
        sender: String,
        sender_name: String,
        subject: String,
        reason: Option<String>,
        case_number: Option<String>,
        state: String,
        kind: String,
    }
}

impl TryFrom<Record> for TriageLine {
    type Error = StoreError;

    fn try_from(row: Record) -> Result<Self, StoreError> {
        let wrong = |what: &str| StoreError::inconsistent("inbound_mails", what);
        let case = row.case_number.as_deref().map(CaseNumber::parse).transpose();
        Ok(Self {
            id: InboundId(row.id),
            received: Instant(row.received_utc_s),
            sender: row.sender,
            sender_name: row.sender_name,
            subject: row.subject,
            reason: row
                .reason
                .map(|code| WaitReason::from_code(&code).ok_or_else(|| wrong(&code)))
                .transpose()?,
            case: case.map_err(|error| StoreError::inconsistent("inbound_mails", error))?,
            state: State::from_code(&row.state).ok_or_else(|| wrong(&row.state))?,
            channel: channel(&row.kind),
        })
    }
}

/// How a row of a kind came.
fn channel(kind: &str) -> Channel {
    if kind == whatsapp::KIND { Channel::WhatsApp } else { Channel::Mail }
}

/// A page of the mails that wait, newest first, counted from 1. A page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn list(desk: &Desk, actor: &Actor, page: u32) -> Result<Page<TriageLine>, DeskError> {
    may(actor, Action::TriageMail, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT COUNT(*) FROM inbound_mails WHERE state = 'waiting'")
        .fetch_one(&mut *reader)
        .await?;
    let paging = Paging::of(row.try_get(0)?, page);
    let records = sqlx::query_as::<_, Record>(
        "SELECT id, received_utc_s, sender, sender_name, subject, reason, case_number, state, kind
         FROM inbound_mails WHERE state = 'waiting' ORDER BY id DESC LIMIT $1 OFFSET $2",
    )
    .bind(i64::from(Paging::ROWS))
    .bind(paging.offset())
    .fetch_all(&mut *reader)
    .await?;
    let rows = records.into_iter().map(TriageLine::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, paging })
}

/// A mail with its content.
///
/// # Errors
/// See [`DeskError`].
pub async fn read(desk: &Desk, actor: &Actor, id: InboundId) -> Result<TriageMail, DeskError> {
    may(actor, Action::TriageMail, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT id, received_utc_s, sender, sender_name, subject, reason, case_number, state, kind, body, content
         FROM inbound_mails WHERE id = $1",
    )
    .bind(id.0)
    .fetch_optional(&mut *reader)
    .await?
    .ok_or(DeskError::NotFound)?;
    let content: Vec<u8> = row.try_get("content")?;
    let mail = Mail::parse(&content);
    let own: String = row.try_get("body")?;
    let recognised = recognise(desk, &mut reader, &format!("{}\n{own}", mail.subject())).await?;
    Ok(TriageMail {
        line: Record::from_row(&row)?.try_into()?,
        own,
        files: mail.files.into_iter().map(|file| file.name).collect(),
        whole: mail.text,
        recognised,
    })
}

/// Serial and contract among the words of a text, by the register.
async fn recognise(
    desk: &Desk,
    connection: &mut AnyConnection,
    text: &str,
) -> Result<Recognised, StoreError> {
    let mut words: Vec<String> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.')))
        .map(|word| word.trim_matches(['-', '/', '.']).to_ascii_uppercase())
        .filter(|word| (4..=40).contains(&word.len()) && word.contains(|c: char| c.is_ascii_digit()))
        .collect();
    words.dedup();
    words.truncate(WORDS);
    if words.is_empty() {
        return Ok(Recognised::default());
    }
    let query = format!(
        "SELECT serial, contract_number FROM equipment WHERE serial IN ({}) ORDER BY serial LIMIT 1",
        numbered(0, words.len())
    );
    let found = words.iter().fold(sqlx::query(AssertSqlSafe(query)), |query, word| query.bind(word.as_str()));
    if let Some(row) = found.fetch_optional(&mut *connection).await? {
        return Ok(Recognised { serial: Some(row.try_get(0)?), contract: Some(row.try_get(1)?) });
    }
    let formats = desk.formats();
    let contract = words.iter().find_map(|word| formats.parse_new(word).ok());
    Ok(Recognised { serial: None, contract: contract.map(|contract| contract.as_str().to_owned()) })
}

/// Adds a mail to a case: as a message of the customer if the case's contact wrote it. Else it is a note of the agent that
/// names the author.
///
/// # Errors
/// See [`DeskError`]; [`Refusal::DoneAlready`] for a mail that was decided.
pub async fn join(desk: &Desk, actor: &Actor, id: InboundId, number: CaseNumber) -> Result<(), DeskError> {
    may(actor, Action::TriageMail, Subject::Desk)?;
    let files = files_of(desk, id).await?;
    let (at_work, actor) = (desk.clone(), actor.clone());
    desk.store()
        .write_beside(vec![Guarded::Case(number)], move |tx| {
            Box::pin(async move {
                let history = events::history(tx.connection(), number).await?;
                if history.is_empty() {
                    return Err(DeskError::NotFound);
                }
                let case = events::fold(&history)?;
                may(&actor, Action::WorkCase, case.subject())?;
                decide(&at_work, tx, &actor, id, State::Joined, Some(number)).await?;
                let row: Author = sqlx::query_as(
                    "SELECT sender, sender_name, body, kind, whatsapp_number, received_utc_s FROM inbound_mails WHERE id = $1",
                )
                .bind(id.0)
                .fetch_one(tx.connection())
                .await?;
                let as_customer = row.is_contact(&case) && case.closed().is_none();
                let body = if as_customer { row.body.clone() } else { row.signed(&case) };
                let parts = Parts::of(&files, &body, &case, room(tx.connection(), number).await?);
                for (at, text) in parts.texts.into_iter().enumerate() {
                    let (by, command) = told(&actor, number, as_customer, text);
                    execute_in(&at_work, tx, &by, row.origin(), number, Expected::Any, command).await?;
                    if at == 0 {
                        keep(&at_work, tx, number, &parts.files).await?;
                    }
                }
                if as_customer && let Some(wrote) = row.wrote() {
                    note_wrote(tx, number, &wrote).await?;
                }
                Ok(())
            })
        })
        .await
}

row! {
    /// Who wrote, what, and how it came.
    struct Author {
        sender: String,
        sender_name: String,
        body: String,
        kind: String,
        whatsapp_number: i64,
        received_utc_s: i64,
    }
}

impl Author {
    fn is_contact(&self, case: &Case) -> bool {
        match channel(&self.kind) {
            Channel::WhatsApp => whatsapp::is_contact(case, &self.sender),
            _ => case.opening.report.contact.mail.as_str().to_lowercase() == self.sender,
        }
    }

    fn origin(&self) -> Origin {
        if channel(&self.kind) == Channel::WhatsApp { Origin::WhatsApp } else { Origin::Mail }
    }

    /// The words behind a line that names their author.
    fn signed(&self, case: &Case) -> String {
        let Self { sender, sender_name: name, body, .. } = self;
        let author = if name.is_empty() { sender.clone() } else { format!("{name} <{sender}>") };
        let key = match channel(&self.kind) {
            Channel::WhatsApp => "whatsapp.note",
            _ => "inbound.note",
        };
        format!("{}\n{body}", t!(case.opening.language, key, sender = author))
    }

    /// The message of a conversation by WhatsApp; `None` for a mail.
    fn wrote(&self) -> Option<Wrote> {
        (self.whatsapp_number > 0).then(|| Wrote {
            number: WebhookId(self.whatsapp_number),
            phone: self.sender.clone(),
            wa_id: self.sender.trim_start_matches('+').to_owned(),
            at: Instant(self.received_utc_s),
        })
    }
}

/// The files of a mail, ready before the transaction that keeps them.
async fn files_of(desk: &Desk, id: InboundId) -> Result<MailFiles, DeskError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT content FROM inbound_mails WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&mut *reader)
        .await?
        .ok_or(DeskError::NotFound)?;
    let content: Vec<u8> = row.try_get(0)?;
    reader.done();
    Ok(MailFiles::ready(Mail::parse(&content).files).await?)
}

fn told(actor: &Actor, number: CaseNumber, as_customer: bool, text: Note) -> (Actor, Command) {
    if as_customer {
        (Actor::Customer(number), Command::Message(MessageCommand::Write { text }))
    } else {
        (actor.clone(), Command::AddNote { audience: Audience::Internal, text })
    }
}

/// Takes a mail from the list: it concerns nobody.
///
/// # Errors
/// See [`DeskError`]; [`Refusal::DoneAlready`] for a mail that was decided.
pub async fn discard(desk: &Desk, actor: &Actor, id: InboundId) -> Result<(), DeskError> {
    may(actor, Action::TriageMail, Subject::Desk)?;
    let (at_work, actor) = (desk.clone(), actor.clone());
    desk.store()
        .write_beside(Vec::new(), move |tx| {
            Box::pin(async move { decide(&at_work, tx, &actor, id, State::Discarded, None).await })
        })
        .await
}

/// Decides a mail that waits, once.
async fn decide(
    desk: &Desk,
    tx: &mut Tx,
    actor: &Actor,
    id: InboundId,
    state: State,
    number: Option<CaseNumber>,
) -> Result<(), DeskError> {
    let by = match actor {
        Actor::Staff(staff) => Some(staff.name.clone()),
        _ => None,
    };
    let done = sqlx::query(
        "UPDATE inbound_mails SET state = $2, case_number = COALESCE($3, case_number), decided_by = $4, decided_utc_s = $5
         WHERE id = $1 AND state = 'waiting'",
    )
    .bind(id.0)
    .bind(state.code())
    .bind(number.map(|number| number.as_compact()))
    .bind(by)
    .bind(desk.now().0)
    .execute(tx.connection())
    .await?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    let known = sqlx::query("SELECT id FROM inbound_mails WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?;
    if known.is_some() { Err(Refusal::DoneAlready.into()) } else { Err(DeskError::NotFound) }
}

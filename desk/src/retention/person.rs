//! What is known of one person, by their mail address: told, handed out as a file, and erased.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditData;
use domain::case::{Audience, Author, Event, Recorded, Status, erased, report_at};
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use domain::text::PersonName;
use domain::time::Instant;
use serde::Serialize;
use sqlx::{AnyConnection, Row};

use super::run::ended_at;
use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;
use crate::events;
use crate::store::StoreError;

/// The most cases that are told of together. Whoever has more is told so.
const MOST: usize = 100;

/// A case in which a person is the contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCase {
    /// Its number.
    pub number: CaseNumber,
    /// The name of its contact.
    pub contact: PersonName,
    /// The contact's address as it stands in the case: several spellings are one mailbox.
    pub mail: MailAddress,
    /// When it was opened.
    pub opened_at: Instant,
    /// How it stands.
    pub status: Status,
    /// Whether it has ended, so that its data can be erased.
    pub ended: bool,
}

/// What is known of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Cases whose contact has the mailbox, the newest first.
    pub cases: Vec<KnownCase>,
    /// Whether these are all.
    pub extent: Extent,
}

/// How much of what is known is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// The mailbox has more cases than are told of together.
    Part,
}

/// The cases of which a person is the contact, by the mailbox of their address. One mailbox may be several people's: each
/// case says whose it is.
///
/// # Errors
/// See [`DeskError`].
pub async fn known_of(desk: &Desk, actor: &Actor, mail: &MailAddress) -> Result<Known, DeskError> {
    may(actor, Action::EraseData, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let (numbers, extent) = numbers(&mut reader, mail).await?;
    let mut cases = Vec::new();
    for (number, history) in events::histories(&mut reader, &numbers).await? {
        let case = events::fold(&history)?;
        let contact = case.opening.report.contact.clone();
        cases.push(KnownCase {
            number,
            contact: contact.name,
            mail: contact.mail,
            opened_at: case.opened_at,
            status: case.status(),
            ended: ended_at(&case).is_some(),
        });
    }
    reader.done();
    cases.sort_by_key(|case| std::cmp::Reverse((case.opened_at, case.number)));
    desk.note_reading(actor, Reading::Search(AuditData::Person), cases.len());
    Ok(Known { cases, extent })
}

/// By the mailbox of each case's contact.
async fn numbers(
    connection: &mut AnyConnection,
    mail: &MailAddress,
) -> Result<(Vec<CaseNumber>, Extent), StoreError> {
    let rows = sqlx::query(
        "SELECT case_number FROM case_mailboxes WHERE mailbox = $1 ORDER BY case_number DESC LIMIT 101",
    )
    .bind(mail.mailbox())
    .fetch_all(connection)
    .await?;
    let extent = if rows.len() > MOST { Extent::Part } else { Extent::Whole };
    let read = |row: &sqlx::any::AnyRow| {
        let number: String = row.try_get(0)?;
        CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("case_mailboxes", error))
    };
    let numbers = rows.iter().take(MOST).map(read).collect::<Result<_, StoreError>>()?;
    Ok((numbers, extent))
}

/// The file that is handed out.
#[derive(Serialize)]
struct Exported {
    mail: String,
    made_utc_s: i64,
    /// Whether the file holds every case of the mailbox.
    complete: bool,
    cases: Vec<ExportedCase>,
    /// Companies whose people have the address.
    companies: Vec<ExportedCompany>,
    /// Cases of others on which the address is.
    participations: Vec<ExportedParticipation>,
    /// What they have said of themselves.
    profile: Option<ExportedProfile>,
}

#[derive(Serialize)]
struct ExportedProfile {
    name: String,
    phone: String,
    language: String,
    declined_mails: String,
    changed_utc_s: i64,
}

#[derive(Serialize)]
struct ExportedCompany {
    name: String,
    standing: String,
    came_by: String,
    since_utc_s: i64,
    entered_utc_s: Option<i64>,
}

#[derive(Serialize)]
struct ExportedParticipation {
    number: String,
    name: String,
    mails: Vec<ExportedMail>,
}

#[derive(Serialize)]
struct ExportedCase {
    number: String,
    customer: String,
    history: Vec<Recorded>,
    mails: Vec<ExportedMail>,
    files: Vec<ExportedFile>,
    message_files: Vec<ExportedMessageFile>,
}

#[derive(Serialize)]
struct ExportedMail {
    kind: String,
    recipient: String,
    subject: String,
    text: String,
    queued_utc_s: i64,
    sent_utc_s: Option<i64>,
}

#[derive(Serialize)]
struct ExportedFile {
    id: String,
    /// Bytes in Base64 (RFC 4648, 4).
    content: String,
}

#[derive(Serialize)]
struct ExportedMessageFile {
    /// Version of the message that it came with.
    version: u32,
    name: String,
    /// Bytes in Base64 (RFC 4648, 4).
    content: String,
}

/// What is known of a person in `chosen` cases, as a JSON document (RFC 8259): histories, mails and files. Cases of another
/// mailbox are left out. So are internal notes and mails to others; what was written while somebody else was the contact is
/// handed out as erased.
///
/// # Errors
/// See [`DeskError`].
pub async fn export(
    desk: &Desk,
    actor: &Actor,
    mail: &MailAddress,
    chosen: &[CaseNumber],
) -> Result<Vec<u8>, DeskError> {
    may(actor, Action::EraseData, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let (known, extent) = numbers(&mut reader, mail).await?;
    let is_whole = extent == Extent::Whole && known.iter().all(|number| chosen.contains(number));
    let numbers: Vec<CaseNumber> = known.into_iter().filter(|number| chosen.contains(number)).collect();
    let mut cases = Vec::new();
    for (number, history) in events::histories(&mut reader, &numbers).await? {
        let row = sqlx::query("SELECT customer FROM cases WHERE number = $1")
            .bind(number.as_compact())
            .fetch_one(&mut *reader)
            .await
            .map_err(StoreError::from)?;
        cases.push(ExportedCase {
            number: number.to_string(),
            customer: row.try_get(0).map_err(StoreError::from)?,
            mails: mails(&mut reader, number, mail).await?,
            files: files(&mut reader, number).await?,
            message_files: message_files(&mut reader, number, &history, mail).await?,
            history: of_person(&history, mail),
        });
    }
    let companies = companies(&mut reader, mail).await?;
    let participations = participations(&mut reader, mail).await?;
    let profile = profile(&mut reader, mail).await?;
    reader.done();
    let by = match actor {
        Actor::Staff(staff) => Some(staff.id.0),
        _ => None,
    };
    desk.note_reading(actor, Reading::Export(AuditData::Person), cases.len());
    tracing::info!(cases = cases.len(), by, "what is known of a person was handed out");
    let (mail, made_utc_s) = (mail.to_string(), desk.now().0);
    let exported =
        Exported { mail, made_utc_s, complete: is_whole, cases, companies, participations, profile };
    Ok(serde_json::to_vec_pretty(&exported)
        .map_err(|error| StoreError::inconsistent("case_events", error))?)
}

/// The companies whose people have the address.
async fn companies(
    connection: &mut AnyConnection,
    mail: &MailAddress,
) -> Result<Vec<ExportedCompany>, StoreError> {
    let rows = sqlx::query(
        "SELECT o.name, m.standing, m.came_by, m.since_utc_s, m.entered_utc_s
         FROM company_members m JOIN organisations o ON o.id = m.organisation_id WHERE m.address = $1 ORDER BY o.name",
    )
    .bind(mail.as_str().to_lowercase())
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(ExportedCompany {
            name: row.try_get(0)?,
            standing: row.try_get(1)?,
            came_by: row.try_get(2)?,
            since_utc_s: row.try_get(3)?,
            entered_utc_s: row.try_get(4)?,
        })
    };
    rows.iter().map(read).collect()
}

/// What the reader of the address's mails has said of themselves.
async fn profile(
    connection: &mut AnyConnection,
    mail: &MailAddress,
) -> Result<Option<ExportedProfile>, StoreError> {
    let row = sqlx::query(
        "SELECT name, phone, language, declined, changed_utc_s FROM customer_profiles WHERE address = $1",
    )
    .bind(mail.as_str().to_lowercase())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ExportedProfile {
        name: row.try_get(0)?,
        phone: row.try_get(1)?,
        language: row.try_get(2)?,
        declined_mails: row.try_get(3)?,
        changed_utc_s: row.try_get(4)?,
    }))
}

/// The cases of others on which the address is, each with the mails that went there.
async fn participations(
    connection: &mut AnyConnection,
    mail: &MailAddress,
) -> Result<Vec<ExportedParticipation>, StoreError> {
    let rows =
        sqlx::query("SELECT case_number, name FROM participants WHERE address = $1 ORDER BY case_number")
            .bind(mail.as_str().to_lowercase())
            .fetch_all(&mut *connection)
            .await?;
    let mut found = Vec::new();
    for row in &rows {
        let number: String = row.try_get(0)?;
        let number =
            CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("participants", error))?;
        let mails = mails(connection, number, mail).await?;
        found.push(ExportedParticipation { number: number.to_string(), name: row.try_get(1)?, mails });
    }
    Ok(found)
}

/// Whether an entry was written while the mailbox was that of the contact.
fn is_theirs(history: &[Recorded], version: u32, mail: &MailAddress) -> bool {
    report_at(history, version).is_none_or(|report| report.contact.mail.mailbox() == mail.mailbox())
}

const fn is_internal(entry: &Recorded) -> bool {
    matches!(entry.event, Event::Noted { audience: Audience::Internal, .. })
}

/// The entries of a history that a person may read. Another contact's are without personal data.
fn of_person(history: &[Recorded], mail: &MailAddress) -> Vec<Recorded> {
    let is_theirs = |version| is_theirs(history, version, mail);
    let read = |entry: &Recorded| {
        let is_of_others =
            matches!(entry.by, Author::Participant { .. }) || matches!(entry.event, Event::Participant(_));
        // An amendment says whom it replaces.
        if !is_of_others && is_theirs(entry.version) && is_theirs(entry.version.saturating_sub(1)) {
            vec![entry.clone()]
        } else {
            erased(vec![entry.clone()])
        }
    };
    history.iter().filter(|entry| !is_internal(entry)).flat_map(read).collect()
}

/// The files of messages that a person may read: not those of internal notes, nor of another contact's time.
async fn message_files(
    connection: &mut AnyConnection,
    number: CaseNumber,
    history: &[Recorded],
    mail: &MailAddress,
) -> Result<Vec<ExportedMessageFile>, StoreError> {
    let rows = sqlx::query(
        "SELECT version, name, content FROM message_files WHERE case_number = $1 ORDER BY version, place",
    )
    .bind(number.as_compact())
    .fetch_all(connection)
    .await?;
    let is_shown = |version: u32| {
        let entry = history.iter().find(|entry| entry.version == version);
        entry.is_some_and(|entry| !is_internal(entry)) && is_theirs(history, version, mail)
    };
    let read = |row: &sqlx::any::AnyRow| {
        let version = u32::try_from(row.try_get::<i64, _>(0)?)
            .map_err(|error| StoreError::inconsistent("message_files", error))?;
        let content: Vec<u8> = row.try_get(2)?;
        Ok(ExportedMessageFile { version, name: row.try_get(1)?, content: STANDARD.encode(content) })
    };
    let all = rows.iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(all.into_iter().filter(|file| is_shown(file.version)).collect())
}

/// Mails about a case that went to the mailbox.
async fn mails(
    connection: &mut AnyConnection,
    number: CaseNumber,
    mail: &MailAddress,
) -> Result<Vec<ExportedMail>, StoreError> {
    let rows = sqlx::query(
        "SELECT kind, recipient, subject, body_text, created_utc_s, sent_utc_s FROM outbox
         WHERE case_number = $1 ORDER BY id",
    )
    .bind(number.as_compact())
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::any::AnyRow| -> Result<ExportedMail, StoreError> {
        Ok(ExportedMail {
            kind: row.try_get(0)?,
            recipient: row.try_get(1)?,
            subject: row.try_get(2)?,
            // The codes of links are not in the outbox, and open nothing here.
            text: crate::access::tokens::masked(&row.try_get::<String, _>(3)?),
            queued_utc_s: row.try_get(4)?,
            sent_utc_s: row.try_get(5)?,
        })
    };
    let is_theirs = |exported: &ExportedMail| {
        MailAddress::parse(&exported.recipient).is_ok_and(|other| other.mailbox() == mail.mailbox())
    };
    let all = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(is_theirs).collect())
}

async fn files(connection: &mut AnyConnection, number: CaseNumber) -> Result<Vec<ExportedFile>, StoreError> {
    let rows =
        sqlx::query("SELECT file_id, content FROM visit_files WHERE case_number = $1 ORDER BY file_id")
            .bind(number.as_compact())
            .fetch_all(connection)
            .await?;
    let read = |row: &sqlx::any::AnyRow| {
        let content: Vec<u8> = row.try_get(1)?;
        Ok(ExportedFile { id: row.try_get(0)?, content: STANDARD.encode(content) })
    };
    rows.iter().map(read).collect()
}

//! What is known of one person, by their mail address: told, handed out as a file, and erased.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::actor::{Action, Actor, Subject, may};
use domain::case::{Recorded, Status};
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use domain::time::Instant;
use serde::Serialize;
use sqlx::{AnyConnection, Row};

use super::run::ended_at;
use crate::Desk;
use crate::DeskError;
use crate::cases::lost_link::mailbox_term;
use crate::events;
use crate::store::StoreError;

/// The most cases that are told of together; a mailbox with more is asked for again once these are erased.
const MOST: i64 = 500;

/// A case in which a person is the contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCase {
    /// Its number.
    pub number: CaseNumber,
    /// When it was opened.
    pub opened_at: Instant,
    /// How it stands.
    pub status: Status,
    /// Whether it has ended, so that its data can be erased.
    pub ended: bool,
}

/// What is known of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Cases whose contact has the mailbox, the newest first.
    pub cases: Vec<KnownCase>,
}

/// The cases of which a person is the contact, by the mailbox of their address.
///
/// # Errors
/// See [`DeskError`].
pub async fn known_of(desk: &Desk, actor: &Actor, mail: &MailAddress) -> Result<Known, DeskError> {
    may(actor, Action::EraseData, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let numbers = numbers(&mut reader, mail).await?;
    let mut cases = Vec::new();
    for (number, history) in events::histories(&mut reader, &numbers).await? {
        let case = events::fold(&history)?;
        let ended = ended_at(&case).is_some();
        cases.push(KnownCase { number, opened_at: case.opened_at, status: case.status(), ended });
    }
    reader.done();
    cases.sort_by_key(|case| std::cmp::Reverse((case.opened_at, case.number)));
    Ok(Known { cases })
}

/// By the search terms: a mailbox is a term of its own.
async fn numbers(connection: &mut AnyConnection, mail: &MailAddress) -> Result<Vec<CaseNumber>, StoreError> {
    let rows =
        sqlx::query("SELECT case_number FROM case_terms WHERE term = $1 ORDER BY case_number DESC LIMIT $2")
            .bind(mailbox_term(&mail.mailbox()).into_bytes())
            .bind(MOST)
            .fetch_all(connection)
            .await?;
    let read = |row: &sqlx::any::AnyRow| {
        let number: String = row.try_get(0)?;
        CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("case_terms", error))
    };
    rows.iter().map(read).collect()
}

/// The file that is handed out.
#[derive(Serialize)]
struct Exported {
    mail: String,
    made_utc_s: i64,
    cases: Vec<ExportedCase>,
}

#[derive(Serialize)]
struct ExportedCase {
    number: String,
    customer: String,
    history: Vec<Recorded>,
    mails: Vec<ExportedMail>,
    files: Vec<ExportedFile>,
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

/// All that is known of a person, as a JSON document (RFC 8259): histories, mails and files of their cases.
///
/// # Errors
/// See [`DeskError`].
pub async fn export(desk: &Desk, actor: &Actor, mail: &MailAddress) -> Result<Vec<u8>, DeskError> {
    may(actor, Action::EraseData, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let numbers = numbers(&mut reader, mail).await?;
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
            mails: mails(&mut reader, number).await?,
            files: files(&mut reader, number).await?,
            history,
        });
    }
    reader.done();
    tracing::info!(cases = cases.len(), "what is known of a person was handed out");
    let exported = Exported { mail: mail.to_string(), made_utc_s: desk.now().0, cases };
    Ok(serde_json::to_vec_pretty(&exported)
        .map_err(|error| StoreError::inconsistent("case_events", error))?)
}

async fn mails(connection: &mut AnyConnection, number: CaseNumber) -> Result<Vec<ExportedMail>, StoreError> {
    let rows = sqlx::query(
        "SELECT kind, recipient, subject, body_text, created_utc_s, sent_utc_s FROM outbox
         WHERE case_number = $1 ORDER BY id",
    )
    .bind(number.as_compact())
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
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
    rows.iter().map(read).collect()
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

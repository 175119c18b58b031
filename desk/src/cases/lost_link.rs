//! Lost links: sent again to the address of their case, and to no other (`docs/decisions/0029`).
//!
//! The requester learns nothing, not even by timing: the answer comes before any look-up.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::calendar::ServiceHours;
use domain::case::Case;
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::access::limits::{Source, TooOften};
use crate::events;
use crate::outbox::{LinkRequest, queue_links};
use crate::store::StoreError;

/// The most links in one mail.
const LISTED: usize = 20;

/// A request for a lost link.
#[derive(Debug, Clone)]
pub struct Lost {
    /// The contact's mail address, in any spelling.
    pub mail: MailAddress,
    /// The case; `None` for all open cases of the mailbox.
    pub number: Option<CaseNumber>,
    /// The requester's network; `None` for known requesters.
    pub source: Option<Source>,
}

/// Accepts a request and sends the mails in the background.
///
/// # Errors
/// [`TooOften`] when a stranger exceeds the rate limit, whatever the request.
pub fn ask(desk: &Desk, lost: Lost) -> Result<(), TooOften> {
    if let Some(source) = lost.source {
        desk.limits().links.take(source, desk.now())?;
    }
    let desk = desk.clone();
    tokio::spawn(async move {
        if let Err(error) = send(&desk, &lost).await {
            tracing::error!(%error, "links that were asked for could not be sent");
        }
    });
    Ok(())
}

/// Queues the mails of a request: one to each address of the mailbox in its cases.
///
/// # Errors
/// When the database does not answer.
pub async fn send(desk: &Desk, lost: &Lost) -> Result<(), StoreError> {
    let mut reader = desk.store().reader().await?;
    let cases = open_cases(&mut reader, lost).await?;
    reader.done();
    let mut letters: Vec<(Vec<Case>, Arc<ServiceHours>)> = Vec::new();
    for cases in by_address(cases).into_values() {
        let Some(newest) = cases.first() else { continue };
        let hours = desk.hours(&newest.opening.hours).await?;
        letters.push((cases, hours));
    }
    if letters.is_empty() {
        return Ok(());
    }
    let sender = lost.source.map(|source| desk.tokens().sender(source.site()));
    let desk = desk.clone();
    let store = desk.store().clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                for (cases, hours) in &letters {
                    let listed = cases.get(..LISTED).unwrap_or(cases);
                    let more = cases.len().checked_sub(LISTED).filter(|more| *more > 0);
                    let wanted = LinkRequest { cases: listed, more, hours, sender: sender.as_deref() };
                    queue_links(&desk, tx, &wanted).await?;
                }
                Ok(())
            })
        })
        .await
}

/// The open cases of a mailbox, newest first.
async fn open_cases(connection: &mut AnyConnection, lost: &Lost) -> Result<Vec<Case>, StoreError> {
    let mailbox = lost.mail.mailbox();
    let numbers = match lost.number {
        Some(number) => vec![number],
        None => numbers(connection, &mailbox).await?,
    };
    let found = events::cases_and_labels(connection, &numbers).await?;
    // Mailboxes are written after the history, so the history decides.
    let is_theirs =
        |case: &Case| !case.status().is_end() && case.opening.report.contact.mail.mailbox() == mailbox;
    let mut cases: Vec<Case> = found.into_iter().map(|(case, _)| case).filter(is_theirs).collect();
    cases.sort_by_key(|case| std::cmp::Reverse((case.opened_at, case.opening.number)));
    Ok(cases)
}

/// Numbers of a mailbox's open cases; of very many, the newest of each country.
async fn numbers(connection: &mut AnyConnection, mailbox: &str) -> Result<Vec<CaseNumber>, StoreError> {
    let rows = sqlx::query(
        "SELECT held.case_number FROM case_mailboxes held JOIN cases ON cases.number = held.case_number
         WHERE held.mailbox = $1 AND cases.status IN ('new', 'in_progress', 'on_hold', 'resolved')
         ORDER BY held.case_number DESC LIMIT 200",
    )
    .bind(mailbox.to_owned())
    .fetch_all(connection)
    .await?;
    let number = |row: &sqlx::any::AnyRow| {
        let number: String = row.try_get(0)?;
        CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("case_mailboxes", error))
    };
    rows.iter().map(number).collect()
}

/// Cases by address of their contact. Servers may distinguish spellings of a mailbox, so each spelling gets its own
/// links alone.
fn by_address(cases: Vec<Case>) -> BTreeMap<String, Vec<Case>> {
    let mut found: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for case in cases {
        let address = case.opening.report.contact.mail.as_str().to_ascii_lowercase();
        found.entry(address).or_default().push(case);
    }
    found
}

//! Links that were lost: sent again to the address that they belong to, and to no other (`docs/decisions/0029`).
//!
//! Whoever asks learns nothing, not even by a clock: they are answered before anything is looked up.

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
use crate::outbox::{Wanted, queue_links};
use crate::store::StoreError;

/// Links that one mail lists.
const LISTED: usize = 20;

/// What somebody asks for who lost the link to a case.
#[derive(Debug, Clone)]
pub struct Lost {
    /// The contact's mail address, in whatever spelling.
    pub mail: MailAddress,
    /// Which case; all open ones of that mailbox when none is named.
    pub number: Option<CaseNumber>,
    /// Where a stranger asks from; none of whoever is known.
    pub source: Option<Source>,
}

/// Takes what somebody asks for, and sends what there is to send behind it.
///
/// # Errors
/// [`TooOften`] when a stranger asks too often, whatever they ask for.
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

/// Queues the mails with what was asked for: one to each address of the mailbox, as it stands in its cases.
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
                    let wanted = Wanted { cases: listed, more, hours, sender: sender.as_deref() };
                    queue_links(&desk, tx, &wanted).await?;
                }
                Ok(())
            })
        })
        .await
}

/// What a case is found by among those of its contact's mailbox. No word that is looked for holds the sign before it.
pub(crate) fn mailbox_term(mailbox: &str) -> String {
    format!("={mailbox}")
}

/// The cases of a mailbox that have not ended, the newest first.
async fn open_cases(connection: &mut AnyConnection, lost: &Lost) -> Result<Vec<Case>, StoreError> {
    let mailbox = lost.mail.mailbox();
    let numbers = match lost.number {
        Some(number) => vec![number],
        None => numbers(connection, &mailbox).await?,
    };
    let found = events::cases_and_labels(connection, &numbers).await?;
    // Terms are written behind the history: what it says counts.
    let is_theirs =
        |case: &Case| !case.status().is_end() && case.opening.report.contact.mail.mailbox() == mailbox;
    let mut cases: Vec<Case> = found.into_iter().map(|(case, _)| case).filter(is_theirs).collect();
    cases.sort_by_key(|case| std::cmp::Reverse((case.opened_at, case.opening.number)));
    Ok(cases)
}

/// The numbers of a mailbox's open cases; of very many, the newest of each country.
async fn numbers(connection: &mut AnyConnection, mailbox: &str) -> Result<Vec<CaseNumber>, StoreError> {
    let rows = sqlx::query(
        "SELECT held.case_number FROM case_terms held JOIN cases ON cases.number = held.case_number
         WHERE held.term = $1 AND cases.status IN ('new', 'in_progress', 'on_hold', 'resolved')
         ORDER BY held.case_number DESC LIMIT 200",
    )
    .bind(mailbox_term(mailbox).into_bytes())
    .fetch_all(connection)
    .await?;
    let number = |row: &sqlx::any::AnyRow| {
        let number: String = row.try_get(0)?;
        CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("case_terms", error))
    };
    rows.iter().map(number).collect()
}

/// Cases by the address of their contact. Servers tell spellings of a mailbox apart if they like: nobody is sent the links of
/// another spelling.
fn by_address(cases: Vec<Case>) -> BTreeMap<String, Vec<Case>> {
    let mut found: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for case in cases {
        let address = case.opening.report.contact.mail.as_str().to_ascii_lowercase();
        found.entry(address).or_default().push(case);
    }
    found
}

//! Waits that ran on after the customer had answered, as rows: derived from the history in the transaction that appends to
//! it, and once for histories that were there before the rows were.

use domain::case::{Author, Case, Event, Recorded, RevisionEvent, TalkEvent, WaitOverlap, wait_overlaps};
use domain::case_number::CaseNumber;
use domain::entitlement::Hours;
use domain::survey::Month;
use sqlx::Row;

use crate::Desk;
use crate::case_log;
use crate::store::{StoreError, Tx, insert_all};

/// Histories that are brought in with one commit: others wait no longer than that takes.
const PORTION: i64 = 32;

/// Brings the rows of a case up to its history, after `recorded` was added to it.
pub(crate) async fn keep(
    tx: &mut Tx,
    case: &Case,
    hours: &Hours,
    recorded: &[Recorded],
) -> Result<(), StoreError> {
    if case.pauses().is_empty() || !recorded.iter().any(|entry| touches(&entry.event)) {
        return Ok(());
    }
    let history = case_log::history(tx.connection(), case.opening.number).await?;
    write(tx, case.opening.number, &overlaps_of(&history, hours), hours).await
}

/// The waits of a history that ran on after an answer, while the desk was open.
pub(crate) fn overlaps_of(history: &[Recorded], hours: &Hours) -> Vec<WaitOverlap> {
    let mut overlaps = wait_overlaps(history);
    // What lies outside the hours keeps no promise waiting.
    overlaps.retain(|overlap| overlap.seconds(&hours.spans, overlap.to) > 0);
    overlaps
}

/// Brings in what the list of the migration names and nobody has brought in yet, each history once, however often this is
/// begun and by however many nodes; how many.
///
/// # Errors
/// When the database does not answer, or holds what no version of this program writes: what was done is kept.
pub async fn bring_in_overlaps(desk: &Desk) -> Result<usize, StoreError> {
    let mut brought = 0;
    loop {
        let at_work = desk.clone();
        let portion =
            desk.store().write(move |tx| Box::pin(async move { bring_in(&at_work, tx).await })).await?;
        if portion == 0 {
            return Ok(brought);
        }
        brought += portion;
    }
}

async fn bring_in(desk: &Desk, tx: &mut Tx) -> Result<usize, StoreError> {
    let rows = sqlx::query("SELECT case_number FROM overlaps_to_bring_in ORDER BY case_number LIMIT $1")
        .bind(PORTION)
        .fetch_all(tx.connection())
        .await?;
    for row in &rows {
        let number: String = row.try_get(0)?;
        let case_number = CaseNumber::parse(&number)
            .map_err(|error| StoreError::inconsistent("overlaps_to_bring_in", error))?;
        let history = case_log::history(tx.connection(), case_number).await?;
        let case = case_log::fold(&history)?;
        let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
        write(tx, case_number, &overlaps_of(&history, &hours), &hours).await?;
        sqlx::query("DELETE FROM overlaps_to_bring_in WHERE case_number = $1")
            .bind(number)
            .execute(tx.connection())
            .await?;
    }
    Ok(rows.len())
}

/// Puts these rows of a case in the place of those that are there.
async fn write(
    tx: &mut Tx,
    number: CaseNumber,
    overlaps: &[WaitOverlap],
    hours: &Hours,
) -> Result<(), StoreError> {
    let number = number.as_compact();
    sqlx::query("DELETE FROM pause_overlaps WHERE case_number = $1")
        .bind(&number)
        .execute(tx.connection())
        .await?;
    insert_all(
        tx.connection(),
        "INSERT INTO pause_overlaps (case_number, version, reason, set_by, from_utc_s, answered_utc_s, answer, to_utc_s,
                                     month)",
        9,
        overlaps,
        |statement, overlap| {
            let set_by = match &overlap.set_by {
                Author::Staff { name, .. } => name.as_str(),
                Author::Customer | Author::CustomerBeside(_) | Author::System => "",
            };
            let month = Month::of(&hours.zone, overlap.answered_at);
            statement
                .bind(number.clone())
                .bind(i64::from(overlap.version))
                .bind(overlap.reason.code())
                .bind(set_by.to_owned())
                .bind(overlap.from.0)
                .bind(overlap.answered_at.0)
                .bind(overlap.answer.code())
                .bind(overlap.to.0)
                .bind(month.map(|month| month.to_string()).unwrap_or_default())
        },
    )
    .await
}

/// Whether an entry may begin, end or change an overlap.
const fn touches(event: &Event) -> bool {
    matches!(
        event,
        Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::Resolved { .. }
            | Event::Withdrawn(_)
            | Event::Contacted { .. }
            | Event::Visit { .. }
            | Event::Talk(TalkEvent::CustomerWrote { .. })
            // Another contract has other hours, and a contact that was none is no answer.
            | Event::Revision(RevisionEvent::Corrected(_) | RevisionEvent::ContactTakenBack { .. })
    )
}

//! Wait overlaps as rows, projected with the history, and written by a backfill for older cases.

use domain::calendar::{Month, ServiceHours};
use domain::case::{Author, Case, Event, MessageEvent, Recorded, RevisionEvent, WaitOverlap, wait_overlaps};
use domain::case_number::CaseNumber;

use super::Older;
use crate::events;
use crate::store::{StoreError, Tx, insert_all};

/// Projects the rows of a case after `recorded`.
pub(crate) async fn keep(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    recorded: &[Recorded],
) -> Result<(), StoreError> {
    if case.pauses().is_empty() || !recorded.iter().any(|entry| touches(&entry.event)) {
        return Ok(());
    }
    let history = events::history(tx.connection(), case.opening.number).await?;
    write(tx, case.opening.number, &overlaps_of(&history, hours), hours).await
}

/// The overlaps of a history during service hours.
pub(crate) fn overlaps_of(history: &[Recorded], hours: &ServiceHours) -> Vec<WaitOverlap> {
    let mut overlaps = wait_overlaps(history);
    // Overlaps outside service hours delay no target.
    overlaps.retain(|overlap| overlap.seconds(&hours.spans, overlap.to) > 0);
    overlaps
}

/// Writes the rows of an older case.
pub(crate) async fn backfill(tx: &mut Tx, older: &Older<'_>) -> Result<(), StoreError> {
    let Older { case, history, hours } = older;
    write(tx, case.opening.number, &overlaps_of(history, hours), hours).await
}

/// Replaces the rows of a case.
async fn write(
    tx: &mut Tx,
    number: CaseNumber,
    overlaps: &[WaitOverlap],
    hours: &ServiceHours,
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
                Author::Staff { name, .. } | Author::Integration { name, .. } => name.as_str(),
                Author::Customer
                | Author::CustomerBeside(_)
                | Author::Participant { .. }
                | Author::System => "",
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

/// Whether an entry can begin, end or change an overlap.
const fn touches(event: &Event) -> bool {
    matches!(
        event,
        Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::Resolved { .. }
            | Event::Terminated(_)
            | Event::Contacted { .. }
            | Event::Visit { .. }
            | Event::Message(MessageEvent::CustomerWrote { .. })
            // Another contract has other hours, and an undone contact is no answer.
            | Event::Revision(RevisionEvent::Corrected(_) | RevisionEvent::ContactUndone { .. })
    )
}

//! Read models: rows projected from events, in the transaction that appends them. They import no use-case.

pub(crate) mod attachments;
pub(crate) mod case_row;
pub(crate) mod cases;
pub(crate) mod participants;
pub(crate) mod ranks;
pub(crate) mod sla_records;
pub(crate) mod surveys;
pub(crate) mod tracking;
pub(crate) mod visits;
pub(crate) mod wait_overlaps;

use domain::calendar::ServiceHours;
use domain::case::{Case, Event, Recorded, RevisionEvent};
use domain::time::Instant;

use crate::store::{StoreError, Tx};

/// Entries that were appended together, and their effect.
pub(crate) struct Change<'a> {
    /// The case before them.
    pub(crate) before: &'a Case,
    /// The case with them.
    pub(crate) case: &'a Case,
    /// Service hours of the case after them.
    pub(crate) hours: &'a ServiceHours,
    /// The entries, in order.
    pub(crate) recorded: &'a [Recorded],
    /// Sequence number of the last one.
    pub(crate) seq: i64,
    /// Time of the entries.
    pub(crate) now: Instant,
}

/// A case of a backfill.
pub(crate) struct Older<'a> {
    pub(crate) case: &'a Case,
    pub(crate) history: &'a [Recorded],
    pub(crate) hours: &'a ServiceHours,
}

/// Projects every row of a case. A new read model has its line here.
pub(crate) async fn project(tx: &mut Tx, change: &Change<'_>) -> Result<(), StoreError> {
    let Change { before, case, hours, recorded, seq, now } = *change;
    cases::update_row(tx, case, hours, now, seq).await?;
    if cases::badge(case) != cases::badge(before) {
        cases::write_badge(tx, case).await?;
    }
    if case.tracking() != before.tracking() {
        tracking::update_row(tx, case).await?;
    }
    if case.participants() != before.participants() {
        participants::update_rows(tx, case).await?;
    }
    surveys::keep(tx, case, hours, recorded).await?;
    visits::update_row(tx, case).await?;
    wait_overlaps::keep(tx, case, hours, recorded).await?;
    sla_records::keep(tx, before, case, hours, recorded, now).await?;
    for entry in recorded {
        if let Event::Revision(RevisionEvent::Corrected(right)) = &entry.event {
            cases::write_contract(tx, case, right).await?;
        }
        attachments::forget(tx, case.opening.number, &entry.event).await?;
    }
    Ok(())
}

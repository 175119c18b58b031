//! Read models: rows that are written from events, in the transaction that appends these. They import no use-case.

pub(crate) mod attachments;
pub(crate) mod case_row;
pub(crate) mod cases;
pub(crate) mod ranks;
pub(crate) mod sla_records;
pub(crate) mod surveys;
pub(crate) mod visits;
pub(crate) mod wait_overlaps;

use domain::calendar::ServiceHours;
use domain::case::{Case, Event, Recorded, RevisionEvent};
use domain::time::Instant;

use crate::store::{StoreError, Tx};

/// What entries that were appended together made of a case.
pub(crate) struct Change<'a> {
    /// The case before them.
    pub(crate) before: &'a Case,
    /// The case with them.
    pub(crate) case: &'a Case,
    /// The service hours that count for the case now.
    pub(crate) hours: &'a ServiceHours,
    /// The entries, in order.
    pub(crate) recorded: &'a [Recorded],
    /// The number of the last one in the desk's sequence.
    pub(crate) seq: i64,
    /// When they were recorded.
    pub(crate) now: Instant,
}

/// A case whose rows a backfill makes from its history.
pub(crate) struct Older<'a> {
    pub(crate) case: &'a Case,
    pub(crate) history: &'a [Recorded],
    pub(crate) hours: &'a ServiceHours,
}

/// Brings every row that follows from a case up to its history. A read model that is added has its line here.
pub(crate) async fn project(tx: &mut Tx, change: &Change<'_>) -> Result<(), StoreError> {
    let Change { before, case, hours, recorded, seq, now } = *change;
    cases::update_row(tx, case, hours, now, seq).await?;
    if cases::badge(case) != cases::badge(before) {
        cases::write_badge(tx, case).await?;
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

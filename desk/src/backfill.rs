//! Backfills: rows of the read model for histories of older versions.
//!
//! A migration lists the cases of each backfill. A case leaves the list in the transaction that writes its rows. So
//! each is done once, on any number of nodes and starts.

use std::time::Duration;

use domain::case_number::CaseNumber;
use sqlx::Row;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Desk;
use crate::audit::histories;
use crate::events;
use crate::projections::{Older, ranks, sla_records, wait_overlaps};
use crate::store::{StoreError, Tx};

/// Number of cases per commit. Other writers wait no longer than one portion.
const PORTION: i64 = 32;

/// Wait before a failed backfill is tried again.
const AGAIN: Duration = Duration::from_mins(1);

/// A backfill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backfill {
    /// Ranks of older cases.
    Ranks,
    /// Wait overlaps, for their report.
    Overlaps,
    /// Settled SLA targets, for their report.
    SlaRecords,
    /// Chains of older histories, for the audit log.
    Chains,
}

impl Backfill {
    /// All of them, in the order in which the staff needs them.
    pub const ALL: [Self; 4] = [Self::Ranks, Self::Overlaps, Self::SlaRecords, Self::Chains];

    /// The table that lists its cases.
    const fn list(self) -> &'static str {
        match self {
            Self::Ranks => "ranks_to_bring_in",
            Self::Overlaps => "overlaps_to_bring_in",
            Self::SlaRecords => "promises_to_bring_in",
            Self::Chains => "chains_to_bring_in",
        }
    }

    /// The query for the next cases of its list.
    const fn next(self) -> &'static str {
        match self {
            Self::Ranks => "SELECT case_number FROM ranks_to_bring_in ORDER BY turn, case_number LIMIT $1",
            Self::Overlaps => "SELECT case_number FROM overlaps_to_bring_in ORDER BY case_number LIMIT $1",
            Self::SlaRecords => "SELECT case_number FROM promises_to_bring_in ORDER BY case_number LIMIT $1",
            Self::Chains => "SELECT case_number FROM chains_to_bring_in ORDER BY case_number LIMIT $1",
        }
    }

    /// The statement that removes a case from its list.
    const fn done(self) -> &'static str {
        match self {
            // The key begins with the turn, so both turns are named.
            Self::Ranks => "DELETE FROM ranks_to_bring_in WHERE turn IN (0, 1) AND case_number = $1",
            Self::Overlaps => "DELETE FROM overlaps_to_bring_in WHERE case_number = $1",
            Self::SlaRecords => "DELETE FROM promises_to_bring_in WHERE case_number = $1",
            Self::Chains => "DELETE FROM chains_to_bring_in WHERE case_number = $1",
        }
    }

    /// Writes the rows of one case.
    async fn write(self, desk: &Desk, tx: &mut Tx, older: &Older<'_>) -> Result<(), StoreError> {
        match self {
            Self::Ranks => ranks::backfill(tx, older, desk.now()).await,
            Self::Overlaps => wait_overlaps::backfill(tx, older).await,
            Self::SlaRecords => sla_records::backfill(tx, older, desk.now()).await,
            Self::Chains => {
                histories::bring_in(tx, desk.ports(), older.case.opening.number).await?;
                Ok(())
            }
        }
    }

    /// Writes the rows of the next cases of its list. Gives their number.
    async fn portion(self, desk: &Desk, tx: &mut Tx) -> Result<usize, StoreError> {
        let rows = sqlx::query(self.next()).bind(PORTION).fetch_all(tx.connection()).await?;
        for row in &rows {
            let compact: String = row.try_get(0)?;
            let number =
                CaseNumber::parse(&compact).map_err(|error| StoreError::inconsistent(self.list(), error))?;
            let history = events::history(tx.connection(), number).await?;
            let case = events::fold(&history)?;
            let hours = desk.hours_since(tx.connection(), &case.opening.hours, case.opened_at).await?;
            self.write(desk, tx, &Older { case: &case, history: &history, hours: &hours }).await?;
            sqlx::query(self.done()).bind(compact).execute(tx.connection()).await?;
        }
        Ok(rows.len())
    }

    /// Works through its list. Gives the number of cases. After each portion it pauses as long as the portion took, for
    /// other writers.
    ///
    /// # Errors
    /// When the database fails, or has data of no known version. Written portions remain.
    pub async fn run(self, desk: &Desk) -> Result<usize, StoreError> {
        let mut cases = 0;
        loop {
            let begun = Instant::now();
            let at_work = desk.clone();
            let portion = desk
                .store()
                .write(move |tx| Box::pin(async move { self.portion(&at_work, tx).await }))
                .await?;
            if portion == 0 {
                return Ok(cases);
            }
            cases += portion;
            tokio::time::sleep(begun.elapsed()).await;
        }
    }
}

/// Runs all backfills until `stop`. A failed one is tried again later; an interrupted one continues at the next start.
pub async fn serve(desk: Desk, stop: CancellationToken) {
    serve_with(desk, stop, || tokio::time::sleep(AGAIN)).await;
}

/// The same with another wait after a failure.
pub async fn serve_with(desk: Desk, stop: CancellationToken, wait: impl AsyncFn()) {
    let work = async {
        let mut left = Backfill::ALL.to_vec();
        loop {
            let mut failed = Vec::new();
            for backfill in left {
                match backfill.run(&desk).await {
                    Ok(0) => {}
                    Ok(cases) => tracing::info!(?backfill, cases, "rows of older cases are written"),
                    Err(error) => {
                        tracing::error!(?backfill, %error, "rows of older cases are not all written; trying again");
                        failed.push(backfill);
                    }
                }
            }
            if failed.is_empty() {
                return;
            }
            left = failed;
            wait().await;
        }
    };
    stop.run_until_cancelled(work).await;
}

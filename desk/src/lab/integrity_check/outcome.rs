//! What the integrity check came to last: an operator asks long after it ran.

use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use super::IntegrityReport;
use crate::Desk;
use crate::store::StoreError;

/// The last outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrityOutcome {
    /// When the check ended.
    pub at: Instant,
    /// Cases that were looked at.
    pub cases: i64,
    /// How many contradictions were found.
    pub contradictions: i64,
    /// The first of them, in words; `None` when there was none.
    pub first: Option<String>,
}

/// Keeps what a check found.
///
/// # Errors
/// When the database does not answer.
pub async fn record(desk: &Desk, report: &IntegrityReport) -> Result<(), StoreError> {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let (now, cases) = (desk.now(), count(report.cases));
    let contradictions = count(report.inconsistencies.len() as u64);
    let first = report.inconsistencies.first().map(ToString::to_string);
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO integrity_outcome (id, at_utc_s, cases, contradictions, first)
                     VALUES (1, $1, $2, $3, $4)
                     ON CONFLICT (id) DO UPDATE SET at_utc_s = excluded.at_utc_s, cases = excluded.cases,
                         contradictions = excluded.contradictions, first = excluded.first",
                )
                .bind(now.0)
                .bind(cases)
                .bind(contradictions)
                .bind(first)
                .execute(tx.connection())
                .await?;
                Ok(())
            })
        })
        .await
}

/// What was kept last; `None` before the first check.
pub(crate) async fn last(connection: &mut AnyConnection) -> Result<Option<IntegrityOutcome>, StoreError> {
    let row =
        sqlx::query("SELECT at_utc_s, cases, contradictions, first FROM integrity_outcome WHERE id = 1")
            .fetch_optional(connection)
            .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(IntegrityOutcome {
        at: Instant(row.try_get(0)?),
        cases: row.try_get(1)?,
        contradictions: row.try_get(2)?,
        first: row.try_get(3)?,
    }))
}

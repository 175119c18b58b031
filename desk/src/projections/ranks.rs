//! Ranks as rows: the sort key of queue and wall, updated by time, and written by a backfill for older cases.

use domain::calendar::ServiceHours;
use domain::case::Case;
use domain::text::first_words;
use domain::time;

use super::Older;
use super::cases::{Summary, summary};
use crate::store::{StoreError, Tx};

/// The most characters of a fault in a row.
const FAULT_CHARACTERS: usize = 120;

/// The first words of a case's fault description.
pub(crate) fn fault(case: &Case) -> String {
    first_words(case.opening.report.fault.as_str(), FAULT_CHARACTERS)
}

/// Updates a case's rank to `now`, and the time of its next run.
pub(crate) async fn keep(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    now: time::Instant,
) -> Result<(), StoreError> {
    let Summary { due_utc_s, sort_key, .. } = summary(case, hours, now)?;
    let alarm = case.next_run(hours, now).filter(|next| *next > now);
    sqlx::query("UPDATE cases SET due_utc_s = $2, sort_key = $3, alarm_utc_s = $4 WHERE number = $1")
        .bind(case.opening.number.as_compact())
        .bind(due_utc_s)
        .bind(sort_key)
        .bind(alarm.map(|at| at.0))
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Writes the rank of an older case, and the first words of its fault.
pub(crate) async fn backfill(tx: &mut Tx, older: &Older<'_>, now: time::Instant) -> Result<(), StoreError> {
    let Older { case, hours, .. } = older;
    let Summary { due_utc_s, sort_key, alarm_utc_s, .. } = summary(case, hours, now)?;
    sqlx::query(
        "UPDATE cases SET due_utc_s = $2, sort_key = $3, alarm_utc_s = $4, fault = $5 WHERE number = $1",
    )
    .bind(case.opening.number.as_compact())
    .bind(due_utc_s)
    .bind(sort_key)
    .bind(alarm_utc_s)
    .bind(fault(case))
    .execute(tx.connection())
    .await?;
    Ok(())
}

//! The order of work as rows: the key that queue and wall sort by, brought up to the time, and once for cases that were
//! there before the key was.

use domain::case::Case;
use domain::case_number::CaseNumber;
use domain::entitlement::Hours;
use domain::text::first_words;
use domain::time;
use sqlx::Row;
use tokio::time::Instant;

use crate::Desk;
use crate::case_log::{self, Summary, summary};
use crate::store::{StoreError, Tx};

/// Cases that are brought in with one commit: others wait no longer than that takes.
const PORTION: i64 = 32;
/// Characters of a fault that rows show at most.
const FAULT_CHARACTERS: usize = 120;

/// What rows show of what was reported.
pub(crate) fn fault(case: &Case) -> String {
    first_words(case.opening.report.fault.as_str(), FAULT_CHARACTERS)
}

/// Brings a case's place in the order of work up to `now`, and looks at it again when time has something to do next.
pub(crate) async fn keep(
    tx: &mut Tx,
    case: &Case,
    hours: &Hours,
    now: time::Instant,
) -> Result<(), StoreError> {
    let Summary { due_utc_s, sort_key, .. } = summary(case, hours, now)?;
    let alarm = case.next_alarm(hours, now).filter(|next| *next > now);
    sqlx::query("UPDATE cases SET due_utc_s = $2, sort_key = $3, alarm_utc_s = $4 WHERE number = $1")
        .bind(case.opening.number.as_compact())
        .bind(due_utc_s)
        .bind(sort_key)
        .bind(alarm.map(|at| at.0))
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Brings in what the list of the migration names and nobody has brought in yet, each case once, however often this is begun
/// and by however many nodes; how many. After each portion it rests for as long as that took: others write as well.
///
/// # Errors
/// When the database does not answer, or holds what no version of this program writes: what was done is kept.
pub async fn bring_in_ranks(desk: &Desk) -> Result<usize, StoreError> {
    let mut brought = 0;
    loop {
        let begun = Instant::now();
        let at_work = desk.clone();
        let portion =
            desk.store().write(move |tx| Box::pin(async move { bring_in(&at_work, tx).await })).await?;
        if portion == 0 {
            return Ok(brought);
        }
        brought += portion;
        tokio::time::sleep(begun.elapsed()).await;
    }
}

async fn bring_in(desk: &Desk, tx: &mut Tx) -> Result<usize, StoreError> {
    let rows =
        sqlx::query("SELECT turn, case_number FROM ranks_to_bring_in ORDER BY turn, case_number LIMIT $1")
            .bind(PORTION)
            .fetch_all(tx.connection())
            .await?;
    for row in &rows {
        let (turn, number): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        let case_number = CaseNumber::parse(&number)
            .map_err(|error| StoreError::inconsistent("ranks_to_bring_in", error))?;
        let history = case_log::history(tx.connection(), case_number).await?;
        let case = case_log::fold(&history)?;
        let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
        let Summary { due_utc_s, sort_key, alarm_utc_s, .. } = summary(&case, &hours, desk.now())?;
        sqlx::query(
            "UPDATE cases SET due_utc_s = $2, sort_key = $3, alarm_utc_s = $4, fault = $5 WHERE number = $1",
        )
        .bind(&number)
        .bind(due_utc_s)
        .bind(sort_key)
        .bind(alarm_utc_s)
        .bind(fault(&case))
        .execute(tx.connection())
        .await?;
        sqlx::query("DELETE FROM ranks_to_bring_in WHERE turn = $1 AND case_number = $2")
            .bind(turn)
            .bind(number)
            .execute(tx.connection())
            .await?;
    }
    Ok(rows.len())
}

//! What decides whether the link to a case's page still leads there.

use domain::case::{Case, Tracking};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use crate::store::{StoreError, Tx};

/// Projects it into the case's row.
pub(super) async fn update_row(tx: &mut Tx, case: &Case) -> Result<(), StoreError> {
    let Tracking { generation, runs_from } = case.tracking();
    sqlx::query("UPDATE cases SET link_generation = $2, link_runs_from_utc_s = $3 WHERE number = $1")
        .bind(case.opening.number.as_compact())
        .bind(i64::from(generation))
        .bind(runs_from.map(|at| at.0))
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Reads it; `None` for no case.
pub(crate) async fn of_case(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Option<Tracking>, StoreError> {
    let row = sqlx::query("SELECT link_generation, link_runs_from_utc_s FROM cases WHERE number = $1")
        .bind(number.as_compact())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (generation, runs_from): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    let generation = u32::try_from(generation).map_err(|error| StoreError::inconsistent("cases", error))?;
    Ok(Some(Tracking { generation, runs_from: runs_from.map(Instant) }))
}

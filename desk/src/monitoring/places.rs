//! Places for the cases that an integration opens within an hour. A place is taken in a transaction of its own before its
//! case is opened. So messages that come at once, at any node, open no more together than one.

use domain::actor::IntegrationId;
use domain::monitoring::CASES_PER_HOUR_MAX;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use crate::store::{StoreError, Tx};

/// The time over which cases are counted, in seconds.
const HOUR_S: i64 = 3600;

/// How many places of an integration are taken.
const TAKEN: &str = "SELECT COUNT(*) FROM alert_openings WHERE integration_id = $1 AND at_utc_s > $2";

/// How many places an integration has left.
pub(super) async fn left(
    connection: &mut AnyConnection,
    id: IntegrationId,
    now: Instant,
) -> Result<i64, StoreError> {
    let row = sqlx::query(TAKEN).bind(id.0).bind(now.plus(-HOUR_S).0).fetch_one(connection).await?;
    Ok(CASES_PER_HOUR_MAX - row.try_get::<i64, _>(0)?)
}

/// A place for the case of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It was taken now.
    New,
    /// An attempt before has it: its case may be there.
    Kept,
    /// None is left.
    None,
}

/// Takes the place of a submission. It runs alone, so that what it counts stays so.
pub(super) async fn take(
    tx: &mut Tx,
    id: IntegrationId,
    submission: &str,
    now: Instant,
) -> Result<Place, StoreError> {
    sqlx::query("DELETE FROM alert_openings WHERE integration_id = $1 AND at_utc_s <= $2")
        .bind(id.0)
        .bind(now.plus(-HOUR_S).0)
        .execute(tx.connection())
        .await?;
    let kept =
        sqlx::query("SELECT at_utc_s FROM alert_openings WHERE integration_id = $1 AND submission = $2")
            .bind(id.0)
            .bind(submission.to_owned())
            .fetch_optional(tx.connection())
            .await?;
    if kept.is_some() {
        return Ok(Place::Kept);
    }
    if left(tx.connection(), id, now).await? <= 0 {
        return Ok(Place::None);
    }
    sqlx::query("INSERT INTO alert_openings (integration_id, submission, at_utc_s) VALUES ($1, $2, $3)")
        .bind(id.0)
        .bind(submission.to_owned())
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    Ok(Place::New)
}

/// Gives a place back: no case was opened.
pub(super) async fn give_back(tx: &mut Tx, id: IntegrationId, submission: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM alert_openings WHERE integration_id = $1 AND submission = $2")
        .bind(id.0)
        .bind(submission.to_owned())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Takes out the places whose hour is over, of all integrations.
pub(super) async fn sweep(tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM alert_openings WHERE at_utc_s <= $1")
        .bind(now.plus(-HOUR_S).0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

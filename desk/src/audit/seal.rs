//! Seals: entries of the audit log that cover what histories have gained. Without them the last entries of a history, or all
//! of it, could be taken out unnoticed.
//!
//! They are made outside of every other work, behind the horizon of commits: no opening waits for one.

use std::time::Duration;

use domain::audit::{AuditAuthor, AuditEvent, AuditKind, AuditRecord};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};
use tokio_util::sync::CancellationToken;

use super::chain::List;
use super::log::{Noted, record};
use crate::Desk;
use crate::store::{Guarded, StoreError, Tx};

/// Time between two looks.
const EVERY: Duration = Duration::from_mins(1);
/// The most entries that one seal covers.
const ENTRIES: i64 = 5_000;

/// Entries behind a number up to another, of histories that are there and of those that were taken out.
pub(super) const COVERED: &str = "SELECT seq, of_case, version, digest FROM (
       SELECT seq, case_number AS of_case, version, digest FROM case_events WHERE seq > $1 AND seq <= $2
       UNION ALL
       SELECT seq, of_case, version, digest FROM removed_events WHERE seq > $1 AND seq <= $2
     ) AS covered ORDER BY seq LIMIT $3";

/// Seals what histories gain, until `stop`, and writes the head of the log into the daily log once a day.
pub async fn serve(desk: Desk, stop: CancellationToken) {
    let work = async {
        let mut told = None;
        loop {
            if let Err(error) = seal(&desk).await {
                tracing::error!(%error, "histories could not be sealed; trying again");
            }
            let day = desk.now().0.div_euclid(86_400);
            if told != Some(day) {
                match super::head(&desk).await {
                    Ok(Some((id, digest))) => {
                        tracing::info!(entry = id, digest, "the head of the audit log");
                        told = Some(day);
                    }
                    Ok(None) => {}
                    Err(error) => tracing::error!(%error, "the head of the audit log could not be read"),
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    stop.run_until_cancelled(work).await;
}

/// Seals everything that was committed before, once histories of older versions have their chains.
///
/// # Errors
/// When the database does not answer. What was sealed stays sealed.
pub async fn seal(desk: &Desk) -> Result<(), StoreError> {
    loop {
        let mut reader = desk.store().reader().await?;
        let last = desk.store().horizon(&mut reader).await?.last;
        let row = sqlx::query("SELECT COUNT(*) FROM chains_to_bring_in").fetch_one(&mut *reader).await?;
        let waiting: i64 = row.try_get(0)?;
        let sealed = sealed_to(&mut reader).await?;
        reader.done();
        // After the first seal no history waits: a row that says so was added by hand, and holds nothing up.
        let waits = waiting > 0 && sealed == 0;
        if waits || sealed >= last {
            return Ok(());
        }
        let now = desk.now();
        let has_sealed: Result<bool, StoreError> = desk
            .store()
            .write_beside(vec![Guarded::Seals], move |tx| {
                Box::pin(async move { seal_up_to(tx, last, now).await })
            })
            .await;
        if !has_sealed? {
            return Ok(());
        }
    }
}

/// Makes the next seal; `false` when another node was faster.
async fn seal_up_to(tx: &mut Tx, last: i64, now: Instant) -> Result<bool, StoreError> {
    let after = sealed_to(tx.connection()).await?;
    let rows = sqlx::query(COVERED).bind(after).bind(last).bind(ENTRIES).fetch_all(tx.connection()).await?;
    let mut covered = List::new();
    let mut reached = after;
    for row in &rows {
        reached = row.try_get(0)?;
        covered.entry(reached, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    }
    if rows.is_empty() {
        return Ok(false);
    }
    let entries = covered.lines();
    let event = AuditEvent::Sealed { after, last: reached, entries, digest: covered.digest() };
    record(tx, &Noted::by(AuditAuthor::System, now, event)).await?;
    Ok(true)
}

/// The last number that a seal covers; 0 before the first.
pub(crate) async fn sealed_to(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT document FROM audit_log WHERE kind = $1 ORDER BY id DESC LIMIT 1")
        .bind(AuditKind::Sealed.code())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(0) };
    let record: AuditRecord = serde_json::from_str(row.try_get(0)?)
        .map_err(|error| StoreError::inconsistent("audit_log", error))?;
    match record.event {
        AuditEvent::Sealed { last, .. } => Ok(last),
        _ => Err(StoreError::inconsistent("audit_log", "a seal that is none")),
    }
}

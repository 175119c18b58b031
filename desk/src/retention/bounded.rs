//! Tables that would grow for ever: rows that have ended are taken out, and old mails lose what they say.

use chrono::Days;
use domain::time::Instant;
use sqlx::{AssertSqlSafe, Row};

use super::setting::RetentionPeriod;
use crate::Desk;
use crate::access::browsers::KNOWN_S;
use crate::access::sign_in::{IDLE_S, LONGEST_S};
use crate::audit::NETWORK_S;
use crate::calls;
use crate::customers::companies::LET_IN_AGAIN;
use crate::customers::profile;
use crate::customers::session as customer_session;
use crate::import::WAITS_S;
use crate::monitoring;
use crate::outbox::{ERASED_RECIPIENT, NOTHING, emptied};
use crate::store::{StoreError, Tx};
use crate::webhooks;
use crate::workforce::KEPT_DAYS;

/// Mails that lose their content in one transaction: few enough that nobody waits long for the writer.
const MAILS: i64 = 200;

/// How long mails are kept that came in and changed nothing, in seconds: 30 days.
const INBOUND_S: i64 = 30 * 86_400;
/// How long a profile stays at the least whose address is on nothing any more, in seconds: 30 days.
const PROFILE_S: i64 = 30 * 86_400;
/// How long a mail waits for an agent's decision, in seconds: 90 days. A stranger's data are not kept for ever.
const UNDECIDED_S: i64 = 90 * 86_400;

/// Takes out sessions, sign-ins, links, browsers, files of imports, calls, alerts and deliveries to webhooks that are no longer
/// good; how many rows.
pub(super) async fn ended(desk: &Desk) -> Result<u64, StoreError> {
    let now = desk.now();
    let swept = webhooks::sweep(desk).await? + monitoring::sweep(desk).await?;
    let ended = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let mut rows = 0;
                // A copy of a program's mail, or of a discarded one, may still come in: the row is kept that long.
                for (state, kept_s) in
                    [("noted", INBOUND_S), ("discarded", INBOUND_S), ("waiting", UNDECIDED_S)]
                {
                    let done =
                        sqlx::query("DELETE FROM inbound_mails WHERE state = $1 AND received_utc_s <= $2")
                            .bind(state)
                            .bind(now.plus(-kept_s).0)
                            .execute(tx.connection())
                            .await?;
                    rows += done.rows_affected();
                }
                for (text, bound) in [
                    ("DELETE FROM sessions WHERE created_utc_s <= $1", now.plus(-LONGEST_S)),
                    ("DELETE FROM sessions WHERE seen_utc_s <= $1", now.plus(-IDLE_S)),
                    ("DELETE FROM known_browsers WHERE seen_utc_s <= $1", now.plus(-KNOWN_S)),
                    ("DELETE FROM sign_in_steps WHERE expires_utc_s <= $1", now),
                    ("DELETE FROM passkey_challenges WHERE expires_utc_s <= $1", now),
                    ("DELETE FROM kept_forms WHERE expires_utc_s <= $1", now),
                    ("DELETE FROM identity_requests WHERE expires_utc_s <= $1", now),
                    ("DELETE FROM logout_tokens WHERE expires_utc_s <= $1", now),
                    ("DELETE FROM trusted_devices WHERE until_utc_s <= $1", now),
                    ("DELETE FROM account_links WHERE expires_utc_s <= $1", now),
                    // A file that nobody confirmed holds data of customers.
                    ("DELETE FROM imports WHERE state = 'shown' AND at_utc_s <= $1", now.plus(-WAITS_S)),
                    ("DELETE FROM waiting_screens WHERE expires_utc_s <= $1", now),
                    ("DELETE FROM customer_entries WHERE expires_utc_s <= $1", now),
                    ("DELETE FROM calls WHERE reported_utc_s <= $1", now.plus(-calls::KEPT_S)),
                    ("DELETE FROM call_requests WHERE at_utc_s <= $1", now.plus(-calls::KEPT_S)),
                    (
                        "DELETE FROM customer_sessions WHERE created_utc_s <= $1",
                        now.plus(-customer_session::LONGEST_S),
                    ),
                    (
                        "DELETE FROM customer_sessions WHERE seen_utc_s <= $1",
                        now.plus(-customer_session::IDLE_S),
                    ),
                ] {
                    let done = sqlx::query(text).bind(bound.0).execute(tx.connection()).await?;
                    rows += done.rows_affected();
                }
                // The chain covers their digests, which say nothing without the salt.
                sqlx::query(
                    "UPDATE audit_log SET network = '', network_salt = '' WHERE at_utc_s <= $1 AND network <> ''",
                )
                .bind(now.plus(-NETWORK_S).0)
                .execute(tx.connection())
                .await?;
                rows += profile::sweep(tx, now.plus(-PROFILE_S)).await?;
                rows += absences(tx, now).await?;
                Ok::<_, StoreError>(rows)
            })
        })
        .await?;
    Ok(swept + ended)
}

/// Takes out people of companies who have not signed in since a time before which nothing is kept; how many. A removed one stays
/// while a domain or a contract would let them in again. Addresses of those who are gone are forgotten as who added others.
pub(super) async fn members(desk: &Desk, days: RetentionPeriod) -> Result<u64, StoreError> {
    let cutoff = days.cutoff(desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                // Who is invited again may have signed in last long ago.
                let text = format!(
                    "DELETE FROM company_members WHERE since_utc_s <= $1
                     AND ((standing <> 'removed' AND COALESCE(entered_utc_s, since_utc_s) <= $1)
                          OR (standing = 'removed' AND NOT {LET_IN_AGAIN}))"
                );
                let done = sqlx::query(AssertSqlSafe(text)).bind(cutoff.0).execute(tx.connection()).await?;
                // Names of the staff have no `@`.
                sqlx::query(
                    "UPDATE company_members SET added_by = '' WHERE added_by LIKE '%@%'
                     AND NOT EXISTS (SELECT 1 FROM company_members m WHERE m.address = company_members.added_by)",
                )
                .execute(tx.connection())
                .await?;
                Ok::<_, StoreError>(done.rows_affected())
            })
        })
        .await
}

/// Takes out absences that ended long ago.
async fn absences(tx: &mut Tx, now: Instant) -> Result<u64, StoreError> {
    let today = now.to_chrono().map(|now| now.date_naive()).unwrap_or_default();
    let done = sqlx::query("DELETE FROM absences WHERE to_day < $1")
        .bind((today - Days::new(KEPT_DAYS)).to_string())
        .execute(tx.connection())
        .await?;
    Ok(done.rows_affected())
}

/// Empties mails about accounts that were queued before the time for which data are kept; how many. They stay in the list
/// with their times. A mail of a case ends with its case: while that is open, it is needed.
pub(super) async fn mails(desk: &Desk, days: RetentionPeriod) -> Result<u64, StoreError> {
    let cutoff = days.cutoff(desk.now());
    let mut emptied = 0;
    loop {
        let portion =
            desk.store().write(move |tx| Box::pin(async move { portion(tx, cutoff).await })).await?;
        let Some(portion) = portion else { return Ok(emptied) };
        emptied += portion;
    }
}

/// The next mails by their ids, which rise with time: how many were emptied, or `None` when none is old enough.
async fn portion(tx: &mut Tx, cutoff: Instant) -> Result<Option<u64>, StoreError> {
    let row = sqlx::query("SELECT outbox_id FROM retention_progress").fetch_one(tx.connection()).await?;
    let after: i64 = row.try_get(0)?;
    let rows = sqlx::query("SELECT id, created_utc_s FROM outbox WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(after)
        .bind(MAILS)
        .fetch_all(tx.connection())
        .await?;
    let mut to = after;
    for row in &rows {
        let (id, created): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        if created > cutoff.0 {
            break;
        }
        to = id;
    }
    if to == after {
        return Ok(None);
    }
    let done = sqlx::query(emptied!("id > $3 AND id <= $4 AND case_number = ''"))
        .bind(ERASED_RECIPIENT)
        .bind(NOTHING)
        .bind(after)
        .bind(to)
        .execute(tx.connection())
        .await?;
    sqlx::query("UPDATE retention_progress SET outbox_id = $1").bind(to).execute(tx.connection()).await?;
    Ok(Some(done.rows_affected()))
}

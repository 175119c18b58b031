//! Sessions of customers.

use domain::actor::Actor;
use domain::audit::{AuditAuthor, AuditEvent};
use domain::mail_address::MailAddress;
use domain::time::Instant;
use sqlx::Row;

use super::address_of;
use crate::Desk;
use crate::DeskError;
use crate::access::sign_in::Use;
use crate::access::tokens;
use crate::audit::{self, Noted};
use crate::store::{StoreError, Tx};

/// The longest time of a session, in seconds.
pub const LONGEST_S: i64 = 90 * 24 * 3600;
/// A session ends without a request for this long, in seconds.
pub const IDLE_S: i64 = 30 * 24 * 3600;
/// Precision of a session's last use, in seconds: a write per request would be wasteful.
const SEEN_EVERY_S: i64 = 3600;

/// Begins a session, and gives its secret. Sessions that are over are deleted.
pub(super) async fn begin(desk: &Desk, tx: &mut Tx, address: &str) -> Result<String, StoreError> {
    let (now, secret) = (desk.now(), tokens::fresh(desk.ports()));
    sqlx::query("DELETE FROM customer_sessions WHERE created_utc_s <= $1")
        .bind(now.0 - LONGEST_S)
        .execute(tx.connection())
        .await?;
    sqlx::query(
        "INSERT INTO customer_sessions (token_hash, address, created_utc_s, seen_utc_s) VALUES ($1, $2, $3, $3)",
    )
    .bind(tokens::hash(&secret))
    .bind(address)
    .bind(now.0)
    .execute(tx.connection())
    .await?;
    // Not who: the log cannot be changed when the customer's data are erased.
    audit::record(tx, &Noted::by(AuditAuthor::Customer, now, AuditEvent::CustomerSignedIn)).await?;
    Ok(secret)
}

/// The customer of a session; `None` when it is over or never was. Its use is recorded.
///
/// # Errors
/// [`StoreError`] when the desk cannot be read.
pub async fn session(desk: &Desk, secret: &str) -> Result<Option<Actor>, StoreError> {
    session_for(desk, secret, Use::Asks).await
}

/// The same for a request of a person, or for one that a page makes by itself, which does not prolong the session.
///
/// # Errors
/// [`StoreError`] when the desk cannot be read.
pub async fn session_for(desk: &Desk, secret: &str, usage: Use) -> Result<Option<Actor>, StoreError> {
    if !tokens::is_secret(secret) {
        return Ok(None);
    }
    let (hash, now) = (tokens::hash(secret), desk.now());
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT address, seen_utc_s FROM customer_sessions
         WHERE token_hash = $1 AND created_utc_s > $2 AND seen_utc_s > $3",
    )
    .bind(hash.clone())
    .bind(now.0 - LONGEST_S)
    .bind(now.0 - IDLE_S)
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let Some(row) = row else { return Ok(None) };
    let (address, seen): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
    if usage == Use::Asks && now.0 - seen >= SEEN_EVERY_S {
        record_use(desk, hash, now).await?;
    }
    let mail = MailAddress::parse(&address)
        .map_err(|problem| StoreError::inconsistent("customer_sessions", format!("{problem:?}")))?;
    Ok(Some(Actor::Contact(mail)))
}

async fn record_use(desk: &Desk, hash: String, now: Instant) -> Result<(), StoreError> {
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("UPDATE customer_sessions SET seen_utc_s = $2 WHERE token_hash = $1")
                    .bind(hash)
                    .bind(now.0)
                    .execute(tx.connection())
                    .await?;
                Ok(())
            })
        })
        .await
}

/// Ends the session of a secret.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(desk: &Desk, secret: &str) -> Result<(), StoreError> {
    let hash = tokens::hash(secret);
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM customer_sessions WHERE token_hash = $1")
                    .bind(hash)
                    .execute(tx.connection())
                    .await?;
                Ok(())
            })
        })
        .await
}

/// Ends all sessions of the customer.
///
/// # Errors
/// See [`DeskError`].
pub async fn sign_out_everywhere(desk: &Desk, actor: &Actor) -> Result<(), DeskError> {
    let address = address_of(actor)?;
    desk.store()
        .write(move |tx| Box::pin(async move { end_all(tx, &address).await }))
        .await
        .map_err(DeskError::from)
}

/// Ends every session of an address, and what waits to become one.
pub(crate) async fn end_all(tx: &mut Tx, address: &str) -> Result<(), StoreError> {
    for text in [
        "DELETE FROM customer_sessions WHERE address = $1",
        "DELETE FROM customer_entries WHERE address = $1",
    ] {
        sqlx::query(text).bind(address.to_owned()).execute(tx.connection()).await?;
    }
    Ok(())
}

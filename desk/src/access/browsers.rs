//! Known browsers, in which a member of the staff has signed in before. Strangers' guesses do not lock them out
//! (`docs/decisions/0020`). The token gives no access: its holder still needs the password.

use domain::actor::{BrowserOf, PersonId};
use domain::time::Instant;
use sqlx::Row;

use crate::Desk;
use crate::access::{tokens, trusted_devices};
use crate::ports::Ports;
use crate::store::{StoreError, Tx};

/// A browser is known for this long after its last sign-in, in seconds.
pub const KNOWN_S: i64 = 180 * 24 * 3600;

/// The token in a browser's cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    /// A new random token.
    pub(crate) fn fresh(ports: &Ports) -> Self {
        Self(tokens::fresh(ports))
    }

    /// The token that a browser sent; `None` when it is not of our form.
    pub(crate) fn parse(sent: &str) -> Option<Self> {
        tokens::is_secret(sent).then(|| Self(sent.to_owned()))
    }

    /// The stored hash of the token.
    pub(crate) fn hash(&self) -> String {
        tokens::hash(&self.0)
    }

    /// The token as in the cookie.
    pub(crate) fn into_secret(self) -> String {
        self.0
    }
}

/// Whether the person with this `mail` has signed in in this browser before.
pub(crate) async fn knows(desk: &Desk, token: &Token, mail: &str, now: Instant) -> Result<bool, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT COUNT(*) FROM known_browsers b JOIN people p ON p.id = b.person_id
         WHERE b.token_hash = $1 AND b.seen_utc_s > $2 AND p.mail = $3",
    )
    .bind(token.hash())
    .bind(now.0 - KNOWN_S)
    .bind(mail)
    .fetch_one(&mut *reader)
    .await?;
    reader.done();
    let count: i64 = row.try_get(0)?;
    Ok(count > 0)
}

/// The person who last signed in in the browser with this token; `None` where nobody has. A customer's statement from
/// there may not be the customer's.
///
/// # Errors
/// [`StoreError`] when the desk cannot be read.
pub async fn browser_of(desk: &Desk, secret: &str) -> Result<Option<BrowserOf>, StoreError> {
    let Some(token) = Token::parse(secret) else { return Ok(None) };
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT p.id, p.name FROM known_browsers b JOIN people p ON p.id = b.person_id
         WHERE b.token_hash = $1 AND b.seen_utc_s > $2 ORDER BY b.seen_utc_s DESC, p.id LIMIT 1",
    )
    .bind(token.hash())
    .bind(desk.now().0 - KNOWN_S)
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let of = |row: sqlx::any::AnyRow| {
        Ok(BrowserOf { id: PersonId(row.try_get("id")?), name: row.try_get("name")? })
    };
    row.map(of).transpose()
}

/// Records a sign-in, and deletes browsers that were not used for long.
pub(crate) async fn remember(
    tx: &mut Tx,
    token_hash: &str,
    person: PersonId,
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM known_browsers WHERE seen_utc_s <= $1")
        .bind(now.0 - KNOWN_S)
        .execute(tx.connection())
        .await?;
    sqlx::query(
        "INSERT INTO known_browsers (token_hash, person_id, seen_utc_s) VALUES ($1, $2, $3)
         ON CONFLICT (token_hash, person_id) DO UPDATE SET seen_utc_s = excluded.seen_utc_s",
    )
    .bind(token_hash)
    .bind(person.0)
    .bind(now.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Gives a browser another token. All who signed in there, or trust it, know it by that one: nothing is left of the former.
pub(crate) async fn replace(tx: &mut Tx, before: &str, after: &str) -> Result<(), StoreError> {
    for text in [
        "UPDATE known_browsers SET token_hash = $2 WHERE token_hash = $1",
        "UPDATE trusted_devices SET token_hash = $2 WHERE token_hash = $1",
    ] {
        sqlx::query(text).bind(before).bind(after).execute(tx.connection()).await?;
    }
    Ok(())
}

/// Deletes all browsers of a person, and those that they trust: their password has changed, or they are inactive.
pub(crate) async fn forget(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    trusted_devices::forget(tx, person).await?;
    sqlx::query("DELETE FROM known_browsers WHERE person_id = $1")
        .bind(person.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

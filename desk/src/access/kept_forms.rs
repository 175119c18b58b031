//! Forms of the administration that came when the session had ended, or its sign-in was no longer fresh. What was typed waits for
//! the new sign-in, and is shown in its form again to the person who typed it.

use domain::actor::Actor;
use sqlx::Row;

use super::own_account::owner;
use super::tokens;
use crate::Desk;
use crate::error::DeskError;
use crate::store::StoreError;

/// A form waits for so long, in seconds.
pub const KEPT_S: i64 = 3600;
/// The most forms of one person that wait; the one that came first goes first. Few are typed at once, and each may be large.
const MOST: i64 = 20;
/// Fields that hold passwords, secrets of other systems, one-time codes and answers of passkeys: they are never stored.
const SECRETS: [&str; 7] = ["password", "current", "new", "code", "answer", "token", "secret"];
/// Ends of the names of such fields, where a form has several.
const SECRET_ENDS: [&str; 3] = ["_password", "_secret", "_token"];

/// Whether a field holds what is never stored.
fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name) || SECRET_ENDS.iter().any(|end| name.ends_with(end))
}

/// Names and values of a form's fields, in their order.
pub type KeptFields = Vec<(String, String)>;

/// Keeps what a member of the staff typed, without secrets; the secret of the address that leads back to it.
///
/// # Errors
/// See [`DeskError`].
pub async fn keep_form(desk: &Desk, actor: &Actor, mut fields: KeptFields) -> Result<String, DeskError> {
    let (id, now) = (owner(actor)?.id, desk.now());
    fields.retain(|(name, _)| !is_secret(name));
    let text =
        serde_json::to_string(&fields).map_err(|error| StoreError::inconsistent("kept_forms", error))?;
    let secret = tokens::fresh(desk.ports());
    let hash = tokens::hash(&secret);
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            sqlx::query("DELETE FROM kept_forms WHERE expires_utc_s <= $1")
                .bind(now.0)
                .execute(tx.connection())
                .await?;
            sqlx::query(
                "INSERT INTO kept_forms (token_hash, person_id, fields, expires_utc_s) VALUES ($1, $2, $3, $4)",
            )
            .bind(hash)
            .bind(id.0)
            .bind(text)
            .bind(now.plus(KEPT_S).0)
            .execute(tx.connection())
            .await?;
            sqlx::query(
                "DELETE FROM kept_forms WHERE person_id = $1 AND token_hash NOT IN (
                     SELECT token_hash FROM kept_forms WHERE person_id = $1
                     ORDER BY expires_utc_s DESC, token_hash LIMIT $2)",
            )
            .bind(id.0)
            .bind(MOST)
            .execute(tx.connection())
            .await?;
            Ok::<_, StoreError>(())
        })
    });
    work.await?;
    Ok(secret)
}

/// What the member of the staff who asks had typed; `None` when it waits no more, or another person typed it. It stays until its time is
/// over: the page may be loaded again.
///
/// # Errors
/// See [`DeskError`].
pub async fn kept_form(desk: &Desk, actor: &Actor, secret: &str) -> Result<Option<KeptFields>, DeskError> {
    let id = owner(actor)?.id;
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT fields FROM kept_forms WHERE token_hash = $1 AND person_id = $2 AND expires_utc_s > $3",
    )
    .bind(tokens::hash(secret))
    .bind(id.0)
    .bind(desk.now().0)
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let Some(row) = row else { return Ok(None) };
    let text: String = row.try_get(0)?;
    let fields =
        serde_json::from_str(&text).map_err(|error| StoreError::inconsistent("kept_forms", error))?;
    Ok(Some(fields))
}

//! The link by which the first administrator comes: shown to whoever starts the process, good once, and only while there is no
//! administrator.

use sqlx::AnyConnection;

use crate::Desk;
use crate::access::demonstration::STAFF;
use crate::access::tokens;
use crate::store::{StoreError, Tx};

/// What a link of the first start is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Whoever has it becomes the administrator.
    Open,
    /// Somebody is the administrator already.
    Taken,
    /// It is none of this start's: a later start wrote another, or it never was.
    Unknown,
}

/// Writes a link in the place of an earlier one; its address, which is shown once and not stored. `None` where an administrator
/// of the desk's own is: whatever link there was leads nowhere then.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::setup::{LinkState, link_state, renew_link};
///
/// let address = renew_link(&desk).await?.ok_or("no administrator is there")?;
/// let code = address.rsplit('/').next().ok_or("no code")?;
/// assert_eq!(link_state(&desk, code).await?, LinkState::Open);
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// When the database does not answer.
pub async fn renew_link(desk: &Desk) -> Result<Option<String>, StoreError> {
    let (code, now) = (tokens::fresh(desk.ports()), desk.now());
    let token_hash = tokens::hash(&code);
    let written = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM setup_links").execute(tx.connection()).await?;
                if has_administrator(tx.connection()).await? {
                    return Ok::<_, StoreError>(false);
                }
                sqlx::query("INSERT INTO setup_links (id, token_hash, created_utc_s) VALUES (1, $1, $2)")
                    .bind(token_hash)
                    .bind(now.0)
                    .execute(tx.connection())
                    .await?;
                Ok(true)
            })
        })
        .await?;
    Ok(written.then(|| format!("{}/desk/start/{code}", desk.public_url())))
}

/// What the last part of a link is worth. To ask does not use it.
///
/// # Errors
/// When the database does not answer.
pub async fn link_state(desk: &Desk, code: &str) -> Result<LinkState, StoreError> {
    let mut reader = desk.store().reader().await?;
    let state = if has_administrator(&mut reader).await? {
        LinkState::Taken
    } else if is_the_link(&mut reader, code).await? {
        LinkState::Open
    } else {
        LinkState::Unknown
    };
    reader.done();
    Ok(state)
}

async fn is_the_link(connection: &mut AnyConnection, code: &str) -> Result<bool, StoreError> {
    if !tokens::is_secret(code) {
        return Ok(false);
    }
    let row = sqlx::query("SELECT 1 FROM setup_links WHERE token_hash = $1")
        .bind(tokens::hash(code))
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Uses a link up: of two browsers with the same link one gets `true`.
pub(super) async fn use_up(tx: &mut Tx, code: &str) -> Result<bool, StoreError> {
    let used = sqlx::query("DELETE FROM setup_links WHERE token_hash = $1")
        .bind(tokens::hash(code))
        .execute(tx.connection())
        .await?;
    Ok(used.rows_affected() == 1)
}

/// Whether an administrator of the desk's own has a password. That of the demonstration is public and does not count.
pub(super) async fn has_administrator(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let query = STAFF.iter().fold(
        sqlx::query(
            "SELECT 1 FROM people WHERE role = 'administrator' AND password_hash <> ''
             AND mail NOT IN ($1, $2, $3, $4) LIMIT 1",
        ),
        |query, member| query.bind(member.mail),
    );
    Ok(query.fetch_optional(connection).await?.is_some())
}

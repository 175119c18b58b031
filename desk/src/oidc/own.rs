//! Identities of one's own account.

use domain::actor::{Actor, NotPermitted};
use domain::identity_provider::IdentityProviderId;
use domain::person_change::PersonChange;
use domain::time::Instant;
use sqlx::Row;
use thiserror::Error;

use crate::Desk;
use crate::access::changes;
use crate::access::own_account::{NotOwn, SharedAccount, own_alone, owner};
use crate::access::passwords::NO_PASSWORD;
use crate::error::{DeskError, holds_desk_error};
use crate::store::{StoreError, row};

/// A provider, as the owner of an account sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnIdentity {
    /// Identifies the provider.
    pub provider: IdentityProviderId,
    /// Its name.
    pub name: String,
    /// Since when the account is connected; `None` while it is not.
    pub linked_at: Option<Instant>,
    /// The last sign-in by it.
    pub used_at: Option<Instant>,
}

/// Why an account stays connected.
#[derive(Debug, Clone, Error)]
pub enum DisconnectError {
    /// They have no password: choose one first, by a mailed link.
    #[error("there is no other way in")]
    LastWayIn,
    /// An account of the demonstration is not changed.
    #[error(transparent)]
    Shared(#[from] SharedAccount),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(DisconnectError: NotPermitted, StoreError, sqlx::Error);

impl From<NotOwn> for DisconnectError {
    fn from(error: NotOwn) -> Self {
        match error {
            NotOwn::Shared(error) => Self::Shared(error),
            NotOwn::Desk(error) => Self::Desk(error),
        }
    }
}

row! {
    struct IdentityRow {
        id: i64,
        name: String,
        linked_utc_s: Option<i64>,
        used_utc_s: Option<i64>,
    }
}

/// The providers of the sign-in, and whether the member of the staff who asks is connected.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_identities(desk: &Desk, actor: &Actor) -> Result<Vec<OwnIdentity>, DeskError> {
    let id = owner(actor)?.id;
    let mut reader = desk.store().reader().await?;
    let rows: Vec<IdentityRow> = sqlx::query_as(
        "SELECT i.id, i.name, n.linked_utc_s, n.used_utc_s FROM identity_providers i
         LEFT JOIN person_identities n ON n.provider_id = i.id AND n.person_id = $1
         WHERE n.person_id IS NOT NULL OR (i.paused_utc_s IS NULL AND i.client_id <> '')
         ORDER BY i.id",
    )
    .bind(id.0)
    .fetch_all(&mut *reader)
    .await?;
    reader.done();
    let shown = |row: IdentityRow| OwnIdentity {
        provider: IdentityProviderId(row.id),
        name: row.name,
        linked_at: row.linked_utc_s.map(Instant),
        used_at: row.used_utc_s.map(Instant),
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// Disconnects the account of the member of the staff who asks. Sessions that the provider began go on.
///
/// # Errors
/// See [`DisconnectError`].
pub async fn disconnect(
    desk: &Desk,
    actor: &Actor,
    provider: IdentityProviderId,
) -> Result<(), DisconnectError> {
    let id = own_alone(desk, actor).await?.id;
    let (by, now) = (actor.clone(), desk.now());
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let row = sqlx::query("SELECT password_hash FROM people WHERE id = $1")
                .bind(id.0)
                .fetch_one(tx.connection())
                .await?;
            let hash: String = row.try_get(0)?;
            if hash == NO_PASSWORD {
                return Err(DisconnectError::LastWayIn);
            }
            let done = sqlx::query("DELETE FROM person_identities WHERE person_id = $1 AND provider_id = $2")
                .bind(id.0)
                .bind(provider.0)
                .execute(tx.connection())
                .await?;
            if done.rows_affected() == 0 {
                return Ok(());
            }
            let row = sqlx::query("SELECT name FROM identity_providers WHERE id = $1")
                .bind(provider.0)
                .fetch_optional(tx.connection())
                .await?;
            let name: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
            let change = PersonChange::IdentityUnlinked { provider: name.unwrap_or_default() };
            Ok(changes::record(tx, id, &by, now, &change).await?)
        })
    });
    work.await
}

//! Identities of one's own account.

use domain::actor::{Action, Actor, NotPermitted, PersonId, Role, Subject, may};
use domain::audit::AuditEvent;
use domain::identity_provider::{DeskSignIn, IdentityProviderId};
use domain::person_change::PersonChange;
use domain::time::Instant;
use sqlx::Row;
use thiserror::Error;

use crate::Desk;
use crate::access::changes;
use crate::access::factor_proof::{PROVEN_S, is_proven};
use crate::access::own_account::{NotOwn, SessionName, SharedAccount, own_alone, owner};
use crate::access::passwords::NO_PASSWORD;
use crate::audit::{self, Noted};
use crate::error::{DeskError, holds_desk_error};
use crate::store::{StoreError, Tx, row};

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
    /// The provider alone lets them in: an administrator disconnects the account.
    #[error("the identity provider alone lets them in")]
    ProviderOnly,
    /// The account has a second factor, and none was given lately in this session: see
    /// [`factor_wanted`](crate::access::factor_proof::factor_wanted).
    #[error("a second factor is wanted first")]
    FactorWanted,
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

/// Whether a person can sign in by an identity provider.
///
/// # Errors
/// See [`DeskError`].
pub async fn has_identities(desk: &Desk, actor: &Actor, person: PersonId) -> Result<bool, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT 1 FROM person_identities WHERE person_id = $1 LIMIT 1")
        .bind(person.0)
        .fetch_optional(&mut *reader)
        .await?;
    reader.done();
    Ok(row.is_some())
}

/// Disconnects the account of the member of the staff who asks, in their session. A second factor is asked for, if they have one. Other
/// sessions that the provider began end, and sign-ins by it that wait: what they stand on is good no more.
///
/// # Errors
/// See [`DisconnectError`].
pub async fn disconnect(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
    provider: IdentityProviderId,
) -> Result<(), DisconnectError> {
    let id = own_alone(desk, actor).await?.id;
    let (by, now, session) = (actor.clone(), desk.now(), session.clone());
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            if !is_proven(tx.connection(), id, &session, now, PROVEN_S).await? {
                return Err(DisconnectError::FactorWanted);
            }
            let name = may_leave(tx, id, provider).await?;
            let done = sqlx::query("DELETE FROM person_identities WHERE person_id = $1 AND provider_id = $2")
                .bind(id.0)
                .bind(provider.0)
                .execute(tx.connection())
                .await?;
            if done.rows_affected() == 0 {
                return Ok(());
            }
            end_others_of(tx, id, provider, &session, (&by, now)).await?;
            let change = PersonChange::IdentityUnlinked { provider: name };
            Ok(changes::record(tx, id, &by, now, &change).await?)
        })
    });
    work.await
}

/// The name of a provider from which a person may disconnect their account; empty for one that is not there.
async fn may_leave(
    tx: &mut Tx,
    person: PersonId,
    provider: IdentityProviderId,
) -> Result<String, DisconnectError> {
    let row = sqlx::query("SELECT password_hash, role FROM people WHERE id = $1")
        .bind(person.0)
        .fetch_one(tx.connection())
        .await?;
    let (hash, role): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    if hash == NO_PASSWORD {
        return Err(DisconnectError::LastWayIn);
    }
    let row = sqlx::query("SELECT name, desk_sign_in FROM identity_providers WHERE id = $1")
        .bind(provider.0)
        .fetch_optional(tx.connection())
        .await?;
    let Some(row) = row else { return Ok(String::new()) };
    let of: String = row.try_get(1)?;
    let of = DeskSignIn::from_code(&of).ok_or_else(|| StoreError::inconsistent("identity_providers", of))?;
    let role = Role::from_code(&role).ok_or_else(|| StoreError::inconsistent("people", role))?;
    // Who disconnected would sign in with the password, which the provider's settings do not let them.
    if of.allows(role) { Ok(row.try_get(0)?) } else { Err(DisconnectError::ProviderOnly) }
}

/// Ends the sessions of a person that a provider began, but the one in use, and sign-ins by it that wait.
async fn end_others_of(
    tx: &mut Tx,
    person: PersonId,
    provider: IdentityProviderId,
    kept: &SessionName,
    (by, now): (&Actor, Instant),
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sign_in_steps WHERE person_id = $1 AND provider_id = $2")
        .bind(person.0)
        .bind(provider.0)
        .execute(tx.connection())
        .await?;
    let done = sqlx::query(
        "DELETE FROM sessions WHERE person_id = $1 AND provider_id = $2 AND substr(token_hash, 1, 16) <> $3",
    )
    .bind(person.0)
    .bind(provider.0)
    .bind(kept.as_str())
    .execute(tx.connection())
    .await?;
    let sessions = done.rows_affected();
    if sessions > 0 {
        audit::record(tx, &Noted::of(by, now, AuditEvent::SessionsEnded { sessions })).await?;
    }
    Ok(())
}

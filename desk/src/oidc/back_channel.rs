//! A provider tells the desk itself, and no browser, that sessions have ended there (`OpenID` Connect Back-Channel Logout 1.0).

use std::collections::BTreeMap;

use domain::actor::PersonId;
use domain::audit::{AuditAuthor, AuditEvent};
use domain::identity_provider::{IdentityProviderId, IdentityProviderName};
use domain::time::Instant;
use sqlx::Row;
use thiserror::Error;

use super::id_token::{CLOCKS_S, OLDEST_S, TokenFault};
use super::logout_token::{Expected, Logout, check_form, verified};
use super::metadata::{ProviderFault, discover, get_bytes};
use super::providers::kept;
use crate::Desk;
use crate::access::tokens;
use crate::audit::{self, Noted};
use crate::store::{StoreError, Tx};

/// Why no session was ended.
#[derive(Debug, Clone, Error)]
pub enum LogoutError {
    /// There is no such provider, or it has no client id.
    #[error("there is no such identity provider")]
    NoProvider,
    /// The token proves nothing, for this reason.
    #[error("the logout token was refused: {0}")]
    Refused(String),
    /// The token was taken before.
    #[error("the logout token came before")]
    Again,
    /// The provider could not be asked for its keys.
    #[error(transparent)]
    Provider(#[from] ProviderFault),
    /// The provider may send it again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for LogoutError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<TokenFault> for LogoutError {
    fn from(fault: TokenFault) -> Self {
        Self::Refused(fault.to_string())
    }
}

/// Where a provider posts its logout tokens. Each has an address of its own.
#[must_use]
pub fn logout_address(public_url: &str, id: IdentityProviderId) -> String {
    format!("{public_url}/hooks/sign-out/{}", id.0)
}

/// Ends the sessions that a provider's logout token names, and sign-ins by it that wait; how many sessions. None is no failure: they
/// may have ended here first. A paused provider still ends what it began.
///
/// # Errors
/// See [`LogoutError`].
pub async fn end_sessions(
    desk: &Desk,
    id: IdentityProviderId,
    logout_token: &str,
) -> Result<u64, LogoutError> {
    let kept = kept(desk, id).await?.filter(|kept| !kept.view.set.client_id.is_empty());
    let set = kept.ok_or(LogoutError::NoProvider)?.view.set;
    check_form(logout_token)?;
    let metadata = discover(desk.egress(), &set.issuer).await?;
    let keys = get_bytes(desk.egress(), &metadata.jwks_uri, None).await?;
    let expected =
        Expected { issuer: set.issuer.as_str(), client_id: &set.client_id, keys: &keys, now: desk.now() };
    let logout = verified(logout_token, &expected)?;
    let (now, name) = (desk.now(), set.name);
    let ending = desk.store().write(move |tx| {
        Box::pin(async move {
            count_once(tx, id, &logout, now).await?;
            let ended = end(tx, id, &logout).await?;
            note(tx, &name, &ended, now).await?;
            Ok::<_, LogoutError>(ended.values().sum::<u64>())
        })
    });
    let sessions = ending.await?;
    tracing::info!(provider = id.0, sessions, "an identity provider ended sessions");
    Ok(sessions)
}

/// Keeps that a token was taken, for as long as it could be taken again.
async fn count_once(
    tx: &mut Tx,
    id: IdentityProviderId,
    logout: &Logout,
    now: Instant,
) -> Result<(), LogoutError> {
    let done = sqlx::query(
        "INSERT INTO logout_tokens (token_hash, expires_utc_s) VALUES ($1, $2) ON CONFLICT (token_hash) DO NOTHING",
    )
    .bind(tokens::hash(&format!("{} {}", id.0, logout.token_id)))
    // A token of the future is taken as well, by as much as clocks may differ.
    .bind(now.plus(OLDEST_S + CLOCKS_S + 1).0)
    .execute(tx.connection())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(LogoutError::Again) }
}

/// Ends sessions, and says how many of each person. A session without one at the provider (`sid`) ends with any of its person's: which
/// of them it belongs to is not known.
async fn end(
    tx: &mut Tx,
    id: IdentityProviderId,
    logout: &Logout,
) -> Result<BTreeMap<PersonId, u64>, LogoutError> {
    let mut ended = BTreeMap::new();
    let person = match &logout.subject {
        None => None,
        Some(subject) => {
            let row = sqlx::query(
                "SELECT person_id FROM person_identities WHERE provider_id = $1 AND subject = $2",
            )
            .bind(id.0)
            .bind(subject.as_str())
            .fetch_optional(tx.connection())
            .await?;
            match row {
                Some(row) => Some(row.try_get::<i64, _>(0)?),
                // The token is about a person who is not connected.
                None => return Ok(ended),
            }
        }
    };
    // 0 is no person, and an empty text no session. A token names one of them at the least.
    let (person, sid) = (person.unwrap_or(0), logout.sid.as_deref().unwrap_or_default());
    sqlx::query(
        "DELETE FROM sign_in_steps WHERE provider_id = $1 AND ($2 = 0 OR person_id = $2)
             AND ($3 = '' OR provider_sid = $3 OR (provider_sid = '' AND $2 <> 0))",
    )
    .bind(id.0)
    .bind(person)
    .bind(sid)
    .execute(tx.connection())
    .await?;
    let rows = sqlx::query(
        "DELETE FROM sessions WHERE provider_id = $1 AND ($2 = 0 OR person_id = $2)
             AND ($3 = '' OR provider_sid = $3 OR (provider_sid = '' AND $2 <> 0))
         RETURNING person_id",
    )
    .bind(id.0)
    .bind(person)
    .bind(sid)
    .fetch_all(tx.connection())
    .await?;
    for row in rows {
        *ended.entry(PersonId(row.try_get(0)?)).or_default() += 1;
    }
    Ok(ended)
}

/// Writes down whose sessions have ended.
async fn note(
    tx: &mut Tx,
    provider: &IdentityProviderName,
    ended: &BTreeMap<PersonId, u64>,
    now: Instant,
) -> Result<(), LogoutError> {
    for (&person, &sessions) in ended {
        let row = sqlx::query("SELECT name FROM people WHERE id = $1")
            .bind(person.0)
            .fetch_one(tx.connection())
            .await?;
        let event = AuditEvent::SessionsEndedByProvider {
            person,
            name: row.try_get(0)?,
            provider: provider.as_str().to_owned(),
            sessions,
        };
        audit::record(tx, &Noted::by(AuditAuthor::System, now, event)).await?;
    }
    Ok(())
}

//! What an identity provider stands for in a sign-in and its session. The sign-in itself is in `crate::oidc`.

use domain::actor::{PersonId, Role};
use domain::identity_provider::{DeskSignIn, IdentityProviderId};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use crate::store::StoreError;

/// The provider that a sign-in stands on.
#[derive(Clone)]
pub(crate) struct ByProvider {
    /// Which one.
    pub(crate) provider: IdentityProviderId,
    /// When the person proved themself there; `None` where the provider does not say.
    pub(crate) proven_at: Option<Instant>,
    /// Hash of its session's id (`sid`), by which it ends the session here; empty where it names none.
    pub(crate) sid: String,
    /// The address of its sign-out; empty for a provider without one.
    pub(crate) end_session: String,
    /// The ID token, which the provider is told at the sign-out; empty for a provider without one, or when it is too long.
    pub(crate) id_token: String,
}

/// The columns of `sessions` and `sign_in_steps`.
#[derive(Clone)]
pub(super) struct Columns {
    pub(super) provider_id: Option<i64>,
    /// 0 where the provider does not say.
    pub(super) proven_utc_s: Option<i64>,
    pub(super) provider_sid: String,
    pub(super) end_session: String,
    pub(super) id_token: String,
}

impl Columns {
    pub(super) fn of(by: Option<ByProvider>) -> Self {
        match by {
            None => Self {
                provider_id: None,
                proven_utc_s: None,
                provider_sid: String::new(),
                end_session: String::new(),
                id_token: String::new(),
            },
            Some(by) => Self {
                provider_id: Some(by.provider.0),
                proven_utc_s: Some(by.proven_at.map_or(0, |at| at.0)),
                provider_sid: by.sid,
                end_session: by.end_session,
                id_token: by.id_token,
            },
        }
    }

    pub(super) fn read(row: &sqlx::any::AnyRow) -> Result<Option<ByProvider>, StoreError> {
        let provider: Option<i64> = row.try_get("provider_id")?;
        let Some(provider) = provider else { return Ok(None) };
        let proven: Option<i64> = row.try_get("proven_utc_s")?;
        Ok(Some(ByProvider {
            provider: IdentityProviderId(provider),
            proven_at: proven.filter(|at| *at != 0).map(Instant),
            sid: row.try_get("provider_sid")?,
            end_session: row.try_get("end_session")?,
            id_token: row.try_get("id_token")?,
        }))
    }
}

/// What a session that has ended leaves to be told to its provider.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderSignOut {
    /// The address of the provider's sign-out.
    pub end_session: String,
    /// What the desk is called there.
    pub client_id: String,
    /// The ID token of the session; empty when it was too long.
    pub id_token: String,
}

// Tokens are not printed.
impl std::fmt::Debug for ProviderSignOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProviderSignOut")
    }
}

/// Whether the account of a person is connected with a provider.
pub(super) async fn is_connected(
    connection: &mut AnyConnection,
    person: PersonId,
    provider: IdentityProviderId,
) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM person_identities WHERE person_id = $1 AND provider_id = $2")
        .bind(person.0)
        .bind(provider.0)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Whether a person may sign in with a password or passkey of the desk, by all of their providers that are in use.
pub(super) async fn allows_desk_sign_in(
    connection: &mut AnyConnection,
    person: PersonId,
) -> Result<bool, StoreError> {
    let rows = sqlx::query(
        "SELECT p.role, i.desk_sign_in FROM person_identities n
         JOIN people p ON p.id = n.person_id
         JOIN identity_providers i ON i.id = n.provider_id
         WHERE n.person_id = $1 AND i.paused_utc_s IS NULL AND i.client_id <> ''",
    )
    .bind(person.0)
    .fetch_all(connection)
    .await?;
    let allows = |row: &sqlx::any::AnyRow| -> Result<bool, StoreError> {
        let (role, of): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let role = Role::from_code(&role).ok_or_else(|| StoreError::inconsistent("people", role))?;
        let of =
            DeskSignIn::from_code(&of).ok_or_else(|| StoreError::inconsistent("identity_providers", of))?;
        Ok(of.allows(role))
    };
    let allowed = rows.iter().map(allows).collect::<Result<Vec<bool>, _>>()?;
    Ok(allowed.into_iter().all(|allows| allows))
}

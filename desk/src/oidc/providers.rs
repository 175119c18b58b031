//! Identity providers as administrators set them. The secret of a client is written and never read back.

use std::time::Duration;

use domain::actor::{Action, Actor, NotPermitted, PersonId, Subject, may};
use domain::audit::AuditEvent;
use domain::identity_provider::{
    DeskSignIn, GroupRoles, IdentityProviderId, IdentityProviderName, Issuer, Strangers,
};
use domain::person_change::PersonChange;
use sqlx::{AnyConnection, Row};
use thiserror::Error;

use super::metadata::{Metadata, ProviderFault, discover};
use crate::Desk;
use crate::access::changes;
use crate::audit::{self, Noted};
use crate::error::{DeskError, holds_desk_error};
use crate::store::{StoreError, Tx, row, take_numbers};
use crate::webhooks::{ReceiverUrl, UrlProblem};

/// The most providers of a desk.
pub const PROVIDERS_MAX: usize = 10;
/// How long the resolution of an issuer's name may take before it is saved without.
const RESOLVE_WITHIN: Duration = Duration::from_secs(5);
/// What the audit log calls them.
const SUBJECT: &str = "identity_provider";

/// The secret of a client, as a form has it.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// It stays as it is.
    Keep,
    /// There is none: a public client.
    None,
    /// This one.
    New(String),
}

// Secrets are not printed.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// What an administrator sets of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIdentityProvider {
    /// What stands on the button.
    pub name: IdentityProviderName,
    /// As the provider calls itself.
    pub issuer: Issuer,
    /// What the desk is called there; empty until the provider has said.
    pub client_id: String,
    /// The client's secret.
    pub secret: Secret,
    /// What is asked for beside `openid`, separated by blanks.
    pub scopes: String,
    /// The claim that names a person's groups; empty for none.
    pub groups_claim: String,
    /// Groups with their roles; none where the provider says nothing of roles.
    pub group_roles: GroupRoles,
    /// What happens to a person who is not known yet.
    pub strangers: Strangers,
    /// Who of its people may sign in with a password or passkey as well.
    pub desk_sign_in: DeskSignIn,
    /// Values of `amr` and `acr` that count as a second factor.
    pub factor_values: Vec<String>,
}

/// A provider on the administrators' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProviderView {
    /// Identifies it.
    pub id: IdentityProviderId,
    /// What is set. The secret always is [`Secret::Keep`].
    pub set: NewIdentityProvider,
    /// Whether there is a secret.
    pub has_secret: bool,
    /// Whether it is paused.
    pub is_paused: bool,
    /// Counted up with every change.
    pub revision: i64,
    /// People who are connected.
    pub people: i64,
}

/// A provider at the sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Identifies it.
    pub id: IdentityProviderId,
    /// What stands on the button.
    pub name: String,
}

/// Why a provider was not saved.
#[derive(Debug, Clone, Error)]
pub enum IdentityProviderError {
    /// The issuer is not an address to which the desk connects.
    #[error(transparent)]
    Url(UrlProblem),
    /// There are [`PROVIDERS_MAX`] already.
    #[error("there are {PROVIDERS_MAX} identity providers already")]
    TooMany,
    /// Another one has this name, or this issuer and client.
    #[error("there is such an identity provider already")]
    Same,
    /// Another administrator changed it since it was shown.
    #[error("the identity provider was changed meanwhile")]
    Changed,
    /// People are connected: with another issuer their identities would be those of others.
    #[error("people are connected by this issuer")]
    IssuerInUse,
    /// People without a group's role would come in.
    #[error("people who are not known need groups with roles")]
    NoGroups,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(IdentityProviderError: NotPermitted, StoreError, sqlx::Error);

row! {
    struct ProviderRow {
        id: i64,
        name: String,
        issuer: String,
        client_id: String,
        client_secret: String,
        scopes: String,
        groups_claim: String,
        group_roles: String,
        strangers: String,
        desk_sign_in: String,
        factor_values: String,
        paused_utc_s: Option<i64>,
        revision: i64,
        people: i64,
    }
}

/// A provider with its secret, for requests to it.
pub(super) struct Kept {
    pub(super) view: IdentityProviderView,
    /// Empty for a public client.
    pub(super) client_secret: String,
}

impl TryFrom<ProviderRow> for Kept {
    type Error = StoreError;

    fn try_from(row: ProviderRow) -> Result<Self, StoreError> {
        let wrong =
            |what: &str| StoreError::inconsistent("identity_providers", format!("{}: {what}", row.id));
        let set = NewIdentityProvider {
            name: IdentityProviderName::parse(&row.name).map_err(|_| wrong("name"))?,
            issuer: Issuer::parse(&row.issuer).map_err(|_| wrong("issuer"))?,
            client_id: row.client_id,
            secret: Secret::Keep,
            scopes: row.scopes,
            groups_claim: row.groups_claim,
            group_roles: serde_json::from_str(&row.group_roles).map_err(|_| wrong("group_roles"))?,
            strangers: Strangers::from_code(&row.strangers).ok_or_else(|| wrong("strangers"))?,
            desk_sign_in: DeskSignIn::from_code(&row.desk_sign_in).ok_or_else(|| wrong("desk_sign_in"))?,
            factor_values: row.factor_values.split_whitespace().map(str::to_owned).collect(),
        };
        let view = IdentityProviderView {
            id: IdentityProviderId(row.id),
            set,
            has_secret: !row.client_secret.is_empty(),
            is_paused: row.paused_utc_s.is_some(),
            revision: row.revision,
            people: row.people,
        };
        Ok(Self { view, client_secret: row.client_secret })
    }
}

/// All providers, or one; 0 is no id.
async fn read(connection: &mut AnyConnection, id: i64) -> Result<Vec<Kept>, StoreError> {
    let rows: Vec<ProviderRow> = sqlx::query_as(
        "SELECT id, name, issuer, client_id, client_secret, scopes, groups_claim, group_roles, strangers, desk_sign_in,
                factor_values, paused_utc_s, revision,
                (SELECT COUNT(*) FROM person_identities n WHERE n.provider_id = i.id) AS people
         FROM identity_providers i WHERE $1 = 0 OR id = $1 ORDER BY id",
    )
    .bind(id)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Kept::try_from).collect()
}

/// One provider with its secret; `None` where it is not there.
pub(super) async fn kept(desk: &Desk, id: IdentityProviderId) -> Result<Option<Kept>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let found = if id.0 == 0 { Vec::new() } else { read(&mut reader, id.0).await? };
    reader.done();
    Ok(found.into_iter().next())
}

/// The same, if it is in use.
pub(super) async fn in_use(desk: &Desk, id: IdentityProviderId) -> Result<Option<Kept>, StoreError> {
    let found = kept(desk, id).await?;
    Ok(found.filter(|kept| !kept.view.is_paused && !kept.view.set.client_id.is_empty()))
}

/// The providers at the sign-in, in the order in which they were added.
///
/// # Errors
/// When the database does not answer.
pub async fn offered(desk: &Desk) -> Result<Vec<Offered>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let rows = sqlx::query(
        "SELECT id, name FROM identity_providers WHERE paused_utc_s IS NULL AND client_id <> '' ORDER BY id",
    )
    .fetch_all(&mut *reader)
    .await?;
    reader.done();
    let offered = |row: &sqlx::any::AnyRow| -> Result<Offered, StoreError> {
        Ok(Offered { id: IdentityProviderId(row.try_get(0)?), name: row.try_get(1)? })
    };
    rows.iter().map(offered).collect()
}

/// All providers.
///
/// # Errors
/// See [`DeskError`].
pub async fn list_providers(desk: &Desk, actor: &Actor) -> Result<Vec<IdentityProviderView>, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let all = read(&mut reader, 0).await?;
    reader.done();
    Ok(all.into_iter().map(|kept| kept.view).collect())
}

/// One provider.
///
/// # Errors
/// See [`DeskError`].
pub async fn read_provider(
    desk: &Desk,
    actor: &Actor,
    id: IdentityProviderId,
) -> Result<IdentityProviderView, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    Ok(kept(desk, id).await?.ok_or(DeskError::NotFound)?.view)
}

/// Judges issuer and groups before they are saved. Whether the provider answers is what [`test_provider`] says.
async fn judged(desk: &Desk, new: &NewIdentityProvider) -> Result<(), IdentityProviderError> {
    if new.strangers == Strangers::ByGroup && new.group_roles.is_empty() {
        return Err(IdentityProviderError::NoGroups);
    }
    let url = ReceiverUrl::parse(&new.issuer.discovery()).map_err(IdentityProviderError::Url)?;
    let judging = tokio::time::timeout(RESOLVE_WITHIN, desk.egress().addresses(&url));
    match judging.await.unwrap_or(Err(UrlProblem::NameUnknown)) {
        // A name may be unknown for a while; the test tells.
        Ok(_) | Err(UrlProblem::NameUnknown) => Ok(()),
        Err(problem) => Err(IdentityProviderError::Url(problem)),
    }
}

async fn is_taken(
    tx: &mut Tx,
    new: &NewIdentityProvider,
    but: IdentityProviderId,
) -> Result<bool, StoreError> {
    let same = sqlx::query(
        "SELECT id FROM identity_providers
         WHERE id <> $4 AND (name = $1 OR (issuer = $2 AND client_id = $3 AND client_id <> '')) LIMIT 1",
    )
    .bind(new.name.as_str())
    .bind(new.issuer.as_str())
    .bind(new.client_id.as_str())
    .bind(but.0)
    .fetch_optional(tx.connection())
    .await?;
    Ok(same.is_some())
}

async fn note(tx: &mut Tx, actor: &Actor, desk: &Desk, name: &str) -> Result<(), StoreError> {
    let event = AuditEvent::SettingChanged { subject: SUBJECT.to_owned(), name: name.to_owned() };
    audit::record(tx, &Noted::of(actor, desk.now(), event)).await.map(drop)
}

fn roles_text(new: &NewIdentityProvider) -> Result<String, StoreError> {
    serde_json::to_string(&new.group_roles)
        .map_err(|error| StoreError::inconsistent("identity_providers", error))
}

/// Adds a provider.
///
/// # Errors
/// See [`IdentityProviderError`].
pub async fn add_provider(
    desk: &Desk,
    actor: &Actor,
    new: NewIdentityProvider,
) -> Result<IdentityProviderId, IdentityProviderError> {
    may(actor, Action::Administer, Subject::Desk)?;
    judged(desk, &new).await?;
    let (inner, by, roles) = (desk.clone(), actor.clone(), roles_text(&new)?);
    let adding = desk.store().write(move |tx| {
        Box::pin(async move {
            let row = sqlx::query("SELECT COUNT(*) FROM identity_providers").fetch_one(tx.connection()).await?;
            let count: i64 = row.try_get(0)?;
            if usize::try_from(count).is_ok_and(|count| count >= PROVIDERS_MAX) {
                return Err(IdentityProviderError::TooMany);
            }
            if is_taken(tx, &new, IdentityProviderId(0)).await? {
                return Err(IdentityProviderError::Same);
            }
            let id = take_numbers(tx, "identity_providers", 1).await?;
            let secret = match &new.secret {
                Secret::New(secret) => secret.as_str(),
                Secret::Keep | Secret::None => "",
            };
            sqlx::query(
                "INSERT INTO identity_providers (id, name, issuer, client_id, client_secret, scopes, groups_claim, group_roles,
                                                 strangers, desk_sign_in, factor_values, revision, created_utc_s)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12)",
            )
            .bind(id)
            .bind(new.name.as_str())
            .bind(new.issuer.as_str())
            .bind(new.client_id.as_str())
            .bind(secret)
            .bind(new.scopes.as_str())
            .bind(new.groups_claim.as_str())
            .bind(roles)
            .bind(new.strangers.code())
            .bind(new.desk_sign_in.code())
            .bind(new.factor_values.join(" "))
            .bind(inner.now().0)
            .execute(tx.connection())
            .await?;
            note(tx, &by, &inner, new.name.as_str()).await?;
            Ok(IdentityProviderId(id))
        })
    });
    let id = adding.await?;
    tracing::info!(provider = id.0, "an identity provider was added");
    Ok(id)
}

/// Changes a provider whose revision was `seen`.
///
/// # Errors
/// See [`IdentityProviderError`].
pub async fn change_provider(
    desk: &Desk,
    actor: &Actor,
    id: IdentityProviderId,
    seen: i64,
    new: NewIdentityProvider,
) -> Result<(), IdentityProviderError> {
    may(actor, Action::Administer, Subject::Desk)?;
    judged(desk, &new).await?;
    let (inner, by, roles) = (desk.clone(), actor.clone(), roles_text(&new)?);
    let changing = desk.store().write(move |tx| {
        Box::pin(async move {
            let found = if id.0 == 0 { Vec::new() } else { read(tx.connection(), id.0).await? };
            let found = found.into_iter().next().ok_or(DeskError::NotFound)?;
            if found.view.revision != seen {
                return Err(IdentityProviderError::Changed);
            }
            if found.view.people > 0 && found.view.set.issuer != new.issuer {
                return Err(IdentityProviderError::IssuerInUse);
            }
            if is_taken(tx, &new, id).await? {
                return Err(IdentityProviderError::Same);
            }
            let secret = match &new.secret {
                Secret::New(secret) => secret.clone(),
                Secret::None => String::new(),
                Secret::Keep => found.client_secret,
            };
            sqlx::query(
                "UPDATE identity_providers SET name = $2, issuer = $3, client_id = $4, client_secret = $5, scopes = $6,
                     groups_claim = $7, group_roles = $8, strangers = $9, desk_sign_in = $10, factor_values = $11,
                     revision = revision + 1
                 WHERE id = $1",
            )
            .bind(id.0)
            .bind(new.name.as_str())
            .bind(new.issuer.as_str())
            .bind(new.client_id.as_str())
            .bind(secret)
            .bind(new.scopes.as_str())
            .bind(new.groups_claim.as_str())
            .bind(roles)
            .bind(new.strangers.code())
            .bind(new.desk_sign_in.code())
            .bind(new.factor_values.join(" "))
            .execute(tx.connection())
            .await?;
            // Answers on their way were asked for under other settings.
            forget_requests(tx, id).await?;
            note(tx, &by, &inner, new.name.as_str()).await?;
            Ok(())
        })
    });
    changing.await
}

async fn forget_requests(tx: &mut Tx, id: IdentityProviderId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM identity_requests WHERE provider_id = $1")
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Takes a provider from the sign-in until it is resumed. Sessions go on.
///
/// # Errors
/// See [`DeskError`].
pub async fn pause_provider(desk: &Desk, actor: &Actor, id: IdentityProviderId) -> Result<(), DeskError> {
    let now = desk.now().0;
    set_paused(desk, actor, id, Some(now)).await
}

/// People sign in by the provider again.
///
/// # Errors
/// See [`DeskError`].
pub async fn resume_provider(desk: &Desk, actor: &Actor, id: IdentityProviderId) -> Result<(), DeskError> {
    set_paused(desk, actor, id, None).await
}

async fn set_paused(
    desk: &Desk,
    actor: &Actor,
    id: IdentityProviderId,
    paused_utc_s: Option<i64>,
) -> Result<(), DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let (inner, by) = (desk.clone(), actor.clone());
    let pausing = desk.store().write(move |tx| {
        Box::pin(async move {
            let row = sqlx::query(
                "UPDATE identity_providers SET paused_utc_s = $2, revision = revision + 1 WHERE id = $1 RETURNING name",
            )
            .bind(id.0)
            .bind(paused_utc_s)
            .fetch_optional(tx.connection())
            .await?;
            let name: String = row.ok_or(DeskError::NotFound)?.try_get(0)?;
            if paused_utc_s.is_some() {
                forget_requests(tx, id).await?;
            }
            note(tx, &by, &inner, &name).await?;
            Ok::<_, DeskError>(())
        })
    });
    pausing.await
}

/// Removes a provider. Sessions that it began end, and its people are connected no more.
///
/// # Errors
/// See [`DeskError`].
pub async fn remove_provider(desk: &Desk, actor: &Actor, id: IdentityProviderId) -> Result<(), DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let (inner, by) = (desk.clone(), actor.clone());
    let removing = desk.store().write(move |tx| {
        Box::pin(async move {
            let row = sqlx::query("DELETE FROM identity_providers WHERE id = $1 RETURNING name")
                .bind(id.0)
                .fetch_optional(tx.connection())
                .await?;
            let name: String = row.ok_or(DeskError::NotFound)?.try_get(0)?;
            forget_requests(tx, id).await?;
            for text in [
                "DELETE FROM sessions WHERE provider_id = $1",
                "DELETE FROM sign_in_steps WHERE provider_id = $1",
            ] {
                sqlx::query(text).bind(id.0).execute(tx.connection()).await?;
            }
            let rows =
                sqlx::query("DELETE FROM person_identities WHERE provider_id = $1 RETURNING person_id")
                    .bind(id.0)
                    .fetch_all(tx.connection())
                    .await?;
            for row in rows {
                let person = PersonId(row.try_get(0)?);
                let change = PersonChange::IdentityUnlinked { provider: name.clone() };
                changes::record(tx, person, &by, inner.now(), &change).await?;
            }
            note(tx, &by, &inner, &name).await?;
            Ok::<_, DeskError>(())
        })
    });
    removing.await?;
    tracing::info!(provider = id.0, "an identity provider was removed");
    Ok(())
}

/// Asks a provider for what it says of itself, for its administrator.
///
/// # Errors
/// See [`DeskError`].
pub async fn test_provider(
    desk: &Desk,
    actor: &Actor,
    id: IdentityProviderId,
) -> Result<Result<Metadata, ProviderFault>, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let kept = kept(desk, id).await?.ok_or(DeskError::NotFound)?;
    Ok(discover(desk.egress(), &kept.view.set.issuer).await)
}

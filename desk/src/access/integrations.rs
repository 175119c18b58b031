//! Use-case: integrations. Each is another system with a token, grants and a scope. A token is shown once; its hash is
//! stored.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use domain::actor::{
    Action, Actor, Grant, Integration, IntegrationId, IntegrationName, RequestsPerMinute, Scope, Subject, may,
};
use domain::audit::{AuditAccess, AuditEvent, SignInRefusal};
use domain::case::Author;
use domain::country::Country;
use domain::page::{Page, Paging};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::DeskError;
use crate::access::displays::{author, stored_author};
use crate::access::limits::Source;
use crate::access::sign_in::note_refusal;
use crate::access::tokens;
use crate::audit::{self, Noted};
use crate::store::take_numbers;
use crate::store::{StoreError, row};

/// The beginning of every token, by which scanners for secrets find one that was published.
pub const TOKEN_PREFIX: &str = "vigia_";

/// How often the last use of a token is written down, in seconds.
const SEEN_EVERY_S: i64 = 60;

/// An integration on the administrators' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationView {
    /// Id, name, grants and scope.
    pub integration: Integration,
    /// Requests that it may make in a minute.
    pub per_minute: RequestsPerMinute,
    /// Time when it was added.
    pub created_at: Instant,
    /// Who added it.
    pub added_by: Option<Author>,
    /// Time of its last request, to the minute; `None` before the first.
    pub seen_at: Option<Instant>,
    /// Time when it was revoked.
    pub revoked_at: Option<Instant>,
    /// Who revoked it.
    pub revoked_by: Option<Author>,
}

/// An integration that is added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIntegration {
    /// Its name, which histories show.
    pub name: IntegrationName,
    /// What it may do.
    pub grants: BTreeSet<Grant>,
    /// The cases that exist for it.
    pub scope: Scope,
    /// Requests that it may make in a minute.
    pub per_minute: RequestsPerMinute,
}

row! {
    struct IntegrationRow {
        id: i64,
        name: String,
        grants: String,
        country: Option<String>,
        per_minute: i64,
        created_utc_s: i64,
        added_by: String,
        seen_utc_s: Option<i64>,
        revoked_utc_s: Option<i64>,
        revoked_by: Option<String>,
    }
}

impl TryFrom<IntegrationRow> for IntegrationView {
    type Error = StoreError;

    fn try_from(row: IntegrationRow) -> Result<Self, StoreError> {
        let wrong = |what: &str| StoreError::inconsistent("integrations", format!("{}: {what}", row.id));
        let grant = |code: &str| Grant::from_code(code).ok_or_else(|| wrong(code));
        let country = |code: &str| Country::from_code(code).ok_or_else(|| wrong(code));
        let per_minute = u32::try_from(row.per_minute).ok().and_then(RequestsPerMinute::new);
        Ok(Self {
            integration: Integration {
                id: IntegrationId(row.id),
                grants: row.grants.split_whitespace().map(grant).collect::<Result<_, _>>()?,
                scope: Scope { country: row.country.as_deref().map(country).transpose()? },
                name: row.name.clone(),
            },
            per_minute: per_minute.ok_or_else(|| wrong("per_minute"))?,
            created_at: Instant(row.created_utc_s),
            added_by: author(Some(row.added_by))?,
            seen_at: row.seen_utc_s.map(Instant),
            revoked_at: row.revoked_utc_s.map(Instant),
            revoked_by: author(row.revoked_by)?,
        })
    }
}

/// Adds an integration. Gives its token, which is shown once and not stored.
///
/// # Errors
/// See [`DeskError`].
pub async fn add_integration(
    desk: &Desk,
    actor: &Actor,
    new: NewIntegration,
) -> Result<(IntegrationId, String), DeskError> {
    may(actor, Action::ManageIntegrations, Subject::Desk)?;
    let token = format!("{TOKEN_PREFIX}{}", tokens::fresh(desk.ports()));
    let (hash, now, by) = (tokens::hash(&token), desk.now(), stored_author(actor)?);
    let grants = new.grants.iter().map(|grant| grant.code()).collect::<Vec<_>>().join(" ");
    let actor = actor.clone();
    let id = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let id = take_numbers(tx, "integrations", 1).await?;
                sqlx::query(
                    "INSERT INTO integrations (id, name, token_hash, grants, country, per_minute, created_utc_s, added_by)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                )
                .bind(id)
                .bind(new.name.as_str())
                .bind(hash)
                .bind(grants)
                .bind(new.scope.country.map(Country::code))
                .bind(i64::from(new.per_minute.get()))
                .bind(now.0)
                .bind(by)
                .execute(tx.connection())
                .await?;
                let name = new.name.as_str().to_owned();
                let event = AuditEvent::AccessGiven { access: AuditAccess::Integration, id, name };
                let noted = Noted::of(&actor, now, event).in_country(new.scope.country);
                audit::record(tx, &noted).await?;
                Ok::<_, StoreError>(id)
            })
        })
        .await?;
    Ok((IntegrationId(id), token))
}

/// The integration of a token, long-lived or short-lived; `None` when it is unknown, revoked or over. That it was used is
/// noted afterwards.
///
/// # Errors
/// When the database does not answer.
pub async fn integration(desk: &Desk, token: &str) -> Result<Option<IntegrationView>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let hash = match token.strip_prefix(ACCESS_PREFIX) {
        Some(rest) => match hash_of_access(desk, &mut reader, rest).await? {
            Some(hash) => hash,
            None => return Ok(None),
        },
        None => tokens::hash(token),
    };
    let row: Option<IntegrationRow> = sqlx::query_as(
        "SELECT id, name, grants, country, per_minute, created_utc_s, added_by, seen_utc_s, revoked_utc_s, revoked_by
         FROM integrations WHERE token_hash = $1 AND revoked_utc_s IS NULL",
    )
    .bind(hash)
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let Some(view) = row.map(IntegrationView::try_from).transpose()? else { return Ok(None) };
    note_use(desk, &view);
    Ok(Some(view))
}

/// Has it written down soon that a wrong token was used.
pub fn note_wrong_token(desk: &Desk, source: Source) {
    note_refusal(desk, None, source, SignInRefusal::Token);
}

/// The beginning of every short-lived token. A long-lived one goes on with figures, so that none begins like this.
const ACCESS_PREFIX: &str = "vigia_at_";

/// For how many seconds a short-lived token is good.
pub const ACCESS_TOKEN_S: i64 = 3600;

/// A short-lived token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token. It is computed and not stored, and ends with the long-lived one when that is revoked.
    pub token: String,
    /// The integration of it.
    pub integration: IntegrationView,
}

/// A short-lived token for the long-lived one of an integration; `None` for a wrong one, and for a short-lived one: no token
/// renews itself.
///
/// # Errors
/// When the database does not answer.
pub async fn access_token(
    desk: &Desk,
    id: IntegrationId,
    token: &str,
) -> Result<Option<AccessToken>, StoreError> {
    if token.starts_with(ACCESS_PREFIX) {
        return Ok(None);
    }
    let found = integration(desk, token).await?;
    let Some(integration) = found.filter(|found| found.integration.id == id) else { return Ok(None) };
    let what = format!("{}-{}", id.0, desk.now().plus(ACCESS_TOKEN_S).0);
    let code = desk.tokens().access_code(&what, &tokens::hash(token));
    Ok(Some(AccessToken { token: format!("{ACCESS_PREFIX}{what}-{code}"), integration }))
}

/// The stored hash of the long-lived token for which a short-lived one counts; `None` when it is over, or none of ours.
async fn hash_of_access(
    desk: &Desk,
    connection: &mut AnyConnection,
    rest: &str,
) -> Result<Option<String>, StoreError> {
    let Some((what, code)) = rest.rsplit_once('-') else { return Ok(None) };
    let Some((id, until)) = what.split_once('-') else { return Ok(None) };
    let (Ok(id), Ok(until)) = (id.parse::<i64>(), until.parse::<i64>()) else { return Ok(None) };
    if until <= desk.now().0 {
        return Ok(None);
    }
    let row = sqlx::query("SELECT token_hash FROM integrations WHERE id = $1 AND revoked_utc_s IS NULL")
        .bind(id)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let hash: String = row.try_get(0)?;
    Ok(desk.tokens().is_access_code(what, &hash, code).then_some(hash))
}

/// Notes beside the answer that a token was used, by one task of each at a time: a request does not wait for the writer.
fn note_use(desk: &Desk, view: &IntegrationView) {
    let (id, now) = (view.integration.id, desk.now());
    if view.seen_at.is_some_and(|seen| now.since(seen) < SEEN_EVERY_S) {
        return;
    }
    // A poisoned lock is still usable: every change of the set is whole.
    let used = |desk: &Desk| desk.limits().used.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    if !used(desk) {
        return;
    }
    let desk = desk.clone();
    tokio::spawn(async move {
        let written = desk.store().write(move |tx| {
            Box::pin(async move {
                sqlx::query("UPDATE integrations SET seen_utc_s = $2 WHERE id = $1")
                    .bind(id.0)
                    .bind(now.0)
                    .execute(tx.connection())
                    .await?;
                Ok::<_, StoreError>(())
            })
        });
        if let Err(error) = written.await {
            tracing::warn!(%error, integration = id.0, "the use of a token could not be noted");
        }
        desk.limits().used.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    });
}

/// The rows of a page of integrations.
pub const LIST_PAGE: &str =
    "SELECT id, name, grants, country, per_minute, created_utc_s, added_by, seen_utc_s, revoked_utc_s, revoked_by
     FROM integrations ORDER BY id DESC LIMIT $1 OFFSET $2";

/// A page of the integrations, newest first.
///
/// # Errors
/// See [`DeskError`].
pub async fn list_integrations(
    desk: &Desk,
    actor: &Actor,
    wanted: u32,
) -> Result<Page<IntegrationView>, DeskError> {
    may(actor, Action::ManageIntegrations, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let count = sqlx::query("SELECT COUNT(*) FROM integrations").fetch_one(&mut *reader).await;
    let total = count.and_then(|row| row.try_get(0)).map_err(StoreError::from)?;
    let paging = Paging::of(total, wanted);
    let rows: Vec<IntegrationRow> = sqlx::query_as(LIST_PAGE)
        .bind(i64::from(Paging::ROWS))
        .bind(paging.offset())
        .fetch_all(&mut *reader)
        .await
        .map_err(StoreError::from)?;
    let rows = rows.into_iter().map(IntegrationView::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, paging })
}

/// Revokes an integration: its next request is refused.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for one that was revoked before.
pub async fn revoke_integration(desk: &Desk, actor: &Actor, id: IntegrationId) -> Result<(), DeskError> {
    may(actor, Action::ManageIntegrations, Subject::Desk)?;
    let (now, by, actor) = (desk.now(), stored_author(actor)?, actor.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let done = sqlx::query(
                    "UPDATE integrations SET revoked_utc_s = $2, revoked_by = $3 WHERE id = $1 AND revoked_utc_s IS NULL",
                )
                .bind(id.0)
                .bind(now.0)
                .bind(by)
                .execute(tx.connection())
                .await
                .map_err(StoreError::from)?;
                if done.rows_affected() != 1 {
                    return Err(DeskError::NotFound);
                }
                let event = AuditEvent::AccessEnded { access: AuditAccess::Integration, id: id.0 };
                audit::record(tx, &Noted::of(&actor, now, event)).await?;
                Ok(())
            })
        })
        .await
}

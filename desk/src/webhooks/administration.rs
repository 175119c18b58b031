//! Use-case: administrators keep webhooks.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::actor::{Action, Actor, Scope, Subject, may};
use domain::audit::{AccessChange, AuditAccess, AuditEvent};
use domain::case::Author;
use domain::country::Country;
use domain::i18n::Language;
use domain::time::Instant;
use domain::webhook::{DeliveryFailure, WEBHOOKS_MAX, WebhookEvent, WebhookFormat, WebhookId, WebhookName};
use sqlx::Row;
use thiserror::Error;

use super::receiver::{ReceiverUrl, UrlProblem};
use super::signature::shown;
use super::subscriptions::{CHANGES, events, format, language, scope};
use crate::Desk;
use crate::DeskError;
use crate::access::tokens::hex;
use crate::audit::{self, Noted};
use crate::error::holds_desk_error;
use crate::store::{StoreError, Tx, row, take_numbers};

/// The longest wait for the addresses of a name when a webhook is saved.
const RESOLVE_WITHIN: Duration = Duration::from_secs(5);

/// Why a webhook was not added, or not changed.
#[derive(Debug, Clone, Error)]
pub enum WebhookError {
    /// As other use-cases.
    #[error(transparent)]
    Desk(DeskError),
    /// The desk does not connect to its address.
    #[error(transparent)]
    Url(UrlProblem),
    /// There are [`WEBHOOKS_MAX`] already.
    #[error("there are {WEBHOOKS_MAX} webhooks already")]
    TooMany,
    /// There is one of this name and address already: the form was sent once more.
    #[error("there is a webhook of this name and address already")]
    Same,
    /// Its format does not tell of this event, which was chosen.
    #[error("the format does not tell of {}", .0.code())]
    Unheard(WebhookEvent),
    /// Another administrator changed it after the form was drawn.
    #[error("the webhook was changed meanwhile")]
    Changed,
}

holds_desk_error!(WebhookError: DeskError, StoreError, domain::actor::NotPermitted);

/// The settings of a webhook, as an administrator gives them when it is added or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// Its name in the list.
    pub name: WebhookName,
    /// The receiver's address.
    pub url: ReceiverUrl,
    /// What it hears of.
    pub events: BTreeSet<WebhookEvent>,
    /// The cases that it hears of.
    pub scope: Scope,
    /// How its bodies are written.
    pub format: WebhookFormat,
    /// The language of its messages, where the format has words.
    pub language: Language,
}

/// The last attempt of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastAttempt {
    /// Its time.
    pub at: Instant,
    /// The HTTP status; `None` without an answer.
    pub status: Option<u16>,
    /// Why it failed; `None` when the receiver took it.
    pub failure: Option<DeliveryFailure>,
}

/// A webhook on the administrators' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookView {
    /// Id of the webhook.
    pub id: WebhookId,
    /// Its name.
    pub name: String,
    /// The receiver's address.
    pub url: String,
    /// What it hears of.
    pub events: BTreeSet<WebhookEvent>,
    /// The cases that it hears of.
    pub scope: Scope,
    /// How its bodies are written.
    pub format: WebhookFormat,
    /// The language of its messages, where the format has words.
    pub language: Language,
    /// The number of changes of its settings.
    pub revision: i64,
    /// Time when it was paused; `None` while it is not.
    pub paused_at: Option<Instant>,
    /// Time of the last rotation of its secret; `None` before the first.
    pub rotated_at: Option<Instant>,
    /// Time when it was added.
    pub created_at: Instant,
    /// Who added it.
    pub added_by: Option<Author>,
    /// The last attempt; `None` before the first.
    pub last: Option<LastAttempt>,
    /// Deliveries that wait.
    pub queued: i64,
    /// Deliveries without an attempt left.
    pub dead: i64,
}

row! {
    struct WebhookRow {
        id: i64,
        name: String,
        url: String,
        events: String,
        country: Option<String>,
        format: String,
        language: String,
        revision: i64,
        paused_utc_s: Option<i64>,
        rotated_utc_s: Option<i64>,
        created_utc_s: i64,
        added_by: String,
        attempted_utc_s: Option<i64>,
        attempted_status: Option<i64>,
        attempted_failure: Option<String>,
        queued: i64,
        dead: i64,
    }
}

impl TryFrom<WebhookRow> for WebhookView {
    type Error = StoreError;

    fn try_from(row: WebhookRow) -> Result<Self, StoreError> {
        let last = match row.attempted_utc_s {
            None => None,
            Some(at) => Some(LastAttempt {
                at: Instant(at),
                status: row.attempted_status.and_then(|status| u16::try_from(status).ok()),
                failure: failure("webhooks", row.attempted_failure.as_deref())?,
            }),
        };
        let added_by = serde_json::from_str(&row.added_by);
        Ok(Self {
            id: WebhookId(row.id),
            events: events(row.id, &row.events)?,
            scope: scope(row.id, row.country)?,
            format: format(row.id, &row.format)?,
            language: language(row.id, &row.language)?,
            revision: row.revision,
            name: row.name,
            url: row.url,
            paused_at: row.paused_utc_s.map(Instant),
            rotated_at: row.rotated_utc_s.map(Instant),
            created_at: Instant(row.created_utc_s),
            added_by: Some(added_by.map_err(|error| StoreError::inconsistent("webhooks", error))?),
            last,
            queued: row.queued,
            dead: row.dead,
        })
    }
}

/// A failure as it is stored.
pub(super) fn failure(
    table: &'static str,
    code: Option<&str>,
) -> Result<Option<DeliveryFailure>, StoreError> {
    let known =
        |code: &str| DeliveryFailure::from_code(code).ok_or_else(|| StoreError::inconsistent(table, code));
    code.map(known).transpose()
}

/// All webhooks, or one: `$1` is an id, 0 for all.
pub const LIST: &str =
    "SELECT w.id, w.name, w.url, w.events, w.country, w.format, w.language, w.revision, w.paused_utc_s, w.rotated_utc_s, w.created_utc_s, w.added_by,
            w.attempted_utc_s, w.attempted_status, w.attempted_failure,
            (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'queued') AS queued,
            (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'dead') AS dead
     FROM webhooks w WHERE $1 = 0 OR w.id = $1 ORDER BY w.id";

/// The webhooks, in the order in which they were added.
///
/// # Errors
/// See [`DeskError`].
pub async fn list_webhooks(desk: &Desk, actor: &Actor) -> Result<Vec<WebhookView>, DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    read(desk, 0).await
}

/// One webhook.
///
/// # Errors
/// See [`DeskError`].
pub async fn read_webhook(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<WebhookView, DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    // 0 is no id.
    let found = if id.0 == 0 { Vec::new() } else { read(desk, id.0).await? };
    found.into_iter().next().ok_or(DeskError::NotFound)
}

async fn read(desk: &Desk, id: i64) -> Result<Vec<WebhookView>, DeskError> {
    let mut reader = desk.store().reader().await?;
    let rows: Vec<WebhookRow> = sqlx::query_as(LIST).bind(id).fetch_all(&mut *reader).await?;
    reader.done();
    Ok(rows.into_iter().map(WebhookView::try_from).collect::<Result<_, _>>()?)
}

/// Counts a change, after which every node reads the subscriptions anew.
pub(super) async fn changed(tx: &mut Tx) -> Result<(), StoreError> {
    take_numbers(tx, CHANGES, 1).await.map(drop)
}

/// Judges events and address before they are saved.
pub(super) async fn judged(desk: &Desk, new: &NewWebhook) -> Result<(), WebhookError> {
    if let Some(event) = new.events.iter().find(|event| !new.format.hears(**event)) {
        return Err(WebhookError::Unheard(*event));
    }
    judged_address(desk, &new.url).await.map_err(WebhookError::Url)
}

/// Judges an address before it is saved.
pub(super) async fn judged_address(desk: &Desk, url: &ReceiverUrl) -> Result<(), UrlProblem> {
    let judging = tokio::time::timeout(RESOLVE_WITHIN, desk.egress().addresses(url));
    judging.await.unwrap_or(Err(UrlProblem::NameUnknown)).map(drop)
}

/// Events as they are stored.
pub(super) fn codes(events: &BTreeSet<WebhookEvent>) -> String {
    events.iter().map(|event| event.code()).collect::<Vec<_>>().join(" ")
}

/// Whether there is another webhook of a name and address.
pub(super) async fn is_taken(tx: &mut Tx, new: &NewWebhook, but: WebhookId) -> Result<bool, StoreError> {
    let same = sqlx::query("SELECT id FROM webhooks WHERE name = $1 AND url = $2 AND id <> $3 LIMIT 1")
        .bind(new.name.as_str())
        .bind(new.url.as_str())
        .bind(but.0)
        .fetch_optional(tx.connection())
        .await?;
    Ok(same.is_some())
}

/// Adds a webhook. Gives its secret, which is shown once and not stored.
///
/// # Errors
/// See [`WebhookError`].
pub async fn add_webhook(
    desk: &Desk,
    actor: &Actor,
    new: NewWebhook,
) -> Result<(WebhookId, String), WebhookError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    judged(desk, &new).await?;
    let nonce = hex(&desk.ports().random::<16>());
    let secret = shown(&desk.tokens().webhook_secret(&nonce));
    let now = desk.now();
    let by = serde_json::to_string(&Author::from(actor))
        .map_err(|error| StoreError::inconsistent("webhooks", error))?;
    let actor = actor.clone();
    let adding = desk.store().write(move |tx| {
        Box::pin(async move {
            let count = sqlx::query("SELECT COUNT(*) FROM webhooks").fetch_one(tx.connection()).await;
            let count: i64 = count.and_then(|row| row.try_get(0)).map_err(StoreError::from)?;
            if usize::try_from(count).is_ok_and(|count| count >= WEBHOOKS_MAX) {
                return Err(WebhookError::TooMany);
            }
            // 0 is no id.
            if is_taken(tx, &new, WebhookId(0)).await? {
                return Err(WebhookError::Same);
            }
            let id = take_numbers(tx, "webhooks", 1).await?;
            sqlx::query(
                "INSERT INTO webhooks (id, name, url, events, country, format, language, secret_nonce, created_utc_s, added_by)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(id)
            .bind(new.name.as_str())
            .bind(new.url.as_str())
            .bind(codes(&new.events))
            .bind(new.scope.country.map(Country::code))
            .bind(new.format.code())
            .bind(new.language.code())
            .bind(nonce)
            .bind(now.0)
            .bind(by)
            .execute(tx.connection())
            .await
            .map_err(StoreError::from)?;
            changed(tx).await?;
            let name = new.name.as_str().to_owned();
            let event = AuditEvent::AccessGiven { access: AuditAccess::Webhook, id, name };
            let noted = Noted::of(&actor, now, event).in_country(new.scope.country);
            audit::record(tx, &noted).await?;
            Ok(WebhookId(id))
        })
    });
    Ok((adding.await?, secret))
}

/// Gives a webhook another secret, which is shown once. For a day both sign. `seen` is the last rotation that the actor knows
/// of: after another one nothing is changed, and there is no secret.
///
/// # Errors
/// See [`DeskError`].
pub async fn rotate_secret(
    desk: &Desk,
    actor: &Actor,
    id: WebhookId,
    seen: Option<Instant>,
) -> Result<Option<String>, DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let nonce = hex(&desk.ports().random::<16>());
    let secret = shown(&desk.tokens().webhook_secret(&nonce));
    let seen = seen.map_or(0, |at| at.0);
    let (now, actor) = (desk.now(), actor.clone());
    // Two rotations within a second differ.
    let rotated = now.0.max(seen.saturating_add(1));
    let is_done: Result<bool, DeskError> = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let done = sqlx::query(
                    "UPDATE webhooks SET former_nonce = secret_nonce, secret_nonce = $2, rotated_utc_s = $3
                     WHERE id = $1 AND COALESCE(rotated_utc_s, 0) = $4",
                )
                .bind(id.0)
                .bind(nonce)
                .bind(rotated)
                .bind(seen)
                .execute(tx.connection())
                .await?;
                if done.rows_affected() == 1 {
                    note(tx, (&actor, now), id, AccessChange::Secret).await?;
                    return Ok(true);
                }
                let known = sqlx::query("SELECT id FROM webhooks WHERE id = $1")
                    .bind(id.0)
                    .fetch_optional(tx.connection())
                    .await?;
                if known.is_some() { Ok(false) } else { Err(DeskError::NotFound) }
            })
        })
        .await;
    Ok(is_done?.then_some(secret))
}

/// Pauses a webhook. What it would have heard waits for its end, 30 days at most.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for one that is paused.
pub async fn pause_webhook(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<(), DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let (now, actor) = (desk.now(), actor.clone());
    update(desk, move |tx| {
        Box::pin(async move {
            let done =
                sqlx::query("UPDATE webhooks SET paused_utc_s = $2 WHERE id = $1 AND paused_utc_s IS NULL")
                    .bind(id.0)
                    .bind(now.0)
                    .execute(tx.connection())
                    .await?;
            if done.rows_affected() == 1 {
                note(tx, (&actor, now), id, AccessChange::Paused).await?;
            }
            Ok(done.rows_affected())
        })
    })
    .await
}

/// Ends the pause of a webhook.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for one that is not paused.
pub async fn resume_webhook(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<(), DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let (now, actor) = (desk.now(), actor.clone());
    update(desk, move |tx| {
        Box::pin(async move {
            let text = "UPDATE webhooks SET paused_utc_s = NULL WHERE id = $1 AND paused_utc_s IS NOT NULL";
            let done = sqlx::query(text).bind(id.0).execute(tx.connection()).await?;
            if done.rows_affected() == 1 {
                note(tx, (&actor, now), id, AccessChange::Resumed).await?;
            }
            tx.ring_for_deliveries();
            Ok(done.rows_affected())
        })
    })
    .await
}

/// Removes a webhook with its deliveries and its history.
///
/// # Errors
/// See [`DeskError`].
pub async fn remove_webhook(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<(), DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let (now, actor) = (desk.now(), actor.clone());
    update(desk, move |tx| {
        Box::pin(async move {
            sqlx::query("DELETE FROM webhook_deliveries WHERE webhook_id = $1")
                .bind(id.0)
                .execute(tx.connection())
                .await?;
            sqlx::query("DELETE FROM webhook_changes WHERE webhook_id = $1")
                .bind(id.0)
                .execute(tx.connection())
                .await?;
            let done =
                sqlx::query("DELETE FROM webhooks WHERE id = $1").bind(id.0).execute(tx.connection()).await?;
            changed(tx).await?;
            let event = AuditEvent::AccessEnded { access: AuditAccess::Webhook, id: id.0 };
            if done.rows_affected() == 1 {
                audit::record(tx, &Noted::of(&actor, now, event)).await?;
            }
            Ok(done.rows_affected())
        })
    })
    .await
}

/// Writes a change of a webhook, which is there, into the audit log.
pub(super) async fn note(
    tx: &mut Tx,
    (actor, at): (&Actor, Instant),
    id: WebhookId,
    what: AccessChange,
) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT name, country FROM webhooks WHERE id = $1")
        .bind(id.0)
        .fetch_one(tx.connection())
        .await?;
    let scope = scope(id.0, row.try_get("country")?)?;
    let event = AuditEvent::AccessChanged {
        access: AuditAccess::Webhook,
        id: id.0,
        name: row.try_get("name")?,
        what,
    };
    audit::record(tx, &Noted::of(actor, at, event).in_country(scope.country)).await.map(drop)
}

/// Runs a change of one webhook or number; [`DeskError::NotFound`] when no row was changed.
pub(super) async fn update<F>(desk: &Desk, change: F) -> Result<(), DeskError>
where
    F: for<'c> FnOnce(&'c mut Tx) -> futures::future::BoxFuture<'c, Result<u64, StoreError>> + Send + 'static,
{
    let changed = desk.store().write(change).await?;
    if changed == 1 { Ok(()) } else { Err(DeskError::NotFound) }
}

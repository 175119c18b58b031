//! Use-case: administrators keep numbers of WhatsApp Business.

use std::time::Duration;

use domain::actor::{Action, Actor, Scope, Subject, may};
use domain::audit::{AccessChange, AuditAccess, AuditEvent};
use domain::case::Author;
use domain::country::Country;
use domain::time::Instant;
use domain::webhook::{DeliveryFailure, WebhookId, WebhookName};
use domain::whatsapp::{ApiSecret, GraphId, NUMBERS_MAX, SentState, Templates, UnsentReason};
use serde::Deserialize;
use sqlx::Row;
use thiserror::Error;

use super::super::administration::{judged_address, update};
use super::super::deliveries::{Replay, replay};
use super::super::exchange::{Ask, Method, ask};
use super::super::receiver::{ReceiverUrl, UrlProblem};
use super::super::subscriptions::scope;
use super::send::{ANSWER_BYTES, failure_of, line_of};
use crate::Desk;
use crate::DeskError;
use crate::audit::{self, Noted};
use crate::error::holds_desk_error;
use crate::store::{StoreError, Tx, row, take_numbers};

/// The address of the Graph API that a new number has.
pub const DEFAULT_GRAPH_URL: &str = "https://graph.facebook.com/v23.0";
/// The time limit of a test.
const TEST_WITHIN: Duration = Duration::from_secs(10);

/// Why a number was not added, or not changed.
#[derive(Debug, Clone, Error)]
pub enum NumberError {
    /// As other use-cases.
    #[error(transparent)]
    Desk(DeskError),
    /// The desk does not connect to the address of its Graph API.
    #[error(transparent)]
    Url(UrlProblem),
    /// There are [`NUMBERS_MAX`] already.
    #[error("there are {NUMBERS_MAX} numbers already")]
    TooMany,
    /// The desk has this number already.
    #[error("there is this number already")]
    Same,
    /// It has no secrets, and none were given.
    #[error("the number has no secrets")]
    NoSecrets,
    /// Another administrator changed it after the form was drawn.
    #[error("the number was changed meanwhile")]
    Changed,
}

holds_desk_error!(NumberError: DeskError, StoreError, domain::actor::NotPermitted);

/// The settings of a number, as an administrator gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNumber {
    /// Its name in the list.
    pub name: WebhookName,
    /// What the Cloud API knows it by.
    pub phone_number_id: GraphId,
    /// The address of the Graph API with its version.
    pub graph_url: ReceiverUrl,
    /// The cases that it belongs to.
    pub scope: Scope,
    /// The templates.
    pub templates: Templates,
}

impl NewNumber {
    /// The address of the Graph API as it is kept: paths are added to it.
    pub(super) fn base(&self) -> &str {
        self.graph_url.as_str().trim_end_matches('/')
    }
}

/// Secrets of a number. One that is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// The access token.
    pub access_token: Option<ApiSecret>,
    /// The app secret.
    pub app_secret: Option<ApiSecret>,
}

/// The last test of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Its time.
    pub at: Instant,
    /// What the API called the number, or why it did not.
    pub came: Result<String, String>,
}

/// A number on the administrators' page. Its secrets are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberView {
    /// Id of the number.
    pub id: WebhookId,
    /// Its name.
    pub name: String,
    /// What the Cloud API knows it by.
    pub phone_number_id: String,
    /// The address of the Graph API.
    pub graph_url: String,
    /// The cases that it belongs to.
    pub scope: Scope,
    /// The templates.
    pub templates: Templates,
    /// The number of changes of its settings.
    pub revision: i64,
    /// Time when it was switched off; `None` while it is on.
    pub paused_at: Option<Instant>,
    /// Whether it has both secrets. After a restore of a backup it has none.
    pub has_secrets: bool,
    /// Time when it was added.
    pub created_at: Instant,
    /// The last test; `None` before the first.
    pub tested: Option<Tested>,
    /// Updates that wait.
    pub queued: i64,
    /// Updates without an attempt left.
    pub dead: i64,
}

row! {
    struct NumberRow {
        id: i64,
        name: String,
        phone_number_id: String,
        graph_url: String,
        country: Option<String>,
        templates: String,
        revision: i64,
        paused_utc_s: Option<i64>,
        created_utc_s: i64,
        tested_utc_s: Option<i64>,
        tested_well: Option<i64>,
        tested_words: Option<String>,
        secrets: i64,
        queued: i64,
        dead: i64,
    }
}

impl TryFrom<NumberRow> for NumberView {
    type Error = StoreError;

    fn try_from(row: NumberRow) -> Result<Self, StoreError> {
        let wrong = |error: serde_json::Error| StoreError::inconsistent("whatsapp_numbers", error);
        let words = row.tested_words.unwrap_or_default();
        let came = if row.tested_well == Some(1) { Ok(words) } else { Err(words) };
        Ok(Self {
            id: WebhookId(row.id),
            name: row.name,
            phone_number_id: row.phone_number_id,
            graph_url: row.graph_url,
            scope: scope(row.id, row.country)?,
            templates: serde_json::from_str(&row.templates).map_err(wrong)?,
            revision: row.revision,
            paused_at: row.paused_utc_s.map(Instant),
            has_secrets: row.secrets > 0,
            created_at: Instant(row.created_utc_s),
            tested: row.tested_utc_s.map(|at| Tested { at: Instant(at), came }),
            queued: row.queued,
            dead: row.dead,
        })
    }
}

/// All numbers, or one: `$1` is an id, 0 for all.
pub const NUMBERS: &str =
    "SELECT n.id, n.name, n.phone_number_id, n.graph_url, n.country, n.templates, n.revision, n.paused_utc_s, n.created_utc_s,
            n.tested_utc_s, n.tested_well, n.tested_words,
            (SELECT COUNT(*) FROM whatsapp_secrets s WHERE s.number_id = n.id) AS secrets,
            (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.webhook_id = n.id AND d.state = 'queued') AS queued,
            (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.webhook_id = n.id AND d.state = 'dead') AS dead
     FROM whatsapp_numbers n WHERE $1 = 0 OR n.id = $1 ORDER BY n.id";

/// The numbers, in the order in which they were added.
///
/// # Errors
/// See [`DeskError`].
pub async fn list_numbers(desk: &Desk, actor: &Actor) -> Result<Vec<NumberView>, DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    read(desk, 0).await
}

/// One number.
///
/// # Errors
/// See [`DeskError`].
pub async fn read_number(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<NumberView, DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    // 0 is no id.
    let found = if id.0 == 0 { Vec::new() } else { read(desk, id.0).await? };
    found.into_iter().next().ok_or(DeskError::NotFound)
}

async fn read(desk: &Desk, id: i64) -> Result<Vec<NumberView>, DeskError> {
    let mut reader = desk.store().reader().await?;
    let rows: Vec<NumberRow> = sqlx::query_as(NUMBERS).bind(id).fetch_all(&mut *reader).await?;
    reader.done();
    Ok(rows.into_iter().map(NumberView::try_from).collect::<Result<_, _>>()?)
}

/// What WhatsApp sends back when an administrator gives it the address of a number.
#[must_use]
pub fn verify_token(desk: &Desk, id: WebhookId) -> String {
    desk.tokens().whatsapp_verify(id.0)
}

/// Whether a text is the verify token of a number. It takes the same time for every wrong one.
#[must_use]
pub fn is_verify_token(desk: &Desk, id: WebhookId, typed: &str) -> bool {
    desk.tokens().is_whatsapp_verify(id.0, typed)
}

/// Adds a number, which is on from then on.
///
/// # Errors
/// See [`NumberError`]; [`NumberError::NoSecrets`] without both secrets.
pub async fn add_number(
    desk: &Desk,
    actor: &Actor,
    new: NewNumber,
    secrets: Secrets,
) -> Result<WebhookId, NumberError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let (Some(access_token), Some(app_secret)) = (secrets.access_token, secrets.app_secret) else {
        return Err(NumberError::NoSecrets);
    };
    judged_address(desk, &new.graph_url).await.map_err(NumberError::Url)?;
    let now = desk.now();
    let json = |error: serde_json::Error| StoreError::inconsistent("whatsapp_numbers", error);
    let by = serde_json::to_string(&Author::from(actor)).map_err(json)?;
    let templates = serde_json::to_string(&new.templates).map_err(json)?;
    let actor = actor.clone();
    let adding = desk.store().write(move |tx| {
        Box::pin(async move {
            let count = sqlx::query("SELECT COUNT(*) FROM whatsapp_numbers").fetch_one(tx.connection()).await;
            let count: i64 = count.and_then(|row| row.try_get(0)).map_err(StoreError::from)?;
            if usize::try_from(count).is_ok_and(|count| count >= NUMBERS_MAX) {
                return Err(NumberError::TooMany);
            }
            // 0 is no id.
            if is_taken(tx, &new, WebhookId(0)).await? {
                return Err(NumberError::Same);
            }
            // Deliveries name webhooks and numbers alike.
            let id = take_numbers(tx, "webhooks", 1).await?;
            sqlx::query(
                "INSERT INTO whatsapp_numbers (id, name, phone_number_id, graph_url, country, templates, created_utc_s, added_by)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(id)
            .bind(new.name.as_str())
            .bind(new.phone_number_id.as_str())
            .bind(new.base())
            .bind(new.scope.country.map(Country::code))
            .bind(templates)
            .bind(now.0)
            .bind(by)
            .execute(tx.connection())
            .await
            .map_err(StoreError::from)?;
            keep_secrets(tx, WebhookId(id), &access_token, &app_secret).await?;
            let name = new.name.as_str().to_owned();
            let event = AuditEvent::AccessGiven { access: AuditAccess::WhatsApp, id, name };
            audit::record(tx, &Noted::of(&actor, now, event).in_country(new.scope.country)).await?;
            Ok(WebhookId(id))
        })
    });
    adding.await
}

/// Keeps both secrets of a number.
pub(super) async fn keep_secrets(
    tx: &mut Tx,
    id: WebhookId,
    access_token: &ApiSecret,
    app_secret: &ApiSecret,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO whatsapp_secrets (number_id, access_token, app_secret) VALUES ($1, $2, $3)
         ON CONFLICT (number_id) DO UPDATE SET access_token = excluded.access_token, app_secret = excluded.app_secret",
    )
    .bind(id.0)
    .bind(access_token.expose())
    .bind(app_secret.expose())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whether the desk has a number under another id.
pub(super) async fn is_taken(tx: &mut Tx, new: &NewNumber, but: WebhookId) -> Result<bool, StoreError> {
    let same = sqlx::query("SELECT id FROM whatsapp_numbers WHERE phone_number_id = $1 AND id <> $2")
        .bind(new.phone_number_id.as_str())
        .bind(but.0)
        .fetch_optional(tx.connection())
        .await?;
    Ok(same.is_some())
}

/// Switches a number off. Its updates that wait are given up: their mails have told the customer. WhatsApp keeps what comes in
/// meanwhile for some days.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for one that is off.
pub async fn switch_off(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<(), DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let (now, actor) = (desk.now(), actor.clone());
    update(desk, move |tx| {
        Box::pin(async move {
            let text = "UPDATE whatsapp_numbers SET paused_utc_s = $2 WHERE id = $1 AND paused_utc_s IS NULL";
            let done = sqlx::query(text).bind(id.0).bind(now.0).execute(tx.connection()).await?;
            if done.rows_affected() == 1 {
                give_up(tx, id, now).await?;
                note(tx, (&actor, now), id, AccessChange::Paused).await?;
            }
            Ok(done.rows_affected())
        })
    })
    .await
}

/// Gives up what waits for a number.
async fn give_up(tx: &mut Tx, id: WebhookId, now: Instant) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE whatsapp_messages SET state = $2, failure = $3, changed_utc_s = $4 WHERE id IN
             (SELECT whatsapp_message FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'queued')",
    )
    .bind(id.0)
    .bind(SentState::Failed.code())
    .bind(UnsentReason::Off.code())
    .bind(now.0)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "UPDATE webhook_deliveries SET state = 'dead', failure = $2, ended_utc_s = $3
         WHERE webhook_id = $1 AND state = 'queued'",
    )
    .bind(id.0)
    .bind(DeliveryFailure::Paused.code())
    .bind(now.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Switches a number on again.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for one that is on.
pub async fn switch_on(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<(), DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let (now, actor) = (desk.now(), actor.clone());
    update(desk, move |tx| {
        Box::pin(async move {
            let text =
                "UPDATE whatsapp_numbers SET paused_utc_s = NULL WHERE id = $1 AND paused_utc_s IS NOT NULL";
            let done = sqlx::query(text).bind(id.0).execute(tx.connection()).await?;
            if done.rows_affected() == 1 {
                note(tx, (&actor, now), id, AccessChange::Resumed).await?;
            }
            Ok(done.rows_affected())
        })
    })
    .await
}

/// Sends updates without an attempt left once more. Gives their number.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] when there is none.
pub async fn replay_updates(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<u64, DeskError> {
    replay(desk, actor, id, Replay::All).await
}

/// Removes a number with its secrets, its updates on the way, its conversations and its history. Cases keep their messages.
///
/// # Errors
/// See [`DeskError`].
pub async fn remove_number(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<(), DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let (now, actor) = (desk.now(), actor.clone());
    update(desk, move |tx| {
        Box::pin(async move {
            let done = sqlx::query("DELETE FROM whatsapp_numbers WHERE id = $1")
                .bind(id.0)
                .execute(tx.connection())
                .await?;
            if done.rows_affected() == 0 {
                return Ok(0);
            }
            for text in [
                "DELETE FROM webhook_deliveries WHERE webhook_id = $1",
                "DELETE FROM webhook_changes WHERE webhook_id = $1",
                "DELETE FROM whatsapp_secrets WHERE number_id = $1",
                "DELETE FROM whatsapp_conversations WHERE number_id = $1",
                "DELETE FROM whatsapp_messages WHERE number_id = $1",
            ] {
                sqlx::query(text).bind(id.0).execute(tx.connection()).await?;
            }
            let event = AuditEvent::AccessEnded { access: AuditAccess::WhatsApp, id: id.0 };
            audit::record(tx, &Noted::of(&actor, now, event)).await?;
            Ok(1)
        })
    })
    .await
}

#[derive(Deserialize)]
struct Known {
    #[serde(default)]
    verified_name: String,
    #[serde(default)]
    display_phone_number: String,
}

/// Asks the API for the number, and keeps what it said: whether address, token and id are right. Nothing is sent to a customer.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for a number that is off or lacks its secrets.
pub async fn test_number(desk: &Desk, actor: &Actor, id: WebhookId) -> Result<(), DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let line = line_of(&mut reader, id).await?;
    reader.done();
    let line = line.ok_or(DeskError::NotFound)?;
    let path = format!("{}?fields=display_phone_number,verified_name", line.phone_number_id());
    let came = match line.address(&path) {
        Err(failure) => Err(failure.code().to_owned()),
        Ok(url) => {
            let headers = line.authorization();
            let asked = Ask { method: Method::Get, url: &url, headers, body: "", most: ANSWER_BYTES };
            match ask(desk.egress(), &asked, TEST_WITHIN).await {
                Err(failure) => Err(failure.code().to_owned()),
                Ok(answer) if (200..=299).contains(&answer.status) => Ok(named(&answer.body)),
                Ok(answer) => {
                    let said = failure_of(&answer).map(|said| format!("{} ({})", said.title, said.code));
                    Err(said.unwrap_or_else(|| format!("HTTP {}", answer.status)))
                }
            }
        }
    };
    let now = desk.now();
    update(desk, move |tx| {
        Box::pin(async move {
            let (well, words) = match came {
                Ok(words) => (1_i64, words),
                Err(words) => (0, words),
            };
            let text = "UPDATE whatsapp_numbers SET tested_utc_s = $2, tested_well = $3, tested_words = $4 WHERE id = $1";
            let query = sqlx::query(text).bind(id.0).bind(now.0).bind(well).bind(words);
            Ok(query.execute(tx.connection()).await?.rows_affected())
        })
    })
    .await
}

/// What the API calls a number, on one line.
fn named(body: &[u8]) -> String {
    let Ok(Known { verified_name, display_phone_number }) = serde_json::from_slice(body) else {
        return String::new();
    };
    let words = format!("{verified_name} {display_phone_number}");
    let words: Vec<&str> =
        words.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(200).collect()
}

/// Writes a change of a number, which is there, into the audit log.
pub(super) async fn note(
    tx: &mut Tx,
    (actor, at): (&Actor, Instant),
    id: WebhookId,
    what: AccessChange,
) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT name, country FROM whatsapp_numbers WHERE id = $1")
        .bind(id.0)
        .fetch_one(tx.connection())
        .await?;
    let scope = scope(id.0, row.try_get("country")?)?;
    let name = row.try_get("name")?;
    let event = AuditEvent::AccessChanged { access: AuditAccess::WhatsApp, id: id.0, name, what };
    audit::record(tx, &Noted::of(actor, at, event).in_country(scope.country)).await.map(drop)
}

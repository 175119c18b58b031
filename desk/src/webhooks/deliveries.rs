//! Use-case: what webhooks were told; tests, and dead letters once more.

use domain::actor::{Action, Actor, Subject, may};
use domain::case_number::CaseNumber;
use domain::page::{Page, Paging};
use domain::time::Instant;
use domain::webhook::{DeliveryFailure, DeliveryState, WebhookEvent, WebhookId};
use sqlx::Row;

use super::administration::failure;
use super::subscriptions::{Deliverable, write};
use crate::Desk;
use crate::DeskError;
use crate::store::{StoreError, row};

/// What a delivery tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A case, and what happened to it.
    Case(CaseNumber, WebhookEvent),
    /// A call that an agent asked for.
    Call,
    /// Nothing: an administrator tries the webhook.
    Test,
}

/// A delivery on the administrators' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryView {
    /// What the receiver tells repetitions by.
    pub id: String,
    /// What it tells of.
    pub about: About,
    /// How it stands.
    pub state: DeliveryState,
    /// Attempts so far, the one under way included.
    pub attempts: i64,
    /// Time of the entry.
    pub created_at: Instant,
    /// Time of the next attempt, while there is one.
    pub next_attempt_at: Option<Instant>,
    /// Time of its end.
    pub ended_at: Option<Instant>,
    /// The HTTP status of the last attempt; `None` without an answer.
    pub status: Option<u16>,
    /// Why the last attempt failed.
    pub failure: Option<DeliveryFailure>,
    /// The beginning of the answer, if it failed by it.
    pub answer: Option<String>,
}

row! {
    struct DeliveryRow {
        id: String,
        case_number: String,
        event: String,
        state: String,
        attempts: i64,
        created_utc_s: i64,
        next_attempt_utc_s: i64,
        ended_utc_s: Option<i64>,
        status: Option<i64>,
        failure: Option<String>,
        answer: Option<String>,
    }
}

impl TryFrom<DeliveryRow> for DeliveryView {
    type Error = StoreError;

    fn try_from(row: DeliveryRow) -> Result<Self, StoreError> {
        let wrong =
            |what: &str| StoreError::inconsistent("webhook_deliveries", format!("{}: {what}", row.id));
        let state = DeliveryState::from_code(&row.state).ok_or_else(|| wrong(&row.state))?;
        let about = about(&row.id, &row.case_number, &row.event)?;
        Ok(Self {
            about,
            state,
            attempts: row.attempts,
            created_at: Instant(row.created_utc_s),
            next_attempt_at: (state == DeliveryState::Queued).then_some(Instant(row.next_attempt_utc_s)),
            ended_at: row.ended_utc_s.map(Instant),
            status: row.status.and_then(|status| u16::try_from(status).ok()),
            failure: failure("webhook_deliveries", row.failure.as_deref())?,
            answer: row.answer,
            id: row.id,
        })
    }
}

/// What a row tells of.
pub(super) fn about(id: &str, number: &str, event: &str) -> Result<About, StoreError> {
    if event.is_empty() {
        return Ok(About::Test);
    }
    let wrong = |what: &str| StoreError::inconsistent("webhook_deliveries", format!("{id}: {what}"));
    match WebhookEvent::from_code(event).ok_or_else(|| wrong(event))? {
        WebhookEvent::CallRequested => Ok(About::Call),
        of_case => Ok(About::Case(CaseNumber::parse(number).map_err(|_| wrong(number))?, of_case)),
    }
}

/// The rows of a page of deliveries.
pub const DELIVERIES_PAGE: &str =
    "SELECT id, case_number, event, state, attempts, created_utc_s, next_attempt_utc_s, ended_utc_s, status, failure, answer
     FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY created_utc_s DESC, id DESC LIMIT $2 OFFSET $3";

/// A page of the deliveries of a webhook, newest first.
///
/// # Errors
/// See [`DeskError`].
pub async fn list_deliveries(
    desk: &Desk,
    actor: &Actor,
    webhook: WebhookId,
    wanted: u32,
) -> Result<Page<DeliveryView>, DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let count = sqlx::query("SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = $1").bind(webhook.0);
    let paging = Paging::of(count.fetch_one(&mut *reader).await?.try_get(0)?, wanted);
    let rows: Vec<DeliveryRow> = sqlx::query_as(DELIVERIES_PAGE)
        .bind(webhook.0)
        .bind(i64::from(Paging::ROWS))
        .bind(paging.offset())
        .fetch_all(&mut *reader)
        .await?;
    reader.done();
    let rows = rows.into_iter().map(DeliveryView::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, paging })
}

/// Writes a test, which says nothing of a case. Gives its id.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for a webhook that is paused.
pub async fn send_test(desk: &Desk, actor: &Actor, webhook: WebhookId) -> Result<String, DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let test = Deliverable::test(desk, webhook);
    let id = test.id().to_owned();
    let sent = desk.store().write(move |tx| {
        Box::pin(async move {
            let is_there = sqlx::query("SELECT 1 FROM webhooks WHERE id = $1 AND paused_utc_s IS NULL")
                .bind(webhook.0)
                .fetch_optional(tx.connection())
                .await?;
            if is_there.is_none() {
                return Err(DeskError::NotFound);
            }
            Ok(write(tx, &[test]).await?)
        })
    });
    sent.await?;
    Ok(id)
}

/// Which dead letters are sent once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// All of the webhook.
    All,
    /// The one of an id.
    One(String),
}

/// Queues dead letters once more, with all attempts before them. Gives their number.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] when there is none.
pub async fn replay(desk: &Desk, actor: &Actor, webhook: WebhookId, which: Replay) -> Result<u64, DeskError> {
    may(actor, Action::ManageWebhooks, Subject::Desk)?;
    let now = desk.now();
    let replaying = desk.store().write(move |tx| {
        Box::pin(async move {
            let query = match &which {
                Replay::All => sqlx::query(
                    "UPDATE webhook_deliveries SET state = 'queued', attempts = 0, next_attempt_utc_s = $2, ended_utc_s = NULL
                     WHERE webhook_id = $1 AND state = 'dead'",
                ),
                Replay::One(_) => sqlx::query(
                    "UPDATE webhook_deliveries SET state = 'queued', attempts = 0, next_attempt_utc_s = $2, ended_utc_s = NULL
                     WHERE webhook_id = $1 AND state = 'dead' AND id = $3",
                ),
            };
            let of_whatsapp = sqlx::query(
                "UPDATE whatsapp_messages SET state = 'queued' WHERE state = 'failed' AND id IN
                     (SELECT whatsapp_message FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'dead')",
            );
            of_whatsapp.bind(webhook.0).execute(tx.connection()).await?;
            let query = query.bind(webhook.0).bind(now.0);
            let query = match which {
                Replay::All => query,
                Replay::One(id) => query.bind(id),
            };
            tx.ring_for_deliveries();
            Ok::<_, StoreError>(query.execute(tx.connection()).await?.rows_affected())
        })
    });
    match replaying.await? {
        0 => Err(DeskError::NotFound),
        replayed => Ok(replayed),
    }
}

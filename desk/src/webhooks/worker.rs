//! Workers, which tell webhooks. Each receiver has places of its own, so that a slow one delays no other.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::time::Instant;
use domain::webhook::{DeliveryFailure, WebhookEvent, WebhookFormat, WebhookId};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::deliveries::{About, about};
use super::exchange::{Attempt, Post, post};
use super::outcome::{Outcome, record, wait_s};
use super::receiver::ReceiverUrl;
use super::signature::signatures;
use super::subscriptions::{format, language};
use super::whatsapp::{self, Line, Sending, SentBy};
use crate::Desk;
use crate::store::{Guarded, StoreError, Tx, row};

/// The longest sleep, because another process may write a delivery.
const LONGEST: Duration = Duration::from_secs(30);
/// The shortest time between two turns: deliveries under load share a turn and its transaction.
const REST: Duration = Duration::from_millis(10);
/// Wait after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// Time for requests under way when the desk shuts down.
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(5);
/// For how long the secret before the last rotation signs as well, in seconds: a day.
const FORMER_SIGNS_S: i64 = 86_400;
/// A request for a call is not told after this many seconds: the agent waits no longer, and a telephone that rings by itself
/// frightens.
const CALL_WITHIN_S: i64 = 60;
/// Settings of delivery.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The time limit of a whole exchange, from the resolution of the name on.
    pub within: Duration,
    /// Length of a lease in seconds: more than an exchange and its record take.
    pub lease_s: i64,
    /// The most requests to one receiver at once.
    pub per_webhook: usize,
}

impl Default for Settings {
    /// Fifteen seconds, a lease of a minute, eight requests at once.
    fn default() -> Self {
        Self { within: Duration::from_secs(15), lease_s: 60, per_webhook: 8 }
    }
}

/// What a webhook is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// An entry of a case's history.
    Entry {
        /// Number of the case.
        number: CaseNumber,
        /// The case's version after the entry.
        version: u32,
        /// What happened.
        event: WebhookEvent,
    },
    /// A call that an agent asked for.
    Call {
        /// Id of the request.
        request: i64,
        /// When it was asked for.
        at: Instant,
    },
    /// A test, at this time.
    Test(Instant),
}

/// How a webhook wants its bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// How they are written.
    pub format: WebhookFormat,
    /// The language of their words, where the format has words.
    pub language: Language,
}

/// Makes the bodies of requests. The shape of a case in JSON belongs to the API, which stands above this crate.
pub trait Payloads: Send + Sync {
    /// The body; `None` when the case or the request is not there.
    fn body<'a>(
        &'a self,
        desk: &'a Desk,
        told: Told,
        shape: Shape,
    ) -> BoxFuture<'a, Result<Option<String>, StoreError>>;
}

/// Tells webhooks until `stop`. Any number of workers in any number of processes share the work.
pub async fn work<P: Payloads + Clone + 'static>(desk: Desk, payloads: P, stop: CancellationToken) {
    let written = desk.store().deliveries();
    let settings = Settings::default();
    let mut round = Round::default();
    stop.run_until_cancelled(async {
        loop {
            let sleep = match round.turn(&desk, &payloads, &settings).await {
                Ok(next) => next.map_or(LONGEST, |next| until(next, desk.now())),
                Err(error) => {
                    tracing::error!(%error, "deliveries to webhooks could not be read; trying again");
                    AFTER_FAILURE
                }
            };
            tokio::time::sleep(REST).await;
            tokio::select! {
                true = round.wait() => {}
                () = written.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    })
    .await;
    if tokio::time::timeout(SHUTDOWN_WITHIN, async { while round.wait().await {} }).await.is_err() {
        tracing::warn!("requests to webhooks under way were left to the next start");
    }
    if let Err(error) = round.record_outcomes(&desk).await {
        tracing::error!(%error, "what became of deliveries to webhooks could not be written down");
    }
}

/// Sends everything that is due once, and waits for the outcomes. Gives the number of attempts.
///
/// # Errors
/// When the database does not answer.
pub async fn deliver_due<P: Payloads + Clone + 'static>(
    desk: &Desk,
    payloads: &P,
    settings: &Settings,
) -> Result<usize, StoreError> {
    let mut round = Round::default();
    let mut count = 0;
    loop {
        round.turn(desk, payloads, settings).await?;
        if !round.wait().await {
            return Ok(count);
        }
        count += round.outcomes.len();
    }
}

fn until(next: Instant, now: Instant) -> Duration {
    let wait = Duration::from_secs(u64::try_from(next.since(now)).unwrap_or(0));
    // Due now and not leased: its receiver has no place left, or another worker has it.
    wait.clamp(Duration::from_secs(1), LONGEST)
}

row! {
    struct DueRow {
        id: i64,
        due_utc_s: Option<i64>,
    }
}

row! {
    struct LeasedRow {
        id: String,
        seq: i64,
        case_number: String,
        version: i64,
        event: String,
        attempts: i64,
        created_utc_s: i64,
        call_request: i64,
        whatsapp_message: i64,
    }
}

row! {
    struct ReceiverRow {
        url: String,
        format: String,
        language: String,
        secret_nonce: String,
        former_nonce: Option<String>,
        rotated_utc_s: Option<i64>,
    }
}

/// A leased delivery with its receiver.
struct Leased {
    id: String,
    webhook: WebhookId,
    seq: i64,
    attempt: i64,
    way: Way,
}

/// What is sent, and to whom.
enum Way {
    /// A webhook is told.
    Webhook(Told, Receiver),
    /// An update of this id is sent by WhatsApp.
    WhatsApp(i64, Line),
}

/// A webhook as its requests need it.
#[derive(Clone)]
struct Receiver {
    shape: Shape,
    url: String,
    nonces: Vec<String>,
}

/// To whom the deliveries of an id go.
enum Recipient {
    Webhook(Receiver),
    WhatsApp(Line),
}

/// Requests of one worker under way, and outcomes of others.
#[derive(Default)]
struct Round {
    under_way: JoinSet<Outcome>,
    /// Requests under way by receiver.
    places: HashMap<WebhookId, usize>,
    /// Outcomes that are not recorded yet.
    outcomes: Vec<Outcome>,
}

impl Round {
    /// Records outcomes and leases due deliveries up to the limit of each receiver, in one transaction. Gives the time of the
    /// next attempt, or of the next end of a lease.
    async fn turn<P: Payloads + Clone + 'static>(
        &mut self,
        desk: &Desk,
        payloads: &P,
        settings: &Settings,
    ) -> Result<Option<Instant>, StoreError> {
        let now = desk.now();
        let waiting = waiting(desk).await?;
        let next = waiting.iter().map(|(_, due)| *due).min();
        let with_room: Vec<(WebhookId, usize)> = waiting
            .into_iter()
            .filter(|(_, due)| *due <= now)
            .map(|(id, _)| {
                (id, settings.per_webhook.saturating_sub(self.places.get(&id).copied().unwrap_or(0)))
            })
            .filter(|(_, room)| *room > 0)
            .collect();
        if with_room.is_empty() {
            self.record_outcomes(desk).await?;
            return Ok(next);
        }
        let (outcomes, until) = (self.outcomes.clone(), now.plus(settings.lease_s));
        let taking = desk.store().write_beside(vec![Guarded::Webhooks], move |tx| {
            Box::pin(async move {
                record(tx, &outcomes).await?;
                let mut leased = Vec::new();
                for (id, room) in with_room {
                    leased.extend(lease(tx, id, now, until, room).await?);
                }
                Ok::<_, StoreError>(leased)
            })
        });
        let leased = taking.await?;
        self.outcomes.clear();
        for delivery in leased {
            *self.places.entry(delivery.webhook).or_default() += 1;
            let (desk, payloads, within) = (desk.clone(), payloads.clone(), settings.within);
            self.under_way.spawn(async move { deliver(&desk, &payloads, delivery, within).await });
        }
        Ok(next)
    }

    /// Records outcomes. After a failure they are tried again in the next turn. If the process ends before, the leases
    /// expire and the receivers are told again.
    async fn record_outcomes(&mut self, desk: &Desk) -> Result<(), StoreError> {
        if self.outcomes.is_empty() {
            return Ok(());
        }
        let outcomes = self.outcomes.clone();
        let recording = desk.store().write_beside(vec![Guarded::Webhooks], move |tx| {
            Box::pin(async move { record(tx, &outcomes).await })
        });
        recording.await?;
        self.outcomes.clear();
        Ok(())
    }

    /// Waits for the end of a request, and collects all that ended; `false` when there are none.
    async fn wait(&mut self) -> bool {
        let Some(first) = self.under_way.join_next().await else { return false };
        let mut back = vec![first];
        while let Some(another) = self.under_way.try_join_next() {
            back.push(another);
        }
        for outcome in back.into_iter().filter_map(Result::ok) {
            if let Some(places) = self.places.get_mut(&outcome.webhook) {
                *places = places.saturating_sub(1);
            }
            self.outcomes.push(outcome);
        }
        // A panicked task would keep its place forever.
        if self.under_way.is_empty() {
            self.places.clear();
        }
        true
    }
}

/// Each webhook or number with the time of its first delivery that waits, or of the end of a lease.
async fn waiting(desk: &Desk) -> Result<Vec<(WebhookId, Instant)>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let rows: Vec<DueRow> = sqlx::query_as(
        "SELECT w.id, (SELECT MIN(d.next_attempt_utc_s) FROM webhook_deliveries d
                       WHERE d.webhook_id = w.id AND d.state = 'queued') AS due_utc_s
         FROM webhooks w WHERE w.paused_utc_s IS NULL
         UNION ALL
         SELECT n.id, (SELECT MIN(d.next_attempt_utc_s) FROM webhook_deliveries d
                       WHERE d.webhook_id = n.id AND d.state = 'queued') AS due_utc_s
         FROM whatsapp_numbers n JOIN whatsapp_secrets s ON s.number_id = n.id WHERE n.paused_utc_s IS NULL",
    )
    .fetch_all(&mut *reader)
    .await?;
    reader.done();
    Ok(rows.into_iter().filter_map(|row| Some((WebhookId(row.id), Instant(row.due_utc_s?)))).collect())
}

/// Leases up to `room` due deliveries of a webhook, oldest first. The next attempt of a leased row is the end of its lease,
/// so a due row has no lease. An attempt counts from its beginning.
async fn lease(
    tx: &mut Tx,
    webhook: WebhookId,
    now: Instant,
    until: Instant,
    room: usize,
) -> Result<Vec<Leased>, StoreError> {
    let Some(recipient) = recipient(tx, webhook, now).await? else { return Ok(Vec::new()) };
    let rows: Vec<LeasedRow> = sqlx::query_as(
        "UPDATE webhook_deliveries SET next_attempt_utc_s = $3, attempts = attempts + 1
         WHERE id IN (SELECT id FROM webhook_deliveries
                      WHERE webhook_id = $1 AND state = 'queued' AND next_attempt_utc_s <= $2
                      ORDER BY next_attempt_utc_s, seq LIMIT $4)
         RETURNING id, seq, case_number, version, event, attempts, created_utc_s, call_request, whatsapp_message",
    )
    .bind(webhook.0)
    .bind(now.0)
    .bind(until.0)
    .bind(i64::try_from(room).unwrap_or(i64::MAX))
    .fetch_all(tx.connection())
    .await?;
    let leased = |row: LeasedRow| {
        let way = match &recipient {
            Recipient::Webhook(receiver) => Way::Webhook(told(&row)?, receiver.clone()),
            Recipient::WhatsApp(line) => Way::WhatsApp(row.whatsapp_message, line.clone()),
        };
        Ok(Leased { id: row.id, webhook, seq: row.seq, attempt: row.attempts, way })
    };
    let mut all = rows.into_iter().map(leased).collect::<Result<Vec<_>, StoreError>>()?;
    // The engines return rows in any order. The oldest is sent first.
    all.sort_by_key(|one| one.seq);
    Ok(all)
}

/// The webhook or the number of an id; `None` while it is paused.
async fn recipient(tx: &mut Tx, webhook: WebhookId, now: Instant) -> Result<Option<Recipient>, StoreError> {
    let receiver: Option<ReceiverRow> = sqlx::query_as(
        "SELECT url, format, language, secret_nonce, former_nonce, rotated_utc_s FROM webhooks
         WHERE id = $1 AND paused_utc_s IS NULL",
    )
    .bind(webhook.0)
    .fetch_optional(tx.connection())
    .await?;
    let Some(receiver) = receiver else {
        return Ok(whatsapp::line_of(tx.connection(), webhook).await?.map(Recipient::WhatsApp));
    };
    let shape = Shape {
        format: format(webhook.0, &receiver.format)?,
        language: language(webhook.0, &receiver.language)?,
    };
    let ReceiverRow { url, secret_nonce, former_nonce, rotated_utc_s, .. } = receiver;
    let former_signs = rotated_utc_s.is_some_and(|at| now.since(Instant(at)) < FORMER_SIGNS_S);
    let nonces = std::iter::once(secret_nonce).chain(former_nonce.filter(|_| former_signs)).collect();
    Ok(Some(Recipient::Webhook(Receiver { shape, url, nonces })))
}

/// What a webhook is told by a row.
fn told(row: &LeasedRow) -> Result<Told, StoreError> {
    Ok(match about(&row.id, &row.case_number, &row.event)? {
        About::Test => Told::Test(Instant(row.created_utc_s)),
        About::Call => Told::Call { request: row.call_request, at: Instant(row.created_utc_s) },
        About::Case(number, event) => {
            let version = u32::try_from(row.version)
                .map_err(|error| StoreError::inconsistent("webhook_deliveries", error))?;
            Told::Entry { number, version, event }
        }
    })
}

/// What came of a delivery.
struct Came {
    attempt: Attempt,
    sent: Option<SentBy>,
    /// Whether it is tried again after a failure.
    again: Again,
}

/// Whether a delivery that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// As long as there are waits.
    Later,
    /// No: another attempt would fail as well, or would come too late.
    Never,
}

/// Tells a webhook, or sends an update. Gives the outcome.
async fn deliver<P: Payloads>(desk: &Desk, payloads: &P, delivery: Leased, within: Duration) -> Outcome {
    let coming = AssertUnwindSafe(came_of(desk, payloads, &delivery, within)).catch_unwind().await;
    let Came { attempt: came, sent, again } = coming.unwrap_or_else(|_| {
        tracing::error!(delivery = delivery.id, "a delivery to a webhook panicked");
        Came { attempt: Attempt::failed(DeliveryFailure::Broken), sent: None, again: Again::Later }
    });
    let at = desk.now();
    // A receiver that is told too much says when it listens again.
    let asked_s = came.retry_after_s.unwrap_or_default();
    let again = match again {
        Again::Never => None,
        Again::Later => {
            wait_s(delivery.attempt, desk.ports().random()).map(|wait_s| at.plus(wait_s.max(asked_s)))
        }
    };
    let Leased { id, webhook, attempt, .. } = delivery;
    Outcome { id, webhook, attempt, at, came, sent, again }
}

async fn came_of<P: Payloads>(desk: &Desk, payloads: &P, delivery: &Leased, within: Duration) -> Came {
    match &delivery.way {
        Way::Webhook(told, receiver) => Came {
            attempt: attempt(desk, payloads, &delivery.id, (*told, receiver), within).await,
            sent: None,
            again: match told {
                // Who asked for a call asks again.
                Told::Call { .. } => Again::Never,
                Told::Entry { .. } | Told::Test(_) => Again::Later,
            },
        },
        Way::WhatsApp(message, line) => {
            let Sending { attempt, sent, is_final } =
                whatsapp::send(desk, line, *message, &delivery.id, within).await;
            Came { attempt, sent: Some(sent), again: if is_final { Again::Never } else { Again::Later } }
        }
    }
}

async fn attempt<P: Payloads>(
    desk: &Desk,
    payloads: &P,
    id: &str,
    (told, receiver): (Told, &Receiver),
    within: Duration,
) -> Attempt {
    if let Told::Call { at, .. } = told {
        // The webhook became a channel after the request. Its people are told no customer's number.
        if !receiver.shape.format.hears(WebhookEvent::CallRequested) {
            return Attempt::failed(DeliveryFailure::Unheard);
        }
        if desk.now().since(at) > CALL_WITHIN_S {
            return Attempt::failed(DeliveryFailure::TooLate);
        }
    }
    let body = match payloads.body(desk, told, receiver.shape).await {
        Ok(Some(body)) => body,
        Ok(None) => return Attempt::failed(DeliveryFailure::CaseUnread),
        Err(error) => {
            tracing::error!(%error, delivery = id, "the body of a delivery to a webhook could not be made");
            return Attempt::failed(DeliveryFailure::CaseUnread);
        }
    };
    // What was parsed when it was saved is parsed once more: the program may have become stricter.
    let Ok(url) = ReceiverUrl::parse(&receiver.url) else {
        return Attempt::failed(DeliveryFailure::AddressRefused);
    };
    let now = desk.now();
    let secrets: Vec<[u8; 32]> =
        receiver.nonces.iter().map(|nonce| desk.tokens().webhook_secret(nonce)).collect();
    let headers = vec![
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now.0.to_string()),
        ("webhook-signature", signatures(&secrets, id, now, &body)),
    ];
    post(desk.egress(), &Post { url: &url, headers, body: &body }, within).await
}

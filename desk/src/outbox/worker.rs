//! Sending what is queued, each mail on its own: none can hold up, or bring down, another.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::time::Instant;
use futures::FutureExt;
use sqlx::{AssertSqlSafe, FromRow, Row};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::message::Queued;
use super::transport::{Failure, Transport};
use crate::Desk;
use crate::store::{StoreError, Tx, list, portions};

/// Waits before the second try, the third and so on, in minutes: 24 hours in all. A mail that fails after the last is
/// given up.
const WAITS_MIN: [i64; 12] = [1, 3, 5, 10, 30, 60, 120, 240, 240, 240, 240, 240];
/// Waits are made up to this share longer or shorter, so that mails that failed together do not come back together.
const JITTER_PERCENT: i64 = 20;
/// The longest sleep: the machine's clock may be set, and another process may queue a mail.
const LONGEST: Duration = Duration::from_secs(30);
/// Turns begin no sooner than this after one another. The first mail after a quiet moment goes at once; under load the
/// mails of many cases share a turn, whose transactions do not then stand in the way of what is opened.
const REST: Duration = Duration::from_millis(20);
/// Wait after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// What mails under way are given to arrive when the desk shuts down.
const FAREWELL: Duration = Duration::from_secs(5);
/// Characters of a server's complaint that are kept.
const COMPLAINT: usize = 500;

/// How mails are sent.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The longest that one mail may take, from connecting to the server's word.
    pub send_within: Duration,
    /// For how many seconds a row belongs to the worker that took it: well above `send_within`, or two workers send the
    /// same mail.
    pub lease_s: i64,
    /// Mails that are under way at once.
    pub at_once: usize,
}

impl Default for Settings {
    /// A minute a mail, a lease of two, eight at once.
    fn default() -> Self {
        Self { send_within: Duration::from_mins(1), lease_s: 120, at_once: 8 }
    }
}

/// Sends mails until `stop`, with the usual settings.
pub async fn work(desk: Desk, transport: Transport, stop: CancellationToken) {
    work_with(desk, transport, Settings::default(), stop).await;
}

/// Sends mails until `stop`. Any number of workers, in any number of processes, share the work.
///
/// Wakes when something was committed, when the next mail is due and when a mail under way is done; of what another node
/// queues with nothing to follow it hears within half a minute.
pub async fn work_with(desk: Desk, transport: Transport, settings: Settings, stop: CancellationToken) {
    let mut changes = desk.feed().changes();
    let queued = desk.store().mails();
    let mut round = Round::default();
    stop.run_until_cancelled(async {
        loop {
            let sleep = match round.turn(&desk, &transport, &settings).await {
                Ok(()) if round.under_way.len() >= settings.at_once => LONGEST,
                Ok(()) => next_due(&desk).await.map_or(AFTER_FAILURE, |next| until(next, desk.now())),
                Err(error) => {
                    tracing::error!(%error, "the outbox could not be read; trying again");
                    AFTER_FAILURE
                }
            };
            tokio::time::sleep(REST.min(sleep)).await;
            tokio::select! {
                true = round.wait() => {}
                // The desk holds the other end: it never closes while this runs.
                _ = changes.changed() => {}
                () = queued.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    })
    .await;
    if tokio::time::timeout(FAREWELL, async { while round.wait().await {} }).await.is_err() {
        tracing::warn!("mails under way were left to the next start");
    }
    if let Err(error) = round.write_down(&desk).await {
        tracing::error!(%error, "what became of mails could not be written down");
    }
}

/// Sends everything that is due now, once, and waits until each mail has arrived or failed; how many there were.
///
/// # Errors
/// When the database does not answer.
pub async fn deliver_due(
    desk: &Desk,
    transport: &Transport,
    settings: &Settings,
) -> Result<usize, StoreError> {
    let mut round = Round::default();
    let mut count = 0;
    loop {
        round.turn(desk, transport, settings).await?;
        if !round.wait().await {
            return Ok(count);
        }
        count += round.outcomes.len();
    }
}

/// The mails of one worker that are under way, and what came of those that came back.
#[derive(Default)]
struct Round {
    under_way: JoinSet<Outcome>,
    /// Not written down yet.
    outcomes: Vec<Outcome>,
}

impl Round {
    /// Writes down what came of mails and takes as many due ones as there is room for, in one transaction.
    async fn turn(
        &mut self,
        desk: &Desk,
        transport: &Transport,
        settings: &Settings,
    ) -> Result<(), StoreError> {
        let now = desk.now();
        let mut room = settings.at_once.saturating_sub(self.under_way.len());
        if room > 0 && !is_due(desk, now).await? {
            room = 0;
        }
        if room == 0 {
            return self.write_down(desk).await;
        }
        let (outcomes, lease_s) = (self.outcomes.clone(), settings.lease_s);
        let leased = desk.store().write(move |tx| {
            Box::pin(async move {
                record(tx, &outcomes, now).await?;
                lease(tx, now, lease_s, room).await
            })
        });
        let leased = leased.await?;
        self.outcomes.clear();
        for mail in leased {
            let (desk, transport, limit) = (desk.clone(), transport.clone(), settings.send_within);
            self.under_way.spawn(async move { deliver(&desk, &transport, &mail, limit).await });
        }
        Ok(())
    }

    /// Writes down what came of mails. Should that fail, it is kept for the next turn; should the process end before,
    /// the leases run out and the mails are sent again.
    async fn write_down(&mut self, desk: &Desk) -> Result<(), StoreError> {
        if self.outcomes.is_empty() {
            return Ok(());
        }
        let (outcomes, now) = (self.outcomes.clone(), desk.now());
        desk.store().write(move |tx| Box::pin(async move { record(tx, &outcomes, now).await })).await?;
        self.outcomes.clear();
        Ok(())
    }

    /// Waits for a mail to come back, and takes those that came back with it; `false` when none is under way.
    async fn wait(&mut self) -> bool {
        let Some(first) = self.under_way.join_next().await else { return false };
        let mut back = vec![first];
        while let Some(another) = self.under_way.try_join_next() {
            back.push(another);
        }
        self.outcomes.extend(back.into_iter().filter_map(Result::ok));
        true
    }
}

/// What came of a mail.
#[derive(Debug, Clone)]
enum Outcome {
    /// A server has it.
    Sent { id: i64 },
    /// No server has it; when to try again, if at all.
    Failed { id: i64, attempt: i64, complaint: String, next: Option<Instant> },
}

fn until(next: Option<Instant>, now: Instant) -> Duration {
    let wait = next.map_or(LONGEST, |at| Duration::from_secs(u64::try_from(at.since(now)).unwrap_or(0)));
    // Due at this very second and yet not leased: somebody else took it, or will.
    wait.clamp(Duration::from_secs(1), LONGEST)
}

/// When the next mail is due, or the next lease runs out: a leased row's next attempt is the end of its lease.
pub(crate) async fn next_due(desk: &Desk) -> Result<Option<Instant>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT next_attempt_utc_s FROM outbox WHERE state = 'queued' ORDER BY next_attempt_utc_s LIMIT 1",
    )
    .fetch_optional(&mut *reader)
    .await?;
    row.map(|row| Ok(Instant(row.try_get(0)?))).transpose()
}

/// Whether anything is due: asked of a reader, so that an idle worker does not write.
async fn is_due(desk: &Desk, now: Instant) -> Result<bool, StoreError> {
    Ok(next_due(desk).await?.is_some_and(|next| next <= now))
}

/// Takes up to `room` due mails for this worker alone: a leased row's next attempt is the end of its lease, so what is due
/// is nobody's. Nothing more is asked of the rows than which they are, or PostgreSQL comes to look at all that wait.
///
/// The attempt counts when it begins, so that a mail that brings a process down is not tried for ever.
async fn lease(tx: &mut Tx, now: Instant, lease_s: i64, room: usize) -> Result<Vec<Queued>, StoreError> {
    let rows = sqlx::query(
        "UPDATE outbox
         SET leased_until_utc_s = $2, next_attempt_utc_s = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM outbox WHERE state = 'queued' AND next_attempt_utc_s <= $1
                      ORDER BY next_attempt_utc_s, id LIMIT $3)
         RETURNING id, message_id, case_number, language, recipient_name, recipient, subject,
                   body_text, body_html, thread_id, attempts, created_utc_s, calendar, document",
    )
    .bind(now.0)
    .bind(now.plus(lease_s).0)
    .bind(i64::try_from(room).unwrap_or(i64::MAX))
    .fetch_all(tx.connection())
    .await?;
    let mut mails = rows.iter().map(Queued::from_row).collect::<Result<Vec<_>, _>>()?;
    // An engine gives them in whatever order it wrote them: the oldest goes first.
    mails.sort_by_key(|mail| mail.id);
    Ok(mails)
}

/// Sends one mail; what came of it.
async fn deliver(desk: &Desk, transport: &Transport, mail: &Queued, limit: Duration) -> Outcome {
    let unsealed = mail.unsealed(desk.tokens());
    let sent = AssertUnwindSafe(transport.send(&unsealed, limit)).catch_unwind().await;
    let sent = sent.unwrap_or_else(|_| Err(Failure::Later("sending it panicked".to_owned())));
    let (id, case, attempt) = (mail.id, mail.case_number.as_str(), mail.attempts);
    let failure = match sent {
        Ok(()) => {
            tracing::info!(mail = id, case, attempt, "a mail was sent");
            return Outcome::Sent { id };
        }
        Err(failure) => failure,
    };
    let next = match (wait_s(attempt, desk.ports().random()), &failure) {
        (Some(wait_s), Failure::Later(_)) => {
            tracing::warn!(mail = id, case, attempt, wait_s, "a mail was not sent; trying again");
            Some(desk.now().plus(wait_s))
        }
        (None, _) | (_, Failure::Never(_)) => {
            tracing::error!(mail = id, case, attempt, "a mail was given up");
            None
        }
    };
    let complaint = failure.to_string().chars().filter(|c| *c != '\0').take(COMPLAINT).collect();
    Outcome::Failed { id, attempt, complaint, next }
}

/// Seconds to wait after the `attempt`-th try (from 1) failed; `None` after the last.
fn wait_s(attempt: i64, chance: [u8; 2]) -> Option<i64> {
    let place = usize::try_from(attempt.max(1) - 1).ok()?;
    let wait_s = WAITS_MIN.get(place)? * 60;
    let spread_s = wait_s * JITTER_PERCENT / 100;
    let roll = i64::from(u16::from_le_bytes(chance));
    Some(wait_s - spread_s + 2 * spread_s * roll / i64::from(u16::MAX))
}

/// Writes down what came of mails.
async fn record(tx: &mut Tx, outcomes: &[Outcome], now: Instant) -> Result<(), StoreError> {
    let mut sent = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Sent { id } => sent.push(*id),
            Outcome::Failed { id, attempt, complaint, next } => {
                mark_failed(tx, *id, *attempt, complaint, *next, now).await?;
            }
        }
    }
    mark_sent(tx, &sent, now).await
}

/// A server has them: true whoever says so, even when the lease has run out meanwhile.
async fn mark_sent(tx: &mut Tx, ids: &[i64], now: Instant) -> Result<(), StoreError> {
    for some in portions(ids) {
        let text = format!(
            "UPDATE outbox SET state = 'sent', sent_utc_s = $1, next_attempt_utc_s = $1, leased_until_utc_s = 0,
                               last_error = NULL
             WHERE id IN ({}) AND state <> 'sent'",
            list(1, some.len())
        );
        let mark = sqlx::query(AssertSqlSafe(text)).bind(now.0);
        some.iter().fold(mark, |mark, id| mark.bind(*id)).execute(tx.connection()).await?;
    }
    Ok(())
}

/// Frees the row for its next try, or gives it up when there is none. The number of the attempt tells whether the row is
/// still this worker's.
async fn mark_failed(
    tx: &mut Tx,
    id: i64,
    attempt: i64,
    complaint: &str,
    next: Option<Instant>,
    now: Instant,
) -> Result<(), StoreError> {
    let (state, next) = next.map_or(("dead", now), |next| ("queued", next));
    sqlx::query(
        "UPDATE outbox SET state = $3, next_attempt_utc_s = $4, leased_until_utc_s = 0, last_error = $5
         WHERE id = $1 AND attempts = $2 AND state = 'queued'",
    )
    .bind(id)
    .bind(attempt)
    .bind(state)
    .bind(next.0)
    .bind(complaint)
    .execute(tx.connection())
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_within_a_day_or_so() {
        let wait = |attempt, chance| wait_s(attempt, chance);
        assert_eq!((wait(1, [0; 2]), wait(1, [255; 2])), (Some(48), Some(72)));
        assert_eq!((wait(5, [0; 2]), wait(5, [255; 2])), (Some(24 * 60), Some(36 * 60)));
        assert_eq!(wait(13, [0; 2]), None);
        let shortest: i64 = (1..).map_while(|attempt| wait(attempt, [0; 2])).sum();
        let longest: i64 = (1..).map_while(|attempt| wait(attempt, [255; 2])).sum();
        assert!(shortest > 19 * 3600 && longest < 29 * 3600);
    }
}

//! Sending what is queued, each mail on its own: none can hold up, or bring down, another.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::time::Instant;
use futures::FutureExt;
use sqlx::{FromRow, Row};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::message::Queued;
use super::transport::{Failure, Transport};
use crate::Desk;
use crate::store::StoreError;

/// Waits before the second try, the third and so on, in minutes: 24 hours in all. A mail that fails after the last is
/// given up.
const WAITS_MIN: [i64; 12] = [1, 3, 5, 10, 30, 60, 120, 240, 240, 240, 240, 240];
/// Waits are made up to this share longer or shorter, so that mails that failed together do not come back together.
const JITTER_PERCENT: i64 = 20;
/// The longest sleep: the machine's clock may be set, and another process may queue a mail.
const LONGEST: Duration = Duration::from_secs(30);
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
/// Wakes when something was committed, when the next mail is due and when a mail under way is done; a mail that a
/// supervisor sends again goes within half a minute.
pub async fn work_with(desk: Desk, transport: Transport, settings: Settings, stop: CancellationToken) {
    let mut changes = desk.feed().changes();
    let mut under_way = JoinSet::new();
    stop.run_until_cancelled(async {
        loop {
            let sleep = match fill(&desk, &transport, &settings, &mut under_way).await {
                Ok(()) if under_way.len() >= settings.at_once => LONGEST,
                Ok(()) => next_due(&desk).await.map_or(AFTER_FAILURE, |next| until(next, desk.now())),
                Err(error) => {
                    tracing::error!(%error, "the outbox could not be read; trying again");
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                Some(_) = under_way.join_next() => {}
                // The desk holds the other end: it never closes while this runs.
                _ = changes.changed() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    })
    .await;
    let arriving = async { while under_way.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, arriving).await.is_err() {
        tracing::warn!("mails under way were left to the next start");
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
    let mut under_way = JoinSet::new();
    let mut count = 0;
    loop {
        fill(desk, transport, settings, &mut under_way).await?;
        if under_way.join_next().await.is_none() {
            return Ok(count);
        }
        count += 1;
    }
}

/// Starts as many due mails as there is room for.
async fn fill(
    desk: &Desk,
    transport: &Transport,
    settings: &Settings,
    under_way: &mut JoinSet<()>,
) -> Result<(), StoreError> {
    let room = settings.at_once.saturating_sub(under_way.len());
    if room == 0 {
        return Ok(());
    }
    for mail in lease(desk, settings.lease_s, room).await? {
        let (desk, transport, limit) = (desk.clone(), transport.clone(), settings.send_within);
        under_way.spawn(async move {
            if let Err(error) = deliver(&desk, &transport, &mail, limit).await {
                // The lease runs out, and the mail is sent again.
                tracing::error!(mail = mail.id, %error, "what became of a mail could not be written down");
            }
        });
    }
    Ok(())
}

fn until(next: Option<Instant>, now: Instant) -> Duration {
    let wait = next.map_or(LONGEST, |at| Duration::from_secs(u64::try_from(at.since(now)).unwrap_or(0)));
    // Due at this very second and yet not leased: somebody else took it, or will.
    wait.clamp(Duration::from_secs(1), LONGEST)
}

/// When the next mail is due, or the next lease runs out: a leased row's next attempt is the end of its lease.
async fn next_due(desk: &Desk) -> Result<Option<Instant>, StoreError> {
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

/// Takes up to `room` due mails for this worker alone.
///
/// Several nodes may pick the same rows: the outer condition is looked at again once the row is locked, so one gets
/// each. The attempt counts when it begins, so that a mail that brings a process down is not tried for ever.
async fn lease(desk: &Desk, lease_s: i64, room: usize) -> Result<Vec<Queued>, StoreError> {
    let now = desk.now();
    if !is_due(desk, now).await? {
        return Ok(Vec::new());
    }
    let room = i64::try_from(room).unwrap_or(i64::MAX);
    let rows = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let rows = sqlx::query(
                    "UPDATE outbox
                     SET leased_until_utc_s = $2, next_attempt_utc_s = $2, attempts = attempts + 1
                     WHERE id IN (SELECT id FROM outbox WHERE state = 'queued' AND next_attempt_utc_s <= $1
                                  ORDER BY next_attempt_utc_s, id LIMIT $3)
                       AND state = 'queued' AND next_attempt_utc_s <= $1 AND leased_until_utc_s <= $1
                     RETURNING id, message_id, case_number, language, recipient_name, recipient, subject,
                               body_text, body_html, thread_id, attempts, created_utc_s",
                )
                .bind(now.0)
                .bind(now.plus(lease_s).0)
                .bind(room)
                .fetch_all(tx.connection())
                .await?;
                let read = |row| Queued::from_row(row);
                rows.iter().map(read).collect::<Result<Vec<_>, _>>().map_err(StoreError::from)
            })
        })
        .await?;
    Ok(rows)
}

/// Sends one mail and writes down what came of it.
async fn deliver(
    desk: &Desk,
    transport: &Transport,
    mail: &Queued,
    limit: Duration,
) -> Result<(), StoreError> {
    let sent = AssertUnwindSafe(transport.send(mail, limit)).catch_unwind().await;
    let sent = sent.unwrap_or_else(|_| Err(Failure::Later("sending it panicked".to_owned())));
    let (id, case, attempt) = (mail.id, mail.case_number.as_str(), mail.attempts);
    match sent {
        Ok(()) => {
            tracing::info!(mail = id, case, attempt, "a mail was sent");
            mark_sent(desk, id).await
        }
        Err(failure) => match (wait_s(attempt, desk.ports().random()), &failure) {
            (Some(wait_s), Failure::Later(_)) => {
                tracing::warn!(mail = id, case, attempt, wait_s, "a mail was not sent; trying again");
                mark_failed(desk, mail, &failure, Some(desk.now().plus(wait_s))).await
            }
            (None, _) | (_, Failure::Never(_)) => {
                tracing::error!(mail = id, case, attempt, "a mail was given up");
                mark_failed(desk, mail, &failure, None).await
            }
        },
    }
}

/// Seconds to wait after the `attempt`-th try (from 1) failed; `None` after the last.
fn wait_s(attempt: i64, chance: [u8; 2]) -> Option<i64> {
    let place = usize::try_from(attempt.max(1) - 1).ok()?;
    let wait_s = WAITS_MIN.get(place)? * 60;
    let spread_s = wait_s * JITTER_PERCENT / 100;
    let roll = i64::from(u16::from_le_bytes(chance));
    Some(wait_s - spread_s + 2 * spread_s * roll / i64::from(u16::MAX))
}

/// A server has it: true whoever says so, even when the lease has run out meanwhile.
async fn mark_sent(desk: &Desk, id: i64) -> Result<(), StoreError> {
    let now = desk.now();
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "UPDATE outbox SET state = 'sent', sent_utc_s = $2, next_attempt_utc_s = $2,
                                       leased_until_utc_s = 0, last_error = NULL
                     WHERE id = $1 AND state <> 'sent'",
                )
                .bind(id)
                .bind(now.0)
                .execute(tx.connection())
                .await?;
                Ok(())
            })
        })
        .await
}

/// Frees the row for its next try, or gives it up when there is none. The number of the attempt tells whether the row is
/// still this worker's.
async fn mark_failed(
    desk: &Desk,
    mail: &Queued,
    failure: &Failure,
    next: Option<Instant>,
) -> Result<(), StoreError> {
    let (id, attempt) = (mail.id, mail.attempts);
    let complaint: String = failure.to_string().chars().filter(|c| *c != '\0').take(COMPLAINT).collect();
    let (state, next) = next.map_or(("dead", desk.now()), |next| ("queued", next));
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
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
            })
        })
        .await
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

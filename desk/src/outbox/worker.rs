//! Workers, which send queued mails independently: none can delay or stop another.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use domain::time::Instant;
use futures::FutureExt;
use sqlx::{FromRow, Row};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::message::Queued;
use super::outcome::{Failed, Outcome, record};
use super::refusal::Why;
use super::stationery::Stationery;
use super::transport::{Failure, SmtpTimeouts, Transport};
use crate::Desk;
use crate::backoff::Backoff;
use crate::store::{Guarded, StoreError, Tx};

/// 24 hours in all. After the last wait a mail is a dead letter; a held one continues at the last pace.
const BACKOFF: Backoff = Backoff {
    waits_s: &[60, 180, 300, 600, 1800, 3600, 7200, 14_400, 14_400, 14_400, 14_400, 14_400],
    jitter_percent: 20,
};
/// The longest sleep, because the machine's clock may be set, and another process may queue a mail.
const LONGEST: Duration = Duration::from_secs(30);
/// The shortest time between two turns. The first mail after a quiet moment is sent at once. Under load many mails
/// share a turn and its transactions, which otherwise would delay openings.
const REST: Duration = Duration::from_millis(20);
/// Wait after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// Time for mails in delivery when the desk shuts down.
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(5);
/// The most characters of a server's words that are stored.
const COMPLAINT_CHARACTERS: usize = 500;

/// Settings of delivery.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The time limit of each stage but the last.
    pub send_within: Duration,
    /// The time limit of the server's answer to the content. RFC 5321 (4.5.3.2.6) asks for ten minutes; a mail cut off
    /// sooner is sent twice or never.
    pub word_within: Duration,
    /// Length of a worker's lease of a row, in seconds. The worker renews it.
    pub lease_s: i64,
    /// The most mails in delivery at once.
    pub at_once: usize,
}

impl Default for Settings {
    /// A minute per stage, ten for the answer to the content, a lease of two, eight at once.
    fn default() -> Self {
        Self {
            send_within: Duration::from_mins(1),
            word_within: Duration::from_mins(10),
            lease_s: 120,
            at_once: 8,
        }
    }
}

/// Sends mails until `stop`, with the default settings.
pub async fn work(desk: Desk, transport: Transport, stop: CancellationToken) {
    work_with(desk, transport, Settings::default(), stop).await;
}

/// Sends mails until `stop`. Any number of workers in any number of processes share the work.
///
/// Wakes at a commit, when the next mail is due, and when a delivery ends. A mail queued by another node without a
/// commit here is found within half a minute.
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
                // The desk has the other end, so it does not close while this runs.
                _ = changes.changed() => {}
                () = queued.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    })
    .await;
    if tokio::time::timeout(SHUTDOWN_WITHIN, async { while round.wait().await {} }).await.is_err() {
        tracing::warn!("mails under way were left to the next start");
    }
    if let Err(error) = round.record_outcomes(&desk).await {
        tracing::error!(%error, "what became of mails could not be written down");
    }
}

/// Sends all due mails once and waits for their outcomes. Gives their number.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # a_case(&desk).await?;
/// use desk::outbox::{ReplyAddresses, Sender, Settings, Transport, deliver_due};
///
/// let folder = tempfile::tempdir()?;
/// let address = MailAddress::parse("mesa@vigia.example").map_err(|_| "no address")?;
/// let sender = Sender { name: "Vigía".into(), address, replies: ReplyAddresses::Shared };
/// let transport = Transport::Folder { path: folder.path().to_owned(), sender };
/// assert_eq!(deliver_due(&desk, &transport, &Settings::default()).await?, 1, "the mail of the opening");
/// assert_eq!(deliver_due(&desk, &transport, &Settings::default()).await?, 0, "once");
/// # Ok(()) }) }
/// ```
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

/// Mails of one worker in delivery, and outcomes of others.
#[derive(Default)]
struct Round {
    under_way: JoinSet<Outcome>,
    /// Attempt and end of the lease of each mail in delivery.
    leases: HashMap<i64, (i64, Instant)>,
    /// Outcomes that are not recorded yet.
    outcomes: Vec<Outcome>,
}

impl Round {
    /// Records outcomes and leases due mails up to the limit, in one transaction.
    async fn turn(
        &mut self,
        desk: &Desk,
        transport: &Transport,
        settings: &Settings,
    ) -> Result<(), StoreError> {
        let now = desk.now();
        let mut room = settings.at_once.saturating_sub(self.under_way.len());
        let until = now.plus(settings.lease_s);
        let renewed = self.to_renew(now, settings.lease_s);
        if room > 0 && !is_due(desk, now).await? {
            room = 0;
        }
        if room == 0 && renewed.is_empty() {
            return self.record_outcomes(desk).await;
        }
        let (outcomes, kept) = (self.outcomes.clone(), renewed.clone());
        let taking = desk.store().write_beside(vec![Guarded::Delivery], move |tx| {
            Box::pin(async move {
                record(tx, &outcomes, now).await?;
                renew(tx, &kept, until).await?;
                lease(tx, now, until, room).await
            })
        });
        let due = taking.await?;
        self.outcomes.clear();
        self.leases.extend(renewed.into_iter().map(|(id, attempt)| (id, (attempt, until))));
        let timeouts = SmtpTimeouts { step: settings.send_within, word: settings.word_within };
        for mail in due {
            self.leases.insert(mail.id, (mail.attempts, until));
            let (desk, transport) = (desk.clone(), transport.clone());
            self.under_way.spawn(async move { deliver(&desk, &transport, &mail, timeouts).await });
        }
        Ok(())
    }

    /// Mails in delivery whose lease is half over.
    fn to_renew(&self, now: Instant, lease_s: i64) -> Vec<(i64, i64)> {
        let is_half_over = |until: Instant| until.since(now) < lease_s / 2;
        let half_over = self.leases.iter().filter(|(_, (_, until))| is_half_over(*until));
        half_over.map(|(id, (attempt, _))| (*id, *attempt)).collect()
    }

    /// Records outcomes. After a failure they are tried again in the next turn. If the process ends before, the leases
    /// expire and the mails are sent again.
    async fn record_outcomes(&mut self, desk: &Desk) -> Result<(), StoreError> {
        if self.outcomes.is_empty() {
            return Ok(());
        }
        let (outcomes, now) = (self.outcomes.clone(), desk.now());
        let recording = desk.store().write_beside(vec![Guarded::Delivery], move |tx| {
            Box::pin(async move { record(tx, &outcomes, now).await })
        });
        recording.await?;
        self.outcomes.clear();
        Ok(())
    }

    /// Waits for the end of a delivery, and collects all that ended; `false` when there are none.
    async fn wait(&mut self) -> bool {
        let Some(first) = self.under_way.join_next().await else { return false };
        let mut back = vec![first];
        while let Some(another) = self.under_way.try_join_next() {
            back.push(another);
        }
        for outcome in back.into_iter().filter_map(Result::ok) {
            self.leases.remove(&outcome.id());
            self.outcomes.push(outcome);
        }
        // The lease of a panicked task would be renewed forever.
        if self.under_way.is_empty() {
            self.leases.clear();
        }
        true
    }
}

fn until(next: Option<Instant>, now: Instant) -> Duration {
    let wait = next.map_or(LONGEST, |at| Duration::from_secs(u64::try_from(at.since(now)).unwrap_or(0)));
    // Due now and not leased: another worker has it, or will.
    wait.clamp(Duration::from_secs(1), LONGEST)
}

/// When the next mail is due, or the next lease expires: the next attempt of a leased row is the end of its lease.
pub(crate) async fn next_due(desk: &Desk) -> Result<Option<Instant>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT next_attempt_utc_s FROM outbox WHERE state = 'queued' ORDER BY next_attempt_utc_s LIMIT 1",
    )
    .fetch_optional(&mut *reader)
    .await?;
    row.map(|row| Ok(Instant(row.try_get(0)?))).transpose()
}

/// Whether a mail is due; read first, so that an idle worker does not write.
async fn is_due(desk: &Desk, now: Instant) -> Result<bool, StoreError> {
    Ok(next_due(desk).await?.is_some_and(|next| next <= now))
}

/// Leases up to `room` due mails. The next attempt of a leased row is the end of its lease, so a due row has no lease.
/// The query asks for nothing but ids, or PostgreSQL scans all waiting rows.
///
/// An attempt counts from its beginning, so that a mail that kills a process is not tried forever.
async fn lease(tx: &mut Tx, now: Instant, until: Instant, room: usize) -> Result<Vec<Queued>, StoreError> {
    let rows = sqlx::query(
        "UPDATE outbox
         SET leased_until_utc_s = $2, next_attempt_utc_s = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM outbox WHERE state = 'queued' AND next_attempt_utc_s <= $1
                      ORDER BY next_attempt_utc_s, id LIMIT $3)
         RETURNING id, message_id, case_number, language, recipient_name, recipient, subject,
                   body_text, body_html, thread_id, attempts, created_utc_s, calendar, document",
    )
    .bind(now.0)
    .bind(until.0)
    .bind(i64::try_from(room).unwrap_or(i64::MAX))
    .fetch_all(tx.connection())
    .await?;
    let mut mails = rows.iter().map(Queued::from_row).collect::<Result<Vec<_>, _>>()?;
    // The engines return rows in any order. The oldest is sent first.
    mails.sort_by_key(|mail| mail.id);
    Ok(mails)
}

/// Renews leases, since a server may take longer than one.
async fn renew(tx: &mut Tx, leases: &[(i64, i64)], until: Instant) -> Result<(), StoreError> {
    for (id, attempt) in leases {
        sqlx::query(
            "UPDATE outbox SET leased_until_utc_s = $3, next_attempt_utc_s = $3
             WHERE id = $1 AND attempts = $2 AND state = 'queued'",
        )
        .bind(*id)
        .bind(*attempt)
        .bind(until.0)
        .execute(tx.connection())
        .await?;
    }
    Ok(())
}

/// Sends a mail. Gives the outcome.
async fn deliver(desk: &Desk, transport: &Transport, mail: &Queued, timeouts: SmtpTimeouts) -> Outcome {
    let unsealed = mail.unsealed(desk.tokens());
    let sending = async {
        let stationery = Stationery::of(desk, &unsealed, transport.sender()).await.map_err(|error| {
            tracing::error!(%error, "the logo of a mail could not be read");
            Failure::of(Why::NotNow)
        })?;
        transport.send(&unsealed, &stationery, timeouts).await
    };
    let sent = AssertUnwindSafe(sending).catch_unwind().await;
    let sent = sent.unwrap_or_else(|_| Err(Failure::of(Why::Panicked)));
    let (id, case, attempt) = (mail.id, mail.case_number.as_str(), mail.attempts);
    let Err(Failure { why, text }) = sent else {
        tracing::info!(mail = id, case, attempt, "a mail was sent");
        return Outcome::Sent { id };
    };
    let (now, chance) = (desk.now(), desk.ports().random());
    let again = wait_s(attempt, chance);
    let last = i64::try_from(BACKOFF.waits_s.len()).unwrap_or(1);
    let held = wait_s(attempt.min(last), chance).unwrap_or_default();
    Outcome::Failed(Failed {
        id,
        attempt,
        created: Instant(mail.created_utc_s),
        why,
        complaint: text.chars().filter(|c| *c != '\0').take(COMPLAINT_CHARACTERS).collect(),
        again: again.map(|wait_s| now.plus(wait_s)),
        held_until: now.plus(held),
    })
}

/// Seconds to wait after the `attempt`-th attempt (from 1); `None` after the last.
fn wait_s(attempt: i64, chance: [u8; 2]) -> Option<i64> {
    BACKOFF.wait_s(attempt, chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_delays_grow_and_end_after_about_a_day() {
        let wait = |attempt, chance| wait_s(attempt, chance);
        assert_eq!((wait(1, [0; 2]), wait(1, [255; 2])), (Some(48), Some(72)));
        assert_eq!((wait(5, [0; 2]), wait(5, [255; 2])), (Some(24 * 60), Some(36 * 60)));
        assert_eq!(wait(13, [0; 2]), None);
        let shortest: i64 = (1..).map_while(|attempt| wait(attempt, [0; 2])).sum();
        let longest: i64 = (1..).map_while(|attempt| wait(attempt, [255; 2])).sum();
        assert!(shortest > 19 * 3600 && longest < 29 * 3600);
    }
}

//! Outcomes of delivery: sent, deferred, held because a server refuses the desk itself, or a dead letter.

use domain::time::Instant;
use sqlx::{AssertSqlSafe, Row};

use super::refusal::{About, Reply, Why};
use crate::store::{StoreError, Tx, list, portions};

/// This many recipients with the same refusal, and none without it, make it a fault of the desk.
const ALIKE: i64 = 3;
/// The period of that rule, in seconds.
const ALIKE_WITHIN_S: i64 = 3600;
/// A held mail is tried for this long, in seconds (RFC 5321, 4.5.4.1). Then it is outdated.
const HELD_FOR_S: i64 = 5 * 86_400;
/// This many attempts without an answer, or with a temporary one, count as a fault of the desk. Outages of some minutes
/// do not.
const LASTING: i64 = 4;

/// Outcome of an attempt.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// A server accepted it.
    Sent { id: i64 },
    /// No server accepted it.
    Failed(Failed),
}

impl Outcome {
    /// Id of the mail.
    pub(super) const fn id(&self) -> i64 {
        match self {
            Self::Sent { id } | Self::Failed(Failed { id, .. }) => *id,
        }
    }
}

/// A failed attempt.
#[derive(Debug, Clone)]
pub(super) struct Failed {
    pub(super) id: i64,
    pub(super) attempt: i64,
    /// Time when the mail was queued.
    pub(super) created: Instant,
    /// The cause in protocol terms.
    pub(super) why: Why,
    /// The server's words.
    pub(super) complaint: String,
    /// Time of the next attempt, while attempts are left.
    pub(super) again: Option<Instant>,
    /// Time of the next attempt if it is held.
    pub(super) held_until: Instant,
}

/// What happens to a mail after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disposition {
    /// It is tried again then.
    PutOff(Instant),
    /// It is held: every mail would fail alike. It is tried for longer.
    Held(Instant),
    /// It is a dead letter.
    GivenUp,
}

impl Failed {
    /// Whether the failure concerns the recipient or the desk.
    fn about(&self) -> About {
        match &self.why {
            Why::Refused(reply) => reply.about(),
            Why::Silence(..) | Why::Broken(..) | Why::Folder(_) => About::Desk,
            Why::Unsendable | Why::NotNow | Why::Panicked => About::Mail,
        }
    }

    const fn reply(&self) -> Option<Reply> {
        match self.why {
            Why::Refused(reply) => Some(reply),
            _ => None,
        }
    }

    /// The common code of equal refusals; `None` while it is negligible.
    fn refusal(&self) -> Option<String> {
        let lasts = self.about() == About::Desk && self.attempt >= LASTING;
        match self.reply() {
            // Greylisting uses the codes of policies as well, and passes.
            Some(reply) => (reply.is_permanent() || lasts).then(|| reply.to_string()),
            None => lasts.then(|| "-".to_owned()),
        }
    }

    /// What happens to the mail, by the subject of its failure.
    fn disposition(&self, about: About, now: Instant) -> Disposition {
        let is_final = self.reply().is_some_and(Reply::is_permanent) || self.why == Why::Unsendable;
        let is_held = about == About::Desk && now.since(self.created) < HELD_FOR_S;
        match self.again {
            _ if is_held && self.refusal().is_some() => Disposition::Held(self.held_until),
            Some(again) if is_held || !is_final => Disposition::PutOff(again),
            _ => Disposition::GivenUp,
        }
    }
}

/// Records outcomes.
pub(super) async fn record(tx: &mut Tx, outcomes: &[Outcome], now: Instant) -> Result<(), StoreError> {
    let sent: Vec<i64> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Sent { id } => Some(*id),
            Outcome::Failed(_) => None,
        })
        .collect();
    // First: a delivered mail speaks against a fault of the desk.
    mark_sent(tx, &sent, now).await?;
    for outcome in outcomes {
        if let Outcome::Failed(failed) = outcome {
            mark_failed(tx, failed, now).await?;
        }
    }
    Ok(())
}

/// Marks mails as sent. This holds even if the lease has expired meanwhile.
async fn mark_sent(tx: &mut Tx, ids: &[i64], now: Instant) -> Result<(), StoreError> {
    for some in portions(ids) {
        let text = format!(
            "UPDATE outbox SET state = 'sent', sent_utc_s = $1, next_attempt_utc_s = $1, leased_until_utc_s = 0,
                               last_error = NULL, refusal = NULL, refused_utc_s = NULL
             WHERE id IN ({}) AND state <> 'sent'",
            list(1, some.len())
        );
        let mark = sqlx::query(AssertSqlSafe(text)).bind(now.0);
        some.iter().fold(mark, |mark, id| mark.bind(*id)).execute(tx.connection()).await?;
    }
    Ok(())
}

/// Frees the row for its next attempt, or makes it a dead letter. The attempt's number shows whether this worker still
/// has the lease.
async fn mark_failed(tx: &mut Tx, failed: &Failed, now: Instant) -> Result<(), StoreError> {
    let refusal = failed.refusal();
    let was_held = any_held(tx).await?;
    let marked = sqlx::query(
        "UPDATE outbox SET leased_until_utc_s = 0, last_error = $3, refusal = $4, refused_utc_s = $5
         WHERE id = $1 AND attempts = $2 AND state = 'queued'",
    )
    .bind(failed.id)
    .bind(failed.attempt)
    .bind(failed.complaint.as_str())
    .bind(refusal.as_deref())
    .bind(refusal.is_some().then_some(now.0))
    .execute(tx.connection())
    .await?;
    if marked.rows_affected() == 0 {
        return Ok(());
    }
    let about = match (failed.about(), &refusal) {
        (About::Unclear, Some(refusal)) => subject_of_many(tx, refusal, now).await?,
        (about, _) => about,
    };
    let fate = failed.disposition(about, now);
    let (state, next) = match fate {
        Disposition::PutOff(next) | Disposition::Held(next) => ("queued", next),
        Disposition::GivenUp => ("dead", now),
    };
    sqlx::query("UPDATE outbox SET state = $2, next_attempt_utc_s = $3 WHERE id = $1")
        .bind(failed.id)
        .bind(state)
        .bind(next.0)
        .execute(tx.connection())
        .await?;
    log_failure(failed, fate, now);
    let (Disposition::Held(until), Some(refusal)) = (fate, refusal) else { return Ok(()) };
    if about != failed.about() {
        hold_dead_letters(tx, &refusal, until, now).await?;
    }
    if !was_held {
        tracing::error!(
            why = %failed.why,
            "mails do not go out: the mail server refuses the desk itself, or does not answer; they are held and tried again"
        );
    }
    Ok(())
}

/// Logs a failure without personal data.
fn log_failure(failed: &Failed, fate: Disposition, now: Instant) {
    let Failed { id, attempt, why, .. } = failed;
    match fate {
        Disposition::PutOff(next) => {
            tracing::warn!(mail = id, attempt, %why, wait_s = next.since(now), "a mail was not sent; trying again");
        }
        Disposition::Held(next) => {
            tracing::warn!(mail = id, attempt, %why, wait_s = next.since(now), "a mail is held; trying again");
        }
        Disposition::GivenUp => tracing::error!(mail = id, attempt, %why, "a mail was given up"),
    }
}

/// Whether any mail is held.
async fn any_held(tx: &mut Tx) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM outbox WHERE refusal IS NOT NULL AND state = 'queued' LIMIT 1")
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.is_some())
}

/// The subject of an unclear refusal: the desk, if several recipients met it lately and no mail was delivered since the
/// first.
async fn subject_of_many(tx: &mut Tx, refusal: &str, now: Instant) -> Result<About, StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(DISTINCT recipient), MIN(refused_utc_s) FROM outbox WHERE refusal = $1 AND refused_utc_s >= $2",
    )
    .bind(refusal)
    .bind(now.plus(-ALIKE_WITHIN_S).0)
    .fetch_one(tx.connection())
    .await?;
    let (recipients, first): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    let Some(first) = first.filter(|_| recipients >= ALIKE) else { return Ok(About::Unclear) };
    let sent = sqlx::query("SELECT 1 FROM outbox WHERE state = 'sent' AND next_attempt_utc_s > $1 LIMIT 1")
        .bind(first)
        .fetch_optional(tx.connection())
        .await?;
    Ok(if sent.is_none() { About::Desk } else { About::Unclear })
}

/// Holds mails that became dead letters before the fault was known to be the desk's.
async fn hold_dead_letters(
    tx: &mut Tx,
    refusal: &str,
    until: Instant,
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE outbox SET state = 'queued', next_attempt_utc_s = $3
         WHERE state = 'dead' AND refusal = $1 AND refused_utc_s >= $2",
    )
    .bind(refusal)
    .bind(now.plus(-ALIKE_WITHIN_S).0)
    .bind(until.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

//! What came of mails, written down: sent, put off, held because the desk itself is refused, or given up.

use domain::time::Instant;
use sqlx::{AssertSqlSafe, Row};

use super::refusal::{About, Reply, Why};
use crate::store::{StoreError, Tx, list, portions};

/// So many recipients that meet the same no, and nobody who does not, make it the desk's own trouble.
const ALIKE: i64 = 3;
/// Within this time.
const ALIKE_WITHIN_S: i64 = 3600;
/// A mail that is held is tried for so long (RFC 5321, 4.5.4.1): then it is no news any more.
const HELD_FOR_S: i64 = 5 * 86_400;
/// Without an answer, or with one that may change, it is the desk's own trouble after so many tries: a break of some minutes
/// is none.
const LASTING: i64 = 4;

/// What came of a mail.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// A server has it.
    Sent { id: i64 },
    /// No server has it.
    Failed(Failed),
}

impl Outcome {
    /// Of which mail.
    pub(super) const fn id(&self) -> i64 {
        match self {
            Self::Sent { id } | Self::Failed(Failed { id, .. }) => *id,
        }
    }
}

/// A mail that no server has.
#[derive(Debug, Clone)]
pub(super) struct Failed {
    pub(super) id: i64,
    pub(super) attempt: i64,
    /// When it was written.
    pub(super) created: Instant,
    /// Why it failed, in codes of the protocol.
    pub(super) why: Why,
    /// In the words of the other side.
    pub(super) complaint: String,
    /// When it is tried again while there are tries left.
    pub(super) again: Option<Instant>,
    /// When it is tried again if it is held.
    pub(super) held_until: Instant,
}

/// What becomes of a mail that no server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disposition {
    /// It is tried again at that moment.
    PutOff(Instant),
    /// Tried again, for longer: every mail would meet the same.
    Held(Instant),
    /// Somebody must look at it.
    GivenUp,
}

impl Failed {
    /// Whom it is about.
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

    /// What those that are refused alike have in common; `None` while it is nothing to speak of.
    fn refusal(&self) -> Option<String> {
        let lasts = self.about() == About::Desk && self.attempt >= LASTING;
        match self.reply() {
            // Greylisting is told by the codes of a policy as well, and passes.
            Some(reply) => (reply.is_permanent() || lasts).then(|| reply.to_string()),
            None => lasts.then(|| "-".to_owned()),
        }
    }

    /// What becomes of it, once it is known whom it is about.
    fn fate(&self, about: About, now: Instant) -> Disposition {
        let is_final = self.reply().is_some_and(Reply::is_permanent) || self.why == Why::Unsendable;
        let is_held = about == About::Desk && now.since(self.created) < HELD_FOR_S;
        match self.again {
            _ if is_held && self.refusal().is_some() => Disposition::Held(self.held_until),
            Some(again) if is_held || !is_final => Disposition::PutOff(again),
            _ => Disposition::GivenUp,
        }
    }
}

/// Writes down what came of mails.
pub(super) async fn record(tx: &mut Tx, outcomes: &[Outcome], now: Instant) -> Result<(), StoreError> {
    let sent: Vec<i64> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Sent { id } => Some(*id),
            Outcome::Failed(_) => None,
        })
        .collect();
    // First: what arrives speaks against trouble of the desk's own.
    mark_sent(tx, &sent, now).await?;
    for outcome in outcomes {
        if let Outcome::Failed(failed) = outcome {
            mark_failed(tx, failed, now).await?;
        }
    }
    Ok(())
}

/// A server has them: true whoever says so, even when the lease has run out meanwhile.
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

/// Frees the row for its next try, or gives it up. The number of the attempt tells whether the row is still this worker's.
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
        (About::Unclear, Some(refusal)) => about_many(tx, refusal, now).await?,
        (about, _) => about,
    };
    let fate = failed.fate(about, now);
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
    tell(failed, fate, now);
    let (Disposition::Held(until), Some(refusal)) = (fate, refusal) else { return Ok(()) };
    if about != failed.about() {
        take_back(tx, &refusal, until, now).await?;
    }
    if !was_held {
        tracing::error!(
            why = %failed.why,
            "mails do not go out: the mail server refuses the desk itself, or does not answer; they are held and tried again"
        );
    }
    Ok(())
}

/// A line of the log, without a word that could name anybody.
fn tell(failed: &Failed, fate: Disposition, now: Instant) {
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

/// Whether a mail is held.
async fn any_held(tx: &mut Tx) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM outbox WHERE refusal IS NOT NULL AND state = 'queued' LIMIT 1")
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.is_some())
}

/// Whom an unclear no is about: the desk if several recipients met the same lately, and nobody got a mail since the first of
/// them.
async fn about_many(tx: &mut Tx, refusal: &str, now: Instant) -> Result<About, StoreError> {
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

/// Takes back what was given up before it was clear that it is the desk's own trouble.
async fn take_back(tx: &mut Tx, refusal: &str, until: Instant, now: Instant) -> Result<(), StoreError> {
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

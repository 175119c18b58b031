//! Outcomes of attempts, and what becomes of a delivery.

use domain::time::Instant;
use domain::webhook::{DeliveryFailure, DeliveryState, WebhookId};

use super::exchange::Attempt;
use super::whatsapp::{SentBy, record_update};
use crate::backoff::Backoff;
use crate::store::{StoreError, Tx};

/// Three days in all. After the last wait a delivery is a dead letter.
const BACKOFF: Backoff = Backoff {
    waits_s: &[
        10,
        60,
        5 * 60,
        15 * 60,
        30 * 60,
        3600,
        2 * 3600,
        4 * 3600,
        7 * 3600,
        9 * 3600,
        12 * 3600,
        12 * 3600,
        12 * 3600,
        12 * 3600,
    ],
    jitter_percent: 10,
};

/// Seconds to wait after the `attempt`-th attempt (from 1); `None` after the last.
pub(super) fn wait_s(attempt: i64, chance: [u8; 2]) -> Option<i64> {
    BACKOFF.wait_s(attempt, chance)
}

/// What came of an attempt of a delivery.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) id: String,
    pub(super) webhook: WebhookId,
    /// Number of the attempt, from 1: whoever has a later one has the lease.
    pub(super) attempt: i64,
    pub(super) at: Instant,
    pub(super) came: Attempt,
    /// What became of an update that was sent by WhatsApp.
    pub(super) sent: Option<SentBy>,
    /// When it is tried again; `None` for never.
    pub(super) again: Option<Instant>,
}

impl Outcome {
    /// The state after it, and the time of the next attempt or of the end.
    fn stands(&self) -> (DeliveryState, Instant) {
        match (self.came.failure, self.again) {
            (None, _) => (DeliveryState::Delivered, self.at),
            (Some(_), Some(again)) => (DeliveryState::Queued, again),
            (Some(_), None) => (DeliveryState::Dead, self.at),
        }
    }
}

/// Records outcomes. Of a case that was erased meanwhile, the receiver's answer is not kept: it may repeat what it was told.
pub(super) async fn record(tx: &mut Tx, outcomes: &[Outcome]) -> Result<(), StoreError> {
    for outcome in outcomes {
        let Outcome { id, webhook, attempt, at, came, .. } = outcome;
        let (state, next) = outcome.stands();
        let failure = came.failure.map(DeliveryFailure::code);
        let done = sqlx::query(
            "UPDATE webhook_deliveries
             SET state = $3, next_attempt_utc_s = $4, ended_utc_s = $5, status = $6, failure = $7,
                 answer = CASE WHEN EXISTS
                     (SELECT 1 FROM erasures e WHERE e.case_number = webhook_deliveries.case_number)
                     THEN NULL ELSE CAST($8 AS TEXT) END
             WHERE id = $1 AND attempts = $2 AND state = 'queued'",
        )
        .bind(id.as_str())
        .bind(*attempt)
        .bind(state.code())
        .bind(next.0)
        .bind((state != DeliveryState::Queued).then_some(at.0))
        .bind(came.status.map(i64::from))
        .bind(failure)
        .bind(came.answer.as_deref())
        .execute(tx.connection())
        .await?;
        // Another worker may have it since then.
        if let Some(sent) = outcome.sent.as_ref().filter(|_| done.rows_affected() == 1) {
            record_update(tx, sent, (state, came.failure), *at).await?;
        }
        // The last of a webhook alone is shown.
        let is_last =
            !outcomes.iter().rev().take_while(|later| later.id != *id).any(|later| later.webhook == *webhook);
        if is_last {
            sqlx::query(
                "UPDATE webhooks SET attempted_utc_s = $2, attempted_status = $3, attempted_failure = $4 WHERE id = $1",
            )
            .bind(webhook.0)
            .bind(at.0)
            .bind(came.status.map(i64::from))
            .bind(failure)
            .execute(tx.connection())
            .await?;
        }
        log(outcome, state);
    }
    Ok(())
}

fn log(outcome: &Outcome, state: DeliveryState) {
    let Outcome { id, webhook, attempt, came, .. } = outcome;
    let (webhook, status, failure) = (webhook.0, came.status, came.failure.map(DeliveryFailure::code));
    match state {
        DeliveryState::Delivered => tracing::info!(delivery = id, webhook, attempt, "a webhook was told"),
        DeliveryState::Queued => {
            tracing::warn!(
                delivery = id,
                webhook,
                attempt,
                status,
                failure,
                "a webhook was not told; trying again"
            );
        }
        DeliveryState::Dead => {
            tracing::error!(
                delivery = id,
                webhook,
                attempt,
                status,
                failure,
                "a delivery to a webhook was given up"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_delays_grow_and_end_after_three_days() {
        let all = |chance: u8| (1..).map_while(move |attempt| wait_s(attempt, [chance; 2]));
        assert_eq!((wait_s(1, [0; 2]), wait_s(1, [255; 2])), (Some(9), Some(11)));
        assert_eq!(wait_s(15, [0; 2]), None);
        let (shortest, longest): (i64, i64) = (all(0).sum(), all(255).sum());
        assert!(shortest > 64 * 3600 && longest < 80 * 3600, "{shortest} {longest}");
        let waits_s = BACKOFF.waits_s;
        assert!(waits_s.is_sorted() && (71 * 3600..=73 * 3600).contains(&waits_s.iter().sum::<i64>()));
    }
}

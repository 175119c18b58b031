//! A mail of the desk did not arrive: it becomes a dead letter, as if its server had refused it at once.

use super::{Arrived, Came, State};
use crate::inbound::{DeliveryFailure, Permanence};
use crate::store::{StoreError, Tx};

/// Most characters of a server's words that are kept.
const WORDS: usize = 500;

/// The mail is found by its id, which only who got it knows, so that nobody else can mark it.
pub(super) async fn take(
    tx: &mut Tx,
    arrived: &Arrived,
    failure: &DeliveryFailure,
) -> Result<Came, StoreError> {
    let body = arrived.mail.text.clone();
    if failure.permanence == Permanence::Temporary {
        return Ok(Came::of(State::Noted, body));
    }
    let mut words = failure
        .diagnostic
        .clone()
        .or_else(|| failure.status.clone())
        .unwrap_or_else(|| arrived.mail.subject());
    words.retain(|c| !c.is_control());
    let words: String = words.chars().take(WORDS).collect();
    for id in arrived.mail.reported_ids() {
        let done = sqlx::query(
            "UPDATE outbox SET state = 'dead', last_error = $2 WHERE message_id = $1 AND state = 'sent'",
        )
        .bind(format!("<{id}>"))
        .bind(&words)
        .execute(tx.connection())
        .await?;
        if done.rows_affected() > 0 {
            return Ok(Came::of(State::Marked, body));
        }
    }
    Ok(Came::of(State::Noted, body))
}

//! What became of updates, as WhatsApp reports it.

use domain::time::Instant;
use domain::webhook::WebhookId;
use domain::whatsapp::{SentState, StatusReport};
use sqlx::Row;

use crate::store::{StoreError, Tx};

/// Writes a report down. It is found by what the desk sent along, else by WhatsApp's id. One of another number's message, or of an
/// unknown one, changes nothing.
pub(crate) async fn apply(
    tx: &mut Tx,
    number: WebhookId,
    report: &StatusReport,
    now: Instant,
) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT m.id, m.state, (SELECT COUNT(*) FROM erasures e WHERE e.case_number = m.case_number) AS erased
         FROM whatsapp_messages m
         WHERE m.id IN (SELECT id FROM whatsapp_messages WHERE delivery_id = $1
                        UNION SELECT id FROM whatsapp_messages WHERE message_id = $2) AND m.number_id = $3
         ORDER BY m.id LIMIT 1",
    )
    .bind(report.token.as_str())
    .bind(report.id.as_str())
    .bind(number.0)
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(()) };
    let (id, code, erased): (i64, String, i64) =
        (row.try_get("id")?, row.try_get("state")?, row.try_get("erased")?);
    let known =
        SentState::from_code(&code).ok_or_else(|| StoreError::inconsistent("whatsapp_messages", &code))?;
    let stands = known.after(report.state);
    if stands == known || erased > 0 {
        return Ok(());
    }
    let said = report.failure.as_ref().filter(|_| stands == SentState::Failed);
    sqlx::query(
        "UPDATE whatsapp_messages SET state = $2, message_id = $3, failure = NULL, failure_code = $4, failure_title = $5,
                changed_utc_s = $6
         WHERE id = $1",
    )
    .bind(id)
    .bind(stands.code())
    .bind(report.id.as_str())
    .bind(said.map(|said| said.code))
    .bind(said.map(|said| said.title.clone()))
    .bind(now.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

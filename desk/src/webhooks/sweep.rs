//! The end of deliveries: they are taken out some time after their own.

use domain::webhook::DeliveryFailure;

use crate::Desk;
use crate::store::{Guarded, StoreError};

/// How long finished deliveries are kept, and how long those of a paused webhook wait, in seconds: 30 days.
const KEPT_S: i64 = 30 * 86_400;
/// Rows that are taken out in one transaction.
const SWEPT: i64 = 1000;

/// Takes out deliveries that ended long ago, and gives up those that waited as long for the end of a pause. Gives the number
/// of rows that were taken out.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(desk: &Desk) -> Result<u64, StoreError> {
    let (now, bound) = (desk.now(), desk.now().plus(-KEPT_S));
    let mut swept = 0;
    loop {
        let sweeping = desk.store().write_beside(vec![Guarded::Webhooks], move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "UPDATE webhook_deliveries SET state = 'dead', failure = $3, ended_utc_s = $2
                     WHERE webhook_id IN (SELECT id FROM webhooks WHERE paused_utc_s IS NOT NULL) AND state = 'queued'
                         AND created_utc_s <= $1",
                )
                .bind(bound.0)
                .bind(now.0)
                .bind(DeliveryFailure::Paused.code())
                .execute(tx.connection())
                .await?;
                let done = sqlx::query(
                    "DELETE FROM webhook_deliveries WHERE id IN
                         (SELECT id FROM webhook_deliveries WHERE ended_utc_s <= $1 ORDER BY ended_utc_s LIMIT $2)",
                )
                .bind(bound.0)
                .bind(SWEPT)
                .execute(tx.connection())
                .await?;
                Ok::<_, StoreError>(done.rows_affected())
            })
        });
        let some = sweeping.await?;
        swept += some;
        if some == 0 {
            return Ok(swept);
        }
    }
}

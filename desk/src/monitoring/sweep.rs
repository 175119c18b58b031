//! The end of what is kept of alerts.

use super::settings::forget;
use crate::Desk;
use crate::store::StoreError;

/// How long an alert is kept after it came last, in seconds: 30 days.
const KEPT_S: i64 = 30 * 86_400;

/// Takes out alerts that have not come for thirty days, and the settings of revoked integrations. Gives the number of rows.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(desk: &Desk) -> Result<u64, StoreError> {
    let bound = desk.now().plus(-KEPT_S);
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let done = sqlx::query("DELETE FROM alerts WHERE seen_utc_s <= $1")
                    .bind(bound.0)
                    .execute(tx.connection())
                    .await?;
                Ok::<_, StoreError>(done.rows_affected() + forget(tx).await?)
            })
        })
        .await
}

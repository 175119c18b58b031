//! The end of what is kept of alerts.

use super::places;
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
    let now = desk.now();
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let done = sqlx::query("DELETE FROM alerts WHERE seen_utc_s <= $1")
                    .bind(now.plus(-KEPT_S).0)
                    .execute(tx.connection())
                    .await?;
                places::sweep(tx, now).await?;
                Ok::<_, StoreError>(done.rows_affected() + forget(tx).await?)
            })
        })
        .await
}

//! Sequences of numbers.

use sqlx::Row;

use super::{StoreError, Tx};

/// Takes the next `count` numbers of a sequence. Gives the last of them.
pub(crate) async fn take_numbers(tx: &mut Tx, name: &str, count: i64) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "INSERT INTO sequences (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = sequences.value + excluded.value
         RETURNING value",
    )
    .bind(name)
    .bind(count)
    .fetch_one(tx.connection())
    .await?;
    Ok(row.try_get(0)?)
}

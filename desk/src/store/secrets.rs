//! Secrets of the installation: made at its first start, kept in the database, and part of every backup.

use sqlx::Row;

use super::{Store, StoreError};

/// The secret of a name. `fresh` is kept where there is none yet; of two nodes that start at once, one makes it.
pub(crate) async fn secret(store: &Store, name: &'static str, fresh: String) -> Result<String, StoreError> {
    store
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                )
                .bind(name)
                .bind(fresh)
                .execute(tx.connection())
                .await?;
                let row = sqlx::query("SELECT value FROM secrets WHERE name = $1")
                    .bind(name)
                    .fetch_one(tx.connection())
                    .await?;
                Ok::<_, StoreError>(row.try_get(0)?)
            })
        })
        .await
}

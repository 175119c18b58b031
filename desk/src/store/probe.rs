//! Whether the database can be written: asked by whoever sends work to this node.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::time::Instant;

use super::{Engine, Store, StoreError, sqlite};

/// What must be left on the disk: less than this is gone within minutes of work.
const ROOM: usize = 1024 * 1024;
/// The longest that a healthy database takes over it.
const WITHIN: Duration = Duration::from_secs(3);

impl Store {
    /// Writes, as a case would be written, and looks whether there is room for more.
    ///
    /// # Errors
    /// When it could not be written, or not within a few seconds.
    pub async fn probe(&self, now: Instant) -> Result<(), StoreError> {
        let probing = async {
            if self.engine == Engine::Sqlite {
                room_beside(sqlite::path(&self.address)).await?;
            }
            self.write(move |tx| {
                Box::pin(async move {
                    sqlx::query("UPDATE write_probe SET at_utc_s = $1 WHERE id = 1")
                        .bind(now.0)
                        .execute(tx.connection())
                        .await?;
                    Ok(())
                })
            })
            .await
        };
        tokio::time::timeout(WITHIN, probing).await.unwrap_or(Err(StoreError::Slow))
    }
}

/// Whether the disk of the database takes more: SQLite writes over what it has written before, and would find out late.
async fn room_beside(database: PathBuf) -> Result<(), StoreError> {
    let mut name = database.into_os_string();
    name.push(".probe");
    let writing = tokio::task::spawn_blocking(move || {
        let written = File::create(&name)
            .and_then(|mut file| file.write_all(&vec![0; ROOM]).and_then(|()| file.sync_data()));
        // What was half written takes room as well.
        let removed = fs::remove_file(&name);
        written.and(removed)
    });
    let written = writing.await.map_err(|_| StoreError::Closed)?;
    written.map_err(|error| StoreError::Folder(Arc::new(error)))
}

//! The readiness probe: whether the database can be written.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::time::Instant;

use super::{Engine, Store, StoreError, sqlite};

/// The free space that the disk must have, in bytes: less is used up within minutes.
const ROOM: usize = 1024 * 1024;
/// The time limit of the probe.
const WITHIN: Duration = Duration::from_secs(3);

impl Store {
    /// Writes like an opening, and checks the free space.
    ///
    /// # Errors
    /// When the write fails, or takes longer than a few seconds.
    pub async fn probe(&self, now: Instant) -> Result<(), StoreError> {
        let probing = async {
            if self.engine == Engine::Sqlite {
                room_beside(sqlite::path(&self.address)).await?;
            }
            self.write_beside(Vec::new(), move |tx| {
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

/// Whether the disk has free space. SQLite reuses its file's pages, so a write alone would notice too late.
async fn room_beside(database: PathBuf) -> Result<(), StoreError> {
    let mut name = database.into_os_string();
    name.push(".probe");
    let writing = tokio::task::spawn_blocking(move || {
        let written = File::create(&name)
            .and_then(|mut file| file.write_all(&vec![0; ROOM]).and_then(|()| file.sync_data()));
        // A partly written file takes space as well.
        let removed = fs::remove_file(&name);
        written.and(removed)
    });
    let written = writing.await.map_err(|_| StoreError::Closed)?;
    written.map_err(|error| StoreError::Folder(Arc::new(error)))
}

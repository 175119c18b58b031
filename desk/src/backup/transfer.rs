//! From one database to another: what one side writes, the other restores, through a pipe.

use std::io::{self, BufReader, BufWriter};

use domain::time::Instant;
use tokio::runtime;

use super::{BackupError, Restored, restore, write};
use crate::store::StoreError;

/// Carries the desk at `from` into the empty database at `to`. Either side has a thread of its own: both wait for the pipe.
/// Both databases were read, and have the same rows, when this returns `Ok`.
///
/// # Errors
/// What [`write()`] and [`restore`] fail with; the database at `to` is empty then.
pub fn transfer(from: &str, to: &str, now: Instant) -> Result<Restored, BackupError> {
    let (reader, writer) = io::pipe().map_err(BackupError::output)?;
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| on_its_own(write(from, now, BufWriter::new(writer)))?);
        let restored = on_its_own(restore(to, now, BufReader::new(reader)))?;
        let written = writing.join().map_err(|_| StoreError::Closed)?;
        match (written, restored) {
            // That the pipe was closed is what the other side's failure comes to.
            (Err(BackupError::Output(_)) | Ok(_), Err(failed)) | (Err(failed), _) => Err(failed),
            (Ok(written), Ok(restored)) => {
                match written.iter().zip(&restored.tables).find(|(one, other)| one != other) {
                    Some((table, _)) => Err(BackupError::Differs { table: table.table.clone() }),
                    None => Ok(restored),
                }
            }
        }
    })
}

/// Runs a side to its end on the calling thread.
fn on_its_own<T>(side: impl Future<Output = T>) -> Result<T, BackupError> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(BackupError::output)?;
    Ok(runtime.block_on(side))
}

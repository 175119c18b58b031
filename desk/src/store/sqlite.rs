//! SQLite only: pragmas, one writer, the lock of migrations.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::{AnyConnection, AnyPool, Connection, Executor};

use super::{StoreError, pool_of};
use crate::private;

/// WAL lets readers continue during a write. FULL makes commits survive a loss of power. The log moves into the file every
/// 16 MB: openings write the same pages of indexes many times, and each page moves once. What is deleted or
/// replaced is overwritten with zeros: erased texts must not stay in free pages.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                       PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096; \
                       PRAGMA wal_autocheckpoint = 4000; PRAGMA secure_delete = ON";

/// Begins as a writer: a transaction that first reads may be unable to write later.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

/// Number of the newest entry of the history. One transaction writes at a time, so none below it is missing.
pub(super) const NEWEST: &str = "SELECT COALESCE(MAX(seq), 0) FROM case_events";

/// Begins to read one moment: what is committed later is not seen. The first statement chooses the moment.
pub(super) const BEGIN_SNAPSHOT: &str = "BEGIN; SELECT 1 FROM sqlite_master";

/// Every column of every table, with its kind, in order. Indexes of the search are tables of the engine's own.
pub(super) const COLUMNS: &str = "SELECT t.name, c.name, c.type FROM sqlite_master t, pragma_table_info(t.name) c \
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations' \
     AND t.name NOT LIKE 'case_index%' AND t.name NOT LIKE 'search_words_index%' ORDER BY t.name, c.cid";

/// The machine's clock, as the engine reads it: UTC seconds.
pub(super) const CLOCK: &str = "SELECT CAST(strftime('%s', 'now') AS BIGINT)";

/// How many tables and other things there are.
pub(super) const COUNT_TABLES: &str = "SELECT COUNT(*) FROM sqlite_master";

/// For a connection that reads beside the desk.
const READING: &str = "PRAGMA busy_timeout = 10000; PRAGMA cache_size = -4096";

/// For a connection that fills an empty file in one transaction. Its pages go straight into the file: what the file did not
/// have, a rollback need not remember.
const FILLING: &str = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                       PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536";

/// Moves the write-ahead log into the one file. Another process in the middle of a transaction is waited for like any
/// lock.
pub(super) const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// Whether a write-ahead log stands beside the file, which only SQLite can merge.
pub(super) fn is_in_two_files(address: &str) -> bool {
    let mut name = path(address).into_os_string();
    name.push("-wal");
    std::fs::metadata(name).is_ok_and(|found| found.len() > 0)
}

/// The pools of the readers and of the writer. Several writers would fail on each other's locks. Of 16 under load some
/// failed, and the slowest hundredth took 5.2 s. With one writer none failed, and it took 0.4 s.
pub(super) async fn pools(address: &str, readers: u32) -> Result<(AnyPool, AnyPool), StoreError> {
    make_file(address)?;
    let address = if address.contains('?') { address.to_owned() } else { format!("{address}?mode=rwc") };
    let options = |size| {
        pool_of(size).after_connect(|connection, _| {
            Box::pin(async move { connection.execute(PRAGMAS).await.map(drop) })
        })
    };
    let unreachable =
        |error| StoreError::Unreachable { at: path(&address).display().to_string(), error: Arc::new(error) };
    let writer = options(1).connect(&address).await.map_err(unreachable)?;
    let readers = options(readers).connect(&address).await?;
    Ok((readers, writer))
}

/// A connection to a file that is there.
pub(super) async fn connect_to_read(address: &str) -> Result<AnyConnection, StoreError> {
    connect(address, "rw", READING).await
}

/// A connection that fills a file, which is made when missing, and the lock that keeps others from starting on it.
pub(super) async fn connect_to_fill(address: &str) -> Result<(AnyConnection, File), StoreError> {
    make_file(address)?;
    let held = migration_lock(address).await?;
    Ok((connect(address, "rwc", FILLING).await?, held))
}

async fn connect(address: &str, mode: &str, pragmas: &'static str) -> Result<AnyConnection, StoreError> {
    let named = if address.contains('?') { address.to_owned() } else { format!("{address}?mode={mode}") };
    let at = || path(address).display().to_string();
    let unreachable = |error| StoreError::Unreachable { at: at(), error: Arc::new(error) };
    let mut connection = AnyConnection::connect(&named).await.map_err(unreachable)?;
    connection.execute(pragmas).await.map_err(unreachable)?;
    Ok(connection)
}

/// Makes the file and its folder, if they are missing.
fn make_file(address: &str) -> Result<(), StoreError> {
    let folder = |error| StoreError::Folder(Arc::new(error));
    if let Some(parent) = path(address).parent().filter(|parent| !parent.as_os_str().is_empty()) {
        private::create_folder(parent).map_err(folder)?;
    }
    keep_to_ourselves(&path(address)).map_err(folder)
}

/// Makes the file, if it is missing, readable by this account alone; SQLite gives the files beside it the same
/// permissions. Permissions of earlier versions are restricted.
fn keep_to_ourselves(file: &Path) -> std::io::Result<()> {
    if is_in_memory(file) {
        return Ok(());
    }
    private::open(file)?;
    for beside in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(beside);
        if private::close_to_others(Path::new(&name))? {
            tracing::info!(file = %Path::new(&name).display(), "the file is closed to other accounts now");
        }
    }
    Ok(())
}

fn is_in_memory(file: &Path) -> bool {
    file.as_os_str() == ":memory:"
}

/// Statements as one text. sqlx executes them in order, and binds each value by its number.
pub(super) fn joined(statements: &[String]) -> String {
    statements.join("; ")
}

/// Locks out other processes that start on the same file, because sqlx takes no lock for SQLite. The lock ends when the
/// file is dropped, or with the process.
pub(super) async fn migration_lock(address: &str) -> Result<File, StoreError> {
    let mut name = path(address).into_os_string();
    name.push(".lock");
    tokio::task::spawn_blocking(move || {
        let file = private::open(Path::new(&name))?;
        file.lock()?;
        Ok(file)
    })
    .await
    .map_err(|_| StoreError::Closed)?
    .map_err(|error: std::io::Error| StoreError::Folder(Arc::new(error)))
}

/// The file of an address such as `sqlite:data/vigia.db?mode=rwc` or `sqlite:///var/lib/vigia.db`.
pub(super) fn path(address: &str) -> PathBuf {
    let rest = address.strip_prefix("sqlite:").unwrap_or(address);
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    Path::new(rest.split('?').next().unwrap_or(rest)).to_path_buf()
}

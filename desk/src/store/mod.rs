//! The database: SQLite in one file, or PostgreSQL for several nodes, with one SQL text.
//!
//! All writes go through `Store::write` and `Store::write_beside`, the transaction queues of a process (`writer`). Reads
//! take a connection of the pool. Statements of one engine are in `sqlite` and `postgres` alone.

mod beside;
mod catalog;
pub(crate) mod documents;
mod empty;
mod horizon;
mod postgres;
mod probe;
mod readers;
mod row;
mod rows;
mod scope;
mod search_index;
mod secrets;
mod sequences;
mod snapshot;
mod sqlite;
mod tls;
mod tx;
mod writer;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, Connection, Executor, SqlSafeStr};
use thiserror::Error;
use tokio::sync::Notify;

pub(crate) use catalog::{ColumnKind, TableShape};
pub(crate) use empty::{EmptyDatabase, Filling};
pub(crate) use horizon::Horizon;
pub use postgres::listen;
pub(crate) use postgres::{tell_call, tell_presence};
use readers::{ReadConnection, Readers};
pub(crate) use row::row;
pub(crate) use rows::{
    Part, Rows, Statement, Table, fitting, insert_all, list, portions, tuples, upsert_all, write_and_announce,
};
pub(crate) use scope::Guarded;
use scope::Scope;
pub(crate) use search_index::{AnyOf, Marked, documents, is_used, words_with};
pub(crate) use secrets::secret;
pub(crate) use sequences::{has_gaps, take_numbers, take_numbers_in_order};
pub(crate) use snapshot::Snapshot;
use tx::RoundTrips;
pub(crate) use tx::{EndsTx, Tx};
pub use writer::WRITER_WAIT;
use writer::{CommitSignals, Writer};

/// The migrations. A released one is never changed.
///
/// The numbers 5, 8 and 15 were never used. They stay unused, so that migrations have the same order in every database.
fn migrations() -> Migrator {
    let step = |version, name: &'static str, sql: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(vec![
        step(1, "desk", include_str!("../../migrations/0001_desk.sql")),
        step(2, "attention", include_str!("../../migrations/0002_attention.sql")),
        step(3, "visit", include_str!("../../migrations/0003_visit.sql")),
        step(4, "survey", include_str!("../../migrations/0004_survey.sql")),
        step(6, "files", include_str!("../../migrations/0006_files.sql")),
        step(7, "watch", include_str!("../../migrations/0007_watch.sql")),
        step(9, "older_waits", include_str!("../../migrations/0009_older_waits.sql")),
        step(10, "search", include_str!("../../migrations/0010_search.sql")),
        step(11, "mails_since", include_str!("../../migrations/0011_mails_since.sql")),
        step(12, "promises", include_str!("../../migrations/0012_promises.sql")),
        step(13, "limits", include_str!("../../migrations/0013_limits.sql")),
        step(14, "doors", include_str!("../../migrations/0014_doors.sql")),
        step(16, "register_search", include_str!("../../migrations/0016_register_search.sql")),
        step(17, "rank", include_str!("../../migrations/0017_rank.sql")),
        step(18, "visits", include_str!("../../migrations/0018_visits.sql")),
        step(19, "refusals", include_str!("../../migrations/0019_refusals.sql")),
        step(20, "due", include_str!("../../migrations/0020_due.sql")),
        step(21, "notices", include_str!("../../migrations/0021_notices.sql")),
        step(22, "mailboxes", include_str!("../../migrations/0022_mailboxes.sql")),
        step(23, "event_kinds", include_str!("../../migrations/0023_event_kinds.sql")),
        step(24, "settings", include_str!("../../migrations/0024_settings.sql")),
        step(25, "people", include_str!("../../migrations/0025_people.sql")),
        step(26, "second_factor", include_str!("../../migrations/0026_second_factor.sql")),
        step(28, "integrity", include_str!("../../migrations/0028_integrity.sql")),
        step(29, "provider", include_str!("../../migrations/0029_provider.sql")),
        step(30, "displays", include_str!("../../migrations/0030_displays.sql")),
        step(31, "display_authors", include_str!("../../migrations/0031_display_authors.sql")),
        step(32, "register", include_str!("../../migrations/0032_register.sql")),
        step(33, "imports", include_str!("../../migrations/0033_imports.sql")),
        step(34, "import_before", include_str!("../../migrations/0034_import_before.sql")),
        step(35, "setup", include_str!("../../migrations/0035_setup.sql")),
        step(36, "removed_numbers", include_str!("../../migrations/0036_removed_numbers.sql")),
        step(37, "retention", include_str!("../../migrations/0037_retention.sql")),
        step(38, "canned_replies", include_str!("../../migrations/0038_canned_replies.sql")),
        step(39, "mail_texts", include_str!("../../migrations/0039_mail_texts.sql")),
        step(40, "causes", include_str!("../../migrations/0040_causes.sql")),
        step(41, "questionnaires", include_str!("../../migrations/0041_questionnaires.sql")),
        step(42, "plan_status", include_str!("../../migrations/0042_plan_status.sql")),
        step(43, "formats", include_str!("../../migrations/0043_formats.sql")),
        step(44, "teams", include_str!("../../migrations/0044_teams.sql")),
        step(48, "register_terms", include_str!("../../migrations/0048_register_terms.sql")),
        step(49, "serial_formats", include_str!("../../migrations/0049_serial_formats.sql")),
        step(51, "search_documents", include_str!("../../migrations/0051_search_documents.sql")),
        step(53, "inbound", include_str!("../../migrations/0053_inbound.sql")),
        step(56, "integrations", include_str!("../../migrations/0056_integrations.sql")),
        step(57, "webhooks", include_str!("../../migrations/0057_webhooks.sql")),
        step(59, "message_files", include_str!("../../migrations/0059_message_files.sql")),
        step(63, "customers", include_str!("../../migrations/0063_customers.sql")),
        step(64, "calls", include_str!("../../migrations/0064_calls.sql")),
        step(67, "webhook_formats", include_str!("../../migrations/0067_webhook_formats.sql")),
        step(68, "monitoring", include_str!("../../migrations/0068_monitoring.sql")),
        step(69, "audit", include_str!("../../migrations/0069_audit.sql")),
        step(70, "chains", include_str!("../../migrations/0070_chains.sql")),
        step(71, "passkeys", include_str!("../../migrations/0071_passkeys.sql")),
        step(72, "sessions", include_str!("../../migrations/0072_sessions.sql")),
        step(73, "companies", include_str!("../../migrations/0073_companies.sql")),
        step(74, "factor_proofs", include_str!("../../migrations/0074_factor_proofs.sql")),
        step(75, "member_mailboxes", include_str!("../../migrations/0075_member_mailboxes.sql")),
        step(76, "alert_openings", include_str!("../../migrations/0076_alert_openings.sql")),
        step(78, "identity_providers", include_str!("../../migrations/0078_identity_providers.sql")),
        step(79, "person_identities", include_str!("../../migrations/0079_person_identities.sql")),
        step(80, "composed_roles", include_str!("../../migrations/0080_composed_roles.sql")),
        step(82, "case_links", include_str!("../../migrations/0082_case_links.sql")),
        step(83, "participants", include_str!("../../migrations/0083_participants.sql")),
        step(84, "customer_profiles", include_str!("../../migrations/0084_customer_profiles.sql")),
        step(85, "whatsapp", include_str!("../../migrations/0085_whatsapp.sql")),
        step(86, "whatsapp_messages", include_str!("../../migrations/0086_whatsapp_messages.sql")),
        step(88, "provider_sign_outs", include_str!("../../migrations/0088_provider_sign_outs.sql")),
    ])
}

/// The last step of the schema that this program knows.
pub(crate) fn newest_schema() -> i64 {
    migrations().iter().map(|step| step.version).max().unwrap_or_default()
}

/// Number of connections for readers. The reference machine has two cores; more readers would only wait.
const READERS: u32 = 4;

/// Number of connections for writers on PostgreSQL. One of them is for openings.
const WRITERS: u32 = 5;

/// A connection that served this recently is not tested, since a test costs a trip.
const SURELY_ALIVE: Duration = Duration::from_secs(1);

/// The longest wait for a connection: an error is better than a page that never comes.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The longest wait of closing for readers and writers.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// A pool of at most `size` connections.
fn pool_of(size: u32) -> AnyPoolOptions {
    let pool = AnyPoolOptions::new().max_connections(size).acquire_timeout(CONNECT_WITHIN);
    pool.test_before_acquire(false).before_acquire(|connection, meta| {
        Box::pin(async move {
            if meta.idle_for > SURELY_ALIVE {
                connection.ping().await?;
            }
            Ok(true)
        })
    })
}

/// Database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file, no server.
    Sqlite,
    /// A server, for several nodes.
    Postgres,
}

/// The engine that an address names.
fn engine_of(address: &str) -> Result<Engine, StoreError> {
    match address.split_once(':') {
        Some(("sqlite", _)) => Ok(Engine::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(Engine::Postgres),
        _ => Err(StoreError::Address(address.chars().take_while(|c| *c != ':').collect())),
    }
}

/// The address with TLS demanded where it crosses a network.
fn secured(engine: Engine, address: &str) -> Cow<'_, str> {
    match engine {
        Engine::Sqlite => Cow::Borrowed(address),
        Engine::Postgres => tls::secured(address, &tls::Environment::read()),
    }
}

/// Brings the schema up to date, and the numbers to come above all that are there.
async fn prepare(engine: Engine, writers: &AnyPool) -> Result<(), StoreError> {
    let mut connection = writers.acquire().await?;
    if engine == Engine::Postgres {
        connection.execute(postgres::BEFORE_MIGRATION).await?;
    }
    // `run` borrows the connection in a way that the compiler does not let cross threads (sqlx 0.9). None is left out.
    let migrated = migrations().run_direct(None, &mut *connection, false).await;
    migrated.map_err(|error| StoreError::Migration(Arc::new(error)))?;
    search_index::prepare(&mut connection, engine).await?;
    if engine == Engine::Postgres {
        connection.execute(postgres::AFTER_MIGRATION).await?;
    }
    if sequences::are_above(&mut connection, engine).await? {
        return Ok(());
    }
    let mut tx = Tx::new(connection, engine);
    tx.begin(RoundTrips::Free, &Scope::Alone).await?;
    sequences::raise(tx.connection(), engine).await?;
    tx.commit().await
}

/// A failure of the database.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// The address of the database is neither `sqlite:` nor `postgres:`.
    #[error("the database address must begin with sqlite: or postgres:, not {0:?}")]
    Address(String),
    /// The database refused or failed; try again later. Logged, never displayed.
    #[error("the database failed: {0}")]
    Database(Arc<sqlx::Error>),
    /// No database answers at the address, or it refuses the sign-in. The password of the address is omitted.
    #[error("the database {at} cannot be reached: {error}")]
    Unreachable {
        /// The address without its password.
        at: String,
        /// The cause.
        error: Arc<sqlx::Error>,
    },
    /// The server lacks the settings that keep a stopped node from blocking the others.
    #[error("the database server is too old: PostgreSQL 14 or later is needed")]
    TooOld,
    /// The schema could not be migrated.
    #[error("the schema could not be brought up to date: {0}")]
    Migration(Arc<sqlx::migrate::MigrateError>),
    /// The folder or the lock file of the database cannot be used.
    #[error("the folder of the database cannot be used: {0}")]
    Folder(Arc<std::io::Error>),
    /// A whole desk was to be written where something is already. Name another place.
    #[error("the database is not empty")]
    NotEmpty,
    /// The database is there, and holds no desk.
    #[error("the database holds no desk: {0}")]
    NoDesk(Arc<sqlx::Error>),
    /// A row has data of no known version.
    #[error("table {table}: {what}")]
    Inconsistent {
        /// Name of its table.
        table: &'static str,
        /// The wrong or missing data.
        what: String,
    },
    /// The database did not answer in time.
    #[error("the database did not answer in time")]
    Slow,
    /// The desk is shutting down.
    #[error("the desk is shutting down")]
    Closed,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl StoreError {
    /// A row of `table` with wrong data.
    pub(crate) fn inconsistent(table: &'static str, what: impl std::fmt::Display) -> Self {
        Self::Inconsistent { table, what: what.to_string() }
    }
}

/// A connected database.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    address: Arc<str>,
    readers: Readers,
    writer: Writer,
    signals: CommitSignals,
}

impl std::fmt::Debug for Store {
    /// The address is omitted, since it may have a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Store {
    /// Connects to `sqlite:PATH` (file and folder are made when missing) or `postgres://…`. It migrates the schema
    /// under a lock, so that several processes can start at once.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connect(address: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let engine = engine_of(address)?;
        let address = &*secured(engine, address);
        let (readers, writer) = match engine {
            Engine::Sqlite => sqlite::pools(address, READERS).await?,
            Engine::Postgres => postgres::pools(address, READERS).await?,
        };
        let _held = match engine {
            Engine::Sqlite => Some(sqlite::migration_lock(address).await?),
            // sqlx takes an advisory lock of its own here.
            Engine::Postgres => None,
        };
        if let Err(error) = prepare(engine, &writer).await {
            readers.close().await;
            writer.close().await;
            return Err(error);
        }
        let signals = CommitSignals::default();
        let writer = Writer::start(writer, engine, signals.clone());
        let readers = Readers::new(readers, READERS);
        Ok(Self { engine, address: address.into(), readers, writer, signals })
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// The address of the connection. It may have a password.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Notified after every commit of this process with entries.
    pub(crate) fn committed(&self) -> Arc<Notify> {
        Arc::clone(&self.signals.committed)
    }

    /// Notified after every commit of this process with mails but no entries.
    pub(crate) fn mails(&self) -> Arc<Notify> {
        Arc::clone(&self.signals.mails)
    }

    /// Notified after every commit of this process with deliveries to webhooks.
    pub(crate) fn deliveries(&self) -> Arc<Notify> {
        Arc::clone(&self.signals.deliveries)
    }

    /// A connection for reading.
    pub(crate) async fn reader(&self) -> Result<ReadConnection, StoreError> {
        self.readers.take().await
    }

    /// Runs `work` in a transaction, alone: nothing that it reads changes until its commit. It is durable when this returns
    /// `Ok`; otherwise nothing happened.
    ///
    /// On SQLite works that wait at the same time share one commit. Each has its own savepoint, so that a refused one
    /// takes no other with it.
    pub(crate) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// The same beside works about other subjects. `subjects` are all that it reads and then writes; it takes others by
    /// [`Tx::lock`] before it reads them. When the server ends its transaction, it runs again.
    pub(crate) async fn write_beside<T, E, F>(&self, subjects: Vec<Guarded>, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Clone + Send + 'static,
    {
        self.writer.write_beside(RoundTrips::Free, Scope::Beside(subjects), work).await
    }

    /// The same for a work that first reads by [`Tx::ask`] and last writes by [`write_and_announce`]. It must not use
    /// the connection otherwise.
    pub(crate) async fn write_in_few_trips<T, E, F>(&self, subjects: Vec<Guarded>, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Clone + Send + 'static,
    {
        self.writer.write_beside(RoundTrips::Batched, Scope::Beside(subjects), work).await
    }

    /// Finishes all reads and writes, and closes every connection. A SQLite database is then complete in its one file,
    /// unless another process has it open. Later requests are refused.
    pub async fn close(&self) {
        let closing = async {
            self.writer.close().await;
            self.readers.close().await;
        };
        if tokio::time::timeout(CLOSE_WITHIN, closing).await.is_err() {
            tracing::warn!("the database was not closed in time: a connection is still in use");
        }
        if self.engine == Engine::Sqlite && sqlite::is_in_two_files(&self.address) {
            tracing::warn!(
                "the newest changes stand in the file that ends in -wal: it belongs to the database"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn every_migration_file_is_a_step_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let files: BTreeSet<String> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        let migrations = migrations();
        let steps: Vec<String> =
            migrations.iter().map(|step| format!("{:04}_{}.sql", step.version, step.description)).collect();
        let forgotten: Vec<&String> = files.iter().filter(|file| !steps.contains(file)).collect();
        assert!(forgotten.is_empty(), "no steps: {forgotten:?}");
        assert!(steps.is_sorted() && steps.len() == files.len(), "{steps:?}");
        for (step, name) in migrations.iter().zip(&steps) {
            let text = fs::read_to_string(format!("{folder}/{name}")).unwrap();
            assert_eq!(step.sql.as_str(), text, "{name}");
        }
    }
}

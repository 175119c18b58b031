//! PostgreSQL only: transactions beside each other, the numbers of their rows, and announcements of other nodes' commits.

use std::io::{self, ErrorKind};
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use sqlx::postgres::{PgConnectOptions, PgListener};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection, Executor};
use tokio::sync::Notify;

use super::scope::{Guarded, Scope, locks};
use super::{CONNECT_WITHIN, Engine, Store, StoreError, WRITERS, pool_of};

/// The lock that every writing transaction holds until its end: shared with others, or alone. Its number is ours
/// ("vigia"). Builds before it took it for a session, alone.
const WRITING: &str = "508574525793";

/// How many numbers a transaction can give to its rows, as a power of two. Numbers of later transactions are higher.
pub(super) const NUMBERS: u32 = 20;

/// The number below which no transaction gives one: what rows had before they came into this database.
const BASE: &str =
    "COALESCE((SELECT MAX(value) FROM sequences WHERE name IN ('feed', 'outbox', 'transactions')), 0)";

/// How long a transaction may stand between two statements, in milliseconds: some works draw documents there.
const IDLE_MS: u32 = 1500;
/// The same for openings. Those of other nodes wait for them, and they do little between two statements.
const OPENING_IDLE_MS: u32 = 750;

/// Begins a transaction of its scope. Gives, last, the first of its own numbers.
///
/// All of it is one trip. The limits hold for the transaction alone, so that a pooler may give each transaction another
/// session. A node may stop while its connection lives: a paused machine, a stuck disk. The server ends its transaction
/// then, and with it the locks. A statement is ended later: a stopped node leaves none running, and a commit on a slow
/// disk must not be cut off. The wait for a lock has no limit but its holder's.
///
/// The transaction gets its id after the locks: readers wait for the lowest id (see [`OPEN`]), and must not wait for one
/// that waits itself.
pub(super) fn begin(scope: &Scope) -> String {
    let (mode, subjects) = match scope {
        Scope::Alone => ("", &[][..]),
        Scope::Beside(subjects) => ("_shared", &subjects[..]),
    };
    let is_opening = subjects.iter().any(|subject| matches!(subject, Guarded::Series(_)));
    let idle_ms = if is_opening { OPENING_IDLE_MS } else { IDLE_MS };
    let locks = lock(subjects).map(|text| text + "; ").unwrap_or_default();
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = {idle_ms}; \
         SELECT pg_advisory_xact_lock{mode}({WRITING}); {locks}SET LOCAL statement_timeout = 10000; \
         SELECT (CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT) << {NUMBERS}) + {BASE}"
    )
}

/// Locks subjects until the end of the transaction; `None` for none.
pub(super) fn lock(subjects: &[Guarded]) -> Option<String> {
    let locks = locks(subjects);
    let parts: Vec<String> =
        locks.iter().map(|lock| format!("pg_advisory_xact_lock({})", lock.arguments())).collect();
    // The expressions of a list are computed from left to right.
    (!parts.is_empty()).then(|| format!("SELECT {}", parts.join(", ")))
}

/// Up to where the history is complete, as one statement sees it. The newest entry, and the lowest number that a transaction
/// which has not ended may still give to one.
///
/// Transactions of other databases count as well; [`RUNNING`] tells them apart.
pub(super) static OPEN: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT COALESCE((SELECT MAX(seq) FROM case_events), 0),
                (CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT) << {NUMBERS}) + {BASE}"
    )
});

/// The lowest number that a transaction of this database may still give. The lowest of transactions counts as well of which
/// it is not known where they run: they are just beginning or ending. Entries below both are there for a statement that
/// begins later.
///
/// A transaction is left out only if its process is known to serve another database. Ids that are not given yet are
/// higher than all of the snapshot.
pub(super) static RUNNING: LazyLock<String> = LazyLock::new(|| {
    format!(
        "WITH moment AS MATERIALIZED (SELECT pg_current_snapshot() AS seen),
              running AS MATERIALIZED (
                  SELECT CAST(CAST(pg_snapshot_xip(seen) AS TEXT) AS BIGINT) AS id FROM moment),
              held AS MATERIALIZED (
                  SELECT CAST(CAST(transactionid AS TEXT) AS BIGINT) AS id, pid FROM pg_locks
                  WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted),
              placed AS MATERIALIZED (
                  SELECT running.id, COALESCE(a.datid, (
                      SELECT d.oid FROM pg_prepared_xacts p JOIN pg_database d ON d.datname = p.database
                      WHERE CAST(CAST(p.transaction AS TEXT) AS BIGINT) = running.id & 4294967295)) AS datid
                  FROM running LEFT JOIN held ON held.id = running.id & 4294967295
                  LEFT JOIN pg_stat_activity a ON a.pid = held.pid),
              ahead AS MATERIALIZED (
                  SELECT CAST(CAST(pg_snapshot_xmax(seen) AS TEXT) AS BIGINT) AS id FROM moment)
         SELECT (LEAST(ahead.id, (SELECT MIN(id) FROM placed WHERE datid = d.oid)) << {NUMBERS}) + {BASE},
                (LEAST(ahead.id, (SELECT MIN(id) FROM placed WHERE datid IS NULL)) << {NUMBERS}) + {BASE}
         FROM ahead, pg_database d WHERE d.datname = current_database()"
    )
});

/// The lowest number that transactions after this statement may give.
pub(super) static NEXT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT (CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT) << {NUMBERS}) + {BASE}"
    )
});

/// Settings of a writer's connection. A session with a blocked network, or idle in a transaction outside of [`begin`], is
/// ended. Lost nodes that wait are detected within half a minute.
const SET_UP: &str = "SET idle_in_transaction_session_timeout = 1500; SET tcp_user_timeout = 2000; \
     SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// For the migration: sqlx holds its lock for the session. A node that stops during a start blocks other starts for ten
/// seconds at most.
pub(super) const BEFORE_MIGRATION: &str = "SET idle_session_timeout = 10000";
/// The connection may be idle from now on.
pub(super) const AFTER_MIGRATION: &str = "SET idle_session_timeout = 0";

/// Compression of mails, which by the default method costs much of the row's time. A server without lz4 uses the
/// default.
const COMPRESS_WELL: &str = "SET default_toast_compression = lz4";

/// The first version that ends a session idle outside a transaction.
const OLDEST: u32 = 140_000;

/// Announces a commit. The announcement has no content: readers follow the numbers.
///
/// It is sent after the commit, in a transaction of its own. The server lets only one transaction with an announcement
/// commit at a time: each would wait for the disk alone.
pub(super) const ANNOUNCE: &str = "SELECT pg_notify('vigia_feed', '')";
const CHANNEL: &str = "vigia_feed";
/// The channel of presence. Its content is the sign itself, which no table has.
const PRESENCE: &str = "vigia_presence";
/// The channel of calls. Its content is the id of the agent whose call has changed.
const CALLS: &str = "vigia_calls";

/// Begins to read one moment: what is committed later is not seen.
pub(super) const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Every column of every table, with its kind, in order. Columns that the engine derives from others are left out.
pub(super) const COLUMNS: &str = "SELECT c.table_name::text, c.column_name::text, c.data_type::text \
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) \
     WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name <> '_sqlx_migrations' \
     AND c.is_generated = 'NEVER' \
     ORDER BY c.table_name, c.ordinal_position";

/// The server's clock: UTC seconds.
pub(super) const CLOCK: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)";

/// How many tables and other things there are.
pub(super) const COUNT_TABLES: &str = "SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()";

/// One connection, beside those of the pools.
pub(super) async fn connect(address: &str) -> Result<AnyConnection, StoreError> {
    reach(address).await?;
    let mut connection = AnyConnection::connect(address).await?;
    if let Err(error) = connection.execute(COMPRESS_WELL).await {
        tracing::debug!(%error, "mails are compressed in the older way");
    }
    Ok(connection)
}

/// The pools of the readers and of the writers.
pub(super) async fn pools(address: &str, readers: u32) -> Result<(AnyPool, AnyPool), StoreError> {
    reach(address).await?;
    let writers = pool_of(WRITERS).after_connect(|connection, _| {
        Box::pin(async move {
            connection.execute(SET_UP).await?;
            if let Err(error) = connection.execute(COMPRESS_WELL).await {
                tracing::debug!(%error, "mails are compressed in the older way");
            }
            Ok(())
        })
    });
    Ok((pool_of(readers).connect(address).await?, writers.connect(address).await?))
}

/// Connects once before the pools, which retry for a while and do not report the cause.
async fn reach(address: &str) -> Result<(), StoreError> {
    let options = PgConnectOptions::from_str(address)?;
    let at = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let unreachable = |error| StoreError::Unreachable { at: at.clone(), error: Arc::new(error) };
    let connecting = tokio::time::timeout(CONNECT_WITHIN, options.connect());
    let connection = connecting.await.unwrap_or_else(|_| Err(io::Error::from(ErrorKind::TimedOut).into()));
    let connection = connection.map_err(unreachable)?;
    let is_too_old = connection.server_version_num().is_some_and(|version| version < OLDEST);
    connection.close().await.map_err(unreachable)?;
    if is_too_old { Err(StoreError::TooOld) } else { Ok(()) }
}

/// Statements as one that executes all of them. With bound values, PostgreSQL takes one statement per trip.
pub(super) fn joined(statements: &[String]) -> String {
    let parts = statements.iter().enumerate().map(|(place, text)| format!("part{place} AS ({text})"));
    format!("WITH {} SELECT 1", parts.collect::<Vec<_>>().join(", "))
}

/// Notifies `heard` whenever a node commits, for as long as it is polled. Calls `present` with every sign of presence, and
/// `called` with every agent whose call has changed. On SQLite it returns at once. After a lost connection, which sqlx
/// renews, it notifies once, so that nothing is missed.
///
/// # Errors
/// When the connection cannot be made.
pub async fn listen(
    store: &Store,
    heard: Arc<Notify>,
    present: impl Fn(&str) + Send,
    called: impl Fn(&str) + Send,
) -> Result<(), StoreError> {
    if store.engine() == Engine::Sqlite {
        return Ok(());
    }
    let mut listener = PgListener::connect(store.address()).await?;
    listener.listen_all([CHANNEL, PRESENCE, CALLS]).await?;
    // Commits before the subscription were announced to nobody.
    heard.notify_one();
    loop {
        match listener.try_recv().await? {
            Some(told) if told.channel() == PRESENCE => present(told.payload()),
            Some(told) if told.channel() == CALLS => called(told.payload()),
            Some(_) | None => heard.notify_one(),
        }
    }
}

/// Sends a sign of presence to all nodes, this one included.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn tell_presence(store: &Store, told: &str) -> Result<(), StoreError> {
    let mut connection = store.reader().await?;
    sqlx::query("SELECT pg_notify('vigia_presence', $1)").bind(told).execute(&mut *connection).await?;
    Ok(())
}

/// Tells all nodes, this one included, that a call of an agent has changed. On SQLite there is no other node.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn tell_call(store: &Store, agent: &str) -> Result<(), StoreError> {
    if store.engine() == Engine::Sqlite {
        return Ok(());
    }
    let mut connection = store.reader().await?;
    sqlx::query("SELECT pg_notify('vigia_calls', $1)").bind(agent).execute(&mut *connection).await?;
    Ok(())
}

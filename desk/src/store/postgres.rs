//! PostgreSQL only: one writer at a time, and announcements of other nodes' commits.

use std::io::{self, ErrorKind};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection, Executor};
use tokio::sync::Notify;

use super::{CONNECT_WITHIN, Engine, Store, StoreError, pool_of};

/// The statement that takes the lock, with others in the same trip.
macro_rules! become_only_writer {
    ($then:literal) => {
        concat!(
            "BEGIN; SET idle_session_timeout = 1500; COMMIT; \
             BEGIN; SELECT pg_advisory_lock(508574525793); SET statement_timeout = 10000; COMMIT",
            $then
        )
    };
}

/// Waits until no other node writes, and holds the lock until [`GIVE_WAY`] or the end of the connection. The lock's
/// number is ours alone ("vigia").
///
/// A node may stop while its connection lives: a paused machine, a stuck disk. So the server must end the idle session
/// of a node with the lock. The limit is set before the lock is requested, because a stopped node may get it while it
/// waits. Each setting has a transaction of its own, or a later rollback would undo it. The wait for the lock has no
/// limit but its holder's.
pub(super) const BECOME_ONLY_WRITER: &str = become_only_writer!("");
/// The same in one trip with the beginning of a transaction, which sees all commits until then.
pub(super) const BEGIN_AS_ONLY_WRITER: &str = become_only_writer!("; BEGIN");
/// Releases the lock. The connection may be idle from now on.
pub(super) const GIVE_WAY: &str =
    "SELECT pg_advisory_unlock(508574525793); SET idle_session_timeout = 0; SET statement_timeout = 0";

/// A node that has held the lock for longer was stopped meanwhile, and the server may have given the lock away: its
/// connection is discarded. The limit is well above normal use, and below the times of [`SET_UP`].
pub(super) const SURELY_HELD: Duration = Duration::from_secs(1);

/// Settings of the writer's connection. A session idle in a transaction, or with a blocked network, holds the lock no
/// longer than this. A node that stops during a start blocks other starts for ten seconds at most. Lost nodes that wait
/// are detected within half a minute.
const SET_UP: &str = "SET idle_in_transaction_session_timeout = 1500; SET idle_session_timeout = 10000; \
     SET tcp_user_timeout = 2000; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
     SET tcp_keepalives_count = 3";

/// Compression of mails, which by the default method costs much of the row's time. A server without lz4 uses the
/// default.
const COMPRESS_WELL: &str = "SET default_toast_compression = lz4";

/// The first version that ends a session idle outside a transaction.
const OLDEST: u32 = 140_000;

/// Announces a commit. The announcement has no content: readers follow the sequence.
pub(super) const ANNOUNCE: &str = "SELECT pg_notify('vigia_feed', '')";
const CHANNEL: &str = "vigia_feed";
/// The channel of presence. Its content is the sign itself, which no table has.
const PRESENCE: &str = "vigia_presence";

/// Begins to read one moment: what is committed later is not seen.
pub(super) const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Every column of every table, with its kind, in order.
pub(super) const COLUMNS: &str = "SELECT c.table_name::text, c.column_name::text, c.data_type::text \
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) \
     WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name <> '_sqlx_migrations' \
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

/// The pools of the readers and of the writer.
pub(super) async fn pools(address: &str, readers: u32) -> Result<(AnyPool, AnyPool), StoreError> {
    reach(address).await?;
    let writer = pool_of(1).after_connect(|connection, _| {
        Box::pin(async move {
            connection.execute(SET_UP).await?;
            if let Err(error) = connection.execute(COMPRESS_WELL).await {
                tracing::debug!(%error, "mails are compressed in the older way");
            }
            Ok(())
        })
    });
    Ok((pool_of(readers).connect(address).await?, writer.connect(address).await?))
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

/// Statements as one that executes all of them and announces the commit. With bound values, PostgreSQL takes one
/// statement per trip.
pub(super) fn joined(statements: &[String]) -> String {
    let parts = statements.iter().enumerate().map(|(place, text)| format!("part{place} AS ({text})"));
    format!("WITH {} {ANNOUNCE}", parts.collect::<Vec<_>>().join(", "))
}

/// Notifies `heard` whenever a node commits, and calls `present` with every sign of presence, for as long as it is
/// polled. On SQLite it returns at once. After a lost connection, which sqlx renews, it notifies once, so that nothing
/// is missed.
///
/// # Errors
/// When the connection cannot be made.
pub async fn listen(
    store: &Store,
    heard: Arc<Notify>,
    present: impl Fn(&str) + Send,
) -> Result<(), StoreError> {
    if store.engine() == Engine::Sqlite {
        return Ok(());
    }
    let mut listener = PgListener::connect(store.address()).await?;
    listener.listen_all([CHANNEL, PRESENCE]).await?;
    // Commits before the subscription were announced to nobody.
    heard.notify_one();
    loop {
        match listener.try_recv().await? {
            Some(told) if told.channel() == PRESENCE => present(told.payload()),
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

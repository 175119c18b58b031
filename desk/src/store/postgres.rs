//! What is particular to PostgreSQL: one writer at a time, and hearing what other nodes commit.

use std::io::{self, ErrorKind};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection, Executor};
use tokio::sync::Notify;

use super::{CONNECT_WITHIN, Engine, Store, StoreError, pool_of};

/// The text that takes the lock, with what follows in the same trip.
macro_rules! become_only_writer {
    ($then:literal) => {
        concat!(
            "BEGIN; SET idle_session_timeout = 1500; COMMIT; \
             BEGIN; SELECT pg_advisory_lock(508574525793); SET statement_timeout = 10000; COMMIT",
            $then
        )
    };
}

/// Waits until no other node of the desk writes, and keeps them from it until [`GIVE_WAY`] or the end of the connection. The
/// number is ours alone ("vigia").
///
/// A node may stop in the middle: a paused machine, a stuck disk. Its connection lives on, so the server itself must end
/// the session of a node that holds the lock and does nothing. That is set before the lock is asked for: the lock may be
/// given to a node that has stopped while it waited. Each setting has a transaction of its own, or a later rollback would
/// take it back. Waiting for the lock has no limit but those that its holder is under.
pub(super) const BECOME_ONLY_WRITER: &str = become_only_writer!("");
/// The same in one trip with the beginning of a transaction, which sees what was committed until then.
pub(super) const BEGIN_AS_ONLY_WRITER: &str = become_only_writer!("; BEGIN");
/// Lets other nodes write. The connection may rest from now on.
pub(super) const GIVE_WAY: &str =
    "SELECT pg_advisory_unlock(508574525793); SET idle_session_timeout = 0; SET statement_timeout = 0";

/// A node that has held the lock for longer has been stopped meanwhile, and the server may have given the lock to another:
/// its connection is not used any more. Well above what a node ever holds it, below [`SET_UP`]'s times.
pub(super) const SURELY_HELD: Duration = Duration::from_secs(1);

/// How the connection of the writer is set up. What is idle in a transaction holds the lock: other nodes wait for it no
/// longer than this, nor for one whose network does not take what it is sent. A node that stops in the middle of a start
/// keeps other nodes from starting no longer than ten seconds. Those that are gone while they wait are missed within half a
/// minute.
const SET_UP: &str = "SET idle_in_transaction_session_timeout = 1500; SET idle_session_timeout = 10000; \
     SET tcp_user_timeout = 2000; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
     SET tcp_keepalives_count = 3";

/// Mails are long enough to be compressed, which the older way costs much of what their row costs. A server that cannot
/// stays with that.
const COMPRESS_WELL: &str = "SET default_toast_compression = lz4";

/// The first version that ends a session that is idle outside of a transaction.
const OLDEST: u32 = 140_000;

/// The channel on which a commit is announced. The announcement carries nothing: readers follow the sequence.
pub(super) const ANNOUNCE: &str = "SELECT pg_notify('vigia_feed', '')";
const CHANNEL: &str = "vigia_feed";
/// The channel on which nodes tell each other who has which case open. What is told is the news itself: it stands in no
/// table.
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

/// The readers and the one writer.
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

/// Connects once, before pools do: those try for a while, and then do not say what is wrong.
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

/// Statements as one that does what all of them do and announces the commit: with values bound, PostgreSQL takes but one
/// statement a trip.
pub(super) fn joined(statements: &[String]) -> String {
    let parts = statements.iter().enumerate().map(|(place, text)| format!("part{place} AS ({text})"));
    format!("WITH {} {ANNOUNCE}", parts.collect::<Vec<_>>().join(", "))
}

/// Wakes `heard` whenever any node commits, and calls `present` with what any node tells of presence, for as long as it is
/// polled; returns at once on SQLite, where this process
/// is the only one that matters. A lost connection is made again by sqlx, and counts as news: nothing is missed.
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
    // What was committed before anybody listened was announced to nobody.
    heard.notify_one();
    loop {
        match listener.try_recv().await? {
            Some(told) if told.channel() == PRESENCE => present(told.payload()),
            Some(_) | None => heard.notify_one(),
        }
    }
}

/// Tells all nodes, this one included, something of presence.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn tell_presence(store: &Store, told: &str) -> Result<(), StoreError> {
    let mut connection = store.reader().await?;
    sqlx::query("SELECT pg_notify('vigia_presence', $1)").bind(told).execute(&mut *connection).await?;
    Ok(())
}

//! What is particular to PostgreSQL: one writer at a time, and hearing what other nodes commit.

use std::sync::Arc;

use sqlx::postgres::PgListener;
use sqlx::{AnyPool, Executor};
use tokio::sync::Notify;

use super::{Engine, Store, StoreError, pool_of};

/// Waits until no other node of the desk writes, and keeps them from it until [`GIVE_WAY`] or the end of the connection. The
/// number is ours alone ("vigia").
pub(super) const BECOME_ONLY_WRITER: &str = "SELECT pg_advisory_lock(508574525793)";
/// The same in one trip with the beginning of a transaction, which sees what was committed until then.
pub(super) const BEGIN_AS_ONLY_WRITER: &str = "BEGIN; SELECT pg_advisory_lock(508574525793)";
/// Lets other nodes write.
pub(super) const GIVE_WAY: &str = "SELECT pg_advisory_unlock(508574525793)";

/// How the connection of the writer is set up.
///
/// A node that is gone without a word keeps others from writing until the server misses it: within half a minute. Mails are
/// long enough to be compressed, which the older way costs much of what their row costs; a server that does not know this
/// one stays with that.
const SET_UP: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
     DO $$ BEGIN SET default_toast_compression = lz4; EXCEPTION WHEN OTHERS THEN NULL; END $$";

/// The channel on which a commit is announced. The announcement carries nothing: readers follow the sequence.
pub(super) const ANNOUNCE: &str = "SELECT pg_notify('vigia_feed', '')";
const CHANNEL: &str = "vigia_feed";
/// The channel on which nodes tell each other who has which case open. What is told is the news itself: it stands in no
/// table.
const PRESENCE: &str = "vigia_presence";

/// The readers and the one writer.
pub(super) async fn pools(address: &str, readers: u32) -> Result<(AnyPool, AnyPool), StoreError> {
    let writer = pool_of(1)
        .after_connect(|connection, _| Box::pin(async move { connection.execute(SET_UP).await.map(drop) }));
    Ok((pool_of(readers).connect(address).await?, writer.connect(address).await?))
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

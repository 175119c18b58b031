//! What is particular to PostgreSQL: one writer at a time, and hearing what other nodes commit.

use std::sync::Arc;

use sqlx::postgres::PgListener;
use tokio::sync::Notify;

use super::{Engine, Store, StoreError};

/// Begins, and waits until this transaction is the only one of the desk that writes: in one trip. The number is ours alone
/// ("vigia").
pub(super) const BEGIN_AS_ONLY_WRITER: &str = "BEGIN; SELECT pg_advisory_xact_lock(508574525793)";

/// The channel on which a commit is announced. The announcement carries nothing: readers follow the sequence.
pub(super) const ANNOUNCE: &str = "SELECT pg_notify('vigia_feed', '')";
const CHANNEL: &str = "vigia_feed";
/// The channel on which nodes tell each other who has which case open. What is told is the news itself: it stands in no
/// table.
const PRESENCE: &str = "vigia_presence";

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

//! The connections of readers, some of them idle and ready.
//!
//! A pool of sqlx tests each returned connection in a task, which costs one more trip per read. A reader that has read
//! all answers completely calls [`ReadConnection::done`], and the next one takes the connection untested. All other
//! connections return to the pool.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{SURELY_ALIVE, StoreError};

/// The connections of readers.
#[derive(Clone)]
pub(super) struct Readers {
    pool: AnyPool,
    /// One permit per connection: its holder finds one, idle or in the pool.
    turns: Arc<Semaphore>,
    at_hand: Arc<AtHand>,
}

/// Idle connections that need no test, the last used last.
#[derive(Default)]
struct AtHand(Mutex<IdleConnections>);

#[derive(Default)]
struct IdleConnections {
    connections: Vec<(PoolConnection<Any>, Instant)>,
    /// The store is closed.
    is_closed: bool,
}

impl Readers {
    /// Over a pool of `size` connections without other users.
    pub(super) fn new(pool: AnyPool, size: u32) -> Self {
        let turns = usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS);
        Self { pool, turns: Arc::new(Semaphore::new(turns)), at_hand: Arc::default() }
    }

    /// A connection, as soon as one is free.
    pub(super) async fn take(&self) -> Result<ReadConnection, StoreError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let connection = match self.at_hand.take() {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        Ok(ReadConnection { connection, at_hand: Arc::clone(&self.at_hand), _turn: turn })
    }

    /// Refuses new readers, waits for the present ones, and closes every connection.
    pub(super) async fn close(&self) {
        self.turns.close();
        self.at_hand.close();
        self.pool.close().await;
    }
}

impl AtHand {
    /// The connection used last, if that was recent; others return to the pool and are tested there.
    fn take(&self) -> Option<PoolConnection<Any>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.connections.retain(|(_, since)| since.elapsed() <= SURELY_ALIVE);
        kept.connections.pop().map(|(connection, _)| connection)
    }

    fn keep(&self, connection: PoolConnection<Any>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Closed meanwhile: it returns to the pool, which waits for it.
        if !kept.is_closed {
            kept.connections.push((connection, Instant::now()));
        }
    }

    fn close(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.is_closed = true;
        kept.connections.clear();
    }
}

impl Drop for AtHand {
    /// The store is gone, and perhaps the runtime of its pool: the connections are closed here.
    fn drop(&mut self) {
        for (connection, _) in self.0.get_mut().unwrap_or_else(PoisonError::into_inner).connections.drain(..)
        {
            drop(connection.detach());
        }
    }
}

/// A connection for reading.
pub(crate) struct ReadConnection {
    connection: PoolConnection<Any>,
    at_hand: Arc<AtHand>,
    /// Dropped last, when the connection is where the next reader looks for it.
    _turn: OwnedSemaphorePermit,
}

impl ReadConnection {
    /// All answers were read completely, without a failure: the next reader can take the connection at once.
    pub(crate) fn done(self) {
        self.at_hand.keep(self.connection);
    }
}

impl Deref for ReadConnection {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for ReadConnection {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Executor;
    use sqlx::any::AnyPoolOptions;

    use super::*;

    async fn one_reader(folder: &tempfile::TempDir) -> Readers {
        sqlx::any::install_default_drivers();
        let address = format!("sqlite:{}?mode=rwc", folder.path().join("desk.db").display());
        Readers::new(AnyPoolOptions::new().max_connections(1).connect(&address).await.unwrap(), 1)
    }

    #[tokio::test]
    async fn waiting_reader_gets_the_released_connection() {
        let folder = tempfile::tempdir().unwrap();
        let readers = one_reader(&folder).await;
        let mut first = readers.take().await.unwrap();
        first.execute("CREATE TEMP TABLE mine (n BIGINT)").await.unwrap();
        let waiting = readers.clone();
        let second = tokio::spawn(async move { waiting.take().await.unwrap() });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        first.done();
        let mut second = second.await.unwrap();
        // Another connection would not have the table.
        second.execute("SELECT n FROM mine").await.unwrap();
        // A dropped connection also returns, through the pool.
        drop(second);
        readers.take().await.unwrap().execute("SELECT 1").await.unwrap();
    }

    #[test]
    fn idle_connections_are_closed_without_a_runtime() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let readers = runtime.block_on(async {
            let readers = one_reader(&folder).await;
            readers.take().await.unwrap().done();
            readers
        });
        drop(runtime);
        drop(readers);
    }
}

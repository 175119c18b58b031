//! The one queue through which a process writes.
//!
//! A durable commit costs a flush to the disk, whatever it holds. So the works that are waiting when a transaction
//! begins share it: under load several cases are opened per flush, without load nobody waits for company.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Executor};
use tokio::sync::{Notify, mpsc, oneshot};

use super::{Engine, StoreError, postgres};

/// Works that may wait; beyond that callers wait to get in.
const QUEUE: usize = 1024;
/// Works that share one commit at most: bounds how long the first of them waits.
const SHARED: usize = 64;

/// The transaction that a work writes in.
pub(crate) struct Tx {
    connection: PoolConnection<Any>,
    engine: Engine,
    /// Whether readers have something to read once this is committed.
    announced: bool,
}

impl Tx {
    /// The connection, to run statements on.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    /// Tells those who follow, here and on other nodes, that there is something to read once this is committed.
    pub(crate) async fn announce(&mut self) -> Result<(), StoreError> {
        if self.engine == Engine::Postgres && !self.announced {
            self.connection.execute(postgres::ANNOUNCE).await?;
        }
        self.announced = true;
        Ok(())
    }
}

/// Sends works to the task that writes.
#[derive(Clone)]
pub(super) struct Writer {
    works: mpsc::Sender<Box<dyn Work>>,
}

impl Writer {
    /// Starts the task; it ends when the last sender is gone and all works are done.
    pub(super) fn start(pool: AnyPool, engine: Engine, committed: Arc<Notify>) -> Self {
        let (works, queue) = mpsc::channel(QUEUE);
        tokio::spawn(serve(pool, engine, queue, committed));
        Self { works }
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(Typed { work: Some(work), outcome: None, reply });
        self.works.send(work).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

/// A work whose types the queue need not know.
trait Work: Send {
    /// Does it; `false` when what it wrote must be taken back.
    fn run<'c>(&'c mut self, tx: &'c mut Tx) -> BoxFuture<'c, bool>;
    /// Tells whoever waits how it ended.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Typed<F, T, E> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Work for Typed<F, T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
{
    fn run<'c>(&'c mut self, tx: &'c mut Tx) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            // One work that panics must not take the queue, and with it the whole desk, down.
            self.outcome = AssertUnwindSafe(work(tx)).catch_unwind().await.ok();
            matches!(self.outcome, Some(Ok(_)))
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Err(refused)), _) => Err(refused),
            (Some(Ok(_)), Err(error)) => Err(error.into()),
            (None, committed) => Err(committed.err().unwrap_or(StoreError::Closed).into()),
        };
        // Whoever asked may have gone away; what was committed stays committed.
        let _ = self.reply.send(outcome);
    }
}

async fn serve(
    pool: AnyPool,
    engine: Engine,
    mut queue: mpsc::Receiver<Box<dyn Work>>,
    committed: Arc<Notify>,
) {
    let mut batch = Vec::with_capacity(SHARED);
    let mut kept = None;
    while queue.recv_many(&mut batch, SHARED).await > 0 {
        let outcome = transact(&pool, &mut kept, engine, &mut batch).await;
        if let Err(error) = &outcome {
            tracing::error!(%error, works = batch.len(), "a transaction was not committed");
        }
        let announced = matches!(outcome, Ok(Committed { announced: true }));
        let outcome = outcome.map(drop);
        for work in batch.drain(..) {
            work.answer(outcome.clone());
        }
        if announced {
            committed.notify_one();
        }
    }
}

/// What a commit means to others.
struct Committed {
    announced: bool,
}

/// Runs the works in one transaction, each behind its savepoint when there are several.
///
/// The connection is kept from one transaction to the next, because a pool tests it whenever it is taken and given back;
/// after any failure it is not: the next transaction begins on one that the pool has tested.
async fn transact(
    pool: &AnyPool,
    kept: &mut Option<PoolConnection<Any>>,
    engine: Engine,
    batch: &mut [Box<dyn Work>],
) -> Result<Committed, StoreError> {
    let connection = match kept.take() {
        Some(connection) => connection,
        None => pool.acquire().await?,
    };
    let mut tx = Tx { connection, engine, announced: false };
    match run(&mut tx, batch).await {
        Ok(()) => {
            let Tx { connection, announced, .. } = tx;
            *kept = Some(connection);
            Ok(Committed { announced })
        }
        Err(error) => {
            // Whatever was begun ends with the connection.
            if let Err(error) = tx.connection.close().await {
                tracing::warn!(%error, "a connection was not closed in order");
            }
            Err(error)
        }
    }
}

async fn run(tx: &mut Tx, batch: &mut [Box<dyn Work>]) -> Result<(), StoreError> {
    // One transaction writes at a time, on either engine and from however many nodes: what a work has read stays true
    // until it is committed, and works that share a transaction cannot lock each other out.
    let begin = match tx.engine {
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => postgres::BEGIN_AS_ONLY_WRITER,
    };
    tx.connection().execute(begin).await?;
    if let [only] = batch {
        let end = if only.run(tx).await {
            "COMMIT"
        } else {
            tx.announced = false;
            "ROLLBACK"
        };
        tx.connection().execute(end).await?;
        return Ok(());
    }
    for work in batch {
        tx.connection().execute("SAVEPOINT work").await?;
        let announced = tx.announced;
        if work.run(tx).await {
            tx.connection().execute("RELEASE SAVEPOINT work").await?;
        } else {
            tx.connection().execute("ROLLBACK TO SAVEPOINT work").await?;
            tx.announced = announced;
        }
    }
    tx.connection().execute("COMMIT").await?;
    Ok(())
}

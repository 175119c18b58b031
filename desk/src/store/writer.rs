//! The writer: one queue through which a process writes.
//!
//! A durable commit costs a flush to the disk, whatever its size. So all works that wait at the beginning of a
//! transaction share it. Under load several cases share a flush; otherwise no work waits.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::AnyPool;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::tx::{CommitEffects, RoundTrips, Tx};
use super::{Engine, StoreError};

/// The most works that wait; beyond that callers wait for a place.
const QUEUE: usize = 1024;
/// The most works of one commit, which limits the wait of the first.
const SHARED: usize = 64;
/// How long a node of several holds the lock without work: shorter than the return of a client.
const LINGER: Duration = Duration::from_millis(2);
/// How long a node of several holds the lock at most, whatever its work.
const HOLD: Duration = Duration::from_millis(25);

/// The metric of the time that works wait for their transaction.
pub const WRITER_WAIT: &str = "vigia_writer_wait_seconds";

/// Sends works to the writing task.
#[derive(Clone)]
pub(super) struct Writer {
    works: mpsc::Sender<Box<dyn Work>>,
    alone: watch::Receiver<bool>,
    closing: CancellationToken,
}

impl Writer {
    /// Starts the task. It ends when the last sender is dropped or the writer is closed, after all works.
    pub(super) fn start(pool: AnyPool, engine: Engine, signals: CommitSignals) -> Self {
        let (works, queue) = mpsc::channel(QUEUE);
        let (set_alone, alone) = watch::channel(false);
        let closing = CancellationToken::new();
        let queue = Queue { works: queue, closing: closing.clone() };
        tokio::spawn(serve(pool, engine, queue, signals, set_alone));
        Self { works, alone, closing }
    }

    pub(super) async fn write<T, E, F>(&self, trips: RoundTrips, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(Typed { work: Some(work), trips, asked: Instant::now(), outcome: None, reply });
        self.works.send(work).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

impl Writer {
    /// Waits until other nodes may write.
    pub(super) async fn release_writer_lock(&self) {
        // Without the task there is no connection either.
        let _ = self.alone.clone().wait_for(|alone| !alone).await;
    }

    /// Accepts no more works, and waits until the queue is empty and the connection is closed.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        let mut task = self.alone.clone();
        // The task has the other end while it runs.
        while task.changed().await.is_ok() {}
    }
}

/// A work of any type.
trait Work: Send {
    /// How often it goes to the database.
    fn trips(&self) -> RoundTrips;
    /// Time of its request.
    fn asked(&self) -> Instant;
    /// Runs it; `false` when its writes must be rolled back.
    fn run<'c>(&'c mut self, tx: &'c mut Tx) -> BoxFuture<'c, bool>;
    /// Sends the outcome to the caller.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Typed<F, T, E> {
    work: Option<F>,
    trips: RoundTrips,
    asked: Instant,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Work for Typed<F, T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
{
    fn trips(&self) -> RoundTrips {
        self.trips
    }

    fn asked(&self) -> Instant {
        self.asked
    }

    fn run<'c>(&'c mut self, tx: &'c mut Tx) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            // A work that panics must not end the queue, and with it the desk.
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
        // The caller may be gone. The commit stands.
        let _ = self.reply.send(outcome);
    }
}

/// Notifications of commits.
#[derive(Debug, Clone, Default)]
pub(super) struct CommitSignals {
    /// For readers of entries.
    pub(super) committed: Arc<Notify>,
    /// For mail workers.
    pub(super) mails: Arc<Notify>,
}

/// The waiting works.
struct Queue {
    works: mpsc::Receiver<Box<dyn Work>>,
    closing: CancellationToken,
}

impl Queue {
    /// Waits for works and puts them into `batch`; `false` after the last.
    async fn next(&mut self, batch: &mut Vec<Box<dyn Work>>) -> bool {
        tokio::select! {
            count = self.works.recv_many(batch, SHARED) => return count > 0,
            () = self.closing.cancelled() => self.works.close(),
        }
        self.works.recv_many(batch, SHARED).await > 0
    }
}

async fn serve(
    pool: AnyPool,
    engine: Engine,
    mut queue: Queue,
    signals: CommitSignals,
    alone: watch::Sender<bool>,
) {
    let mut batch = Vec::with_capacity(SHARED);
    let mut kept = None;
    while gather(&mut queue, &mut batch, &mut kept, &alone).await {
        let outcome = transact(&pool, &mut kept, engine, &mut batch).await;
        alone.send_replace(kept.as_ref().is_some_and(|tx| tx.is_only_writer_since().is_some()));
        if let Err(error) = &outcome {
            tracing::error!(%error, works = batch.len(), "a transaction was not committed");
        }
        let news = outcome.as_ref().map_or_else(|_| CommitEffects::default(), |news| *news);
        let outcome = outcome.map(drop);
        for work in batch.drain(..) {
            work.answer(outcome.clone());
        }
        if news.announced {
            signals.committed.notify_one();
        }
        if news.mails {
            signals.mails.notify_one();
        }
    }
    let last = match kept {
        Some(tx) => Ok(tx),
        None => pool.acquire().await.map(|connection| Tx::new(connection, engine)),
    };
    match last {
        Ok(tx) => tx.leave().await,
        Err(error) => tracing::warn!(%error, "the database could not be closed in order"),
    }
    pool.close().await;
}

/// Waits for works; `false` after the last. Between works the node holds the lock only briefly, because other nodes
/// wait.
async fn gather(
    queue: &mut Queue,
    batch: &mut Vec<Box<dyn Work>>,
    kept: &mut Option<Tx>,
    alone: &watch::Sender<bool>,
) -> bool {
    if let Some(since) = kept.as_ref().and_then(Tx::is_only_writer_since) {
        if since.elapsed() < HOLD
            && let Ok(more) = tokio::time::timeout(LINGER, queue.next(batch)).await
        {
            return more;
        }
        release_writer_lock(kept).await;
        alone.send_replace(false);
    }
    queue.next(batch).await
}

/// Releases the lock for other nodes.
async fn release_writer_lock(kept: &mut Option<Tx>) {
    let Some(mut tx) = kept.take() else { return };
    match tx.release_writer_lock().await {
        Ok(()) => *kept = Some(tx),
        Err(error) => {
            tracing::warn!(%error, "giving way by closing the connection");
            tx.close().await;
        }
    }
}

/// Runs the works in one transaction, each with a savepoint when there are several.
///
/// The connection is reused from one transaction to the next, because a pool would test it each time. After any failure
/// it is not reused: the next transaction begins on one that the pool has tested.
async fn transact(
    pool: &AnyPool,
    kept: &mut Option<Tx>,
    engine: Engine,
    batch: &mut [Box<dyn Work>],
) -> Result<CommitEffects, StoreError> {
    let trips = match &*batch {
        [only] => only.trips(),
        _ => RoundTrips::Free,
    };
    let mut tx = begin(pool, kept, engine, trips).await?;
    let waits = metrics::histogram!(WRITER_WAIT);
    for work in &*batch {
        waits.record(work.asked().elapsed());
    }
    match run(&mut tx, batch).await {
        Ok(()) => {
            let news = tx.news();
            *kept = Some(tx);
            Ok(news)
        }
        Err(error) => {
            // An open transaction ends with the connection.
            tx.close().await;
            Err(error)
        }
    }
}

/// Begins a transaction. If the reused connection is gone, with the server or with its lock, another one replaces it:
/// no work has run yet.
async fn begin(
    pool: &AnyPool,
    kept: &mut Option<Tx>,
    engine: Engine,
    trips: RoundTrips,
) -> Result<Tx, StoreError> {
    if let Some(mut tx) = kept.take() {
        if !tx.may_have_lost_the_lock() {
            match tx.begin(trips).await {
                Ok(()) => return Ok(tx),
                // Another process blocks the file, for any connection.
                Err(error) if engine == Engine::Sqlite => return Err(error),
                Err(error) => tracing::warn!(%error, "the writer's connection is gone; another one is made"),
            }
        }
        tx.close().await;
    }
    let mut tx = Tx::new(pool.acquire().await?, engine);
    tx.begin(trips).await?;
    Ok(tx)
}

async fn run(tx: &mut Tx, batch: &mut [Box<dyn Work>]) -> Result<(), StoreError> {
    if let [only] = batch {
        return if only.run(tx).await { tx.commit().await } else { tx.roll_back().await };
    }
    for work in batch {
        let before = tx.save().await?;
        if work.run(tx).await {
            tx.keep(before).await?;
        } else {
            tx.take_back(before).await?;
        }
    }
    tx.commit().await
}

//! The one queue through which a process writes.
//!
//! A durable commit costs a flush to the disk, whatever it holds. So the works that are waiting when a transaction
//! begins share it: under load several cases are opened per flush, without load nobody waits for company.

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

/// Works that may wait; beyond that callers wait to get in.
const QUEUE: usize = 1024;
/// Works that share one commit at most: bounds how long the first of them waits.
const SHARED: usize = 64;
/// How long a node of several stays the only writer while nothing is to be written: less than a client takes to come back.
const LINGER: Duration = Duration::from_millis(2);
/// How long a node of several stays the only writer at most, however much it has to write.
const HOLD: Duration = Duration::from_millis(25);

/// The metric of how long works wait until their transaction begins.
pub const WRITER_WAIT: &str = "vigia_writer_wait_seconds";

/// Sends works to the task that writes.
#[derive(Clone)]
pub(super) struct Writer {
    works: mpsc::Sender<Box<dyn Work>>,
    alone: watch::Receiver<bool>,
    closing: CancellationToken,
}

impl Writer {
    /// Starts the task; it ends when the last sender is gone or the writer is closed, and all works are done.
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
        // When the task is gone, so is its connection.
        let _ = self.alone.clone().wait_for(|alone| !alone).await;
    }

    /// Takes no more works, and waits until those that wait are done and the connection is closed.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        let mut task = self.alone.clone();
        // The task holds the other end for as long as it runs.
        while task.changed().await.is_ok() {}
    }
}

/// A work whose types the queue need not know.
trait Work: Send {
    /// How often it goes to the database.
    fn trips(&self) -> RoundTrips;
    /// Since when it waits.
    fn asked(&self) -> Instant;
    /// Does it; `false` when what it wrote must be taken back.
    fn run<'c>(&'c mut self, tx: &'c mut Tx) -> BoxFuture<'c, bool>;
    /// Tells whoever waits how it ended.
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

/// What wakes those whom commits of this process concern.
#[derive(Debug, Clone, Default)]
pub(super) struct CommitSignals {
    /// Whoever follows what is written down.
    pub(super) committed: Arc<Notify>,
    /// Whoever sends mails.
    pub(super) mails: Arc<Notify>,
}

/// The works that wait.
struct Queue {
    works: mpsc::Receiver<Box<dyn Work>>,
    closing: CancellationToken,
}

impl Queue {
    /// Waits for works and puts them into `batch`; `false` when there will be none any more.
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

/// Waits for works; `false` when there will be none any more. Whoever writes one work after the other stays the only writer
/// in between, but neither for long nor while nothing comes: other nodes wait.
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

/// Lets other nodes write.
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

/// Runs the works in one transaction, each behind its savepoint when there are several.
///
/// The connection is kept from one transaction to the next, because a pool tests it whenever it is taken and given back;
/// after any failure it is not: the next transaction begins on one that the pool has tested.
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
            // Whatever was begun ends with the connection.
            tx.close().await;
            Err(error)
        }
    }
}

/// Begins a transaction. No work has been asked yet: where the connection that was kept turns out to be gone, with the server
/// or with the lock that it held, another one takes its place.
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
                // Another process is in the way, and would be in the way of any connection.
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

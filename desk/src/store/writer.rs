//! Writing: a queue of works, and the tasks that run them.
//!
//! On SQLite one task writes. A durable commit costs a flush to the disk, whatever its size. So all works that wait at
//! the beginning of a transaction share it. Under load several cases share a flush; otherwise no work waits.
//!
//! On PostgreSQL several tasks write, each one work in a transaction (`beside`); the server has their commits share a
//! flush. Openings have a task of their own, so that they wait for no other work of this node.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::AnyPool;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::scope::Scope;
use super::tx::{CommitEffects, RoundTrips, Tx};
use super::{Engine, StoreError, WRITERS, beside};

/// The most works that wait; beyond that callers wait for a place.
const QUEUE: usize = 1024;
/// The most works of one commit, which limits the wait of the first.
const SHARED: usize = 64;

/// The metric of the time that works wait for their transaction.
pub const WRITER_WAIT: &str = "vigia_writer_wait_seconds";

/// Sends works to the writing tasks.
#[derive(Clone)]
pub(super) struct Writer {
    works: mpsc::Sender<Box<dyn Work>>,
    /// Of works in few trips: of those that most wait for.
    quick: mpsc::Sender<Box<dyn Work>>,
    /// Ends with the tasks.
    running: watch::Receiver<()>,
    closing: CancellationToken,
}

impl Writer {
    /// Starts the tasks. They end when the last sender is dropped or the writer is closed, after all works.
    pub(super) fn start(pool: AnyPool, engine: Engine, signals: CommitSignals) -> Self {
        let closing = CancellationToken::new();
        let (works, queue) = new_queue(&closing);
        let (while_running, running) = watch::channel(());
        let quick = match engine {
            Engine::Sqlite => {
                let serving = serve(pool, engine, queue, signals);
                tokio::spawn(async move {
                    serving.await;
                    drop(while_running);
                });
                works.clone()
            }
            Engine::Postgres => {
                let (quick, queue_of_quick) = new_queue(&closing);
                let serving = beside::serve(pool, [(queue_of_quick, 1), (queue, WRITERS - 1)], signals);
                tokio::spawn(async move {
                    serving.await;
                    drop(while_running);
                });
                quick
            }
        };
        Self { works, quick, running, closing }
    }

    /// Runs `work` alone.
    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        self.send(RoundTrips::Free, Scope::Alone, work, None).await
    }

    /// Runs `work` beside others. It may run several times, if the server ends its transaction; one time it commits.
    pub(super) async fn write_beside<T, E, F>(&self, trips: RoundTrips, scope: Scope, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Clone + Send + 'static,
    {
        self.send(trips, scope, work, Some(F::clone)).await
    }

    async fn send<T, E, F>(
        &self,
        trips: RoundTrips,
        scope: Scope,
        work: F,
        copy: Option<fn(&F) -> F>,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let asked = Instant::now();
        let work = Box::new(Typed {
            work: Some(work),
            spare: None,
            copy,
            trips,
            scope,
            asked,
            outcome: None,
            reply,
        });
        let queue = match trips {
            RoundTrips::Batched => &self.quick,
            RoundTrips::Free => &self.works,
        };
        queue.send(work).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Accepts no more works, and waits until the queues are empty and the connections are closed.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        let mut tasks = self.running.clone();
        // The tasks have the other end while they run.
        while tasks.changed().await.is_ok() {}
    }
}

fn new_queue(closing: &CancellationToken) -> (mpsc::Sender<Box<dyn Work>>, Queue) {
    let (works, waiting) = mpsc::channel(QUEUE);
    (works, Queue { works: waiting, closing: closing.clone() })
}

/// A work of any type.
pub(super) trait Work: Send {
    /// How often it goes to the database.
    fn trips(&self) -> RoundTrips;
    /// What others do meanwhile.
    fn scope(&self) -> &Scope;
    /// Time of its request.
    fn asked(&self) -> Instant;
    /// Keeps what is needed to run it once more after the next run; `false` when it can run once alone.
    fn keep_for_another_run(&mut self) -> bool;
    /// Runs it; `false` when its writes must be rolled back.
    fn run<'c>(&'c mut self, tx: &'c mut Tx) -> BoxFuture<'c, bool>;
    /// Sends the outcome to the caller.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Typed<F, T, E> {
    work: Option<F>,
    /// What the next run leaves for the one after it.
    spare: Option<F>,
    copy: Option<fn(&F) -> F>,
    trips: RoundTrips,
    scope: Scope,
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

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn asked(&self) -> Instant {
        self.asked
    }

    fn keep_for_another_run(&mut self) -> bool {
        self.spare = self.copy.zip(self.work.as_ref()).map(|(copy, work)| copy(work));
        self.spare.is_some()
    }

    fn run<'c>(&'c mut self, tx: &'c mut Tx) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            self.work = self.spare.take();
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
    /// For workers that tell webhooks.
    pub(super) deliveries: Arc<Notify>,
}

impl CommitSignals {
    /// Notifies this process of a commit.
    pub(super) fn give(&self, news: CommitEffects) {
        if news.announced {
            self.committed.notify_one();
        }
        if news.mails {
            self.mails.notify_one();
        }
        if news.deliveries {
            self.deliveries.notify_one();
        }
    }
}

/// The waiting works.
pub(super) struct Queue {
    works: mpsc::Receiver<Box<dyn Work>>,
    closing: CancellationToken,
}

impl Queue {
    /// Waits for works and puts them into `batch`, at most `most`; `false` after the last.
    async fn next_of(&mut self, batch: &mut Vec<Box<dyn Work>>, most: usize) -> bool {
        tokio::select! {
            count = self.works.recv_many(batch, most) => return count > 0,
            () = self.closing.cancelled() => self.works.close(),
        }
        self.works.recv_many(batch, most).await > 0
    }

    /// Waits for the next work; `None` after the last.
    pub(super) async fn next(&mut self) -> Option<Box<dyn Work>> {
        let mut one = Vec::with_capacity(1);
        self.next_of(&mut one, 1).await;
        one.pop()
    }
}

async fn serve(pool: AnyPool, engine: Engine, mut queue: Queue, signals: CommitSignals) {
    let mut batch = Vec::with_capacity(SHARED);
    let mut kept = None;
    while queue.next_of(&mut batch, SHARED).await {
        let outcome = transact(&pool, &mut kept, engine, &mut batch).await;
        if let Err(error) = &outcome {
            tracing::error!(%error, works = batch.len(), "a transaction was not committed");
        }
        let news = outcome.as_ref().map_or_else(|_| CommitEffects::default(), |news| *news);
        let outcome = outcome.map(drop);
        for work in batch.drain(..) {
            work.answer(outcome.clone());
        }
        signals.give(news);
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
    let mut tx = begin(pool, kept, engine, trips, &Scope::Alone).await?;
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

/// Begins a transaction. If the reused connection is gone with the server, another one replaces it: no work has run yet.
pub(super) async fn begin(
    pool: &AnyPool,
    kept: &mut Option<Tx>,
    engine: Engine,
    trips: RoundTrips,
    scope: &Scope,
) -> Result<Tx, StoreError> {
    if let Some(mut tx) = kept.take() {
        match tx.begin(trips, scope).await {
            Ok(()) => return Ok(tx),
            // Another process blocks the file, for any connection.
            Err(error) if engine == Engine::Sqlite => return Err(error),
            Err(error) => tracing::warn!(%error, "a writer's connection is gone; another one is made"),
        }
        tx.close().await;
    }
    let mut tx = Tx::new(pool.acquire().await?, engine);
    tx.begin(trips, scope).await?;
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

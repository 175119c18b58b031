//! Writing on PostgreSQL: several works of a node at a time, each in a transaction of its own.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use sqlx::AnyPool;
use tokio::sync::Mutex;

use super::scope::Scope;
use super::tx::{CommitEffects, RoundTrips, Tx};
use super::writer::{CommitSignals, Queue, WRITER_WAIT, Work, begin};
use super::{Engine, StoreError};

/// How often a work runs at most. The server may end its transaction: it waited in a circle, it stopped for too long, or
/// the connection was lost.
const RUNS: usize = 3;
/// A work that has taken longer is not run again: its caller waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs the works of each queue in so many tasks, until the queues end. Then closes the connections.
pub(super) async fn serve(pool: AnyPool, queues: [(Queue, u32); 2], signals: CommitSignals) {
    let mut tasks = Vec::new();
    for (queue, count) in queues {
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..count {
            let task = serve_one_by_one(pool.clone(), Arc::clone(&queue), signals.clone());
            tasks.push(tokio::spawn(task));
        }
    }
    join_all(tasks).await;
    pool.close().await;
}

async fn serve_one_by_one(pool: AnyPool, queue: Arc<Mutex<Queue>>, signals: CommitSignals) {
    let mut kept = None;
    loop {
        let next = queue.lock().await.next().await;
        let Some(mut work) = next else { break };
        let outcome = transact(&pool, &mut kept, work.as_mut()).await;
        if let Err(error) = &outcome {
            tracing::error!(%error, "a transaction was not committed");
        }
        let news = outcome.as_ref().map_or_else(|_| CommitEffects::default(), |news| *news);
        work.answer(outcome.map(drop));
        signals.give(news);
        // Last: nobody waits for it.
        tell_other_nodes(&mut kept).await;
    }
    if let Some(tx) = kept {
        tx.close().await;
    }
}

async fn tell_other_nodes(kept: &mut Option<Tx>) {
    let Some(mut tx) = kept.take() else { return };
    match tx.tell_other_nodes().await {
        Ok(()) => *kept = Some(tx),
        Err(error) => {
            tracing::warn!(%error, "a commit was not announced to other nodes, which look by themselves soon");
            tx.close().await;
        }
    }
}

/// Runs a work in a transaction, once more if the server ended it before the commit. Then nothing of it is there.
async fn transact(
    pool: &AnyPool,
    kept: &mut Option<Tx>,
    work: &mut dyn Work,
) -> Result<CommitEffects, StoreError> {
    let waits = metrics::histogram!(WRITER_WAIT);
    for run in 1..=RUNS {
        let may_repeat = run < RUNS && work.asked().elapsed() < PATIENCE && work.keep_for_another_run();
        let scope: Scope = work.scope().clone();
        let mut tx = begin(pool, kept, Engine::Postgres, RoundTrips::Free, &scope).await?;
        if run == 1 {
            waits.record(work.asked().elapsed());
        }
        if work.run(&mut tx).await {
            return commit(tx, kept).await;
        }
        if may_repeat && tx.is_lost().await {
            tracing::warn!(run, "a transaction was ended by the database; it is run again");
            tx.close().await;
            continue;
        }
        match tx.roll_back().await {
            Ok(()) => *kept = Some(tx),
            Err(error) => {
                tracing::warn!(%error, "a transaction ended with its connection");
                tx.close().await;
            }
        }
        break;
    }
    Ok(CommitEffects::default())
}

/// Commits. After a failure it is not known whether the work is there: it is not run again.
async fn commit(mut tx: Tx, kept: &mut Option<Tx>) -> Result<CommitEffects, StoreError> {
    match tx.commit().await {
        Ok(()) => {
            let news = tx.news();
            *kept = Some(tx);
            Ok(news)
        }
        Err(error) => {
            tx.close().await;
            Err(error)
        }
    }
}

//! Openings that wait at the same time share a transaction and its statements.
//!
//! Look-up, writing and commit are one trip to the database each. Under load a batch shares them; otherwise a case goes
//! alone, without waiting.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::OpenCaseError;
use super::insert::{Draft, Opened, keep};
use crate::store::{Store, StoreError, fitting};

/// The most openings that wait; beyond that callers wait for a place.
const QUEUE: usize = 1024;
/// The most openings of a transaction, which limits the wait of the first.
const MOST_PER_BATCH: usize = 32;

/// A draft that waits to become a case.
struct PendingDraft {
    draft: Draft,
    reply: oneshot::Sender<Result<Opened, OpenCaseError>>,
}

/// The queue of drafts to the task that opens them.
#[derive(Debug, Clone)]
pub(crate) struct Openings {
    queue: mpsc::Sender<PendingDraft>,
}

impl Openings {
    /// Starts the task. It ends when the last sender is dropped and every draft is handled.
    pub(crate) fn start(store: Store) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(serve(store, waiting));
        Self { queue }
    }

    pub(super) async fn open(&self, draft: Draft) -> Result<Opened, OpenCaseError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(PendingDraft { draft, reply }).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

async fn serve(store: Store, mut queue: mpsc::Receiver<PendingDraft>) {
    let mut waiting = Vec::with_capacity(MOST_PER_BATCH);
    loop {
        if waiting.is_empty() && queue.recv_many(&mut waiting, MOST_PER_BATCH).await == 0 {
            return;
        }
        while waiting.len() < MOST_PER_BATCH
            && let Ok(more) = queue.try_recv()
        {
            waiting.push(more);
        }
        let (mut now, later) = split_dependent(std::mem::take(&mut waiting));
        // All go in one statement; those beyond its size are the first of the next round.
        waiting = now.split_off(fitting(now.len()));
        waiting.extend(later);
        let (drafts, replies): (Vec<_>, Vec<_>) =
            now.into_iter().map(|PendingDraft { draft, reply }| (draft, reply)).unzip();
        let outcomes = open(&store, drafts).await;
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // The caller may be gone. The commit stands.
            let _ = reply.send(outcome);
        }
    }
}

/// Splits drafts into those that can share a transaction and those that must come after one of them. An equal
/// submission must find the case of the first. An allowance of the same mailbox or sender must count the mail before.
fn split_dependent(waiting: Vec<PendingDraft>) -> (Vec<PendingDraft>, Vec<PendingDraft>) {
    let (mut keys, mut mailboxes, mut senders) = (HashSet::new(), HashSet::new(), HashSet::new());
    waiting.into_iter().partition(|PendingDraft { draft, .. }| {
        // All keys are noted in any case, so that the order of sending holds.
        let key = keys.insert(draft.key.clone());
        let Some(counted) = &draft.counted else { return key };
        let mailbox = mailboxes.insert(counted.mailbox.clone());
        let sender = counted.sender.clone().is_none_or(|sender| senders.insert(sender));
        key && mailbox && sender
    })
}

/// Opens all drafts in one transaction. If the database refuses a row, each is tried alone, so that it takes no other
/// with it.
async fn open(store: &Store, drafts: Vec<Draft>) -> Vec<Result<Opened, OpenCaseError>> {
    let drafts = Arc::new(drafts);
    let some = async |from: usize, to: usize| {
        let drafts = Arc::clone(&drafts);
        let subjects = drafts[from..to].iter().flat_map(Draft::subjects).collect();
        store
            .write_in_few_trips(subjects, move |tx| {
                Box::pin(async move { keep(tx, &drafts[from..to]).await })
            })
            .await
    };
    match some(0, drafts.len()).await {
        Ok(outcomes) => outcomes,
        Err(error) if drafts.len() > 1 && is_about_a_row(&error) => {
            let mut outcomes = Vec::with_capacity(drafts.len());
            for place in 0..drafts.len() {
                match some(place, place + 1).await {
                    Ok(one) => outcomes.extend(one),
                    Err(error) => outcomes.push(Err(error.into())),
                }
            }
            outcomes
        }
        Err(error) => drafts.iter().map(|_| Err(error.clone().into())).collect(),
    }
}

/// Whether the database works and refuses a row.
fn is_about_a_row(error: &StoreError) -> bool {
    match error {
        StoreError::Database(error) => error.as_database_error().is_some(),
        StoreError::Inconsistent { .. } => true,
        StoreError::Address(_)
        | StoreError::Unreachable { .. }
        | StoreError::TooOld
        | StoreError::NotEmpty
        | StoreError::NoDesk(_)
        | StoreError::Migration(_)
        | StoreError::Folder(_)
        | StoreError::Slow
        | StoreError::Closed => false,
    }
}

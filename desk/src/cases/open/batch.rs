//! Openings that wait at the same time, opened together: one transaction and few statements, however many they are.
//!
//! What is known, what is written and the commit are a trip to the database each. Under load the cases of a whole batch
//! share them; without load a case goes alone, and waits for nobody.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::OpenCaseError;
use super::insert::{Draft, Opened, keep};
use crate::store::{Store, StoreError, fitting};

/// Openings that may wait; beyond that callers wait to get in.
const QUEUE: usize = 1024;
/// Openings that share a transaction at most: bounds how long the first of them waits.
const TOGETHER: usize = 32;

/// Whoever waits for a draft to become a case.
struct PendingDraft {
    draft: Draft,
    reply: oneshot::Sender<Result<Opened, OpenCaseError>>,
}

/// Takes drafts to the task that opens them.
#[derive(Debug, Clone)]
pub(crate) struct Openings {
    queue: mpsc::Sender<PendingDraft>,
}

impl Openings {
    /// Starts the task; it ends when the last sender is gone and every draft is a case.
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
    let mut waiting = Vec::with_capacity(TOGETHER);
    loop {
        if waiting.is_empty() && queue.recv_many(&mut waiting, TOGETHER).await == 0 {
            return;
        }
        while waiting.len() < TOGETHER
            && let Ok(more) = queue.try_recv()
        {
            waiting.push(more);
        }
        let (mut now, later) = apart(std::mem::take(&mut waiting));
        // One statement for all of them: the few that do not fit are the first of the next round.
        waiting = now.split_off(fitting(now.len()));
        waiting.extend(later);
        let (drafts, replies): (Vec<_>, Vec<_>) =
            now.into_iter().map(|PendingDraft { draft, reply }| (draft, reply)).unzip();
        let outcomes = open(&store, drafts).await;
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // Whoever asked may have gone away; what was committed stays committed.
            let _ = reply.send(outcome);
        }
    }
}

/// Those that may go together, and those that must come after one of them: the same submission is to find the case that
/// the first sending opened, the allowance of the same mailbox or sender is to count the mail before.
fn apart(waiting: Vec<PendingDraft>) -> (Vec<PendingDraft>, Vec<PendingDraft>) {
    let (mut keys, mut mailboxes, mut senders) = (HashSet::new(), HashSet::new(), HashSet::new());
    waiting.into_iter().partition(|PendingDraft { draft, .. }| {
        // All are noted, whatever the others say: the order of sending stays.
        let key = keys.insert(draft.key.clone());
        let Some(counted) = &draft.counted else { return key };
        let mailbox = mailboxes.insert(counted.mailbox.clone());
        let sender = counted.sender.clone().is_none_or(|sender| senders.insert(sender));
        key && mailbox && sender
    })
}

/// Opens all drafts in one transaction. When one of them is what the database does not take, each is tried alone, so
/// that it takes no other with it.
async fn open(store: &Store, drafts: Vec<Draft>) -> Vec<Result<Opened, OpenCaseError>> {
    let drafts = Arc::new(drafts);
    let some = async |from: usize, to: usize| {
        let drafts = Arc::clone(&drafts);
        store.write_in_few_trips(move |tx| Box::pin(async move { keep(tx, &drafts[from..to]).await })).await
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

/// Whether the database works and would not take one of the rows.
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

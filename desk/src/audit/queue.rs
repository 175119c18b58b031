//! Entries that are written down beside the answer: refusals and reading. A request does not wait for the writer, and no
//! flood of refusals makes one wait.
//!
//! A crash loses what waits here, a moment's entries at most. Changes are written in their own transaction.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::actor::{Actor, scope_of};
use domain::audit::{AuditAuthor, AuditData, AuditEvent};
use tokio::sync::{mpsc, oneshot};

use super::log::{Noted, record_all};
use crate::Desk;
use crate::store::{Store, StoreError};

/// The most entries that wait. Those beyond are counted.
const QUEUE: usize = 4096;
/// The most entries of a transaction.
const MOST_PER_BATCH: usize = 256;

/// The most refused sign-ins of a minute that are written down one by one. Those beyond are counted: a flood of them fills no
/// disk.
const REFUSALS_PER_MINUTE: u32 = 300;

/// The longest wait for what was noted to be written down.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);

/// Name of the counter of entries that were not written down.
pub const AUDIT_LOST: &str = "vigia_audit_lost_total";

/// Name of the counter of entries by kind.
pub const AUDIT_NOTED: &str = "vigia_audit_noted_total";

/// How data were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// By words.
    Search(AuditData),
    /// As a list, by another system.
    List(AuditData),
    /// As a file.
    Export(AuditData),
}

/// What is sent to the task.
enum Message {
    Entry(Box<Noted>),
    /// Everything that was sent before is written down when this is answered.
    Flush(oneshot::Sender<()>),
}

/// The queue to the task that writes entries down.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    sender: mpsc::Sender<Message>,
    lost: Arc<AtomicU64>,
    refusals: Arc<Mutex<Refusals>>,
}

/// Refused sign-ins of a minute.
#[derive(Debug, Default)]
struct Refusals {
    minute: i64,
    count: u32,
}

impl Queue {
    /// Starts the task. It ends when the last sender is dropped and everything is written down.
    pub(crate) fn start(store: Store) -> Self {
        let (sender, waiting) = mpsc::channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        tokio::spawn(serve(store, waiting, Arc::clone(&lost)));
        Self { sender, lost, refusals: Arc::default() }
    }

    /// Has an entry written down soon. What finds no place is counted, and its number written down.
    pub(crate) fn note(&self, noted: Noted) {
        metrics::counter!(AUDIT_NOTED, "kind" => noted.record.event.kind().code()).increment(1);
        let is_counted = self.is_one_too_many(&noted);
        if is_counted || self.sender.try_send(Message::Entry(Box::new(noted))).is_err() {
            count_lost(&self.lost, 1);
        }
    }

    /// Whether it is a refused sign-in beyond those of its minute.
    fn is_one_too_many(&self, noted: &Noted) -> bool {
        if !matches!(noted.record.event, AuditEvent::SignInRefused { .. }) {
            return false;
        }
        let minute = noted.at.0.div_euclid(60);
        // A poisoned lock is still usable: both figures are whole.
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.minute != minute {
            *refusals = Refusals { minute, count: 0 };
        }
        refusals.count = refusals.count.saturating_add(1);
        refusals.count > REFUSALS_PER_MINUTE
    }

    /// Waits until everything that was noted before is written down, or counted as lost; not for a database that does not answer.
    pub(crate) async fn flush(&self) {
        let flushing = async {
            let (done, flushed) = oneshot::channel();
            if self.sender.send(Message::Flush(done)).await.is_ok() {
                // The task is gone with its store.
                let _ = flushed.await;
            }
        };
        if tokio::time::timeout(FLUSH_WITHIN, flushing).await.is_err() {
            tracing::warn!("entries of the audit log still wait for the database");
        }
    }
}

fn count_lost(lost: &AtomicU64, entries: u64) {
    lost.fetch_add(entries, Ordering::Relaxed);
    metrics::counter!(AUDIT_LOST).increment(entries);
}

async fn serve(store: Store, mut queue: mpsc::Receiver<Message>, lost: Arc<AtomicU64>) {
    let mut batch = Vec::with_capacity(MOST_PER_BATCH);
    while queue.recv_many(&mut batch, MOST_PER_BATCH).await > 0 {
        let (mut entries, mut flushes) = (Vec::new(), Vec::new());
        for message in batch.drain(..) {
            match message {
                Message::Entry(noted) => entries.push(*noted),
                Message::Flush(done) => flushes.push(done),
            }
        }
        write(&store, entries, &lost).await;
        for done in flushes {
            // The caller may be gone.
            let _ = done.send(());
        }
    }
}

async fn write(store: &Store, mut entries: Vec<Noted>, lost: &AtomicU64) {
    let Some(at) = entries.last().map(|noted| noted.at) else { return };
    let own = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    let before = lost.swap(0, Ordering::Relaxed);
    if before > 0 {
        entries.push(Noted::by(AuditAuthor::System, at, AuditEvent::Lost { entries: before }));
    }
    let entries = Arc::new(entries);
    let written: Result<(), StoreError> = store
        .write_beside(Vec::new(), move |tx| {
            Box::pin(async move {
                record_all(tx, &entries).await?;
                Ok(())
            })
        })
        .await;
    if let Err(error) = written {
        tracing::error!(%error, entries = own, "entries of the audit log could not be written");
        lost.fetch_add(before, Ordering::Relaxed);
        count_lost(lost, own);
    }
}

impl Desk {
    /// Has what was done written down soon.
    pub(crate) fn note(&self, noted: Noted) {
        self.audit().note(noted);
    }

    /// Has what an actor read written down soon.
    pub(crate) fn note_reading(&self, actor: &Actor, reading: Reading, results: usize) {
        let results = u64::try_from(results).unwrap_or(u64::MAX);
        let event = match reading {
            Reading::Search(data) => AuditEvent::Searched { data, results },
            Reading::List(data) => AuditEvent::Listed { data, results },
            Reading::Export(data) => AuditEvent::Exported { data, results },
        };
        self.note(Noted::of(actor, self.now(), event).in_country(scope_of(actor).country));
    }

    /// Has it written down soon that the policy refused a request, given as method and pattern of the address. A stranger's
    /// are not: there would be no end of them, and nothing says who it was.
    pub fn note_refused(&self, actor: &Actor, request: String) {
        if !matches!(actor, Actor::Anonymous | Actor::Customer(_) | Actor::CustomerBeside { .. }) {
            let event = AuditEvent::Forbidden { request };
            self.note(Noted::of(actor, self.now(), event).in_country(scope_of(actor).country));
        }
    }
}

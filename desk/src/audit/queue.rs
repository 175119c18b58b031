//! Entries that are written down beside the answer: refusals and reading. A request does not wait for the writer, and no
//! flood of refusals makes one wait.
//!
//! A crash loses what waits here, a moment's entries at most. Changes are written in their own transaction.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::actor::{Actor, scope_of};
use domain::audit::{AuditAuthor, AuditData, AuditEvent};
use domain::time::Instant;
use tokio::sync::{mpsc, oneshot};

use super::log::{Noted, record_all};
use crate::Desk;
use crate::store::{Store, StoreError};

/// The most entries that wait. Those beyond are counted.
const QUEUE: usize = 4096;
/// The most entries of a transaction.
const MOST_PER_BATCH: usize = 256;

/// The most refused sign-ins of a minute that are written down one by one, and the most entries of customers. Those beyond are
/// counted.
const PER_MINUTE: u32 = 300;
/// The same of a day in UTC. The log grows for ever: who sends refused sign-ins all day adds a few megabytes.
const PER_DAY: u32 = 10_000;

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
    lost: Arc<Lost>,
    crowds: Arc<Mutex<Crowds>>,
}

/// Entries that were not written down.
#[derive(Debug, Default)]
struct Lost {
    entries: AtomicU64,
    /// When the last of them came.
    at_utc_s: AtomicI64,
}

impl Lost {
    fn count(&self, entries: u64, at: Instant) {
        self.at_utc_s.store(at.0, Ordering::Relaxed);
        self.entries.fetch_add(entries, Ordering::Relaxed);
        metrics::counter!(AUDIT_LOST).increment(entries);
    }
}

/// Those who are not known to the desk as staff or systems: any number of entries may come from them. One cannot use up what the
/// others have.
#[derive(Debug, Default)]
struct Crowds {
    strangers: Caused,
    customers: Caused,
}

impl Crowds {
    /// Those who cause an entry; `None` for the staff, systems and the desk.
    const fn behind(&mut self, noted: &Noted) -> Option<&mut Caused> {
        match (&noted.record.event, &noted.record.by) {
            (AuditEvent::SignInRefused { .. }, _) => Some(&mut self.strangers),
            (_, AuditAuthor::Customer) => Some(&mut self.customers),
            _ => None,
        }
    }
}

/// What was written down one by one in a minute and in a day.
#[derive(Debug, Default)]
struct Caused {
    minute: i64,
    of_minute: u32,
    day: i64,
    of_day: u32,
}

impl Caused {
    /// Whether an entry is beyond those of its minute or its day.
    const fn is_one_too_many(&mut self, at: Instant) -> bool {
        let (minute, day) = (at.0.div_euclid(60), at.0.div_euclid(86_400));
        if self.minute != minute {
            (self.minute, self.of_minute) = (minute, 0);
        }
        if self.day != day {
            (self.day, self.of_day) = (day, 0);
        }
        if self.of_minute >= PER_MINUTE || self.of_day >= PER_DAY {
            return true;
        }
        self.of_minute += 1;
        self.of_day += 1;
        false
    }
}

impl Queue {
    /// Starts the task. It ends when the last sender is dropped and everything is written down.
    pub(crate) fn start(store: Store) -> Self {
        let (sender, waiting) = mpsc::channel(QUEUE);
        let lost = Arc::new(Lost::default());
        tokio::spawn(serve(store, waiting, Arc::clone(&lost)));
        Self { sender, lost, crowds: Arc::default() }
    }

    /// Has an entry written down soon. What finds no place is counted, and its number written down.
    pub(crate) fn note(&self, noted: Noted) {
        metrics::counter!(AUDIT_NOTED, "kind" => noted.record.event.kind().code()).increment(1);
        let at = noted.at;
        let is_counted = self.is_one_too_many(&noted);
        if is_counted || self.sender.try_send(Message::Entry(Box::new(noted))).is_err() {
            self.lost.count(1, at);
        }
    }

    /// Whether it is beyond what strangers or customers may add.
    fn is_one_too_many(&self, noted: &Noted) -> bool {
        // A poisoned lock is still usable: every figure is whole.
        let mut crowds = self.crowds.lock().unwrap_or_else(PoisonError::into_inner);
        crowds.behind(noted).is_some_and(|caused| caused.is_one_too_many(noted.at))
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

async fn serve(store: Store, mut queue: mpsc::Receiver<Message>, lost: Arc<Lost>) {
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

async fn write(store: &Store, mut entries: Vec<Noted>, lost: &Lost) {
    let own = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    let before = lost.entries.swap(0, Ordering::Relaxed);
    if before > 0 {
        let at = Instant(lost.at_utc_s.load(Ordering::Relaxed));
        entries.push(Noted::by(AuditAuthor::System, at, AuditEvent::Lost { entries: before }));
    }
    let Some(at) = entries.last().map(|noted| noted.at) else { return };
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
        lost.entries.fetch_add(before, Ordering::Relaxed);
        lost.count(own, at);
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
        if !matches!(
            actor,
            Actor::Anonymous | Actor::Customer(_) | Actor::CustomerBeside { .. } | Actor::Participant(_)
        ) {
            let event = AuditEvent::Forbidden { request };
            self.note(Noted::of(actor, self.now(), event).in_country(scope_of(actor).country));
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::audit::SignInRefusal;

    use super::*;

    fn taken(caused: &mut Caused, from: i64, seconds: i64, each: u32) -> u32 {
        let all = (from..from + seconds).flat_map(|at| (0..each).map(move |_| Instant(at)));
        all.filter(|at| !caused.is_one_too_many(*at)).fold(0, |taken, _| taken + 1)
    }

    #[test]
    fn minute_and_day_bound_what_is_written_one_by_one() {
        let mut caused = Caused::default();
        assert_eq!(taken(&mut caused, 0, 60, 100), PER_MINUTE);
        assert_eq!(taken(&mut caused, 60, 1, 1), 1, "the next minute");
        assert_eq!(taken(&mut caused, 61, 86_400 - 61, 6), PER_DAY - PER_MINUTE - 1);
        assert_eq!(taken(&mut caused, 86_400, 1, 1), 1, "the next day");
    }

    #[test]
    fn strangers_use_up_nothing_of_customers_and_nobody_of_the_staff() {
        let mut crowds = Crowds::default();
        let at = Instant(5);
        let refused = AuditEvent::SignInRefused { reason: SignInRefusal::Wrong };
        let refused = Noted::by(AuditAuthor::Unknown, at, refused);
        for _ in 0..=PER_MINUTE {
            crowds.behind(&refused).map(|caused| caused.is_one_too_many(at));
        }
        assert_eq!(crowds.behind(&refused).map(|caused| caused.is_one_too_many(at)), Some(true));
        let customers = Noted::by(AuditAuthor::Customer, at, AuditEvent::CustomerSignedIn);
        assert_eq!(crowds.behind(&customers).map(|caused| caused.is_one_too_many(at)), Some(false));
        assert!(crowds.behind(&Noted::by(AuditAuthor::System, at, AuditEvent::BackedUp)).is_none());
    }
}

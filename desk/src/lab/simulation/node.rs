//! A node: a process with a desk of its own over the common database, which can be killed at any moment.
//!
//! Each has a runtime of its own, so that a kill is what it is in life: every task is gone where it stood, transactions
//! are left open, and nobody writes anything down.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::time::Instant;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

use super::SimulationError;
use super::chance::Dice;
use crate::Desk;
use crate::Ports;

/// Where links in mails lead.
const PUBLIC_URL: &str = "https://vigia.example";

/// The one clock of the simulation.
#[derive(Debug, Clone)]
pub(super) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(super) fn at(start: Instant) -> Self {
        Self(Arc::new(AtomicI64::new(start.0)))
    }

    pub(super) fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }

    /// Time does not go back.
    pub(super) fn advance_to(&self, at: Instant) {
        self.0.fetch_max(at.0, Ordering::SeqCst);
    }
}

/// Kills the process that it is set in, once somebody steps on it.
#[derive(Debug, Default)]
pub(super) struct Trap {
    is_set: AtomicBool,
    sprung: Notify,
}

impl Trap {
    /// The process ends here.
    pub(super) fn spring(&self) {
        self.sprung.notify_one();
    }

    fn set(&self, to: bool) {
        self.is_set.store(to, Ordering::SeqCst);
    }

    /// Ends the process in the middle of what asks for chance: a use-case does so inside its transaction, when it names
    /// a mail. Unwinding makes sure that not one statement more is run.
    fn step(&self) {
        if self.is_set.swap(false, Ordering::SeqCst) {
            self.spring();
            std::panic::resume_unwind(Box::new("killed by the simulation"));
        }
    }
}

/// The process was killed before it could say how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Killed;

/// A process that runs.
#[derive(Debug)]
struct Running {
    runtime: Runtime,
    desk: Desk,
    trap: Arc<Trap>,
}

/// A node, whether its process runs or not.
#[derive(Debug)]
pub(super) struct Node {
    database: String,
    clock: Clock,
    /// How many seconds its own clock is ahead.
    pub(super) ahead_s: i64,
    running: Option<Running>,
}

impl Node {
    pub(super) const fn new(database: String, clock: Clock, ahead_s: i64) -> Self {
        Self { database, clock, ahead_s, running: None }
    }

    pub(super) const fn is_up(&self) -> bool {
        self.running.is_some()
    }

    /// Starts its process; `chance` is where all of its randomness comes from.
    pub(super) fn start(&mut self, chance: Dice) -> Result<(), SimulationError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(SimulationError::Runtime)?;
        let trap = Arc::new(Trap::default());
        let (clock, ahead_s) = (self.clock.clone(), self.ahead_s);
        let (dice, step) = (Mutex::new(chance), Arc::clone(&trap));
        let ports = Ports::new(
            move || clock.now().plus(ahead_s),
            move |bytes| {
                step.step();
                dice.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
            },
        );
        let desk = runtime.block_on(async {
            let desk = Desk::open(&self.database, PUBLIC_URL, ports).await?;
            desk.store().release_writer_lock().await;
            Ok::<_, SimulationError>(desk)
        })?;
        self.running = Some(Running { runtime, desk, trap });
        Ok(())
    }

    /// Ends its process in order.
    pub(super) fn end(&mut self) {
        if let Some(Running { runtime, desk, .. }) = self.running.take() {
            runtime.block_on(desk.close());
        }
    }

    /// Kills its process.
    pub(super) fn kill(&mut self) {
        if let Some(Running { runtime, desk, .. }) = self.running.take() {
            let inside = runtime.enter();
            drop(desk);
            drop(inside);
            runtime.shutdown_background();
        }
    }

    /// Kills its process the next time that somebody asks it for chance; or takes that back.
    pub(super) fn set_trap(&self, to: bool) {
        if let Some(running) = &self.running {
            running.trap.set(to);
        }
    }

    pub(super) fn trap(&self) -> Arc<Trap> {
        self.running.as_ref().map(|running| Arc::clone(&running.trap)).unwrap_or_default()
    }

    /// Does something in its process, which may be killed over it; then it is down.
    pub(super) fn act<T>(&mut self, work: impl AsyncFnOnce(&Desk) -> T) -> Result<T, Killed> {
        let Some(Running { runtime, desk, trap }) = &self.running else { return Err(Killed) };
        let outcome = runtime.block_on(async {
            let working = async {
                let done = work(desk).await;
                // A process lives on after it has answered; this one stands still, and must not keep others from writing.
                desk.store().release_writer_lock().await;
                done
            };
            tokio::select! {
                biased;
                () = trap.sprung.notified() => Err(Killed),
                done = working => Ok(done),
            }
        });
        // It may have been killed in the very instant in which it was done.
        if outcome.is_err() {
            self.kill();
        }
        outcome
    }
}

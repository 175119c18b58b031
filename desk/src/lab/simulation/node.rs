//! A node: a process with its own desk over the shared database, which can be killed at any moment.
//!
//! Each node has its own runtime. So a kill is realistic: tasks stop where they are, and transactions stay open.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::time::Instant;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

use super::SimulationError;
use super::chance::Dice;
use crate::Desk;
use crate::Ports;

/// Public address in mails.
const PUBLIC_URL: &str = "https://vigia.example";

/// The clock of the simulation.
#[derive(Debug, Clone)]
pub(super) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(super) fn at(start: Instant) -> Self {
        Self(Arc::new(AtomicI64::new(start.0)))
    }

    pub(super) fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }

    /// Advances the clock; it never goes back.
    pub(super) fn advance_to(&self, at: Instant) {
        self.0.fetch_max(at.0, Ordering::SeqCst);
    }
}

/// Kills its process at the next request for randomness.
#[derive(Debug, Default)]
pub(super) struct Trap {
    is_set: AtomicBool,
    sprung: Notify,
}

impl Trap {
    /// Ends the process here.
    pub(super) fn spring(&self) {
        self.sprung.notify_one();
    }

    fn set(&self, to: bool) {
        self.is_set.store(to, Ordering::SeqCst);
    }

    /// Ends the process at a request for randomness, which a use-case makes within its transaction for a Message-ID.
    /// Unwinding ensures that no further statement is executed.
    fn step(&self) {
        if self.is_set.swap(false, Ordering::SeqCst) {
            self.spring();
            std::panic::resume_unwind(Box::new("killed by the simulation"));
        }
    }
}

/// The process was killed before it could answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Killed;

/// A running process.
#[derive(Debug)]
struct Running {
    runtime: Runtime,
    desk: Desk,
    trap: Arc<Trap>,
}

/// A node, running or not.
#[derive(Debug)]
pub(super) struct Node {
    database: String,
    clock: Clock,
    /// Seconds by which its clock is ahead.
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

    /// Starts its process with this source of randomness.
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
            Ok::<_, SimulationError>(Desk::open(&self.database, PUBLIC_URL, ports).await?)
        })?;
        self.running = Some(Running { runtime, desk, trap });
        Ok(())
    }

    /// Shuts its process down.
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

    /// Sets or removes the trap.
    pub(super) fn set_trap(&self, to: bool) {
        if let Some(running) = &self.running {
            running.trap.set(to);
        }
    }

    pub(super) fn trap(&self) -> Arc<Trap> {
        self.running.as_ref().map(|running| Arc::clone(&running.trap)).unwrap_or_default()
    }

    /// Runs work in its process. If that is killed, the node is down.
    pub(super) fn act<T>(&mut self, work: impl AsyncFnOnce(&Desk) -> T) -> Result<T, Killed> {
        let Some(Running { runtime, desk, trap }) = &self.running else { return Err(Killed) };
        let outcome = runtime.block_on(async {
            tokio::select! {
                biased;
                () = trap.sprung.notified() => Err(Killed),
                done = work(desk) => Ok(done),
            }
        });
        // It may have been killed at the very end of the work.
        if outcome.is_err() {
            self.kill();
        }
        outcome
    }
}

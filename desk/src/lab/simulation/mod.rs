//! The simulation: weeks of a desk in seconds, with its own clock, and with people and faults from a seed.
//!
//! Store, outbox, scheduler and rules are the real ones; time, randomness and the mail server are simulated. Two nodes
//! share the database and are killed at work. The mail server is down for hours, and long transactions block writers.
//! At the end [`check`](crate::lab::integrity_check::check) reads the whole database, and the mail server's records are
//! compared with the outbox. Everything happens in sequence, so a seed gives the same result on either engine.

mod cases;
mod chance;
mod faults;
mod mail_server;
mod node;
mod people;
mod site;
mod visits;
mod world;

use std::collections::BTreeMap;
use std::io;

use domain::time::Instant;
use thiserror::Error;

use crate::access::staff::PeopleError;
use crate::lab::integrity_check::SlaCounts;
use crate::store::StoreError;
use world::World;

/// Monday 21 December 2026, 10:00 in Caracas: the next two weeks have holidays and a new year.
const START: Instant = Instant(1_797_861_600);

/// What to simulate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Number of cases, without following ones.
    pub cases: u32,
    /// Seed of all randomness.
    pub seed: u64,
    /// Number of days.
    pub days: u32,
    /// An empty database: `sqlite:PATH` or `postgres://…`.
    pub database: String,
}

/// Why a simulation fails.
#[derive(Debug, Error)]
pub enum SimulationError {
    /// The database is in use: take an empty one.
    #[error("the database is not empty")]
    NotEmpty,
    /// The simulation's own data breaks a rule of the desk.
    #[error("the simulation's data is wrong: {0}")]
    Data(String),
    /// A member of the staff could not be added.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The database failed without a simulated fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No runtime could be started.
    #[error("the runtime does not start: {0}")]
    Runtime(io::Error),
}

impl SimulationError {
    fn data(what: impl std::fmt::Display) -> Self {
        Self::Data(what.to_string())
    }
}

/// The faults of a simulation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// Processes killed while idle.
    pub killed_idle: u64,
    /// Processes killed with a transaction open.
    pub killed_in_transaction: u64,
    /// Processes killed after a commit, before the answer.
    pub killed_before_answer: u64,
    /// Processes killed during delivery.
    pub killed_with_mail: u64,
    /// Outages of the mail server.
    pub mail_down: u64,
    /// Deferred mails.
    pub mails_put_off: u64,
    /// Mails delivered more than once, after a kill.
    pub mails_twice: u64,
    /// Long transactions that blocked others.
    pub long_transactions: u64,
    /// Commands on an outdated version.
    pub conflicts: u64,
}

/// Result of a simulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Cases that were opened.
    pub cases: u64,
    /// Entries of their histories.
    pub events: u64,
    /// Number of mails.
    pub mails: u64,
    /// Dead letters: the server refused them permanently.
    pub mails_dead: u64,
    /// Commands that the desk refused.
    pub refused: u64,
    /// SLA targets by priority, from P1 to P4.
    pub targets: [SlaCounts; 4],
    /// The faults.
    pub faults: Faults,
    /// Number of events by kind.
    pub happened: BTreeMap<&'static str, u64>,
    /// Inconsistencies; empty when there are none.
    pub inconsistencies: Vec<String>,
    /// The same for equal settings on either engine.
    pub digest: String,
}

/// Runs a simulation to its end. It blocks the thread, so it must not be called within a runtime.
///
/// # Errors
/// See [`SimulationError`]. Inconsistencies are no error; the outcome lists them.
pub fn run(settings: &Settings) -> Result<Outcome, SimulationError> {
    let mut world = World::new(settings)?;
    world.live()?;
    world.judge()
}

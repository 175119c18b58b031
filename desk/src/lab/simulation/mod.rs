//! Weeks of the desk in seconds: a clock of its own, people and faults that follow from a seed, over the real desk.
//!
//! Store, outbox, scheduler and rules are those that serve; time, chance and the mail server are the simulation's. Two
//! nodes share the database and are killed in the middle of their work; the mail server is down for hours; long
//! transactions stand in the way. In the end [`check`](crate::lab::integrity_check::check) reads the whole database, and the mail
//! server's book is held against the outbox. One thing happens after the other, so the same seed always comes to the
//! same end, on either engine.

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

/// Monday 21 December 2026, 10:00 in Caracas: two weeks from there hold holidays and a new year.
const START: Instant = Instant(1_797_861_600);

/// What to simulate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many cases are opened, but for those that take another up.
    pub cases: u32,
    /// What all chance follows from.
    pub seed: u64,
    /// For how many days.
    pub days: u32,
    /// An empty database: `sqlite:PATH` or `postgres://…`.
    pub database: String,
}

/// Why there is no outcome.
#[derive(Debug, Error)]
pub enum SimulationError {
    /// Somebody works with that database: take an empty one.
    #[error("the database is not empty")]
    NotEmpty,
    /// The simulation's own data breaks a rule of the desk.
    #[error("the simulation's data is wrong: {0}")]
    Data(String),
    /// The staff could not be added.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The database failed though nothing was done to it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No thread could be had.
    #[error("the runtime does not start: {0}")]
    Runtime(io::Error),
}

impl SimulationError {
    fn data(what: impl std::fmt::Display) -> Self {
        Self::Data(what.to_string())
    }
}

/// What was done to the desk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// Processes killed while nothing was under way.
    pub killed_idle: u64,
    /// Processes killed with a transaction open.
    pub killed_in_transaction: u64,
    /// Processes killed after a commit, before anybody heard of it.
    pub killed_before_answer: u64,
    /// Processes killed with mails in the server's hands.
    pub killed_with_mail: u64,
    /// Times that the mail server went down.
    pub mail_down: u64,
    /// Mails that it put off.
    pub mails_put_off: u64,
    /// Mails that went out more than once, after a kill.
    pub mails_twice: u64,
    /// Long transactions that others had to wait for.
    pub long_transactions: u64,
    /// Wishes that rested on an old version of their case.
    pub conflicts: u64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Cases that were opened.
    pub cases: u64,
    /// Entries of their histories.
    pub events: u64,
    /// Mails, and how many of them no server takes.
    pub mails: u64,
    /// Mails that were given up: the server refused them for good.
    pub mails_dead: u64,
    /// Wishes that the desk refused.
    pub refused: u64,
    /// Promises per priority, from P1 to P4.
    pub targets: [SlaCounts; 4],
    /// What was done to the desk.
    pub faults: Faults,
    /// How often each kind of event happened.
    pub happened: BTreeMap<&'static str, u64>,
    /// What may never be; empty when all is well.
    pub inconsistencies: Vec<String>,
    /// The same for the same settings, whatever the engine.
    pub digest: String,
}

/// Runs a simulation to its end. Blocks the thread: not to be called from within a runtime.
///
/// # Errors
/// See [`SimulationError`]; what contradicts itself in the end is no error but stands in the outcome.
pub fn run(settings: &Settings) -> Result<Outcome, SimulationError> {
    let mut world = World::new(settings)?;
    world.live()?;
    world.judge()
}

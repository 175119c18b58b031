//! Random commands to cases, for the tests of `domain` and `desk`: in any order, sensible or not. The rules refuse the rest.
//!
//! It is a crate of its own, on which nothing that is shipped depends. As a feature of `domain` it would have that crate,
//! and all crates above it, compiled a second time for the tests.
#![allow(clippy::missing_panics_doc, reason = "tests panic")]

mod commands;
mod visits;

use domain::actor::{Actor, PersonId, Role, Staff};
use domain::calendar::ServiceHours;
use domain::case::{Case, Command, ResolvedContract, Status};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use proptest::prelude::*;
use proptest::sample::select;

use commands::Requester;
pub use visits::Photograph;

/// The people of the desk.
#[derive(Debug, Clone)]
pub struct Cast {
    /// An agent.
    pub agent: Staff,
    /// Another agent.
    pub colleague: Staff,
    /// Their supervisor.
    pub supervisor: Staff,
    /// A technician.
    pub technician: Staff,
    /// Another technician.
    pub other_technician: Staff,
}

impl Cast {
    /// People who are in no register.
    #[must_use]
    pub fn made_up() -> Self {
        let staff =
            |id, name: &str, role| Staff { id: PersonId(id), name: name.to_owned(), role, composed: None };
        Self {
            agent: staff(7, "Luis", Role::Agent),
            colleague: staff(8, "Rosa", Role::Agent),
            supervisor: staff(9, "Andrés", Role::Supervisor),
            technician: staff(10, "Rosa Marín", Role::Technician),
            other_technician: staff(11, "Pedro Osorio", Role::Technician),
        }
    }
}

/// One step of a random history: a delay, a kind of request, and the dice for its details.
#[derive(Debug, Clone)]
pub struct Step {
    /// Seconds after the step before.
    pub after_s: i64,
    kind: Kind,
    dice: u32,
}

/// A request about a case.
#[derive(Debug, Clone)]
pub enum Request {
    /// A command.
    Do(Box<Command>),
    /// A file for the visit that is under way.
    Attach(Photograph),
    /// The opening of a case that follows this one.
    Follow,
}

/// What the people know when they make a request.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The people of the desk.
    pub people: &'a Cast,
    /// The register's answer for any other contract; `None` where the desk looks it up.
    pub resolved: Option<&'a ResolvedContract>,
    /// All cases with their status, the one in question among them.
    pub cases: &'a [(CaseNumber, Status)],
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// A step that fits the case's state.
    Progress,
    /// The commands that are due by time.
    Time,
    Attempt,
    Contact,
    Undo,
    Note,
    Update,
    Message,
    Pause,
    Resume,
    Priority,
    Reprioritize,
    Correct,
    Amend,
    Assign,
    Offer,
    Agree,
    Answer,
    Confirm,
    Move,
    Reassign,
    CallOff,
    Miss,
    OnSite,
    Resolve,
    Verify,
    CloseUnconfirmed,
    Reopen,
    Survey,
    Cancel,
    Duplicate,
    Relate,
    Unrelate,
    Follow,
    Attach,
    Detach,
}

/// A step of any kind. Progress is the most frequent kind, so that histories come to their end as well.
pub fn some_step() -> impl Strategy<Value = Step> {
    use Kind as W;
    let others = select(vec![
        W::Attempt,
        W::Contact,
        W::Undo,
        W::Note,
        W::Update,
        W::Message,
        W::Pause,
        W::Resume,
        W::Priority,
        W::Reprioritize,
        W::Correct,
        W::Amend,
        W::Assign,
        W::Offer,
        W::Agree,
        W::Answer,
        W::Confirm,
        W::Move,
        W::Reassign,
        W::CallOff,
        W::Miss,
        W::OnSite,
        W::Resolve,
        W::Verify,
        W::CloseUnconfirmed,
        W::Reopen,
        W::Survey,
        W::Cancel,
        W::Duplicate,
        W::Relate,
        W::Unrelate,
        W::Follow,
        W::Attach,
        W::Detach,
    ]);
    let kind = prop_oneof![3 => Just(W::Progress), 2 => Just(W::Time), 4 => others];
    let after_s = prop_oneof![2 => 0..1_800_i64, 3 => 1_800..40_000_i64, 1 => 40_000..700_000_i64];
    (after_s, kind, any::<u32>()).prop_map(|(after_s, kind, dice)| Step { after_s, kind, dice })
}

impl Step {
    /// The index of the case that the step is about. The first case is the most frequent, so that its history gets long.
    #[must_use]
    pub fn case_index(&self, cases: usize) -> usize {
        let dice = usize::try_from(self.dice >> 8).unwrap();
        if dice % 4 > 0 { 0 } else { dice / 4 % cases }
    }

    /// The requests about `case` at `now`, each with its actor.
    #[must_use]
    pub fn requests(
        &self,
        case: &Case,
        context: Context<'_>,
        hours: &ServiceHours,
        now: Instant,
    ) -> Vec<(Actor, Request)> {
        let requester = Requester { case, context, people: context.people, now, dice: self.dice };
        let request = |(actor, command)| (actor, Request::Do(Box::new(command)));
        match self.kind {
            Kind::Time => {
                let due = case.due_commands(hours, now);
                due.into_iter().map(|command| request((Actor::System, command))).collect()
            }
            Kind::Progress => vec![requester.request(requester.progress())],
            kind => vec![requester.request(kind)],
        }
    }
}

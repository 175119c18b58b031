//! The fold of a history into a case.

mod attended;
mod terminated;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::assignment::Assignee;
use super::event::{Author, Channel, CloseReason, Event, Opening, PauseReason, Recorded, ResumeCause};
use super::links::Links;
use super::message::{CustomerUpdates, MessageEvent};
use super::revision::{PriorityInputs, RevisionEvent};
use super::termination::{Termination, TerminationRecord};
use super::timer::SlaTimer;
use super::visit::Visits;
use crate::entitlement::Entitlement;
use crate::priority::Priority;
use crate::sla_plan::{ReopenBudget, SlaMetric};
use crate::survey::Survey;
use crate::time::Instant;
use attended::UndoSnapshot;

choices! {
    /// Where a case stands, in the words of the desk.
    pub enum Status: "status" {
        /// Registered; nobody has spoken with the customer yet.
        New = "new",
        /// The customer was reached and the case is being worked on.
        InProgress = "in_progress",
        /// The clocks stand still for a reason.
        OnHold = "on_hold",
        /// The desk says that it works again, and waits for the customer's word.
        Resolved = "resolved",
        /// Done: the customer said so, or somebody of the staff decided.
        Closed = "closed",
        /// Nobody wants it any more, or it should never have been opened.
        Cancelled = "cancelled",
        /// Another case goes on in its place.
        Duplicate = "duplicate",
    }
}

/// A wait, as the history tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// What is waited for.
    pub reason: PauseReason,
    /// When the pause began.
    pub from: Instant,
    /// When it ends by itself.
    pub until: Instant,
    /// When somebody ended it; `None` while it lasts or when it ended by itself.
    pub ended: Option<Instant>,
}

impl Pause {
    /// The first instant after the wait: its end by hand or by itself, whichever came first.
    #[must_use]
    pub fn to(&self) -> Instant {
        self.ended.map_or(self.until, |ended| ended.min(self.until))
    }
}

/// How a case ended, as the history tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// When the case was closed.
    pub at: Instant,
    /// On whose word.
    pub reason: CloseReason,
    /// The first instant at which it can no longer be opened again.
    pub reopen_until: Instant,
}

/// Why a list of events is not the history of a case.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HistoryProblem {
    /// The first entry must be the opening, and no other may be.
    #[error("entry {0} is out of place")]
    OutOfPlace(u32),
    /// Versions must count up by one from 1.
    #[error("entry {found} follows entry {after}")]
    Gap {
        /// The version before.
        after: u32,
        /// The version found.
        found: u32,
    },
}

/// A case as its history makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What was settled at the opening; contract, serial, terms and hours as corrected since.
    pub opening: Opening,
    /// When it was opened.
    pub opened_at: Instant,
    /// How many entries the history has.
    pub version: u32,
    priority: Priority,
    /// Every priority, each in force from its instant on.
    priorities: Vec<(Instant, Priority)>,
    priority_inputs: PriorityInputs,
    /// When contract or serial were last corrected.
    corrected_at: Option<Instant>,
    assignee: Option<Assignee>,
    pub(super) news: CustomerUpdates,
    attempts: u32,
    first_contact: Option<Instant>,
    undo: Option<UndoSnapshot>,
    resolved_at: Option<Instant>,
    verified_at: Option<Instant>,
    closed: Option<Closed>,
    terminated: Option<TerminationRecord>,
    links: Links,
    reminders: u8,
    awaits_decision: bool,
    pauses: Vec<Pause>,
    attention: SlaTimer,
    resolution: SlaTimer,
    visits: Visits,
    /// Cycles of resolution that a reopening ended, and promises about visits that another took the place of, in order:
    /// nothing changes them.
    past: Vec<SlaTimer>,
    warned: BTreeSet<(SlaMetric, u32, u8)>,
    /// When the customer put something of their report right.
    amended_by_customer: Vec<Instant>,
    survey: Survey,
    /// Whether nobody stands for it but the one who sent it.
    unverified: bool,
}

impl Case {
    /// Folds a whole history.
    ///
    /// # Errors
    /// When the list does not start with an opening or its versions do not count up by one.
    pub fn from_history(history: &[Recorded]) -> Result<Self, HistoryProblem> {
        let (first, rest) = history.split_first().ok_or(HistoryProblem::OutOfPlace(0))?;
        let mut case = Self::open(first)?;
        for recorded in rest {
            case.evolve(recorded)?;
        }
        Ok(case)
    }

    /// The case as its opening makes it.
    ///
    /// # Errors
    /// When `recorded` is no opening or not the first entry.
    pub fn open(recorded: &Recorded) -> Result<Self, HistoryProblem> {
        let Event::Opened(opening) = &recorded.event else {
            return Err(HistoryProblem::OutOfPlace(recorded.version));
        };
        if recorded.version != 1 {
            return Err(HistoryProblem::Gap { after: 0, found: recorded.version });
        }
        let targets = opening.terms.targets(opening.priority);
        let mut survey = Survey::default();
        survey.evolve(recorded);
        let timer = |kind, target_s| SlaTimer::start(kind, recorded.at, target_s);
        Ok(Self {
            opened_at: recorded.at,
            version: 1,
            priority: opening.priority,
            priorities: vec![(recorded.at, opening.priority)],
            priority_inputs: PriorityInputs {
                severity: opening.report.severity,
                urgency: opening.report.urgency,
            },
            corrected_at: None,
            assignee: None,
            news: CustomerUpdates::default(),
            attempts: 0,
            first_contact: None,
            undo: None,
            resolved_at: None,
            verified_at: None,
            closed: None,
            terminated: None,
            links: Links::default(),
            reminders: 0,
            awaits_decision: false,
            visits: Visits::default(),
            past: Vec::new(),
            pauses: Vec::new(),
            attention: timer(SlaMetric::FirstResponse, targets.first_response_s),
            resolution: timer(SlaMetric::Resolution, targets.resolution_s),
            warned: BTreeSet::new(),
            amended_by_customer: Vec::new(),
            survey,
            unverified: recorded.by.is_customer() && opening.coverage != Entitlement::Covered,
            opening: (**opening).clone(),
        })
    }

    /// Whether nobody stands for the case but the one who sent it: no contract covers it, and nobody of the staff opened it or
    /// has done anything about it since. Anybody may have sent it, with anything in it.
    #[must_use]
    pub const fn is_unverified(&self) -> bool {
        self.unverified
    }

    /// Adds the next entry of the history.
    ///
    /// # Errors
    /// When `recorded` is a second opening or its version is not the next.
    pub fn evolve(&mut self, recorded: &Recorded) -> Result<(), HistoryProblem> {
        if recorded.version != self.version + 1 {
            return Err(HistoryProblem::Gap { after: self.version, found: recorded.version });
        }
        let at = recorded.at;
        self.survey.evolve(recorded);
        self.unverified &= !matches!(recorded.by, Author::Staff { .. });
        // Whatever is built on a contact makes it one that stays.
        let undo = self.undo.take();
        match &recorded.event {
            Event::Opened(_) => return Err(HistoryProblem::OutOfPlace(recorded.version)),
            Event::ContactAttempted { .. } => self.attempts += 1,
            Event::Contacted { channel, .. } => self.contacted(recorded, *channel),
            Event::Noted { .. } | Event::Survey(_) => self.undo = undo,
            Event::Warned { clock, cycle, level } => {
                self.warned.insert((*clock, *cycle, *level));
                self.undo =
                    undo.filter(|_| !matches!(clock, SlaMetric::NextUpdate | SlaMetric::CommittedUpdate));
            }
            Event::Paused { reason, until, .. } => {
                self.pauses.push(Pause { reason: *reason, from: at, until: *until, ended: None });
            }
            Event::Resumed { cause } => {
                self.end_pause(at);
                // Time alone builds on nothing.
                self.undo = undo.filter(|_| *cause == ResumeCause::EndCame);
            }
            Event::PriorityChanged { to, .. } => self.reorder(at, *to),
            Event::Assignment(event) => self.assignee = event.assignee().cloned(),
            Event::Message(event) => {
                let next_s = self.news_owed_s();
                self.news.evolve(at, event, next_s);
                let is_part_of_it = matches!(event, MessageEvent::UpdateCommitted { .. });
                self.undo = undo.filter(|undo| is_part_of_it && undo.at == at);
            }
            Event::Revision(event) => self.revise(recorded, event, undo),
            Event::Resolved { .. } => self.resolve(at),
            Event::Verified { .. } => self.verified_at = Some(at),
            Event::VerificationReminded { nth } => self.reminders = *nth,
            Event::VerificationUnanswered => self.awaits_decision = true,
            Event::Closed { reason, reopen_until, .. } => {
                self.closed = Some(Closed { at, reason: *reason, reopen_until: *reopen_until });
            }
            Event::Reopened { target_s, .. } => self.begin_cycle(at, *target_s),
            Event::Terminated(why) => self.terminate(TerminationRecord { at, why: why.clone() }),
            Event::Link(event) => self.links.evolve(at, event),
            Event::Visit { visit, what } => {
                let no_show = self.opening.terms.no_show();
                self.past.extend(self.visits.evolve(*visit, what, at, no_show));
            }
        }
        self.version = recorded.version;
        Ok(())
    }

    fn contacted(&mut self, recorded: &Recorded, channel: Channel) {
        let at = recorded.at;
        // A contact on site is no slip of a finger: it cannot be undone.
        self.undo = (channel != Channel::OnSite).then(|| self.undo_snapshot(recorded.version, at));
        self.first_contact.get_or_insert(at);
        self.attention.stop(at);
        self.news.sent(at, self.news_owed_s());
    }

    fn revise(&mut self, recorded: &Recorded, event: &RevisionEvent, undo: Option<UndoSnapshot>) {
        match event {
            RevisionEvent::Reprioritized { to, priority, .. } => {
                self.priority_inputs = *to;
                self.reorder(recorded.at, *priority);
            }
            RevisionEvent::Corrected(correction) => self.retell(recorded.at, correction),
            RevisionEvent::ContactUndone { contact } => {
                if let Some(undo) = undo.filter(|undo| undo.contact == *contact) {
                    self.undo_contact(undo);
                }
            }
            RevisionEvent::Amended { what, .. } => {
                self.undo = undo;
                self.amend(recorded, what);
            }
        }
    }

    fn resolve(&mut self, at: Instant) {
        self.end_pause(at);
        self.resolved_at = Some(at);
        self.reminders = 0;
        self.awaits_decision = false;
        self.resolution.stop(at);
        self.news.sent(at, None);
    }

    fn begin_cycle(&mut self, at: Instant, target_s: i64) {
        // The fold has no business hours. So the time that earlier cycles used is subtracted where clocks are read.
        let target_s = match self.opening.terms.closing().reopen_budget {
            ReopenBudget::Fresh => target_s,
            ReopenBudget::Remaining => self.opening.terms.targets(self.priority).resolution_s,
        };
        let next = self.resolution.next_cycle(at, target_s);
        self.past.push(std::mem::replace(&mut self.resolution, next));
        self.resolved_at = None;
        self.verified_at = None;
        self.closed = None;
        self.news.sent(at, self.news_owed_s());
    }

    fn end_pause(&mut self, at: Instant) {
        if let Some(pause) = self.pauses.last_mut() {
            pause.ended.get_or_insert(at);
        }
    }

    /// Where the case stands. A wait counts until somebody or the scheduler has ended it.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.terminated.as_ref().map(|terminated| &terminated.why) {
            Some(Termination::Cancelled { .. }) => return Status::Cancelled,
            Some(Termination::Duplicate { .. }) => return Status::Duplicate,
            None => {}
        }
        match (self.resolved_at, self.pause(), self.first_contact) {
            _ if self.closed.is_some() => Status::Closed,
            (Some(_), _, _) => Status::Resolved,
            (None, Some(_), _) => Status::OnHold,
            (None, None, Some(_)) => Status::InProgress,
            (None, None, None) => Status::New,
        }
    }

    /// The order of work now.
    #[must_use]
    pub const fn priority(&self) -> Priority {
        self.priority
    }

    /// How often somebody tried to reach the customer in vain.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// When a human first spoke with the customer.
    #[must_use]
    pub const fn first_contact(&self) -> Option<Instant> {
        self.first_contact
    }

    /// When it was resolved.
    #[must_use]
    pub const fn resolved_at(&self) -> Option<Instant> {
        self.resolved_at
    }

    /// When the customer's contact last said whether it works, in this cycle.
    #[must_use]
    pub const fn verified_at(&self) -> Option<Instant> {
        self.verified_at
    }

    /// How it ended, if it has.
    #[must_use]
    pub const fn closed(&self) -> Option<&Closed> {
        self.closed.as_ref()
    }

    /// What was asked of the customer after the end, and what they answered.
    #[must_use]
    pub const fn survey(&self) -> &Survey {
        &self.survey
    }

    /// How often the customer was asked again whether it works, in this cycle.
    #[must_use]
    pub const fn reminders(&self) -> u8 {
        self.reminders
    }

    /// Whether the customer has not answered for as long as the plan waits.
    #[must_use]
    pub const fn awaits_decision(&self) -> bool {
        self.awaits_decision
    }

    /// The wait that the case is in, if no entry has ended it yet.
    #[must_use]
    pub fn pause(&self) -> Option<&Pause> {
        self.pauses.last().filter(|pause| pause.ended.is_none())
    }

    /// All waits, in order.
    #[must_use]
    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// Whether a warning level was recorded.
    #[must_use]
    pub fn was_warned(&self, clock: SlaMetric, cycle: u32, level: u8) -> bool {
        self.warned.contains(&(clock, cycle, level))
    }

    /// The visits of the case.
    #[must_use]
    pub const fn visits(&self) -> &Visits {
        &self.visits
    }

    /// Cycles of promises that others took the place of, in order.
    #[must_use]
    pub fn past_cycles(&self) -> &[SlaTimer] {
        &self.past
    }

    /// The promises under way or done, each in its latest cycle, in the order in which a case meets them.
    pub fn timers(&self) -> impl Iterator<Item = &SlaTimer> {
        let timers =
            [Some(&self.attention), self.news.current(), self.visits.timer(), Some(&self.resolution)];
        timers.into_iter().flatten()
    }
}

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
use super::participant::Participants;
use super::revision::{PriorityInputs, RevisionEvent};
use super::termination::{Termination, TerminationRecord};
use super::timer::SlaTimer;
use super::tracking::Renewals;
use super::visit::Visits;
use crate::entitlement::Entitlement;
use crate::priority::Priority;
use crate::sla_plan::{ReopenBudget, SlaMetric};
use crate::survey::Survey;
use crate::time::Instant;
use attended::UndoSnapshot;

choices! {
    /// Status of a case.
    pub enum Status: "status" {
        /// Registered; the customer has not been contacted yet.
        New = "new",
        /// The customer was contacted, and the desk works on the case.
        InProgress = "in_progress",
        /// Paused for a reason that stops clocks.
        OnHold = "on_hold",
        /// Resolved by the desk; the customer's verification is awaited.
        Resolved = "resolved",
        /// Closed, by the customer's confirmation or by the staff's decision.
        Closed = "closed",
        /// No longer wanted, or opened by mistake.
        Cancelled = "cancelled",
        /// Closed in favour of another case.
        Duplicate = "duplicate",
    }
}

/// A pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// What is waited for.
    pub reason: PauseReason,
    /// When the pause began.
    pub from: Instant,
    /// Its expected end.
    pub until: Instant,
    /// When it was ended by hand or by an entry; `None` while it lasts or when it ended by time.
    pub ended: Option<Instant>,
}

impl Pause {
    /// The first instant after the pause: the earlier of its actual and its expected end.
    #[must_use]
    pub fn to(&self) -> Instant {
        self.ended.map_or(self.until, |ended| ended.min(self.until))
    }
}

/// The closing of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// When the case was closed.
    pub at: Instant,
    /// Confirmed by the customer or not.
    pub reason: CloseReason,
    /// The first instant at which the case can no longer be reopened.
    pub reopen_until: Instant,
}

/// Why a list of events is not the history of a case.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HistoryProblem {
    /// The opening must be the first entry and the only one of its kind.
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

/// A case, folded from its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The opening; contract, serial, plan and hours as corrected since.
    pub opening: Opening,
    /// Time of the opening.
    pub opened_at: Instant,
    /// Number of entries in the history.
    pub version: u32,
    priority: Priority,
    /// Every priority, each in force from its instant on.
    priorities: Vec<(Instant, Priority)>,
    priority_inputs: PriorityInputs,
    /// Time of the last correction of contract or serial.
    corrected_at: Option<Instant>,
    assignee: Option<Assignee>,
    pub(super) updates: CustomerUpdates,
    attempts: u32,
    first_contact: Option<Instant>,
    undo: Option<UndoSnapshot>,
    resolved_at: Option<Instant>,
    verified_at: Option<Instant>,
    closed: Option<Closed>,
    terminated: Option<TerminationRecord>,
    links: Links,
    pub(super) renewals: Renewals,
    pub(super) participants: Participants,
    /// When personal data were erased.
    erased: Option<Instant>,
    reminders: u8,
    awaits_decision: bool,
    pauses: Vec<Pause>,
    attention: SlaTimer,
    resolution: SlaTimer,
    visits: Visits,
    /// Ended cycles of resolution, and on-site targets of former agreements, in order. They never change.
    past: Vec<SlaTimer>,
    warned: BTreeSet<(SlaMetric, u32, u8)>,
    /// Times of the customer's amendments of the report.
    amended_by_customer: Vec<Instant>,
    survey: Survey,
    /// See [`Case::is_unverified`].
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
            updates: CustomerUpdates::default(),
            attempts: 0,
            first_contact: None,
            undo: None,
            resolved_at: None,
            verified_at: None,
            closed: None,
            terminated: None,
            links: Links::default(),
            renewals: Renewals::default(),
            participants: Participants::default(),
            erased: None,
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

    /// Whether only the sender vouches for the case: no contract covers it, and the staff neither opened it nor worked
    /// on it. Its content is then a stranger's.
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
        // Any later entry that builds on a contact makes it final.
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
                // The end of a pause by time builds on nothing.
                self.undo = undo.filter(|_| *cause == ResumeCause::EndCame);
            }
            Event::PriorityChanged { to, .. } => self.reorder(at, *to),
            Event::Assignment(event) => self.assignee = event.assignee().cloned(),
            Event::Message(event) => {
                let next_s = self.update_interval_s();
                self.updates.evolve(at, event, next_s);
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
            Event::TrackingRenewed { .. } => {
                // It builds on no contact.
                self.undo = undo;
                self.renewals.evolve(at);
            }
            Event::Participant(event) => {
                // It builds on no contact.
                self.undo = undo;
                self.participants.evolve(at, &recorded.by, event);
            }
            Event::Erased { .. } => {
                self.erased = Some(at);
                self.participants.end();
            }
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
        // A contact on site is no misclick: it cannot be undone.
        self.undo = (channel != Channel::OnSite).then(|| self.undo_snapshot(recorded.version, at));
        self.first_contact.get_or_insert(at);
        self.attention.stop(at);
        self.updates.sent(at, self.update_interval_s());
    }

    fn revise(&mut self, recorded: &Recorded, event: &RevisionEvent, undo: Option<UndoSnapshot>) {
        match event {
            RevisionEvent::Reprioritized { to, priority, .. } => {
                self.priority_inputs = *to;
                self.reorder(recorded.at, *priority);
            }
            RevisionEvent::Corrected(correction) => self.recount(recorded.at, correction),
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
        self.updates.sent(at, None);
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
        self.updates.sent(at, self.update_interval_s());
    }

    fn end_pause(&mut self, at: Instant) {
        if let Some(pause) = self.pauses.last_mut() {
            pause.ended.get_or_insert(at);
        }
    }

    /// The status. A pause counts until an entry ends it.
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

    /// The priority in force.
    #[must_use]
    pub const fn priority(&self) -> Priority {
        self.priority
    }

    /// Number of failed attempts to reach the customer.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Time of the first contact with the customer.
    #[must_use]
    pub const fn first_contact(&self) -> Option<Instant> {
        self.first_contact
    }

    /// Time of the resolution.
    #[must_use]
    pub const fn resolved_at(&self) -> Option<Instant> {
        self.resolved_at
    }

    /// Time of the customer's last verdict in this cycle.
    #[must_use]
    pub const fn verified_at(&self) -> Option<Instant> {
        self.verified_at
    }

    /// The closing; `None` while the case is not closed.
    #[must_use]
    pub const fn closed(&self) -> Option<&Closed> {
        self.closed.as_ref()
    }

    /// When personal data were erased; `None` while they are kept.
    #[must_use]
    pub const fn erased(&self) -> Option<Instant> {
        self.erased
    }

    /// The survey after the end of the case.
    #[must_use]
    pub const fn survey(&self) -> &Survey {
        &self.survey
    }

    /// Number of verification reminders in this cycle.
    #[must_use]
    pub const fn reminders(&self) -> u8 {
        self.reminders
    }

    /// Whether the verification is overdue by the plan.
    #[must_use]
    pub const fn awaits_decision(&self) -> bool {
        self.awaits_decision
    }

    /// The current pause, unless an entry has ended it.
    #[must_use]
    pub fn pause(&self) -> Option<&Pause> {
        self.pauses.last().filter(|pause| pause.ended.is_none())
    }

    /// All pauses, in order.
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

    /// Ended cycles of SLA targets, in order.
    #[must_use]
    pub fn past_cycles(&self) -> &[SlaTimer] {
        &self.past
    }

    /// The SLA timers, open or stopped, each in its latest cycle, in the order in which a case meets them.
    pub fn timers(&self) -> impl Iterator<Item = &SlaTimer> {
        let timers =
            [Some(&self.attention), self.updates.current(), self.visits.timer(), Some(&self.resolution)];
        timers.into_iter().flatten()
    }
}

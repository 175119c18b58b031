//! The fold of assignee, priority, contract and customer updates.

use super::super::amendment::Amendment;
use super::super::assignment::Assignee;
use super::super::event::Recorded;
use super::super::message::CustomerUpdates;
use super::super::revision::{ContractRef, Correction, PriorityInputs, UndoableContact};
use super::super::timer::StoodUnder;
use super::Case;
use crate::actor::Subject;
use crate::priority::Priority;
use crate::time::Instant;

/// The latest contact that can be undone, and the state before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UndoSnapshot {
    pub(super) contact: u32,
    pub(super) at: Instant,
    was_first: bool,
    updates: CustomerUpdates,
}

impl Case {
    /// The state to which a contact that is about to be logged can be undone.
    pub(super) fn undo_snapshot(&self, contact: u32, at: Instant) -> UndoSnapshot {
        UndoSnapshot { contact, at, was_first: self.first_contact.is_none(), updates: self.updates.clone() }
    }

    /// Undoes a contact. The clocks that it stopped run on as if they had never stopped.
    pub(super) fn undo_contact(&mut self, snapshot: UndoSnapshot) {
        if snapshot.was_first {
            self.first_contact = None;
            self.attention.undo_stop();
        }
        self.updates = snapshot.updates.in_place_of(&self.updates);
    }

    /// The latest contact, while no later entry builds on it. It can be undone until its time is over. `None` in a
    /// terminated case, whose contacts are of its past.
    #[must_use]
    pub fn undoable_contact(&self) -> Option<UndoableContact> {
        self.undo
            .as_ref()
            .filter(|_| self.terminated.is_none())
            .map(|snapshot| UndoableContact { contact: snapshot.contact, at: snapshot.at })
    }

    /// Business seconds until the next update is due; `None` when none is owed: before the first contact, and once the
    /// case is resolved or terminated.
    pub(super) fn update_interval_s(&self) -> Option<i64> {
        let is_over = self.resolved_at.is_some() || self.terminated.is_some();
        let owed = self.first_contact.is_some() && !is_over;
        owed.then(|| self.opening.terms.targets(self.priority).update_s)
    }

    /// Sets another priority from `at` on. Used time remains used.
    pub(super) fn reorder(&mut self, at: Instant, to: Priority) {
        if to == self.priority {
            return;
        }
        self.priority = to;
        self.priorities.push((at, to));
        let targets = self.opening.terms.targets(to);
        for timer in [&mut self.attention, &mut self.resolution].into_iter().chain(self.updates.current_mut())
        {
            if let Some(target_s) = targets.of(timer.kind) {
                timer.retarget(at, target_s);
            }
        }
    }

    /// The priority at an instant, after all events of that instant; before the opening, that of the opening.
    #[must_use]
    pub fn priority_at(&self, at: Instant) -> Priority {
        let then = self.priorities.iter().rev().find(|(from, _)| *from <= at);
        then.map_or(self.opening.priority, |(_, priority)| *priority)
    }

    /// Recounts every target under the corrected contract.
    pub(super) fn recount(&mut self, at: Instant, correction: &Correction) {
        let Correction { to, resolved, priority, broken, .. } = correction;
        let stood = StoodUnder {
            contract: self.opening.report.contract.clone(),
            hours: self.opening.hours.clone(),
            calendar: None,
        };
        self.corrected_at = Some(at);
        self.opening.report.contract.clone_from(&to.contract);
        self.opening.report.serial.clone_from(&to.serial);
        self.opening.coverage = resolved.coverage;
        self.opening.terms.clone_from(&resolved.terms);
        self.opening.hours.clone_from(&resolved.hours);
        let (terms, priorities) = (&resolved.terms, &self.priorities);
        let timers = self.past.iter_mut().chain([&mut self.attention, &mut self.resolution]);
        for timer in timers.chain(self.updates.all_mut()) {
            let was_broken =
                broken.iter().find(|(kind, cycle, _)| (*kind, *cycle) == (timer.kind, timer.cycle));
            let end = timer.stopped.unwrap_or(at);
            let (before, since): (Vec<_>, Vec<_>) = priorities
                .iter()
                .filter(|(from, _)| *from <= end)
                .partition(|(from, _)| *from <= timer.started);
            let first = before.last().map(|(_, priority)| (timer.started, *priority));
            // Committed and agreed times follow from no plan.
            let target = |(from, of)| Some((from, terms.targets(of).of(timer.kind)?));
            let targets = first.into_iter().chain(since).map(target).collect();
            timer.recount(targets, was_broken.map(|(_, _, breach)| (*breach, stood.clone())));
        }
        self.reorder(at, *priority);
    }

    /// Time of the last correction of contract or serial, which recounted every target.
    pub(in crate::case) const fn corrected_at(&self) -> Option<Instant> {
        self.corrected_at
    }

    /// Applies an amendment to contact, location or fault. The history keeps the customer's statement.
    pub(super) fn amend(&mut self, recorded: &Recorded, what: &Amendment) {
        what.apply(&mut self.opening.report);
        if recorded.by.is_customer() {
            self.amended_by_customer.push(recorded.at);
        }
    }

    /// Number of the customer's amendments within the hour before `now`.
    pub(in crate::case) fn amended_by_customer_since(&self, now: Instant) -> usize {
        self.amended_by_customer.iter().filter(|at| now.since(**at) < 3600).count()
    }

    /// Impact and urgency in force. The opening keeps the customer's statement.
    #[must_use]
    pub const fn priority_inputs(&self) -> PriorityInputs {
        self.priority_inputs
    }

    /// Contract and serial in force.
    #[must_use]
    pub fn cover(&self) -> ContractRef {
        let report = &self.opening.report;
        ContractRef { contract: report.contract.clone(), serial: report.serial.clone() }
    }

    /// The assignee, if there is one.
    #[must_use]
    pub const fn assignee(&self) -> Option<&Assignee> {
        self.assignee.as_ref()
    }

    /// Time of the customer's oldest message without a reply.
    #[must_use]
    pub const fn unanswered(&self) -> Option<Instant> {
        self.updates.unanswered()
    }

    /// The case as a subject of the policy.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject::Case { number: self.opening.number, country: self.opening.report.country }
    }

    /// Whether a pause from `now` to `until` stays within the plan's limit for all pauses together.
    pub(in crate::case) fn may_wait_until(&self, until: Instant, now: Instant) -> bool {
        let waited_s: i64 = self.pauses.iter().map(|pause| pause.to().min(now).since(pause.from)).sum();
        let max_s = i64::from(self.opening.terms.waiting().max_total_days) * 24 * 3600;
        waited_s + until.since(now) <= max_s
    }
}

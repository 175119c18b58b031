//! What the fold says of attention: who is on a case, how much it weighs, what it stands under, and the news it owes.

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

/// A contact on which nothing rests yet, and what the case was like without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UndoSnapshot {
    pub(super) contact: u32,
    pub(super) at: Instant,
    was_first: bool,
    news: CustomerUpdates,
}

impl Case {
    /// What a contact that is about to be logged could be taken back to.
    pub(super) fn undo_snapshot(&self, contact: u32, at: Instant) -> UndoSnapshot {
        UndoSnapshot { contact, at, was_first: self.first_contact.is_none(), news: self.news.clone() }
    }

    /// The contact never was: what it stopped runs on, as if it had never stood still.
    pub(super) fn undo_contact(&mut self, snapshot: UndoSnapshot) {
        if snapshot.was_first {
            self.first_contact = None;
            self.attention.run_on();
        }
        self.news = snapshot.news.in_place_of(&self.news);
    }

    /// The latest contact, as long as nothing rests on it: it can be taken back until its time is over. `None` in a case
    /// that was terminated: contacts that are logged there are of its past.
    #[must_use]
    pub fn undoable_contact(&self) -> Option<UndoableContact> {
        self.undo
            .as_ref()
            .filter(|_| self.terminated.is_none())
            .map(|snapshot| UndoableContact { contact: snapshot.contact, at: snapshot.at })
    }

    /// Within how many business seconds the customer is owed the next news; `None` when none is owed: before the first
    /// contact, and once the case is resolved or withdrawn.
    pub(super) fn news_owed_s(&self) -> Option<i64> {
        let is_over = self.resolved_at.is_some() || self.terminated.is_some();
        let owed = self.first_contact.is_some() && !is_over;
        owed.then(|| self.opening.terms.targets(self.priority).update_s)
    }

    /// Another order of work from `at` on: time already used stays used.
    pub(super) fn reorder(&mut self, at: Instant, to: Priority) {
        if to == self.priority {
            return;
        }
        self.priority = to;
        self.priorities.push((at, to));
        let targets = self.opening.terms.targets(to);
        for timer in [&mut self.attention, &mut self.resolution].into_iter().chain(self.news.current_mut()) {
            if let Some(target_s) = targets.of(timer.kind) {
                timer.retarget(at, target_s);
            }
        }
    }

    /// The order of work at an instant, after all that happened then; before the opening, that of the opening.
    #[must_use]
    pub fn priority_at(&self, at: Instant) -> Priority {
        let then = self.priorities.iter().rev().find(|(from, _)| *from <= at);
        then.map_or(self.opening.priority, |(_, priority)| *priority)
    }

    /// Tells every promise again under the right contract.
    pub(super) fn retell(&mut self, at: Instant, correction: &Correction) {
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
        for timer in timers.chain(self.news.all_mut()) {
            let was_broken =
                broken.iter().find(|(kind, cycle, _)| (*kind, *cycle) == (timer.kind, timer.cycle));
            let end = timer.stopped.unwrap_or(at);
            let (before, since): (Vec<_>, Vec<_>) = priorities
                .iter()
                .filter(|(from, _)| *from <= end)
                .partition(|(from, _)| *from <= timer.started);
            let first = before.last().map(|(_, priority)| (timer.started, *priority));
            // What somebody named or agreed on follows from no plan.
            let target = |(from, of)| Some((from, terms.targets(of).of(timer.kind)?));
            let targets = first.into_iter().chain(since).map(target).collect();
            timer.retell(targets, was_broken.map(|(_, _, breach)| (*breach, stood.clone())));
        }
        self.reorder(at, *priority);
    }

    /// When contract or serial were last corrected: every promise was told again then.
    pub(in crate::case) const fn corrected_at(&self) -> Option<Instant> {
        self.corrected_at
    }

    /// Contact, place or fault are other than they were. What was stated stands in the history.
    pub(super) fn amend(&mut self, recorded: &Recorded, what: &Amendment) {
        what.apply(&mut self.opening.report);
        if recorded.by.is_customer() {
            self.amended_by_customer.push(recorded.at);
        }
    }

    /// How often the customer amended their report within the hour before `now`.
    pub(in crate::case) fn amended_by_customer_since(&self, now: Instant) -> usize {
        self.amended_by_customer.iter().filter(|at| now.since(**at) < 3600).count()
    }

    /// Severity and urgency now. What the customer stated stands in the opening.
    #[must_use]
    pub const fn priority_inputs(&self) -> PriorityInputs {
        self.priority_inputs
    }

    /// The contract and the serial that the case stands under now.
    #[must_use]
    pub fn cover(&self) -> ContractRef {
        let report = &self.opening.report;
        ContractRef { contract: report.contract.clone(), serial: report.serial.clone() }
    }

    /// Who is on it.
    #[must_use]
    pub const fn assignee(&self) -> Option<&Assignee> {
        self.assignee.as_ref()
    }

    /// Since when the customer waits for an answer to what they wrote.
    #[must_use]
    pub const fn unanswered(&self) -> Option<Instant> {
        self.news.unanswered()
    }

    /// The case as the policy sees it.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject::Case { number: self.opening.number, country: self.opening.report.country }
    }

    /// Whether a wait from `now` to `until` keeps to the plan's limit of all waits together.
    pub(in crate::case) fn may_wait_until(&self, until: Instant, now: Instant) -> bool {
        let waited_s: i64 = self.pauses.iter().map(|pause| pause.to().min(now).since(pause.from)).sum();
        let max_s = i64::from(self.opening.terms.waiting().max_total_days) * 24 * 3600;
        waited_s + until.since(now) <= max_s
    }
}

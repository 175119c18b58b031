//! What time does to a case: warnings that are due, waits that end, and when to look next.

use super::command::Command;
use super::evolve::{Case, Status};
use super::sla_clock::SlaClock;
use crate::calendar::ServiceHours;
use crate::time::Instant;

impl Case {
    /// What the scheduler has to ask of the case at `now`: each warning level that was reached and not yet recorded,
    /// once per clock, cycle and level, the end of a wait that has come, what an answer that does not come asks for, and the
    /// survey's turns.
    /// Empty when nothing is due.
    #[must_use]
    pub fn due_commands(&self, hours: &ServiceHours, now: Instant) -> Vec<Command> {
        let spans = &hours.spans;
        let mut due = Vec::new();
        if let Some((at, command)) = self.next_of_verification(hours)
            && at <= now
        {
            due.push(command);
        }
        if let Some((at, command)) = self.next_of_survey(hours)
            && at <= now
        {
            due.push(Command::Survey(command));
        }
        if self.pause().is_some_and(|pause| pause.until <= now) {
            due.push(Command::EndPause);
        }
        for clock in self.clocks(spans, now) {
            let reading = clock.reading(spans, now);
            for &level in self.opening.terms.warning_levels() {
                let is_due = if clock.run.is_over() {
                    level == 100 && self.is_revealed(&clock)
                } else {
                    clock.reached(&reading, level)
                };
                if is_due && !self.was_warned(clock.kind, clock.cycle, level) {
                    due.push(Command::Warn { clock: clock.kind, cycle: clock.cycle, level });
                }
            }
        }
        due
    }

    /// Whether a promise was over, and only a correction shows that it was broken: nobody was warned while it ran.
    fn is_revealed(&self, clock: &SlaClock) -> bool {
        let corrected = self.corrected_at().is_some_and(|at| at >= clock.as_of);
        corrected && clock.breach.is_some() && !self.status().is_end()
    }

    /// When the scheduler must look at the case next: the next warning level of any promise that is still open, or the
    /// end of a wait. A promise is looked at as it breaks too, a second after all of it was used up: reports count it from
    /// there on. One that becomes at risk is looked at as well: the case's place in the queue changes. `None` when time can
    /// do nothing more to it.
    #[must_use]
    pub fn next_run(&self, hours: &ServiceHours, now: Instant) -> Option<Instant> {
        let spans = &hours.spans;
        let levels = self.opening.terms.warning_levels();
        let verification = self.next_of_verification(hours).map(|(at, _)| at);
        let survey = self.next_of_survey(hours).map(|(at, _)| at);
        let pause = self.pause().map(|pause| pause.until);
        let mut next = [pause, verification, survey].into_iter().flatten().min();
        for clock in self.clocks(spans, now) {
            let fresh = clock
                .warnings(spans, levels)
                .filter(|(level, _)| !self.was_warned(clock.kind, clock.cycle, *level))
                .map(|(_, at)| at);
            next = next.into_iter().chain(fresh).chain(clock.turns(spans)).min();
        }
        if self.due_commands(hours, now).is_empty() { next } else { Some(now) }
    }

    /// What comes next while the customer's word on the solution is awaited, and when: reminders on the days that the
    /// plan names, then the question to the staff. Nothing closes by itself.
    fn next_of_verification(&self, hours: &ServiceHours) -> Option<(Instant, Command)> {
        let resolved_at = self.resolved_at().filter(|_| self.status() == Status::Resolved)?;
        let rules = self.opening.terms.closing();
        match rules.reminder_days.get(usize::from(self.reminders())) {
            Some(days) => {
                let at = hours.business_days_after(resolved_at, *days);
                Some((at, Command::Remind { nth: self.reminders() + 1 }))
            }
            None if self.awaits_decision() => None,
            None => {
                Some((hours.business_days_after(resolved_at, rules.decision_days), Command::AskForDecision))
            }
        }
    }
}

//! What the scheduler does to a case: warnings, ends of pauses, reminders, and the time of its next run.

use super::command::Command;
use super::evolve::{Case, Status};
use super::sla_clock::SlaClock;
use crate::calendar::ServiceHours;
use crate::survey::SurveyCommand;
use crate::time::Instant;

impl Case {
    /// The scheduler's commands at `now`: unrecorded warning levels, the end of a pause, verification reminders and the
    /// survey. Each level counts once per clock and cycle. Empty when nothing is due.
    #[must_use]
    pub fn due_commands(&self, hours: &ServiceHours, now: Instant) -> Vec<Command> {
        let spans = &hours.spans;
        let mut due = Vec::new();
        if let Some((at, command)) = self.next_of_verification(hours)
            && at <= now
        {
            due.push(command);
        }
        if let Some((at, command)) = self.survey_to_come(hours)
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

    /// The next step of the survey. Nobody is asked whose name and address were erased.
    fn survey_to_come(&self, hours: &ServiceHours) -> Option<(Instant, SurveyCommand)> {
        if self.erased().is_some() { None } else { self.next_of_survey(hours) }
    }

    /// Whether only a correction shows the breach of a stopped target: nobody could be warned while it ran.
    fn is_revealed(&self, clock: &SlaClock) -> bool {
        let corrected = self.corrected_at().is_some_and(|at| at >= clock.as_of);
        corrected && clock.breach.is_some() && !self.status().is_end()
    }

    /// When the scheduler must look at the case next; `None` when time changes nothing more. It runs at the next
    /// warning level, at the end of a pause, and when the rank changes. It also runs at a breach, one second after the
    /// target is used up, because reports count it from then.
    #[must_use]
    pub fn next_run(&self, hours: &ServiceHours, now: Instant) -> Option<Instant> {
        let spans = &hours.spans;
        let levels = self.opening.terms.warning_levels();
        let verification = self.next_of_verification(hours).map(|(at, _)| at);
        let survey = self.survey_to_come(hours).map(|(at, _)| at);
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

    /// The scheduler's next step while the verification is awaited, and its time: the plan's reminders, then a decision
    /// of the staff. No case closes by time alone.
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

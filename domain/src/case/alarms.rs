//! What time does to a case: warnings that are due, waits that end, and when to look next.

use super::clocks::Run;
use super::command::Command;
use super::evolve::Case;
use crate::calendar::Spans;
use crate::time::Instant;

impl Case {
    /// What the clockwork has to ask of the case at `now`: each warning level that was reached and not yet recorded,
    /// once per clock, cycle and level, and the end of a wait that has come. Empty when nothing is due.
    #[must_use]
    pub fn due_commands(&self, spans: &Spans, now: Instant) -> Vec<Command> {
        let mut due = Vec::new();
        if self.pause().is_some_and(|pause| pause.until <= now) {
            due.push(Command::EndPause);
        }
        for clock in self.clocks(spans, now).into_iter().filter(|clock| clock.run != Run::Stopped) {
            let reading = clock.reading(spans, now);
            for &level in self.opening.terms.warning_levels() {
                if clock.reached(&reading, level) && !self.was_warned(clock.kind, clock.cycle, level) {
                    due.push(Command::Warn { clock: clock.kind, cycle: clock.cycle, level });
                }
            }
        }
        due
    }

    /// When the clockwork must look at the case next: the next warning level of any promise that is still open, or the
    /// end of a wait. `None` when time can do nothing more to it.
    #[must_use]
    pub fn next_alarm(&self, spans: &Spans, now: Instant) -> Option<Instant> {
        let levels = self.opening.terms.warning_levels();
        let mut next = self.pause().map(|pause| pause.until);
        for clock in self.clocks(spans, now) {
            let fresh = clock
                .warnings(spans, levels)
                .filter(|(level, _)| !self.was_warned(clock.kind, clock.cycle, *level))
                .map(|(_, at)| at);
            next = next.into_iter().chain(fresh).min();
        }
        if self.due_commands(spans, now).is_empty() { next } else { Some(now) }
    }
}

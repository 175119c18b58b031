//! A case under other terms: the preview of a change to a plan or calendar. It changes nothing.

use super::event::{Event, Recorded, ServiceHoursRef};
use super::evolve::{Case, HistoryProblem};
use super::revision::RevisionEvent;
use super::sla_clock::ClockState;
use crate::calendar::Spans;
use crate::priority::Priority;
use crate::sla_plan::SlaPlan;
use crate::time::Instant;

/// How the open targets of a case would differ, in seconds of the day; for a paused target in business seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaseImpact {
    /// The largest shift of a due time to earlier; `None` when there is none.
    pub sooner_s: Option<i64>,
    /// The largest shift of a due time to later; `None` when there is none.
    pub later_s: Option<i64>,
    /// Whether a target would be breached that is not.
    pub breaches: bool,
}

/// The history as if the case had had `terms` and `hours` from its opening on.
///
/// # Errors
/// When the entries are no history.
pub fn restated(
    history: &[Recorded],
    terms: &SlaPlan,
    hours: &ServiceHoursRef,
) -> Result<Case, HistoryProblem> {
    let mut history = history.to_vec();
    let mut priority = Priority::P4;
    for recorded in &mut history {
        match &mut recorded.event {
            Event::Opened(opening) => {
                let report = &opening.report;
                priority = terms.matrix().priority(report.severity, report.urgency);
                opening.priority = priority;
                opening.terms = terms.clone();
                opening.hours = hours.clone();
            }
            Event::Revision(RevisionEvent::Reprioritized { to, priority: follows, .. }) => {
                priority = terms.matrix().priority(to.severity, to.urgency);
                *follows = priority;
            }
            Event::PriorityChanged { to, .. } => priority = *to,
            Event::Reopened { target_s, .. } => *target_s = terms.targets(priority).resolution_s,
            Event::Revision(RevisionEvent::Corrected(correction)) => {
                correction.priority = priority;
                correction.resolved.terms = terms.clone();
                correction.resolved.hours = hours.clone();
            }
            _ => {}
        }
    }
    Case::from_history(&history)
}

/// Compares the open targets of a case as it is and as it would be, read at `now` in the hours of each.
#[must_use]
pub fn impact(before: (&Case, &Spans), after: (&Case, &Spans), now: Instant) -> CaseImpact {
    let mut impact = CaseImpact::default();
    let clocks = after.0.clocks(after.1, now);
    for clock in before.0.clocks(before.1, now).into_iter().filter(|clock| !clock.run.is_over()) {
        let same = clocks.iter().find(|other| (other.kind, other.cycle) == (clock.kind, clock.cycle));
        let Some(other) = same else { continue };
        let (is, would) = (clock.reading(before.1, now), other.reading(after.1, now));
        impact.breaches |= is.state != ClockState::Breached && would.state == ClockState::Breached;
        let shift_s = match (is.due, would.due) {
            (Some(is), Some(would)) => would.since(is),
            // A paused target has no due time, only what is left of it.
            (None, None) => would.remaining_s - is.remaining_s,
            _ => continue,
        };
        if shift_s < 0 {
            impact.sooner_s = impact.sooner_s.max(Some(-shift_s));
        } else if shift_s > 0 {
            impact.later_s = impact.later_s.max(Some(shift_s));
        }
    }
    impact
}

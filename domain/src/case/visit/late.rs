//! Windows that end after the resolution target is due.

use crate::calendar::Spans;
use crate::case::sla_clock::SlaClock;
use crate::sla_plan::SlaMetric;
use crate::time::{Instant, Span};

/// The due time of the resolution target, if a window ends after it. `None` also while the target is paused and not
/// breached: then no due time is known.
#[must_use]
pub fn solution_due_before(
    window: Span,
    clocks: &[SlaClock],
    spans: &Spans,
    now: Instant,
) -> Option<Instant> {
    let solution = clocks.iter().find(|clock| clock.kind == SlaMetric::Resolution && !clock.run.is_over())?;
    let due = solution.reading(spans, now).due;
    due.filter(|due| *due < window.to)
}

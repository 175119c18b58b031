//! Windows that come too late for what is promised.

use crate::calendar::Spans;
use crate::case::sla_clock::SlaClock;
use crate::sla_plan::SlaMetric;
use crate::time::{Instant, Span};

/// When the solution is due, or since when it is overdue, if a window ends after that: whoever comes within it may come
/// too late. `None` as well while the promise stands still unbroken: only what remains is known then.
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

//! The figures of SLA targets, as a proof tells them and as they are computed again.

use serde::{Deserialize, Serialize};

use crate::calendar::Spans;
use crate::case::{Case, ClockState, SlaClock, SlaCompliance, SlaRecord};
use crate::sla_plan::SlaMetric;
use crate::time::Instant;

/// The figures of one target in one of its cycles, at the time of the proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Which SLA target.
    pub kind: SlaMetric,
    /// Number of its cycle.
    pub cycle: u32,
    /// The target in business seconds: at a breach the one in force then.
    pub target_s: i64,
    /// Business seconds used.
    pub used_s: i64,
    /// Whether it runs, waits, was met or breached.
    pub state: ClockState,
    /// When it is due; `None` once it is over, while it waits, and beyond the calendar's horizon.
    pub due: Option<Instant>,
    /// The first second after it was used up; `None` for a target that was not breached.
    pub breached_at: Option<Instant>,
}

impl Figure {
    /// The figures of a clock, read at `now`.
    fn of(clock: &SlaClock, spans: &Spans, now: Instant) -> Self {
        let reading = clock.reading(spans, now);
        Self {
            kind: clock.kind,
            cycle: clock.cycle,
            target_s: clock.applied_target_s(),
            used_s: reading.used_s,
            state: reading.state,
            due: reading.due,
            breached_at: clock.breach.map(|breach| breach.at),
        }
    }

    /// What tells a target from the others of its case.
    pub(super) const fn name(&self) -> (SlaMetric, u32) {
        (self.kind, self.cycle)
    }
}

/// The figures of all targets of a case at `now`: former cycles, former updates, and the latest of each.
#[must_use]
pub fn figures(case: &Case, spans: &Spans, now: Instant) -> Vec<Figure> {
    let past = case.past_clocks(spans, now).into_iter().chain(case.past_updates(spans, now));
    past.chain(case.clocks(spans, now)).map(|clock| Figure::of(&clock, spans, now)).collect()
}

/// A target that was met or breached, as reports count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Which SLA target.
    pub kind: SlaMetric,
    /// Number of its cycle.
    pub cycle: u32,
    /// Met or breached.
    pub outcome: SlaCompliance,
    /// When it was met or breached.
    pub at: Instant,
    /// The target then, in business seconds.
    pub target_s: i64,
    /// Business seconds used until the clock stopped; `None` while it runs.
    pub used_s: Option<i64>,
}

impl From<SlaRecord> for Counted {
    fn from(record: SlaRecord) -> Self {
        let SlaRecord { kind, cycle, outcome, at, target_s, used_s, .. } = record;
        Self { kind, cycle, outcome, at, target_s, used_s }
    }
}

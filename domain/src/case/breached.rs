//! Breached SLA targets, each with the target in force at the breach, and its contract where a correction changed it.

use serde::{Deserialize, Serialize};

use super::evolve::Case;
use super::sla_clock::SlaClock;
use super::timer::{SlaTimer, StoodUnder};
use crate::calendar::Spans;
use crate::sla_plan::SlaMetric;
use crate::time::Instant;

/// A breached target, in one of its cycles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachedTarget {
    /// The clock of the breached target.
    pub clock: SlaClock,
    /// The contract in force at the breach; set where today's figures no longer show the breach.
    pub under: Option<StoodUnder>,
}

impl Case {
    /// Every target breached by `now`, earlier cycles first. Update targets are left out: the history tells them.
    #[must_use]
    pub fn missed(&self, spans: &Spans, now: Instant) -> Vec<BreachedTarget> {
        let past = self.past_cycles().iter().zip(self.past_clocks(spans, now));
        past.chain(self.timers().zip(self.clocks(spans, now)))
            .filter(|(_, clock)| !matches!(clock.kind, SlaMetric::NextUpdate | SlaMetric::CommittedUpdate))
            .filter(|(_, clock)| clock.breach.is_some())
            .map(|(timer, clock)| BreachedTarget { clock, under: stood_under(timer, &clock) })
            .collect()
    }
}

/// The contract in force at a breach; set when less time counts since a correction than the target was then.
pub(super) fn stood_under(timer: &SlaTimer, clock: &SlaClock) -> Option<StoodUnder> {
    let (breach, under) = timer.broken()?;
    (clock.used_s <= breach.target_s).then(|| under.clone())
}

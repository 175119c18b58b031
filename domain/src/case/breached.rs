//! Promises that were broken, each told with the target that it broke, and under what when a correction has changed that.

use serde::{Deserialize, Serialize};

use super::evolve::Case;
use super::sla_clock::SlaClock;
use super::timer::{SlaTimer, StoodUnder};
use crate::calendar::Spans;
use crate::sla_plan::SlaMetric;
use crate::time::Instant;

/// A promise that was broken, in one of its cycles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachedTarget {
    /// The clock of the target that was missed.
    pub clock: SlaClock,
    /// What the case stood under then, where the figures of today no longer show that it was broken.
    pub under: Option<StoodUnder>,
}

impl Case {
    /// Every promise that was broken by `now`, those of earlier cycles first; but for news, which the history tells.
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

/// What the case stood under when a promise was broken, if less time counts since a correction than was promised then.
pub(super) fn stood_under(timer: &SlaTimer, clock: &SlaClock) -> Option<StoodUnder> {
    let (breach, under) = timer.broken()?;
    (clock.used_s <= breach.target_s).then(|| under.clone())
}

//! Settled SLA targets, met or breached, as reports count them. They agree with the clocks on a case's page and in its
//! closing report.

use super::closing::SlaResult;
use super::event::{Event, Recorded};
use super::evolve::{Case, HistoryProblem};
use super::sla_clock::{SlaClock, TimerState};
use crate::calendar::Spans;
use crate::causes::CauseCode;
use crate::priority::Priority;
use crate::sla_plan::SlaMetric;
use crate::time::Instant;

choices! {
    /// How a target was settled.
    #[derive(PartialOrd, Ord)]
    pub enum SlaCompliance {
        /// Fulfilled in time.
        Met = "kept",
        /// Its time ran out first.
        Breached = "missed",
    }
}

/// A target that was met or breached, in one of its cycles. An open target without a breach is not settled, and neither
/// is a void one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaRecord {
    /// The SLA target.
    pub kind: SlaMetric,
    /// Number of the cycle.
    pub cycle: u32,
    /// Whether the target was met or breached.
    pub outcome: SlaCompliance,
    /// When it was met or breached. Only a correction or an undo changes it.
    pub at: Instant,
    /// The priority then.
    pub priority: Priority,
    /// When a breached target was due: the second before, which may lie on an earlier day. `None` for a met one.
    pub due: Option<Instant>,
    /// The target then, in business seconds.
    pub target_s: i64,
    /// Business seconds used until the clock stopped; `None` while it runs.
    pub used_s: Option<i64>,
}

impl Case {
    /// Every target that was met or breached by `now`, in all cycles. It agrees with [`Case::clocks`] and with
    /// [`Case::closing_report`].
    #[must_use]
    pub fn settled(&self, spans: &Spans, now: Instant) -> Vec<SlaRecord> {
        let past = self.past_clocks(spans, now).into_iter().chain(self.past_updates(spans, now));
        past.chain(self.clocks(spans, now)).filter_map(|clock| self.settle(&clock)).collect()
    }

    fn settle(&self, clock: &SlaClock) -> Option<SlaRecord> {
        let outcome = match SlaResult::of(clock)? {
            SlaResult::Met => SlaCompliance::Met,
            SlaResult::Breached => SlaCompliance::Breached,
            SlaResult::Cancelled => return None,
        };
        let at = clock.breach.map_or(clock.as_of, |breach| breach.at);
        Some(SlaRecord {
            kind: clock.kind,
            cycle: clock.cycle,
            outcome,
            at,
            priority: self.priority_at(at),
            due: clock.breach.map(|breach| breach.due()),
            target_s: clock.applied_target_s(),
            used_s: matches!(clock.run, TimerState::Stopped | TimerState::Void).then_some(clock.used_s),
        })
    }
}

choices! {
    /// A transition that reports count beside SLA targets.
    #[derive(PartialOrd, Ord)]
    pub enum TransitionKind {
        /// The case was resolved.
        Resolved = "resolved",
        /// The case was reopened.
        Reopened = "reopened",
    }
}

impl TransitionKind {
    /// The transition of an event, if it is one.
    #[must_use]
    pub const fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Resolved { .. } => Some(Self::Resolved),
            Event::Reopened { .. } => Some(Self::Reopened),
            _ => None,
        }
    }
}

/// A transition of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Version of the entry.
    pub version: u32,
    /// Time of the entry.
    pub at: Instant,
    /// Whether the case was resolved or reopened.
    pub step: TransitionKind,
    /// The priority after it.
    pub priority: Priority,
    /// Category and cause of a resolution, if one was chosen.
    pub causes: Option<(CauseCode, CauseCode)>,
}

impl Transition {
    /// The transition of `recorded`, which is among the last entries of `case`; `None` when it is none.
    #[must_use]
    pub fn of(recorded: &Recorded, case: &Case) -> Option<Self> {
        let step = TransitionKind::of(&recorded.event)?;
        let causes = match &recorded.event {
            Event::Resolved { classification: Some(of), .. } => {
                Some((of.category.code.clone(), of.cause.code.clone()))
            }
            _ => None,
        };
        Some(Self { version: recorded.version, at: recorded.at, step, priority: case.priority(), causes })
    }
}

/// The transitions of a history, in order.
///
/// # Errors
/// When the entries are no history.
pub fn transitions(history: &[Recorded]) -> Result<Vec<Transition>, HistoryProblem> {
    let (first, rest) = history.split_first().ok_or(HistoryProblem::OutOfPlace(0))?;
    let mut case = Case::open(first)?;
    let mut found = Vec::new();
    for recorded in rest {
        case.evolve(recorded)?;
        found.extend(Transition::of(recorded, &case));
    }
    Ok(found)
}

//! Promises that are settled: kept, or broken whether fulfilled since or not. What reports count, by the clocks that a case's
//! page and its account read.

use super::closing::SlaResult;
use super::event::{Event, Recorded};
use super::evolve::{Case, HistoryProblem};
use super::sla_clock::{SlaClock, TimerState};
use crate::calendar::Spans;
use crate::priority::Priority;
use crate::sla_plan::SlaMetric;
use crate::time::Instant;

choices! {
    /// How a promise was settled.
    #[derive(PartialOrd, Ord)]
    pub enum SlaCompliance {
        /// It was fulfilled in time.
        Met = "kept",
        /// Its time ran out first.
        Breached = "missed",
    }
}

/// A promise that was kept or broken, in one of its cycles. One that is open and unbroken is neither, and so is one that the
/// case went no further with while it still held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaRecord {
    /// Which SLA target came to its end.
    pub kind: SlaMetric,
    /// In which cycle.
    pub cycle: u32,
    /// Whether the target was met or breached.
    pub outcome: SlaCompliance,
    /// When: as it was fulfilled in time, or as it was broken. What comes later moves neither, but for a correction, which
    /// tells the case again.
    pub at: Instant,
    /// The order of work then.
    pub priority: Priority,
    /// When a broken one was due: the second before, which may lie on an earlier day. `None` for one that was kept.
    pub due: Option<Instant>,
    /// What was promised then, in business seconds.
    pub target_s: i64,
    /// Business seconds used until its time stopped; `None` while it goes on.
    pub used_s: Option<i64>,
}

impl Case {
    /// Every promise that was kept or broken by `now`, in all cycles. It says what [`Case::clocks`] says, and
    /// [`Case::closing_report`] of those that it measures.
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
    /// A step in the life of a case that reports count beside its promises.
    #[derive(PartialOrd, Ord)]
    pub enum TransitionKind {
        /// The desk said that it works again.
        Resolved = "resolved",
        /// It came back.
        Reopened = "reopened",
    }
}

impl TransitionKind {
    /// The step that an entry is, if it is one.
    #[must_use]
    pub const fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Resolved { .. } => Some(Self::Resolved),
            Event::Reopened { .. } => Some(Self::Reopened),
            _ => None,
        }
    }
}

/// When a case took a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The entry of the history.
    pub version: u32,
    /// When the step was taken.
    pub at: Instant,
    /// Whether the case was resolved or reopened.
    pub step: TransitionKind,
    /// The order of work after it.
    pub priority: Priority,
}

impl Transition {
    /// The step that `recorded` is, the last entry of `case` or one that was added together with it; `None` when it is none.
    #[must_use]
    pub fn of(recorded: &Recorded, case: &Case) -> Option<Self> {
        let step = TransitionKind::of(&recorded.event)?;
        Some(Self { version: recorded.version, at: recorded.at, step, priority: case.priority() })
    }
}

/// The steps that a history tells, in order.
///
/// # Errors
/// When it is no history.
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

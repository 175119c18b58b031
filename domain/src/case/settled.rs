//! Promises that are settled: kept, or broken whether fulfilled since or not. What reports count, by the clocks that a case's
//! page and its account read.

use serde::{Deserialize, Serialize};

use super::clocks::{Clock, Run};
use super::closing::Kept;
use super::event::{Event, Recorded};
use super::evolve::{Case, HistoryProblem};
use crate::calendar::Spans;
use crate::terms::ClockKind;
use crate::time::Instant;
use crate::weight::Priority;

/// How a promise was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was fulfilled in time.
    Kept,
    /// Its time ran out first.
    Missed,
}

impl Outcome {
    /// Both outcomes, the better one first.
    pub const ALL: [Self; 2] = [Self::Kept, Self::Missed];

    /// The outcome's code in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Missed => "missed",
        }
    }

    /// The outcome of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// A promise that was kept or broken, in one of its cycles. One that is open and unbroken is neither, and so is one that the
/// case went no further with while it still held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// Which SLA target came to its end.
    pub kind: ClockKind,
    /// In which cycle.
    pub cycle: u32,
    /// Whether the target was met or breached.
    pub outcome: Outcome,
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
    pub fn settled(&self, spans: &Spans, now: Instant) -> Vec<Settled> {
        let past = self.past_clocks(spans, now).into_iter().chain(self.past_news(spans, now));
        past.chain(self.clocks(spans, now)).filter_map(|clock| self.settle(&clock)).collect()
    }

    fn settle(&self, clock: &Clock) -> Option<Settled> {
        let outcome = match Kept::of(clock)? {
            Kept::Met => Outcome::Kept,
            Kept::Missed => Outcome::Missed,
            Kept::Void => return None,
        };
        let at = clock.breach.map_or(clock.as_of, |breach| breach.at);
        Some(Settled {
            kind: clock.kind,
            cycle: clock.cycle,
            outcome,
            at,
            priority: self.priority_at(at),
            due: clock.breach.map(|breach| breach.due()),
            target_s: clock.promised_s(),
            used_s: matches!(clock.run, Run::Stopped | Run::Void).then_some(clock.used_s),
        })
    }
}

/// A step in the life of a case that reports count beside its promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The desk said that it works again.
    Resolved,
    /// It came back.
    Reopened,
}

impl Step {
    /// Both steps, in the order of a case's life.
    pub const ALL: [Self; 2] = [Self::Resolved, Self::Reopened];

    /// The step's code in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
        }
    }

    /// The step of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.code() == code)
    }

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
pub struct Milestone {
    /// The entry of the history.
    pub version: u32,
    /// When the step was taken.
    pub at: Instant,
    /// Whether the case was resolved or reopened.
    pub step: Step,
    /// The order of work after it.
    pub priority: Priority,
}

impl Milestone {
    /// The step that `recorded` is, the last entry of `case` or one that was added together with it; `None` when it is none.
    #[must_use]
    pub fn of(recorded: &Recorded, case: &Case) -> Option<Self> {
        let step = Step::of(&recorded.event)?;
        Some(Self { version: recorded.version, at: recorded.at, step, priority: case.priority() })
    }
}

/// The steps that a history tells, in order.
///
/// # Errors
/// When it is no history.
pub fn milestones(history: &[Recorded]) -> Result<Vec<Milestone>, HistoryProblem> {
    let (first, rest) = history.split_first().ok_or(HistoryProblem::OutOfPlace(0))?;
    let mut case = Case::open(first)?;
    let mut found = Vec::new();
    for recorded in rest {
        case.evolve(recorded)?;
        found.extend(Milestone::of(recorded, &case));
    }
    Ok(found)
}

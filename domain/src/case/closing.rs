//! The account that is given of a case that has ended: what the closing mail, its page and a dispute all read from.

use serde::{Deserialize, Serialize};

use super::breached::stood_under;
use super::evolve::{Case, Closed, Pause};
use super::links::LinkRefusal;
use super::sla_clock::{SlaClock, TimerState};
use super::termination::{Termination, TerminationRecord};
use super::timer::{Breach, SlaTimer, StoodUnder};
use super::visit::{Stage, Visit, VisitDone};
use crate::calendar::Spans;
use crate::sla_plan::SlaMetric;
use crate::time::{Instant, Span};

choices! {
    /// What became of a promise.
    pub enum SlaResult: "letter.closing" {
        /// It was kept.
        Met = "met",
        /// It was broken.
        Breached = "missed",
        /// The case went no further while it still held: it counts as neither.
        Cancelled = "void",
    }
}

impl SlaResult {
    /// What became of a promise up to where its clock was read; `None` while it is open and unbroken.
    #[must_use]
    pub const fn of(clock: &SlaClock) -> Option<Self> {
        match clock.run {
            _ if clock.breach.is_some() || clock.used_s > clock.target_s => Some(Self::Breached),
            TimerState::Void => Some(Self::Cancelled),
            TimerState::Stopped => Some(Self::Met),
            TimerState::Running | TimerState::Paused { .. } => None,
        }
    }

    /// The code of the clock's state that shows it.
    #[must_use]
    pub const fn state(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Breached => "breached",
            Self::Cancelled => "void",
        }
    }
}

/// A promise, measured from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Which SLA target was measured.
    pub kind: SlaMetric,
    /// In which cycle.
    pub cycle: u32,
    /// From when to when.
    pub span: Span,
    /// Seconds of business time that counted.
    pub business_s: i64,
    /// What was promised, in seconds of business time: when it was broken, if it was.
    pub target_s: i64,
    /// Set when the promise was broken.
    pub breach: Option<Breach>,
    /// What became of it.
    #[serde(rename = "kept")]
    pub result: SlaResult,
    /// What the case stood under when it was broken, where the figures no longer show that it was.
    pub under: Option<StoodUnder>,
}

impl Measured {
    fn of(timer: &SlaTimer, clock: &SlaClock) -> Self {
        Self {
            kind: clock.kind,
            cycle: clock.cycle,
            span: Span::new(timer.started, clock.as_of),
            business_s: clock.used_s,
            target_s: clock.applied_target_s(),
            under: stood_under(timer, clock),
            breach: clock.breach,
            // The end of the case is the end of what was open.
            result: SlaResult::of(clock).unwrap_or(SlaResult::Met),
        }
    }

    /// Whether the promise was kept.
    #[must_use]
    pub const fn is_met(&self) -> bool {
        matches!(self.result, SlaResult::Met)
    }
}

/// How a case came to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It was resolved and closed.
    Closed(Closed),
    /// It was cancelled, or is a duplicate.
    #[serde(rename = "withdrawn")]
    Terminated(TerminationRecord),
}

impl End {
    /// When the case came to its end.
    #[must_use]
    pub const fn at(&self) -> Instant {
        match self {
            Self::Closed(closed) => closed.at,
            Self::Terminated(terminated) => terminated.at,
        }
    }

    /// Whether a new case can take this one up: the way back into it is closed.
    #[must_use]
    pub fn can_be_followed(&self, now: Instant) -> bool {
        match self {
            Self::Closed(closed) => now >= closed.reopen_until,
            Self::Terminated(TerminationRecord { why: Termination::Cancelled { .. }, .. }) => true,
            // Another case goes on: what is to be said belongs there.
            Self::Terminated(TerminationRecord { why: Termination::Duplicate { .. }, .. }) => false,
        }
    }

    /// The rule for an opening that names a previous case: that case has ended, and the way back into it is closed.
    ///
    /// # Errors
    /// [`LinkRefusal::StillOpen`] for a case without an end, or whose end can still be undone.
    pub fn permits_follow_up(end: Option<&Self>, now: Instant) -> Result<(), LinkRefusal> {
        if end.is_some_and(|end| end.can_be_followed(now)) { Ok(()) } else { Err(LinkRefusal::StillOpen) }
    }

    /// The key of what the account says of it, in one line.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Closed(closed) => closed.reason.name_key(),
            Self::Terminated(terminated) => terminated.why.account_key(),
        }
    }
}

/// A case from its opening to its end (letter, step 7: the times of attention and of resolution).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosingReport {
    /// When it was opened.
    pub opened_at: Instant,
    /// When a human first spoke with the customer.
    pub first_contact: Option<Instant>,
    /// When it was last resolved.
    pub resolved_at: Option<Instant>,
    /// When the customer said that it works.
    pub verified_at: Option<Instant>,
    /// How it ended.
    pub end: End,
    /// Every promise in every cycle, in the order in which the case met them; but for news, which the history tells.
    pub measured: Vec<Measured>,
    /// Every visit that came to its end, in order.
    pub visits: Vec<VisitDone>,
    /// Every wait, in order.
    pub pauses: Vec<Pause>,
}

impl Case {
    /// The account of a case that has ended; `None` for any other. It says what [`Case::clocks`] says.
    #[must_use]
    pub fn closing_report(&self, spans: &Spans) -> Option<ClosingReport> {
        let end = match (self.terminated(), self.closed()) {
            (Some(terminated), _) => End::Terminated(terminated.clone()),
            (None, Some(closed)) => End::Closed(*closed),
            (None, None) => return None,
        };
        let at = end.at();
        let mut measured: Vec<Measured> = self
            .past_cycles()
            .iter()
            .zip(self.past_clocks(spans, at))
            .chain(self.timers().zip(self.clocks(spans, at)))
            .filter(|(timer, _)| !matches!(timer.kind, SlaMetric::NextUpdate | SlaMetric::CommittedUpdate))
            .map(|(timer, clock)| Measured::of(timer, &clock))
            .collect();
        measured.sort_by_key(|measured| (measured.kind, measured.cycle));
        Some(ClosingReport {
            opened_at: self.opened_at,
            first_contact: self.first_contact(),
            resolved_at: self.resolved_at(),
            verified_at: self.verified_at(),
            end,
            measured,
            visits: self.visits().list().iter().filter_map(done).cloned().collect(),
            pauses: self.pauses().to_vec(),
        })
    }
}

fn done(visit: &Visit) -> Option<&VisitDone> {
    match &visit.stage {
        Stage::Ended(done) => Some(done),
        _ => None,
    }
}

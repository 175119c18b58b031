//! The closing report of a case. The closing mail, its page and any dispute read from it.

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
    /// The result of an SLA target.
    pub enum SlaResult: "letter.closing" {
        /// The target was met.
        Met = "met",
        /// The target was breached.
        Breached = "missed",
        /// The case ended before the target was due. It counts as neither met nor breached.
        Cancelled = "void",
    }
}

impl SlaResult {
    /// The result as of the clock's reading; `None` while the target is open and not breached.
    #[must_use]
    pub const fn of(clock: &SlaClock) -> Option<Self> {
        match clock.run {
            _ if clock.breach.is_some() || clock.used_s > clock.target_s => Some(Self::Breached),
            TimerState::Void => Some(Self::Cancelled),
            TimerState::Stopped => Some(Self::Met),
            TimerState::Running | TimerState::Paused { .. } => None,
        }
    }

    /// The code of the clock state that shows the result.
    #[must_use]
    pub const fn state(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Breached => "breached",
            Self::Cancelled => "void",
        }
    }
}

/// A measured SLA target, from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Which SLA target was measured.
    pub kind: SlaMetric,
    /// Number of the cycle.
    pub cycle: u32,
    /// Beginning and end.
    pub span: Span,
    /// Business time that counted, in seconds.
    pub business_s: i64,
    /// The target in seconds of business time; at the breach, if there was one.
    pub target_s: i64,
    /// The breach, if there was one.
    pub breach: Option<Breach>,
    /// Met, breached or cancelled.
    #[serde(rename = "kept")]
    pub result: SlaResult,
    /// The contract in force at the breach; set where today's figures no longer show the breach.
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
            // The end of the case ends every open target.
            result: SlaResult::of(clock).unwrap_or(SlaResult::Met),
        }
    }

    /// Whether the target was met.
    #[must_use]
    pub const fn is_met(&self) -> bool {
        matches!(self.result, SlaResult::Met)
    }
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It was resolved and closed.
    Closed(Closed),
    /// It was cancelled or closed as a duplicate.
    #[serde(rename = "withdrawn")]
    Terminated(TerminationRecord),
}

impl End {
    /// Time of the end.
    #[must_use]
    pub const fn at(&self) -> Instant {
        match self {
            Self::Closed(closed) => closed.at,
            Self::Terminated(terminated) => terminated.at,
        }
    }

    /// Whether a new case can follow this one: it can no longer be reopened.
    #[must_use]
    pub fn can_be_followed(&self, now: Instant) -> bool {
        match self {
            Self::Closed(closed) => now >= closed.reopen_until,
            Self::Terminated(TerminationRecord { why: Termination::Cancelled { .. }, .. }) => true,
            // A duplicate is followed on the case that it duplicates.
            Self::Terminated(TerminationRecord { why: Termination::Duplicate { .. }, .. }) => false,
        }
    }

    /// The rule for an opening that names a previous case: that case has ended and can no longer be reopened.
    ///
    /// # Errors
    /// [`LinkRefusal::StillOpen`] for a case without an end, or whose end can still be undone.
    pub fn permits_follow_up(end: Option<&Self>, now: Instant) -> Result<(), LinkRefusal> {
        if end.is_some_and(|end| end.can_be_followed(now)) { Ok(()) } else { Err(LinkRefusal::StillOpen) }
    }

    /// The key of the line that states the end.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Closed(closed) => closed.reason.name_key(),
            Self::Terminated(terminated) => terminated.why.account_key(),
        }
    }
}

/// A case from its opening to its end (letter, step 7: times of first response and resolution).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosingReport {
    /// Time of the opening.
    pub opened_at: Instant,
    /// Time of the first contact with the customer.
    pub first_contact: Option<Instant>,
    /// Time of the last resolution.
    pub resolved_at: Option<Instant>,
    /// Time at which the customer confirmed the solution.
    pub verified_at: Option<Instant>,
    /// How it ended.
    pub end: End,
    /// Every target in every cycle, in the order in which they began. Update targets are left out: the history tells
    /// them.
    pub measured: Vec<Measured>,
    /// Every completed visit, in order.
    pub visits: Vec<VisitDone>,
    /// Every pause, in order.
    pub pauses: Vec<Pause>,
}

impl Case {
    /// The closing report of a case that has ended; `None` for any other. It agrees with [`Case::clocks`].
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

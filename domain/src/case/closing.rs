//! The account that is given of a closed case: what the closing mail, its page and a dispute all read from.

use serde::{Deserialize, Serialize};

use super::clocks::{Breach, Clock};
use super::evolve::{Case, Closed, Pause};
use super::visit::{Stage, Visit, VisitDone};
use crate::calendar::Spans;
use crate::terms::ClockKind;
use crate::time::{Instant, Span};

/// A promise, measured from its beginning to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Which promise.
    pub kind: ClockKind,
    /// In which cycle.
    pub cycle: u32,
    /// From when to when.
    pub span: Span,
    /// Seconds of business time that counted.
    pub business_s: i64,
    /// What was promised, in seconds of business time.
    pub target_s: i64,
    /// Set when the promise was broken.
    pub breach: Option<Breach>,
}

impl Measured {
    fn of(clock: &Clock, from: Instant) -> Self {
        Self {
            kind: clock.kind,
            cycle: clock.cycle,
            span: Span::new(from, clock.as_of),
            business_s: clock.used_s,
            target_s: clock.target_s,
            breach: clock.breach,
        }
    }

    /// Whether the promise was kept.
    #[must_use]
    pub const fn is_met(&self) -> bool {
        self.breach.is_none() && self.business_s <= self.target_s
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
    pub closed: Closed,
    /// Every promise in every cycle, in the order in which the case met them; but for news, which the history tells.
    pub measured: Vec<Measured>,
    /// Every visit that came to its end, in order.
    pub visits: Vec<VisitDone>,
    /// Every wait, in order.
    pub pauses: Vec<Pause>,
}

impl Case {
    /// The account of a case that is closed; `None` for any other. It says what [`Case::clocks`] says.
    #[must_use]
    pub fn closing_report(&self, spans: &Spans) -> Option<ClosingReport> {
        let closed = *self.closed()?;
        let mut measured: Vec<Measured> = self
            .past_cycles()
            .iter()
            .zip(self.past_clocks(spans, closed.at))
            .chain(self.tracks().zip(self.clocks(spans, closed.at)))
            .filter(|(track, _)| !matches!(track.kind, ClockKind::Update | ClockKind::Committed))
            .map(|(track, clock)| Measured::of(&clock, track.started))
            .collect();
        measured.sort_by_key(|measured| (measured.kind, measured.cycle));
        Some(ClosingReport {
            opened_at: self.opened_at,
            first_contact: self.first_contact(),
            resolved_at: self.resolved_at(),
            verified_at: self.verified_at(),
            closed,
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

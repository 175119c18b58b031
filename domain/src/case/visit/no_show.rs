//! Visits that did not happen: when that can be written down, how it is taken back, and what it counts as.

use serde::{Deserialize, Serialize};

use super::event::{VisitCommand, VisitEvent};
use super::refusal::VisitRefusal;
use super::state::{Stage, Visit};
use super::values::Side;
use crate::case::revision::UNDO_S;
use crate::time::{Instant, Span};

/// What a visit counts as at which nobody received the technician: a rule of the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoShowRule {
    /// Nobody's fault: the promise counts as neither kept nor missed.
    #[default]
    Neutral,
    /// The customer's fault, once the technician has waited for so long within the window: the arrival counts. Before that it
    /// is nobody's.
    CustomersFault {
        /// Seconds of waiting within the window.
        wait_s: i64,
    },
}

impl NoShowRule {
    /// Whether the arrival counts for the promise although nobody received the technician.
    #[must_use]
    pub fn arrival_counts(self, window: Span, arrived_at: Instant, missed_at: Instant) -> bool {
        match self {
            Self::Neutral => false,
            Self::CustomersFault { wait_s } => missed_at.since(arrived_at.max(window.from)) >= wait_s,
        }
    }
}

/// That one side was not there.
pub(super) fn missed(visit: &Visit, command: VisitCommand, now: Instant) -> Result<VisitEvent, VisitRefusal> {
    match (command, &visit.stage) {
        // Whoever says that nobody receives them has been there: their arrival stands before it.
        (VisitCommand::NoShow { reason, note }, Stage::OnSite { appointment, .. }) => {
            if now < appointment.window.from {
                return Err(VisitRefusal::WindowNotBegun);
            }
            Ok(VisitEvent::Missed { by: Side::Customer, note, reason: Some(reason) })
        }
        (VisitCommand::DidNotCome { reason }, Stage::Agreed(agreed)) => {
            if now <= agreed.window.to {
                return Err(VisitRefusal::WindowNotOver);
            }
            Ok(VisitEvent::Missed { by: Side::Us, note: Some(reason), reason: None })
        }
        _ => Err(VisitRefusal::NotArrived),
    }
}

/// A missed visit is taken back for as long as an arrival is, while it is the latest.
pub(super) fn taken_back(visit: &Visit, now: Instant) -> Result<VisitEvent, VisitRefusal> {
    match visit.stage {
        Stage::Missed { missed_at, .. } if now < missed_at.plus(UNDO_S) => Ok(VisitEvent::MissUndone),
        _ => Err(VisitRefusal::NoMissToTakeBack),
    }
}

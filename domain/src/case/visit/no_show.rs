//! Visits that did not happen: when that can be written down, and how it is taken back.

use super::event::{VisitCommand, VisitEvent};
use super::refusal::VisitRefusal;
use super::state::{Stage, Visit};
use super::values::Side;
use crate::case::revision::UNDO_S;
use crate::time::Instant;

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
pub(super) fn undone(visit: &Visit, now: Instant) -> Result<VisitEvent, VisitRefusal> {
    match visit.stage {
        Stage::Missed { missed_at, .. } if now < missed_at.plus(UNDO_S) => Ok(VisitEvent::MissUndone),
        _ => Err(VisitRefusal::NoMissToUndo),
    }
}

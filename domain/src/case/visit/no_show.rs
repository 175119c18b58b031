//! No-shows: when they can be recorded, and how they are undone.

use super::event::{VisitCommand, VisitEvent};
use super::refusal::VisitRefusal;
use super::state::{Stage, Visit};
use super::values::Side;
use crate::case::revision::UNDO_S;
use crate::time::Instant;

/// The event of a no-show.
pub(super) fn missed(visit: &Visit, command: VisitCommand, now: Instant) -> Result<VisitEvent, VisitRefusal> {
    match (command, &visit.stage) {
        // A technician who reports a no-show was at the site: the arrival comes first.
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

/// A no-show can be undone as long as an arrival, while its visit is the latest.
pub(super) fn undone(visit: &Visit, now: Instant) -> Result<VisitEvent, VisitRefusal> {
    match visit.stage {
        Stage::Missed { missed_at, .. } if now < missed_at.plus(UNDO_S) => Ok(VisitEvent::MissUndone),
        _ => Err(VisitRefusal::NoMissToUndo),
    }
}

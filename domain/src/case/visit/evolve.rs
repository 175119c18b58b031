//! The fold of one visit.

use super::event::VisitEvent;
use super::state::{Appointment, Stage, Visit, VisitDone};
use super::values::Side;
use crate::time::Instant;

impl Visit {
    pub(super) fn evolve(&mut self, event: &VisitEvent, at: Instant) {
        let next = match event {
            VisitEvent::Attached(file) => {
                self.files.push(file.clone());
                None
            }
            VisitEvent::Overruled { .. } => None,
            VisitEvent::Detached { file } => {
                self.files.retain(|known| known.id != file.id);
                None
            }
            VisitEvent::Reassigned { to, .. } => {
                self.technician = to.clone();
                // The stage is the same, but links and invitations need a new revision.
                Some(self.stage.clone())
            }
            VisitEvent::Offered { windows, technician, .. } => {
                self.technician = technician.clone();
                Some(Stage::Offered(windows.clone()))
            }
            VisitEvent::Proposed { windows, .. } => Some(Stage::Proposed(windows.clone())),
            VisitEvent::Declined { .. } => Some(Stage::Declined),
            VisitEvent::Agreed { meeting, word } => {
                self.technician = meeting.technician.clone();
                let word = word.clone();
                Some(Stage::Agreed(Appointment { window: meeting.window, agreed_at: at, word }))
            }
            VisitEvent::Moved { by: Side::Us, .. } => {
                self.moved_by_us += 1;
                Some(Stage::Declined)
            }
            VisitEvent::Moved { by: Side::Customer, .. } => {
                self.moved_by_customer += 1;
                Some(Stage::Declined)
            }
            VisitEvent::CalledOff { by, .. } => Some(Stage::CalledOff { by: *by }),
            VisitEvent::MissUndone | VisitEvent::ArrivalUndone => {
                self.undo(event);
                None
            }
            VisitEvent::Missed { .. }
            | VisitEvent::Arrived
            | VisitEvent::Started
            | VisitEvent::Ended { .. } => self.stage_after(event, at),
        };
        if let Some(next) = next {
            self.stage = next;
            self.revision += 1;
        }
    }

    /// The stage after what happened at the site; `None` when the event does not fit the stage before.
    fn stage_after(&self, event: &VisitEvent, at: Instant) -> Option<Stage> {
        match (event, &self.stage) {
            (VisitEvent::Missed { by, reason, .. }, _) => Some(Stage::Missed {
                by: *by,
                appointment: self.appointment()?.clone(),
                arrived_at: self.arrived_at(),
                missed_at: at,
                reason: *reason,
            }),
            (VisitEvent::Arrived, _) => {
                Some(Stage::OnSite { appointment: self.appointment()?.clone(), arrived_at: at })
            }
            (VisitEvent::Started, Stage::OnSite { appointment, arrived_at }) => Some(Stage::Working {
                appointment: appointment.clone(),
                arrived_at: *arrived_at,
                started_at: at,
            }),
            (
                VisitEvent::Ended { report, conformity },
                Stage::Working { appointment, arrived_at, started_at },
            ) => Some(Stage::Ended(Box::new(VisitDone {
                appointment: appointment.clone(),
                arrived_at: *arrived_at,
                started_at: *started_at,
                ended_at: at,
                report: report.clone(),
                conformity: conformity.clone(),
            }))),
            _ => None,
        }
    }

    /// Restores the stage and the revision before an arrival or a no-show. The links and invitations sent then are valid
    /// again.
    fn undo(&mut self, event: &VisitEvent) {
        let before = match (event, &self.stage) {
            (VisitEvent::MissUndone, Stage::Missed { appointment, arrived_at: Some(arrived_at), .. }) => {
                Stage::OnSite { appointment: appointment.clone(), arrived_at: *arrived_at }
            }
            (VisitEvent::MissUndone, Stage::Missed { appointment, .. })
            | (VisitEvent::ArrivalUndone, Stage::OnSite { appointment, .. }) => {
                Stage::Agreed(appointment.clone())
            }
            _ => return,
        };
        self.stage = before;
        self.revision -= 1;
    }
}

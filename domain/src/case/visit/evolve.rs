//! A visit, brought on by what happens to it.

use super::event::VisitEvent;
use super::state::{Appointment, Stage, Visit, VisitDone};
use super::values::Side;
use crate::time::Instant;

impl Visit {
    pub(super) fn evolve(&mut self, event: &VisitEvent, at: Instant) {
        let appointment = || self.appointment().cloned();
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
                // The same stage, and yet another revision: invitations and links name it.
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
            VisitEvent::Missed { by, reason, .. } => appointment().map(|appointment| Stage::Missed {
                by: *by,
                appointment,
                arrived_at: self.arrived_at(),
                missed_at: at,
                reason: *reason,
            }),
            VisitEvent::MissUndone => {
                if let Stage::Missed { appointment, arrived_at, .. } = &self.stage {
                    let appointment = appointment.clone();
                    self.stage = match *arrived_at {
                        Some(arrived_at) => Stage::OnSite { appointment, arrived_at },
                        None => Stage::Agreed(appointment),
                    };
                    self.revision -= 1;
                }
                None
            }
            VisitEvent::Arrived => {
                appointment().map(|appointment| Stage::OnSite { appointment, arrived_at: at })
            }
            VisitEvent::ArrivalUndone => {
                if let Stage::OnSite { appointment, .. } = &self.stage {
                    self.stage = Stage::Agreed(appointment.clone());
                    // What was sent with the agreement holds again.
                    self.revision -= 1;
                }
                None
            }
            VisitEvent::Started => match &self.stage {
                Stage::OnSite { appointment, arrived_at } => Some(Stage::Working {
                    appointment: appointment.clone(),
                    arrived_at: *arrived_at,
                    started_at: at,
                }),
                _ => None,
            },
            VisitEvent::Ended { report, conformity } => match &self.stage {
                Stage::Working { appointment, arrived_at, started_at } => {
                    Some(Stage::Ended(Box::new(VisitDone {
                        appointment: appointment.clone(),
                        arrived_at: *arrived_at,
                        started_at: *started_at,
                        ended_at: at,
                        report: report.clone(),
                        conformity: conformity.clone(),
                    })))
                }
                _ => None,
            },
        };
        if let Some(next) = next {
            self.stage = next;
            self.revision += 1;
        }
    }
}

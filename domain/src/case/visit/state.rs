//! The visits of a case, folded from its history.

use serde::{Deserialize, Serialize};

use super::event::VisitEvent;
use super::values::{
    Conformity, CustomerStatement, Meeting, NoShowReason, Side, Technician, VisitId, Windows, WorkReport,
};
use crate::attachment::{Attachment, FileId};
use crate::case::timer::SlaTimer;
use crate::sla_plan::{NoShowRule, SlaMetric};
use crate::time::{Instant, Span};

/// A visit of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Id within the case.
    pub id: VisitId,
    /// Counts up with every event that voids an earlier offer or agreement. Links and invitations name it.
    pub revision: u32,
    /// The technician who goes, or would go.
    pub technician: Technician,
    /// How often the desk moved an agreed time.
    pub moved_by_us: u32,
    /// How often the customer moved an agreed time.
    pub moved_by_customer: u32,
    /// The stage of the visit.
    pub stage: Stage,
    /// Its files, in the order in which they were added.
    pub files: Vec<Attachment>,
}

/// The stage of a visit. By its types, a technician on site has an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Windows are offered to the customer.
    Offered(Windows),
    /// The customer proposed other windows.
    Proposed(Windows),
    /// The customer declined all windows.
    Declined,
    /// A window is agreed.
    Agreed(Appointment),
    /// The technician is on site.
    OnSite {
        /// The agreement.
        appointment: Appointment,
        /// Time of the arrival.
        arrived_at: Instant,
    },
    /// The technician is at work.
    Working {
        /// The agreement.
        appointment: Appointment,
        /// Time of the arrival.
        arrived_at: Instant,
        /// Beginning of the work.
        started_at: Instant,
    },
    /// The work has ended, whether complete or not.
    Ended(Box<VisitDone>),
    /// One side did not appear.
    Missed {
        /// The absent side.
        by: Side,
        /// The agreement.
        appointment: Appointment,
        /// Time of the arrival, if there was one.
        arrived_at: Option<Instant>,
        /// Time of the record.
        missed_at: Instant,
        /// Why the technician was not received, if it was recorded.
        reason: Option<NoShowReason>,
    },
    /// The visit was called off.
    CalledOff {
        /// The side that called it off.
        by: Side,
    },
}

/// An agreement between customer and desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The window of the arrival.
    pub window: Span,
    /// Time of the agreement.
    pub agreed_at: Instant,
    /// The customer's statement, when the staff recorded it; `None` when the customer answered by the link.
    pub word: Option<CustomerStatement>,
}

/// A completed visit, from its agreement to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitDone {
    /// The agreement.
    pub appointment: Appointment,
    /// Time of the arrival.
    pub arrived_at: Instant,
    /// Beginning of the work.
    pub started_at: Instant,
    /// End of the work.
    pub ended_at: Instant,
    /// The work report.
    pub report: WorkReport,
    /// The customer's conformity.
    pub conformity: Conformity,
}

impl Stage {
    /// The stage's code in the database and in style sheets.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Offered(_) => "offered",
            Self::Proposed(_) => "proposed",
            Self::Declined => "declined",
            Self::Agreed(_) => "agreed",
            Self::OnSite { .. } => "on_site",
            Self::Working { .. } => "working",
            Self::Ended(_) => "ended",
            Self::Missed { .. } => "missed",
            Self::CalledOff { .. } => "called_off",
        }
    }

    /// The key of the stage's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Offered(_) => "visit.stage.offered",
            Self::Proposed(_) => "visit.stage.proposed",
            Self::Declined => "visit.stage.declined",
            Self::Agreed(_) => "visit.stage.agreed",
            Self::OnSite { .. } => "visit.stage.on_site",
            Self::Working { .. } => "visit.stage.working",
            Self::Ended(_) => "visit.stage.ended",
            Self::Missed { .. } => "visit.stage.missed",
            Self::CalledOff { .. } => "visit.stage.called_off",
        }
    }
}

impl Visit {
    /// The agreement, present or past.
    #[must_use]
    pub fn appointment(&self) -> Option<&Appointment> {
        match &self.stage {
            Stage::Agreed(appointment)
            | Stage::OnSite { appointment, .. }
            | Stage::Working { appointment, .. }
            | Stage::Missed { appointment, .. } => Some(appointment),
            Stage::Ended(done) => Some(&done.appointment),
            Stage::Offered(_) | Stage::Proposed(_) | Stage::Declined | Stage::CalledOff { .. } => None,
        }
    }

    /// Window and technician of an agreement, before the arrival.
    #[must_use]
    pub fn meeting(&self) -> Option<Meeting> {
        match &self.stage {
            Stage::Agreed(appointment) => {
                Some(Meeting { window: appointment.window, technician: self.technician.clone() })
            }
            _ => None,
        }
    }

    /// Time of the arrival.
    #[must_use]
    pub fn arrived_at(&self) -> Option<Instant> {
        match &self.stage {
            Stage::OnSite { arrived_at, .. } | Stage::Working { arrived_at, .. } => Some(*arrived_at),
            Stage::Ended(done) => Some(done.arrived_at),
            _ => None,
        }
    }

    /// Whether the technician is on site, so that files can be added and removed.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        matches!(self.stage, Stage::OnSite { .. } | Stage::Working { .. })
    }

    /// A file of the visit.
    #[must_use]
    pub fn file(&self, id: &FileId) -> Option<&Attachment> {
        self.files.iter().find(|file| file.id == *id)
    }

    /// Whether the visit is not over yet. The case cannot be resolved meanwhile.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        match self.stage {
            Stage::Offered(_)
            | Stage::Proposed(_)
            | Stage::Agreed(_)
            | Stage::OnSite { .. }
            | Stage::Working { .. } => true,
            Stage::Declined | Stage::Ended(_) | Stage::Missed { .. } | Stage::CalledOff { .. } => false,
        }
    }

    /// Whether a further offer continues this visit; otherwise it begins a new one.
    pub(super) const fn takes_offers(&self) -> bool {
        matches!(self.stage, Stage::Offered(_) | Stage::Proposed(_) | Stage::Declined | Stage::Agreed(_))
    }
}

/// The visits of a case, and the on-site target of the latest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visits {
    list: Vec<Visit>,
    /// The on-site target of the latest agreement, from its window to the arrival.
    timer: Option<SlaTimer>,
    /// Number of agreements: each is a cycle of the target.
    cycles: u32,
}

impl Visits {
    /// All visits, in order.
    #[must_use]
    pub fn list(&self) -> &[Visit] {
        &self.list
    }

    /// The latest visit; `None` before the first.
    #[must_use]
    pub fn latest(&self) -> Option<&Visit> {
        self.list.last()
    }

    /// The latest visit, if it is not over.
    #[must_use]
    pub fn live(&self) -> Option<&Visit> {
        self.latest().filter(|visit| visit.is_live())
    }

    /// The technician who was on site last.
    #[must_use]
    pub fn on_site(&self) -> Option<&Technician> {
        let was_there = |visit: &&Visit| visit.arrived_at().is_some();
        self.list.iter().rfind(was_there).map(|visit| &visit.technician)
    }

    pub(in crate::case) const fn timer(&self) -> Option<&SlaTimer> {
        self.timer.as_ref()
    }

    /// The id of the visit that an offer made now belongs to.
    pub(super) fn id_for_offer(&self) -> VisitId {
        match self.latest() {
            Some(visit) if visit.takes_offers() => visit.id,
            Some(visit) => VisitId(visit.id.0 + 1),
            None => VisitId(1),
        }
    }

    /// Adds an event. Gives the on-site target that it ended and that the case must keep, if any.
    pub(in crate::case) fn evolve(
        &mut self,
        id: VisitId,
        event: &VisitEvent,
        at: Instant,
        no_show: NoShowRule,
    ) -> Option<SlaTimer> {
        if let VisitEvent::Offered { technician, .. }
        | VisitEvent::Agreed { meeting: Meeting { technician, .. }, .. } = event
            && self.latest().is_none_or(|visit| visit.id != id)
        {
            self.list.push(Visit {
                id,
                revision: 0,
                technician: technician.clone(),
                moved_by_us: 0,
                moved_by_customer: 0,
                stage: Stage::Declined,
                files: Vec::new(),
            });
        }
        let visit = self.list.iter_mut().rfind(|visit| visit.id == id)?;
        let arrived = visit.arrived_at().zip(visit.appointment().map(|appointment| appointment.window));
        visit.evolve(event, at);
        match event {
            VisitEvent::Agreed { meeting, .. } => {
                self.cycles += 1;
                let mut timer =
                    SlaTimer::start(SlaMetric::OnSite, meeting.window.from, meeting.window.seconds());
                timer.cycle = self.cycles;
                self.timer.replace(timer)
            }
            // The desk's no-show breaches the target. It stays with the latest visit until another is agreed.
            VisitEvent::Arrived | VisitEvent::Missed { by: Side::Us, .. } => {
                self.timer.as_mut()?.stop(at);
                None
            }
            VisitEvent::ArrivalUndone => {
                self.timer.as_mut()?.undo_stop();
                None
            }
            // A breach remains; a target that was given up in time is dropped.
            VisitEvent::Moved { from: Meeting { window, .. }, .. }
            | VisitEvent::CalledOff { from: Some(Meeting { window, .. }), .. } => {
                self.timer.take().filter(|_| at > window.to).map(|timer| ended(timer, at))
            }
            // The customer's no-show voids the target, unless the plan counts the arrival.
            VisitEvent::Missed { by: Side::Customer, .. } => {
                let counts = arrived
                    .is_some_and(|(arrived_at, window)| no_show.arrival_counts(window, arrived_at, at));
                if !counts {
                    self.timer.as_mut()?.void_stopped();
                }
                None
            }
            VisitEvent::MissUndone => {
                let timer = self.timer.as_mut()?;
                match self.list.last()?.arrived_at() {
                    Some(_) => timer.undo_void(),
                    None => timer.undo_stop(),
                }
                None
            }
            _ => None,
        }
    }
}

fn ended(mut timer: SlaTimer, at: Instant) -> SlaTimer {
    timer.stop(at);
    timer
}

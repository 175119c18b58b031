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

/// A visit, as the history tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Which of the case's.
    pub id: VisitId,
    /// Counts up with everything that makes an earlier offer or appointment void: links and invitations name it.
    pub revision: u32,
    /// Who goes, or would.
    pub technician: Technician,
    /// How often the desk moved what had been agreed: that counts against it.
    pub moved_by_us: u32,
    /// How often the customer did: that counts against nobody.
    pub moved_by_customer: u32,
    /// Where it stands.
    pub stage: Stage,
    /// Its files, in the order in which they came.
    pub files: Vec<Attachment>,
}

/// Where a visit stands. Whoever is on site is there by an agreement: the types leave no other way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The customer has windows to choose from.
    Offered(Windows),
    /// The customer asked for others.
    Proposed(Windows),
    /// The customer wants none of them.
    Declined,
    /// It is agreed.
    Agreed(Appointment),
    /// The technician is on site.
    OnSite {
        /// What was agreed.
        appointment: Appointment,
        /// Since when they are there.
        arrived_at: Instant,
    },
    /// The work is under way.
    Working {
        /// What was agreed.
        appointment: Appointment,
        /// When they came.
        arrived_at: Instant,
        /// When they began.
        started_at: Instant,
    },
    /// The work is done, or as far as it could be.
    Ended(Box<VisitDone>),
    /// One side was not there.
    Missed {
        /// The side that was not there: the desk or the customer.
        by: Side,
        /// What had been agreed.
        appointment: Appointment,
        /// When the technician came, if they did.
        arrived_at: Option<Instant>,
        /// When it was written down.
        missed_at: Instant,
        /// Why nobody received the technician, if that was said.
        reason: Option<NoShowReason>,
    },
    /// There will be no visit.
    CalledOff {
        /// On whose account.
        by: Side,
    },
}

/// What customer and desk agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// When the technician arrives.
    pub window: Span,
    /// When that was agreed.
    pub agreed_at: Instant,
    /// Whose word, when somebody of the staff wrote it down; the customer's own by the link otherwise.
    pub word: Option<CustomerStatement>,
}

/// A visit from its agreement to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitDone {
    /// What was agreed.
    pub appointment: Appointment,
    /// When they came.
    pub arrived_at: Instant,
    /// When they began.
    pub started_at: Instant,
    /// When they were done.
    pub ended_at: Instant,
    /// What was done.
    pub report: WorkReport,
    /// What the customer says of it.
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
    /// What is, or was, agreed.
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

    /// When, and who goes, while that is agreed and nobody has come yet.
    #[must_use]
    pub fn meeting(&self) -> Option<Meeting> {
        match &self.stage {
            Stage::Agreed(appointment) => {
                Some(Meeting { window: appointment.window, technician: self.technician.clone() })
            }
            _ => None,
        }
    }

    /// When the technician came.
    #[must_use]
    pub fn arrived_at(&self) -> Option<Instant> {
        match &self.stage {
            Stage::OnSite { arrived_at, .. } | Stage::Working { arrived_at, .. } => Some(*arrived_at),
            Stage::Ended(done) => Some(done.arrived_at),
            _ => None,
        }
    }

    /// Whether somebody is on site: files come and go then.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        matches!(self.stage, Stage::OnSite { .. } | Stage::Working { .. })
    }

    /// One of its files.
    #[must_use]
    pub fn file(&self, id: &FileId) -> Option<&Attachment> {
        self.files.iter().find(|file| file.id == *id)
    }

    /// Whether something is still to come of it: a case is not solved meanwhile.
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

    /// Whether a further offer belongs to it; else it begins a visit of its own.
    pub(super) const fn takes_offers(&self) -> bool {
        matches!(self.stage, Stage::Offered(_) | Stage::Proposed(_) | Stage::Declined | Stage::Agreed(_))
    }
}

/// The visits of a case, and what is promised about the latest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visits {
    list: Vec<Visit>,
    /// Agreed window to arrival: the promise of the latest agreement, if one holds or was kept.
    timer: Option<SlaTimer>,
    /// How many agreements there have been: each is a cycle of its own.
    cycles: u32,
}

impl Visits {
    /// All visits, in order.
    #[must_use]
    pub fn list(&self) -> &[Visit] {
        &self.list
    }

    /// The visit that was begun last; `None` before the first.
    #[must_use]
    pub fn latest(&self) -> Option<&Visit> {
        self.list.last()
    }

    /// The latest, if something is still to come of it.
    #[must_use]
    pub fn live(&self) -> Option<&Visit> {
        self.latest().filter(|visit| visit.is_live())
    }

    /// Who was on site last, if anybody was.
    #[must_use]
    pub fn on_site(&self) -> Option<&Technician> {
        let was_there = |visit: &&Visit| visit.arrived_at().is_some();
        self.list.iter().rfind(was_there).map(|visit| &visit.technician)
    }

    pub(in crate::case) const fn timer(&self) -> Option<&SlaTimer> {
        self.timer.as_ref()
    }

    /// The id of a visit that an offer made now belongs to.
    pub(super) fn id_for_offer(&self) -> VisitId {
        match self.latest() {
            Some(visit) if visit.takes_offers() => visit.id,
            Some(visit) => VisitId(visit.id.0 + 1),
            None => VisitId(1),
        }
    }

    /// Adds what happened. Gives the promise that ended with it and must not be forgotten, if one did.
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
            // Whoever did not come has broken it; it is told with the latest until another is agreed.
            VisitEvent::Arrived | VisitEvent::Missed { by: Side::Us, .. } => {
                self.timer.as_mut()?.stop(at);
                None
            }
            VisitEvent::ArrivalUndone => {
                self.timer.as_mut()?.run_on();
                None
            }
            // What was broken stays broken; a promise that was given up in time binds nobody.
            VisitEvent::Moved { from: Meeting { window, .. }, .. }
            | VisitEvent::CalledOff { from: Some(Meeting { window, .. }), .. } => {
                self.timer.take().filter(|_| at > window.to).map(|timer| ended(timer, at))
            }
            // A visit that did not happen keeps nothing, unless the plan says whose fault that was.
            VisitEvent::Missed { by: Side::Customer, .. } => {
                let counts = arrived
                    .is_some_and(|(arrived_at, window)| no_show.arrival_counts(window, arrived_at, at));
                if !counts {
                    self.timer.as_mut()?.set_aside();
                }
                None
            }
            VisitEvent::MissUndone => {
                let timer = self.timer.as_mut()?;
                match self.list.last()?.arrived_at() {
                    Some(_) => timer.count_again(),
                    None => timer.run_on(),
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

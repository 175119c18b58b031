//! Events of a visit, and commands about visits.

use serde::{Deserialize, Serialize};

use super::booking::Clash;
use super::values::{
    AnswerSource, Conformity, CustomerStatement, Meeting, NoShowReason, Side, Technician, VisitAnswer,
    Windows, WorkReport,
};
use crate::actor::Action;
use crate::attachment::{Attachment, FileId};
use crate::text::Note;
use crate::time::Span;

/// An event of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitEvent {
    /// Windows were offered to the customer.
    Offered {
        /// The offered windows, in order.
        windows: Windows,
        /// The technician who would go.
        technician: Technician,
        /// A remark to the customer.
        note: Option<Note>,
    },
    /// The customer proposed other windows.
    Proposed {
        /// The proposed windows, in order.
        windows: Windows,
        /// The customer's words.
        note: Option<Note>,
        /// The customer's statement, when the staff recorded it.
        word: Option<CustomerStatement>,
    },
    /// The customer declined all windows.
    Declined {
        /// The customer's words.
        note: Option<Note>,
        /// The customer's statement, when the staff recorded it.
        word: Option<CustomerStatement>,
    },
    /// Customer and desk agreed on a window.
    Agreed {
        /// Window and technician.
        meeting: Meeting,
        /// The customer's statement, when the staff recorded it.
        word: Option<CustomerStatement>,
    },
    /// The agreed time was given up; another one is sought.
    Moved {
        /// The side that moved the visit.
        by: Side,
        /// The former agreement.
        from: Meeting,
        /// Reason of the move, in the words of that side.
        note: Option<Note>,
    },
    /// The visit was called off.
    CalledOff {
        /// The side that called it off.
        by: Side,
        /// The former agreement, if there was one.
        from: Option<Meeting>,
        /// Reason of calling it off, in the words of that side.
        note: Option<Note>,
    },
    /// One side did not appear.
    Missed {
        /// The absent side.
        by: Side,
        /// A remark.
        note: Option<Note>,
        /// Why the technician was not received; entries of older versions have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<NoShowReason>,
    },
    /// The no-show was undone: it was logged by mistake, or the visit took place after all.
    #[serde(rename = "miss_taken_back")]
    MissUndone,
    /// The technician arrived at the site.
    Arrived,
    /// The arrival was undone: it was logged by mistake.
    #[serde(rename = "arrival_taken_back")]
    ArrivalUndone,
    /// The work began.
    Started,
    /// The work ended, whether complete or not.
    Ended {
        /// The work report.
        report: WorkReport,
        /// The customer's conformity.
        conformity: Conformity,
    },
    /// Another technician goes at the agreed time.
    Reassigned {
        /// The former technician.
        from: Technician,
        /// The new technician.
        to: Technician,
        /// A remark to the customer.
        note: Option<Note>,
    },
    /// The technician was booked despite clashes with other visits, or an absence.
    Overruled {
        /// The clashes at the time of the decision.
        clashes: Vec<Clash>,
        /// Absences of the technician that met a window. Entries of older versions have none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        absences: Vec<Span>,
        /// Reason of overruling them.
        reason: Note,
    },
    /// A file was added. Its bytes are stored beside the history.
    Attached(Attachment),
    /// A file was removed with its bytes.
    Detached {
        /// The removed file.
        file: Attachment,
    },
}

impl VisitEvent {
    /// The event's kind: the tags of its stored form.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Offered { .. } => "visit:offered",
            Self::Proposed { .. } => "visit:proposed",
            Self::Declined { .. } => "visit:declined",
            Self::Agreed { .. } => "visit:agreed",
            Self::Moved { .. } => "visit:moved",
            Self::CalledOff { .. } => "visit:called_off",
            Self::Missed { .. } => "visit:missed",
            Self::MissUndone => "visit:miss_taken_back",
            Self::Arrived => "visit:arrived",
            Self::ArrivalUndone => "visit:arrival_taken_back",
            Self::Started => "visit:started",
            Self::Ended { .. } => "visit:ended",
            Self::Reassigned { .. } => "visit:reassigned",
            Self::Overruled { .. } => "visit:overruled",
            Self::Attached(_) => "visit:attached",
            Self::Detached { .. } => "visit:detached",
        }
    }

    /// The key of the event's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Offered { .. } => "visit.event.offered",
            Self::Proposed { .. } => "visit.event.proposed",
            Self::Declined { .. } => "visit.event.declined",
            Self::Agreed { .. } => "visit.event.agreed",
            Self::Moved { .. } => "visit.event.moved",
            Self::CalledOff { .. } => "visit.event.called_off",
            Self::Missed { .. } => "visit.event.missed",
            Self::MissUndone => "visit.event.miss_taken_back",
            Self::Arrived => "visit.event.arrived",
            Self::ArrivalUndone => "visit.event.arrival_taken_back",
            Self::Started => "visit.event.started",
            Self::Ended { .. } => "visit.event.ended",
            Self::Reassigned { .. } => "visit.event.reassigned",
            Self::Overruled { .. } => "visit.event.overruled",
            Self::Attached(_) => "visit.event.attached",
            Self::Detached { .. } => "visit.event.detached",
        }
    }
}

/// Commands about the visits of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitCommand {
    /// Offer windows to the customer. A new offer replaces an old one.
    Offer {
        /// The windows, in order.
        windows: Windows,
        /// The technician who would go.
        technician: Technician,
        /// A remark to the customer.
        note: Option<Note>,
    },
    /// Record an agreement with the customer, for example by telephone, on a window that was not offered in writing.
    Agree {
        /// Window and technician.
        meeting: Meeting,
        /// The customer's statement.
        word: CustomerStatement,
    },
    /// Send another technician at the agreed time.
    Reassign {
        /// The new technician.
        technician: Technician,
        /// A remark to the customer.
        note: Option<Note>,
    },
    /// Add a file. The command is made where the bytes are; it never comes over the wire.
    #[serde(skip)]
    Attach(Attachment),
    /// Remove a file.
    Detach {
        /// Id of the file within the visit.
        id: FileId,
    },
    /// Give or record the customer's answer.
    Answer {
        /// The answer.
        answer: VisitAnswer,
        /// How the answer reached the desk.
        given: AnswerSource,
    },
    /// Agree on one of the windows that the customer proposed.
    Confirm {
        /// The window, one of those proposed.
        window: Span,
    },
    /// Give up the agreed time and seek another.
    Move {
        /// The side that moves the visit.
        by: Side,
        /// Reason of the move.
        reason: Note,
        /// The technician for the new time.
        technician: Technician,
        /// A new offer or a new agreement.
        to: MoveTo,
    },
    /// Call the visit off.
    CallOff {
        /// The side that calls it off.
        by: Side,
        /// Reason of calling it off.
        reason: Note,
    },
    /// Record that the technician was not received.
    NoShow {
        /// What the technician found at the site.
        reason: NoShowReason,
        /// A remark.
        note: Option<Note>,
    },
    /// Record that the technician did not come.
    DidNotCome {
        /// Reason of the desk; the customer does not read it.
        reason: Note,
    },
    /// Undo a no-show that was logged by mistake, or whose visit took place after all.
    #[serde(rename = "take_miss_back")]
    UndoMiss,
    /// Record the arrival at the site.
    Arrive,
    /// Undo an arrival that was logged by mistake.
    #[serde(rename = "take_arrival_back")]
    UndoArrival,
    /// Record the beginning of the work.
    Start,
    /// Record the end of the work, whether complete or not.
    End {
        /// The work report.
        report: WorkReport,
        /// The customer's conformity.
        conformity: Conformity,
    },
}

/// The replacement of an agreed time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveTo {
    /// An offer of windows.
    Offer(Windows),
    /// A window that the customer has agreed to already.
    Agreed {
        /// The agreed window.
        window: Span,
        /// The customer's statement.
        word: CustomerStatement,
    },
}

impl VisitCommand {
    /// The action that the policy must permit.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Answer { given: AnswerSource::ByLink { .. }, .. } => Action::AnswerVisit,
            Self::Offer { .. }
            | Self::Agree { .. }
            | Self::Reassign { .. }
            | Self::Attach(_)
            | Self::Detach { .. }
            | Self::Answer { given: AnswerSource::ByStaff(_), .. }
            | Self::Confirm { .. }
            | Self::Move { .. }
            | Self::CallOff { .. }
            | Self::NoShow { .. }
            | Self::DidNotCome { .. }
            | Self::UndoMiss
            | Self::Arrive
            | Self::UndoArrival
            | Self::Start
            | Self::End { .. } => Action::WorkCase,
        }
    }

    /// The technician that the command names. The desk must know them.
    #[must_use]
    pub const fn technician(&self) -> Option<&Technician> {
        match self {
            Self::Offer { technician, .. }
            | Self::Move { technician, .. }
            | Self::Reassign { technician, .. }
            | Self::Agree { meeting: Meeting { technician, .. }, .. } => Some(technician),
            _ => None,
        }
    }

    /// The same command about another technician, if it names one.
    #[must_use]
    pub fn about(self, other: Technician) -> Self {
        match self {
            Self::Offer { windows, note, .. } => Self::Offer { windows, technician: other, note },
            Self::Move { by, reason, to, .. } => Self::Move { by, reason, technician: other, to },
            Self::Reassign { note, .. } => Self::Reassign { technician: other, note },
            Self::Agree { meeting: Meeting { window, .. }, word } => {
                Self::Agree { meeting: Meeting { window, technician: other }, word }
            }
            command => command,
        }
    }

    /// Whether the command needs the current version of the case. An answer by link names the revision of the visit
    /// instead. Events at the site are facts, whatever others wrote meanwhile.
    #[must_use]
    pub const fn requires_current_version(&self) -> bool {
        matches!(
            self,
            Self::Offer { .. }
                | Self::Agree { .. }
                | Self::Reassign { .. }
                | Self::Answer { given: AnswerSource::ByStaff(_), .. }
                | Self::Confirm { .. }
                | Self::Move { .. }
                | Self::CallOff { .. }
        )
    }
}

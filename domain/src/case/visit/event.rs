//! What can happen to a visit, and what can be asked of one.

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

/// Something that happened to a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitEvent {
    /// The customer was offered windows to choose from.
    Offered {
        /// The windows that the desk offers, in order.
        windows: Windows,
        /// Who would go.
        technician: Technician,
        /// What else the customer is told.
        note: Option<Note>,
    },
    /// The customer asked for other windows.
    Proposed {
        /// The windows that the customer proposes, in order.
        windows: Windows,
        /// In their words.
        note: Option<Note>,
        /// Whose word, when somebody of the staff wrote it down.
        word: Option<CustomerStatement>,
    },
    /// The customer wants none of the windows.
    Declined {
        /// In their words.
        note: Option<Note>,
        /// Whose word, when somebody of the staff wrote it down.
        word: Option<CustomerStatement>,
    },
    /// Customer and desk agreed.
    Agreed {
        /// When, and who goes.
        meeting: Meeting,
        /// Whose word, when somebody of the staff wrote it down.
        word: Option<CustomerStatement>,
    },
    /// What was agreed holds no more; another time is looked for.
    Moved {
        /// On whose account.
        by: Side,
        /// What had been agreed.
        from: Meeting,
        /// Why it has to move, in the words of the side that moves it.
        note: Option<Note>,
    },
    /// There will be no visit.
    CalledOff {
        /// On whose account.
        by: Side,
        /// What had been agreed, if anything had.
        from: Option<Meeting>,
        /// Why there will be no visit, in the words of the side that calls it off.
        note: Option<Note>,
    },
    /// One side was not there.
    Missed {
        /// The side that was not there: the desk or the customer.
        by: Side,
        /// What else is worth knowing.
        note: Option<Note>,
        /// Why nobody received the technician. Entries from before it was asked for have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<NoShowReason>,
    },
    /// That one side was not there was logged by mistake, or somebody came after all.
    #[serde(rename = "miss_taken_back")]
    MissUndone,
    /// The technician is on site.
    Arrived,
    /// The arrival had been logged by mistake: nobody is on site yet.
    #[serde(rename = "arrival_taken_back")]
    ArrivalUndone,
    /// The work begins.
    Started,
    /// The work is done, or as far as it could be.
    Ended {
        /// What was done.
        report: WorkReport,
        /// What the customer says of it.
        conformity: Conformity,
    },
    /// Somebody else goes; the time stays as agreed.
    Reassigned {
        /// Who would have gone.
        from: Technician,
        /// The technician who goes instead.
        to: Technician,
        /// What the customer is told.
        note: Option<Note>,
    },
    /// The technician was held although other visits stand against it.
    Overruled {
        /// The visits that stood against it when it was decided.
        clashes: Vec<Clash>,
        /// Why the technician was booked all the same.
        reason: Note,
    },
    /// A file was added. Its bytes stand beside the history.
    Attached(Attachment),
    /// A file was taken out again, and its bytes are gone.
    Detached {
        /// The file as it was listed before it was taken out.
        file: Attachment,
    },
}

impl VisitEvent {
    /// The event's kind, as it stands beside the entry: the tags of its stored form.
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

/// What can be asked of the visits of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitCommand {
    /// Offer windows to the customer; a new offer takes the place of an old one.
    Offer {
        /// The windows to offer, in order.
        windows: Windows,
        /// Who would go.
        technician: Technician,
        /// What else the customer is told.
        note: Option<Note>,
    },
    /// Write down that the customer agreed, by telephone for one, to a window that nobody had offered in writing.
    Agree {
        /// When, and who goes.
        meeting: Meeting,
        /// Whose word that is.
        word: CustomerStatement,
    },
    /// Send somebody else at the agreed time.
    Reassign {
        /// The technician who goes instead.
        technician: Technician,
        /// What the customer is told.
        note: Option<Note>,
    },
    /// Add a file. Only where its bytes are at hand: no such wish comes over the wire.
    #[serde(skip)]
    Attach(Attachment),
    /// Take a file out again.
    Detach {
        /// Identifies the file among those of the visit.
        id: FileId,
    },
    /// Give, or write down, the customer's answer.
    Answer {
        /// What they say.
        answer: VisitAnswer,
        /// How it reached the desk.
        given: AnswerSource,
    },
    /// Take one of the windows that the customer asked for.
    Confirm {
        /// The window to agree on; one that the customer proposed.
        window: Span,
    },
    /// Give up what was agreed and look for another time.
    Move {
        /// On whose account.
        by: Side,
        /// Why it has to move.
        reason: Note,
        /// Who goes then.
        technician: Technician,
        /// What comes instead.
        to: MoveTo,
    },
    /// There shall be no visit.
    CallOff {
        /// On whose account.
        by: Side,
        /// Why there will be no visit.
        reason: Note,
    },
    /// Write down that nobody received the technician.
    NoShow {
        /// What the technician found at the site.
        reason: NoShowReason,
        /// What else is worth knowing.
        note: Option<Note>,
    },
    /// Write down that the technician did not come.
    DidNotCome {
        /// Why nobody came; the customer does not read it.
        reason: Note,
    },
    /// That one side was not there was logged by mistake, or somebody came after all.
    #[serde(rename = "take_miss_back")]
    UndoMiss,
    /// The technician is on site.
    Arrive,
    /// The arrival was logged by mistake.
    #[serde(rename = "take_arrival_back")]
    UndoArrival,
    /// The work begins.
    Start,
    /// The work is done, or as far as it could be.
    End {
        /// What was done.
        report: WorkReport,
        /// What the customer says of it.
        conformity: Conformity,
    },
}

/// What comes in the place of what had been agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveTo {
    /// Windows that the customer is offered.
    Offer(Windows),
    /// A window that the customer has agreed to already.
    Agreed {
        /// The window that both sides agreed on.
        window: Span,
        /// Whose word that is.
        word: CustomerStatement,
    },
}

impl VisitCommand {
    /// What one must be permitted to do for it.
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

    /// The technician that it names: the desk must know them.
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

    /// Whether it must rest on what the case is now. An answer by link names the revision that it answers; what happens
    /// on site is a fact, whatever others wrote meanwhile.
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

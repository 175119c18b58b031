//! What people and the desk's own scheduler can ask of a case.

use serde::{Deserialize, Serialize};

use super::assignment::AssignmentCommand;
use super::event::{AttemptOutcome, Audience, Category, Channel, PauseReason, Verdict};
use super::links::LinkCommand;
use super::message::MessageCommand;
use super::revision::RevisionCommand;
use super::termination::TerminationCommand;
use super::visit::{Clash, VisitCommand};
use crate::actor::Action;
use crate::priority::Priority;
use crate::sla_plan::SlaMetric;
use crate::survey::SurveyCommand;
use crate::text::{Note, PersonName, Reason};
use crate::time::Instant;

/// A wish that [`decide`](super::decide) grants or refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Write down that the customer could not be reached.
    LogAttempt {
        /// How it was tried.
        channel: Channel,
        /// Why it came to nothing.
        outcome: AttemptOutcome,
        /// What else is worth knowing.
        note: Option<Note>,
    },
    /// Write down that a human spoke with the customer.
    LogContact {
        /// The channel by which they spoke.
        channel: Channel,
        /// What was said.
        note: Option<Note>,
    },
    /// Write down that a human spoke with the customer, and take the case if nobody is on it.
    ContactAndClaim {
        /// The channel by which they spoke.
        channel: Channel,
        /// What was said.
        note: Option<Note>,
        /// When the next news comes, in place of what the plan says.
        #[serde(default)]
        next: Option<Instant>,
    },
    /// Write something down.
    AddNote {
        /// Who may read it.
        audience: Audience,
        /// What to write.
        text: Note,
    },
    /// Let the clocks stand still.
    Pause {
        /// What is waited for.
        reason: PauseReason,
        /// In the writer's words.
        detail: Option<Reason>,
        /// When the wait is expected to end.
        until: Instant,
        /// Who allowed it, when not the writer.
        #[serde(default)]
        allowed_by: Option<PersonName>,
    },
    /// Go on before the expected end.
    Resume,
    /// Overrule the priority.
    ChangePriority {
        /// The new one.
        to: Priority,
        /// Why the agent overrules the priority; the customer reads it.
        reason: Reason,
    },
    /// Say that it works again.
    Resolve {
        /// What kind of solution it was.
        category: Category,
        /// What was wrong.
        cause: Note,
        /// What was done.
        solution: Note,
    },
    /// Give, or write down, the customer's word on the solution: it closes the case or opens it again.
    Verify {
        /// Whether the solution works, as the customer says.
        verdict: Verdict,
        /// How it reached the desk; `None` when the customer gives it by the case's link.
        channel: Option<Channel>,
        /// Who said it.
        who: Option<PersonName>,
        /// In their words.
        said: Option<Note>,
    },
    /// Close without the customer's word.
    CloseUnconfirmed {
        /// Why the case is closed although the customer did not confirm.
        reason: Reason,
    },
    /// Open a closed case again.
    Reopen {
        /// What fails again.
        said: Note,
    },
    /// Ask something of the case's visits.
    Visit(VisitCommand),
    /// Ask the same although other visits hold the technician.
    VisitDespite {
        /// What is asked.
        command: VisitCommand,
        /// Why the visit goes ahead in spite of the clashes.
        reason: Note,
        /// Which stand against it. The desk looks them up: they never come from outside.
        #[serde(skip)]
        clashes: Vec<Clash>,
    },
    /// Ask the customer once more whether it works.
    Remind {
        /// 1 for the first time.
        nth: u8,
    },
    /// The customer's answer is overdue.
    AskForDecision,
    /// The expected end of a wait has come.
    EndPause,
    /// A share of a promise is used up.
    Warn {
        /// Which SLA target is warned of.
        clock: SlaMetric,
        /// In which of its cycles.
        cycle: u32,
        /// Which share, in per cent.
        level: u8,
    },
    /// Change who is on the case.
    #[serde(rename = "holding")]
    Assignment(AssignmentCommand),
    /// Send an update or a message, or log a contact that promises an update.
    #[serde(rename = "talk")]
    Message(MessageCommand),
    /// Put something right.
    Revision(RevisionCommand),
    /// Something about the survey.
    Survey(SurveyCommand),
    /// End the case without a solution.
    #[serde(rename = "withdrawal")]
    Termination(TerminationCommand),
    /// Something between two cases.
    Link(LinkCommand),
}

impl Command {
    /// What one must be permitted to do for it.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::LogAttempt { .. }
            | Self::LogContact { .. }
            | Self::ContactAndClaim { .. }
            | Self::AddNote { .. }
            | Self::Pause { .. }
            | Self::Resume
            | Self::Resolve { .. }
            | Self::CloseUnconfirmed { .. }
            | Self::Verify { channel: Some(_), .. } => Action::WorkCase,
            Self::Verify { channel: None, .. } => Action::Verify,
            Self::Visit(command) | Self::VisitDespite { command, .. } => command.action(),
            Self::Reopen { .. } => Action::Reopen,
            Self::ChangePriority { .. } => Action::ChangePriority,
            Self::Survey(command) => command.action(),
            Self::EndPause | Self::Warn { .. } | Self::Remind { .. } | Self::AskForDecision => {
                Action::RunScheduler
            }
            Self::Assignment(_) => Action::ClaimCase,
            Self::Message(command) => command.action(),
            Self::Revision(command) => command.action(),
            Self::Termination(command) => command.action(),
            Self::Link(command) => command.action(),
        }
    }
}

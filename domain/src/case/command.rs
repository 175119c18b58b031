//! Commands to a case, by people and by the scheduler.

use serde::{Deserialize, Serialize};

use super::assignment::AssignmentCommand;
use super::event::{AttemptOutcome, Audience, Category, Channel, ErasureReason, PauseReason, Verdict};
use super::links::LinkCommand;
use super::message::MessageCommand;
use super::participant::ParticipantCommand;
use super::revision::RevisionCommand;
use super::termination::TerminationCommand;
use super::tracking::TrackingCommand;
use super::visit::{Conflicts, VisitCommand};
use crate::actor::Action;
use crate::causes::{CauseCode, Classification};
use crate::priority::Priority;
use crate::sla_plan::SlaMetric;
use crate::survey::SurveyCommand;
use crate::text::{Note, PersonName, Reason};
use crate::time::Instant;

/// A command that [`decide`](super::decide) accepts or refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Log a failed attempt to reach the customer.
    LogAttempt {
        /// The channel of the attempt.
        channel: Channel,
        /// Why the attempt failed.
        outcome: AttemptOutcome,
        /// A remark about the attempt.
        note: Option<Note>,
    },
    /// Log a contact with the customer.
    LogContact {
        /// The channel by which they spoke.
        channel: Channel,
        /// Summary of the contact.
        note: Option<Note>,
    },
    /// Log a call that the exchange reported as a contact with the customer.
    LogCall {
        /// Its length in seconds; `None` when it is not known.
        length_s: Option<i64>,
    },
    /// Log a contact with the customer, and claim the case if it has no assignee.
    ContactAndClaim {
        /// The channel by which they spoke.
        channel: Channel,
        /// Summary of the contact.
        note: Option<Note>,
        /// Time of the committed next update, in place of the plan's.
        #[serde(default)]
        next: Option<Instant>,
    },
    /// Add a note.
    AddNote {
        /// Who may read it.
        audience: Audience,
        /// Text of the note.
        text: Note,
    },
    /// Pause the clocks.
    Pause {
        /// What is waited for.
        reason: PauseReason,
        /// Detail in the writer's words.
        detail: Option<Reason>,
        /// When the wait is expected to end.
        until: Instant,
        /// The person who approved the pause, when not the writer.
        #[serde(default)]
        allowed_by: Option<PersonName>,
    },
    /// End the pause before its expected end.
    Resume,
    /// Change the priority.
    ChangePriority {
        /// The new priority.
        to: Priority,
        /// Reason of the change; the customer reads it.
        reason: Reason,
    },
    /// Resolve the case.
    Resolve {
        /// Category of the solution.
        category: Category,
        /// Cause of the fault.
        cause: Note,
        /// The solution.
        solution: Note,
        /// The cause that was chosen from the provider's tree.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chosen: Option<CauseCode>,
        /// What the chosen cause stands for. The desk looks it up; it never comes from outside.
        #[serde(skip)]
        classification: Option<Box<Classification>>,
    },
    /// Record the customer's verdict on the solution. It closes or reopens the case.
    Verify {
        /// The customer's verdict.
        verdict: Verdict,
        /// The channel of the verdict; `None` when the customer gives it by the case's link.
        channel: Option<Channel>,
        /// The person who gave the verdict.
        who: Option<PersonName>,
        /// The customer's words.
        said: Option<Note>,
    },
    /// Close the case without the customer's confirmation.
    CloseUnconfirmed {
        /// Reason of closing without a confirmation.
        reason: Reason,
    },
    /// Reopen a closed case.
    Reopen {
        /// What fails again.
        said: Note,
    },
    /// A command about the case's visits.
    Visit(VisitCommand),
    /// A command about a visit, although other visits of the technician clash with it.
    VisitDespite {
        /// The command.
        command: VisitCommand,
        /// Reason of overruling the clashes.
        reason: Note,
        /// Clashing visits and absences. The desk looks them up; they never come from outside.
        #[serde(skip)]
        conflicts: Conflicts,
    },
    /// Remind the customer of the verification.
    Remind {
        /// Number of the reminder, from 1.
        nth: u8,
    },
    /// Ask the staff for a decision: the customer's verification is overdue.
    AskForDecision,
    /// End a pause whose expected end has come.
    EndPause,
    /// Record a warning level of an SLA target.
    Warn {
        /// Which SLA target is warned of.
        clock: SlaMetric,
        /// Number of its cycle.
        cycle: u32,
        /// The level in per cent.
        level: u8,
    },
    /// Change the assignee.
    #[serde(rename = "holding")]
    Assignment(AssignmentCommand),
    /// Send an update or a message, or log a contact that commits to an update.
    #[serde(rename = "talk")]
    Message(MessageCommand),
    /// Revise the priority inputs, the contract, the report or a contact.
    Revision(RevisionCommand),
    /// A command about the survey.
    Survey(SurveyCommand),
    /// Cancel the case, or close it as a duplicate.
    #[serde(rename = "withdrawal")]
    Termination(TerminationCommand),
    /// Link two cases, or unlink them.
    Link(LinkCommand),
    /// Renew the link to the case's page.
    Tracking(TrackingCommand),
    /// Invite or remove a participant, or leave.
    Participant(ParticipantCommand),
    /// Erase names, telephones, mails, free texts and files of a case that has ended. The command is made where the rows are
    /// rewritten as well; it never comes over the wire.
    #[serde(skip)]
    Erase {
        /// Why they are erased.
        reason: ErasureReason,
    },
}

impl Command {
    /// The action that the policy must permit.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::LogAttempt { .. }
            | Self::LogContact { .. }
            | Self::LogCall { .. }
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
            Self::Tracking(command) => command.action(),
            Self::Participant(command) => command.action(),
            Self::Erase { .. } => Action::EraseData,
        }
    }
}

//! The rules that accept or refuse a command.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::assignment::{self, AssignmentCommand, AssignmentRefusal};
use super::command::Command;
use super::event::{Channel, CloseReason, ErasureReason, Event, ReopenCause, ResumeCause, Verdict};
use super::evolve::{Case, Status};
use super::links::{self, LinkRefusal};
use super::message::{self, MessageCommand, MessageRefusal};
use super::participant::{self, ParticipantRefusal};
use super::revision::{self, RevisionCommand, RevisionRefusal};
use super::sla_clock::what_is_left;
use super::termination;
use super::tracking::{self, TrackingRefusal};
use super::visit::{self, VisitRefusal};
use crate::actor::{Actor, NotPermitted, may};
use crate::calendar::ServiceHours;
use crate::causes::CauseRefusal;
use crate::i18n::Language;
use crate::sla_plan::ReopenBudget;
use crate::survey::{self, SurveyEvent, SurveyRefusal};
use crate::t;
use crate::text::Note;
use crate::time::Instant;

/// The longest pause, in seconds: 60 days. A longer one needs a new decision.
pub const MAX_PAUSE_S: i64 = 60 * 24 * 3600;

/// Why a command is refused: the rule that it would break.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The policy does not permit it.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// The case is resolved: only notes and contacts can be added.
    #[error("the case is resolved")]
    AlreadyResolved,
    /// The case is paused already: resume it first.
    #[error("the case is paused")]
    AlreadyPaused,
    /// The case is not paused.
    #[error("the case is not paused")]
    NotPaused,
    /// The expected end of a pause must be in the future.
    #[error("the pause would end in the past")]
    PauseEndsInThePast,
    /// The pause would be longer than [`MAX_PAUSE_S`].
    #[error("the pause is longer than {} days", MAX_PAUSE_S / 86_400)]
    PauseTooLong,
    /// The case has that priority already.
    #[error("the priority is the same")]
    SamePriority,
    /// The customer has not been contacted yet: log the contact first.
    #[error("no contact is logged")]
    ContactFirst,
    /// The expected end of the pause has not come.
    #[error("the pause has not ended")]
    PauseNotOver,
    /// Only a resolved case that is not yet closed can be verified.
    #[error("there is no solution to verify")]
    NothingToVerify,
    /// The case is not closed, so it cannot be reopened.
    #[error("the case is not closed")]
    NotClosed,
    /// The time for reopening is over: open a new case.
    #[error("the time for opening the case again is over")]
    ReopenWindowOver,
    /// A rule of visits.
    #[error(transparent)]
    Visit(#[from] VisitRefusal),
    /// A step that is done once was done already.
    #[error("it was done already")]
    DoneAlready,
    /// All pauses together would be longer than the plan allows. Ended pauses count their length, a new one its
    /// expected length.
    #[error("all waits of the case together would be longer than {days} days")]
    WaitedTooLong {
        /// The plan's limit in days.
        days: u32,
    },
    /// A rule of assignments.
    #[error(transparent)]
    #[serde(rename = "holding")]
    Assignment(#[from] AssignmentRefusal),
    /// A rule of messages.
    #[error(transparent)]
    #[serde(rename = "talk")]
    Message(#[from] MessageRefusal),
    /// A rule of revisions.
    #[error(transparent)]
    Revision(#[from] RevisionRefusal),
    /// A rule of the survey.
    #[error(transparent)]
    Survey(#[from] SurveyRefusal),
    /// The case was cancelled or closed as a duplicate: it takes annotations alone.
    #[error("the case was withdrawn")]
    #[serde(rename = "withdrawn")]
    Terminated,
    /// A rule of links.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// A rule of links to the case's page.
    #[error(transparent)]
    Tracking(#[from] TrackingRefusal),
    /// A rule of participants.
    #[error(transparent)]
    Participant(#[from] ParticipantRefusal),
    /// A rule of the causes that are offered.
    #[error(transparent)]
    Cause(#[from] CauseRefusal),
    /// Personal data were erased: nothing is added to the case any more. Open a new one.
    #[error("personal data were erased")]
    Erased,
    /// The case has not ended, so its data are needed.
    #[error("the case has not ended")]
    NotEnded,
}

impl Refusal {
    /// The rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NotPermitted(refused) => refused.message(language),
            Self::AlreadyResolved => t!(language, "refusal.already_resolved").into_owned(),
            Self::AlreadyPaused => t!(language, "refusal.already_paused").into_owned(),
            Self::NotPaused => t!(language, "refusal.not_paused").into_owned(),
            Self::PauseEndsInThePast => t!(language, "refusal.pause_ends_in_the_past").into_owned(),
            Self::PauseTooLong => t!(language, "refusal.pause_too_long", days = MAX_PAUSE_S / 86_400),
            Self::SamePriority => t!(language, "refusal.same_priority").into_owned(),
            Self::ContactFirst => t!(language, "refusal.contact_first").into_owned(),
            Self::PauseNotOver => t!(language, "refusal.pause_not_over").into_owned(),
            Self::NothingToVerify => t!(language, "refusal.nothing_to_verify").into_owned(),
            Self::NotClosed => t!(language, "refusal.not_closed").into_owned(),
            Self::ReopenWindowOver => t!(language, "refusal.reopen_window_over").into_owned(),
            Self::Visit(refused) => refused.message(language),
            Self::DoneAlready => t!(language, "refusal.done_already").into_owned(),
            Self::WaitedTooLong { days } => t!(language, "refusal.waited_too_long", days = days),
            Self::Assignment(refused) => refused.message(language),
            Self::Message(refused) => refused.message(language),
            Self::Revision(refused) => refused.message(language),
            Self::Survey(refused) => refused.message(language),
            Self::Terminated => t!(language, "refusal.withdrawn").into_owned(),
            Self::Link(refused) => refused.message(language),
            Self::Tracking(refused) => refused.message(language),
            Self::Participant(refused) => refused.message(language),
            Self::Cause(refused) => refused.message(language),
            Self::Erased => t!(language, "refusal.erased").into_owned(),
            Self::NotEnded => t!(language, "refusal.not_ended").into_owned(),
        }
    }
}

/// The events of `command`, given by `actor` at `now`. `hours` are the service hours of the case.
///
/// A pause whose expected end has passed is ended first, even before the scheduler runs.
///
/// # Errors
/// The rule that the command would break, see [`Refusal`]. Nothing happens then.
pub fn decide(
    case: &Case,
    command: Command,
    actor: &Actor,
    hours: &ServiceHours,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    may(actor, command.action(), case.subject())?;
    // Their link was good when they asked, and has ended since.
    if let Actor::Participant(own) = actor
        && case.participant(own.id).is_none()
    {
        return Err(ParticipantRefusal::NotHere.into());
    }
    if let Command::ContactAndClaim { channel, note, next } = command {
        return contact_and_claim(case, channel, note, next, actor, hours, now);
    }
    if case.erased().is_some() {
        return Err(Refusal::Erased);
    }
    if let Command::Erase { reason } = command {
        return erase(case, reason);
    }
    if case.terminated().is_some() && !is_annotation(&command) {
        return Err(Refusal::Terminated);
    }
    let mut events: Vec<Event> = resumed_by_time(case, now).into_iter().collect();
    let paused = case.pause().is_some() && events.is_empty();
    let open = case.resolved_at().is_none();
    match command {
        Command::LogAttempt { channel, outcome, note } => {
            events.push(Event::ContactAttempted { channel, outcome, note });
        }
        Command::LogContact { channel, note } | Command::ContactAndClaim { channel, note, .. } => {
            events.push(Event::Contacted { channel, note, length_s: None });
        }
        Command::LogCall { length_s } => {
            events.push(Event::Contacted { channel: Channel::Phone, note: None, length_s });
        }
        Command::AddNote { audience, text } => events.push(Event::Noted { audience, text }),
        Command::Survey(command) => {
            let decided = survey::decide(case, command, actor, hours, now)?;
            events.extend(decided.into_iter().map(Event::Survey));
        }
        Command::Warn { clock, cycle, level } => events.push(Event::Warned { clock, cycle, level }),
        Command::EndPause if events.is_empty() => {
            return Err(if paused { Refusal::PauseNotOver } else { Refusal::NotPaused });
        }
        Command::EndPause => {}
        Command::Verify { .. }
        | Command::CloseUnconfirmed { .. }
        | Command::Reopen { .. }
        | Command::Remind { .. }
        | Command::AskForDecision => events.extend(after_resolution(case, command, hours, now)?),
        Command::Assignment(command) => {
            events.push(Event::Assignment(assignment::decide(case, command, actor)?));
        }
        Command::Message(command) => events.extend(message::decide(case, command, now)?),
        Command::Revision(command) => events.push(revision::decide(case, command, actor, hours, now)?),
        Command::Termination(command) => events.extend(termination::decide(case, command)?),
        Command::Link(command) => events.push(links::decide(case, &command)?),
        Command::Tracking(command) => events.push(tracking::decide(case, command)?),
        Command::Participant(command) => events.push(participant::decide(case, command, actor, now)?),
        Command::Erase { reason } => events.extend(erase(case, reason)?),
        _ if !open => return Err(Refusal::AlreadyResolved),
        Command::Pause { .. } if paused => return Err(Refusal::AlreadyPaused),
        Command::Pause { reason, detail, until, allowed_by } => {
            check_pause(case, until, now)?;
            events.push(Event::Paused { reason, detail, until, allowed_by });
        }
        Command::Resume if !paused => return Err(Refusal::NotPaused),
        Command::Resume => events.push(Event::Resumed { cause: ResumeCause::ByStaff }),
        Command::ChangePriority { to, .. } if to == case.priority() => return Err(Refusal::SamePriority),
        Command::ChangePriority { to, reason } => {
            events.push(Event::PriorityChanged { from: case.priority(), to, reason });
        }
        Command::Visit(command) => events.extend(visit::decide(case, command, actor, now)?),
        Command::VisitDespite { command, reason, conflicts } => {
            events.extend(visit::overrule(case, (command, conflicts, reason), actor, now)?);
        }
        Command::Resolve { category, cause, solution, chosen: _, classification } => {
            check_resolve(case)?;
            events.push(Event::Resolved { category, cause, solution, classification });
        }
    }
    Ok(events)
}

/// The erasure of a case that has ended. A survey that is still open lapses: nobody can be asked any more.
fn erase(case: &Case, reason: ErasureReason) -> Result<Vec<Event>, Refusal> {
    if case.closed().is_none() && case.terminated().is_none() {
        return Err(Refusal::NotEnded);
    }
    let is_open = case.survey().asked().is_some_and(|asked| asked.ended.is_none());
    let lapsed = is_open.then_some(Event::Survey(SurveyEvent::Lapsed));
    Ok(lapsed.into_iter().chain([Event::Erased { reason }]).collect())
}

/// The event that ends a pause whose expected end has passed.
fn resumed_by_time(case: &Case, now: Instant) -> Option<Event> {
    let has_ended = case.pause().is_some_and(|pause| pause.until <= now);
    has_ended.then_some(Event::Resumed { cause: ResumeCause::EndCame })
}

/// Checks the expected end of a new pause.
fn check_pause(case: &Case, until: Instant, now: Instant) -> Result<(), Refusal> {
    if until <= now {
        return Err(Refusal::PauseEndsInThePast);
    }
    if until.since(now) > MAX_PAUSE_S {
        return Err(Refusal::PauseTooLong);
    }
    if !case.may_wait_until(until, now) {
        return Err(Refusal::WaitedTooLong { days: case.opening.terms.waiting().max_total_days });
    }
    Ok(())
}

/// A case is resolved after its first contact, while no visit is under way.
fn check_resolve(case: &Case) -> Result<(), Refusal> {
    if case.visits().live().is_some() {
        return Err(VisitRefusal::UnderWay.into());
    }
    if case.first_contact().is_none() { Err(Refusal::ContactFirst) } else { Ok(()) }
}

/// The agent who contacts the customer of an unassigned case claims it. The contact is logged even when the claim
/// fails. It comes last, because a contact with later entries cannot be undone.
fn contact_and_claim(
    case: &Case,
    channel: Channel,
    note: Option<Note>,
    next: Option<Instant>,
    actor: &Actor,
    hours: &ServiceHours,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let contact = match next {
        None => Command::LogContact { channel, note },
        Some(next) => Command::Message(MessageCommand::Contact { channel, note, next }),
    };
    let spoken = decide(case, contact, actor, hours, now)?;
    let is_free = case.assignee().is_none() && case.status().is_open();
    let claimed = assignment::decide(case, AssignmentCommand::Claim, actor).ok().filter(|_| is_free);
    Ok(claimed.map(Event::Assignment).into_iter().chain(spoken).collect())
}

/// Whether a command adds a fact, which is permitted at any status.
const fn is_annotation(command: &Command) -> bool {
    matches!(
        command,
        Command::LogAttempt { .. }
            | Command::LogContact { .. }
            | Command::LogCall { .. }
            | Command::AddNote { .. }
            | Command::Link(_)
            | Command::Tracking(_)
            | Command::Participant(_)
            | Command::Revision(RevisionCommand::Amend { .. })
    )
}

/// Commands between resolution and closing, and the reopening.
fn after_resolution(
    case: &Case,
    command: Command,
    hours: &ServiceHours,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let status = case.status();
    if let Command::Reopen { said } = command {
        return match case.closed() {
            None => Err(Refusal::NotClosed),
            Some(closed) if now >= closed.reopen_until => Err(Refusal::ReopenWindowOver),
            Some(_) => Ok(vec![reopened(case, ReopenCause::CameBack, Some(said), hours)]),
        };
    }
    if status != Status::Resolved {
        return Err(Refusal::NothingToVerify);
    }
    let end = |reason, note| {
        let days = case.opening.terms.closing().reopen_days;
        Event::Closed { reason, note, reopen_until: hours.business_days_after(now, days) }
    };
    Ok(match command {
        Command::Verify { verdict: Verdict::Works, channel, who, said } => {
            let verified = Event::Verified { verdict: Verdict::Works, channel, who, said };
            vec![verified, end(CloseReason::Confirmed, None)]
        }
        Command::Verify { verdict: Verdict::StillFails, channel, who, said } => {
            let back = reopened(case, ReopenCause::StillFails, said.clone(), hours);
            vec![Event::Verified { verdict: Verdict::StillFails, channel, who, said }, back]
        }
        Command::CloseUnconfirmed { reason } => vec![end(CloseReason::Unconfirmed, Some(reason))],
        Command::Remind { nth } if case.reminders() + 1 == nth => vec![Event::VerificationReminded { nth }],
        Command::AskForDecision if !case.awaits_decision() => vec![Event::VerificationUnanswered],
        _ => return Err(Refusal::DoneAlready),
    })
}

/// A new cycle, with the plan's time for it.
fn reopened(case: &Case, brought_by: ReopenCause, said: Option<Note>, hours: &ServiceHours) -> Event {
    let target_s = case.opening.terms.targets(case.priority()).resolution_s;
    let target_s = match case.opening.terms.closing().reopen_budget {
        ReopenBudget::Fresh => target_s,
        ReopenBudget::Remaining => what_is_left(target_s, case.resolution_used_s(&hours.spans)),
    };
    Event::Reopened { cause: brought_by, said, target_s }
}

//! Use-case: commands to a case after its opening. `domain` decides; this makes the events durable.

use domain::actor::{Actor, scope_of};
use domain::case::{
    Case, Command, Event, LinkCommand, Origin, ParticipantEvent, Recorded, RevisionCommand, RevisionEvent,
    TerminationCommand, decide, mirrored,
};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use sqlx::AnyConnection;

use crate::Desk;
use crate::DeskError;
use crate::cases::bookings;
use crate::cases::resolve;
use crate::cases::visits;
use crate::events;
use crate::mail::SentWith;
use crate::outbox;
use crate::projections::{Change, project};
use crate::reach::Reach;
use crate::store::{Guarded, StoreError, Tx};
use crate::webhooks;

/// The version of the case that a command expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Any version: the rules alone decide.
    Any,
    /// The version that the actor read. Facts fit any version, and entries that are no work change none.
    Version(u32),
    /// This version and no other, whatever the command: `If-Match` of RFC 9110, 13.1.1.
    Exactly(u32),
}

/// Executes a command on a case. Gives the version after it.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # let number = a_case(&desk).await?;
/// use desk::DeskError;
/// use desk::cases::execute::{Expected, execute_command};
/// use domain::case::{Channel, Command, PauseReason};
///
/// let contact = Command::LogContact { channel: Channel::Phone, note: None };
/// let version = execute_command(&desk, &agent(), number, Expected::Version(1), contact).await?;
/// assert_eq!(version, 2);
///
/// // The agent's page shows version 1 still.
/// let until = desk.now().plus(3600);
/// let pause = Command::Pause { reason: PauseReason::SparePart, detail: None, until, allowed_by: None };
/// let refused = execute_command(&desk, &agent(), number, Expected::Version(1), pause).await;
/// assert!(matches!(refused, Err(DeskError::Conflict { seen: 1, .. })));
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`]. Notes, attempts and contacts are facts and fit any version. Commands that change the course of
/// the case conflict when it has changed since.
pub async fn execute_command(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    expected: Expected,
    command: Command,
) -> Result<u32, DeskError> {
    let (at_work, actor) = (desk.clone(), actor.clone());
    let origin = origin_of(&actor);
    desk.store()
        .write_beside(subjects(number, &command), move |tx| {
            Box::pin(async move { execute_in(&at_work, tx, &actor, origin, number, expected, command).await })
        })
        .await
}

/// What a command reads and then writes. Mails that it queues add the allowances of their recipients.
fn subjects(number: CaseNumber, command: &Command) -> Vec<Guarded> {
    let more = match command {
        Command::Link(LinkCommand::Relate { other, .. } | LinkCommand::Unrelate { other }) => {
            Guarded::Case(*other)
        }
        Command::Termination(TerminationCommand::CloseAsDuplicate { of, .. }) => Guarded::Case(*of),
        Command::Visit(_) | Command::VisitDespite { .. } => Guarded::Bookings,
        // Mails that are not sent yet get another recipient.
        // Or another link.
        Command::Revision(RevisionCommand::Amend { .. }) | Command::Tracking(_) => Guarded::Delivery,
        _ => return vec![Guarded::Case(number)],
    };
    vec![Guarded::Case(number), more]
}

/// The entrance by which an actor's commands come.
pub(crate) const fn origin_of(actor: &Actor) -> Origin {
    match actor {
        Actor::System => Origin::Scheduler,
        Actor::Anonymous
        | Actor::Customer(_)
        | Actor::CustomerBeside { .. }
        | Actor::Participant(_)
        | Actor::Contact(_) => Origin::Portal,
        Actor::Staff(_) | Actor::Display { .. } => Origin::Workspace,
        Actor::Integration(_) => Origin::Api,
    }
}

/// The same inside a larger transaction, which others about the case wait for.
pub(crate) async fn execute_in(
    desk: &Desk,
    tx: &mut Tx,
    actor: &Actor,
    origin: Origin,
    number: CaseNumber,
    expected: Expected,
    command: Command,
) -> Result<u32, DeskError> {
    execute_with(desk, tx, actor, origin, number, expected, (command, &[])).await
}

/// The same for a command that files come with: the mail of an update names them.
pub(crate) async fn execute_with(
    desk: &Desk,
    tx: &mut Tx,
    actor: &Actor,
    origin: Origin,
    number: CaseNumber,
    expected: Expected,
    (command, files): (Command, &[SentWith]),
) -> Result<u32, DeskError> {
    let history = events::history(tx.connection(), number).await?;
    if history.is_empty() {
        return Err(DeskError::NotFound);
    }
    let mut case = events::fold(&history)?;
    // A case of another scope is none.
    if !scope_of(actor).holds(case.opening.report.country) {
        return Err(DeskError::NotFound);
    }
    let reach = Reach::of(actor);
    reach.require(tx.connection(), number).await?;
    match expected {
        Expected::Version(seen) if requires_current_version(&command) => is_unchanged(&history, seen)?,
        Expected::Exactly(seen) if seen != case.version => {
            let since = history.into_iter().filter(|entry| entry.version > seen).collect();
            return Err(DeskError::Conflict { seen, since });
        }
        Expected::Any | Expected::Version(_) | Expected::Exactly(_) => {}
    }
    let now = desk.now().max(history.last().map_or(case.opened_at, |entry| entry.at));
    let command = visits::resolve_technician(tx, command).await?;
    let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
    let command = resolve::resolve_references(tx, &case, command, (scope_of(actor), &reach), now).await?;
    let command = bookings::resolve_conflicts(desk, tx, &case, actor, command).await?;
    let events = decide(&case, command, actor, &hours, now)?;
    apply_with(desk, tx, &mut case, (events.clone(), files), actor, origin, now).await?;
    tell_others(desk, tx, number, &events, actor, origin, now).await?;
    Ok(case.version)
}

/// Appends events to a case, projects its rows, and queues their mails and what webhooks are told.
pub(crate) async fn apply(
    desk: &Desk,
    tx: &mut Tx,
    case: &mut Case,
    events: Vec<Event>,
    actor: &Actor,
    origin: Origin,
    now: Instant,
) -> Result<(), StoreError> {
    apply_with(desk, tx, case, (events, &[]), actor, origin, now).await
}

async fn apply_with(
    desk: &Desk,
    tx: &mut Tx,
    case: &mut Case,
    (events, files): (Vec<Event>, &[SentWith]),
    actor: &Actor,
    origin: Origin,
    now: Instant,
) -> Result<(), StoreError> {
    let recorded = events::record(case.version, events, actor, origin, now);
    let before = case.clone();
    for entry in &recorded {
        case.evolve(entry).map_err(|error| StoreError::inconsistent("case_events", error))?;
    }
    let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
    let seq = events::append(tx, desk.ports(), case.opening.number, &recorded).await?;
    let change = Change { before: &before, case, hours: &hours, recorded: &recorded, seq, now };
    project(tx, &change).await?;
    webhooks::queue(desk, tx, case, &recorded, seq).await?;
    webhooks::whatsapp::queue_updates(desk, tx, case, &recorded).await?;
    for entry in &recorded {
        if let Event::Revision(RevisionEvent::Corrected(right)) = &entry.event {
            let hours_before = desk.hours_with(tx.connection(), &before.opening.hours).await?;
            outbox::queue_correction(desk, tx, (&before, &hours_before), (case, &hours), right).await?;
        }
        if let Event::Revision(RevisionEvent::Amended { what, .. }) = &entry.event {
            outbox::queue_amendment(desk, tx, (case, &hours), what, &entry.by).await?;
        }
        if let Event::Participant(ParticipantEvent::Invited(participant)) = &entry.event {
            outbox::queue_invitation(desk, tx, (case, &hours), participant, &entry.by).await?;
        }
        outbox::queue_for(desk, tx, case, &hours, &entry.event, files).await?;
        if entry.is_customers_word() {
            outbox::hold_answer(tx, case, &hours, now).await?;
        }
    }
    Ok(())
}

/// Appends the other case's entries for links in `events` of case `own`, in the same transaction.
pub(crate) async fn tell_others(
    desk: &Desk,
    tx: &mut Tx,
    own: CaseNumber,
    events: &[Event],
    actor: &Actor,
    origin: Origin,
    now: Instant,
) -> Result<(), StoreError> {
    for (other, event) in events.iter().filter_map(|event| mirrored(event, own)) {
        let Some((mut case, last)) = case_and_time(tx.connection(), other).await? else {
            return Err(StoreError::inconsistent(
                "cases",
                format!("{own} is linked with {other}, which is not"),
            ));
        };
        apply(desk, tx, &mut case, vec![event], actor, origin, now.max(last)).await?;
    }
    Ok(())
}

/// A folded case, and the time of its last entry.
async fn case_and_time(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Option<(Case, Instant)>, StoreError> {
    let history = events::history(connection, number).await?;
    let Some(last) = history.last().map(|entry| entry.at) else { return Ok(None) };
    Ok(Some((events::fold(&history)?, last)))
}

/// Refuses an outdated version, and one that the case never had.
fn is_unchanged(history: &[Recorded], seen: u32) -> Result<(), DeskError> {
    let since: Vec<Recorded> =
        history.iter().filter(|entry| entry.version > seen && entry.event.is_work()).cloned().collect();
    let was_read = history.last().is_some_and(|last| seen <= last.version);
    if was_read && since.is_empty() { Ok(()) } else { Err(DeskError::Conflict { seen, since }) }
}

/// Whether a command changes the course of the case, so that it needs the current version.
const fn requires_current_version(command: &Command) -> bool {
    match command {
        Command::Assignment(command) => command.requires_current_version(),
        Command::Visit(command) | Command::VisitDespite { command, .. } => command.requires_current_version(),
        Command::Revision(command) => command.requires_current_version(),
        Command::Termination(_)
        | Command::Pause { .. }
        | Command::Resume
        | Command::ChangePriority { .. }
        | Command::Resolve { .. }
        | Command::CloseUnconfirmed { .. }
        | Command::Reopen { .. } => true,
        _ => false,
    }
}

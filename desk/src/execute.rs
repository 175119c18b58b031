//! Use-case: everything that is done to a case after its opening. `domain` decides; this makes it durable.

use domain::actor::Actor;
use domain::case::{Case, Command, Event, Origin, Recorded, RevisionEvent, decide};
use domain::case_number::CaseNumber;

use crate::Desk;
use crate::DeskError;
use crate::attachments;
use crate::attended;
use crate::bookings;
use crate::case_log;
use crate::links;
use crate::outbox;
use crate::reports;
use crate::store::{StoreError, Tx};
use crate::survey;
use crate::visit;

/// What a command rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing that others wrote is in its way: the rules alone decide.
    Any,
    /// The case as it was read, at this version.
    Version(u32),
}

/// Does `command` to a case that was read as `expected`; the version after it.
///
/// # Errors
/// See [`DeskError`]. Notes, attempts and contacts are facts that stand beside whatever others wrote; what changes
/// the course of the case is refused when somebody else changed it since it was read.
pub async fn execute_command(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    expected: Expected,
    command: Command,
) -> Result<u32, DeskError> {
    let (at_work, actor) = (desk.clone(), actor.clone());
    let origin = match actor {
        Actor::System => Origin::Scheduler,
        Actor::Anonymous | Actor::Customer(_) | Actor::CustomerBeside { .. } => Origin::Portal,
        Actor::Staff(_) | Actor::Display { .. } => Origin::Workspace,
    };
    desk.store()
        .write(move |tx| {
            Box::pin(async move { execute_in(&at_work, tx, &actor, origin, number, expected, command).await })
        })
        .await
}

/// The same inside a transaction that holds more than this.
pub(crate) async fn execute_in(
    desk: &Desk,
    tx: &mut Tx,
    actor: &Actor,
    origin: Origin,
    number: CaseNumber,
    expected: Expected,
    command: Command,
) -> Result<u32, DeskError> {
    let history = case_log::history(tx.connection(), number).await?;
    if history.is_empty() {
        return Err(DeskError::NotFound);
    }
    let mut case = case_log::fold(&history)?;
    if let Expected::Version(seen) = expected
        && requires_current_version(&command)
    {
        is_unchanged(&history, seen)?;
    }
    let now = desk.now().max(history.last().map_or(case.opened_at, |entry| entry.at));
    if let Command::Visit(command) | Command::VisitDespite { command, .. } = &command
        && let Some(technician) = command.technician()
    {
        visit::check_technician(tx, technician).await?;
    }
    let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
    let command = attended::resolve_references(tx, &case, command).await?;
    let command = bookings::resolve_clashes(tx, &case, command).await?;
    let events = decide(&case, command, actor, &hours, now)?;
    apply(desk, tx, &mut case, events.clone(), actor, origin, now).await?;
    links::tell_others(desk, tx, number, &events, actor, origin, now).await?;
    Ok(case.version)
}

/// Appends events to a case, brings its row up to them, and queues the mails that they are told by.
pub(crate) async fn apply(
    desk: &Desk,
    tx: &mut Tx,
    case: &mut Case,
    events: Vec<Event>,
    actor: &Actor,
    origin: Origin,
    now: domain::time::Instant,
) -> Result<(), StoreError> {
    let recorded = case_log::record(case.version, events, actor, origin, now);
    let marked = attended::badge(case);
    let before = case.clone();
    for entry in &recorded {
        case.evolve(entry).map_err(|error| StoreError::inconsistent("case_events", error))?;
    }
    let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
    let entries: Vec<_> = recorded.iter().map(|entry| (case.opening.number, entry)).collect();
    let seq = case_log::append(tx, &entries).await?;
    case_log::update_row(tx, case, &hours, now, seq).await?;
    if attended::badge(case) != marked {
        attended::write_badge(tx, case).await?;
    }
    survey::keep(tx, case, &hours, &recorded).await?;
    visit::update_row(tx, case).await?;
    reports::keep_overlaps(tx, case, &hours, &recorded).await?;
    reports::keep_promises(tx, &before, case, &hours, &recorded, now).await?;
    for entry in &recorded {
        if let Event::Revision(RevisionEvent::Corrected(right)) = &entry.event {
            attended::write_contract(tx, case, right).await?;
            let hours_before = desk.hours_with(tx.connection(), &before.opening.hours).await?;
            outbox::queue_correction(desk, tx, (&before, &hours_before), (case, &hours), right).await?;
        }
        if let Event::Revision(RevisionEvent::Amended { what, .. }) = &entry.event {
            outbox::queue_amendment(desk, tx, (case, &hours), what, &entry.by).await?;
        }
        attachments::forget(tx, case.opening.number, &entry.event).await?;
        outbox::queue_for(desk, tx, case, &hours, &entry.event).await?;
        if entry.is_customers_word() {
            outbox::hold_answer(tx, case, &hours, now).await?;
        }
    }
    Ok(())
}

/// Refuses a version that others have written after, and one that the case has not had yet.
fn is_unchanged(history: &[Recorded], seen: u32) -> Result<(), DeskError> {
    let since: Vec<Recorded> =
        history.iter().filter(|entry| entry.version > seen && entry.event.is_work()).cloned().collect();
    let was_read = history.last().is_some_and(|last| seen <= last.version);
    if was_read && since.is_empty() { Ok(()) } else { Err(DeskError::Conflict { seen, since }) }
}

/// Whether a command changes the course of the case, so that it must rest on what the case is now.
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

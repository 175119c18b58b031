//! Use-case: everything that is done to a case after its opening. `domain` decides; this makes it durable.

use domain::actor::Actor;
use domain::case::{Case, Command, Event, Origin, Recorded, Refusal, RevisionEvent, decide};
use domain::case_number::CaseNumber;
use thiserror::Error;

use crate::Desk;
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

/// Why nothing happened.
#[derive(Debug, Clone, Error)]
pub enum WorkCaseError {
    /// There is no such case.
    #[error("there is no such case")]
    NotFound,
    /// A rule of the desk would be broken.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Others have written since the case was read. Show what they wrote, and ask again.
    #[error("the case has changed since version {seen}")]
    Changed {
        /// The version that was read.
        seen: u32,
        /// What has happened since.
        since: Vec<Recorded>,
    },
    /// Try again later: nothing was kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Does `command` to a case that was read at version `seen`; the version after it.
///
/// # Errors
/// See [`WorkCaseError`]. Notes, attempts and contacts are facts that stand beside whatever others wrote; what changes
/// the course of the case is refused when somebody else changed it since it was read.
pub async fn work_case(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    seen: u32,
    command: Command,
) -> Result<u32, WorkCaseError> {
    let (at_work, actor) = (desk.clone(), actor.clone());
    let origin = match actor {
        Actor::System => Origin::Clockwork,
        Actor::Anonymous | Actor::Customer(_) | Actor::CustomerBeside { .. } => Origin::Portal,
        Actor::Staff(_) | Actor::Display { .. } => Origin::Workspace,
    };
    desk.store()
        .write(move |tx| {
            Box::pin(async move { within(&at_work, tx, &actor, origin, number, seen, command).await })
        })
        .await
}

/// The same inside a transaction that holds more than this.
pub(crate) async fn within(
    desk: &Desk,
    tx: &mut Tx,
    actor: &Actor,
    origin: Origin,
    number: CaseNumber,
    seen: u32,
    command: Command,
) -> Result<u32, WorkCaseError> {
    let history = case_log::history(tx.connection(), number).await?;
    if history.is_empty() {
        return Err(WorkCaseError::NotFound);
    }
    let mut case = case_log::fold(&history)?;
    if steers(&command) {
        let since: Vec<Recorded> =
            history.iter().filter(|entry| entry.version > seen && entry.event.is_work()).cloned().collect();
        if !since.is_empty() {
            return Err(WorkCaseError::Changed { seen, since });
        }
    }
    let now = desk.now().max(history.last().map_or(case.opened_at, |entry| entry.at));
    if let Command::Visit(command) | Command::VisitDespite { command, .. } = &command
        && let Some(technician) = command.technician()
    {
        visit::check_technician(tx, technician).await?;
    }
    let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
    let command = attended::settle(tx, &case, command).await?;
    let command = bookings::settle(tx, &case, command).await?;
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
    let marked = attended::mark(case);
    let before = case.clone();
    for entry in &recorded {
        case.evolve(entry).map_err(|error| StoreError::inconsistent("case_events", error))?;
    }
    let hours = desk.hours_with(tx.connection(), &case.opening.hours).await?;
    let entries: Vec<_> = recorded.iter().map(|entry| (case.opening.number, entry)).collect();
    let seq = case_log::append(tx, &entries).await?;
    case_log::update_row(tx, case, &hours, now, seq).await?;
    if attended::mark(case) != marked {
        attended::write_mark(tx, case).await?;
    }
    survey::keep(tx, case, &hours, &recorded).await?;
    visit::update_row(tx, case).await?;
    reports::keep_overlaps(tx, case, &hours, &recorded).await?;
    reports::keep_promises(tx, &before, case, &hours, &recorded, now).await?;
    for entry in &recorded {
        if let Event::Revision(RevisionEvent::Corrected(right)) = &entry.event {
            attended::write_cover(tx, case, right).await?;
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

/// Whether a command changes the course of the case, so that it must rest on what the case is now.
const fn steers(command: &Command) -> bool {
    match command {
        Command::Holding(command) => command.steers(),
        Command::Visit(command) | Command::VisitDespite { command, .. } => command.steers(),
        Command::Revision(command) => command.steers(),
        Command::Withdrawal(_)
        | Command::Pause { .. }
        | Command::Resume
        | Command::ChangePriority { .. }
        | Command::Resolve { .. }
        | Command::CloseUnconfirmed { .. }
        | Command::Reopen { .. } => true,
        _ => false,
    }
}

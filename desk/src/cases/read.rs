//! Use-case: the page of a case, for its customer or the staff.

use domain::actor::{Action, Actor, Subject, may};
use domain::calendar::ServiceHours;
use domain::case::visit::VisitEvent;
use domain::case::{Audience, Case, Event, ParticipantEvent, Recorded, RevisionEvent};
use domain::case_number::CaseNumber;
use domain::entitlement::Entitlement;
use domain::time::Instant;
use domain::view::{CaseBadge, CasePage};

use crate::Desk;
use crate::DeskError;
use crate::cases::links::{self, Viewer};
use crate::cases::message_files;
use crate::contracts::register::registered;
use crate::contracts::service_hours::{hours_around, name_hours};
use crate::documents::closing_report;
use crate::events;
use crate::outbox;
use crate::projections::cases::badge;
use crate::reach::Reach;
use crate::webhooks::whatsapp;

/// The page of a case. A customer does not see internal notes, notes on contacts, warnings, the survey's calls, or
/// mails. They also do not see the register's entry of a contract or serial that may not be theirs.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # let number = a_case(&desk).await?;
/// use desk::cases::read::read_case;
/// use domain::actor::Actor;
///
/// let for_staff = read_case(&desk, &agent(), number).await?;
/// assert_eq!((for_staff.version, for_staff.mails.len()), (1, 1));
///
/// let for_customer = read_case(&desk, &Actor::Customer(number), number).await?;
/// assert!(for_customer.mails.is_empty());
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn read_case(desk: &Desk, actor: &Actor, number: CaseNumber) -> Result<CasePage, DeskError> {
    let mut reader = desk.store().reader().await?;
    let found = events::history_and_labels(&mut reader, number).await?;
    let Some((mut history, labels)) = found else { return Err(DeskError::NotFound) };
    let case = events::fold(&history)?;
    let subject = Subject::Case { number, country: case.opening.report.country };
    may(actor, Action::ReadCase, subject).map_err(|_| DeskError::NotFound)?;
    let reach = Reach::of(actor);
    reach.require(&mut reader, number).await?;
    let whole = may(actor, Action::ReadCaseFile, subject).is_ok();
    let mails = outbox::mails_of(&mut reader, number).await?;
    let mut files = message_files::of_case(&mut reader, number).await?;
    let whatsapp = if whole { whatsapp::of_case(&mut reader, number).await? } else { Vec::new() };
    let number_held =
        if case.is_unverified() { outbox::number_held(&mut reader, number).await? } else { None };
    let audience = if whole { Viewer::Staff } else { Viewer::Customer };
    let mut links = links::seen(desk, &mut reader, &case, audience, &reach).await?;
    let is_participant = matches!(actor, Actor::Participant(_));
    if is_participant {
        // The link of another case is its contact's alone.
        links.iter_mut().for_each(|link| link.tracking = None);
    }
    let registered = match case.opening.coverage {
        // The register's entry may be of a customer out of reach.
        Entitlement::NeedsValidation(_) if whole && reach.is_whole() => {
            registered(&mut reader, &case.opening.report.serial).await?
        }
        _ => None,
    };
    let hours = desk.hours_with(&mut reader, &case.opening.hours).await?;
    let now = desk.now();
    let report = closing_report::report(&mut reader, &case, &hours).await?;
    let mut missed = case.missed(&hours.spans, now);
    let unnamed = missed.iter_mut().filter_map(|missed| missed.under.as_mut()).collect();
    name_hours(&mut reader, unnamed).await?;
    reader.done();
    if whole && !reach.is_whole() {
        // What names other cases may name some out of reach. Links within it are listed apart.
        history.retain_mut(without_others);
    }
    if !whole {
        history.retain_mut(shown_to_customer);
        files.retain(|message| history.iter().any(|entry| entry.version == message.version));
    }
    let (awaits_decision, mark, undoable_contact) =
        (case.awaits_decision(), badge(&case), case.undoable_contact());
    // A participant learns no address of another.
    let participants = if is_participant { Vec::new() } else { case.participants().to_vec() };
    let mut page = page(desk, case, history, &hours, now);
    if !reach.is_whole() {
        page.opening.previous_case = None;
    }
    page.participants = participants;
    page.files = files;
    page.whatsapp = whatsapp;
    page.report = report;
    page.missed = missed;
    page.undelivered = mails.undelivered;
    page.number_held = number_held;
    page.links = links;
    page.equipment = labels.equipment;
    if whole {
        page.registered = registered;
        page.mails = mails.all;
        page.awaits_decision = awaits_decision;
        page.customer = labels.customer;
        page.site = labels.site;
        page.mark = mark;
        page.undoable_contact = undoable_contact;
    } else {
        page.opening.coverage = page.opening.coverage.for_customer();
        if page.opening.coverage != Entitlement::Covered {
            page.opening.report.serial.as_str().clone_into(&mut page.equipment);
        }
    }
    Ok(page)
}

/// A case as it stood after one of its entries, read at the time of that entry, and the entry: what webhooks are told. Its
/// history ends there, and it names no mails and no other case.
///
/// # Errors
/// See [`DeskError`]; [`DeskError::NotFound`] for a version that the case never had.
pub async fn read_case_as_of(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    version: u32,
) -> Result<(CasePage, Recorded), DeskError> {
    let mut reader = desk.store().reader().await?;
    let found = events::history_and_labels(&mut reader, number).await?;
    let Some((mut history, labels)) = found else { return Err(DeskError::NotFound) };
    history.retain(|entry| entry.version <= version);
    let Some(entry) = history.last().filter(|last| last.version == version).cloned() else {
        return Err(DeskError::NotFound);
    };
    let case = events::fold(&history)?;
    let subject = Subject::Case { number, country: case.opening.report.country };
    may(actor, Action::ReadCaseFile, subject).map_err(|_| DeskError::NotFound)?;
    Reach::of(actor).require(&mut reader, number).await?;
    let hours = desk.hours_with(&mut reader, &case.opening.hours).await?;
    let report = closing_report::report(&mut reader, &case, &hours).await?;
    reader.done();
    let (awaits_decision, mark) = (case.awaits_decision(), badge(&case));
    let mut page = page(desk, case, history, &hours, entry.at);
    page.hours = hours_around(&hours, entry.at);
    page.report = report;
    page.awaits_decision = awaits_decision;
    page.mark = mark;
    page.customer = labels.customer;
    page.equipment = labels.equipment;
    page.site = labels.site;
    Ok((page, entry))
}

/// The page as any reader may see it. Parts for some readers alone are empty.
fn page(desk: &Desk, case: Case, history: Vec<Recorded>, hours: &ServiceHours, now: Instant) -> CasePage {
    let clocks = case.clocks(&hours.spans, now);
    let explained =
        clocks.iter().map(|clock| (clock.kind, case.explain(clock.kind, &hours.spans, now))).collect();
    CasePage {
        report: None,
        missed: Vec::new(),
        awaits_decision: false,
        links: Vec::new(),
        visits: case.visits().list().to_vec(),
        number: case.opening.number,
        version: case.version,
        opened_at: case.opened_at,
        status: case.status(),
        priority: case.priority(),
        priority_inputs: case.priority_inputs(),
        mark: CaseBadge::default(),
        undoable_contact: None,
        attempts: case.attempts(),
        customer: String::new(),
        equipment: String::new(),
        site: None,
        registered: None,
        clocks,
        explained,
        history,
        files: Vec::new(),
        whatsapp: Vec::new(),
        mails: Vec::new(),
        number_held: None,
        undelivered: None,
        participants: Vec::new(),
        hours: desk.hours_for_display(hours),
        now,
        opening: case.opening,
    }
}

/// Whether an entry says more than the names of other cases; removes the name of an earlier one.
fn without_others(entry: &mut Recorded) -> bool {
    match &mut entry.event {
        Event::Link(_) | Event::Visit { what: VisitEvent::Overruled { .. }, .. } => false,
        Event::Opened(opening) => {
            opening.previous_case = None;
            true
        }
        _ => true,
    }
}

/// Whether a customer may see an entry; removes the parts that they may not.
pub(crate) fn shown_to_customer(entry: &mut Recorded) -> bool {
    match &mut entry.event {
        Event::Noted { audience: Audience::Internal, .. }
        | Event::Warned { .. }
        | Event::Assignment(_)
        | Event::Survey(_)
        // Links are shown apart from the history, as far as the customer may know them.
        | Event::Link(_)
        // It names cases of other customers.
        | Event::Visit { what: VisitEvent::Overruled { .. }, .. }
        | Event::VerificationUnanswered => false,
        // The staff's notes on contacts and no-shows are internal.
        Event::ContactAttempted { note, .. }
        | Event::Contacted { note, .. }
        | Event::Visit { what: VisitEvent::Missed { note, .. }, .. } => {
            *note = None;
            true
        }
        Event::Paused { detail, allowed_by, .. } => {
            (*detail, *allowed_by) = (None, None);
            true
        }
        Event::Participant(ParticipantEvent::Invited(participant)) => {
            participant.hide_address();
            true
        }
        // The staff's reason is internal.
        Event::TrackingRenewed { reason } => {
            *reason = None;
            true
        }
        // The staff's own figures.
        Event::Resolved { classification, .. } => {
            *classification = None;
            true
        }
        Event::Opened(opening) => {
            opening.coverage = opening.coverage.for_customer();
            true
        }
        Event::Revision(RevisionEvent::Corrected(right)) => {
            right.resolved.coverage = right.resolved.coverage.for_customer();
            right.resolved.customer.clear();
            right.resolved.equipment.clear();
            true
        }
        Event::Noted { audience: Audience::Public, .. }
        | Event::Resumed { .. }
        | Event::PriorityChanged { .. }
        | Event::Message(_)
        | Event::Revision(RevisionEvent::Reprioritized { .. } | RevisionEvent::ContactUndone { .. } | RevisionEvent::Amended { .. })
        | Event::Verified { .. }
        | Event::VerificationReminded { .. }
        | Event::Visit { .. }
        | Event::Closed { .. }
        | Event::Terminated(_)
        | Event::Participant(_)
        | Event::Erased { .. }
        | Event::Reopened { .. } => true,
    }
}

//! Use-case: visits. Commands go through `execute_command`; this file has the page of a visit's link, the technicians,
//! and the agenda.

use domain::actor::{Action, Actor, BrowserOf, PersonId, Role, Subject, may};
use domain::case::Case;
use domain::case::visit::{AnswerSource, Stage, Technician, Visit, VisitAnswer, VisitCommand, VisitRefusal};
use domain::case::{Command, Refusal};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use domain::view::{Agenda, AgendaEntry, LinkState, VisitOver, VisitPage};
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::DeskError;
use crate::access::tokens::VisitLink;
use crate::cases::bookings;
use crate::cases::execute::{Expected, execute_command};
use crate::events;
use crate::events::last_entry_number;
use crate::reach::Reach;
use crate::store::{StoreError, Tx};

/// The most visits of an agenda.
const ENTRIES: i64 = 200;

/// The page of a visit's link. It shows nothing of the case but its number.
///
/// # Errors
/// See [`DeskError`].
pub async fn read_visit(desk: &Desk, link: &str) -> Result<VisitPage, DeskError> {
    let link = desk.tokens().visit_link(link).ok_or(DeskError::NotFound)?;
    let mut reader = desk.store().reader().await?;
    let history = events::history(&mut reader, link.number).await?;
    drop(reader);
    if history.is_empty() {
        return Err(DeskError::NotFound);
    }
    let case = events::fold(&history)?;
    let visit =
        case.visits().list().iter().find(|visit| visit.id == link.visit).ok_or(DeskError::NotFound)?;
    let hours = desk.hours(&case.opening.hours).await?;
    let now = desk.now();
    Ok(VisitPage {
        number: link.number,
        state: state(&link, visit, &case, now),
        zone: desk.hours_for_display(&hours).zone,
        now,
    })
}

fn state(link: &VisitLink, visit: &Visit, case: &Case, now: Instant) -> LinkState {
    if let Some(over) = over(visit) {
        LinkState::Over(over)
    } else if visit.revision != link.revision || case.resolved_at().is_some() {
        LinkState::Answered(without_words(visit))
    } else if link.expires <= now {
        LinkState::Expired
    } else {
        LinkState::Open(without_words(visit))
    }
}

/// The end of a visit; `None` while it is not over.
fn over(visit: &Visit) -> Option<VisitOver> {
    match &visit.stage {
        Stage::Ended(done) => Some(VisitOver::Done { at: done.ended_at }),
        Stage::Missed { by, .. } => Some(VisitOver::Missed { by: *by }),
        Stage::CalledOff { .. } => Some(VisitOver::CalledOff),
        Stage::Offered(_)
        | Stage::Proposed(_)
        | Stage::Declined
        | Stage::Agreed(_)
        | Stage::OnSite { .. }
        | Stage::Working { .. } => None,
    }
}

/// The visit without names of persons and without files, for the holder of its link.
fn without_words(visit: &Visit) -> Visit {
    let mut visit = visit.clone();
    visit.files.clear();
    if let Stage::Agreed(appointment)
    | Stage::OnSite { appointment, .. }
    | Stage::Working { appointment, .. } = &mut visit.stage
    {
        appointment.word = None;
    }
    visit
}

/// Answers a visit by its link. The link gives access to nothing else.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::cases::visits::{answer_visit, read_visit};
/// use domain::case::visit::VisitAnswer;
/// use domain::view::LinkState;
///
/// let (window, link) = an_offered_visit(&desk).await?;
/// assert!(matches!(read_visit(&desk, &link).await?.state, LinkState::Open(_)));
/// answer_visit(&desk, &link, None, VisitAnswer::Accept { window }).await?;
/// assert!(matches!(read_visit(&desk, &link).await?.state, LinkState::Answered(_)));
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`]; [`VisitRefusal::NotCurrent`] for an expired link.
pub async fn answer_visit(
    desk: &Desk,
    link: &str,
    browser: Option<&BrowserOf>,
    answer: VisitAnswer,
) -> Result<(), DeskError> {
    let link = desk.tokens().visit_link(link).ok_or(DeskError::NotFound)?;
    if link.expires <= desk.now() {
        return Err(Refusal::Visit(VisitRefusal::NotCurrent).into());
    }
    let customer = Actor::customer(link.number, browser);
    answer_as_customer(desk, &customer, link.number, link.revision, answer).await
}

/// Answers a visit on the page of its case, at the revision that the customer saw.
///
/// # Errors
/// See [`DeskError`].
pub async fn answer_as_customer(
    desk: &Desk,
    customer: &Actor,
    number: CaseNumber,
    revision: u32,
    answer: VisitAnswer,
) -> Result<(), DeskError> {
    let given = AnswerSource::ByLink { revision };
    let command = Command::Visit(VisitCommand::Answer { answer, given });
    // The revision of the visit is checked, so the version of the case need not be.
    execute_command(desk, customer, number, Expected::Any, command).await.map(drop)
}

/// All active technicians, by name.
///
/// # Errors
/// See [`DeskError`].
pub async fn technicians(desk: &Desk, actor: &Actor) -> Result<Vec<Technician>, DeskError> {
    may(actor, Action::ReadAgenda, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let rows = sqlx::query("SELECT id, name, role FROM people WHERE active = 1 ORDER BY name, id")
        .fetch_all(&mut *reader)
        .await?;
    let mut technicians = Vec::new();
    for row in &rows {
        if goes_on_visits(row.try_get(2)?) {
            technicians.push(Technician { id: PersonId(row.try_get(0)?), name: row.try_get(1)? });
        }
    }
    Ok(technicians)
}

/// A command about visits with its technician by the register. Names from the wire are not trusted: another name than the
/// register's is refused. A program names a technician by id alone, with an empty name.
pub(crate) async fn resolve_technician(tx: &mut Tx, command: Command) -> Result<Command, DeskError> {
    Ok(match command {
        Command::Visit(command) => Command::Visit(known_technician(tx, command).await?),
        Command::VisitDespite { command, reason, conflicts } => {
            Command::VisitDespite { command: known_technician(tx, command).await?, reason, conflicts }
        }
        other => other,
    })
}

/// Refuses a technician whom the register lacks, or who is inactive.
async fn known_technician(tx: &mut Tx, command: VisitCommand) -> Result<VisitCommand, DeskError> {
    let Some(named) = command.technician() else { return Ok(command) };
    let row = sqlx::query("SELECT role, name FROM people WHERE id = $1 AND active = 1")
        .bind(named.id.0)
        .fetch_optional(tx.connection())
        .await
        .map_err(StoreError::from)?;
    let unknown = || Err(Refusal::Visit(VisitRefusal::NoSuchTechnician).into());
    let Some(row) = row else { return unknown() };
    let role: String = row.try_get(0).map_err(StoreError::from)?;
    let name: String = row.try_get(1).map_err(StoreError::from)?;
    if !goes_on_visits(&role) || !(named.name.is_empty() || named.name == name) {
        return unknown();
    }
    let known = Technician { id: named.id, name };
    Ok(command.about(known))
}

/// Whether visits are assigned to the role of a code.
fn goes_on_visits(role: &str) -> bool {
    Role::from_code(role).is_some_and(Role::goes_on_visits)
}

/// The visits of a day, counted from today on each site's calendar, in order of time. Technicians see their own, other
/// staff all.
///
/// # Errors
/// See [`DeskError`].
pub async fn agenda(desk: &Desk, actor: &Actor, days_ahead: i32) -> Result<Agenda, DeskError> {
    may(actor, Action::ReadAgenda, Subject::Desk)?;
    let own = match actor {
        Actor::Staff(staff) if staff.role.goes_on_visits() => Some(staff.id),
        _ => None,
    };
    let now = desk.now();
    let about = now.plus(i64::from(days_ahead.clamp(-60, 60)) * 86_400);
    let mut reader = desk.store().reader().await?;
    // Read before the visits: a commit in between is announced again, and none is missed.
    let seq = last_entry_number(desk.store(), &mut reader).await?;
    let found = around(&mut reader, own, about).await?;
    let mut entries = Vec::with_capacity(found.len());
    let reach = Reach::of(actor);
    for (number, visit) in found {
        if !reach.holds(&mut reader, number).await? {
            continue;
        }
        let known = events::history_and_labels(&mut reader, number).await?;
        let Some((history, labels)) = known else { continue };
        let case = events::fold(&history)?;
        let hours = desk.hours_with(&mut reader, &case.opening.hours).await?;
        let Some(visit) = case.visits().list().iter().find(|known| i64::from(known.id.0) == visit) else {
            continue;
        };
        let date = |at| {
            let local = hours.zone.local(at);
            (local.year, local.month, local.day)
        };
        let Some(appointment) = visit.appointment() else { continue };
        if date(appointment.window.from) != date(about) {
            continue;
        }
        let report = &case.opening.report;
        let (clashes, absences) = match visit.holds() {
            None => (Vec::new(), Vec::new()),
            Some((_, windows)) => {
                let (id, site) = (visit.technician.id, labels.site.as_ref());
                let mut clashes = bookings::against(&mut reader, number, id, &windows, site).await?;
                if !reach.is_whole() {
                    let others = clashes.iter().map(|clash| clash.number).collect();
                    let within = reach.among(&mut reader, others).await?;
                    clashes.retain(|clash| within.contains(&clash.number));
                }
                (clashes, bookings::absences(desk, &mut reader, id, &windows).await?)
            }
        };
        entries.push(AgendaEntry {
            clashes,
            absences,
            number,
            priority: case.priority(),
            version: case.version,
            visit: visit.clone(),
            contact: report.contact.clone(),
            country: report.country,
            location: report.location.clone(),
            fault: report.fault.clone(),
            site: labels.site,
            customer: labels.customer,
            equipment: labels.equipment,
            serial: report.serial.as_str().to_owned(),
            zone: desk.hours_for_display(&hours).zone,
        });
    }
    Ok(Agenda { seq, now, entries })
}

/// Visits whose window begins within 36 hours of `about`: enough for every site's date.
async fn around(
    connection: &mut AnyConnection,
    own: Option<PersonId>,
    about: Instant,
) -> Result<Vec<(CaseNumber, i64)>, DeskError> {
    const SIDE_S: i64 = 36 * 3600;
    let query = match own {
        Some(id) => sqlx::query(
            "SELECT case_number, visit FROM visits
             WHERE from_utc_s >= $1 AND from_utc_s < $2 AND technician_id = $4
             ORDER BY from_utc_s, case_number LIMIT $3",
        )
        .bind(about.0 - SIDE_S)
        .bind(about.0 + SIDE_S)
        .bind(ENTRIES)
        .bind(id.0),
        None => sqlx::query(
            "SELECT case_number, visit FROM visits WHERE from_utc_s >= $1 AND from_utc_s < $2
             ORDER BY from_utc_s, case_number LIMIT $3",
        )
        .bind(about.0 - SIDE_S)
        .bind(about.0 + SIDE_S)
        .bind(ENTRIES),
    };
    let read = |row: sqlx::any::AnyRow| {
        let number: String = row.try_get(0)?;
        let number = CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("visits", error))?;
        Ok((number, row.try_get(1)?))
    };
    query.fetch_all(connection).await?.into_iter().map(read).collect()
}

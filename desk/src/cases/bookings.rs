//! Bookings of technicians, their clashes and absences: shown before a command, recorded when it overrules them.

use std::sync::{Mutex, PoisonError};

use domain::actor::{Action, Actor, PersonId, Subject, may, scope_of};
use domain::case::visit::{
    Booking, Clash, Conflicts, Held, VisitCommand, VisitRefusal, clashes, clashing_among,
};
use domain::case::{Case, Command, Refusal};
use domain::case_number::CaseNumber;
use domain::site::{Site, SiteId, Travel, Whereabouts};
use domain::time::{Instant, Span};
use domain::view::Booked;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::DeskError;
use crate::cases::links;
use crate::contracts::register::read_site;
use crate::events;
use crate::events::last_entry_number;
use crate::reach::Reach;
use crate::store::{StoreError, Tx};
use crate::workforce::absent_spans;

/// The longest travel time in seconds: bookings further away clash with nothing.
const LONGEST_WAY_S: i64 = 24 * 3600;
/// How far ahead bookings are shown, in seconds: as far as visits are planned.
const AHEAD_S: i64 = 62 * 24 * 3600;

/// The bookings of a technician within a span or close to it.
const OF_ONE: &str =
    "SELECT v.case_number, v.visit, v.technician_id, v.stage, v.held, s.id, s.name, s.address
     FROM visits v JOIN cases c ON c.number = v.case_number LEFT JOIN sites s ON s.id = c.site_id
     WHERE v.technician_id = $1 AND v.held_to_utc_s > $2 AND v.held_from_utc_s < $3";

/// Bookings of a technician around a span.
pub(crate) async fn bookings(
    connection: &mut AnyConnection,
    technician: PersonId,
    around: Span,
) -> Result<Vec<Booking>, StoreError> {
    let rows = sqlx::query(OF_ONE)
        .bind(technician.0)
        .bind(around.from.0 - LONGEST_WAY_S)
        .bind(around.to.0 + LONGEST_WAY_S)
        .fetch_all(&mut *connection)
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.extend(read(connection, row).await?);
    }
    Ok(found)
}

async fn read(connection: &mut AnyConnection, row: &AnyRow) -> Result<Option<Booking>, StoreError> {
    let (number, visit): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
    let number = CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("visits", error))?;
    let (technician, stage): (i64, String) = (row.try_get(2)?, row.try_get(3)?);
    let held: Option<String> = row.try_get(4)?;
    let holds = if let Some(json) = held {
        let windows =
            serde_json::from_str(&json).map_err(|error| StoreError::inconsistent("visits", error))?;
        Some((if stage == "offered" { Held::Offered } else { Held::Agreed }, windows))
    } else {
        let case = events::fold(&events::history(connection, number).await?)?;
        let visits = case.visits().list().iter();
        visits.filter(|known| i64::from(known.id.0) == visit).find_map(domain::case::visit::Visit::holds)
    };
    let is_placed = row.try_get::<Option<i64>, _>(5)?.is_some();
    let site = is_placed.then(|| read_site(row, 5)).transpose()?;
    let place = site.as_ref().map(Whereabouts::from).unwrap_or_default();
    Ok(holds.map(|(held, windows)| Booking {
        number,
        technician: PersonId(technician),
        windows,
        held,
        place,
    }))
}

/// Travel times of the desk.
pub(crate) async fn travel(connection: &mut AnyConnection) -> Result<Travel, StoreError> {
    let rows =
        sqlx::query("SELECT site_id, other_site_id, minutes FROM travel_times").fetch_all(connection).await?;
    let read = |row: &AnyRow| -> Result<(SiteId, SiteId, u32), StoreError> {
        let minutes: i64 = row.try_get(2)?;
        let minutes =
            u32::try_from(minutes).map_err(|error| StoreError::inconsistent("travel_times", error))?;
        Ok((SiteId(row.try_get(0)?), SiteId(row.try_get(1)?), minutes))
    };
    let pairs = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Travel { pairs, ..Travel::default() })
}

/// Agreed bookings that are not long over.
const AGREED: &str =
    "SELECT v.case_number, v.visit, v.technician_id, v.stage, v.held, s.id, s.name, s.address
     FROM visits v JOIN cases c ON c.number = v.case_number LEFT JOIN sites s ON s.id = c.site_id
     WHERE v.held_to_utc_s > $1 ORDER BY v.held_to_utc_s LIMIT $2";
/// The most bookings that are read: more than a desk's technicians have.
const MOST: i64 = 2000;

/// Cases whose agreed visit clashes with another, as of one entry of the history. Computed once for all readers.
#[derive(Debug, Default)]
pub(crate) struct Clashing(Mutex<(i64, Vec<CaseNumber>)>);

/// The cases whose agreed visit clashes with another of its technician.
pub(crate) async fn clashing(desk: &Desk) -> Result<Vec<CaseNumber>, StoreError> {
    let mut reader = desk.store().reader().await?;
    // Read first, so that the result is at least as new.
    let as_of = last_entry_number(desk.store(), &mut reader).await?;
    {
        let known = desk.clashing().0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 == as_of {
            return Ok(known.1.clone());
        }
    }
    let rows =
        sqlx::query(AGREED).bind(desk.now().0 - LONGEST_WAY_S).bind(MOST).fetch_all(&mut *reader).await?;
    let mut agreed = Vec::with_capacity(rows.len());
    for row in &rows {
        let booking = read(&mut reader, row).await?;
        agreed.extend(booking.filter(|booking| booking.held == Held::Agreed));
    }
    let found =
        if agreed.len() < 2 { Vec::new() } else { clashing_among(&agreed, &travel(&mut reader).await?) };
    let mut known = desk.clashing().0.lock().unwrap_or_else(PoisonError::into_inner);
    if known.0 < as_of {
        *known = (as_of, found.clone());
    }
    Ok(found)
}

/// Clashes of a window at a case's place.
pub(crate) async fn against(
    connection: &mut AnyConnection,
    number: CaseNumber,
    technician: PersonId,
    windows: &[Span],
    site: Option<&Site>,
) -> Result<Vec<Clash>, StoreError> {
    let from = windows.iter().map(|window| window.from).min().unwrap_or(Instant(0));
    let to = windows.iter().map(|window| window.to).max().unwrap_or(Instant(0));
    let bookings = bookings(connection, technician, Span::new(from, to)).await?;
    if bookings.iter().all(|booking| booking.number == number) {
        return Ok(Vec::new());
    }
    let travel = travel(connection).await?;
    let place = site.map(Whereabouts::from).unwrap_or_default();
    Ok(clashes(number, technician, windows, &place, &bookings, &travel))
}

/// Refuses a booking with conflicts, unless the command overrules them. Then it names them. A case of another scope is
/// none, so a clash with it is told as an absence.
pub(crate) async fn resolve_conflicts(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    actor: &Actor,
    command: Command,
) -> Result<Command, DeskError> {
    match command {
        Command::Visit(command) => {
            let Conflicts { clashes, absences } = found(desk, tx, case, &command).await?;
            let reach = Reach::of(actor);
            let is_seen = match clashes.first() {
                Some(clash) if scope_of(actor).holds(clash.number.country()) => {
                    reach.holds(tx.connection(), clash.number).await?
                }
                _ => false,
            };
            match (clashes.first(), absences.first()) {
                (Some(clash), _) if is_seen => Err(Refusal::Visit(VisitRefusal::Booked(*clash)).into()),
                (Some(_), _) | (None, Some(_)) => Err(Refusal::Visit(VisitRefusal::Absent).into()),
                (None, None) => Ok(Command::Visit(command)),
            }
        }
        Command::VisitDespite { command, reason, .. } => {
            let conflicts = found(desk, tx, case, &command).await?;
            Ok(Command::VisitDespite { command, reason, conflicts })
        }
        other => Ok(other),
    }
}

async fn found(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    command: &VisitCommand,
) -> Result<Conflicts, StoreError> {
    let Some((technician, windows)) = command.books(case) else { return Ok(Conflicts::default()) };
    let number = case.opening.number;
    let labels = events::labels(tx.connection(), number).await?;
    let clashes = against(tx.connection(), number, technician, &windows, labels.site.as_ref()).await?;
    let absences = absences(desk, tx.connection(), technician, &windows).await?;
    Ok(Conflicts { clashes, absences })
}

/// Absences of a technician that meet one of the windows.
pub(crate) async fn absences(
    desk: &Desk,
    connection: &mut AnyConnection,
    technician: PersonId,
    windows: &[Span],
) -> Result<Vec<Span>, StoreError> {
    let from = windows.iter().map(|window| window.from).min();
    let to = windows.iter().map(|window| window.to).max();
    let Some((from, to)) = from.zip(to) else { return Ok(Vec::new()) };
    let mut spans = absent_spans(desk, connection, technician, Span::new(from, to)).await?;
    spans.retain(|span| windows.iter().any(|window| !window.intersect(*span).is_empty()));
    Ok(spans)
}

/// Bookings of all technicians from now on, for the booking of a case's visit.
///
/// # Errors
/// See [`DeskError`].
pub async fn booked(desk: &Desk, actor: &Actor, number: CaseNumber) -> Result<Booked, DeskError> {
    may(actor, Action::ReadAgenda, Subject::Desk)?;
    let technicians = crate::cases::visits::technicians(desk, actor).await?;
    let now = desk.now();
    let mut reader = desk.store().reader().await?;
    let reach = Reach::of(actor);
    reach.require(&mut reader, number).await?;
    if !links::exists(&mut reader, number).await? {
        return Err(DeskError::NotFound);
    }
    let labels = events::labels(&mut reader, number).await?;
    let (mut bookings, mut absences) = (Vec::new(), Vec::new());
    for technician in technicians {
        let ahead = Span::new(now, now.plus(AHEAD_S));
        bookings.extend(self::bookings(&mut reader, technician.id, ahead).await?);
        let absent = absent_spans(desk, &mut reader, technician.id, ahead).await?;
        absences.extend(absent.into_iter().map(|span| (technician.id, span)));
    }
    if !reach.is_whole() {
        // A visit out of reach is not shown; the command that clashes with it is told of an absence.
        let others = bookings.iter().map(|booking| booking.number).collect();
        let within = reach.among(&mut reader, others).await?;
        bookings.retain(|booking| within.contains(&booking.number));
    }
    let travel = travel(&mut reader).await?;
    let place = labels.site.as_ref().map(Whereabouts::from).unwrap_or_default();
    Ok(Booked { place, bookings, travel, absences })
}

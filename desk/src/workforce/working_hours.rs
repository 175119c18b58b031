//! Use-cases: the working hours of a member of the staff.

use domain::actor::{Action, Actor, PersonId, Subject, may};
use domain::calendar::week::CalendarId;
use domain::calendar::zone::Zone;
use domain::country::Country;
use domain::person_change::PersonChange;
use domain::time::Instant;
use domain::workforce::{WorkWeek, WorkingHours};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::access::changes;
use crate::store::{StoreError, Tx};
use crate::{Desk, DeskError};

/// The working hours of a person, as their page shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingHoursView {
    /// What is set; `None` for a person who counts as at work at all times.
    pub set: Option<WorkingHours>,
    /// The zone of their days: that of their working hours, else that of the centre.
    pub zone: Zone,
}

/// Reads working hours from a row: zone, calendar, windows and holidays, in its columns from `first` on.
pub(super) fn read(row: &AnyRow, first: usize) -> Result<WorkingHours, StoreError> {
    let wrong = |what: &dyn std::fmt::Display| StoreError::inconsistent("working_hours", what);
    let zone: String = row.try_get(first)?;
    let zone = Zone::parse(&zone).map_err(|error| wrong(&error))?;
    let (calendar, windows): (Option<i64>, Option<String>) =
        (row.try_get(first + 1)?, row.try_get(first + 2)?);
    let holidays: Option<String> = row.try_get(first + 3)?;
    let week = match (calendar, windows) {
        (Some(id), None) => WorkWeek::Calendar(CalendarId(id)),
        (None, Some(windows)) => WorkWeek::Own {
            hours: serde_json::from_str(&windows).map_err(|error| wrong(&error))?,
            holidays: holidays
                .map(|code| Country::from_code(&code).ok_or_else(|| wrong(&code)))
                .transpose()?,
        },
        _ => return Err(wrong(&"neither a calendar nor windows")),
    };
    Ok(WorkingHours { zone, week })
}

/// What is set for one person.
pub(super) async fn of(
    connection: &mut AnyConnection,
    person: PersonId,
) -> Result<Option<WorkingHours>, StoreError> {
    let row =
        sqlx::query("SELECT zone, calendar_id, windows, holidays FROM working_hours WHERE person_id = $1")
            .bind(person.0)
            .fetch_optional(connection)
            .await?;
    row.map(|row| read(&row, 0)).transpose()
}

/// The working hours of a person; everybody reads their own.
///
/// # Errors
/// See [`DeskError`].
pub async fn working_hours(
    desk: &Desk,
    actor: &Actor,
    person: PersonId,
) -> Result<WorkingHoursView, DeskError> {
    super::absences::may_read(actor, person)?;
    let mut reader = desk.store().reader().await?;
    let set = of(&mut reader, person).await?;
    reader.done();
    let zone = set.as_ref().map_or_else(|| desk.brand().provider.zone, |set| set.zone);
    Ok(WorkingHoursView { set, zone })
}

/// The calendars of the desk in force, by id and name, for a choice of one.
///
/// # Errors
/// See [`DeskError`].
pub async fn calendar_names(desk: &Desk, actor: &Actor) -> Result<Vec<(CalendarId, String)>, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let rows = sqlx::query(
        "SELECT id, name FROM calendars AS c
         WHERE version = (SELECT MAX(version) FROM calendars WHERE id = c.id AND effective_from_utc_s <= $1)
         ORDER BY name, id",
    )
    .bind(desk.now().0)
    .fetch_all(&mut *reader)
    .await?;
    reader.done();
    let read = |row: &AnyRow| -> Result<_, StoreError> { Ok((CalendarId(row.try_get(0)?), row.try_get(1)?)) };
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// Sets the working hours of a person, or none. The history of the account names author and time.
///
/// # Errors
/// [`DeskError::NotFound`] for an unknown person or calendar. See [`DeskError`].
pub async fn set_working_hours(
    desk: &Desk,
    actor: &Actor,
    person: PersonId,
    hours: Option<WorkingHours>,
) -> Result<(), DeskError> {
    may(actor, Action::ScheduleStaff, Subject::Desk)?;
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                super::absences::exists(tx, person).await?;
                if of(tx.connection(), person).await? == hours {
                    return Ok(());
                }
                put(tx, person, hours.as_ref(), now).await?;
                let change = PersonChange::WorkingHoursChanged;
                Ok(changes::record(tx, person, &by, now, &change).await?)
            })
        })
        .await
}

async fn put(
    tx: &mut Tx,
    person: PersonId,
    hours: Option<&WorkingHours>,
    now: Instant,
) -> Result<(), DeskError> {
    sqlx::query("DELETE FROM working_hours WHERE person_id = $1")
        .bind(person.0)
        .execute(tx.connection())
        .await?;
    let Some(WorkingHours { zone, week }) = hours else { return Ok(()) };
    let (calendar, windows, holidays) = match week {
        WorkWeek::Calendar(id) => {
            calendar_version(tx.connection(), *id, now).await?.ok_or(DeskError::NotFound)?;
            (Some(id.0), None, None)
        }
        WorkWeek::Own { hours, holidays } => {
            let windows = serde_json::to_string(hours)
                .map_err(|error| StoreError::inconsistent("working_hours", error))?;
            (None, Some(windows), holidays.map(Country::code))
        }
    };
    sqlx::query(
        "INSERT INTO working_hours (person_id, zone, calendar_id, windows, holidays) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(person.0)
    .bind(zone.name())
    .bind(calendar)
    .bind(windows)
    .bind(holidays)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The version of a calendar in force; `None` for an unknown one.
pub(super) async fn calendar_version(
    connection: &mut AnyConnection,
    id: CalendarId,
    now: Instant,
) -> Result<Option<u32>, StoreError> {
    let row = sqlx::query("SELECT MAX(version) FROM calendars WHERE id = $1 AND effective_from_utc_s <= $2")
        .bind(id.0)
        .bind(now.0)
        .fetch_one(connection)
        .await?;
    let version: Option<i64> = row.try_get(0)?;
    let wrong = |error: std::num::TryFromIntError| StoreError::inconsistent("calendars", error);
    version.map(|version| u32::try_from(version).map_err(wrong)).transpose()
}

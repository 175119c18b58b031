//! Use-cases: absences of members of the staff. Supervisors enter them for everybody, and everybody their own.

use chrono::NaiveDate;
use domain::actor::{Action, Actor, NotPermitted, PersonId, Staff, Subject, may};
use domain::calendar::zone::Zone;
use domain::person_change::PersonChange;
use domain::time::{Instant, Span};
use domain::workforce::{Absence, AbsenceId, AbsenceKind, AbsencePeriod, AbsenceProblem};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use thiserror::Error;

use super::working_hours;
use crate::Desk;
use crate::access::changes;
use crate::error::{DeskError, holds_desk_error};
use crate::store::{StoreError, Tx, take_numbers};

/// For how many days an absence is kept after its end. Its kind may be an illness.
pub(crate) const KEPT_DAYS: u64 = 400;

/// An absence as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsenceView {
    /// Its id.
    pub id: AbsenceId,
    /// What was entered. The note is empty for a reader who may not read it.
    pub absence: Absence,
    /// The name then of the person who entered it; `None` for the operator.
    pub by: Option<String>,
    /// Whether the reader may remove it.
    pub is_removable: bool,
}

/// Why an absence is not entered or removed.
#[derive(Debug, Clone, Error)]
pub enum AbsenceError {
    /// A rule of absences.
    #[error(transparent)]
    Problem(#[from] AbsenceProblem),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(AbsenceError: NotPermitted, StoreError, sqlx::Error);

/// Whether the actor is this person.
fn is_own(actor: &Actor, person: PersonId) -> bool {
    let is_theirs = matches!(actor, Actor::Staff(Staff { id, .. }) if *id == person);
    is_theirs && may(actor, Action::KeepOwnAccount, Subject::Desk).is_ok()
}

/// Supervisors read hours and absences of everybody, others their own.
pub(super) fn may_read(actor: &Actor, person: PersonId) -> Result<(), NotPermitted> {
    if is_own(actor, person) { Ok(()) } else { may(actor, Action::ReadPeople, Subject::Desk) }
}

fn may_enter(actor: &Actor, person: PersonId) -> Result<(), NotPermitted> {
    if is_own(actor, person) { Ok(()) } else { may(actor, Action::ScheduleStaff, Subject::Desk) }
}

/// Whether there is a person of this id.
pub(super) async fn exists(tx: &mut Tx, person: PersonId) -> Result<(), DeskError> {
    let row = sqlx::query("SELECT 1 FROM people WHERE id = $1")
        .bind(person.0)
        .fetch_optional(tx.connection())
        .await?;
    row.map(drop).ok_or(DeskError::NotFound)
}

const OF_ONE: &str = "SELECT id, kind, from_day, to_day, note, by_id, by_name FROM absences
     WHERE person_id = $1 AND to_day >= $2 ORDER BY to_day, id";

/// Absences of a person that are not over, in order. Notes are for supervisors; others read those that they wrote.
///
/// # Errors
/// See [`DeskError`].
pub async fn absences(desk: &Desk, actor: &Actor, person: PersonId) -> Result<Vec<AbsenceView>, DeskError> {
    may_read(actor, person)?;
    let supervises = may(actor, Action::ScheduleStaff, Subject::Desk).is_ok();
    let mut reader = desk.store().reader().await?;
    let today = today(desk, &mut reader, person).await?;
    let rows = sqlx::query(OF_ONE).bind(person.0).bind(today.to_string()).fetch_all(&mut *reader).await?;
    reader.done();
    let view = |row: &AnyRow| -> Result<AbsenceView, StoreError> {
        let by: Option<i64> = row.try_get(5)?;
        let is_theirs = is_own(actor, person) && by == Some(person.0);
        let note: String = row.try_get(4)?;
        let note = if supervises || is_theirs { note } else { String::new() };
        Ok(AbsenceView {
            id: AbsenceId(row.try_get(0)?),
            absence: read(row, &note)?,
            by: row.try_get(6)?,
            is_removable: supervises || is_theirs,
        })
    };
    Ok(rows.iter().map(view).collect::<Result<_, _>>()?)
}

/// Reads kind and days from columns 1 to 3.
fn read(row: &AnyRow, note: &str) -> Result<Absence, StoreError> {
    let wrong = |what: &dyn std::fmt::Display| StoreError::inconsistent("absences", what);
    let kind: String = row.try_get(1)?;
    let kind = AbsenceKind::from_code(&kind).ok_or_else(|| wrong(&kind))?;
    Absence::new(period(row, 2)?, kind, note).map_err(|error| wrong(&error))
}

/// Reads the days from two columns.
fn period(row: &AnyRow, first: usize) -> Result<AbsencePeriod, StoreError> {
    let wrong = |what: &dyn std::fmt::Display| StoreError::inconsistent("absences", what);
    let day = |column: usize| -> Result<NaiveDate, StoreError> {
        let text: String = row.try_get(column)?;
        text.parse().map_err(|error: chrono::ParseError| wrong(&error))
    };
    AbsencePeriod::new(day(first)?, day(first + 1)?).map_err(|error| wrong(&error))
}

/// The local day of a person.
async fn today(
    desk: &Desk,
    connection: &mut AnyConnection,
    person: PersonId,
) -> Result<NaiveDate, StoreError> {
    let set = working_hours::of(connection, person).await?;
    Ok(local_day(desk.now(), set.map_or_else(|| desk.brand().provider.zone, |set| set.zone)))
}

/// The local day at `at` in a zone.
pub(super) fn local_day(at: Instant, zone: Zone) -> NaiveDate {
    let local = at.plus(zone.offset_s(at).into()).to_chrono();
    local.map(|local| local.date_naive()).unwrap_or_default()
}

/// Enters an absence of a person.
///
/// # Errors
/// [`AbsenceProblem::Overlap`] when they are absent then already, [`AbsenceProblem::Past`] when it is over. See
/// [`AbsenceError`].
pub async fn add_absence(
    desk: &Desk,
    actor: &Actor,
    person: PersonId,
    absence: Absence,
) -> Result<AbsenceId, AbsenceError> {
    may_enter(actor, person)?;
    let (inner, by) = (desk.clone(), actor.clone());
    desk.store()
        .write(move |tx| Box::pin(async move { add(&inner, tx, (person, &by), &absence).await }))
        .await
}

async fn add(
    desk: &Desk,
    tx: &mut Tx,
    (person, by): (PersonId, &Actor),
    absence: &Absence,
) -> Result<AbsenceId, AbsenceError> {
    exists(tx, person).await?;
    let today = today(desk, tx.connection(), person).await?;
    if absence.period.to() < today {
        return Err(AbsenceProblem::Past.into());
    }
    let rows = sqlx::query(OF_ONE)
        .bind(person.0)
        .bind(absence.period.from().to_string())
        .fetch_all(tx.connection())
        .await?;
    for row in &rows {
        if period(row, 2)?.meets(absence.period) {
            return Err(AbsenceProblem::Overlap.into());
        }
    }
    let id = take_numbers(tx, "absences", 1).await?;
    let (by_id, by_name) = match by {
        Actor::Staff(staff) => (Some(staff.id.0), Some(staff.name.clone())),
        _ => (None, None),
    };
    sqlx::query(
        "INSERT INTO absences (id, person_id, kind, from_day, to_day, note, recorded_at_utc_s, by_id, by_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(person.0)
    .bind(absence.kind.code())
    .bind(absence.period.from().to_string())
    .bind(absence.period.to().to_string())
    .bind(absence.note())
    .bind(desk.now().0)
    .bind(by_id)
    .bind(by_name)
    .execute(tx.connection())
    .await?;
    let change = PersonChange::AbsenceEntered { from: absence.period.from(), to: absence.period.to() };
    changes::record(tx, person, by, desk.now(), &change).await?;
    Ok(AbsenceId(id))
}

/// Removes an absence of a person. Others than supervisors remove those of their own that they entered.
///
/// # Errors
/// [`DeskError::NotFound`] for one that is not there, or that the actor may not remove. See [`DeskError`].
pub async fn remove_absence(
    desk: &Desk,
    actor: &Actor,
    person: PersonId,
    id: AbsenceId,
) -> Result<(), DeskError> {
    may_enter(actor, person)?;
    let supervises = may(actor, Action::ScheduleStaff, Subject::Desk).is_ok();
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let row = sqlx::query(
                    "SELECT id, kind, from_day, to_day, by_id FROM absences WHERE id = $1 AND person_id = $2",
                )
                .bind(id.0)
                .bind(person.0)
                .fetch_optional(tx.connection())
                .await?
                .ok_or(DeskError::NotFound)?;
                let entered_by: Option<i64> = row.try_get(4)?;
                if !supervises && entered_by != Some(person.0) {
                    return Err(DeskError::NotFound);
                }
                let days = period(&row, 2)?;
                sqlx::query("DELETE FROM absences WHERE id = $1").bind(id.0).execute(tx.connection()).await?;
                let change = PersonChange::AbsenceRemoved { from: days.from(), to: days.to() };
                Ok(changes::record(tx, person, &by, now, &change).await?)
            })
        })
        .await
}

/// Absences that are not over `today`, by person.
pub(super) async fn all_from(
    connection: &mut AnyConnection,
    today: NaiveDate,
) -> Result<Vec<(PersonId, AbsencePeriod)>, StoreError> {
    let rows = sqlx::query(
        "SELECT person_id, from_day, to_day FROM absences WHERE to_day >= $1 ORDER BY to_day, id",
    )
    .bind(today.to_string())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((PersonId(row.try_get(0)?), period(row, 1)?))).collect()
}

/// Absences of a person that meet a span, in UTC and in order.
pub(crate) async fn absent_spans(
    desk: &Desk,
    connection: &mut AnyConnection,
    person: PersonId,
    around: Span,
) -> Result<Vec<Span>, StoreError> {
    let set = working_hours::of(connection, person).await?;
    let zone = set.map_or_else(|| desk.brand().provider.zone, |set| set.zone);
    let rows = sqlx::query(OF_ONE)
        .bind(person.0)
        .bind(local_day(around.from, zone).to_string())
        .fetch_all(connection)
        .await?;
    let mut spans = Vec::new();
    for row in &rows {
        let span = period(row, 2)?.span(zone);
        if !span.intersect(around).is_empty() {
            spans.push(span);
        }
    }
    Ok(spans)
}

//! The call queue, next call first, without cases that the reader worked on.

use domain::actor::{Action, Actor, PersonId, Subject, may};
use domain::page::{Page, Paging};
use domain::survey::{SurveyQueue, SurveyRow};
use domain::time::Instant;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{country_of, number_of, zone_of};
use crate::Desk;
use crate::DeskError;
use crate::store::StoreError;

/// The id of no person, for readers outside the staff, who worked on no case.
const NOBODY: PersonId = PersonId(0);

/// A page of the call queue, counted from 1. A page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn survey_queue(desk: &Desk, actor: &Actor, page: u32) -> Result<SurveyQueue, DeskError> {
    may(actor, Action::Survey, Subject::Desk)?;
    let reader_id = match actor {
        Actor::Staff(staff) => staff.id,
        _ => NOBODY,
    };
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT COUNT(*),
                COUNT(CASE WHEN EXISTS (SELECT 1 FROM survey_workers w
                                        WHERE w.person_id = $1 AND w.case_number = s.case_number) THEN 1 END)
         FROM surveys s WHERE s.state = 'open'",
    )
    .bind(reader_id.0)
    .fetch_one(&mut *reader)
    .await?;
    let (all, others): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let paging = Paging::of(all - others, page);
    let found = sqlx::query(
        "SELECT s.case_number, s.country, s.since_utc_s, s.turn_utc_s, s.attempts, c.customer, c.equipment,
                c.place, c.calendar_id, c.calendar_version, c.zone
         FROM surveys s JOIN cases c ON c.number = s.case_number
         WHERE s.state = 'open'
           AND NOT EXISTS (SELECT 1 FROM survey_workers w
                           WHERE w.person_id = $1 AND w.case_number = s.case_number)
         ORDER BY s.turn_utc_s, s.case_number LIMIT $2 OFFSET $3",
    )
    .bind(reader_id.0)
    .bind(i64::from(Paging::ROWS))
    .bind(paging.offset())
    .fetch_all(&mut *reader)
    .await?;
    drop(reader);
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        rows.push(read(desk, row).await?);
    }
    Ok(SurveyQueue { page: Page { rows, paging }, others, now: desk.now() })
}

async fn read(desk: &Desk, row: &AnyRow) -> Result<SurveyRow, StoreError> {
    let attempts: i64 = row.try_get("attempts")?;
    Ok(SurveyRow {
        number: number_of(row, "case_number")?,
        country: country_of(row)?,
        customer: row.try_get("customer")?,
        equipment: row.try_get("equipment")?,
        place: row.try_get("place")?,
        since: Instant(row.try_get("since_utc_s")?),
        turn: Instant(row.try_get("turn_utc_s")?),
        attempts: u32::try_from(attempts).map_err(|error| StoreError::inconsistent("surveys", error))?,
        zone: zone_of(desk, row).await?,
    })
}

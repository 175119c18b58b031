//! What somebody has in hand, for those who hand it on.

use domain::actor::{Action, Actor, PersonId, Subject, may};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use sqlx::Row;

use crate::Desk;
use crate::DeskError;
use crate::store::StoreError;

/// Lines of each kind that a page lists.
const LISTED: i64 = 200;

/// Open cases and coming visits of a member of the staff.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InHand {
    /// Open cases that they are assigned, in the order of work.
    pub cases: Vec<CaseNumber>,
    /// Visits that they go on, with when each begins; `None` while no window is agreed.
    pub visits: Vec<(CaseNumber, Option<Instant>)>,
}

/// What somebody has in hand.
///
/// # Errors
/// See [`DeskError`].
pub async fn in_hand(desk: &Desk, actor: &Actor, person: PersonId) -> Result<InHand, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let number =
        |text: String| CaseNumber::parse(&text).map_err(|error| StoreError::inconsistent("cases", error));
    let rows = sqlx::query(
        "SELECT number FROM cases WHERE holder_id = $1 AND is_open = 1 ORDER BY sort_key, number LIMIT $2",
    )
    .bind(person.0)
    .bind(LISTED)
    .fetch_all(&mut *reader)
    .await?;
    let cases = rows.iter().map(|row| number(row.try_get(0)?)).collect::<Result<_, StoreError>>()?;
    let rows = sqlx::query(
        "SELECT case_number, from_utc_s FROM visits
         WHERE technician_id = $1 AND stage IN ('offered', 'proposed', 'agreed', 'on_site', 'working')
         ORDER BY from_utc_s, case_number LIMIT $2",
    )
    .bind(person.0)
    .bind(LISTED)
    .fetch_all(&mut *reader)
    .await?;
    reader.done();
    let visit = |row: &sqlx::any::AnyRow| -> Result<_, StoreError> {
        let from: Option<i64> = row.try_get(1)?;
        Ok((number(row.try_get(0)?)?, from.map(Instant)))
    };
    Ok(InHand { cases, visits: rows.iter().map(visit).collect::<Result<_, _>>()? })
}

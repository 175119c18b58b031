//! What somebody has in hand, for those who hand it on.

use domain::actor::{Action, Actor, PersonId, Subject, may};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use domain::workforce::{Candidate, suggested};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::Desk;
use crate::DeskError;
use crate::cases::candidates::{CaseKind, Staff};
use crate::store::StoreError;

/// Lines of each kind that a page lists.
const LISTED: i64 = 200;

/// Open cases and coming visits of a member of the staff.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InHand {
    /// Open cases that they are assigned, in the order of work, each with the colleague who is suggested for it.
    pub cases: Vec<(CaseNumber, Option<Candidate>)>,
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
        "SELECT number, country, platform FROM cases
         WHERE holder_id = $1 AND is_open = 1 ORDER BY sort_key, number LIMIT $2",
    )
    .bind(person.0)
    .bind(LISTED)
    .fetch_all(&mut *reader)
    .await?;
    let staff = Staff::read(desk, &mut reader).await?;
    let case = |row: &AnyRow| -> Result<_, StoreError> {
        let mut others = staff.candidates(CaseKind::read(row, 1)?);
        others.retain(|candidate| candidate.person.id != person);
        Ok((number(row.try_get(0)?)?, suggested(&others).cloned()))
    };
    let cases = rows.iter().map(case).collect::<Result<_, StoreError>>()?;
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
    let visit = |row: &AnyRow| -> Result<_, StoreError> {
        let from: Option<i64> = row.try_get(1)?;
        Ok((number(row.try_get(0)?)?, from.map(Instant)))
    };
    Ok(InHand { cases, visits: rows.iter().map(visit).collect::<Result<_, _>>()? })
}

//! Use-case: the people whom a case can be assigned to, with who is at work, and who is suggested.

use std::collections::HashMap;

use domain::actor::{Action, Actor, PersonId, Subject, may};
use domain::case::Assignee;
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::priority::Platform;
use domain::workforce::{Candidate, in_order};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::access::composed_roles::narrow_holders;
use crate::reach::Reach;
use crate::store::StoreError;
use crate::workforce::Roster;
use crate::{Desk, DeskError};

/// The people whom a case can be assigned to, in the order in which they are offered.
///
/// # Errors
/// See [`DeskError`].
pub async fn candidates(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
) -> Result<(CaseKind, Vec<Candidate>), DeskError> {
    may(actor, Action::ClaimCase, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    Reach::of(actor).require(&mut reader, number).await?;
    let row = sqlx::query("SELECT country, platform FROM cases WHERE number = $1")
        .bind(number.as_compact())
        .fetch_optional(&mut *reader)
        .await?;
    let kind = CaseKind::read(&row.ok_or(DeskError::NotFound)?, 0)?;
    let staff = Staff::read(desk, &mut reader).await?;
    let mut offered = staff.candidates(kind);
    // The case must be within the scope of whom it is assigned to.
    for (person, role) in narrow_holders(&mut reader).await? {
        if !Reach::of_role(&role, person).assignable().holds(&mut reader, number).await? {
            offered.retain(|candidate| candidate.person.id != person);
        }
    }
    reader.done();
    Ok((kind, offered))
}

/// What decides which teams work on a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseKind {
    /// Country of the site.
    pub country: Country,
    /// Platform of the equipment.
    pub platform: Platform,
}

impl CaseKind {
    /// Reads country and platform from two columns.
    pub(crate) fn read(row: &AnyRow, first: usize) -> Result<Self, StoreError> {
        let wrong = |what: &str| StoreError::inconsistent("cases", what);
        let (country, platform): (String, String) = (row.try_get(first)?, row.try_get(first + 1)?);
        Ok(Self {
            country: Country::from_code(&country).ok_or_else(|| wrong("country"))?,
            platform: Platform::from_code(&platform).ok_or_else(|| wrong("platform"))?,
        })
    }
}

/// Active people with their roster and the number of their open cases.
pub(crate) struct Staff {
    people: Vec<Assignee>,
    roster: Roster,
    open_cases: HashMap<PersonId, u32>,
}

impl Staff {
    /// Reads them as they are now.
    pub(crate) async fn read(desk: &Desk, connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let rows = sqlx::query("SELECT id, name FROM people WHERE active = 1 ORDER BY name, id")
            .fetch_all(&mut *connection)
            .await?;
        let person = |row: &AnyRow| Ok(Assignee { id: PersonId(row.try_get(0)?), name: row.try_get(1)? });
        let people = rows.iter().map(person).collect::<Result<_, StoreError>>()?;
        let rows = sqlx::query(
            "SELECT holder_id, COUNT(*) FROM cases WHERE is_open = 1 AND holder_id IS NOT NULL GROUP BY holder_id",
        )
        .fetch_all(&mut *connection)
        .await?;
        let count = |row: &AnyRow| -> Result<_, StoreError> {
            let count: i64 = row.try_get(1)?;
            Ok((PersonId(row.try_get(0)?), u32::try_from(count).unwrap_or(u32::MAX)))
        };
        let open_cases = rows.iter().map(count).collect::<Result<_, _>>()?;
        Ok(Self { people, roster: Roster::read(desk, connection, desk.now()).await?, open_cases })
    }

    /// They as candidates for a case of this kind, in order.
    pub(crate) fn candidates(&self, CaseKind { country, platform }: CaseKind) -> Vec<Candidate> {
        let candidate = |person: &Assignee| Candidate {
            person: person.clone(),
            team: self.roster.team_of(person.id, country, platform).cloned(),
            presence: self.roster.presence(person.id),
            open_cases: self.open_cases.get(&person.id).copied().unwrap_or_default(),
        };
        in_order(self.people.iter().map(candidate).collect())
    }
}

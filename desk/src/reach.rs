//! The cases that exist for the holder of a composed role, as a condition of SQL.
//!
//! Everyone else has an empty condition: their queries stay as they are. A case out of reach is answered like one that is
//! not there. Every use-case that reads or changes cases for a permit that knows scopes
//! ([`Permit::knows_scope`](domain::actor::Permit::knows_scope)) asks here.

use std::fmt::Write as _;

use domain::actor::{Actor, CaseReach, ComposedRole, OrganisationReach, PersonId, RoleId, Staff};
use domain::case_number::CaseNumber;
use domain::country::Country;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::Desk;
use crate::DeskError;
use crate::store::{Statement, StoreError};

/// A bound value of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bind {
    /// A number.
    Number(i64),
    /// A code.
    Text(&'static str),
}

/// A statement with the values of a condition.
pub(crate) fn bound(statement: Statement, binds: Vec<Bind>) -> Statement {
    binds.into_iter().fold(statement, |statement, bind| match bind {
        Bind::Number(number) => statement.bind(number),
        Bind::Text(text) => statement.bind(text),
    })
}

/// The cases that exist for a reader; all of them by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Countries of the sites; empty for all.
    countries: Vec<Country>,
    /// The role that lists the organisations; `None` for all.
    listed_by: Option<RoleId>,
    /// The person who is assigned to the cases, or has a visit of them; `None` for all.
    person: Option<PersonId>,
}

impl Reach {
    /// The reach of an actor beside the country of displays and integrations.
    pub(crate) fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Staff(Staff { id, composed: Some(role), .. }) => Self::of_role(role, *id),
            Actor::Staff(Staff { composed: None, .. })
            | Actor::Anonymous
            | Actor::Customer(_)
            | Actor::CustomerBeside { .. }
            | Actor::Participant(_)
            | Actor::Contact(_)
            | Actor::Display { .. }
            | Actor::Integration(_)
            | Actor::System => Self::default(),
        }
    }

    /// The reach of a role's holder.
    pub(crate) fn of_role(role: &ComposedRole, holder: PersonId) -> Self {
        Self {
            countries: role.scope.countries.iter().copied().collect(),
            listed_by: (role.scope.organisations == OrganisationReach::Listed).then_some(role.id),
            person: (role.scope.cases == CaseReach::Own).then_some(holder),
        }
    }

    /// The same without regard to who is assigned: the cases that can be assigned to the holder.
    pub(crate) fn assignable(self) -> Self {
        Self { person: None, ..self }
    }

    /// Whether no case is out of reach.
    pub(crate) fn is_whole(&self) -> bool {
        *self == Self::default()
    }

    /// The condition on a row of `cases`, which begins with " AND ", and its values, which stand for `$first` and further.
    /// Both are empty when nothing is out of reach. The cast keeps SQLite to the index that the query has chosen.
    pub(crate) fn condition(&self, cases: &str, first: usize) -> (String, Vec<Bind>) {
        let (mut text, mut binds) = (String::new(), Vec::new());
        // Writing into a string cannot fail.
        if !self.countries.is_empty() {
            let mut places = Vec::with_capacity(self.countries.len());
            for country in &self.countries {
                places.push(format!("${}", first + binds.len()));
                binds.push(Bind::Text(country.code()));
            }
            let _ = write!(text, " AND CAST({cases}.country AS TEXT) IN ({})", places.join(", "));
        }
        if let Some(RoleId(role)) = self.listed_by {
            let _ = write!(
                text,
                " AND {cases}.coverage = 'covered' AND EXISTS
                  (SELECT 1 FROM contracts reached JOIN composed_role_organisations listed
                   ON listed.organisation_id = reached.organisation_id
                   WHERE reached.number = {cases}.contract_number AND listed.role_id = ${})",
                first + binds.len()
            );
            binds.push(Bind::Number(role));
        }
        if let Some(PersonId(person)) = self.person {
            let place = first + binds.len();
            let _ = write!(
                text,
                " AND ({cases}.holder_id = ${place} OR EXISTS
                  (SELECT 1 FROM visits theirs
                   WHERE theirs.case_number = {cases}.number AND theirs.technician_id = ${place}))"
            );
            binds.push(Bind::Number(person));
        }
        (text, binds)
    }

    /// Whether a case is there and within reach. Without a scope nothing is asked.
    pub(crate) async fn holds(
        &self,
        connection: &mut AnyConnection,
        number: CaseNumber,
    ) -> Result<bool, StoreError> {
        if self.is_whole() {
            return Ok(true);
        }
        let (condition, binds) = self.condition("cases", 2);
        let text = format!("SELECT 1 FROM cases WHERE cases.number = $1{condition}");
        let query = bound(sqlx::query(AssertSqlSafe(text)).bind(number.as_compact()), binds);
        Ok(query.fetch_optional(connection).await?.is_some())
    }

    /// Refuses a case out of reach as one that is not there.
    pub(crate) async fn require(
        &self,
        connection: &mut AnyConnection,
        number: CaseNumber,
    ) -> Result<(), DeskError> {
        if self.holds(connection, number).await? { Ok(()) } else { Err(DeskError::NotFound) }
    }

    /// Those of some cases that are within reach, in their order.
    pub(crate) async fn among(
        &self,
        connection: &mut AnyConnection,
        numbers: Vec<CaseNumber>,
    ) -> Result<Vec<CaseNumber>, StoreError> {
        if self.is_whole() {
            return Ok(numbers);
        }
        let mut within = Vec::with_capacity(numbers.len());
        for number in numbers {
            if self.holds(connection, number).await? {
                within.push(number);
            }
        }
        Ok(within)
    }
}

/// Whether the cases of an actor are narrowed by a composed role.
#[must_use]
pub fn is_narrowed(actor: &Actor) -> bool {
    !Reach::of(actor).is_whole()
}

/// Whether a case exists for an actor, as far as composed roles say. Asks nothing for all others.
///
/// # Errors
/// When the database does not answer.
pub async fn exists_for(desk: &Desk, actor: &Actor, number: CaseNumber) -> Result<bool, StoreError> {
    let reach = Reach::of(actor);
    if reach.is_whole() {
        return Ok(true);
    }
    let mut reader = desk.store().reader().await?;
    let holds = reach.holds(&mut reader, number).await?;
    reader.done();
    Ok(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_of_everyone_else_has_no_condition() {
        let (text, binds) = Reach::of(&Actor::System).condition("cases", 2);
        assert!(text.is_empty() && binds.is_empty());
    }

    #[test]
    fn values_of_a_condition_stand_in_the_order_of_their_places() {
        let reach = Reach {
            countries: vec![Country::Ve, Country::Co],
            listed_by: Some(RoleId(4)),
            person: Some(PersonId(9)),
        };
        let (text, binds) = reach.condition("c", 3);
        let expected = [Bind::Text("VE"), Bind::Text("CO"), Bind::Number(4), Bind::Number(9)];
        assert_eq!(binds, expected);
        for part in ["IN ($3, $4)", "listed.role_id = $5", "c.holder_id = $6", "theirs.technician_id = $6"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}

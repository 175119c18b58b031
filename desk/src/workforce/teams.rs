//! Teams in the database.

use domain::actor::{Action, Actor, PersonId, Subject, may};
use domain::time::Instant;
use domain::workforce::{Team, TeamId};
use sqlx::{AnyConnection, Row};

use crate::contracts::plans::Recording;
use crate::store::{StoreError, Tx};
use crate::{Desk, DeskError};

/// A team with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamOf {
    /// Its id, for the address of its page.
    pub id: TeamId,
    /// The team.
    pub team: Team,
}

/// The teams in force, by id: of each the latest version that has taken effect.
const IN_FORCE: &str = "SELECT id, document FROM teams AS t
     WHERE version = (SELECT MAX(version) FROM teams WHERE id = t.id AND effective_from_utc_s <= $1)
     ORDER BY id";

/// The teams in force at `at`, without the retired ones.
pub(super) async fn in_force(connection: &mut AnyConnection, at: Instant) -> Result<Vec<TeamOf>, StoreError> {
    let rows = sqlx::query(IN_FORCE).bind(at.0).fetch_all(connection).await?;
    let teams: Result<Vec<TeamOf>, StoreError> = rows
        .iter()
        .map(|row| {
            let document: String = row.try_get(1)?;
            let team: Team =
                serde_json::from_str(&document).map_err(|error| StoreError::inconsistent("teams", error))?;
            Ok(TeamOf { id: TeamId(row.try_get(0)?), team })
        })
        .collect();
    let mut teams = teams?;
    teams.retain(|of: &TeamOf| of.team.state.is_in_service());
    Ok(teams)
}

/// All teams in service, by id.
///
/// # Errors
/// See [`DeskError`].
pub async fn all_teams(desk: &Desk, actor: &Actor) -> Result<Vec<TeamOf>, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let teams = in_force(&mut reader, desk.now()).await?;
    reader.done();
    Ok(teams)
}

/// The teams of a member of the staff.
///
/// # Errors
/// See [`DeskError`].
pub async fn teams_of(desk: &Desk, actor: &Actor, person: PersonId) -> Result<Vec<TeamOf>, DeskError> {
    let mut teams = all_teams(desk, actor).await?;
    teams.retain(|of| of.team.members().contains(&person));
    Ok(teams)
}

/// Writes the next version of a team; the first when there is none.
pub(crate) async fn put_team(
    tx: &mut Tx,
    id: TeamId,
    team: &Team,
    recording: &Recording,
) -> Result<(), StoreError> {
    let document = serde_json::to_string(team).map_err(|error| StoreError::inconsistent("teams", error))?;
    let (recorded_at, recorded_by) = recording.columns()?;
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) + 1 FROM teams WHERE id = $1")
        .bind(id.0)
        .fetch_one(tx.connection())
        .await?;
    let version: i64 = row.try_get(0)?;
    sqlx::query(
        "INSERT INTO teams (id, version, name, document, effective_from_utc_s, recorded_at_utc_s, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id.0)
    .bind(version)
    .bind(team.name.as_str())
    .bind(document)
    .bind(recording.effective_from.0)
    .bind(recorded_at)
    .bind(recorded_by)
    .execute(tx.connection())
    .await?;
    Ok(())
}

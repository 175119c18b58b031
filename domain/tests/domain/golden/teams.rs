//! Stored teams, and kinds of absences.

use domain::actor::PersonId;
use domain::country::Country;
use domain::priority::Platform;
use domain::workforce::{AbsenceKind, Team, TeamName, TeamState};

use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    vec![
        golden!(
            "team",
            Team,
            [
                team(vec![PersonId(9), PersonId(7)]),
                team(Vec::new()),
                team(Vec::new()).in_state(TeamState::Retired),
            ]
        ),
        golden!("team_state", TeamState in ALL),
        golden!("team_name", TeamName, [name()]),
        golden!("absence_kind", AbsenceKind in ALL),
    ]
}

fn team(members: Vec<PersonId>) -> Team {
    Team::new(name(), &[Country::Ve, Country::Co], &[Platform::Network, Platform::Servers], members).unwrap()
}

fn name() -> TeamName {
    TeamName::parse("Redes").unwrap()
}

//! Teams: members with the countries and platforms of the cases that they work on.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::actor::PersonId;
use crate::calendar::week::NAME_CHARS_MAX;
use crate::country::Country;
use crate::i18n::Language;
use crate::priority::Platform;
use crate::t;
use crate::text::legible;

/// The most members of a team: more than a whole desk has.
pub const MEMBERS_MAX: usize = 200;

/// Id of a team, the same for all its versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TeamId(pub i64);

/// The name of a team, on one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TeamName(String);

impl TeamName {
    /// Normalises a name: on one line, words separated by single spaces.
    ///
    /// # Errors
    /// When it is empty, or longer than [`NAME_CHARS_MAX`].
    pub fn parse(typed: &str) -> Result<Self, TeamProblem> {
        let name = legible(typed).split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
        if fits { Ok(Self(name)) } else { Err(TeamProblem::Name) }
    }

    /// The name as accepted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a team is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TeamProblem {
    /// The name is empty or too long.
    #[error("a team's name has from 1 to {NAME_CHARS_MAX} characters")]
    Name,
    /// The team works for no country.
    #[error("a team works for at least one country")]
    NoCountry,
    /// No country of the desk has this code.
    #[error("{0:?} is no country of the desk")]
    UnknownCountry(String),
    /// The team has no skill.
    #[error("a team has at least one skill")]
    NoSkill,
    /// No platform has this code.
    #[error("{0:?} is no skill")]
    UnknownSkill(String),
    /// No member of the staff signs in with this address.
    #[error("nobody signs in with {0:?}")]
    UnknownMember(String),
    /// The team has more than [`MEMBERS_MAX`] members.
    #[error("a team has at most {MEMBERS_MAX} members")]
    TooManyMembers,
}

impl TeamProblem {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Name => t!(language, "workforce.problem.team_name", most = NAME_CHARS_MAX),
            Self::NoCountry => t!(language, "workforce.problem.no_country").into_owned(),
            Self::UnknownCountry(code) => t!(language, "workforce.problem.unknown_country", code = code),
            Self::NoSkill => t!(language, "workforce.problem.no_skill").into_owned(),
            Self::UnknownSkill(code) => {
                let codes = Platform::ALL.map(Platform::code).join(", ");
                t!(language, "workforce.problem.unknown_skill", code = code, codes = codes)
            }
            Self::UnknownMember(mail) => t!(language, "workforce.problem.unknown_member", mail = mail),
            Self::TooManyMembers => t!(language, "workforce.problem.too_many_members", most = MEMBERS_MAX),
        }
    }
}

choices! {
    /// Whether a team works on cases.
    #[derive(Default)]
    pub enum TeamState: "workforce.team_state" {
        /// It does.
        #[default]
        InService = "in_service",
        /// It is kept for its history alone.
        Retired = "retired",
    }
}

impl TeamState {
    /// Whether a team works on cases. Stored teams leave this state out.
    #[must_use]
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub fn is_in_service(&self) -> bool {
        *self == Self::InService
    }
}

/// A team. Countries and skills are in the order of their lists and not empty; members in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its name.
    pub name: TeamName,
    /// Whether it works on cases.
    #[serde(default, skip_serializing_if = "TeamState::is_in_service")]
    pub state: TeamState,
    countries: Vec<Country>,
    skills: Vec<Platform>,
    #[serde(default)]
    members: Vec<PersonId>,
}

impl Team {
    /// A team in service. What is named twice counts once.
    ///
    /// # Errors
    /// When it has no country, no skill, or too many members.
    pub fn new(
        name: TeamName,
        countries: &[Country],
        skills: &[Platform],
        mut members: Vec<PersonId>,
    ) -> Result<Self, TeamProblem> {
        if countries.is_empty() {
            return Err(TeamProblem::NoCountry);
        }
        if skills.is_empty() {
            return Err(TeamProblem::NoSkill);
        }
        members.sort_unstable();
        members.dedup();
        if members.len() > MEMBERS_MAX {
            return Err(TeamProblem::TooManyMembers);
        }
        let countries = Country::ALL.into_iter().filter(|country| countries.contains(country)).collect();
        let skills = Platform::ALL.into_iter().filter(|skill| skills.contains(skill)).collect();
        Ok(Self { name, state: TeamState::default(), countries, skills, members })
    }

    /// The same team in another state.
    #[must_use]
    pub fn in_state(self, state: TeamState) -> Self {
        Self { state, ..self }
    }

    /// The countries whose cases it works on.
    #[must_use]
    pub fn countries(&self) -> &[Country] {
        &self.countries
    }

    /// The platforms that it knows.
    #[must_use]
    pub fn skills(&self) -> &[Platform] {
        &self.skills
    }

    /// Its members.
    #[must_use]
    pub fn members(&self) -> &[PersonId] {
        &self.members
    }

    /// Whether the team works on cases of this country and platform. A retired one works on none.
    #[must_use]
    pub fn fits(&self, country: Country, platform: Platform) -> bool {
        self.state.is_in_service() && self.countries.contains(&country) && self.skills.contains(&platform)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> TeamName {
        TeamName::parse(text).unwrap()
    }

    #[test]
    fn team_fits_cases_of_its_countries_and_skills() {
        let (countries, skills) = ([Country::Co, Country::Ve], [Platform::Servers, Platform::Network]);
        let team = Team::new(name("Redes"), &countries, &skills, vec![PersonId(2), PersonId(1), PersonId(2)]);
        let team = team.unwrap();
        assert!(team.fits(Country::Ve, Platform::Network));
        assert!(!team.fits(Country::Mx, Platform::Network) && !team.fits(Country::Ve, Platform::Printing));
        assert_eq!(team.countries(), [Country::Ve, Country::Co], "in the order of the list");
        assert_eq!(team.members(), [PersonId(1), PersonId(2)]);
    }

    #[test]
    fn retired_team_fits_no_case() {
        let team = Team::new(name("Redes"), &[Country::Ve], &[Platform::Network], Vec::new()).unwrap();
        let retired = team.in_state(TeamState::Retired);
        assert!(!retired.fits(Country::Ve, Platform::Network));
    }

    #[test]
    fn team_without_country_or_skill_is_refused() {
        let (country, skill) = ([Country::Ve], [Platform::Network]);
        let team = |countries: &[Country], skills: &[Platform]| {
            Team::new(name("Redes"), countries, skills, Vec::new()).map(drop)
        };
        assert_eq!(team(&[], &skill), Err(TeamProblem::NoCountry));
        assert_eq!(team(&country, &[]), Err(TeamProblem::NoSkill));
        assert_eq!(team(&country, &skill), Ok(()));
        let crowd = (0..=200).map(PersonId).collect();
        assert_eq!(Team::new(name("Redes"), &country, &skill, crowd), Err(TeamProblem::TooManyMembers));
        assert_eq!(TeamName::parse("  Redes \n norte ").unwrap().as_str(), "Redes norte");
        assert_eq!(TeamName::parse(" "), Err(TeamProblem::Name));
        assert_eq!(TeamName::parse(&"x".repeat(121)), Err(TeamProblem::Name));
    }

    #[test]
    fn stored_team_stays_legible() {
        let stored = r#"{"name":"Redes","countries":["VE"],"skills":["network"],"members":[7]}"#;
        let team: Team = serde_json::from_str(stored).unwrap();
        assert_eq!(serde_json::to_string(&team).unwrap(), stored);
    }
}

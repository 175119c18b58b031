//! Teams in a file.

use domain::actor::PersonId;
use domain::country::Country;
use domain::priority::Platform;
use domain::workforce::{Team, TeamId, TeamName, TeamProblem, TeamState};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, Row};

use super::apply::{ChangePlan, Draft, Names, Place, numbered};
use super::file::{Document, Reason, Subject};
use super::subjects::{Rules, entries};
use super::versions::{EntryVersion, Versions};
use crate::contracts::plans::Recording;
use crate::store::{StoreError, Tx};
use crate::workforce::put_team;

/// The comment above a file's teams.
pub(super) const HEAD: &str = "\
# Teams: who is offered first as the assignee of a case, and who is warned while the assignee is away.
# id         as exported; leave it out for a new team. Without one, a team of the same name is the same one.
# version    as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# countries  the countries whose cases it works on: VE, CO, MX.
# skills     the platforms that it knows: network, servers, software, data_centre, computing, printing.
# members    the mail addresses that they sign in with. A team without members fits no case.
# state      retired: it fits no case any more, and is kept for its history.
";

/// All teams of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamsFile {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) team: Vec<TeamEntry>,
}

/// A team of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<i64>,
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "TeamState::is_in_service")]
    state: TeamState,
    #[serde(default)]
    countries: Vec<String>,
    #[serde(default)]
    skills: Vec<String>,
    #[serde(default)]
    members: Vec<String>,
}

/// A new or changed team.
#[derive(Debug, Clone)]
pub(super) struct TeamDraft {
    /// `None` for a new one.
    pub(super) id: Option<i64>,
    pub(super) team: Team,
}

/// The mail addresses that people sign in with, by id.
#[derive(Debug, Clone, Default)]
pub(super) struct SignInNames(Vec<(PersonId, String)>);

impl SignInNames {
    /// Reads those of everybody, in service or not: a team may name people who left.
    pub(super) async fn read(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let rows = sqlx::query("SELECT id, mail FROM people ORDER BY id").fetch_all(connection).await?;
        let read = |row: &sqlx::any::AnyRow| Ok((PersonId(row.try_get(0)?), row.try_get(1)?));
        Ok(Self(rows.iter().map(read).collect::<Result<_, StoreError>>()?))
    }

    fn mail(&self, person: PersonId) -> Option<&str> {
        let place = self.0.binary_search_by_key(&person, |(id, _)| *id).ok()?;
        self.0.get(place).map(|(_, mail)| mail.as_str())
    }

    fn person(&self, typed: &str) -> Option<PersonId> {
        let mail = typed.trim().to_lowercase();
        self.0.iter().find(|(_, known)| *known == mail).map(|(id, _)| *id)
    }
}

/// What is wrong with a team, by key; places of lists are counted from 0.
type Problem = (String, TeamProblem);

impl TeamEntry {
    /// A team as an entry. A member who is not there any more is left out.
    pub(super) fn of(id: Option<i64>, version: Option<i64>, team: &Team, names: &SignInNames) -> Self {
        let mails = team.members().iter().filter_map(|member| names.mail(*member));
        Self {
            id,
            version,
            name: team.name.as_str().to_owned(),
            state: team.state,
            countries: team.countries().iter().map(|country| country.code().to_owned()).collect(),
            skills: team.skills().iter().map(|skill| skill.code().to_owned()).collect(),
            members: mails.map(str::to_owned).collect(),
        }
    }

    /// The team that is written; else everything that is wrong with it.
    fn checked(&self, names: &SignInNames) -> Result<Team, Vec<Problem>> {
        let mut problems = Vec::new();
        let name = TeamName::parse(&self.name).map_err(|problem| problems.push(("name".to_owned(), problem)));
        let countries = each(&self.countries, "countries", &mut problems, |code| {
            Country::from_typed(code).ok_or_else(|| TeamProblem::UnknownCountry(code.to_owned()))
        });
        let skills = each(&self.skills, "skills", &mut problems, |code| {
            Platform::from_code(code.trim()).ok_or_else(|| TeamProblem::UnknownSkill(code.to_owned()))
        });
        let members = each(&self.members, "members", &mut problems, |mail| {
            names.person(mail).ok_or_else(|| TeamProblem::UnknownMember(mail.to_owned()))
        });
        let (Ok(name), true) = (name, problems.is_empty()) else { return Err(problems) };
        let key = |problem: &TeamProblem| match problem {
            TeamProblem::NoCountry => "countries",
            TeamProblem::NoSkill => "skills",
            _ => "members",
        };
        let team = Team::new(name, &countries, &skills, members);
        team.map(|team| team.in_state(self.state))
            .map_err(|problem| vec![(key(&problem).to_owned(), problem)])
    }
}

impl Rules for TeamEntry {
    const SUBJECT: Subject = Subject::Teams;
    const HEAD: &'static str = HEAD;
    type Content = Team;

    fn versions(all: &Versions) -> &[EntryVersion<Team>] {
        &all.teams
    }

    fn from_version(version: &EntryVersion<Team>, among: &Versions) -> Self {
        Self::of(Some(version.id), Some(version.version), &version.content, &among.names)
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_teams(document, all)
    }
}

/// The values of a list; what is wrong with one goes into `problems` at its place.
fn each<T>(
    typed: &[String],
    key: &str,
    problems: &mut Vec<Problem>,
    read: impl Fn(&str) -> Result<T, TeamProblem>,
) -> Vec<T> {
    let mut values = Vec::with_capacity(typed.len());
    for (place, text) in typed.iter().enumerate() {
        match read(text) {
            Ok(value) => values.push(value),
            Err(problem) => problems.push((format!("{key}.{place}"), problem)),
        }
    }
    values
}

impl Draft for TeamDraft {
    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        recording: &'a Recording,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            let (id, recording) = numbered(tx, self.id, "teams", recording).await?;
            put_team(tx, TeamId(id), &self.team, &recording).await
        }
        .boxed()
    }
}

impl ChangePlan {
    /// Compares the teams of a file.
    pub(super) fn read_teams(&mut self, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        let Some(TeamsFile { team: read }) = self.read_document(document) else { return Ok(()) };
        let entries: Vec<TeamEntry> = entries(&self.base);
        let known = Names::known(&self.base.teams, &all.teams, self.effective_from);
        let given = Names::given(read.iter().map(|entry| (entry.id, entry.name.as_str())));
        let places = self.places(document, &known, &given);
        for (index, (entry, place)) in read.into_iter().zip(places).enumerate() {
            let before = match place {
                Place::Is(at) => Some(&entries[at]),
                Place::New => None,
                Place::Unknown => continue,
            };
            let team = match entry.checked(&all.names) {
                Ok(team) => team,
                Err(problems) => {
                    // The name was checked before.
                    let others = problems.into_iter().filter(|(key, _)| key != "name");
                    self.tell(document, index, others.map(|(key, problem)| (key, Reason::Team(problem))));
                    continue;
                }
            };
            let id = before.and_then(|before| before.id);
            let written = TeamEntry::of(id, entry.version, &team, &all.names);
            if self.compare(Subject::Teams, &written.name, id, before, &written, all)? {
                let newest = id.and_then(|id| all.newest(Subject::Teams, id));
                self.refuse_outdated(document, index, entry.version, newest);
                self.drafts.push(Box::new(TeamDraft { id, team }));
            }
        }
        Ok(())
    }
}

//! Who is at work now: the teams in force, and the schedule of each active member of the staff.

use std::collections::HashMap;

use domain::actor::{Action, Actor, PersonId, Subject, may};
use domain::calendar::Spans;
use domain::calendar::zone::Zone;
use domain::case::ServiceHoursRef;
use domain::country::Country;
use domain::priority::Platform;
use domain::time::{Instant, Span};
use domain::workforce::{AbsencePeriod, Availability, Presence, Schedule, TeamName, WorkWeek, WorkingHours};
use sqlx::{AnyConnection, Row};

use super::absences::{all_from, local_day};
use super::teams::{self, TeamOf};
use super::working_hours;
use crate::store::StoreError;
use crate::{Desk, DeskError};

const DAY_S: i64 = 24 * 3600;
/// How far ahead own windows are laid out, in seconds. A return from work off hours lies within it.
const AHEAD_S: i64 = 60 * DAY_S;

/// A member of the staff in the roster.
#[derive(Debug)]
struct Scheduled {
    zone: Zone,
    schedule: Schedule,
}

/// The roster at an instant.
#[derive(Debug)]
pub(crate) struct Roster {
    at: Instant,
    teams: Vec<TeamOf>,
    /// Active people with working hours or absences. Everybody else is at work at all times.
    scheduled: HashMap<PersonId, Scheduled>,
}

impl Roster {
    /// Reads the roster as it is at `at`.
    pub(crate) async fn read(
        desk: &Desk,
        connection: &mut AnyConnection,
        at: Instant,
    ) -> Result<Self, StoreError> {
        let centre = desk.brand().provider.zone;
        let teams = teams::in_force(connection, at).await?;
        let rows = sqlx::query("SELECT person_id, zone, calendar_id, windows, holidays FROM working_hours")
            .fetch_all(&mut *connection)
            .await?;
        let mut hours: HashMap<PersonId, WorkingHours> = HashMap::new();
        for row in &rows {
            hours.insert(PersonId(row.try_get(0)?), working_hours::read(row, 1)?);
        }
        // A day earlier than UTC: no local day of a person is before it.
        let first = local_day(at.plus(-2 * DAY_S), centre);
        let mut absences: HashMap<PersonId, Vec<AbsencePeriod>> = HashMap::new();
        for (person, period) in all_from(connection, first).await? {
            absences.entry(person).or_default().push(period);
        }
        let mut people: Vec<PersonId> = hours.keys().chain(absences.keys()).copied().collect();
        people.sort_unstable();
        people.dedup();
        let mut scheduled = HashMap::with_capacity(people.len());
        for person in people {
            let (set, absent) = (hours.remove(&person), absences.remove(&person).unwrap_or_default());
            let zone = set.as_ref().map_or(centre, |set| set.zone);
            let open = match set {
                Some(set) => laid_out(desk, connection, &set, at).await?,
                None => Spans::always(),
            };
            let absent = absent.into_iter().map(|period| period.span(zone)).collect();
            scheduled.insert(person, Scheduled { zone, schedule: Schedule::new(open, absent) });
        }
        Ok(Self { at, teams, scheduled })
    }

    /// Whether a person is at work.
    pub(crate) fn availability(&self, person: PersonId) -> Availability {
        let found = self.scheduled.get(&person);
        found.map_or(Availability::AtWork, |found| found.schedule.availability(self.at))
    }

    /// The same with the person's local time; `None` for one without working hours and absences.
    pub(crate) fn presence(&self, person: PersonId) -> Option<Presence> {
        let found = self.scheduled.get(&person)?;
        let around = Span::new(self.at.plus(-DAY_S), self.at.plus(400 * DAY_S));
        Some(Presence { availability: self.availability(person), zone: found.zone.view(around) })
    }

    /// A team of the person that works on such cases.
    pub(crate) fn team_of(
        &self,
        person: PersonId,
        country: Country,
        platform: Platform,
    ) -> Option<&TeamName> {
        let fits = |of: &&TeamOf| of.team.members().contains(&person) && of.team.fits(country, platform);
        self.teams.iter().find(fits).map(|of| &of.team.name)
    }

    /// Members at work of the teams that work on such cases, by id. They may have left the desk.
    pub(crate) fn members_at_work(&self, country: Country, platform: Platform) -> Vec<PersonId> {
        let fitting = self.teams.iter().filter(|of| of.team.fits(country, platform));
        let members = fitting.flat_map(|of| of.team.members()).copied();
        let mut members: Vec<PersonId> =
            members.filter(|person| self.availability(*person).is_at_work()).collect();
        members.sort_unstable();
        members.dedup();
        members
    }
}

/// The open spans of working hours around `at`.
async fn laid_out(
    desk: &Desk,
    connection: &mut AnyConnection,
    set: &WorkingHours,
    at: Instant,
) -> Result<Spans, StoreError> {
    let around = Span::new(at.plus(-DAY_S), at.plus(AHEAD_S));
    let wrong = |what: &dyn std::fmt::Display| StoreError::inconsistent("working_hours", what);
    match &set.week {
        WorkWeek::Own { .. } => {
            let spans = set.week.own_spans(set.zone, around).map_err(|error| wrong(&error))?;
            spans.ok_or_else(|| wrong(&"no windows"))
        }
        WorkWeek::Calendar(id) => {
            let version = working_hours::calendar_version(connection, *id, at).await?;
            let version = version.ok_or_else(|| wrong(&format!("calendar {} is missing", id.0)))?;
            let kept = ServiceHoursRef { calendar: *id, version, zone: set.zone.name().to_owned() };
            Ok(desk.hours_with(connection, &kept).await?.spans.window(around))
        }
    }
}

/// Whether a member of the staff is at work now; `None` for one without working hours and absences.
///
/// # Errors
/// See [`DeskError`].
pub async fn presence_of(
    desk: &Desk,
    actor: &Actor,
    person: PersonId,
) -> Result<Option<Presence>, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let roster = Roster::read(desk, &mut reader, desk.now()).await?;
    reader.done();
    Ok(roster.presence(person))
}

/// Every active member of the staff with whether they are at work now.
///
/// # Errors
/// See [`DeskError`].
pub async fn presences(desk: &Desk, actor: &Actor) -> Result<Vec<(PersonId, Availability)>, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let rows =
        sqlx::query("SELECT id FROM people WHERE active = 1 ORDER BY id").fetch_all(&mut *reader).await?;
    let roster = Roster::read(desk, &mut reader, desk.now()).await?;
    reader.done();
    let read = |row: &sqlx::any::AnyRow| -> Result<_, StoreError> {
        let person = PersonId(row.try_get(0)?);
        Ok((person, roster.availability(person)))
    };
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

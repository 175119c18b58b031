//! Use-cases: list what is set, read an entry as the fields of a form, and change it as a form says.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};
use domain::actor::{Action, Actor, Subject as Of, may};
use domain::calendar::layout::lay_out;
use domain::calendar::week::{Calendar, DAY_S};
use domain::calendar::zone::Zone;
use domain::country::Country;
use domain::priority::Priority;
use domain::sla_plan::SlaTargets;
use domain::time::{Instant, Span};

use super::apply::{Match, Request, apply_by};
use super::fields::{self, Fields};
use super::file::Subject;
use super::provider::PROVIDER_ID;
use super::report::SettingsReport;
use super::versions::Versions;
use crate::store::{StoreError, row};
use crate::{Desk, DeskError};

/// What is in force now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The calendars, in the order of their making.
    pub calendars: Vec<CalendarSummary>,
    /// The SLA plans, in the order of their making.
    pub plans: Vec<PlanSummary>,
}

/// A calendar in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarSummary {
    /// Its id, for the address of its page.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// Whose statutory holidays close it.
    pub observes: Option<Country>,
    /// Open seconds of a week without holidays.
    pub open_s: i64,
    /// Closures from today on.
    pub closures: usize,
    /// From when a change that is planned counts.
    pub planned: Option<Instant>,
    /// The plans that count in it.
    pub plans: Vec<String>,
}

/// An SLA plan in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSummary {
    /// Its id, for the address of its page.
    pub id: i64,
    /// What contracts are imported with.
    pub name: String,
    /// The name of its calendar.
    pub calendar: String,
    /// The targets of P1 to P4.
    pub targets: [SlaTargets; 4],
    /// Contracts under it.
    pub contracts: i64,
    /// From when a change that is planned counts.
    pub planned: Option<Instant>,
}

/// A day of a calendar's year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    /// The local day.
    pub date: NaiveDate,
    /// Open seconds of it.
    pub open_s: i64,
    /// The holiday or closure that shuts it, or a part of it.
    pub closed_for: Option<String>,
}

row! {
    struct ContractsRow {
        plan_id: i64,
        contracts: i64,
    }
}

/// Everything that is set, as lists show it.
///
/// # Errors
/// See [`DeskError`].
pub async fn overview(desk: &Desk, actor: &Actor) -> Result<Overview, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let now = desk.now();
    let mut reader = desk.store().reader().await?;
    let all = Versions::read(&mut reader).await?;
    let rows: Vec<ContractsRow> =
        sqlx::query_as("SELECT plan_id, COUNT(*) AS contracts FROM contracts GROUP BY plan_id")
            .fetch_all(&mut *reader)
            .await?;
    reader.done();
    let contracts: HashMap<i64, i64> = rows.into_iter().map(|row| (row.plan_id, row.contracts)).collect();
    let current = all.in_force(now);
    let today = local_day(now)?;
    let calendars = current.calendars.iter().map(|version| {
        let calendar = &version.calendar;
        let plans = current.plans.iter().filter(|plan| plan.calendar == calendar.id.0);
        CalendarSummary {
            id: calendar.id.0,
            name: calendar.name().to_owned(),
            observes: calendar.observes,
            open_s: week_s(calendar),
            closures: calendar.closures().iter().filter(|closure| closure.date >= today).count(),
            planned: all.planned_from(Subject::Calendars, calendar.id.0, now),
            plans: plans.map(|plan| plan.name.clone()).collect(),
        }
    });
    let plans = current.plans.iter().map(|version| PlanSummary {
        id: version.id,
        name: version.name.clone(),
        calendar: current.calendar_name(version.calendar).to_owned(),
        targets: Priority::ALL.map(|priority| *version.terms.targets(priority)),
        contracts: contracts.get(&version.id).copied().unwrap_or_default(),
        planned: all.planned_from(Subject::Plans, version.id, now),
    });
    Ok(Overview { calendars: calendars.collect(), plans: plans.collect() })
}

/// From when a change of the provider counts that is planned.
///
/// # Errors
/// See [`DeskError`].
pub async fn planned_provider(desk: &Desk, actor: &Actor) -> Result<Option<Instant>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let all = Versions::read(&mut reader).await?;
    reader.done();
    Ok(all.planned_from(Subject::Provider, PROVIDER_ID, desk.now()))
}

/// One entry as the fields of a form, as in force at `at`.
///
/// # Errors
/// [`DeskError::NotFound`] when nothing of this id was in force then. See [`DeskError`].
pub async fn entry(
    desk: &Desk,
    actor: &Actor,
    subject: Subject,
    id: i64,
    at: Instant,
) -> Result<Fields, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let all = Versions::read(&mut reader).await?;
    reader.done();
    let then = all.in_force(at);
    let found = match subject {
        Subject::Calendars => {
            let entry = then.calendar_entries().into_iter().find(|entry| entry.id == Some(id));
            entry.map(|entry| fields::of_entry(&entry))
        }
        Subject::Plans => {
            let entry = then.plan_entries().into_iter().find(|entry| entry.id == Some(id));
            entry.map(|entry| fields::of_entry(&entry))
        }
        Subject::Provider => {
            let entry = then.provider_entry().filter(|_| id == PROVIDER_ID);
            entry.map(|entry| fields::of_entry(&entry))
        }
    };
    let mut found = found.ok_or(DeskError::NotFound)??;
    // An earlier state is taken up again as a change of the newest version.
    if let Some(version) = all.newest(subject, id) {
        found.insert("version".to_owned(), version.to_string());
    }
    Ok(found)
}

/// Compares the entry that a form describes with what is in force, and writes it if `request` says so. Fields without an
/// `id` are a new entry. Gives the fields back as they were read: rows without text are gone.
///
/// # Errors
/// See [`DeskError`]. What is wrong with the fields is no error: the report says it, by [`super::FileProblem::field`].
pub async fn change_entry(
    desk: &Desk,
    actor: &Actor,
    subject: Subject,
    mut fields: Fields,
    request: Request,
) -> Result<(Fields, SettingsReport), DeskError> {
    let file = fields::file(subject, &mut fields)?;
    let report = apply_by(desk, actor, vec![file], request, Match::Id).await?;
    Ok((fields, report))
}

/// Every day of a year of a calendar, as in force now.
///
/// # Errors
/// [`DeskError::NotFound`] when there is no such calendar, or no such year. See [`DeskError`].
pub async fn calendar_year(
    desk: &Desk,
    actor: &Actor,
    id: i64,
    year: i32,
) -> Result<Vec<CalendarDay>, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let current = Versions::read(&mut reader).await?.in_force(desk.now());
    reader.done();
    let found = current.calendars.iter().find(|version| version.calendar.id.0 == id);
    let calendar = &found.ok_or(DeskError::NotFound)?.calendar;
    let first = NaiveDate::from_ymd_opt(year, 1, 1).ok_or(DeskError::NotFound)?;
    let days = first.iter_days().take_while(|day| day.year() == year);
    // Laid out where no clock is ever set: a local day is a day.
    let zone = Zone::parse("Etc/UTC").map_err(|error| StoreError::inconsistent("calendars", error))?;
    let spans = lay_out(calendar, zone, Span::new(midnight(first), midnight(first + Days::new(366))));
    Ok(days
        .map(|date| {
            let day = Span::new(midnight(date), midnight(date).plus(i64::from(DAY_S)));
            let named = spans.named().iter().find(|closure| !closure.span.intersect(day).is_empty());
            CalendarDay {
                date,
                open_s: spans.open_seconds(day),
                closed_for: named.map(|closure| closure.name.clone()),
            }
        })
        .collect())
}

fn week_s(calendar: &Calendar) -> i64 {
    // A window across midnight stands there as two.
    calendar.hours.windows().map(|window| i64::from(window.closes_s) - i64::from(window.opens_s)).sum()
}

fn midnight(date: NaiveDate) -> Instant {
    Instant(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp())
}

fn local_day(at: Instant) -> Result<NaiveDate, StoreError> {
    let moment = chrono::DateTime::from_timestamp(at.0, 0);
    moment.map(|at| at.date_naive()).ok_or_else(|| StoreError::inconsistent("clock", at.0))
}

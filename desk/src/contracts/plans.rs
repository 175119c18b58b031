//! Plans and the calendars they count in. Both are versioned and never overwritten: a case keeps the versions it was
//! opened under.

use chrono::Weekday;
use domain::calendar::week::{Calendar, CalendarId, Closure, WeekHours, Window};
use domain::country::Country;
use domain::i18n::Language;
use domain::sla_plan::SlaPlan;
use domain::t;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::store::take_numbers;
use crate::store::{StoreError, Tx};

const HOUR_S: u32 = 3600;
const WORKDAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

/// Names a plan among all plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PlanId(pub(crate) i64);

/// A calendar to be written, as its next version.
#[derive(Debug, Clone)]
pub(crate) struct NewCalendar {
    pub(crate) name: String,
    pub(crate) hours: WeekHours,
    /// Whose holidays close it; `None` when it is open on holidays.
    pub(crate) observes: Option<Country>,
    pub(crate) closures: Vec<Closure>,
}

/// A plan to be written, as its next version.
#[derive(Debug, Clone)]
pub(crate) struct NewPlan {
    pub(crate) name: String,
    pub(crate) terms: SlaPlan,
    pub(crate) calendar: CalendarId,
}

/// Monday to Friday from 8 to 12 and from 13 to 17: eight hours and a lunch break.
pub(crate) fn eight_by_five() -> Result<WeekHours, StoreError> {
    workdays(&[(8, 12), (13, 17)], &WORKDAYS)
}

/// The same windows, in hours of wall time, on each of `days`.
pub(crate) fn workdays(windows: &[(u32, u32)], days: &[Weekday]) -> Result<WeekHours, StoreError> {
    let window = |weekday: Weekday, &(from, to): &(u32, u32)| Window {
        weekday,
        opens_s: from * HOUR_S,
        closes_s: to * HOUR_S,
    };
    let windows: Vec<_> =
        days.iter().flat_map(|day| windows.iter().map(move |hours| window(*day, hours))).collect();
    WeekHours::new(&windows).map_err(|error| StoreError::inconsistent("calendars", error))
}

/// Writes the next version of calendar `id` (the first, when there is none); it counts for cases that are opened from
/// `effective_from` on.
pub(crate) async fn put_calendar(
    tx: &mut Tx,
    id: CalendarId,
    calendar: NewCalendar,
    effective_from: Instant,
) -> Result<(), StoreError> {
    let NewCalendar { name, hours, observes, closures } = calendar;
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) + 1 AS next FROM calendars WHERE id = $1")
        .bind(id.0)
        .fetch_one(tx.connection())
        .await?;
    let version: i64 = row.try_get("next")?;
    let refused = |error: &dyn std::fmt::Display| StoreError::inconsistent("calendars", error);
    let number = u32::try_from(version).map_err(|error| refused(&error))?;
    let calendar =
        Calendar::new(id, number, &name, hours, observes, closures).map_err(|error| refused(&error))?;
    let document = serde_json::to_string(&calendar).map_err(|error| refused(&error))?;
    sqlx::query(
        "INSERT INTO calendars (id, version, name, document, effective_from_utc_s) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id.0)
    .bind(version)
    .bind(calendar.name())
    .bind(document)
    .bind(effective_from.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Writes the next version of plan `id` (the first, when there is none); it counts for cases that are opened from
/// `effective_from` on.
pub(crate) async fn put_plan(
    tx: &mut Tx,
    id: PlanId,
    plan: NewPlan,
    effective_from: Instant,
) -> Result<(), StoreError> {
    let terms =
        serde_json::to_string(&plan.terms).map_err(|error| StoreError::inconsistent("plans", error))?;
    sqlx::query(
        "INSERT INTO plans (id, version, name, terms, calendar_id, effective_from_utc_s)
         SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4, $5 FROM plans WHERE id = $1",
    )
    .bind(id.0)
    .bind(plan.name.trim())
    .bind(terms)
    .bind(plan.calendar.0)
    .bind(effective_from.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Writes a new plan with a calendar of its own, in force since ever.
pub(crate) async fn add_plan(
    tx: &mut Tx,
    name: &str,
    terms: SlaPlan,
    calendar: NewCalendar,
) -> Result<PlanId, StoreError> {
    let calendar_id = CalendarId(take_numbers(tx, "calendars", 1).await?);
    let id = PlanId(take_numbers(tx, "plans", 1).await?);
    put_calendar(tx, calendar_id, calendar, Instant(0)).await?;
    put_plan(tx, id, NewPlan { name: name.to_owned(), terms, calendar: calendar_id }, Instant(0)).await?;
    Ok(id)
}

/// All plans under the names of their latest versions.
pub(crate) async fn plan_names(connection: &mut AnyConnection) -> Result<Vec<(PlanId, String)>, StoreError> {
    let rows = sqlx::query(
        "SELECT p.id, p.name FROM plans p
         WHERE p.version = (SELECT MAX(q.version) FROM plans q WHERE q.id = p.id) ORDER BY p.id",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((PlanId(row.try_get(0)?), row.try_get(1)?))).collect()
}

/// Sees to it that every country has its standing plan: the letter's promise in eight hours on five days, holidays
/// observed. What a case of an unregistered contract is promised. A plan that is there gets a next version when the default
/// counts a later one.
///
/// # Errors
/// When the database cannot be used.
pub async fn ensure_standing(desk: &Desk) -> Result<(), StoreError> {
    let now = desk.now();
    desk.store().write(move |tx| Box::pin(async move { write_standing(tx, now).await })).await
}

async fn write_standing(tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    // Other plans are numbered from 4 on.
    sqlx::query(
        "INSERT INTO sequences (name, value) VALUES ('plans', $1), ('calendars', $1) ON CONFLICT (name) DO NOTHING",
    )
    .bind(Country::ALL.map(Country::default_plan).into_iter().max().unwrap_or_default())
    .execute(tx.connection())
    .await?;
    for country in Country::ALL {
        let id = PlanId(country.default_plan());
        // Names are data, for the staff to change: the desk's first language will do.
        let name = |key: &str| {
            let country = t!(Language::default(), country.name_key());
            t!(Language::default(), key, country = country)
        };
        let calendar = CalendarId(id.0);
        let plan = NewPlan { name: name("plan.standing"), terms: SlaPlan::default(), calendar };
        match latest(tx.connection(), id).await? {
            Some((_, held)) if held.version() >= plan.terms.version() => {}
            Some((name, _)) => put_plan(tx, id, NewPlan { name, ..plan }, now).await?,
            None => {
                let new = NewCalendar {
                    name: name("plan.standing_calendar"),
                    hours: eight_by_five()?,
                    observes: Some(country),
                    closures: Vec::new(),
                };
                put_calendar(tx, calendar, new, Instant(0)).await?;
                put_plan(tx, id, plan, Instant(0)).await?;
            }
        }
    }
    Ok(())
}

/// Name and terms of a plan's latest version.
async fn latest(connection: &mut AnyConnection, id: PlanId) -> Result<Option<(String, SlaPlan)>, StoreError> {
    let row = sqlx::query("SELECT name, terms FROM plans WHERE id = $1 ORDER BY version DESC LIMIT 1")
        .bind(id.0)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let terms: String = row.try_get(1)?;
    let terms = serde_json::from_str(&terms).map_err(|error| StoreError::inconsistent("plans", error))?;
    Ok(Some((row.try_get(0)?, terms)))
}

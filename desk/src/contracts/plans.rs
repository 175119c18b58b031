//! Plans and their calendars. Both are versioned and never overwritten: a case keeps the versions of its opening.

use chrono::{NaiveDate, Weekday};
use domain::calendar::week::{Calendar, CalendarId, Closure, WeekHours, Window};
use domain::case::Author;
use domain::country::Country;
use domain::i18n::Language;
use domain::sla_plan::{PlanStatus, SlaPlan};
use domain::t;
use domain::text::legible;
use domain::time::Instant;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::store::take_numbers;
use crate::store::{StoreError, Tx};

const HOUR_S: u32 = 3600;
const WORKDAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

/// Id of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PlanId(pub(crate) i64);

/// The next version of a calendar.
#[derive(Debug, Clone)]
pub(crate) struct NewCalendar {
    pub(crate) name: String,
    pub(crate) hours: WeekHours,
    /// The country whose holidays it observes; `None` when it is open on holidays.
    pub(crate) observes: Option<Country>,
    pub(crate) closures: Vec<Closure>,
    /// The local dates of holidays on which it is open.
    pub(crate) worked_holidays: Vec<NaiveDate>,
}

impl NewCalendar {
    /// The calendar as one of its versions.
    pub(crate) fn version(&self, id: CalendarId, version: u32) -> Result<Calendar, StoreError> {
        let Self { name, hours, observes, closures, worked_holidays } = self.clone();
        Calendar::new(id, version, &name, hours, observes, closures)
            .and_then(|calendar| calendar.with_worked_holidays(worked_holidays))
            .map_err(|error| StoreError::inconsistent("calendars", error))
    }
}

/// The next version of a plan.
#[derive(Debug, Clone)]
pub(crate) struct NewPlan {
    pub(crate) name: String,
    pub(crate) terms: SlaPlan,
    pub(crate) calendar: CalendarId,
    pub(crate) status: PlanStatus,
}

/// When a version takes effect for new cases, and its author.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) effective_from: Instant,
    /// Time and author; `None` for the versions of the desk's first start.
    pub(crate) written: Option<(Instant, Author)>,
}

impl Recording {
    /// In effect for all times, without an author.
    pub(crate) const SINCE_EVER: Self = Self { effective_from: Instant(0), written: None };

    /// The same for a first version: it also applies to cases that were opened earlier and are corrected to it.
    pub(crate) fn since_ever(&self) -> Self {
        Self { effective_from: Instant(0), ..self.clone() }
    }

    /// The columns of time and author.
    pub(crate) fn columns(&self) -> Result<(Option<i64>, Option<String>), StoreError> {
        let Some((at, by)) = &self.written else { return Ok((None, None)) };
        let by = serde_json::to_string(by).map_err(|error| StoreError::inconsistent("plans", error))?;
        Ok((Some(at.0), Some(by)))
    }
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

/// Writes the next version of calendar `id` (the first, when there is none).
pub(crate) async fn put_calendar(
    tx: &mut Tx,
    id: CalendarId,
    calendar: NewCalendar,
    recording: &Recording,
) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) + 1 AS next FROM calendars WHERE id = $1")
        .bind(id.0)
        .fetch_one(tx.connection())
        .await?;
    let version: i64 = row.try_get("next")?;
    let refused = |error: &dyn std::fmt::Display| StoreError::inconsistent("calendars", error);
    let number = u32::try_from(version).map_err(|error| refused(&error))?;
    let calendar = calendar.version(id, number)?;
    let document = serde_json::to_string(&calendar).map_err(|error| refused(&error))?;
    let (recorded_at, recorded_by) = recording.columns()?;
    sqlx::query(
        "INSERT INTO calendars (id, version, name, document, effective_from_utc_s, recorded_at_utc_s, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id.0)
    .bind(version)
    .bind(calendar.name())
    .bind(document)
    .bind(recording.effective_from.0)
    .bind(recorded_at)
    .bind(recorded_by)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Writes the next version of plan `id` (the first, when there is none).
pub(crate) async fn put_plan(
    tx: &mut Tx,
    id: PlanId,
    plan: NewPlan,
    recording: &Recording,
) -> Result<(), StoreError> {
    let terms =
        serde_json::to_string(&plan.terms).map_err(|error| StoreError::inconsistent("plans", error))?;
    let (recorded_at, recorded_by) = recording.columns()?;
    sqlx::query(
        "INSERT INTO plans (id, version, name, terms, calendar_id, status, effective_from_utc_s, recorded_at_utc_s,
                            recorded_by)
         SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM plans WHERE id = $1",
    )
    .bind(id.0)
    .bind(plan.name)
    .bind(terms)
    .bind(plan.calendar.0)
    .bind(plan.status.code())
    .bind(recording.effective_from.0)
    .bind(recorded_at)
    .bind(recorded_by)
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
    put_calendar(tx, calendar_id, calendar, &Recording::SINCE_EVER).await?;
    let plan = NewPlan { name: name.to_owned(), terms, calendar: calendar_id, status: PlanStatus::Active };
    put_plan(tx, id, plan, &Recording::SINCE_EVER).await?;
    Ok(id)
}

/// A name as it is compared: on one line, words separated by single spaces.
pub(crate) fn legible_name(typed: &str) -> String {
    legible(typed).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A plan as contracts are registered with it.
#[derive(Debug, Clone)]
pub(crate) struct KnownPlan {
    pub(crate) id: PlanId,
    pub(crate) name: String,
    pub(crate) status: PlanStatus,
}

/// All plans, with name and status at `now`.
pub(crate) async fn known_plans(
    connection: &mut AnyConnection,
    now: Instant,
) -> Result<Vec<KnownPlan>, StoreError> {
    let rows = sqlx::query(
        "SELECT p.id, p.name, p.status FROM plans p
         WHERE p.version = (SELECT MAX(q.version) FROM plans q
                            WHERE q.id = p.id AND q.effective_from_utc_s <= $1)
         ORDER BY p.id",
    )
    .bind(now.0)
    .fetch_all(connection)
    .await?;
    let read = |row: &AnyRow| {
        let (id, name, status) = (PlanId(row.try_get(0)?), row.try_get(1)?, row.try_get(2)?);
        Ok(KnownPlan { id, name, status: read_status(status)? })
    };
    rows.iter().map(read).collect()
}

/// A plan's status from its column.
pub(crate) fn read_status(code: &str) -> Result<PlanStatus, StoreError> {
    PlanStatus::from_code(code).ok_or_else(|| StoreError::inconsistent("plans", code))
}

/// The names of the plans that any contract can choose.
pub(crate) fn choices(plans: &[KnownPlan]) -> Vec<String> {
    let offered = plans.iter().filter(|plan| plan.status == PlanStatus::Active);
    offered.map(|plan| plan.name.clone()).collect()
}

/// Writes the default plan of every country that lacks it: the letter's targets, eight hours on five days, holidays
/// observed. It applies to cases without a registered contract. An existing plan gets the default's later version,
/// unless a person has changed it.
///
/// # Errors
/// When the database cannot be used.
pub async fn ensure_default_plans(desk: &Desk) -> Result<(), StoreError> {
    let now = desk.now();
    desk.store().write(move |tx| Box::pin(async move { write_default_plans(tx, now).await })).await
}

async fn write_default_plans(tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    // Other plans are numbered from 4 on.
    sqlx::query(
        "INSERT INTO sequences (name, value) VALUES ('plans', $1), ('calendars', $1) ON CONFLICT (name) DO NOTHING",
    )
    .bind(Country::ALL.map(Country::default_plan).into_iter().max().unwrap_or_default())
    .execute(tx.connection())
    .await?;
    for country in Country::ALL {
        let id = PlanId(country.default_plan());
        // Names are data for the staff to change, so the desk's first language serves.
        let name = |key: &str| {
            let country = t!(Language::default(), country.name_key());
            t!(Language::default(), key, country = country)
        };
        let calendar = CalendarId(id.0);
        let plan = NewPlan {
            name: name("plan.standing"),
            terms: SlaPlan::default(),
            calendar,
            status: PlanStatus::Active,
        };
        match latest(tx.connection(), id).await? {
            None => {
                let new = NewCalendar {
                    name: name("plan.standing_calendar"),
                    hours: eight_by_five()?,
                    observes: Some(country),
                    closures: Vec::new(),
                    worked_holidays: Vec::new(),
                };
                put_calendar(tx, calendar, new, &Recording::SINCE_EVER).await?;
                put_plan(tx, id, plan, &Recording::SINCE_EVER).await?;
            }
            Some(held) if held.is_default() && held.terms.version() < plan.terms.version() => {
                let recording = Recording { effective_from: now, written: None };
                put_plan(tx, id, NewPlan { name: held.name, ..plan }, &recording).await?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The latest version of a plan.
struct Latest {
    name: String,
    terms: SlaPlan,
    recorded_by: Option<String>,
}

impl Latest {
    /// Whether no person has changed it: the desk's own versions have no author.
    const fn is_default(&self) -> bool {
        self.recorded_by.is_none()
    }
}

async fn latest(connection: &mut AnyConnection, id: PlanId) -> Result<Option<Latest>, StoreError> {
    let row =
        sqlx::query("SELECT name, terms, recorded_by FROM plans WHERE id = $1 ORDER BY version DESC LIMIT 1")
            .bind(id.0)
            .fetch_optional(connection)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let terms: String = row.try_get(1)?;
    let terms = serde_json::from_str(&terms).map_err(|error| StoreError::inconsistent("plans", error))?;
    Ok(Some(Latest { name: row.try_get(0)?, terms, recorded_by: row.try_get(2)? }))
}

//! Versions of calendars and plans in the database.

use domain::calendar::week::Calendar;
use domain::case::Author;
use domain::provider::Provider;
use domain::sla_plan::SlaPlan;
use domain::time::Instant;
use sqlx::AnyConnection;

use super::calendars::CalendarEntry;
use super::file::Subject;
use super::plans::PlanEntry;
use super::provider::{PROVIDER_ID, ProviderEntry};
use crate::provider::{read_document, standing};
use crate::store::{StoreError, row};

row! {
    struct CalendarRow {
        document: String,
        effective_from_utc_s: i64,
        recorded_at_utc_s: Option<i64>,
        recorded_by: Option<String>,
    }
}

row! {
    struct PlanRow {
        id: i64,
        version: i64,
        name: String,
        terms: String,
        calendar_id: i64,
        effective_from_utc_s: i64,
        recorded_at_utc_s: Option<i64>,
        recorded_by: Option<String>,
    }
}

row! {
    struct ProviderRow {
        version: i64,
        document: String,
        effective_from_utc_s: i64,
        recorded_at_utc_s: Option<i64>,
        recorded_by: Option<String>,
    }
}

/// Time, author and effective time of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) effective_from: Instant,
    /// `None` for a version of the desk's first start.
    pub(super) recorded: Option<(Instant, Author)>,
}

impl Stamp {
    fn read(effective_from_utc_s: i64, at: Option<i64>, by: Option<String>) -> Result<Self, StoreError> {
        let recorded = at.zip(by).map(|(at, by)| {
            let by = serde_json::from_str(&by).map_err(|error| StoreError::inconsistent("plans", error))?;
            Ok::<_, StoreError>((Instant(at), by))
        });
        Ok(Self { effective_from: Instant(effective_from_utc_s), recorded: recorded.transpose()? })
    }
}

/// A version of a calendar.
#[derive(Debug, Clone)]
pub(super) struct CalendarVersion {
    pub(super) calendar: Calendar,
    pub(super) stamp: Stamp,
}

/// A version of a plan.
#[derive(Debug, Clone)]
pub(super) struct PlanVersion {
    pub(super) id: i64,
    pub(super) version: i64,
    pub(super) name: String,
    pub(super) terms: SlaPlan,
    pub(super) calendar: i64,
    pub(super) stamp: Stamp,
}

/// A version of the provider.
#[derive(Debug, Clone)]
pub(super) struct ProviderVersion {
    pub(super) version: i64,
    pub(super) provider: Provider,
    pub(super) stamp: Stamp,
}

/// All versions, those of one id in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions {
    pub(super) calendars: Vec<CalendarVersion>,
    pub(super) plans: Vec<PlanVersion>,
    /// The standing values come first, as version 0, which is in no table.
    pub(super) provider: Vec<ProviderVersion>,
}

impl Versions {
    /// Reads all versions: some hundreds at most.
    pub(super) async fn read(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let calendars: Vec<CalendarRow> = sqlx::query_as(
            "SELECT document, effective_from_utc_s, recorded_at_utc_s, recorded_by
             FROM calendars ORDER BY id, version",
        )
        .fetch_all(&mut *connection)
        .await?;
        let plans: Vec<PlanRow> = sqlx::query_as(
            "SELECT id, version, name, terms, calendar_id, effective_from_utc_s, recorded_at_utc_s, recorded_by
             FROM plans ORDER BY id, version",
        )
        .fetch_all(&mut *connection)
        .await?;
        let provider: Vec<ProviderRow> = sqlx::query_as(
            "SELECT version, document, effective_from_utc_s, recorded_at_utc_s, recorded_by
             FROM provider ORDER BY version",
        )
        .fetch_all(connection)
        .await?;
        let provider = provider.into_iter().map(ProviderVersion::read);
        Ok(Self {
            calendars: calendars.into_iter().map(CalendarVersion::read).collect::<Result<_, _>>()?,
            plans: plans.into_iter().map(PlanVersion::read).collect::<Result<_, _>>()?,
            provider: std::iter::once(ProviderVersion::standing())
                .chain(provider)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The versions in force at `at`: of each id the latest one that has taken effect, as the register picks it.
    pub(super) fn in_force(&self, at: Instant) -> Self {
        let calendars = self.calendars.iter().filter(|version| version.stamp.effective_from <= at);
        let plans = self.plans.iter().filter(|version| version.stamp.effective_from <= at);
        let provider = self.provider.iter().filter(|version| version.stamp.effective_from <= at);
        Self {
            calendars: last_of_each(calendars, |version| version.calendar.id.0),
            plans: last_of_each(plans, |version| version.id),
            provider: last_of_each(provider, |_| PROVIDER_ID),
        }
    }

    /// The calendars as entries of a file.
    pub(super) fn calendar_entries(&self) -> Vec<CalendarEntry> {
        self.calendars.iter().map(|version| CalendarEntry::from(&version.calendar)).collect()
    }

    /// The plans as entries of a file.
    pub(super) fn plan_entries(&self) -> Vec<PlanEntry> {
        self.plans.iter().map(|version| self.plan_entry(version)).collect()
    }

    /// The provider as a file: its last version here.
    pub(super) fn provider_entry(&self) -> Option<ProviderEntry> {
        self.provider.last().map(|version| ProviderEntry::of(version.version, &version.provider))
    }

    /// A plan as an entry of a file, with its calendar's name among these versions.
    pub(super) fn plan_entry(&self, version: &PlanVersion) -> PlanEntry {
        PlanEntry::of(
            (version.id, version.version),
            &version.name,
            self.calendar_name(version.calendar),
            &version.terms,
        )
    }

    /// The name of a calendar in its last version here; empty for an unknown id.
    pub(super) fn calendar_name(&self, id: i64) -> &str {
        let found = self.calendars.iter().rev().find(|version| version.calendar.id.0 == id);
        found.map_or("", |version| version.calendar.name())
    }

    /// Names that calendars will have after `at`, by id.
    pub(super) fn planned_calendars(&self, at: Instant) -> Vec<(i64, String)> {
        let planned = self.calendars.iter().filter(|version| version.stamp.effective_from > at);
        planned.map(|version| (version.calendar.id.0, version.calendar.name().to_owned())).collect()
    }

    /// Names that plans will have after `at`, by id.
    pub(super) fn planned_plans(&self, at: Instant) -> Vec<(i64, String)> {
        let planned = self.plans.iter().filter(|version| version.stamp.effective_from > at);
        planned.map(|version| (version.id, version.name.clone())).collect()
    }

    /// The number of the newest version, also of one that is planned.
    pub(super) fn newest(&self, subject: Subject, id: i64) -> Option<i64> {
        match subject {
            Subject::Calendars => {
                let of_id = self.calendars.iter().filter(|version| version.calendar.id.0 == id);
                of_id.map(|version| version.calendar.version.into()).max()
            }
            Subject::Plans => {
                self.plans.iter().filter(|version| version.id == id).map(|version| version.version).max()
            }
            Subject::Provider => self.provider.last().map(|version| version.version),
        }
    }

    /// From when the next version of `subject` with this id counts that does not count at `at` yet. A version that is older
    /// than the one in force will never count.
    pub(super) fn planned_from(&self, subject: Subject, id: i64, at: Instant) -> Option<Instant> {
        let in_force = self.in_force(at).newest(subject, id).unwrap_or(i64::MIN);
        let counts: Vec<(i64, Instant)> = match subject {
            Subject::Calendars => {
                let of_id = self.calendars.iter().filter(|version| version.calendar.id.0 == id);
                of_id.map(|it| (it.calendar.version.into(), it.stamp.effective_from)).collect()
            }
            Subject::Plans => {
                let of_id = self.plans.iter().filter(|version| version.id == id);
                of_id.map(|it| (it.version, it.stamp.effective_from)).collect()
            }
            Subject::Provider => {
                self.provider.iter().map(|it| (it.version, it.stamp.effective_from)).collect()
            }
        };
        let later = counts.into_iter().filter(|(version, from)| *version > in_force && *from > at);
        later.map(|(_, from)| from).min()
    }
}

impl CalendarVersion {
    fn read(row: CalendarRow) -> Result<Self, StoreError> {
        let calendar = serde_json::from_str(&row.document)
            .map_err(|error| StoreError::inconsistent("calendars", error))?;
        let stamp = Stamp::read(row.effective_from_utc_s, row.recorded_at_utc_s, row.recorded_by)?;
        Ok(Self { calendar, stamp })
    }
}

impl PlanVersion {
    fn read(row: PlanRow) -> Result<Self, StoreError> {
        let terms =
            serde_json::from_str(&row.terms).map_err(|error| StoreError::inconsistent("plans", error))?;
        let stamp = Stamp::read(row.effective_from_utc_s, row.recorded_at_utc_s, row.recorded_by)?;
        Ok(Self { id: row.id, version: row.version, name: row.name, terms, calendar: row.calendar_id, stamp })
    }
}

impl ProviderVersion {
    /// What counts before anything is set.
    fn standing() -> Result<Self, StoreError> {
        let stamp = Stamp { effective_from: Instant(0), recorded: None };
        Ok(Self { version: 0, provider: standing()?, stamp })
    }

    fn read(row: ProviderRow) -> Result<Self, StoreError> {
        let provider = read_document(&row.document)?;
        let stamp = Stamp::read(row.effective_from_utc_s, row.recorded_at_utc_s, row.recorded_by)?;
        Ok(Self { version: row.version, provider, stamp })
    }
}

/// The last version of each id.
fn last_of_each<'v, V: Clone + 'v>(versions: impl Iterator<Item = &'v V>, id: impl Fn(&V) -> i64) -> Vec<V> {
    let mut last: Vec<V> = Vec::new();
    for version in versions {
        match last.last_mut() {
            Some(before) if id(before) == id(version) => *before = version.clone(),
            _ => last.push(version.clone()),
        }
    }
    last
}

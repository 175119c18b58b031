//! The preview of changed settings for open cases. It changes nothing: open cases keep their versions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::calendar::ServiceHours;
use domain::calendar::format::{DurationStyle, duration};
use domain::calendar::week::{Calendar, CalendarId};
use domain::calendar::zone::Zone;
use domain::case::what_if::{impact, restated};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::Entitlement;
use domain::i18n::Language;
use domain::sla_plan::SlaPlan;
use domain::t;
use sqlx::AnyConnection;

use super::apply::{CalendarDraft, Drafts};
use super::plan_changes::PlanDraft;
use crate::contracts::service_hours::around;
use crate::events::{fold, histories};
use crate::store::{StoreError, row};
use crate::{Desk, DeskError};

/// What changes would mean for open cases, in seconds of the day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preview {
    /// Number of open cases whose plan or calendar changes.
    pub reached: usize,
    /// Of them, those with a target that would be due earlier.
    pub sooner: usize,
    /// The largest such shift in seconds.
    pub sooner_most_s: i64,
    /// Of them, those with a target that would be due later.
    pub later: usize,
    /// The largest such shift in seconds.
    pub later_most_s: i64,
    /// Of them, those with a target that would be breached and is not.
    pub breached: usize,
}

impl Preview {
    /// The figures on one line in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let long = |seconds| duration(language, seconds, DurationStyle::Words);
        t!(
            language,
            "settings.preview",
            reached = self.reached,
            sooner = self.sooner,
            sooner_most = long(self.sooner_most_s),
            later = self.later,
            later_most = long(self.later_most_s),
            breached = self.breached
        )
    }
}

/// Number of histories in memory at once.
const CASES_AT_ONCE: usize = 500;

/// A plan after the change.
struct Changed {
    terms: SlaPlan,
    calendar: Calendar,
}

row! {
    struct OpenRow {
        number: String,
        country: String,
        coverage: String,
        plan_id: Option<i64>,
    }
}

/// Computes the preview of `drafts` for all open cases.
pub(super) async fn preview(desk: &Desk, drafts: &Drafts<'_>) -> Result<Preview, DeskError> {
    let changed = changed_plans(drafts)?;
    let mut preview = Preview::default();
    if changed.is_empty() {
        return Ok(preview);
    }
    let now = desk.now();
    let mut laid: HashMap<(i64, String), ServiceHours> = HashMap::new();
    let mut reader = desk.store().reader().await?;
    let reached = reached(&mut reader, &changed).await?;
    let plans: HashMap<CaseNumber, i64> = reached.iter().copied().collect();
    let numbers: Vec<CaseNumber> = reached.into_iter().map(|(number, _)| number).collect();
    for some in numbers.chunks(CASES_AT_ONCE) {
        for (number, history) in histories(&mut reader, some).await? {
            let Some((plan, of_plan)) = plans.get(&number).and_then(|plan| Some((*plan, changed.get(plan)?)))
            else {
                continue;
            };
            let case = fold(&history)?;
            let kept = &case.opening.hours;
            let would = restated(&history, &of_plan.terms, kept)
                .map_err(|error| StoreError::inconsistent("case_events", error))?;
            let before = desk.hours_with(&mut reader, kept).await?;
            let after = match laid.entry((plan, kept.zone.clone())) {
                Entry::Occupied(hours) => hours.into_mut(),
                Entry::Vacant(first) => {
                    let zone =
                        Zone::parse(&kept.zone).map_err(|error| StoreError::inconsistent("cases", error))?;
                    first.insert(around(now, &of_plan.calendar, zone))
                }
            };
            preview.count(impact((&case, &before.spans), (&would, &after.spans), now));
        }
    }
    reader.done();
    Ok(preview)
}

impl Preview {
    fn count(&mut self, impact: domain::case::what_if::CaseImpact) {
        self.reached += 1;
        self.sooner += usize::from(impact.sooner_s.is_some());
        self.sooner_most_s = self.sooner_most_s.max(impact.sooner_s.unwrap_or(0));
        self.later += usize::from(impact.later_s.is_some());
        self.later_most_s = self.later_most_s.max(impact.later_s.unwrap_or(0));
        self.breached += usize::from(impact.breaches);
    }
}

/// Plans whose terms or calendar change.
fn changed_plans(drafts: &Drafts<'_>) -> Result<HashMap<i64, Changed>, StoreError> {
    let Drafts { base, calendars, plans } = drafts;
    let draft_of = |id: i64| calendars.iter().find(|draft| draft.id == Some(id));
    let calendar = |id: i64| -> Result<Calendar, StoreError> {
        if let Some(CalendarDraft { calendar, .. }) = draft_of(id) {
            return calendar.version(CalendarId(id), 0);
        }
        let found = base.calendars.iter().find(|version| version.id == id);
        let found = found.ok_or_else(|| StoreError::inconsistent("calendars", format!("{id} is missing")))?;
        Ok(found.content.clone())
    };
    let mut changed = HashMap::new();
    for version in &base.plans {
        let draft = plans.iter().find(|draft| draft.id == Some(version.id));
        let Some(terms) = draft
            .map(|draft| &draft.terms)
            .or_else(|| draft_of(version.content.calendar).map(|_| &version.content.terms))
        else {
            continue;
        };
        let calendar = match draft {
            Some(PlanDraft { calendar: name, .. }) => by_name(drafts, name, &calendar)?,
            None => calendar(version.content.calendar)?,
        };
        changed.insert(version.id, Changed { terms: terms.clone(), calendar });
    }
    Ok(changed)
}

/// The calendar that would have this name.
fn by_name(
    drafts: &Drafts<'_>,
    name: &str,
    by_id: &impl Fn(i64) -> Result<Calendar, StoreError>,
) -> Result<Calendar, StoreError> {
    if let Some(draft) = drafts.calendars.iter().find(|draft| draft.calendar.name == name) {
        return draft.calendar.version(CalendarId(draft.id.unwrap_or_default()), 0);
    }
    let found = drafts.base.calendars.iter().find(|version| version.name == name);
    by_id(found.map_or(0, |version| version.id))
}

/// The open cases of the plans, each with its plan.
async fn reached(
    connection: &mut AnyConnection,
    changed: &HashMap<i64, Changed>,
) -> Result<Vec<(CaseNumber, i64)>, StoreError> {
    let rows: Vec<OpenRow> = sqlx::query_as(
        "SELECT c.number, c.country, c.coverage, k.plan_id
         FROM cases c LEFT JOIN contracts k ON k.number = c.contract_number
         WHERE c.is_open = 1 ORDER BY c.number",
    )
    .fetch_all(connection)
    .await?;
    let mut reached = Vec::new();
    for OpenRow { number, country, coverage, plan_id } in rows {
        let wrong = |what: &str| StoreError::inconsistent("cases", what);
        let covered = (coverage == Entitlement::Covered.code()).then_some(plan_id).flatten();
        let country = Country::from_code(&country).ok_or_else(|| wrong(&country))?;
        let plan = covered.unwrap_or_else(|| country.default_plan());
        if changed.contains_key(&plan) {
            reached.push((CaseNumber::parse(&number).map_err(|_| wrong(&number))?, plan));
        }
    }
    Ok(reached)
}

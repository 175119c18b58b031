//! How many of the promises were kept: which days, which cases, and the figures.
//!
//! A promise counts on the day on which it was settled ([`crate::case::Settled`]), by the calendar of the case's site: the
//! day on which it was fulfilled in time, else the day on which its time ran out. So what was due is what was kept and what
//! was missed, a promise counts once, and the figures of a day that is over stay what they are, unless a correction tells
//! a case again.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{Month, ZoneView};
use crate::case::{SlaCompliance, TransitionKind};
use crate::case_number::CaseNumber;
use crate::contract_number::ContractNumber;
use crate::country::Country;
use crate::i18n::Language;
use crate::page::Page;
use crate::priority::Priority;
use crate::sla_plan::SlaMetric;
use crate::t;
use crate::time::Instant;

/// Days of a report at most: a year.
pub const MAX_DAYS: i64 = 366;

/// Some days by the calendar of each case's site, both ends included: a year at most, in the years 2000 to 2999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(NaiveDate, NaiveDate)", try_from = "(NaiveDate, NaiveDate)")]
pub struct Days {
    from: NaiveDate,
    to: NaiveDate,
}

impl Days {
    /// From one day to another; `None` when that is no stretch of time, or too long a one.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        let (first, last) = (NaiveDate::from_ymd_opt(2000, 1, 1)?, NaiveDate::from_ymd_opt(2999, 12, 31)?);
        let length = to.signed_duration_since(from).num_days() + 1;
        let fits = first <= from && to <= last && (1..=MAX_DAYS).contains(&length);
        fits.then_some(Self { from, to })
    }

    /// The days of a month.
    #[must_use]
    pub fn of_month(month: Month) -> Self {
        Self { from: month.first_day(), to: month.last_day() }
    }

    /// The first day.
    #[must_use]
    pub const fn first(self) -> NaiveDate {
        self.from
    }

    /// The last day.
    #[must_use]
    pub const fn last(self) -> NaiveDate {
        self.to
    }

    /// Whether a day is one of them.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

impl From<Days> for (NaiveDate, NaiveDate) {
    fn from(days: Days) -> Self {
        (days.from, days.to)
    }
}

impl TryFrom<(NaiveDate, NaiveDate)> for Days {
    type Error = &'static str;

    fn try_from((from, to): (NaiveDate, NaiveDate)) -> Result<Self, Self::Error> {
        Self::new(from, to).ok_or("no days, or more than a year")
    }
}

/// Which promises are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaReportFilter {
    /// When they were settled.
    pub days: Days,
    /// At sites in one country alone.
    pub country: Option<Country>,
    /// Of one priority alone.
    pub priority: Option<Priority>,
    /// Under one contract alone.
    pub contract: Option<ContractNumber>,
}

impl SlaReportFilter {
    fn priorities(&self) -> impl Iterator<Item = Priority> + use<> {
        let only = self.priority;
        Priority::ALL.into_iter().filter(move |priority| only.is_none_or(|only| only == *priority))
    }

    fn countries(&self) -> impl Iterator<Item = Country> + use<> {
        let only = self.country;
        Country::ALL.into_iter().filter(move |country| only.is_none_or(|only| only == *country))
    }
}

/// So many of a whole, in tenths of a per cent. It is rounded, but never to a whole or to nothing: 100 % are all, 0 % are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share(i64);

impl Share {
    /// The share of `part` in `whole`; none of nothing.
    #[must_use]
    pub fn of(part: i64, whole: i64) -> Option<Self> {
        if whole <= 0 {
            return None;
        }
        Some(Self(rounded_share(part, whole, 1000)))
    }

    /// In tenths of a per cent.
    #[must_use]
    pub const fn tenths(self) -> i64 {
        self.0
    }

    /// As people read it: `98,7 %` in Spanish and Portuguese, `98.7%` in English.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        let (whole, tenth) = (self.0 / 10, self.0 % 10);
        let number = match self.0 {
            0 | 1000 => whole.to_string(),
            _ => format!("{whole}{}{tenth}", language.decimal_sign().sign()),
        };
        t!(language, "reports.per_cent", number = number)
    }
}

/// `part` of `whole` (more than none) in parts of `scale`, rounded half up; the ends are kept for all and for none of it.
pub(super) const fn rounded_share(part: i64, whole: i64, scale: i64) -> i64 {
    let rounded = (part.saturating_mul(2 * scale) + whole) / (2 * whole);
    if part <= 0 {
        0
    } else if part >= whole {
        scale
    } else if rounded < 1 {
        1
    } else if rounded >= scale {
        scale - 1
    } else {
        rounded
    }
}

/// What became of some promises of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Fulfilled in time.
    #[serde(rename = "kept")]
    pub met: i64,
    /// Their time ran out first.
    #[serde(rename = "missed")]
    pub breached: i64,
    /// Of those whose time has stopped: what half of them used at most, in business seconds.
    pub median_s: Option<i64>,
    /// And nine of ten.
    pub ninetieth_s: Option<i64>,
}

impl Figures {
    /// Those that were settled.
    #[must_use]
    pub const fn due(&self) -> i64 {
        self.met + self.breached
    }

    /// The share that was kept; none of nothing.
    #[must_use]
    pub fn share(&self) -> Option<Share> {
        Share::of(self.met, self.due())
    }
}

/// Promises while they are counted. Holds the times that were used, each with how often: exact to the second below an hour
/// and to the minute from there on, as durations are shown; so many times are few, however many the promises.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    met: i64,
    breached: i64,
    used: BTreeMap<i64, i64>,
}

impl Histogram {
    /// Counts promises that came to the same.
    pub fn count(&mut self, row: &SlaRow) {
        match row.outcome {
            SlaCompliance::Met => self.met += row.count,
            SlaCompliance::Breached => self.breached += row.count,
        }
        if let Some(used_s) = row.used_s {
            let shown_s = if used_s < 3600 { used_s } else { used_s - used_s % 60 };
            *self.used.entry(shown_s).or_default() += row.count;
        }
    }

    /// The figures of everything counted so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures {
            met: self.met,
            breached: self.breached,
            median_s: self.percentile(50),
            ninetieth_s: self.percentile(90),
        }
    }

    /// The time that so many of a hundred used at most (nearest rank): one that was used, never one in between.
    fn percentile(&self, percent: i64) -> Option<i64> {
        let all: i64 = self.used.values().sum();
        let rank = (all * percent + 99) / 100;
        let mut passed = 0;
        self.used.iter().find_map(|(used_s, count)| {
            passed += count;
            (passed >= rank).then_some(*used_s)
        })
    }
}

/// Promises of one kind that came to the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaRow {
    /// Which SLA target is counted.
    pub kind: SlaMetric,
    /// The order of work when they were settled.
    pub priority: Priority,
    /// Where the sites are.
    pub country: Country,
    /// How they were settled.
    pub outcome: SlaCompliance,
    /// Business seconds used; `None` while their time goes on.
    pub used_s: Option<i64>,
    /// How many targets came to this.
    pub count: i64,
}

/// The promises of a period while they are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlaTotals {
    total: BTreeMap<SlaMetric, Histogram>,
    by_priority: BTreeMap<(SlaMetric, Priority), Histogram>,
    by_country: BTreeMap<(SlaMetric, Country), Histogram>,
}

impl SlaTotals {
    /// Counts promises that came to the same.
    pub fn count(&mut self, row: &SlaRow) {
        let SlaRow { kind, priority, country, .. } = *row;
        self.total.entry(kind).or_default().count(row);
        self.by_priority.entry((kind, priority)).or_default().count(row);
        self.by_country.entry((kind, country)).or_default().count(row);
    }

    /// The figures of every kind, with a line for whatever the filter leaves, counted or not.
    #[must_use]
    pub fn figures(&self, filter: &SlaReportFilter) -> Vec<KindFigures> {
        let figures = |tally: Option<&Histogram>| tally.map(Histogram::figures).unwrap_or_default();
        let of = |kind: SlaMetric| KindFigures {
            kind,
            total: figures(self.total.get(&kind)),
            by_priority: filter
                .priorities()
                .map(|priority| (priority, figures(self.by_priority.get(&(kind, priority)))))
                .collect(),
            by_country: filter
                .countries()
                .map(|country| (country, figures(self.by_country.get(&(kind, country)))))
                .collect(),
        };
        SlaMetric::ALL.into_iter().map(of).collect()
    }
}

/// The figures of one kind of promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindFigures {
    /// Which SLA target the figures are of.
    pub kind: SlaMetric,
    /// All of them.
    pub total: Figures,
    /// The same, told apart.
    pub by_priority: Vec<(Priority, Figures)>,
    /// The same, told apart.
    pub by_country: Vec<(Country, Figures)>,
}

/// Cases that came and went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseVolume {
    /// Cases that were opened.
    pub opened: i64,
    /// How often one was resolved.
    pub resolved: i64,
    /// How often one came back.
    pub reopened: i64,
}

impl CaseVolume {
    /// Counts so many cases as opened.
    pub const fn open(&mut self, cases: i64) {
        self.opened += cases;
    }

    /// Counts so many cases as resolved or reopened.
    pub const fn step(&mut self, step: TransitionKind, count: i64) {
        match step {
            TransitionKind::Resolved => self.resolved += count,
            TransitionKind::Reopened => self.reopened += count,
        }
    }
}

/// The cases of a period while they are counted, and what they came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseVolumes {
    /// All of them.
    pub total: CaseVolume,
    /// The same by the order of work when it happened.
    pub by_priority: Vec<(Priority, CaseVolume)>,
    /// The same by where the site is.
    pub by_country: Vec<(Country, CaseVolume)>,
}

impl CaseVolumes {
    /// None yet, with a line for whatever the filter leaves.
    #[must_use]
    pub fn none(filter: &SlaReportFilter) -> Self {
        Self {
            total: CaseVolume::default(),
            by_priority: filter.priorities().map(|priority| (priority, CaseVolume::default())).collect(),
            by_country: filter.countries().map(|country| (country, CaseVolume::default())).collect(),
        }
    }

    /// Adds what happened to cases of a priority and a country; what the filter leaves out is not counted.
    pub fn count(&mut self, priority: Priority, country: Country, add: impl Fn(&mut CaseVolume)) {
        let of_priority = self.by_priority.iter_mut().find(|(line, _)| *line == priority);
        let of_country = self.by_country.iter_mut().find(|(line, _)| *line == country);
        if let (Some((_, of_priority)), Some((_, of_country))) = (of_priority, of_country) {
            add(&mut self.total);
            add(of_priority);
            add(of_country);
        }
    }
}

/// The report of promises kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaReport {
    /// What was asked for.
    pub filter: SlaReportFilter,
    /// Cases that came and went.
    pub cases: CaseVolumes,
    /// The promises, kind by kind.
    pub kinds: Vec<KindFigures>,
    /// Cases of an older version that are still to be counted.
    pub pending: i64,
    /// The month that it is now.
    pub month: Month,
}

/// A promise that was missed. Holds no personal data of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachRow {
    /// Number of the case.
    pub number: CaseNumber,
    /// Where its site is.
    pub country: Country,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// The order of work when it was missed.
    pub priority: Priority,
    /// When it was due. It counts on the day of the second after.
    pub due: Instant,
    /// What was promised, in business seconds.
    pub target_s: i64,
    /// What came of it since.
    pub late: Late,
    /// The time at the site.
    pub zone: ZoneView,
}

/// By how much a promise was missed, in business seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// Its time has stopped since.
    By(i64),
    /// By so much now, and it goes on.
    Still(i64),
}

impl Late {
    /// Business seconds so far.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::By(seconds) | Self::Still(seconds) => seconds,
        }
    }
}

/// A page of missed promises of one kind, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachList {
    /// What was asked for.
    pub filter: SlaReportFilter,
    /// Which SLA target the list is of.
    pub kind: SlaMetric,
    /// The missed ones.
    pub page: Page<BreachRow>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn whole_year() -> SlaReportFilter {
        let days = Days::new(day("2026-01-01"), day("2026-12-31")).unwrap();
        SlaReportFilter { days, country: None, priority: None, contract: None }
    }

    fn attention(outcome: SlaCompliance, used_s: Option<i64>, count: i64) -> SlaRow {
        let (kind, priority, country) = (SlaMetric::FirstResponse, Priority::P2, Country::Co);
        SlaRow { kind, priority, country, outcome, used_s, count }
    }

    #[test]
    fn report_period_is_a_year_at_most() {
        let days = |from, to| Days::new(day(from), day(to));
        assert!(days("2026-11-30", "2026-11-30").is_some_and(|days| days.contains(day("2026-11-30"))));
        assert!(days("2024-01-01", "2024-12-31").is_some(), "a leap year");
        for (from, to) in
            [("2026-11-30", "2026-11-29"), ("2025-01-01", "2026-01-02"), ("1999-12-31", "2000-01-01")]
        {
            assert_eq!(days(from, to), None, "{from} to {to}");
        }
        let november = days("2026-11-01", "2026-11-30").unwrap();
        assert_eq!(Days::of_month(Month::new(2026, 11).unwrap()), november);
        assert_eq!(Days::of_month(Month::new(2028, 2).unwrap()).last(), day("2028-02-29"));
        let json = serde_json::to_string(&november).unwrap();
        assert_eq!(serde_json::from_str::<Days>(&json).unwrap(), november);
        assert!(serde_json::from_str::<Days>(r#"["2026-11-02","2026-11-01"]"#).is_err());
    }

    #[test]
    fn empty_histogram_has_no_share_and_no_percentiles() {
        let none = Histogram::default().figures();
        assert_eq!((none.due(), none.share(), none.median_s, none.ninetieth_s), (0, None, None, None));
        let mut running = Histogram::default();
        running.count(&attention(SlaCompliance::Breached, None, 3));
        let figures = running.figures();
        assert_eq!((figures.due(), figures.breached), (3, 3));
        assert_eq!(figures.share().unwrap().message(Language::Es), "0 %");
        assert_eq!((figures.median_s, figures.ninetieth_s), (None, None), "no time has stopped yet");
        for kind in SlaTotals::default().figures(&whole_year()) {
            assert_eq!(kind.total, Figures::default());
            assert_eq!((kind.by_priority.len(), kind.by_country.len()), (4, 3));
        }
    }

    #[test]
    fn share_is_100_or_0_per_cent_only_when_exact() {
        let share = |part, whole| Share::of(part, whole).unwrap().message(Language::Es);
        assert_eq!(share(9_999, 10_000), "99,9 %");
        assert_eq!(share(1, 10_000), "0,1 %");
        assert_eq!((share(7, 7), share(0, 7), share(2, 3)), ("100 %".into(), "0 %".into(), "66,7 %".into()));
        assert_eq!(share(8, 9), "88,9 %", "rounded and not cut");
        assert_eq!(Share::of(2, 3).unwrap().message(Language::En), "66.7%");
        assert_eq!(Share::of(0, 0), None);
    }

    #[test]
    fn percentiles_are_used_times_to_the_minute() {
        let mut tally = Histogram::default();
        for used_s in [600, 60, 7_325, 120] {
            tally.count(&attention(SlaCompliance::Met, Some(used_s), 1));
        }
        let figures = tally.figures();
        assert_eq!(
            (figures.median_s, figures.ninetieth_s),
            (Some(120), Some(7_320)),
            "to the minute, as shown"
        );
        let mut one = Histogram::default();
        one.count(&attention(SlaCompliance::Met, Some(59), 1));
        assert_eq!((one.figures().median_s, one.figures().ninetieth_s), (Some(59), Some(59)));
    }

    #[test]
    fn totals_are_split_by_priority_and_country() {
        let mut book = SlaTotals::default();
        book.count(&attention(SlaCompliance::Met, Some(100), 3));
        let mexican = SlaRow {
            country: Country::Mx,
            priority: Priority::P4,
            ..attention(SlaCompliance::Breached, None, 1)
        };
        book.count(&mexican);
        let kinds = book.figures(&whole_year());
        let first = kinds.iter().find(|kind| kind.kind == SlaMetric::FirstResponse).unwrap();
        assert_eq!((first.total.met, first.total.breached), (3, 1));
        let of_priority: Vec<_> = first.by_priority.iter().map(|(_, line)| line.due()).collect();
        let of_country: Vec<_> = first.by_country.iter().map(|(_, line)| line.due()).collect();
        assert_eq!((of_priority, of_country), (vec![0, 3, 0, 1], vec![0, 3, 1]));
        assert!(kinds.iter().all(|kind| kind.kind == SlaMetric::FirstResponse || kind.total.due() == 0));
    }

    #[test]
    fn totals_omit_cases_outside_the_filter() {
        let filter = SlaReportFilter { country: Some(Country::Ve), ..whole_year() };
        let mut flows = CaseVolumes::none(&filter);
        flows.count(Priority::P1, Country::Ve, |flow| flow.open(2));
        flows.count(Priority::P1, Country::Mx, |flow| flow.step(TransitionKind::Reopened, 1));
        assert_eq!(flows.total, CaseVolume { opened: 2, resolved: 0, reopened: 0 });
        assert_eq!(flows.by_country, [(Country::Ve, flows.total)]);
    }

    proptest! {
        /// Nine of ten used the ninetieth percentile at most, and no shorter time would do.
        #[test]
        fn percentiles_follow_the_nearest_rank_definition(times in prop::collection::vec(0_i64..3600, 1..200)) {
            let mut tally = Histogram::default();
            for used_s in &times {
                tally.count(&attention(SlaCompliance::Met, Some(*used_s), 1));
            }
            let figures = tally.figures();
            let len = i64::try_from(times.len()).unwrap();
            for (percent, found) in [(50, figures.median_s.unwrap()), (90, figures.ninetieth_s.unwrap())] {
                let at_most = |limit: i64| i64::try_from(times.iter().filter(|time| **time <= limit).count()).unwrap();
                prop_assert!(times.contains(&found));
                prop_assert!(at_most(found) * 100 >= len * percent);
                prop_assert!(at_most(found - 1) * 100 < len * percent);
            }
            prop_assert_eq!(figures.due(), len);
        }
    }
}

//! How many of the promises were kept: which days, which cases, and the figures.
//!
//! A promise counts on the day on which it was settled ([`crate::case::Settled`]), by the calendar of the case's site: the
//! day on which it was fulfilled in time, else the day on which its time ran out. So what was due is what was kept and what
//! was missed, a promise counts once, and the figures of a day that is over stay what they are, unless a correction tells
//! a case again.

mod days;
mod figures;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::{Month, ZoneView};
use crate::case::TransitionKind;
use crate::case_number::CaseNumber;
use crate::contract_number::ContractNumber;
use crate::country::Country;
use crate::page::Page;
use crate::priority::Priority;
use crate::sla_plan::SlaMetric;
use crate::time::Instant;

pub use days::{Days, MAX_DAYS};
pub(super) use figures::rounded_share;
pub use figures::{Figures, Histogram, Share, SlaRow};

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
    use chrono::NaiveDate;

    use super::*;
    use crate::case::SlaCompliance;

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
    fn empty_totals_have_a_line_for_each_priority_and_country() {
        for kind in SlaTotals::default().figures(&whole_year()) {
            assert_eq!(kind.total, Figures::default());
            assert_eq!((kind.by_priority.len(), kind.by_country.len()), (4, 3));
        }
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
}

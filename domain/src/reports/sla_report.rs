//! SLA compliance: the period, the filter and the figures.
//!
//! A target counts on the day on which it was settled ([`crate::case::SlaRecord`]): when it was met, else when it was
//! breached. Days are those of the case's site. So a target counts once, and due targets are those met plus those
//! breached. Figures of past days change by corrections alone.

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

/// Filter of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaReportFilter {
    /// Days on which targets were settled.
    pub days: Days,
    /// Sites in one country; `None` for all.
    pub country: Option<Country>,
    /// One priority; `None` for all.
    pub priority: Option<Priority>,
    /// One contract; `None` for all.
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

/// The targets of a period while they are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlaTotals {
    total: BTreeMap<SlaMetric, Histogram>,
    by_priority: BTreeMap<(SlaMetric, Priority), Histogram>,
    by_country: BTreeMap<(SlaMetric, Country), Histogram>,
}

impl SlaTotals {
    /// Counts targets with the same result.
    pub fn count(&mut self, row: &SlaRow) {
        let SlaRow { kind, priority, country, .. } = *row;
        self.total.entry(kind).or_default().count(row);
        self.by_priority.entry((kind, priority)).or_default().count(row);
        self.by_country.entry((kind, country)).or_default().count(row);
    }

    /// The figures of every kind, with a line for each priority and country of the filter.
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

/// The figures of one kind of target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindFigures {
    /// Which SLA target the figures are of.
    pub kind: SlaMetric,
    /// All of them.
    pub total: Figures,
    /// The figures by priority.
    pub by_priority: Vec<(Priority, Figures)>,
    /// The figures by country.
    pub by_country: Vec<(Country, Figures)>,
}

/// Numbers of cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseVolume {
    /// Cases that were opened.
    pub opened: i64,
    /// Number of resolutions.
    pub resolved: i64,
    /// Number of reopenings.
    pub reopened: i64,
}

impl CaseVolume {
    /// Counts opened cases.
    pub const fn open(&mut self, cases: i64) {
        self.opened += cases;
    }

    /// Counts resolutions or reopenings.
    pub const fn step(&mut self, step: TransitionKind, count: i64) {
        match step {
            TransitionKind::Resolved => self.resolved += count,
            TransitionKind::Reopened => self.reopened += count,
        }
    }
}

/// The cases of a period, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseVolumes {
    /// All of them.
    pub total: CaseVolume,
    /// By the priority at the time.
    pub by_priority: Vec<(Priority, CaseVolume)>,
    /// By the country of the site.
    pub by_country: Vec<(Country, CaseVolume)>,
}

impl CaseVolumes {
    /// Zero, with a line for each priority and country of the filter.
    #[must_use]
    pub fn none(filter: &SlaReportFilter) -> Self {
        Self {
            total: CaseVolume::default(),
            by_priority: filter.priorities().map(|priority| (priority, CaseVolume::default())).collect(),
            by_country: filter.countries().map(|country| (country, CaseVolume::default())).collect(),
        }
    }

    /// Counts for a priority and a country, unless the filter leaves them out.
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

/// The SLA report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaReport {
    /// The filter.
    pub filter: SlaReportFilter,
    /// Numbers of cases.
    pub cases: CaseVolumes,
    /// The targets by kind.
    pub kinds: Vec<KindFigures>,
    /// Number of cases of an older version that are still to be counted.
    pub pending: i64,
    /// The present month.
    pub month: Month,
}

/// A breached target. Holds no personal data of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachRow {
    /// Number of the case.
    pub number: CaseNumber,
    /// Country of the site.
    pub country: Country,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// The priority at the breach.
    pub priority: Priority,
    /// When it was due. It counts on the day of the second after.
    pub due: Instant,
    /// The target in business seconds.
    pub target_s: i64,
    /// The time over the target.
    pub late: Late,
    /// The time at the site.
    pub zone: ZoneView,
}

/// The time over a target, in business seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// The clock has stopped.
    By(i64),
    /// The clock still runs.
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

/// A page of breached targets of one kind, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachList {
    /// The filter.
    pub filter: SlaReportFilter,
    /// Which SLA target the list is of.
    pub kind: SlaMetric,
    /// The breaches.
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

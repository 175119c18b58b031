//! Figures of SLA targets: met and breached, share, median and ninetieth percentile.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case::SlaCompliance;
use crate::country::Country;
use crate::i18n::Language;
use crate::priority::Priority;
use crate::sla_plan::SlaMetric;
use crate::t;

/// A share in tenths of a per cent. It is rounded, but 100 % means all, and 0 % means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share(i64);

impl Share {
    /// The share of `part` in `whole`; `None` when `whole` is 0.
    #[must_use]
    pub fn of(part: i64, whole: i64) -> Option<Self> {
        if whole <= 0 {
            return None;
        }
        Some(Self(rounded_share(part, whole, 1000)))
    }

    /// The share in tenths of a per cent.
    #[must_use]
    pub const fn tenths(self) -> i64 {
        self.0
    }

    /// The share as text: `98,7 %` in Spanish and Portuguese, `98.7%` in English.
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

/// `part` of `whole` (above 0) in parts of `scale`, rounded half up. It is 0 or `scale` for none or all alone.
pub(in crate::reports) const fn rounded_share(part: i64, whole: i64, scale: i64) -> i64 {
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

/// Results of the targets of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Number of targets met.
    #[serde(rename = "kept")]
    pub met: i64,
    /// Number of targets breached.
    #[serde(rename = "missed")]
    pub breached: i64,
    /// Median of the time used, of stopped clocks, in business seconds.
    pub median_s: Option<i64>,
    /// Ninetieth percentile of the same.
    pub ninetieth_s: Option<i64>,
}

impl Figures {
    /// Number of settled targets.
    #[must_use]
    pub const fn due(&self) -> i64 {
        self.met + self.breached
    }

    /// The share of targets met; `None` when none is settled.
    #[must_use]
    pub fn share(&self) -> Option<Share> {
        Share::of(self.met, self.due())
    }
}

/// Targets while they are counted, with a count of each used time. Times are exact to the second below an hour, and to
/// the minute above, as durations are shown. So the distinct times remain few.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    met: i64,
    breached: i64,
    used: BTreeMap<i64, i64>,
}

impl Histogram {
    /// Counts targets with the same result.
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

    /// The figures so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures {
            met: self.met,
            breached: self.breached,
            median_s: self.percentile(50),
            ninetieth_s: self.percentile(90),
        }
    }

    /// The percentile by nearest rank: always a time that occurred.
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

/// Targets of one kind with the same result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaRow {
    /// Which SLA target is counted.
    pub kind: SlaMetric,
    /// The priority when they were settled.
    pub priority: Priority,
    /// Country of the sites.
    pub country: Country,
    /// The result.
    pub outcome: SlaCompliance,
    /// Business seconds used; `None` while the clock runs.
    pub used_s: Option<i64>,
    /// Number of targets.
    pub count: i64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attention(outcome: SlaCompliance, used_s: Option<i64>, count: i64) -> SlaRow {
        let (kind, priority, country) = (SlaMetric::FirstResponse, Priority::P2, Country::Co);
        SlaRow { kind, priority, country, outcome, used_s, count }
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

    proptest! {
        /// Nine of ten used the ninetieth percentile at most, and no shorter time has that property.
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

//! The days that a report covers.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Month;

/// The longest period of a report in days: a year.
pub const MAX_DAYS: i64 = 366;

/// A range of days by the calendar of each case's site, both ends included: a year at most, in the years 2000 to 2999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(NaiveDate, NaiveDate)", try_from = "(NaiveDate, NaiveDate)")]
pub struct Days {
    from: NaiveDate,
    to: NaiveDate,
}

impl Days {
    /// From one day to another; `None` when the range is not valid.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
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
}

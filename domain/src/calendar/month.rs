//! Months of reports.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ZoneView;
use super::format::month_key;
use crate::i18n::Language;
use crate::t;
use crate::time::Instant;

/// A month of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    /// A month of the years 2000 to 2999; `None` for any other.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        ((2000..3000).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// Parses a month as reports write it: `2026-11`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?)
    }

    /// The month of an instant in a zone.
    #[must_use]
    pub fn of(zone: &ZoneView, at: Instant) -> Option<Self> {
        let local = zone.local(at);
        Self::new(local.year, u32::from(local.month))
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default()
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        let day = |day| NaiveDate::from_ymd_opt(self.year, self.month, day);
        day(31).or_else(|| day(30)).or_else(|| day(29)).or_else(|| day(28)).unwrap_or_default()
    }

    /// Its name in a language: `noviembre de 2026`.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        let month = t!(language, month_key(u8::try_from(self.month).unwrap_or(12)));
        t!(language, "calendar.month_year", month = month, year = self.year)
    }

    /// The month `months` before this one.
    #[must_use]
    pub fn back(self, months: u32) -> Self {
        let count = i64::from(self.year) * 12 + i64::from(self.month) - 1 - i64::from(months);
        let year = i32::try_from(count.div_euclid(12)).unwrap_or(self.year);
        let month = u32::try_from(count.rem_euclid(12)).unwrap_or(0) + 1;
        Self::new(year, month).unwrap_or(self)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl TryFrom<String> for Month {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no month")
    }
}

/// A range of months, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first month.
    pub from: Month,
    /// The last month.
    pub to: Month,
}

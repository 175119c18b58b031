//! Durations and hours in files: `1h 30m`, `08:00-12:00`.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, Weekday};
use domain::calendar::week::{DAY_S, DayPart, Window};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

/// The longest duration of a setting, in seconds: a year of working hours. Due times beyond the layout of calendars
/// would be unknown.
const LONGEST_S: i64 = 2000 * 3600;

/// A duration in whole seconds, such as `15m` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Duration {
    pub(super) seconds: i64,
}

impl TryFrom<String> for Duration {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = text.trim().parse::<SignedDuration>().ok();
        let whole = read.filter(|read| read.subsec_nanos() == 0).map(|read| read.as_secs());
        let fits = whole.filter(|seconds| (1..=LONGEST_S).contains(seconds));
        fits.map(|seconds| Self { seconds })
            .ok_or("a duration is written as 15m, 8h or 1h 30m, and at most 2000h")
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> Self {
        format!("{:#}", SignedDuration::from_secs(duration.seconds))
    }
}

/// Open hours of a day, such as `08:00-12:00`. Across midnight the end is smaller than the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Hours {
    /// Beginning as a second of the day.
    pub(super) opens_s: u32,
    /// End as a second of the day, up to 86 400.
    pub(super) closes_s: u32,
}

impl TryFrom<String> for Hours {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = text.split_once('-').and_then(|(from, to)| {
            let (from, to) = (from.parse::<TimeOfDay>().ok()?, to.parse::<TimeOfDay>().ok()?);
            Some(Self { opens_s: from.0, closes_s: to.0 })
        });
        read.ok_or("hours are written as 08:00-12:00, up to 24:00")
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        format!("{}-{}", TimeOfDay(hours.opens_s), TimeOfDay(hours.closes_s))
    }
}

/// A second of the day; 86 400 is 24:00.
struct TimeOfDay(u32);

impl FromStr for TimeOfDay {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = text.trim().split(':').collect();
        let number = |text: &str, most: u32| {
            let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>().ok().filter(|number| is_number && *number <= most).ok_or(())
        };
        let second = match parts[..] {
            [hour, minute] => number(hour, 24)? * 3600 + number(minute, 59)? * 60,
            [hour, minute, second] => {
                number(hour, 24)? * 3600 + number(minute, 59)? * 60 + number(second, 59)?
            }
            _ => return Err(()),
        };
        if second <= DAY_S { Ok(Self(second)) } else { Err(()) }
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        match second {
            0 => write!(f, "{hour:02}:{minute:02}"),
            second => write!(f, "{hour:02}:{minute:02}:{second:02}"),
        }
    }
}

/// The windows of a weekday as people type them: `08:00-12:00, 13:00-17:00`. `None` when one of them cannot be read.
#[must_use]
pub fn windows_of_day(weekday: Weekday, typed: &str) -> Option<Vec<Window>> {
    let parts = typed.split(',').map(str::trim).filter(|part| !part.is_empty());
    let read = |part: &str| Hours::try_from(part.to_owned()).ok();
    parts
        .map(|part| read(part).map(|Hours { opens_s, closes_s }| Window { weekday, opens_s, closes_s }))
        .collect()
}

/// Windows of a day as [`windows_of_day`] reads them.
#[must_use]
pub fn written_windows(parts: &[DayPart]) -> String {
    let written = |part: &DayPart| String::from(Hours { opens_s: part.from_s(), closes_s: part.to_s() });
    parts.iter().map(written).collect::<Vec<_>>().join(", ")
}

/// A date as TOML writes it, without quotes: `2026-12-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Datetime", into = "Datetime")]
pub(super) struct Date(pub(super) NaiveDate);

impl TryFrom<Datetime> for Date {
    type Error = &'static str;

    fn try_from(read: Datetime) -> Result<Self, Self::Error> {
        let date = match read {
            Datetime { date: Some(date), time: None, offset: None } => {
                NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
            }
            _ => None,
        };
        date.map(Self).ok_or("a date is written as 2026-12-31")
    }
}

impl From<Date> for Datetime {
    fn from(Date(date): Date) -> Self {
        // Closures have years of four digits, and months and days fit.
        let small = |number: u32| u8::try_from(number).unwrap_or_default();
        let year = u16::try_from(date.year()).unwrap_or_default();
        let date = toml::value::Date { year, month: small(date.month()), day: small(date.day()) };
        Self { date: Some(date), time: None, offset: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_they_are_written() {
        for (text, seconds, written) in [
            ("15m", 900, "15m"),
            ("90 min", 5400, "1h 30m"),
            ("1h30m", 5400, "1h 30m"),
            ("40h", 144_000, "40h"),
            ("45s", 45, "45s"),
        ] {
            let read = Duration::try_from(text.to_owned()).unwrap();
            assert_eq!(read.seconds, seconds, "{text}");
            assert_eq!(String::from(read), written, "{text}");
        }
        for text in ["", "15", "soon", "1.5s", "m", "0s", "-5m", "2000h 1s"] {
            assert!(Duration::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn hours_are_read_as_they_are_written() {
        for (text, opens_s, closes_s, written) in [
            ("08:00-12:00", 28_800, 43_200, "08:00-12:00"),
            ("8:00 - 24:00", 28_800, 86_400, "08:00-24:00"),
            ("22:30-06:00", 81_000, 21_600, "22:30-06:00"),
            ("00:00:30-00:01", 30, 60, "00:00:30-00:01"),
        ] {
            let read = Hours::try_from(text.to_owned()).unwrap();
            assert_eq!((read.opens_s, read.closes_s), (opens_s, closes_s), "{text}");
            assert_eq!(String::from(read), written, "{text}");
        }
        for text in [
            "",
            "8-12",
            "08:00",
            "08:60-09:00",
            "25:00-26:00",
            "24:01-24:30",
            "08:00-12:00-13:00",
            "+8:00-9:00",
        ] {
            assert!(Hours::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}

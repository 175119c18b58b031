//! Local time at a site without a zone database, by offsets and their changes from the server.

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// The offsets of a zone over a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneView {
    /// The zone's IANA name.
    pub name: String,
    /// Seconds east of UTC before the first change.
    pub offset_s: i32,
    /// Instants from which another offset holds, in order.
    pub changes: Vec<(Instant, i32)>,
}

/// A local date and time at a site (Gregorian).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LocalTime {
    /// Year of the Gregorian calendar.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
    /// Day of the week.
    pub weekday: Weekday,
    /// Seconds east of UTC.
    pub offset_s: i32,
}

impl ZoneView {
    /// Seconds east of UTC at `at`. The last known offset is taken to continue.
    #[must_use]
    pub fn offset_s(&self, at: Instant) -> i32 {
        let passed = self.changes.partition_point(|(from, _)| *from <= at);
        passed
            .checked_sub(1)
            .and_then(|last| self.changes.get(last))
            .map_or(self.offset_s, |(_, offset_s)| *offset_s)
    }

    /// Whether the local time of `at` occurs twice, because clocks are set back within or shortly before it.
    #[must_use]
    pub fn is_shown_twice(&self, at: Instant) -> bool {
        let before = [self.offset_s].into_iter().chain(self.changes.iter().map(|(_, offset_s)| *offset_s));
        before.zip(&self.changes).any(|(before, (change, after))| {
            let back_s = i64::from(before - after);
            at.since(*change) >= -back_s && at.since(*change) < back_s
        })
    }

    /// The local date and time at `at`.
    #[must_use]
    pub fn local(&self, at: Instant) -> LocalTime {
        LocalTime::new(at, self.offset_s(at))
    }
}

/// Instants are clamped to some 200,000 years around 1970, so that every year fits its type.
const SECONDS_MAX: i64 = 6_000_000_000_000;

/// Seconds of wall time in a day.
pub(crate) const DAY_S: i64 = 86_400;

impl LocalTime {
    /// The local date and time at `at` for an offset in seconds east of UTC.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "each number is in the range that its field states"
    )]
    pub fn new(at: Instant, offset_s: i32) -> Self {
        let seconds = at.0.clamp(-SECONDS_MAX, SECONDS_MAX) + i64::from(offset_s);
        let (days, of_day) = (seconds.div_euclid(DAY_S), seconds.rem_euclid(DAY_S));
        let (year, month, day) = civil(days);
        Self {
            year: year as i32,
            month: month as u8,
            day: day as u8,
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
            weekday: weekday(days),
            offset_s,
        }
    }
}

/// The weekday of a day counted from 1970-01-01, a Thursday.
pub(crate) const fn weekday(days: i64) -> Weekday {
    match days.rem_euclid(7) {
        0 => Weekday::Thu,
        1 => Weekday::Fri,
        2 => Weekday::Sat,
        3 => Weekday::Sun,
        4 => Weekday::Mon,
        5 => Weekday::Tue,
        _ => Weekday::Wed,
    }
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468; // from 0000-03-01: leap days come last in a year that begins in March
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + (month <= 2) as i64;
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike, Timelike};
    use proptest::prelude::*;

    #[test]
    fn offsets_change_on_the_second() {
        let view = ZoneView {
            name: "America/Caracas".to_owned(),
            offset_s: -16_200,
            changes: vec![(Instant(1_462_086_000), -14_400)],
        };
        let clock = |at| {
            let local = view.local(Instant(at));
            (local.hour, local.minute, local.second, local.offset_s)
        };
        assert_eq!(clock(1_462_085_999), (2, 29, 59, -16_200));
        assert_eq!(clock(1_462_086_000), (3, 0, 0, -14_400));
        assert_eq!(view.offset_s(Instant(i64::MIN)), -16_200);
        assert_eq!(view.local(Instant(i64::MAX)).offset_s, -14_400);
    }

    proptest! {
        #[test]
        fn local_time_agrees_with_chrono(seconds in -200_000_000_000_i64..400_000_000_000, offset_s in -50_000..50_000) {
            let local = LocalTime::new(Instant(seconds), offset_s);
            let expected = Instant(seconds + i64::from(offset_s)).to_chrono().unwrap();
            prop_assert_eq!(
                (local.year, u32::from(local.month), u32::from(local.day), local.weekday),
                (expected.year(), expected.month(), expected.day(), expected.weekday())
            );
            prop_assert_eq!(
                (u32::from(local.hour), u32::from(local.minute), u32::from(local.second)),
                (expected.hour(), expected.minute(), expected.second())
            );
        }
    }
}

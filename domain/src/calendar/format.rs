//! Points in time and durations as text in the reader's language.

use chrono::{Datelike, NaiveDate, Weekday};

use super::zone_view::{LocalTime, ZoneView};
use crate::i18n::Language;
use crate::t;
use crate::time::Instant;

/// Style of a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MomentStyle {
    /// Hours and minutes alone: `14:35`.
    Time,
    /// `lun 23 nov, 14:35`.
    Short,
    /// `lunes 23 de noviembre de 2026, 14:35`.
    Long,
}

/// Style of a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DurationStyle {
    /// `2 h 05 min`, `5 min 07 s`, `45 s`: for reading. From an hour on, seconds are cut off.
    Words,
    /// `2 h 05 min 33 s`: to the second.
    Exact,
    /// `1:02:33`: for a ticking clock.
    Clock,
}

impl ZoneView {
    /// The instant as text in the site's time.
    #[must_use]
    pub fn format(&self, at: Instant, language: Language, style: MomentStyle) -> String {
        self.local(at).format(language, style)
    }
}

impl LocalTime {
    /// This time in a language; always the 24-hour clock.
    #[must_use]
    pub fn format(&self, language: Language, style: MomentStyle) -> String {
        let time = format!("{:02}:{:02}", self.hour, self.minute);
        match style {
            MomentStyle::Time => time,
            MomentStyle::Short => t!(
                language,
                "calendar.moment.short",
                weekday = t!(language, weekday_short_key(self.weekday)),
                day = self.day,
                month = t!(language, month_short_key(self.month)),
                time = time,
            ),
            MomentStyle::Long => t!(
                language,
                "calendar.moment.long",
                weekday = t!(language, weekday_key(self.weekday)),
                day = self.day,
                month = t!(language, month_key(self.month)),
                year = self.year,
                time = time,
            ),
        }
    }
}

/// A day in a language, without its weekday: `1 nov 2026`.
#[must_use]
pub fn day(language: Language, day: NaiveDate) -> String {
    let month = t!(language, month_short_key(u8::try_from(day.month()).unwrap_or_default()));
    t!(language, "calendar.day", day = day.day(), month = month, year = day.year())
}

/// A duration as text. A negative one (overdue) begins with a minus sign, U+2212.
///
/// ```
/// use domain::calendar::{DurationStyle, duration};
/// use domain::i18n::Language;
///
/// assert_eq!(duration(Language::Es, 5_400, DurationStyle::Words), "1 h 30 min");
/// assert_eq!(duration(Language::Es, -5_400, DurationStyle::Clock), "\u{2212}1:30:00");
/// ```
#[must_use]
pub fn duration(language: Language, seconds: i64, style: DurationStyle) -> String {
    let length = seconds.unsigned_abs();
    let (h, m, s) = (length / 3600, length / 60 % 60, length % 60);
    let two = |number: u64| format!("{number:02}");
    let text = match (style, h, m, s) {
        (DurationStyle::Clock, ..) => format!("{h}:{m:02}:{s:02}"),
        (_, 0, 0, _) => t!(language, "calendar.duration.seconds", seconds = s),
        (_, 0, _, 0) => t!(language, "calendar.duration.minutes", minutes = m),
        (_, 0, ..) => t!(language, "calendar.duration.minutes_seconds", minutes = m, seconds = two(s)),
        (DurationStyle::Exact, _, _, 1..) => t!(
            language,
            "calendar.duration.hours_minutes_seconds",
            hours = h,
            minutes = two(m),
            seconds = two(s)
        ),
        (_, _, 0, _) => t!(language, "calendar.duration.hours", hours = h),
        _ => t!(language, "calendar.duration.hours_minutes", hours = h, minutes = two(m)),
    };
    if seconds < 0 { format!("\u{2212}{text}") } else { text }
}

/// Used time and target as texts to compare: to the second where they would look equal and are not.
#[must_use]
pub fn beside(language: Language, used_s: i64, target_s: i64) -> (String, String) {
    let both = |style| (duration(language, used_s, style), duration(language, target_s, style));
    let (used, target) = both(DurationStyle::Words);
    if used == target && used_s != target_s { both(DurationStyle::Exact) } else { (used, target) }
}

/// The key of a weekday's name.
#[must_use]
pub const fn weekday_key(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "calendar.weekday.mon",
        Weekday::Tue => "calendar.weekday.tue",
        Weekday::Wed => "calendar.weekday.wed",
        Weekday::Thu => "calendar.weekday.thu",
        Weekday::Fri => "calendar.weekday.fri",
        Weekday::Sat => "calendar.weekday.sat",
        Weekday::Sun => "calendar.weekday.sun",
    }
}

/// The key of a weekday's short name.
#[must_use]
pub const fn weekday_short_key(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "calendar.weekday_short.mon",
        Weekday::Tue => "calendar.weekday_short.tue",
        Weekday::Wed => "calendar.weekday_short.wed",
        Weekday::Thu => "calendar.weekday_short.thu",
        Weekday::Fri => "calendar.weekday_short.fri",
        Weekday::Sat => "calendar.weekday_short.sat",
        Weekday::Sun => "calendar.weekday_short.sun",
    }
}

/// The key of a month's name; months count from 1.
#[must_use]
pub const fn month_key(month: u8) -> &'static str {
    match month {
        1 => "calendar.month.jan",
        2 => "calendar.month.feb",
        3 => "calendar.month.mar",
        4 => "calendar.month.apr",
        5 => "calendar.month.may",
        6 => "calendar.month.jun",
        7 => "calendar.month.jul",
        8 => "calendar.month.aug",
        9 => "calendar.month.sep",
        10 => "calendar.month.oct",
        11 => "calendar.month.nov",
        _ => "calendar.month.dec",
    }
}

/// The key of a month's short name; months count from 1.
#[must_use]
pub const fn month_short_key(month: u8) -> &'static str {
    match month {
        1 => "calendar.month_short.jan",
        2 => "calendar.month_short.feb",
        3 => "calendar.month_short.mar",
        4 => "calendar.month_short.apr",
        5 => "calendar.month_short.may",
        6 => "calendar.month_short.jun",
        7 => "calendar.month_short.jul",
        8 => "calendar.month_short.aug",
        9 => "calendar.month_short.sep",
        10 => "calendar.month_short.oct",
        11 => "calendar.month_short.nov",
        _ => "calendar.month_short.dec",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_with_their_month_as_a_word() {
        let first = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        let written = |language| day(language, first);
        assert_eq!(written(Language::Es), "1 dic 2026");
        assert_eq!(written(Language::En), "1 Dec 2026");
        assert_eq!(written(Language::Pt), "1 dez 2026");
    }

    #[test]
    fn moments_are_formatted_in_every_language() {
        let caracas = ZoneView { name: "America/Caracas".to_owned(), offset_s: -14_400, changes: Vec::new() };
        let at = Instant(1_795_459_530); // 2026-11-23T18:45:30Z
        for (language, style, expected) in [
            (Language::Es, MomentStyle::Time, "14:45"),
            (Language::Es, MomentStyle::Short, "lun 23 nov, 14:45"),
            (Language::Es, MomentStyle::Long, "lunes 23 de noviembre de 2026, 14:45"),
            (Language::En, MomentStyle::Short, "Mon 23 Nov, 14:45"),
            (Language::En, MomentStyle::Long, "Monday 23 November 2026, 14:45"),
            (Language::Pt, MomentStyle::Short, "seg 23 nov, 14:45"),
            (Language::Pt, MomentStyle::Long, "segunda-feira, 23 de novembro de 2026, 14:45"),
        ] {
            assert_eq!(caracas.format(at, language, style), expected);
        }
    }

    #[test]
    fn every_weekday_and_month_has_words() {
        for language in Language::ALL {
            for days in 0..366 {
                let local = LocalTime::new(Instant(days * 86_400), 0);
                for style in [MomentStyle::Short, MomentStyle::Long] {
                    let text = local.format(language, style);
                    assert!(!text.contains("calendar.") && !text.contains('%'), "{text}");
                }
            }
        }
    }

    #[test]
    fn used_time_reads_differently_from_a_target_that_it_misses() {
        let beside = |used_s, target_s| beside(Language::Es, used_s, target_s);
        let words = |used: &str, promised: &str| (used.to_owned(), promised.to_owned());
        assert_eq!(beside(3601, 3600), words("1 h 00 min 01 s", "1 h"));
        assert_eq!(beside(7530, 7559), words("2 h 05 min 30 s", "2 h 05 min 59 s"));
        assert_eq!(beside(3600, 3600), words("1 h", "1 h"));
        assert_eq!(beside(3753, 3600), words("1 h 02 min", "1 h"));
    }

    #[test]
    fn durations_are_written_for_reading_and_for_clocks() {
        for (seconds, words, clock) in [
            (0, "0 s", "0:00:00"),
            (45, "45 s", "0:00:45"),
            (307, "5 min 07 s", "0:05:07"),
            (900, "15 min", "0:15:00"),
            (3600, "1 h", "1:00:00"),
            (3753, "1 h 02 min", "1:02:33"),
            (7500, "2 h 05 min", "2:05:00"),
            (-7500, "\u{2212}2 h 05 min", "\u{2212}2:05:00"),
            (432_000, "120 h", "120:00:00"),
        ] {
            for language in Language::ALL {
                assert_eq!(duration(language, seconds, DurationStyle::Words), words);
                assert_eq!(duration(language, seconds, DurationStyle::Clock), clock);
            }
        }
        assert!(duration(Language::Es, i64::MIN, DurationStyle::Clock).starts_with('\u{2212}'));
    }
}

//! Working hours of a person, and their layout. On the server alone: it needs the rules of zones.

use chrono::Days;

use super::absence::AbsencePeriod;
use crate::calendar::Spans;
use crate::calendar::layout::lay_out;
use crate::calendar::week::{Calendar, CalendarError, CalendarId, WeekHours};
use crate::calendar::zone::Zone;
use crate::country::Country;
use crate::time::{Instant, Span};

/// The week of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkWeek {
    /// That of a calendar of the desk, with its holidays and closures.
    Calendar(CalendarId),
    /// Windows of their own.
    Own {
        /// The windows of each weekday.
        hours: WeekHours,
        /// The country whose statutory holidays are free; `None` when none is.
        holidays: Option<Country>,
    },
}

/// When a person works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingHours {
    /// Their time zone.
    pub zone: Zone,
    /// Their week.
    pub week: WorkWeek,
}

impl WorkWeek {
    /// The open spans of own windows in a zone; `None` for a calendar of the desk, which is laid out by its version.
    ///
    /// # Errors
    /// When the windows make no calendar.
    pub fn own_spans(&self, zone: Zone, span: Span) -> Result<Option<Spans>, CalendarError> {
        let Self::Own { hours, holidays } = self else { return Ok(None) };
        let calendar = Calendar::new(CalendarId(0), 0, "own", hours.clone(), *holidays, Vec::new())?;
        Ok(Some(lay_out(&calendar, zone, span)))
    }
}

impl AbsencePeriod {
    /// The absence in UTC: from the first instant of its first day to that of the day after its last.
    #[must_use]
    pub fn span(self, zone: Zone) -> Span {
        let first = |day: chrono::NaiveDate| zone.first_instant(day).unwrap_or(Instant::FAR);
        Span::new(first(self.from()), first(self.to() + Days::new(1)))
    }
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::*;
    use crate::calendar::week::Window;
    use crate::workforce::{Availability, Schedule};

    /// Monday 23 November 2026, 8:00 in Caracas.
    const MONDAY_AT_EIGHT: Instant = Instant(1_795_435_200);
    const HOUR_S: i64 = 3600;
    const DAY_S: i64 = 24 * HOUR_S;

    fn nights() -> WorkWeek {
        let night = Window { weekday: Weekday::Mon, opens_s: 22 * 3600, closes_s: 6 * 3600 };
        WorkWeek::Own { hours: WeekHours::new(&[night]).unwrap(), holidays: None }
    }

    #[test]
    fn own_windows_count_in_the_persons_zone_and_across_midnight() {
        let around = Span::new(MONDAY_AT_EIGHT.plus(-7 * DAY_S), MONDAY_AT_EIGHT.plus(14 * DAY_S));
        for (zone, begins_after_s) in [("America/Caracas", 14 * HOUR_S), ("America/Bogota", 15 * HOUR_S)] {
            let zone = Zone::parse(zone).unwrap();
            let spans = nights().own_spans(zone, around).unwrap().unwrap();
            let schedule = Schedule::new(spans, Vec::new());
            let begins = MONDAY_AT_EIGHT.plus(begins_after_s);
            let off = Availability::OffWork { returns: Some(begins) };
            assert_eq!(schedule.availability(MONDAY_AT_EIGHT), off, "{zone}");
            assert!(schedule.availability(begins.plus(7 * HOUR_S)).is_at_work(), "{zone}");
            assert!(!schedule.availability(begins.plus(8 * HOUR_S)).is_at_work(), "{zone}");
        }
    }

    #[test]
    fn absence_takes_whole_days_of_the_persons_zone() {
        let day = |text: &str| text.parse().unwrap();
        let period = AbsencePeriod::new(day("2026-11-23"), day("2026-11-24")).unwrap();
        let span = period.span(Zone::parse("America/Caracas").unwrap());
        assert_eq!(span, Span::new(MONDAY_AT_EIGHT.plus(-8 * HOUR_S), MONDAY_AT_EIGHT.plus(40 * HOUR_S)));
    }
}

//! Closures as events.

use chrono::{DateTime, Days, NaiveDate};
use domain::calendar::week::{Calendar, Closure, DAY_S, DayPart};
use domain::time::Instant;

use crate::mail::calendar::{Lines, escaped};

/// The closures of a calendar as a file.
pub(super) fn closures(calendar: &Calendar, stamp: Instant) -> String {
    let mut lines = Lines::default();
    lines.plain("BEGIN:VCALENDAR");
    lines.plain("VERSION:2.0");
    lines.plain("PRODID:-//Vigia//Closures//ES");
    lines.plain("CALSCALE:GREGORIAN");
    lines.folded(&format!("X-WR-CALNAME:{}", escaped(calendar.name())));
    let stamp = DateTime::from_timestamp(stamp.0, 0).unwrap_or_default();
    for (place, closure) in calendar.closures().iter().enumerate() {
        let Closure { date, part, name } = closure;
        let first = calendar.closures()[..place].iter().rposition(|other| other.date != *date);
        let among_the_day = place - first.map_or(0, |other| other + 1);
        lines.plain("BEGIN:VEVENT");
        lines.folded(&format!("UID:closure-{}-{date}-{among_the_day}@vigia", calendar.id.0));
        lines.folded(&format!("DTSTAMP:{}", stamp.format("%Y%m%dT%H%M%SZ")));
        if *part == DayPart::WHOLE {
            lines.folded(&format!("DTSTART;VALUE=DATE:{}", date.format("%Y%m%d")));
            lines.folded(&format!("DTEND;VALUE=DATE:{}", next(*date).format("%Y%m%d")));
        } else {
            lines.folded(&format!("DTSTART:{}", local(*date, part.from_s())));
            lines.folded(&format!("DTEND:{}", local(*date, part.to_s())));
        }
        lines.folded(&format!("SUMMARY:{}", escaped(name)));
        lines.plain("END:VEVENT");
    }
    lines.plain("END:VCALENDAR");
    lines.into_text()
}

/// A second of a local day in floating time. 24:00 is the next midnight.
fn local(date: NaiveDate, second: u32) -> String {
    let (date, second) = if second == DAY_S { (next(date), 0) } else { (date, second) };
    format!("{}T{:02}{:02}{:02}", date.format("%Y%m%d"), second / 3600, second / 60 % 60, second % 60)
}

fn next(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(date)
}

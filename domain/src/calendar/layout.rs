//! Lays out a calendar at a site as open spans in UTC.
//!
//! It converts from UTC to local time, never back. So a skipped hour has no time, and a repeated one has it twice. A
//! night window has seven or nine hours when clocks change.

use chrono::{Datelike, NaiveDate};

use super::holidays::holidays;
use super::spans::{Due, NamedClosure, Spans};
use super::week::{Calendar, DayPart};
use super::zone::Zone;
use super::zone_view::{DAY_S, weekday};
use crate::time::{Instant, Span};

/// The range of a layout: 1900 to 2299. Spans beyond it are cut, as their horizon shows.
const REACH: Span = Span::new(Instant(-2_208_988_800), Instant(10_413_792_000));

/// The first range that [`due_in`] lays out: most targets end within it.
const FIRST_LOOK_S: i64 = 45 * DAY_S;

/// The last range of [`due_in`]: some twelve years.
const LAST_LOOK_S: i64 = 4_383 * DAY_S;

/// The open spans of `calendar` at a site in `zone`, within `span`.
#[must_use]
pub fn lay_out(calendar: &Calendar, zone: Zone, span: Span) -> Spans {
    let known = REACH.intersect(span);
    if known.is_empty() {
        return Spans::unknown(span.from);
    }
    let shut = ClosedParts::of(calendar, known);
    let mut laid = Layout::default();
    for (stretch, offset_s) in zone.stretches(known) {
        let east_s = i64::from(offset_s);
        let first = stretch.from.plus(east_s).0.div_euclid(DAY_S);
        let last = stretch.to.plus(east_s - 1).0.div_euclid(DAY_S);
        for day in first..=last {
            let midnight = Instant(day * DAY_S - east_s);
            laid.day(calendar.hours.on(weekday(day)), shut.on(day), midnight, stretch);
        }
    }
    let spans = Spans::new(known, laid.open, laid.named);
    debug_assert!(spans.is_ok(), "days and stretches are laid in order");
    spans.unwrap_or_else(|_| Spans::unknown(span.from))
}

/// When `budget_s` seconds are used up, within some twelve years.
#[must_use]
pub fn due_in(calendar: &Calendar, zone: Zone, start: Instant, budget_s: i64, pauses: &[Span]) -> Due {
    let mut look_s = FIRST_LOOK_S;
    loop {
        let spans = lay_out(calendar, zone, Span::new(start, start.plus(look_s)));
        let due = spans.due(start, budget_s, pauses);
        if due != Due::BeyondHorizon || look_s == LAST_LOOK_S {
            return due;
        }
        look_s = (look_s * 5).min(LAST_LOOK_S);
    }
}

/// Closed parts of local days, by day.
struct ClosedParts<'a>(Vec<ClosedPart<'a>>);

struct ClosedPart<'a> {
    /// Days from 1970-01-01.
    day: i64,
    part: DayPart,
    name: &'a str,
}

impl<'a> ClosedParts<'a> {
    fn of(calendar: &'a Calendar, known: Span) -> Self {
        // The local date may differ from that of UTC by a day: one more day on both sides covers every zone.
        let year = |at: Instant| at.to_chrono().map_or(1970, |utc| utc.year());
        let years = year(known.from.plus(-DAY_S))..=year(known.to.plus(DAY_S));
        let observed = calendar
            .observes
            .into_iter()
            .flat_map(|country| years.clone().flat_map(move |year| holidays(country, year)));
        let is_worked = |date: &NaiveDate| calendar.worked_holidays().binary_search(date).is_ok();
        let national = observed.filter(|holiday| !is_worked(&holiday.date)).map(|holiday| ClosedPart {
            day: day_number(holiday.date),
            part: DayPart::WHOLE,
            name: holiday.name,
        });
        let local = calendar.closures().iter().map(|closure| ClosedPart {
            day: day_number(closure.date),
            part: closure.part,
            name: &closure.name,
        });
        let mut parts: Vec<_> = national.chain(local).collect();
        parts.sort_by_key(|shut| shut.day);
        Self(parts)
    }

    fn on(&self, day: i64) -> &[ClosedPart<'a>] {
        let first = self.0.partition_point(|shut| shut.day < day);
        let shut = self.0.get(first..).unwrap_or_default();
        let count = shut.iter().take_while(|shut| shut.day == day).count();
        shut.get(..count).unwrap_or_default()
    }
}

fn day_number(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

/// The layout so far.
#[derive(Default)]
struct Layout {
    open: Vec<Span>,
    named: Vec<NamedClosure>,
}

impl Layout {
    /// Adds the part of a local day within `stretch`.
    fn day(&mut self, windows: &[DayPart], shut: &[ClosedPart<'_>], midnight: Instant, stretch: Span) {
        let placed = |part: DayPart| {
            Span::new(midnight.plus(part.from_s().into()), midnight.plus(part.to_s().into()))
                .intersect(stretch)
        };
        for closure in shut {
            self.close(placed(closure.part), closure.name);
        }
        let mut open = windows.to_vec();
        for closure in shut {
            open = open.into_iter().flat_map(|part| part.without(closure.part)).collect();
        }
        self.open.extend(open.into_iter().map(placed).filter(|span| !span.is_empty()));
    }

    /// Adds a named closure. One that continues over a change of clocks is joined.
    fn close(&mut self, span: Span, name: &str) {
        if span.is_empty() {
            return;
        }
        let goes_on = |closure: &&mut NamedClosure| closure.span.to == span.from && closure.name == name;
        match self.named.iter_mut().rev().find(goes_on) {
            Some(closure) => closure.span.to = span.to,
            None => self.named.push(NamedClosure { span, name: name.to_owned() }),
        }
    }
}

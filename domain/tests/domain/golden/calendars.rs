//! Stored calendars, and the spans of browsers.

use chrono::Weekday;
use domain::calendar::explain::{Stretch, Why};
use domain::calendar::week::{CalendarId, Closure, DayPart, WeekHours, Window};
use domain::calendar::zone::Zone;
use domain::calendar::{Calendar, Due, NamedClosure, ServiceHours, Spans, ZoneView};
use domain::country::Country;
use domain::entitlement::Validity;

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    let closure = NamedClosure { span: span(1440, 2880), name: "Día local".into() };
    let unnamed = Spans::new(span(0, 10_080), [span(0, 540)], Vec::new()).unwrap();
    let validity = Validity { from: day("2026-01-01"), to: day("2026-12-31") };
    vec![
        golden!("calendar", Calendar, [calendar(Some(Country::Co)), calendar(None), worked()]),
        golden!("calendar_id", CalendarId, [CalendarId(1)]),
        golden!("week_hours", WeekHours, [week()]),
        golden!("window", Window, windows()),
        golden!("day_part", DayPart, [DayPart::new(0, 43_200).unwrap()]),
        golden!("closure", Closure, [afternoon()]),
        golden!("spans", Spans, [spans(), unnamed]),
        golden!("named_closure", NamedClosure, [closure]),
        golden!("due", Due { At, Never, BeyondHorizon }, [Due::At(at(60)), Due::Never, Due::BeyondHorizon]),
        golden!("stretch", Stretch, [Stretch { span: span(0, 10), why: Why::Counted }]),
        golden!("why", Why { Counted, OutsideHours, Closed, Paused }, why()),
        golden!("zone", Zone, [Zone::parse("America/Caracas").unwrap()]),
        golden!("zone_view", ZoneView, [zone_view()]),
        golden!("hours", ServiceHours, [hours()]),
        golden!("validity", Validity, [validity]),
    ]
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

fn windows() -> [Window; 7] {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    [Mon, Tue, Wed, Thu, Fri, Sat, Sun].map(|weekday| Window { weekday, opens_s: 28_800, closes_s: 61_200 })
}

fn week() -> WeekHours {
    WeekHours::new(&windows()).unwrap()
}

fn afternoon() -> Closure {
    Closure {
        date: day("2026-11-27"),
        part: DayPart::new(43_200, 61_200).unwrap(),
        name: "Inventario".into(),
    }
}

pub(super) fn calendar(observes: Option<Country>) -> Calendar {
    Calendar::new(CalendarId(1), 2, "Oficina", week(), observes, vec![afternoon()]).unwrap()
}

fn worked() -> Calendar {
    calendar(Some(Country::Co)).with_worked_holidays(vec![day("2026-10-12")]).unwrap()
}

fn why() -> [Why; 4] {
    [Why::Counted, Why::OutsideHours, Why::Closed { name: "Día local".into() }, Why::Paused(2)]
}

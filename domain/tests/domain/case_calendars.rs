//! Edge cases of calendars and zones, over whole cases.

use crate::case::{self, ClosedAt, History, contact, eight_to_five};
use chrono::{TimeZone, Utc};
use domain::calendar::Spans;
use domain::calendar::format::MomentStyle;
use domain::calendar::layout::lay_out;
use domain::calendar::week::{Calendar, CalendarId, WeekHours};
use domain::calendar::zone::Zone;
use domain::case::{Command, ServiceHoursRef, SlaClock};
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::time::{Instant, Span};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn of(clocks: &[SlaClock], kind: SlaMetric) -> SlaClock {
    *clocks.iter().find(|clock| clock.kind == kind).expect("the case has the promise")
}

fn utc(year: i32, month: u32, day: u32, hour: u32) -> Instant {
    Instant(Utc.with_ymd_and_hms(year, month, day, hour, 0, 0).unwrap().timestamp())
}

#[test]
fn edge_11_case_uses_the_calendar_of_its_opening() {
    let (before, monday) = eight_to_five();
    let after = ClosedAt::lunch_holiday();
    let case = History::opened(monday, Priority::P3).case();
    assert_eq!(
        case.opening.hours,
        ServiceHoursRef { calendar: CalendarId(1), version: 1, zone: "America/Caracas".into() }
    );
    // Another version of the calendar gives another due time. So the opening has the version, and the desk lays out
    // that one.
    let due =
        |spans: &Spans| of(&case.clocks(spans, monday), SlaMetric::Resolution).reading(spans, monday).due;
    assert_ne!(due(&before), due(&after));
}

#[test]
fn edge_13_repeated_hour_counts_twice() {
    // Tijuana turned its clocks back on 1 November 2026 at 02:00.
    let always = Calendar::new(CalendarId(1), 1, "Siempre", WeekHours::always(), None, Vec::new()).unwrap();
    let zone = Zone::parse("America/Tijuana").unwrap();
    let saturday_noon = utc(2026, 10, 31, 19);
    let spans = lay_out(&always, zone, Span::new(saturday_noon.plus(-DAY), saturday_noon.plus(60 * DAY)));
    let view = zone.view(Span::new(saturday_noon.plus(-DAY), saturday_noon.plus(10 * DAY)));
    assert_eq!(spans.elapsed(saturday_noon, saturday_noon.plus(DAY), &[]), DAY);
    let (before, after) = (view.local(saturday_noon), view.local(saturday_noon.plus(DAY)));
    assert_eq!(
        (before.hour, after.hour),
        (12, 11),
        "24 hours later the clock on the wall shows an hour less"
    );
    // Caracas and Bogotá change no clocks; Mexico City has not since 2022.
    for name in ["America/Caracas", "America/Bogota", "America/Mexico_City"] {
        let zone = Zone::parse(name).unwrap();
        assert_eq!(zone.offset_s(utc(2026, 1, 15, 12)), zone.offset_s(utc(2026, 7, 15, 12)), "{name}");
    }
}

#[test]
fn edge_14_due_time_is_one_instant_shown_in_the_zone_of_the_site() {
    let (spans, monday) = eight_to_five();
    let case = History::opened(monday, Priority::P2).case();
    let due = of(&case.clocks(&spans, monday), SlaMetric::FirstResponse).reading(&spans, monday).due.unwrap();
    assert_eq!(due, monday.plus(30 * MINUTE));
    let shown = |zone: &str| {
        let view = Zone::parse(zone).unwrap().view(Span::new(monday, monday.plus(DAY)));
        view.local(due).format(Language::Es, MomentStyle::Time)
    };
    assert_ne!(shown("America/Caracas"), shown("America/Mexico_City"), "the same instant on two walls");
    assert!(shown("America/Caracas").contains("8:30"), "{}", shown("America/Caracas"));
}

#[test]
fn edge_15_overdue_time_is_business_time_beside_calendar_time() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    // Contacted at 08:10 on the next day: 9 h 10 min of business time, 24 h 10 min of calendar time.
    history.at(DAY + 10 * MINUTE, contact());
    let now = monday.plus(DAY + HOUR);
    let attention = of(&history.case().clocks(&spans, now), SlaMetric::FirstResponse);
    assert_eq!(attention.used_s, 9 * HOUR + 10 * MINUTE);
    let reading = attention.reading(&spans, now);
    assert_eq!(reading.remaining_s, 15 * MINUTE - attention.used_s);
    let explained = history.case().explain(SlaMetric::FirstResponse, &spans, now);
    let counted: i64 = explained.iter().map(|stretch| stretch.counted_s).sum();
    let lived: i64 = explained.iter().map(|stretch| stretch.span.seconds()).sum();
    assert_eq!((counted, lived), (attention.used_s, DAY + 10 * MINUTE));
}

#[test]
fn edge_22_target_of_business_time_is_never_due_at_its_start() {
    for (spans, opening) in [eight_to_five(), (ClosedAt::lunch_holiday(), ClosedAt::MONDAY)] {
        for quarter in 0..7 * 96 {
            let opened = opening.plus(quarter * 15 * MINUTE);
            for priority in [Priority::P1, Priority::P2, Priority::P3, Priority::P4] {
                let case = History::opened(opened, priority).case();
                for clock in case.clocks(&spans, opened) {
                    let due = clock.reading(&spans, opened).due.unwrap();
                    assert!(due > opened);
                    assert_eq!(spans.elapsed(opened, due, &[]), clock.target_s, "opened at {opened:?}");
                }
            }
        }
    }
}

#[test]
fn edge_23_lunch_break_is_not_counted() {
    let (spans, monday) = (ClosedAt::lunch_holiday(), ClosedAt::MONDAY);
    // 11:50, ten minutes before lunch: half an hour is due at 13:20.
    let opened = monday.plus(3 * HOUR + 50 * MINUTE);
    let case = History::opened(opened, Priority::P2).case();
    let clock = of(&case.clocks(&spans, opened), SlaMetric::FirstResponse);
    assert_eq!(clock.reading(&spans, opened).due, Some(monday.plus(5 * HOUR + 20 * MINUTE)));
    let at_lunch = monday.plus(4 * HOUR + 30 * MINUTE);
    let reading = clock.reading(&spans, at_lunch);
    assert_eq!((reading.used_s, reading.counting), (10 * MINUTE, false));
}

#[test]
fn edge_25_time_passes_without_any_entry() {
    let (spans, monday) = eight_to_five();
    let case = History::opened(monday, Priority::P1).case();
    let held = of(&case.clocks(&spans, monday), SlaMetric::FirstResponse);
    for after_s in [1, 60, 899, 900, 901, 4000] {
        let now = monday.plus(after_s);
        let asked = of(&case.clocks(&spans, now), SlaMetric::FirstResponse);
        assert_eq!(asked.used_s, after_s);
        assert_eq!(held.reading(&spans, now).used_s, after_s, "a display counts on from what it was sent");
        assert_eq!(held.reading(&spans, now).state, asked.reading(&spans, now).state);
    }
    // A breach needs no command.
    assert!(case.due_commands(&case::caracas(&spans), monday.plus(901)).iter().any(|command| {
        matches!(command, Command::Warn { clock: SlaMetric::FirstResponse, level: 100, .. })
    }));
}

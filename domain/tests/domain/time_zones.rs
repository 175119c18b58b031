//! Zones and calendars compared with a table of the region's clock changes (`oracles/tz_transitions.csv`), and with a
//! counter of single seconds or minutes.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Weekday};
use domain::calendar::explain::Why;
use domain::calendar::holidays::holidays;
use domain::calendar::layout::{due_in, lay_out};
use domain::calendar::spans::{Due, Spans};
use domain::calendar::week::{Calendar, CalendarId, Closure, DayPart, WeekHours, Window};
use domain::calendar::zone::{Zone, release};
use domain::country::Country;
use domain::time::{Instant, Span};
use proptest::prelude::*;

const DAY_S: u32 = 86_400;

fn instant(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc().into()
}

fn calendar(windows: &[Window], observes: Option<Country>, closures: Vec<Closure>) -> Calendar {
    Calendar::new(CalendarId(1), 1, "prueba", WeekHours::new(windows).unwrap(), observes, closures).unwrap()
}

/// The table's rows of one zone.
struct Changes {
    offset_s: i32,
    /// Instant, local time just before, offset after.
    changes: Vec<(Instant, NaiveDateTime, i32)>,
}

fn oracle() -> BTreeMap<String, Changes> {
    let seconds = |offset: &str| {
        let (hours, minutes) = offset[1..].split_once(':').unwrap();
        let length = hours.parse::<i32>().unwrap() * 3600 + minutes.parse::<i32>().unwrap() * 60;
        if offset.starts_with('-') { -length } else { length }
    };
    let mut zones = BTreeMap::new();
    let mut rows = 0;
    for row in csv::Reader::from_path("tests/oracles/tz_transitions.csv").unwrap().deserialize() {
        let (zone, utc, wall, offset, moves): (String, String, String, String, String) = row.unwrap();
        rows += 1;
        if moves == "start" {
            zones.insert(zone, Changes { offset_s: seconds(&offset), changes: Vec::new() });
        } else {
            let changes = &mut zones.get_mut(&zone).unwrap().changes;
            changes.push((instant(&utc), wall.parse().unwrap(), seconds(&offset)));
        }
    }
    let known: usize = zones.values().map(|zone| 1 + zone.changes.len()).sum();
    assert!(rows >= 300 && known == rows, "{rows} rows, {known} of them read");
    let served = Country::ALL.into_iter().flat_map(Country::zones);
    assert!(served.clone().all(|zone| zones.contains_key(*zone)), "each zone of a country has rows");
    assert_eq!(zones.len(), served.count(), "and no other has");
    zones
}

#[test]
fn clock_changes_equal_the_oracle() {
    let years = Span::new(instant("2014-01-01T00:00:00Z"), instant("2036-01-01T00:00:00Z"));
    for (name, expected) in oracle() {
        let view = Zone::parse(&name).unwrap().view(years);
        assert_eq!(view.name, name);
        assert_eq!(view.offset_s, expected.offset_s, "{name}");
        let changes: Vec<_> = expected.changes.iter().map(|(at, _, offset_s)| (*at, *offset_s)).collect();
        assert_eq!(view.changes, changes, "{name}");
    }
}

#[test]
fn days_of_clock_changes_equal_the_oracle() {
    for (name, expected) in oracle() {
        let zone = Zone::parse(&name).unwrap();
        let mut before_s = expected.offset_s;
        for (at, wall, after_s) in expected.changes {
            let view = zone.view(Span::new(at.plus(-90_000), at.plus(90_000)));
            let local = view.local(at.plus(-1));
            let date = (wall - TimeDelta::seconds(1)).date();
            let seen = date.and_hms_opt(local.hour.into(), local.minute.into(), local.second.into()).unwrap();
            assert_eq!(seen + TimeDelta::seconds(1), wall, "{name} {at:?}");
            assert_eq!(
                (local.year, u32::from(local.day), local.offset_s),
                (date.year(), date.day(), before_s)
            );

            // Open on that weekday only, all day, so that the length of the local date shows.
            let whole_day = Window { weekday: date.weekday(), opens_s: 0, closes_s: DAY_S };
            let around = Span::new(at.plus(-3 * 86_400), at.plus(3 * 86_400));
            let spans = lay_out(&calendar(&[whole_day], None, Vec::new()), zone, around);
            let length_s = i64::from(DAY_S) - i64::from(after_s - before_s);
            assert_eq!(spans.open().len(), 1, "{name} {date}");
            assert_eq!(spans.open()[0].seconds(), length_s, "{name} {date}");
            // A closed day is one stretch, whatever its length.
            let shut = Closure { date, part: DayPart::WHOLE, name: "Feria".to_owned() };
            let always =
                Calendar::new(CalendarId(1), 1, "24x7", WeekHours::always(), None, vec![shut]).unwrap();
            let closed = lay_out(&always, zone, around);
            assert_eq!(closed.named().iter().map(|closure| closure.span).collect::<Vec<_>>(), spans.open());
            assert_eq!(closed.open_seconds(around), around.seconds() - length_s);
            before_s = after_s;
        }
    }
}

#[test]
fn worked_holiday_is_open_as_its_weekday_but_for_its_closures() {
    let bogota = Zone::parse("America/Bogota").unwrap();
    let hours = |weekday| Window { weekday, opens_s: 8 * 3600, closes_s: 16 * 3600 };
    let week = [Weekday::Mon, Weekday::Tue].map(hours);
    // Two holidays of Colombia on Mondays, the second with a closure of its own.
    let (all_souls, independence) = ("2026-11-02", "2026-11-16");
    let afternoon = Closure {
        date: independence.parse().unwrap(),
        part: DayPart::new(12 * 3600, DAY_S).unwrap(),
        name: "Inventario".to_owned(),
    };
    let shut = calendar(&week, Some(Country::Co), vec![afternoon]);
    let worked = vec![independence.parse().unwrap(), all_souls.parse().unwrap()];
    let open = shut.clone().with_worked_holidays(worked).unwrap();
    let open_s = |calendar: &Calendar, date: &str| {
        let midnight = instant(&format!("{date}T05:00:00Z"));
        let day = Span::new(midnight, midnight.plus(DAY_S.into()));
        lay_out(calendar, bogota, day).open_seconds(day)
    };
    for (date, shut_s, worked_s) in
        [(all_souls, 0, 8 * 3600), (independence, 0, 4 * 3600), ("2026-11-03", 8 * 3600, 8 * 3600)]
    {
        assert_eq!((open_s(&shut, date), open_s(&open, date)), (shut_s, worked_s), "{date}");
    }
}

#[test]
fn far_dates_are_cut_and_searches_end() {
    let bogota = Zone::parse("America/Bogota").unwrap();
    let monday = Window { weekday: Weekday::Mon, opens_s: 0, closes_s: 60 };
    let minute = calendar(&[monday], None, Vec::new());
    let forever = lay_out(&minute, bogota, Span::new(Instant(i64::MIN), Instant::FAR));
    assert_eq!(forever.known().to, instant("2300-01-01T00:00:00Z"));
    let start = instant("2026-11-23T05:00:00Z"); // a Monday, 00:00 in Bogotá
    let found = |minutes: i64| due_in(&minute, bogota, start, minutes * 60, &[]);
    assert_eq!(found(1), Due::At(start.plus(60)));
    assert_eq!(found(521), Due::At(start.plus(520 * 7 * 86_400 + 60)));
    assert_eq!(found(1000), Due::BeyondHorizon);
    assert_eq!(due_in(&minute, bogota, Instant(i64::MIN), 60, &[]), Due::BeyondHorizon);
    let pause = Span::new(start.plus(200 * 86_400), Instant::FAR);
    assert_eq!(due_in(&minute, bogota, start, 100 * 60, &[pause]), Due::Never);
}

/// A calendar, a site and a span whose edges all lie on multiples of `unit_s` seconds.
#[derive(Debug, Clone)]
struct Case {
    unit_s: i64,
    zone: Zone,
    windows: Vec<Window>,
    calendar: Calendar,
    start: Instant,
    pauses: Vec<Span>,
    /// Number of units that the counter walks.
    steps: i64,
    /// Three points within the span, in units, in order.
    points: [i64; 3],
}

impl Case {
    /// Sites on nights of clock changes, and some holidays, by zone.
    const PLACES: [(&str, &str); 9] = [
        ("America/Tijuana", "2026-03-08T10:00:00Z"),
        ("America/Tijuana", "2026-11-01T09:00:00Z"),
        ("America/Ciudad_Juarez", "2022-11-30T06:00:00Z"),
        ("America/Ciudad_Juarez", "2027-03-14T09:00:00Z"),
        ("America/Caracas", "2016-05-01T07:00:00Z"),
        ("America/Mexico_City", "2022-10-30T07:00:00Z"),
        ("America/Bogota", "2026-01-01T05:00:00Z"),
        ("America/Bogota", "2025-06-30T15:00:00Z"),
        ("America/Cancun", "2015-02-01T08:00:00Z"),
    ];

    /// Whether the calendar is open by definition: local date and time of this one instant.
    fn is_open(&self, at: Instant) -> bool {
        let zone: chrono_tz::Tz = self.zone.name().parse().unwrap();
        let local = zone.from_utc_datetime(&at.to_chrono().unwrap().naive_utc()).naive_local();
        let (date, second) = (local.date(), local.num_seconds_from_midnight());
        let observed = self
            .calendar
            .observes
            .is_some_and(|country| holidays(country, date.year()).iter().any(|holiday| holiday.date == date));
        let closed = self.calendar.closures().iter().any(|closure| {
            closure.date == date && closure.part.from_s() <= second && second < closure.part.to_s()
        });
        let in_window = self.windows.iter().any(|window| {
            let crosses = window.closes_s <= window.opens_s;
            let today = window.weekday == date.weekday() && window.opens_s <= second;
            let from_yesterday =
                crosses && window.weekday.succ() == date.weekday() && second < window.closes_s;
            (today && (crosses || second < window.closes_s)) || from_yesterday
        });
        in_window && !observed && !closed
    }

    /// Whether each unit from the start counts.
    fn counts(&self) -> Vec<bool> {
        (0..self.steps)
            .map(|step| self.start.plus(step * self.unit_s))
            .map(|at| self.is_open(at) && !self.pauses.iter().any(|pause| pause.contains(at)))
            .collect()
    }

    fn at(&self, step: i64) -> Instant {
        self.start.plus(step * self.unit_s)
    }
}

fn windows(unit_s: u32) -> impl Strategy<Value = Vec<Window>> {
    let second = (0..DAY_S / unit_s).prop_map(move |units| units * unit_s);
    let window = (0..7_u8, second.clone(), second, any::<bool>()).prop_filter_map(
        "empty",
        |(day, from, to, midnight)| {
            let weekday = Weekday::try_from(day).ok()?;
            let closes_s = if midnight { DAY_S } else { to };
            (from != closes_s).then_some(Window { weekday, opens_s: from, closes_s })
        },
    );
    proptest::collection::vec(window, 1..16)
}

fn closures(unit_s: u32, around: NaiveDate) -> impl Strategy<Value = Vec<Closure>> {
    let second = (0..=DAY_S / unit_s).prop_map(move |units| units * unit_s);
    let closure = (-2..4_i64, second.clone(), second).prop_map(move |(days, one, other)| Closure {
        date: around + TimeDelta::days(days),
        part: DayPart::new(one.min(other), one.max(other)).unwrap_or(DayPart::WHOLE),
        name: format!("Cierre {days}"),
    });
    proptest::collection::vec(closure, 0..3)
}

fn case(unit_s: u32, steps: i64) -> impl Strategy<Value = Case> {
    let unit = i64::from(unit_s);
    let observes = proptest::option::of(proptest::sample::select(&Country::ALL[..]));
    let pause = (-steps / 4..steps, -2..steps / 3, 0..12_u8);
    let places = proptest::sample::select(&Case::PLACES[..]);
    (places, windows(unit_s), observes, -steps..steps / 4, proptest::collection::vec(pause, 0..6))
        .prop_flat_map(move |(place, windows, observes, lead, pauses)| {
            let start = instant(place.1).plus(lead * unit);
            let around = start.to_chrono().unwrap().date_naive();
            let points = proptest::array::uniform3(0..=steps);
            (Just((place, windows, observes, start, pauses)), closures(unit_s, around), points)
        })
        .prop_map(move |((place, windows, observes, start, pauses), closures, mut points)| {
            points.sort_unstable();
            let pauses = pauses
                .into_iter()
                .map(|(from, length, fate)| {
                    let from = start.plus(from * unit);
                    Span::new(from, if fate == 0 { Instant::FAR } else { from.plus(length * unit) })
                })
                .collect();
            let zone = Zone::parse(place.0).unwrap();
            let calendar = calendar(&windows, observes, closures);
            Case { unit_s: unit, zone, windows, calendar, start, pauses, steps, points }
        })
}

/// Every result of the spans equals that of the counter.
fn agrees(case: &Case) -> Result<(), TestCaseError> {
    let counts = case.counts();
    let counted = |from: i64, to: i64| {
        let (from, to) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
        i64::try_from(counts[from..to].iter().filter(|counts| **counts).count()).unwrap() * case.unit_s
    };
    let whole = Span::new(case.at(0), case.at(case.steps));
    let spans = lay_out(&case.calendar, case.zone, whole);
    prop_assert_eq!(spans.known(), whole);

    let [a, b, c] = case.points;
    let elapsed = |from, to| spans.elapsed(case.at(from), case.at(to), &case.pauses);
    prop_assert_eq!(elapsed(a, c), counted(a, c));
    prop_assert_eq!(elapsed(a, c), elapsed(a, b) + elapsed(b, c));
    prop_assert_eq!(spans.is_open(case.at(a)), a < case.steps && case.is_open(case.at(a)));

    let budget_s = counted(a, c);
    if budget_s > 0 {
        let last = (a..c).rev().find(|step| counts[usize::try_from(*step).unwrap()]).unwrap();
        prop_assert_eq!(spans.due(case.at(a), budget_s, &case.pauses), Due::At(case.at(last + 1)));
    }
    let all_s = counted(a, case.steps);
    let too_much = spans.due(case.at(a), all_s + 1, &case.pauses);
    let held = case.pauses.iter().any(|pause| pause.to == Instant::FAR && pause.from <= whole.to);
    let expected = if held && a < case.steps { Due::Never } else { Due::BeyondHorizon };
    prop_assert_eq!(too_much, expected);
    cut_agrees(case, &spans)?;
    told_agrees(case, &spans)
}

/// A window of the spans equals a layout of the window.
fn cut_agrees(case: &Case, spans: &Spans) -> Result<(), TestCaseError> {
    let span = Span::new(case.at(case.points[0]), case.at(case.points[2]));
    if !span.is_empty() {
        prop_assert_eq!(spans.window(span), lay_out(&case.calendar, case.zone, span));
    }
    let wire = serde_json::to_string(spans).unwrap();
    prop_assert_eq!(&serde_json::from_str::<Spans>(&wire).unwrap(), spans);
    Ok(())
}

/// The explained stretches are a partition in order, and their counted part is the elapsed time.
fn told_agrees(case: &Case, spans: &Spans) -> Result<(), TestCaseError> {
    let (from, to) = (case.at(case.points[0]), case.at(case.points[2]));
    let told = spans.explain(Span::new(from, to), &case.pauses);
    let mut end = from;
    for (place, stretch) in told.iter().enumerate() {
        prop_assert_eq!(stretch.span.from, end);
        prop_assert!(!stretch.span.is_empty());
        prop_assert!(place == 0 || told[place - 1].why != stretch.why, "neighbours agree");
        if let Why::Paused(index) = stretch.why {
            prop_assert!(case.pauses[index].contains(stretch.span.from) && case.is_open(stretch.span.from));
        }
        end = stretch.span.to;
    }
    prop_assert_eq!(end, to);
    let counted: i64 = told.iter().filter(|s| s.why == Why::Counted).map(|s| s.span.seconds()).sum();
    prop_assert_eq!(counted, spans.elapsed(from, to, &case.pauses));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_agree_with_a_minute_counter(case in case(60, 5 * 1440)) {
        agrees(&case)?;
    }

    #[test]
    fn spans_agree_with_a_second_counter(case in case(1, 9_000)) {
        agrees(&case)?;
    }
}

/// Years with offsets at the beginning of every hour: fifteen back and fifteen ahead.
const YEARS: std::ops::Range<i32> = 2011..2041;

#[test]
fn the_zones_of_the_countries_are_the_same_in_another_build_of_the_database() {
    let other = chrono_tz::IANA_TZDB_VERSION;
    println!("zones are of IANA {}, held against {other}", release());
    assert!(release() > other, "the older of the two is in use: {} and not {other}", release());
    let hour =
        |year: i32| NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
    for country in Country::ALL {
        for name in country.zones() {
            let zone = Zone::parse(name).unwrap();
            assert_eq!(zone.country(), Some(country), "{name}");
            let held_against: chrono_tz::Tz = name.parse().unwrap();
            let (from, to) = (hour(YEARS.start).timestamp(), hour(YEARS.end).timestamp());
            for at in (from..to).step_by(3600) {
                let utc = DateTime::from_timestamp(at, 0).unwrap().naive_utc();
                let expected = held_against.offset_from_utc_datetime(&utc).fix().local_minus_utc();
                assert_eq!(
                    zone.offset_s(Instant(at)),
                    expected,
                    "{name} at {utc}: {} differs from {other}; look which is right, and what it changes",
                    release()
                );
            }
        }
    }
}

#[test]
fn zone_changes_of_this_year_are_known() {
    // British Columbia's last change was in March 2026; release 2025b still had one in November.
    let vancouver = Zone::parse("America/Vancouver").unwrap();
    assert_eq!(vancouver.offset_s(instant("2026-12-01T12:00:00Z")), -7 * 3600);
    assert_eq!(vancouver.country(), None);
    for name in ["america/caracas", "AMERICA/CARACAS", "Caracas", ""] {
        assert!(Zone::parse(name).is_err(), "{name}");
    }
}

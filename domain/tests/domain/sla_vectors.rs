//! Business time agrees with independent vectors (`oracles/sla_vectors.csv`), to the second.

use std::collections::HashMap;

use chrono::{DateTime, Weekday};
use domain::calendar::explain::Why;
use domain::calendar::layout::{due_in, lay_out};
use domain::calendar::spans::Due;
use domain::calendar::week::{Calendar, CalendarId, WeekHours, Window};
use domain::calendar::zone::Zone;
use domain::country::Country;
use domain::time::{Instant, Span};
use serde::Deserialize;

#[derive(Deserialize)]
struct Hours {
    calendar: String,
    weekday: Weekday,
    opens: String,
    closes: String,
    observes_holidays: String,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    country: Country,
    tz: String,
    calendar: String,
    start: String,
    budget_min: i64,
    pauses: String,
    due_utc: String,
    due_local: String,
}

impl Vector {
    fn pauses(&self) -> Vec<Span> {
        let instant_or_far = |text: &str| if text.is_empty() { Instant::FAR } else { instant(text) };
        let pauses = self.pauses.split(';').filter(|pause| !pause.is_empty());
        pauses
            .map(|pause| pause.split_once('/').unwrap())
            .map(|(from, to)| Span::new(instant(from), instant_or_far(to)))
            .collect()
    }
}

fn rows<T: for<'row> Deserialize<'row>>(file: &str) -> Vec<T> {
    csv::Reader::from_path(format!("tests/oracles/{file}"))
        .unwrap()
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

fn instant(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc().into()
}

fn second_of_day(text: &str) -> u32 {
    let (hour, minute) = text.split_once(':').unwrap();
    hour.parse::<u32>().unwrap() * 3600 + minute.parse::<u32>().unwrap() * 60
}

/// Hours by name, and whether the calendar observes holidays.
fn weeks() -> HashMap<String, (WeekHours, bool)> {
    let mut windows: HashMap<String, (Vec<Window>, bool)> = HashMap::new();
    for row in rows::<Hours>("sla_calendars.csv") {
        let window = Window {
            weekday: row.weekday,
            opens_s: second_of_day(&row.opens),
            closes_s: second_of_day(&row.closes),
        };
        let calendar = windows.entry(row.calendar).or_insert((Vec::new(), row.observes_holidays == "yes"));
        calendar.0.push(window);
    }
    windows
        .into_iter()
        .map(|(name, (windows, observes))| (name, (WeekHours::new(&windows).unwrap(), observes)))
        .collect()
}

#[test]
fn sla_clocks_equal_the_oracle_to_the_second() {
    let weeks = weeks();
    let vectors: Vec<Vector> = rows("sla_vectors.csv");
    assert_eq!(vectors.len(), 520);
    let (mut at, mut never) = (0, 0);
    for vector in vectors {
        let id = &vector.id;
        let (hours, observes) = weeks[&vector.calendar].clone();
        let observes = observes.then_some(vector.country);
        let calendar =
            Calendar::new(CalendarId(1), 1, &vector.calendar, hours, observes, Vec::new()).unwrap();
        let zone = Zone::parse(&vector.tz).unwrap();
        let (start, budget_s, pauses) = (instant(&vector.start), vector.budget_min * 60, vector.pauses());

        let due = due_in(&calendar, zone, start, budget_s, &pauses);
        if vector.due_utc == "none" {
            assert_eq!(due, Due::Never, "{id}");
            never += 1;
            continue;
        }
        let expected = instant(&vector.due_utc);
        assert_eq!(due, Due::At(expected), "{id}: {} expected", vector.due_utc);
        at += 1;

        let around = Span::new(start.plus(-100_000), expected.plus(100_000));
        let spans = lay_out(&calendar, zone, around);
        assert_eq!(spans.due(start, budget_s, &pauses), due, "{id}");
        assert_eq!(spans.elapsed(start, expected, &pauses), budget_s, "{id}");
        assert!(budget_s == 0 || spans.elapsed(start, expected.plus(-1), &pauses) < budget_s, "{id}");
        let told = spans.explain(Span::new(start, expected), &pauses);
        let counted: i64 = told.iter().filter(|s| s.why == Why::Counted).map(|s| s.span.seconds()).sum();
        assert_eq!(counted, budget_s, "{id}");

        let local = zone.view(around).local(expected);
        let (sign, offset) = (if local.offset_s < 0 { '-' } else { '+' }, local.offset_s.abs() / 60);
        let text = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
            local.year,
            local.month,
            local.day,
            local.hour,
            local.minute,
            local.second,
            offset / 60,
            offset % 60
        );
        assert_eq!(text, vector.due_local, "{id}");
    }
    assert_eq!((at, never), (518, 2));
}

//! Measures business-time arithmetic: `cargo run --release -p domain --example business_time`.
//!
//! A budget of 120 business hours (8x5 with lunch, Tijuana, Mexican holidays, three pauses) on spans laid out for 400
//! days. Each figure is the best of several rounds. Beside it is its ratio to one look-up in a `HashMap` of 1,024
//! entries, measured in the same run.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant as Clock;

use chrono::Weekday;
use domain::calendar::layout::{due_in, lay_out};
use domain::calendar::week::{Calendar, CalendarError, CalendarId, WeekHours, Window};
use domain::calendar::zone::{UnknownZone, Zone};
use domain::country::Country;
use domain::time::{Instant, Span};

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;
const ROUNDS: u32 = 20;

#[derive(Debug, thiserror::Error)]
enum SetUpError {
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    #[error(transparent)]
    Zone(#[from] UnknownZone),
}

fn main() -> Result<(), SetUpError> {
    let calendar = office_hours()?;
    let zone = Zone::parse("America/Tijuana")?;
    let start = Instant(1_790_000_000); // September 2026: the clocks change within the budget
    let year = Span::new(start.plus(-DAY_S), start.plus(399 * DAY_S));
    let spans = lay_out(&calendar, zone, year);
    let budget_s = 120 * HOUR_S;
    let pauses = [(20, 3), (3, 2), (4, 4)].map(|(day, days)| {
        let from = start.plus(day * DAY_S);
        Span::new(from, from.plus(days * DAY_S))
    });
    let due = spans.due(start, budget_s, &pauses);
    let end = due.at().unwrap_or(year.to);
    println!(
        "{} open spans, budget of {} h, {} pauses, due {due:?}",
        spans.open().len(),
        budget_s / HOUR_S,
        pauses.len()
    );

    let table: HashMap<u64, u64> = (0..1024).map(|key| (key, key)).collect();
    let lookup_ns = nanoseconds(100_000, |turn| black_box(&table).get(&(turn % 1024)).copied());
    let line = |what: &str, ns: f64| println!("{what:<28} {ns:>12.1} ns {:>10.1} x look-up", ns / lookup_ns);
    line("HashMap look-up (baseline)", lookup_ns);
    line(
        "due",
        nanoseconds(20_000, |_| black_box(&spans).due(black_box(start), budget_s, black_box(&pauses))),
    );
    line("due, no pauses", nanoseconds(20_000, |_| black_box(&spans).due(black_box(start), budget_s, &[])));
    line(
        "elapsed",
        nanoseconds(20_000, |_| black_box(&spans).elapsed(start, black_box(end), black_box(&pauses))),
    );
    line(
        "explain",
        nanoseconds(200, |_| black_box(&spans).explain(Span::new(start, end), black_box(&pauses))),
    );
    line("lay_out, 400 days", nanoseconds(20, |_| lay_out(black_box(&calendar), zone, year)));
    line(
        "due_in, from the calendar",
        nanoseconds(20, |_| due_in(black_box(&calendar), zone, start, budget_s, &pauses)),
    );
    Ok(())
}

/// Monday to Friday, 08:00 to 12:00 and 13:00 to 17:00, closed on Mexican holidays.
fn office_hours() -> Result<Calendar, CalendarError> {
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    let windows: Vec<Window> = days
        .into_iter()
        .flat_map(|weekday| [(8, 12), (13, 17)].map(|(opens, closes)| (weekday, opens, closes)))
        .map(|(weekday, opens, closes)| Window { weekday, opens_s: opens * 3_600, closes_s: closes * 3_600 })
        .collect();
    Calendar::new(CalendarId(1), 1, "8x5", WeekHours::new(&windows)?, Some(Country::Mx), Vec::new())
}

/// The mean time of one of `turns` calls, in the best of several rounds.
fn nanoseconds<T>(turns: u32, mut call: impl FnMut(u64) -> T) -> f64 {
    let round = |_| {
        let begun = Clock::now();
        for turn in 0..turns {
            black_box(call(black_box(turn.into())));
        }
        begun.elapsed().as_secs_f64() * 1e9 / f64::from(turns)
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

//! Business time: when a budget of open minutes is used up.

use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, FixedOffset, Weekday};
use domain::calendar::layout::due_in;
use domain::calendar::spans::Due;
use domain::calendar::week::{Calendar, CalendarError, CalendarId, WeekHours, Window};
use domain::calendar::zone::Zone;
use domain::country::Country;
use domain::time::{Instant, Span};
use serde::Deserialize;

use super::{Finding, SheetError, compare, judge, rows};

/// The file with the calendars of the vectors, in the same folder.
const CALENDARS: &str = "sla_calendars.csv";

#[derive(Deserialize)]
struct Vector {
    id: String,
    country: String,
    tz: String,
    calendar: String,
    start: String,
    budget_min: String,
    pauses: String,
    due_utc: String,
    due_local: String,
}

#[derive(Deserialize)]
struct Hours {
    calendar: String,
    weekday: String,
    opens: String,
    closes: String,
    observes_holidays: String,
}

/// Weekly hours, and whether holidays close them.
type Week = (WeekHours, bool);

pub(super) fn check(file: &Path) -> Result<(usize, Vec<Finding>), SheetError> {
    let beside = file.with_file_name(CALENDARS);
    let built_in = |what: CalendarError| SheetError::Calendar {
        path: file.to_path_buf(),
        calendar: "built-in".to_owned(),
        what: what.to_string(),
    };
    let weeks = if beside.exists() { read_weeks(&beside)? } else { built_in_weeks().map_err(built_in)? };
    judge(file, |vector: &Vector| {
        let expected = match &*vector.due_utc {
            "none" => "none".to_owned(),
            due => format!("{due} ({})", vector.due_local),
        };
        compare(&vector.id, expected, due(vector, &weeks).unwrap_or_else(|unreadable| unreadable))
    })
}

/// The due time in UTC and in the site's time, or what of the row cannot be read.
fn due(vector: &Vector, weeks: &HashMap<String, Week>) -> Result<String, String> {
    let unreadable = |what: &str| format!("an unreadable {what}");
    let country = Country::from_typed(&vector.country).ok_or_else(|| unreadable("country"))?;
    let zone = Zone::parse(&vector.tz).map_err(|_| unreadable("tz"))?;
    let (hours, observes) = weeks.get(&vector.calendar).ok_or_else(|| unreadable("calendar"))?;
    let start = instant(&vector.start).ok_or_else(|| unreadable("start"))?;
    let budget_min: Option<u32> = vector.budget_min.parse().ok();
    let budget_s = i64::from(budget_min.ok_or_else(|| unreadable("budget_min"))?) * 60;
    let pauses = pauses(&vector.pauses).ok_or_else(|| unreadable("pauses"))?;
    let observes = observes.then_some(country);
    let calendar = Calendar::new(CalendarId(1), 1, &vector.calendar, hours.clone(), observes, Vec::new());
    let calendar = calendar.map_err(|_| unreadable("calendar"))?;
    Ok(match due_in(&calendar, zone, start, budget_s, &pauses) {
        Due::At(at) => told(at, zone),
        Due::Never => "none".to_owned(),
        Due::BeyondHorizon => "beyond twelve years".to_owned(),
    })
}

/// An instant in UTC and at the site, such as `2032-05-11T20:00:00Z (2032-05-11T15:00:00-05:00)`.
fn told(at: Instant, zone: Zone) -> String {
    let Some((utc, offset)) = at.to_chrono().zip(FixedOffset::east_opt(zone.offset_s(at))) else {
        return "beyond all calendars".to_owned();
    };
    format!("{utc:?} ({:?})", utc.with_timezone(&offset))
}

fn instant(text: &str) -> Option<Instant> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc().into())
}

/// Spans such as `from/to;from/`: the last may be open.
fn pauses(text: &str) -> Option<Vec<Span>> {
    let pauses = text.split(';').filter(|pause| !pause.is_empty());
    pauses
        .map(|pause| {
            let (from, to) = pause.split_once('/')?;
            let to = if to.is_empty() { Instant::FAR } else { instant(to)? };
            Some(Span::new(instant(from)?, to))
        })
        .collect()
}

/// The calendars of a file, a row for each window.
fn read_weeks(path: &Path) -> Result<HashMap<String, Week>, SheetError> {
    let wrong = |calendar: &str, what: String| SheetError::Calendar {
        path: path.to_path_buf(),
        calendar: calendar.to_owned(),
        what,
    };
    let mut windows: HashMap<String, (Vec<Window>, bool)> = HashMap::new();
    for (line, row) in rows::<Hours>(path)? {
        let unreadable = || wrong(&row.calendar, format!("line {line} cannot be read"));
        let window = Window {
            weekday: row.weekday.parse().map_err(|_| unreadable())?,
            opens_s: second_of_day(&row.opens).ok_or_else(unreadable)?,
            closes_s: second_of_day(&row.closes).ok_or_else(unreadable)?,
        };
        let observes = match &*row.observes_holidays {
            "yes" => true,
            "no" => false,
            _ => return Err(unreadable()),
        };
        windows.entry(row.calendar).or_insert((Vec::new(), observes)).0.push(window);
    }
    let week = |(name, (windows, observes)): (String, (Vec<Window>, bool))| {
        let hours = WeekHours::new(&windows).map_err(|error| wrong(&name, error.to_string()))?;
        Ok((name, (hours, observes)))
    };
    windows.into_iter().map(week).collect()
}

/// A time from `08:00` to `24:00`, in seconds since midnight.
fn second_of_day(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute) = (hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?);
    (hour <= 24 && minute < 60).then_some(hour * 3600 + minute * 60)
}

/// The ten calendars that the vectors name, for a vector file without a file of calendars.
fn built_in_weeks() -> Result<HashMap<String, Week>, CalendarError> {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    const DAYS: [Weekday; 7] = [Mon, Tue, Wed, Thu, Fri, Sat, Sun];
    let on = |days: usize, hours: &[(u32, u32)]| -> Vec<Window> {
        let window = |weekday, &(opens, closes): &(u32, u32)| Window {
            weekday,
            opens_s: opens * 3600,
            closes_s: closes * 3600,
        };
        DAYS.iter().take(days).flat_map(|day| hours.iter().map(|hours| window(*day, hours))).collect()
    };
    let saturday = Window { weekday: Sat, opens_s: 8 * 3600, closes_s: 12 * 3600 };
    let office = on(5, &[(8, 12), (13, 17)]);
    [
        ("24x7", on(7, &[(0, 24)]), false),
        ("24x5", on(5, &[(0, 24)]), true),
        ("8x5", office.clone(), true),
        ("9x5", on(5, &[(8, 17)]), true),
        ("8x5+sat", [office, vec![saturday]].concat(), true),
        ("10x6", on(6, &[(8, 18)]), true),
        ("12x7", on(7, &[(7, 19)]), false),
        ("12x7h", on(7, &[(7, 19)]), true),
        ("night", on(7, &[(22, 6)]), false),
        ("nighth", on(7, &[(22, 6)]), true),
    ]
    .into_iter()
    .map(|(name, windows, observes)| Ok((name.to_owned(), (WeekHours::new(&windows)?, observes))))
    .collect()
}

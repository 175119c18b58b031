//! One event as closures.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Timelike};
use domain::calendar::week::{CLOSURES_MAX, Closure, DAY_S, DayPart, NAME_CHARS_MAX};
use icalendar::parser::read_components;

use super::read::IcsReason;
use crate::contracts::plans::legible_name;

/// The most days of one event.
const DAYS_MOST: i64 = 366;
/// How many years after the present one a yearly event becomes closures.
const YEARS_AHEAD: i32 = 10;

/// A property of an event.
#[derive(Debug, Clone)]
pub(super) struct EventLine {
    /// The line of the file, from 1.
    number: usize,
    /// In upper case.
    name: String,
    value: String,
    /// Whether its time is that of a zone.
    has_zone: bool,
}

impl EventLine {
    /// The property of a logical line; `None` when it cannot be read.
    pub(super) fn parse(number: usize, line: &str) -> Option<Self> {
        let whole = format!("BEGIN:LINE\r\n{line}\r\nEND:LINE\r\n");
        let components = read_components(&whole).ok()?;
        let [property] = &components.first()?.properties[..] else { return None };
        let has_zone = property.params.iter().any(|param| param.key.as_str().eq_ignore_ascii_case("TZID"));
        let (name, value) = (property.name.as_str(), property.val.as_str());
        Some(Self { number, name: name.to_ascii_uppercase(), value: value.to_owned(), has_zone })
    }
}

/// What is wrong with an event, with its line.
type Refusal = (usize, IcsReason);

/// The days of an event, with the part of each.
struct EventDays {
    first: NaiveDate,
    count: u64,
    part: DayPart,
}

/// The closures of an event whose first line is `line`.
pub(super) fn closures(line: usize, event: &[EventLine], this_year: i32) -> Result<Vec<Closure>, Refusal> {
    let of = |name: &str| event.iter().find(|line| line.name == name);
    let refused = |found: Option<&EventLine>, reason| (found.map_or(line, |found| found.number), reason);
    if let Some(found) = of("STATUS").filter(|found| found.value.eq_ignore_ascii_case("CANCELLED")) {
        return Err(refused(Some(found), IcsReason::Cancelled));
    }
    if let Some(found) = of("RECURRENCE-ID") {
        return Err(refused(Some(found), IcsReason::Exception));
    }
    if let Some(found) = of("RDATE") {
        return Err(refused(Some(found), IcsReason::Recurrence));
    }
    let summary = of("SUMMARY");
    let name = legible_name(summary.map_or("", |found| &found.value));
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(refused(summary, IcsReason::Note));
    }
    let start = of("DTSTART").ok_or((line, IcsReason::NoDay))?;
    let days = days(start, of("DTEND"), of("DURATION"))?;
    let firsts = match of("RRULE") {
        None => vec![days.first],
        Some(rule) => yearly(&rule.value, days.first, this_year)
            .ok_or_else(|| refused(Some(rule), IcsReason::Recurrence))?,
    };
    let left_out: Vec<NaiveDate> = event
        .iter()
        .filter(|line| line.name == "EXDATE")
        .flat_map(|line| line.value.split(',').filter_map(|text| date(text.get(..8)?)))
        .collect();
    let firsts: Vec<NaiveDate> = firsts.into_iter().filter(|first| !left_out.contains(first)).collect();
    if usize::try_from(days.count).unwrap_or(usize::MAX).saturating_mul(firsts.len()) > CLOSURES_MAX {
        return Err((line, IcsReason::TooMany));
    }
    let of_one =
        |first: NaiveDate| (0..days.count).filter_map(move |day| first.checked_add_days(Days::new(day)));
    let closure = |date| Closure { date, part: days.part, name: name.clone() };
    Ok(firsts.into_iter().flat_map(of_one).map(closure).collect())
}

/// The days from DTSTART to DTEND, which is the first day or moment after, or of DURATION.
fn days(
    start: &EventLine,
    end: Option<&EventLine>,
    duration: Option<&EventLine>,
) -> Result<EventDays, Refusal> {
    if let Some(first) = date(&start.value) {
        let wrong = |found: &EventLine| (found.number, IcsReason::Length);
        let count = match (end, duration) {
            (Some(end), _) => {
                let until = date(&end.value).ok_or((end.number, IcsReason::Times))?;
                // Some programs write the same day twice for a single one.
                let count = (until - first).num_days().max(i64::from(until == first));
                u64::try_from(count)
                    .ok()
                    .filter(|_| (1..=DAYS_MOST).contains(&count))
                    .ok_or_else(|| wrong(end))?
            }
            (None, Some(duration)) => days_of(&duration.value).ok_or_else(|| wrong(duration))?,
            (None, None) => 1,
        };
        return Ok(EventDays { first, count, part: DayPart::WHOLE });
    }
    let from = floating(start)?;
    let end = end.ok_or((start.number, IcsReason::Length))?;
    let until = floating(end)?;
    let second = |at: NaiveDateTime| at.time().num_seconds_from_midnight();
    let closes = match until.date() - from.date() {
        same if same.num_days() == 0 => second(until),
        next if next.num_days() == 1 && second(until) == 0 => DAY_S,
        _ => return Err((end.number, IcsReason::Length)),
    };
    let part = DayPart::new(second(from), closes).map_err(|_| (end.number, IcsReason::Length))?;
    Ok(EventDays { first: from.date(), count: 1, part })
}

/// A day, as `20261224`.
fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let is_date = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_date.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()
}

/// A moment in wall time, as `20261224T120000`; one of a zone is refused.
fn floating(line: &EventLine) -> Result<NaiveDateTime, Refusal> {
    let text = line.value.trim();
    if line.has_zone || text.ends_with('Z') {
        return Err((line.number, IcsReason::Times));
    }
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").map_err(|_| (line.number, IcsReason::NoDay))
}

/// The days of a duration, as `P3D` or `P1W`.
fn days_of(text: &str) -> Option<u64> {
    let text = text.trim().strip_prefix('P')?;
    let days = match (text.strip_suffix('D'), text.strip_suffix('W')) {
        (Some(days), _) => days.parse::<u64>().ok()?,
        (_, Some(weeks)) => weeks.parse::<u64>().ok()?.checked_mul(7)?,
        _ => return None,
    };
    (1..=DAYS_MOST.unsigned_abs()).contains(&days).then_some(days)
}

/// The days of a yearly rule from this year on; `None` for any other rule.
fn yearly(rule: &str, first: NaiveDate, this_year: i32) -> Option<Vec<NaiveDate>> {
    let (mut is_yearly, mut count, mut until) = (false, None, None);
    for part in rule.split(';').filter(|part| !part.trim().is_empty()) {
        let (name, value) = part.split_once('=')?;
        match (name.trim().to_ascii_uppercase().as_str(), value.trim()) {
            ("FREQ", value) => is_yearly = value.eq_ignore_ascii_case("YEARLY"),
            ("INTERVAL", "1") | ("WKST", _) => {}
            ("BYMONTH", value) if value.parse() == Ok(first.month()) => {}
            ("BYMONTHDAY", value) if value.parse() == Ok(first.day()) => {}
            ("COUNT", value) => count = Some(value.parse::<usize>().ok()?),
            ("UNTIL", value) => until = Some(date(value.get(..8)?)?),
            _ => return None,
        }
    }
    if !is_yearly {
        return None;
    }
    let last = this_year.saturating_add(YEARS_AHEAD).max(first.year());
    let days = (first.year()..=last).filter_map(|year| first.with_year(year));
    let days =
        days.take(count.unwrap_or(usize::MAX)).take_while(|day| until.is_none_or(|until| *day <= until));
    Some(days.filter(|day| day.year() >= this_year).collect())
}

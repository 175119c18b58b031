//! Dates as spreadsheets of the region write them: `2026-11-29`, `29/11/2026`, `29-nov-26`. The day comes first.

use chrono::{Datelike, NaiveDate};

use super::cells::{self, CellProblem, YEARS};

/// The months by their first letters, in Spanish, English and Portuguese.
const MONTHS: [&[&str]; 12] = [
    &["ene", "jan"],
    &["feb", "fev"],
    &["mar"],
    &["abr", "apr"],
    &["may", "mai"],
    &["jun"],
    &["jul"],
    &["ago", "aug"],
    &["sep", "sept", "set"],
    &["oct", "out"],
    &["nov"],
    &["dic", "dec", "dez"],
];

/// What the text of a date says about the order of day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// It can be read in one way alone, and says nothing about other dates of its file.
    Clear,
    /// The day comes first, as in `29/11/2026`: so it does in the other dates of its file.
    DayFirst,
    /// Day and month could be exchanged, as in `03/04/2026`.
    Either,
}

/// A date as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) date: NaiveDate,
    pub(super) order: Order,
}

/// Reads a date.
pub(super) fn date(text: &str) -> Result<Written, CellProblem> {
    let otherwise = |problem| day_first(text).ok_or(problem);
    cells::date(text).map_or_else(otherwise, |date| Ok(Written { date, order: Order::Clear }))
}

fn day_first(text: &str) -> Option<Written> {
    let separator = text.chars().find(|character| matches!(character, '/' | '-' | '.'))?;
    let mut parts = text.split(separator);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let day_of_month = number(day, 1..=2)?;
    let word = month.to_lowercase();
    let named = MONTHS.iter().zip(1..).find(|(names, _)| names.contains(&word.as_str()));
    let (month_of_year, order) = if let Some((_, month)) = named {
        (month, Order::Clear)
    } else {
        let month = number(month, 1..=2)?;
        (month, order_of(day_of_month, month))
    };
    // Two digits of a year are told from those of a day only behind the name of a month.
    let short = || named.and_then(|_| number(year, 2..=2)).map(|year| 2000 + year);
    let year = number(year, 4..=4).or_else(short)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month_of_year, day_of_month)?;
    YEARS.contains(&date.year()).then_some(Written { date, order })
}

/// What the numbers of a day and a month say.
fn order_of(day: u32, month: u32) -> Order {
    if day > 12 {
        Order::DayFirst
    } else if day == month {
        Order::Clear
    } else {
        Order::Either
    }
}

/// A number of so many digits.
fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let is_number = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_region_are_read_with_their_day_first() {
        for (text, expected, order) in [
            ("2026-11-29", "2026-11-29", Order::Clear),
            ("29/11/2026", "2026-11-29", Order::DayFirst),
            ("29-11-2026", "2026-11-29", Order::DayFirst),
            ("29.11.2026", "2026-11-29", Order::DayFirst),
            ("3/4/2026", "2026-04-03", Order::Either),
            ("04/04/2026", "2026-04-04", Order::Clear),
            ("29-nov-26", "2026-11-29", Order::Clear),
            ("1-ENE-2026", "2026-01-01", Order::Clear),
            ("1-sept-26", "2026-09-01", Order::Clear),
            ("31/dez/2026", "2026-12-31", Order::Clear),
        ] {
            let expected: NaiveDate = expected.parse().unwrap();
            assert_eq!(date(text), Ok(Written { date: expected, order }), "{text}");
        }
    }

    #[test]
    fn text_that_is_no_date_with_its_day_first_is_refused() {
        for wrong in [
            "",
            "29/11/26",
            "02/28/2026",
            "29/02/2026",
            "29-noviembre-26",
            "29-nov-6",
            "29/11",
            "29/11/2026/1",
            "+3/4/2026",
            "29/11-2026",
            "1/1/9999",
            "46355",
            "nov-26",
        ] {
            assert_eq!(date(wrong), Err(CellProblem::NotADate(wrong.to_owned())), "{wrong}");
        }
    }
}

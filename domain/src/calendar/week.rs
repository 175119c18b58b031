//! Calendars: weekly hours, observed holidays, and dated local closures.

use chrono::{NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::country::Country;

/// Seconds of wall time in a day; as a second of the day it is 24:00.
pub const DAY_S: u32 = 86_400;

/// The longest name of a calendar or closure, in characters.
pub const NAME_CHARS_MAX: usize = 120;

/// The most closures of one calendar, and the most worked holidays: some decades of them.
pub const CLOSURES_MAX: usize = 2_000;

/// Why hours, a closure or a calendar is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// A week needs at least one window.
    #[error("a week needs at least one window")]
    NoWindows,
    /// A window or part of a day is empty.
    #[error("a window that opens at second {0} of the day and closes then is empty")]
    Empty(u32),
    /// A time of day is beyond 24:00, or an end is before its beginning where midnight cannot be crossed.
    #[error("from second {from_s} to second {to_s} is no part of a day")]
    OutsideDay {
        /// The refused beginning, in seconds since midnight.
        from_s: u32,
        /// The refused end, in seconds since midnight.
        to_s: u32,
    },
    /// The name is blank, too long or has control characters.
    #[error("a name needs 1 to {NAME_CHARS_MAX} characters and no control characters")]
    Name,
    /// There are more closures or worked holidays than [`CLOSURES_MAX`].
    #[error("more than {CLOSURES_MAX} closures or worked holidays")]
    TooManyClosures,
    /// A worked holiday is no holiday of the country that the calendar observes.
    #[error("{0} is no holiday that closes the calendar")]
    NoHoliday(NaiveDate),
}

/// A part of a local day, `[from_s, to_s)` in seconds of wall time since midnight. Never empty; 86 400 is 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct DayPart {
    from_s: u32,
    to_s: u32,
}

impl DayPart {
    /// From 00:00 to 24:00.
    pub const WHOLE: Self = Self { from_s: 0, to_s: DAY_S };

    /// The part from `from_s` to `to_s`.
    ///
    /// # Errors
    /// When it is empty or reaches beyond the day.
    pub const fn new(from_s: u32, to_s: u32) -> Result<Self, CalendarError> {
        if from_s == to_s {
            Err(CalendarError::Empty(from_s))
        } else if from_s > to_s || to_s > DAY_S {
            Err(CalendarError::OutsideDay { from_s, to_s })
        } else {
            Ok(Self { from_s, to_s })
        }
    }

    /// First second inside.
    #[must_use]
    pub const fn from_s(self) -> u32 {
        self.from_s
    }

    /// First second after, up to 86 400.
    #[must_use]
    pub const fn to_s(self) -> u32 {
        self.to_s
    }

    /// The rest of this part before and after `taken`.
    pub fn without(self, taken: Self) -> impl Iterator<Item = Self> {
        let before = Self::new(self.from_s, self.to_s.min(taken.from_s));
        let after = Self::new(self.from_s.max(taken.to_s), self.to_s);
        before.into_iter().chain(after)
    }
}

impl TryFrom<(u32, u32)> for DayPart {
    type Error = CalendarError;

    fn try_from((from_s, to_s): (u32, u32)) -> Result<Self, Self::Error> {
        Self::new(from_s, to_s)
    }
}

impl From<DayPart> for (u32, u32) {
    fn from(part: DayPart) -> Self {
        (part.from_s, part.to_s)
    }
}

/// A window as entered: open on `weekday` from `opens_s` to `closes_s`, in seconds of wall time since midnight.
///
/// A window that closes earlier than it opens crosses midnight into the next day. 86 400 is 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// The day on which it opens.
    pub weekday: Weekday,
    /// Opening time, below 86 400.
    pub opens_s: u32,
    /// Closing time, up to 86 400.
    pub closes_s: u32,
}

/// The open hours of a week: for each weekday its windows in order, not touching, none across midnight.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Window>", into = "Vec<Window>")]
pub struct WeekHours([Vec<DayPart>; 7]);

impl WeekHours {
    /// The hours of `windows`. Windows across midnight are split, because each side has its own local date, as holidays
    /// do. Overlapping and touching ones are joined.
    ///
    /// # Errors
    /// When there is no window, or one is empty or not within a day.
    pub fn new(windows: &[Window]) -> Result<Self, CalendarError> {
        if windows.is_empty() {
            return Err(CalendarError::NoWindows);
        }
        let mut days: [Vec<DayPart>; 7] = Default::default();
        for &Window { weekday, opens_s, closes_s } in windows {
            if opens_s < closes_s || opens_s >= DAY_S || opens_s == closes_s {
                days[index(weekday)].push(DayPart::new(opens_s, closes_s)?);
                continue;
            }
            days[index(weekday)].push(DayPart::new(opens_s, DAY_S)?);
            if closes_s > 0 {
                days[index(weekday.succ())].push(DayPart::new(0, closes_s)?);
            }
        }
        days.iter_mut().for_each(join);
        Ok(Self(days))
    }

    /// Open day and night, every day.
    #[must_use]
    pub fn always() -> Self {
        Self(std::array::from_fn(|_| vec![DayPart::WHOLE]))
    }

    /// The windows of a weekday, in order.
    #[must_use]
    pub fn on(&self, weekday: Weekday) -> &[DayPart] {
        &self.0[index(weekday)]
    }

    /// All windows from Monday on.
    pub fn windows(&self) -> impl Iterator<Item = Window> {
        std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ())).zip(&self.0).flat_map(
            |(weekday, parts)| {
                parts.iter().map(move |part| Window { weekday, opens_s: part.from_s, closes_s: part.to_s })
            },
        )
    }
}

/// Index of a weekday in an array of seven.
const fn index(weekday: Weekday) -> usize {
    weekday.num_days_from_monday() as usize
}

/// Sorts parts and joins those that overlap or touch.
fn join(parts: &mut Vec<DayPart>) {
    parts.sort_unstable();
    parts.dedup_by(|next, kept| {
        let joins = next.from_s <= kept.to_s;
        if joins {
            kept.to_s = kept.to_s.max(next.to_s);
        }
        joins
    });
}

impl TryFrom<Vec<Window>> for WeekHours {
    type Error = CalendarError;

    fn try_from(windows: Vec<Window>) -> Result<Self, Self::Error> {
        Self::new(&windows)
    }
}

impl From<WeekHours> for Vec<Window> {
    fn from(hours: WeekHours) -> Self {
        hours.windows().collect()
    }
}

/// A dated local closure: a decreed day, a local holiday, stock-taking on a Friday afternoon.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Closure {
    /// The local date.
    pub date: NaiveDate,
    /// The part of the day that is closed.
    #[serde(default = "whole_day")]
    pub part: DayPart,
    /// Its name, shown in explanations.
    pub name: String,
}

const fn whole_day() -> DayPart {
    DayPart::WHOLE
}

/// Id of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CalendarId(pub i64);

/// A version of a calendar. It has no time zone: that is the site's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Calendar {
    /// Id of the calendar, the same for all its versions.
    pub id: CalendarId,
    /// Number of the version; a case keeps that of its opening.
    pub version: u32,
    /// The open hours of a week.
    pub hours: WeekHours,
    /// The country whose statutory holidays it observes; `None` when it is open on holidays.
    pub observes: Option<Country>,
    name: String,
    closures: Vec<Closure>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    worked_holidays: Vec<NaiveDate>,
}

impl Calendar {
    /// A checked calendar without worked holidays; its closures are sorted by date.
    ///
    /// # Errors
    /// When a name is not valid, or there are too many closures.
    pub fn new(
        id: CalendarId,
        version: u32,
        name: &str,
        hours: WeekHours,
        observes: Option<Country>,
        mut closures: Vec<Closure>,
    ) -> Result<Self, CalendarError> {
        if closures.len() > CLOSURES_MAX {
            return Err(CalendarError::TooManyClosures);
        }
        let name = checked_name(name)?;
        for closure in &mut closures {
            closure.name = checked_name(&closure.name)?;
        }
        closures.sort_by_key(|closure| (closure.date, closure.part));
        Ok(Self { id, version, hours, observes, name, closures, worked_holidays: Vec::new() })
    }

    /// The same calendar, open on these days although they are holidays of the country: local dates, in any order. A day that
    /// is none changes nothing, because the rules of a country may change after a version was written.
    ///
    /// # Errors
    /// When there are too many.
    pub fn with_worked_holidays(mut self, mut days: Vec<NaiveDate>) -> Result<Self, CalendarError> {
        if days.len() > CLOSURES_MAX {
            return Err(CalendarError::TooManyClosures);
        }
        days.sort_unstable();
        days.dedup();
        self.worked_holidays = days;
        Ok(self)
    }

    /// Name of the calendar.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its dated closures, by date.
    #[must_use]
    pub fn closures(&self) -> &[Closure] {
        &self.closures
    }

    /// The local dates of holidays on which it is open, in order. Closures of such a day count.
    #[must_use]
    pub fn worked_holidays(&self) -> &[NaiveDate] {
        &self.worked_holidays
    }
}

/// `name` without surrounding blanks, if it can be displayed.
fn checked_name(name: &str) -> Result<String, CalendarError> {
    let name = name.trim();
    let fits =
        !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(CalendarError::Name) }
}

/// A calendar as deserialised, not yet checked.
#[derive(Deserialize)]
struct Unchecked {
    id: CalendarId,
    version: u32,
    name: String,
    hours: WeekHours,
    observes: Option<Country>,
    #[serde(default)]
    closures: Vec<Closure>,
    #[serde(default)]
    worked_holidays: Vec<NaiveDate>,
}

impl TryFrom<Unchecked> for Calendar {
    type Error = CalendarError;

    fn try_from(read: Unchecked) -> Result<Self, Self::Error> {
        Self::new(read.id, read.version, &read.name, read.hours, read.observes, read.closures)?
            .with_worked_holidays(read.worked_holidays)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: u32 = 3600;

    fn window(weekday: Weekday, opens_s: u32, closes_s: u32) -> Window {
        Window { weekday, opens_s, closes_s }
    }

    fn part(from_s: u32, to_s: u32) -> DayPart {
        DayPart::new(from_s, to_s).unwrap()
    }

    #[test]
    fn windows_across_midnight_are_split_and_overlaps_joined() {
        let hours = WeekHours::new(&[
            window(Weekday::Sun, 22 * H, 6 * H),
            window(Weekday::Mon, 13 * H, 17 * H),
            window(Weekday::Mon, 5 * H, 12 * H),
            window(Weekday::Mon, 17 * H, 18 * H),
            window(Weekday::Tue, 20 * H, 0),
            window(Weekday::Wed, 0, DAY_S),
        ])
        .unwrap();
        assert_eq!(hours.on(Weekday::Sun), [part(22 * H, DAY_S)]);
        assert_eq!(hours.on(Weekday::Mon), [part(0, 12 * H), part(13 * H, 18 * H)]);
        assert_eq!(hours.on(Weekday::Tue), [part(20 * H, DAY_S)]);
        assert_eq!(hours.on(Weekday::Wed), [DayPart::WHOLE]);
        assert_eq!(hours.on(Weekday::Thu), []);
        assert_eq!(WeekHours::new(&hours.windows().collect::<Vec<_>>()), Ok(hours));
    }

    #[test]
    fn bad_windows_are_refused() {
        for (windows, error) in [
            (vec![], CalendarError::NoWindows),
            (vec![window(Weekday::Mon, H, H)], CalendarError::Empty(H)),
            (
                vec![window(Weekday::Mon, H, DAY_S + 1)],
                CalendarError::OutsideDay { from_s: H, to_s: DAY_S + 1 },
            ),
            (vec![window(Weekday::Mon, DAY_S, H)], CalendarError::OutsideDay { from_s: DAY_S, to_s: H }),
            (vec![window(Weekday::Mon, DAY_S, DAY_S)], CalendarError::Empty(DAY_S)),
        ] {
            assert_eq!(WeekHours::new(&windows), Err(error));
        }
    }

    #[test]
    fn calendar_is_validated_when_deserialised() {
        let calendar = Calendar::new(
            CalendarId(7),
            2,
            " Bogotá 8x5 ",
            WeekHours::new(&[window(Weekday::Fri, 8 * H, 17 * H)]).unwrap(),
            Some(Country::Co),
            vec![Closure {
                date: NaiveDate::from_ymd_opt(2026, 12, 24).unwrap(),
                part: part(12 * H, DAY_S),
                name: "Cierre temprano".to_owned(),
            }],
        )
        .and_then(|calendar| {
            let worked = ["2026-11-02", "2026-10-12", "2026-11-02"].map(|date| date.parse().unwrap());
            calendar.with_worked_holidays(worked.to_vec())
        })
        .unwrap();
        let worked: Vec<String> = calendar.worked_holidays().iter().map(ToString::to_string).collect();
        assert_eq!(worked, ["2026-10-12", "2026-11-02"]);
        let json = serde_json::to_string(&calendar).unwrap();
        assert_eq!(serde_json::from_str::<Calendar>(&json).unwrap(), calendar);
        assert_eq!(calendar.name(), "Bogotá 8x5");

        let refused = |from: &str, to: &str| {
            assert!(json.contains(from), "{from} in {json}");
            assert!(serde_json::from_str::<Calendar>(&json.replace(from, to)).is_err(), "{to}");
        };
        refused("Bogotá 8x5", "  ");
        refused("Cierre temprano", "a\\u0007b");
        refused("[43200,86400]", "[43200,86401]");
        refused("[43200,86400]", "[43200,43200]");
        refused(r#""closes_s":61200"#, r#""closes_s":28800"#);
        refused("2026-12-24", "2026-02-30");
    }

    #[test]
    fn day_part_without_another_leaves_the_remainders() {
        let day = part(8 * H, 17 * H);
        let left = |from, to| day.without(part(from, to)).collect::<Vec<_>>();
        assert_eq!(left(0, 8 * H), [day]);
        assert_eq!(left(17 * H, DAY_S), [day]);
        assert_eq!(left(0, DAY_S), []);
        assert_eq!(left(12 * H, 13 * H), [part(8 * H, 12 * H), part(13 * H, 17 * H)]);
        assert_eq!(left(7 * H, 9 * H), [part(9 * H, 17 * H)]);
        assert_eq!(left(16 * H, 18 * H), [part(8 * H, 16 * H)]);
    }
}

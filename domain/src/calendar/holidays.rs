//! National holidays, by rule and with the years in which each rule holds.
//!
//! Years before the laws named in the rules have the holidays of the rules in force then.

use chrono::{Datelike, Days, NaiveDate};

use crate::country::Country;
use crate::country::holiday_rule::{Rule, When};

/// How the date of a holiday is determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The same month and day each year, never moved.
    Fixed,
    /// Counted from Easter Sunday, never moved.
    Easter,
    /// A fixed date, observed on the next Monday unless it is one.
    MondayDate,
    /// Counted from Easter Sunday, then moved to the next Monday.
    MondayEaster,
    /// The nth Monday of a month.
    NthMonday,
    /// Every six years.
    SixYearly,
    /// Declared by executive decree, not by the labour law. Off unless an operator adds it.
    Decree,
}

/// A holiday on its observed local date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Holiday {
    /// The local date on which it is observed.
    pub date: NaiveDate,
    /// Its Spanish proper name.
    pub name: &'static str,
    /// How its date is determined.
    pub kind: Kind,
}

/// The statutory holidays of `country` in `year`, by date. Two on one date have an entry each.
///
/// ```
/// use domain::calendar::holidays::holidays;
/// use domain::country::Country;
///
/// let names: Vec<&str> = holidays(Country::Mx, 2026).iter().map(|holiday| holiday.name).collect();
/// assert_eq!(names.len(), 7, "{names:?}");
/// ```
#[must_use]
pub fn holidays(country: Country, year: i32) -> Vec<Holiday> {
    observed(country.holidays(), year)
}

/// Whether `date` is a statutory holiday of `country`.
#[must_use]
pub fn is_holiday(country: Country, date: NaiveDate) -> bool {
    holidays(country, date.year()).iter().any(|holiday| holiday.date == date)
}

/// Days declared by decree in `year`. No calendar observes them unless an operator adds them as closures.
#[must_use]
pub fn decreed(country: Country, year: i32) -> Vec<Holiday> {
    observed(country.decrees(), year)
}

/// Easter Sunday of `year` by the Gregorian computus (Meeus, Jones, Butcher). `None` beyond chrono's range of years.
#[must_use]
pub fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let (leap_centuries, century_rest) = (century.div_euclid(4), century.rem_euclid(4));
    let moon_correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + century - leap_centuries - moon_correction + 15).rem_euclid(30);
    let (leaps, leap_rest) = (of_century / 4, of_century % 4);
    let to_sunday = (32 + 2 * century_rest + 2 * leaps - epact - leap_rest).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let days_after_22_march = epact + to_sunday - 7 * late;
    NaiveDate::from_ymd_opt(year, 3, 22)?
        .checked_add_days(Days::new(u64::try_from(days_after_22_march).ok()?))
}

fn observed(rules: &[Rule], year: i32) -> Vec<Holiday> {
    let mut days: Vec<Holiday> = rules.iter().filter_map(|rule| rule.observed(year)).collect();
    days.sort_by_key(|holiday| holiday.date);
    days
}

impl Rule {
    fn observed(&self, year: i32) -> Option<Holiday> {
        if year < self.first_year || self.last_year < year {
            return None;
        }
        Some(Holiday { date: self.when.date(year)?, name: self.name, kind: self.when.kind() })
    }
}

impl When {
    fn date(self, year: i32) -> Option<NaiveDate> {
        match self {
            Self::Fixed { month, day } | Self::Decree { month, day } => {
                NaiveDate::from_ymd_opt(year, month, day)
            }
            Self::Easter { days } => easter(year)?.checked_add_signed(chrono::TimeDelta::try_days(days)?),
            Self::MondayDate { month, day } => monday_from(NaiveDate::from_ymd_opt(year, month, day)?),
            Self::MondayEaster { days } => monday_from(Self::Easter { days }.date(year)?),
            Self::NthMonday { month, nth } => {
                NaiveDate::from_weekday_of_month_opt(year, month, chrono::Weekday::Mon, nth)
            }
            Self::SixYearly { month, day, rest } if year.rem_euclid(6) == rest => {
                NaiveDate::from_ymd_opt(year, month, day)
            }
            Self::SixYearly { .. } => None,
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::Fixed { .. } => Kind::Fixed,
            Self::Easter { .. } => Kind::Easter,
            Self::MondayDate { .. } => Kind::MondayDate,
            Self::MondayEaster { .. } => Kind::MondayEaster,
            Self::NthMonday { .. } => Kind::NthMonday,
            Self::SixYearly { .. } => Kind::SixYearly,
            Self::Decree { .. } => Kind::Decree,
        }
    }
}

/// The first Monday on or after `date`.
fn monday_from(date: NaiveDate) -> Option<NaiveDate> {
    let ahead = (7 - date.weekday().num_days_from_monday()) % 7;
    date.checked_add_days(Days::new(ahead.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn dates(country: Country, year: i32) -> Vec<NaiveDate> {
        holidays(country, year).into_iter().map(|holiday| holiday.date).collect()
    }

    /// Oudin's algorithm (1940), as an independent check.
    fn easter_by_oudin(year: i32) -> NaiveDate {
        let (golden, century) = (year % 19, year / 100);
        let age = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
        let full_moon = age - (age / 28) * (1 - (29 / (age + 1)) * ((21 - golden) / 11));
        let weekday = (year + year / 4 + full_moon + 2 - century + century / 4) % 7;
        let sunday = full_moon - weekday;
        let month = 3 + (sunday + 40) / 44;
        day(year, u32::try_from(month).unwrap(), u32::try_from(sunday + 28 - 31 * (month / 4)).unwrap())
    }

    #[test]
    fn easter_agrees_with_another_algorithm() {
        for year in 1583..=4099 {
            assert_eq!(easter(year).unwrap(), easter_by_oudin(year), "{year}");
        }
        assert_eq!(easter(2026), Some(day(2026, 4, 5)));
    }

    #[test]
    fn rules_hold_only_in_their_years() {
        assert!(dates(Country::Mx, 2018).contains(&day(2018, 12, 1)));
        assert!(!dates(Country::Mx, 2018).contains(&day(2018, 10, 1)));
        assert!(dates(Country::Mx, 2024).contains(&day(2024, 10, 1)));
        assert!(!dates(Country::Mx, 2024).contains(&day(2024, 12, 1)));
        assert!(dates(Country::Mx, 2036).contains(&day(2036, 10, 1)));
        assert!(dates(Country::Mx, 2005).contains(&day(2005, 3, 21)));
        assert!(dates(Country::Mx, 2006).contains(&day(2006, 3, 20)));
        assert!(dates(Country::Co, 2026).contains(&day(2026, 7, 13)));
        assert_eq!(dates(Country::Co, 2025).iter().filter(|date| date.month() == 7).count(), 1);
        assert!(dates(Country::Ve, 2012).contains(&day(2012, 12, 24)));
        assert!(!dates(Country::Ve, 2012).contains(&day(2012, 2, 20)));
        assert!(dates(Country::Ve, 2013).contains(&day(2013, 2, 11)));
    }

    #[test]
    fn a_moved_holiday_frees_its_own_date() {
        let days = dates(Country::Co, 2026);
        assert!(!days.contains(&day(2026, 1, 6)));
        assert!(days.contains(&day(2026, 1, 12)));
    }

    #[test]
    fn any_year_can_be_asked_for() {
        for year in [i32::MIN, -262_143, -1, 0, 1, 1582, 9999, 262_142, i32::MAX] {
            for country in Country::ALL {
                let days = dates(country, year);
                assert!(days.is_sorted());
                assert!(days.iter().all(|date| date.year() == year));
            }
        }
    }
}

//! National holidays of Venezuela, Colombia and Mexico, by rule and with the years in which each rule holds.
//!
//! Venezuela: LOTTT (2012) art. 184 with the Ley de Fiestas Nacionales (1971); nothing is moved.
//! Colombia: Ley 51 de 1983 (in use since 1984) and, for 9 July, Ley 2578 de 2026 art. 6.
//! Mexico: Ley Federal del Trabajo art. 74, with the reforms of 2006 (Mondays) and 2024 (1 October).
//! Years before these laws have the days of the rules that already held.

use chrono::{Datelike, Days, NaiveDate};

use crate::country::Country;

/// How the date of a holiday comes about.
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
    /// Once in six years.
    SixYearly,
    /// Declared by executive decree, not by the labour law: data, and off unless an operator turns it on.
    Decree,
}

/// A holiday on its observed local date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Holiday {
    /// The local date on which it is observed.
    pub date: NaiveDate,
    /// Its Spanish proper name.
    pub name: &'static str,
    /// How its date comes about.
    pub kind: Kind,
}

/// The statutory holidays of `country` in `year`, by date. Two may share a date: each then has its own entry.
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
    let rules = match country {
        Country::Ve => VENEZUELA,
        Country::Co => COLOMBIA,
        Country::Mx => MEXICO,
    };
    observed(rules, year)
}

/// Days declared by decree in `year`: no calendar observes them unless an operator adds them as closures.
///
/// Venezuela's 15 May is shaky (no gazette number known), which is one more reason to keep decrees out of the rules.
#[must_use]
pub fn decreed(country: Country, year: i32) -> Vec<Holiday> {
    match country {
        Country::Ve => observed(VENEZUELA_DECREED, year),
        Country::Co | Country::Mx => Vec::new(),
    }
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

/// One rule: when the day falls, what it is called, and the first and last year in which it holds.
struct Rule {
    when: When,
    name: &'static str,
    first_year: i32,
    last_year: i32,
}

/// When a holiday falls, before the years of validity are looked at.
#[derive(Clone, Copy)]
enum When {
    Fixed {
        month: u32,
        day: u32,
    },
    /// Days from Easter Sunday.
    Easter {
        days: i64,
    },
    MondayDate {
        month: u32,
        day: u32,
    },
    MondayEaster {
        days: i64,
    },
    NthMonday {
        month: u32,
        nth: u8,
    },
    /// In years that leave `rest` when divided by six.
    SixYearly {
        month: u32,
        day: u32,
        rest: i32,
    },
    Decree {
        month: u32,
        day: u32,
    },
}

const fn rule(when: When, name: &'static str) -> Rule {
    Rule { when, name, first_year: i32::MIN, last_year: i32::MAX }
}

const fn fixed(month: u32, day: u32, name: &'static str) -> Rule {
    rule(When::Fixed { month, day }, name)
}

const fn from_easter(days: i64, name: &'static str) -> Rule {
    rule(When::Easter { days }, name)
}

/// The rules of Ley 51 hold from 1984 (the law is of December 1983).
const fn moved(month: u32, day: u32, name: &'static str) -> Rule {
    rule(When::MondayDate { month, day }, name).since(1984)
}

const fn moved_from_easter(days: i64, name: &'static str) -> Rule {
    rule(When::MondayEaster { days }, name).since(1984)
}

const fn nth_monday(nth: u8, month: u32, name: &'static str) -> Rule {
    rule(When::NthMonday { month, nth }, name)
}

const fn new_president(month: u32, day: u32) -> Rule {
    rule(When::SixYearly { month, day, rest: 2 }, "Transmisión del Poder Ejecutivo Federal")
}

impl Rule {
    const fn since(self, first_year: i32) -> Self {
        Self { first_year, ..self }
    }

    const fn until(self, last_year: i32) -> Self {
        Self { last_year, ..self }
    }
}

/// Carnival, 24 and 31 December came with the LOTTT of 7 May 2012; carnival of that year was over by then.
const VENEZUELA: &[Rule] = &[
    fixed(1, 1, "Año Nuevo"),
    from_easter(-48, "Lunes de Carnaval").since(2013),
    from_easter(-47, "Martes de Carnaval").since(2013),
    from_easter(-3, "Jueves Santo"),
    from_easter(-2, "Viernes Santo"),
    fixed(4, 19, "Declaración de la Independencia"),
    fixed(5, 1, "Día Mundial del Trabajador"),
    fixed(6, 24, "Batalla de Carabobo"),
    fixed(7, 5, "Día de la Independencia"),
    fixed(7, 24, "Natalicio de Simón Bolívar"),
    fixed(10, 12, "Día de la Resistencia Indígena"),
    fixed(12, 24, "Nochebuena").since(2012),
    fixed(12, 25, "Día de Navidad"),
    fixed(12, 31, "Fiesta de Fin de Año").since(2012),
];

const CANONISATION: &str = "Canonización de José Gregorio Hernández y la Madre Carmen Rendiles";

/// 19 and 20 October 2025: Decree 5.170, Official Gazette extraordinary 6.933.
const VENEZUELA_DECREED: &[Rule] = &[
    rule(When::Decree { month: 5, day: 15 }, "Día de la Familia").since(2024),
    rule(When::Decree { month: 10, day: 19 }, CANONISATION).since(2025).until(2025),
    rule(When::Decree { month: 10, day: 20 }, CANONISATION).since(2025).until(2025),
];

const COLOMBIA: &[Rule] = &[
    fixed(1, 1, "Año Nuevo"),
    moved(1, 6, "Día de los Reyes Magos"),
    moved(3, 19, "Día de San José"),
    from_easter(-3, "Jueves Santo"),
    from_easter(-2, "Viernes Santo"),
    fixed(5, 1, "Día del Trabajo"),
    moved_from_easter(39, "Ascensión del Señor"),
    moved_from_easter(60, "Corpus Christi"),
    moved_from_easter(68, "Sagrado Corazón"),
    moved(6, 29, "San Pedro y San Pablo"),
    moved(7, 9, "Día de Nuestra Señora del Rosario de Chiquinquirá").since(2026),
    fixed(7, 20, "Día de la Independencia"),
    fixed(8, 7, "Batalla de Boyacá"),
    moved(8, 15, "La Asunción"),
    moved(10, 12, "Día de la Raza"),
    moved(11, 1, "Día de Todos los Santos"),
    moved(11, 11, "Independencia de Cartagena"),
    fixed(12, 8, "La Inmaculada Concepción"),
    fixed(12, 25, "Navidad"),
];

const MEXICO: &[Rule] = &[
    fixed(1, 1, "Año Nuevo"),
    fixed(2, 5, "Día de la Constitución").until(2005),
    nth_monday(1, 2, "Día de la Constitución").since(2006),
    fixed(3, 21, "Natalicio de Benito Juárez").until(2005),
    nth_monday(3, 3, "Natalicio de Benito Juárez").since(2006),
    fixed(5, 1, "Día del Trabajo"),
    fixed(9, 16, "Día de la Independencia"),
    new_president(10, 1).since(2024),
    fixed(11, 20, "Día de la Revolución").until(2005),
    nth_monday(3, 11, "Día de la Revolución").since(2006),
    new_president(12, 1).until(2018),
    fixed(12, 25, "Navidad"),
];

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

/// The first Monday not before `date`: of a Monday, that Monday.
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

    /// Oudin's algorithm (1940): another road to the same Sunday.
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

//! The countries that the desk serves. All that differs between them stands in one file each.

mod co;
pub mod holiday_rule;
mod mx;
pub mod numbering;
mod ve;

use self::holiday_rule::Rule;
use self::numbering::NumberingPlan;

choices! {
    /// A country of the regional contact centre. Its code is that of ISO 3166-1, upper case.
    #[derive(PartialOrd, Ord)]
    pub enum Country {
        /// Venezuela, the first in the letter.
        Ve = "VE",
        /// Colombia, the second in the letter.
        Co = "CO",
        /// Mexico, the third in the letter.
        Mx = "MX",
    }
}

/// A constant of a country's file. Each file has the same constants, by name.
macro_rules! in_file_of {
    ($country:expr, $constant:ident) => {
        match $country {
            Country::Ve => ve::$constant,
            Country::Co => co::$constant,
            Country::Mx => mx::$constant,
        }
    };
}

impl Country {
    /// The country that counts where none is named: a telephone before a country is chosen, a report of all countries.
    pub const HOME: Self = Self::Ve;

    /// The country of a two-letter code as people type it, in any case.
    #[must_use]
    pub fn from_typed(code: &str) -> Option<Self> {
        Self::from_code(&code.trim().to_ascii_uppercase())
    }

    /// The key of the country's name in the language files.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        in_file_of!(self, NAME_KEY)
    }

    /// The key of the country's name after "of": a contract of Colombia.
    #[must_use]
    pub const fn of_key(self) -> &'static str {
        in_file_of!(self, OF_KEY)
    }

    /// Names of the country at the beginning of a case number, in capitals and without spaces.
    #[must_use]
    pub const fn spellings(self) -> &'static [&'static str] {
        in_file_of!(self, SPELLINGS)
    }

    /// The desk's telephone lines in the country: with words, and in digits.
    #[must_use]
    pub const fn hotlines(self) -> &'static [(&'static str, &'static str)] {
        in_file_of!(self, HOTLINES)
    }

    /// The country's time zones, by their canonical IANA names.
    #[must_use]
    pub const fn zones(self) -> &'static [&'static str] {
        in_file_of!(self, ZONES)
    }

    /// The zone of the capital, for places that the register does not know.
    #[must_use]
    pub const fn capital_zone(self) -> &'static str {
        in_file_of!(self, CAPITAL_ZONE)
    }

    /// The number of the country's default plan, and of its calendar, in every database.
    #[must_use]
    pub const fn default_plan(self) -> i64 {
        in_file_of!(self, DEFAULT_PLAN)
    }

    /// How telephones of the country are numbered.
    #[must_use]
    pub(crate) const fn numbering(self) -> &'static NumberingPlan {
        in_file_of!(self, NUMBERING)
    }

    /// The statutory holidays of the country.
    #[must_use]
    pub(crate) const fn holidays(self) -> &'static [Rule] {
        in_file_of!(self, HOLIDAYS)
    }

    /// Days that the country's government has declared free by decree.
    #[must_use]
    pub(crate) const fn decrees(self) -> &'static [Rule] {
        in_file_of!(self, DECREES)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_default_plan_never_takes_the_number_of_another_plan() {
        let plans: BTreeSet<i64> = Country::ALL.into_iter().map(Country::default_plan).collect();
        assert_eq!(plans.len(), Country::ALL.len(), "each country has its own");
        // Sequences of plans began at 4 in every database, so a default plan added later has a negative number.
        assert!(plans.iter().all(|plan| *plan < 0 || (1..=3).contains(plan)), "{plans:?}");
    }

    #[test]
    fn the_zone_of_the_capital_is_one_of_the_zones() {
        for country in Country::ALL {
            assert!(country.zones().contains(&country.capital_zone()), "{country:?}");
        }
    }

    #[test]
    fn every_country_has_a_line_and_no_other_has_its_names() {
        let mut names = BTreeSet::new();
        for country in Country::ALL {
            assert!(!country.hotlines().is_empty(), "{country:?}");
            for name in country.spellings() {
                assert!(names.insert(name), "{name}");
                assert!(!name.contains(char::is_whitespace) && *name == name.to_uppercase(), "{name}");
            }
        }
    }
}

//! The countries the desk serves: one row of [`Country`] and one file each, which holds all that differs between them.
//!
//! Numbers, holidays, hotlines and zones are read from here by the modules whose rules they are.

mod co;
pub mod holiday_rule;
mod mx;
pub mod numbering;
mod ve;

use serde::{Deserialize, Serialize};

use self::holiday_rule::Rule;
use self::numbering::NumberingPlan;

/// Declares the countries with their ISO 3166-1 codes and their files. Each file has the same constants, by name.
macro_rules! countries {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $file:ident;)+) => {
        /// A country of the regional contact centre, named by its ISO 3166-1 code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Country {
            $($(#[$doc])* #[serde(rename = $code)] $variant),+
        }

        impl Country {
            /// All countries, in the order of the letter.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// The two-letter code, upper case.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The country of a two-letter code, upper case.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|country| country.code() == code)
            }

            /// The key of the country's name in the language files.
            #[must_use]
            pub const fn name_key(self) -> &'static str {
                match self { $(Self::$variant => concat!("country.", stringify!($file))),+ }
            }

            /// The key of the country's name as the place that something is of.
            #[must_use]
            pub const fn of_key(self) -> &'static str {
                match self { $(Self::$variant => concat!("country.of.", stringify!($file))),+ }
            }

            /// What people call the country at the beginning of a case number, in capitals and without spaces.
            #[must_use]
            pub const fn spellings(self) -> &'static [&'static str] {
                match self { $(Self::$variant => $file::SPELLINGS),+ }
            }

            /// The desk's telephone lines in the country: with words, and in digits.
            #[must_use]
            pub const fn hotlines(self) -> &'static [(&'static str, &'static str)] {
                match self { $(Self::$variant => $file::HOTLINES),+ }
            }

            /// The country's time zones, by their canonical IANA names.
            #[must_use]
            pub const fn zones(self) -> &'static [&'static str] {
                match self { $(Self::$variant => $file::ZONES),+ }
            }

            /// The zone of the capital, for places that the register does not know.
            #[must_use]
            pub const fn capital_zone(self) -> &'static str {
                match self { $(Self::$variant => $file::CAPITAL_ZONE),+ }
            }

            /// The number under which every database keeps the default plan of the country, and its calendar.
            #[must_use]
            pub const fn default_plan(self) -> i64 {
                match self { $(Self::$variant => $file::DEFAULT_PLAN),+ }
            }

            /// How telephones of the country are numbered.
            #[must_use]
            pub(crate) const fn numbering(self) -> &'static NumberingPlan {
                match self { $(Self::$variant => &$file::NUMBERING),+ }
            }

            /// The statutory holidays of the country.
            pub(crate) const fn holidays(self) -> &'static [Rule] {
                match self { $(Self::$variant => $file::HOLIDAYS),+ }
            }

            /// Days that the country's government has declared free by decree.
            pub(crate) const fn decrees(self) -> &'static [Rule] {
                match self { $(Self::$variant => $file::DECREES),+ }
            }
        }
    };
}

countries! {
    /// Venezuela, the first in the letter.
    Ve = "VE", ve;
    /// Colombia, the second in the letter.
    Co = "CO", co;
    /// Mexico, the third in the letter.
    Mx = "MX", mx;
}

impl Country {
    /// The country of what names none: a telephone number before a country is chosen, a report of all countries.
    pub const HOME: Self = Self::Ve;

    /// The country of a two-letter code as people type it, in any case.
    #[must_use]
    pub fn from_typed(code: &str) -> Option<Self> {
        Self::from_code(&code.trim().to_ascii_uppercase())
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
        // Sequences of plans began at 4 in every database: what comes later has a number below zero.
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

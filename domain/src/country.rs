//! The countries the desk serves.

use serde::{Deserialize, Serialize};

/// A country of the regional contact centre, named by its ISO 3166-1 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Country {
    /// Venezuela, the first in the letter.
    Ve,
    /// Colombia, the second in the letter.
    Co,
    /// Mexico, the third in the letter.
    Mx,
}

impl Country {
    /// All countries, in the order of the letter.
    pub const ALL: [Self; 3] = [Self::Ve, Self::Co, Self::Mx];

    /// The two-letter code, upper case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ve => "VE",
            Self::Co => "CO",
            Self::Mx => "MX",
        }
    }

    /// The country of a two-letter code in any case.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|country| code.trim().eq_ignore_ascii_case(country.code()))
    }

    /// The key of the country's name in the language files.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Ve => "country.ve",
            Self::Co => "country.co",
            Self::Mx => "country.mx",
        }
    }

    /// The key of the country's name as the place that something is of.
    #[must_use]
    pub const fn of_key(self) -> &'static str {
        match self {
            Self::Ve => "country.of.ve",
            Self::Co => "country.of.co",
            Self::Mx => "country.of.mx",
        }
    }
}

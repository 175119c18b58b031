//! The countries the desk serves.

choices! {
    /// A country of the regional contact centre, named by its ISO 3166-1 code.
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

impl Country {
    /// The country of a two-letter code as people type it, in any case.
    #[must_use]
    pub fn from_typed(code: &str) -> Option<Self> {
        Self::from_code(&code.trim().to_ascii_uppercase())
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

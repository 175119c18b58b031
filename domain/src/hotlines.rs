//! The desk's own telephone lines, as the letter prints them.

use crate::country::Country;

/// A line: the words people remember, and the digits that they press (ITU-T E.161).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hotline {
    /// Where it is called from.
    pub country: Country,
    /// With the words.
    pub words: &'static str,
    /// In digits alone.
    pub digits: &'static str,
}

/// Every line. Mexico's 01 before toll-free numbers has not been connected since August 2020, so it is not printed.
pub const HOTLINES: [Hotline; 4] = [
    Hotline { country: Country::Ve, words: "0800 CPS 0000", digits: "0800 277 0000" },
    Hotline { country: Country::Ve, words: "0501 CPS 0000", digits: "0501 277 0000" },
    Hotline { country: Country::Co, words: "01 8000 1 CPS TI", digits: "01 8000 1 27784" },
    Hotline { country: Country::Mx, words: "800 CPS MEX 0", digits: "800 277 6390" },
];

impl Hotline {
    /// As it is printed: words first, digits after them for whoever has no letters on the keys.
    #[must_use]
    pub fn printed(&self) -> String {
        format!("{} ({})", self.words, self.digits)
    }

    /// For a link that dials it from within its country.
    #[must_use]
    pub fn tel_uri(&self) -> String {
        let digits = self.digits.chars().filter(char::is_ascii_digit);
        "tel:".chars().chain(digits).collect()
    }

    /// The first line of a country.
    #[must_use]
    pub fn of(country: Country) -> Option<&'static Self> {
        HOTLINES.iter().find(|line| line.country == country)
    }
}

/// Every line, those of `home` first: toll-free numbers are seldom reached from abroad, and who travels needs the others.
pub fn of_home_first(home: Country) -> impl Iterator<Item = &'static Hotline> {
    let (mine, others): (Vec<_>, Vec<_>) = HOTLINES.iter().partition(|line| line.country == home);
    mine.into_iter().chain(others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::Phone;

    #[test]
    fn words_and_digits_dial_the_same_number() {
        for line in &HOTLINES {
            let dial = |text: &str| Phone::parse(line.country, text).unwrap().e164();
            assert_eq!(dial(line.words), dial(line.digits), "{}", line.words);
            assert_eq!(dial(line.tel_uri().trim_start_matches("tel:")), dial(line.digits), "{}", line.words);
        }
        assert_eq!(Hotline::of(Country::Ve).unwrap().printed(), "0800 CPS 0000 (0800 277 0000)");
    }

    #[test]
    fn hotlines_of_the_home_country_come_first() {
        let countries: Vec<_> = of_home_first(Country::Mx).map(|line| line.country).collect();
        assert_eq!(countries, [Country::Mx, Country::Ve, Country::Ve, Country::Co]);
    }
}

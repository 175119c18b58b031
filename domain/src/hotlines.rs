//! The desk's own telephone lines, as the letter prints them.

use crate::country::Country;

/// A line: its memorable words, and its digits (ITU-T E.161).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hotline {
    /// The country from which it is called.
    pub country: Country,
    /// The number with its words.
    pub words: &'static str,
    /// The number in digits alone.
    pub digits: &'static str,
}

/// Every line, by country.
pub fn all() -> impl Iterator<Item = Hotline> {
    Country::ALL.into_iter().flat_map(Hotline::all_of)
}

impl Hotline {
    /// As printed: words first, then digits for keypads without letters.
    #[must_use]
    pub fn printed(&self) -> String {
        format!("{} ({})", self.words, self.digits)
    }

    /// A link that dials it from within its country.
    #[must_use]
    pub fn tel_uri(&self) -> String {
        let digits = self.digits.chars().filter(char::is_ascii_digit);
        "tel:".chars().chain(digits).collect()
    }

    /// The first line of a country.
    #[must_use]
    pub fn of(country: Country) -> Option<Self> {
        Self::all_of(country).next()
    }

    fn all_of(country: Country) -> impl Iterator<Item = Self> {
        country.hotlines().iter().map(move |&(words, digits)| Self { country, words, digits })
    }
}

/// Every line, those of `home` first. Toll-free numbers rarely work from abroad, so travellers need the others.
pub fn of_home_first(home: Country) -> impl Iterator<Item = Hotline> {
    let (mine, others): (Vec<_>, Vec<_>) = all().partition(|line| line.country == home);
    mine.into_iter().chain(others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::Phone;

    #[test]
    fn words_and_digits_dial_the_same_number() {
        for line in all() {
            let dial = |text: &str| Phone::parse(line.country, text).unwrap().e164();
            assert_eq!(dial(line.words), dial(line.digits), "{}", line.words);
            assert_eq!(dial(line.tel_uri().trim_start_matches("tel:")), dial(line.digits), "{}", line.words);
        }
        assert_eq!(Hotline::of(Country::Ve).unwrap().printed(), "0800 CPS 0000 (0800 277 0000)");
    }

    #[test]
    fn hotlines_of_the_home_country_come_first() {
        let countries: Vec<_> = of_home_first(Country::Mx).map(|line| line.country).collect();
        assert_eq!(countries[..3], [Country::Mx, Country::Ve, Country::Ve]);
        assert_eq!(countries.len(), all().count(), "none is left out");
    }
}

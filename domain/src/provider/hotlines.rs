//! The desk's own telephone lines: those of the letter, unless the provider has set others.

use serde::{Deserialize, Serialize};

use crate::country::Country;
use crate::phone::{Phone, pressed};
use crate::text::legible;

use super::ProviderProblem;

/// The most lines of a provider: a foot of a page has room for so many.
pub const HOTLINES_MAX: usize = 12;

/// The most characters of a line's words, and of its digits.
const CHARS_MAX: usize = 40;

/// A line: its memorable words, and its digits (ITU-T E.161). Both dial the same number.
///
/// It is read as it was stored: dialling plans change, and a line that was accepted once must not stop the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hotline {
    country: Country,
    words: String,
    digits: String,
}

impl Hotline {
    /// A line whose words and digits are the same keys, and dial a number from within `country`.
    ///
    /// # Errors
    /// When one of them dials no number, or they are different keys. `+58 800…` and `0800…` name one number, but a reader
    /// who dials the digits must press what the words say.
    ///
    /// ```
    /// use domain::country::Country;
    /// use domain::provider::Hotline;
    ///
    /// assert!(Hotline::new(Country::Ve, "0800 CPS 0000", "0800 277 0000").is_ok());
    /// assert!(Hotline::new(Country::Ve, "0800 CPS 0000", "0800 277 0001").is_err());
    /// ```
    pub fn new(country: Country, words: &str, digits: &str) -> Result<Self, ProviderProblem> {
        let on_one_line = |text: &str| legible(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let (words, digits) = (on_one_line(words), on_one_line(digits));
        let dialled = |text: &str| {
            Phone::parse(country, text).ok()?;
            pressed(text).filter(|_| text.chars().count() <= CHARS_MAX)
        };
        let by_words = dialled(&words).ok_or(ProviderProblem::HotlineWords)?;
        let are_digits = !digits.chars().any(char::is_alphabetic);
        let by_digits = dialled(&digits).filter(|_| are_digits).ok_or(ProviderProblem::HotlineDigits)?;
        if by_words != by_digits {
            return Err(ProviderProblem::HotlinesDiffer { words: by_words, digits: by_digits });
        }
        Ok(Self { country, words, digits })
    }

    /// A line that was checked before: one of the letter, or one that the server has handed to the browser.
    pub(crate) fn checked_before(country: Country, words: &str, digits: &str) -> Self {
        Self { country, words: words.to_owned(), digits: digits.to_owned() }
    }

    /// The country from which it is called.
    #[must_use]
    pub const fn country(&self) -> Country {
        self.country
    }

    /// The number with its words.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The number in digits alone.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// As printed: words first, then digits for keypads without letters. A number without letters is printed once.
    #[must_use]
    pub fn printed(&self) -> String {
        if self.words.chars().any(char::is_alphabetic) {
            format!("{} ({})", self.words, self.digits)
        } else {
            self.digits.clone()
        }
    }

    /// A link that dials it from within its country. A leading plus stays: without it other digits would be a number of the
    /// country itself.
    #[must_use]
    pub fn tel_uri(&self) -> String {
        let keys = self.digits.chars().filter(|key| key.is_ascii_digit() || *key == '+');
        "tel:".chars().chain(keys).collect()
    }

    /// The number in every way of writing it (ITU-T E.164); the keys alone where today's plans know none.
    fn number(&self) -> String {
        Phone::parse(self.country, &self.digits).map_or_else(|_| self.tel_uri(), |phone| phone.e164())
    }
}

/// The lines of a provider, in the order in which they are printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hotlines(Vec<Hotline>);

impl Hotlines {
    /// The lines, each of which is another one.
    ///
    /// # Errors
    /// When there are more than [`HOTLINES_MAX`], or one stands there twice.
    pub fn new(lines: Vec<Hotline>) -> Result<Self, ProviderProblem> {
        if lines.len() > HOTLINES_MAX {
            return Err(ProviderProblem::TooManyHotlines);
        }
        let numbers: Vec<_> = lines.iter().map(|line| (line.country, line.number())).collect();
        let is_repeated = |at: usize| numbers[..at].contains(&numbers[at]);
        match (0..lines.len()).find(|at| is_repeated(*at)) {
            Some(place) => Err(ProviderProblem::HotlineRepeated { place }),
            None => Ok(Self(lines)),
        }
    }

    /// Lines that were checked before.
    pub(crate) const fn checked_before(lines: Vec<Hotline>) -> Self {
        Self(lines)
    }

    /// The lines of the letter, by country.
    #[must_use]
    pub fn standing() -> Self {
        let of = |country: Country| {
            let printed = country.hotlines().iter();
            printed.map(move |&(words, digits)| Hotline::checked_before(country, words, digits))
        };
        Self(Country::ALL.into_iter().flat_map(of).collect())
    }

    /// The lines in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[Hotline] {
        &self.0
    }

    /// The first line of a country; without one the first of all.
    #[must_use]
    pub fn nearest(&self, country: Option<Country>) -> Option<&Hotline> {
        country.and_then(|country| self.of(country)).or_else(|| self.0.first())
    }

    /// The first line of a country.
    #[must_use]
    pub fn of(&self, country: Country) -> Option<&Hotline> {
        self.0.iter().find(|line| line.country == country)
    }

    /// Every line, those of `home` first. Toll-free numbers rarely work from abroad, so travellers need the others.
    pub fn of_home_first(&self, home: Country) -> impl Iterator<Item = &Hotline> {
        let (mine, others): (Vec<_>, Vec<_>) = self.0.iter().partition(|line| line.country == home);
        mine.into_iter().chain(others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_letter_pass_the_check_of_a_provider() {
        for line in Hotlines::standing().as_slice() {
            let checked = Hotline::new(line.country, &line.words, &line.digits).unwrap();
            assert_eq!(&checked, line);
            let dialled = Phone::parse(line.country, line.tel_uri().trim_start_matches("tel:")).unwrap();
            assert_eq!(dialled.e164(), Phone::parse(line.country, &line.words).unwrap().e164());
        }
        let first = Hotlines::standing().of(Country::Ve).unwrap().printed();
        assert_eq!(first, "0800 CPS 0000 (0800 277 0000)");
    }

    #[test]
    fn line_whose_words_dial_another_number_is_refused() {
        let new = |words: &str, digits: &str| Hotline::new(Country::Ve, words, digits);
        assert!(matches!(new("0800 CPS 0000", "0800 278 0000"), Err(ProviderProblem::HotlinesDiffer { .. })));
        assert_eq!(new("CPS", "0800 277 0000"), Err(ProviderProblem::HotlineWords));
        assert_eq!(new("0800 CPS 0000", "0800 CPS 0000"), Err(ProviderProblem::HotlineDigits));
        assert_eq!(new("0800 277 0000", "0800-277 0000").unwrap().printed(), "0800-277 0000");
    }

    #[test]
    fn line_with_a_plus_keeps_it_in_its_link_and_dials_what_its_words_say() {
        let new = |words: &str, digits: &str| Hotline::new(Country::Ve, words, digits);
        let abroad = new("+58 800 CPS 0000", "+58 (800) 277 0000").unwrap();
        assert_eq!(abroad.tel_uri(), "tel:+588002770000");
        assert_eq!(
            new("0800 CPS 0000", "+58 800 277 0000"),
            Err(ProviderProblem::HotlinesDiffer {
                words: "08002770000".to_owned(),
                digits: "+588002770000".to_owned(),
            }),
        );
        let at_home = new("0800 CPS 0000", "0800 277 0000").unwrap();
        assert_eq!(
            Hotlines::new(vec![at_home, abroad]),
            Err(ProviderProblem::HotlineRepeated { place: 1 }),
            "one number in two ways of writing it",
        );
    }

    #[test]
    fn hotlines_of_the_home_country_come_first() {
        let lines = Hotlines::standing();
        let countries: Vec<_> = lines.of_home_first(Country::Mx).map(Hotline::country).collect();
        assert_eq!(countries[..3], [Country::Mx, Country::Ve, Country::Ve]);
        assert_eq!(countries.len(), lines.as_slice().len(), "none is left out");
    }

    #[test]
    fn a_line_stands_once_in_a_list() {
        let line = || Hotline::new(Country::Ve, "0800 CPS 0000", "0800 277 0000").unwrap();
        assert_eq!(Hotlines::new(vec![line(), line()]), Err(ProviderProblem::HotlineRepeated { place: 1 }));
        assert!(Hotlines::new(vec![line()]).is_ok());
    }
}

//! Case numbers, made to be dictated over a bad line and typed back.
//!
//! `VE26-004213-92`: country, two digits of the year, six of the sequence, and two check digits by ISO/IEC 7064 MOD
//! 97-10. Letters count as two digits. Beyond 999,999 a sequence has seven digits, then eight. The check detects every
//! single wrong digit, every swap of neighbours and every wrong country. Other slips pass once in 97.
//!
//! A provider may put letters before the country: `AN-VE26-004213-` and a check over these as well.

mod prefix;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use prefix::CasePrefix;

use crate::check_digits::Scheme;
use crate::country::Country;
use crate::i18n::Language;
use crate::t;
use crate::text::legible;

/// The number of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseNumber {
    country: Country,
    /// Last two digits of the year.
    year: u8,
    sequence: u32,
    /// Last, so that numbers are in the order of their series.
    prefix: CasePrefix,
}

/// Why a case number is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaseNumberProblem {
    /// The text is empty.
    #[error("empty")]
    Empty,
    /// It does not begin with a country.
    #[error("no country at the beginning")]
    NoCountry,
    /// A character is no digit and does not look like one.
    #[error("character {0:?} among the digits")]
    BadCharacter(char),
    /// The number of digits after the country is not 10 to 12.
    #[error("{0} digits after the country where there are ten")]
    WrongLength(usize),
    /// The check digits do not fit: a digit is wrong or two are swapped.
    #[error("the check digits do not fit")]
    WrongCheck,
    /// No case can have this year or sequence.
    #[error("year or sequence out of range")]
    OutOfRange,
}

impl CaseNumberProblem {
    /// What is wrong and what to do, for the person who typed it.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Empty => t!(language, "fields.case_number.empty").into_owned(),
            Self::NoCountry => t!(language, "fields.case_number.no_country").into_owned(),
            Self::BadCharacter(c) => t!(language, "fields.case_number.bad_character", character = c),
            Self::WrongLength(found) if found + 1 == DIGITS => {
                t!(language, "fields.case_number.one_missing").into_owned()
            }
            Self::WrongLength(found) if *found == DIGITS + 1 => {
                t!(language, "fields.case_number.one_surplus").into_owned()
            }
            Self::WrongLength(found) if *found < DIGITS => {
                t!(language, "fields.case_number.too_short", missing = DIGITS - found)
            }
            Self::WrongLength(found) => {
                t!(language, "fields.case_number.too_long", surplus = found.saturating_sub(DIGITS))
            }
            Self::WrongCheck => t!(language, "fields.case_number.wrong_check").into_owned(),
            Self::OutOfRange => t!(language, "fields.case_number.out_of_range").into_owned(),
        }
    }
}

/// Digits after the country: year, sequence, check.
const DIGITS: usize = 10;
/// Digits after the country, with the longest sequence.
const MOST_DIGITS: usize = 12;
/// Digits of the year, and of the check.
const PAIR: usize = 2;

impl CaseNumber {
    /// The highest sequence within a country and year.
    pub const MAX_SEQUENCE: u32 = 99_999_999;

    /// The number of the `sequence`-th case (from 1) of a country in a year of four digits.
    ///
    /// # Errors
    /// When the sequence is not 1 to 99,999,999 or the year not 2000 to 2099.
    pub fn new(country: Country, year: i32, sequence: u32) -> Result<Self, CaseNumberProblem> {
        let year = u8::try_from(year.saturating_sub(2000)).ok().filter(|year| *year < 100);
        match year {
            Some(year) if (1..=Self::MAX_SEQUENCE).contains(&sequence) => {
                Ok(Self { country, year, sequence, prefix: CasePrefix::NONE })
            }
            _ => Err(CaseNumberProblem::OutOfRange),
        }
    }

    /// The same number with letters before its country.
    #[must_use]
    pub const fn with_prefix(self, prefix: CasePrefix) -> Self {
        Self { prefix, ..self }
    }

    /// The letters before the country; none for most.
    #[must_use]
    pub const fn prefix(&self) -> CasePrefix {
        self.prefix
    }

    /// Parses a number as people write and say it: any case, spaces, hyphens and dots, the country as a word. A label
    /// such as "caso" may come before it. Letters may stand for digits that they look like.
    ///
    /// # Errors
    /// When it is no case number, or has a typing error.
    ///
    /// ```
    /// use domain::case_number::CaseNumber;
    /// use domain::country::Country;
    ///
    /// let number = CaseNumber::parse("caso Venezuela 26 OO4 213 92").unwrap();
    /// assert_eq!(number, CaseNumber::new(Country::Ve, 2026, 4213).unwrap());
    /// assert_eq!(number.to_string(), "VE26-004213-92");
    /// assert!(CaseNumber::parse("VE26-004231-92").is_err(), "the check digits see two digits swapped");
    /// ```
    pub fn parse(input: &str) -> Result<Self, CaseNumberProblem> {
        let compact: String =
            legible(input).chars().filter(|c| !is_separator(*c)).flat_map(char::to_uppercase).collect();
        if compact.is_empty() {
            return Err(CaseNumberProblem::Empty);
        }
        let compact = ["CASO", "CASE", "NÚMERO", "NUMERO", "Nº", "N°"]
            .iter()
            .fold(compact.as_str(), |rest, label| rest.strip_prefix(label).unwrap_or(rest));
        // Where the letters before the country end, the check digits tell.
        let mut nearest = CaseNumberProblem::NoCountry;
        for letters in 0..=CasePrefix::MAX {
            let Some((prefix, rest)) = compact.split_at_checked(letters) else { break };
            let Some(prefix) = CasePrefix::of(prefix) else { break };
            match Self::after(prefix, rest) {
                Err(problem) if nearest == CaseNumberProblem::NoCountry => nearest = problem,
                Err(_) => {}
                read => return read,
            }
        }
        Err(nearest)
    }

    /// Parses the rest of a number after its prefix.
    fn after(prefix: CasePrefix, rest: &str) -> Result<Self, CaseNumberProblem> {
        let (country, rest) = country_first(rest).ok_or(CaseNumberProblem::NoCountry)?;
        let digits = rest.chars().map(|c| digit(c).ok_or(c)).collect::<Result<String, char>>();
        let digits = digits.map_err(CaseNumberProblem::BadCharacter)?;
        Self::of_digits(prefix, country, &digits)
    }

    fn of_digits(prefix: CasePrefix, country: Country, digits: &str) -> Result<Self, CaseNumberProblem> {
        // A longer sequence does not begin with a zero, so that each number has one spelling.
        let is_long = (DIGITS + 1..=MOST_DIGITS).contains(&digits.len()) && !digits[PAIR..].starts_with('0');
        if digits.len() != DIGITS && !is_long {
            return Err(CaseNumberProblem::WrongLength(digits.len()));
        }
        if !Scheme::Mod97.is_valid(&format!("{prefix}{}{digits}", country.code())) {
            return Err(CaseNumberProblem::WrongCheck);
        }
        let number =
            |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<u32>().ok());
        let year = number(0..2).and_then(|year| i32::try_from(year).ok()).unwrap_or_default();
        let number = Self::new(country, 2000 + year, number(PAIR..digits.len() - PAIR).unwrap_or_default());
        number.map(|number| number.with_prefix(prefix))
    }

    /// Without separators, for storage and URLs: `VE2600421392`.
    #[must_use]
    pub fn as_compact(&self) -> String {
        format!("{}{}{}", self.prefix, self.country.code(), self.digits())
    }

    /// In groups, for screens, mails and files: `VE26-004213-92`.
    #[must_use]
    pub fn grouped(&self) -> String {
        self.to_string()
    }

    /// Digit by digit, as spoken: "Venezuela, dos seis, cero cero cuatro, dos uno tres, nueve dos".
    #[must_use]
    pub fn spoken(&self, language: Language) -> String {
        let mut text = t!(language, self.country.name_key()).into_owned();
        if !self.prefix.is_empty() {
            let letters: Vec<String> = self.prefix.to_string().chars().map(String::from).collect();
            text = format!("{}, {text}", letters.join(" "));
        }
        for group in self.groups() {
            let words: Vec<_> = group.chars().map(|digit| spoken_digit(language, digit)).collect();
            text.push_str(", ");
            text.push_str(&words.join(" "));
        }
        text
    }

    /// The country whose desk opened the case.
    #[must_use]
    pub const fn country(&self) -> Country {
        self.country
    }

    /// The year of the opening, with four digits.
    #[must_use]
    pub fn year(&self) -> i32 {
        2000 + i32::from(self.year)
    }

    /// The sequence within country and year, from 1.
    #[must_use]
    pub const fn sequence(&self) -> u32 {
        self.sequence
    }

    /// Ten to twelve digits, the check included.
    fn digits(self) -> String {
        let body = format!("{:02}{}", self.year, self.written_sequence());
        let check = Scheme::Mod97.check(&format!("{}{}{body}", self.prefix, self.country.code()));
        body + check.as_deref().unwrap_or_default()
    }

    /// Year, sequence in threes, and check, as spoken.
    fn groups(self) -> Vec<String> {
        let (digits, sequence) = (self.digits(), self.written_sequence());
        // The first group is the short one.
        let first = (sequence.len() - 1) % 3 + 1;
        let threes = (first..sequence.len()).step_by(3).map(|from| &sequence[from..from + 3]);
        let year_and_check = (&digits[..PAIR], &digits[digits.len() - PAIR..]);
        std::iter::once(year_and_check.0)
            .chain(std::iter::once(&sequence[..first]))
            .chain(threes)
            .chain(std::iter::once(year_and_check.1))
            .map(str::to_owned)
            .collect()
    }

    /// The sequence with at least six digits.
    fn written_sequence(self) -> String {
        format!("{:06}", self.sequence)
    }
}

impl std::fmt::Display for CaseNumber {
    /// Writes the number in groups, as [`CaseNumber::grouped`] does.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.digits();
        let (body, check) = digits.split_at(digits.len() - PAIR);
        let (year, sequence) = body.split_at(PAIR);
        let hyphen = if self.prefix.is_empty() { "" } else { "-" };
        write!(f, "{}{hyphen}{}{year}-{sequence}-{check}", self.prefix, self.country.code())
    }
}

impl From<CaseNumber> for String {
    fn from(number: CaseNumber) -> Self {
        number.as_compact()
    }
}

impl TryFrom<String> for CaseNumber {
    type Error = CaseNumberProblem;

    fn try_from(value: String) -> Result<Self, CaseNumberProblem> {
        Self::parse(&value)
    }
}

/// The country at the beginning of a number, and the rest. The longest matching name counts.
fn country_first(compact: &str) -> Option<(Country, &str)> {
    let names = |country: Country| country.spellings().iter().copied().chain([country.code()]);
    let every = Country::ALL.into_iter().flat_map(|country| names(country).map(move |name| (country, name)));
    let read = every.filter_map(|(country, name)| Some((country, compact.strip_prefix(name)?)));
    read.min_by_key(|(_, rest)| rest.len())
}

fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || "-.,_/#:·()".contains(character)
        || matches!(character, '\u{2010}'..='\u{2015}')
}

/// A digit, or the digit that a letter looks like.
const fn digit(character: char) -> Option<char> {
    match character {
        '0'..='9' => Some(character),
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        'S' => Some('5'),
        'B' => Some('8'),
        _ => None,
    }
}

fn spoken_digit(language: Language, digit: char) -> std::borrow::Cow<'static, str> {
    match digit {
        '0' => t!(language, "digit.0"),
        '1' => t!(language, "digit.1"),
        '2' => t!(language, "digit.2"),
        '3' => t!(language, "digit.3"),
        '4' => t!(language, "digit.4"),
        '5' => t!(language, "digit.5"),
        '6' => t!(language, "digit.6"),
        '7' => t!(language, "digit.7"),
        '8' => t!(language, "digit.8"),
        _ => t!(language, "digit.9"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = CaseNumber> {
        let sequence = prop_oneof![1_u32..1_000_000, 1..=CaseNumber::MAX_SEQUENCE];
        (proptest::sample::select(Country::ALL.to_vec()), 2000..=2099, sequence)
            .prop_map(|(country, year, sequence)| CaseNumber::new(country, year, sequence).unwrap())
    }

    fn prefix() -> impl Strategy<Value = CasePrefix> {
        "[A-Z]{1,4}".prop_filter_map("a label or a country", |text| CasePrefix::parse(&text))
    }

    proptest! {
        #[test]
        fn number_with_a_prefix_is_read_as_it_is_written(number in number(), prefix in prefix(), wrong in 1_u32..97) {
            let number = number.with_prefix(prefix);
            for text in [number.to_string(), number.as_compact(), number.to_string().to_lowercase()] {
                prop_assert_eq!(CaseNumber::parse(&text), Ok(number), "{}", text);
            }
            let begins = format!("{prefix}-");
            prop_assert!(number.to_string().starts_with(&begins));
            let (body, check) = number.to_string().rsplit_once('-').map(|(body, check)| (body.to_owned(), check.to_owned())).unwrap();
            let other = (check.parse::<u32>().unwrap() + wrong) % 97;
            // Another number may have these characters under a shorter prefix, once in 97.
            let slip = format!("{body}-{other:02}");
            prop_assert!(CaseNumber::parse(&slip) != Ok(number));
        }
    }

    #[test]
    fn prefix_is_letters_and_no_label_or_country() {
        for (typed, prefix) in [
            (" an ", Some("AN")),
            ("CPSX", Some("CPSX")),
            ("", None),
            ("A1", None),
            ("ABCDE", None),
            ("ve", None),
            ("Caso", None),
            ("ñ", None),
        ] {
            assert_eq!(
                CasePrefix::parse(typed).map(|prefix| prefix.to_string()).as_deref(),
                prefix,
                "{typed}"
            );
        }
        let number =
            CaseNumber::new(Country::Ve, 2026, 4213).unwrap().with_prefix(CasePrefix::of("AN").unwrap());
        assert!(number.to_string().starts_with("AN-VE26-004213-"), "{number}");
        assert!(
            number.spoken(Language::Es).starts_with("A N, Venezuela, dos seis"),
            "{}",
            number.spoken(Language::Es)
        );
        assert_eq!(CaseNumber::parse("AN-VE26-004213").unwrap_err(), CaseNumberProblem::WrongLength(8));
    }

    #[test]
    fn case_number_out_of_range_is_refused() {
        let number = |year, sequence| CaseNumber::new(Country::Ve, year, sequence).map(|_| ());
        for (year, sequence) in [(2000, 1), (2099, CaseNumber::MAX_SEQUENCE)] {
            assert_eq!(number(year, sequence), Ok(()), "{year} {sequence}");
        }
        for (year, sequence) in
            [(1999, 1), (2100, 1), (i32::MIN, 1), (2026, 0), (2026, CaseNumber::MAX_SEQUENCE + 1)]
        {
            assert_eq!(number(year, sequence), Err(CaseNumberProblem::OutOfRange), "{year} {sequence}");
        }
    }

    #[test]
    fn case_number_is_formatted_grouped_and_compact() {
        let number = CaseNumber::new(Country::Ve, 2026, 4213).unwrap();
        assert_eq!(number.to_string(), "VE26-004213-92");
        assert_eq!(number.as_compact(), "VE2600421392");
        assert_eq!(number.grouped(), number.to_string(), "one spelling for people");
        assert_eq!(
            number.spoken(Language::Es),
            "Venezuela, dos seis, cero cero cuatro, dos uno tres, nueve dos"
        );
        assert_eq!(
            number.spoken(Language::En),
            "Venezuela, two six, zero zero four, two one three, nine two"
        );
        assert_eq!(serde_json::to_string(&number).unwrap(), r#""VE2600421392""#);
    }

    #[test]
    fn case_number_is_parsed_leniently() {
        let number = CaseNumber::new(Country::Ve, 2026, 4213).unwrap();
        for text in [
            "ve26-004213-92",
            "VE 26 OO4 2I3 92",
            "Venezuela 26 004 213 92",
            "caso #VE26.004213.92",
            " venezuela, 26, 004, 2l3, 92 ",
        ] {
            assert_eq!(CaseNumber::parse(text), Ok(number), "{text}");
        }
        let number = CaseNumber::new(Country::Mx, 2035, 67067).unwrap();
        assert_eq!(CaseNumber::parse("México 35 067 067 52"), Ok(number));
        let number = CaseNumber::new(Country::Co, 2026, 505_015).unwrap();
        assert_eq!(CaseNumber::parse(&number.as_compact().replace("CO", "c0").replace('5', "s")), Ok(number));
    }

    #[test]
    fn case_number_sequence_may_exceed_six_digits() {
        let number = |sequence| CaseNumber::new(Country::Ve, 2026, sequence).unwrap();
        for (sequence, written) in
            [(999_999, "VE26-999999-"), (1_000_000, "VE26-1000000-"), (12_345_678, "VE26-12345678-")]
        {
            assert!(number(sequence).to_string().starts_with(written), "{}", number(sequence));
            assert_eq!(CaseNumber::parse(&number(sequence).as_compact()), Ok(number(sequence)));
        }
        // A leading zero is a typing error, not another spelling.
        assert_eq!(CaseNumber::parse("VE26-0004213-92"), Err(CaseNumberProblem::WrongLength(11)));
        assert_eq!(CaseNumber::parse("VE26-123456789-00"), Err(CaseNumberProblem::WrongLength(13)));
    }

    #[test]
    fn invalid_case_number_names_its_problem() {
        for (input, problem) in [
            (" - ", CaseNumberProblem::Empty),
            ("26 004 213 92", CaseNumberProblem::NoCountry),
            ("VE26x04213-92", CaseNumberProblem::BadCharacter('X')),
            ("VE26-00421-92", CaseNumberProblem::WrongLength(9)),
            ("VE26-0042133-92", CaseNumberProblem::WrongLength(11)),
            ("VE26-004213-93", CaseNumberProblem::WrongCheck),
            ("MX26-004213-92", CaseNumberProblem::WrongCheck),
        ] {
            assert_eq!(CaseNumber::parse(input), Err(problem.clone()), "{input}");
            for language in Language::ALL {
                let words = problem.message(language);
                assert!(words.contains(' ') && !words.contains("%{"), "{problem:?} {language:?}: {words}");
            }
        }
        assert!(CaseNumber::new(Country::Ve, 2026, 0).is_err());
        assert!(CaseNumber::new(Country::Ve, 2026, 100_000_000).is_err());
        assert!(CaseNumber::new(Country::Ve, i32::MIN, 1).is_err());
    }

    proptest! {
        #[test]
        fn every_case_number_format_parses_back(number in number()) {
            for text in [number.to_string(), number.as_compact(), number.grouped().to_lowercase()] {
                prop_assert_eq!(CaseNumber::parse(&text), Ok(number));
            }
        }

        #[test]
        fn case_number_with_a_wrong_or_swapped_digit_is_refused(number in number()) {
            let right = number.as_compact().into_bytes();
            for place in 2..right.len() {
                for other in b'0'..=b'9' {
                    let mut wrong = right.clone();
                    wrong[place] = other;
                    if wrong != right {
                        prop_assert!(CaseNumber::parse(std::str::from_utf8(&wrong).unwrap()).is_err());
                    }
                }
                let mut swapped = right.clone();
                swapped.swap(place - 1, place);
                // A zero before the O of CO reads as the same number. All other swaps are refused.
                if swapped != right && !swapped.starts_with(b"C0O") {
                    prop_assert!(CaseNumber::parse(std::str::from_utf8(&swapped).unwrap()).is_err());
                }
            }
            for country in Country::ALL {
                if country != number.country() {
                    let other = country.code().to_owned() + &number.digits();
                    prop_assert_eq!(CaseNumber::parse(&other), Err(CaseNumberProblem::WrongCheck));
                }
            }
        }

        #[test]
        fn no_input_panics(input in ".{0,40}|(VE|co|Mé)[ 0-9OIlsb-]{0,14}") {
            if let Ok(number) = CaseNumber::parse(&input) {
                prop_assert_eq!(CaseNumber::parse(&number.to_string()), Ok(number));
            }
        }
    }
}

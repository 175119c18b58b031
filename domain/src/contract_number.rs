//! Contract numbers. Each format of the provider is data, in the mask language of [`crate::serial::mask`].
//!
//! A format can name a check scheme. Then the last characters of its mask are the check over all before them.

mod formats;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use formats::ContractFormats;

use crate::{
    check_digits::Scheme,
    country::Country,
    i18n::Language,
    serial::mask::{CheckProblem, Mask, MaskError, Row},
    t,
    text::legible,
};

/// A format of contract numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct ContractFormat {
    country: Option<Country>,
    /// The mask as it was written.
    source: String,
    mask: Mask,
    check: Option<Scheme>,
}

impl ContractFormat {
    /// A format in one country or (`None`) in all.
    ///
    /// # Errors
    /// When the mask cannot be compiled, or is too short to hold the check.
    pub fn new(country: Option<Country>, source: &str, check: Option<Scheme>) -> Result<Self, MaskError> {
        let mask = Mask::compile(source)?;
        let least = check.map_or(0, Scheme::length);
        if mask.rows().iter().any(|row| row.length() <= least) {
            return Err(MaskError::Empty);
        }
        Ok(Self { country, source: source.to_owned(), mask, check })
    }

    /// Whether every way to fill the mask is a number with a check.
    ///
    /// # Errors
    /// Why not.
    pub fn fitness(&self) -> Result<(), FormatProblem> {
        for row in self.mask.rows() {
            let hyphens = row.pattern().matches('-').count();
            if row.length() + hyphens > ContractNumber::MAX {
                return Err(FormatProblem::TooLong);
            }
            if let Some(scheme) = self.check {
                row.fits_check(scheme)?;
            }
        }
        Ok(())
    }

    /// The mask as it was written.
    #[must_use]
    pub fn mask(&self) -> &str {
        &self.source
    }

    /// The check; `None` when the numbers have none.
    #[must_use]
    pub const fn check(&self) -> Option<Scheme> {
        self.check
    }

    /// The country; `None` for everywhere.
    #[must_use]
    pub const fn country(&self) -> Option<Country> {
        self.country
    }

    /// The format as a pattern: `CPS-VE-######-##`.
    #[must_use]
    pub fn pattern(&self) -> String {
        self.mask.rows().first().map(Row::pattern).unwrap_or_default()
    }

    fn check_fits(&self, compact: &str) -> bool {
        self.check.is_none_or(|scheme| scheme.is_valid(compact))
    }
}

/// A format as it is stored.
#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<Country>,
    mask: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check: Option<String>,
}

impl TryFrom<Written> for ContractFormat {
    type Error = MaskError;

    fn try_from(written: Written) -> Result<Self, MaskError> {
        Self::new(written.country, &written.mask, written.check.as_deref().and_then(Scheme::from_name))
    }
}

impl From<ContractFormat> for Written {
    fn from(format: ContractFormat) -> Self {
        let check = format.check.map(|scheme| scheme.name().to_owned());
        Self { country: format.country, mask: format.source, check }
    }
}

/// Why a format is refused, beyond its mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FormatProblem {
    /// Its numbers are longer than [`ContractNumber::MAX`].
    #[error("numbers are too long")]
    TooLong,
    /// A number of the mask cannot have its check.
    #[error(transparent)]
    Check(#[from] CheckProblem),
}

/// The formats of a new desk.
#[must_use]
pub fn default_formats() -> &'static [ContractFormat] {
    static COMPILED: LazyLock<Vec<ContractFormat>> = LazyLock::new(|| {
        let of_country = |country: Country| {
            let mask = format!("'CPS'-'{}'-9{{6}}-9{{2}}", country.code());
            ContractFormat::new(Some(country), &mask, Some(Scheme::Mod97))
        };
        // Contracts from before numbers had a check.
        let former = ContractFormat::new(None, "'CT'-9{4}-9{4}", None);
        Country::ALL.into_iter().map(of_country).chain([former]).filter_map(Result::ok).collect()
    });
    &COMPILED
}

/// A contract number as printed: `CPS-VE-004213-58`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ContractNumber(String);

/// Why a contract number is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ContractNumberProblem {
    /// The text is empty.
    #[error("empty")]
    Empty,
    /// A character is neither letter, digit nor separator.
    #[error("character {0:?} cannot stand in a contract number")]
    BadCharacter(char),
    /// The number is right so far, but incomplete.
    #[error("{missing} characters are missing: {expected}")]
    TooShort {
        /// Number of missing characters.
        missing: usize,
        /// The number with `_` for each of them.
        expected: String,
    },
    /// A complete number has characters after it.
    #[error("{surplus} characters too many after {expected}")]
    TooLong {
        /// Number of surplus characters.
        surplus: usize,
        /// The number without them.
        expected: String,
    },
    /// The check does not fit: a digit is wrong or two are swapped.
    #[error("the check does not fit")]
    WrongCheck,
    /// No format has this shape.
    #[error("no known format")]
    UnknownFormat {
        /// Patterns of the formats.
        patterns: Vec<String>,
    },
}

impl ContractNumberProblem {
    /// Whether the number is accepted once its writer confirms that it is printed like this.
    #[must_use]
    pub const fn can_be_meant(&self) -> bool {
        match self {
            Self::WrongCheck | Self::UnknownFormat { .. } | Self::TooShort { .. } | Self::TooLong { .. } => {
                true
            }
            Self::Empty | Self::BadCharacter(_) => false,
        }
    }

    /// What is wrong and what to do, for the person who typed it.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Empty => t!(language, "fields.contract.empty").into_owned(),
            Self::BadCharacter(c) => t!(language, "fields.contract.bad_character", character = c),
            Self::TooShort { missing: 1, expected } => {
                t!(language, "fields.contract.one_missing", expected = expected)
            }
            Self::TooShort { missing, expected } => {
                t!(language, "fields.contract.too_short", missing = missing, expected = expected)
            }
            Self::TooLong { surplus: 1, expected } => {
                t!(language, "fields.contract.one_surplus", expected = expected)
            }
            Self::TooLong { surplus, expected } => {
                t!(language, "fields.contract.too_long", surplus = surplus, expected = expected)
            }
            Self::WrongCheck => t!(language, "fields.contract.wrong_check").into_owned(),
            Self::UnknownFormat { patterns } => {
                t!(language, "fields.contract.unknown_format", patterns = patterns.join(", "))
            }
        }
    }
}

impl ContractNumber {
    /// The most characters of a contract number, hyphens included.
    pub const MAX: usize = 64;

    /// Parses a number as people type it: any case, with or without hyphens. Look-alike letters and digits are
    /// exchanged where the format leaves no doubt.
    ///
    /// # Errors
    /// When it fits no format; the problem names what is missing from the nearest.
    ///
    /// ```
    /// use domain::contract_number::{ContractNumber, ContractNumberProblem, default_formats};
    ///
    /// let number = ContractNumber::parse("cps ve OO4213 58", default_formats()).unwrap();
    /// assert_eq!(number.to_string(), "CPS-VE-004213-58");
    ///
    /// let slip = ContractNumber::parse("CPS-VE-004231-58", default_formats());
    /// assert_eq!(slip, Err(ContractNumberProblem::WrongCheck));
    /// ```
    pub fn parse(input: &str, formats: &[ContractFormat]) -> Result<Self, ContractNumberProblem> {
        let compact = compact(input)?;
        let rows =
            || formats.iter().flat_map(|format| format.mask.rows().iter().map(move |row| (format, row)));
        let mut wrong_check = false;
        // First as typed, then with look-alikes: a correct number must not be changed.
        for changes in [0, usize::MAX] {
            for (format, row) in rows().filter(|(_, row)| row.length() == compact.len()) {
                let Some(mended) = row.with_look_alikes(&compact, changes) else { continue };
                if format.check_fits(&mended) {
                    return Ok(Self(row.printed(&mended)));
                }
                wrong_check = true;
            }
        }
        if wrong_check {
            return Err(ContractNumberProblem::WrongCheck);
        }
        Err(too_long(&compact, rows().map(|(_, row)| row))
            .or_else(|| too_short(&compact, rows().map(|(_, row)| row)))
            .unwrap_or_else(|| ContractNumberProblem::UnknownFormat {
                patterns: formats.iter().map(ContractFormat::pattern).collect(),
            }))
    }

    /// A number that fits no format or check, but whose writer confirmed it: upper case, groups joined by hyphens. An
    /// agent validates it.
    ///
    /// # Errors
    /// When it is empty, too long or has a character of no contract number.
    pub fn as_printed(input: &str) -> Result<Self, ContractNumberProblem> {
        compact(input)?;
        let legible = legible(input);
        let groups = legible.split(|c: char| !c.is_ascii_alphanumeric()).filter(|group| !group.is_empty());
        Self::try_from(groups.map(str::to_ascii_uppercase).collect::<Vec<_>>().join("-"))
    }

    /// A number of a format with `fill` for its free characters and a computed check: `004213` gives
    /// `CPS-VE-004213-58`.
    ///
    /// # Errors
    /// When `fill` does not fill the mask.
    pub fn compose(format: &ContractFormat, fill: &str) -> Result<Self, ContractNumberProblem> {
        let unknown = || ContractNumberProblem::UnknownFormat { patterns: vec![format.pattern()] };
        let checked = format.check.map_or(0, Scheme::length);
        for row in format.mask.rows() {
            let body = row.slots().get(..row.length().saturating_sub(checked)).unwrap_or_default();
            if body.iter().filter(|slot| !slot.is_literal()).count() != fill.chars().count() {
                continue;
            }
            let mut free = fill.chars();
            let body: String = body
                .iter()
                .map(|slot| if slot.is_literal() { slot.sign() } else { free.next().unwrap_or('_') })
                .collect();
            let check = match format.check {
                Some(scheme) => scheme.check(&body).ok_or_else(unknown)?,
                None => String::new(),
            };
            return Self::parse(&(body + &check), std::slice::from_ref(format));
        }
        Err(unknown())
    }

    /// The format of the number.
    #[must_use]
    pub fn format<'a>(&self, formats: &'a [ContractFormat]) -> Option<&'a ContractFormat> {
        let compact: String = self.0.chars().filter(|c| *c != '-').collect();
        formats.iter().find(|format| format.mask.matching(&compact).is_some() && format.check_fits(&compact))
    }

    /// The number as printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ContractNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ContractNumber {
    type Error = ContractNumberProblem;

    /// Accepts the printed form only. The formats are not known here.
    fn try_from(value: String) -> Result<Self, ContractNumberProblem> {
        if value.is_empty() {
            return Err(ContractNumberProblem::Empty);
        }
        let strange = |c: &char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '-');
        if let Some(character) = value.chars().find(strange) {
            return Err(ContractNumberProblem::BadCharacter(character));
        }
        if value.split('-').any(str::is_empty) || value.len() > Self::MAX {
            return Err(ContractNumberProblem::UnknownFormat { patterns: Vec::new() });
        }
        Ok(Self(value))
    }
}

/// Upper case, letters and digits only.
fn compact(input: &str) -> Result<String, ContractNumberProblem> {
    let mut compact = String::new();
    for character in legible(input).trim().chars() {
        match character {
            c if c.is_ascii_alphanumeric() => compact.push(c.to_ascii_uppercase()),
            '-' | '.' | '/' | '_' | '#' | ':' | '\t' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            c if c.is_whitespace() => {}
            c => return Err(ContractNumberProblem::BadCharacter(c)),
        }
    }
    if compact.is_empty() { Err(ContractNumberProblem::Empty) } else { Ok(compact) }
}

fn too_short<'a>(compact: &str, rows: impl Iterator<Item = &'a Row>) -> Option<ContractNumberProblem> {
    let begun = rows.filter(|row| row.length() > compact.len());
    let begun = begun.filter_map(|row| Some((row, row.with_look_alikes(compact, usize::MAX)?)));
    let (row, mended) = begun.min_by_key(|(row, _)| row.length())?;
    Some(ContractNumberProblem::TooShort {
        missing: row.length() - compact.len(),
        expected: row.printed(&mended),
    })
}

fn too_long<'a>(compact: &str, rows: impl Iterator<Item = &'a Row>) -> Option<ContractNumberProblem> {
    let over = rows.filter_map(|row| {
        let (head, tail) = compact.split_at_checked(row.length())?;
        Some((row, row.with_look_alikes(head, usize::MAX)?, tail.len()))
    });
    let (row, mended, surplus) = over.min_by_key(|(_, _, surplus)| *surplus)?;
    Some(ContractNumberProblem::TooLong { surplus, expected: row.printed(&mended) })
}

#[cfg(test)]
mod tests {
    use ContractNumberProblem as Problem;
    use proptest::prelude::*;

    use super::*;

    fn parse(input: &str) -> Result<String, Problem> {
        ContractNumber::parse(input, default_formats()).map(|number| number.to_string())
    }

    #[test]
    fn numbers_are_composed_and_read_back() {
        let formats = default_formats();
        assert_eq!(formats.len(), 4);
        let number = ContractNumber::compose(&formats[0], "004213").unwrap();
        assert_eq!(number.as_str(), "CPS-VE-004213-58");
        assert_eq!(number.format(formats).and_then(ContractFormat::country), Some(Country::Ve));
        assert_eq!(ContractNumber::compose(&formats[3], "00120007").unwrap().as_str(), "CT-0012-0007");
        assert!(ContractNumber::compose(&formats[0], "42").is_err());
        assert!(ContractNumber::compose(&formats[0], "ñ04213").is_err());
    }

    #[test]
    fn contract_number_is_parsed_leniently() {
        for text in
            ["cps-ve-004213-58", " CPSVE00421358", "CPS VE OO42I3 5B", "cp5.ve.004213.58", "CPS–VE–004213–58"]
        {
            assert_eq!(parse(text).as_deref(), Ok("CPS-VE-004213-58"), "{text}");
        }
        assert_eq!(parse("ct 0012 0007").as_deref(), Ok("CT-0012-0007"));
    }

    #[test]
    fn invalid_contract_number_names_its_problem() {
        let short = |missing, expected: &str| Problem::TooShort { missing, expected: expected.to_owned() };
        let long = |surplus, expected: &str| Problem::TooLong { surplus, expected: expected.to_owned() };
        let patterns = ["CPS-VE-######-##", "CPS-CO-######-##", "CPS-MX-######-##", "CT-####-####"];
        let patterns = patterns.map(str::to_owned).to_vec();
        for (input, problem) in [
            (" - ", Problem::Empty),
            ("CPS*VE", Problem::BadCharacter('*')),
            ("CPS-VE-004213", short(2, "CPS-VE-004213-__")),
            ("CPS-VE-004213-5", short(1, "CPS-VE-004213-5_")),
            ("CT-0012", short(4, "CT-0012-____")),
            ("CT-0012-00071", long(1, "CT-0012-0007")),
            ("CPS-VE-004213-5812", long(2, "CPS-VE-004213-58")),
            ("CPS-VE-004213-61", Problem::WrongCheck),
            ("CPS-CO-004213-58", Problem::WrongCheck),
            ("CPS-XX-004213-58", Problem::UnknownFormat { patterns }),
        ] {
            assert_eq!(parse(input), Err(problem.clone()), "{input}");
            for language in Language::ALL {
                let words = problem.message(language);
                assert!(words.contains(' ') && !words.contains("%{"), "{problem:?} {language:?}: {words}");
            }
        }
        let words = parse("CPS-VE-004213").unwrap_err().message(Language::Es);
        assert_eq!(words, "Faltan 2 caracteres: CPS-VE-004213-__");
    }

    #[test]
    fn contract_number_of_an_unknown_format_is_accepted_when_confirmed() {
        for (typed, printed) in [
            ("cps-ve-004213-61", "CPS-VE-004213-61"),
            (" CPS VE 004213 ", "CPS-VE-004213"),
            ("XYZ/77.b", "XYZ-77-B"),
        ] {
            assert!(parse(typed).unwrap_err().can_be_meant(), "{typed}");
            let number = ContractNumber::as_printed(typed).unwrap();
            assert_eq!(number.as_str(), printed);
            let wire = serde_json::to_string(&number).unwrap();
            assert_eq!(serde_json::from_str::<ContractNumber>(&wire).unwrap(), number);
        }
        for typed in ["", " - ", "CPS*VE", &"A".repeat(65)] {
            assert!(ContractNumber::as_printed(typed).is_err(), "{typed}");
        }
        assert!(!parse("CPS*VE").unwrap_err().can_be_meant());
    }

    #[test]
    fn contract_number_deserialises_from_its_printed_form_alone() {
        assert!(serde_json::from_str::<ContractNumber>(r#""CPS-VE-004213-58""#).is_ok());
        for bad in ["\"\"", "\"cps-ve\"", "\"A--B\"", "\"-A\"", "\"A B\""] {
            assert!(serde_json::from_str::<ContractNumber>(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn composed_contract_number_parses_back(format in 0_usize..3, sequence in 0..1_000_000) {
            let formats = default_formats();
            let number = ContractNumber::compose(&formats[format], &format!("{sequence:06}")).unwrap();
            prop_assert_eq!(ContractNumber::parse(number.as_str(), formats), Ok(number.clone()));
            prop_assert_eq!(ContractNumber::parse(&number.as_str().replace('-', "").to_lowercase(), formats), Ok(number));
        }

        #[test]
        fn no_input_panics(input in ".{0,40}|(CPS|ct|CP5)[-A-Z0-9 ]{0,16}") {
            let formats = default_formats();
            if let Ok(number) = ContractNumber::parse(&input, formats) {
                prop_assert_eq!(ContractNumber::try_from(number.to_string()), Ok(number.clone()));
                prop_assert_eq!(ContractNumber::parse(number.as_str(), formats), Ok(number));
            }
        }
    }
}

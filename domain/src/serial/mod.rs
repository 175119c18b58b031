//! Serial numbers of equipment: normalised, decoded by known formats, and flagged for unknown ones.
//!
//! A maker's format is data (`formats`, in the language of [`mask`]) plus rules on weeks, months, years and prefixes
//! (`rules`). A provider adds its own, by masks whose parts have names with a meaning (`format`). Half of the standing formats come from public samples only. So a serial of no known format is never refused: it is
//! flagged, and corrections of look-alikes (O for 0) are offered.

mod format;
mod formats;
pub mod mask;
mod of_desk;
mod recognise;
mod rules;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use format::{
    CODE_CHARS_MAX, MANUFACTURER_CHARS_MAX, MASK_CHARS_MAX, MONTHS, ROWS_MAX, SerialFormat,
    SerialFormatProblem, WrittenSerialFormat,
};
pub use formats::{Confidence, standing_formats};
pub use of_desk::{SERIAL_FORMATS_MAX, SerialFormats};
pub use recognise::{Decoded, Recognition, Verdict};
pub use rules::{FieldKey, Made, MadePart, Reason};

use crate::i18n::Language;
use crate::t;
use crate::text::legible;

/// A serial number in compact form: upper-case letters and digits only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Serial(String);

/// Why a serial is refused, whatever its maker.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SerialProblem {
    /// The text is empty.
    #[error("empty")]
    Empty,
    /// A placeholder: "Default string", "N/A", `0000000`.
    #[error("a placeholder, not a serial")]
    Placeholder,
    /// Fewer than [`Serial::MIN`] characters.
    #[error("{0} characters are too few")]
    TooShort(usize),
    /// More than [`Serial::MAX`] characters.
    #[error("{0} characters are too many")]
    TooLong(usize),
    /// A dot inside: printed, or from a spreadsheet that took the serial for a number (`1234567.0`). Only a person can
    /// tell.
    #[error("a dot inside")]
    Dot,
    /// A character that is neither letter A-Z, digit nor separator.
    #[error("character {0:?} cannot stand in a serial")]
    BadCharacter(char),
}

impl SerialProblem {
    /// What is wrong and what to do, for the person who typed it.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Empty => t!(language, "serial.empty").into_owned(),
            Self::Placeholder => t!(language, "serial.placeholder").into_owned(),
            Self::TooShort(_) => t!(language, "serial.too_short", min = Serial::MIN),
            Self::TooLong(_) => t!(language, "serial.too_long", max = Serial::MAX),
            Self::Dot => t!(language, "serial.dot").into_owned(),
            Self::BadCharacter(c) => t!(language, "serial.bad_character", character = c),
        }
    }
}

impl Serial {
    /// The fewest characters of a serial.
    pub const MIN: usize = 4;
    /// The most characters of a serial.
    pub const MAX: usize = 40;

    /// Makes a serial compact: upper case, without a label (`S/N:`) and without separators. A dot is no separator; it
    /// is refused with a question.
    ///
    /// # Errors
    /// When it is no serial of any maker; an unknown format is no error.
    ///
    /// ```
    /// use domain::serial::{Serial, SerialProblem};
    ///
    /// assert_eq!(Serial::parse("S/N: foc-0913 a1b2").unwrap().as_str(), "FOC0913A1B2");
    /// assert_eq!(Serial::parse("N/A"), Err(SerialProblem::Placeholder));
    /// ```
    pub fn parse(input: &str) -> Result<Self, SerialProblem> {
        let visible = legible(input);
        let text = without_label(visible.trim());
        let compact: String =
            text.chars().filter(|c| !is_separator(*c) && *c != '.').map(|c| c.to_ascii_uppercase()).collect();
        if compact.is_empty() {
            return Err(if text.is_empty() { SerialProblem::Empty } else { SerialProblem::Placeholder });
        }
        if is_placeholder(&compact) || is_error_of_spreadsheet(text) {
            return Err(SerialProblem::Placeholder);
        }
        if let Some(character) = compact.chars().find(|c| !c.is_ascii_alphanumeric()) {
            return Err(SerialProblem::BadCharacter(character));
        }
        // A dot at an end is that of a sentence.
        if text.trim_matches(|c| c == '.' || is_separator(c)).contains('.') {
            return Err(SerialProblem::Dot);
        }
        match compact.len() {
            length if length < Self::MIN => Err(SerialProblem::TooShort(length)),
            length if length > Self::MAX => Err(SerialProblem::TooLong(length)),
            _ => Ok(Self(compact)),
        }
    }

    /// The compact form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Serial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Serial {
    type Error = SerialProblem;

    fn try_from(value: String) -> Result<Self, SerialProblem> {
        // Forms refuse more than they once did (words such as NULL). Stored serials are still read.
        let is_compact = value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if is_compact && (Self::MIN..=Self::MAX).contains(&value.len()) {
            return Ok(Self(value));
        }
        Self::parse(&value)
    }
}

/// Labels before a serial; longer ones before their own prefixes.
const LABELS: [&str; 15] = [
    "número de serie",
    "numero de serie",
    "n.º de serie",
    "nº de serie",
    "no. de serie",
    "serial number",
    "serial no",
    "service tag",
    "serial",
    "serie",
    "série",
    "s/n",
    "n/s",
    "sn",
    "st",
];

/// The text after a label that a sign or space follows: `SN12345` may be a serial itself.
fn without_label(text: &str) -> &str {
    let after = |label: &str| {
        let mut rest = text.chars();
        let same =
            label.chars().all(|c| rest.next().is_some_and(|other| other.to_lowercase().eq(c.to_lowercase())));
        same.then_some(rest.as_str())
    };
    let is_mark = |c: char| c.is_whitespace() || matches!(c, ':' | '#' | '.' | '=');
    LABELS
        .iter()
        .find_map(|label| after(label).filter(|rest| rest.starts_with(is_mark)))
        .map_or(text, |rest| rest.trim_start_matches(is_mark))
}

fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || "-_/:".contains(character)
        || matches!(character, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn is_placeholder(compact: &str) -> bool {
    const WORDS: [&str; 34] = [
        "0",
        "NONE",
        "NA",
        "NOTSPECIFIED",
        "NOTAPPLICABLE",
        "DEFAULTSTRING",
        "TOBEFILLEDBYOEM",
        "SYSTEMSERIALNUMBER",
        "CHASSISSERIALNUMBER",
        "SERIALNUMBER",
        "UNKNOWN",
        "INVALID",
        "NOAPLICA",
        "NOTIENE",
        "NOSE",
        "NINGUNO",
        "SINSERIAL",
        "SINSERIE",
        "DESCONOCIDO",
        "NAOTEM",
        "SEMSERIE",
        "SEMSERIAL",
        // Placeholders of databases and spreadsheets.
        "NULL",
        "NULO",
        "NIL",
        "NAN",
        "UNDEFINED",
        "TRUE",
        "FALSE",
        "VERDADERO",
        "FALSO",
        "VERDADEIRO",
        "VACIO",
        "VAZIO",
    ];
    let first = compact.chars().next();
    WORDS.contains(&compact) || (compact.len() >= 4 && compact.chars().all(|c| Some(c) == first))
}

/// Whether the text is an error value of a spreadsheet: `#N/A`, `#¡REF!`, `#VALOR!`.
fn is_error_of_spreadsheet(text: &str) -> bool {
    const ERRORS: [&str; 17] = [
        "NA",
        "ND",
        "REF",
        "VALUE",
        "VALOR",
        "DIV0",
        "NAME",
        "NOMBRE",
        "NOME",
        "NUM",
        "NULL",
        "NULO",
        "SPILL",
        "CALC",
        "ERROR",
        "DESPEJE",
        "DESBORDAMIENTO",
    ];
    let Some(error) = text.strip_prefix('#') else { return false };
    let letters: String = error.chars().filter(char::is_ascii_alphanumeric).collect();
    ERRORS.contains(&letters.to_ascii_uppercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn serial_is_stored_in_compact_form() {
        for (input, expected) in [
            (" q2ba 0001 zzzz ", "Q2BA0001ZZZZ"),
            ("S/N: JB0427006789", "JB0427006789"),
            ("Service Tag: 9qwrt42", "9QWRT42"),
            ("Número de serie # FOC-0913 A1B2.", "FOC0913A1B2"),
            ("FOC0913\tA1B2\r\n", "FOC0913A1B2"),
            ("Serial No.: 78:8A:20:AB:CD:EF", "788A20ABCDEF"),
            ("SN12345678", "SN12345678"),
            ("serie\u{a0}1634NM10A0", "1634NM10A0"),
        ] {
            assert_eq!(Serial::parse(input).unwrap().as_str(), expected, "{input}");
        }
    }

    #[test]
    fn invalid_serial_names_its_problem() {
        for (input, problem) in [
            ("", SerialProblem::Empty),
            ("S/N: ", SerialProblem::Empty),
            ("........", SerialProblem::Placeholder),
            ("To be filled by O.E.M.", SerialProblem::Placeholder),
            ("N/A", SerialProblem::Placeholder),
            ("0000-0000", SerialProblem::Placeholder),
            ("sin serial", SerialProblem::Placeholder),
            ("AB1", SerialProblem::TooShort(3)),
            ("AB1C*", SerialProblem::BadCharacter('*')),
            ("FOC0913Ñ1B2", SerialProblem::BadCharacter('Ñ')),
            ("1234567.0", SerialProblem::Dot),
            ("FOC-0913.A1B2", SerialProblem::Dot),
            ("NULL", SerialProblem::Placeholder),
            ("Verdadero", SerialProblem::Placeholder),
            ("#N/A", SerialProblem::Placeholder),
            ("#N/D", SerialProblem::Placeholder),
            ("#¡REF!", SerialProblem::Placeholder),
            ("#¿NOMBRE?", SerialProblem::Placeholder),
            (&"A1".repeat(21), SerialProblem::TooLong(42)),
        ] {
            assert_eq!(Serial::parse(input), Err(problem.clone()), "{input}");
            for language in Language::ALL {
                let words = problem.message(language);
                assert!(words.contains(' ') && !words.contains("%{"), "{problem:?} {language:?}: {words}");
            }
        }
    }

    proptest! {
        #[test]
        fn parsing_twice_changes_nothing(input in ".{0,50}|(S/N|sn|Serial|ST)?[:# ]?[A-Za-z0-9 ./:-]{0,44}") {
            if let Ok(once) = Serial::parse(&input) {
                prop_assert_eq!(Serial::parse(once.as_str()), Ok(once));
            }
        }
    }
}

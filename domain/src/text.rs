//! Free text that people type: names, places, descriptions, notes and reasons.
//!
//! Lengths count Unicode characters. Invisible characters, which come with a paste, are removed silently: see
//! [`legible`].

mod folded;
mod legible;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::folded::folded;
pub use self::legible::{composed, is_invisible, legible};
use crate::i18n::Language;
use crate::t;

/// A text in small letters, but for the sigma at the end of a Greek word. `str::to_lowercase` knows it, and its code is a
/// two hundredth of what browsers load for the form.
pub(crate) fn lowered(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The kind of text that a problem is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    /// A person's name.
    PersonName,
    /// Location of equipment.
    Location,
    /// Description of a fault.
    FaultDescription,
    /// A note on a case.
    Note,
    /// Reason of an action.
    Reason,
    /// Name of a company.
    Company,
}

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TextProblem {
    /// The text is empty, or only spaces.
    #[error("{0:?} is empty")]
    Empty(TextField),
    /// The text is too short.
    #[error("{length} characters where at least {min} are needed")]
    TooShort {
        /// The fewest characters of the field.
        min: usize,
        /// Number of characters typed.
        length: usize,
    },
    /// The text is too long.
    #[error("{length} characters where at most {max} are taken")]
    TooLong {
        /// The most characters of the field.
        max: usize,
        /// Number of characters typed.
        length: usize,
    },
    /// A name without a single letter.
    #[error("no letter in a name")]
    NoLetter,
    /// A full name of one word.
    #[error("one word where name and surname are needed")]
    OneWord,
}

impl TextProblem {
    /// What is wrong and what to do, for the person who typed it.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Empty(TextField::PersonName) => t!(language, "fields.person_name.empty").into_owned(),
            Self::Empty(TextField::Location) => t!(language, "fields.location.empty").into_owned(),
            Self::Empty(TextField::FaultDescription) => {
                t!(language, "fields.fault_description.empty").into_owned()
            }
            Self::Empty(TextField::Note) => t!(language, "fields.note.empty").into_owned(),
            Self::Empty(TextField::Company) => t!(language, "fields.company.empty").into_owned(),
            Self::Empty(TextField::Reason) => t!(language, "fields.reason.empty").into_owned(),
            Self::TooShort { min, length } if length + 1 == *min => {
                t!(language, "fields.text.one_missing", min = min)
            }
            Self::TooLong { max, length } if *length == max + 1 => {
                t!(language, "fields.text.one_surplus", max = max)
            }
            Self::TooShort { min, length } => {
                t!(language, "fields.text.too_short", min = min, missing = min.saturating_sub(*length))
            }
            Self::TooLong { max, length } => {
                t!(language, "fields.text.too_long", max = max, surplus = length.saturating_sub(*max))
            }
            Self::OneWord => t!(language, "fields.person_name.one_word").into_owned(),
            Self::NoLetter => t!(language, "fields.person_name.no_letter").into_owned(),
        }
    }
}

/// Parses an optional text: `None` when it is empty, or only spaces.
///
/// # Errors
/// The problem that `parse` finds in a text.
///
/// ```
/// use domain::text::{Note, optional};
///
/// assert_eq!(optional("  \n", Note::parse), Ok(None));
/// assert_eq!(optional(" llama mañana ", Note::parse).unwrap().unwrap().as_str(), "llama mañana");
/// assert!(optional(&"x".repeat(Note::MAX + 1), Note::parse).is_err());
/// ```
pub fn optional<T, E>(typed: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    if typed.trim().is_empty() { Ok(None) } else { parse(typed).map(Some) }
}

/// Treatment of line breaks.
#[derive(Debug, Clone, Copy)]
enum Lines {
    /// They become spaces.
    Joined,
    /// They remain, as line feeds.
    Kept,
}

fn parse(input: &str, field: TextField, lines: Lines, limits: (usize, usize)) -> Result<String, TextProblem> {
    let legible = legible(input);
    let text = match lines {
        Lines::Joined => joined(&legible),
        Lines::Kept => legible.trim().to_owned(),
    };
    let (min, max) = limits;
    let length = text.chars().count();
    match length {
        0 => Err(TextProblem::Empty(field)),
        _ if length < min => Err(TextProblem::TooShort { min, length }),
        _ if length > max => Err(TextProblem::TooLong { max, length }),
        _ => Ok(text),
    }
}

/// The text on one line, words separated by single spaces.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $min:literal to $max:literal, $lines:ident, $erased:literal $(, $more:ident)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The fewest characters of the field.
            pub const MIN: usize = $min;
            /// The most characters of the field.
            pub const MAX: usize = $max;

            /// Normalises the input and checks it.
            ///
            /// # Errors
            /// When it is empty, too short or too long.
            pub fn parse(input: &str) -> Result<Self, TextProblem> {
                let text = parse(input, TextField::$name, Lines::$lines, (Self::MIN, Self::MAX))?;
                $($more(&text)?;)?
                Ok(Self(text))
            }

            /// The text as accepted.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// What stands for an erased text: the `nth` distinct one of a case, from 1. It is the same in every language.
            pub(crate) fn erased(nth: usize) -> Self {
                Self(if nth <= 1 { $erased.to_owned() } else { format!("{} {nth}", $erased) })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextProblem;

            fn try_from(value: String) -> Result<Self, TextProblem> {
                Self::parse(&value)
            }
        }
    };
}

fn has_letter(text: &str) -> Result<(), TextProblem> {
    if text.chars().any(char::is_alphabetic) { Ok(()) } else { Err(TextProblem::NoLetter) }
}

text_type!(
    /// A person's name on one line, because names occur in mail headers.
    PersonName, 2 to 120, Joined, "N. N.", has_letter
);

impl PersonName {
    /// A full name, as forms require it: name and surname. Scripts without spaces (Chinese, Korean, Japanese) are
    /// exempt. Names of one word from older versions are still read.
    ///
    /// # Errors
    /// As [`Self::parse`], and for a single word.
    pub fn full(input: &str) -> Result<Self, TextProblem> {
        let name = Self::parse(input)?;
        let is_whole = |c| c == ' ' || c >= '\u{2E80}';
        if name.as_str().contains(is_whole) { Ok(name) } else { Err(TextProblem::OneWord) }
    }
}

text_type!(
    /// A location: building, floor, room, rack. Line breaks become spaces.
    Location, 3 to 300, Joined, "[…]"
);
text_type!(
    /// The customer's description of a fault, over several lines.
    FaultDescription, 10 to 4000, Kept, "[… … … … …]"
);
text_type!(
    /// A note on a case, over several lines.
    Note, 1 to 4000, Kept, "[…]"
);
text_type!(
    /// A reason on one line.
    Reason, 3 to 300, Joined, "[…]"
);

text_type!(
    /// The name of a company, in place of a contract number.
    Company, 2 to 120, Joined, "N. N.", has_letter
);

/// The first words of a text on one line, `max` characters at most. An ellipsis marks a cut.
#[must_use]
pub fn first_words(text: &str, max: usize) -> String {
    let line = joined(text);
    let Some((end, _)) = line.char_indices().nth(max) else { return line };
    let (begun, rest) = line.split_at(end);
    // No word is cut, unless the first alone is longer than `max`.
    let whole =
        if rest.starts_with(' ') { begun } else { begun.rsplit_once(' ').map_or(begun, |(words, _)| words) };
    format!("{whole}…")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stands_for_an_erased_text_is_read_again() {
        for nth in [1, 2, 117] {
            assert_eq!(PersonName::parse(PersonName::erased(nth).as_str()), Ok(PersonName::erased(nth)));
            assert_eq!(Company::parse(Company::erased(nth).as_str()), Ok(Company::erased(nth)));
            assert_eq!(Location::parse(Location::erased(nth).as_str()), Ok(Location::erased(nth)));
            assert_eq!(Note::parse(Note::erased(nth).as_str()), Ok(Note::erased(nth)));
            assert_eq!(Reason::parse(Reason::erased(nth).as_str()), Ok(Reason::erased(nth)));
            let fault = FaultDescription::erased(nth);
            assert_eq!(FaultDescription::parse(fault.as_str()), Ok(fault));
        }
    }

    #[test]
    fn person_name_is_trimmed() {
        assert_eq!(
            PersonName::parse("  María \u{a0} José\u{200B} Ñáñez ").unwrap().as_str(),
            "María José Ñáñez"
        );
        assert_eq!(PersonName::parse("Li").unwrap().as_str(), "Li");
        assert_eq!(PersonName::parse(" \u{FEFF} "), Err(TextProblem::Empty(TextField::PersonName)));
        assert_eq!(PersonName::parse("A"), Err(TextProblem::TooShort { min: 2, length: 1 }));
        assert_eq!(PersonName::parse("123"), Err(TextProblem::NoLetter));
        assert_eq!(PersonName::parse("Ana\r\nBcc: x").unwrap().as_str(), "Ana Bcc: x");
        assert_eq!(PersonName::parse(&"ñ".repeat(120)).unwrap().as_str().chars().count(), 120);
        assert_eq!(PersonName::parse(&"ñ".repeat(121)), Err(TextProblem::TooLong { max: 120, length: 121 }));
    }

    #[test]
    fn full_name_needs_two_words() {
        assert_eq!(PersonName::full(" Ana   Pérez ").unwrap().as_str(), "Ana Pérez");
        assert_eq!(PersonName::full("王小明").unwrap().as_str(), "王小明");
        for one in ["Ana", " Ana\u{200B} ", "María-José"] {
            assert_eq!(PersonName::full(one), Err(TextProblem::OneWord), "{one}");
            assert!(PersonName::parse(one).is_ok(), "taken before, and still read");
        }
    }

    #[test]
    fn line_breaks_are_preserved_or_joined_by_type() {
        assert_eq!(Location::parse("Torre B\r\npiso 4").unwrap().as_str(), "Torre B piso 4");
        let text = FaultDescription::parse("\nNo enciende.\r\n\r\nLuz\troja.\r").unwrap();
        assert_eq!(text.as_str(), "No enciende.\n\nLuz roja.");
        assert_eq!(FaultDescription::parse("\u{1b}[31mNo enciende").unwrap().as_str(), "No enciende");
        assert_eq!(Note::parse("\u{202E}ok\u{202C}").unwrap().as_str(), "ok");
    }

    #[test]
    fn first_words_are_whole_words_on_one_line() {
        assert_eq!(first_words("Sigue\nigual", 20), "Sigue igual");
        assert_eq!(first_words("Sigue igual", 11), "Sigue igual");
        assert_eq!(first_words("Sigue igual que ayer", 11), "Sigue igual…");
        assert_eq!(first_words("Sigue igual que ayer", 13), "Sigue igual…");
        assert_eq!(first_words("ñandúñandú ñandú", 4), "ñand…");
        assert_eq!(first_words("", 4), "");
    }

    #[test]
    fn length_counts_characters() {
        let words = |problem: TextProblem| problem.message(Language::Es);
        assert!(words(TextProblem::TooShort { min: 10, length: 9 }).contains("(falta 1)"));
        assert!(words(TextProblem::TooShort { min: 10, length: 8 }).contains("(faltan 2)"));
        assert!(words(TextProblem::TooLong { max: 10, length: 11 }).contains("(sobra 1)"));
    }

    #[test]
    fn empty_note_message_fits_any_field() {
        let words = Note::parse(" ").unwrap_err().message(Language::Es);
        assert_eq!(words, "Escriba algo aquí: no puede quedar vacío.");
    }

    #[test]
    fn text_problems_have_messages_in_every_language() {
        let fields = [
            TextField::PersonName,
            TextField::Location,
            TextField::FaultDescription,
            TextField::Note,
            TextField::Reason,
            TextField::Company,
        ];
        let problems = fields.into_iter().map(TextProblem::Empty).chain([
            TextProblem::TooShort { min: 3, length: 1 },
            TextProblem::TooShort { min: 3, length: 2 },
            TextProblem::TooLong { max: 3, length: 4 },
            TextProblem::TooLong { max: 3, length: 5 },
            TextProblem::OneWord,
            TextProblem::NoLetter,
        ]);
        for problem in problems {
            for language in Language::ALL {
                let words = problem.message(language);
                assert!(words.contains(' ') && !words.contains("%{"), "{problem:?} {language:?}: {words}");
            }
        }
    }

    #[test]
    fn texts_are_validated_when_deserialised() {
        assert!(serde_json::from_str::<PersonName>(r#"" ""#).is_err());
        assert_eq!(serde_json::to_string(&Note::parse("a b").unwrap()).unwrap(), r#""a b""#);
    }

    proptest! {
        #[test]
        fn parsing_twice_changes_nothing(input in "\\PC{0,40}|[\\x00-\\x7F]{0,40}|.{0,400}") {
            macro_rules! holds { ($($name:ident),*) => {$(
                if let Ok(once) = $name::parse(&input) {
                    prop_assert_eq!($name::parse(once.as_str()), Ok(once.clone()));
                    let length = once.as_str().chars().count();
                    prop_assert!(($name::MIN..=$name::MAX).contains(&length));
                    prop_assert!(!once.as_str().chars().any(|c| (c.is_control() && c != '\n') || is_invisible(c)));
                }
            )*}; }
            holds!(PersonName, Location, FaultDescription, Note, Reason, Company);
        }
    }
}

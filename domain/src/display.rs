//! Wall displays: their names, and the codes by which a screen without a keyboard becomes one.

use std::fmt;

use thiserror::Error;

use crate::text::legible;

/// The most characters of a display's name.
pub const DISPLAY_NAME_CHARS_MAX: usize = 60;

/// The letters of codes. No two of them look alike on a screen far away, and without vowels no code is a word.
const LETTERS: &[u8; 28] = b"23456789BCDFGHJKMNPQRSTVWXYZ";

/// Letters of a code: 28^6 are 481 million codes.
const CODE_LETTERS: usize = 6;

/// The name of a display on one line, such as the room that it hangs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// The name is empty, or longer than [`DISPLAY_NAME_CHARS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a display's name has from 1 to {DISPLAY_NAME_CHARS_MAX} characters")]
pub struct DisplayNameLength;

impl DisplayName {
    /// Normalises the name: on one line, words separated by single spaces.
    ///
    /// # Errors
    /// [`DisplayNameLength`].
    pub fn parse(typed: &str) -> Result<Self, DisplayNameLength> {
        let name = legible(typed).split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=DISPLAY_NAME_CHARS_MAX).contains(&name.chars().count());
        if fits { Ok(Self(name)) } else { Err(DisplayNameLength) }
    }

    /// The name as accepted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The code that a waiting screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairingCode(String);

/// The text has not the form of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a code has six letters or digits")]
pub struct NoPairingCode;

impl PairingCode {
    /// A code of a random number. Of 64 random bits every code is as likely, to one part in ten thousand million.
    #[must_use]
    pub fn of_random(mut number: u64) -> Self {
        let letters = LETTERS.len() as u64;
        let code = (0..CODE_LETTERS).map(|_| {
            let place = usize::try_from(number % letters).unwrap_or_default();
            number /= letters;
            char::from(LETTERS[place])
        });
        Self(code.collect())
    }

    /// Parses what a person has typed: in any case of letters, with blanks or hyphens.
    ///
    /// # Errors
    /// [`NoPairingCode`] for a text of another form.
    ///
    /// ```
    /// use domain::display::PairingCode;
    ///
    /// assert_eq!(PairingCode::parse(" k7m-4xq ").unwrap().as_str(), "K7M4XQ");
    /// assert!(PairingCode::parse("K7M4X0").is_err(), "a zero is no letter of a code");
    /// ```
    pub fn parse(typed: &str) -> Result<Self, NoPairingCode> {
        let letters = typed.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '·'));
        // Of a text without end no more than needed is read.
        let code: String = letters.take(CODE_LETTERS + 1).map(|letter| letter.to_ascii_uppercase()).collect();
        let fits = code.len() == CODE_LETTERS && code.bytes().all(|letter| LETTERS.contains(&letter));
        if fits { Ok(Self(code)) } else { Err(NoPairingCode) }
    }

    /// The code without a gap.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PairingCode {
    /// In two groups, as it is read aloud: `K7M 4XQ`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(CODE_LETTERS / 2);
        write!(f, "{first} {second}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn code_is_read_as_it_is_shown(number: u64) {
            let code = PairingCode::of_random(number);
            prop_assert_eq!(PairingCode::parse(&code.to_string()), Ok(code.clone()));
            prop_assert_eq!(PairingCode::parse(&code.as_str().to_lowercase()), Ok(code));
        }

        #[test]
        fn any_text_is_a_code_or_none(text in any::<String>()) {
            let _ = PairingCode::parse(&text);
        }
    }

    #[test]
    fn text_of_another_form_is_no_code() {
        for text in ["", "K7M4X", "K7M4XQ2", "K7M4XO", "K7M4XI", "K7M 4XÑ", "ABCDEF"] {
            assert_eq!(PairingCode::parse(text), Err(NoPairingCode), "{text}");
        }
    }

    #[test]
    fn name_is_normalised_and_limited() {
        assert_eq!(DisplayName::parse("  Sala \n norte\u{7}").unwrap().as_str(), "Sala norte");
        for name in ["", " \u{200B}", &"x".repeat(61)] {
            assert!(DisplayName::parse(name).is_err(), "{name}");
        }
    }
}

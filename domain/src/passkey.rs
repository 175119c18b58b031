//! The names that members of the staff give their passkeys.

use thiserror::Error;

use crate::text::legible;

/// The most characters of a passkey's name.
pub const PASSKEY_NAME_CHARS_MAX: usize = 60;

/// The name of a passkey on one line, such as the device that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyName(String);

/// The name is empty, or longer than [`PASSKEY_NAME_CHARS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a passkey's name has from 1 to {PASSKEY_NAME_CHARS_MAX} characters")]
pub struct PasskeyNameLength;

impl PasskeyName {
    /// Normalises the name: on one line, words separated by single spaces.
    ///
    /// # Errors
    /// [`PasskeyNameLength`].
    ///
    /// ```
    /// use domain::passkey::PasskeyName;
    ///
    /// assert_eq!(PasskeyName::parse("  Teléfono   del trabajo ").unwrap().as_str(), "Teléfono del trabajo");
    /// assert!(PasskeyName::parse(" ").is_err());
    /// ```
    pub fn parse(typed: &str) -> Result<Self, PasskeyNameLength> {
        let name = legible(typed).split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=PASSKEY_NAME_CHARS_MAX).contains(&name.chars().count());
        if fits { Ok(Self(name)) } else { Err(PasskeyNameLength) }
    }

    /// The name as accepted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

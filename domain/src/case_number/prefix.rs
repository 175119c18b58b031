//! The letters that a provider puts before the country of its case numbers.

use crate::country::Country;

/// The most letters.
const LETTERS_MAX: usize = 4;

/// Up to four letters before the country of a case number: `AN` of `AN-VE26-004213-96`. Empty for numbers without one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CasePrefix([u8; LETTERS_MAX]);

impl CasePrefix {
    /// The most letters.
    pub const MAX: usize = LETTERS_MAX;

    /// No letters.
    pub const NONE: Self = Self([0; Self::MAX]);

    /// The prefix of a text, as it stands in numbers: upper case. `None` when it has other characters than letters, or too
    /// many.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let is_prefix = text.len() <= Self::MAX && text.bytes().all(|byte| byte.is_ascii_uppercase());
        let mut letters = [0; Self::MAX];
        letters.iter_mut().zip(text.bytes()).for_each(|(letter, byte)| *letter = byte);
        is_prefix.then_some(Self(letters))
    }

    /// A prefix as people choose it: any case. `None` for one that could be taken for a label or a country.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        const LABELS: [&str; 2] = ["CASO", "CASE"];
        let text = typed.trim().to_ascii_uppercase();
        let is_taken = LABELS.contains(&text.as_str()) || Country::from_code(&text).is_some();
        Self::of(&text).filter(|prefix| !prefix.is_empty() && !is_taken)
    }

    /// Whether there are no letters.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0[0] == 0
    }
}

impl std::fmt::Display for CasePrefix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .iter()
            .take_while(|letter| **letter != 0)
            .try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

//! The extension after a telephone number: `ext. 12`, `x12`, `#12`, `ramal 12`, `;ext=12`.

use serde::{Deserialize, Serialize};

use super::PhoneProblem;
use crate::text::lowered;

/// Marks of an extension, longer ones first.
const MARKS: [&str; 14] = [
    "extensión",
    "extensão",
    "extensao",
    "extension",
    "interno",
    "anexo",
    "ramal",
    "exten",
    "ext",
    "int",
    "anx",
    "ex",
    "x",
    "#",
];

/// The digits dialled after the number has answered: 1 to 8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Extension(String);

impl Extension {
    /// The most digits of an extension.
    pub const MAX: usize = 8;

    /// The digits, without a prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Extension {
    type Error = PhoneProblem;

    fn try_from(digits: String) -> Result<Self, PhoneProblem> {
        let fits = (1..=Self::MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if fits { Ok(Self(digits)) } else { Err(PhoneProblem::Extension) }
    }
}

/// A number and its extension; `None` when it has none.
pub(super) fn split(raw: &str) -> Option<(&str, Extension)> {
    let raw = raw.trim_end_matches([' ', ')']);
    let head = raw.trim_end_matches(|c: char| c.is_ascii_digit());
    let extension = Extension::try_from(raw.get(head.len()..)?.to_owned()).ok()?;
    let head = head.trim_end_matches([' ', '.', ':', '=', '\u{a0}']);
    let mark = MARKS.into_iter().find(|mark| ends_with(head, mark))?;
    let number = head.get(..head.len() - mark.len())?;
    // `MEX 0` is dialled on the keypad, so it is no extension.
    if number.ends_with(char::is_alphabetic) || !number.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some((number.trim_end_matches([' ', ',', ';', '.', '(', '-', '\u{a0}']), extension))
}

fn ends_with(text: &str, mark: &str) -> bool {
    let tail = text.len().checked_sub(mark.len()).and_then(|at| text.get(at..));
    tail.is_some_and(|tail| lowered(tail) == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extension_is_separated_from_its_number() {
        for text in [
            "0212-5551234 ext. 12",
            "0212-5551234 Ext 12",
            "0212-5551234x12",
            "0212-5551234 #12",
            "0212-5551234, extensión: 12",
            "0212-5551234 (ramal 12)",
            "0212-5551234;ext=12",
            "0212-5551234 interno 12",
        ] {
            let (number, extension) = split(text).unwrap();
            assert_eq!((number, extension.as_str()), ("0212-5551234", "12"), "{text}");
        }
        for text in
            ["0212-5551234", "01800 CPS MEX 0", "ext 12", "0212-5551234 ext 123456789", "0212-5551234 ext"]
        {
            assert_eq!(split(text), None, "{text}");
        }
    }
}

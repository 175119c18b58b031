//! What a customer looks for in cases. It is compared here: engines fold no letters beyond ASCII alike.

use domain::case_number::CaseNumber;
use domain::serial::Serial;
use domain::text::folded;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::store::StoreError;

/// The most characters that are looked for.
const LONGEST: usize = 64;

/// What is looked for.
pub(super) struct Sought {
    /// A number or a serial as stored, if it may be one.
    code: Option<String>,
    /// The words without case and accents.
    words: String,
}

impl Sought {
    /// What was typed; `None` where nothing is looked for.
    pub(super) fn of(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        let number = CaseNumber::parse(typed).map(|number| number.as_compact());
        let serial = || Serial::parse(typed).map(|serial| serial.as_str().to_owned());
        // No text has control characters.
        let words: String = typed.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        Some(Self { code: number.or_else(|_| serial()).ok(), words: folded(words.trim()) })
    }

    /// Whether a row has it. What customers may see alone is looked through: no note, and no message to the desk's own people.
    pub(super) fn is_in(&self, row: &AnyRow) -> Result<bool, StoreError> {
        for column in ["number", "serial"] {
            let code: String = row.try_get(column)?;
            if self.code.as_ref() == Some(&code) {
                return Ok(true);
            }
        }
        // Of characters that no text has, nothing is left to look for.
        if self.words.is_empty() {
            return Ok(false);
        }
        for column in ["fault", "equipment", "place"] {
            let text: String = row.try_get(column)?;
            if folded(&text).contains(&self.words) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

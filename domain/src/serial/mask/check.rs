//! Check characters in the last places of a mask.

use thiserror::Error;

use super::{Row, Slot};
use crate::check_digits::Scheme;

/// Why the texts of a mask cannot have a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CheckProblem {
    /// The mask has a place before the check for a character that the scheme does not know, or no place before it.
    #[error("the scheme does not know every character of the mask")]
    UnknownSigns,
    /// The last places of the mask do not take every check.
    #[error("the last places do not take every check")]
    CheckPlaces,
}

impl Row {
    /// Whether each way to fill the places before the check has one that its last places take.
    ///
    /// # Errors
    /// Why not.
    pub fn fits_check(&self, scheme: Scheme) -> Result<(), CheckProblem> {
        let before = self.length().checked_sub(scheme.length()).filter(|before| *before > 0);
        let (body, check) = self.slots().split_at(before.ok_or(CheckProblem::UnknownSigns)?);
        let takes = |slot: &Slot, sign: &u8| slot.takes(char::from(*sign));
        let strange = |slot: &Slot| {
            let known = scheme.body_signs();
            (b'0'..=b'9').chain(b'A'..=b'Z').any(|sign| takes(slot, &sign) && !known.contains(&sign))
        };
        if body.iter().any(strange) {
            return Err(CheckProblem::UnknownSigns);
        }
        if !check.iter().all(|slot| scheme.check_signs().iter().all(|sign| takes(slot, sign))) {
            return Err(CheckProblem::CheckPlaces);
        }
        Ok(())
    }
}

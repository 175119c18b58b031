//! Errors of use-cases. Each variant says what the caller can do.

use domain::actor::NotPermitted;
use domain::case::{Recorded, Refusal};
use thiserror::Error;

use crate::store::StoreError;

/// Why a use-case did nothing or shows nothing. Use-cases with further errors wrap it in their own type.
#[derive(Debug, Clone, Error)]
pub enum DeskError {
    /// The policy does not permit it. Sign in as a person who may.
    #[error(transparent)]
    NotPermitted(NotPermitted),
    /// It does not exist, or the actor may not know it: both look the same.
    #[error("there is no such thing")]
    NotFound,
    /// A rule refused it. The refusal says what to do instead; it is never [`Refusal::NotPermitted`].
    #[error(transparent)]
    Refused(Refusal),
    /// The case has changed since it was read. Show the new entries, and ask again.
    #[error("the case has changed since version {seen}")]
    Conflict {
        /// The version that was read.
        seen: u32,
        /// Entries since then. Empty for a version that the case never had.
        since: Vec<Recorded>,
    },
    /// The store failed and nothing was written. Try again later.
    #[error(transparent)]
    Store(StoreError),
}

impl From<NotPermitted> for DeskError {
    fn from(refused: NotPermitted) -> Self {
        Self::NotPermitted(refused)
    }
}

impl From<Refusal> for DeskError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotPermitted(refused) => Self::NotPermitted(refused),
            refusal => Self::Refused(refusal),
        }
    }
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for DeskError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Lets `?` convert the error of any use-case into a type that holds a [`DeskError`] beside its own variants.
macro_rules! holds_desk_error {
    ($error:ident: $($from:ty),+) => {
        $(impl From<$from> for $error {
            fn from(error: $from) -> Self {
                Self::Desk(error.into())
            }
        })+
    };
}
pub(crate) use holds_desk_error;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_permitted_converts_to_one_error() {
        assert!(matches!(DeskError::from(Refusal::NotPermitted(NotPermitted)), DeskError::NotPermitted(_)));
        assert!(matches!(DeskError::from(Refusal::DoneAlready), DeskError::Refused(Refusal::DoneAlready)));
    }
}

//! Why the desk does not do what it was asked. One type for all use-cases: each variant says what the caller can do.

use domain::actor::NotPermitted;
use domain::case::{Recorded, Refusal};
use thiserror::Error;

use crate::store::StoreError;

/// Why nothing was done, or nothing is shown. Use-cases that fail in ways of their own have their own type around it.
#[derive(Debug, Clone, Error)]
pub enum DeskError {
    /// The actor may not do it. Sign in as somebody who may.
    #[error(transparent)]
    NotPermitted(NotPermitted),
    /// There is no such thing, or the actor may not know of it: both read the same.
    #[error("there is no such thing")]
    NotFound,
    /// A rule of the desk would be broken. The refusal says what to do instead; it is never [`Refusal::NotPermitted`].
    #[error(transparent)]
    Refused(Refusal),
    /// Others have written since the case was read. Show what they wrote, and ask again.
    #[error("the case has changed since version {seen}")]
    Conflict {
        /// The version that was read.
        seen: u32,
        /// What has happened since. Empty for a version that the case has not had.
        since: Vec<Recorded>,
    },
    /// The store failed and nothing was kept. Try again later.
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

/// Lets `?` turn what any use-case fails with into an error that holds a [`DeskError`] beside its own variants.
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

//! Use-cases of those who watch over the desk: what its work looks like beyond single cases.

mod overlaps;

use domain::actor::NotPermitted;
use thiserror::Error;

use crate::store::StoreError;

pub(crate) use overlaps::keep as keep_overlaps;
pub use overlaps::{overlaps, overlaps_csv};

/// Why nothing is shown.
#[derive(Debug, Clone, Error)]
pub enum ReportError {
    /// The actor may not see it.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// Try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ReportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

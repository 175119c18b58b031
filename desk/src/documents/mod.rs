//! Documents of a closed case.

pub mod closing_report;
pub(crate) mod pdf;

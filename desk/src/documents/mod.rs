//! Documents of a closed case.

pub mod closing_report;

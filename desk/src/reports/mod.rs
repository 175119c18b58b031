//! Use-cases of those who watch over the desk: what its work looks like beyond single cases.

mod breaches;
mod csv;
mod overlaps;
mod sla_report;

pub use breaches::{promises_missed, promises_missed_csv};
pub use csv::{Separators, SheetFile, SheetFor};
pub use overlaps::{overlaps, overlaps_csv};
pub use sla_report::{promises_kept, promises_kept_csv, this_month};

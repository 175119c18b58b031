//! Use-cases of those who watch over the desk: what its work looks like beyond single cases.

mod breaches;
mod csv;
mod overlap_rows;
mod overlaps;
mod sla_records;
mod sla_report;

pub use breaches::{promises_missed, promises_missed_csv};
pub use csv::{Separators, SheetFile, SheetFor};
pub(crate) use overlap_rows::{backfill as backfill_overlaps, keep as keep_overlaps, overlaps_of};
pub use overlaps::{overlaps, overlaps_csv};
pub(crate) use sla_records::{backfill as backfill_sla_records, keep as keep_promises};
pub use sla_report::{promises_kept, promises_kept_csv, this_month};

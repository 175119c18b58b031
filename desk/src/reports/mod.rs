//! Use-cases of those who watch over the desk: what its work looks like beyond single cases.

mod csv;
mod kept;
mod missed;
mod overlap_rows;
mod overlaps;
mod promise_rows;

pub use csv::{Separators, SheetFile, SheetFor};
pub use kept::{promises_kept, promises_kept_csv, this_month};
pub use missed::{promises_missed, promises_missed_csv};
pub(crate) use overlap_rows::{backfill as backfill_overlaps, keep as keep_overlaps, overlaps_of};
pub use overlaps::{overlaps, overlaps_csv};
pub(crate) use promise_rows::{backfill as backfill_promises, keep as keep_promises};

//! Use-cases of supervisors: reports beyond single cases.

mod audit;
mod breaches;
mod causes;
mod csv;
mod overlaps;
mod sla_report;

pub use audit::audit_csv;
pub use breaches::{BreachPlace, BreachStep, breaches, breaches_after, breaches_csv};
pub use causes::{CategoryCount, CauseCount, CausesReport, causes_csv, causes_report};
pub(crate) use csv::{Cells, Sheet, file_name, local, text_cell};
pub use csv::{Separators, SheetFile, SheetFor};
pub use overlaps::{overlaps, overlaps_csv};
pub(crate) use sla_report::{Whole, read_report};
pub use sla_report::{sla_report, sla_report_csv, this_month};

//! Use-cases: what a provider sets, as files. Calendars and SLA plans; each file holds one subject as TOML.
//!
//! [`export`] writes what is in force at a moment. [`apply`] compares files with the desk, and writes new versions of what
//! differs, all in one transaction. Applying what was exported changes nothing. Applying what was in force earlier takes it
//! up again. Cases that are open keep the versions they were opened under; [`Preview`] says what the change would mean for
//! them.

mod apply;
mod calendars;
mod changes;
mod entries;
mod export;
mod fields;
mod file;
mod history;
mod plans;
mod preview;
mod quantities;
mod report;
mod versions;

pub use apply::{Request, apply};
pub use changes::FieldChange;
pub use entries::{
    CalendarDay, CalendarSummary, Overview, PlanSummary, calendar_year, change_entry, entry, overview,
};
pub use export::export;
pub use fields::{FieldKind, Fields};
pub use file::{FileProblem, Reason, SettingsFile, Subject};
pub use history::{Version, history};
pub use preview::Preview;
pub use report::{Change, Outcome, SettingsReport};

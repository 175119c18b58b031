//! Use-cases: a provider's settings as files. Each file has one subject as TOML: calendars, SLA plans, or
//! the provider.
//!
//! [`export`] writes the settings in force at a moment. [`apply`] compares files with the desk, and writes new versions
//! of the differences in one transaction. To apply an export changes nothing; to apply an earlier one restores it. Open
//! cases keep the versions of their opening; [`Preview`] says what the change would mean for them.

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
mod provider;
mod quantities;
mod report;
mod versions;

pub use apply::{Request, apply};
pub use changes::FieldChange;
pub use entries::{
    CalendarDay, CalendarSummary, Overview, PlanSummary, calendar_year, change_entry, entry, overview,
    planned_provider,
};
pub use export::export;
pub use fields::{FieldKind, Fields, tidy};
pub use file::{FileProblem, Reason, SettingsFile, Subject};
pub use history::{Version, history};
pub use preview::Preview;
pub use provider::{PROVIDER_ID, store_logo};
pub use report::{Change, Outcome, SettingsReport};

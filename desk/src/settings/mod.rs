//! Use-cases: a provider's settings as files. Each file has one subject as TOML: calendars, questionnaires, SLA plans, the
//! provider, number formats, formats of serials, teams. Or causes of faults, waiting reasons, canned replies, or words of
//! mails.
//!
//! [`export`] writes the settings in force at a moment. [`apply`] compares files with the desk, and writes new versions
//! of the differences in one transaction. To apply an export changes nothing; to apply an earlier one restores it. Open
//! cases keep the versions of their opening; [`Preview`] says what the change would mean for them.

mod apply;
mod calendars;
mod causes;
mod changes;
mod entries;
mod export;
mod fields;
mod file;
mod formats;
mod history;
mod ics;
mod in_force;
mod mail_texts;
mod plan_changes;
mod plans;
mod preview;
mod provider;
mod quantities;
mod questionnaires;
mod replies;
mod report;
mod retirement;
mod serial_formats;
mod single;
mod subjects;
mod teams;
mod versions;
mod waiting;

pub use apply::{Request, apply};
pub use causes::CAUSES_ID;
pub use changes::FieldChange;
pub use entries::{
    CalendarDay, CalendarSummary, MailTextSummary, Overview, PlanSummary, QuestionnaireSummary, ReplySummary,
    TeamSummary, calendar_year, change_entry, entry, overview, planned, questionnaires, standing_questions,
    team_list,
};
pub use export::export;
pub use fields::{FieldKind, Fields, tidy};
pub use file::{FileProblem, Reason, SettingsFile, Subject};
pub use formats::{CONTRACT_FORMATS_MAX, FORMATS_ID, FormatsProblem, Tried, try_formats};
pub use history::{Version, history};
pub use ics::{
    ClosuresRead, ICS_BYTES_MAX, IcsProblem, IcsReason, add_closures, export_closures, read_closures,
};
pub use in_force::{FormatsInForce, InForce, InForceOf, PlanInForce, in_force};
pub use mail_texts::mail_text_of;
pub use preview::Preview;
pub use provider::{PROVIDER_ID, store_logo};
pub use quantities::{windows_of_day, written_windows};
pub use report::{Change, Outcome, RetiredPlan, SettingsReport};
pub use retirement::{PlanContract, PlanContracts, plan_contracts};
pub use serial_formats::{SERIAL_FORMATS_ID, TriedSerial, try_serial_formats};
pub use waiting::WAITING_ID;

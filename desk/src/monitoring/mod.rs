//! Alerts of monitoring systems: each opens a case, or is told in its case. What could not become a case stands on the page of
//! its integration, and is tried again when it comes again (`docs/decisions/0059`).

mod kept;
mod places;
mod settings;
mod sweep;
mod taking;

pub use kept::{ALERTS_PAGE, AlertView, list_alerts};
pub use settings::{AlertSettings, AlertSettingsError, alert_settings, change_alert_settings};
pub use sweep::sweep;
pub use taking::{Taken, report_alerts};

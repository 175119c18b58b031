//! Alerts of monitoring systems: what they say, and what becomes of them.
//!
//! What arrives is read leniently where systems differ, and refused where a case would rest on a guess. An alert is known by
//! its fingerprint: the same one, firing again, is told in the same case.

mod alertmanager;
mod settings;
mod step;
mod zabbix;

use thiserror::Error;

use crate::text::{first_words, legible};

pub use alertmanager::{ALERTMANAGER_VERSIONS, AlertmanagerMessage};
pub use settings::{
    AlertContact, ContactProblem, DEFAULT_SEVERITIES, HostSerials, LineProblem, SeverityTable,
    TABLE_CHARS_MAX,
};
pub use step::{CaseStanding, KeptAlert, NOTE_EVERY_S, Step, step};
pub use zabbix::ZabbixMessage;

/// The most alerts of one message: 256 KiB hold no more of real size.
pub const ALERTS_MAX: usize = 1000;
/// The most cases that one integration opens in an hour. What is beyond waits for the sender's next attempt.
pub const CASES_PER_HOUR_MAX: i64 = 30;
/// The most characters of a fingerprint.
const FINGERPRINT_CHARS_MAX: usize = 128;
/// The most characters of a title, and of the name of a host.
const TITLE_CHARS_MAX: usize = 200;
/// The most characters of the details.
const DETAIL_CHARS_MAX: usize = 2000;

choices! {
    /// Whether an alert is over.
    pub enum AlertState: "monitoring.state" {
        /// It fires.
        Firing = "firing",
        /// It is over.
        Resolved = "resolved",
    }
}

choices! {
    /// Why an alert could not become a case. An administrator sees it at its line.
    pub enum AlertProblem: "monitoring.problem" {
        /// No contact was set for cases of this integration.
        NoContact = "no_contact",
        /// It has no label `serial`, and its host has none in the table.
        NoSerial = "no_serial",
        /// Its serial is none.
        WrongSerial = "wrong_serial",
        /// Its serial is not in the register.
        Unregistered = "unregistered",
        /// The equipment is in another country than the integration's.
        OtherScope = "other_scope",
        /// The contact or the register's entry makes no report.
        NoReport = "no_report",
        /// The integration opened [`CASES_PER_HOUR_MAX`] cases within an hour.
        TooMany = "too_many",
        /// The sender left alerts out of its message.
        Truncated = "truncated",
    }
}

/// An alert, whichever system sent it. Texts are legible, and cut where they are too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// What the system knows it by, the same each time that it fires.
    pub fingerprint: String,
    /// What tells this firing from others, as the system writes it: its time, or the number of its event. May be empty.
    pub begun: String,
    /// Whether it is over.
    pub state: AlertState,
    /// What it is called.
    pub title: String,
    /// What else it says; may be empty.
    pub detail: String,
    /// The host; empty when it names none.
    pub host: String,
    /// The serial of the equipment, as written; empty when it names none.
    pub serial: String,
    /// The system's word for its severity; empty when it names none.
    pub severity: String,
}

/// Alerts of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alerts {
    /// The alerts, in their order.
    pub all: Vec<Alert>,
    /// What the sender left out: the fingerprint of their group. `None` when it left out nothing.
    pub truncated: Option<String>,
}

/// Why a message is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MessageProblem {
    /// Its version is none that is read.
    #[error("the version is not known")]
    Version,
    /// It has more than [`ALERTS_MAX`] alerts.
    #[error("more than {ALERTS_MAX} alerts")]
    TooMany,
    /// The alert of this place, from 0, has no fingerprint, or one that is too long.
    #[error("alert {0} has no fingerprint")]
    Fingerprint(usize),
    /// The alert of this place, from 0, neither fires nor is resolved.
    #[error("alert {0} has an unknown state")]
    State(usize),
}

/// A fingerprint of plain characters; `None` when there is none, or it is too long.
fn fingerprint(sent: &str) -> Option<String> {
    let sent = sent.trim();
    let fits = (1..=FINGERPRINT_CHARS_MAX).contains(&sent.len());
    (fits && sent.bytes().all(|byte| byte.is_ascii_graphic())).then(|| sent.to_owned())
}

fn title(sent: &str) -> String {
    first_words(&legible(sent), TITLE_CHARS_MAX)
}

fn detail(sent: &str) -> String {
    legible(sent).trim().chars().take(DETAIL_CHARS_MAX).collect()
}

//! Integrations: other systems, each with a token of its own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::identity::Scope;
use crate::text::legible;

/// The most characters of an integration's name.
pub const INTEGRATION_NAME_CHARS_MAX: usize = 60;

/// The most requests per minute that an integration can be given: 1,000 a second, more than one desk answers.
pub const REQUESTS_PER_MINUTE_MAX: u32 = 60_000;

/// Id of an integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntegrationId(pub i64);

choices! {
    /// What an administrator grants to an integration. The policy says which actions belong to each.
    #[derive(PartialOrd, Ord)]
    pub enum Grant: "grant" {
        /// Check entitlements and open cases.
        OpenCases = "open_cases",
        /// Read, list and search cases.
        ReadCases = "read_cases",
        /// Log contacts, write notes and updates, pause, resume, resolve, record verdicts.
        WorkCases = "work_cases",
        /// Assign cases, change priorities, cancel.
        SteerCases = "steer_cases",
        /// Read organisations, contracts, sites and equipment.
        ReadRegister = "read_register",
        /// Read reports.
        ReadReports = "read_reports",
        /// Read who works here.
        ReadPeople = "read_people",
        /// Read plans, calendars and other settings.
        ReadSettings = "read_settings",
        /// Report telephone calls.
        ReportCalls = "report_calls",
        /// Report alerts of a monitoring system: they open cases, and write notes in those alone.
        ReportAlerts = "report_alerts",
        /// Read the audit log.
        ReadAudit = "read_audit",
    }
}

impl Grant {
    /// Whether its actions are about single cases or calls, so that a scope of one country can hold them. The others are about
    /// the desk as a whole.
    #[must_use]
    pub const fn is_of_cases(self) -> bool {
        match self {
            Self::OpenCases
            | Self::ReadCases
            | Self::WorkCases
            | Self::SteerCases
            | Self::ReportCalls
            | Self::ReportAlerts => true,
            Self::ReadRegister
            | Self::ReadReports
            | Self::ReadPeople
            | Self::ReadSettings
            | Self::ReadAudit => false,
        }
    }
}

/// Another system with a token of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// Id of the integration.
    pub id: IntegrationId,
    /// Its name, which histories show as the author.
    pub name: String,
    /// What it may do.
    pub grants: BTreeSet<Grant>,
    /// The cases that exist for it.
    pub scope: Scope,
}

/// The name of an integration on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationName(String);

/// The name is empty, or longer than [`INTEGRATION_NAME_CHARS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an integration's name has from 1 to {INTEGRATION_NAME_CHARS_MAX} characters")]
pub struct IntegrationNameLength;

impl IntegrationName {
    /// Normalises the name: on one line, words separated by single spaces.
    ///
    /// # Errors
    /// [`IntegrationNameLength`].
    pub fn parse(typed: &str) -> Result<Self, IntegrationNameLength> {
        let name = legible(typed).split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=INTEGRATION_NAME_CHARS_MAX).contains(&name.chars().count());
        if fits { Ok(Self(name)) } else { Err(IntegrationNameLength) }
    }

    /// The name as accepted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many requests an integration may make in a minute: from 1 to [`REQUESTS_PER_MINUTE_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestsPerMinute(u32);

impl RequestsPerMinute {
    /// What is offered at first: ten a second.
    pub const OFFERED: Self = Self(600);

    /// A number of requests; `None` outside the range.
    #[must_use]
    pub fn new(requests: u32) -> Option<Self> {
        (1..=REQUESTS_PER_MINUTE_MAX).contains(&requests).then_some(Self(requests))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_an_integration_is_one_line_of_sixty_characters() {
        assert_eq!(IntegrationName::parse("  Zabbix \n de  Caracas ").unwrap().as_str(), "Zabbix de Caracas");
        assert!(IntegrationName::parse(" \t ").is_err());
        assert!(IntegrationName::parse(&"x".repeat(INTEGRATION_NAME_CHARS_MAX)).is_ok());
        assert!(IntegrationName::parse(&"x".repeat(INTEGRATION_NAME_CHARS_MAX + 1)).is_err());
    }

    #[test]
    fn requests_per_minute_have_a_range() {
        assert_eq!(RequestsPerMinute::new(0), None);
        assert_eq!(RequestsPerMinute::new(REQUESTS_PER_MINUTE_MAX + 1), None);
        assert_eq!(RequestsPerMinute::new(600), Some(RequestsPerMinute::OFFERED));
    }
}

//! What an administrator sets for the alerts of an integration: a contact, and two tables of a line for each entry.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::country::Country;
use crate::mail_address::MailAddress;
use crate::phone::Phone;
use crate::priority::{Severity, Urgency};
use crate::serial::Serial;
use crate::text::PersonName;

/// The most characters of a table.
pub const TABLE_CHARS_MAX: usize = 60_000;

/// The table of severities that a new integration has: words of Prometheus' examples and of Zabbix.
pub const DEFAULT_SEVERITIES: &str = "critical = critical high
disaster = critical critical
high = high high
error = high medium
average = medium medium
warning = medium medium
info = low low
information = low low
not classified = low low
* = medium medium";

/// The word of the line for all other words.
const ANY: &str = "*";

/// A line of a table that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LineProblem {
    /// The table has more than [`TABLE_CHARS_MAX`] characters.
    #[error("the table is too long")]
    TooLong,
    /// The line of this number, from 1, is no entry.
    #[error("line {0} cannot be read")]
    Line(usize),
}

/// The lines of a table that have an entry: number, left side and right side.
fn lines(typed: &str) -> Result<Vec<(usize, String, &str)>, LineProblem> {
    if typed.chars().count() > TABLE_CHARS_MAX {
        return Err(LineProblem::TooLong);
    }
    let numbered = (1..).zip(typed.lines()).filter(|(_, line)| !line.trim().is_empty());
    numbered
        .map(|(nth, line)| match line.split_once('=') {
            Some((left, right)) if !left.trim().is_empty() => Ok((nth, key(left), right.trim())),
            _ => Err(LineProblem::Line(nth)),
        })
        .collect()
}

/// What an entry is found by, whatever its case of letters.
fn key(written: &str) -> String {
    written.trim().to_lowercase()
}

/// Severity and urgency of a case by the alert's word for its severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeverityTable(BTreeMap<String, (Severity, Urgency)>);

impl SeverityTable {
    /// Reads lines such as `disaster = critical high`: the alert's word, the severity and the urgency.
    ///
    /// # Errors
    /// See [`LineProblem`].
    pub fn parse(typed: &str) -> Result<Self, LineProblem> {
        let entry = |(nth, word, right): (usize, String, &str)| {
            let mut codes = right.split_whitespace();
            let severity = codes.next().and_then(Severity::from_code);
            let urgency = codes.next().and_then(Urgency::from_code);
            match (severity, urgency, codes.next()) {
                (Some(severity), Some(urgency), None) => Ok((word, (severity, urgency))),
                _ => Err(LineProblem::Line(nth)),
            }
        };
        lines(typed)?.into_iter().map(entry).collect::<Result<_, _>>().map(Self)
    }

    /// Severity and urgency for a word: those of its line, else of the line `*`, else both medium.
    #[must_use]
    pub fn of(&self, word: &str) -> (Severity, Urgency) {
        let found = self.0.get(&key(word)).or_else(|| self.0.get(ANY));
        found.copied().unwrap_or((Severity::Medium, Urgency::Medium))
    }
}

/// Serials of hosts, for alerts without a label for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSerials(BTreeMap<String, Serial>);

impl HostSerials {
    /// Reads lines such as `sw-12.example = FOC2614A1B2`.
    ///
    /// # Errors
    /// See [`LineProblem`].
    pub fn parse(typed: &str) -> Result<Self, LineProblem> {
        let entry = |(nth, host, right): (usize, String, &str)| match Serial::parse(right) {
            Ok(serial) => Ok((host, serial)),
            Err(_) => Err(LineProblem::Line(nth)),
        };
        lines(typed)?.into_iter().map(entry).collect::<Result<_, _>>().map(Self)
    }

    /// The serial of a host, with its port or without.
    #[must_use]
    pub fn of(&self, host: &str) -> Option<&Serial> {
        let host = key(host);
        let bare = host.rsplit_once(':').map_or(host.as_str(), |(bare, _)| bare);
        self.0.get(&host).or_else(|| self.0.get(bare))
    }
}

/// Whom the desk writes to and calls about cases that alerts opened, as typed and valid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertContact {
    /// The full name.
    pub name: String,
    /// The telephone with its country code.
    pub phone: String,
    /// The mail address.
    pub mail: String,
}

/// A field of a contact that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ContactProblem {
    /// The name is no full name.
    #[error("the name is no full name")]
    Name,
    /// The telephone is none, or has no country code.
    #[error("the telephone has no country code")]
    Phone,
    /// The mail address is none.
    #[error("the mail address is none")]
    Mail,
}

impl AlertContact {
    /// What is wrong of it, in the order of the fields. A telephone needs its country code, because cases are of all countries.
    #[must_use]
    pub fn problems(&self) -> Vec<ContactProblem> {
        let is_international = self.phone.trim_start().starts_with('+');
        let is_phone = is_international && Phone::parse_with_extension(Country::HOME, &self.phone).is_ok();
        [
            PersonName::full(&self.name).is_err().then_some(ContactProblem::Name),
            (!is_phone).then_some(ContactProblem::Phone),
            MailAddress::parse(&self.mail).is_err().then_some(ContactProblem::Mail),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_table_knows_the_words_of_both_systems() {
        let table = SeverityTable::parse(DEFAULT_SEVERITIES).unwrap();
        assert_eq!(table.of("Disaster"), (Severity::Critical, Urgency::Critical));
        assert_eq!(table.of("critical"), (Severity::Critical, Urgency::High));
        assert_eq!(table.of(" Not classified "), (Severity::Low, Urgency::Low));
        assert_eq!(table.of("page"), (Severity::Medium, Urgency::Medium));
        assert_eq!(SeverityTable::parse("").unwrap().of("x"), (Severity::Medium, Urgency::Medium));
    }

    #[test]
    fn line_that_is_no_entry_is_named() {
        for (wrong, nth) in [("high", 1), ("\nhigh = high", 2), ("a = high high high", 1), ("= high high", 1)]
        {
            assert_eq!(SeverityTable::parse(wrong), Err(LineProblem::Line(nth)), "{wrong:?}");
        }
        let long = "a".repeat(TABLE_CHARS_MAX + 1);
        assert_eq!(HostSerials::parse(&long), Err(LineProblem::TooLong));
        assert_eq!(HostSerials::parse("sw-1 = FOC2614A1B2\nsw-2 = "), Err(LineProblem::Line(2)));
    }

    #[test]
    fn host_is_found_with_its_port_and_without() {
        let hosts = HostSerials::parse("SW-1.example = FOC2614A1B2\n\nsw-2:9100 = SGH548XK3P").unwrap();
        let serial = |host| hosts.of(host).map(Serial::as_str);
        assert_eq!(serial("sw-1.example"), Some("FOC2614A1B2"));
        assert_eq!(serial("sw-1.EXAMPLE:9100"), Some("FOC2614A1B2"));
        assert_eq!((serial("sw-2:9100"), serial("sw-2"), serial("")), (Some("SGH548XK3P"), None, None));
    }

    #[test]
    fn contact_is_whole_and_reached_from_every_country() {
        let whole = AlertContact {
            name: "Guardia de Redes".to_owned(),
            phone: "+58 212 555 0142".to_owned(),
            mail: "redes@cumbre.example".to_owned(),
        };
        assert!(whole.problems().is_empty());
        let local = AlertContact { phone: "0212 555 0142".to_owned(), ..whole };
        assert_eq!(local.problems(), [ContactProblem::Phone]);
        let none = [ContactProblem::Name, ContactProblem::Phone, ContactProblem::Mail];
        assert_eq!(AlertContact::default().problems(), none);
    }
}

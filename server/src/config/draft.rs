//! Keys of the configuration and their parser, the same for file, environment and flags.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use desk::outbox::{ReplyAddresses, Tls};
use desk::retention::RetentionPeriod;
use desk::webhooks::AllowedNetwork;
use domain::mail_address::MailAddress;
use tracing_subscriber::EnvFilter;

use super::mailboxes::MailboxDraft;
use super::{DatabaseAddress, Demo, LogFormat, PublicUrl};

/// A key of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Key `listen`: the address of the site.
    Listen,
    /// Key `public_url`: where browsers reach the site.
    PublicUrl,
    /// Key `data`: the folder for database and mails.
    Data,
    /// Key `database`: a SQLite file or a `postgres://` address.
    Database,
    /// Key `site`: the folder with the bundles.
    Site,
    /// Key `demo`: whether demonstration data is loaded.
    Demo,
    /// Key `trusted_proxies`: proxies whose `X-Forwarded-For` is believed.
    TrustedProxies,
    /// Key `metrics_listen`: the address of the metrics.
    MetricsListen,
    /// Key `retention_days`: how long personal data are kept where no administrator has set it.
    RetentionDays,
    /// Key `log`: which events are logged.
    Log,
    /// Key `log_format`: how it is logged.
    LogFormat,
    /// Key `mail.smtp_host`: name of the mail server.
    SmtpHost,
    /// Key `mail.smtp_port`: port of the mail server.
    SmtpPort,
    /// Key `mail.smtp_tls`: how the connection is secured.
    SmtpTls,
    /// Key `mail.smtp_ca_file`: the operator's own certificate authorities.
    SmtpCaFile,
    /// Key `mail.smtp_user`: account at the mail server.
    SmtpUser,
    /// Key `mail.smtp_password`: password of that account.
    SmtpPassword,
    /// Key `mail.smtp_password_file`: file that holds the password.
    SmtpPasswordFile,
    /// Key `mail.lmtp_listen`: the address of this machine at which a mail server hands mails over.
    LmtpListen,
    /// Key `mail.authserv_id`: the name with which the mailbox's server signs what it found out about authors.
    AuthservId,
    /// Key `mail.reply_addresses`: where the mails of a case are answered.
    ReplyAddresses,
    /// Key `mail.from_address`: address that mails come from.
    FromAddress,
    /// Key `mail.from_name`: name that mails come from.
    FromName,
    /// Key `webhooks.allowed_networks`: networks of the provider's own with receivers of webhooks.
    AllowedNetworks,
    /// Key `webhooks.ca_file`: certificate authorities of receivers.
    WebhooksCaFile,
}

impl Key {
    /// Every key with its name in files and what its value must be.
    pub const ALL: [(Self, &'static str, &'static str); 25] = [
        (Self::Listen, "listen", "an address with a port, such as 127.0.0.1:8080"),
        (
            Self::PublicUrl,
            "public_url",
            "http:// or https:// with a host and no path, such as https://casos.example.com",
        ),
        (Self::Data, "data", "a folder"),
        (Self::Database, "database", "sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME"),
        (Self::Site, "site", "a folder"),
        (Self::Demo, "demo", "\"first-start\" or \"off\""),
        (
            Self::TrustedProxies,
            "trusted_proxies",
            "IP addresses, such as [\"10.0.0.2\"], in the environment with commas",
        ),
        (Self::MetricsListen, "metrics_listen", "an address with a port, such as 127.0.0.1:9464"),
        (Self::RetentionDays, "retention_days", "a whole number from 90 to 7305"),
        (Self::Log, "log", "a filter, such as \"info\" or \"info,desk=debug\""),
        (Self::LogFormat, "log_format", "\"text\" or \"json\""),
        (Self::SmtpHost, "mail.smtp_host", "the name of a server"),
        (Self::SmtpPort, "mail.smtp_port", "a port from 1 to 65535"),
        (Self::SmtpTls, "mail.smtp_tls", "\"none\", \"starttls\" or \"implicit\""),
        (Self::SmtpCaFile, "mail.smtp_ca_file", "a PEM file with certificates of authorities"),
        (Self::SmtpUser, "mail.smtp_user", "a name"),
        (Self::SmtpPassword, "mail.smtp_password", "a password"),
        (Self::SmtpPasswordFile, "mail.smtp_password_file", "a file that holds the password"),
        (
            Self::LmtpListen,
            "mail.lmtp_listen",
            "an address of this machine with a port, such as 127.0.0.1:2424",
        ),
        (Self::AuthservId, "mail.authserv_id", "one word, such as mx.example.com"),
        (Self::ReplyAddresses, "mail.reply_addresses", "\"shared\" or \"per-case\""),
        (Self::FromAddress, "mail.from_address", "a mail address, such as casos@example.com"),
        (Self::FromName, "mail.from_name", "a name on one line"),
        (
            Self::AllowedNetworks,
            "webhooks.allowed_networks",
            "networks, such as [\"10.1.0.0/16\", \"127.0.0.1\"], in the environment with commas",
        ),
        (Self::WebhooksCaFile, "webhooks.ca_file", "a PEM file with certificates of authorities"),
    ];

    /// The key of a name in a file, such as `mail.smtp_host`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(key, ..)| *key)
    }

    /// The key of a variable's name without its prefix, such as `MAIL_SMTP_HOST`.
    #[must_use]
    pub fn from_variable(name: &str) -> Option<Self> {
        let same = |known: &str| known.replace('.', "_").to_uppercase() == name;
        Self::ALL.iter().find(|(_, known, _)| same(known)).map(|(key, ..)| *key)
    }

    /// The flag of a key of the top level, such as `--public-url`.
    #[must_use]
    pub fn flag(self) -> String {
        format!("--{}", self.told().0.replace('_', "-"))
    }

    /// The key's name, and what its value must be.
    #[must_use]
    pub fn told(self) -> (&'static str, &'static str) {
        let row = Self::ALL.iter().find(|(key, ..)| *key == self);
        row.map_or(("", ""), |(_, name, expected)| (*name, *expected))
    }

    /// Whether the value may be a secret. A wrong value of such a key is not printed.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Database | Self::SmtpPassword)
    }
}

/// The values that were set so far.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) listen: Option<SocketAddr>,
    pub(super) public_url: Option<PublicUrl>,
    pub(super) data: Option<PathBuf>,
    pub(super) database: Option<DatabaseAddress>,
    pub(super) site: Option<PathBuf>,
    pub(super) demo: Option<Demo>,
    pub(super) trusted_proxies: Option<Vec<IpAddr>>,
    pub(super) metrics_listen: Option<SocketAddr>,
    pub(super) retention: Option<RetentionPeriod>,
    pub(super) log: Option<String>,
    pub(super) log_format: Option<LogFormat>,
    pub(super) smtp_host: Option<String>,
    pub(super) smtp_port: Option<u16>,
    pub(super) smtp_tls: Option<Tls>,
    pub(super) smtp_ca_file: Option<PathBuf>,
    pub(super) smtp_user: Option<String>,
    pub(super) smtp_password: Option<String>,
    pub(super) smtp_password_file: Option<PathBuf>,
    pub(super) lmtp_listen: Option<SocketAddr>,
    pub(super) authserv_id: Option<String>,
    pub(super) reply_addresses: Option<ReplyAddresses>,
    pub(super) from_address: Option<MailAddress>,
    pub(super) from_name: Option<String>,
    pub(super) allowed_networks: Option<Vec<AllowedNetwork>>,
    pub(super) webhooks_ca_file: Option<PathBuf>,
    /// Mailboxes by their names.
    pub(super) mailboxes: BTreeMap<String, MailboxDraft>,
}

impl Draft {
    /// Sets `key` and overrules an earlier value. `None` for a wrong value, which changes nothing.
    pub(super) fn set(&mut self, key: Key, value: &str) -> Option<()> {
        match key {
            Key::Listen => self.listen = Some(value.trim().parse().ok()?),
            Key::PublicUrl => self.public_url = Some(PublicUrl::parse(value)?),
            Key::Data => self.data = Some(path(value)?),
            Key::Database => self.database = Some(DatabaseAddress::parse(value)?),
            Key::Site => self.site = Some(path(value)?),
            Key::Demo => {
                self.demo = Some(choice(value, [("first-start", Demo::FirstStart), ("off", Demo::Off)])?);
            }
            Key::TrustedProxies => self.trusted_proxies = Some(addresses(value)?),
            Key::MetricsListen => self.metrics_listen = Some(value.trim().parse().ok()?),
            Key::RetentionDays => self.retention = Some(RetentionPeriod::parse(value).ok()??),
            Key::Log => self.log = Some(filter(value)?),
            Key::LogFormat => {
                self.log_format =
                    Some(choice(value, [("text", LogFormat::Text), ("json", LogFormat::Json)])?);
            }
            Key::SmtpHost => self.smtp_host = Some(line(value)?.to_owned()),
            Key::SmtpPort => self.smtp_port = Some(value.trim().parse().ok().filter(|port| *port > 0)?),
            Key::SmtpTls => {
                let known = [("none", Tls::None), ("starttls", Tls::StartTls), ("implicit", Tls::Implicit)];
                self.smtp_tls = Some(choice(value, known)?);
            }
            Key::SmtpCaFile => self.smtp_ca_file = Some(path(value)?),
            Key::SmtpUser => self.smtp_user = Some(line(value)?.to_owned()),
            // Not trimmed: a password may begin or end with a space.
            Key::SmtpPassword => {
                line(value)?;
                self.smtp_password = Some(value.to_owned());
            }
            Key::SmtpPasswordFile => self.smtp_password_file = Some(path(value)?),
            // There is neither TLS nor a sign-in.
            Key::LmtpListen => {
                self.lmtp_listen =
                    Some(value.trim().parse().ok().filter(|at: &SocketAddr| at.ip().is_loopback())?);
            }
            Key::AuthservId => {
                let word = line(value).filter(|id| !id.contains(|c: char| c.is_whitespace() || c == ';'))?;
                self.authserv_id = Some(word.to_owned());
            }
            Key::ReplyAddresses => {
                let known = [("shared", ReplyAddresses::Shared), ("per-case", ReplyAddresses::PerCase)];
                self.reply_addresses = Some(choice(value, known)?);
            }
            Key::FromAddress => self.from_address = Some(MailAddress::parse(value).ok()?),
            Key::FromName => self.from_name = Some(line(value)?.to_owned()),
            Key::AllowedNetworks => self.allowed_networks = Some(networks(value)?),
            Key::WebhooksCaFile => self.webhooks_ca_file = Some(path(value)?),
        }
        Some(())
    }
}

/// One of several words.
pub(super) fn choice<T: Copy, const N: usize>(value: &str, known: [(&str, T); N]) -> Option<T> {
    known.iter().find(|(word, _)| *word == value.trim()).map(|(_, choice)| *choice)
}

/// A text on one line.
pub(super) fn line(value: &str) -> Option<&str> {
    let text = value.trim();
    (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
}

pub(super) fn path(value: &str) -> Option<PathBuf> {
    line(value).map(PathBuf::from)
}

/// Addresses parted by commas; an empty list is valid.
fn addresses(value: &str) -> Option<Vec<IpAddr>> {
    let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().ok()).collect()
}

/// Networks parted by commas; an empty list is valid.
fn networks(value: &str) -> Option<Vec<AllowedNetwork>> {
    value.split(',').filter(|part| !part.trim().is_empty()).map(AllowedNetwork::parse).collect()
}

fn filter(value: &str) -> Option<String> {
    let text = line(value)?;
    EnvFilter::builder().parse(text).ok().map(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_one_row_and_both_names() {
        for (key, name, expected) in Key::ALL {
            assert_eq!((Key::from_name(name), key.told()), (Some(key), (name, expected)));
            let variable = name.replace('.', "_").to_uppercase();
            assert_eq!(Key::from_variable(&variable), Some(key));
            assert_eq!(Draft::default().set(key, "\u{0}"), None, "{name}");
        }
    }

    #[test]
    fn proxies_are_addresses() {
        let mut draft = Draft::default();
        assert_eq!(draft.set(Key::TrustedProxies, "10.0.0.2, ::1,"), Some(()));
        assert_eq!(draft.trusted_proxies.as_deref().map(<[_]>::len), Some(2));
        assert_eq!(draft.set(Key::TrustedProxies, "10.0.0.0/8"), None);
        assert_eq!(draft.set(Key::TrustedProxies, ""), Some(()));
        assert_eq!(draft.trusted_proxies, Some(Vec::new()));
    }

    #[test]
    fn networks_of_receivers_are_addresses_with_prefixes() {
        let mut draft = Draft::default();
        assert_eq!(draft.set(Key::AllowedNetworks, "10.1.0.0/16, ::1,"), Some(()));
        assert_eq!(draft.allowed_networks.as_deref().map(<[_]>::len), Some(2));
        assert_eq!(draft.set(Key::AllowedNetworks, "10.1.0.1/16"), None);
        assert_eq!(draft.set(Key::AllowedNetworks, ""), Some(()));
        assert_eq!(draft.allowed_networks, Some(Vec::new()));
    }
}

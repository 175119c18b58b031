//! Sources of the configuration: a TOML file, the environment, flags.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use desk::outbox::{Roots, RootsProblem};
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use super::draft::{Draft, Key};
use super::mailboxes::{self, MailboxKey};

/// The prefix of every variable of the desk.
const PREFIX: &str = "VIGIA_";
/// The prefix of variables of mailboxes, before a mailbox's name.
const OF_MAILBOXES: &str = "VIGIA_MAIL_MAILBOXES_";
/// The variable that names the file.
const FILE_VARIABLE: &str = "VIGIA_CONFIG";
/// The variable with the token of `vigia cases`: of a caller, and no key of the configuration.
pub const TOKEN_VARIABLE: &str = "VIGIA_TOKEN";
/// The section of mailboxes in a file.
const MAILBOXES: &str = "mail.mailboxes";
/// The file that is read when none is named and this one exists.
const DEFAULT_FILE: &str = "vigia.toml";
/// Prefixes of variables of the project's tests, which the server ignores.
const OF_TESTS: [&str; 2] = ["VIGIA_TEST_", "VIGIA_CHROMIUM"];

/// Why the desk does not start.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file that was named cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file that cannot be read.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The file is not TOML.
    #[error("{origin}: {message}")]
    Syntax {
        /// Where the TOML ends to be valid.
        origin: Origin,
        /// The parser's message. Never the line itself: it may hold a password.
        message: String,
    },
    /// A key that does not exist.
    #[error("{origin}: there is no key {name:?} (vigia.example.toml names them all)")]
    UnknownKey {
        /// Where the unknown key stands.
        origin: Origin,
        /// The key as it was written.
        name: String,
    },
    /// A variable that does not exist.
    #[error("{0}: there is no such variable (vigia.example.toml names them all)")]
    UnknownVariable(String),
    /// A variable that is not text.
    #[error("{0}: not UTF-8 text")]
    NotText(String),
    /// A value that its key refuses.
    #[error("{origin}: {name} must be {expected}{}", but(found.as_deref()))]
    Value {
        /// Where the wrong value stands.
        origin: Origin,
        /// The name of the key, as in the file.
        name: String,
        /// What the key accepts.
        expected: &'static str,
        /// The value that was given; `None` for a secret.
        found: Option<String>,
    },
    /// A file of certificate authorities without a certificate.
    #[error("mail.smtp_ca_file, {}: {problem}", path.display())]
    Roots {
        /// The file without a certificate of an authority.
        path: PathBuf,
        /// What is wrong with the file.
        problem: RootsProblem,
    },
    /// A file of certificate authorities of receivers without any.
    #[error("webhooks.ca_file, {}: there is no certificate of an authority in it that can be read (PEM)", path.display())]
    Authorities {
        /// The file without a certificate of an authority.
        path: PathBuf,
    },
    /// A mailbox that cannot be read as it is described.
    #[error("mail.mailboxes.{name}: {problem}")]
    Mailbox {
        /// The mailbox's name.
        name: String,
        /// What is wrong or missing.
        problem: &'static str,
    },
    /// Values that are right one by one and contradict each other.
    #[error("{0}")]
    Together(&'static str),
}

/// The place where a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A line of a file, from 1.
    Line(PathBuf, usize),
    /// A variable of the environment.
    Variable(String),
    /// A flag of the command line.
    Flag(Key),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(path, line) => write!(f, "{}, line {line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(key) => f.write_str(&key.flag()),
        }
    }
}

/// The value that was found, on one line.
fn but(found: Option<&str>) -> String {
    found.map(|found| format!(", not {found:?}")).unwrap_or_default()
}

/// Reads all sources of this process.
pub(super) fn read(named: Option<&Path>, flags: &[(Key, String)]) -> Result<Draft, ConfigError> {
    let named = named.map(Path::to_path_buf).or_else(|| std::env::var_os(FILE_VARIABLE).map(PathBuf::from));
    let path = named.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
    let file = match std::fs::read_to_string(&path) {
        Ok(text) => Some((path, text)),
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(ConfigError::Unreadable { path, error }),
    };
    gather(file, std::env::vars_os(), flags)
}

/// The secret in a file, without the line's end; empty if the file is.
pub(super) fn secret(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |error| ConfigError::Unreadable { path: path.to_path_buf(), error };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// What a file holds.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|error| ConfigError::Unreadable { path: path.to_path_buf(), error })
}

/// The certificate authorities in a file.
pub(super) fn roots(path: &Path) -> Result<Roots, ConfigError> {
    Roots::from_pem(&bytes(path)?).map_err(|problem| ConfigError::Roots { path: path.to_path_buf(), problem })
}

/// Reads file, environment and flags; each overrules the one before.
pub(super) fn gather(
    file: Option<(PathBuf, String)>,
    variables: impl Iterator<Item = (OsString, OsString)>,
    flags: &[(Key, String)],
) -> Result<Draft, ConfigError> {
    let mut draft = Draft::default();
    if let Some((path, text)) = file {
        File { path, text: &text }.read(&mut draft)?;
    }
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        if name == FILE_VARIABLE
            || name == TOKEN_VARIABLE
            || OF_TESTS.iter().any(|prefix| name.starts_with(prefix))
        {
            continue;
        }
        let of_mailbox = name.strip_prefix(OF_MAILBOXES).and_then(MailboxKey::from_variable);
        if let Some((mailbox, key)) = of_mailbox {
            let value = value.to_str().ok_or_else(|| ConfigError::NotText(name.to_owned()))?;
            set_of_mailbox(&mut draft, &mailbox, key, value, || Origin::Variable(name.to_owned()))?;
            continue;
        }
        let key = name.strip_prefix(PREFIX).and_then(Key::from_variable);
        let key = key.ok_or_else(|| ConfigError::UnknownVariable(name.to_owned()))?;
        let value = value.to_str().ok_or_else(|| ConfigError::NotText(name.to_owned()))?;
        set(&mut draft, key, value, || Origin::Variable(name.to_owned()))?;
    }
    for (key, value) in flags {
        set(&mut draft, *key, value, || Origin::Flag(*key))?;
    }
    Ok(draft)
}

fn set(draft: &mut Draft, key: Key, value: &str, origin: impl Fn() -> Origin) -> Result<(), ConfigError> {
    draft.set(key, value).ok_or_else(|| wrong(key, Some(value), origin()))
}

fn wrong(key: Key, found: Option<&str>, origin: Origin) -> ConfigError {
    let (name, expected) = key.told();
    let found = found.filter(|_| !key.is_secret()).map(str::to_owned);
    ConfigError::Value { origin, name: name.to_owned(), expected, found }
}

fn set_of_mailbox(
    draft: &mut Draft,
    mailbox: &str,
    key: MailboxKey,
    value: &str,
    origin: impl Fn() -> Origin,
) -> Result<(), ConfigError> {
    let set = draft.mailboxes.entry(mailbox.to_owned()).or_default().set(key, value);
    set.ok_or_else(|| wrong_of_mailbox(mailbox, key, Some(value), origin()))
}

fn wrong_of_mailbox(mailbox: &str, key: MailboxKey, found: Option<&str>, origin: Origin) -> ConfigError {
    let (name, expected) = key.told();
    let found = found.filter(|_| !key.is_secret()).map(str::to_owned);
    ConfigError::Value { origin, name: format!("{MAILBOXES}.{mailbox}.{name}"), expected, found }
}

/// A file with its path, which errors name.
struct File<'a> {
    path: PathBuf,
    text: &'a str,
}

impl File<'_> {
    fn read(&self, draft: &mut Draft) -> Result<(), ConfigError> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let message = error.message().lines().collect::<Vec<_>>().join(" ");
            ConfigError::Syntax { origin: self.line(at), message }
        })?;
        self.table("", table.get_ref(), draft)
    }

    /// Reads the keys of a table. `section` is its name with a dot at the end, or empty.
    fn table(&self, section: &str, table: &DeTable<'_>, draft: &mut Draft) -> Result<(), ConfigError> {
        for (key, value) in table {
            let name = format!("{section}{}", key.get_ref());
            let origin = || self.line(key.span().start);
            let within = format!("{name}.");
            match value.get_ref() {
                DeValue::Table(mailboxes) if name == MAILBOXES => self.mailboxes(mailboxes, draft)?,
                DeValue::Table(inner) if Key::ALL.iter().any(|(_, known, _)| known.starts_with(&within)) => {
                    self.table(&within, inner, draft)?;
                }
                value => {
                    let Some(key) = Key::from_name(&name) else {
                        return Err(ConfigError::UnknownKey { origin: origin(), name });
                    };
                    let text = text(value).ok_or_else(|| wrong(key, None, origin()))?;
                    set(draft, key, &text, origin)?;
                }
            }
        }
        Ok(())
    }

    /// Reads the mailboxes, each a table with its name.
    fn mailboxes(&self, mailboxes: &DeTable<'_>, draft: &mut Draft) -> Result<(), ConfigError> {
        for (mailbox, table) in mailboxes {
            let (name, at) = (mailbox.get_ref().to_string(), mailbox.span().start);
            let unknown = |name: String, at| ConfigError::UnknownKey { origin: self.line(at), name };
            let DeValue::Table(table) = table.get_ref() else {
                return Err(unknown(format!("{MAILBOXES}.{name}"), at));
            };
            if !mailboxes::is_name(&name) {
                return Err(ConfigError::Mailbox { name, problem: mailboxes::WRONG_NAME });
            }
            // A table without keys is a mailbox that lacks all of them.
            draft.mailboxes.entry(name.clone()).or_default();
            for (key, value) in table {
                let (word, at) = (key.get_ref(), key.span().start);
                let Some(key) = MailboxKey::from_name(word) else {
                    return Err(unknown(format!("{MAILBOXES}.{name}.{word}"), at));
                };
                let text = text(value.get_ref());
                let text = text.ok_or_else(|| wrong_of_mailbox(&name, key, None, self.line(at)))?;
                set_of_mailbox(draft, &name, key, &text, || self.line(at))?;
            }
        }
        Ok(())
    }

    fn line(&self, at: usize) -> Origin {
        let before = self.text.bytes().take(at);
        Origin::Line(self.path.clone(), before.filter(|byte| *byte == b'\n').count() + 1)
    }
}

/// A value as the environment would write it; `None` for a type that no key accepts.
fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Array(values) => {
            let part = |value: &DeValue<'_>| value.as_str().map(str::to_owned);
            values
                .iter()
                .map(|value| part(value.get_ref()))
                .collect::<Option<Vec<_>>>()
                .map(|all| all.join(","))
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

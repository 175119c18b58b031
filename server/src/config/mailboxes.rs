//! Keys of a mailbox, the same for file and environment.

use std::path::PathBuf;
use std::time::Duration;

use desk::host::is_this_machine;
use desk::outbox::Tls;

use super::ConfigError;
use super::draft::{choice, line, path};
use super::sources;
use crate::imap::{Authorities, Mailbox, OAuthClient, Proof, Secret, Taken, TokenEndpoint};

/// The folder that is read, unless the operator names another one.
const FOLDER: &str = "INBOX";
/// The folder for mails that were taken.
const TAKEN_FOLDER: &str = "Vigia";
/// The folder for mails that are too large.
const REFUSED_FOLDER: &str = "Vigia-refused";
/// How often a server without IDLE is asked.
const POLL: Duration = Duration::from_mins(1);
/// Most bytes of a mailbox's name.
const MAX_NAME: usize = 32;
/// What a mailbox's name must be.
pub(super) const WRONG_NAME: &str = "the name of a mailbox has small letters, digits and _ alone, 32 at most";

/// Whether a mailbox may have this name.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(fits)
}

/// A key of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MailboxKey {
    Host,
    Port,
    Tls,
    CaFile,
    User,
    Password,
    PasswordFile,
    OAuthUrl,
    OAuthClientId,
    OAuthClientSecret,
    OAuthClientSecretFile,
    OAuthRefreshToken,
    OAuthRefreshTokenFile,
    OAuthScope,
    Folder,
    Taken,
    TakenFolder,
    RefusedFolder,
    PollSeconds,
}

impl MailboxKey {
    /// Every key with its name and what its value must be.
    pub(super) const ALL: [(Self, &'static str, &'static str); 19] = [
        (Self::Host, "host", "the name of a server"),
        (Self::Port, "port", "a port from 1 to 65535"),
        (Self::Tls, "tls", "\"implicit\", \"starttls\" or \"none\""),
        (Self::CaFile, "ca_file", "a PEM file with certificates of authorities"),
        (Self::User, "user", "a name"),
        (Self::Password, "password", "a password"),
        (Self::PasswordFile, "password_file", "a file that holds the password"),
        (Self::OAuthUrl, "oauth_url", "an https:// address, such as https://oauth2.googleapis.com/token"),
        (Self::OAuthClientId, "oauth_client_id", "the id of a client"),
        (Self::OAuthClientSecret, "oauth_client_secret", "the secret of a client"),
        (Self::OAuthClientSecretFile, "oauth_client_secret_file", "a file that holds the secret"),
        (Self::OAuthRefreshToken, "oauth_refresh_token", "a token"),
        (Self::OAuthRefreshTokenFile, "oauth_refresh_token_file", "a file that holds the token"),
        (Self::OAuthScope, "oauth_scope", "the scope of a token"),
        (Self::Folder, "folder", "the name of a folder"),
        (Self::Taken, "taken", "\"move\" or \"seen\""),
        (Self::TakenFolder, "taken_folder", "the name of a folder"),
        (Self::RefusedFolder, "refused_folder", "the name of a folder"),
        (Self::PollSeconds, "poll_seconds", "a whole number from 5 to 3600"),
    ];

    /// The key of a name in a file.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(key, ..)| *key)
    }

    /// The mailbox and the key of a variable's name without its prefix, such as `SUPPORT_PASSWORD_FILE`.
    pub(super) fn from_variable(rest: &str) -> Option<(String, Self)> {
        // A key may end as another one does: the longest is meant.
        let ending = |name: &str| format!("_{}", name.to_uppercase());
        let known = Self::ALL.iter().filter(|(_, name, _)| rest.ends_with(&ending(name)));
        let (key, name, _) = known.max_by_key(|(_, name, _)| name.len())?;
        let mailbox = rest.strip_suffix(&ending(name))?.to_lowercase();
        is_name(&mailbox).then_some((mailbox, *key))
    }

    /// The key's name, and what its value must be.
    pub(super) fn told(self) -> (&'static str, &'static str) {
        let row = Self::ALL.iter().find(|(key, ..)| *key == self);
        row.map_or(("", ""), |(_, name, expected)| (*name, *expected))
    }

    /// Whether the value is a secret. A wrong value of such a key is not printed.
    pub(super) const fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::OAuthClientSecret | Self::OAuthRefreshToken)
    }
}

/// What becomes of a mail that was taken, as the operator writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    Move,
    Seen,
}

/// A secret, or the file with it.
#[derive(Default)]
struct SecretDraft {
    text: Option<Secret>,
    file: Option<PathBuf>,
}

/// What was said of a mailbox so far.
#[derive(Default)]
pub(super) struct MailboxDraft {
    host: Option<String>,
    port: Option<u16>,
    tls: Option<Tls>,
    ca_file: Option<PathBuf>,
    user: Option<String>,
    password: SecretDraft,
    oauth_url: Option<TokenEndpoint>,
    oauth_client_id: Option<String>,
    oauth_client_secret: SecretDraft,
    oauth_refresh_token: SecretDraft,
    oauth_scope: Option<String>,
    folder: Option<String>,
    taken: Option<Habit>,
    taken_folder: Option<String>,
    refused_folder: Option<String>,
    poll: Option<Duration>,
}

impl MailboxDraft {
    /// Sets `key` and overrules an earlier value. `None` for a wrong value, which changes nothing.
    pub(super) fn set(&mut self, key: MailboxKey, value: &str) -> Option<()> {
        let text = || line(value).map(str::to_owned);
        // Not trimmed: a password may begin or end with a space.
        let secret = || line(value).map(|_| Secret(value.to_owned()));
        match key {
            MailboxKey::Host => self.host = Some(text()?),
            MailboxKey::Port => self.port = Some(value.trim().parse().ok().filter(|port| *port > 0)?),
            MailboxKey::Tls => {
                let known = [("none", Tls::None), ("starttls", Tls::StartTls), ("implicit", Tls::Implicit)];
                self.tls = Some(choice(value, known)?);
            }
            MailboxKey::CaFile => self.ca_file = Some(path(value)?),
            MailboxKey::User => self.user = Some(text()?),
            MailboxKey::Password => self.password.text = Some(secret()?),
            MailboxKey::PasswordFile => self.password.file = Some(path(value)?),
            MailboxKey::OAuthUrl => self.oauth_url = Some(TokenEndpoint::parse(value)?),
            MailboxKey::OAuthClientId => self.oauth_client_id = Some(text()?),
            MailboxKey::OAuthClientSecret => self.oauth_client_secret.text = Some(secret()?),
            MailboxKey::OAuthClientSecretFile => self.oauth_client_secret.file = Some(path(value)?),
            MailboxKey::OAuthRefreshToken => self.oauth_refresh_token.text = Some(secret()?),
            MailboxKey::OAuthRefreshTokenFile => self.oauth_refresh_token.file = Some(path(value)?),
            MailboxKey::OAuthScope => self.oauth_scope = Some(text()?),
            MailboxKey::Folder => self.folder = Some(text()?),
            MailboxKey::Taken => {
                self.taken = Some(choice(value, [("move", Habit::Move), ("seen", Habit::Seen)])?);
            }
            MailboxKey::TakenFolder => self.taken_folder = Some(text()?),
            MailboxKey::RefusedFolder => self.refused_folder = Some(text()?),
            MailboxKey::PollSeconds => {
                let seconds = value.trim().parse().ok().filter(|seconds| (5..=3600).contains(seconds))?;
                self.poll = Some(Duration::from_secs(seconds));
            }
        }
        Some(())
    }

    /// Files with secrets.
    pub(super) fn secret_files(&self) -> Vec<PathBuf> {
        let all = [&self.password, &self.oauth_client_secret, &self.oauth_refresh_token];
        all.into_iter().filter_map(|secret| secret.file.clone()).collect()
    }

    /// Fills in the defaults, and checks what several keys say together.
    pub(super) fn assemble(self, name: String) -> Result<Mailbox, ConfigError> {
        let wrong = |problem| ConfigError::Mailbox { name: name.clone(), problem };
        let secret = |secret: SecretDraft| match (secret.text, secret.file) {
            (Some(_), Some(_)) => Err(wrong("a secret and its file are both given: keep one")),
            (Some(text), None) => Ok(Some(text)),
            (None, Some(file)) => match sources::secret(&file)? {
                text if text.is_empty() => Err(wrong("the file of a secret is empty")),
                text => Ok(Some(Secret(text))),
            },
            (None, None) => Ok(None),
        };
        let host = self.host.ok_or_else(|| wrong("host is missing"))?;
        let user = self.user.ok_or_else(|| wrong("user is missing"))?;
        let tls = self.tls.unwrap_or(Tls::Implicit);
        if tls == Tls::None && !is_this_machine(&host) {
            return Err(wrong(
                "tls \"none\" would send mails in the clear: use \"implicit\" or \"starttls\"",
            ));
        }
        let authorities = match self.ca_file {
            None => Authorities::default(),
            Some(file) => Authorities::from_pem(&sources::bytes(&file)?)
                .ok_or_else(|| wrong("ca_file has no certificate that can be read (PEM)"))?,
        };
        let client_secret = secret(self.oauth_client_secret)?;
        let refresh_token = secret(self.oauth_refresh_token)?;
        let has_oauth = self.oauth_client_id.is_some() || client_secret.is_some() || refresh_token.is_some();
        let proof = match (secret(self.password)?, self.oauth_url) {
            (Some(password), None) if !has_oauth => Proof::Password(password),
            (Some(_), _) => return Err(wrong("a password and OAuth are both given: keep one")),
            (None, None) => return Err(wrong("neither password nor oauth_url is given")),
            (None, Some(endpoint)) => {
                let client_id = self.oauth_client_id.ok_or_else(|| wrong("oauth_client_id is missing"))?;
                if refresh_token.is_none() && client_secret.is_none() {
                    return Err(wrong("oauth_refresh_token or oauth_client_secret is missing"));
                }
                let scope = self.oauth_scope;
                Proof::OAuth(OAuthClient { endpoint, client_id, client_secret, refresh_token, scope })
            }
        };
        let folder = self.folder.unwrap_or_else(|| FOLDER.to_owned());
        let taken = match (self.taken, self.taken_folder) {
            (Some(Habit::Seen), Some(_)) => {
                return Err(wrong("taken_folder is of no use with taken \"seen\""));
            }
            (Some(Habit::Seen), None) => Taken::Seen,
            (_, named) => Taken::Moved(named.unwrap_or_else(|| TAKEN_FOLDER.to_owned())),
        };
        let refused_folder = self.refused_folder.unwrap_or_else(|| REFUSED_FOLDER.to_owned());
        let is_read = |other: &str| {
            other == folder || (other.eq_ignore_ascii_case(FOLDER) && folder.eq_ignore_ascii_case(FOLDER))
        };
        if matches!(&taken, Taken::Moved(target) if is_read(target)) || is_read(&refused_folder) {
            return Err(wrong("mails cannot be moved to the folder that is read"));
        }
        let port = self.port.unwrap_or(if tls == Tls::Implicit { 993 } else { 143 });
        let poll = self.poll.unwrap_or(POLL);
        Ok(Mailbox { name, host, port, tls, authorities, user, proof, folder, taken, refused_folder, poll })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_names_a_mailbox_and_its_longest_key() {
        for (key, name, _) in MailboxKey::ALL {
            let variable = format!("SUPPORT_2_{}", name.to_uppercase());
            assert_eq!(MailboxKey::from_variable(&variable), Some(("support_2".to_owned(), key)));
            assert_eq!(MailboxKey::from_name(name), Some(key));
            assert_eq!(MailboxDraft::default().set(key, "\u{0}"), None, "{name}");
        }
        for wrong in ["HOST", "_HOST", "SUPPORT_HOTS", "SUPPÓRT_HOST"] {
            assert_eq!(MailboxKey::from_variable(wrong), None, "{wrong}");
        }
    }
}

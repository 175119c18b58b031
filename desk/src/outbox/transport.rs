//! Transports of mails: a mail server, or a folder of `.eml` files.

use std::error::Error as _;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use thiserror::Error;
use tokio::sync::Mutex;

use super::message::{BuildError, Built, Queued, Sender, build};
use super::refusal::{Reply, SmtpStage, Why};
use super::stationery::Stationery;
use crate::private;

/// How long a server may take over QUIT; nothing waits for it.
const QUIT_WITHIN: Duration = Duration::from_secs(5);

/// How long a server may take over each step while it is only tried out.
const TRYING: Duration = Duration::from_secs(10);

/// The beginning of a certificate in PEM form (RFC 7468, section 5).
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Destination of mails.
#[derive(Debug, Clone)]
pub enum Transport {
    /// To a mail server.
    Smtp(SmtpSettings),
    /// To a folder, one `.eml` file per mail with the bytes for a server: for trials and tests.
    Folder {
        /// The folder; made when missing.
        path: PathBuf,
        /// The sender of all mails.
        sender: Sender,
    },
    /// To a sink, with the bytes for a server: for simulations.
    Sink {
        /// The sink.
        sink: Arc<dyn MailSink>,
        /// The sender of all mails.
        sender: Sender,
    },
}

/// A receiver of mails in place of a server.
pub trait MailSink: fmt::Debug + Send + Sync {
    /// Accepts or refuses a mail.
    fn take(&self, message_id: &str, bytes: &[u8]) -> Delivery;
}

/// Reaction of a sink to a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It accepts the mail and says so.
    Yes,
    /// It accepts the mail without an answer.
    InSilence,
    /// It refuses the mail with a transient reply (4yz, RFC 5321 section 4.2.1).
    Later,
    /// It refuses the mail permanently.
    Refused,
}

/// Settings of a mail server.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Name or address of the server, which its certificate must match.
    pub host: String,
    /// Its port: 587 for submission with STARTTLS, 465 with implicit TLS.
    pub port: u16,
    /// How the connection is secured.
    pub tls: Tls,
    /// Trusted certificate authorities beside the public ones.
    pub roots: Roots,
    /// The sign-in; `None` for a server that recognises the desk by its address.
    pub login: Option<Login>,
    /// The sender of all mails.
    pub sender: Sender,
    /// The name of the desk in EHLO.
    pub hello: String,
}

/// How the connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Unencrypted, for a server on the same machine.
    None,
    /// By STARTTLS, which the server must offer: otherwise nothing is sent.
    StartTls,
    /// From the first byte on.
    Implicit,
}

/// An organisation's own certificate authorities, for a mail server without a public certificate.
#[derive(Debug, Clone, Default)]
pub struct Roots(Option<Certificate>);

/// The text has no certificate of an authority: use a PEM file with `BEGIN CERTIFICATE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RootsProblem {
    /// It has no certificate in PEM form.
    #[error("there is no certificate in it (PEM, from BEGIN CERTIFICATE to END CERTIFICATE)")]
    NoCertificate,
    /// A certificate in it is not valid.
    #[error("a certificate in it cannot be read")]
    Unreadable,
}

impl Roots {
    /// Parses one or several certificates in PEM form.
    ///
    /// # Errors
    /// See [`RootsProblem`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, RootsProblem> {
        // lettre accepts a text without certificates, and parses them only when it connects.
        let begins = pem.windows(BEGIN.len()).any(|part| part == BEGIN);
        if !begins {
            return Err(RootsProblem::NoCertificate);
        }
        let certificates = Certificate::from_pem(pem).map_err(|_| RootsProblem::Unreadable)?;
        let roots = Self(Some(certificates));
        roots.parameters("localhost").map_err(|_| RootsProblem::Unreadable)?;
        Ok(roots)
    }

    /// TLS parameters of a connection to `host`.
    fn parameters(&self, host: &str) -> Result<TlsParameters, SmtpError> {
        let builder = TlsParameters::builder(host.to_owned());
        match &self.0 {
            Some(certificates) => builder.add_root_certificate(certificates.clone()).build(),
            None => builder.build(),
        }
    }
}

/// Name and password for a mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Name of the account at the mail server.
    pub user: String,
    /// Password of the account at the mail server.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).field("password", &"…").finish()
    }
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text}")]
pub(super) struct Failure {
    /// The cause, for the log.
    pub(super) why: Why,
    /// The server's words. They may have addresses: stored with the mail, never logged.
    pub(super) text: String,
}

impl Failure {
    /// A failure without words of the server.
    pub(super) fn of(why: Why) -> Self {
        Self { text: why.to_string(), why }
    }

    /// A failure of lettre at a stage.
    fn at(step: SmtpStage, error: &SmtpError) -> Self {
        let text = error.to_string();
        let why = match error.status() {
            Some(code) => {
                let said = error.source().map(ToString::to_string).unwrap_or_default();
                Why::Refused(Reply::new(step, u16::from(code), &said))
            }
            // It quotes the server's words.
            None if error.is_response() => Why::Broken(step, "an answer that cannot be read".to_owned()),
            None => Why::Broken(step, text.clone()),
        };
        Self { why, text }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self { why: Why::Unsendable, text: error.to_string() }
    }
}

/// Time limits of a delivery.
#[derive(Debug, Clone, Copy)]
pub(super) struct SmtpTimeouts {
    /// For each stage but the last.
    pub(super) step: Duration,
    /// For the server's answer to the content, which it may scan and forward first.
    pub(super) word: Duration,
}

impl Transport {
    /// The sender as the operator has configured it.
    #[must_use]
    pub const fn sender(&self) -> &Sender {
        match self {
            Self::Smtp(settings) => &settings.sender,
            Self::Folder { sender, .. } | Self::Sink { sender, .. } => sender,
        }
    }

    /// Sends a mail, within the time limits in any case. Gives what the server said when it took it; a folder and a sink say
    /// nothing.
    pub(super) async fn send(
        &self,
        mail: &Queued,
        stationery: &Stationery,
        timeouts: SmtpTimeouts,
    ) -> Result<String, Failure> {
        let built = build(mail, stationery)?;
        match self {
            Self::Smtp(settings) => hand_over(settings, &built, timeouts).await,
            Self::Folder { path, .. } => write(path, &mail.message_id, built).await.map(|()| String::new()),
            Self::Sink { sink, .. } => {
                let taking = hand(&**sink, &mail.message_id, &built);
                let silence = || Failure::of(Why::Silence(SmtpStage::Content, timeouts.step));
                let taken =
                    tokio::time::timeout(timeouts.step, taking).await.unwrap_or_else(|_| Err(silence()));
                taken.map(|()| String::new())
            }
        }
    }
}

impl Transport {
    /// Connects, secures and signs in, and sends nothing. A folder and a sink need no trying.
    ///
    /// # Errors
    /// What went wrong, in the words of the server where it said any.
    pub async fn try_out(&self) -> Result<(), String> {
        let Self::Smtp(settings) = self else { return Ok(()) };
        let mut connection = connect(settings, TRYING).await.map_err(|failure| {
            let (why, text) = (failure.why.to_string(), failure.text);
            if why == text { why } else { format!("{why}: {text}") }
        })?;
        // How it says goodbye changes nothing.
        let _ = tokio::time::timeout(QUIT_WITHIN, connection.quit()).await;
        Ok(())
    }
}

/// Delivers a mail to the server, over a connection of its own. A pool could reuse a connection that was cut off in the
/// middle of another mail.
async fn hand_over(
    settings: &SmtpSettings,
    built: &Built,
    timeouts: SmtpTimeouts,
) -> Result<String, Failure> {
    let mut connection = connect(settings, timeouts.step).await?;
    let outcome = converse(&mut connection, built, timeouts).await;
    // The answer to QUIT does not matter.
    tokio::spawn(async move { tokio::time::timeout(QUIT_WITHIN, connection.quit()).await });
    outcome
}

/// Sender, recipient and content, each within its limit. lettre's own timeout covers connecting alone: a server that
/// fell silent after EHLO still held it after 20 s with a timeout of 2 s.
async fn converse(
    connection: &mut AsyncSmtpConnection,
    built: &Built,
    timeouts: SmtpTimeouts,
) -> Result<String, Failure> {
    let parameters = parameters(connection, built)?;
    let from = Mail::new(built.envelope.from().cloned(), parameters);
    within_limit(timeouts.step, SmtpStage::Sender, connection.command(from)).await?;
    for recipient in built.envelope.to() {
        let to = Rcpt::new(recipient.clone(), Vec::new());
        within_limit(timeouts.step, SmtpStage::Recipient, connection.command(to)).await?;
    }
    within_limit(timeouts.step, SmtpStage::Content, connection.command(Data)).await?;
    let answer = within_limit(timeouts.word, SmtpStage::Content, connection.message(&built.bytes)).await?;
    Ok(format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" ")))
}

/// Parameters of a mail that is not all ASCII (RFC 6531, RFC 6152).
fn parameters(connection: &AsyncSmtpConnection, built: &Built) -> Result<Vec<MailParameter>, Failure> {
    let mut addresses = built.envelope.to().iter().chain(built.envelope.from());
    let needs = [
        (
            addresses.any(|address| !address.to_string().is_ascii()),
            Extension::SmtpUtfEight,
            MailParameter::SmtpUtfEight,
        ),
        (
            !built.bytes.is_ascii(),
            Extension::EightBitMime,
            MailParameter::Body(MailBodyParameter::EightBitMime),
        ),
    ];
    let mut parameters = Vec::new();
    for (_, extension, parameter) in needs.into_iter().filter(|(is_needed, ..)| *is_needed) {
        if !connection.server_info().supports_feature(extension) {
            let what = format!("the server does not offer {extension:?}");
            return Err(Failure { why: Why::Unsendable, text: what });
        }
        parameters.push(parameter);
    }
    Ok(parameters)
}

/// A stage of the conversation, within its limit.
async fn within_limit<T>(
    limit: Duration,
    step: SmtpStage,
    doing: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, doing).await {
        Ok(done) => done.map_err(|error| Failure::at(step, &error)),
        Err(_) => Err(Failure::of(Why::Silence(step, limit))),
    }
}

/// Connects, secures and signs in. A failure here concerns the desk.
async fn connect(settings: &SmtpSettings, limit: Duration) -> Result<AsyncSmtpConnection, Failure> {
    let hello = ClientId::Domain(settings.hello.clone());
    let tls = || {
        let parameters = settings.roots.parameters(&settings.host);
        parameters.map_err(|error| Failure::at(SmtpStage::Connect, &error))
    };
    let implicit = match settings.tls {
        Tls::Implicit => Some(tls()?),
        Tls::None | Tls::StartTls => None,
    };
    let server = (settings.host.as_str(), settings.port);
    let connecting = AsyncSmtpConnection::connect_tokio1(server, None, &hello, implicit, None);
    let mut connection = within_limit(limit, SmtpStage::Connect, connecting).await?;
    if settings.tls == Tls::StartTls {
        within_limit(limit, SmtpStage::Connect, connection.starttls(tls()?, &hello)).await?;
    }
    if let Some(Login { user, password }) = &settings.login {
        let credentials = Credentials::new(user.clone(), password.clone());
        within_limit(limit, SmtpStage::SignIn, connection.auth(DEFAULT_MECHANISMS, &credentials)).await?;
    }
    Ok(connection)
}

/// Files are written one at a time, since a folder takes no more at once.
static WRITING: Mutex<()> = Mutex::const_new(());

/// Writes a mail into the folder: completely or not at all, and over itself when sent again. It is not flushed to the
/// disk, because the outbox has it.
async fn write(folder: &Path, message_id: &str, built: Built) -> Result<(), Failure> {
    let (folder, name) = (folder.to_owned(), file_name(message_id));
    let _one_at_a_time = WRITING.lock().await;
    let writing = tokio::task::spawn_blocking(move || {
        let half = folder.join(format!(".{name}.part"));
        match private::write(&half, &built.bytes) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                private::create_folder(&folder)?;
                private::write(&half, &built.bytes)?;
            }
            written => written?,
        }
        std::fs::rename(&half, folder.join(format!("{name}.eml")))
    });
    let written = writing.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    written.map_err(|error| Failure { why: Why::Folder(error.kind()), text: error.to_string() })
}

async fn hand(sink: &dyn MailSink, message_id: &str, built: &Built) -> Result<(), Failure> {
    match sink.take(message_id, &built.bytes) {
        Delivery::Yes => Ok(()),
        Delivery::InSilence => std::future::pending().await,
        Delivery::Later => Err(Failure::of(Why::NotNow)),
        Delivery::Refused => Err(Failure::of(Why::Refused(Reply::new(SmtpStage::Recipient, 550, "5.1.1")))),
    }
}

/// A Message-ID as the name of a file, on any system.
fn file_name(message_id: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    message_id.trim_matches(['<', '>']).chars().map(safe).take(180).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_omits_the_password() {
        let login = Login { user: "desk".to_owned(), password: "s3cret".to_owned() };
        assert!(!format!("{login:?}").contains("s3cret"));
    }

    #[test]
    fn mail_file_stays_in_its_folder() {
        assert_eq!(file_name("<VE26.1.ab@vigia.example>"), "VE26.1.ab_vigia.example");
        assert_eq!(file_name("<../../etc/passwd\0>"), ".._.._etc_passwd_");
    }
}

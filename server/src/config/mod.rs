//! The configuration, read once at the start: file, environment, flags. Each overrules the one before.
//!
//! Every value is a string until one parser ([`draft`]) reads it, from any source. An error names the file's line, the
//! variable or the flag. `vigia.example.toml` describes each key.
//!
//! Stops of a new key: a row in [`draft::Key::ALL`], its arm in [`draft::Draft::set`], its default here, its lines in the
//! example. Keys of mailboxes are in [`mailboxes`].

mod address;
mod draft;
mod mailboxes;
mod sources;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use desk::host::is_this_machine;
use desk::inbound::delivery::OwnMailbox;
use desk::outbox::{Login, Sender, SmtpSettings, Tls, Transport};
use desk::retention::RetentionPeriod;
use desk::webhooks::Egress;
use domain::mail_address::MailAddress;

use crate::imap::Mailbox;

pub use address::{DatabaseAddress, PublicUrl};
pub use draft::Key;
pub use sources::{ConfigError, TOKEN_VARIABLE};

use draft::Draft;
use mailboxes::MailboxDraft;

/// The sender's name in mails, unless the operator sets another one.
const FROM_NAME: &str = "Vigía";
/// The sender of mails that become files (RFC 2606: the address belongs to no person).
const FROM_ADDRESS: &str = "vigia@vigia.example";

/// The configuration of the process.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address that the server listens on.
    pub listen: SocketAddr,
    /// The public address: the beginning of every link.
    pub public_url: PublicUrl,
    /// The folder for what the desk writes.
    pub data: PathBuf,
    /// Files with passwords and tokens.
    pub secret_files: Vec<PathBuf>,
    /// The address of the database, with how it is reached.
    pub database: DatabaseAddress,
    /// The folder with the bundles.
    pub site: PathBuf,
    /// Whether the demonstration is loaded.
    pub demo: Demo,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The address of the metrics, which no proxy hands on. `None`: no metrics.
    pub metrics_listen: Option<SocketAddr>,
    /// The address of this machine at which a mail server hands mails over (LMTP). `None`: nowhere.
    pub lmtp_listen: Option<SocketAddr>,
    /// The mailboxes from which mails are taken (IMAP).
    pub mailboxes: Vec<Mailbox>,
    /// The name with which the mailbox's server signs what it found out about authors (RFC 8601). `None`: it is not asked.
    pub authserv_id: Option<String>,
    /// How long personal data are kept where no administrator has set it. `None`: for ever.
    pub retention: Option<RetentionPeriod>,
    /// Which events are logged, in the syntax of `tracing`'s `EnvFilter`; it parses.
    pub log: String,
    /// How events are written.
    pub log_format: LogFormat,
    /// Where webhooks may lead to, and whom they believe.
    pub egress: Egress,
    mail: Transport,
}

/// Whether the demonstration is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demo {
    /// When the desk starts and has no staff yet.
    FirstStart,
    /// Only by `vigia demo`.
    Off,
}

/// The format of the log on the standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object per line, for machines.
    Json,
}

impl Config {
    /// Reads the file that a flag, `VIGIA_CONFIG` or the working directory (`vigia.toml`) names, then the environment,
    /// then the values of flags.
    ///
    /// # Errors
    /// When a file cannot be read, a key is unknown or a value is wrong.
    pub fn load(file: Option<&Path>, flags: &[(Key, String)]) -> Result<Self, ConfigError> {
        sources::read(file, flags).and_then(Self::assemble)
    }

    /// Outgoing mail.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.mail.clone()
    }

    /// The mailbox in which mails come in.
    #[must_use]
    pub fn mailbox(&self) -> OwnMailbox {
        OwnMailbox { address: self.mail.sender().address.clone(), authserv_id: self.authserv_id.clone() }
    }

    /// Whether browsers reach the desk over TLS, so that cookies can require it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.is_https()
    }

    /// Fills in the defaults, and checks what several keys say together.
    fn assemble(draft: Draft) -> Result<Self, ConfigError> {
        let data = draft.data.clone().unwrap_or_else(|| PathBuf::from("./data"));
        let public_url = draft.public_url.clone().unwrap_or_default();
        let mail = transport(&draft, &data, &public_url)?;
        let egress = egress(&draft)?;
        let of_mailboxes = draft.mailboxes.values().flat_map(MailboxDraft::secret_files);
        let secret_files = draft.smtp_password_file.iter().cloned().chain(of_mailboxes).collect();
        let mailboxes = draft.mailboxes.into_iter().map(|(name, mailbox)| mailbox.assemble(name));
        let mailboxes = mailboxes.collect::<Result<Vec<_>, _>>()?;
        // The demonstration's password is public. Another database or TLS means that the desk is in production.
        let demo = match &draft.database {
            None if !public_url.is_https() => Demo::FirstStart,
            _ => Demo::Off,
        };
        let database = match draft.database {
            Some(database) => database,
            None => DatabaseAddress::file(&data.join("vigia.db")).ok_or(ConfigError::Together(
                "the default database cannot lie in a data folder with ? or % in its name",
            ))?,
        };
        Ok(Self {
            listen: draft.listen.unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080)),
            demo: draft.demo.unwrap_or(demo),
            site: draft.site.unwrap_or_else(|| PathBuf::from("dist")),
            trusted_proxies: draft.trusted_proxies.unwrap_or_default(),
            metrics_listen: draft.metrics_listen,
            lmtp_listen: draft.lmtp_listen,
            authserv_id: draft.authserv_id,
            retention: draft.retention,
            secret_files,
            mailboxes,
            data,
            log: draft.log.unwrap_or_else(|| "info".to_owned()),
            log_format: draft.log_format.unwrap_or(LogFormat::Text),
            public_url,
            database,
            egress,
            mail,
        })
    }
}

/// Outgoing mail: a server if one is named, else files beside the database.
fn transport(draft: &Draft, data: &Path, public_url: &PublicUrl) -> Result<Transport, ConfigError> {
    let name = draft.from_name.clone().unwrap_or_else(|| FROM_NAME.to_owned());
    let replies = draft.reply_addresses.unwrap_or_default();
    let Some(host) = draft.smtp_host.clone() else {
        // A wrong file is refused even where no server is named yet.
        draft.smtp_ca_file.as_deref().map(sources::roots).transpose()?;
        let default = || MailAddress::parse(FROM_ADDRESS).ok();
        let address = draft.from_address.clone().or_else(default);
        let address = address.ok_or(ConfigError::Together("mail.from_address is missing"))?;
        return Ok(Transport::Folder { path: data.join("mail"), sender: Sender { name, address, replies } });
    };
    let address = draft.from_address.clone().ok_or(ConfigError::Together(
        "mail.smtp_host needs mail.from_address: the address that answers and bounces go to",
    ))?;
    let tls = draft.smtp_tls.unwrap_or(Tls::StartTls);
    let port = draft.smtp_port.unwrap_or(match tls {
        Tls::None => 25,
        Tls::StartTls => 587,
        Tls::Implicit => 465,
    });
    if tls == Tls::None && draft.smtp_ca_file.is_some() {
        return Err(ConfigError::Together("mail.smtp_ca_file is of no use with mail.smtp_tls \"none\""));
    }
    let roots = draft.smtp_ca_file.as_deref().map(sources::roots).transpose()?.unwrap_or_default();
    let (sender, hello) = (Sender { name, address, replies }, public_url.host().to_owned());
    let login = login(draft)?;
    if tls == Tls::None && login.is_some() && !is_this_machine(&host) {
        return Err(ConfigError::Together(
            "mail.smtp_tls \"none\" would send the mail password in the clear to another machine: \
             use \"starttls\" or \"implicit\"",
        ));
    }
    Ok(Transport::Smtp(SmtpSettings { host, port, tls, roots, login, sender, hello }))
}

/// The way out to receivers of webhooks.
fn egress(draft: &Draft) -> Result<Egress, ConfigError> {
    let egress = Egress::default().allowing(draft.allowed_networks.clone().unwrap_or_default());
    let Some(path) = draft.webhooks_ca_file.as_deref() else { return Ok(egress) };
    egress
        .trusting(&sources::bytes(path)?)
        .ok_or_else(|| ConfigError::Authorities { path: path.to_path_buf() })
}

/// The name and password for the mail server: both or neither.
fn login(draft: &Draft) -> Result<Option<Login>, ConfigError> {
    let password = match (&draft.smtp_password, &draft.smtp_password_file) {
        (Some(_), Some(_)) => {
            let both = "mail.smtp_password and mail.smtp_password_file are both given: keep one";
            return Err(ConfigError::Together(both));
        }
        (Some(secret), None) => Some(secret.clone()),
        (None, Some(path)) => {
            let password = Some(sources::secret(path)?).filter(|password| !password.is_empty());
            Some(password.ok_or(ConfigError::Together("mail.smtp_password_file names an empty file"))?)
        }
        (None, None) => None,
    };
    match (draft.smtp_user.clone(), password) {
        (Some(user), Some(password)) => Ok(Some(Login { user, password })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(ConfigError::Together("mail.smtp_user is given without a password")),
        (None, Some(_)) => Err(ConfigError::Together("a mail password is given without mail.smtp_user")),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::mailboxes::MailboxKey;
    use super::*;
    use crate::imap::{Proof, Secret, Taken};

    fn config(toml: &str, variables: &[(&str, &str)], flags: &[(Key, String)]) -> Result<Config, String> {
        let file = Some((PathBuf::from("vigia.toml"), toml.to_owned()));
        let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let draft = sources::gather(file, variables, flags);
        draft.and_then(Config::assemble).map_err(|error| error.to_string())
    }

    fn by_file(toml: &str) -> Result<Config, String> {
        config(toml, &[], &[])
    }

    #[test]
    fn defaults_serve_this_machine_alone() {
        let config = by_file("").unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(
            (&*config.public_url, &*config.database),
            ("http://localhost:8080", "sqlite:./data/vigia.db")
        );
        assert_eq!(config.demo, Demo::FirstStart);
        assert!(!config.is_https());
        let Transport::Folder { path, .. } = config.transport() else { panic!("no folder") };
        assert_eq!(path, Path::new("./data/mail"));
    }

    #[test]
    fn flags_override_environment_and_environment_overrides_file() {
        let file = "listen = \"127.0.0.1:1\"\nlog = \"warn\"\nsite = \"a\"\n";
        let variables = [("VIGIA_LISTEN", "127.0.0.1:2"), ("VIGIA_LOG", "debug"), ("PATH", "/bin")];
        let flags = [(Key::Listen, "127.0.0.1:3".to_owned())];
        let config = config(file, &variables, &flags).unwrap();
        assert_eq!((config.listen.port(), &*config.log, &*config.site), (3, "debug", Path::new("a")));
    }

    #[test]
    fn whatever_is_wrong_is_named_with_its_place() {
        let (none, demo) = ([].as_slice(), [(Key::Demo, "yes".to_owned())]);
        for (toml, variables, flags, place) in [
            ("\n\nlisen = 1", &[][..], none, "vigia.toml, line 3: there is no key \"lisen\""),
            ("[mail]\nsmtp_hots = 'x'", &[], none, "vigia.toml, line 2: there is no key \"mail.smtp_hots\""),
            ("[male]", &[], none, "vigia.toml, line 1: there is no key \"male\""),
            ("listen = 8080", &[], none, "vigia.toml, line 1: listen"),
            ("mail = 'x'", &[], none, "vigia.toml, line 1: there is no key \"mail\""),
            ("[mail]\nsmtp_port = 0x25", &[], none, "vigia.toml, line 2: mail.smtp_port"),
            ("\nlisten == 1", &[], none, "vigia.toml, line 2: "),
            ("", &[("VIGIA_LISTNE", "x")], none, "VIGIA_LISTNE: there is no such variable"),
            ("", &[("VIGIA_MAIL_SMTP_PORT", "")], none, "VIGIA_MAIL_SMTP_PORT: "),
            ("", &[], &demo, "--demo: "),
            // A wrong value is refused even where another source overrules it.
            ("log_format = 'xml'", &[("VIGIA_LOG_FORMAT", "json")], none, "vigia.toml, line 1: log_format"),
            ("[mail]\nsmtp_host = 'mx'", &[], none, "mail.smtp_host needs mail.from_address"),
        ] {
            let told = config(toml, variables, flags).unwrap_err();
            assert!(told.starts_with(place), "{toml} {variables:?}: {told}");
            assert_eq!(told.lines().count(), 1, "{told}");
        }
    }

    #[test]
    fn debug_output_omits_secrets() {
        let mail = "[mail]\nsmtp_host='mx.example.com'\nfrom_address='desk@example.com'\nsmtp_user='desk'\n";
        let right = format!("database='postgres://vigia:s3cret@db/vigia'\n{mail}smtp_password='s3cret'\n");
        let config = by_file(&right).unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
        assert_eq!((&*config.database, config.demo), ("postgres://vigia:s3cret@db/vigia", Demo::Off));
        for wrong in
            ["database = 'mysql://s3cret@db'", "[mail]\nsmtp_password = [['s3cret']]", "smtp = 's3cret"]
        {
            let told = by_file(wrong).unwrap_err();
            assert!(!told.contains("s3cret"), "{told}");
        }
    }

    #[test]
    fn authorities_file_is_read_at_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let with = |tls: &str| {
            let mail = "smtp_host='mx'\nfrom_address='desk@example.com'\n";
            by_file(&format!("[mail]\n{mail}smtp_tls='{tls}'\nsmtp_ca_file='{}'", file.display()))
        };
        let told = with("starttls").unwrap_err();
        assert!(told.starts_with(&file.display().to_string()), "{told}");
        for (text, told_of) in [
            ("", "there is no certificate in it"),
            (
                "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n",
                "there is no certificate in it",
            ),
            ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "cannot be read"),
            ("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", "cannot be read"),
        ] {
            std::fs::write(&file, text).unwrap();
            let told = with("implicit").unwrap_err();
            assert!(told.contains("mail.smtp_ca_file") && told.contains(told_of), "{text}: {told}");
        }
        assert!(with("none").unwrap_err().contains("of no use"));
    }

    #[test]
    fn mail_password_without_tls_is_refused() {
        let with = |host: &str, tls: &str, login: &str| {
            let mail = "from_address='desk@example.com'\n";
            by_file(&format!("[mail]\nsmtp_host='{host}'\n{mail}smtp_tls='{tls}'\n{login}"))
        };
        let login = "smtp_user='desk'\nsmtp_password='s3cret'";
        for far in ["mx.example.com", "10.0.0.25", "mx"] {
            let told = with(far, "none", login).unwrap_err();
            assert!(told.contains("in the clear") && !told.contains("s3cret"), "{told}");
            for tls in ["starttls", "implicit"] {
                with(far, tls, login).unwrap();
            }
            with(far, "none", "").unwrap();
        }
        for near in ["localhost", "127.0.0.1", "::1"] {
            with(near, "none", login).unwrap();
        }
    }

    #[test]
    fn mailboxes_come_from_file_and_environment() {
        let file =
            "[mail.mailboxes.support]\nhost='imap.example.com'\nuser='support@example.com'\npassword='a'\n";
        let variables = [
            ("VIGIA_MAIL_MAILBOXES_SUPPORT_PASSWORD", "s3cret"),
            ("VIGIA_MAIL_MAILBOXES_SUPPORT_TAKEN_FOLDER", "Hecho"),
            ("VIGIA_MAIL_MAILBOXES_OTHER_BOX_HOST", "imap.example.com"),
            ("VIGIA_MAIL_MAILBOXES_OTHER_BOX_USER", "other"),
            ("VIGIA_MAIL_MAILBOXES_OTHER_BOX_TLS", "starttls"),
            ("VIGIA_MAIL_MAILBOXES_OTHER_BOX_TAKEN", "seen"),
            ("VIGIA_MAIL_MAILBOXES_OTHER_BOX_OAUTH_URL", "https://login.example.com/token"),
            ("VIGIA_MAIL_MAILBOXES_OTHER_BOX_OAUTH_CLIENT_ID", "desk"),
            ("VIGIA_MAIL_MAILBOXES_OTHER_BOX_OAUTH_REFRESH_TOKEN", "s3cret"),
        ];
        let config = config(file, &variables, &[]).unwrap();
        let [other, support] = config.mailboxes.as_slice() else { panic!("not two") };
        assert_eq!((&*other.name, other.port, other.tls), ("other_box", 143, Tls::StartTls));
        assert_eq!((&*support.name, support.port, support.tls), ("support", 993, Tls::Implicit));
        assert_eq!((&*support.folder, &*support.refused_folder), ("INBOX", "Vigia-refused"));
        assert_eq!((&other.taken, &support.taken), (&Taken::Seen, &Taken::Moved("Hecho".to_owned())));
        assert_eq!(support.proof, Proof::Password(Secret("s3cret".to_owned())));
        assert!(!format!("{config:?}").contains("s3cret"));
    }

    #[test]
    fn mailbox_that_cannot_work_is_refused_at_start() {
        let right = "host='imap.example.com'\nuser='a'\npassword='s3cret'\n";
        let oauth = "host='h'\nuser='a'\noauth_url='https://login.example.com/token'\n";
        for (mailbox, problem) in [
            ("", "host is missing"),
            ("host='h'", "user is missing"),
            ("host='h'\nuser='a'", "is given"),
            (&format!("{right}password_file='x'"), "both given"),
            (&format!("{right}tls='none'"), "in the clear"),
            (&format!("{right}oauth_client_id='x'"), "a password and OAuth"),
            (oauth, "oauth_client_id is missing"),
            (&format!("{oauth}oauth_client_id='x'"), "oauth_refresh_token"),
            (&format!("{right}taken='seen'\ntaken_folder='x'"), "of no use"),
            (&format!("{right}taken_folder='inbox'"), "the folder that is read"),
            (&format!("{right}refused_folder='INBOX'"), "the folder that is read"),
            (&format!("{right}hots='x'"), "there is no key"),
            (&format!("{right}oauth_url='http://login.example.com'"), "oauth_url must be"),
            (&format!("{right}poll_seconds=1"), "poll_seconds must be"),
            ("host=[['s3cret']]", "host must be"),
        ] {
            let told = by_file(&format!("[mail.mailboxes.support]\n{mailbox}")).unwrap_err();
            assert!(told.contains("mail.mailboxes.support") && told.contains(problem), "{mailbox}: {told}");
            assert!(!told.contains("s3cret") && told.lines().count() == 1, "{told}");
        }
        assert!(
            by_file(&format!("[mail.mailboxes.\"A b\"]\n{right}")).unwrap_err().contains("small letters")
        );
        assert!(by_file("[mail.mailboxes]\nsupport=1").unwrap_err().contains("line 2: there is no key"));
        assert!(
            config("", &[("VIGIA_MAIL_MAILBOXES_X_Y", "1")], &[]).unwrap_err().contains("no such variable")
        );
        by_file("[mail.mailboxes.near]\nhost='localhost'\nuser='a'\npassword='b'\ntls='none'").unwrap();
    }

    #[test]
    fn a_mail_server_has_the_usual_port_of_its_security() {
        for (tls, port) in [("none", 25), ("starttls", 587), ("implicit", 465)] {
            let toml = format!(
                "public_url='https://casos.example.com'\n[mail]\nsmtp_host='mx'\nsmtp_tls='{tls}'\n\
                 from_address='desk@example.com'"
            );
            let config = by_file(&toml).unwrap();
            assert_eq!((config.is_https(), config.demo), (true, Demo::Off));
            let Transport::Smtp(settings) = config.transport() else { panic!("no server") };
            assert_eq!((settings.port, &*settings.hello), (port, "casos.example.com"));
        }
    }

    #[test]
    fn the_example_names_every_key_and_reads_as_it_stands_and_in_full() {
        let example = include_str!("../../../vigia.example.toml");
        by_file(example).unwrap();
        let uncommented: String = example
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n")
            .filter(|line| !line.split(" =").next().is_some_and(|key| key.ends_with("_file")))
            .collect();
        let full = by_file(&uncommented).unwrap();
        assert_eq!(full.mailboxes.len(), 2);
        assert!(matches!(full.transport(), Transport::Smtp(SmtpSettings { login: Some(_), .. })));
        let of_mailboxes = MailboxKey::ALL.map(|(_, name, _)| name);
        for name in Key::ALL.map(|(_, name, _)| name).into_iter().chain(of_mailboxes) {
            let last = name.rsplit('.').next().unwrap();
            let line = format!("#: {last} = ");
            assert!(example.lines().any(|found| found.starts_with(&line)), "{name} is not in the example");
        }
    }
}

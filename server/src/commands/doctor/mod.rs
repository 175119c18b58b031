//! `vigia doctor`: what an operator would look at, each in plain words with what to do. It changes nothing but the row that is
//! written to learn whether the database can be written.

mod address;
mod judged;
mod mailboxes;
mod providers;

use std::fmt::Write as _;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use app::operations::{Finding, Verdict};
use desk::Ports;
use desk::diagnosis::{self, AuditState, ContentState, DatabaseState, SchemaAge};
use desk::outbox::Transport;
use desk::store::{Store, StoreError};
use domain::i18n::Language;
use domain::t;

pub(super) use self::mailboxes::Mailboxes;

use self::judged::{Drift, Room, drift, is_open_to_others, is_stale, room};
use super::{Outcome, Report};
use crate::config::{Config, ConfigError};

/// Looks at everything, for the terminal.
pub(super) async fn doctor(config: &Config, language: Language) -> Report {
    report(&examine(config, Mailboxes::Of(&config.mailboxes), language).await, language)
}

/// Looks at everything.
pub(super) async fn examine(config: &Config, mailboxes: Mailboxes<'_>, language: Language) -> Vec<Finding> {
    let mut findings = vec![Finding::fine(t!(language, "doctor.config"))];
    findings.extend(site(config, language));
    // Each of them may wait for somebody else.
    let (database, mail, mailboxes, address) = tokio::join!(
        database(config, language),
        mail(config, language),
        mailboxes::findings(mailboxes, language),
        address::public_address(&config.public_url, language)
    );
    findings.extend(database);
    findings.push(mail);
    findings.extend(mailboxes);
    findings.push(disk(config, language));
    findings.extend(permissions(config, language));
    findings.push(address);
    findings
}

/// What there is to say where the configuration cannot be read: nothing else can be looked at.
pub(super) fn misconfigured(error: &ConfigError, language: Language) -> Report {
    report(&[Finding::wrong(t!(language, "doctor.config_wrong", error = error))], language)
}

fn report(findings: &[Finding], language: Language) -> Report {
    let mut text = String::new();
    for Finding { verdict, text: said } in findings {
        let mark = match verdict {
            Verdict::Fine => t!(language, "doctor.fine"),
            Verdict::Notice => t!(language, "doctor.notice"),
            Verdict::Wrong => t!(language, "doctor.wrong"),
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{mark:8}{said}");
    }
    let is_fine = findings.iter().all(|finding| finding.verdict != Verdict::Wrong);
    Report { text, outcome: if is_fine { Outcome::Fine } else { Outcome::Wrong } }
}

fn site(config: &Config, language: Language) -> Option<Finding> {
    let path = config.site.display();
    (!config.site.is_dir()).then(|| Finding::wrong(t!(language, "doctor.site", path = path)))
}

async fn database(config: &Config, language: Language) -> Vec<Finding> {
    let state = match diagnosis::state(&config.database).await {
        Ok(state) => state,
        Err(error) => return vec![unread(config, &error, language)],
    };
    let mut findings = vec![clock(&state, language)];
    match state.schema {
        SchemaAge::Older => findings.push(Finding::notice(t!(language, "doctor.schema_older"))),
        SchemaAge::Newer => findings.push(Finding::wrong(t!(language, "doctor.schema_newer"))),
        SchemaAge::Current => findings.push(writing(config, language).await),
    }
    findings.extend(state.content.iter().flat_map(|content| contents(content, language)));
    if let Some(content) = &state.content {
        findings.extend(providers::findings(&config.egress, &content.issuers, language).await);
    }
    findings
}

/// A database that cannot be read, or that the first start is to make.
fn unread(config: &Config, error: &StoreError, language: Language) -> Finding {
    let is_missing = sqlite_file(config).is_some_and(|file| !file.exists());
    match error {
        _ if is_missing => Finding::notice(t!(language, "doctor.no_database")),
        StoreError::NoDesk(_) => Finding::notice(t!(language, "doctor.no_desk")),
        error => Finding::wrong(t!(language, "doctor.unreachable", error = error)),
    }
}

/// Whether a transaction goes through: somebody else may hold the database.
async fn writing(config: &Config, language: Language) -> Finding {
    // The schema is current: connecting changes nothing of it.
    let outcome = match Store::connect(&config.database).await {
        Ok(store) => {
            let outcome = store.probe(Ports::system().now()).await;
            store.close().await;
            outcome
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Finding::fine(t!(language, "doctor.database")),
        Err(StoreError::Slow) => Finding::wrong(t!(language, "doctor.locked")),
        Err(error) => Finding::wrong(t!(language, "doctor.unwritable", error = error)),
    }
}

fn clock(state: &DatabaseState, language: Language) -> Finding {
    let last_entry = state.content.as_ref().and_then(|content| content.last_entry);
    match drift(Ports::system().now(), state.clock, last_entry) {
        Drift::None => Finding::fine(t!(language, "doctor.clock")),
        Drift::FromDatabase { ahead_s } => {
            Finding::wrong(t!(language, "doctor.clock_differs", seconds = ahead_s))
        }
        Drift::BehindHistory { by_s } => Finding::wrong(t!(language, "doctor.clock_behind", seconds = by_s)),
    }
}

fn contents(content: &ContentState, language: Language) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(match &content.integrity {
        None => Finding::notice(t!(language, "doctor.integrity_never")),
        Some(outcome) if outcome.contradictions > 0 => {
            let (count, first) = (outcome.contradictions, outcome.first.clone().unwrap_or_default());
            Finding::wrong(t!(language, "doctor.integrity_wrong", count = count, first = first))
        }
        Some(outcome) if is_stale(outcome.at, Ports::system().now()) => {
            Finding::notice(t!(language, "doctor.integrity_old", at = super::backup::moment(outcome.at.0)))
        }
        Some(outcome) => {
            Finding::fine(t!(language, "doctor.integrity", at = super::backup::moment(outcome.at.0)))
        }
    });
    findings.push(audit(content.audit, language));
    let dead = content.dead_mails;
    findings.extend((dead > 0).then(|| Finding::notice(t!(language, "doctor.dead_mails", count = dead))));
    findings
}

fn audit(state: AuditState, language: Language) -> Finding {
    let AuditState { entries, given, sealed_to } = state;
    if entries == given {
        Finding::fine(t!(language, "doctor.audit", count = entries, last = sealed_to))
    } else {
        Finding::wrong(t!(language, "doctor.audit_missing", count = entries, given = given))
    }
}

async fn mail(config: &Config, language: Language) -> Finding {
    match config.transport() {
        Transport::Folder { path, .. } => {
            Finding::notice(t!(language, "doctor.mail_folder", path = path.display()))
        }
        transport => match Box::pin(within(transport.try_out())).await {
            Ok(()) => Finding::fine(t!(language, "doctor.mail")),
            Err(words) => Finding::wrong(t!(language, "doctor.mail_wrong", words = words)),
        },
    }
}

/// The longest that a mail server may take over a try: a page waits for it.
const MAIL_WITHIN: Duration = Duration::from_secs(12);

async fn within<T>(trying: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let silence = |_| Err(io::Error::from(io::ErrorKind::TimedOut).to_string());
    tokio::time::timeout(MAIL_WITHIN, trying).await.unwrap_or_else(silence)
}

fn disk(config: &Config, language: Language) -> Finding {
    let folder = existing(&config.data);
    let free = match rustix::fs::statvfs(folder.as_path()) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => {
            let path = folder.display();
            return Finding::wrong(t!(language, "doctor.folder", path = path, error = error));
        }
    };
    let megabytes = free / 1_000_000;
    match room(free) {
        Room::Enough => Finding::fine(t!(language, "doctor.disk", megabytes = megabytes)),
        Room::Little => Finding::notice(t!(language, "doctor.disk_little", megabytes = megabytes)),
        Room::None => Finding::wrong(t!(language, "doctor.disk_none", megabytes = megabytes)),
    }
}

/// The folder, or the first above it that is there: the start makes those that are missing.
fn existing(folder: &Path) -> PathBuf {
    let whole = if folder.is_absolute() { folder.to_path_buf() } else { Path::new(".").join(folder) };
    whole.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/")).to_path_buf()
}

/// Files with what customers wrote, and with passwords: for the account that the desk runs as, and nobody else.
fn permissions(config: &Config, language: Language) -> Vec<Finding> {
    let database = sqlite_file(config).into_iter().flat_map(|file| {
        ["", "-wal", "-shm"].map(|ending| {
            let mut name = file.clone().into_os_string();
            name.push(ending);
            PathBuf::from(name)
        })
    });
    let mails = config.data.join("mail");
    let all = database.chain([config.data.clone(), mails]).chain(config.secret_files.clone());
    let open = |path: PathBuf| {
        let mode = std::fs::metadata(&path).ok()?.permissions().mode();
        let path = path.display();
        is_open_to_others(mode).then(|| Finding::wrong(t!(language, "doctor.open", path = path)))
    };
    let findings: Vec<Finding> = all.filter_map(open).collect();
    if findings.is_empty() { vec![Finding::fine(t!(language, "doctor.closed"))] } else { findings }
}

/// The file of a SQLite database.
fn sqlite_file(config: &Config) -> Option<PathBuf> {
    let rest = config.database.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    Some(PathBuf::from(rest.split('?').next().unwrap_or(rest)))
}

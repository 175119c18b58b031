//! `vigia backup`, `vigia restore`, `vigia move` and `vigia check backup`: the whole desk as a file.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat};
use desk::backup::{self, BackupError, Checked, Restored, TableTally, Whole};
use desk::{Desk, Ports};
use domain::i18n::Language;
use domain::t;
use tokio::runtime::Builder;

use super::{Failure, Report, bring_up_to_date, check};
use crate::config::{Config, DatabaseAddress};

/// Bytes that go to the file, or come from it, at a time.
const BUFFER: usize = 1024 * 1024;
/// For this account alone: a backup holds what the database holds.
const OURS: u32 = 0o600;

/// Writes the configured database into `file`, reads the file back, and gives it its name only then.
pub(super) async fn backup(config: &Config, file: &Path, language: Language) -> Result<Report, Failure> {
    if file.symlink_metadata().is_ok() {
        return Err(exists(file, language));
    }
    let failed = |error| refused(&error, language);
    let part = Part::create(file)?;
    let out = BufWriter::with_capacity(BUFFER, &part.file);
    let written = backup::write(&config.database, Ports::system().now(), out).await.map_err(failed)?;
    part.file.sync_all().map_err(|error| unwritable(&part.path, error))?;
    let (_, read) = backup::verify(open(&part.path)?).map_err(failed)?;
    if let Some((table, _)) = written.iter().zip(&read).find(|(one, other)| one != other) {
        return Err(failed(BackupError::Differs { table: table.table.clone() }));
    }
    let bytes = part.file.metadata().map_err(|error| unwritable(&part.path, error))?.len();
    part.take_name(file, language)?;
    note(&config.database, Whole::BackedUp).await;
    let (tables, rows) = counts(&read);
    let told = t!(language, "backup.written", tables = tables, rows = rows, bytes = bytes);
    Ok(Report::fine(format!("{told}\n")))
}

/// Fills the configured database, which must be empty, from `file`.
pub(super) async fn restore(config: &Config, file: &Path, language: Language) -> Result<Report, Failure> {
    let now = Ports::system().now();
    let restored = backup::restore(&config.database, now, open(file)?).await;
    let restored = restored.map_err(|error| refused(&error, language))?;
    let (tables, rows) = counts(&restored.tables);
    let at = moment(restored.header.written_utc_s);
    let mut text = t!(language, "backup.restored", at = at, tables = tables, rows = rows);
    text.push('\n');
    text.push_str(&checked(&restored, language));
    text.push_str(&t!(language, "backup.sign_in"));
    text.push('\n');
    if restored.checked == Checked::Older {
        let desk = Desk::open(&config.database, &config.public_url, Ports::system()).await?;
        let brought = bring_up_to_date(&desk).await;
        let report = match brought {
            Ok(()) => check::database(&desk, language).await,
            Err(error) => Err(error.into()),
        };
        desk.close().await;
        note(&config.database, Whole::Restored).await;
        let report = report?;
        return Ok(Report { text: text + &report.text, outcome: report.outcome });
    }
    note(&config.database, Whole::Restored).await;
    Ok(Report::fine(text))
}

/// Writes down what was done with the desk. What was done stands all the same.
async fn note(address: &str, what: Whole) {
    if let Err(error) = backup::note(address, &Ports::system(), what).await {
        tracing::warn!(%error, "it could not be written into the audit log");
    }
}

/// Carries a desk from one database into another, and says what both have.
pub(super) fn transfer(
    from: &DatabaseAddress,
    to: &DatabaseAddress,
    language: Language,
) -> Result<Report, Failure> {
    let restored = backup::transfer(from, to, Ports::system().now());
    let restored = restored.map_err(|error| refused(&error, language))?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(Failure::Runtime)?;
    runtime.block_on(note(to, Whole::Restored));
    let mut text = String::new();
    for TableTally { table, tally } in &restored.tables {
        let (rows, digest) = (tally.rows, tally.digest());
        // Writing to a string does not fail.
        let _ =
            writeln!(text, "{}", t!(language, "backup.table", table = table, rows = rows, digest = digest));
    }
    let (tables, rows) = counts(&restored.tables);
    text.push_str(&t!(language, "backup.moved", tables = tables, rows = rows));
    text.push('\n');
    text.push_str(&checked(&restored, language));
    Ok(Report::fine(text))
}

/// Holds a backup against itself.
pub(super) fn verify(file: &Path, language: Language) -> Result<Report, Failure> {
    let (header, read) = backup::verify(open(file)?).map_err(|error| refused(&error, language))?;
    let (tables, rows) = counts(&read);
    let (program, at) = (header.program, moment(header.written_utc_s));
    let told = t!(language, "backup.right", program = program, at = at, tables = tables, rows = rows);
    Ok(Report::fine(format!("{told}\n")))
}

fn checked(restored: &Restored, language: Language) -> String {
    let told = match restored.checked {
        Checked::Whole { cases } => t!(language, "backup.checked", cases = cases),
        Checked::Older => t!(language, "backup.older").into_owned(),
    };
    told + "\n"
}

/// How many tables and rows.
fn counts(tables: &[TableTally]) -> (usize, u64) {
    (tables.len(), tables.iter().map(|table| table.tally.rows).sum())
}

/// As RFC 3339 in UTC.
pub(super) fn moment(utc_s: i64) -> String {
    DateTime::from_timestamp(utc_s, 0).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn refused(error: &BackupError, language: Language) -> Failure {
    Failure::Refused(error.message(language))
}

fn exists(path: &Path, language: Language) -> Failure {
    Failure::Refused(t!(language, "backup.exists", path = path.display()))
}

fn unwritable(path: &Path, error: io::Error) -> Failure {
    Failure::Unwritable { path: path.to_path_buf(), error }
}

fn open(path: &Path) -> Result<BufReader<File>, Failure> {
    let file = File::open(path).map_err(|error| Failure::Unreadable { path: path.to_path_buf(), error })?;
    Ok(BufReader::with_capacity(BUFFER, file))
}

/// A file that is being written beside the one that it becomes; removed when it does not come to that.
struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    fn create(target: &Path) -> Result<Self, Failure> {
        let Some(name) = target.file_name() else {
            return Err(unwritable(target, ErrorKind::InvalidFilename.into()));
        };
        let mut part = std::ffi::OsString::from(".");
        part.push(name);
        part.push(format!(".{}.part", std::process::id()));
        let path = target.with_file_name(part);
        let file = OpenOptions::new().create_new(true).write(true).mode(OURS).open(&path);
        Ok(Self { file: file.map_err(|error| unwritable(&path, error))?, path })
    }

    /// Gives the file its name, durably. A file that has the name already keeps it.
    fn take_name(self, target: &Path, language: Language) -> Result<(), Failure> {
        match fs::hard_link(&self.path, target) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(exists(target, language)),
            // A file system without hard links.
            Err(_) if target.symlink_metadata().is_err() => {
                fs::rename(&self.path, target).map_err(|error| unwritable(target, error))?;
            }
            Err(_) => return Err(exists(target, language)),
        }
        let folder =
            target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| unwritable(folder, error))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It may have been renamed.
        let _ = fs::remove_file(&self.path);
    }
}

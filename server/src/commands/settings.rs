//! `vigia settings`: calendars and SLA plans as files.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use desk::Desk;
use desk::settings::{self, FieldChange, Outcome as Applied, Request, SettingsFile, Subject, Version};
use domain::actor::Actor;
use domain::case::Author;
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;

use super::{Failure, Outcome, Report};
use crate::cli::SettingsCommand;

/// Executes a command of settings.
pub(super) async fn settings(
    desk: &Desk,
    what: SettingsCommand,
    language: Language,
) -> Result<Report, Failure> {
    match what {
        SettingsCommand::Export { folder, at, overwrite } => {
            let files = files_of(desk, at, language).await?;
            if !overwrite && let Some(path) = differing(&folder, &files) {
                return Err(Failure::Refused(t!(language, "settings.exists", path = path.display())));
            }
            export(&folder, &files, language)
        }
        SettingsCommand::Apply { folder, apply, effective_from } => {
            let effective_from = effective_from.map(instant);
            if effective_from.is_some_and(|from| from < desk.now()) {
                return Err(Failure::Refused(t!(language, "settings.past").into_owned()));
            }
            let effective_from = effective_from.unwrap_or_else(|| desk.now());
            let request =
                if apply { Request::Apply { effective_from } } else { Request::DryRun { effective_from } };
            apply_files(desk, &folder, request, language).await
        }
        SettingsCommand::History => history(desk, language).await,
        SettingsCommand::Closures(what) => super::closures::closures(desk, what, language).await,
    }
}

async fn files_of(
    desk: &Desk,
    at: Option<DateTime<Utc>>,
    language: Language,
) -> Result<Vec<SettingsFile>, Failure> {
    let at = at.map_or_else(|| desk.now(), instant);
    settings::export(desk, &Actor::System, at).await.map_err(|error| Failure::of(error, NONE, language))
}

/// The first file that exists with other content: an operator may have edited it.
fn differing(folder: &Path, files: &[SettingsFile]) -> Option<PathBuf> {
    let differs = |file: &&SettingsFile| {
        std::fs::read_to_string(folder.join(file.subject.file_name())).is_ok_and(|text| text != file.text)
    };
    files.iter().find(differs).map(|file| folder.join(file.subject.file_name()))
}

fn export(folder: &Path, files: &[SettingsFile], language: Language) -> Result<Report, Failure> {
    let written =
        |path: PathBuf, result: io::Result<()>| result.map_err(|error| Failure::Unwritable { path, error });
    written(folder.to_path_buf(), std::fs::create_dir_all(folder))?;
    for SettingsFile { subject, text } in files {
        let path = folder.join(subject.file_name());
        let result = std::fs::write(&path, text);
        written(path, result)?;
    }
    Ok(Report::fine(format!("{}\n", t!(language, "settings.exported", names = names()))))
}

async fn apply_files(
    desk: &Desk,
    folder: &Path,
    request: Request,
    language: Language,
) -> Result<Report, Failure> {
    let mut files = Vec::new();
    for subject in Subject::ALL {
        let path = folder.join(subject.file_name());
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push(SettingsFile { subject, text }),
            // A subject without a file stays as it is.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::Unreadable { path, error }),
        }
    }
    if files.is_empty() {
        let folder = folder.display();
        return Err(Failure::Refused(t!(language, "settings.no_files", folder = folder, names = names())));
    }
    let report = settings::apply(desk, &Actor::System, files, request).await;
    let report = report.map_err(|error| Failure::of(error, NONE, language))?;
    let is_fine = report.problems.is_empty() && report.outcome != Applied::Refused;
    let outcome = if is_fine { Outcome::Fine } else { Outcome::Wrong };
    Ok(Report { text: report.message(language), outcome })
}

async fn history(desk: &Desk, language: Language) -> Result<Report, Failure> {
    let versions =
        settings::history(desk, &Actor::System).await.map_err(|error| Failure::of(error, NONE, language))?;
    let mut text = String::new();
    for version in versions {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", line(&version, language));
        for FieldChange { key, from, to } in version.fields.iter().flatten() {
            let shown = |value: &Option<String>| {
                value.clone().unwrap_or_else(|| t!(language, "settings.none").into_owned())
            };
            let _ = writeln!(text, "    {key}: {} → {}", shown(from), shown(to));
        }
    }
    Ok(Report::fine(text))
}

fn line(version: &Version, language: Language) -> String {
    let (at, by) = match &version.recorded {
        None if version.effective_from == Instant(0) => {
            (String::from("-"), t!(language, "settings.first_start").into_owned())
        }
        None => (written(version.effective_from), t!(language, "settings.desk").into_owned()),
        Some((at, Author::Staff { name, .. })) => (written(*at), name.clone()),
        Some((at, _)) => (written(*at), t!(language, "settings.operator").into_owned()),
    };
    let from = match version.effective_from {
        Instant(0) => t!(language, "settings.always").into_owned(),
        from => written(from),
    };
    let entry =
        t!(language, "settings.entry", file = version.subject.file_name(), name = version.name.as_str());
    t!(language, "settings.version", at = at, by = by, entry = entry, from = from)
}

/// The key of the message for settings that do not exist. The desk always has some.
const NONE: &str = "settings.none";

fn names() -> String {
    Subject::ALL.map(Subject::file_name).join(", ")
}

fn instant(at: DateTime<Utc>) -> Instant {
    Instant(at.timestamp())
}

/// An instant as RFC 3339 in UTC: the format that the flags read.
fn written(at: Instant) -> String {
    let at = DateTime::from_timestamp(at.0, 0).unwrap_or_default();
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

//! `vigia import`: contracts and equipment from a CSV file.

use std::path::PathBuf;

use desk::Desk;
use desk::import::{self, ImportError, ImportFile, Mode};
use domain::actor::Actor;
use domain::i18n::Language;
use domain::register::ImportKind as Kind;

use super::{Failure, Outcome, Report};
use crate::cli::ImportKind;

/// Shows what `file` would change, or changes it.
pub(super) async fn import(
    desk: &Desk,
    kind: ImportKind,
    file: PathBuf,
    mode: Mode,
    language: Language,
) -> Result<Report, Failure> {
    let name = file.to_string_lossy().into_owned();
    let bytes = std::fs::read(&file).map_err(|error| Failure::Unreadable { path: file, error })?;
    let kind = match kind {
        ImportKind::Contracts => Kind::Contracts,
        ImportKind::Equipment => Kind::Equipment,
        ImportKind::Travel => Kind::Travel,
    };
    let report = import::import_file(desk, &Actor::System, kind, ImportFile { name, bytes }, mode).await;
    let report = report.map_err(|error| match error {
        ImportError::Store(error) => Failure::Store(error),
        error => Failure::Refused(error.message(language)),
    })?;
    let is_fine = report.bad.is_empty() && report.outcome != import::Outcome::Refused;
    let outcome = if is_fine { Outcome::Fine } else { Outcome::Wrong };
    Ok(Report { text: report.message(language), outcome })
}

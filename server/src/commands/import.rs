//! `vigia import`: contracts and equipment from a CSV file.

use std::path::PathBuf;

use desk::Desk;
use desk::import::{self, ImportError, Mode};
use domain::actor::Actor;
use domain::i18n::Language;

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
    let csv = std::fs::read(&file).map_err(|error| Failure::Unreadable { path: file, error })?;
    let report = match kind {
        ImportKind::Contracts => import::import_contracts(desk, &Actor::System, &csv, mode).await,
        ImportKind::Equipment => import::import_equipment(desk, &Actor::System, &csv, mode).await,
        ImportKind::Travel => import::import_travel(desk, &Actor::System, &csv, mode).await,
    };
    let report = report.map_err(|error| match error {
        ImportError::Store(error) => Failure::Store(error),
        error => Failure::Refused(error.message(language)),
    })?;
    let is_fine = report.bad.is_empty() && report.outcome != import::Outcome::Refused;
    let outcome = if is_fine { Outcome::Fine } else { Outcome::Wrong };
    Ok(Report { text: report.message(language), outcome })
}

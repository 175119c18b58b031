//! `vigia check`: compares files of known answers with the rules of `domain`; and the database with itself
//! ([`database`]).
//!
//! The output of the former is the same in every language, for people and scripts. It is `N rows, M wrong` (of folders `N
//! files, M wrong`), then the first wrong ones.

mod case_numbers;
mod database;
mod holidays;
mod machine_mails;
mod mails;
mod phones;
mod replies;
mod serials;
mod sla_vectors;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;

pub(super) use database::database;

use super::{Outcome, Report};
use crate::cli::AnswersCommand;

/// How many wrong rows are shown.
const SHOWN: usize = 10;

/// The reason why a file was not checked.
#[derive(Debug, Error)]
pub enum SheetError {
    /// The file cannot be read, or lacks a column.
    #[error("{}: {error}", path.display())]
    Csv {
        /// The file that cannot be read.
        path: PathBuf,
        /// The error, with its place.
        error: csv::Error,
    },
    /// A file or a folder cannot be read.
    #[error("{}: {error}", path.display())]
    File {
        /// What cannot be read.
        path: PathBuf,
        /// The error.
        error: std::io::Error,
    },
    /// The file has no rows: nothing was checked.
    #[error("{}: no rows", .0.display())]
    Empty(PathBuf),
    /// A calendar of the file has no valid hours.
    #[error("{}: calendar {calendar:?}: {what}", path.display())]
    Calendar {
        /// The file that names the calendar.
        path: PathBuf,
        /// The name of the calendar.
        calendar: String,
        /// What is wrong with the calendar.
        what: String,
    },
}

/// A row whose result differs from the file.
struct Finding {
    /// The input of the row.
    row: String,
    /// The result in the file.
    expected: String,
    /// The result of the rules.
    got: String,
}

/// Checks a file.
///
/// # Errors
/// When it cannot be read or lacks a column.
pub(super) fn check(what: &AnswersCommand) -> Result<Report, SheetError> {
    let (rows, findings) = match what {
        AnswersCommand::SlaVectors { file } => sla_vectors::check(file)?,
        AnswersCommand::Serials { file, today } => serials::check(file, *today)?,
        AnswersCommand::Holidays { file } => holidays::check(file)?,
        AnswersCommand::Phones { file } => phones::check(file)?,
        AnswersCommand::CaseNumbers { file } => case_numbers::check(file)?,
        AnswersCommand::Replies { folder } => replies::check(folder)?,
        AnswersCommand::MachineMails { folder } => machine_mails::check(folder)?,
    };
    let unit = match what {
        AnswersCommand::Replies { .. } | AnswersCommand::MachineMails { .. } => "files",
        _ => "rows",
    };
    let mut text = format!("{rows} {unit}, {} wrong\n", findings.len());
    for Finding { row, expected, got } in findings.iter().take(SHOWN) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{row}: expected {expected}, got {got}");
    }
    let outcome = if findings.is_empty() { Outcome::Fine } else { Outcome::Wrong };
    Ok(Report { text, outcome })
}

/// The rows of a file with their line numbers. Columns may stand in any order; unknown ones are ignored.
fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<(u64, T)>, SheetError> {
    let failed = |error| SheetError::Csv { path: path.to_path_buf(), error };
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    let headers = reader.headers().map_err(failed)?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(failed)?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.deserialize(Some(&headers)).map_err(failed)?));
    }
    if rows.is_empty() { Err(SheetError::Empty(path.to_path_buf())) } else { Ok(rows) }
}

/// Checks each row by itself.
fn judge<T: DeserializeOwned>(
    path: &Path,
    judge: impl Fn(&T) -> Option<Finding>,
) -> Result<(usize, Vec<Finding>), SheetError> {
    let rows = rows::<T>(path)?;
    let in_line =
        |line, finding: Finding| Finding { row: format!("line {line}, {}", finding.row), ..finding };
    let findings = rows.iter().filter_map(|(line, row)| Some(in_line(*line, judge(row)?))).collect();
    Ok((rows.len(), findings))
}

/// The finding of a row; `None` when the results agree.
fn compare(row: impl Into<String>, expected: String, got: String) -> Option<Finding> {
    (expected != got).then(|| Finding { row: row.into(), expected, got })
}

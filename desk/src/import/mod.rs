//! Use-case: bring contracts and equipment in from a file.
//!
//! A file is looked at as a whole: what would be added, what would change and from what to what, and every row that is
//! wrong. Nothing is written unless every row is right, and then all of it is, in one transaction.

mod cells;
mod contracts;
mod doubts;
mod equipment;
mod report;
mod sites;
mod table;
mod travel;

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::i18n::Language;
use domain::t;
use thiserror::Error;

use crate::Desk;
use crate::search;
use crate::store::StoreError;

pub use cells::CellProblem;
pub use contracts::import_contracts;
pub use doubts::{Doubt, Doubtful};
pub use equipment::import_equipment;
pub use report::{BadRow, Changed, FieldChange, ImportReport, Outcome, RowProblem, Seen};
pub use travel::import_travel;

/// Most bytes of a file.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Most rows of a file, the header not counted.
pub const MAX_ROWS: usize = 200_000;

/// What an import is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Show what would happen.
    DryRun,
    /// Do it, if every row is right and none is doubtful.
    Apply,
    /// Do it, if every row is right: whoever asks has looked at those that are doubtful.
    ApplyConfirmed,
}

/// Why a file was not looked at.
#[derive(Debug, Clone, Error)]
pub enum ImportError {
    /// The actor may not import.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// Larger than [`MAX_BYTES`]: split it.
    #[error("the file has {bytes} bytes, more than {MAX_BYTES}")]
    TooLarge {
        /// Size of the file in bytes.
        bytes: usize,
    },
    /// More rows than [`MAX_ROWS`]: split it.
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// Not UTF-8: save it as "CSV UTF-8".
    #[error("line {line} is not UTF-8 text")]
    NotText {
        /// The first line at fault.
        line: u64,
    },
    /// No header, or nothing after it.
    #[error("the file has no rows")]
    Empty,
    /// The header does not name the columns.
    #[error("the header is wrong: missing {missing:?}, unknown {unknown:?}, twice {twice:?}")]
    Header {
        /// Columns that the file needs.
        missing: Vec<&'static str>,
        /// Columns that the file has and nobody knows.
        unknown: Vec<String>,
        /// Columns that the file has more than once.
        twice: Vec<&'static str>,
    },
    /// Try again later: nothing was written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl ImportError {
    /// What is wrong and what to do, in the reader's language.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NotPermitted(refused) => refused.message(language),
            Self::TooLarge { .. } => t!(language, "import.file.too_large", most = MAX_BYTES / 1024 / 1024),
            Self::TooManyRows => t!(language, "import.file.too_many_rows", most = MAX_ROWS),
            Self::NotText { line } => t!(language, "import.file.not_text", line = line),
            Self::Empty => t!(language, "import.file.empty").into_owned(),
            Self::Header { missing, unknown, twice } => {
                let unknown: Vec<&str> = unknown.iter().map(String::as_str).collect();
                let parts = [
                    ("import.header.missing", missing.as_slice()),
                    ("import.header.unknown", unknown.as_slice()),
                    ("import.header.twice", twice.as_slice()),
                ];
                let words = |(key, names): (&str, &[&str])| t!(language, key, names = names.join(", "));
                let parts: Vec<_> =
                    parts.into_iter().filter(|(_, names)| !names.is_empty()).map(words).collect();
                parts.join(" ")
            }
            Self::Store(_) => t!(language, "import.file.store").into_owned(),
        }
    }
}

/// Checks what is the same for every file: who asks, and how large it is.
fn admit(actor: &Actor, csv: &[u8]) -> Result<(), ImportError> {
    may(actor, Action::Import, Subject::Desk)?;
    if csv.len() > MAX_BYTES {
        return Err(ImportError::TooLarge { bytes: csv.len() });
    }
    Ok(())
}

/// Looks at parsed rows against the register, and writes them if that is wanted and every row is right.
async fn carry_out<P: Plan>(desk: &Desk, plan: P, mode: Mode) -> Result<ImportReport, ImportError> {
    match mode {
        Mode::DryRun => {
            let mut reader = desk.store().reader().await?;
            let mut plan = plan;
            plan.survey(&mut reader).await?;
            Ok(plan.into_report(Outcome::Shown))
        }
        // Surveyed again where it is written: what was true a moment ago may not be true any more.
        Mode::Apply | Mode::ApplyConfirmed => {
            let report = desk
                .store()
                .write(move |tx| {
                    Box::pin(async move {
                        let mut plan = plan;
                        plan.survey(tx.connection()).await?;
                        if plan.is_refused(mode) {
                            return Ok(plan.into_report(Outcome::Refused));
                        }
                        plan.write(tx).await?;
                        search::changed(tx).await?;
                        Ok::<_, ImportError>(plan.into_report(Outcome::Written))
                    })
                })
                .await?;
            if report.outcome == Outcome::Written
                && let Err(error) = search::catch_up_register(desk).await
            {
                // What was written stands; a desk that starts writes it down.
                tracing::error!(%error, "what the register is found by could not be written");
            }
            Ok(report)
        }
    }
}

/// A file on its way into the register.
trait Plan: Send + 'static {
    /// Compares the file with the register.
    fn survey(
        &mut self,
        connection: &mut sqlx::AnyConnection,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// What there is to tell so far.
    fn report(&self) -> &ImportReport;
    /// Whether a row is wrong, or doubtful and not confirmed.
    fn is_refused(&self, mode: Mode) -> bool {
        let ImportReport { bad, doubtful, .. } = self.report();
        !bad.is_empty() || (mode != Mode::ApplyConfirmed && !doubtful.is_empty())
    }
    /// Writes what was surveyed.
    fn write(&mut self, tx: &mut crate::store::Tx) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// What there is to tell.
    fn into_report(self, outcome: Outcome) -> ImportReport;
}

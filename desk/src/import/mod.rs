//! Use-case: import of contracts and equipment from a file.
//!
//! A file is compared as a whole: additions, changes with both values, and wrong rows. Everything is written in one
//! transaction, and only if every row is right.

pub(crate) mod cells;
mod contracts;
pub(crate) mod doubts;
mod equipment;
mod report;
mod sites;
mod table;
mod travel;

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::i18n::Language;
use domain::register::{RegisterChange, RegisterKind};
use domain::t;
use thiserror::Error;

use crate::Desk;
use crate::contracts::changes::{Noted, record_changes};
use crate::search;
use crate::store::StoreError;

pub use cells::CellProblem;
pub use contracts::import_contracts;
pub use doubts::{Doubt, Doubtful};
pub use equipment::import_equipment;
pub use report::{BadRow, Changed, FieldChange, ImportReport, Outcome, RowProblem, Seen};
pub use travel::import_travel;

/// The largest file in bytes.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The most rows of a file, without the header.
pub const MAX_ROWS: usize = 200_000;

/// Mode of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Compare only.
    DryRun,
    /// Write, if every row is right and none is doubtful.
    Apply,
    /// Write, if every row is right: the doubtful ones are confirmed.
    ApplyConfirmed,
}

/// Why a file cannot be compared.
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
    /// More rows than [`MAX_ROWS`]: split the file.
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// The file is not UTF-8: save it as "CSV UTF-8".
    #[error("line {line} is not UTF-8 text")]
    NotText {
        /// The first such line.
        line: u64,
    },
    /// The file has no header, or no rows.
    #[error("the file has no rows")]
    Empty,
    /// The header does not match.
    #[error("the header is wrong: missing {missing:?}, unknown {unknown:?}, twice {twice:?}")]
    Header {
        /// Missing columns.
        missing: Vec<&'static str>,
        /// Unknown columns.
        unknown: Vec<String>,
        /// Repeated columns.
        twice: Vec<&'static str>,
    },
    /// The store failed and nothing was written. Try again later.
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

/// Checks permission and file size.
fn admit(actor: &Actor, csv: &[u8]) -> Result<(), ImportError> {
    may(actor, Action::Import, Subject::Desk)?;
    if csv.len() > MAX_BYTES {
        return Err(ImportError::TooLarge { bytes: csv.len() });
    }
    Ok(())
}

/// Compares parsed rows with the register, and writes them if the mode permits it.
async fn carry_out<P: Plan>(
    desk: &Desk,
    actor: &Actor,
    plan: P,
    mode: Mode,
) -> Result<ImportReport, ImportError> {
    let (by, now) = (actor.clone(), desk.now());
    match mode {
        Mode::DryRun => {
            let mut reader = desk.store().reader().await?;
            let mut plan = plan;
            plan.survey(&mut reader).await?;
            Ok(plan.into_report(Outcome::Shown))
        }
        // Compared again in the transaction, because the register may have changed.
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
                        let mut notes = plan.write(tx).await?;
                        notes.extend(history(plan.kind(), plan.report()));
                        record_changes(tx, &by, now, &notes).await?;
                        search::changed(tx).await?;
                        Ok::<_, ImportError>(plan.into_report(Outcome::Written))
                    })
                })
                .await?;
            if report.outcome == Outcome::Written
                && let Err(error) = search::catch_up_register(desk).await
            {
                // The import is committed. The next start of the desk indexes it.
                tracing::error!(%error, "what the register is found by could not be written");
            }
            Ok(report)
        }
    }
}

/// What is written down of the rows of a report. What a row says of its site is written down of the site.
fn history(kind: Option<RegisterKind>, report: &ImportReport) -> Vec<Noted> {
    let Some(kind) = kind else { return Vec::new() };
    let added =
        report.added.iter().map(|row| Noted { kind, entity: row.key.clone(), change: RegisterChange::Added });
    let of_site = |column: &str| kind == RegisterKind::Equipment && sites::COLUMNS.contains(&column);
    let changed = report.changed.iter().filter_map(|changed| {
        let fields = changed.fields.iter().filter(|field| !of_site(field.column)).map(FieldChange::recorded);
        let fields: Vec<_> = fields.collect();
        let change = RegisterChange::Edited { fields };
        (change != RegisterChange::Edited { fields: Vec::new() }).then(|| Noted {
            kind,
            entity: changed.row.key.clone(),
            change,
        })
    });
    added.chain(changed).collect()
}

/// An import of one kind of file.
trait Plan: Send + 'static {
    /// Compares the file with the register.
    fn survey(
        &mut self,
        connection: &mut sqlx::AnyConnection,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The report so far.
    fn report(&self) -> &ImportReport;
    /// Whether a row is wrong, or doubtful without a confirmation.
    fn is_refused(&self, mode: Mode) -> bool {
        let ImportReport { bad, doubtful, .. } = self.report();
        !bad.is_empty() || (mode != Mode::ApplyConfirmed && !doubtful.is_empty())
    }
    /// The kind of the rows' entries; `None` for what is no entry of the register.
    fn kind(&self) -> Option<RegisterKind>;
    /// Writes the compared rows. Gives what is to be written down of other entries.
    fn write(
        &mut self,
        tx: &mut crate::store::Tx,
    ) -> impl Future<Output = Result<Vec<Noted>, StoreError>> + Send;
    /// The final report.
    fn into_report(self, outcome: Outcome) -> ImportReport;
}

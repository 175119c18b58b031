//! Use-case: import of contracts and equipment from a file.
//!
//! A file is compared as a whole: additions, changes with both values, and wrong rows. Everything is written in one
//! transaction, and only if every row is right.

mod before;
pub(crate) mod cells;
mod contracts;
mod dates;
pub(crate) mod doubts;
mod encoding;
mod equipment;
mod ods;
mod record;
mod report;
mod sites;
mod spreadsheet;
mod table;
mod travel;
mod undo;
mod waiting;

use chrono::NaiveDate;
use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::i18n::Language;
use domain::register::{ImportKind, ImportState, RegisterChange, RegisterKind};
use domain::t;
use domain::time::Instant;
use thiserror::Error;

use crate::Desk;
use crate::contracts::changes::{Noted, record_changes};
use crate::search;
use crate::store::StoreError;

use record::{NewRecord, Recording};
use table::{Choices, Sheet};

pub use cells::CellProblem;
pub use contracts::import_contracts;
pub use doubts::{Doubt, Doubtful};
pub use equipment::import_equipment;
pub use record::{ImportFile, ImportRecord, imports};
pub use report::{Added, BadRow, Changed, Ended, FieldChange, ImportReport, Outcome, RowProblem, Seen};
pub use table::{Mapping, MatchProblem};
pub use travel::import_travel;
pub use undo::{UndoError, undo_import};
pub(crate) use waiting::WAITS_S;
pub use waiting::{
    ImportStep, bad_rows, confirm_import, end_missing, give_up_import, match_columns, matched_columns,
    next_step, stage_import,
};

/// The largest file in bytes.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The most rows of a file, without the header.
pub const MAX_ROWS: usize = 200_000;
/// The most columns of a file.
const MAX_COLUMNS: usize = 100;

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
    /// A row has more than a hundred values: leave out what is not needed.
    #[error("the file has more than {MAX_COLUMNS} columns")]
    TooManyColumns,
    /// The file is text of no encoding that spreadsheets write: save it as "CSV UTF-8".
    #[error("line {line} is no text")]
    NotText {
        /// The first such line.
        line: u64,
    },
    /// The archive of a spreadsheet unpacks to more than 128 MiB, or announces more strings than it may: split it.
    #[error("the file unpacks to too much")]
    Unpacked,
    /// The file is an archive, and no XLSX or ODS spreadsheet of at most 100 columns.
    #[error("the file is no spreadsheet")]
    NotASheet,
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
    /// Columns are not matched, or two with one name of the header.
    #[error("columns are not matched: {0:?}")]
    Unmatched(Vec<(&'static str, MatchProblem)>),
    /// There is no such import, or its file does not wait any more.
    #[error("there is no such import")]
    NotFound,
    /// It would change something else than was shown: the register changed meanwhile.
    #[error("the register changed meanwhile")]
    ChangedMeanwhile,
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
            Self::TooManyColumns => t!(language, "import.file.too_many_columns", most = MAX_COLUMNS),
            Self::NotText { line } => t!(language, "import.file.not_text", line = line),
            Self::Unpacked => {
                t!(language, "import.file.unpacked", most = spreadsheet::MAX_UNPACKED / 1024 / 1024)
            }
            Self::NotASheet => t!(language, "import.file.not_a_sheet").into_owned(),
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
            Self::Unmatched(_) => t!(language, "import.match.problems").into_owned(),
            Self::NotFound => t!(language, "import.file.not_found").into_owned(),
            Self::ChangedMeanwhile => t!(language, "import.file.changed_meanwhile").into_owned(),
            Self::Store(_) => t!(language, "import.file.store").into_owned(),
        }
    }
}

/// Reads a day as forms send it: `2026-12-31`.
///
/// # Errors
/// [`CellProblem::NotADate`] for any other text.
pub fn day(text: &str) -> Result<NaiveDate, CellProblem> {
    cells::date(text)
}

/// Checks permission and file size.
fn admit(actor: &Actor, csv: &[u8]) -> Result<(), ImportError> {
    may(actor, Action::Import, Subject::Desk)?;
    if csv.len() > MAX_BYTES {
        return Err(ImportError::TooLarge { bytes: csv.len() });
    }
    Ok(())
}

/// The columns of a kind of file, in the order in which they are documented.
#[must_use]
pub const fn columns(kind: ImportKind) -> &'static [&'static str] {
    match kind {
        ImportKind::Contracts => &contracts::COLUMNS,
        ImportKind::Equipment => &equipment::COLUMNS,
        ImportKind::Travel => &travel::COLUMNS,
    }
}

/// Imports a file, and puts it on record when it is written.
///
/// # Errors
/// See [`ImportError`]. Wrong rows are no error: the report lists them, and nothing is written.
pub async fn import_file(
    desk: &Desk,
    actor: &Actor,
    kind: ImportKind,
    file: ImportFile,
    mode: Mode,
) -> Result<ImportReport, ImportError> {
    admit(actor, &file.bytes)?;
    let recording = Recording::New { kind, name: file.name };
    let choices = Choices::default();
    perform(desk, actor, kind, (read_sheet(file.bytes).await?, &choices), mode, Some(recording)).await
}

/// Compares a sheet with the register, and writes it if the mode permits it.
async fn perform(
    desk: &Desk,
    actor: &Actor,
    kind: ImportKind,
    (sheet, choices): (Sheet, &Choices),
    mode: Mode,
    recording: Option<Recording>,
) -> Result<ImportReport, ImportError> {
    let Choices { ends_on, mapping } = choices.clone();
    match kind {
        ImportKind::Contracts => {
            let (now, formats) = (desk.now(), desk.formats());
            let parse = move || {
                let table = table::arranged(sheet, contracts::COLUMNS, &mapping)?;
                Ok(contracts::parse(table, now, formats, ends_on))
            };
            carry_out(desk, actor, aside(parse).await?, mode, recording).await
        }
        ImportKind::Equipment => {
            let (today, formats) = (equipment::today(desk), desk.number_formats());
            let parse = move || {
                let table = table::arranged(sheet, equipment::COLUMNS, &mapping)?;
                Ok(equipment::parse(table, today, &formats))
            };
            carry_out(desk, actor, aside(parse).await?, mode, recording).await
        }
        ImportKind::Travel => {
            let parse = move || Ok(travel::parse(table::arranged(sheet, travel::COLUMNS, &mapping)?));
            carry_out(desk, actor, aside(parse).await?, mode, recording).await
        }
    }
}

/// Does what takes long for a large file on a thread of its own, so that requests go on.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ImportError> + Send + 'static,
) -> Result<T, ImportError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::inconsistent("imports", error))?
}

/// Reads a file.
async fn read_sheet(bytes: Vec<u8>) -> Result<Sheet, ImportError> {
    aside(move || table::sheet(&bytes)).await
}

/// Compares parsed rows with the register, and writes them if the mode permits it.
async fn carry_out<P: Plan>(
    desk: &Desk,
    actor: &Actor,
    plan: P,
    mode: Mode,
    recording: Option<Recording>,
) -> Result<ImportReport, ImportError> {
    if mode == Mode::DryRun {
        let mut reader = desk.store().reader().await?;
        let mut plan = plan;
        plan.survey(&mut reader).await?;
        return Ok(plan.into_report(Outcome::Shown));
    }
    // A request cannot wait until the terms of a hundred thousand rows are written.
    let is_request = matches!(recording, Some(Recording::Staged { .. }));
    let (by, now) = (actor.clone(), desk.now());
    // Compared again in the transaction, because the register may have changed.
    let report = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let mut plan = plan;
                plan.survey(tx.connection()).await?;
                if plan.is_refused(mode) {
                    return Ok(plan.into_report(Outcome::Refused));
                }
                write(tx, &mut plan, (&by, now), recording).await?;
                Ok::<_, ImportError>(plan.into_report(Outcome::Written))
            })
        })
        .await?;
    match report.outcome {
        Outcome::Written if is_request => search::catch_up_register_behind(desk),
        Outcome::Written => {
            // The command line's own: a server beside it hears of no commit, and its indexer sleeps on.
            if let Err(error) = search::catch_up_both(desk).await {
                // The import is committed. The next start of the desk indexes it.
                tracing::error!(%error, "what the register is found by could not be written");
            }
        }
        Outcome::Shown | Outcome::Refused => {}
    }
    Ok(report)
}

/// Writes compared rows with their history and the record of the import.
async fn write<P: Plan>(
    tx: &mut crate::store::Tx,
    plan: &mut P,
    (by, now): (&Actor, Instant),
    recording: Option<Recording>,
) -> Result<(), ImportError> {
    let import = match recording {
        None => None,
        Some(Recording::New { kind, name }) => {
            let report = plan.report();
            let counts = report.counts();
            let entry = NewRecord { kind, name: &name, state: ImportState::Written, counts };
            Some(record::insert(tx, by, now, entry).await?)
        }
        Some(Recording::Staged { id, digest, stamp }) => {
            if record::digest(&stamp, plan.report()) != digest {
                return Err(ImportError::ChangedMeanwhile);
            }
            record::written(tx, id, (by, now), plan.report()).await?;
            Some(id)
        }
    };
    let mut notes = plan.write(tx, import).await?;
    notes.extend(history(plan.kind(), plan.report()));
    record_changes(tx, by, now, import, &notes).await?;
    search::changed(tx).await?;
    Ok(())
}

/// What is written down of the rows of a report. What a row says of its site is written down of the site.
fn history(kind: Option<RegisterKind>, report: &ImportReport) -> Vec<Noted> {
    let Some(kind) = kind else { return Vec::new() };
    let added = report.added.iter().map(|added| (added.row.key.clone(), RegisterChange::Added));
    let added = added.map(|(entity, change)| Noted { kind, entity, change });
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
    let ended = report.ended.iter().map(|ended| {
        let change = RegisterChange::Edited { fields: vec![ended.field.recorded()] };
        Noted { kind, entity: ended.key.clone(), change }
    });
    added.chain(changed).chain(ended).collect()
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
    /// Writes the compared rows, and keeps those that it changes for an undo of the import with this number. Gives what is
    /// to be written down of other entries.
    fn write(
        &mut self,
        tx: &mut crate::store::Tx,
        import: Option<i64>,
    ) -> impl Future<Output = Result<Vec<Noted>, StoreError>> + Send;
    /// The final report.
    fn into_report(self, outcome: Outcome) -> ImportReport;
}

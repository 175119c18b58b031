//! The record of imports: each is written down, and a file from the browser waits there for its confirmation.

use domain::actor::{Action, Actor, Subject, may};
use domain::i18n::Language;
use domain::page::{Page, Paging};
use domain::register::{ImportKind, ImportState};
use domain::time::Instant;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::table::{Mapping, Sheet, sheet, unmatched};
use super::{ImportError, ImportReport, Mode, admit, perform};
use crate::Desk;
use crate::DeskError;
use crate::access::tokens::hex;
use crate::store::{StoreError, Tx, take_numbers};

/// How long a file waits for its confirmation, in seconds.
const WAITS_S: i64 = 24 * 3600;
/// The longest name of a file on record, in characters.
const NAME_CHARS: usize = 120;

/// A file as it was sent.
#[derive(Debug, Clone)]
pub struct ImportFile {
    /// Its name, as its sender calls it.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// An import on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRecord {
    /// Its number.
    pub id: i64,
    /// What the rows are.
    pub kind: ImportKind,
    /// The file's name.
    pub file_name: String,
    /// What became of it.
    pub state: ImportState,
    /// When the file was read; once it is written, when that was.
    pub at: Instant,
    /// The name then of the member of the staff; `None` for the operator.
    pub by: Option<String>,
    /// Rows that were added, changed and left alone.
    pub counts: [i64; 3],
    /// When it was undone, and by whom.
    pub undone: Option<(Instant, Option<String>)>,
}

/// What a file that waits needs next.
#[derive(Debug, Clone)]
pub enum ImportStep {
    /// Columns are to be matched by hand.
    Columns {
        /// The names in the header.
        header: Vec<String>,
        /// The columns that are needed, each with its match so far.
        matches: Vec<(&'static str, Option<String>)>,
    },
    /// This is what it would change; it is confirmed by its digest.
    Preview {
        /// What it would change.
        report: Box<ImportReport>,
        /// A digest of that.
        digest: String,
    },
    /// Nothing: it was written or undone, or the file is no more.
    Nothing,
}

const COLUMNS: &str =
    "id, kind, file_name, state, at_utc_s, by_name, added, changed, unchanged, undone_utc_s, undone_by_name";

fn record(row: &AnyRow) -> Result<ImportRecord, StoreError> {
    let wrong = |what: &str| StoreError::inconsistent("imports", what);
    let (kind, state): (String, String) = (row.try_get(1)?, row.try_get(3)?);
    let undone: Option<i64> = row.try_get(9)?;
    let undone_by: Option<String> = row.try_get(10)?;
    Ok(ImportRecord {
        id: row.try_get(0)?,
        kind: ImportKind::from_code(&kind).ok_or_else(|| wrong(&kind))?,
        file_name: row.try_get(2)?,
        state: ImportState::from_code(&state).ok_or_else(|| wrong(&state))?,
        at: Instant(row.try_get(4)?),
        by: row.try_get(5)?,
        counts: [row.try_get(6)?, row.try_get(7)?, row.try_get(8)?],
        undone: undone.map(|at| (Instant(at), undone_by)),
    })
}

fn author(actor: &Actor) -> (Option<i64>, Option<String>) {
    match actor {
        Actor::Staff(staff) => (Some(staff.id.0), Some(staff.name.clone())),
        _ => (None, None),
    }
}

/// Lets a file wait for its confirmation, and gives its number. Files of others that waited for a day are given up.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::import::{ImportFile, ImportStep, Mode, Outcome, confirm_import, next_step, stage_import};
/// use domain::actor::Actor;
/// use domain::register::ImportKind;
///
/// let csv = "number;organisation;country;plan;valid_from;valid_to\n\
///            CT-2026-0001;Banco Sur;VE;Estándar Venezuela;2026-01-01;2026-12-31\n";
/// let file = ImportFile { name: "contratos.csv".to_owned(), bytes: csv.as_bytes().to_vec() };
/// let id = stage_import(&desk, &Actor::System, ImportKind::Contracts, file).await?;
/// let (_, ImportStep::Preview { digest, .. }) = next_step(&desk, &Actor::System, id).await? else { return Err("no".into()) };
/// let report = confirm_import(&desk, &Actor::System, id, digest, Mode::Apply).await?;
/// assert_eq!((report.outcome, report.added.len()), (Outcome::Written, 1));
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`ImportError`]. A header whose names are not known is no error: they are matched next.
pub async fn stage_import(
    desk: &Desk,
    actor: &Actor,
    kind: ImportKind,
    file: ImportFile,
) -> Result<i64, ImportError> {
    admit(actor, &file.bytes)?;
    if sheet(&file.bytes)?.rows.is_empty() {
        return Err(ImportError::Empty);
    }
    let (now, by) = (desk.now(), actor.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM imports WHERE state = 'shown' AND at_utc_s <= $1")
                    .bind(now.0 - WAITS_S)
                    .execute(tx.connection())
                    .await?;
                let entry = NewRecord { kind, name: &file.name, state: ImportState::Shown, counts: [0; 3] };
                let id = insert(tx, &by, now, entry).await?;
                sqlx::query("UPDATE imports SET content = $2 WHERE id = $1")
                    .bind(id)
                    .bind(file.bytes)
                    .execute(tx.connection())
                    .await?;
                Ok::<_, ImportError>(id)
            })
        })
        .await
}

/// A row of the record.
pub(super) struct NewRecord<'a> {
    pub(super) kind: ImportKind,
    pub(super) name: &'a str,
    pub(super) state: ImportState,
    pub(super) counts: [usize; 3],
}

/// Writes a row of the record. Gives its number.
pub(super) async fn insert(
    tx: &mut Tx,
    by: &Actor,
    now: Instant,
    entry: NewRecord<'_>,
) -> Result<i64, StoreError> {
    let id = take_numbers(tx, "imports", 1).await?;
    let (by_id, by_name) = author(by);
    // The last part of a path, on one line.
    let name = entry.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = domain::text::legible(name).split_whitespace().collect::<Vec<_>>().join(" ");
    let [added, changed, unchanged] = entry.counts.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    sqlx::query(
        "INSERT INTO imports (id, kind, file_name, state, at_utc_s, by_id, by_name, added, changed, unchanged, mapping)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '')",
    )
    .bind(id)
    .bind(entry.kind.code())
    .bind(name.chars().take(NAME_CHARS).collect::<String>())
    .bind(entry.state.code())
    .bind(now.0)
    .bind(by_id)
    .bind(by_name)
    .bind(added)
    .bind(changed)
    .bind(unchanged)
    .execute(tx.connection())
    .await?;
    Ok(id)
}

/// Marks a file that waited as written, in the transaction that writes it.
pub(super) async fn written(
    tx: &mut Tx,
    id: i64,
    now: Instant,
    report: &ImportReport,
) -> Result<(), ImportError> {
    let counts = [report.added.len(), report.changed.len(), report.unchanged];
    let [added, changed, unchanged] = counts.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    let done = sqlx::query(
        "UPDATE imports SET state = 'written', at_utc_s = $2, added = $3, changed = $4, unchanged = $5, content = NULL
         WHERE id = $1 AND state = 'shown'",
    )
    .bind(id)
    .bind(now.0)
    .bind(added)
    .bind(changed)
    .bind(unchanged)
    .execute(tx.connection())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(ImportError::NotFound) }
}

/// A page of the imports on record, the newest first. Pages count from 1; a page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn imports(desk: &Desk, actor: &Actor, page: u32) -> Result<Page<ImportRecord>, DeskError> {
    may(actor, Action::ReadSettings, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let count = sqlx::query("SELECT COUNT(*) FROM imports").fetch_one(&mut *reader).await?;
    let paging = Paging::of(count.try_get(0)?, page);
    let text = format!(
        "SELECT {COLUMNS} FROM imports ORDER BY id DESC LIMIT {} OFFSET {}",
        Paging::ROWS,
        paging.offset()
    );
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(&mut *reader).await?;
    reader.done();
    Ok(Page { rows: rows.iter().map(record).collect::<Result<_, _>>()?, paging })
}

/// An import on record, with its file while that waits.
async fn found(desk: &Desk, id: i64) -> Result<(ImportRecord, Option<Vec<u8>>, Mapping), ImportError> {
    let mut reader = desk.store().reader().await?;
    let text = format!("SELECT {COLUMNS}, content, mapping FROM imports WHERE id = $1");
    let row = sqlx::query(AssertSqlSafe(text)).bind(id).fetch_optional(&mut *reader).await?;
    reader.done();
    let row = row.ok_or(ImportError::NotFound)?;
    let mapping: String = row.try_get(12)?;
    let mapping = if mapping.is_empty() {
        Mapping::default()
    } else {
        serde_json::from_str(&mapping).map_err(|error| StoreError::inconsistent("imports", error))?
    };
    Ok((record(&row)?, row.try_get(11)?, mapping))
}

/// An import on record, and what its file needs next. What it would change is computed anew.
///
/// # Errors
/// See [`ImportError`].
pub async fn next_step(
    desk: &Desk,
    actor: &Actor,
    id: i64,
) -> Result<(ImportRecord, ImportStep), ImportError> {
    may(actor, Action::ReadSettings, Subject::Desk)?;
    let (record, content, mapping) = found(desk, id).await?;
    let Some(content) = content.filter(|_| record.state == ImportState::Shown) else {
        return Ok((record, ImportStep::Nothing));
    };
    let read = sheet(&content)?;
    let columns = super::columns(record.kind);
    if !unmatched(&read, columns, &mapping).is_empty() {
        let matches = columns.iter().map(|column| (*column, matched(&read, column, &mapping))).collect();
        return Ok((record, ImportStep::Columns { header: read.header, matches }));
    }
    let report = perform(desk, actor, record.kind, (read, &mapping), Mode::DryRun, None).await?;
    let digest = digest(&report);
    Ok((record, ImportStep::Preview { report: Box::new(report), digest }))
}

/// The name in the header that a column is matched with: as chosen, by its own name, or by its label on screen.
fn matched(sheet: &Sheet, column: &str, mapping: &Mapping) -> Option<String> {
    if let Some(name) = mapping.get(column) {
        return Some(name.clone());
    }
    let names = Language::ALL.map(|language| {
        let label = domain::i18n::text(language, &format!("register.field.{column}"));
        label.to_lowercase()
    });
    let is_called = |name: &&String| {
        let name = name.to_lowercase();
        name == column || names.contains(&name)
    };
    sheet.header.iter().find(is_called).cloned()
}

/// Matches the columns of a file that waits by hand. Columns that are not named keep their own names.
///
/// # Errors
/// [`ImportError::NotFound`] for a file that does not wait. See [`ImportError`].
pub async fn match_columns(desk: &Desk, actor: &Actor, id: i64, mapping: Mapping) -> Result<(), ImportError> {
    may(actor, Action::Import, Subject::Desk)?;
    let text = serde_json::to_string(&mapping).map_err(|error| StoreError::inconsistent("imports", error))?;
    let done = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let done = sqlx::query("UPDATE imports SET mapping = $2 WHERE id = $1 AND state = 'shown'")
                    .bind(id)
                    .bind(text)
                    .execute(tx.connection())
                    .await?;
                Ok::<_, StoreError>(done.rows_affected())
            })
        })
        .await?;
    if done == 1 { Ok(()) } else { Err(ImportError::NotFound) }
}

/// Writes a file that waited, if it would change exactly what its preview with this digest said.
///
/// # Errors
/// [`ImportError::ChangedMeanwhile`] when it would change something else by now. [`ImportError::NotFound`] for a file that
/// does not wait. See [`ImportError`].
pub async fn confirm_import(
    desk: &Desk,
    actor: &Actor,
    id: i64,
    digest: String,
    mode: Mode,
) -> Result<ImportReport, ImportError> {
    may(actor, Action::Import, Subject::Desk)?;
    let (record, content, mapping) = found(desk, id).await?;
    let content = content.filter(|_| record.state == ImportState::Shown).ok_or(ImportError::NotFound)?;
    let file = (sheet(&content)?, &mapping);
    perform(desk, actor, record.kind, file, mode, Some(Recording::Staged { id, digest })).await
}

/// How an import that is written gets onto the record.
#[derive(Debug, Clone)]
pub(super) enum Recording {
    /// A new row of the record.
    New {
        /// What the rows are.
        kind: ImportKind,
        /// The file's name.
        name: String,
    },
    /// The file waited, and is confirmed by the digest of its preview.
    Staged {
        /// Its number.
        id: i64,
        /// The digest.
        digest: String,
    },
}

/// A digest of what an import would change. It tells one preview from another.
pub(super) fn digest(report: &ImportReport) -> String {
    let ImportReport { added, changed, unchanged, created, doubtful, bad, .. } = report;
    hex(&Sha256::digest(format!("{:?}", (added, changed, unchanged, created, doubtful, bad))))
}

/// The wrong rows of a file that waits, as CSV: line, column and reason, then the row as it was read.
///
/// # Errors
/// See [`ImportError`].
pub async fn bad_rows(
    desk: &Desk,
    actor: &Actor,
    id: i64,
    language: Language,
) -> Result<String, ImportError> {
    may(actor, Action::ReadSettings, Subject::Desk)?;
    let (record, content, mapping) = found(desk, id).await?;
    let content = content.ok_or(ImportError::NotFound)?;
    let read = sheet(&content)?;
    let rows = read.clone();
    let report = perform(desk, actor, record.kind, (read, &mapping), Mode::DryRun, None).await?;
    // A row may be wider or narrower than the header.
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let wrong = |error: csv::Error| StoreError::inconsistent("imports", error);
    let heads = ["import.page.line", "import.page.column", "import.page.reason"];
    let heads = heads.map(|key| domain::i18n::text(language, key).into_owned());
    writer.write_record(heads.iter().chain(&rows.header)).map_err(wrong)?;
    for bad in &report.bad {
        let cells = rows.rows.iter().find(|row| row.line == bad.line).map(|row| row.cells.as_slice());
        let told =
            [bad.line.to_string(), bad.column.unwrap_or_default().to_owned(), bad.problem.message(language)];
        writer.write_record(told.iter().chain(cells.unwrap_or_default())).map_err(wrong)?;
    }
    let bytes = writer.into_inner().map_err(|error| StoreError::inconsistent("imports", error))?;
    // With a byte-order mark, spreadsheets read it as UTF-8.
    Ok(format!("\u{feff}{}", String::from_utf8_lossy(&bytes)))
}

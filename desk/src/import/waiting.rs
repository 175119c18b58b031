//! Files from the browser that wait for their confirmation, a day at most.

use chrono::NaiveDate;
use domain::actor::{Action, Actor, Subject, may};
use domain::i18n::Language;
use domain::register::{ImportKind, ImportState};
use domain::time::Instant;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Row};

use super::record::{COLUMNS, ImportFile, ImportRecord, NewRecord, Recording, digest, insert, record};
use super::table::{Choices, Mapping, Sheet, mismatched, unmatched};
use super::{BadRow, ImportError, ImportReport, MatchProblem, Mode, admit, aside, perform, read_sheet};
use crate::Desk;
use crate::access::tokens::hex;
use crate::reports::text_cell;
use crate::store::{StoreError, Tx};

/// How long a file waits for its confirmation, in seconds.
pub(crate) const WAITS_S: i64 = 24 * 3600;

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

/// Lets a file wait for its confirmation, for a day at most, and gives its number.
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
    // Read once more when it is compared: what is kept is the file as it was sent.
    if read_sheet(file.bytes.clone()).await?.rows.is_empty() {
        return Err(ImportError::Empty);
    }
    let (now, by) = (desk.now(), actor.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                drop_old(tx, now).await?;
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

/// Removes the files that waited for a day.
async fn drop_old(tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM imports WHERE state = 'shown' AND at_utc_s <= $1")
        .bind(now.0 - WAITS_S)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Gives up a file that waits. One that is gone already is given up.
///
/// # Errors
/// See [`ImportError`].
pub async fn give_up_import(desk: &Desk, actor: &Actor, id: i64) -> Result<(), ImportError> {
    may(actor, Action::Import, Subject::Desk)?;
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM imports WHERE id = $1 AND state = 'shown'")
                    .bind(id)
                    .execute(tx.connection())
                    .await?;
                Ok::<_, ImportError>(())
            })
        })
        .await
}

/// A file that waits.
struct Waiting {
    content: Vec<u8>,
    choices: Choices,
    /// A digest of both: another choice is another import.
    stamp: String,
}

/// An import on record, with its file while that waits.
async fn found(desk: &Desk, id: i64) -> Result<(ImportRecord, Option<Waiting>), ImportError> {
    let mut reader = desk.store().reader().await?;
    let text = format!("SELECT {COLUMNS}, content, mapping FROM imports WHERE id = $1");
    let row = sqlx::query(AssertSqlSafe(text)).bind(id).fetch_optional(&mut *reader).await?;
    reader.done();
    let row = row.ok_or(ImportError::NotFound)?;
    let record = record(&row)?;
    let content: Option<Vec<u8>> = row.try_get(11)?;
    let does_wait = record.state == ImportState::Shown && record.at.0 > desk.now().0 - WAITS_S;
    let Some(content) = content.filter(|_| does_wait) else { return Ok((record, None)) };
    let text: String = row.try_get(12)?;
    let choices = if text.is_empty() {
        Choices::default()
    } else {
        serde_json::from_str(&text).map_err(|error| StoreError::inconsistent("imports", error))?
    };
    let (content, stamp) = aside(move || {
        let stamp = hex(&Sha256::new().chain_update(&content).chain_update(text).finalize());
        Ok((content, stamp))
    })
    .await?;
    Ok((record, Some(Waiting { content, choices, stamp })))
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
    let (record, waiting) = found(desk, id).await?;
    let Some(Waiting { content, choices, stamp }) = waiting else {
        return Ok((record, ImportStep::Nothing));
    };
    let read = read_sheet(content).await?;
    if !unmatched(&read, super::columns(record.kind), &choices.mapping).is_empty() {
        let step = columns_step(&record, read, &choices.mapping);
        return Ok((record, step));
    }
    let report = perform(desk, actor, record.kind, (read, &choices), Mode::DryRun, None).await?;
    let (report, digest) = aside(move || {
        let digest = digest(&stamp, &report);
        Ok((report, digest))
    })
    .await?;
    Ok((record, ImportStep::Preview { report: Box::new(report), digest }))
}

/// An import on record, and how the columns of its file are matched, also when all of them are.
///
/// # Errors
/// See [`ImportError`].
pub async fn matched_columns(
    desk: &Desk,
    actor: &Actor,
    id: i64,
) -> Result<(ImportRecord, ImportStep), ImportError> {
    may(actor, Action::ReadSettings, Subject::Desk)?;
    let (record, waiting) = found(desk, id).await?;
    let Some(Waiting { content, choices, .. }) = waiting else { return Ok((record, ImportStep::Nothing)) };
    let step = columns_step(&record, read_sheet(content).await?, &choices.mapping);
    Ok((record, step))
}

fn columns_step(record: &ImportRecord, read: Sheet, mapping: &Mapping) -> ImportStep {
    let columns = super::columns(record.kind);
    let matches = columns.iter().map(|column| (*column, matched(&read, column, mapping))).collect();
    ImportStep::Columns { header: read.header, matches }
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
/// [`ImportError::Unmatched`] names the columns that are not matched, or not with one name each.
/// [`ImportError::NotFound`] for a file that does not wait. See [`ImportError`].
pub async fn match_columns(
    desk: &Desk,
    actor: &Actor,
    id: i64,
    mut mapping: Mapping,
) -> Result<(), ImportError> {
    may(actor, Action::Import, Subject::Desk)?;
    let (record, waiting) = found(desk, id).await?;
    let Waiting { content, choices, .. } = waiting.ok_or(ImportError::NotFound)?;
    let header = read_sheet(content).await?.header;
    let columns = super::columns(record.kind);
    mapping.retain(|column, _| columns.contains(&column.as_str()));
    let problems: Vec<(&'static str, MatchProblem)> = mismatched(&header, columns, &mapping);
    if !problems.is_empty() {
        return Err(ImportError::Unmatched(problems));
    }
    choose(desk, id, &Choices { mapping, ..choices }).await
}

/// Lets contracts that a waiting file lacks end on a day, or stay. Those that have not begun by then, and those that end
/// before, stay in any case. The preview shows it, and the confirmation writes it.
///
/// # Errors
/// [`ImportError::NotFound`] for a file that does not wait, or has no contracts. See [`ImportError`].
pub async fn end_missing(
    desk: &Desk,
    actor: &Actor,
    id: i64,
    ends_on: Option<NaiveDate>,
) -> Result<(), ImportError> {
    may(actor, Action::Import, Subject::Desk)?;
    let (record, waiting) = found(desk, id).await?;
    let waiting = waiting.filter(|_| record.kind == ImportKind::Contracts);
    let Waiting { choices, .. } = waiting.ok_or(ImportError::NotFound)?;
    choose(desk, id, &Choices { ends_on, ..choices }).await
}

/// Keeps what was chosen for a file, while it waits.
async fn choose(desk: &Desk, id: i64, choices: &Choices) -> Result<(), ImportError> {
    let text = serde_json::to_string(choices).map_err(|error| StoreError::inconsistent("imports", error))?;
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
    let (record, waiting) = found(desk, id).await?;
    let Waiting { content, choices, stamp } = waiting.ok_or(ImportError::NotFound)?;
    let file = (read_sheet(content).await?, &choices);
    perform(desk, actor, record.kind, file, mode, Some(Recording::Staged { id, digest, stamp })).await
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
    let (record, waiting) = found(desk, id).await?;
    let Waiting { content, choices, .. } = waiting.ok_or(ImportError::NotFound)?;
    let read = read_sheet(content).await?;
    let rows = read.clone();
    let report = perform(desk, actor, record.kind, (read, &choices), Mode::DryRun, None).await?;
    aside(move || written_down(&rows, &report.bad, language)).await
}

/// Wrong rows as CSV. No cell of the file is a formula in a spreadsheet.
fn written_down(read: &Sheet, bad: &[BadRow], language: Language) -> Result<String, ImportError> {
    // A row may be wider or narrower than the header.
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let wrong = |error: csv::Error| StoreError::inconsistent("imports", error);
    let heads = ["import.page.line", "import.page.column", "import.page.reason"];
    let heads = heads.map(|key| domain::i18n::text(language, key).into_owned());
    let header = read.header.iter().map(|cell| text_cell(cell));
    writer.write_record(heads.into_iter().chain(header)).map_err(wrong)?;
    for bad in bad {
        // Rows are in the order of their lines.
        let place = read.rows.binary_search_by_key(&bad.line, |row| row.line).ok();
        let cells = place.and_then(|place| read.rows.get(place)).map(|row| row.cells.as_slice());
        let cells = cells.unwrap_or_default().iter().map(|cell| text_cell(cell));
        let told = [bad.column.unwrap_or_default(), &bad.problem.message(language)].map(text_cell);
        let told = [bad.line.to_string()].into_iter().chain(told);
        writer.write_record(told.chain(cells)).map_err(wrong)?;
    }
    let bytes = writer.into_inner().map_err(|error| StoreError::inconsistent("imports", error))?;
    // With a byte-order mark, spreadsheets read it as UTF-8.
    Ok(format!("\u{feff}{}", String::from_utf8_lossy(&bytes)))
}

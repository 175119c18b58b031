//! The record of imports: each that is written is written down.

use domain::actor::{Action, Actor, Subject, may};
use domain::page::{Page, Paging};
use domain::register::{ImportKind, ImportState};
use domain::time::Instant;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::waiting::WAITS_S;
use super::{ImportError, ImportReport};
use crate::Desk;
use crate::DeskError;
use crate::access::tokens::hex;
use crate::store::{StoreError, Tx, take_numbers};

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
    /// The name then of the member of the staff who sent it, and once it is written who confirmed it; `None` for the
    /// operator.
    pub by: Option<String>,
    /// Rows that were added, changed and left alone.
    pub counts: [i64; 3],
    /// When it was undone, and by whom.
    pub undone: Option<(Instant, Option<String>)>,
}

pub(super) const COLUMNS: &str =
    "id, kind, file_name, state, at_utc_s, by_name, added, changed, unchanged, undone_utc_s, undone_by_name";

/// An import of a row with [`COLUMNS`].
pub(super) fn record(row: &AnyRow) -> Result<ImportRecord, StoreError> {
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

/// Marks a file that waited as written by the one who confirmed it, in the transaction that writes it.
pub(super) async fn written(
    tx: &mut Tx,
    id: i64,
    (by, now): (&Actor, Instant),
    report: &ImportReport,
) -> Result<(), ImportError> {
    let (by_id, by_name) = author(by);
    let [added, changed, unchanged] = report.counts().map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    let done = sqlx::query(
        "UPDATE imports SET state = 'written', at_utc_s = $2, added = $3, changed = $4, unchanged = $5, content = NULL,
                by_id = $6, by_name = $7
         WHERE id = $1 AND state = 'shown' AND at_utc_s > $8",
    )
    .bind(id)
    .bind(now.0)
    .bind(added)
    .bind(changed)
    .bind(unchanged)
    .bind(by_id)
    .bind(by_name)
    .bind(now.0 - WAITS_S)
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
        /// A digest of the file and of the match of its columns.
        stamp: String,
    },
}

/// A digest of what an import would change, and of the file and match that it comes from. It tells one preview from
/// another.
pub(super) fn digest(stamp: &str, report: &ImportReport) -> String {
    let ImportReport { added, changed, unchanged, created, ended, doubtful, bad, .. } = report;
    hex(&Sha256::digest(format!("{:?}", (stamp, added, changed, unchanged, created, ended, doubtful, bad))))
}

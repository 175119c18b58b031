//! Restoring: an empty database is filled in one transaction, and committed once everything agrees.

use std::io::BufRead;

use domain::time::Instant;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::format::{Cell, Header, Next, Reader};
use super::write::each_row;
use super::{BackupError, LEFT_OUT, TableTally, Tally};
use crate::contracts::service_hours::ServiceHoursCache;
use crate::lab::integrity_check::{SchedulerState, check_on};
use crate::store::{EmptyDatabase, Filling, Statement, TableShape, newest_schema, portions, tuples};

/// Rows that wait for one trip to the database, at most; and about how many bytes they have together.
const ROWS: usize = 32;
const BYTES: usize = 1024 * 1024;

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The first line of the file.
    pub header: Header,
    /// Every table, as it was read and written.
    pub tables: Vec<TableTally>,
    /// How far the integrity check came.
    pub checked: Checked,
}

/// How far the integrity check came before the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// Every history, row, mail and file agrees with the others.
    Whole {
        /// Cases that were looked at.
        cases: u64,
    },
    /// The backup is of an older version. Its rows are those that were written; what the newer version adds to them is written
    /// by `vigia migrate`, and checked afterwards.
    Older,
}

/// Reads a backup to its end and holds it against its own digests; writes nothing.
///
/// # Errors
/// When the file is no backup, or is not what was written.
pub fn verify(from: impl BufRead) -> Result<(Header, Vec<TableTally>), BackupError> {
    let (mut reader, header) = Reader::begin(from)?;
    let mut tables = Vec::new();
    while let Some(shape) = reader.table()? {
        let mut tally = Tally::default();
        while let Next::Row(_) = reader.next(&shape.columns, &mut tally)? {}
        tables.push(TableTally { table: shape.name, tally });
    }
    Ok((header, tables))
}

/// Fills the empty database at `address` from a backup. All of it is durable when this returns `Ok`; the database is as empty
/// as before otherwise, and when the process ends meanwhile.
///
/// # Errors
/// When the database is not empty, the file is no backup, of a newer version or damaged, or the integrity check finds anything.
pub async fn restore(address: &str, now: Instant, from: impl BufRead) -> Result<Restored, BackupError> {
    let (reader, header) = Reader::begin(from)?;
    if header.schema > newest_schema() {
        return Err(BackupError::Newer { program: header.program });
    }
    let mut database = EmptyDatabase::connect(address).await?;
    let mut filling = database.begin().await?;
    let tables = fill(&mut filling, reader, &header).await?;
    let checked = if header.schema < newest_schema() {
        filling.migrate(newest_schema()).await?;
        Checked::Older
    } else {
        let report =
            check_on(filling.connection(), &ServiceHoursCache::default(), now, SchedulerState::Unknown)
                .await?;
        if let Some(first) = report.inconsistencies.first() {
            let count = report.inconsistencies.len();
            return Err(BackupError::Inconsistent { count, first: first.to_string() });
        }
        Checked::Whole { cases: report.cases }
    };
    filling.commit().await?;
    database.close().await?;
    Ok(Restored { header, tables, checked })
}

/// Makes the tables of the file's schema, fills them, and reads back what they hold.
async fn fill(
    filling: &mut Filling<'_>,
    mut reader: Reader<impl BufRead>,
    header: &Header,
) -> Result<Vec<TableTally>, BackupError> {
    filling.migrate(header.schema).await?;
    let known = filling.cleared_tables().await?;
    let (left_out, mut waited_for): (Vec<&TableShape>, Vec<_>) =
        known.iter().partition(|shape| LEFT_OUT.contains(&shape.name.as_str()));
    let mut written = Vec::new();
    while let Some(shape) = reader.table()? {
        // Earlier versions wrote some of these.
        if left_out.iter().any(|known| same_columns(known, &shape)) {
            pass_over(&mut reader, &shape)?;
            continue;
        }
        let place = waited_for.iter().position(|known| same_columns(known, &shape));
        let Some(place) = place else { return Err(BackupError::Tables { table: shape.name }) };
        waited_for.remove(place);
        let tally = fill_table(filling.connection(), &mut reader, &shape).await?;
        written.push((shape, tally));
    }
    if let Some(missing) = waited_for.first() {
        return Err(BackupError::Tables { table: missing.name.clone() });
    }
    for (shape, tally) in &written {
        if each_row(filling.connection(), shape, |_| Ok(())).await? != *tally {
            return Err(BackupError::Differs { table: shape.name.clone() });
        }
    }
    Ok(written.into_iter().map(|(shape, tally)| TableTally { table: shape.name, tally }).collect())
}

/// Whether two shapes name the same table with the same columns, in whatever order. What follows names only what is known.
fn same_columns(known: &TableShape, read: &TableShape) -> bool {
    let sorted = |shape: &TableShape| {
        let mut columns = shape.columns.clone();
        columns.sort_by(|(one, _), (other, _)| one.cmp(other));
        columns
    };
    known.name == read.name && sorted(known) == sorted(read)
}

/// Reads a table to its end, and keeps nothing of it.
fn pass_over(reader: &mut Reader<impl BufRead>, shape: &TableShape) -> Result<(), BackupError> {
    let mut tally = Tally::default();
    while let Next::Row(_) = reader.next(&shape.columns, &mut tally)? {}
    Ok(())
}

async fn fill_table(
    connection: &mut AnyConnection,
    reader: &mut Reader<impl BufRead>,
    shape: &TableShape,
) -> Result<Tally, BackupError> {
    let mut tally = Tally::default();
    let mut waiting: Vec<Vec<Cell>> = Vec::new();
    let mut bytes = 0;
    loop {
        match reader.next(&shape.columns, &mut tally)? {
            Next::Row(cells) => {
                bytes += cells.iter().map(Cell::size).sum::<usize>();
                waiting.push(cells);
            }
            Next::End(tally) => {
                insert(connection, shape, &waiting).await?;
                return Ok(tally);
            }
        }
        if waiting.len() == ROWS || bytes > BYTES {
            insert(connection, shape, &waiting).await?;
            waiting.clear();
            bytes = 0;
        }
    }
}

async fn insert(
    connection: &mut AnyConnection,
    shape: &TableShape,
    rows: &[Vec<Cell>],
) -> Result<(), BackupError> {
    let columns: Vec<&str> = shape.columns.iter().map(|(name, _)| name.as_str()).collect();
    let head = format!("INSERT INTO {} ({})", shape.name, columns.join(", "));
    for some in portions(rows) {
        let text = format!("{head} VALUES {}", tuples(0, columns.len(), some.len()));
        let statement = some.iter().flatten().fold(sqlx::query(AssertSqlSafe(text)), bind);
        statement.execute(&mut *connection).await?;
    }
    Ok(())
}

fn bind(statement: Statement, cell: &Cell) -> Statement {
    match cell.clone() {
        Cell::Text(text) => statement.bind(text),
        Cell::Integer(number) => statement.bind(number),
        Cell::Bytes(bytes) => statement.bind(bytes),
    }
}

//! Writing: one moment of a database, table by table.

use std::io::Write;

use domain::time::Instant;
use futures::TryStreamExt;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::format::{Header, Lines, line};
use super::{BackupError, LEFT_OUT, TableTally, Tally};
use crate::store::{Snapshot, TableShape};

/// Writes the desk at `address` to `out`, as it is at this moment; others go on writing to it. Memory holds a row at a time.
///
/// # Errors
/// When the database cannot be read or the file cannot be written: what stands there has no end then.
pub async fn write(address: &str, now: Instant, out: impl Write) -> Result<Vec<TableTally>, BackupError> {
    let mut snapshot = Snapshot::begin(address).await?;
    let mut lines = Lines::begin(out, &Header::new(snapshot.schema(), now.0))?;
    let mut written = Vec::new();
    for shape in snapshot.tables().await? {
        if LEFT_OUT.contains(&shape.name.as_str()) {
            continue;
        }
        lines.table(&shape)?;
        let tally = each_row(snapshot.connection(), &shape, |line| lines.row(line)).await?;
        lines.table_end(&tally)?;
        written.push(TableTally { table: shape.name, tally });
    }
    lines.end()?;
    snapshot.end().await?;
    Ok(written)
}

/// Calls `each` with every row of a table as its line, and counts them.
pub(super) async fn each_row(
    connection: &mut AnyConnection,
    shape: &TableShape,
    mut each: impl FnMut(&[u8]) -> Result<(), BackupError>,
) -> Result<Tally, BackupError> {
    let columns: Vec<&str> = shape.columns.iter().map(|(name, _)| name.as_str()).collect();
    let text = format!("SELECT {} FROM {}", columns.join(", "), shape.name);
    let mut rows = sqlx::query(AssertSqlSafe(text)).fetch(connection);
    let mut tally = Tally::default();
    while let Some(row) = rows.try_next().await? {
        let line = line(&row, &shape.columns)?;
        tally.add(&line);
        each(&line)?;
    }
    Ok(tally)
}

//! The file: lines of JSON in UTF-8, so that a backup can be read by any tool, long after this program.
//!
//! Nothing of it is read before it is written: it goes through a pipe. The last line holds the digest of all lines before
//! it. The last line of each table holds the count and the digest of its rows.

use std::io::{BufRead, Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{BackupError, Tally};
use crate::access::tokens::hex;
use crate::store::{ColumnKind, TableShape};

/// The version of the file's form. A change of tables is none.
const FORMAT: u32 = 1;
/// The longest line that is read, in bytes: well above a row with the largest file of a visit.
const LONGEST: u64 = 256 * 1024 * 1024;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the file's form.
    pub vigia_backup: u32,
    /// The last step of the schema that the database had.
    pub schema: i64,
    /// Version of the program that wrote it.
    pub program: String,
    /// When it was begun, in UTC seconds.
    pub written_utc_s: i64,
}

impl Header {
    /// The header of a file that this program writes.
    pub(super) fn new(schema: i64, written_utc_s: i64) -> Self {
        Self { vigia_backup: FORMAT, schema, program: env!("CARGO_PKG_VERSION").to_owned(), written_utc_s }
    }
}

/// The first line of a table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableHead {
    table: String,
    columns: Vec<(String, ColumnKind)>,
}

/// The last line of a table.
#[derive(Serialize)]
struct TableEnd {
    rows: u64,
    digest: String,
}

/// The last line.
#[derive(Serialize)]
struct End {
    tables: u64,
    sha256: String,
}

fn json(value: &impl Serialize) -> Vec<u8> {
    // Texts and numbers of our own structs: nothing in them can be refused.
    serde_json::to_vec(value).unwrap_or_default()
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Text(Option<String>),
    Integer(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

impl Cell {
    fn of(row: &AnyRow, place: usize, kind: ColumnKind) -> Result<Self, sqlx::Error> {
        Ok(match kind {
            ColumnKind::Text => Self::Text(row.try_get(place)?),
            ColumnKind::Integer => Self::Integer(row.try_get(place)?),
            ColumnKind::Bytes => Self::Bytes(row.try_get(place)?),
        })
    }

    fn parse(value: serde_json::Value, kind: ColumnKind) -> Option<Self> {
        use serde_json::Value;
        Some(match (kind, value) {
            (ColumnKind::Text, Value::Null) => Self::Text(None),
            (ColumnKind::Integer, Value::Null) => Self::Integer(None),
            (ColumnKind::Bytes, Value::Null) => Self::Bytes(None),
            (ColumnKind::Text, Value::String(text)) => Self::Text(Some(text)),
            (ColumnKind::Integer, Value::Number(number)) => Self::Integer(Some(number.as_i64()?)),
            (ColumnKind::Bytes, Value::String(text)) => Self::Bytes(Some(STANDARD.decode(text).ok()?)),
            _ => return None,
        })
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.as_ref().map_or(0, String::len),
            Self::Integer(_) => size_of::<i64>(),
            Self::Bytes(bytes) => bytes.as_ref().map_or(0, Vec::len),
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Integer(number) => number.serialize(serializer),
            Self::Bytes(bytes) => bytes.as_ref().map(|bytes| STANDARD.encode(bytes)).serialize(serializer),
        }
    }
}

/// A row of the database as its line, without the line's end.
pub(super) fn line(row: &AnyRow, columns: &[(String, ColumnKind)]) -> Result<Vec<u8>, sqlx::Error> {
    let cells = columns.iter().enumerate().map(|(place, (_, kind))| Cell::of(row, place, *kind));
    Ok(json(&cells.collect::<Result<Vec<_>, _>>()?))
}

/// Writes lines, and the digest of them.
pub(super) struct Lines<W> {
    out: W,
    digest: Sha256,
    tables: u64,
}

impl<W: Write> Lines<W> {
    /// Begins a file.
    pub(super) fn begin(out: W, header: &Header) -> Result<Self, BackupError> {
        let mut lines = Self { out, digest: Sha256::new(), tables: 0 };
        lines.put(&json(header))?;
        Ok(lines)
    }

    pub(super) fn table(&mut self, shape: &TableShape) -> Result<(), BackupError> {
        self.tables += 1;
        self.put(&json(&TableHead { table: shape.name.clone(), columns: shape.columns.clone() }))
    }

    pub(super) fn row(&mut self, line: &[u8]) -> Result<(), BackupError> {
        self.put(line)
    }

    pub(super) fn table_end(&mut self, tally: &Tally) -> Result<(), BackupError> {
        self.put(&json(&TableEnd { rows: tally.rows, digest: tally.digest() }))
    }

    /// Ends the file.
    pub(super) fn end(mut self) -> Result<(), BackupError> {
        let end = End { tables: self.tables, sha256: hex(&self.digest.clone().finalize()) };
        self.put(&json(&end))?;
        self.out.flush().map_err(BackupError::output)
    }

    fn put(&mut self, line: &[u8]) -> Result<(), BackupError> {
        for part in [line, b"\n"] {
            self.digest.update(part);
            self.out.write_all(part).map_err(BackupError::output)?;
        }
        Ok(())
    }
}

/// Reads a file line by line, and holds each line that follows from others against them.
pub(super) struct Reader<R> {
    from: R,
    digest: Sha256,
    /// Number of the last line that was read.
    line: u64,
    tables: u64,
    buffer: Vec<u8>,
}

/// What comes next within a table.
pub(super) enum Next {
    /// A row of it.
    Row(Vec<Cell>),
    /// Its end: what was read of it.
    End(Tally),
}

impl<R: BufRead> Reader<R> {
    /// Reads the first line.
    pub(super) fn begin(from: R) -> Result<(Self, Header), BackupError> {
        let mut reader = Self { from, digest: Sha256::new(), line: 0, tables: 0, buffer: Vec::new() };
        reader.read().map_err(|error| match error {
            BackupError::Damaged { .. } | BackupError::Incomplete { .. } => BackupError::NotABackup,
            error => error,
        })?;
        // A later form may have another header: its first two values stay.
        let value: serde_json::Value =
            serde_json::from_slice(&reader.buffer).map_err(|_| BackupError::NotABackup)?;
        let format = value.get("vigia_backup").and_then(serde_json::Value::as_u64);
        let program = value.get("program").and_then(serde_json::Value::as_str).unwrap_or_default();
        match format {
            None => return Err(BackupError::NotABackup),
            Some(format) if format > u64::from(FORMAT) => {
                return Err(BackupError::Newer { program: program.to_owned() });
            }
            Some(_) => {}
        }
        let header: Header = serde_json::from_value(value).map_err(|_| reader.damaged())?;
        Ok((reader, header))
    }

    /// The next table; `None` after the file's end, which was right.
    pub(super) fn table(&mut self) -> Result<Option<TableShape>, BackupError> {
        let before = self.digest.clone();
        self.read()?;
        if let Ok(TableHead { table, columns }) = serde_json::from_slice(&self.buffer) {
            self.tables += 1;
            return Ok(Some(TableShape { name: table, columns }));
        }
        let end = End { tables: self.tables, sha256: hex(&before.finalize()) };
        if self.buffer != json(&end) {
            return Err(self.damaged());
        }
        let mut rest = [0; 1];
        match self.from.read(&mut rest).map_err(BackupError::input)? {
            0 => Ok(None),
            _ => Err(BackupError::Damaged { line: self.line + 1 }),
        }
    }

    /// What comes next within a table; `tally` is what was read of it so far.
    pub(super) fn next(
        &mut self,
        columns: &[(String, ColumnKind)],
        tally: &mut Tally,
    ) -> Result<Next, BackupError> {
        self.read()?;
        if self.buffer.first() != Some(&b'[') {
            let end = TableEnd { rows: tally.rows, digest: tally.digest() };
            return if self.buffer == json(&end) { Ok(Next::End(*tally)) } else { Err(self.damaged()) };
        }
        tally.add(&self.buffer);
        let values: Vec<serde_json::Value> =
            serde_json::from_slice(&self.buffer).map_err(|_| self.damaged())?;
        if values.len() != columns.len() {
            return Err(self.damaged());
        }
        let cells = values.into_iter().zip(columns).map(|(value, (_, kind))| Cell::parse(value, *kind));
        cells.collect::<Option<_>>().map(Next::Row).ok_or_else(|| self.damaged())
    }

    /// That the line read last is not what was written.
    pub(super) const fn damaged(&self) -> BackupError {
        BackupError::Damaged { line: self.line }
    }

    /// Reads a line without its end.
    fn read(&mut self) -> Result<(), BackupError> {
        self.buffer.clear();
        self.line += 1;
        let read = (&mut self.from).take(LONGEST).read_until(b'\n', &mut self.buffer);
        read.map_err(BackupError::input)?;
        self.digest.update(&self.buffer);
        match self.buffer.pop() {
            Some(b'\n') => Ok(()),
            Some(_) if self.buffer.len() as u64 + 1 == LONGEST => Err(self.damaged()),
            Some(_) | None => Err(BackupError::Incomplete { line: self.line }),
        }
    }
}

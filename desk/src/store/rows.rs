//! Many rows in few statements: each statement costs a trip to the database, whatever it holds.

use std::fmt::Write;

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

use super::{EndsTx, StoreError, Tx};

/// Rows in one statement at most: with the columns of our widest table well below what SQLite and PostgreSQL bind.
const ROWS: usize = 32;

/// A statement that values are bound to.
pub(crate) type Statement = Query<'static, Any, AnyArguments>;

/// Runs `INSERT INTO … (…)`, given as `head`, for all `rows`; `bind` binds the values of one row, `columns` of them.
pub(crate) async fn insert_all<R>(
    connection: &mut AnyConnection,
    head: &'static str,
    columns: usize,
    rows: &[R],
    bind: impl Fn(Statement, &R) -> Statement,
) -> Result<(), StoreError> {
    upsert_all(connection, head, columns, "", rows, bind).await
}

/// Runs `INSERT INTO … (…) VALUES … ON CONFLICT …`, given as `head` and `tail`, for all `rows`. No two rows may have the
/// same key: PostgreSQL refuses to change a row twice in one statement.
pub(crate) async fn upsert_all<R>(
    connection: &mut AnyConnection,
    head: &'static str,
    columns: usize,
    tail: &'static str,
    rows: &[R],
    bind: impl Fn(Statement, &R) -> Statement,
) -> Result<(), StoreError> {
    for some in portions(rows) {
        let text = format!("{head} VALUES {} {tail}", tuples(0, columns, some.len()));
        let statement = some.iter().fold(sqlx::query(AssertSqlSafe(text)), &bind);
        statement.execute(&mut *connection).await?;
    }
    Ok(())
}

/// A table that rows are written into: `INSERT INTO … (…)`, how many columns that names, and what stands behind the values.
pub(crate) struct Table {
    pub(crate) head: &'static str,
    pub(crate) columns: usize,
    pub(crate) tail: &'static str,
}

/// A statement that goes to the database together with others.
pub(crate) trait Part: Sync {
    /// How many values are bound to it.
    fn places(&self) -> usize;
    /// Its text, with places numbered on from `before`.
    fn text(&self, before: usize) -> String;
    /// Binds its values.
    fn bind(&self, statement: Statement) -> Statement;
}

/// Rows for a table; `bind` binds the values of one.
pub(crate) struct Rows<'a, R, B> {
    pub(crate) table: &'static Table,
    pub(crate) all: &'a [R],
    pub(crate) bind: B,
}

impl<R: Sync, B: Fn(Statement, &R) -> Statement + Sync> Part for Rows<'_, R, B> {
    fn places(&self) -> usize {
        self.table.columns * self.all.len()
    }

    fn text(&self, before: usize) -> String {
        let Table { head, columns, tail } = self.table;
        format!("{head} VALUES {} {tail}", tuples(before, *columns, self.all.len()))
    }

    fn bind(&self, statement: Statement) -> Statement {
        self.all.iter().fold(statement, &self.bind)
    }
}

/// Runs all parts that have rows in one trip, and tells those who follow that there is something to read once it is
/// committed. No part may rest on what another writes.
pub(crate) async fn write_and_announce(
    tx: &mut Tx,
    parts: &[&dyn Part],
    then: EndsTx,
) -> Result<(), StoreError> {
    let mut before = 0;
    let mut texts = Vec::with_capacity(parts.len() + 1);
    for part in parts.iter().filter(|part| part.places() > 0) {
        texts.push(part.text(before));
        before += part.places();
    }
    tx.tell(texts, |statement| parts.iter().fold(statement, |statement, part| part.bind(statement)), then)
        .await
}

/// Cuts rows into portions of a [`fitting`] size.
pub(crate) fn portions<R>(rows: &[R]) -> impl Iterator<Item = &[R]> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let (portion, rest) = left.split_at(fitting(left.len()));
        left = rest;
        (!portion.is_empty()).then_some(portion)
    })
}

/// As many of `waiting` rows as go in one statement: nearly all of them, in so few different sizes (1 to 8, 10, 12, 14, 16,
/// 20, 24, 28 and 32) that the statement of each stays prepared.
pub(crate) fn fitting(waiting: usize) -> usize {
    let size = waiting.min(ROWS);
    // Of three binary digits, whatever follows them.
    size.checked_ilog2().map_or(0, |digits| size >> digits.saturating_sub(2) << digits.saturating_sub(2))
}

/// The places of `rows` rows of `columns` values, numbered on from `before`: `($1, $2), ($3, $4)`.
pub(crate) fn tuples(before: usize, columns: usize, rows: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=columns {
            let comma = if column == 1 { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = write!(text, "{comma}${}", before + row * columns + column);
        }
        text.push(')');
    }
    text
}

/// The places of `count` values, numbered on from `before`: `$1, $2`.
pub(crate) fn list(before: usize, count: usize) -> String {
    let places = (before + 1..=before + count).map(|place| format!("${place}"));
    places.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::{postgres, sqlite};
    use super::*;

    #[test]
    fn portions_hold_every_row_once_in_few_sizes() {
        for count in 0..200_usize {
            let rows: Vec<usize> = (0..count).collect();
            let cut: Vec<&[usize]> = portions(&rows).collect();
            assert_eq!(cut.concat(), rows);
            assert!(cut.iter().all(|portion| portion.len() == fitting(portion.len())));
            assert!(count > ROWS || cut.len() <= 3, "{count} rows");
        }
        let mut sizes: Vec<usize> = (1..200).map(fitting).collect();
        sizes.dedup();
        assert_eq!(sizes, [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32]);
    }

    #[test]
    fn parts_are_numbered_and_joined_for_each_engine() {
        const TABLE: Table =
            Table { head: "INSERT INTO t (a, b)", columns: 2, tail: "ON CONFLICT (a) DO NOTHING" };
        let bind = |statement: Statement, value: &i64| statement.bind(*value).bind(*value);
        let (one, two) =
            (Rows { table: &TABLE, all: &[1, 2], bind }, Rows { table: &TABLE, all: &[3], bind });
        let texts = [one.text(0), two.text(one.places())];
        assert_eq!(texts[0], "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT (a) DO NOTHING");
        assert_eq!(texts[1], "INSERT INTO t (a, b) VALUES ($5, $6) ON CONFLICT (a) DO NOTHING");
        assert_eq!(sqlite::joined(&texts), texts.join("; "));
        let joined = postgres::joined(&texts);
        assert_eq!(
            joined,
            format!(
                "WITH part0 AS ({}), part1 AS ({}) SELECT pg_notify('vigia_feed', '')",
                texts[0], texts[1]
            )
        );
    }

    #[test]
    fn placeholders_are_numbered_across_parts() {
        assert_eq!(tuples(0, 2, 2), "($1, $2), ($3, $4)");
        assert_eq!(tuples(2, 1, 2), "($3), ($4)");
        assert_eq!(list(1, 3), "$2, $3, $4");
    }
}

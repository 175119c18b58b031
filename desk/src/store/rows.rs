//! Many rows in few statements, because each statement costs a trip to the database.

use std::fmt::Write;

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

use super::{EndsTx, StoreError, Tx};

/// The most rows of a statement: the widest table stays well below the limits of SQLite and PostgreSQL for bound
/// values.
const ROWS: usize = 32;

/// A statement with bound values.
pub(crate) type Statement = Query<'static, Any, AnyArguments>;

/// Executes `INSERT INTO … (…)`, given as `head`, for all `rows`. `bind` binds the values of one row, which are
/// `columns`.
pub(crate) async fn insert_all<R>(
    connection: &mut AnyConnection,
    head: &'static str,
    columns: usize,
    rows: &[R],
    bind: impl Fn(Statement, &R) -> Statement,
) -> Result<(), StoreError> {
    upsert_all(connection, head, columns, "", rows, bind).await
}

/// Executes `INSERT INTO … (…) VALUES … ON CONFLICT …`, given as `head` and `tail`, for all `rows`. Their keys must be
/// distinct: PostgreSQL refuses to change a row twice in one statement.
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

/// A table to insert into: `INSERT INTO … (…)`, its number of columns, and the clause after the values.
pub(crate) struct Table {
    pub(crate) head: &'static str,
    pub(crate) columns: usize,
    pub(crate) tail: &'static str,
}

/// A statement that is sent together with others.
pub(crate) trait Part: Sync {
    /// Number of bound values.
    fn places(&self) -> usize;
    /// Its text, with placeholders numbered after `before`.
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

/// Executes all parts with rows in one trip, and announces the commit. No part may depend on another's write.
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

/// Splits rows into portions of a [`fitting`] size.
pub(crate) fn portions<R>(rows: &[R]) -> impl Iterator<Item = &[R]> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let (portion, rest) = left.split_at(fitting(left.len()));
        left = rest;
        (!portion.is_empty()).then_some(portion)
    })
}

/// The number of rows for one statement: nearly all that wait. The sizes are few (1 to 8, 10, 12, 14, 16, 20, 24, 28
/// and 32), so that each size's statement stays prepared.
pub(crate) fn fitting(waiting: usize) -> usize {
    let size = waiting.min(ROWS);
    // Cut to three significant binary digits.
    size.checked_ilog2().map_or(0, |digits| size >> digits.saturating_sub(2) << digits.saturating_sub(2))
}

/// The placeholders of `rows` rows of `columns` values, numbered after `before`: `($1, $2), ($3, $4)`.
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

/// The placeholders of `count` values, numbered after `before`: `$1, $2`.
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
        assert_eq!(joined, format!("WITH part0 AS ({}), part1 AS ({}) SELECT 1", texts[0], texts[1]));
    }

    #[test]
    fn placeholders_are_numbered_across_parts() {
        assert_eq!(tuples(0, 2, 2), "($1, $2), ($3, $4)");
        assert_eq!(tuples(2, 1, 2), "($3), ($4)");
        assert_eq!(list(1, 3), "$2, $3, $4");
    }
}

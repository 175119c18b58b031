//! Many rows in few statements: each statement costs a trip to the database, whatever it holds.

use std::fmt::Write;

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

use super::StoreError;

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

/// Cuts rows into portions of 32, 16, 8 … rows: so few different texts that each stays prepared.
pub(crate) fn portions<R>(rows: &[R]) -> impl Iterator<Item = &[R]> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let size = 1 << left.len().checked_ilog2()?;
        let (portion, rest) = left.split_at(size.min(ROWS));
        left = rest;
        Some(portion)
    })
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
    use super::*;

    #[test]
    fn portions_hold_every_row_once_and_come_in_few_sizes() {
        for count in 0..200_usize {
            let rows: Vec<usize> = (0..count).collect();
            let cut: Vec<&[usize]> = portions(&rows).collect();
            assert_eq!(cut.concat(), rows);
            assert!(cut.iter().all(|portion| portion.len().is_power_of_two() && portion.len() <= ROWS));
        }
    }

    #[test]
    fn places_are_numbered_on() {
        assert_eq!(tuples(0, 2, 2), "($1, $2), ($3, $4)");
        assert_eq!(tuples(2, 1, 2), "($3), ($4)");
        assert_eq!(list(1, 3), "$2, $3, $4");
    }
}

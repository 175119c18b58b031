//! Sequences of numbers.

use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::{Engine, StoreError, Tx, postgres};

/// Takes the next `count` numbers of a sequence. Gives the last of them.
///
/// The row of the sequence is locked until the commit: works that many wait for take
/// [`take_numbers_in_order`] instead.
pub(crate) async fn take_numbers(tx: &mut Tx, name: &str, count: i64) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "INSERT INTO sequences (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = sequences.value + excluded.value
         RETURNING value",
    )
    .bind(name)
    .bind(count)
    .fetch_one(tx.connection())
    .await?;
    Ok(row.try_get(0)?)
}

/// Takes `count` numbers for rows of the history (`feed`) or mails (`outbox`), which are read in the order of their
/// numbers. Gives the last of them.
///
/// On SQLite they have no gaps. On PostgreSQL a transaction has numbers of its own, above those of transactions before
/// it, so that none waits for another.
pub(crate) async fn take_numbers_in_order(tx: &mut Tx, name: &str, count: i64) -> Result<i64, StoreError> {
    match tx.own_numbers(count)? {
        Some(last) => Ok(last),
        None => take_numbers(tx, name, count).await,
    }
}

/// Whether rows of the history and mails are numbered by their transactions, with gaps.
pub(crate) fn has_gaps(connection: &AnyConnection) -> bool {
    connection.backend_name() == "PostgreSQL"
}

/// The sequences whose rows are read in the order of their numbers: name, table, column.
const IN_ORDER: [(&str, &str, &str); 2] = [("feed", "case_events", "seq"), ("outbox", "outbox", "id")];

/// Raises the numbers to come above all that are there. Rows may come from another database, whose numbers were higher.
///
/// The caller is the only writer.
pub(super) async fn raise(connection: &mut AnyConnection, engine: Engine) -> Result<(), StoreError> {
    match engine {
        Engine::Sqlite => {
            for (name, table, column) in IN_ORDER {
                let taken = Taken::of(connection, name, table, column).await?;
                if !taken.are_below() {
                    raise_row(connection, name, table, taken.highest).await?;
                }
            }
            Ok(())
        }
        Engine::Postgres => {
            let highest = highest(connection).await?;
            set(connection, "transactions", highest).await
        }
    }
}

/// Whether the numbers to come are above all that are there.
pub(super) async fn are_above(connection: &mut AnyConnection, engine: Engine) -> Result<bool, StoreError> {
    match engine {
        Engine::Sqlite => {
            for (name, table, column) in IN_ORDER {
                if !Taken::of(connection, name, table, column).await?.are_below() {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Engine::Postgres => {
            // Read first: numbers that are given meanwhile are not below the next.
            let highest = highest(connection).await?;
            let next = sqlx::query(AssertSqlSafe(postgres::NEXT.as_str())).fetch_one(connection).await?;
            Ok(highest < next.try_get(0)?)
        }
    }
}

/// The highest number that a row has.
async fn highest(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let text = "SELECT COALESCE(MAX(number), 0) FROM
                (SELECT MAX(seq) AS number FROM case_events UNION ALL SELECT MAX(id) FROM outbox
                 UNION ALL SELECT MAX(seq) FROM search_progress
                 UNION ALL SELECT MAX(highest) FROM removed_numbers WHERE series IN ('feed', 'outbox')) AS numbers";
    Ok(sqlx::query(text).fetch_one(connection).await?.try_get(0)?)
}

/// The numbers of a sequence that are taken.
struct Taken {
    /// The highest number, of a row or of one that was taken out.
    highest: i64,
    /// The last number by the sequence's own account.
    given: i64,
}

impl Taken {
    async fn of(
        connection: &mut AnyConnection,
        name: &'static str,
        table: &str,
        column: &str,
    ) -> Result<Self, StoreError> {
        let text = format!(
            "SELECT COALESCE(MAX({column}), 0),
                    COALESCE((SELECT highest FROM removed_numbers WHERE series = $1), 0),
                    COALESCE((SELECT value FROM sequences WHERE name = $1), 0)
             FROM {table}"
        );
        let row = sqlx::query(AssertSqlSafe(text)).bind(name).fetch_one(connection).await?;
        let (last, removed): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Self { highest: last.max(removed), given: row.try_get(2)? })
    }

    const fn are_below(&self) -> bool {
        self.highest <= self.given
    }
}

/// Raises a sequence without gaps. The numbers that no row has are noted as taken out: the integrity check counts.
async fn raise_row(
    connection: &mut AnyConnection,
    name: &'static str,
    table: &str,
    highest: i64,
) -> Result<(), StoreError> {
    set(connection, name, highest).await?;
    let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    let there: i64 = sqlx::query(count).fetch_one(&mut *connection).await?.try_get(0)?;
    sqlx::query(
        "INSERT INTO removed_numbers (series, removed, highest) VALUES ($1, $2, $3)
         ON CONFLICT (series) DO UPDATE SET removed = excluded.removed, highest = excluded.highest",
    )
    .bind(name)
    .bind(highest - there)
    .bind(highest)
    .execute(connection)
    .await?;
    Ok(())
}

async fn set(connection: &mut AnyConnection, name: &'static str, value: i64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sequences (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(connection)
    .await?;
    Ok(())
}

//! Up to where the history is complete.
//!
//! Entries are read in the order of their numbers. On SQLite they are committed in that order. On PostgreSQL a transaction
//! may commit after others with higher numbers. So a reader goes only as far as no transaction may still give a number. It
//! misses nothing, and waits for no node longer than that transaction lasts.

use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::{Engine, Store, StoreError, postgres, sqlite};

/// How often it is asked again where transactions run that are just beginning or ending.
const ASKED: usize = 3;

/// How far the history can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Horizon {
    /// Number of the last entry below which none is missing; 0 when there is none.
    pub(crate) last: i64,
    /// Number of the newest entry. Above `last`, there is more to read soon.
    pub(crate) newest: i64,
}

impl Store {
    /// How far the history can be read now: every later statement sees all entries up to `last`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn horizon(&self, reader: &mut AnyConnection) -> Result<Horizon, StoreError> {
        match self.engine {
            Engine::Sqlite => {
                let newest = sqlx::query(sqlite::NEWEST).fetch_one(reader).await?.try_get(0)?;
                Ok(Horizon { last: newest, newest })
            }
            Engine::Postgres => beside_others(reader).await,
        }
    }
}

async fn beside_others(reader: &mut AnyConnection) -> Result<Horizon, StoreError> {
    let (newest, open) = two(reader, &postgres::OPEN).await?;
    if newest < open {
        return Ok(Horizon { last: newest, newest });
    }
    let mut below = open;
    for _ in 0..ASKED {
        let (ours, unplaced) = two(reader, &postgres::RUNNING).await?;
        below = below.max(ours.min(unplaced));
        // What is unplaced has ended or can be placed the next time.
        if newest < below || ours <= unplaced {
            break;
        }
    }
    // A statement of its own, which sees all that ended before.
    let row = sqlx::query("SELECT COALESCE(MAX(seq), 0) FROM case_events WHERE seq < $1")
        .bind(below)
        .fetch_one(&mut *reader)
        .await?;
    Ok(Horizon { last: row.try_get(0)?, newest })
}

async fn two(reader: &mut AnyConnection, text: &'static str) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query(AssertSqlSafe(text)).fetch_one(reader).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

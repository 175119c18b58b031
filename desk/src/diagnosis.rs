//! What `vigia doctor` asks of the database: read without changing anything, not even the schema of an older version.

use domain::time::Instant;
use sqlx::Row;

use crate::lab::integrity_check::{IntegrityOutcome, last};
use crate::store::{Snapshot, StoreError, newest_schema};

/// Which schema a database has, beside the one that this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaAge {
    /// The same.
    Current,
    /// An older one, which the next start brings up to date.
    Older,
    /// One of a later version.
    Newer,
}

/// What a database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseState {
    /// Which schema it has.
    pub schema: SchemaAge,
    /// Time by the database's own clock.
    pub clock: Instant,
    /// What can be read of a current schema; `None` of any other.
    pub content: Option<ContentState>,
}

/// What the rows of a database say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentState {
    /// When the last entry of a history was recorded; `None` before the first.
    pub last_entry: Option<Instant>,
    /// Mails that were given up.
    pub dead_mails: i64,
    /// What the integrity check came to last; `None` before the first.
    pub integrity: Option<IntegrityOutcome>,
}

/// Reads what the database at `address` says of itself.
///
/// # Errors
/// When it cannot be reached, or holds no desk.
pub async fn state(address: &str) -> Result<DatabaseState, StoreError> {
    let mut snapshot = Snapshot::begin(address).await?;
    let clock = snapshot.clock().await?;
    let schema = match snapshot.schema().cmp(&newest_schema()) {
        std::cmp::Ordering::Less => SchemaAge::Older,
        std::cmp::Ordering::Equal => SchemaAge::Current,
        std::cmp::Ordering::Greater => SchemaAge::Newer,
    };
    let content = match schema {
        SchemaAge::Current => Some(content(&mut snapshot).await?),
        SchemaAge::Older | SchemaAge::Newer => None,
    };
    snapshot.end().await?;
    Ok(DatabaseState { schema, clock, content })
}

async fn content(snapshot: &mut Snapshot) -> Result<ContentState, StoreError> {
    let connection = snapshot.connection();
    let text = "SELECT (SELECT at_utc_s FROM case_events ORDER BY seq DESC LIMIT 1), \
                (SELECT COUNT(*) FROM outbox WHERE state = 'dead')";
    let row = sqlx::query(text).fetch_one(&mut *connection).await?;
    let last_entry: Option<i64> = row.try_get(0)?;
    Ok(ContentState {
        last_entry: last_entry.map(Instant),
        dead_mails: row.try_get(1)?,
        integrity: last(connection).await?,
    })
}

//! What `vigia doctor` asks of the database: read without changing anything, not even the schema of an older version. Also the
//! integrity check of a serving desk.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::actor::{Action, Actor, Subject, may};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use crate::Desk;
use crate::DeskError;
use crate::audit::sealed_to;
use crate::lab::integrity_check::{IntegrityOutcome, SchedulerState, check, last, record};
use crate::outbox::ERASED_RECIPIENT;
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
    /// How the audit log stands.
    pub audit: AuditState,
    /// Name and issuer of each identity provider at the sign-in.
    pub issuers: Vec<(String, String)>,
}

/// How the audit log stands, at a glance: `vigia audit verify` walks all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditState {
    /// Entries that are there.
    pub entries: i64,
    /// Entries that were given a number.
    pub given: i64,
    /// The last entry of a history that a seal covers; 0 before the first.
    pub sealed_to: i64,
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
                (SELECT COUNT(*) FROM outbox WHERE state = 'dead' AND recipient <> $1)";
    let row = sqlx::query(text).bind(ERASED_RECIPIENT).fetch_one(&mut *connection).await?;
    let last_entry: Option<i64> = row.try_get(0)?;
    Ok(ContentState {
        last_entry: last_entry.map(Instant),
        dead_mails: row.try_get(1)?,
        integrity: last(connection).await?,
        audit: audit(connection).await?,
        issuers: issuers(connection).await?,
    })
}

async fn issuers(connection: &mut AnyConnection) -> Result<Vec<(String, String)>, StoreError> {
    let text = "SELECT name, issuer FROM identity_providers \
                WHERE paused_utc_s IS NULL AND client_id <> '' ORDER BY id";
    let rows = sqlx::query(text).fetch_all(&mut *connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

async fn audit(connection: &mut AnyConnection) -> Result<AuditState, StoreError> {
    let text = "SELECT (SELECT COUNT(*) FROM audit_log), \
                (SELECT COALESCE(MAX(value), 0) FROM sequences WHERE name = 'audit')";
    let row = sqlx::query(text).fetch_one(&mut *connection).await?;
    let sealed_to = sealed_to(connection).await?;
    Ok(AuditState { entries: row.try_get(0)?, given: row.try_get(1)?, sealed_to })
}

/// The integrity check that this process runs at the moment: since when.
#[derive(Debug, Default)]
pub struct Checking(Mutex<Option<Instant>>);

impl Checking {
    /// Since when a check runs.
    fn since(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks a check as running, unless one is.
    fn begin(self: &Arc<Self>, now: Instant) -> Option<Running> {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if since.is_some() {
            return None;
        }
        *since = Some(now);
        Some(Running(Arc::clone(self)))
    }
}

/// A check that runs: it has ended when this is dropped, however it ended.
struct Running(Arc<Checking>);

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// How the integrity of a serving desk stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrityState {
    /// What the check came to last, on any node; `None` before the first.
    pub last: Option<IntegrityOutcome>,
    /// Since when this process runs one.
    pub running_since: Option<Instant>,
}

/// How the integrity stands, for administrators.
///
/// # Errors
/// See [`DeskError`].
pub async fn integrity(desk: &Desk, actor: &Actor) -> Result<IntegrityState, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let last = last(&mut reader).await?;
    reader.done();
    Ok(IntegrityState { last, running_since: desk.checking().since() })
}

/// Runs the integrity check beside everything else, one at a time, and keeps what it comes to. Waits for its end for as long as
/// `patience`; a longer check goes on.
///
/// # Errors
/// See [`DeskError`].
pub async fn check_integrity(
    desk: &Desk,
    actor: &Actor,
    patience: Duration,
) -> Result<IntegrityState, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    if let Some(running) = desk.checking().begin(desk.now()) {
        let inner = desk.clone();
        let work = tokio::spawn(async move {
            let outcome = async {
                let report = check(&inner, SchedulerState::Unknown).await?;
                record(&inner, &report).await
            }
            .await;
            if let Err(error) = &outcome {
                tracing::error!(%error, "the integrity check did not come to its end");
            }
            drop(running);
            outcome
        });
        if let Ok(Ok(outcome)) = tokio::time::timeout(patience, work).await {
            outcome?;
        }
    }
    integrity(desk, actor).await
}

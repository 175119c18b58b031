//! The history of the register's entries: what was changed, when and by whom.

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditEvent;
use domain::page::{Page, Paging};
use domain::register::{RegisterChange, RegisterKind};
use domain::time::Instant;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::Desk;
use crate::DeskError;
use crate::audit;
use crate::store::{StoreError, Tx, insert_all, list, take_numbers};

/// An entry of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRegisterChange {
    /// When it was done.
    pub at: Instant,
    /// The name then of the member of the staff who did it; `None` for the operator.
    pub by: Option<String>,
    /// What was done.
    pub change: RegisterChange,
}

/// A change that is to be written down: the key of the entry in its own table, as text, and what was done.
pub(crate) struct Noted {
    pub(crate) kind: RegisterKind,
    pub(crate) entity: String,
    pub(crate) change: RegisterChange,
}

/// Writes down changes, in the transaction that makes them; `import` is the import that they belong to.
pub(crate) async fn record_changes(
    tx: &mut Tx,
    by: &Actor,
    at: Instant,
    import: Option<i64>,
    changes: &[Noted],
) -> Result<(), StoreError> {
    let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(());
    }
    let last = take_numbers(tx, "register_changes", count).await?;
    let (by_id, by_name) = match by {
        Actor::Staff(staff) => (Some(staff.id.0), Some(staff.name.clone())),
        _ => (None, None),
    };
    let mut rows = Vec::with_capacity(changes.len());
    for (id, noted) in (last - count + 1..=last).zip(changes) {
        let text = serde_json::to_string(&noted.change)
            .map_err(|error| StoreError::inconsistent("register_changes", error))?;
        rows.push((id, noted, text));
    }
    insert_all(
        tx.connection(),
        "INSERT INTO register_changes (id, kind, entity, at_utc_s, by_id, by_name, change, import_id)",
        8,
        &rows,
        |statement, (id, noted, text)| {
            statement
                .bind(*id)
                .bind(noted.kind.code())
                .bind(noted.entity.clone())
                .bind(at.0)
                .bind(by_id)
                .bind(by_name.clone())
                .bind(text.clone())
                .bind(import)
        },
    )
    .await?;
    let changes = u64::try_from(changes.len()).unwrap_or(u64::MAX);
    let event = AuditEvent::RegisterChanged { changes, import };
    audit::record(tx, &audit::Noted::of(by, at, event)).await?;
    Ok(())
}

/// A page of the history of an entry and of those that were merged into it, the newest first. Pages count from 1; a
/// page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn register_history(
    desk: &Desk,
    actor: &Actor,
    kind: RegisterKind,
    entities: &[String],
    page: u32,
) -> Result<Page<RecordedRegisterChange>, DeskError> {
    may(actor, Action::ReadRegister, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let found = read_history(&mut reader, kind, entities, page).await?;
    reader.done();
    Ok(found)
}

async fn read_history(
    connection: &mut AnyConnection,
    kind: RegisterKind,
    entities: &[String],
    page: u32,
) -> Result<Page<RecordedRegisterChange>, StoreError> {
    let places = list(1, entities.len());
    let condition = format!("kind = $1 AND entity IN ({places})");
    let count = format!("SELECT COUNT(*) FROM register_changes WHERE {condition}");
    let bound = |text: String| {
        let query = sqlx::query(AssertSqlSafe(text)).bind(kind.code());
        entities.iter().fold(query, |query, entity| query.bind(entity.clone()))
    };
    let paging = Paging::of(bound(count).fetch_one(&mut *connection).await?.try_get(0)?, page);
    let text = format!(
        "SELECT at_utc_s, by_name, change FROM register_changes WHERE {condition}
         ORDER BY id DESC LIMIT {} OFFSET {}",
        Paging::ROWS,
        paging.offset()
    );
    let rows = bound(text).fetch_all(connection).await?;
    let read = |row: &AnyRow| -> Result<RecordedRegisterChange, StoreError> {
        let text: String = row.try_get(2)?;
        Ok(RecordedRegisterChange {
            at: Instant(row.try_get(0)?),
            by: row.try_get(1)?,
            change: serde_json::from_str(&text)
                .map_err(|error| StoreError::inconsistent("register_changes", error))?,
        })
    };
    Ok(Page { rows: rows.iter().map(read).collect::<Result<_, _>>()?, paging })
}

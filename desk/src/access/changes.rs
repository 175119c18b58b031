//! The history of the staff's accounts: what was changed, when and by whom.

use domain::actor::{Action, Actor, PersonId, Subject, may};
use domain::audit::AuditEvent;
use domain::person_change::PersonChange;
use domain::time::Instant;
use sqlx::Row;

use crate::Desk;
use crate::DeskError;
use crate::audit::{self, Noted};
use crate::store::take_numbers;
use crate::store::{StoreError, Tx};

/// Entries that a page shows.
const SHOWN: i64 = 100;

/// An entry of an account's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedChange {
    /// When it was done.
    pub at: Instant,
    /// The name then of the member of the staff who did it; `None` for the operator.
    pub by: Option<String>,
    /// What was done.
    pub change: PersonChange,
}

/// Writes down what `by` changes of an account, in the transaction of the change. Its owner is mailed soon about what changes how
/// they sign in.
pub(crate) async fn record(
    tx: &mut Tx,
    person: PersonId,
    by: &Actor,
    at: Instant,
    change: &PersonChange,
) -> Result<(), StoreError> {
    let id = take_numbers(tx, "person_changes", 1).await?;
    let (by_id, by_name) = match by {
        Actor::Staff(staff) => (Some(staff.id.0), Some(staff.name.clone())),
        _ => (None, None),
    };
    let text =
        serde_json::to_string(change).map_err(|error| StoreError::inconsistent("person_changes", error))?;
    sqlx::query(
        "INSERT INTO person_changes (id, person_id, at_utc_s, by_id, by_name, change) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(person.0)
    .bind(at.0)
    .bind(by_id)
    .bind(by_name)
    .bind(text)
    .execute(tx.connection())
    .await?;
    if change.is_told() {
        sqlx::query("INSERT INTO account_notices (change_id, person_id) VALUES ($1, $2)")
            .bind(id)
            .bind(person.0)
            .execute(tx.connection())
            .await?;
    }
    let row = sqlx::query("SELECT name FROM people WHERE id = $1")
        .bind(person.0)
        .fetch_optional(tx.connection())
        .await?;
    let name: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
    let event = AuditEvent::PersonChanged {
        person,
        name: name.unwrap_or_default(),
        what: tag(change)?,
        role: match change {
            PersonChange::Added { role }
            | PersonChange::Invited { role }
            | PersonChange::JoinedByGroup { role, .. }
            | PersonChange::RoleByGroup { to: role, .. }
            | PersonChange::RoleChanged { to: role, .. } => Some(*role),
            _ => None,
        },
    };
    audit::record(tx, &Noted::of(by, at, event)).await?;
    Ok(())
}

/// The tag of a change, as it is stored: the name of its variant.
fn tag(change: &PersonChange) -> Result<String, StoreError> {
    let value =
        serde_json::to_value(change).map_err(|error| StoreError::inconsistent("person_changes", error))?;
    let tag = match value {
        serde_json::Value::String(tag) => Some(tag),
        serde_json::Value::Object(fields) => fields.into_iter().next().map(|(tag, _)| tag),
        _ => None,
    };
    tag.ok_or_else(|| StoreError::inconsistent("person_changes", "a change without a tag"))
}

/// What was changed of somebody's account, the newest first; of very much, the newest.
///
/// # Errors
/// See [`DeskError`].
pub async fn changes(desk: &Desk, actor: &Actor, person: PersonId) -> Result<Vec<RecordedChange>, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let rows = sqlx::query(
        "SELECT at_utc_s, by_name, change FROM person_changes WHERE person_id = $1 ORDER BY id DESC LIMIT $2",
    )
    .bind(person.0)
    .bind(SHOWN)
    .fetch_all(&mut *reader)
    .await?;
    reader.done();
    let read = |row: &sqlx::any::AnyRow| -> Result<RecordedChange, StoreError> {
        let text: String = row.try_get("change")?;
        Ok(RecordedChange {
            at: Instant(row.try_get("at_utc_s")?),
            by: row.try_get("by_name")?,
            change: serde_json::from_str(&text)
                .map_err(|error| StoreError::inconsistent("person_changes", error))?,
        })
    };
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

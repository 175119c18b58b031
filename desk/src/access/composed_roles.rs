//! The composed role that somebody holds, as it is in force.

use domain::actor::{ComposedRole, Composition, PersonId, RoleId};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::store::StoreError;

/// The name of the table, for errors.
const TABLE: &str = "composed_roles";

/// A composition as it is stored.
pub(crate) fn read_composition(document: &str) -> Result<Composition, StoreError> {
    serde_json::from_str(document).map_err(|error| StoreError::inconsistent(TABLE, error))
}

/// The role of a row with `role_id`, `role_version` and `role_document`, as a left join gives them; `None` for a standing role.
pub(crate) fn held(row: &AnyRow) -> Result<Option<Box<ComposedRole>>, StoreError> {
    let Some(id) = row.try_get::<Option<i64>, _>("role_id")? else { return Ok(None) };
    let version: Option<i64> = row.try_get("role_version")?;
    let document: Option<String> = row.try_get("role_document")?;
    // Without its row a role permits what nobody knows: its holder does nothing until it is there.
    let (Some(version), Some(document)) = (version, document) else {
        return Err(StoreError::inconsistent(TABLE, format!("role {id} is not there")));
    };
    let version = u32::try_from(version).map_err(|error| StoreError::inconsistent(TABLE, error))?;
    Ok(Some(Box::new(read_composition(&document)?.held_as(RoleId(id), version))))
}

/// The composed role of a person; `None` for a standing role.
pub(crate) async fn held_by(
    connection: &mut AnyConnection,
    person: PersonId,
) -> Result<Option<Box<ComposedRole>>, StoreError> {
    let row = sqlx::query(
        "SELECT p.composed_role_id AS role_id, r.version AS role_version, r.document AS role_document
         FROM people p LEFT JOIN composed_roles r ON r.id = p.composed_role_id WHERE p.id = $1",
    )
    .bind(person.0)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map_or(Ok(None), held)
}

/// The active people whose role leaves cases out, with it.
pub(crate) async fn narrow_holders(
    connection: &mut AnyConnection,
) -> Result<Vec<(PersonId, Box<ComposedRole>)>, StoreError> {
    let rows = sqlx::query(
        "SELECT p.id, p.composed_role_id AS role_id, r.version AS role_version, r.document AS role_document
         FROM people p JOIN composed_roles r ON r.id = p.composed_role_id WHERE p.active = 1 AND r.is_narrow = 1",
    )
    .fetch_all(connection)
    .await?;
    let mut holders = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(role) = held(row)? {
            holders.push((PersonId(row.try_get("id")?), role));
        }
    }
    Ok(holders)
}

/// Whether the role of a person leaves cases out. They hear of no case by standing in for another.
pub(crate) async fn is_narrow(connection: &mut AnyConnection, person: PersonId) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM people p JOIN composed_roles r ON r.id = p.composed_role_id
         WHERE p.id = $1 AND r.is_narrow = 1",
    )
    .bind(person.0)
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

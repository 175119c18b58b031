//! Composed roles as their pages show them.

use std::collections::{BTreeMap, BTreeSet};

use domain::actor::{Action, Actor, Composition, PersonId, RoleId, Subject, may};
use domain::time::Instant;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::number;
use crate::Desk;
use crate::access::composed_roles::read_composition;
use crate::error::DeskError;
use crate::store::StoreError;

/// The most versions of a role that its page shows.
const VERSIONS: i64 = 100;
/// The most organisations that a search for a role's scope finds.
const FOUND: i64 = 20;

/// A composed role as its pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleView {
    /// Id of the role.
    pub id: RoleId,
    /// Counts its changes, from 1 on.
    pub version: u32,
    /// What was composed. Its organisations are those of the register now, after mergers.
    pub composition: Composition,
    /// Names of its organisations by their ids; empty for all.
    pub organisations: BTreeMap<i64, String>,
    /// Who has it, by name.
    pub holders: Vec<(PersonId, String)>,
    /// When it was retired; `None` for a role that can be given.
    pub retired_at: Option<Instant>,
}

/// A version of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleVersion {
    /// Its number.
    pub version: u32,
    /// When it was composed.
    pub at: Instant,
    /// The name then of the administrator; `None` for the operator.
    pub by: Option<String>,
    /// What was composed.
    pub composition: Composition,
}

/// All composed roles: those that can be given first, by name.
///
/// # Errors
/// See [`DeskError`].
pub async fn composed_roles(desk: &Desk, actor: &Actor) -> Result<Vec<RoleView>, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let rows = sqlx::query("SELECT id, version, document, retired_utc_s FROM composed_roles ORDER BY id")
        .fetch_all(&mut *reader)
        .await?;
    let mut roles = Vec::with_capacity(rows.len());
    for row in &rows {
        roles.push(view(&mut reader, row).await?);
    }
    reader.done();
    roles.sort_by_cached_key(|role| {
        (role.retired_at.is_some(), role.composition.name.as_str().to_lowercase(), role.id)
    });
    Ok(roles)
}

/// A composed role with its versions, the newest first.
///
/// # Errors
/// See [`DeskError`].
pub async fn composed_role(
    desk: &Desk,
    actor: &Actor,
    id: RoleId,
) -> Result<(RoleView, Vec<RoleVersion>), DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT id, version, document, retired_utc_s FROM composed_roles WHERE id = $1")
        .bind(id.0)
        .fetch_optional(&mut *reader)
        .await?
        .ok_or(DeskError::NotFound)?;
    let role = view(&mut reader, &row).await?;
    let rows = sqlx::query(
        "SELECT version, document, at_utc_s, by_name FROM composed_role_versions WHERE role_id = $1
         ORDER BY version DESC LIMIT $2",
    )
    .bind(id.0)
    .bind(VERSIONS)
    .fetch_all(&mut *reader)
    .await?;
    reader.done();
    let read = |row: &AnyRow| -> Result<RoleVersion, StoreError> {
        Ok(RoleVersion {
            version: number(row.try_get("version")?)?,
            at: Instant(row.try_get("at_utc_s")?),
            by: row.try_get("by_name")?,
            composition: read_composition(&row.try_get::<String, _>("document")?)?,
        })
    };
    Ok((role, rows.iter().map(read).collect::<Result<_, _>>()?))
}

async fn view(connection: &mut AnyConnection, row: &AnyRow) -> Result<RoleView, StoreError> {
    let id: i64 = row.try_get("id")?;
    let mut composition = read_composition(&row.try_get::<String, _>("document")?)?;
    let listed = sqlx::query(
        "SELECT o.id, o.name FROM composed_role_organisations l JOIN organisations o ON o.id = l.organisation_id
         WHERE l.role_id = $1",
    )
    .bind(id)
    .fetch_all(&mut *connection)
    .await?;
    let listed = listed.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let organisations: BTreeMap<i64, String> = listed.collect::<Result<_, StoreError>>()?;
    composition.organisations = organisations.keys().copied().collect();
    let holders = sqlx::query("SELECT id, name FROM people WHERE composed_role_id = $1 ORDER BY name, id")
        .bind(id)
        .fetch_all(connection)
        .await?;
    let holders = holders.iter().map(|row| Ok((PersonId(row.try_get(0)?), row.try_get(1)?)));
    Ok(RoleView {
        id: RoleId(id),
        version: number(row.try_get("version")?)?,
        composition,
        organisations,
        holders: holders.collect::<Result<_, StoreError>>()?,
        retired_at: row.try_get::<Option<i64>, _>("retired_utc_s")?.map(Instant),
    })
}

/// Organisations that a role can list, by name: those of a text, and those that are listed already.
///
/// # Errors
/// See [`DeskError`].
pub async fn organisations(
    desk: &Desk,
    actor: &Actor,
    listed: &BTreeSet<i64>,
    named: &str,
) -> Result<BTreeMap<i64, String>, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let mut found = BTreeMap::new();
    for id in listed {
        let row = sqlx::query("SELECT name FROM organisations WHERE id = $1")
            .bind(*id)
            .fetch_optional(&mut *reader)
            .await?;
        if let Some(row) = row {
            found.insert(*id, row.try_get(0)?);
        }
    }
    let named = named.trim().to_lowercase();
    if !named.is_empty() {
        let rows = sqlx::query(
            "SELECT id, name FROM organisations WHERE lower(name) LIKE $1 ESCAPE '!' ORDER BY name, id LIMIT $2",
        )
        .bind(format!("%{}%", named.replace('!', "!!").replace('%', "!%").replace('_', "!_")))
        .bind(FOUND)
        .fetch_all(&mut *reader)
        .await?;
        for row in rows {
            found.insert(row.try_get(0)?, row.try_get(1)?);
        }
    }
    reader.done();
    Ok(found)
}

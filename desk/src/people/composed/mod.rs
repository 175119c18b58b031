//! Use-cases: roles that administrators compose, and who has them (`docs/decisions/0065`).
//!
//! Administrators alone compose and give roles. They hold every permit, so that none is given by a person without it.

mod views;

use domain::actor::{
    Action, Actor, Composition, CompositionProblem, NotPermitted, PersonId, Role, RoleId, Subject, may,
};
use domain::audit::AuditEvent;
use domain::person_change::PersonChange;
use domain::time::Instant;
use sqlx::Row;
use thiserror::Error;

use super::keep::requires_factor;
use crate::Desk;
use crate::access::changes;
use crate::access::composed_roles::read_composition;
use crate::access::second_factor;
use crate::access::staff::end_sessions;
use crate::audit::{self, Noted};
use crate::error::{DeskError, holds_desk_error};
use crate::store::{StoreError, Tx, take_numbers};

pub use views::{RoleVersion, RoleView, composed_role, composed_roles, organisations};

/// Why a role was left as it is.
#[derive(Debug, Clone, Error)]
pub enum ComposeError {
    /// It is no role.
    #[error(transparent)]
    Composition(#[from] CompositionProblem),
    /// Another role that can be given has the name.
    #[error("another role has this name")]
    NameTaken,
    /// The register has none of that number.
    #[error("an organisation is not in the register")]
    UnknownOrganisation,
    /// Another administrator changed it since it was shown.
    #[error("the role was changed meanwhile")]
    ChangedMeanwhile,
    /// It has holders, and stays until they have another.
    #[error("people have the role")]
    HasHolders,
    /// It is retired, and is given to nobody.
    #[error("the role is retired")]
    Retired,
    /// Administrators keep their standing role: give them another one first, so that the last of them is not lost.
    #[error("an administrator has a standing role")]
    Administrator,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(ComposeError: NotPermitted, StoreError, sqlx::Error);

/// Composes a new role.
///
/// # Errors
/// See [`ComposeError`].
pub async fn compose(desk: &Desk, actor: &Actor, composition: Composition) -> Result<RoleId, ComposeError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let composition = composition.checked()?;
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                is_free(tx, &composition, None).await?;
                let id = RoleId(take_numbers(tx, "composed_roles", 1).await?);
                sqlx::query(
                    "INSERT INTO composed_roles (id, version, name, document, is_narrow) VALUES ($1, 0, '', '', 1)",
                )
                .bind(id.0)
                .execute(tx.connection())
                .await?;
                put(tx, id, 1, &composition, &by, now).await?;
                Ok(id)
            })
        })
        .await
}

/// Composes a role anew, from the version that was shown on. Its holders have it from their next request on, and their open
/// streams end within seconds. What it is like stays.
///
/// # Errors
/// See [`ComposeError`].
pub async fn recompose(
    desk: &Desk,
    actor: &Actor,
    id: RoleId,
    shown: u32,
    composition: Composition,
) -> Result<(), ComposeError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let stored = stored(tx, id).await?;
                if stored.is_retired {
                    return Err(ComposeError::Retired);
                }
                if stored.version != shown {
                    return Err(ComposeError::ChangedMeanwhile);
                }
                let composition = Composition { like: stored.composition.like, ..composition }.checked()?;
                is_free(tx, &composition, Some(id)).await?;
                put(tx, id, shown + 1, &composition, &by, now).await
            })
        })
        .await
}

/// Retires a role that nobody has. It is shown with its history, and given to nobody any more.
///
/// # Errors
/// See [`ComposeError`].
pub async fn retire(desk: &Desk, actor: &Actor, id: RoleId) -> Result<(), ComposeError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let stored = stored(tx, id).await?;
                if stored.is_retired {
                    return Ok(());
                }
                let holder = sqlx::query("SELECT 1 FROM people WHERE composed_role_id = $1 LIMIT 1")
                    .bind(id.0)
                    .fetch_optional(tx.connection())
                    .await?;
                if holder.is_some() {
                    return Err(ComposeError::HasHolders);
                }
                sqlx::query("UPDATE composed_roles SET retired_utc_s = $2 WHERE id = $1")
                    .bind(id.0)
                    .bind(now.0)
                    .execute(tx.connection())
                    .await?;
                Ok(note(tx, &stored.composition, &by, now).await?)
            })
        })
        .await
}

/// Gives a person a composed role in place of the one that they have. Where the standing role that it is like requires a second
/// factor that is not set up, their sessions end.
///
/// # Errors
/// See [`ComposeError`].
pub async fn give(desk: &Desk, actor: &Actor, id: RoleId, person: PersonId) -> Result<(), ComposeError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let stored = stored(tx, id).await?;
                if stored.is_retired {
                    return Err(ComposeError::Retired);
                }
                let (role, before) = of_person(tx, person).await?;
                if role == Role::Administrator {
                    return Err(ComposeError::Administrator);
                }
                if before == Some(id) {
                    return Ok(());
                }
                let like = stored.composition.like;
                sqlx::query("UPDATE people SET composed_role_id = $2, role = $3 WHERE id = $1")
                    .bind(person.0)
                    .bind(id.0)
                    .bind(like.code())
                    .execute(tx.connection())
                    .await?;
                if requires_factor(tx, like).await? && !second_factor::is_set(tx.connection(), person).await?
                {
                    end_sessions(tx, person).await?;
                }
                let name = stored.composition.name.as_str().to_owned();
                changes::record(tx, person, &by, now, &PersonChange::ComposedRoleGiven { name }).await?;
                Ok(())
            })
        })
        .await
}

/// Takes a composed role from a person: the standing role that it is like counts since.
///
/// # Errors
/// See [`ComposeError`].
pub async fn take_away(desk: &Desk, actor: &Actor, id: RoleId, person: PersonId) -> Result<(), ComposeError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let stored = stored(tx, id).await?;
                if of_person(tx, person).await?.1 != Some(id) {
                    return Ok(());
                }
                sqlx::query("UPDATE people SET composed_role_id = NULL WHERE id = $1")
                    .bind(person.0)
                    .execute(tx.connection())
                    .await?;
                let name = stored.composition.name.as_str().to_owned();
                changes::record(tx, person, &by, now, &PersonChange::ComposedRoleTaken { name }).await?;
                Ok(())
            })
        })
        .await
}

/// The version of a row.
fn number(version: i64) -> Result<u32, StoreError> {
    u32::try_from(version).map_err(|error| StoreError::inconsistent("composed_roles", error))
}

/// A role as it stands.
struct Stored {
    version: u32,
    composition: Composition,
    is_retired: bool,
}

async fn stored(tx: &mut Tx, id: RoleId) -> Result<Stored, ComposeError> {
    let row = sqlx::query("SELECT version, document, retired_utc_s FROM composed_roles WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?;
    let row = row.ok_or(DeskError::NotFound)?;
    Ok(Stored {
        version: number(row.try_get(0)?)?,
        composition: read_composition(&row.try_get::<String, _>(1)?)?,
        is_retired: row.try_get::<Option<i64>, _>(2)?.is_some(),
    })
}

/// The standing role of a person, and their composed one.
async fn of_person(tx: &mut Tx, person: PersonId) -> Result<(Role, Option<RoleId>), ComposeError> {
    let row = sqlx::query("SELECT role, composed_role_id FROM people WHERE id = $1")
        .bind(person.0)
        .fetch_optional(tx.connection())
        .await?;
    let row = row.ok_or(DeskError::NotFound)?;
    let role: String = row.try_get(0)?;
    let role = Role::from_code(&role).ok_or_else(|| StoreError::inconsistent("people", role))?;
    Ok((role, row.try_get::<Option<i64>, _>(1)?.map(RoleId)))
}

/// Whether the name is free, and the organisations are in the register.
async fn is_free(tx: &mut Tx, composition: &Composition, own: Option<RoleId>) -> Result<(), ComposeError> {
    let taken = sqlx::query(
        "SELECT 1 FROM composed_roles WHERE lower(name) = lower($1) AND retired_utc_s IS NULL AND id <> $2",
    )
    .bind(composition.name.as_str())
    .bind(own.map_or(0, |id| id.0))
    .fetch_optional(tx.connection())
    .await?;
    if taken.is_some() {
        return Err(ComposeError::NameTaken);
    }
    for organisation in &composition.organisations {
        let known = sqlx::query("SELECT 1 FROM organisations WHERE id = $1")
            .bind(*organisation)
            .fetch_optional(tx.connection())
            .await?;
        if known.is_none() {
            return Err(ComposeError::UnknownOrganisation);
        }
    }
    Ok(())
}

/// Writes a version of a role, and what its scope lists.
async fn put(
    tx: &mut Tx,
    id: RoleId,
    version: u32,
    composition: &Composition,
    by: &Actor,
    now: Instant,
) -> Result<(), ComposeError> {
    let document = serde_json::to_string(composition)
        .map_err(|error| StoreError::inconsistent("composed_roles", error))?;
    sqlx::query(
        "UPDATE composed_roles SET version = $2, name = $3, document = $4, is_narrow = $5 WHERE id = $1",
    )
    .bind(id.0)
    .bind(i64::from(version))
    .bind(composition.name.as_str())
    .bind(document.clone())
    .bind(i64::from(composition.scope.is_narrow()))
    .execute(tx.connection())
    .await?;
    sqlx::query("DELETE FROM composed_role_organisations WHERE role_id = $1")
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    for organisation in &composition.organisations {
        sqlx::query("INSERT INTO composed_role_organisations (role_id, organisation_id) VALUES ($1, $2)")
            .bind(id.0)
            .bind(*organisation)
            .execute(tx.connection())
            .await?;
    }
    let (by_id, by_name) = match by {
        Actor::Staff(staff) => (Some(staff.id.0), Some(staff.name.clone())),
        _ => (None, None),
    };
    sqlx::query(
        "INSERT INTO composed_role_versions (role_id, version, document, at_utc_s, by_id, by_name)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.0)
    .bind(i64::from(version))
    .bind(document)
    .bind(now.0)
    .bind(by_id)
    .bind(by_name)
    .execute(tx.connection())
    .await?;
    Ok(note(tx, composition, by, now).await?)
}

/// Notes a change of a role in the audit log. The versions say what it was.
async fn note(tx: &mut Tx, composition: &Composition, by: &Actor, now: Instant) -> Result<(), StoreError> {
    let (subject, name) = ("composed_roles".to_owned(), composition.name.as_str().to_owned());
    audit::record(tx, &Noted::of(by, now, AuditEvent::SettingChanged { subject, name })).await?;
    Ok(())
}

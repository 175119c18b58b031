//! Undoing an import: what it added goes, what it changed is as before; only while nothing rests on it.
//!
//! Changed rows are restored from copies with their ids (`before`). Names would lead to what is called so by now.

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::case_number::CaseNumber;
use domain::register::{ImportState, RegisterChange, RegisterField, RegisterKind};
use domain::time::Instant;
use sqlx::{AssertSqlSafe, Row};
use thiserror::Error;

use super::before::{self, Kept};
use crate::Desk;
use crate::contracts::changes::{Noted, record_changes};
use crate::error::{DeskError, holds_desk_error};
use crate::search;
use crate::store::{StoreError, Tx};

/// The most cases or entries that a refusal names.
const NAMED: usize = 10;
/// The change of an entry that an import added, as it is stored.
const ADDED: &str = "\"added\"";

/// Why an import was not undone.
#[derive(Debug, Clone, Error)]
pub enum UndoError {
    /// It is not written, or undone already; imports of travel times keep no former values.
    #[error("there is nothing to undo")]
    Nothing,
    /// Cases were opened on what it added since then, or corrected since then to name it.
    #[error("cases rest on it")]
    Cases(Vec<CaseNumber>),
    /// Entries were changed since then, others rest on them, or what they belonged to is gone: their keys.
    #[error("other changes rest on it")]
    Changes(Vec<String>),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(UndoError: NotPermitted, StoreError, sqlx::Error);

/// Undoes an import. The record keeps it.
///
/// # Errors
/// See [`UndoError`].
pub async fn undo_import(desk: &Desk, actor: &Actor, id: i64) -> Result<(), UndoError> {
    may(actor, Action::Import, Subject::Desk)?;
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                mark(tx, id, &by, now).await?;
                rests(tx, id).await?;
                let mut notes = reversed(tx, id).await?;
                put_back(tx, id).await?;
                notes.extend(remove(tx, id).await?);
                restore_pointers(tx, id).await?;
                record_changes(tx, &by, now, Some(id), &notes).await?;
                search::changed(tx).await?;
                Ok::<_, UndoError>(())
            })
        })
        .await?;
    search::catch_up_register_behind(desk);
    Ok(())
}

async fn mark(tx: &mut Tx, id: i64, by: &Actor, now: Instant) -> Result<(), UndoError> {
    let name = match by {
        Actor::Staff(staff) => Some(staff.name.clone()),
        _ => None,
    };
    let done = sqlx::query(
        "UPDATE imports SET state = $2, undone_utc_s = $3, undone_by_name = $4
         WHERE id = $1 AND state = 'written' AND kind <> 'travel'",
    )
    .bind(id)
    .bind(ImportState::Undone.code())
    .bind(now.0)
    .bind(name)
    .execute(tx.connection())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(UndoError::Nothing) }
}

/// The entries of a kind that the import `$1` added.
fn added(kind: RegisterKind) -> String {
    format!(
        "SELECT a.entity FROM register_changes a
         WHERE a.import_id = $1 AND a.kind = '{}' AND a.change = '{ADDED}'",
        kind.code()
    )
}

/// Refuses when something rests on the import.
async fn rests(tx: &mut Tx, id: i64) -> Result<(), UndoError> {
    let cases = cases_since(tx, id).await?;
    if !cases.is_empty() {
        return Err(UndoError::Cases(cases));
    }
    let mut texts = vec![later_changes(), under_added_contracts(), moved_serials(), owners_gone()];
    texts.extend([equipment_left_behind(), places_gone(), pointers_gone()]);
    for kept in &before::ALL {
        texts.extend([changed_since(kept), without_copy(kept), added_and_changed_again(kept)]);
    }
    for text in texts {
        let text = format!("{text} LIMIT {NAMED}");
        let rows = sqlx::query(AssertSqlSafe(text)).bind(id).fetch_all(tx.connection()).await?;
        if !rows.is_empty() {
            let keys = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
            return Err(UndoError::Changes(keys));
        }
    }
    Ok(())
}

/// Cases on what the import added, opened since then or corrected since then. A case that is older had none of it.
async fn cases_since(tx: &mut Tx, id: i64) -> Result<Vec<CaseNumber>, StoreError> {
    let (contracts, equipment) = (added(RegisterKind::Contract), added(RegisterKind::Equipment));
    let written = "(SELECT i.at_utc_s FROM imports i WHERE i.id = $1)";
    let since = format!(
        "(c.opened_utc_s >= {written} OR EXISTS (SELECT 1 FROM case_events e WHERE e.case_number = c.number
          AND e.kind IN ('revision:corrected', '') AND e.at_utc_s >= {written}))"
    );
    let text = format!(
        "SELECT c.number FROM cases c WHERE c.contract_number IN ({contracts}) AND {since}
         UNION SELECT c.number FROM cases c WHERE c.serial IN ({equipment}) AND {since} ORDER BY number LIMIT {NAMED}"
    );
    let rows = sqlx::query(AssertSqlSafe(text)).bind(id).fetch_all(tx.connection()).await?;
    let read = |row: &sqlx::any::AnyRow| -> Result<CaseNumber, StoreError> {
        let number: String = row.try_get(0)?;
        CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))
    };
    rows.iter().map(read).collect()
}

/// Later changes of the same entries. Those of imports that are undone are as if they had never been.
fn later_changes() -> String {
    "SELECT DISTINCT a.entity FROM register_changes a WHERE a.import_id = $1 AND EXISTS
         (SELECT 1 FROM register_changes b WHERE b.kind = a.kind AND b.entity = a.entity AND b.id > a.id
             AND (b.import_id IS NULL OR (b.import_id <> $1 AND NOT EXISTS
                  (SELECT 1 FROM imports i WHERE i.id = b.import_id AND i.state = 'undone'))))"
        .to_owned()
}

/// Equipment that was put under an added contract.
fn under_added_contracts() -> String {
    let contracts = added(RegisterKind::Contract);
    format!("SELECT e.serial FROM equipment e WHERE e.contract_number IN ({contracts})")
}

/// Equipment that was merged into another piece or whose serial was corrected, and pieces that it grew from.
fn moved_serials() -> String {
    let equipment = added(RegisterKind::Equipment);
    format!(
        "SELECT f.serial FROM former_serials f WHERE f.equipment IN ({equipment}) OR f.serial IN
             (SELECT a.entity FROM register_changes a WHERE a.import_id = $1 AND a.kind = 'equipment')"
    )
}

/// Contracts whose former organisation was merged or removed.
fn owners_gone() -> String {
    "SELECT b.number FROM import_contracts_before b LEFT JOIN organisations o ON o.id = b.organisation_id
     WHERE b.import_id = $1 AND o.id IS NULL"
        .to_owned()
}

/// Equipment of a contract that goes back to its former organisation, at a site that is not that organisation's.
fn equipment_left_behind() -> String {
    "SELECT e.serial FROM import_contracts_before b JOIN contracts c ON c.number = b.number
     JOIN equipment e ON e.contract_number = b.number JOIN sites s ON s.id = e.site_id
     WHERE b.import_id = $1 AND c.organisation_id <> b.organisation_id AND s.organisation_id <> b.organisation_id"
        .to_owned()
}

/// Equipment whose former contract or site is gone, or whose two belong to two organisations since then.
fn places_gone() -> String {
    "SELECT b.serial FROM import_equipment_before b LEFT JOIN contracts c ON c.number = b.contract_number
     LEFT JOIN sites s ON s.id = b.site_id
     WHERE b.import_id = $1 AND (c.number IS NULL OR s.id IS NULL OR (c.organisation_id <> s.organisation_id
         AND (c.organisation_id <> b.contract_owner OR s.organisation_id <> b.site_owner)))"
        .to_owned()
}

/// Former serials whose equipment is gone.
fn pointers_gone() -> String {
    "SELECT b.serial FROM import_pointers_before b LEFT JOIN equipment e ON e.serial = b.equipment
     WHERE b.import_id = $1 AND e.serial IS NULL"
        .to_owned()
}

/// Entries that are not as the import left them: also where no history says so.
fn changed_since(Kept { table, key, before, .. }: &Kept) -> String {
    format!(
        "SELECT CAST(b.{key} AS TEXT) FROM {before} b LEFT JOIN {table} t ON t.{key} = b.{key}
         WHERE b.import_id = $1 AND (t.{key} IS NULL OR t.version <> b.version_after)"
    )
}

/// Changed entries of which no copy was kept.
fn without_copy(Kept { kind, key, before, .. }: &Kept) -> String {
    format!(
        "SELECT a.entity FROM register_changes a
         WHERE a.import_id = $1 AND a.kind = '{}' AND a.change <> '{ADDED}' AND a.entity NOT IN
             (SELECT CAST(b.{key} AS TEXT) FROM {before} b WHERE b.import_id = $1)",
        kind.code()
    )
}

/// Added entries that another import changed.
fn added_and_changed_again(Kept { kind, key, before, .. }: &Kept) -> String {
    let added = added(*kind);
    format!(
        "SELECT CAST(b.{key} AS TEXT) FROM {before} b
         WHERE b.import_id <> $1 AND CAST(b.{key} AS TEXT) IN ({added})"
    )
}

/// What is written down of the changed entries: each field the other way round.
async fn reversed(tx: &mut Tx, id: i64) -> Result<Vec<Noted>, StoreError> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "SELECT kind, entity, change FROM register_changes WHERE import_id = $1 AND change <> '{ADDED}' ORDER BY id DESC"
    )))
    .bind(id)
    .fetch_all(tx.connection())
    .await?;
    let mut notes = Vec::with_capacity(rows.len());
    for row in &rows {
        let (kind, entity, text): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let wrong = |what: &str| StoreError::inconsistent("register_changes", what);
        let kind = RegisterKind::from_code(&kind).ok_or_else(|| wrong(&kind))?;
        let change: RegisterChange =
            serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
        let RegisterChange::Edited { fields } = change else { continue };
        let fields = fields.into_iter().map(|RegisterField { field, from, to }| RegisterField {
            field,
            from: to,
            to: from,
        });
        let change = RegisterChange::Edited { fields: fields.collect() };
        notes.push(Noted { kind, entity, change });
    }
    Ok(notes)
}

/// Gives changed rows their former values, in one statement for each table. An earlier import, which left a row as it is
/// again by now, finds it under its new version.
async fn put_back(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    for Kept { table, key, before, columns, .. } in &before::ALL {
        let values: Vec<String> = columns.iter().map(|column| format!("{column} = b.{column}")).collect();
        let values = values.join(", ");
        for text in [
            format!(
                "UPDATE {table} SET {values}, version = {table}.version + 1 FROM {before} AS b
                 WHERE b.import_id = $1 AND b.{key} = {table}.{key}"
            ),
            format!(
                "UPDATE {before} SET version_after = (SELECT t.version FROM {table} t WHERE t.{key} = {before}.{key})
                 WHERE import_id <> $1 AND EXISTS (SELECT 1 FROM {before} m WHERE m.import_id = $1
                     AND m.{key} = {before}.{key} AND m.version_before = {before}.version_after)"
            ),
            format!("DELETE FROM {before} WHERE import_id = $1"),
        ] {
            sqlx::query(AssertSqlSafe(text)).bind(id).execute(tx.connection()).await?;
        }
    }
    Ok(())
}

/// Lets former serials lead to their equipment again, which the import had taken for other equipment.
async fn restore_pointers(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    for text in [
        "INSERT INTO former_serials (serial, equipment)
         SELECT serial, equipment FROM import_pointers_before WHERE import_id = $1",
        "DELETE FROM import_pointers_before WHERE import_id = $1",
    ] {
        sqlx::query(text).bind(id).execute(tx.connection()).await?;
    }
    Ok(())
}

/// Removes what the import added. Sites and organisations stay when others rest on them by now.
async fn remove(tx: &mut Tx, id: i64) -> Result<Vec<Noted>, StoreError> {
    let sites = added(RegisterKind::Site);
    let organisations = added(RegisterKind::Organisation);
    let statements = [
        (RegisterKind::Equipment, format!("DELETE FROM equipment WHERE serial IN ({})", added(RegisterKind::Equipment))),
        (
            RegisterKind::Site,
            format!(
                "DELETE FROM sites WHERE CAST(id AS TEXT) IN ({sites})
                   AND NOT EXISTS (SELECT 1 FROM equipment e WHERE e.site_id = sites.id)
                   AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.site_id = sites.id)
                   AND NOT EXISTS (SELECT 1 FROM travel_times t WHERE t.site_id = sites.id OR t.other_site_id = sites.id)"
            ),
        ),
        (RegisterKind::Contract, format!("DELETE FROM contracts WHERE number IN ({})", added(RegisterKind::Contract))),
        (
            RegisterKind::Organisation,
            format!(
                "DELETE FROM organisations WHERE CAST(id AS TEXT) IN ({organisations})
                   AND NOT EXISTS (SELECT 1 FROM contracts c WHERE c.organisation_id = organisations.id)
                   AND NOT EXISTS (SELECT 1 FROM sites s WHERE s.organisation_id = organisations.id)
                   AND NOT EXISTS (SELECT 1 FROM company_members m WHERE m.organisation_id = organisations.id)
                   AND NOT EXISTS (SELECT 1 FROM composed_role_organisations l WHERE l.organisation_id = organisations.id)
                   AND NOT EXISTS (SELECT 1 FROM company_domains d WHERE d.organisation_id = organisations.id)"
            ),
        ),
    ];
    let mut notes = Vec::new();
    for (kind, text) in statements {
        let key = if matches!(kind, RegisterKind::Site | RegisterKind::Organisation) {
            "CAST(id AS TEXT)"
        } else if kind == RegisterKind::Contract {
            "number"
        } else {
            "serial"
        };
        let text = format!("{text} RETURNING {key}");
        let rows = sqlx::query(AssertSqlSafe(text)).bind(id).fetch_all(tx.connection()).await?;
        let keys = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
        search::list_cases(tx, kind, &keys).await?;
        notes.extend(keys.into_iter().map(|entity| Noted { kind, entity, change: RegisterChange::Removed }));
        let forget = format!(
            "DELETE FROM register_terms WHERE kind = '{}' AND entity IN ({})",
            kind.code(),
            added(kind)
        );
        sqlx::query(AssertSqlSafe(forget)).bind(id).execute(tx.connection()).await?;
    }
    Ok(notes)
}

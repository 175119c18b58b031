//! Undoing an import: what it added goes, what it changed is as before; only while nothing rests on it.

use std::collections::BTreeMap;

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::case_number::CaseNumber;
use domain::register::{ImportState, RegisterChange, RegisterField, RegisterKind};
use domain::time::Instant;
use sqlx::{AssertSqlSafe, Row};
use thiserror::Error;

use crate::Desk;
use crate::contracts::changes::{Noted, record_changes};
use crate::contracts::plans::plan_names;
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
    /// Cases were opened on what it added.
    #[error("cases rest on it")]
    Cases(Vec<CaseNumber>),
    /// Entries were changed since then, or others rest on them: their keys.
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
                let mut notes = put_back(tx, id, now).await?;
                notes.extend(remove(tx, id).await?);
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
    let (contracts, equipment) = (added(RegisterKind::Contract), added(RegisterKind::Equipment));
    let text = format!(
        "SELECT number FROM cases WHERE contract_number IN ({contracts})
         UNION SELECT number FROM cases WHERE serial IN ({equipment}) ORDER BY number LIMIT {NAMED}"
    );
    let rows = sqlx::query(AssertSqlSafe(text)).bind(id).fetch_all(tx.connection()).await?;
    if !rows.is_empty() {
        let read = |row: &sqlx::any::AnyRow| -> Result<CaseNumber, StoreError> {
            let number: String = row.try_get(0)?;
            CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))
        };
        return Err(UndoError::Cases(rows.iter().map(read).collect::<Result<_, _>>()?));
    }
    // Later changes of the same entries, but for those of imports that were undone; and equipment that was put under an
    // added contract.
    let texts = [
        "SELECT a.entity FROM register_changes a WHERE a.import_id = $1 AND EXISTS
             (SELECT 1 FROM register_changes b WHERE b.kind = a.kind AND b.entity = a.entity AND b.id > a.id
                                                  AND (b.import_id IS NULL OR b.import_id <> $1)
                                                  AND NOT EXISTS (SELECT 1 FROM imports i
                                                                  WHERE i.id = b.import_id AND i.state = 'undone'))"
            .to_owned(),
        format!("SELECT e.serial FROM equipment e WHERE e.contract_number IN ({contracts})"),
        format!(
            "SELECT f.serial FROM former_serials f WHERE f.equipment IN ({equipment}) OR f.serial IN ({equipment})"
        ),
    ];
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

/// Gives changed fields their former values. Gives what is written down of that.
async fn put_back(tx: &mut Tx, id: i64, now: Instant) -> Result<Vec<Noted>, StoreError> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "SELECT kind, entity, change FROM register_changes WHERE import_id = $1 AND change <> '{ADDED}' ORDER BY id DESC"
    )))
    .bind(id)
    .fetch_all(tx.connection())
    .await?;
    let plans: BTreeMap<String, i64> =
        plan_names(tx.connection(), now).await?.into_iter().map(|(id, name)| (name, id.0)).collect();
    let mut notes = Vec::with_capacity(rows.len());
    for row in &rows {
        let (kind, entity, text): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let wrong = |what: &str| StoreError::inconsistent("register_changes", what);
        let kind = RegisterKind::from_code(&kind).ok_or_else(|| wrong(&kind))?;
        let change: RegisterChange =
            serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
        let RegisterChange::Edited { fields } = change else { continue };
        for field in &fields {
            restore(tx, kind, &entity, field, &plans).await?;
        }
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

/// Writes the former value of one field. The names of columns are those of the import, not of a request.
async fn restore(
    tx: &mut Tx,
    kind: RegisterKind,
    entity: &str,
    field: &RegisterField,
    plans: &BTreeMap<String, i64>,
) -> Result<(), StoreError> {
    let wrong = |what: &str| StoreError::inconsistent("register_changes", what);
    let text = match (kind, field.field.as_str()) {
        (RegisterKind::Contract, "organisation") => {
            "organisation_id = COALESCE(
                 (SELECT o.id FROM organisations o WHERE o.name = $2
                  ORDER BY CASE WHEN o.country = contracts.country THEN 0 ELSE 1 END, o.id LIMIT 1), organisation_id)"
        }
        (RegisterKind::Contract, "plan") => {
            let plan = plans.get(&field.from).ok_or_else(|| wrong(&field.from))?;
            sqlx::query("UPDATE contracts SET plan_id = $2, version = version + 1 WHERE number = $1")
                .bind(entity.to_owned())
                .bind(*plan)
                .execute(tx.connection())
                .await?;
            return Ok(());
        }
        (RegisterKind::Contract | RegisterKind::Site, "country") => "country = $2",
        (RegisterKind::Contract, "valid_from") => "valid_from = $2",
        (RegisterKind::Contract, "valid_to") => "valid_to = $2",
        (RegisterKind::Site, "address") => "address = $2",
        (RegisterKind::Site, "zone") => "zone = $2",
        (RegisterKind::Equipment, "manufacturer") => "manufacturer = $2",
        (RegisterKind::Equipment, "model") => "model = $2",
        (RegisterKind::Equipment, "platform") => "platform = $2",
        // Restored before the site, whose name is one of the contract's organisation: fields are listed in that order.
        (RegisterKind::Equipment, "contract") => "contract_number = $2",
        (RegisterKind::Equipment, "site") => {
            "site_id = COALESCE((SELECT s.id FROM sites s JOIN contracts c ON c.organisation_id = s.organisation_id
                                 WHERE c.number = equipment.contract_number AND s.name = $2), site_id)"
        }
        (_, other) => return Err(wrong(other)),
    };
    let (table, key) = match kind {
        RegisterKind::Organisation => ("organisations", "CAST(id AS TEXT)"),
        RegisterKind::Contract => ("contracts", "number"),
        RegisterKind::Site => ("sites", "CAST(id AS TEXT)"),
        RegisterKind::Equipment => ("equipment", "serial"),
    };
    let text = format!("UPDATE {table} SET {text}, version = version + 1 WHERE {key} = $1");
    sqlx::query(AssertSqlSafe(text))
        .bind(entity.to_owned())
        .bind(field.from.clone())
        .execute(tx.connection())
        .await?;
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
                   AND NOT EXISTS (SELECT 1 FROM sites s WHERE s.organisation_id = organisations.id)"
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
        for row in &rows {
            notes.push(Noted { kind, entity: row.try_get(0)?, change: RegisterChange::Removed });
        }
        let forget = format!(
            "DELETE FROM register_terms WHERE kind = '{}' AND entity IN ({})",
            kind.code(),
            added(kind)
        );
        sqlx::query(AssertSqlSafe(forget)).bind(id).execute(tx.connection()).await?;
    }
    Ok(notes)
}

//! The rows of an entry that is added or changed.

use domain::register::RegisterKind;
use domain::time::Instant;

use super::EntryKey;
use super::entry::{Entry, Owner};
use super::parse::{SITE_ID, Values};
use crate::contracts::plans::known_plans;
use crate::search;
use crate::store::{StoreError, Tx, take_numbers};

/// The value of a field; every form of a kind has all its fields.
fn value(values: &Values, field: &str) -> Result<String, StoreError> {
    let found = values.iter().find(|(name, _)| *name == field).map(|(_, value)| value.clone());
    found.ok_or_else(|| StoreError::inconsistent("register_changes", format!("no field {field}")))
}

/// The id of a plan by its name.
async fn plan(tx: &mut Tx, values: &Values, now: Instant) -> Result<i64, StoreError> {
    let wanted = value(values, "plan")?;
    let plans = known_plans(tx.connection(), now).await?;
    let found = plans.into_iter().find(|plan| plan.name == wanted);
    found.map(|plan| plan.id.0).ok_or_else(|| StoreError::inconsistent("plans", wanted))
}

fn site_id(values: &Values) -> Result<i64, StoreError> {
    value(values, SITE_ID)?.parse().map_err(|error| StoreError::inconsistent("sites", error))
}

/// Writes a new entry. Gives its key.
pub(super) async fn insert(
    tx: &mut Tx,
    kind: RegisterKind,
    owner: &Owner,
    values: &Values,
    now: Instant,
) -> Result<EntryKey, StoreError> {
    let of = |field: &str| value(values, field);
    match kind {
        RegisterKind::Organisation => {
            let id = take_numbers(tx, "organisations", 1).await?;
            sqlx::query("INSERT INTO organisations (id, name, country) VALUES ($1, $2, $3)")
                .bind(id)
                .bind(of("name")?)
                .bind(of("country")?)
                .execute(tx.connection())
                .await?;
            Ok(EntryKey::Organisation(id))
        }
        RegisterKind::Contract => {
            let plan = plan(tx, values, now).await?;
            sqlx::query(
                "INSERT INTO contracts (number, organisation_id, country, plan_id, valid_from, valid_to, contact_name,
                                        contact_phone, contact_mail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(of("number")?)
            .bind(owner.id)
            .bind(of("country")?)
            .bind(plan)
            .bind(of("valid_from")?)
            .bind(of("valid_to")?)
            .bind(of("contact_name")?)
            .bind(of("contact_phone")?)
            .bind(of("contact_mail")?)
            .execute(tx.connection())
            .await?;
            Ok(EntryKey::Contract(of("number")?))
        }
        RegisterKind::Site => {
            let id = take_numbers(tx, "sites", 1).await?;
            sqlx::query(
                "INSERT INTO sites (id, organisation_id, name, address, country, zone) VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(id)
            .bind(owner.id)
            .bind(of("name")?)
            .bind(of("address")?)
            .bind(of("country")?)
            .bind(of("zone")?)
            .execute(tx.connection())
            .await?;
            Ok(EntryKey::Site(id))
        }
        RegisterKind::Equipment => {
            let serial = of("serial")?;
            forget_pointer(tx, &serial).await?;
            sqlx::query(
                "INSERT INTO equipment (serial, manufacturer, model, platform, site_id, contract_number)
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(serial.clone())
            .bind(of("manufacturer")?)
            .bind(of("model")?)
            .bind(of("platform")?)
            .bind(site_id(values)?)
            .bind(of("contract")?)
            .execute(tx.connection())
            .await?;
            Ok(EntryKey::Equipment(serial))
        }
    }
}

/// Writes the changed fields of an entry, and what follows from them. Gives its key: a corrected serial is another one.
pub(super) async fn update(
    tx: &mut Tx,
    found: &Entry,
    values: &Values,
    now: Instant,
) -> Result<EntryKey, StoreError> {
    let of = |field: &str| value(values, field);
    match &found.key {
        EntryKey::Organisation(id) => {
            let name = of("name")?;
            sqlx::query("UPDATE organisations SET name = $2, version = version + 1 WHERE id = $1")
                .bind(*id)
                .bind(name.clone())
                .execute(tx.connection())
                .await?;
            search::relabel_cases(tx, *id, &found.title, &name).await?;
        }
        EntryKey::Contract(number) => {
            let plan = plan(tx, values, now).await?;
            sqlx::query(
                "UPDATE contracts SET plan_id = $2, valid_from = $3, valid_to = $4, contact_name = $5, contact_phone = $6,
                                      contact_mail = $7, version = version + 1 WHERE number = $1",
            )
            .bind(number.clone())
            .bind(plan)
            .bind(of("valid_from")?)
            .bind(of("valid_to")?)
            .bind(of("contact_name")?)
            .bind(of("contact_phone")?)
            .bind(of("contact_mail")?)
            .execute(tx.connection())
            .await?;
        }
        EntryKey::Site(id) => {
            sqlx::query(
                "UPDATE sites SET name = $2, address = $3, country = $4, zone = $5, version = version + 1 WHERE id = $1",
            )
            .bind(*id)
            .bind(of("name")?)
            .bind(of("address")?)
            .bind(of("country")?)
            .bind(of("zone")?)
            .execute(tx.connection())
            .await?;
        }
        EntryKey::Equipment(former) => return update_equipment(tx, former, values).await,
    }
    Ok(found.key.clone())
}

async fn update_equipment(tx: &mut Tx, former: &str, values: &Values) -> Result<EntryKey, StoreError> {
    let of = |field: &str| value(values, field);
    let serial = of("serial")?;
    if serial != former {
        forget_pointer(tx, &serial).await?;
        point(tx, former, &serial).await?;
        search::forget_terms(tx, RegisterKind::Equipment, former).await?;
    }
    sqlx::query(
        "UPDATE equipment SET serial = $2, manufacturer = $3, model = $4, platform = $5, site_id = $6,
                              contract_number = $7, version = version + 1 WHERE serial = $1",
    )
    .bind(former.to_owned())
    .bind(serial.clone())
    .bind(of("manufacturer")?)
    .bind(of("model")?)
    .bind(of("platform")?)
    .bind(site_id(values)?)
    .bind(of("contract")?)
    .execute(tx.connection())
    .await?;
    Ok(EntryKey::Equipment(serial))
}

/// Lets a former serial lead to the one that the equipment has now, and with it all that led to the former one.
pub(super) async fn point(tx: &mut Tx, former: &str, serial: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE former_serials SET equipment = $2 WHERE equipment = $1")
        .bind(former.to_owned())
        .bind(serial.to_owned())
        .execute(tx.connection())
        .await?;
    sqlx::query("INSERT INTO former_serials (serial, equipment) VALUES ($1, $2)")
        .bind(former.to_owned())
        .bind(serial.to_owned())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Removes the pointer of a serial that equipment has again.
async fn forget_pointer(tx: &mut Tx, serial: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM former_serials WHERE serial = $1")
        .bind(serial.to_owned())
        .execute(tx.connection())
        .await?;
    Ok(())
}

//! The entries of a list's page, read by their keys.

use domain::country::Country;
use domain::page::Page;
use domain::register::RegisterKind;
use domain::search::FoundEquipment;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use super::list::{Listed, OrganisationLine, SiteLine};
use crate::Desk;
use crate::contracts::register::{EQUIPMENT, EquipmentRow};
use crate::search::contracts_of;
use crate::store::{StoreError, list as places};

/// The entries of a page's keys, in their order.
pub(super) async fn read(
    desk: &Desk,
    connection: &mut AnyConnection,
    kind: RegisterKind,
    keys: Page<String>,
) -> Result<Listed, StoreError> {
    let Page { rows: keys, paging } = keys;
    Ok(match kind {
        RegisterKind::Organisation => {
            let mut rows = organisations(connection, &keys).await?;
            rows.sort_by_key(|row| position(&keys, &row.id.to_string()));
            Listed::Organisations(Page { rows, paging })
        }
        RegisterKind::Contract => {
            let mut rows = contracts_of(desk, connection, &keys).await?;
            rows.sort_by_key(|row| position(&keys, &row.number));
            Listed::Contracts(Page { rows, paging })
        }
        RegisterKind::Site => {
            let mut rows = sites(connection, &keys).await?;
            rows.sort_by_key(|row| position(&keys, &row.id.to_string()));
            Listed::Sites(Page { rows, paging })
        }
        RegisterKind::Equipment => {
            let mut rows = equipment(connection, &keys).await?;
            rows.sort_by_key(|row| position(&keys, &row.serial));
            Listed::Equipment(Page { rows, paging })
        }
    })
}

fn position(keys: &[String], key: &str) -> Option<usize> {
    keys.iter().position(|other| other == key)
}

/// The rows of a query for a list of keys that stands at `IN (…)`.
async fn of_keys(
    connection: &mut AnyConnection,
    select: &str,
    column: &str,
    keys: &[String],
) -> Result<Vec<AnyRow>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("{select} WHERE {column} IN ({})", places(0, keys.len()));
    let query = keys.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, key| match key.parse::<i64>() {
        Ok(id) if matches!(column, "o.id" | "s.id") => query.bind(id),
        _ => query.bind(key.clone()),
    });
    Ok(query.fetch_all(connection).await?)
}

fn country(code: &str) -> Result<Country, StoreError> {
    Country::from_code(code).ok_or_else(|| StoreError::inconsistent("sites", code))
}

async fn organisations(
    connection: &mut AnyConnection,
    keys: &[String],
) -> Result<Vec<OrganisationLine>, StoreError> {
    let select = "SELECT o.id, o.name, o.country,
            (SELECT COUNT(*) FROM contracts c WHERE c.organisation_id = o.id),
            (SELECT COUNT(*) FROM equipment e JOIN contracts c ON c.number = e.contract_number
             WHERE c.organisation_id = o.id)
         FROM organisations o";
    let read = |row: &AnyRow| -> Result<OrganisationLine, StoreError> {
        Ok(OrganisationLine {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            country: country(&row.try_get::<String, _>(2)?)?,
            contracts: row.try_get(3)?,
            equipment: row.try_get(4)?,
        })
    };
    of_keys(connection, select, "o.id", keys).await?.iter().map(read).collect()
}

async fn sites(connection: &mut AnyConnection, keys: &[String]) -> Result<Vec<SiteLine>, StoreError> {
    let select = "SELECT s.id, s.name, s.address, s.country, o.id, o.name,
            (SELECT COUNT(*) FROM equipment e WHERE e.site_id = s.id)
         FROM sites s JOIN organisations o ON o.id = s.organisation_id";
    let read = |row: &AnyRow| -> Result<SiteLine, StoreError> {
        Ok(SiteLine {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            address: row.try_get(2)?,
            country: country(&row.try_get::<String, _>(3)?)?,
            organisation_id: row.try_get(4)?,
            organisation: row.try_get(5)?,
            equipment: row.try_get(6)?,
        })
    };
    of_keys(connection, select, "s.id", keys).await?.iter().map(read).collect()
}

pub(super) async fn equipment(
    connection: &mut AnyConnection,
    keys: &[String],
) -> Result<Vec<FoundEquipment>, StoreError> {
    let read = |row: &AnyRow| -> Result<FoundEquipment, StoreError> {
        let row = EquipmentRow::from_row(row)?;
        Ok(FoundEquipment { serial: row.serial.clone(), registered: row.seen()? })
    };
    of_keys(connection, EQUIPMENT, "e.serial", keys).await?.iter().map(read).collect()
}

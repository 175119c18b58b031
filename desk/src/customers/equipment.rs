//! Contracts and equipment of the company for which a customer is the contact.

use domain::actor::Actor;
use domain::page::{Page, Paging};
use domain::search::{FoundContract, FoundEquipment};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use super::address_of;
use super::companies::{OWN_COMPANIES, OwnCompany, companies};
use crate::Desk;
use crate::DeskError;
use crate::contracts::register::{EQUIPMENT, EquipmentRow};
use crate::search::contracts_of;
use crate::store::StoreError;

/// The most contracts that are listed.
const CONTRACTS: u32 = 100;

/// What a company has under contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEquipment {
    /// The companies, by name; empty for somebody who is the contact of cases alone.
    pub companies: Vec<OwnCompany>,
    /// The contracts, those that end last first.
    pub contracts: Vec<FoundContract>,
    /// The equipment of all of them, by site and serial.
    pub equipment: Page<FoundEquipment>,
}

/// The numbers of the contracts of the companies for which the address `$1` acts.
fn own_contracts() -> String {
    format!("SELECT k.number FROM contracts k WHERE k.organisation_id IN ({OWN_COMPANIES})")
}

/// A page of the equipment, counted from 1, with all contracts. A page beyond the last is the last.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_equipment(desk: &Desk, actor: &Actor, page: u32) -> Result<OwnEquipment, DeskError> {
    let address = address_of(actor)?;
    let mut reader = desk.store().reader().await?;
    let companies = companies(&mut reader, &address).await?;
    let numbers = numbers(&mut reader, &address).await?;
    let contracts = contracts_of(desk, &mut reader, &numbers).await?;
    let equipment = equipment(&mut reader, &address, page).await?;
    reader.done();
    Ok(OwnEquipment { companies, contracts, equipment })
}

async fn numbers(connection: &mut AnyConnection, address: &str) -> Result<Vec<String>, StoreError> {
    let text = format!(
        "SELECT number FROM contracts WHERE number IN ({}) ORDER BY valid_to DESC, number LIMIT {CONTRACTS}",
        own_contracts()
    );
    let rows = sqlx::query(AssertSqlSafe(text)).bind(address.to_owned()).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

async fn equipment(
    connection: &mut AnyConnection,
    address: &str,
    page: u32,
) -> Result<Page<FoundEquipment>, StoreError> {
    let own = own_contracts();
    let count = format!("SELECT COUNT(*) FROM equipment WHERE contract_number IN ({own})");
    let row = sqlx::query(AssertSqlSafe(count)).bind(address.to_owned()).fetch_one(&mut *connection).await?;
    let paging = Paging::of(row.try_get(0)?, page);
    let text = format!(
        "{EQUIPMENT} WHERE e.contract_number IN ({own}) ORDER BY s.name, e.serial LIMIT {} OFFSET {}",
        Paging::ROWS,
        paging.offset()
    );
    let rows = sqlx::query(AssertSqlSafe(text)).bind(address.to_owned()).fetch_all(connection).await?;
    let read = |row: &AnyRow| {
        let row = EquipmentRow::from_row(row)?;
        Ok::<_, StoreError>(FoundEquipment { serial: row.serial.clone(), registered: row.seen()? })
    };
    Ok(Page { rows: rows.iter().map(read).collect::<Result<_, _>>()?, paging })
}

//! Contracts and equipment of the companies for which a customer acts: what is promised, and labels.

use std::collections::BTreeMap;

use domain::actor::Actor;
use domain::audit::AuditData;
use domain::calendar::week::WeekHours;
use domain::case::ServiceHoursRef;
use domain::country::Country;
use domain::i18n::Language;
use domain::page::{Page, Paging};
use domain::search::{Force, FoundContract, FoundEquipment};
use domain::sla_plan::SlaPlan;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use super::address_of;
use super::companies::{OWN_COMPANIES, OwnCompany, companies, mailbox_of};
use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;
use crate::contracts::register::{EQUIPMENT, EquipmentRow, plan};
use crate::contracts::service_hours::load;
use crate::register::{LabelPaper, drawn};
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
    /// What contracts in force promise, by their numbers.
    pub promises: BTreeMap<String, Promises>,
    /// The equipment of all of them, by site and serial.
    pub equipment: Page<FoundEquipment>,
}

/// What a contract promises today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promises {
    /// The terms of its plan.
    pub terms: SlaPlan,
    /// The hours in which its clocks run, in the time of each site.
    pub hours: WeekHours,
    /// The country on whose holidays they stand still; `None` when they run.
    pub observes: Option<Country>,
}

/// The numbers of the contracts of the companies for which the address `$1` of the mailbox `$2` acts.
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
    let promises = promises(desk, &mut reader, &contracts).await?;
    let equipment = equipment(&mut reader, &address, page).await?;
    reader.done();
    Ok(OwnEquipment { companies, contracts, promises, equipment })
}

/// A label for one piece of the customer's equipment, for a label printer, as a PDF file.
///
/// # Errors
/// See [`DeskError`]. Foreign equipment is absent.
pub async fn own_label(
    desk: &Desk,
    actor: &Actor,
    serial: &str,
    language: Language,
) -> Result<Vec<u8>, DeskError> {
    let address = address_of(actor)?;
    // No serial has control characters, which a database may refuse.
    if serial.chars().any(char::is_control) {
        return Err(DeskError::NotFound);
    }
    let mut reader = desk.store().reader().await?;
    let text = format!("{EQUIPMENT} WHERE e.serial = $3 AND e.contract_number IN ({})", own_contracts());
    let row = sqlx::query(AssertSqlSafe(text))
        .bind(address.clone())
        .bind(mailbox_of(&address))
        .bind(serial.to_owned())
        .fetch_optional(&mut *reader)
        .await?;
    reader.done();
    let found = seen(&row.ok_or(DeskError::NotFound)?)?;
    let label = drawn(desk, vec![found], LabelPaper::LabelPrinter, language).await?;
    desk.note_reading(actor, Reading::Export(AuditData::Labels), 1);
    Ok(label)
}

/// What contracts in force promise.
async fn promises(
    desk: &Desk,
    connection: &mut AnyConnection,
    contracts: &[FoundContract],
) -> Result<BTreeMap<String, Promises>, StoreError> {
    let mut of_plans: BTreeMap<i64, Promises> = BTreeMap::new();
    let mut promises = BTreeMap::new();
    for contract in contracts.iter().filter(|contract| contract.force == Force::InForce) {
        let row = sqlx::query("SELECT plan_id FROM contracts WHERE number = $1")
            .bind(contract.number.clone())
            .fetch_one(&mut *connection)
            .await?;
        let id: i64 = row.try_get(0)?;
        let known = match of_plans.get(&id) {
            Some(known) => known.clone(),
            None => of_plan(desk, connection, id).await?,
        };
        of_plans.insert(id, known.clone());
        promises.insert(contract.number.clone(), known);
    }
    Ok(promises)
}

async fn of_plan(desk: &Desk, connection: &mut AnyConnection, id: i64) -> Result<Promises, StoreError> {
    let plan = plan(connection, id, desk.now()).await?;
    let (calendar, version) = (plan.calendar, plan.calendar_version);
    let calendar = load(connection, &ServiceHoursRef { calendar, version, zone: String::new() }).await?;
    Ok(Promises { terms: plan.terms, hours: calendar.hours, observes: calendar.observes })
}

async fn numbers(connection: &mut AnyConnection, address: &str) -> Result<Vec<String>, StoreError> {
    let text = format!(
        "SELECT number FROM contracts WHERE number IN ({}) ORDER BY valid_to DESC, number LIMIT {CONTRACTS}",
        own_contracts()
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(address.to_owned())
        .bind(mailbox_of(address))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

async fn equipment(
    connection: &mut AnyConnection,
    address: &str,
    page: u32,
) -> Result<Page<FoundEquipment>, StoreError> {
    let own = own_contracts();
    let count = format!("SELECT COUNT(*) FROM equipment WHERE contract_number IN ({own})");
    let row = sqlx::query(AssertSqlSafe(count))
        .bind(address.to_owned())
        .bind(mailbox_of(address))
        .fetch_one(&mut *connection)
        .await?;
    let paging = Paging::of(row.try_get(0)?, page);
    let text = format!(
        "{EQUIPMENT} WHERE e.contract_number IN ({own}) ORDER BY s.name, e.serial LIMIT {} OFFSET {}",
        Paging::ROWS,
        paging.offset()
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(address.to_owned())
        .bind(mailbox_of(address))
        .fetch_all(connection)
        .await?;
    Ok(Page { rows: rows.iter().map(seen).collect::<Result<_, _>>()?, paging })
}

fn seen(row: &AnyRow) -> Result<FoundEquipment, StoreError> {
    let row = EquipmentRow::from_row(row)?;
    Ok(FoundEquipment { serial: row.serial.clone(), registered: row.seen()? })
}

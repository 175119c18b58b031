//! A customer's card: contracts, equipment, contacts, and open cases.

use std::collections::{BTreeMap, BTreeSet};

use domain::actor::{Action, Actor, Subject, may};
use domain::case_number::CaseNumber;
use domain::search::{CustomerCard, KnownContact};
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use super::look_up::{By, contracts_of, customers_of, equipment_by};
use crate::Desk;
use crate::DeskError;
use crate::cases::wall::with_hours;
use crate::events::cases_and_labels;
use crate::projections::case_row::{CASE_COLUMNS, CaseRecord};
use crate::reach::is_narrowed;
use crate::store::{StoreError, list};

/// The most pieces of equipment on a card.
const EQUIPMENT: usize = 60;
/// The most contracts on a card.
const CONTRACTS: usize = 40;
/// The most cases that are searched for contacts.
const LATEST: usize = 30;

/// The card of a customer, or of the one into which it was merged; `None` when the register has no such customer.
///
/// # Errors
/// See [`DeskError`].
pub async fn customer(desk: &Desk, actor: &Actor, id: i64) -> Result<Option<CustomerCard>, DeskError> {
    may(actor, Action::Search, Subject::Desk)?;
    if is_narrowed(actor) {
        // A card has all of a customer, and knows no scope.
        return Ok(None);
    }
    let mut reader = desk.store().reader().await?;
    let pointer = sqlx::query("SELECT into_id FROM former_organisations WHERE id = $1").bind(id);
    let id = match pointer.fetch_optional(&mut *reader).await.map_err(StoreError::from)? {
        Some(row) => row.try_get(0).map_err(StoreError::from)?,
        None => id,
    };
    let Some(customer) = customers_of(&mut reader, &[id]).await?.pop() else {
        reader.done();
        return Ok(None);
    };
    let text = format!(
        "SELECT number FROM contracts WHERE organisation_id = $1 ORDER BY valid_to DESC, number LIMIT {CONTRACTS}"
    );
    let rows =
        sqlx::query(AssertSqlSafe(text)).bind(id).fetch_all(&mut *reader).await.map_err(StoreError::from)?;
    let numbers: Vec<String> =
        rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(StoreError::from)?;
    let contracts = contracts_of(desk, &mut reader, &numbers).await?;
    let mut equipment = equipment_by(&mut reader, By::Contract, &numbers, EQUIPMENT + 1).await?;
    let more_equipment = equipment.len() > EQUIPMENT;
    equipment.truncate(EQUIPMENT);
    let people = known_people(&mut reader, &numbers).await?;
    let open = open_cases(&mut reader, &numbers).await?;
    reader.done();
    let open = with_hours(desk, desk.feed().head(), open).await?;
    Ok(Some(CustomerCard { customer, contracts, equipment, more_equipment, people, open }))
}

async fn open_cases(
    connection: &mut AnyConnection,
    contracts: &[String],
) -> Result<Vec<CaseRecord>, StoreError> {
    if contracts.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT {CASE_COLUMNS} FROM cases WHERE contract_number IN ({}) AND is_open = 1
         ORDER BY sort_key, number LIMIT 50",
        list(0, contracts.len())
    );
    let query = contracts.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, key| query.bind(key.clone()));
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| Ok(CaseRecord::from_row(row)?)).collect()
}

/// The contacts of a customer's cases, each once with the latest case.
async fn known_people(
    connection: &mut AnyConnection,
    contracts: &[String],
) -> Result<Vec<KnownContact>, StoreError> {
    if contracts.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT number FROM cases WHERE contract_number IN ({}) ORDER BY opened_utc_s DESC, number DESC LIMIT {LATEST}",
        list(0, contracts.len())
    );
    let query = contracts.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, key| query.bind(key.clone()));
    let mut numbers = Vec::new();
    for row in query.fetch_all(&mut *connection).await? {
        let number: String = row.try_get(0)?;
        numbers.push(CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))?);
    }
    let cases = cases_and_labels(connection, &numbers).await?;
    let mut by_number: BTreeMap<CaseNumber, _> =
        cases.into_iter().map(|(case, _)| (case.opening.number, case.opening.report.contact)).collect();
    let (mut seen, mut known) = (BTreeSet::new(), Vec::new());
    for case in numbers {
        let Some(contact) = by_number.remove(&case) else { continue };
        if seen.insert((contact.name.as_str().to_lowercase(), contact.phone.e164())) {
            known.push(KnownContact { contact, case });
        }
    }
    Ok(known)
}

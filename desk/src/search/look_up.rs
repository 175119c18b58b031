//! Search of the register beside the cases: customers, contracts, sites and equipment.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::actor::Actor;
use domain::audit::AuditData;
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::register::RegisterKind as Kind;
use domain::search::{
    Force, Found, FoundContract, FoundCustomer, FoundEquipment, FoundRegister, FoundSite, LookedUp, Query,
    QueryWord,
};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use super::customer::customer;
use super::lookup::range;
use super::search;
use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;
use crate::contracts::register::{EQUIPMENT, EquipmentRow, local_date};
use crate::reach::is_narrowed;
use crate::store::{StoreError, list, portions, row};

/// The most results of each kind.
const SHOWN: usize = 8;

/// All cases, customers, contracts, sites and equipment that match every word of a text.
///
/// # Errors
/// See [`DeskError`].
pub async fn look_up(desk: &Desk, actor: &Actor, text: &str) -> Result<LookedUp, DeskError> {
    let cases = search(desk, actor, text).await?;
    let nothing = FoundRegister::default;
    let numbers: Vec<CaseNumber> = match &cases {
        Found::Nothing => return Ok(LookedUp { cases, register: nothing(), card: None }),
        Found::Case(_) => {
            desk.note_reading(actor, Reading::Search(AuditData::Cases), 1);
            return Ok(LookedUp { cases, register: nothing(), card: None });
        }
        Found::Cases(rows) | Found::Many(rows) => rows.iter().map(|row| row.number).collect(),
    };
    if is_narrowed(actor) {
        // The register knows no scope.
        desk.note_reading(actor, Reading::Search(AuditData::Cases), numbers.len());
        return Ok(LookedUp { cases, register: nothing(), card: None });
    }
    let mut reader = desk.store().reader().await?;
    let register = found(desk, &mut reader, &Query::parse(text)).await?;
    let mut owners = register.owners();
    owners.extend(owners_of(&mut reader, &numbers).await?);
    reader.done();
    desk.note_reading(actor, Reading::Search(AuditData::Cases), numbers.len());
    let FoundRegister { customers, contracts, sites, equipment } = &register;
    let entries = customers.len() + contracts.len() + sites.len() + equipment.len();
    if entries > 0 {
        desk.note_reading(actor, Reading::Search(AuditData::Register), entries);
    }
    let only = if owners.len() == 1 { owners.first().copied() } else { None };
    let card = match only {
        Some(id) => customer(desk, actor, id).await?,
        None => None,
    };
    Ok(LookedUp { cases, register, card })
}

/// The card of a case's customer, if the contract is registered.
///
/// # Errors
/// See [`DeskError`].
pub(crate) async fn look_up_owner(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
) -> Result<LookedUp, DeskError> {
    let mut reader = desk.store().reader().await?;
    let owners = owners_of(&mut reader, &[number]).await?;
    reader.done();
    let card = match owners.first() {
        Some(id) => customer(desk, actor, *id).await?,
        None => None,
    };
    Ok(LookedUp { cases: Found::Nothing, register: FoundRegister::default(), card })
}

/// The organisations of cases with registered contracts.
async fn owners_of(
    connection: &mut AnyConnection,
    numbers: &[CaseNumber],
) -> Result<BTreeSet<i64>, StoreError> {
    let mut owners = BTreeSet::new();
    for some in portions(numbers) {
        let text = format!(
            "SELECT DISTINCT k.organisation_id FROM cases c JOIN contracts k ON k.number = c.contract_number
             WHERE c.number IN ({})",
            list(0, some.len())
        );
        let query = sqlx::query(AssertSqlSafe(text));
        let query = some.iter().fold(query, |query, number| query.bind(number.as_compact()));
        for row in query.fetch_all(&mut *connection).await? {
            owners.insert(row.try_get(0)?);
        }
    }
    Ok(owners)
}

async fn found(
    desk: &Desk,
    connection: &mut AnyConnection,
    query: &Query,
) -> Result<FoundRegister, StoreError> {
    // A word that can only be a case number has no term.
    if query.words().is_empty() || query.words().iter().any(|word| word.terms.is_empty()) {
        return Ok(FoundRegister::default());
    }
    let customers = keys(connection, Kind::Organisation, query.words()).await?;
    let contracts = keys(connection, Kind::Contract, query.words()).await?;
    let sites = keys(connection, Kind::Site, query.words()).await?;
    let equipment = keys(connection, Kind::Equipment, query.words()).await?;
    Ok(FoundRegister {
        customers: customers_of(connection, &ids(&customers)).await?,
        contracts: contracts_of(desk, connection, &contracts).await?,
        sites: sites_of(connection, &ids(&sites)).await?,
        equipment: equipment_by(connection, By::Serial, &equipment, SHOWN).await?,
    })
}

fn ids(keys: &[String]) -> Vec<i64> {
    keys.iter().filter_map(|key| key.parse().ok()).collect()
}

/// A query for each word: the keys of entries of the kind `$1` with a term of the word. Placeholders are numbered after
/// `before`; [`bounds`] gives their values.
pub(crate) fn selections(words: &[QueryWord], before: usize) -> Vec<String> {
    let mut places = before;
    let selection = |word: &QueryWord| {
        let ranges = (0..word.terms.len()).map(|at| {
            let from = places + 2 * at + 1;
            format!("term >= ${from} AND term < ${}", from + 1)
        });
        let ranges = ranges.collect::<Vec<_>>().join(" OR ");
        places += 2 * word.terms.len();
        format!("SELECT entity FROM register_terms WHERE kind = $1 AND ({ranges})")
    };
    words.iter().map(selection).collect()
}

/// The values of the placeholders of [`selections`], in their order.
pub(crate) fn bounds(words: &[QueryWord]) -> Vec<Vec<u8>> {
    let ranges = words.iter().flat_map(|word| &word.terms).map(range);
    ranges.flat_map(|(from, to)| [from, to]).collect()
}

/// The keys of a kind that match every word.
async fn keys(
    connection: &mut AnyConnection,
    kind: Kind,
    words: &[QueryWord],
) -> Result<Vec<String>, StoreError> {
    let parts: Vec<String> = selections(words, 1);
    let text =
        format!("SELECT entity FROM ({}) AS found ORDER BY entity LIMIT {SHOWN}", parts.join(" INTERSECT "));
    // A single word may match an entity several times.
    let text =
        if parts.len() == 1 { text.replacen("SELECT entity", "SELECT DISTINCT entity", 1) } else { text };
    let statement = sqlx::query(AssertSqlSafe(text)).bind(kind.code());
    let statement = bounds(words).into_iter().fold(statement, sqlx::query::Query::bind);
    let rows = statement.fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The column by which equipment is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The serial of the equipment.
    Serial,
    /// Number of its contract.
    Contract,
}

fn country(code: &str) -> Result<Country, StoreError> {
    Country::from_code(code).ok_or_else(|| StoreError::inconsistent("organisations", code))
}

pub(super) async fn customers_of(
    connection: &mut AnyConnection,
    ids: &[i64],
) -> Result<Vec<FoundCustomer>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT id, name, country FROM organisations WHERE id IN ({}) ORDER BY name, id",
        list(0, ids.len())
    );
    let query = ids.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, id| query.bind(*id));
    let rows = query.fetch_all(connection).await?;
    let read = |row: &AnyRow| -> Result<FoundCustomer, StoreError> {
        let code: String = row.try_get(2)?;
        Ok(FoundCustomer { id: row.try_get(0)?, name: row.try_get(1)?, country: country(&code)? })
    };
    rows.iter().map(read).collect()
}

row! {
    struct ContractRow {
        number: String,
        valid_from: String,
        valid_to: String,
        plan: Option<String>,
        id: i64,
        name: String,
        country: String,
    }
}

/// The query of [`ContractRow`]s.
const CONTRACT: &str = "SELECT c.number, c.valid_from, c.valid_to,
       (SELECT p.name FROM plans p WHERE p.id = c.plan_id ORDER BY p.version DESC LIMIT 1) AS plan,
       o.id, o.name, o.country
FROM contracts c JOIN organisations o ON o.id = c.organisation_id";

fn contract(desk: &Desk, row: ContractRow) -> Result<FoundContract, StoreError> {
    let date =
        |text: &str| text.parse::<NaiveDate>().map_err(|error| StoreError::inconsistent("contracts", error));
    let (from, to, country) = (date(&row.valid_from)?, date(&row.valid_to)?, country(&row.country)?);
    let today = local_date(country.capital_zone(), desk.now())?;
    Ok(FoundContract {
        number: row.number,
        customer: FoundCustomer { id: row.id, name: row.name, country },
        from,
        to,
        plan: row.plan.unwrap_or_default(),
        force: Force::on(today, from, to),
    })
}

pub(crate) async fn contracts_of(
    desk: &Desk,
    connection: &mut AnyConnection,
    keys: &[String],
) -> Result<Vec<FoundContract>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let text =
        format!("{CONTRACT} WHERE c.number IN ({}) ORDER BY c.valid_to DESC, c.number", list(0, keys.len()));
    let query = keys.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, key| query.bind(key.clone()));
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| contract(desk, ContractRow::from_row(row)?)).collect()
}

async fn sites_of(connection: &mut AnyConnection, ids: &[i64]) -> Result<Vec<FoundSite>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT s.name, s.address, o.id, o.name, o.country
         FROM sites s JOIN organisations o ON o.id = s.organisation_id
         WHERE s.id IN ({}) ORDER BY o.name, s.name, s.id",
        list(0, ids.len())
    );
    let query = ids.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, id| query.bind(*id));
    let rows = query.fetch_all(connection).await?;
    let read = |row: &AnyRow| -> Result<FoundSite, StoreError> {
        let code: String = row.try_get(4)?;
        let customer = FoundCustomer { id: row.try_get(2)?, name: row.try_get(3)?, country: country(&code)? };
        Ok(FoundSite { name: row.try_get(0)?, address: row.try_get(1)?, customer })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn equipment_by(
    connection: &mut AnyConnection,
    by: By,
    keys: &[String],
    most: usize,
) -> Result<Vec<FoundEquipment>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let column = match by {
        By::Serial => "e.serial",
        By::Contract => "e.contract_number",
    };
    let text = format!(
        "{EQUIPMENT} WHERE {column} IN ({}) ORDER BY s.name, e.serial LIMIT {most}",
        list(0, keys.len())
    );
    let query = keys.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, key| query.bind(key.clone()));
    let rows = query.fetch_all(connection).await?;
    let read = |row: &AnyRow| {
        let row = EquipmentRow::from_row(row)?;
        Ok(FoundEquipment { serial: row.serial.clone(), registered: row.seen()? })
    };
    rows.iter().map(read).collect()
}

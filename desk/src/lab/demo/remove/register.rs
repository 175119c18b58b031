//! The demonstration's register: what of it nobody else's work rests on.

use std::collections::BTreeSet;

use domain::case_number::CaseNumber;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::lab::demo::register::{demo_contracts, demo_equipment};
use crate::store::{StoreError, list};

/// What of the register goes, and which contracts stay.
pub(super) struct RegisterPlan {
    pub(super) contracts: Vec<String>,
    pub(super) contracts_kept: Vec<String>,
    pub(super) equipment: Vec<String>,
    pub(super) sites: Vec<i64>,
    pub(super) organisations: Vec<i64>,
}

/// What cases that stay name of the register.
#[derive(Default)]
struct Named {
    contracts: BTreeSet<String>,
    serials: BTreeSet<String>,
    sites: BTreeSet<i64>,
}

pub(super) async fn plan(
    connection: &mut AnyConnection,
    gone: &BTreeSet<CaseNumber>,
) -> Result<RegisterPlan, StoreError> {
    let ours: BTreeSet<String> = demo_contracts().map(|row| row.number).collect();
    let named = named(connection, gone, &ours).await?;
    let serials: BTreeSet<String> = demo_equipment().map(|row| row.serial).collect();
    let (mut equipment, mut held, mut sites_held) = (Vec::new(), named.contracts, named.sites);
    let text = format!(
        "SELECT serial, contract_number, site_id FROM equipment WHERE contract_number IN ({}) ORDER BY serial",
        list(0, ours.len())
    );
    for row in bound(&text, &ours).fetch_all(&mut *connection).await? {
        let (serial, contract, site): (String, String, i64) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        if serials.contains(&serial) && !named.serials.contains(&serial) {
            equipment.push(serial);
        } else {
            held.insert(contract);
            sites_held.insert(site);
        }
    }
    let text = format!(
        "SELECT number, organisation_id FROM contracts WHERE number IN ({}) ORDER BY number",
        list(0, ours.len())
    );
    let (mut contracts, mut contracts_kept, mut owners) = (Vec::new(), Vec::new(), BTreeSet::new());
    for row in bound(&text, &ours).fetch_all(&mut *connection).await? {
        let number: String = row.try_get(0)?;
        owners.insert(row.try_get::<i64, _>(1)?);
        let list = if held.contains(&number) { &mut contracts_kept } else { &mut contracts };
        list.push(number);
    }
    let going: BTreeSet<&String> = contracts.iter().collect();
    let sites = sites(connection, &owners, &equipment, &sites_held).await?;
    let organisations = organisations(connection, owners, &going, &sites).await?;
    Ok(RegisterPlan { contracts, contracts_kept, equipment, sites, organisations })
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

fn bound<'q>(text: &str, values: &BTreeSet<String>) -> Query<'q> {
    let query = sqlx::query(AssertSqlSafe(text.to_owned()));
    values.iter().fold(query, |query, value| query.bind(value.clone()))
}

async fn named(
    connection: &mut AnyConnection,
    gone: &BTreeSet<CaseNumber>,
    ours: &BTreeSet<String>,
) -> Result<Named, StoreError> {
    let text = format!(
        "SELECT number, contract_number, serial, site_id FROM cases WHERE contract_number IN ({})",
        list(0, ours.len())
    );
    let mut named = Named::default();
    for row in bound(&text, ours).fetch_all(connection).await? {
        let number: String = row.try_get(0)?;
        let number = CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))?;
        if gone.contains(&number) {
            continue;
        }
        named.contracts.insert(row.try_get(1)?);
        named.serials.insert(row.try_get(2)?);
        named.sites.extend(row.try_get::<Option<i64>, _>(3)?);
    }
    Ok(named)
}

/// Sites of the demonstration's customers where nothing is left.
async fn sites(
    connection: &mut AnyConnection,
    owners: &BTreeSet<i64>,
    equipment: &[String],
    held: &BTreeSet<i64>,
) -> Result<Vec<i64>, StoreError> {
    let names: BTreeSet<String> = demo_equipment().map(|row| row.site).collect();
    let going: BTreeSet<&String> = equipment.iter().collect();
    let mut sites = Vec::new();
    for owner in owners {
        let rows = sqlx::query("SELECT id, name FROM sites WHERE organisation_id = $1 ORDER BY id")
            .bind(*owner)
            .fetch_all(&mut *connection)
            .await?;
        for row in rows {
            let (id, name): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
            if !names.contains(&name) || held.contains(&id) {
                continue;
            }
            let rows = sqlx::query("SELECT serial FROM equipment WHERE site_id = $1")
                .bind(id)
                .fetch_all(&mut *connection)
                .await?;
            let left: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
            if left.iter().all(|serial| going.contains(serial)) {
                sites.push(id);
            }
        }
    }
    Ok(sites)
}

/// Customers of the demonstration without a contract or a site that stays.
async fn organisations(
    connection: &mut AnyConnection,
    owners: BTreeSet<i64>,
    contracts: &BTreeSet<&String>,
    sites: &[i64],
) -> Result<Vec<i64>, StoreError> {
    let mut organisations = Vec::new();
    for owner in owners {
        let rows = sqlx::query("SELECT number FROM contracts WHERE organisation_id = $1")
            .bind(owner)
            .fetch_all(&mut *connection)
            .await?;
        let numbers: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        let rows = sqlx::query("SELECT id FROM sites WHERE organisation_id = $1")
            .bind(owner)
            .fetch_all(&mut *connection)
            .await?;
        let places: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        if numbers.iter().all(|number| contracts.contains(number))
            && places.iter().all(|place| sites.contains(place))
        {
            organisations.push(owner);
        }
    }
    Ok(organisations)
}

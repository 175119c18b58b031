//! The register: contracts, equipment, sites and plans.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::actor::Scope;
use domain::calendar::week::CalendarId;
use domain::calendar::zone::Zone;
use domain::case::ServiceHoursRef;
use domain::contract_number::ContractNumber;
use domain::country::Country;
use domain::entitlement::{Entitlement, Registered, RegisteredView, ValidationReason, Validity, assess};
use domain::priority::Platform;
use domain::serial::Serial;
use domain::site::{Site, SiteId};
use domain::sla_plan::SlaPlan;
use domain::time::{Instant, Span};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use crate::contracts::labels::Labels;
use crate::contracts::questionnaires::with_questions;
use crate::store::{StoreError, row};

/// A contract with its plan in force.
#[derive(Debug, Clone)]
pub(crate) struct Contract {
    pub(crate) organisation: String,
    pub(crate) country: Country,
    pub(crate) validity: Validity,
    pub(crate) plan: Plan,
}

/// A plan's terms and its calendar.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) id: i64,
    pub(crate) terms: SlaPlan,
    pub(crate) calendar: CalendarId,
    pub(crate) calendar_version: u32,
}

/// A piece of equipment and its site.
#[derive(Debug, Clone)]
pub(crate) struct Equipment {
    pub(crate) label: String,
    pub(crate) contract: String,
    pub(crate) site: Site,
    pub(crate) country: Country,
    pub(crate) zone: String,
}

row! {
    /// The row of a contract and a serial; each is complete or absent.
    struct EntryRow {
        organisation: Option<String>,
        contract_country: Option<String>,
        valid_from: Option<String>,
        valid_to: Option<String>,
        plan_id: Option<i64>,
        terms: Option<String>,
        calendar_id: Option<i64>,
        calendar_version: Option<i64>,
        manufacturer: Option<String>,
        model: Option<String>,
        contract_number: Option<String>,
        site_id: Option<i64>,
        site: Option<String>,
        site_address: Option<String>,
        site_country: Option<String>,
        zone: Option<String>,
    }
}

row! {
    struct PlanRow {
        terms: String,
        calendar_id: i64,
        calendar_version: i64,
    }
}

/// The versions of a plan and its calendar in force at `now`.
pub(crate) async fn plan(connection: &mut AnyConnection, id: i64, now: Instant) -> Result<Plan, StoreError> {
    let row: Option<PlanRow> = sqlx::query_as(
        "SELECT p.terms, p.calendar_id, k.version AS calendar_version
         FROM plans p JOIN calendars k ON k.id = p.calendar_id
         WHERE p.id = $1 AND p.effective_from_utc_s <= $2 AND k.effective_from_utc_s <= $2
         ORDER BY p.version DESC, k.version DESC
         LIMIT 1",
    )
    .bind(id)
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    read_plan(id, row.map(|row| (row.terms, row.calendar_id, row.calendar_version)))
}

/// A plan from its row; an error when no version is in force.
fn read_plan(id: i64, row: Option<(String, i64, i64)>) -> Result<Plan, StoreError> {
    let (terms, calendar, version) =
        row.ok_or_else(|| StoreError::inconsistent("plans", format!("no plan {id} in force")))?;
    Ok(Plan {
        id,
        terms: serde_json::from_str(&terms).map_err(|error| StoreError::inconsistent("plans", error))?,
        calendar: CalendarId(calendar),
        calendar_version: u32::try_from(version)
            .map_err(|error| StoreError::inconsistent("calendars", error))?,
    })
}

/// A query of the register.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RegisterQuery<'a> {
    pub(crate) contract: Option<&'a ContractNumber>,
    pub(crate) serial: Option<&'a Serial>,
    pub(crate) country: Country,
    pub(crate) at: Instant,
    /// Of the reader: what lies outside is unknown.
    pub(crate) scope: Scope,
}

/// The register's answer to a query.
#[derive(Debug)]
pub(crate) struct Entry {
    contract: Option<Contract>,
    equipment: Option<Equipment>,
}

impl Entry {
    /// Reads the [`COLUMNS`] of a row.
    pub(crate) fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let row = EntryRow::from_row(row)?;
        let date = |text: &str| {
            text.parse::<NaiveDate>().map_err(|error| StoreError::inconsistent("contracts", error))
        };
        let plan = row.terms.zip(row.calendar_id).zip(row.calendar_version);
        let terms = row.valid_from.zip(row.valid_to).zip(row.plan_id);
        let contract = match (row.organisation, row.contract_country, terms) {
            (Some(organisation), Some(code), Some(((from, to), plan_id))) => Some(Contract {
                organisation,
                country: Country::from_code(&code)
                    .ok_or_else(|| StoreError::inconsistent("contracts", &code))?,
                validity: Validity { from: date(&from)?, to: date(&to)? },
                plan: read_plan(
                    plan_id,
                    plan.map(|((terms, calendar), version)| (terms, calendar, version)),
                )?,
            }),
            _ => None,
        };
        let label = row.manufacturer.zip(row.model);
        let label = label.map(|(maker, model)| format!("{maker} {model}").trim().to_owned());
        let site = match (row.site_id, row.site, row.site_address) {
            (Some(id), Some(name), Some(address)) => Some(Site { id: SiteId(id), name, address }),
            _ => None,
        };
        let equipment = match (label, row.contract_number, site, row.site_country, row.zone) {
            (Some(label), Some(contract), Some(site), Some(code), Some(zone)) => {
                let country =
                    Country::from_code(&code).ok_or_else(|| StoreError::inconsistent("sites", &code))?;
                Some(Equipment { label, contract, site, country, zone })
            }
            _ => None,
        };
        Ok(Self { contract, equipment })
    }

    /// The entry as a scope knows it. Each part is judged by its own country, so that a foreign one is like one that does
    /// not exist.
    fn within(self, scope: Scope) -> Self {
        Self {
            contract: self.contract.filter(|contract| scope.holds(contract.country)),
            equipment: self.equipment.filter(|equipment| scope.holds(equipment.country)),
        }
    }
}

/// The columns of an [`Entry`], for the `contract` and `serial` of a row `wanted` at its `at_utc_s`.
pub(crate) const COLUMNS: &str =
    "o.name AS organisation, c.country AS contract_country, c.valid_from, c.valid_to, c.plan_id, p.terms, p.calendar_id,
    (SELECT MAX(k.version) FROM calendars k
     WHERE k.id = p.calendar_id AND k.effective_from_utc_s <= wanted.at_utc_s) AS calendar_version,
    e.manufacturer, e.model, e.contract_number, s.id AS site_id, s.name AS site, s.address AS site_address,
    s.country AS site_country, s.zone";
/// The joins of [`COLUMNS`]. A former spelling of a serial leads to the equipment.
pub(crate) const JOINS: &str = "LEFT JOIN contracts c ON c.number = wanted.contract
    LEFT JOIN organisations o ON o.id = c.organisation_id
    LEFT JOIN plans p ON p.id = c.plan_id
        AND p.version = (SELECT MAX(v.version) FROM plans v
                         WHERE v.id = c.plan_id AND v.effective_from_utc_s <= wanted.at_utc_s)
    LEFT JOIN equipment e ON e.serial = COALESCE((SELECT f.equipment FROM former_serials f WHERE f.serial = wanted.serial), wanted.serial)
    LEFT JOIN sites s ON s.id = e.site_id";

/// The register's answer for a report: entitlement, plan and service hours.
#[derive(Debug, Clone)]
pub(crate) struct RegisterMatch {
    pub(crate) coverage: Entitlement,
    /// Id of the plan that applies.
    pub(crate) plan: i64,
    pub(crate) terms: SlaPlan,
    pub(crate) hours: ServiceHoursRef,
    pub(crate) contract: Option<Contract>,
    pub(crate) equipment: Option<Equipment>,
}

impl RegisterMatch {
    /// Labels of a case under this contract and serial.
    pub(crate) fn labels(&self, contract: Option<&ContractNumber>, serial: &Serial) -> Labels {
        let known = self
            .equipment
            .as_ref()
            .filter(|equipment| contract.is_some_and(|contract| contract.as_str() == equipment.contract));
        Labels {
            site: known.map(|found| found.site.clone()),
            customer: self.contract.as_ref().map(|found| found.organisation.clone()).unwrap_or_default(),
            equipment: known.map_or_else(|| serial.as_str().to_owned(), |found| found.label.clone()),
        }
    }
}

/// Looks up contract and serial, and assesses them on the local date of the site.
pub(crate) async fn resolve_contract(
    connection: &mut AnyConnection,
    asked: RegisterQuery<'_>,
) -> Result<RegisterMatch, StoreError> {
    let text = format!(
        "WITH wanted (contract, serial, at_utc_s) AS (VALUES ($1, $2, $3)) SELECT {COLUMNS} FROM wanted {JOINS}"
    );
    let row = sqlx::query(AssertSqlSafe(text))
        .bind(asked.contract.map(ContractNumber::as_str))
        .bind(asked.serial.map(Serial::as_str))
        .bind(asked.at.0)
        .fetch_one(&mut *connection)
        .await?;
    assessed(connection, &asked, Entry::read(&row)?, &mut FallbackPlans::new()).await
}

row! {
    /// A row of equipment.
    pub(crate) struct EquipmentRow {
        pub(crate) serial: String,
        pub(crate) manufacturer: String,
        pub(crate) model: String,
        pub(crate) platform: String,
        pub(crate) contract_number: String,
        pub(crate) site: String,
        pub(crate) address: String,
        pub(crate) country: String,
        pub(crate) zone: String,
        pub(crate) organisation_id: i64,
        pub(crate) organisation: String,
    }
}

/// The query of [`EquipmentRow`]s; a condition may follow.
pub(crate) const EQUIPMENT: &str = "SELECT e.serial, e.manufacturer, e.model, e.platform, e.contract_number,
       s.name AS site, s.address, s.country, s.zone, o.id AS organisation_id, o.name AS organisation
FROM equipment e
JOIN sites s ON s.id = e.site_id
JOIN contracts c ON c.number = e.contract_number
JOIN organisations o ON o.id = c.organisation_id";

impl EquipmentRow {
    /// The entry as the staff sees it.
    pub(crate) fn seen(self) -> Result<RegisteredView, StoreError> {
        let wrong = |what: &str| StoreError::inconsistent("equipment", what);
        Ok(RegisteredView {
            organisation: self.organisation,
            organisation_id: self.organisation_id,
            contract: self.contract_number,
            model: format!("{} {}", self.manufacturer, self.model).trim().to_owned(),
            platform: Platform::from_code(&self.platform).ok_or_else(|| wrong(&self.platform))?,
            site: self.site,
            address: self.address,
            country: Country::from_code(&self.country).ok_or_else(|| wrong(&self.country))?,
        })
    }
}

/// The condition that equipment has the serial `$1`, now or in a former spelling.
pub(crate) const BY_SERIAL: &str =
    "e.serial = COALESCE((SELECT f.equipment FROM former_serials f WHERE f.serial = $1), $1)";

/// All spellings of the serial `$1`: itself, that of the equipment that it leads to, and the former ones of that.
pub(crate) const SPELLINGS: &str = "SELECT CAST($1 AS TEXT)
    UNION SELECT f.equipment FROM former_serials f WHERE f.serial = $1
    UNION SELECT f.serial FROM former_serials f WHERE f.equipment = $1
    UNION SELECT g.serial FROM former_serials f JOIN former_serials g ON g.equipment = f.equipment WHERE f.serial = $1";

/// The register's entry of a serial, for the staff.
pub(crate) async fn registered(
    connection: &mut AnyConnection,
    serial: &Serial,
) -> Result<Option<RegisteredView>, StoreError> {
    let row: Option<EquipmentRow> = sqlx::query_as(AssertSqlSafe(format!("{EQUIPMENT} WHERE {BY_SERIAL}")))
        .bind(serial.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(EquipmentRow::seen).transpose()
}

/// Default plans in use, by id and time.
pub(crate) type FallbackPlans = HashMap<(i64, Instant), Plan>;

/// Assesses the register's answer, as far as the query's scope knows it, on the local date of the site.
pub(crate) async fn assessed(
    connection: &mut AnyConnection,
    asked: &RegisterQuery<'_>,
    entry: Entry,
    stand_ins: &mut FallbackPlans,
) -> Result<RegisterMatch, StoreError> {
    let &RegisterQuery { contract: number, country, at, scope, .. } = asked;
    let Entry { contract, equipment } = entry.within(scope);
    let mine =
        equipment.as_ref().filter(|found| number.is_some_and(|number| number.as_str() == found.contract));
    let site_zone = mine.map_or_else(|| country.capital_zone(), |found| found.zone.as_str());
    let registered = match (&equipment, mine) {
        (None, _) => Registered::Nowhere,
        (Some(_), Some(_)) => Registered::UnderThisContract,
        (Some(_), None) => Registered::Elsewhere,
    };
    let today = local_date(site_zone, at)?;
    let coverage = match number {
        None => Entitlement::NeedsValidation(ValidationReason::NoContract),
        Some(_) => assess(contract.as_ref().map(|found| found.validity), registered, today),
    };
    // A case that needs validation gets the default plan of its country. A stranger sees the same plan, so that it does
    // not reveal whether a contract exists.
    let (plan, zone) = match (coverage, &contract) {
        (Entitlement::Covered, Some(found)) => (found.plan.clone(), site_zone),
        _ => (fallback_plan(connection, country, at, stand_ins).await?, country.capital_zone()),
    };
    Ok(RegisterMatch {
        coverage,
        plan: plan.id,
        hours: ServiceHoursRef {
            calendar: plan.calendar,
            version: plan.calendar_version,
            zone: zone.to_owned(),
        },
        terms: with_questions(connection, plan.terms, at).await?,
        contract,
        equipment,
    })
}

async fn fallback_plan(
    connection: &mut AnyConnection,
    country: Country,
    at: Instant,
    stand_ins: &mut FallbackPlans,
) -> Result<Plan, StoreError> {
    let id = country.default_plan();
    if let Some(plan) = stand_ins.get(&(id, at)) {
        return Ok(plan.clone());
    }
    let plan = plan(connection, id, at).await?;
    stand_ins.insert((id, at), plan.clone());
    Ok(plan)
}

/// The registered site of a serial under a contract, for a case's row.
pub(crate) async fn site_under(
    connection: &mut AnyConnection,
    contract: Option<&ContractNumber>,
    serial: &Serial,
) -> Result<Option<Site>, StoreError> {
    let Some(contract) = contract else { return Ok(None) };
    let row = sqlx::query(AssertSqlSafe(format!(
        "SELECT s.id, s.name, s.address FROM equipment e JOIN sites s ON s.id = e.site_id
         WHERE {BY_SERIAL} AND e.contract_number = $2"
    )))
    .bind(serial.as_str())
    .bind(contract.as_str())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(|row| read_site(row, 0)).transpose()
}

/// A site from three columns of a row: id, name and address.
pub(crate) fn read_site(row: &AnyRow, first: usize) -> Result<Site, StoreError> {
    Ok(Site {
        id: SiteId(row.try_get(first)?),
        name: row.try_get(first + 1)?,
        address: row.try_get(first + 2)?,
    })
}

/// The local date in a zone.
pub(crate) fn local_date(zone: &str, now: Instant) -> Result<NaiveDate, StoreError> {
    let zone = Zone::parse(zone).map_err(|error| StoreError::inconsistent("sites", error))?;
    let local = zone.view(Span::new(now, now.plus(1))).local(now);
    NaiveDate::from_ymd_opt(local.year, u32::from(local.month), u32::from(local.day))
        .ok_or_else(|| StoreError::inconsistent("sites", "a date out of range"))
}

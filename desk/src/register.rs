//! The register: who holds which contract, what stands where, and what was promised.

use chrono::NaiveDate;
use domain::calendar::week::CalendarId;
use domain::calendar::zone::Zone;
use domain::case::HoursKept;
use domain::contract_number::ContractNumber;
use domain::country::Country;
use domain::entitlement::{Coverage, Registered, Validity, assess};
use domain::serial::Serial;
use domain::terms::Terms;
use domain::time::{Instant, Span};
use sqlx::AnyConnection;

use crate::case_log::Labels;
use crate::store::{StoreError, row};

/// The plan that stands for contracts nobody has registered: the letter's promise, whoever calls.
pub(crate) const STANDING_PLAN: i64 = 1;

/// A contract with the plan that is in force for it.
#[derive(Debug, Clone)]
pub(crate) struct Contract {
    pub(crate) organisation: String,
    pub(crate) validity: Validity,
    pub(crate) plan: Plan,
}

/// A plan's promises and the calendar they count in.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) terms: Terms,
    pub(crate) calendar: CalendarId,
    pub(crate) calendar_version: u32,
}

/// A piece of equipment and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Equipment {
    pub(crate) label: String,
    pub(crate) contract: String,
    pub(crate) site: String,
    pub(crate) zone: String,
}

row! {
    struct ContractRow {
        organisation: String,
        valid_from: String,
        valid_to: String,
        plan_id: i64,
        terms: Option<String>,
        calendar_id: Option<i64>,
        calendar_version: Option<i64>,
    }
}

row! {
    struct PlanRow {
        terms: String,
        calendar_id: i64,
        calendar_version: i64,
    }
}

row! {
    struct EquipmentRow {
        manufacturer: String,
        model: String,
        contract_number: String,
        site: String,
        zone: String,
    }
}

pub(crate) async fn contract(
    connection: &mut AnyConnection,
    number: &ContractNumber,
    now: Instant,
) -> Result<Option<Contract>, StoreError> {
    let row: Option<ContractRow> = sqlx::query_as(
        "SELECT o.name AS organisation, c.valid_from, c.valid_to, c.plan_id, p.terms, p.calendar_id,
                k.version AS calendar_version
         FROM contracts c
         JOIN organisations o ON o.id = c.organisation_id
         LEFT JOIN (plans p JOIN calendars k ON k.id = p.calendar_id AND k.effective_from_utc_s <= $2)
             ON p.id = c.plan_id AND p.effective_from_utc_s <= $2
         WHERE c.number = $1
         ORDER BY p.version DESC, k.version DESC
         LIMIT 1",
    )
    .bind(number.as_str())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let date =
        |text: &str| text.parse::<NaiveDate>().map_err(|error| StoreError::inconsistent("contracts", error));
    let plan = row.terms.zip(row.calendar_id).zip(row.calendar_version);
    let plan = plan.map(|((terms, calendar), version)| (terms, calendar, version));
    Ok(Some(Contract {
        validity: Validity { from: date(&row.valid_from)?, to: date(&row.valid_to)? },
        plan: read_plan(row.plan_id, plan)?,
        organisation: row.organisation,
    }))
}

/// The version of a plan, and of its calendar, that are in force at `now`.
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

/// A plan of its terms, its calendar and the calendar's version; `None` when none is in force.
fn read_plan(id: i64, row: Option<(String, i64, i64)>) -> Result<Plan, StoreError> {
    let (terms, calendar, version) =
        row.ok_or_else(|| StoreError::inconsistent("plans", format!("no plan {id} in force")))?;
    Ok(Plan {
        terms: serde_json::from_str(&terms).map_err(|error| StoreError::inconsistent("plans", error))?,
        calendar: CalendarId(calendar),
        calendar_version: u32::try_from(version)
            .map_err(|error| StoreError::inconsistent("calendars", error))?,
    })
}

pub(crate) async fn equipment(
    connection: &mut AnyConnection,
    serial: &Serial,
) -> Result<Option<Equipment>, StoreError> {
    let row: Option<EquipmentRow> = sqlx::query_as(
        "SELECT e.manufacturer, e.model, e.contract_number, s.name AS site, s.zone
         FROM equipment e JOIN sites s ON s.id = e.site_id
         WHERE e.serial = $1",
    )
    .bind(serial.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Equipment {
        label: format!("{} {}", row.manufacturer, row.model).trim().to_owned(),
        contract: row.contract_number,
        site: row.site,
        zone: row.zone,
    }))
}

/// Everything the register says about a report: whether it is covered, what is promised and which hours count.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) coverage: Coverage,
    pub(crate) terms: Terms,
    pub(crate) hours: HoursKept,
    pub(crate) contract: Option<Contract>,
    pub(crate) equipment: Option<Equipment>,
}

impl Standing {
    /// What a case under this contract and serial is called in lists.
    pub(crate) fn labels(&self, contract: &ContractNumber, serial: &Serial) -> Labels {
        let known = self.equipment.as_ref().filter(|equipment| equipment.contract == contract.as_str());
        Labels {
            customer: self.contract.as_ref().map(|found| found.organisation.clone()).unwrap_or_default(),
            equipment: known.map_or_else(|| serial.as_str().to_owned(), |found| found.label.clone()),
        }
    }
}

/// Looks contract and serial up and assesses them on the local date of the site.
pub(crate) async fn standing(
    connection: &mut AnyConnection,
    number: Option<&ContractNumber>,
    serial: Option<&Serial>,
    country: Country,
    now: Instant,
) -> Result<Standing, StoreError> {
    let contract = match number {
        Some(number) => contract(connection, number, now).await?,
        None => None,
    };
    let equipment = match serial {
        Some(serial) => equipment(connection, serial).await?,
        None => None,
    };
    let mine =
        equipment.as_ref().filter(|found| number.is_some_and(|number| number.as_str() == found.contract));
    let site_zone = mine.map_or_else(|| zone_of(country), |found| found.zone.as_str());
    let registered = match (&equipment, mine) {
        (None, _) => Registered::Nowhere,
        (Some(_), Some(_)) => Registered::UnderThisContract,
        (Some(_), None) => Registered::Elsewhere,
    };
    let today = local_date(site_zone, now)?;
    let coverage = assess(contract.as_ref().map(|found| found.validity), registered, today);
    // What is yet to be validated has the standing promise of its country: the one that a stranger is shown, which must
    // not tell whether a contract exists.
    let (plan, zone) = match (coverage, &contract) {
        (Coverage::Covered, Some(found)) => (found.plan.clone(), site_zone),
        _ => (plan(connection, standing_plan(country), now).await?, zone_of(country)),
    };
    Ok(Standing {
        coverage,
        hours: HoursKept { calendar: plan.calendar, version: plan.calendar_version, zone: zone.to_owned() },
        terms: plan.terms,
        contract,
        equipment,
    })
}

/// The standing plan of a country: its calendar keeps that country's holidays.
pub(crate) const fn standing_plan(country: Country) -> i64 {
    match country {
        Country::Ve => STANDING_PLAN,
        Country::Co => STANDING_PLAN + 1,
        Country::Mx => STANDING_PLAN + 2,
    }
}

/// The zone of a country's capital, for places that the register does not know.
pub(crate) const fn zone_of(country: Country) -> &'static str {
    match country {
        Country::Ve => "America/Caracas",
        Country::Co => "America/Bogota",
        Country::Mx => "America/Mexico_City",
    }
}

/// The local date in a zone.
pub(crate) fn local_date(zone: &str, now: Instant) -> Result<NaiveDate, StoreError> {
    let zone = Zone::parse(zone).map_err(|error| StoreError::inconsistent("sites", error))?;
    let local = zone.view(Span::new(now, now.plus(1))).local(now);
    NaiveDate::from_ymd_opt(local.year, u32::from(local.month), u32::from(local.day))
        .ok_or_else(|| StoreError::inconsistent("sites", "a date out of range"))
}

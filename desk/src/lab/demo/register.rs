//! The demonstration's register: plans, and two files that go through the import.

use chrono::{Datelike, Weekday};
use domain::actor::Actor;
use domain::calendar::week::WeekHours;
use domain::country::Country;
use domain::priority::Matrix;
use domain::serial::Serial;
use domain::sla_plan::{SlaPlan, SlaTargets, SurveyRules};
use domain::time::Instant;

use super::DemoError;
use crate::Desk;
use crate::contracts::plans::{NewCalendar, add_plan, known_plans, workdays};
use crate::contracts::register::local_date;
use crate::import::{ImportError, ImportReport, Mode, Outcome, import_contracts, import_equipment};
use crate::store::{StoreError, Tx};

const CONTRACTS: &str = include_str!("contracts.csv");
const EQUIPMENT: &str = include_str!("equipment.csv");

/// Writes the demonstration's plans, contracts and equipment, unless they exist. Validity lies around the current year,
/// so that a demonstration does not expire.
///
/// # Errors
/// See [`DemoError`].
pub async fn register(desk: &Desk) -> Result<(), DemoError> {
    let now = desk.now();
    desk.store().write(move |tx| Box::pin(async move { write_plans(tx, now).await })).await?;
    let year = local_date(Country::HOME.capital_zone(), desk.now())?.year();
    let years = [("{before}", -2), ("{last}", -1), ("{this}", 0), ("{next}", 1), ("{later}", 2)];
    let contracts = years
        .into_iter()
        .fold(CONTRACTS.to_owned(), |csv, (word, offset)| csv.replace(word, &(year + offset).to_string()));
    let actor = &Actor::System;
    written(import_contracts(desk, actor, contracts.as_bytes(), Mode::ApplyConfirmed).await)?;
    written(import_equipment(desk, actor, EQUIPMENT.as_bytes(), Mode::ApplyConfirmed).await)
}

/// A contract of the demonstration.
pub(super) struct DemoContract {
    pub(super) number: String,
}

/// A piece of equipment of the demonstration.
pub(super) struct DemoEquipment {
    pub(super) serial: String,
    pub(super) site: String,
}

/// Every contract of the demonstration's file.
pub(super) fn demo_contracts() -> impl Iterator<Item = DemoContract> {
    rows(CONTRACTS).map(|row| DemoContract { number: cell(&row, 0) })
}

/// Every piece of equipment of the demonstration's file.
pub(super) fn demo_equipment() -> impl Iterator<Item = DemoEquipment> {
    rows(EQUIPMENT).map(|row| {
        let label = cell(&row, 0);
        // As the import stores it.
        let serial = Serial::parse(&label).map_or(label, |serial| serial.as_str().to_owned());
        DemoEquipment { serial, site: cell(&row, 5) }
    })
}

fn rows(file: &'static str) -> impl Iterator<Item = csv::StringRecord> {
    csv::Reader::from_reader(file.as_bytes()).into_records().filter_map(Result::ok)
}

fn cell(row: &csv::StringRecord, column: usize) -> String {
    row.get(column).unwrap_or_default().to_owned()
}

fn written(imported: Result<ImportReport, ImportError>) -> Result<(), DemoError> {
    match imported {
        Ok(report) if report.outcome == Outcome::Written => Ok(()),
        Ok(report) => Err(DemoError::data(report.message(domain::i18n::Language::En))),
        Err(ImportError::Store(error)) => Err(error.into()),
        Err(error) => Err(DemoError::data(error)),
    }
}

async fn write_plans(tx: &mut Tx, now: Instant) -> Result<(), StoreError> {
    let known = known_plans(tx.connection(), now).await?;
    for (name, terms, calendar) in plans()? {
        if !known.iter().any(|plan| plan.name == name) {
            add_plan(tx, name, terms, calendar).await?;
        }
    }
    Ok(())
}

fn plans() -> Result<Vec<(&'static str, SlaPlan, NewCalendar)>, StoreError> {
    const MONDAY_TO_FRIDAY: [Weekday; 5] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    const MONDAY_TO_SATURDAY: [Weekday; 6] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat];
    let calendar = |name: &str, hours, observes| NewCalendar {
        name: name.to_owned(),
        hours,
        observes,
        closures: Vec::new(),
        worked_holidays: Vec::new(),
    };
    let ten_by_six = || workdays(&[(8, 18)], &MONDAY_TO_SATURDAY);
    let nine_by_five = workdays(&[(9, 18)], &MONDAY_TO_FRIDAY)?;
    // This plan opens the survey at closing.
    let asked_at_once = SlaPlan::default()
        .with_survey(SurveyRules { due_days: 0, ..SurveyRules::default() })
        .map_err(|error| StoreError::inconsistent("plans", error))?;
    Ok(vec![
        ("24x7 crítico", critical()?, calendar("24x7", WeekHours::always(), None)),
        ("10x6 Venezuela", SlaPlan::default(), calendar("10x6, Venezuela", ten_by_six()?, Some(Country::Ve))),
        ("10x6 Colombia", SlaPlan::default(), calendar("10x6, Colombia", ten_by_six()?, Some(Country::Co))),
        ("9x5 México", asked_at_once, calendar("9x5, México", nine_by_five, Some(Country::Mx))),
    ])
}

/// The most expensive plan: targets of half the default times.
fn critical() -> Result<SlaPlan, StoreError> {
    const fn targets(attention_min: i64, update_min: i64, resolution_h: i64) -> SlaTargets {
        SlaTargets {
            first_response_s: attention_min * 60,
            update_s: update_min * 60,
            resolution_s: resolution_h * 3600,
        }
    }
    let by_priority = [targets(10, 30, 4), targets(15, 60, 8), targets(30, 120, 24), targets(60, 240, 48)];
    SlaPlan::new(1, by_priority, vec![50, 75, 90, 100], Matrix::default())
        .map_err(|error| StoreError::inconsistent("plans", error))
}

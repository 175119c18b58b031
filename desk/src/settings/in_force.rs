//! Use-case: plans, calendars and formats in force, for programs.

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::calendar::week::Calendar;
use domain::case_number::CasePrefix;
use domain::contract_number::ContractFormat;
use domain::country::Country;
use domain::serial::SerialFormat;
use domain::sla_plan::{PlanStatus, SlaPlan};
use domain::time::Instant;

use super::versions::{EntryVersion, Versions};
use crate::{Desk, DeskError};

/// What is in force at a moment.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The SLA plans, in the order of their making.
    pub plans: Vec<InForceOf<PlanInForce>>,
    /// The calendars, in the order of their making.
    pub calendars: Vec<InForceOf<Calendar>>,
    /// The formats of numbers and serials.
    pub formats: FormatsInForce,
    /// The server's time.
    pub now: Instant,
}

/// The version of an entry that is in force.
#[derive(Debug, Clone)]
pub struct InForceOf<T> {
    /// Id of the entry, the same for all its versions.
    pub id: i64,
    /// Number of the version.
    pub version: i64,
    /// What people call it.
    pub name: String,
    /// Since when it counts; `None` for what counts since the first start.
    pub since: Option<Instant>,
    /// The entry.
    pub content: T,
}

/// An SLA plan with its calendar.
#[derive(Debug, Clone)]
pub struct PlanInForce {
    /// Its terms.
    pub terms: SlaPlan,
    /// Id of its calendar.
    pub calendar: i64,
    /// Name of its calendar.
    pub calendar_name: String,
    /// Whether contracts can choose it.
    pub status: PlanStatus,
    /// Name of the questionnaire that it asks; `None` for the standing questions.
    pub questionnaire: Option<String>,
}

/// Formats of numbers and serials.
#[derive(Debug, Clone)]
pub struct FormatsInForce {
    /// Of contract numbers.
    pub contracts: Vec<ContractFormat>,
    /// The letters before a country in the numbers of new cases.
    pub case_prefixes: Vec<(Country, CasePrefix)>,
    /// Of serials, the provider's own first.
    pub serials: Vec<SerialFormat>,
}

/// Plans, calendars and formats in force now.
///
/// # Errors
/// See [`DeskError`].
pub async fn in_force(desk: &Desk, actor: &Actor) -> Result<InForce, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let now = desk.now();
    let mut reader = desk.store().reader().await?;
    let current = Versions::read(&mut reader).await?.in_force(now);
    reader.done();
    let plans = current.plans.iter().map(|version| {
        let asks = version.content.terms.survey().asks;
        told(
            version,
            PlanInForce {
                terms: version.content.terms.clone(),
                calendar: version.content.calendar,
                calendar_name: current.calendar_name(version.content.calendar).to_owned(),
                status: version.content.status,
                questionnaire: asks.and_then(|id| current.questionnaire_name(id)).map(str::to_owned),
            },
        )
    });
    Ok(InForce {
        plans: plans.collect(),
        calendars: current.calendars.iter().map(|version| told(version, version.content.clone())).collect(),
        formats: FormatsInForce {
            contracts: desk.formats().current().to_vec(),
            case_prefixes: Country::ALL.map(|country| (country, desk.case_prefix(country))).to_vec(),
            serials: desk.serial_formats().all().cloned().collect(),
        },
        now,
    })
}

fn told<T, C>(version: &EntryVersion<C>, content: T) -> InForceOf<T> {
    let since = version.stamp.effective_from;
    InForceOf {
        id: version.id,
        version: version.version,
        name: version.name.clone(),
        since: (since.0 > 0).then_some(since),
        content,
    }
}

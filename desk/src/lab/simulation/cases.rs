//! The customers' openings, and the desk's register and staff.

use domain::actor::{Actor, Role, Staff};
use domain::case::{Case, Origin, Report};
use domain::contract_number::ContractFormats;
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::mail_address::MailAddress;
use sqlx::Row;

use super::SimulationError;
use super::chance::Dice;
use super::mail_server::REFUSED;
use super::people::{Cast, name};
use crate::Desk;
use crate::access::staff::{NewPerson, add_person};
use crate::cases::open::{OpenCase, SubmissionKey};
use crate::lab::demo;
use crate::store::StoreError;

/// Number of customers, each with an address.
const CUSTOMERS: u64 = 120;

/// A piece of registered equipment.
#[derive(Debug, Clone)]
pub(super) struct Equipment {
    serial: String,
    contract: String,
    platform: String,
    country: String,
}

/// Writes the demonstration's register and staff into an empty database.
pub(super) async fn furnish(desk: &Desk) -> Result<(Cast, Vec<Equipment>), SimulationError> {
    if !is_empty(desk).await? {
        return Err(SimulationError::NotEmpty);
    }
    demo::register(desk).await.map_err(SimulationError::data)?;
    let cast = Cast {
        agents: vec![
            hire(desk, "Marta Salas", Role::Agent).await?,
            hire(desk, "Diego Rangel", Role::Agent).await?,
            hire(desk, "Elena Duarte", Role::Agent).await?,
        ],
        supervisor: hire(desk, "Andrés Quintero", Role::Supervisor).await?,
        technicians: vec![
            hire(desk, "Rosa Marín", Role::Technician).await?,
            hire(desk, "Pedro Osorio", Role::Technician).await?,
        ],
    };
    Ok((cast, equipment(desk).await?))
}

async fn is_empty(desk: &Desk) -> Result<bool, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM people) + (SELECT COUNT(*) FROM case_events) + (SELECT COUNT(*) FROM contracts)",
    )
    .fetch_one(&mut *reader)
    .await?;
    Ok(row.try_get::<i64, _>(0)? == 0)
}

async fn hire(desk: &Desk, called: &str, role: Role) -> Result<Staff, SimulationError> {
    let local: String = called.chars().filter(char::is_ascii_alphanumeric).collect();
    let mail = MailAddress::parse(&format!("{local}@vigia.example")).map_err(SimulationError::data)?;
    let person = NewPerson {
        name: name(called)?,
        mail,
        role,
        language: Language::Es,
        // No one signs in to a simulation.
        password: "simulacion-de-vigia".to_owned(),
    };
    let id = add_person(desk, &Actor::System, person).await?;
    Ok(Staff { id, name: called.to_owned(), role, composed: None })
}

async fn equipment(desk: &Desk) -> Result<Vec<Equipment>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let rows = sqlx::query(
        "SELECT e.serial, e.contract_number, e.platform, s.country
         FROM equipment e JOIN sites s ON s.id = e.site_id",
    )
    .fetch_all(&mut *reader)
    .await?;
    let read = |row: sqlx::any::AnyRow| {
        Ok(Equipment {
            serial: row.try_get(0)?,
            contract: row.try_get(1)?,
            platform: row.try_get(2)?,
            country: row.try_get(3)?,
        })
    };
    let mut all = rows.into_iter().map(read).collect::<Result<Vec<Equipment>, StoreError>>()?;
    // Engines sort letters differently.
    all.sort_by(|one, other| one.serial.cmp(&other.serial));
    Ok(all)
}

/// The `place`-th opening.
pub(super) fn wish(
    place: usize,
    register: &[Equipment],
    dice: &mut Dice,
) -> Result<OpenCase, SimulationError> {
    Ok(OpenCase {
        key: key(place)?,
        report: report(register, dice)?,
        language: dice.one_of(&Language::ALL).copied().unwrap_or_default(),
        origin: if dice.percent(80) { Origin::Portal } else { Origin::Telephone },
        previous_case: None,
        source: None,
    })
}

/// The `place`-th opening, of a customer whose equipment fails again after the end of their case.
pub(super) fn following(place: usize, case: &Case) -> Result<OpenCase, SimulationError> {
    let code = |code: &str| code.to_owned();
    let form = IntakeForm {
        fault: "Falla otra vez, como hace unos días.".to_owned(),
        severity: code("high"),
        urgency: code("medium"),
        ..IntakeForm::following(&case.opening.report, &ContractFormats::default())
    };
    Ok(OpenCase {
        key: key(place)?,
        report: form
            .report()
            .map_err(|problems| SimulationError::data(format!("{problems:?} in {form:?}")))?,
        language: case.opening.language,
        origin: Origin::Portal,
        previous_case: Some(case.opening.number),
        source: None,
    })
}

fn key(place: usize) -> Result<SubmissionKey, SimulationError> {
    let key = format!("simulated-submission-{place:06}");
    SubmissionKey::parse(&key).ok_or_else(|| SimulationError::data(&key))
}

fn report(register: &[Equipment], dice: &mut Dice) -> Result<Report, SimulationError> {
    let found = dice.one_of(register).ok_or_else(|| SimulationError::data("there is no equipment"))?;
    // Some customers use the number of another contract.
    let contract = if dice.percent(8) { dice.one_of(register).unwrap_or(found) } else { found };
    let host = if dice.percent(3) { REFUSED } else { "@example.com" };
    let code = |dice: &mut Dice| {
        dice.one_of(&["critical", "high", "medium", "low"]).copied().unwrap_or("high").to_owned()
    };
    let form = IntakeForm {
        reporter: "Ana Rivas".to_owned(),
        contract: contract.contract.clone(),
        // Some have no number at hand.
        no_contract: if dice.percent(5) { "yes".to_owned() } else { String::new() },
        company: "Empresa sin contrato a mano".to_owned(),
        serial: found.serial.clone(),
        platform: found.platform.clone(),
        country: found.country.clone(),
        // Whatever the number, they know where the equipment is.
        abroad: "yes".to_owned(),
        location: "Sede principal, piso 3, sala de equipos".to_owned(),
        contact_same: String::new(),
        contact_name: "Luis Peña".to_owned(),
        contact_phone: "+58 212 555 0142".to_owned(),
        contact_mail: format!("cliente{}{host}", dice.below(CUSTOMERS)),
        fault: "El equipo no enciende desde esta mañana.".to_owned(),
        severity: code(dice),
        urgency: code(dice),
        ..IntakeForm::default()
    };
    form.report().map_err(|problems| SimulationError::data(format!("{problems:?} in {form:?}")))
}

/// The actor of an opening.
pub(super) fn opener(wish: &OpenCase, cast: &Cast, dice: &mut Dice) -> Actor {
    match (wish.origin, wish.previous_case) {
        (_, Some(earlier)) => Actor::Customer(earlier),
        (Origin::Telephone, None) => {
            Actor::Staff(dice.one_of(&cast.agents).unwrap_or(&cast.supervisor).clone())
        }
        _ => Actor::Anonymous,
    }
}

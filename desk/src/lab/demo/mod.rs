//! Demonstration data: customers, equipment, staff and cases of an ordinary day in three countries.
//!
//! All names are made up, and no mail address can exist (RFC 2606). Mails of the cases are marked as sent at once, so
//! that no customer is ever written to. The staff gets warnings once the scheduler runs. Cases go through the same
//! use-cases as any other, at times before the time of loading.

mod cases;
mod register;
pub mod remove;

use domain::actor::{Actor, PersonId, Role, Scope, Staff};
use domain::country::Country;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::text::PersonName;
use thiserror::Error;

use crate::Desk;
use crate::access::displays::add_display;
use crate::access::staff::{NewPerson, PeopleError, add_person, people};
use crate::error::{DeskError, holds_desk_error};
use crate::store::StoreError;

use crate::access::demonstration::{PASSWORD, STAFF, StaffMember};
pub use register::register;

/// A contract with a piece of equipment, for trials of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Number of the contract.
    pub contract: &'static str,
    /// Serial of the equipment as registered.
    pub serial: &'static str,
    /// Country of the site.
    pub country: Country,
}

/// In Caracas, covered day and night: a Cisco switch.
pub const CARACAS: Sample =
    Sample { contract: "CPS-VE-004213-58", serial: "FOC2614A1B2", country: Country::Ve };
/// In Bogotá, covered day and night: an HPE server.
pub const BOGOTA: Sample =
    Sample { contract: "CPS-CO-002107-95", serial: "MXQ3410ABC", country: Country::Co };
/// In Tijuana, covered day and night, with daylight saving time: a Cisco switch.
pub const TIJUANA: Sample =
    Sample { contract: "CPS-MX-007031-12", serial: "FDO2701Z9Z9", country: Country::Mx };
/// In Maracaibo, covered from Monday to Saturday, 8 to 18: an Arista switch.
pub const MARACAIBO: Sample =
    Sample { contract: "CPS-VE-004690-82", serial: "JPE21210001", country: Country::Ve };
/// In Valencia, under a contract that ended with last year: a Dell laptop.
pub const EXPIRED: Sample = Sample { contract: "CPS-VE-004518-16", serial: "5RFDP01", country: Country::Ve };
/// In Monterrey, under a contract that begins with next year: an Oracle appliance.
pub const FUTURE: Sample =
    Sample { contract: "CPS-MX-007515-15", serial: "AK012345678", country: Country::Mx };

/// All samples, as the demonstration offers them.
pub const SAMPLES: [Sample; 6] = [CARACAS, BOGOTA, TIJUANA, MARACAIBO, EXPIRED, FUTURE];

/// What the demonstration's display is called.
const DISPLAY: &str = "Sala de operaciones (demostración)";

/// The loaded demonstration, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoLoaded {
    /// Role, mail address and password of each person.
    pub staff: Vec<(Role, &'static str, &'static str)>,
    /// Secret of a wall display's link. It is given once, by the loading call; later only its hash is known.
    pub display_token: Option<String>,
    /// Contracts and serials for trials of the form.
    pub samples: Vec<Sample>,
    /// Number of cases opened by this call: 0 when the demonstration was complete.
    pub cases: usize,
}

/// Why the demonstration is incomplete. Another call continues.
#[derive(Debug, Clone, Error)]
pub enum DemoError {
    /// The demonstration's data breaks a rule of the desk.
    #[error("the demonstration's data is wrong: {0}")]
    Data(String),
    /// A person could not be added.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The display or other data could not be written.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(DemoError: StoreError);

impl DemoError {
    fn data(what: impl std::fmt::Display) -> Self {
        Self::Data(what.to_string())
    }
}

/// Loads the demonstration, unless it is complete. Call it before mail workers and scheduler start.
///
/// # Errors
/// See [`DemoError`].
pub async fn load(desk: &Desk) -> Result<DemoLoaded, DemoError> {
    let mut loaded = DemoLoaded {
        staff: STAFF.iter().map(|member| (member.role, member.mail, PASSWORD)).collect(),
        display_token: None,
        samples: SAMPLES.to_vec(),
        cases: 0,
    };
    if cases::are_loaded(desk).await? {
        return Ok(loaded);
    }
    register(desk).await?;
    let [agent, supervisor, administrator, technician] = STAFF;
    let agent = hire(desk, agent).await?;
    let supervisor = hire(desk, supervisor).await?;
    hire(desk, administrator).await?;
    hire(desk, technician).await?;
    let (_, token) = add_display(desk, &Actor::System, DISPLAY, Scope::default()).await?;
    loaded.display_token = Some(token);
    loaded.cases = cases::play(desk, &agent, &supervisor).await?;
    Ok(loaded)
}

/// Adds a member of the staff, unless they exist.
async fn hire(desk: &Desk, member: StaffMember) -> Result<Actor, DemoError> {
    let name = PersonName::parse(member.name).map_err(DemoError::data)?;
    let mail = MailAddress::parse(member.mail).map_err(DemoError::data)?;
    let person = NewPerson {
        name,
        mail: mail.clone(),
        role: member.role,
        language: Language::Es,
        password: PASSWORD.to_owned(),
    };
    let id: PersonId = match add_person(desk, &Actor::System, person).await {
        Err(PeopleError::MailTaken) => {
            let everybody = people(desk, &Actor::System).await?;
            let known = everybody.into_iter().find(|person| person.mail == mail);
            known.ok_or(DeskError::NotFound)?.id
        }
        added => added?,
    };
    Ok(Actor::Staff(Staff { id, name: member.name.to_owned(), role: member.role, composed: None }))
}

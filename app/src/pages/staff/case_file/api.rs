//! Server functions of the case file. Each checks the actor, and calls the desk once.

use domain::actor::Staff;
use domain::case::Assignee;
use domain::case::visit::Technician;
use domain::case_number::CaseNumber;
use domain::view::{Booked, CasePage, Doing};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;
#[cfg(feature = "ssr")]
use crate::pages::staff::session;
use crate::wire::Wire;

/// The reader of the case, and the people it can be assigned to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Assignees {
    pub me: Staff,
    pub colleagues: Vec<Assignee>,
}

/// The case file. The number may be written in any way that people write it.
#[server(prefix = "/api", endpoint = "case_file", protocol = Wire)]
pub(super) async fn read_case_file(number: String) -> Result<CasePage, AppError> {
    let (context, _) = session::staff()?;
    let number = CaseNumber::parse(&number).map_err(|_| AppError::NotFound)?;
    Ok(desk::cases::read::read_case(&context.desk, &context.actor, number).await?)
}

/// The reader of a case, and the people it can be assigned to.
#[server(prefix = "/api", endpoint = "hands", protocol = Wire)]
pub(super) async fn read_hands() -> Result<Assignees, AppError> {
    let (context, me) = session::staff()?;
    let colleagues = desk::access::staff::colleagues(&context.desk, &context.actor).await?;
    Ok(Assignees { me, colleagues })
}

/// Resends the mails of a case that were given up, to its contact's present address.
#[server(prefix = "/api", endpoint = "resend_mails", protocol = Wire)]
pub(super) async fn resend_mails(number: CaseNumber) -> Result<(), AppError> {
    let (context, _) = session::staff()?;
    desk::outbox::resend(&context.desk, &context.actor, number).await.map_err(|error| match error {
        desk::outbox::ResendError::NoneGivenUp => {
            AppError::Text(domain::t!(context.language, "staff.undelivered.none").into_owned())
        }
        desk::outbox::ResendError::Desk(error) => error.into(),
    })
}

/// Reports presence on a case's page to its other readers.
#[server(prefix = "/api", endpoint = "tell_presence", protocol = Wire)]
#[allow(
    clippy::unused_async,
    reason = "the macro makes an async function of it, and the browser's half awaits"
)]
pub(super) async fn tell_presence(tab: String, doing: Doing) -> Result<(), AppError> {
    let (context, me) = session::staff()?;
    desk::live::presence::tell(&context.desk, &me, &tab, doing);
    Ok(())
}

/// All technicians.
#[server(prefix = "/api", endpoint = "technicians", protocol = Wire)]
pub(super) async fn read_technicians() -> Result<Vec<Technician>, AppError> {
    let (context, _) = session::staff()?;
    Ok(desk::cases::visits::technicians(&context.desk, &context.actor).await?)
}

/// Bookings of all technicians, for choosing one for a case's visit.
#[server(prefix = "/api", endpoint = "booked", protocol = Wire)]
pub(super) async fn read_booked(number: CaseNumber) -> Result<Booked, AppError> {
    let (context, _) = session::staff()?;
    Ok(desk::cases::bookings::booked(&context.desk, &context.actor, number).await?)
}

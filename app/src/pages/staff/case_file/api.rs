//! Server functions of the case file. Each checks the actor, and calls the desk once.

use domain::actor::Staff;
use domain::case::Assignee;
use domain::case::visit::Technician;
use domain::case_number::CaseNumber;
use domain::causes::OfferedCauses;
use domain::view::{Booked, CasePage, Doing};
use domain::waiting_reasons::OfferedWait;
use domain::wording::FilledReply;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;
#[cfg(feature = "ssr")]
use crate::pages::staff::session;
use crate::wire::Wire;

/// People whom the case can be assigned to, as one part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Candidates {
    /// What they have in common; empty when the list has one part.
    pub label: String,
    pub people: Vec<CandidateChoice>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CandidateChoice {
    pub person: Assignee,
    /// Name and availability.
    pub label: String,
    /// What is said once they are chosen; `None` for a person at work.
    pub caution: Option<String>,
}

/// The case file. The number may be written in any way that people write it.
#[server(prefix = "/api", endpoint = "case_file", protocol = Wire)]
pub(super) async fn read_case_file(number: String) -> Result<CasePage, AppError> {
    let (context, _) = session::staff()?;
    let number = CaseNumber::parse(&number).map_err(|_| AppError::NotFound)?;
    Ok(desk::cases::read::read_case(&context.desk, &context.actor, number).await?)
}

/// The reader of a case.
#[server(prefix = "/api", endpoint = "hands", protocol = Wire)]
#[allow(
    clippy::unused_async,
    reason = "the macro makes an async function of it, and the browser's half awaits"
)]
pub(super) async fn read_reader() -> Result<Staff, AppError> {
    session::staff().map(|(_, me)| me)
}

/// The people whom a case can be assigned to now: the members of teams for such cases first.
#[server(prefix = "/api", endpoint = "candidates", protocol = Wire)]
pub(super) async fn read_candidates(number: CaseNumber) -> Result<Vec<Candidates>, AppError> {
    let (context, _) = session::staff()?;
    let (kind, found) = desk::cases::candidates::candidates(&context.desk, &context.actor, number).await?;
    Ok(super::candidates::offered(context.language, kind, found))
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

/// The causes that are offered to whoever resolves a case. They are read when its dialog is opened.
#[server(prefix = "/api", endpoint = "offered_causes", protocol = Wire)]
pub(super) async fn read_causes() -> Result<OfferedCauses, AppError> {
    let (context, _) = session::staff()?;
    Ok(desk::causes::offered(&context.desk, &context.actor, context.language).await?)
}

/// The provider's own waiting reasons. They are read when the dialog of a pause is opened.
#[server(prefix = "/api", endpoint = "offered_waits", protocol = Wire)]
pub(super) async fn read_waits() -> Result<Vec<OfferedWait>, AppError> {
    let (context, _) = session::staff()?;
    Ok(desk::waiting_reasons::offered(&context.desk, &context.actor, context.language).await?)
}

/// The canned replies for a case, in the customer's language and with the case's values.
#[server(prefix = "/api", endpoint = "replies", protocol = Wire)]
pub(super) async fn read_replies(number: CaseNumber) -> Result<Vec<FilledReply>, AppError> {
    let (context, _) = session::staff()?;
    Ok(desk::wording::replies_for(&context.desk, &context.actor, number).await?)
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

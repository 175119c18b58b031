//! What the workspace asks of the server about visits.

use domain::case::visit::Technician;
use domain::case_number::CaseNumber;
use domain::view::{Agenda, Booked};
use leptos::prelude::*;

use crate::AppError;
use crate::wire::Wire;

/// Everybody who can be sent.
#[server(prefix = "/api", endpoint = "technicians", protocol = Wire)]
pub(super) async fn read_technicians() -> Result<Vec<Technician>, AppError> {
    let (asked, _) = super::api::ssr::staff()?;
    Ok(desk::cases::visits::technicians(&asked.desk, &asked.actor).await?)
}

/// What technicians are held by, for whoever is about to book one for a case.
#[server(prefix = "/api", endpoint = "booked", protocol = Wire)]
pub(super) async fn read_booked(number: CaseNumber) -> Result<Booked, AppError> {
    let (asked, _) = super::api::ssr::staff()?;
    Ok(desk::cases::bookings::booked(&asked.desk, &asked.actor, number).await?)
}

/// The visits of a day, counted from today.
#[server(prefix = "/api", endpoint = "agenda", protocol = Wire)]
pub(super) async fn read_agenda(days_ahead: i32) -> Result<Agenda, AppError> {
    let (asked, _) = super::api::ssr::staff()?;
    Ok(desk::cases::visits::agenda(&asked.desk, &asked.actor, days_ahead).await?)
}

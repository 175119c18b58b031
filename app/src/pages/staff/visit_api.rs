//! What the workspace asks of the server about visits.

use domain::attachment::{FileProblem, MOST_FILES};
use domain::case::visit::Technician;
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::t;
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

/// What is wrong with a file, by the code that an address carries.
#[must_use]
pub fn file_problem(language: Language, code: &str) -> String {
    if let Some(problem) = FileProblem::from_code(code) {
        return problem.message(language);
    }
    let key = match code {
        "too_many" => return t!(language, "file.problem.too_many", most = MOST_FILES),
        "same" => "file.problem.same",
        "gone" => "file.problem.gone",
        "closed" => "file.problem.closed",
        "other_technician" => "visit.refusal.other_technician",
        _ => "file.problem.failed",
    };
    t!(language, key).into_owned()
}

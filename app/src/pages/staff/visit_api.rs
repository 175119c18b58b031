//! What the workspace asks of the server about visits.

use domain::case::visit::Technician;
use domain::view::AgendaEntry;
use leptos::prelude::*;

use crate::AppError;
use crate::wire::Json;

/// Everybody who can be sent.
#[server(prefix = "/api", endpoint = "technicians", input = Json, output = Json)]
pub(super) async fn read_technicians() -> Result<Vec<Technician>, AppError> {
    let (asked, _) = super::api::ssr::staff()?;
    desk::visit::technicians(&asked.desk, &asked.actor).await.map_err(ssr::told)
}

/// The visits of a day, counted from today.
#[server(prefix = "/api", endpoint = "agenda", input = Json, output = Json)]
pub(super) async fn read_agenda(days_ahead: i32) -> Result<Vec<AgendaEntry>, AppError> {
    let (asked, _) = super::api::ssr::staff()?;
    desk::visit::agenda(&asked.desk, &asked.actor, days_ahead).await.map_err(ssr::told)
}

#[cfg(feature = "ssr")]
mod ssr {
    use desk::visit::VisitError;
    use domain::case::Refusal;

    use crate::AppError;
    use crate::request::{internal, refuse};

    pub(super) fn told(error: VisitError) -> AppError {
        match error {
            VisitError::NotFound => refuse(AppError::NotFound),
            VisitError::NotPermitted(refused) => refuse(AppError::Refused(Refusal::NotPermitted(refused))),
            VisitError::Store(error) => internal(error),
        }
    }
}

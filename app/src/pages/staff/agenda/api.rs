//! Server functions of the agenda.

use domain::view::Agenda;
use leptos::prelude::*;

use crate::AppError;
#[cfg(feature = "ssr")]
use crate::pages::staff::session;
use crate::wire::Wire;

/// The visits of a day, counted from today.
#[server(prefix = "/api", endpoint = "agenda", protocol = Wire)]
pub(super) async fn read_agenda(days_ahead: i32) -> Result<Agenda, AppError> {
    let (context, _) = session::staff()?;
    Ok(desk::cases::visits::agenda(&context.desk, &context.actor, days_ahead).await?)
}

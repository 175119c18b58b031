//! Server functions of the queue.

use domain::country::Country;
use domain::view::{QueuePage, QueueState};
use leptos::prelude::*;

use super::query::Whose;
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::pages::staff::session;
use crate::wire::Wire;

/// A page of the queue.
#[server(prefix = "/api", endpoint = "queue_page", protocol = Wire)]
pub(super) async fn read_queue(
    state: QueueState,
    country: Option<Country>,
    whose: Whose,
    page: u32,
) -> Result<QueuePage, AppError> {
    let (context, staff) = session::staff()?;
    let whose = match whose {
        Whose::Anybodys => desk::cases::queue::Whose::Anybodys,
        Whose::Mine => desk::cases::queue::Whose::Of(staff.id),
        Whose::Nobodys => desk::cases::queue::Whose::Nobodys,
    };
    let filter = desk::cases::queue::Filter { state, country, whose };
    Ok(desk::cases::queue::queue(&context.desk, &context.actor, filter, page).await?)
}

//! Server functions of the workspace's frame.

use domain::case_number::CaseNumber;
use leptos::prelude::*;

use crate::AppError;
#[cfg(feature = "ssr")]
use crate::pages::staff::session::staff_context;
use crate::wire::Wire;

/// The number of mails that the actor must look after; 0 for roles that do not read mails.
#[server(prefix = "/api", endpoint = "mails_in_trouble", protocol = Wire)]
pub(super) async fn mails_in_trouble() -> Result<i64, AppError> {
    let context = staff_context()?;
    match desk::outbox::trouble(&context.desk, &context.actor).await {
        Ok(trouble) => Ok(trouble.held + trouble.dead),
        Err(desk::DeskError::NotPermitted(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// The numbers of new P1 cases without an assignee, the oldest first. Empty for roles that do not see the wall.
#[server(prefix = "/api", endpoint = "urgent", protocol = Wire)]
pub(super) async fn urgent_cases() -> Result<Vec<CaseNumber>, AppError> {
    let context = staff_context()?;
    match desk::cases::wall::urgent(&context.desk, &context.actor).await {
        Ok(numbers) => Ok(numbers),
        Err(desk::DeskError::NotPermitted(_)) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

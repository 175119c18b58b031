//! What the frame of every page of the workspace asks the server.

use domain::case_number::CaseNumber;
use leptos::prelude::*;

use crate::AppError;
#[cfg(feature = "ssr")]
use crate::pages::staff::session::staff_context;
use crate::wire::Wire;

/// How many mails whoever asks must look after: none for those who may not.
#[server(prefix = "/api", endpoint = "mails_in_trouble", protocol = Wire)]
pub(super) async fn mails_in_trouble() -> Result<i64, AppError> {
    let asked = staff_context()?;
    match desk::outbox::trouble(&asked.desk, &asked.actor).await {
        Ok(trouble) => Ok(trouble.held + trouble.dead),
        Err(desk::DeskError::NotPermitted(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// The numbers of new cases of the highest priority that nobody is on, the oldest first; none for those who do not see the board.
#[server(prefix = "/api", endpoint = "urgent", protocol = Wire)]
pub(super) async fn urgent_cases() -> Result<Vec<CaseNumber>, AppError> {
    let asked = staff_context()?;
    match desk::cases::wall::urgent(&asked.desk, &asked.actor).await {
        Ok(numbers) => Ok(numbers),
        Err(desk::DeskError::NotPermitted(_)) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

//! Server functions of the workspace's frame.

use domain::case_number::CaseNumber;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

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

/// What the reader has of a telephone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Telephony {
    /// Whether an exchange may report calls.
    pub(super) is_reported: bool,
    /// Whether the exchange dials for the reader.
    pub(super) calls_out: bool,
}

/// What the reader has of a telephone.
#[server(prefix = "/api", endpoint = "telephony", protocol = Wire)]
pub(super) async fn read_telephony() -> Result<Telephony, AppError> {
    let context = staff_context()?;
    let has = desk::calls::telephony(&context.desk, &context.actor).await?;
    Ok(Telephony { is_reported: has.is_reported, calls_out: has.calls_out })
}

/// Who dials a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Dialled {
    /// The exchange was asked.
    ByExchange,
    /// The reader.
    ByHand,
}

/// Asks the exchange for a call from the reader's extension.
#[server(prefix = "/api", endpoint = "dial", protocol = Wire)]
pub(super) async fn dial(number: String, case: Option<CaseNumber>) -> Result<Dialled, AppError> {
    let context = staff_context()?;
    let phone = domain::phone::Phone::recall(&number, &number).map_err(|_| AppError::Malformed)?;
    Ok(match desk::calls::request_call(&context.desk, &context.actor, &phone, case).await? {
        desk::calls::Requested::Told => Dialled::ByExchange,
        desk::calls::Requested::NoExchange => Dialled::ByHand,
    })
}

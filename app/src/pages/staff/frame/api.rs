//! Server functions of the workspace's frame.

use domain::case_number::CaseNumber;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;
#[cfg(feature = "ssr")]
use crate::pages::staff::session::staff_context;
use crate::wire::Wire;

/// What the frame shows of the desk and of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FrameState {
    /// The number of mails that the reader must look after; 0 for roles that do not read mails.
    pub(super) mails_in_trouble: i64,
    /// What the reader has of a telephone.
    pub(super) telephony: Telephony,
}

/// What the frame shows, in one request.
#[server(prefix = "/api", endpoint = "frame", protocol = Wire)]
pub(super) async fn read_frame() -> Result<FrameState, AppError> {
    let context = staff_context()?;
    let mails_in_trouble = match desk::outbox::trouble(&context.desk, &context.actor).await {
        Ok(trouble) => trouble.held + trouble.dead,
        Err(desk::DeskError::NotPermitted(_)) => 0,
        Err(error) => return Err(error.into()),
    };
    let telephony = match desk::calls::telephony(&context.desk, &context.actor).await {
        Ok(has) => Telephony { is_reported: has.is_reported, calls_out: has.calls_out },
        Err(desk::DeskError::NotPermitted(_)) => Telephony::default(),
        Err(error) => return Err(error.into()),
    };
    Ok(FrameState { mails_in_trouble, telephony })
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

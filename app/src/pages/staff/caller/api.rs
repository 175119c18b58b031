//! Server functions of the pop-up of a call.

use domain::call::Caller;
use domain::case_number::CaseNumber;
use leptos::prelude::*;

use crate::AppError;
#[cfg(feature = "ssr")]
use crate::pages::staff::session::staff_context;
use crate::wire::Wire;

/// Who calls.
#[server(prefix = "/api", endpoint = "read_caller", protocol = Wire)]
pub(super) async fn read_caller(call: i64) -> Result<Caller, AppError> {
    let context = staff_context()?;
    Ok(desk::calls::caller(&context.desk, &context.actor, call).await?)
}

/// Logs the call as a contact on a case.
#[server(prefix = "/api", endpoint = "log_call", protocol = Wire)]
pub(super) async fn log_call(call: i64, number: CaseNumber) -> Result<(), AppError> {
    let context = staff_context()?;
    desk::calls::log_call(&context.desk, &context.actor, call, number).await?;
    Ok(())
}

/// Ties the number to the contact of a case.
#[server(prefix = "/api", endpoint = "tie_number", protocol = Wire)]
pub(super) async fn tie_number(call: i64, number: CaseNumber) -> Result<(), AppError> {
    let context = staff_context()?;
    Ok(desk::calls::tie(&context.desk, &context.actor, call, number).await?)
}

/// Unties the number.
#[server(prefix = "/api", endpoint = "untie_number", protocol = Wire)]
pub(super) async fn untie_number(call: i64) -> Result<(), AppError> {
    let context = staff_context()?;
    Ok(desk::calls::untie(&context.desk, &context.actor, call).await?)
}

/// Closes the pop-up on every page of the reader.
#[server(prefix = "/api", endpoint = "dismiss_call", protocol = Wire)]
pub(super) async fn dismiss_call(call: i64) -> Result<(), AppError> {
    let context = staff_context()?;
    Ok(desk::calls::dismiss(&context.desk, &context.actor, call).await?)
}

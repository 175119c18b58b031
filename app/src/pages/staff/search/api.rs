//! Server functions of the search.

use domain::search::{CustomerCard, LookedUp};
use leptos::prelude::*;

use crate::AppError;
use crate::wire::Wire;

/// The case of a number, or all matches of a text: cases, and entries of the register.
#[server(prefix = "/api", endpoint = "find_cases", protocol = Wire)]
pub(in crate::pages::staff) async fn find_cases(text: String) -> Result<LookedUp, AppError> {
    let context = crate::pages::staff::session::staff_context()?;
    Ok(desk::search::look_up(&context.desk, &context.actor, &text).await?)
}

/// The card of a customer.
#[server(prefix = "/api", endpoint = "read_customer", protocol = Wire)]
pub(super) async fn read_customer(id: i64) -> Result<CustomerCard, AppError> {
    let context = crate::pages::staff::session::staff_context()?;
    desk::search::customer(&context.desk, &context.actor, id).await?.ok_or(AppError::NotFound)
}

//! The session of the staff.

#[cfg(feature = "ssr")]
use domain::actor::Actor;
use domain::actor::Staff;
use leptos::prelude::*;

use crate::AppError;
#[cfg(feature = "ssr")]
use crate::request::{RequestContext, request_context};
use crate::wire::Wire;

/// The signed-in person.
#[server(prefix = "/api", endpoint = "signed_in", protocol = Wire)]
#[allow(
    clippy::unused_async,
    reason = "the macro makes an async function of it, and the browser's half awaits"
)]
pub(super) async fn signed_in() -> Result<Staff, AppError> {
    staff().map(|(_, staff)| staff)
}

/// The request context and the signed-in person.
#[cfg(feature = "ssr")]
pub(super) fn staff() -> Result<(RequestContext, Staff), AppError> {
    let context = request_context()?;
    match &context.actor {
        Actor::Staff(staff) => {
            let staff = staff.clone();
            Ok((context, staff))
        }
        Actor::Anonymous
        | Actor::Customer(_)
        | Actor::CustomerBeside { .. }
        | Actor::Participant(_)
        | Actor::Contact(_)
        | Actor::Display { .. }
        | Actor::Integration(_)
        | Actor::System => Err(AppError::SignInFirst),
    }
}

/// The request context of a signed-in person, who is its actor.
#[cfg(feature = "ssr")]
pub(super) fn staff_context() -> Result<RequestContext, AppError> {
    staff().map(|(context, _)| context)
}

//! What the page of what was found asks of the server.

use domain::search::{CustomerCard, LookedUp};
use leptos::prelude::*;

use crate::AppError;
use crate::wire::Wire;

/// The case of a number, or everything that has all words of a text: cases, and what only the register knows.
#[server(prefix = "/api", endpoint = "find_cases", protocol = Wire)]
pub(super) async fn find_cases(text: String) -> Result<LookedUp, AppError> {
    let asked = crate::pages::staff::staff_asked()?;
    desk::search::look_up(&asked.desk, &asked.actor, &text).await.map_err(ssr::told)
}

/// The card of a customer.
#[server(prefix = "/api", endpoint = "read_customer", protocol = Wire)]
pub(super) async fn read_customer(id: i64) -> Result<CustomerCard, AppError> {
    let asked = crate::pages::staff::staff_asked()?;
    let card = desk::search::customer(&asked.desk, &asked.actor, id).await.map_err(ssr::told)?;
    card.ok_or_else(|| crate::request::refuse(AppError::NotFound))
}

#[cfg(feature = "ssr")]
mod ssr {
    use desk::search::SearchError;
    use domain::case::Refusal;

    use crate::AppError;
    use crate::request::{internal, refuse};

    pub(super) fn told(error: SearchError) -> AppError {
        match error {
            SearchError::NotPermitted(refused) => refuse(AppError::Refused(Refusal::NotPermitted(refused))),
            SearchError::Store(error) => internal(error),
        }
    }
}

//! What the page of what was found asks of the server.

use domain::search::Found;
use leptos::prelude::*;

use crate::AppError;
use crate::wire::Wire;

/// The case of a number, or the cases that have all words of a text.
#[server(prefix = "/api", endpoint = "find_cases", protocol = Wire)]
pub(super) async fn find_cases(text: String) -> Result<Found, AppError> {
    let asked = crate::pages::staff::staff_asked()?;
    desk::search::search(&asked.desk, &asked.actor, &text).await.map_err(ssr::told)
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

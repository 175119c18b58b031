//! What the pages of people ask of the server.

use domain::actor::Role;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::wire::Wire;

/// Somebody of the staff as a line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PersonLine {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) mail: String,
    pub(super) role: Role,
    pub(super) service: Service,
}

/// Whether somebody can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Service {
    Active,
    Ended,
}

/// Everybody who works or worked here.
#[server(prefix = "/api", endpoint = "people", protocol = Wire)]
pub(super) async fn read_people() -> Result<Vec<PersonLine>, AppError> {
    let asked = crate::pages::staff::session::staff_context()?;
    let people = desk::access::staff::people(&asked.desk, &asked.actor).await?;
    Ok(people.into_iter().map(ssr::line).collect())
}

#[cfg(feature = "ssr")]
mod ssr {
    use desk::access::staff::{self, PersonView};

    use super::{PersonLine, Service};

    pub(super) fn line(person: PersonView) -> PersonLine {
        PersonLine {
            id: person.id.0,
            name: person.name.to_string(),
            mail: person.mail.to_string(),
            role: person.role,
            service: match person.service {
                staff::Service::Active => Service::Active,
                staff::Service::Ended => Service::Ended,
            },
        }
    }
}

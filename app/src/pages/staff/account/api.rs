//! What the page of one's own account asks of the server.

use domain::actor::Role;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::wire::Wire;

/// One's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OwnAccount {
    pub(super) name: String,
    pub(super) mail: String,
    pub(super) role: Role,
}

/// The account of the member of the staff who asks.
#[server(prefix = "/api", endpoint = "account", protocol = Wire)]
pub(super) async fn read_account() -> Result<OwnAccount, AppError> {
    let asked = crate::pages::staff::session::staff_context()?;
    let own = desk::access::staff::own(&asked.desk, &asked.actor).await?;
    Ok(OwnAccount { name: own.name.to_string(), mail: own.mail.to_string(), role: own.role })
}

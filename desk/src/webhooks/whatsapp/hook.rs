//! A number as WhatsApp calls it: what its requests must prove.

use domain::actor::Scope;
use domain::webhook::WebhookId;
use domain::whatsapp::{ApiSecret, GraphId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::super::subscriptions::scope;
use super::send::Line;
use crate::Desk;
use crate::access::tokens::unhex;
use crate::store::{StoreError, row};

/// How a signature begins.
const SCHEME: &str = "sha256=";

/// A number that is on, and has its secrets.
#[derive(Debug, Clone)]
pub struct Hook {
    pub(crate) id: WebhookId,
    pub(crate) scope: Scope,
    pub(crate) phone_number_id: GraphId,
    pub(crate) line: Line,
    app_secret: ApiSecret,
}

row! {
    struct HookRow {
        country: Option<String>,
        phone_number_id: String,
        graph_url: String,
        templates: String,
        access_token: String,
        app_secret: String,
    }
}

/// The number of an id; `None` for one that is not there, is off, or lacks its secrets.
///
/// # Errors
/// When the database does not answer.
pub async fn hook(desk: &Desk, id: WebhookId) -> Result<Option<Hook>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row: Option<HookRow> = sqlx::query_as(
        "SELECT n.country, n.phone_number_id, n.graph_url, n.templates, s.access_token, s.app_secret
         FROM whatsapp_numbers n JOIN whatsapp_secrets s ON s.number_id = n.id
         WHERE n.id = $1 AND n.paused_utc_s IS NULL",
    )
    .bind(id.0)
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let Some(row) = row else { return Ok(None) };
    let HookRow { country, phone_number_id, graph_url, templates, access_token, app_secret } = row;
    let wrong = |what: String| StoreError::inconsistent("whatsapp_numbers", format!("{}: {what}", id.0));
    Ok(Some(Hook {
        id,
        scope: scope(id.0, country)?,
        phone_number_id: GraphId::parse(&phone_number_id).map_err(|error| wrong(error.to_string()))?,
        line: Line::read(id, graph_url, phone_number_id, &templates, &access_token)?,
        app_secret: ApiSecret::parse(&app_secret).map_err(|error| wrong(error.to_string()))?,
    }))
}

impl Hook {
    /// Whether the app's secret signed a body: the value of `X-Hub-Signature-256`. It takes the same time for every wrong one.
    #[must_use]
    pub fn is_signed(&self, signature: &str, body: &[u8]) -> bool {
        let code = signature.strip_prefix(SCHEME).and_then(unhex).unwrap_or_default();
        Hmac::<Sha256>::new_from_slice(self.app_secret.expose().as_bytes())
            .is_ok_and(|mac| mac.chain_update(body).verify_slice(&code).is_ok())
    }
}

//! The forms of the integrations.

use app::pages::staff::{
    IntegrationsPosted, post_alert_settings, post_integrations, post_revoke_integration,
};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::AppState;
use super::answer::{to, told};
use super::pages;
use super::posted::{read, taken};
use super::signed_in::SignedIn;

/// Adds an integration. Its token is on the page that comes back, this once.
pub async fn add(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match post_integrations(&asked, typed).await {
        IntegrationsPosted::Again(status, reply) => pages::again(site, parts, *reply, status).await,
        IntegrationsPosted::Failed(error) => told(&error, asked.language),
    }
}

/// Takes what an administrator sets for the alerts of an integration.
pub async fn alerts(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_alert_settings(&asked, &id, typed)).await
}

/// Revokes an integration.
pub async fn revoke(
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    match post_revoke_integration(&asked, &id).await {
        Ok(next) => to(&next, None),
        Err(error) => told(&error, asked.language),
    }
}

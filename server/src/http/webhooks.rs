//! The forms of the webhooks.

use app::pages::staff::{WebhooksPosted, post_webhook, post_webhooks};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::AppState;
use super::answer::{to, told};
use super::pages;
use super::posted::read;
use super::signed_in::SignedIn;

/// Adds a webhook. Its secret is on the page that comes back, this once.
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
    match post_webhooks(&asked, typed).await {
        WebhooksPosted::Again(status, reply) => pages::again(site, parts, *reply, status).await,
        WebhooksPosted::Done(next) => to(&next, None),
        WebhooksPosted::Failed(error) => told(&error, asked.language),
    }
}

/// Tests, pauses, rotates or removes a webhook, or sends dead letters once more.
pub async fn one(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match post_webhook(&asked, &id, &typed).await {
        WebhooksPosted::Again(status, reply) => pages::again(site, parts, *reply, status).await,
        WebhooksPosted::Done(next) => to(&next, None),
        WebhooksPosted::Failed(error) => told(&error, asked.language),
    }
}

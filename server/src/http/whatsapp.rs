//! WhatsApp Business: what its Cloud API asks and posts, and the forms of the numbers.

use app::pages::staff::{WhatsAppPosted, post_whatsapp, post_whatsapp_number};
use app::request::RequestContext;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use desk::inbound::whatsapp::{MAX_BYTES, TakeError, take};
use desk::webhooks::whatsapp::{hook, is_verify_token};
use domain::webhook::WebhookId;
use serde::Deserialize;

use super::AppState;
use super::answer::{to, told};
use super::pages;
use super::posted::read;
use super::signed_in::SignedIn;

/// The header field with the app's signature.
const SIGNATURE: &str = "x-hub-signature-256";
/// What the API asks for when an address is set up.
const SUBSCRIBE: &str = "subscribe";
/// The most characters of a challenge.
const CHALLENGE_CHARS_MAX: usize = 200;

/// The address that an administrator gives to WhatsApp. No cookie counts there.
pub(super) fn hooks() -> Router<AppState> {
    Router::new()
        .route("/hooks/whatsapp/{id}", get(verify).post(receive))
        .layer(DefaultBodyLimit::max(MAX_BYTES))
}

/// The question whether the address is the desk's.
#[derive(Debug, Deserialize)]
struct Verification {
    #[serde(rename = "hub.mode", default)]
    mode: String,
    #[serde(rename = "hub.verify_token", default)]
    verify_token: String,
    #[serde(rename = "hub.challenge", default)]
    challenge: String,
}

/// Repeats the challenge to who knows the verify token.
async fn verify(
    State(site): State<AppState>,
    Path(id): Path<String>,
    Query(asked): Query<Verification>,
) -> Response {
    let Ok(id) = id.parse().map(WebhookId) else { return StatusCode::NOT_FOUND.into_response() };
    match hook(&site.desk, id).await {
        Ok(Some(_)) => {}
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => return unavailable(&error, id),
    }
    // It is text alone, so that no page can be made of it.
    let is_plain = (1..=CHALLENGE_CHARS_MAX).contains(&asked.challenge.len())
        && asked.challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if asked.mode == SUBSCRIBE && is_plain && is_verify_token(&site.desk, id, &asked.verify_token) {
        ([(CONTENT_TYPE, "text/plain; charset=utf-8")], asked.challenge).into_response()
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

/// Takes what the app's secret signed. The answer is 200 when it is in the desk; after another one WhatsApp sends it again.
async fn receive(
    State(site): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(id) = id.parse().map(WebhookId) else { return StatusCode::NOT_FOUND.into_response() };
    let hook = match hook(&site.desk, id).await {
        Ok(Some(hook)) => hook,
        // It may be on again before WhatsApp gives up.
        Ok(None) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(error) => return unavailable(&error, id),
    };
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !hook.is_signed(signature, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match take(&site.desk, &hook, &body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(TakeError::Malformed) => {
            tracing::warn!(number = id.0, "a body of WhatsApp could not be read");
            StatusCode::BAD_REQUEST.into_response()
        }
        Err(error @ (TakeError::Later | TakeError::Store(_))) => unavailable(&error, id),
    }
}

fn unavailable(error: &dyn std::error::Error, id: WebhookId) -> Response {
    tracing::error!(%error, number = id.0, "a request of WhatsApp was not taken; it comes again");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// Adds a number.
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
    match post_whatsapp(&asked, typed).await {
        WhatsAppPosted::Again(status, reply) => pages::again(site, parts, *reply, status).await,
        WhatsAppPosted::Done(next) => to(&next, None),
        WhatsAppPosted::Failed(error) => told(&error, asked.language),
    }
}

/// Changes, tests, switches or removes a number.
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
    match post_whatsapp_number(&asked, &id, &typed).await {
        WhatsAppPosted::Again(status, reply) => pages::again(site, parts, *reply, status).await,
        WhatsAppPosted::Done(next) => to(&next, None),
        WhatsAppPosted::Failed(error) => told(&error, asked.language),
    }
}

//! Headers of every answer, and the log line of every request.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Span;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// For answers that are no page: nothing may be loaded, nothing may frame them.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");

/// The policy of a page whose inline start script carries `nonce`. WebAssembly needs `wasm-unsafe-eval`.
#[must_use]
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'"
    )
}

/// Puts the security headers on an answer that has none of its own.
pub async fn secure(State(https): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if https {
        set(headers, STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    // `same-origin` and not stricter: the way back from a form is read from the referrer.
    set(headers, REFERRER_POLICY, "same-origin");
    set(headers, HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(headers, CACHE_CONTROL, "no-store");
    response
}

/// The headers that even the answer to a panic carries.
pub async fn bare_minimum(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

/// The longest request id that is accepted: a UUID has 36 characters, a trace's parent 55.
const ID_BYTES: usize = 64;

/// Removes a request id that is malformed: it would go into the log and back to the caller. A new one is given instead.
pub async fn bound_request_id(mut request: Request) -> Request {
    let fits = |id: &HeaderValue| {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        !id.is_empty() && id.len() <= ID_BYTES && id.as_bytes().iter().all(plain)
    };
    let mut ids = request.headers().get_all(REQUEST_ID).iter();
    let is_fine = ids.next().is_none_or(fits) && ids.next().is_none();
    if !is_fine {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

/// The span of a request: its id, method and route. Never the address: it may hold a customer's link.
pub fn span(request: &Request) -> Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let route = request.extensions().get::<axum::extract::MatchedPath>().map_or("", |path| path.as_str());
    tracing::info_span!("request", id, method = %request.method(), route)
}

/// Logs one line per answer.
pub fn on_response(response: &Response, took: Duration, _: &Span) {
    let status = response.status().as_u16();
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if response.status().is_server_error() {
        tracing::warn!(status, took_ms, "answered");
    } else {
        tracing::debug!(status, took_ms, "answered");
    }
}

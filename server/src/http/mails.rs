//! Mails as their readers see them: documents that run nothing, and load nothing but the logo.

use app::AppError;
use app::pages::staff::{kind_body, mail_body, post_retry, post_retry_all};
use app::provider::logo_address;
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::attachment::ContentHash;
use domain::i18n::Language;

use super::AppState;
use super::answer::told;
use super::posted::{read, show};
use super::signed_in::SignedIn;

/// The styles of a mail stand in it. All else but the logo is blocked, and only our own pages may frame it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; sandbox; frame-ancestors 'self'; \
                      base-uri 'none'; form-action 'none'";

/// The body of one mail, for the frame that previews it.
pub async fn body(
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    document(mail_body(&asked, &id).await, asked.language)
}

/// A mail of a kind, from a made-up case.
pub async fn kind(
    Path((kind, language)): Path<(String, String)>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    document(kind_body(&asked, &kind, &language).await, asked.language)
}

/// The logo lies in the mail that is sent; here it is loaded from its address.
fn with_logo(html: String) -> String {
    let shown = html.split_once("<img src=\"cid:").and_then(|(before, after)| {
        let (hash, after) = after.split_once("@logo\"")?;
        let address = logo_address(&ContentHash::parse(hash).ok()?);
        Some(format!("{before}<img src=\"{address}\"{after}"))
    });
    shown.unwrap_or(html)
}

fn document(body: Result<String, AppError>, language: Language) -> Response {
    match body {
        Ok(html) => {
            let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY)];
            (headers, with_logo(html)).into_response()
        }
        Err(error) => told(&error, language),
    }
}

/// Resends all mails that a mail server refused.
pub async fn retry_all(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    match read(request).await {
        Ok((parts, _)) => show(site, parts, post_retry_all(&asked).await, asked.language).await,
        Err(response) => response,
    }
}

/// Resends one mail that was given up.
pub async fn retry(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    match read(request).await {
        Ok((parts, _)) => show(site, parts, post_retry(&asked, &id).await, asked.language).await,
        Err(response) => response,
    }
}

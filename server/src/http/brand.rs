//! The look of the provider: its logo, and the style sheet of its accent. Both lie under names that differ when the content
//! does, so browsers keep them for good.

use app::provider::AccentSheet;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use desk::DeskError;
use desk::provider::logo_png;
use domain::attachment::ContentHash;

use super::AppState;

/// A picture and a style sheet run nothing and load nothing.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'";

/// A file of the provider's look by its name: `SHA256.png`, or the accent's sheet.
pub async fn file(State(site): State<AppState>, Path(name): Path<String>) -> Response {
    if let Some(sheet) = AccentSheet::at(&name) {
        return kept("text/css; charset=utf-8", sheet.css.into_bytes());
    }
    let Some(hash) = name.strip_suffix(".png").and_then(|hash| ContentHash::parse(hash).ok()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match logo_png(&site.desk, &hash).await {
        Ok(png) => kept("image/png", png),
        Err(DeskError::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a logo could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn kept(kind: &'static str, content: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (CONTENT_SECURITY_POLICY, POLICY),
        // The logo is public, and the frame that previews a mail has no origin.
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, content).into_response()
}

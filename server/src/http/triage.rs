//! The forms of the triage list.

use app::pages::staff::post_triage;
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::AppState;
use super::posted::{read, show};
use super::signed_in::SignedIn;

/// Adds a mail to a case, or discards it.
pub async fn decide(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    match read(request).await {
        Ok((parts, typed)) => show(site, parts, post_triage(&asked, &id, typed).await, asked.language).await,
        Err(response) => response,
    }
}

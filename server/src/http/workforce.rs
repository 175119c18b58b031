//! The forms of working hours and absences: a person's, kept by supervisors, and one's own.

use app::pages::staff::{post_own_absences, post_schedule};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::AppState;
use super::posted::taken;
use super::signed_in::SignedIn;

/// Takes a form of a person's working hours and absences.
pub async fn schedule(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_schedule(&asked, &id, typed)).await
}

/// Takes a form of one's own absences.
pub async fn own_absences(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_own_absences(&asked, typed)).await
}

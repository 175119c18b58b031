//! The survey's plain forms, which work before a script runs and without one.

use app::pages::portal::answer_survey;
use app::pages::staff::{post_call, post_follow_up};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::AppState;
use super::posted::taken;
use super::signed_in::SignedIn;

/// Takes a customer's answers.
pub async fn answer(
    State(site): State<AppState>,
    Path(token): Path<String>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| answer_survey(&asked, &token, typed)).await
}

/// Takes the answers that a member of the staff writes down during a call.
pub async fn call(
    State(site): State<AppState>,
    Path(number): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_call(&asked, &number, typed)).await
}

/// Takes the outcome of a follow-up.
pub async fn follow_up(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_follow_up(&asked, typed)).await
}

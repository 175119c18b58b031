//! The survey's plain forms: what works before, and without, any script.

use std::collections::BTreeMap;

use app::pages::Posted;
use app::pages::portal::answer_survey;
use app::pages::staff::{post_call, post_follow_up};
use app::request::Asked;
use axum::Extension;
use axum::extract::{Form, Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;

use super::{Site, forms, pages};

/// More fields than any form of ours has.
const MOST_FIELDS: usize = 64;

type Typed = BTreeMap<String, String>;

/// Takes a customer's answers.
pub async fn answer(
    State(site): State<Site>,
    Path(token): Path<String>,
    Extension(asked): Extension<Asked>,
    request: Request,
) -> Response {
    match read(request).await {
        Ok((parts, typed)) => show(site, parts, answer_survey(&asked, &token, typed).await).await,
        Err(response) => response,
    }
}

/// Takes what somebody of the staff writes down of a call.
pub async fn call(
    State(site): State<Site>,
    Path(number): Path<String>,
    Extension(asked): Extension<Asked>,
    request: Request,
) -> Response {
    if let Some(response) = stranger(&asked, "/desk/survey") {
        return response;
    }
    match read(request).await {
        Ok((parts, typed)) => show(site, parts, post_call(&asked, &number, typed).await).await,
        Err(response) => response,
    }
}

/// Takes what came of a low score.
pub async fn follow_up(
    State(site): State<Site>,
    Extension(asked): Extension<Asked>,
    request: Request,
) -> Response {
    if let Some(response) = stranger(&asked, "/desk/survey") {
        return response;
    }
    match read(request).await {
        Ok((parts, typed)) => show(site, parts, post_follow_up(&asked, typed).await).await,
        Err(response) => response,
    }
}

/// Whoever is not signed in goes to the sign-in: a session may have ended while somebody was typing.
/// From there they go on to `next`.
pub(super) fn stranger(asked: &Asked, next: &str) -> Option<Response> {
    match asked.actor {
        Actor::Staff(_) => None,
        _ => Some(forms::to(&format!("/desk/sign-in?next={}", forms::percent(next)), None)),
    }
}

/// The fields as they came.
pub(super) async fn read(request: Request) -> Result<(Parts, Typed), Response> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, super::BODY_BYTES).await else {
        return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    };
    let form_post = Request::from_parts(parts.clone(), body.into());
    match axum::RequestExt::extract::<Form<Vec<(String, String)>>, _>(form_post).await {
        Ok(Form(pairs)) if pairs.len() <= MOST_FIELDS => Ok((parts, pairs.into_iter().collect())),
        _ => Err(StatusCode::BAD_REQUEST.into_response()),
    }
}

/// Goes on, or shows the page again with what was typed.
pub(super) async fn show(site: Site, parts: Parts, posted: Posted) -> Response {
    match posted {
        Posted::Done(next) => forms::to(&next, None),
        Posted::Again(status, reply) => pages::again(site, parts, reply, status).await,
        Posted::Failed(error) => forms::status_of(&error).into_response(),
    }
}

//! The fields of plain forms, and their replies.

use std::collections::BTreeMap;

use app::pages::Posted;
use app::request::RequestContext;
use axum::extract::{Form, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use domain::i18n::Language;

use super::answer::{to, told};
use super::{AppState, BODY_BYTES, pages};

/// The most fields of a form; no form of ours has as many.
const MOST_FIELDS: usize = 64;

/// What was typed, by the fields' names.
pub(super) type Typed = BTreeMap<String, String>;

/// The fields of a form.
pub(super) async fn read(request: Request) -> Result<(Parts, Typed), Response> {
    let (parts, pairs) = read_pairs(request).await?;
    Ok((parts, pairs.into_iter().collect()))
}

/// The fields in their order.
pub(super) async fn read_pairs(request: Request) -> Result<(Parts, Vec<(String, String)>), Response> {
    read_pairs_up_to(request, MOST_FIELDS, BODY_BYTES).await
}

/// The same of a form that may have more fields, and more bytes.
pub(super) async fn read_pairs_up_to(
    request: Request,
    most: usize,
    bytes: usize,
) -> Result<(Parts, Vec<(String, String)>), Response> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, bytes).await else {
        return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    };
    let form_post = Request::from_parts(parts.clone(), body.into());
    match axum::RequestExt::extract::<Form<Vec<(String, String)>>, _>(form_post).await {
        Ok(Form(pairs)) if pairs.len() <= most => Ok((parts, pairs)),
        _ => Err(StatusCode::BAD_REQUEST.into_response()),
    }
}

/// Reads a form, and shows what `take` made of its fields.
pub(super) async fn taken<F: Future<Output = Posted>>(
    site: AppState,
    asked: &RequestContext,
    request: Request,
    take: impl FnOnce(Typed) -> F,
) -> Response {
    match read(request).await {
        Ok((parts, typed)) => show(site, parts, take(typed).await, asked.language).await,
        Err(response) => response,
    }
}

/// Redirects, or shows the page again with what was typed.
pub(super) async fn show(site: AppState, parts: Parts, posted: Posted, language: Language) -> Response {
    match posted {
        Posted::Done(next) => to(&next, None),
        Posted::Again(status, reply) => pages::again(site, parts, reply, status).await,
        Posted::Failed(error) => told(&error, language),
    }
}

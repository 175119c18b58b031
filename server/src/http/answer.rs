//! Answers without a page: a redirect, or an error in words.

use app::AppError;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::i18n::Language;

/// An error in the reader's language, with its status.
pub(super) fn told(error: &AppError, language: Language) -> Response {
    (error.status(), error.message(language)).into_response()
}

/// Redirects the browser to a page.
pub(super) fn to(path: &str, cookie: Option<HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::try_from(path) else { return StatusCode::BAD_REQUEST.into_response() };
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

//! Answers without a page of their own: a way on, or why nothing was done.

use app::AppError;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::i18n::Language;

/// Why nothing was done, in the reader's language and with the status that goes with it.
pub(super) fn told(error: &AppError, language: Language) -> Response {
    (error.status(), error.message(language)).into_response()
}

/// Sends the browser on to a page.
pub(super) fn to(path: &str, cookie: Option<HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::try_from(path) else { return StatusCode::BAD_REQUEST.into_response() };
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

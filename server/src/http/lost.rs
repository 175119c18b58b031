//! The plain forms about links to cases: lost ones, renewed ones, and those of participants.

use app::pages::portal::{Renewed, ask_for_links, leave_case, remove_participant, renew_link};
use app::request::RequestContext;
use axum::Extension;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::answer::{to, told};
use super::posted::read;
use super::{AppState, pages};

/// The field of a mail reader's form to leave.
const ONE_TAP: &[u8] = b"List-Unsubscribe";
/// The most bytes of that form, in either encoding.
const LEAVE_BYTES: usize = 4096;

/// Takes the form. The answer is the same whether there is a case or not.
pub async fn ask(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match ask_for_links(&asked, typed) {
        Ok(()) => to("/links?sent=yes", None),
        Err((status, reply)) => pages::again(site, parts, reply, status).await,
    }
}

/// Renews the link of a case. A link that was renewed before is answered as one that never was.
pub async fn renew(Extension(asked): Extension<RequestContext>, Path(tracking): Path<String>) -> Response {
    match renew_link(&asked, &tracking).await {
        Ok(renewed) => to(renewed.address(), None),
        Err(error) => told(&error, asked.language),
    }
}

/// Removes a participant, and shows the case as it is then.
pub async fn remove(
    Extension(asked): Extension<RequestContext>,
    Path((tracking, id)): Path<(String, u32)>,
) -> Response {
    match remove_participant(&asked, &tracking, id).await {
        Ok(()) => to(&format!("/track/{tracking}"), None),
        Err(error) => told(&error, asked.language),
    }
}

/// Where a mail's link to leave leads: opening it does nothing, because programs open links too.
pub async fn leaving(Path(tracking): Path<String>) -> Response {
    to(&format!("/track/{tracking}"), None)
}

/// Ends the part of a participant. A mail reader that does it with one tap is not redirected (RFC 8058, 3.1).
pub async fn leave(
    Extension(asked): Extension<RequestContext>,
    Path(tracking): Path<String>,
    request: Request,
) -> Response {
    let Ok(body) = to_bytes(request.into_body(), LEAVE_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    // Mail readers send it in either encoding of forms (RFC 8058, 3.2), and both have the name of the field.
    let is_one_tap = body.windows(ONE_TAP.len()).any(|part| part == ONE_TAP);
    match leave_case(&asked, &tracking).await {
        Ok(()) if is_one_tap => StatusCode::OK.into_response(),
        Ok(()) => to(Renewed::Left.address(), None),
        Err(error) => told(&error, asked.language),
    }
}

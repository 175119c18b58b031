//! The plain forms of customers who lost the link to their case, or want another one.

use app::pages::portal::{ask_for_links, renew_link};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::answer::{to, told};
use super::posted::read;
use super::{AppState, pages};

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

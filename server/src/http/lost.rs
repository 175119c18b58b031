//! The plain form of customers who lost the link to their case.

use app::pages::portal::ask_for_links;
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;

use super::answer::to;
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

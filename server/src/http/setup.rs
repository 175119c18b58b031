//! The first start of an empty desk, and the page of the server: plain forms.

use app::pages::staff::{ServerPosted, post_server, post_setup, post_start};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::Response;

use super::answer::{to, told};
use super::posted::{read, show, taken};
use super::sign_in::sign_in_as;
use super::signed_in::SignedIn;
use super::{AppState, pages};

/// Where the first administrator goes on.
const NEXT: &str = "/desk/admin/setup";

/// Makes the holder of the link the administrator, and begins their sign-in: the second factor is set up there.
pub async fn start(
    State(site): State<AppState>,
    Path(code): Path<String>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match post_start(&asked, &code, typed).await {
        Ok(credentials) => {
            let parts = at_sign_in(parts);
            sign_in_as(site, &asked, parts, (&credentials.mail, &credentials.password), NEXT).await
        }
        Err(posted) => show(site, parts, posted, asked.language).await,
    }
}

/// The request as one for the page of the sign-in.
fn at_sign_in(mut parts: Parts) -> Parts {
    parts.uri = Uri::from_static("/desk/sign-in");
    parts
}

/// Takes what is said of a step of the first start.
pub async fn step(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let asked = &asked;
    taken(site, asked, request, |typed| async move { post_setup(asked, &typed).await }).await
}

/// Takes a form of the page of the server.
pub async fn server(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    match read(request).await {
        Ok((parts, typed)) => match post_server(&asked, &typed).await {
            ServerPosted::Done(next) => to(&next, None),
            ServerPosted::Tested(status, reply) => pages::again(site, parts, reply, status).await,
            ServerPosted::Failed(error) => told(&error, asked.language),
        },
        Err(response) => response,
    }
}

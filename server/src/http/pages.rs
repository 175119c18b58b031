//! The rendered pages: leptos' output inside its document.

use std::sync::Arc;

use app::Administration;
use app::CustomerAccount;
use app::Entrance;
use app::Reporting;
use app::Settings;
use app::Tracking;
use app::Workspace;
use app::request::{Assets, RequestContext};
use app::shell::{shell, wall_shell};
use app::sign_in_address;
use axum::Extension;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use desk::access::displays;
use desk::store::StoreError;
use domain::actor::{Action, Actor, Subject, may};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list, render_app_async_with_context,
};

use super::AppState;
use super::context::Cookie;
use super::headers::page_policy;
use super::table::Route;

/// Adds every page of the app, and every server function.
pub(super) fn add(router: Router<AppState>, site: &AppState) -> Router<AppState> {
    let assets = Arc::clone(&site.assets);
    // In one call: each call adds all server functions, and a route may be added once.
    router.leptos_routes_with_context(site, pages(), page_context, move || shell(Assets::clone(&assets)))
}

/// Every page of the app, and every server function, as routes.
pub(super) fn listed() -> Vec<Route> {
    let pages = pages();
    let pages = pages
        .iter()
        .flat_map(|page| page.methods().map(move |method| Route::new(&format!("{method:?}"), page.path())));
    let functions = server_fn_paths().map(|(path, method)| Route::new(method.as_str(), path));
    pages.chain(functions).collect()
}

/// Every page of the app.
fn pages() -> Vec<AxumRouteListing> {
    [
        generate_route_list(Reporting),
        generate_route_list(Tracking),
        generate_route_list(CustomerAccount),
        generate_route_list(Workspace),
        generate_route_list(Administration),
        generate_route_list(Entrance),
        generate_route_list(Settings),
    ]
    .concat()
}

/// The context of every rendered page: the policy with its nonce.
pub(super) fn page_context() {
    if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>())
        && let Ok(policy) = HeaderValue::try_from(page_policy(&nonce.to_string()))
    {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

/// The wall: for displays by their secret, and for the staff.
pub async fn board(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    if may(&asked.actor, Action::ReadWall, Subject::Desk).is_err() {
        return Redirect::to(&sign_in_address("/board")).into_response();
    }
    let cookie = match own_secret(&site, &asked.actor, request.headers()).await {
        Ok(cookie) => cookie,
        Err(error) => {
            tracing::error!(%error, "a display could not be given a secret of its own");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let assets = Arc::clone(&site.assets);
    let page = render_app_async_with_context(page_context, move || wall_shell(Assets::clone(&assets)));
    let mut response = page(request).await;
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// A secret of its own for a display whose browser still carries the secret of its link.
async fn own_secret(
    site: &AppState,
    actor: &Actor,
    headers: &HeaderMap,
) -> Result<Option<HeaderValue>, StoreError> {
    let (Actor::Display { id, .. }, Some(carried)) = (actor, site.cookies.display(headers)) else {
        return Ok(None);
    };
    let fresh = displays::renew(&site.desk, *id, carried).await?;
    Ok(fresh.and_then(|secret| site.cookies.set(Cookie::Display, &secret)))
}

/// The page of a form, rendered again with the reply to the form.
pub async fn again<R>(site: AppState, parts: Parts, reply: R, status: StatusCode) -> Response
where
    R: Clone + Send + Sync + 'static,
{
    // Rendered as the page that it is: the router looks at path and method.
    let mut request = Request::from_parts(parts, Body::empty());
    *request.method_mut() = Method::GET;
    let context = move || {
        page_context();
        provide_context(reply.clone());
    };
    let mut response = rendered(&site, context, request).await;
    *response.status_mut() = status;
    response
}

/// The page of a request with more in its context.
pub async fn with_context(
    site: &AppState,
    more: impl Fn() + Clone + Send + Sync + 'static,
    request: Request,
) -> Response {
    let context = move || {
        page_context();
        more();
    };
    rendered(site, context, request).await
}

/// The page for addresses that match no route.
pub async fn not_found(State(site): State<AppState>, request: Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut response = rendered(&site, page_context, request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

async fn rendered(
    site: &AppState,
    context: impl Fn() + Clone + Send + Sync + 'static,
    request: Request,
) -> Response {
    let assets = Arc::clone(&site.assets);
    render_app_async_with_context(context, move || shell(Assets::clone(&assets)))(request)
        .await
        .into_response()
}

//! Screens that wait for a pairing, and the forms of the displays.

use std::sync::Arc;

use app::pages::staff::{DisplaysPosted, post_displays, post_revoke_display};
use app::request::{Assets, RequestContext};
use app::shell::{WaitingScreen, waiting_shell};
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use desk::access::pairing::{Screen, Standing, WaitError, show, standing};
use domain::actor::{Action, Actor, Subject, may};
use leptos_axum::render_app_async_with_context;

use super::AppState;
use super::answer::{to, told};
use super::context::Cookie;
use super::pages;
use super::posted::read;
use super::signed_in::SignedIn;

/// The address for screens: the wall for a browser that may read it, else the page with a code.
pub async fn wall(Extension(asked): Extension<RequestContext>) -> Redirect {
    let is_display = may(&asked.actor, Action::ReadWall, Subject::Desk).is_ok();
    Redirect::to(if is_display { "/board" } else { "/pair" })
}

/// The page of a screen that waits: its code. Once the code was typed, the browser is given the display's secret, and goes on to
/// the wall.
pub async fn pair(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    if matches!(asked.actor, Actor::Display { .. }) {
        return to("/board", None);
    }
    // Monitors and crawlers ask so. They show no code to anybody, and take no place of a screen.
    if request.method() == Method::HEAD {
        return StatusCode::OK.into_response();
    }
    let carried = site.cookies.screen(request.headers());
    match show(&site.desk, asked.source, carried).await {
        Ok(Screen::Paired(secret)) => {
            let mut response = to("/board", site.cookies.set(Cookie::Display, &secret));
            if let Some(cookie) = site.cookies.forget(Cookie::Screen) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
        Ok(Screen::Waits { secret, code, .. }) => {
            let mut response = page(&site, WaitingScreen::Code(code.to_string()), request).await;
            if let Some(cookie) = site.cookies.set(Cookie::Screen, &secret) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
        Err(WaitError::Crowded) => {
            let mut response = page(&site, WaitingScreen::Crowded, request).await;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response
        }
        Err(WaitError::Store(error)) => {
            tracing::error!(%error, "a screen could not be paired");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn page(site: &AppState, screen: WaitingScreen, request: Request) -> Response {
    let assets = Arc::clone(&site.assets);
    let draw = move || waiting_shell(Assets::clone(&assets), screen.clone());
    render_app_async_with_context(pages::page_context, draw)(request).await.into_response()
}

/// Whether the page of a waiting screen is to be loaded again: 204 while its code stands, 200 when it is to be loaded. 404 for
/// a browser without the cookie: it keeps none, or has slept for longer than the cookie lives.
pub async fn state(State(site): State<AppState>, headers: HeaderMap) -> StatusCode {
    let Some(secret) = site.cookies.screen(&headers) else { return StatusCode::NOT_FOUND };
    match standing(&site.desk, secret).await {
        Ok(Standing::Waits { .. }) => StatusCode::NO_CONTENT,
        Ok(Standing::IsTyped | Standing::Unknown) => StatusCode::OK,
        Err(error) => {
            tracing::error!(%error, "a waiting screen could not be looked up");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Adds a display: by the code of a screen, or by a link.
pub async fn add(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, typed) = match read(request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    match post_displays(&asked, typed).await {
        DisplaysPosted::Done(next) => to(&next, None),
        DisplaysPosted::Again(status, reply) => pages::again(site, parts, *reply, status).await,
        DisplaysPosted::Failed(error) => told(&error, asked.language),
    }
}

/// Revokes a display.
pub async fn revoke(
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    match post_revoke_display(&asked, &id).await {
        Ok(next) => to(&next, None),
        Err(error) => told(&error, asked.language),
    }
}

//! The API for other systems, under `/api/v1` (`docs/decisions/0052`). Server functions of pages stand beside it, under
//! `/api/NAME`.

mod attachments;
mod audit;
mod caller;
mod calls;
mod cases;
mod commands;
mod document;
mod entitlement;
mod events;
mod input;
mod json;
mod monitoring;
mod on_site;
mod operation;
mod participants;
mod people;
mod problem;
mod proof;
mod register;
mod reports;
mod revisions;
mod schema;
mod settings;
mod survey;
mod token;
mod visits;
mod waits;
mod webhooks;

use std::sync::Arc;

use app::documentation::documentation_shell;
use app::request::Assets;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Extension, Json, Router};
use domain::actor::Grant;
use domain::country::Country;
use leptos_axum::render_app_async_with_context;
use serde_json::{Value, json};

use super::table::Route;
use super::{AppState, pages};
use caller::Caller;
use operation::{Door, Method, Operation, Size};
use problem::ApiError;
pub use webhooks::ApiPayloads;

/// The path of the API.
pub(super) const BASE: &str = "/api/v1";

/// The path of the document below it.
const DOCUMENT: &str = "/openapi.json";

/// The public address of the page that describes the codes of problems.
fn documentation(site: &AppState) -> Arc<str> {
    format!("{}/api", site.desk.public_url()).into()
}

/// The whole site, in which errors that layers give under the API's path are problems.
pub(super) fn with_problems(site: &AppState, whole: Router<AppState>) -> Router<AppState> {
    whole.layer(from_fn_with_state(documentation(site), caller::problems_of_layers))
}

/// Every operation, in the order of the document.
fn operations() -> Vec<Operation> {
    let me = Operation::new((Method::Get, "/me"), get(me), ("readMe", "Token", "Read what the token may do"))
        .answers(200, "The integration of the token.", "Me");
    let parts = [
        token::operations(),
        vec![me],
        entitlement::operations(),
        cases::operations(),
        proof::operations(),
        commands::operations(),
        revisions::operations(),
        attachments::operations(),
        participants::operations(),
        visits::operations(),
        on_site::operations(),
        survey::operations(),
        calls::operations(),
        events::operations(),
        monitoring::operations(),
        register::operations(),
        people::operations(),
        reports::operations(),
        waits::operations(),
        settings::operations(),
        audit::operations(),
    ];
    parts.into_iter().flatten().collect()
}

/// Every operation with its whole path, and the document.
pub(super) fn listed() -> Vec<Route> {
    let operations = operations();
    let operations = operations.iter().map(|it| Route::new(it.method.name(), &format!("{BASE}{}", it.path)));
    operations.chain([Route::new("GET", &format!("{BASE}{DOCUMENT}"))]).collect()
}

/// The routes below `/api/v1`. All but the document and the making of tokens need a token; a path that does not exist needs one
/// as well.
pub(super) fn routes(site: &AppState) -> Router<AppState> {
    let (mut router, mut open) = (Router::new(), Router::new().route(DOCUMENT, get(openapi)));
    for operation in operations().into_iter().filter(|operation| operation.size == Size::Usual) {
        if operation.door == Door::Open {
            open = open.route(operation.path, operation.handler);
            continue;
        }
        let path = operation.path;
        router = router.route(path, permitted(operation));
    }
    let router = router
        .fallback(async || StatusCode::NOT_FOUND)
        .method_not_allowed_fallback(async || StatusCode::METHOD_NOT_ALLOWED)
        .layer(from_fn_with_state(site.clone(), caller::authenticate));
    open.merge(router)
}

/// The routes that take uploads, with their whole paths: they stand beside the others, which have less room.
pub(super) fn uploads(site: &AppState) -> Router<AppState> {
    operations()
        .into_iter()
        .filter(|operation| operation.size == Size::Upload)
        .fold(Router::new(), |router, operation| {
            let path = format!("{BASE}{}", operation.path);
            router.route(&path, permitted(operation))
        })
        .layer(from_fn_with_state(site.clone(), caller::authenticate))
}

/// The handler of an operation for callers whose token grants it.
fn permitted(Operation { action, handler, .. }: Operation) -> MethodRouter<AppState> {
    match action {
        Some(action) => handler.route_layer(from_fn_with_state(action, caller::permit)),
        None => handler,
    }
}

/// The document.
async fn openapi(State(site): State<AppState>) -> Json<Value> {
    Json(document(&site))
}

/// The page that documents the API.
pub(super) async fn page(State(site): State<AppState>, request: Request) -> Response {
    let (assets, document) = (Arc::clone(&site.assets), document(&site));
    let draw = move || documentation_shell(Assets::clone(&assets), document.clone());
    render_app_async_with_context(pages::page_context, draw)(request).await.into_response()
}

/// The document of this desk.
fn document(site: &AppState) -> Value {
    document::document(&operations(), site.desk.public_url())
}

/// What the token may do.
async fn me(Extension(caller): Extension<Caller>) -> Result<Response, ApiError> {
    let Caller { integration, per_minute, .. } = &caller;
    let value = json!({
        "id": integration.id.0,
        "name": integration.name,
        "grants": integration.grants.iter().map(|grant| Grant::code(*grant)).collect::<Vec<_>>(),
        "country": integration.scope.country.map(Country::code),
        "requests_per_minute": per_minute.get(),
    });
    Ok(json::answer(StatusCode::OK, value))
}

//! The table of routes. The router is built from it, so that what it lists is what is served. `vigia routes` prints the
//! list. The matrix of authorisation (`server/tests/security/matrix`) fails for a route without an entry.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{self, MethodRouter};

use super::AppState;

/// A route that is served.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The path, with its parameters in braces.
    pub path: String,
    /// The method in capital letters. `GET` includes `HEAD`.
    pub method: String,
}

impl Route {
    /// A route by its method, in letters of either case, and its path.
    pub fn new(method: &str, path: &str) -> Self {
        Self { path: path.to_owned(), method: method.to_ascii_uppercase() }
    }
}

/// A handler with the method that it answers.
#[derive(Debug)]
pub struct Listed {
    method: &'static str,
    handler: MethodRouter<AppState>,
}

/// A handler of `GET`.
pub fn get<H, T>(handler: H) -> Listed
where
    H: Handler<T, AppState>,
    T: 'static,
{
    Listed { method: "GET", handler: routing::get(handler) }
}

/// A handler of `POST`.
pub fn post<H, T>(handler: H) -> Listed
where
    H: Handler<T, AppState>,
    T: 'static,
{
    Listed { method: "POST", handler: routing::post(handler) }
}

/// A router with the list of its routes.
#[derive(Debug, Default)]
pub struct Table {
    router: Router<AppState>,
    routes: Vec<Route>,
}

impl Table {
    /// A table without routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a route.
    pub fn route(mut self, path: &str, Listed { method, handler }: Listed) -> Self {
        self.routes.push(Route::new(method, path));
        Self { router: self.router.route(path, handler), routes: self.routes }
    }

    /// Adds the routes of another table, each within its own layers.
    pub fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        Self { router: self.router.merge(other.router), routes: self.routes }
    }

    /// Lays layers around the routes that are there. `change` adds no route: it would not be listed.
    pub fn within(self, change: impl FnOnce(Router<AppState>) -> Router<AppState>) -> Self {
        Self { router: change(self.router), routes: self.routes }
    }

    /// The router alone.
    pub fn into_router(self) -> Router<AppState> {
        self.router
    }

    /// The list alone.
    pub fn into_routes(self) -> Vec<Route> {
        self.routes
    }
}

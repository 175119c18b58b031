//! The Leptos application: the customers' portal, the staff's workspace and the wall.
//!
//! Rendered on the server (feature `ssr`) and taken over in the browser (`hydrate`); the wall is a bundle of its own
//! (`hydrate` with `wall`), so that a display loads nothing it does not show. No rule of the desk stands here: pages ask
//! `desk` through server functions, which parse, authorise and call.

// A page is one deeply nested type.
#![recursion_limit = "512"]
#![allow(
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    reason = "components own their props, and the view that they give is used by the macro `view`"
)]
// What `#[component]` makes of a private component is public inside its module.
#![allow(unreachable_pub, reason = "written by the macro `component`")]

mod error;
pub mod language;
pub mod live;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod ui;
pub mod wall;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::SsrMode;
use leptos_router::components::{Outlet, ParentRoute, Route, Router, Routes};
use leptos_router::path;

pub use error::AppError;
use pages::portal::{CaseFormPage, OpenedPage, TrackPage};
use pages::staff::{CaseFilePage, IntakePage, QueuePageView, SignInPage};

/// The portal and the workspace. Every page is rendered whole before it is sent: it reads the same without a script.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    language::provide_language();
    view! {
        <Router>
            <Routes fallback=ui::NotFound>
                <ParentRoute path=path!("") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/") view=CaseFormPage/>
                    <Route path=path!("/opened/:tracking") view=OpenedPage/>
                    <Route path=path!("/track/:tracking") view=TrackPage/>
                    <Route path=path!("/desk/sign-in") view=SignInPage/>
                    <Route path=path!("/desk") view=QueuePageView/>
                    <Route path=path!("/desk/intake") view=IntakePage/>
                    <Route path=path!("/desk/cases/:number") view=CaseFilePage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any()
}

/// Takes the rendered page over in the browser.
#[cfg(all(feature = "hydrate", not(feature = "wall")))]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}

/// Starts the wall in the browser.
#[cfg(all(feature = "hydrate", feature = "wall"))]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(wall::Wall);
}

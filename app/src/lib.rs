//! The Leptos application: the customers' portal in two halves, the staff's workspace and the wall.
//!
//! Rendered on the server (feature `ssr`) and taken over in the browser (`hydrate`). Each of the five faces is a bundle
//! of its own (the crates in `app/faces/`), so that nobody loads what they are not shown. No rule of the desk stands
//! here: pages ask `desk` through server functions, which parse, authorise and call.

// A page is one deeply nested type.
#![recursion_limit = "512"]
#![allow(
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    reason = "components own their props, and the view that they give is used by the macro `view`"
)]
// What `#[component]` makes of a private component is public inside its module.
#![allow(unreachable_pub, reason = "written by the macro `component`")]

mod address;
#[cfg(feature = "hydrate")]
pub mod browser;
mod drafts;
mod effect;
mod error;
pub mod language;
pub mod live;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "hydrate")]
mod takeover;
pub mod ui;
pub mod wall;
mod wire;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::SsrMode;
use leptos_router::components::{Outlet, ParentRoute, Route, Router, Routes};
use leptos_router::path;

pub use address::sign_in_address;
pub use error::AppError;
#[cfg(feature = "ssr")]
use pages::portal::{CaseFormPage, FollowPage, LostLinkPage};
use pages::portal::{OpenedPage, SurveyPage, TrackPage, VisitLinkPage};
use pages::staff::{
    AccountPage, AdministrationPage, AgendaPage, CaseFilePage, CustomerPage, FollowIntakePage, FollowUpsPage,
    IntakePage, InvitePage, MailKindsPage, MailPage, MailsPage, MissedReportPage, PausesReportPage,
    PeoplePage, PersonPage, PromisesReportPage, QueuePageView, SearchPage, SurveyCallPage, SurveyQueuePage,
    SurveyResultsPage,
};
#[cfg(feature = "ssr")]
use pages::staff::{ChoosePasswordPage, CodePage, ForgottenPasswordPage, SignInPage};

/// The first half of the customers' portal: a case is reported. Every page is rendered whole before it is sent: it reads
/// the same without a script. Drawn by the server alone: browsers take over no more of it than the form
/// ([`pages::portal::CaseForm`]). Links from one face to another leave the page (`rel="external"`).
#[cfg(feature = "ssr")]
#[component]
pub fn Reporting() -> impl IntoView {
    provide_meta_context();
    language::provide_language();
    view! {
        <Router>
            <Routes fallback=ui::NotFound>
                <ParentRoute path=path!("") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/") view=CaseFormPage/>
                    <Route path=path!("/track/:tracking/follow") view=FollowPage/>
                    <Route path=path!("/links") view=LostLinkPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any()
}

/// The other half: that a case was opened, what becomes of it, and what customers answer by the links that they are sent.
/// Like the workspace, a browser takes it over whole.
#[component]
pub fn Tracking() -> impl IntoView {
    provide_meta_context();
    language::provide_language();
    view! {
        <Router>
            <Routes fallback=ui::NotFound>
                <ParentRoute path=path!("") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/opened/:tracking") view=OpenedPage/>
                    <Route path=path!("/track/:tracking") view=TrackPage/>
                    // What its forms are posted to: the page again, with what could not be taken.
                    <Route path=path!("/track/:tracking/amend") view=TrackPage/>
                    <Route path=path!("/track/:tracking/cancel") view=TrackPage/>
                    <Route path=path!("/track/:tracking/message") view=TrackPage/>
                    <Route path=path!("/track/:tracking/visit") view=TrackPage/>
                    <Route path=path!("/survey/:token") view=SurveyPage/>
                    <Route path=path!("/visit/:link") view=VisitLinkPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any()
}

/// The staff's workspace, rendered like the portal.
#[component]
pub fn Workspace() -> impl IntoView {
    provide_meta_context();
    language::provide_language();
    view! {
        <Router>
            <Routes fallback=ui::NotFound>
                <ParentRoute path=path!("/desk") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("") view=QueuePageView/>
                    <Route path=path!("/intake") view=IntakePage/>
                    <Route path=path!("/search") view=SearchPage/>
                    <Route path=path!("/customers/:id") view=CustomerPage/>
                    <Route path=path!("/agenda") view=AgendaPage/>
                    <Route path=path!("/cases/:number") view=CaseFilePage/>
                    <Route path=path!("/cases/:number/follow") view=FollowIntakePage/>
                    <Route path=path!("/mails") view=MailsPage/>
                    <Route path=path!("/mails/kinds") view=MailKindsPage/>
                    <Route path=path!("/mails/:id") view=MailPage/>
                    <Route path=path!("/reports/pauses") view=PausesReportPage/>
                    <Route path=path!("/reports/promises") view=PromisesReportPage/>
                    <Route path=path!("/reports/promises/missed") view=MissedReportPage/>
                    <Route path=path!("/survey") view=SurveyQueuePage/>
                    <Route path=path!("/survey/calls/:number") view=SurveyCallPage/>
                    <Route path=path!("/survey/follow-ups") view=FollowUpsPage/>
                    <Route path=path!("/survey/results") view=SurveyResultsPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any()
}

/// The ways in: the sign-in, and passwords that are forgotten or chosen. Drawn by the server alone: they are plain forms.
#[cfg(feature = "ssr")]
#[component]
pub fn Entrance() -> impl IntoView {
    provide_meta_context();
    language::provide_language();
    view! {
        <Router>
            <Routes fallback=ui::NotFound>
                <ParentRoute path=path!("/desk") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/sign-in") view=SignInPage/>
                    <Route path=path!("/sign-in/code") view=CodePage/>
                    <Route path=path!("/password") view=ForgottenPasswordPage/>
                    <Route path=path!("/password/:link") view=ChoosePasswordPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any()
}

/// What administrators set and supervisors read, and everybody's own account: a face of its own, so that what agents load
/// first does not grow with it.
#[component]
pub fn Administration() -> impl IntoView {
    provide_meta_context();
    language::provide_language();
    view! {
        <Router>
            <Routes fallback=ui::NotFound>
                <ParentRoute path=path!("/desk") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/account") view=AccountPage/>
                    <Route path=path!("/admin") view=AdministrationPage/>
                    <Route path=path!("/admin/people") view=PeoplePage/>
                    <Route path=path!("/admin/people/invite") view=InvitePage/>
                    <Route path=path!("/admin/people/:id") view=PersonPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any()
}

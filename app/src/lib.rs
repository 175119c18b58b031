//! The Leptos application: the customers' portal in two halves, the staff's workspace, and the wall.
//!
//! Pages are rendered on the server (feature `ssr`) and hydrated in the browser (`hydrate`). Each of the five faces is a
//! bundle of its own (the crates in `app/faces/`), so that browsers load only what they show. The rules of the desk are in
//! `domain`: pages call `desk` through server functions, which parse and authorise.

// A page is one deeply nested type.
#![recursion_limit = "512"]
#![allow(
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    reason = "components own their props, and the view that they give is used by the macro `view`"
)]
// A private component's `#[component]` makes it public inside its module.
#![allow(unreachable_pub, reason = "written by the macro `component`")]

mod address;
#[cfg(feature = "hydrate")]
pub mod browser;
mod drafts;
mod effect;
mod error;
pub mod language;
pub mod live;
#[cfg(feature = "ssr")]
pub mod operations;
pub mod pages;
mod press;
pub mod provider;
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
    AccountPage, AdministrationPage, AgendaPage, BreachesReportPage, CaseFilePage, CustomerPage,
    FollowIntakePage, FollowUpsPage, IntakePage, InvitePage, MailKindsPage, MailPage, MailsPage,
    PausesReportPage, PeoplePage, PersonPage, QueuePageView, SearchPage, SlaReportPage, SurveyCallPage,
    SurveyQueuePage, SurveyResultsPage,
};
#[cfg(feature = "ssr")]
use pages::staff::{
    CalendarPage, CalendarsPage, ChangesPage, ChoosePasswordPage, CodePage, DisplaysPage,
    ForgottenPasswordPage, ImportFilePage, ImportPage, PlanPage, PlansPage, PrivacyPage, ProviderPage,
    RegisterEntryPage, RegisterListPage, RegisterMergePage, RegisterPage, RenderedOnce, ServerPage,
    SetupPage, SignInPage, StartPage,
};

/// The first half of the portal: reporting a case. Its pages are rendered by the server alone, and work without a script;
/// browsers hydrate only the form ([`pages::portal::CaseForm`]). Links to another face leave the page (`rel="external"`).
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

/// The second half of the portal: the confirmation, the case's page, and the customer's answers. Browsers hydrate it whole,
/// as the workspace.
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
                    // The addresses of its forms: the page again, with the reply.
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
                    <Route path=path!("/reports/promises") view=SlaReportPage/>
                    <Route path=path!("/reports/promises/missed") view=BreachesReportPage/>
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
                    <Route path=path!("/start/:code") view=StartPage/>
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

/// Settings, displays and the register: pages of the administration that the server alone renders, as plain forms without a bundle.
#[cfg(feature = "ssr")]
#[component]
pub fn Settings() -> impl IntoView {
    provide_meta_context();
    language::provide_language();
    provide_context(RenderedOnce);
    view! {
        <Router>
            <Routes fallback=ui::NotFound>
                <ParentRoute path=path!("/desk/admin") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/plans") view=PlansPage/>
                    <Route path=path!("/plans/:id") view=PlanPage/>
                    <Route path=path!("/calendars") view=CalendarsPage/>
                    <Route path=path!("/calendars/:id") view=CalendarPage/>
                    <Route path=path!("/changes") view=ChangesPage/>
                    <Route path=path!("/provider") view=ProviderPage/>
                    <Route path=path!("/displays") view=DisplaysPage/>
                    <Route path=path!("/import") view=ImportPage/>
                    <Route path=path!("/import/:id") view=ImportFilePage/>
                    <Route path=path!("/register") view=RegisterPage/>
                    <Route path=path!("/register/:kind") view=RegisterListPage/>
                    <Route path=path!("/register/:kind/:id") view=RegisterEntryPage/>
                    <Route path=path!("/register/:kind/:id/merge") view=RegisterMergePage/>
                    <Route path=path!("/privacy") view=PrivacyPage/>
                    <Route path=path!("/server") view=ServerPage/>
                    <Route path=path!("/setup") view=SetupPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any()
}

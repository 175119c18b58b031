//! The Leptos application: the customers' portal in two halves, the staff's workspace, the wall, and the page that verifies
//! proofs.
//!
//! Pages are rendered on the server (feature `ssr`) and hydrated in the browser (`hydrate`). Each of the six faces is a
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
#[cfg(feature = "ssr")]
pub mod documentation;
mod drafts;
mod effect;
mod error;
mod formats;
pub mod language;
pub mod later;
pub mod live;
#[cfg(feature = "ssr")]
pub mod operations;
pub mod pages;
pub mod parts;
mod press;
pub mod provider;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "hydrate")]
mod takeover;
pub mod ui;
mod upload;
pub mod verify;
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
pub use error::refused_files;
#[cfg(feature = "ssr")]
use pages::portal::{CaseFormPage, FollowPage, LostLinkPage};
#[cfg(feature = "ssr")]
use pages::portal::{
    ColleaguesPage, EntryCodePage, EntryLinkPage, EntryPage, OwnCasesPage, OwnEquipmentPage, OwnReportPage,
    ProfilePage,
};
use pages::portal::{OpenedPage, SurveyPage, TrackPage, VisitLinkPage};
use pages::staff::{AccountPage, AdministrationPage, InvitePage, PeoplePage, PersonPage, QueuePageView};
#[cfg(feature = "ssr")]
use pages::staff::{
    AlertsPage, AuditPage, CalendarPage, CalendarsPage, CausesPage, CausesReportPage, ChangesPage,
    ChoosePasswordPage, CodePage, ComposedRolePage, ComposedRolesPage, DisplaysPage, ForgottenPasswordPage,
    FormatsPage, IdentitiesPage, IdentityProviderPage, IdentityProvidersPage, ImportFilePage, ImportPage,
    IntegrationsPage, MailTextPage, MailTextsPage, OwnAbsencesPage, PasskeysPage, PlanPage, PlansPage,
    PrivacyPage, ProofPage, ProviderPage, QuestionnairePage, QuestionnairesPage, RegisterEntryPage,
    RegisterListPage, RegisterMergePage, RegisterPage, RegisterPeoplePage, RenderedOnce, RepliesPage,
    ReplyPage, ResolvePage, SchedulePage, SerialFormatsPage, ServerPage, SessionLimitsPage, SetupPage,
    SignInPage, StartPage, TeamPage, TeamsPage, TriageMailPage, TriagePage, WaitingPage, WebhookPage,
    WebhooksPage, WhatsAppNumberPage, WhatsAppPage,
};
use parts::{IntakeOf, Office, Page};

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

/// Pages of customers who sign in. Drawn by the server alone: plain forms and lists.
#[cfg(feature = "ssr")]
#[component]
pub fn CustomerAccount() -> impl IntoView {
    provide_meta_context();
    language::provide_language();
    view! {
        <Router>
            <Routes fallback=ui::NotFound>
                <ParentRoute path=path!("/my") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/sign-in") view=EntryPage/>
                    <Route path=path!("/code") view=EntryCodePage/>
                    <Route path=path!("/enter/:link") view=EntryLinkPage/>
                    <Route path=path!("/cases") view=OwnCasesPage/>
                    <Route path=path!("/equipment") view=OwnEquipmentPage/>
                    <Route path=path!("/report") view=OwnReportPage/>
                    <Route path=path!("/colleagues") view=ColleaguesPage/>
                    <Route path=path!("/profile") view=ProfilePage/>
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
                    <Route path=path!("/track/:tracking/participants") view=TrackPage/>
                    <Route path=path!("/track/:tracking/visit") view=TrackPage/>
                    <Route path=path!("/survey/:token") view=SurveyPage/>
                    <Route path=path!("/visit/:link") view=VisitLinkPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any()
}

/// The staff's workspace, rendered like the portal. Browsers load the queue first, and [`parts`] when they are opened.
#[component]
pub fn Workspace() -> impl IntoView {
    provide_meta_context();
    language::provide_language();
    view! {
        <Router>
            <Routes fallback=ui::NotFound>
                <ParentRoute path=path!("/desk") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("") view=QueuePageView/>
                    <Route path=path!("/intake") view=Page::Intake(IntakeOf::New)/>
                    <Route path=path!("/search") view=Page::Office(Office::Search)/>
                    <Route path=path!("/customers/:id") view=Page::Office(Office::Customer)/>
                    <Route path=path!("/agenda") view=Page::Office(Office::Agenda)/>
                    <Route path=path!("/cases/:number") view=Page::CaseFile/>
                    <Route path=path!("/cases/:number/follow") view=Page::Intake(IntakeOf::FollowUp)/>
                    <Route path=path!("/mails") view=Page::Office(Office::Mails)/>
                    <Route path=path!("/mails/kinds") view=Page::Office(Office::MailKinds)/>
                    <Route path=path!("/mails/:id") view=Page::Office(Office::Mail)/>
                    <Route path=path!("/reports/pauses") view=Page::Office(Office::Pauses)/>
                    <Route path=path!("/reports/promises") view=Page::Office(Office::Sla)/>
                    <Route path=path!("/reports/promises/missed") view=Page::Office(Office::Breaches)/>
                    <Route path=path!("/survey") view=Page::Office(Office::SurveyQueue)/>
                    <Route path=path!("/survey/calls/:number") view=Page::Office(Office::SurveyCall)/>
                    <Route path=path!("/survey/follow-ups") view=Page::Office(Office::FollowUps)/>
                    <Route path=path!("/survey/results") view=Page::Office(Office::SurveyResults)/>
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

/// What administrators set and supervisors read, and everybody's own account. It is a face of its own, so that what agents
/// load first does not grow with it.
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
                    <Route path=path!("/causes") view=CausesPage/>
                    <Route path=path!("/waiting") view=WaitingPage/>
                    <Route path=path!("/questionnaires") view=QuestionnairesPage/>
                    <Route path=path!("/questionnaires/:id") view=QuestionnairePage/>
                    <Route path=path!("/mail-texts") view=MailTextsPage/>
                    <Route path=path!("/mail-texts/:id") view=MailTextPage/>
                    <Route path=path!("/replies") view=RepliesPage/>
                    <Route path=path!("/replies/:id") view=ReplyPage/>
                    <Route path=path!("/formats") view=FormatsPage/>
                    <Route path=path!("/serial-formats") view=SerialFormatsPage/>
                    <Route path=path!("/displays") view=DisplaysPage/>
                    <Route path=path!("/integrations") view=IntegrationsPage/>
                    <Route path=path!("/integrations/:id") view=AlertsPage/>
                    <Route path=path!("/webhooks") view=WebhooksPage/>
                    <Route path=path!("/webhooks/:id") view=WebhookPage/>
                    <Route path=path!("/whatsapp") view=WhatsAppPage/>
                    <Route path=path!("/whatsapp/:id") view=WhatsAppNumberPage/>
                    <Route path=path!("/import") view=ImportPage/>
                    <Route path=path!("/import/:id") view=ImportFilePage/>
                    <Route path=path!("/register") view=RegisterPage/>
                    <Route path=path!("/register/:kind") view=RegisterListPage/>
                    <Route path=path!("/register/:kind/:id") view=RegisterEntryPage/>
                    <Route path=path!("/register/:kind/:id/merge") view=RegisterMergePage/>
                    <Route path=path!("/register/:kind/:id/people") view=RegisterPeoplePage/>
                    <Route path=path!("/teams") view=TeamsPage/>
                    <Route path=path!("/teams/:id") view=TeamPage/>
                    <Route path=path!("/schedules/:id") view=SchedulePage/>
                    <Route path=path!("/privacy") view=PrivacyPage/>
                    <Route path=path!("/audit") view=AuditPage/>
                    <Route path=path!("/sessions") view=SessionLimitsPage/>
                    <Route path=path!("/sign-in") view=IdentityProvidersPage/>
                    <Route path=path!("/sign-in/:id") view=IdentityProviderPage/>
                    <Route path=path!("/roles") view=ComposedRolesPage/>
                    <Route path=path!("/roles/:id") view=ComposedRolePage/>
                    <Route path=path!("/server") view=ServerPage/>
                    <Route path=path!("/setup") view=SetupPage/>
                </ParentRoute>
                <ParentRoute path=path!("/desk/cases") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/:number/resolve") view=ResolvePage/>
                </ParentRoute>
                <ParentRoute path=path!("/desk/reports") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/causes") view=CausesReportPage/>
                </ParentRoute>
                <ParentRoute path=path!("/desk/triage") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("") view=TriagePage/>
                    <Route path=path!("/:id") view=TriageMailPage/>
                </ParentRoute>
                <ParentRoute path=path!("/desk/account") view=Outlet ssr=SsrMode::Async>
                    <Route path=path!("/absences") view=OwnAbsencesPage/>
                    <Route path=path!("/passkeys") view=PasskeysPage/>
                    <Route path=path!("/proof") view=ProofPage/>
                    <Route path=path!("/identities") view=IdentitiesPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
    .into_any()
}

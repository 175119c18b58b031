//! What administrators set and supervisors read: one section for each subject.

mod people;
#[cfg(feature = "ssr")]
mod privacy;
#[cfg(feature = "ssr")]
mod server;
#[cfg(feature = "ssr")]
mod settings;
#[cfg(feature = "ssr")]
mod setup;

pub use people::{InvitePage, PeoplePage, PersonPage};
#[cfg(feature = "ssr")]
pub use people::{post_factor_roles, post_invite, post_person};
#[cfg(feature = "ssr")]
pub use privacy::{PrivacyPage, PrivacyPosted, post_privacy};
#[cfg(feature = "ssr")]
pub use server::{ServerPage, ServerPosted, TestReply, post_server};
#[cfg(feature = "ssr")]
pub use settings::{
    CalendarPage, CalendarsPage, ChangesPage, PlanPage, PlansPage, SettingsPosted, SettingsReply,
    post_settings,
};
#[cfg(feature = "ssr")]
pub use setup::{SetupPage, post_setup};

use domain::t;
use leptos::prelude::*;

use super::frame::{Here, StaffFrame};
use crate::language::use_language;
use crate::ui::Icon;

/// A subject of the administration. Each has a page that lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    /// Who works here.
    People,
    /// SLA plans.
    Plans,
    /// Calendars with their hours, holidays and closures.
    Calendars,
    /// Who changed which setting.
    Changes,
    /// Personal data: how long they are kept, and what one person asks for.
    Privacy,
    /// How the installation stands.
    Server,
    /// What is missing before customers are served.
    Setup,
}

impl Section {
    const ALL: [Self; 7] =
        [Self::People, Self::Plans, Self::Calendars, Self::Changes, Self::Privacy, Self::Server, Self::Setup];

    const fn address(self) -> &'static str {
        match self {
            Self::People => "/desk/admin/people",
            Self::Plans => "/desk/admin/plans",
            Self::Calendars => "/desk/admin/calendars",
            Self::Changes => "/desk/admin/changes",
            Self::Privacy => "/desk/admin/privacy",
            Self::Server => "/desk/admin/server",
            Self::Setup => "/desk/admin/setup",
        }
    }

    /// The `rel` of a link to it: pages that the server alone renders are outside the bundle.
    const fn rel(self) -> Option<&'static str> {
        match self {
            Self::People => None,
            Self::Plans | Self::Calendars | Self::Changes | Self::Privacy | Self::Server | Self::Setup => {
                Some("external")
            }
        }
    }

    /// The section of a subject of the settings.
    #[cfg(feature = "ssr")]
    const fn of(subject: desk::settings::Subject) -> Self {
        match subject {
            desk::settings::Subject::Calendars => Self::Calendars,
            desk::settings::Subject::Plans => Self::Plans,
        }
    }

    /// The keys of its name, and of what one does there.
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::People => ("admin.people.title", "admin.people.hint"),
            Self::Plans => ("admin.plans.title", "admin.plans.hint"),
            Self::Calendars => ("admin.calendars.title", "admin.calendars.hint"),
            Self::Changes => ("admin.changes.title", "admin.changes.hint"),
            Self::Privacy => ("admin.privacy.title", "admin.privacy.hint"),
            Self::Server => ("admin.server.title", "admin.server.hint"),
            Self::Setup => ("admin.setup.title", "admin.setup.hint"),
        }
    }
}

/// The index of the administration: `/desk/admin`.
#[component]
pub fn AdministrationPage() -> impl IntoView {
    let language = use_language();
    let cards = Section::ALL.map(|section| {
        let (name, hint) = section.keys();
        view! {
            <li>
                <a class="card subject" href=section.address() rel=section.rel()>
                    <h2>{t!(language, name)}</h2>
                    <p class="quiet">{t!(language, hint)}</p>
                    <Icon name="chevron"/>
                </a>
            </li>
        }
    });
    view! {
        <StaffFrame title=t!(language, "admin.title").into_owned() class="stack stack--wide" here=Here::Administration>
            <div class="page__head">
                <h1>{t!(language, "admin.title")}</h1>
                <p class="lead">{t!(language, "admin.lead")}</p>
            </div>
            <ul class="subjects">{cards.collect_view()}</ul>
        </StaffFrame>
    }
    .into_any()
}

/// A page of the administration: the frame of the staff's pages, and the way to the other subjects.
#[component]
fn AdminFrame(
    /// What the browser's tab says, and the heading.
    title: &'static str,
    /// Which subject the page is of.
    section: Section,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    let links = Section::ALL.map(|other| {
        let (name, _) = other.keys();
        let current = (other == section).then_some("page");
        view! { <a href=other.address() rel=other.rel() aria-current=current>{t!(language, name)}</a> }
    });
    view! {
        <StaffFrame title=t!(language, title).into_owned() class="stack" here=Here::Administration>
            <h1>{t!(language, title)}</h1>
            <nav class="filters" aria-label=t!(language, "admin.sections")>
                <a href="/desk/admin">{t!(language, "admin.all")}</a>
                {links.collect_view()}
            </nav>
            {children()}
        </StaffFrame>
    }
    .into_any()
}

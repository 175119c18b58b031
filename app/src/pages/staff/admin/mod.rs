//! What administrators set and supervisors read: one section for each subject.

#[cfg(feature = "ssr")]
mod displays;
#[cfg(feature = "ssr")]
mod import;
mod people;
#[cfg(feature = "ssr")]
mod privacy;
#[cfg(feature = "ssr")]
mod register;
#[cfg(feature = "ssr")]
mod server;
#[cfg(feature = "ssr")]
mod settings;
#[cfg(feature = "ssr")]
mod setup;

#[cfg(feature = "ssr")]
pub use displays::{DisplaysPage, DisplaysPosted, DisplaysReply, post_displays, post_revoke_display};
#[cfg(feature = "ssr")]
pub use import::{ImportFilePage, ImportPage, bad_rows_csv, post_import_file, post_import_step};
pub use people::{InvitePage, PeoplePage, PersonPage};
#[cfg(feature = "ssr")]
pub use people::{post_factor_roles, post_invite, post_person};
#[cfg(feature = "ssr")]
pub use privacy::{PrivacyPage, PrivacyPosted, post_privacy};
#[cfg(feature = "ssr")]
pub use register::{
    RegisterEntryPage, RegisterListPage, RegisterMergePage, RegisterPage, labels_pdf, post_register_entry,
    post_register_merge,
};
#[cfg(feature = "ssr")]
pub use server::{ServerPage, ServerPosted, TestReply, post_server};
#[cfg(feature = "ssr")]
pub use settings::{
    CalendarPage, CalendarsPage, ChangesPage, LOGO_FILE, PlanPage, PlansPage, ProviderPage, SettingsPosted,
    SettingsReply, post_provider, post_settings,
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
    /// Organisations, contracts, sites and equipment.
    Register,
    /// Files of contracts and equipment.
    Import,
    /// SLA plans.
    Plans,
    /// Calendars with their hours, holidays and closures.
    Calendars,
    /// The provider: name, look, telephone lines.
    Provider,
    /// Wall displays: pairing, last seen, revoking.
    Displays,
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
    const ALL: [Self; 11] = [
        Self::People,
        Self::Register,
        Self::Import,
        Self::Plans,
        Self::Calendars,
        Self::Provider,
        Self::Displays,
        Self::Changes,
        Self::Privacy,
        Self::Server,
        Self::Setup,
    ];

    const fn address(self) -> &'static str {
        match self {
            Self::People => "/desk/admin/people",
            Self::Register => "/desk/admin/register",
            Self::Import => "/desk/admin/import",
            Self::Plans => "/desk/admin/plans",
            Self::Calendars => "/desk/admin/calendars",
            Self::Provider => "/desk/admin/provider",
            Self::Displays => "/desk/admin/displays",
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
            Self::Register
            | Self::Import
            | Self::Plans
            | Self::Calendars
            | Self::Provider
            | Self::Displays
            | Self::Changes
            | Self::Privacy
            | Self::Server
            | Self::Setup => Some("external"),
        }
    }

    /// The section of a subject of the settings.
    #[cfg(feature = "ssr")]
    const fn of(subject: desk::settings::Subject) -> Self {
        match subject {
            desk::settings::Subject::Calendars => Self::Calendars,
            desk::settings::Subject::Plans => Self::Plans,
            desk::settings::Subject::Provider => Self::Provider,
        }
    }

    /// The keys of its name, and of what one does there.
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::People => ("admin.people.title", "admin.people.hint"),
            Self::Register => ("admin.register.title", "admin.register.hint"),
            Self::Import => ("admin.import.title", "admin.import.hint"),
            Self::Plans => ("admin.plans.title", "admin.plans.hint"),
            Self::Calendars => ("admin.calendars.title", "admin.calendars.hint"),
            Self::Provider => ("admin.provider.title", "admin.provider.hint"),
            Self::Displays => ("admin.displays.title", "admin.displays.hint"),
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
    view! {
        <StaffFrame title=t!(language, title).into_owned() class="stack" here=Here::Administration>
            <h1>{t!(language, title)}</h1>
            <SectionLinks section/>
            {children()}
        </StaffFrame>
    }
    .into_any()
}

/// The way to the other subjects.
#[component]
fn SectionLinks(
    /// The subject of the page.
    section: Section,
) -> impl IntoView {
    let language = use_language();
    let links = Section::ALL.map(|other| {
        let (name, _) = other.keys();
        let current = (other == section).then_some("page");
        view! { <a href=other.address() rel=other.rel() aria-current=current>{t!(language, name)}</a> }
    });
    view! {
        <nav class="filters" aria-label=t!(language, "admin.sections")>
            <a href="/desk/admin">{t!(language, "admin.all")}</a>
            {links.collect_view()}
        </nav>
    }
    .into_any()
}

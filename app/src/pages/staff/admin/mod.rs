//! What administrators set and supervisors read: one section for each subject.

#[cfg(feature = "ssr")]
mod audit;
#[cfg(feature = "ssr")]
mod choices;
#[cfg(feature = "ssr")]
mod displays;
#[cfg(feature = "ssr")]
mod identity;
#[cfg(feature = "ssr")]
mod import;
#[cfg(feature = "ssr")]
mod integrations;
#[cfg(feature = "ssr")]
mod kept;
mod people;
#[cfg(feature = "ssr")]
mod privacy;
#[cfg(feature = "ssr")]
mod register;
#[cfg(feature = "ssr")]
mod roles;
#[cfg(feature = "ssr")]
mod server;
#[cfg(feature = "ssr")]
mod sessions;
#[cfg(feature = "ssr")]
mod settings;
#[cfg(feature = "ssr")]
mod setup;
#[cfg(feature = "ssr")]
mod webhooks;
#[cfg(feature = "ssr")]
mod whatsapp;
#[cfg(feature = "ssr")]
mod workforce;

#[cfg(feature = "ssr")]
pub use audit::{AuditPage, audit_csv};
#[cfg(feature = "ssr")]
pub use displays::{DisplaysPage, DisplaysPosted, DisplaysReply, post_displays, post_revoke_display};
#[cfg(feature = "ssr")]
pub use identity::{
    IdentityProviderPage, IdentityProvidersPage, fault_words, post_identity_provider, post_identity_providers,
};
#[cfg(feature = "ssr")]
pub use import::{ImportFilePage, ImportPage, bad_rows_csv, post_import_file, post_import_step};
#[cfg(feature = "ssr")]
pub use integrations::{
    AlertsPage, IntegrationsPage, IntegrationsPosted, IntegrationsReply, post_alert_settings,
    post_integrations, post_revoke_integration,
};
#[cfg(feature = "ssr")]
pub use kept::provide_kept;
pub use people::{InvitePage, PeoplePage, PersonPage};
#[cfg(feature = "ssr")]
pub use people::{post_factor_roles, post_invite, post_person};
#[cfg(feature = "ssr")]
pub use privacy::{PrivacyPage, PrivacyPosted, post_privacy};
#[cfg(feature = "ssr")]
pub use register::{
    RegisterEntryPage, RegisterListPage, RegisterMergePage, RegisterPage, RegisterPeoplePage, labels_pdf,
    post_company, post_register_entry, post_register_merge,
};
#[cfg(feature = "ssr")]
pub use roles::{ComposedRolePage, ComposedRolesPage, post_composed_role};
#[cfg(feature = "ssr")]
pub use server::{ServerPage, ServerPosted, TestReply, post_server};
#[cfg(feature = "ssr")]
pub use sessions::{SessionLimitsPage, post_session_limits};
#[cfg(feature = "ssr")]
pub use settings::{
    CLOSURES_FILE, CalendarPage, CalendarsPage, CausesPage, ChangesPage, FormatsPage, LOGO_FILE,
    MailTextPage, MailTextsPage, PlanPage, PlansPage, ProviderPage, QuestionnairePage, QuestionnairesPage,
    RepliesPage, ReplyPage, SerialFormatsPage, SettingsPosted, SettingsReply, TeamPage, TeamsPage,
    WaitingPage, post_closures, post_mail_text, post_provider, post_settings, post_single,
};
#[cfg(feature = "ssr")]
pub use setup::{SetupPage, post_setup};
#[cfg(feature = "ssr")]
pub use webhooks::{WebhookPage, WebhooksPage, WebhooksPosted, WebhooksReply, post_webhook, post_webhooks};
#[cfg(feature = "ssr")]
pub use whatsapp::{
    WhatsAppNumberPage, WhatsAppPage, WhatsAppPosted, WhatsAppReply, post_whatsapp, post_whatsapp_number,
};
#[cfg(feature = "ssr")]
pub use workforce::{OwnAbsencesPage, SchedulePage, post_own_absences, post_schedule};

#[cfg(feature = "ssr")]
pub(in crate::pages::staff) use server::moment;

use domain::actor::{Action, Staff};
use domain::t;
use leptos::prelude::*;

use super::frame::{Here, StaffFrame, may_do, use_staff};
use crate::language::use_language;
use crate::ui::Icon;

/// Declares the subjects of the administration, in the order in which they are shown.
macro_rules! sections {
    ($($(#[$doc:meta])* $section:ident {
        address: $address:literal,
        rel: $rel:expr,
        keys: $keys:expr,
        group: $group:expr,
        action: $action:expr $(,)?
    }),+ $(,)?) => {
        /// A subject of the administration. Each has a page that lists it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Section {
            $($(#[$doc])* $section),+
        }

        impl Section {
            const ALL: [Self; [$($address),+].len()] = [$(Self::$section),+];

            const fn address(self) -> &'static str {
                match self { $(Self::$section => $address),+ }
            }

            /// The `rel` of a link to it: pages that the server alone renders are outside the bundle.
            const fn rel(self) -> Option<&'static str> {
                match self { $(Self::$section => $rel),+ }
            }

            /// The keys of its name, and of what one does there.
            const fn keys(self) -> (&'static str, &'static str) {
                match self { $(Self::$section => $keys),+ }
            }

            /// The group that it is shown in.
            const fn group(self) -> Group {
                match self { $(Self::$section => $group),+ }
            }

            /// What its reader may do: a link is shown to nobody else.
            const fn action(self) -> Action {
                match self { $(Self::$section => $action),+ }
            }
        }
    };
}

sections! {
    /// Who works here.
    People {
        address: "/desk/admin/people",
        rel: None,
        keys: ("admin.people.title", "admin.people.hint"),
        group: Group::People,
        action: Action::ReadPeople,
    },
    /// Roles that administrators compose.
    Roles {
        address: "/desk/admin/roles",
        rel: Some("external"),
        keys: ("admin.roles.title", "admin.roles.hint"),
        group: Group::People,
        action: Action::Administer,
    },
    /// Teams with countries, skills and members.
    Teams {
        address: "/desk/admin/teams",
        rel: Some("external"),
        keys: ("admin.teams.title", "admin.teams.hint"),
        group: Group::People,
        action: Action::ReadSettings,
    },
    /// How long sessions last.
    Sessions {
        address: "/desk/admin/sessions",
        rel: Some("external"),
        keys: ("admin.sessions.title", "admin.sessions.hint"),
        group: Group::People,
        action: Action::Administer,
    },
    /// Identity providers by which people sign in.
    SignIn {
        address: "/desk/admin/sign-in",
        rel: Some("external"),
        keys: ("admin.sign_in.title", "admin.sign_in.hint"),
        group: Group::People,
        action: Action::Administer,
    },
    /// Organisations, contracts, sites and equipment.
    Register {
        address: "/desk/admin/register",
        rel: Some("external"),
        keys: ("admin.register.title", "admin.register.hint"),
        group: Group::Register,
        action: Action::ReadRegister,
    },
    /// Files of contracts and equipment.
    Import {
        address: "/desk/admin/import",
        rel: Some("external"),
        keys: ("admin.import.title", "admin.import.hint"),
        group: Group::Register,
        action: Action::ReadSettings,
    },
    /// SLA plans.
    Plans {
        address: "/desk/admin/plans",
        rel: Some("external"),
        keys: ("admin.plans.title", "admin.plans.hint"),
        group: Group::Service,
        action: Action::ReadSettings,
    },
    /// Calendars with their hours, holidays and closures.
    Calendars {
        address: "/desk/admin/calendars",
        rel: Some("external"),
        keys: ("admin.calendars.title", "admin.calendars.hint"),
        group: Group::Service,
        action: Action::ReadSettings,
    },
    /// The provider: name, look, telephone lines.
    Provider {
        address: "/desk/admin/provider",
        rel: Some("external"),
        keys: ("admin.provider.title", "admin.provider.hint"),
        group: Group::Installation,
        action: Action::ReadSettings,
    },
    /// Questionnaires of surveys.
    Questionnaires {
        address: "/desk/admin/questionnaires",
        rel: Some("external"),
        keys: ("admin.questionnaires.title", "admin.questionnaires.hint"),
        group: Group::Service,
        action: Action::ReadSettings,
    },
    /// Causes of faults by category.
    Causes {
        address: "/desk/admin/causes",
        rel: Some("external"),
        keys: ("admin.causes.title", "admin.causes.hint"),
        group: Group::Service,
        action: Action::ReadSettings,
    },
    /// Waiting reasons of the provider's own.
    Waiting {
        address: "/desk/admin/waiting",
        rel: Some("external"),
        keys: ("admin.waiting.title", "admin.waiting.hint"),
        group: Group::Service,
        action: Action::ReadSettings,
    },
    /// Canned replies.
    Replies {
        address: "/desk/admin/replies",
        rel: Some("external"),
        keys: ("admin.replies.title", "admin.replies.hint"),
        group: Group::Service,
        action: Action::ReadSettings,
    },
    /// Words of mails.
    MailTexts {
        address: "/desk/admin/mail-texts",
        rel: Some("external"),
        keys: ("admin.mail_texts.title", "admin.mail_texts.hint"),
        group: Group::Service,
        action: Action::ReadSettings,
    },
    /// Formats of contract numbers.
    Formats {
        address: "/desk/admin/formats",
        rel: Some("external"),
        keys: ("admin.formats.title", "admin.formats.hint"),
        group: Group::Register,
        action: Action::ReadSettings,
    },
    /// Formats of serials.
    SerialFormats {
        address: "/desk/admin/serial-formats",
        rel: Some("external"),
        keys: ("admin.serial_formats.title", "admin.serial_formats.hint"),
        group: Group::Register,
        action: Action::ReadSettings,
    },
    /// Wall displays: pairing, last seen, revoking.
    Displays {
        address: "/desk/admin/displays",
        rel: Some("external"),
        keys: ("admin.displays.title", "admin.displays.hint"),
        group: Group::People,
        action: Action::ManageDisplays,
    },
    /// Other systems with their tokens.
    Integrations {
        address: "/desk/admin/integrations",
        rel: Some("external"),
        keys: ("admin.integrations.title", "admin.integrations.hint"),
        group: Group::Installation,
        action: Action::ManageIntegrations,
    },
    /// Addresses of other systems that hear of events.
    Webhooks {
        address: "/desk/admin/webhooks",
        rel: Some("external"),
        keys: ("admin.webhooks.title", "admin.webhooks.hint"),
        group: Group::Installation,
        action: Action::ManageWebhooks,
    },
    /// Numbers of WhatsApp Business.
    WhatsApp {
        address: "/desk/admin/whatsapp",
        rel: Some("external"),
        keys: ("admin.whatsapp.title", "admin.whatsapp.hint"),
        group: Group::Installation,
        action: Action::ManageWebhooks,
    },
    /// Who changed which setting.
    Changes {
        address: "/desk/admin/changes",
        rel: Some("external"),
        keys: ("admin.changes.title", "admin.changes.hint"),
        group: Group::Service,
        action: Action::ReadSettings,
    },
    /// Who signed in, who read and who changed what.
    Audit {
        address: "/desk/admin/audit",
        rel: Some("external"),
        keys: ("admin.audit.title", "admin.audit.hint"),
        group: Group::Installation,
        action: Action::ReadAudit,
    },
    /// Personal data: how long they are kept, and what one person asks for.
    Privacy {
        address: "/desk/admin/privacy",
        rel: Some("external"),
        keys: ("admin.privacy.title", "admin.privacy.hint"),
        group: Group::Installation,
        action: Action::EraseData,
    },
    /// How the installation stands.
    Server {
        address: "/desk/admin/server",
        rel: Some("external"),
        keys: ("admin.server.title", "admin.server.hint"),
        group: Group::Installation,
        action: Action::Administer,
    },
    /// What is missing before customers are served.
    Setup {
        address: "/desk/admin/setup",
        rel: Some("external"),
        keys: ("admin.setup.title", "admin.setup.hint"),
        group: Group::Installation,
        action: Action::Administer,
    },
}

/// Whether a part of an address names a subject whose pages the server alone renders.
#[cfg(feature = "ssr")]
pub(crate) fn is_rendered_once(part: &str) -> bool {
    let of = |section: &Section| section.address().strip_prefix("/desk/admin/") == Some(part);
    Section::ALL.iter().any(|section| section.rel().is_some() && of(section))
}

/// The address of the pages of a subject of the settings.
#[cfg(feature = "ssr")]
#[must_use]
pub const fn settings_address(subject: desk::settings::Subject) -> &'static str {
    Section::of(subject).address()
}

impl Section {
    /// The section of a subject of the settings.
    #[cfg(feature = "ssr")]
    const fn of(subject: desk::settings::Subject) -> Self {
        match subject {
            desk::settings::Subject::Calendars => Self::Calendars,
            desk::settings::Subject::Plans => Self::Plans,
            desk::settings::Subject::Provider => Self::Provider,
            desk::settings::Subject::Questionnaires => Self::Questionnaires,
            desk::settings::Subject::Causes => Self::Causes,
            desk::settings::Subject::Waiting => Self::Waiting,
            desk::settings::Subject::Replies => Self::Replies,
            desk::settings::Subject::MailTexts => Self::MailTexts,
            desk::settings::Subject::Formats => Self::Formats,
            desk::settings::Subject::SerialFormats => Self::SerialFormats,
            desk::settings::Subject::Teams => Self::Teams,
        }
    }

    /// The sections of a group that a person may read.
    fn readable(group: Group, staff: &Staff) -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(move |section| section.group() == group && may_do(staff, section.action()))
    }
}

/// Sections that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    /// Who works here, and the displays that they look at.
    People,
    /// Customers with their contracts, sites and equipment.
    Register,
    /// What customers are promised and told, and what agents choose from.
    Service,
    /// The provider, and the installation itself.
    Installation,
}

impl Group {
    const ALL: [Self; 4] = [Self::People, Self::Register, Self::Service, Self::Installation];

    /// The key of its name.
    const fn key(self) -> &'static str {
        match self {
            Self::People => "admin.group.people",
            Self::Register => "admin.group.register",
            Self::Service => "admin.group.service",
            Self::Installation => "admin.group.installation",
        }
    }
}

/// The index of the administration: `/desk/admin`.
#[component]
pub fn AdministrationPage() -> impl IntoView {
    let language = use_language();
    view! {
        <StaffFrame title=t!(language, "admin.title").into_owned() class="stack stack--wide" here=Here::Administration>
            <div class="page__head">
                <h1>{t!(language, "admin.title")}</h1>
                <p class="lead">{t!(language, "admin.lead")}</p>
            </div>
            <Subjects/>
        </StaffFrame>
    }
    .into_any()
}

/// What the reader may look at, in groups.
#[component]
fn Subjects() -> impl IntoView {
    let language = use_language();
    let card = move |section: Section| {
        let (name, hint) = section.keys();
        view! {
            <li>
                <a class="card subject" href=section.address() rel=section.rel()>
                    <h3>{t!(language, name)}</h3>
                    <p class="quiet">{t!(language, hint)}</p>
                    <Icon name="chevron"/>
                </a>
            </li>
        }
    };
    let group = move |staff: &Staff, group: Group| {
        let cards: Vec<_> = Section::readable(group, staff).map(card).collect();
        (!cards.is_empty()).then(|| {
            view! {
                <section class="stack">
                    <h2>{t!(language, group.key())}</h2>
                    <ul class="subjects">{cards}</ul>
                </section>
            }
        })
    };
    let staff = use_staff();
    move || staff.get().map(|staff| Group::ALL.map(|of| group(&staff, of)).collect_view())
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

/// The way to all subjects, and to those of the same group.
#[component]
fn SectionLinks(
    /// The subject of the page.
    section: Section,
) -> impl IntoView {
    let language = use_language();
    let link = move |other: Section| {
        let (name, _) = other.keys();
        let current = (other == section).then_some("page");
        view! { <a href=other.address() rel=other.rel() aria-current=current>{t!(language, name)}</a> }
    };
    let staff = use_staff();
    let links =
        move || staff.get().map(|staff| Section::readable(section.group(), &staff).map(link).collect_view());
    view! {
        <nav class="filters" aria-label=t!(language, "admin.sections")>
            <a href="/desk/admin">{t!(language, "admin.all")}</a>
            {links}
        </nav>
    }
    .into_any()
}

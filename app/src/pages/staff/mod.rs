//! The staff's workspace: sign-in, queue, case file, intake by telephone.

mod account;
mod admin;
mod agenda;
mod caller;
mod case_file;
mod command;
#[cfg(feature = "ssr")]
mod entrance;
mod extension;
mod filter;
mod frame;
mod intake;
mod mails;
mod queue;
mod queue_place;
mod refresh;
mod reports;
#[cfg(feature = "ssr")]
mod resolve;
mod search;
mod session;
#[cfg(feature = "ssr")]
mod sign_in;
mod survey;
#[cfg(feature = "ssr")]
mod triage;

pub use account::AccountPage;
#[cfg(feature = "ssr")]
pub use account::{
    IdentitiesPage, PasskeysPage, ProofPage, post_account, post_identities, post_passkeys, post_proof,
    proof_address,
};
#[cfg(feature = "ssr")]
pub(crate) use admin::is_rendered_once;
pub use admin::{AdministrationPage, InvitePage, PeoplePage, PersonPage};
#[cfg(feature = "ssr")]
pub use admin::{
    AlertsPage, IntegrationsPage, IntegrationsPosted, IntegrationsReply, post_alert_settings,
    post_integrations, post_revoke_integration,
};
#[cfg(feature = "ssr")]
pub use admin::{AuditPage, audit_csv};
#[cfg(feature = "ssr")]
pub use admin::{
    CLOSURES_FILE, CalendarPage, CalendarsPage, CausesPage, ChangesPage, DisplaysPage, DisplaysPosted,
    DisplaysReply, FormatsPage, LOGO_FILE, MailTextPage, MailTextsPage, PlanPage, PlansPage, ProviderPage,
    QuestionnairePage, QuestionnairesPage, RepliesPage, ReplyPage, SerialFormatsPage, SettingsPosted,
    SettingsReply, WaitingPage, post_closures, post_displays, post_mail_text, post_provider,
    post_revoke_display, post_settings, post_single, settings_address,
};
#[cfg(feature = "ssr")]
pub use admin::{ComposedRolePage, ComposedRolesPage, post_composed_role};
#[cfg(feature = "ssr")]
pub use admin::{
    IdentityProviderPage, IdentityProvidersPage, fault_words, post_identity_provider, post_identity_providers,
};
#[cfg(feature = "ssr")]
pub use admin::{ImportFilePage, ImportPage, bad_rows_csv, post_import_file, post_import_step};
#[cfg(feature = "ssr")]
pub use admin::{OwnAbsencesPage, SchedulePage, TeamPage, TeamsPage, post_own_absences, post_schedule};
#[cfg(feature = "ssr")]
pub use admin::{PrivacyPage, PrivacyPosted, post_privacy};
#[cfg(feature = "ssr")]
pub use admin::{
    RegisterEntryPage, RegisterListPage, RegisterMergePage, RegisterPage, RegisterPeoplePage, labels_pdf,
    post_company, post_register_entry, post_register_merge,
};
#[cfg(feature = "ssr")]
pub use admin::{ServerPage, ServerPosted, SetupPage, TestReply, post_server, post_setup};
#[cfg(feature = "ssr")]
pub use admin::{SessionLimitsPage, post_session_limits};
#[cfg(feature = "ssr")]
pub use admin::{WebhookPage, WebhooksPage, WebhooksPosted, WebhooksReply, post_webhook, post_webhooks};
#[cfg(feature = "ssr")]
pub use admin::{
    WhatsAppNumberPage, WhatsAppPage, WhatsAppPosted, WhatsAppReply, post_whatsapp, post_whatsapp_number,
};
#[cfg(feature = "ssr")]
pub use admin::{post_factor_roles, post_invite, post_person, provide_kept};
pub use agenda::AgendaPage;
#[cfg(feature = "ssr")]
pub use agenda::UploadReply;
pub use caller::CallerPopUp;
pub use case_file::CaseFilePage;
#[cfg(feature = "ssr")]
pub use case_file::post_case_message;
#[cfg(feature = "ssr")]
pub use entrance::{
    ChoosePasswordPage, CodePage, CodeReply, CodesReply, Credentials, ForgottenPasswordPage, LeaveReply,
    StartPage, TRUST_ON, post_choose_password, post_forgotten_password, post_start,
};
#[cfg(not(feature = "ssr"))]
pub(crate) use frame::PageNotLoaded;
#[cfg(feature = "ssr")]
pub(crate) use frame::RenderedOnce;
pub use intake::{FollowIntakePage, IntakePage};
pub use mails::{MailKindsPage, MailPage, MailsPage};
#[cfg(feature = "ssr")]
pub use mails::{kind_body, mail_body, post_retry, post_retry_all};
pub use queue::QueuePageView;
#[cfg(feature = "ssr")]
pub(in crate::pages) use reports::of_company;
pub use reports::{BreachesReportPage, PausesReportPage, SlaReportPage};
#[cfg(feature = "ssr")]
pub use reports::{CausesReportPage, breaches_csv, causes_csv, pauses_csv, sla_report_csv};
#[cfg(feature = "ssr")]
pub use resolve::{ResolvePage, post_resolve};
pub use search::{CustomerPage, SearchPage};
#[cfg(feature = "ssr")]
pub use sign_in::{KEPT, SignInPage, SignInProblem, SignInReply};
pub use survey::{FollowUpsPage, SurveyCallPage, SurveyQueuePage, SurveyResultsPage};
#[cfg(feature = "ssr")]
pub use survey::{post_call, post_follow_up};
#[cfg(feature = "ssr")]
pub use triage::{TriageMailPage, TriagePage, post_triage};

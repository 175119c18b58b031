//! The staff's workspace: sign-in, queue, case file, intake by telephone.

mod account;
mod admin;
mod agenda;
mod case_file;
mod command;
#[cfg(feature = "ssr")]
mod entrance;
mod filter;
mod frame;
mod intake;
mod mails;
mod queue;
mod queue_place;
mod refresh;
mod reports;
mod search;
mod session;
#[cfg(feature = "ssr")]
mod sign_in;
mod survey;

pub use account::AccountPage;
#[cfg(feature = "ssr")]
pub use account::post_account;
pub use admin::{AdministrationPage, InvitePage, PeoplePage, PersonPage};
#[cfg(feature = "ssr")]
pub use admin::{
    CalendarPage, CalendarsPage, ChangesPage, DisplaysPage, DisplaysPosted, DisplaysReply, LOGO_FILE,
    PlanPage, PlansPage, ProviderPage, SettingsPosted, SettingsReply, post_displays, post_provider,
    post_revoke_display, post_settings,
};
#[cfg(feature = "ssr")]
pub use admin::{ImportFilePage, ImportPage, bad_rows_csv, post_import_file, post_import_step};
#[cfg(feature = "ssr")]
pub use admin::{PrivacyPage, PrivacyPosted, post_privacy};
#[cfg(feature = "ssr")]
pub use admin::{
    RegisterEntryPage, RegisterListPage, RegisterMergePage, RegisterPage, labels_pdf, post_register_entry,
    post_register_merge,
};
#[cfg(feature = "ssr")]
pub use admin::{ServerPage, ServerPosted, SetupPage, TestReply, post_server, post_setup};
#[cfg(feature = "ssr")]
pub use admin::{post_factor_roles, post_invite, post_person};
pub use agenda::AgendaPage;
#[cfg(feature = "ssr")]
pub use agenda::UploadReply;
pub use case_file::CaseFilePage;
#[cfg(feature = "ssr")]
pub use entrance::{
    ChoosePasswordPage, CodePage, CodeReply, CodesReply, Credentials, ForgottenPasswordPage, StartPage,
    post_choose_password, post_forgotten_password, post_start,
};
#[cfg(feature = "ssr")]
pub(crate) use frame::RenderedOnce;
pub use intake::{FollowIntakePage, IntakePage};
pub use mails::{MailKindsPage, MailPage, MailsPage};
#[cfg(feature = "ssr")]
pub use mails::{kind_body, mail_body, post_retry, post_retry_all};
pub use queue::QueuePageView;
pub use reports::{BreachesReportPage, PausesReportPage, SlaReportPage};
#[cfg(feature = "ssr")]
pub use reports::{breaches_csv, pauses_csv, sla_report_csv};
pub use search::{CustomerPage, SearchPage};
#[cfg(feature = "ssr")]
pub use sign_in::{SignInPage, SignInProblem, SignInReply};
pub use survey::{FollowUpsPage, SurveyCallPage, SurveyQueuePage, SurveyResultsPage};
#[cfg(feature = "ssr")]
pub use survey::{post_call, post_follow_up};

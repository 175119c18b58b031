//! The customers' portal: open a case, confirm it, follow it by its link.

#[cfg(feature = "ssr")]
mod account;
mod case;
mod form;
#[cfg(feature = "ssr")]
mod lost;
mod not_taken;
#[cfg(feature = "ssr")]
mod reporting;
mod survey;
mod visit;

#[cfg(feature = "ssr")]
pub use account::{
    BY_PAGE, CASES, CODE, ColleaguesPage, EntryCodePage, EntryLinkPage, EntryPage, OwnCasesPage,
    OwnEquipmentPage, OwnReportPage, PostedEntry, ProfilePage, SIGN_IN, own_cases_file, own_form,
    own_label_file, post_address, post_colleague, post_profile, refused_code,
};
pub use case::{OpenedPage, TrackForm, TrackPage, TrackReply};
#[cfg(feature = "ssr")]
pub use case::{leave_case, post_message, post_on_case, remove_participant};
pub(in crate::pages) use form::start_form;
#[cfg(feature = "hydrate")]
pub use form::take_form_over;
pub use form::{CaseForm, Fill, FormError, FormFor, FormPart, FormReply, FormStart};
#[cfg(not(feature = "ssr"))]
pub use form::{FormLoader, provide_form_loader, provide_form_part};
#[cfg(feature = "ssr")]
pub use form::{PreviousCase, submit};
#[cfg(feature = "ssr")]
pub use lost::{LostLinkPage, Renewed, ask_for_links, renew_link};
#[cfg(feature = "ssr")]
pub use reporting::{CaseFormPage, FollowPage};
pub use survey::SurveyPage;
#[cfg(feature = "ssr")]
pub use survey::answer_survey;
pub use visit::VisitLinkPage;
#[cfg(feature = "ssr")]
pub use visit::{Answerer, answer_visit};

//! The customers' portal: open a case, see that it was opened, follow it by its link.

mod amend;
mod api;
mod cancel;
mod embed;
mod ending;
mod facts;
mod form;
mod links;
mod live_case;
#[cfg(feature = "ssr")]
mod lost;
mod opened;
#[cfg(feature = "ssr")]
mod posted;
mod posting;
mod reply;
#[cfg(feature = "ssr")]
mod reporting;
mod survey;
mod track;
mod visit;
mod visit_api;
mod write;

pub(in crate::pages) use api::start_form;
pub use api::{Fill, FormStart};
#[cfg(feature = "ssr")]
pub use api::{PreviousCase, submit};
#[cfg(feature = "hydrate")]
pub use form::take_form_over;
pub use form::{CaseForm, FormError, FormFor};
#[cfg(feature = "ssr")]
pub use lost::{LostLinkPage, ask_for_links};
pub use opened::OpenedPage;
#[cfg(feature = "ssr")]
pub use posted::post_on_case;
pub use posting::{TrackForm, TrackReply};
pub use reply::FormReply;
#[cfg(feature = "ssr")]
pub use reporting::{CaseFormPage, FollowPage};
pub use survey::SurveyPage;
#[cfg(feature = "ssr")]
pub use survey::answer_survey;
pub use track::TrackPage;
pub use visit::VisitLinkPage;
#[cfg(feature = "ssr")]
pub use visit_api::{Answerer, answer_visit};

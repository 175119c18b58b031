//! The customers' portal: open a case, see that it was opened, follow it by its link.

mod api;
mod cancel;
mod ending;
mod facts;
mod form;
mod kept;
mod links;
mod opened;
mod reply;
mod survey;
mod track;
mod visit;
mod visit_api;
mod write;

use domain::t;
use leptos::prelude::*;

pub use api::{Answer, Confirmed};
#[cfg(feature = "ssr")]
pub use api::{Follow, answer, cancel, submit, write};
pub use form::{CaseForm, FollowPage, FormFor};
pub use opened::OpenedPage;
pub use reply::FormReply;
pub use survey::SurveyPage;
#[cfg(feature = "ssr")]
pub use survey::answer_survey;
pub use track::TrackPage;
pub use visit::VisitLinkPage;
#[cfg(feature = "ssr")]
pub use visit_api::{Answerer, VisitForm, answer_visit};

use crate::language::use_language;
use crate::ui::PortalFrame;

/// The first page: open a case.
#[component]
pub fn CaseFormPage() -> impl IntoView {
    let language = use_language();
    view! {
        <PortalFrame title=t!(language, "form.title") class="intake">
            <div class="page__head">
                <h1>{t!(language, "form.heading")}</h1>
                <p class="lead">{t!(language, "form.lead")}</p>
            </div>
            <CaseForm who=FormFor::Customer/>
        </PortalFrame>
    }
    .into_any()
}

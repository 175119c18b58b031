//! The pages around the customer's form, drawn by the server alone; only the form is hydrated.

use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::form::CustomersForm;
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
                <p><a href="/links" rel="external">{t!(language, "lost.link")}</a></p>
            </div>
            <CustomersForm/>
        </PortalFrame>
    }
    .into_any()
}

/// The form of a case that follows one that has ended, with the data of the previous case. Reached from that case's page, by
/// its link alone.
#[component]
pub fn FollowPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let tracking = params.with_untracked(|params| params.get("tracking").unwrap_or_default());
    view! {
        <PortalFrame title=t!(language, "form.follow.heading") class="intake">
            <div class="page__head">
                <h1>{t!(language, "form.follow.heading")}</h1>
            </div>
            <CustomersForm follows=tracking/>
        </PortalFrame>
    }
    .into_any()
}

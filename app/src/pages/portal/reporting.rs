//! The pages around the customer's form, drawn by the server alone; only the form is hydrated.

use desk::setup::is_staffed;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::form::CustomersForm;
use crate::language::use_language;
use crate::request::request_context;
use crate::ui::{Notice, PortalFrame, Tone};

/// The first page: open a case.
#[component]
pub fn CaseFormPage() -> impl IntoView {
    let language = use_language();
    view! {
        <PortalFrame title=t!(language, "form.title") class="intake">
            <div class="page__head">
                <h1>{t!(language, "form.heading")}</h1>
                <p class="lead">{t!(language, "form.lead")}</p>
                <p class="row">
                    <a href="/links" rel="external">{t!(language, "lost.link")}</a>
                    <a href="/my" rel="external">{t!(language, "my.see")}</a>
                </p>
            </div>
            <NobodyHere/>
            <CustomersForm/>
        </PortalFrame>
    }
    .into_any()
}

/// The notice that the desk has no administrator yet. The form stays: a call for help is recorded, and not lost (`docs/decisions/0042`).
#[component]
fn NobodyHere() -> impl IntoView {
    let language = use_language();
    Suspend::new(async move {
        let asked = request_context().ok()?;
        let is_staffed = is_staffed(&asked.desk).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "whether anybody works here could not be read");
            true
        });
        (!is_staffed).then(|| {
            view! {
                <Notice tone=Tone::Care icon="info">
                    <p class="notice__title">{t!(language, "setup.portal.title")}</p>
                    <p>{t!(language, "setup.portal.hint")}</p>
                </Notice>
            }
        })
    })
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

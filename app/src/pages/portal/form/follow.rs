//! Opening a case that takes up one that has ended: the same form, with what the earlier case knows.

use domain::case_number::CaseNumber;
use domain::intake::IntakeForm;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use super::{CaseForm, FormFor};
use crate::language::use_language;
use crate::ui::{Notice, PortalFrame, Tone};

/// The case that a new one takes up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::pages::portal) struct Earlier {
    /// Its number.
    pub(in crate::pages::portal) number: CaseNumber,
    /// What it knows.
    pub(in crate::pages::portal) form: IntakeForm,
}

/// The customer's page: reached from the page of a case that has ended, and by its link alone.
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
            <CaseForm who=FormFor::Customer follows=tracking/>
        </PortalFrame>
    }
    .into_any()
}

/// Which case is taken up.
#[component]
pub(super) fn TakesUp(number: CaseNumber) -> impl IntoView {
    let language = use_language();
    view! {
        <Notice tone=Tone::Calm icon="info">
            <p>{t!(language, "form.follows", number = number.grouped())}</p>
        </Notice>
    }
    .into_any()
}

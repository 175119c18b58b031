//! Intake by telephone: the portal's form, filled in on the customer's behalf.

use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::frame::{Here, StaffFrame};
use crate::language::use_language;
use crate::pages::portal::{CaseForm, FormFor};

/// Opening a case for a customer who calls.
#[component]
pub fn IntakePage() -> impl IntoView {
    let language = use_language();
    view! {
        <StaffFrame title=t!(language, "staff.intake.title").into_owned() class="intake" here=Here::Intake>
            <div class="page__head">
                <h1>{t!(language, "staff.intake.title")}</h1>
                <p class="lead">{t!(language, "staff.intake.lead")}</p>
            </div>
            <CaseForm who=FormFor::Staff/>
        </StaffFrame>
    }
    .into_any()
}

/// Opening a case that takes up one that has ended.
#[component]
pub fn FollowIntakePage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let number = params.with_untracked(|params| params.get("number").unwrap_or_default());
    view! {
        <StaffFrame title=t!(language, "form.follow.heading").into_owned() class="intake" here=Here::Intake>
            <div class="page__head">
                <h1>{t!(language, "form.follow.heading")}</h1>
            </div>
            <CaseForm who=FormFor::Staff follows=number/>
        </StaffFrame>
    }
    .into_any()
}

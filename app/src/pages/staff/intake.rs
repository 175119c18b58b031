//! Intake by telephone: the portal's form, filled in on the customer's behalf.

use domain::t;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};

use super::frame::{Here, StaffFrame};
use crate::language::use_language;
use crate::pages::portal::{CaseForm, Fill, FormFor, start_form};
use crate::ui::Problem;

/// Opens a case for a customer who calls.
#[component]
pub fn IntakePage() -> impl IntoView {
    let language = use_language();
    view! {
        <StaffFrame title=t!(language, "staff.intake.title").into_owned() class="intake" here=Here::Intake>
            <div class="page__head">
                <h1>{t!(language, "staff.intake.title")}</h1>
                <p class="lead">{t!(language, "staff.intake.lead")}</p>
            </div>
            <Intake/>
        </StaffFrame>
    }
    .into_any()
}

/// Opens a case that follows one that has ended.
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
            <Intake follows=number/>
        </StaffFrame>
    }
    .into_any()
}

/// The form, once its start data is read.
#[component]
fn Intake(
    /// The number of the previous case.
    #[prop(optional, into)]
    follows: String,
) -> impl IntoView {
    let language = use_language();
    let navigate = use_navigate();
    let leave = Callback::new(move |to: String| navigate(&to, NavigateOptions::default()));
    let named = follows.clone();
    let query = use_query_map();
    let fill = Memo::new(move |_| {
        let of = |name: &str| query.with(|query| query.get(name)).unwrap_or_default();
        Fill { serial: of("serial"), like: of("like") }
    });
    let start = Resource::new(
        move || (named.clone(), fill.get()),
        |(follows, fill)| start_form(FormFor::Staff, follows, fill),
    );
    view! {
        <Suspense fallback=move || view! { <p class="note">{t!(language, "portal.loading")}</p> }>
            {move || {
                let follows = follows.clone();
                Suspend::new(async move {
                    match start.await {
                        Ok(start) => {
                            Either::Left(view! { <CaseForm who=FormFor::Staff start follows leave/> })
                        }
                        Err(error) => Either::Right(view! { <Problem error/> }),
                    }
                })
            }}
        </Suspense>
    }
    .into_any()
}

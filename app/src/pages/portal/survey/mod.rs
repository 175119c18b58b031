//! The survey for the customer alone, by the link of the invitation. A plain form: reading the page, as mail scanners do,
//! changes nothing.

mod api;

use domain::calendar::MomentStyle;
use domain::survey::{SurveyForm, SurveyFormState};
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use self::api::read_survey;
use crate::language::use_language;
use crate::ui::{Icon, NoSendByEnter, Notice, PortalFrame, Problem, Questions, Tone};

#[cfg(feature = "ssr")]
pub use self::api::answer_survey;

/// The page of a survey's link.
#[component]
pub fn SurveyPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token").unwrap_or_default()));
    let form = Resource::new(move || token.get(), read_survey);
    view! {
        <PortalFrame title=t!(language, "survey.page.title").into_owned() class="wrap--text">
            <Suspense fallback=move || view! { <p class="note">{t!(language, "portal.loading")}</p> }>
                {move || Suspend::new(async move {
                    match form.await {
                        Ok(form) => view! { <Survey form token=token.get_untracked()/> }.into_any(),
                        Err(error) => view! { <Problem error/> }.into_any(),
                    }
                })}
            </Suspense>
        </PortalFrame>
    }
    .into_any()
}

#[component]
fn Survey(form: SurveyForm, token: String) -> impl IntoView {
    let language = use_language();
    let number = form.number.grouped();
    match form.state {
        SurveyFormState::Open { questionnaire, until, zone, typed, problems, failure } => {
            let until = zone.format(until.plus(-1), language, MomentStyle::Long);
            let wrong = (!problems.is_empty()).then(|| t!(language, "error.fields").into_owned());
            let wrong = failure.or(wrong).map(|words| {
                view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> }
            });
            view! {
                <div class="page__head">
                    <p class="note">{t!(language, "survey.page.case")} " " <span class="number">{number}</span></p>
                    <h1>{t!(language, "survey.page.heading")}</h1>
                    <p class="lead">{t!(language, "survey.page.lead", moment = until)}</p>
                </div>
                <form class="card stack stack--wide" method="post" action=format!("/survey/{token}")>
                    <NoSendByEnter/>
                    {wrong}
                    <Questions questionnaire typed problems/>
                    <div class="row">
                        <button class="button button--main button--big" type="submit">
                            {t!(language, "survey.page.send")}
                        </button>
                    </div>
                </form>
            }
            .into_any()
        }
        SurveyFormState::Answered => said("survey.page.thanks", "survey.page.thanks_text", "check", number),
        SurveyFormState::Over => said("survey.page.over", "survey.page.over_text", "info", number),
    }
}

/// The page of a survey without questions, with the reason.
fn said(title: &'static str, text: &'static str, icon: &'static str, number: String) -> AnyView {
    let language = use_language();
    view! {
        <div class="empty" role="status">
            <Icon name=icon/>
            <p class="note">{t!(language, "survey.page.case")} " " <span class="number">{number}</span></p>
            <h1>{t!(language, title)}</h1>
            <p>{t!(language, text)}</p>
        </div>
    }
    .into_any()
}

//! The survey as its customer answers it alone, by the link of the invitation. A plain form: looking at the page does
//! nothing, whatever looks; sending it does, with or without a script.

use domain::calendar::MomentStyle;
use domain::survey::{SurveyForm, SurveyFormState};
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::AppError;
use crate::language::use_language;
use crate::ui::{Icon, NoSendByEnter, Notice, PortalFrame, Problem, Questions, Tone};
use crate::wire::Wire;

/// The survey of a link: its questions, or why there are none any more.
///
/// # Errors
/// [`AppError::NotFound`] for a link that leads nowhere.
#[server(prefix = "/api", endpoint = "survey_form", protocol = Wire)]
pub(super) async fn read_survey(token: String) -> Result<SurveyForm, AppError> {
    use crate::pages::PostReply;

    let asked = crate::request::request_context()?;
    let mut form = desk::survey::survey_form(&asked.desk, &token).await?;
    if let SurveyFormState::Open { typed, problems, failure, .. } = &mut form.state {
        let reply = PostReply::of_page();
        (*typed, *problems, *failure) = (reply.typed, reply.problems, reply.failure);
    }
    Ok(form)
}

/// Takes the answers of a link as they were typed.
#[cfg(feature = "ssr")]
pub async fn answer_survey(
    asked: &crate::request::RequestContext,
    token: &str,
    typed: std::collections::BTreeMap<String, String>,
) -> crate::pages::Posted {
    use crate::pages::Posted;
    use desk::survey::{AnswerError, answer_by_link};

    if let Err(error) = asked.unhurried() {
        return Posted::not_taken(typed, &error, asked.language);
    }
    // The customer's own word is not theirs to give: they write down what was said in a call.
    if asked.is_staff() {
        return Posted::not_taken(typed, &AppError::NotPermitted, asked.language);
    }
    match answer_by_link(&asked.desk, token, asked.browser.as_ref(), &typed).await {
        Ok(()) => Posted::Done(format!("/survey/{token}")),
        Err(AnswerError::Wrong(problems)) => {
            let told = |(key, problem): &(domain::survey::QuestionKey, domain::survey::AnswerProblem)| {
                (key.as_str().to_owned(), problem.message(asked.language))
            };
            let wrong = AppError::Wrong(problems.iter().map(told).collect());
            Posted::not_taken(typed, &wrong, asked.language)
        }
        Err(AnswerError::Desk(error)) => Posted::not_taken(typed, &error.into(), asked.language),
    }
}

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

/// That there is nothing to answer, and why.
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

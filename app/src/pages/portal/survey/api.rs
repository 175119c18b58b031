//! Server functions of the survey's page.

use domain::survey::SurveyForm;
use leptos::prelude::*;

use crate::AppError;
use crate::wire::Wire;

/// The survey of a link: its questions, or the reason why there are none any more.
///
/// # Errors
/// [`AppError::NotFound`] for a link of no survey.
#[server(prefix = "/api", endpoint = "survey_form", protocol = Wire)]
pub(super) async fn read_survey(token: String) -> Result<SurveyForm, AppError> {
    use crate::pages::PostReply;
    use domain::survey::SurveyFormState;

    let context = crate::request::request_context()?;
    let mut form = desk::survey::survey_form(&context.desk, &token).await?;
    if let SurveyFormState::Open { typed, problems, failure, .. } = &mut form.state {
        let reply = PostReply::of_page();
        (*typed, *problems, *failure) = (reply.typed, reply.problems, reply.failure);
    }
    Ok(form)
}

/// Executes the answers of a link, as typed.
#[cfg(feature = "ssr")]
pub async fn answer_survey(
    context: &crate::request::RequestContext,
    token: &str,
    typed: std::collections::BTreeMap<String, String>,
) -> crate::pages::Posted {
    use crate::pages::Posted;
    use desk::survey::{AnswerError, answer_by_link};

    if let Err(error) = context.unhurried() {
        return Posted::not_taken(typed, &error, context.language);
    }
    // Only the customer may answer; the staff writes down the answers of a call.
    if context.is_staff() {
        return Posted::not_taken(typed, &AppError::NotPermitted, context.language);
    }
    match answer_by_link(&context.desk, token, context.browser.as_ref(), &typed).await {
        Ok(()) => Posted::Done(format!("/survey/{token}")),
        Err(AnswerError::Wrong(problems)) => {
            let told = |(key, problem): &(domain::survey::QuestionKey, domain::survey::AnswerProblem)| {
                (key.as_str().to_owned(), problem.message(context.language))
            };
            let wrong = AppError::Wrong(problems.iter().map(told).collect());
            Posted::not_taken(typed, &wrong, context.language)
        }
        Err(AnswerError::Desk(error)) => Posted::not_taken(typed, &error.into(), context.language),
    }
}

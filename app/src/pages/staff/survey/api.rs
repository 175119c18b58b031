//! Server functions and plain forms of the survey's pages.

use domain::calendar::Period;
use domain::reports::SurveyResults;
use domain::survey::{FollowUpList, SurveyCall, SurveyQueue};
use leptos::prelude::*;

use crate::AppError;
use crate::pages::PostReply;
use crate::wire::Wire;

/// A page of the call queue.
#[server(prefix = "/api", endpoint = "survey_queue", protocol = Wire)]
pub(super) async fn read_survey_queue(page: u32) -> Result<SurveyQueue, AppError> {
    let context = crate::pages::staff::session::staff_context()?;
    Ok(desk::survey::survey_queue(&context.desk, &context.actor, page).await?)
}

/// The data of one call, and the reply to its forms.
#[server(prefix = "/api", endpoint = "survey_call", protocol = Wire)]
pub(super) async fn read_survey_call(number: String) -> Result<(SurveyCall, PostReply), AppError> {
    use domain::case_number::CaseNumber;

    let context = crate::pages::staff::session::staff_context()?;
    let number = CaseNumber::parse(&number).map_err(|_| AppError::NotFound)?;
    let call = desk::survey::survey_call(&context.desk, &context.actor, number).await?;
    Ok((call, PostReply::of_page()))
}

/// A page of follow-ups, open or done.
#[server(prefix = "/api", endpoint = "follow_ups", protocol = Wire)]
pub(super) async fn read_follow_ups(done: String, page: u32) -> Result<(FollowUpList, PostReply), AppError> {
    use desk::survey::Which;

    let context = crate::pages::staff::session::staff_context()?;
    let which = if done == "yes" { Which::Done } else { Which::Open };
    let list = desk::survey::follow_ups(&context.desk, &context.actor, which, page).await?;
    Ok((list, PostReply::of_page()))
}

/// The results of a period; of the latest twelve months when none is given.
#[server(prefix = "/api", endpoint = "survey_results", protocol = Wire)]
pub(super) async fn read_results(period: Option<Period>) -> Result<SurveyResults, AppError> {
    let context = crate::pages::staff::session::staff_context()?;
    let period = period.or_else(|| desk::survey::latest_months(context.desk.now()));
    let period = period.ok_or_else(|| AppError::internal("the clock shows no month"))?;
    Ok(desk::survey::survey_results(&context.desk, &context.actor, period).await?)
}

#[cfg(feature = "ssr")]
pub use ssr::{post_call, post_follow_up};

#[cfg(feature = "ssr")]
mod ssr {
    use std::collections::BTreeMap;

    use desk::cases::execute::{Expected, execute_command};
    use desk::survey::survey_call;
    use domain::case::{AttemptOutcome, Command};
    use domain::case_number::CaseNumber;
    use domain::i18n::Language;
    use domain::survey::{FollowUpOutcome, SurveyCall, SurveyCommand};
    use domain::t;
    use domain::text::{Note, PersonName, Reason};

    use crate::AppError;
    use crate::pages::Posted;
    use crate::request::RequestContext;
    use crate::ui::site_time;

    type Typed = BTreeMap<String, String>;
    type Wrong = Vec<(String, String)>;

    /// Executes one of the forms of a call: an attempt, another time, a refusal, the answers.
    pub async fn post_call(context: &RequestContext, number_typed: &str, typed: Typed) -> Posted {
        let Ok(number) = CaseNumber::parse(number_typed) else { return Posted::Failed(AppError::NotFound) };
        let call = match survey_call(&context.desk, &context.actor, number).await {
            Ok(call) => call,
            Err(error) => return Posted::Failed(error.into()),
        };
        let (command, done) = match command(context.language, &call, &typed) {
            Ok(wish) => wish,
            Err(wrong) => return Posted::not_taken(typed, &AppError::Wrong(wrong), context.language),
        };
        let here = format!("/desk/survey/calls/{}?done={done}", number.as_compact());
        let next = match done {
            "attempt" | "call_back" => here,
            _ => format!("/desk/survey?done={done}"),
        };
        send(context, number, command, typed, next).await
    }

    fn command(
        language: Language,
        call: &SurveyCall,
        typed: &Typed,
    ) -> Result<(SurveyCommand, &'static str), Wrong> {
        let text = |name: &str| typed.get(name).map_or("", |text| text.trim());
        let wrong = |field: &str, words: String| vec![(field.to_owned(), words)];
        let choose = || t!(language, "survey.problem.choose").into_owned();
        let reason = |field: &str| match text(field) {
            "" => Ok(None),
            why => Reason::parse(why).map(Some).map_err(|problem| wrong(field, problem.message(language))),
        };
        match text("act") {
            "attempt" => {
                let outcome = AttemptOutcome::from_code(text("outcome"));
                let outcome = outcome.ok_or_else(|| wrong("outcome", choose()))?;
                Ok((SurveyCommand::LogAttempt { outcome }, "attempt"))
            }
            "call_back" => {
                let at = site_time::instant(&call.zone, text("at"));
                let at = at.ok_or_else(|| wrong("at", t!(language, "survey.call.no_time").into_owned()))?;
                Ok((SurveyCommand::CallBack { at, note: reason("call_back_note")? }, "call_back"))
            }
            "refuse" => Ok((SurveyCommand::Refuse { note: reason("refuse_note")? }, "refused")),
            _ => {
                let mut problems = Vec::new();
                let who = PersonName::parse(text("who"))
                    .map_err(|problem| problems.push(("who".to_owned(), problem.message(language))));
                let questionnaire = call.asked.as_ref().map(|context| &context.questionnaire);
                let answers = questionnaire.map(|questions| questions.parse(typed)).transpose();
                let answers = answers.map_err(|wrong| {
                    let told = wrong
                        .iter()
                        .map(|(key, problem)| (key.as_str().to_owned(), problem.message(language)));
                    problems.extend(told);
                });
                match (who, answers) {
                    (Ok(who), Ok(answers)) => {
                        let answers = answers.unwrap_or_default();
                        Ok((SurveyCommand::AnswerByTelephone { who, answers }, "answered"))
                    }
                    _ => Err(problems),
                }
            }
        }
    }

    /// Records the outcome of a follow-up.
    pub async fn post_follow_up(context: &RequestContext, typed: Typed) -> Posted {
        let text = |name: &str| typed.get(name).map_or("", |text| text.trim());
        let Ok(number) = CaseNumber::parse(text("number")) else { return Posted::Failed(AppError::NotFound) };
        let outcome = FollowUpOutcome::from_code(text("outcome"));
        let note = Note::parse(text("note"));
        let (Some(outcome), Ok(note)) = (outcome, &note) else {
            let mut problems = Vec::new();
            if outcome.is_none() {
                let words = t!(context.language, "survey.problem.choose").into_owned();
                problems.push(("outcome".to_owned(), words));
            }
            problems.extend(note.err().map(|problem| ("note".to_owned(), problem.message(context.language))));
            return Posted::not_taken(typed, &AppError::Wrong(problems), context.language);
        };
        let command = SurveyCommand::FollowUp { outcome, note: note.clone() };
        send(context, number, command, typed, "/desk/survey/follow-ups?done=followed_up".to_owned()).await
    }

    async fn send(
        context: &RequestContext,
        number: CaseNumber,
        command: SurveyCommand,
        typed: Typed,
        next: String,
    ) -> Posted {
        // Without a version: only the survey's rules decide whether it comes too late.
        let done =
            execute_command(&context.desk, &context.actor, number, Expected::Any, Command::Survey(command))
                .await;
        match done.map_err(AppError::from) {
            Ok(_) => Posted::Done(next),
            Err(error @ (AppError::NotFound | AppError::NotPermitted)) => Posted::Failed(error),
            // Words of a call are not said twice: they come back with any error.
            Err(error) => Posted::not_taken(typed, &error, context.language),
        }
    }
}

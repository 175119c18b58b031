//! The customer's survey by the link of the invitation.

use std::collections::BTreeMap;

use domain::actor::{Action, Actor, BrowserOf, Subject, may};
use domain::case::{Case, Command, Refusal};
use domain::case_number::CaseNumber;
use domain::survey::{
    AnswerProblem, Ended, QuestionKey, SurveyCommand, SurveyForm, SurveyFormState, SurveyRefusal, SurveyRound,
};
use thiserror::Error;

use crate::Desk;
use crate::cases::execute::{Expected, execute_command};
use crate::error::{DeskError, holds_desk_error};
use crate::events;
use crate::store::StoreError;

/// Why answers are refused.
#[derive(Debug, Clone, Error)]
pub enum AnswerError {
    /// Answers are missing or wrong: each with its problem.
    #[error("some answers are missing or wrong")]
    Wrong(Vec<(QuestionKey, AnswerProblem)>),
    /// See [`DeskError`]; [`SurveyRefusal`] for a survey that has ended.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(AnswerError: Refusal, StoreError);

/// The survey of a link.
///
/// # Errors
/// See [`DeskError`].
pub async fn survey_form(desk: &Desk, token: &str) -> Result<SurveyForm, DeskError> {
    let (number, cycle) = desk.tokens().survey(token).ok_or(DeskError::NotFound)?;
    let case = read(desk, number).await?.ok_or(DeskError::NotFound)?;
    let subject = Subject::Case { number, country: case.opening.report.country };
    may(&Actor::Customer(number), Action::AnswerSurvey, subject)?;
    let state = match case.survey().asked().filter(|asked| asked.cycle == cycle) {
        Some(asked) => state(desk, &case, asked).await?,
        None => SurveyFormState::Over,
    };
    Ok(SurveyForm { number, state })
}

async fn state(desk: &Desk, case: &Case, asked: &SurveyRound) -> Result<SurveyFormState, StoreError> {
    Ok(match &asked.ended {
        Some(Ended::Answered { .. }) => SurveyFormState::Answered,
        None if desk.now() < asked.until => SurveyFormState::Open {
            questionnaire: asked.questionnaire.clone(),
            until: asked.until,
            zone: desk.hours(&case.opening.hours).await?.zone.clone(),
            typed: BTreeMap::new(),
            problems: Vec::new(),
            failure: None,
        },
        Some(Ended::Refused { .. } | Ended::Lapsed { .. }) | None => SurveyFormState::Over,
    })
}

async fn read(desk: &Desk, number: CaseNumber) -> Result<Option<Case>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let history = events::history(&mut reader, number).await?;
    if history.is_empty() { Ok(None) } else { events::fold(&history).map(Some) }
}

/// Records a customer's answers as typed, by the questions' keys.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use std::collections::BTreeMap;
///
/// use desk::survey::{AnswerError, answer_by_link};
///
/// let (desk, link) = a_survey(&desk).await?;
/// let answers = |all: &[(&str, &str)]| -> BTreeMap<String, String> {
///     all.iter().map(|(question, answer)| (question.to_string(), answer.to_string())).collect()
/// };
/// let some = answer_by_link(&desk, &link, None, &answers(&[("overall", "5")])).await;
/// assert!(matches!(some, Err(AnswerError::Wrong(_))));
///
/// let all = [("attention", "5"), ("solution", "4"), ("treatment", "5"), ("overall", "5"), ("recommend", "9")];
/// answer_by_link(&desk, &link, None, &answers(&all)).await?;
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`AnswerError`].
pub async fn answer_by_link(
    desk: &Desk,
    token: &str,
    browser: Option<&BrowserOf>,
    typed: &BTreeMap<String, String>,
) -> Result<(), AnswerError> {
    let (number, cycle) = desk.tokens().survey(token).ok_or(DeskError::NotFound)?;
    let case = read(desk, number).await?.ok_or(DeskError::NotFound)?;
    let asked = case.survey().asked().filter(|asked| asked.cycle == cycle);
    let asked = asked.ok_or(Refusal::Survey(SurveyRefusal::NotDue))?;
    if asked.ended.is_some() {
        return Err(Refusal::Survey(SurveyRefusal::Over).into());
    }
    let answers = asked.questionnaire.parse(typed).map_err(AnswerError::Wrong)?;
    let command = Command::Survey(SurveyCommand::AnswerByLink { cycle, answers });
    // An answer fits any version of the case: the rules alone decide whether it is too late.
    execute_command(desk, &Actor::customer(number, browser), number, Expected::Any, command).await?;
    Ok(())
}

//! The survey of a case, with its answers.

use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use desk::survey::{CaseSurvey, case_survey};
use domain::actor::Action;
use domain::i18n::Language;
use domain::survey::{Answers, Ended, Given, Kind, Question, SurveyRound, YesNo};
use serde_json::{Value, json};

use super::caller::Caller;
use super::cases::Pairs;
use super::input::{Parameters, case_number};
use super::json::{optional_time, tagged};
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{codes, integer, list_of, object, string, time_or_null};

/// The states of a survey, by their codes.
const STATES: [&str; 5] = ["none", "open", "answered", "refused", "lapsed"];

/// The kinds of questions, by their codes.
const KINDS: [&str; 4] = ["scale", "yes_no", "text", "nps"];

/// The operation of surveys.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            (Method::Get, "/cases/{number}/survey"),
            get(read),
            ("readSurvey", "Survey", "Read the survey of a case"),
        )
        .needs(Action::ReadCaseFile)
        .about("The latest one, with the questions in the caller's language and the answers that were given.")
        .answers(200, "The survey; the ETag is the version of the case.", "CaseSurvey"),
    ]
}

/// Schemas of surveys.
pub(super) fn schemas() -> Value {
    json!({
        "CaseSurvey": object(
            &[
                "state", "cycle", "opened_at", "until", "ended_at", "way", "attempts", "score", "recommend",
                "answers", "version", "zone",
            ],
            json!({
                "state": codes(&STATES),
                "cycle": { "type": "integer", "description": "0 before the first survey." },
                "opened_at": time_or_null(),
                "until": time_or_null(),
                "ended_at": time_or_null(),
                "way": {
                    "type": ["string", "null"],
                    "description": "How the answers came: `link` or `telephone`.",
                },
                "attempts": { "type": "integer", "description": "Calls that failed." },
                "score": {
                    "type": ["number", "null"],
                    "description": "The mean of the marks from 1 to 5.",
                },
                "recommend": { "type": ["integer", "null"], "description": "The mark from 0 to 10." },
                "answers": list_of("SurveyAnswer"),
                "version": integer(),
                "zone": string(),
            }),
        ),
        "SurveyAnswer": object(
            &["key", "kind", "question", "value"],
            json!({
                "key": string(),
                "kind": codes(&KINDS),
                "question": string(),
                "value": {
                    "type": ["integer", "boolean", "string"],
                    "description": "A mark, yes or no, or words, by the kind.",
                },
            }),
        ),
    })
}

/// Reads a survey.
async fn read(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, ApiError> {
    let number = case_number(&number)?;
    Parameters::new(pairs, caller.language).done()?;
    let CaseSurvey { asked, version, zone } = case_survey(&caller.desk, &caller.actor, number).await?;
    let mut value = told(asked.as_ref(), caller.language);
    value["version"] = version.into();
    value["zone"] = zone.into();
    Ok(tagged(StatusCode::OK, version, value))
}

fn told(asked: Option<&SurveyRound>, language: Language) -> Value {
    let ended = asked.and_then(|round| round.ended.as_ref());
    let (state, ended_at) = match (asked, ended) {
        (None, _) => ("none", None),
        (Some(_), None) => ("open", None),
        (_, Some(Ended::Answered { at, .. })) => ("answered", Some(*at)),
        (_, Some(Ended::Refused { at })) => ("refused", Some(*at)),
        (_, Some(Ended::Lapsed { at })) => ("lapsed", Some(*at)),
    };
    let (answers, way) = match ended {
        Some(Ended::Answered { answers, way, .. }) => (Some(answers), Some(way.code())),
        _ => (None, None),
    };
    let given = asked.zip(answers).map(|(round, answers)| given(round, answers, language));
    let score = answers.and_then(Answers::score).and_then(|score| i32::try_from(score.0).ok());
    json!({
        "state": state,
        "cycle": asked.map_or(0, |round| round.cycle),
        "opened_at": optional_time(asked.map(|round| round.since)),
        "until": optional_time(asked.map(|round| round.until)),
        "ended_at": optional_time(ended_at),
        "way": way,
        "attempts": asked.map_or(0, |round| round.attempts),
        "score": score.map(|score| f64::from(score) / 100.0),
        "recommend": answers.and_then(Answers::recommend),
        "answers": given.unwrap_or_default(),
    })
}

/// The answers with their questions, as they were asked.
fn given(round: &SurveyRound, answers: &Answers, language: Language) -> Vec<Value> {
    let questions = round.questionnaire.questions().iter();
    let answered = |question: &Question| {
        let value = match answers.to(&question.key)? {
            Given::Scale(mark) | Given::Nps(mark) => Value::from(*mark),
            Given::YesNo(choice) => (*choice == YesNo::Yes).into(),
            Given::Text(text) => text.as_str().into(),
        };
        Some(json!({
            "key": question.key.as_str(),
            "kind": kind(question.kind),
            "question": question.texts.of(language),
            "value": value,
        }))
    };
    questions.filter_map(answered).collect()
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Scale => "scale",
        Kind::YesNo => "yes_no",
        Kind::Text => "text",
        Kind::Nps => "nps",
    }
}

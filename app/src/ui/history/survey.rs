//! The survey's part of a history in words: for the staff, customers are not shown it.

use domain::case::Author;
use domain::entitlement::Hours;
use domain::survey::{Answers, SurveyEvent, Way};
use domain::t;
use domain::time::Instant;
use domain::words::Language;

use super::{Told, by, said};

/// Puts what happened to a survey into words; `author` wrote it down.
pub(super) fn tell(
    language: Language,
    author: &Author,
    event: &SurveyEvent,
    hours: &Hours,
    now: Instant,
) -> Told {
    let what = t!(language, event.name_key()).into_owned();
    let by = by(language, author);
    let again = |at| t!(language, "survey.history.again", at = said(language, &hours.zone, at, now));
    match event {
        // The last minute of the last day, as the mail and its page have it.
        SurveyEvent::FellDue { until, .. } => Told::new("mail", what).beside(t!(
            language,
            "history.until",
            at = said(language, &hours.zone, until.plus(-1), now)
        )),
        SurveyEvent::Attempted { outcome, again: at } => {
            Told::new("phone", what).beside(by).beside(t!(language, outcome.name_key())).beside(again(*at))
        }
        SurveyEvent::CallBackAgreed { at, note } => {
            Told::new("phone", what).beside(by).beside(again(*at)).text(note.as_ref())
        }
        SurveyEvent::Refused { note } => Told::new("close", what).beside(by).text(note.as_ref()),
        SurveyEvent::Answered { answers, way } => {
            let told = Told::new("check", what).state("met");
            let told = match way {
                Way::Telephone { who } => {
                    told.beside(t!(language, "survey.history.by_phone", who = who)).beside(by)
                }
                Way::Link => told.beside(t!(language, "survey.history.by_link")),
            };
            with_marks(language, told, answers)
        }
        SurveyEvent::Lapsed => Told::new("close", what),
        SurveyEvent::FollowUpOpened => Told::new("warning", what).state("warning"),
        SurveyEvent::FollowedUp { outcome, note } => {
            Told::new("check", what).beside(by).beside(t!(language, outcome.name_key())).text(Some(note))
        }
    }
}

fn with_marks(language: Language, told: Told, answers: &Answers) -> Told {
    let score =
        answers.score().map(|score| t!(language, "survey.history.score", score = score.words(language)));
    let recommend = answers.recommend().map(|mark| t!(language, "survey.history.recommend", mark = mark));
    let told = score.into_iter().chain(recommend).fold(told, Told::beside);
    told.text(answers.comment())
}

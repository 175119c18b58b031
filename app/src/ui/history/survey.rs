//! Entries of a history about the survey. Only the staff is shown them.

use domain::calendar::ZoneView;
use domain::case::Author;
use domain::i18n::Language;
use domain::survey::{Answers, SurveyEvent, Way};
use domain::t;
use domain::time::Instant;

use super::{HistoryLine, by, relative_time};

/// Such an entry in words; `author` wrote it.
pub(super) fn line(
    language: Language,
    author: &Author,
    event: &SurveyEvent,
    zone: &ZoneView,
    now: Instant,
) -> HistoryLine {
    let what = t!(language, event.name_key()).into_owned();
    let by = by(language, author);
    let again = |at| t!(language, "survey.history.again", at = relative_time(language, zone, at, now));
    match event {
        // The last minute of the last day, as in the mail and on its page.
        SurveyEvent::FellDue { until, .. } => HistoryLine::new("mail", what).beside(t!(
            language,
            "history.until",
            at = relative_time(language, zone, until.plus(-1), now)
        )),
        SurveyEvent::Attempted { outcome, again: at } => HistoryLine::new("phone", what)
            .beside(by)
            .beside(t!(language, outcome.name_key()))
            .beside(again(*at)),
        SurveyEvent::CallBackAgreed { at, note } => {
            HistoryLine::new("phone", what).beside(by).beside(again(*at)).text(note.as_ref())
        }
        SurveyEvent::Refused { note } => HistoryLine::new("close", what).beside(by).text(note.as_ref()),
        SurveyEvent::Answered { answers, way } => {
            let line = HistoryLine::new("check", what).state("met");
            let line = match way {
                Way::Telephone { who } => {
                    line.beside(t!(language, "survey.history.by_phone", who = who)).beside(by)
                }
                Way::Link => line.beside(t!(language, "survey.history.by_link")),
            };
            with_marks(language, line, answers)
        }
        SurveyEvent::Lapsed => HistoryLine::new("close", what),
        SurveyEvent::FollowUpOpened => HistoryLine::new("warning", what).state("warning"),
        SurveyEvent::FollowedUp { outcome, note } => HistoryLine::new("check", what)
            .beside(by)
            .beside(t!(language, outcome.name_key()))
            .text(Some(note)),
    }
}

fn with_marks(language: Language, line: HistoryLine, answers: &Answers) -> HistoryLine {
    let score =
        answers.score().map(|score| t!(language, "survey.history.score", score = score.message(language)));
    let recommend = answers.recommend().map(|mark| t!(language, "survey.history.recommend", mark = mark));
    let line = score.into_iter().chain(recommend).fold(line, HistoryLine::beside);
    line.text(answers.comment())
}

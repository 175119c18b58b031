//! Questionnaires, answers, and surveys on pages.

use domain::actor::PersonId;
use domain::calendar::{Month, Period};
use domain::case::{Author, Event, Origin, Recorded};
use domain::country::Country;
use domain::page::Page;
use domain::reports::{Dimension, ResultLine, SurveyResults};
use domain::survey::{
    Answers, Ended, FollowUp, FollowUpList, FollowUpOutcome, FollowUpRow, Given, Handler, Kind, Need,
    Question, QuestionKey, Questionnaire, QuestionnaireId, Score, SurveyCall, SurveyEvent, SurveyForm,
    SurveyFormState, SurveyQueue, SurveyRound, SurveyRow, Texts, Way, WhoseCall, YesNo,
};

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    questions().into_iter().chain(lives()).chain(pages()).chain(results()).collect()
}

fn questions() -> Vec<Golden> {
    let question = question("overall", Kind::Scale, Need::Required);
    let Question { key, texts, .. } = question.clone();
    let given = [Given::Scale(4), Given::YesNo(YesNo::No), Given::Text(note("Todo bien.")), Given::Nps(9)];
    let no_answers = Answers::default();
    vec![
        golden!("questionnaire", Questionnaire, [questionnaire()]),
        golden!("questionnaire_id", QuestionnaireId, [QuestionnaireId(4)]),
        golden!("question", Question, [question]),
        golden!("question_key", QuestionKey, [key]),
        golden!("question_kind", Kind { Scale, YesNo, Text, Nps }),
        golden!("question_need", Need { Required, Optional }),
        golden!("question_texts", Texts, [texts]),
        golden!("answers", Answers, [answers(), no_answers]),
        golden!("answer_given", Given { Scale, YesNo, Text, Nps }, given),
        golden!("yes_no", YesNo { Yes, No }),
        golden!("score", Score, [Score(425)]),
    ]
}

fn lives() -> Vec<Golden> {
    let follow_ups = [FollowUp::Open, FollowUp::NotReached, FollowUp::Done(FollowUpOutcome::NotSettled)];
    let open = SurveyRound { resolver: None, ended: None, follow_up: None, ..asked() };
    let ends = vec![answered(), Ended::Refused { at: at(70) }, Ended::Lapsed { at: at(9000) }];
    vec![
        golden!("survey_asked", SurveyRound, [asked(), open]),
        golden!("survey_handler", Handler, [handler()]),
        golden!("survey_ended", Ended { Answered, Refused, Lapsed }, ends),
        golden!("survey_way", Way { Telephone, Link }, [Way::Telephone { who: person() }, Way::Link]),
        golden!("follow_up", FollowUp { Open, NotReached, Done }, follow_ups),
        golden!("follow_up_outcome", FollowUpOutcome { Settled, NotSettled, NotReached }),
    ]
}

fn handler() -> Handler {
    Handler { id: PersonId(7), name: "Luis".into() }
}

fn answered() -> Ended {
    Ended::Answered { answers: answers(), way: Way::Telephone { who: person() }, at: at(70) }
}

fn asked() -> SurveyRound {
    SurveyRound {
        cycle: 1,
        questionnaire: questionnaire(),
        resolver: Some(handler()),
        since: at(60),
        until: at(9000),
        attempts: 2,
        turn: at(65),
        ended: Some(answered()),
        follow_up: Some(FollowUp::Open),
    }
}

fn pages() -> Vec<Golden> {
    let (open, zone) = (form(), zone_view());
    let row = SurveyRow {
        number: number(),
        country: Country::Ve,
        customer: "Banco del Sur".into(),
        equipment: "Cisco Catalyst 9300".into(),
        place: "Sede Centro".into(),
        since: at(60),
        turn: at(65),
        attempts: 2,
        zone,
    };
    let queue =
        SurveyQueue { page: Page { rows: vec![row.clone()], paging: one_page() }, others: 3, now: at(5) };
    let unasked = SurveyCall { closed_at: None, solution: None, asked: None, ..call() };
    let states = vec![open.clone(), SurveyFormState::Answered, SurveyFormState::Over];
    vec![
        golden!("survey_row", SurveyRow, [row]),
        golden!("survey_queue", SurveyQueue, [queue]),
        golden!("survey_call", SurveyCall, [call(), unasked]),
        golden!("whose_call", WhoseCall { Yours, SomebodyElses }),
        golden!("survey_form", SurveyForm, [SurveyForm { number: number(), state: open }]),
        golden!("survey_form_state", SurveyFormState { Open, Answered, Over }, states),
    ]
}

fn form() -> SurveyFormState {
    SurveyFormState::Open {
        questionnaire: questionnaire(),
        until: at(9000),
        zone: zone_view(),
        typed: [("overall".to_owned(), "7".to_owned())].into(),
        problems: vec![("overall".into(), "Elija.".into())],
        failure: Some("Demasiado pronto.".into()),
    }
}

fn call() -> SurveyCall {
    let event = Event::Survey(SurveyEvent::FollowUpOpened);
    SurveyCall {
        number: number(),
        customer: "Banco del Sur".into(),
        equipment: "Cisco Catalyst 9300".into(),
        contact: contact(),
        whose: WhoseCall::SomebodyElses,
        opened_at: at(0),
        closed_at: Some(at(50)),
        solution: Some("Cable reemplazado".into()),
        asked: Some(asked()),
        history: vec![Recorded {
            version: 9,
            at: at(70),
            by: Author::System,
            origin: Origin::Scheduler,
            event,
        }],
        zone: zone_view(),
        now: at(80),
    }
}

fn results() -> Vec<Golden> {
    let months = [Month::new(2026, 1).unwrap(), Month::new(2026, 11).unwrap()];
    let period = Period { from: months[0], to: months[1] };
    let line = ResultLine {
        group: "Estándar".into(),
        asked: 10,
        answered: 6,
        refused: 1,
        scores: (2550, 6),
        marks: (4, 1, 1),
    };
    let by = vec![(Dimension::Plan, vec![line.clone()])];
    let unscored = FollowUpRow { score: None, recommend: None, ..follow_up_row() };
    let list = FollowUpList { page: Page { rows: vec![follow_up_row()], paging: one_page() }, now: at(80) };
    vec![
        golden!("month", Month, months),
        golden!("period", Period, [period]),
        golden!("survey_dimension", Dimension { Month, Country, Plan, Agent, Technician }),
        golden!("survey_line", ResultLine, [line.clone()]),
        golden!("survey_results", SurveyResults, [SurveyResults { period, total: line, by }]),
        golden!("follow_up_row", FollowUpRow, [follow_up_row(), unscored]),
        golden!("follow_up_list", FollowUpList, [list]),
    ]
}

fn follow_up_row() -> FollowUpRow {
    FollowUpRow {
        number: number(),
        country: Country::Ve,
        customer: "Banco del Sur".into(),
        agent: "Luis".into(),
        score: Some(Score(150)),
        recommend: Some(2),
        comment: "Tardaron.".into(),
        answered_at: at(70),
        follow_up: FollowUp::NotReached,
        zone: zone_view(),
    }
}

//! Questionnaires as data, and answers read against their questions.

use super::{HOUR, all_fives, ask, asked, asked_case, by_telephone, colleague, customer, refused, typed};
use std::collections::BTreeMap;

use domain::i18n::Language;
use domain::survey::{
    AnswerProblem, Answers, Given, Kind, Need, Question, QuestionKey, Questionnaire, QuestionnaireProblem,
    Score, SurveyCommand, SurveyRefusal, Texts, YesNo,
};
use proptest::prelude::*;

#[test]
fn a_form_is_read_against_its_questions() {
    let standing = Questionnaire::initial();
    let kinds: Vec<_> = standing.questions().iter().map(|question| question.kind).collect();
    assert_eq!(kinds, [Kind::Scale, Kind::Scale, Kind::Scale, Kind::Scale, Kind::Nps, Kind::Text]);
    for language in Language::ALL {
        for question in standing.questions() {
            assert!(question.texts.of(language).ends_with('?'), "{question:?}");
        }
    }
    // Optional answers may be missing, and unknown keys are ignored.
    let mut form = all_fives();
    form.insert("nonsense".into(), "7".into());
    form.insert("comment".into(), "   ".into());
    let read = standing.parse(&form).unwrap();
    assert_eq!((read.iter().count(), read.score(), read.recommend()), (4, Some(Score(500)), None));
    assert!(standing.takes(&read));

    let wrong = typed(&[("attention", "6"), ("solution", "0"), ("overall", "cinco"), ("recommend", "11")]);
    let problems = standing.parse(&wrong).unwrap_err();
    let told: Vec<_> = problems.iter().map(|(key, problem)| (key.as_str(), problem.clone())).collect();
    let none = AnswerProblem::NoSuchChoice;
    let expected = [
        ("attention", none.clone()),
        ("solution", none.clone()),
        ("treatment", AnswerProblem::Missing),
        ("overall", none.clone()),
        ("recommend", none),
    ];
    assert_eq!(told, expected);
}

#[test]
fn answers_that_nobody_was_asked_for_are_not_taken() {
    let standing = Questionnaire::initial();
    let read = |json: &str| serde_json::from_str::<Answers>(json).unwrap();
    let good = r#"["attention",{"scale":4}],["solution",{"scale":4}],["treatment",{"scale":4}],["overall",{"scale":4}]"#;
    assert!(standing.takes(&read(&format!("[{good}]"))));
    assert!(standing.takes(&read(&format!("[{good},[\"recommend\",{{\"nps\":10}}]]"))));
    for bad in [
        format!("[{good},[\"recommend\",{{\"nps\":11}}]]"),
        format!("[{good},[\"recommend\",{{\"scale\":5}}]]"),
        format!("[{good},[\"other\",{{\"scale\":5}}]]"),
        format!("[{good},[\"attention\",{{\"scale\":5}}]]"),
        format!("[{}]", good.replace("\"scale\":4}],[\"sol", "\"scale\":0}],[\"sol")),
        r#"[["attention",{"scale":4}]]"#.to_owned(),
    ] {
        assert!(!standing.takes(&read(&bad)), "{bad}");
    }
}

#[test]
fn answers_to_other_questions_are_refused_on_every_channel() {
    let (mut history, hours, _) = asked_case();
    let others: Answers = serde_json::from_str(r#"[["attention", {"scale": 4}]]"#).unwrap();
    let by_phone = history.ask(4 * HOUR, by_telephone(others.clone()), &colleague(), &hours);
    assert_eq!(refused(&by_phone), Some(SurveyRefusal::AnswersDoNotFit));
    let cycle = asked(&history).cycle;
    let customer = customer(&history);
    let by_link = SurveyCommand::AnswerByLink { cycle, answers: others };
    let by_link = history.ask(4 * HOUR, ask(by_link), &customer, &hours);
    assert_eq!(refused(&by_link), Some(SurveyRefusal::AnswersDoNotFit));
    assert_eq!(asked(&history).ended, None, "it can still be answered");
}

#[test]
fn a_questionnaire_is_data_and_checked() {
    let words = |text: &str| Texts::new(|_| text.to_owned());
    let question = |key: &str, text: &str| Question {
        key: QuestionKey::parse(key).unwrap(),
        kind: Kind::YesNo,
        need: Need::Required,
        texts: words(text),
    };
    let own = Questionnaire::new(3, vec![question("solved", "¿Quedó resuelto?")]).unwrap();
    let json = serde_json::to_string(&own).unwrap();
    assert_eq!(serde_json::from_str::<Questionnaire>(&json).unwrap(), own);
    assert!(serde_json::from_str::<Questionnaire>(&json.replace("solved", "a b")).is_err());
    let read = own.parse(&typed(&[("solved", "no")])).unwrap();
    assert_eq!(read.to(&QuestionKey::parse("solved").unwrap()), Some(&Given::YesNo(YesNo::No)));
    assert_eq!(read.score(), None);

    let twice = vec![question("a", "¿?"), question("a", "¿?")];
    assert_eq!(Questionnaire::new(1, twice), Err(QuestionnaireProblem::Twice("a".into())));
    assert_eq!(Questionnaire::new(1, Vec::new()), Err(QuestionnaireProblem::Count));
    assert_eq!(Questionnaire::new(1, vec![question("a", " ")]), Err(QuestionnaireProblem::Text("a".into())));
    let json = serde_json::to_string(&Questionnaire::initial()).unwrap();
    assert_eq!(serde_json::from_str::<Questionnaire>(&json).unwrap(), Questionnaire::initial());
}

proptest! {
    /// For any input: parsed answers are accepted, and are the same after serialisation.
    #[test]
    fn parsed_answers_are_accepted(
        marks in prop::collection::vec("[0-9]{0,2}", 5), comment in any::<String>(),
    ) {
        let standing = Questionnaire::initial();
        let keys = ["attention", "solution", "treatment", "overall", "recommend"];
        let mut form: BTreeMap<String, String> =
            keys.iter().map(|key| (*key).to_owned()).zip(marks).collect();
        form.insert("comment".into(), comment);
        if let Ok(answers) = standing.parse(&form) {
            prop_assert!(standing.takes(&answers));
            let json = serde_json::to_string(&answers).unwrap();
            prop_assert_eq!(serde_json::from_str::<Answers>(&json).unwrap(), answers.clone());
            let score = answers.score().unwrap();
            prop_assert!((100..=500).contains(&score.0));
        }
    }
}

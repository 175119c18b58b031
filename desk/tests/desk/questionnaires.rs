//! Questionnaires: as a file and as a form, in versions, named by plans, and asked of customers.

use desk::cases::read::read_case;
use desk::scheduler;
use desk::settings::{
    Fields, Outcome, Reason, Request, SettingsFile, SettingsReport, Subject, apply, change_entry, entry,
    export, history, questionnaires, standing_questions,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{Command, Event, Verdict};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::survey::{Questionnaire, SurveyEvent};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{START, TestDesk, a_case, both_engines, contact, execute, resolve, staff};

both_engines! {
    random_questionnaires_come_back_as_they_were_applied,
    wrong_questionnaires_are_told_by_line_and_key_all_at_once,
    plan_names_a_questionnaire_of_the_same_files_or_of_the_desk,
    case_is_asked_the_version_of_its_opening,
    renamed_questionnaire_changes_no_plan,
    new_questionnaire_begins_with_the_standing_questions,
    questionnaires_are_read_by_supervisors_and_changed_by_administrators,
}

/// A questionnaire with questions by key.
fn a_file(name: &str, keys: &[&str]) -> String {
    let question = |key: &&str| {
        format!(
            "[[questionnaire.questions]]\nkey = \"{key}\"\nkind = \"scale\"\nneed = \"required\"\nes = \"¿{key}?\"\n\
             en = \"{key} en?\"\npt = \"{key} pt?\"\n"
        )
    };
    format!("[[questionnaire]]\nname = \"{name}\"\n{}", keys.iter().map(question).collect::<String>())
}

async fn exported(at: &TestDesk) -> Vec<SettingsFile> {
    export(&at.desk, &Actor::System, at.desk.now()).await.unwrap()
}

async fn text_of(at: &TestDesk, subject: Subject) -> String {
    exported(at).await.into_iter().find(|file| file.subject == subject).unwrap().text
}

async fn applied(at: &TestDesk, files: &[(Subject, &str)]) -> SettingsReport {
    let files =
        files.iter().map(|(subject, text)| SettingsFile { subject: *subject, text: (*text).to_owned() });
    let request = Request::Apply { effective_from: at.desk.now() };
    apply(&at.desk, &Actor::System, files.collect(), request).await.unwrap()
}

/// Every plan with this questionnaire; none for the standing questions.
async fn plans_asking(at: &TestDesk, name: Option<&str>) -> String {
    let text = text_of(at, Subject::Plans).await;
    let lines = text.lines().filter(|line| !line.starts_with("questionnaire = "));
    let asking = name.map(|name| format!("questionnaire = \"{name}\"\n")).unwrap_or_default();
    lines
        .map(|line| if line == "[plan.survey]" { format!("{line}\n{asking}") } else { format!("{line}\n") })
        .collect()
}

async fn random_questionnaires_come_back_as_they_were_applied(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut runner = TestRunner::deterministic();
    let keys = proptest::collection::btree_set("[a-z][a-z_0-9]{0,12}", 1..12);
    for turn in 0..8 {
        let keys = keys.new_tree(&mut runner).unwrap().current();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let report =
            applied(&at, &[(Subject::Questionnaires, &a_file(&format!("Encuesta {}", turn % 3), &keys))])
                .await;
        assert_eq!((report.outcome, &report.problems), (Outcome::Written, &vec![]));
        let files = exported(&at).await;
        let request = Request::Apply { effective_from: at.desk.now() };
        let again = apply(&at.desk, &Actor::System, files, request).await.unwrap();
        assert_eq!((again.changes, again.problems), (vec![], vec![]));
        at.clock.advance(60);
    }
    for one in questionnaires(&at.desk, &staff(Role::Supervisor)).await.unwrap() {
        let fields =
            entry(&at.desk, &Actor::System, Subject::Questionnaires, one.id, at.desk.now()).await.unwrap();
        let (read, report) =
            form(&at, fields.clone(), Request::DryRun { effective_from: at.desk.now() }).await;
        assert_eq!((report.changes, report.problems, read), (vec![], vec![], fields));
    }
}

async fn form(at: &TestDesk, fields: Fields, request: Request) -> (Fields, SettingsReport) {
    let administrator = staff(Role::Administrator);
    change_entry(&at.desk, &administrator, Subject::Questionnaires, fields, request).await.unwrap()
}

async fn wrong_questionnaires_are_told_by_line_and_key_all_at_once(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let right = a_file("Breve", &["speed", "care"]);
    for (from, to, key, line) in [
        ("key = \"care\"", "key = \"Trato\"", "questionnaire[1].questions[2].key", "key = \"Trato\""),
        ("key = \"care\"", "key = \"speed\"", "questionnaire[1].questions[2].key", "key = \"speed\""),
        ("pt = \"care pt?\"", "pt = \" \"", "questionnaire[1].questions[2].pt", "pt = \" \""),
        ("kind = \"scale\"", "kind = \"stars\"", "questionnaire[1].questions[1].kind", "kind = \"stars\""),
        ("name = \"Breve\"", "name = \"\"", "questionnaire[1].name", "name = \"\""),
    ] {
        let text = right.replacen(from, to, 1);
        let report = applied(&at, &[(Subject::Questionnaires, &text)]).await;
        assert_eq!(report.outcome, Outcome::Refused, "{to}");
        let problem = &report.problems[0];
        assert_eq!((&*problem.key, text.lines().nth(problem.line - 1).unwrap()), (key, line), "{to}");
    }
    let both = right.replacen("\"speed en?\"", "\"\"", 1).replacen("\"care pt?\"", "\"\"", 1);
    let report = applied(&at, &[(Subject::Questionnaires, &both)]).await;
    let fields: Vec<String> = report.problems.iter().map(desk::settings::FileProblem::field).collect();
    assert_eq!(fields, ["questions.0.en", "questions.1.pt"]);
    assert!(report.message(Language::En).contains("! questionnaires.toml, line "));
    let none =
        applied(&at, &[(Subject::Questionnaires, "[[questionnaire]]\nname = \"Breve\"\nquestions = []\n")])
            .await;
    assert_eq!(none.problems[0].field(), "questions");
    assert_eq!(questionnaires(&at.desk, &Actor::System).await.unwrap(), [], "nothing was written");
}

async fn plan_names_a_questionnaire_of_the_same_files_or_of_the_desk(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let plans = plans_asking(&at, Some("Breve")).await;
    let alone = applied(&at, &[(Subject::Plans, &plans)]).await;
    assert_eq!(alone.outcome, Outcome::Refused);
    assert_eq!(alone.problems[0].reason, Reason::UnknownQuestionnaire("Breve".to_owned()));
    assert_eq!(alone.problems[0].field(), "survey.questionnaire");
    let file = a_file("Breve", &["speed"]);
    let both = applied(&at, &[(Subject::Plans, &plans), (Subject::Questionnaires, &file)]).await;
    assert_eq!((both.outcome, both.problems), (Outcome::Written, vec![]));
    let one = &questionnaires(&at.desk, &staff(Role::Supervisor)).await.unwrap()[0];
    assert_eq!((one.name.as_str(), one.questions, one.plans.len()), ("Breve", 1, 3));
    let same = applied(&at, &[(Subject::Plans, &text_of(&at, Subject::Plans).await)]).await;
    assert_eq!((same.changes, same.problems), (vec![], vec![]));
    let back = applied(&at, &[(Subject::Plans, &plans_asking(&at, None).await)]).await;
    assert_eq!((back.outcome, back.changes.len()), (Outcome::Written, 3));
    assert_eq!(questionnaires(&at.desk, &Actor::System).await.unwrap()[0].plans, Vec::<String>::new());
}

/// The questions that the customer of a closed case is asked, two days later.
async fn asked(at: &TestDesk, number: CaseNumber) -> Questionnaire {
    execute(&at.desk, &staff(Role::Agent), number, contact()).await;
    execute(&at.desk, &staff(Role::Agent), number, resolve("Se cambió")).await;
    let works = Command::Verify { verdict: Verdict::Works, channel: None, who: None, said: None };
    execute(&at.desk, &Actor::Customer(number), number, works).await;
    at.clock.advance(5 * 86_400);
    scheduler::tick(&at.desk).await.unwrap();
    let page = read_case(&at.desk, &staff(Role::Agent), number).await.unwrap();
    let found = page.history.into_iter().find_map(|entry| match entry.event {
        Event::Survey(SurveyEvent::FellDue { questionnaire, .. }) => Some(*questionnaire),
        _ => None,
    });
    found.unwrap()
}

async fn case_is_asked_the_version_of_its_opening(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let before = a_case(&at.desk).await.number;
    let plans = plans_asking(&at, Some("Breve")).await;
    let file = a_file("Breve", &["speed"]);
    applied(&at, &[(Subject::Plans, &plans), (Subject::Questionnaires, &file)]).await;
    at.clock.advance(60);
    let then = a_case(&at.desk).await.number;
    at.clock.advance(60);
    applied(&at, &[(Subject::Questionnaires, &a_file("Breve", &["speed", "care"]))]).await;
    at.clock.advance(60);
    let after = a_case(&at.desk).await.number;
    assert_eq!(asked(&at, before).await, Questionnaire::initial());
    let first = asked(&at, then).await;
    assert_eq!((first.version(), first.questions().len()), (1, 1));
    let second = asked(&at, after).await;
    assert_eq!((second.version(), second.questions()[1].texts.of(Language::Pt)), (2, "care pt?"));
}

async fn renamed_questionnaire_changes_no_plan(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let plans = plans_asking(&at, Some("Breve")).await;
    applied(&at, &[(Subject::Plans, &plans), (Subject::Questionnaires, &a_file("Breve", &["speed"]))]).await;
    let renamed = text_of(&at, Subject::Questionnaires).await.replacen("\"Breve\"", "\"Corta\"", 1);
    let plans = text_of(&at, Subject::Plans).await.replace("\"Breve\"", "\"Corta\"");
    let report = applied(&at, &[(Subject::Questionnaires, &renamed), (Subject::Plans, &plans)]).await;
    let changed: Vec<_> =
        report.changes.iter().map(|change| (change.subject, change.name.as_str())).collect();
    assert_eq!((changed, report.problems), (vec![(Subject::Questionnaires, "Corta")], vec![]));
    let versions = history(&at.desk, &Actor::System).await.unwrap();
    let newest = versions.iter().find(|version| version.subject == Subject::Questionnaires).unwrap();
    assert_eq!(newest.fields.as_ref().unwrap()[0].key, "name");
}

async fn new_questionnaire_begins_with_the_standing_questions(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut fields = standing_questions(&staff(Role::Administrator)).unwrap();
    assert_eq!(fields["questions.4.kind"], "nps");
    fields.insert("name".to_owned(), "La nuestra".to_owned());
    let (_, report) = form(&at, fields.clone(), Request::Apply { effective_from: START }).await;
    assert_eq!((report.outcome, report.problems), (Outcome::Written, vec![]));
    let (_, report) = form(&at, fields, Request::Apply { effective_from: START }).await;
    assert_eq!(report.problems[0].reason, Reason::NameTaken);
}

async fn questionnaires_are_read_by_supervisors_and_changed_by_administrators(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let file = SettingsFile { subject: Subject::Questionnaires, text: a_file("Breve", &["speed"]) };
    let request = Request::Apply { effective_from: START };
    for (role, reads, changes) in [
        (Role::Technician, false, false),
        (Role::Agent, false, false),
        (Role::Supervisor, true, false),
        (Role::Administrator, true, true),
    ] {
        let actor = staff(role);
        assert_eq!(questionnaires(&at.desk, &actor).await.is_ok(), reads, "{role:?}");
        assert_eq!(standing_questions(&actor).is_ok(), reads, "{role:?}");
        assert_eq!(apply(&at.desk, &actor, vec![file.clone()], request).await.is_ok(), changes, "{role:?}");
    }
}

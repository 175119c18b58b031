//! Canned replies: as a file and as a form, in versions, and filled for a case.

use desk::DeskError;
use desk::settings::{
    Outcome, Request, SettingsFile, SettingsReport, Subject, apply, change_entry, entry, export, history,
};
use desk::store::Engine;
use desk::wording::replies_for;
use domain::actor::{Actor, Role};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{START, TestDesk, a_case, both_engines, staff};

both_engines! {
    replies_come_back_as_they_were_exported,
    random_replies_come_back_as_they_were_applied,
    agents_get_replies_in_the_customers_language_with_the_cases_values,
    a_changed_reply_counts_from_its_day_on,
    wrong_texts_are_told_by_line_and_key,
    a_reply_older_than_another_change_is_refused,
    replies_are_changed_by_administrators_and_used_by_whoever_works_on_cases,
}

const GREETING: &str = "[[reply]]\nname = \"Saludo\"\n
[reply.text]\nes = \"Hola {name}:\\nsu caso {number} ({priority}) es de {provider}. {{Hoy}} {agent}\"\npt = \"Olá {name}\"\n";
const PARTS: &str =
    "[[reply]]\nname = \"repuesto\"\n[reply.text]\nes = \"Pedimos el repuesto de {serial}.\"\n";

fn file(text: &str) -> Vec<SettingsFile> {
    vec![SettingsFile { subject: Subject::Replies, text: text.to_owned() }]
}

async fn exported(at: &TestDesk) -> String {
    let files = export(&at.desk, &Actor::System, at.desk.now()).await.unwrap();
    files.into_iter().find(|file| file.subject == Subject::Replies).unwrap().text
}

async fn applied(at: &TestDesk, text: &str) -> SettingsReport {
    let request = Request::Apply { effective_from: at.desk.now() };
    apply(&at.desk, &Actor::System, file(text), request).await.unwrap()
}

async fn offered(at: &TestDesk, number: CaseNumber) -> Vec<(String, String)> {
    let replies = replies_for(&at.desk, &staff(Role::Agent), number).await.unwrap();
    replies.into_iter().map(|reply| (reply.name, reply.text)).collect()
}

async fn replies_come_back_as_they_were_exported(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let nothing = applied(&at, &exported(&at).await).await;
    assert_eq!((nothing.changes, nothing.problems, nothing.unchanged), (vec![], vec![], 0));
    let report = applied(&at, &format!("{GREETING}{PARTS}")).await;
    assert_eq!((report.outcome, report.problems, report.changes.len()), (Outcome::Written, vec![], 2));
    let text = exported(&at).await;
    assert!(text.contains("id = 1\nversion = 1\nname = \"Saludo\""), "{text}");
    for text in [text, format!("{GREETING}{PARTS}")] {
        let again = applied(&at, &text).await;
        assert_eq!((again.changes, again.problems, again.unchanged), (vec![], vec![], 2), "{text}");
    }
    let written: Vec<_> = history(&at.desk, &Actor::System).await.unwrap();
    let names: Vec<_> =
        written.iter().filter(|it| it.subject == Subject::Replies).map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["repuesto", "Saludo"]);
}

async fn random_replies_come_back_as_they_were_applied(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut runner = TestRunner::deterministic();
    let text = prop::option::of("[ \\n\"'ñaei.]{0,12}(\\{name\\}|\\{\\{|\\{)[a\\\\#]{0,4}");
    let reply = (0_u32..4, any::<bool>(), [text.clone(), text.clone(), text]);
    let (mut written, mut refused) = (0, 0);
    for _ in 0..40 {
        let (name, retired, texts) = reply.new_tree(&mut runner).unwrap().current();
        let texts: toml::Table = ["es", "en", "pt"]
            .into_iter()
            .zip(texts)
            .filter_map(|(code, text)| Some((code.to_owned(), toml::Value::from(text?))))
            .collect();
        let mut entry = toml::Table::from_iter([("name".to_owned(), toml::Value::from(format!("R{name}")))]);
        if retired {
            entry.insert("state".to_owned(), "retired".into());
        }
        entry.insert("text".to_owned(), texts.into());
        let all = toml::Table::from_iter([("reply".to_owned(), toml::Value::Array(vec![entry.into()]))]);
        let text = toml::to_string(&all).unwrap();
        let report = applied(&at, &text).await;
        if report.problems.is_empty() {
            written += 1;
            assert_eq!(applied(&at, &text).await.changes, vec![], "{text}");
        } else {
            refused += 1;
        }
        assert_eq!(applied(&at, &exported(&at).await).await.changes, vec![], "{text}");
    }
    assert!(written > 5 && refused > 5, "{written} written, {refused} refused");
}

async fn agents_get_replies_in_the_customers_language_with_the_cases_values(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let number = a_case(&at.desk).await.number;
    assert!(offered(&at, number).await.is_empty());
    applied(&at, &format!("{GREETING}{PARTS}[[reply]]\nname = \"Only\"\n[reply.text]\nen = \"Hello\"\n"))
        .await;
    let agent = staff(Role::Agent);
    let Actor::Staff(me) = &agent else { panic!("{agent:?}") };
    let replies = offered(&at, number).await;
    let names: Vec<_> = replies.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["repuesto", "Saludo"], "by name, in the customer's language alone");
    let (_, text) = &replies[1];
    assert!(text.starts_with("Hola Luis"), "{text}");
    let rest = format!(":\nsu caso {number} (P1) es de Vigía. {{Hoy}} {}", me.name);
    assert!(text.ends_with(&rest), "{text} does not end with {rest}");
    // A retired one is offered no more.
    applied(&at, &PARTS.replace("[reply.text]", "state = \"retired\"\n[reply.text]")).await;
    assert_eq!(offered(&at, number).await.len(), 1);
}

async fn a_changed_reply_counts_from_its_day_on(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let number = a_case(&at.desk).await.number;
    applied(&at, PARTS).await;
    let later = Request::Apply { effective_from: START.plus(86_400) };
    let changed = PARTS.replace("Pedimos", "Ya pedimos");
    apply(&at.desk, &Actor::System, file(&changed), later).await.unwrap();
    assert!(offered(&at, number).await[0].1.starts_with("Pedimos"));
    at.clock.advance(86_401);
    assert!(offered(&at, number).await[0].1.starts_with("Ya pedimos"));
    // The earlier state is taken up again as a change of the newest version.
    let administrator = staff(Role::Administrator);
    let fields = entry(&at.desk, &administrator, Subject::Replies, 1, START).await.unwrap();
    assert_eq!((&*fields["version"], &*fields["text.es"]), ("2", "Pedimos el repuesto de {serial}."));
    let request = Request::Apply { effective_from: at.desk.now() };
    let (_, report) =
        change_entry(&at.desk, &administrator, Subject::Replies, fields, request).await.unwrap();
    assert_eq!((report.outcome, report.problems), (Outcome::Written, vec![]));
    assert!(offered(&at, number).await[0].1.starts_with("Pedimos"));
}

async fn wrong_texts_are_told_by_line_and_key(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let text = "[[reply]]\nname = \"A\"\n[reply.text]\nes = \"Hola {nombre}\"\npt = \"{\"\n
[[reply]]\nname = \"a\"\n[reply.text]\nes = \"x\"\n[[reply]]\nname = \"B\"\n[[reply]]\nname = \"C\"\n[reply.text]\nfr = \"x\"\n";
    let report = applied(&at, text).await;
    let told: Vec<_> = report.problems.iter().map(|it| (it.line, it.key.as_str())).collect();
    assert_eq!(told, [(16, "reply[4].text.fr")], "what cannot be read comes alone");
    let report = applied(&at, text.split("[[reply]]\nname = \"C\"").next().unwrap()).await;
    let told: Vec<_> = report.problems.iter().map(|it| (it.line, it.key.as_str())).collect();
    assert_eq!(
        told,
        [(8, "reply[2].name"), (4, "reply[1].text.es"), (5, "reply[1].text.pt"), (11, "reply[3].text.es")]
    );
    let words = report.message(Language::En);
    for part in ["canned_replies.toml, line 4", "{nombre}", "{number} {name}", "at least one language"] {
        assert!(words.contains(part), "{part} in {words}");
    }
    assert_eq!((report.outcome, exported(&at).await.contains("[[reply]]")), (Outcome::Refused, false));
    let fields: Vec<_> = report.problems.iter().map(desk::settings::FileProblem::field).collect();
    assert_eq!(fields, ["name", "text.es", "text.pt", "text.es"]);
}

async fn a_reply_older_than_another_change_is_refused(engine: Engine) {
    let at = TestDesk::open(engine).await;
    applied(&at, PARTS).await;
    let read = exported(&at).await;
    assert_eq!(applied(&at, &read.replace("Pedimos", "Ya pedimos")).await.outcome, Outcome::Written);
    let report = applied(&at, &read.replace("Pedimos", "Pediremos")).await;
    assert_eq!((report.outcome, report.problems[0].key.as_str()), (Outcome::Refused, "reply[1].version"));
}

async fn replies_are_changed_by_administrators_and_used_by_whoever_works_on_cases(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let number = a_case(&at.desk).await.number;
    applied(&at, PARTS).await;
    let supervisor = staff(Role::Supervisor);
    let fields = entry(&at.desk, &supervisor, Subject::Replies, 1, at.desk.now()).await.unwrap();
    let request = Request::DryRun { effective_from: at.desk.now() };
    assert!(change_entry(&at.desk, &supervisor, Subject::Replies, fields, request).await.is_err());
    let agent = staff(Role::Agent);
    assert!(entry(&at.desk, &agent, Subject::Replies, 1, at.desk.now()).await.is_err());
    for role in Role::ALL {
        assert_eq!(replies_for(&at.desk, &staff(role), number).await.unwrap().len(), 1, "{role:?}");
    }
    for stranger in [Actor::Anonymous, Actor::Customer(number)] {
        let refused = replies_for(&at.desk, &stranger, number).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{stranger:?}: {refused:?}");
    }
    let other = CaseNumber::new(Country::Mx, 2026, 99).unwrap();
    let missing = replies_for(&at.desk, &agent, other).await;
    assert!(matches!(missing, Err(DeskError::NotFound)), "{missing:?}");
}

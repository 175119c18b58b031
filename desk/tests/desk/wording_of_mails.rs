//! The provider's own words of mails: as a file and as a form, in versions, in mails, and tried on a real case.

use desk::DeskError;
use desk::outbox::{
    MailTextTrial, ReplyAddresses, Sender, TestOutcome, Transport, preview_mail_text, send_mail_text,
};
use desk::settings::{
    FileProblem, Outcome, Request, SettingsFile, SettingsReport, Subject, apply, change_entry, entry, export,
    history, mail_text_of,
};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{Command, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::time::Instant;
use domain::wording::{MailPart, MailTextKind, mail_text};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{
    START, TestDesk, a_case, add_staff, both_engines, contact, count, execute, mails, staff,
};

both_engines! {
    standard_words_are_exported_and_applied_without_a_change,
    random_words_come_back_as_they_were_applied,
    mails_caused_later_have_the_new_words_and_queued_ones_stay,
    wrong_words_are_told_by_line_and_key,
    words_older_than_another_change_are_refused,
    the_standard_words_are_taken_up_again,
    another_process_notices_changed_words,
    every_mail_is_previewed_with_a_real_case,
    words_are_sent_to_whoever_tries_them,
    a_stranger_gets_no_typed_text_in_own_words,
    trial_of_an_opening_shows_the_case_as_it_was_opened,
    words_are_read_by_supervisors_and_changed_by_administrators,
}

const OPENING: &str = "[[mail]]\nkind = \"opening\"\n
[mail.es]\nsubject = \"Su caso {number} en {provider}\"\ngreeting = \"Hola {name}:\\nya es suyo el número\"\nclosing = \"Gracias, <Andina> & {{todos}}\"\n";

fn file(text: &str) -> Vec<SettingsFile> {
    vec![SettingsFile { subject: Subject::MailTexts, text: text.to_owned() }]
}

async fn exported(at: &TestDesk, moment: Instant) -> String {
    let files = export(&at.desk, &Actor::System, moment).await.unwrap();
    files.into_iter().find(|file| file.subject == Subject::MailTexts).unwrap().text
}

async fn applied(at: &TestDesk, text: &str) -> SettingsReport {
    let request = Request::Apply { effective_from: at.desk.now() };
    apply(&at.desk, &Actor::System, file(text), request).await.unwrap()
}

/// Subject, plain form and HTML of the last queued mail.
async fn last_mail(at: &TestDesk) -> (String, String, String) {
    let mut connection = at.connection().await;
    let row = sqlx::query("SELECT subject, body_text, body_html FROM outbox ORDER BY id DESC LIMIT 1")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    (sqlx::Row::get(&row, 0), sqlx::Row::get(&row, 1), sqlx::Row::get(&row, 2))
}

async fn standard_words_are_exported_and_applied_without_a_change(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let text = exported(&at, at.desk.now()).await;
    assert!(text.contains("[[mail]]\nkind = \"opening\"\nversion = 0\n"), "{text}");
    let report = applied(&at, &text).await;
    let kinds = MailTextKind::ALL.len();
    assert_eq!((report.changes, report.problems, report.unchanged), (vec![], vec![], kinds));
    let changed = history(&at.desk, &Actor::System).await.unwrap();
    assert!(changed.iter().all(|version| version.subject != Subject::MailTexts), "none was changed");
}

async fn random_words_come_back_as_they_were_applied(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let mut runner = TestRunner::deterministic();
    let text = prop::option::of("[ \\n\"'ñ{}a]{0,8}(\\{number\\}|\\{name\\})[a\\\\#]{0,4}");
    let strategy = (0..MailTextKind::ALL.len(), prop::collection::vec(text, 9));
    let (mut written, mut refused) = (0, 0);
    for _ in 0..40 {
        let (kind, texts) = strategy.new_tree(&mut runner).unwrap().current();
        let mut entry =
            toml::Table::from_iter([("kind".to_owned(), toml::Value::from(MailTextKind::ALL[kind].code()))]);
        for (code, texts) in ["es", "en", "pt"].into_iter().zip(texts.chunks(3)) {
            let parts = MailPart::ALL.into_iter().zip(texts);
            let words: toml::Table = parts
                .filter_map(|(part, text)| Some((part.code().to_owned(), toml::Value::from(text.clone()?))))
                .collect();
            entry.insert(code.to_owned(), words.into());
        }
        let all = toml::Table::from_iter([("mail".to_owned(), toml::Value::Array(vec![entry.into()]))]);
        let text = toml::to_string(&all).unwrap();
        let report = applied(&at, &text).await;
        if report.problems.is_empty() {
            written += 1;
            assert_eq!(applied(&at, &text).await.changes, vec![], "{text}");
        } else {
            refused += 1;
        }
        assert_eq!(applied(&at, &exported(&at, at.desk.now()).await).await.changes, vec![], "{text}");
    }
    assert!(written > 0 && refused > 0, "{written} written, {refused} refused");
}

async fn mails_caused_later_have_the_new_words_and_queued_ones_stay(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    a_case(&at.desk).await;
    let standard = last_mail(&at).await;
    assert!(standard.0.starts_with("Caso ") && standard.1.contains("recibimos su caso"), "{standard:?}");
    let later = Request::Apply { effective_from: START.plus(60) };
    apply(&at.desk, &Actor::System, file(OPENING), later).await.unwrap();
    a_case(&at.desk).await;
    assert!(last_mail(&at).await.0.starts_with("Caso "), "it does not count yet");
    at.clock.advance(61);
    let number = a_case(&at.desk).await.number;
    let (subject, text, html) = last_mail(&at).await;
    assert_eq!(subject, format!("Su caso {number} en Vigía"));
    assert!(text.contains("Hola Luis Peña:\nya es suyo el número\n\n    "), "{text}");
    assert!(text.contains("\nGracias, <Andina> & {todos}\n"), "{text}");
    assert!(
        html.contains("Hola Luis Peña:<br>ya es suyo") && html.contains("&lt;Andina&gt; &amp; {todos}"),
        "{html}"
    );
    // The facts stay.
    assert!(
        text.contains(&number.grouped()) && text.contains("Abierto el") && text.contains("Un técnico"),
        "{text}"
    );
    assert_eq!(count(&at, "SELECT COUNT(*) FROM outbox WHERE subject LIKE 'Caso %'").await, 2);
}

async fn wrong_words_are_told_by_line_and_key(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let text = "[[mail]]\nkind = \"opening\"\n[mail.es]\nsubject = \"Su caso\"\ngreeting = \"{nombre}\"
[[mail]]\nkind = \"links\"\n[mail.pt]\nsubject = \"Links\"\nclosing = \"{name}\"\n[[mail]]\nkind = \"opening\"\n";
    let report = applied(&at, text).await;
    let told: Vec<_> = report.problems.iter().map(|it| (it.line, it.key.as_str())).collect();
    assert_eq!(
        told,
        [
            (4, "mail[1].es.subject"),
            (5, "mail[1].es.greeting"),
            (10, "mail[2].pt.closing"),
            (12, "mail[3].kind")
        ]
    );
    let words = report.message(Language::En);
    for part in ["mail_texts.toml, line 4", "lacks {number}", "{nombre}", "{name} here"] {
        assert!(words.contains(part), "{part} in {words}");
    }
    assert_eq!(report.outcome, Outcome::Refused);
    let fields: Vec<_> = report.problems.iter().map(FileProblem::field).collect();
    assert_eq!(fields, ["es.subject", "es.greeting", "pt.closing", "kind"]);
    let unknown = applied(&at, "[[mail]]\nkind = \"warning\"\n").await;
    assert_eq!((unknown.problems[0].line, unknown.problems[0].key.as_str()), (2, "mail[1].kind"));
    assert_eq!(count(&at, "SELECT COUNT(*) FROM mail_texts").await, 0);
}

async fn words_older_than_another_change_are_refused(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let read = exported(&at, at.desk.now()).await;
    applied(&at, OPENING).await;
    let mine = read.replacen("version = 0\n", "version = 0\nes = { closing = \"x\" }\n", 1);
    let report = applied(&at, &mine).await;
    assert_eq!((report.outcome, report.problems[0].key.as_str()), (Outcome::Refused, "mail[1].version"));
}

async fn the_standard_words_are_taken_up_again(engine: Engine) {
    let at = TestDesk::open(engine).await;
    applied(&at, OPENING).await;
    at.clock.advance(10);
    let administrator = staff(Role::Administrator);
    let id = MailTextKind::Opening.place();
    let fields = entry(&at.desk, &administrator, Subject::MailTexts, id, Instant(0)).await.unwrap();
    assert_eq!((fields.len(), &*fields["version"], &*fields["kind"]), (2, "1", "opening"));
    let request = Request::Apply { effective_from: at.desk.now() };
    let (_, report) =
        change_entry(&at.desk, &administrator, Subject::MailTexts, fields, request).await.unwrap();
    assert_eq!((report.outcome, report.problems), (Outcome::Written, vec![]));
    a_case(&at.desk).await;
    assert!(last_mail(&at).await.0.starts_with("Caso "));
    // As files: the export of an earlier moment.
    applied(&at, &exported(&at, START).await).await;
    a_case(&at.desk).await;
    assert!(last_mail(&at).await.0.starts_with("Caso "), "verified cases alone have the mail of the opening");
    let versions: Vec<_> = history(&at.desk, &Actor::System).await.unwrap();
    let subjects = versions.iter().filter(|it| it.subject == Subject::MailTexts).count();
    assert_eq!(subjects, 3);
}

async fn another_process_notices_changed_words(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let other = at.another().await;
    applied(&at, OPENING).await;
    other.refresh_mail_texts().await.unwrap();
    a_case(&other).await;
    assert!(last_mail(&at).await.0.starts_with("Su caso "));
    // A process that starts later has them at once.
    a_case(&at.another().await).await;
    assert!(last_mail(&at).await.0.starts_with("Su caso "));
}

fn trial(kind: MailTextKind, number: CaseNumber, language: Language) -> MailTextTrial {
    let text = mail_text(kind, |_, part| match part {
        MailPart::Subject => "S {number} {about}".to_owned(),
        MailPart::Greeting => "Own greeting of {number}".to_owned(),
        MailPart::Closing => "Own closing words, {opened}".to_owned(),
    });
    MailTextTrial { kind, text: text.unwrap(), number, language }
}

async fn every_mail_is_previewed_with_a_real_case(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let before = count(&at, "SELECT COUNT(*) FROM outbox").await;
    let administrator = staff(Role::Administrator);
    for kind in MailTextKind::ALL {
        for language in Language::ALL {
            let mail =
                preview_mail_text(&at.desk, &administrator, trial(kind, number, language)).await.unwrap();
            assert!(mail.subject.starts_with(&format!("S {number} ")), "{kind:?}: {}", mail.subject);
            for part in [&*format!("Own greeting of {number}"), "Own closing words", &number.grouped()] {
                assert!(mail.text.contains(part), "{kind:?} lacks {part}: {}", mail.text);
            }
        }
    }
    assert_eq!(count(&at, "SELECT COUNT(*) FROM outbox").await, before, "a preview sends nothing");
    let other = CaseNumber::new(Country::Mx, 2026, 99).unwrap();
    let missing =
        preview_mail_text(&at.desk, &administrator, trial(MailTextKind::Survey, other, Language::Es)).await;
    assert!(matches!(missing, Err(DeskError::NotFound)), "{missing:?}");
}

async fn words_are_sent_to_whoever_tries_them(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let administrator =
        add_staff(&at.desk, "Marta Salas", "marta@vigia.example", Role::Administrator, Language::Es).await;
    let administrator = Actor::Staff(administrator);
    let folder = tempfile::tempdir().unwrap();
    let sender = Sender {
        name: "Vigía".to_owned(),
        address: MailAddress::parse("desk@vigia.example").unwrap(),
        replies: ReplyAddresses::Shared,
    };
    let transport = Transport::Folder { path: folder.path().to_owned(), sender };
    let words = trial(MailTextKind::Closing, number, Language::En);
    let test = send_mail_text(&at.desk, &administrator, &transport, words).await.unwrap();
    assert_eq!(test.outcome, TestOutcome::Written);
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
    let [file] = &files[..] else { panic!("{files:?}") };
    let mail = std::fs::read_to_string(file).unwrap();
    assert!(mail.contains(&format!("Subject: S {number}")), "{mail}");
    assert!(
        mail.contains(&format!("<{}>", test.recipient)) && mail.contains("Content-Language: en"),
        "{mail}"
    );
    assert!(mails(&at, number).await.len() == 1, "the customer gets none");
}

async fn a_stranger_gets_no_typed_text_in_own_words(engine: Engine) {
    // Without a register no case is verified.
    let at = TestDesk::open(engine).await;
    let unverified = "[[mail]]\nkind = \"opening_unverified\"\n[mail.es]\ngreeting = \"Recibimos esto:\"\n";
    let cancelled = "[[mail]]\nkind = \"cancelled\"\n[mail.es]\ngreeting = \"Adiós {name}\"\n";
    assert_eq!(applied(&at, &format!("{OPENING}{unverified}{cancelled}")).await.outcome, Outcome::Written);
    let number = a_case(&at.desk).await.number;
    let (subject, text, _) = last_mail(&at).await;
    assert!(subject.starts_with("Caso ") && text.contains("Recibimos esto:"), "{subject} {text}");
    let cancel = Command::Termination(TerminationCommand::CancelOwn { reason: None });
    execute(&at.desk, &Actor::Customer(number), number, cancel).await;
    let (_, text, _) = last_mail(&at).await;
    assert!(!text.contains("Adiós") && !text.contains("Luis"), "the standard words count: {text}");
}

async fn trial_of_an_opening_shows_the_case_as_it_was_opened(engine: Engine) {
    // Without a register no case is verified, until the staff has spoken with its customer.
    let at = TestDesk::open(engine).await;
    let number = a_case(&at.desk).await.number;
    execute(&at.desk, &staff(Role::Agent), number, contact()).await;
    let tried = trial(MailTextKind::UnverifiedOpening, number, Language::Es);
    let mail = preview_mail_text(&at.desk, &staff(Role::Administrator), tried).await.unwrap();
    assert!(mail.text.contains(&format!("Own greeting of {number}")), "{}", mail.text);
}

async fn words_are_read_by_supervisors_and_changed_by_administrators(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let number = a_case(&at.desk).await.number;
    let (supervisor, id) = (staff(Role::Supervisor), MailTextKind::Survey.place());
    let fields = entry(&at.desk, &supervisor, Subject::MailTexts, id, at.desk.now()).await.unwrap();
    let (kind, text) = mail_text_of(&fields).unwrap();
    assert_eq!((kind, text.is_empty()), (MailTextKind::Survey, true));
    let request = Request::DryRun { effective_from: at.desk.now() };
    assert!(change_entry(&at.desk, &supervisor, Subject::MailTexts, fields, request).await.is_err());
    let words = trial(MailTextKind::Survey, number, Language::Es);
    assert!(preview_mail_text(&at.desk, &supervisor, words).await.is_err());
    let agent = staff(Role::Agent);
    assert!(entry(&at.desk, &agent, Subject::MailTexts, id, at.desk.now()).await.is_err());
}

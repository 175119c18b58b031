//! The end of personal data: after a time, and at once for one person. Figures, rows and numbers stay as they were.

use desk::Desk;
use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::lab::simulation;
use desk::people::invitations::{Invitee, invite};
use desk::reports::{breaches_csv, overlaps_csv, sla_report};
use desk::retention::{Ran, RetentionPeriod, erase_case, export, keep, known_of, retention, run};
use desk::store::Engine;
use desk::survey::survey_results;
use domain::actor::{Actor, Role};
use domain::calendar::{Month, Period};
use domain::case::{Audience, Command, ErasureReason, Event, Refusal};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::reports::{Days, OverlapFilter, SlaReportFilter};
use domain::sla_plan::SlaMetric;
use domain::text::PersonName;
use sqlx::Row;

use crate::support::{
    TestDesk, a_case, both_engines, caracas_sheet, contact, count, execute, explain, note, page, reason,
    resolve, staff,
};

both_engines! {
    reports_give_the_same_figures_after_an_erasure,
    nothing_is_erased_unless_a_time_is_set,
    endless_keeping_that_was_saved_overrules_a_later_file,
    case_that_cannot_be_read_keeps_no_other_from_its_erasure,
    mails_of_an_open_case_stay_and_old_mails_of_accounts_end,
    case_that_is_open_or_can_be_reopened_is_kept,
    erased_case_says_who_and_takes_nothing_more,
    sessions_that_have_ended_are_taken_out,
    only_administrators_erase,
    retention_queries_are_served_by_indexes,
}

const DAY: i64 = 86_400;

fn days(typed: &str) -> Option<RetentionPeriod> {
    RetentionPeriod::parse(typed).unwrap()
}

pub(crate) fn admin() -> Actor {
    staff(Role::Administrator)
}

/// All figures that reports give.
async fn figures(desk: &Desk) -> Vec<String> {
    let day = |text: &str| text.parse().unwrap();
    let filter = SlaReportFilter {
        days: Days::new(day("2026-11-01"), day("2027-03-31")).unwrap(),
        country: None,
        priority: None,
        contract: None,
    };
    let period = Period { from: Month::new(2026, 11).unwrap(), to: Month::new(2027, 3).unwrap() };
    let mut all = vec![
        format!("{:?}", sla_report(desk, &admin(), filter.clone()).await.unwrap()),
        format!("{:?}", survey_results(desk, &admin(), period).await.unwrap()),
        overlaps_csv(desk, &admin(), OverlapFilter { period, reason: None }, caracas_sheet())
            .await
            .unwrap()
            .text,
    ];
    for kind in [SlaMetric::FirstResponse, SlaMetric::NextUpdate, SlaMetric::Resolution] {
        all.push(breaches_csv(desk, &admin(), filter.clone(), kind, caracas_sheet()).await.unwrap().text);
    }
    all
}

pub(crate) async fn is_sound(desk: &Desk) {
    desk::search::catch_up(desk).await.unwrap();
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

/// Every text of the tables that hold what customers wrote, of cases that were erased.
async fn texts(at: &TestDesk) -> String {
    let mut connection = at.connection().await;
    let mut all = String::new();
    for text in [
        "SELECT document FROM case_events WHERE case_number IN (SELECT case_number FROM erasures)",
        "SELECT recipient_name || recipient || subject || body_text || body_html || COALESCE(calendar, '')
         FROM outbox WHERE case_number IN (SELECT case_number FROM erasures)",
        "SELECT fault || place FROM cases WHERE number IN (SELECT case_number FROM erasures)",
        "SELECT comment FROM surveys WHERE case_number IN (SELECT case_number FROM erasures)",
        "SELECT words FROM case_documents WHERE case_number IN (SELECT case_number FROM erasures)",
        "SELECT mailbox FROM case_mailboxes WHERE case_number IN (SELECT case_number FROM erasures)",
    ] {
        for row in sqlx::query(text).fetch_all(&mut connection).await.unwrap() {
            all.push_str(&row.get::<String, _>(0));
        }
    }
    all
}

async fn reports_give_the_same_figures_after_an_erasure(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let settings = simulation::Settings { cases: 40, seed: 13, days: 12, database: at.address.clone() };
    let outcome = tokio::task::spawn_blocking(move || simulation::run(&settings)).await.unwrap().unwrap();
    assert_eq!(outcome.inconsistencies, Vec::<String>::new());
    at.clock.advance(200 * DAY);
    let before = figures(&at.desk).await;
    assert!(before.iter().skip(2).any(|sheet| sheet.lines().count() > 1), "something is counted: {before:?}");
    let events = count(&at, "SELECT COUNT(*) FROM case_events").await;
    keep(&at.desk, &admin(), days("90")).await.unwrap();
    let ran = run(&at.desk).await.unwrap();
    assert!(ran.cases > 5, "{ran:?}");
    assert_eq!(figures(&at.desk).await, before);
    is_sound(&at.desk).await;
    let erased = i64::try_from(ran.cases).unwrap();
    let kinds = "SELECT COUNT(*) FROM case_events WHERE kind = 'erased'";
    assert_eq!(count(&at, kinds).await, erased);
    assert!(count(&at, "SELECT COUNT(*) FROM case_events").await >= events + erased);
    let left = texts(&at).await;
    assert!(left.contains("N. N.") && left.contains("[…]"), "{left}");
    for said in ["@cumbre", "@lacteos", "Empresa sin contrato", "\"+58", "\"+57", "\"+52"] {
        assert!(!left.contains(said), "{said}");
    }
    let empty = "SELECT COUNT(*) FROM visit_files WHERE LENGTH(content) > 0
                 AND case_number IN (SELECT case_number FROM erasures)";
    assert_eq!(count(&at, empty).await, 0);
    let again = run(&at.desk).await.unwrap();
    assert_eq!((again.cases, again.mails), (0, 0), "once");
}

async fn nothing_is_erased_unless_a_time_is_set(engine: Engine) {
    let at = TestDesk::open(engine).await;
    demo::load(&at.desk).await.unwrap();
    at.clock.advance(4000 * DAY);
    assert_eq!(run(&at.desk).await.unwrap().cases, 0);
    let by_file = at.desk.with_retention(days("7305"));
    assert_eq!(retention(&by_file, &admin()).await.unwrap().days, days("7305"));
    keep(&at.desk, &admin(), days("90")).await.unwrap();
    keep(&at.desk, &admin(), days("90")).await.unwrap();
    assert_eq!(count(&at, "SELECT COUNT(*) FROM retention_settings").await, 1, "the same is written once");
    let set = retention(&at.desk, &admin()).await.unwrap();
    assert_eq!((set.days, set.erased), (days("90"), 0));
    assert_eq!(set.set, Some((at.clock.now(), Some("Marta Salas".to_owned()))));
    keep(&at.desk, &admin(), None).await.unwrap();
    assert_eq!(run(&at.desk).await.unwrap().cases, 0, "it was put off again");
    let by_file = at.desk.with_retention(days("90"));
    assert_eq!(
        retention(&by_file, &admin()).await.unwrap().days,
        None,
        "what the page says overrules the file"
    );
}

async fn endless_keeping_that_was_saved_overrules_a_later_file(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    ended(&at).await;
    // What is in force already is written all the same: it was decided.
    keep(&at.desk, &admin(), None).await.unwrap();
    at.clock.advance(400 * DAY);
    let by_file = at.desk.with_retention(days("90"));
    assert_eq!(run(&by_file).await.unwrap().cases, 0);
}

async fn case_that_cannot_be_read_keeps_no_other_from_its_erasure(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (broken, whole) = (ended(&at).await, ended(&at).await);
    sqlx::query("UPDATE case_events SET document = '{}' WHERE case_number = $1 AND version = 1")
        .bind(broken.as_compact())
        .execute(&mut at.connection().await)
        .await
        .unwrap();
    keep(&at.desk, &admin(), days("90")).await.unwrap();
    at.clock.advance(91 * DAY);
    let ran = run(&at.desk).await.unwrap();
    assert_eq!((ran.cases, ran.failed), (1, 1));
    assert!(page(&at.desk, whole).await.opening.report.contact.mail.is_erased());
}

async fn mails_of_an_open_case_stay_and_old_mails_of_accounts_end(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    a_case(&at.desk).await;
    let ana = Invitee {
        name: PersonName::parse("Ana Rivas").unwrap(),
        mail: MailAddress::parse("ana@cumbre.example").unwrap(),
        role: Role::Agent,
    };
    invite(&at.desk, &Actor::System, vec![ana], Language::Es).await.unwrap();
    keep(&at.desk, &admin(), days("90")).await.unwrap();
    at.clock.advance(91 * DAY);
    assert_eq!(run(&at.desk).await.unwrap().mails, 1);
    let empty = "SELECT COUNT(*) FROM outbox WHERE body_text = '[…]' AND case_number = ''";
    assert_eq!(count(&at, empty).await, 1);
    let whole = "SELECT COUNT(*) FROM outbox WHERE body_text <> '[…]' AND recipient <> 'erased@erased.invalid' \
                 AND state = 'queued' AND case_number <> ''";
    assert_eq!(count(&at, whole).await, 1, "the case is open: its mail is needed");
    assert_eq!(run(&at.desk).await.unwrap().mails, 0, "once");
}

/// A case that was cancelled.
pub(crate) async fn ended(at: &TestDesk) -> CaseNumber {
    let number = a_case(&at.desk).await.number;
    execute(&at.desk, &staff(Role::Agent), number, contact()).await;
    let asked_by = domain::case::AskedBy::Customer;
    let cancel = domain::case::TerminationCommand::Cancel { asked_by, reason: reason("Ya no hace falta") };
    execute(&at.desk, &staff(Role::Agent), number, Command::Termination(cancel)).await;
    number
}

async fn case_that_is_open_or_can_be_reopened_is_kept(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (open, resolved) = (a_case(&at.desk).await.number, a_case(&at.desk).await.number);
    execute(&at.desk, &staff(Role::Agent), resolved, contact()).await;
    execute(&at.desk, &staff(Role::Agent), resolved, resolve("Se cambió la fuente")).await;
    let cancelled = ended(&at).await;
    keep(&at.desk, &admin(), days("90")).await.unwrap();
    at.clock.advance(89 * DAY);
    assert_eq!(run(&at.desk).await.unwrap().cases, 0);
    at.clock.advance(2 * DAY);
    assert_eq!(run(&at.desk).await.unwrap().cases, 1);
    assert!(!page(&at.desk, open).await.opening.report.contact.mail.is_erased());
    assert!(page(&at.desk, cancelled).await.opening.report.contact.mail.is_erased());
    for number in [open, resolved] {
        let refused = erase_case(&at.desk, &admin(), number, ErasureReason::Request).await;
        assert!(matches!(refused, Err(DeskError::Refused(Refusal::NotEnded))), "{refused:?}");
    }
}

async fn erased_case_says_who_and_takes_nothing_more(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = ended(&at).await;
    erase_case(&at.desk, &admin(), number, ErasureReason::Request).await.unwrap();
    let seen = page(&at.desk, number).await;
    let last = seen.history.last().unwrap();
    assert_eq!(last.event, Event::Erased { reason: ErasureReason::Request });
    assert!(matches!(&last.by, domain::case::Author::Staff { name, .. } if name == "Marta Salas"));
    assert!(seen.opening.report.contact.name.as_str().starts_with("N. N."));
    let more = Command::AddNote { audience: Audience::Internal, text: note("Llamó Ana Rivas.") };
    let refused = execute_command(&at.desk, &staff(Role::Agent), number, Expected::Any, more).await;
    assert!(matches!(refused, Err(DeskError::Refused(Refusal::Erased))), "{refused:?}");
    let twice = erase_case(&at.desk, &admin(), number, ErasureReason::Request).await;
    assert!(matches!(twice, Err(DeskError::Refused(Refusal::Erased))), "{twice:?}");
    assert_eq!(
        count(&at, "SELECT COUNT(*) FROM outbox WHERE state = 'queued' AND case_number <> ''").await,
        0
    );
    is_sound(&at.desk).await;
}

async fn sessions_that_have_ended_are_taken_out(engine: Engine) {
    use desk::access::device::Device;
    use desk::access::limits::Source;
    use desk::access::sign_in::{Attempt, sign_in};

    let at = TestDesk::open(engine).await;
    crate::invitations::agent(&at.desk, "Luis Mora", "luis@cumbre.example").await;
    let attempt = Attempt {
        mail: "luis@cumbre.example",
        password: crate::invitations::PASSWORD,
        source: Source::UNKNOWN,
        browser: None,
        device: Device::parse(""),
    };
    sign_in(&at.desk, attempt).await.unwrap();
    assert_eq!(run(&at.desk).await.unwrap(), Ran::default(), "it is good still");
    at.clock.advance(DAY);
    assert_eq!(run(&at.desk).await.unwrap().ended, 1);
    assert_eq!(count(&at, "SELECT COUNT(*) FROM sessions").await, 0);
}

async fn retention_queries_are_served_by_indexes(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut connection = explain::at_work(&at).await;
    for (sql, index) in [
        (
            "SELECT c.opened_utc_s, c.number FROM cases c
             WHERE c.opened_utc_s <= 900 AND (c.opened_utc_s, c.number) > (500, 'N500')
               AND COALESCE(c.status, '') IN ('closed', 'cancelled', 'duplicate')
               AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.case_number = c.number)
             ORDER BY c.opened_utc_s, c.number LIMIT 50",
            "cases_by_opening",
        ),
        (
            "SELECT id, created_utc_s FROM outbox WHERE id > 39000 ORDER BY id LIMIT 200",
            if engine == Engine::Sqlite { "sqlite_autoindex_outbox_1" } else { "outbox_pkey" },
        ),
        ("DELETE FROM known_browsers WHERE seen_utc_s <= 5", "known_browsers_by_use"),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}

async fn only_administrators_erase(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = ended(&at).await;
    let mail = page(&at.desk, number).await.opening.report.contact.mail;
    for actor in [staff(Role::Supervisor), Actor::Customer(number), Actor::Anonymous] {
        assert!(erase_case(&at.desk, &actor, number, ErasureReason::Request).await.is_err(), "{actor:?}");
        assert!(keep(&at.desk, &actor, days("90")).await.is_err(), "{actor:?}");
        assert!(known_of(&at.desk, &actor, &mail).await.is_err(), "{actor:?}");
        assert!(export(&at.desk, &actor, &mail, &[number]).await.is_err(), "{actor:?}");
    }
}

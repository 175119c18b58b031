//! The demonstration: complete, loaded once, and never mailed. Also the default plans, which exist without it.

use std::collections::BTreeSet;

use crate::support::{START, TestDesk, a_form, an_opening, both_engines, count};
use desk::DeskError;
use desk::access::device::Device;
use desk::access::displays::{Pairing, display, pair};
use desk::access::limits::Source;
use desk::access::sign_in::{Attempt, Use, session, sign_in};
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::open_case;
use desk::cases::read::read_case;
use desk::lab::demo::{self, DemoLoaded, Sample};
use desk::scheduler;
use desk::store::Engine;
use domain::actor::Actor;
use domain::case::{Case, Command, Refusal, Status};
use domain::case_number::CaseNumber;
use domain::contract_number::{ContractNumber, default_formats};
use domain::country::Country;
use domain::entitlement::{Entitlement, ValidationReason};
use domain::serial::{Serial, SerialFormats};
use domain::text::Note;
use sqlx::Row;

both_engines! {
    demonstration_is_loaded_once,
    demonstration_staff_signs_in,
    demonstration_has_cases_of_every_status,
    demonstration_mails_are_never_delivered,
    demonstration_register_is_complete,
    demonstration_samples_have_the_entitlement_that_they_name,
    every_country_has_a_default_plan_without_a_register,
}

async fn column(at: &TestDesk, sql: &'static str) -> Vec<String> {
    let mut connection = at.connection().await;
    sqlx::query(sql).fetch_all(&mut connection).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn demonstration_is_loaded_once(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let first = demo::load(&at.desk).await.unwrap();
    assert_eq!(first.cases, 16);
    let token = first.display_token.as_deref().unwrap();
    let Pairing::Paired(secret) = pair(&at.desk, token, None).await.unwrap() else { panic!("not paired") };
    assert!(matches!(display(&at.desk, &secret).await.unwrap(), Some(Actor::Display { .. })));
    let rows = count(&at, "SELECT COUNT(*) FROM case_events").await;
    at.clock.advance(3600);
    let second = demo::load(&at.desk).await.unwrap();
    assert_eq!(second, DemoLoaded { display_token: None, cases: 0, ..first });
    assert_eq!(count(&at, "SELECT COUNT(*) FROM case_events").await, rows);
    assert_eq!(count(&at, "SELECT COUNT(*) FROM displays").await, 1);
    assert_eq!(count(&at, "SELECT COUNT(*) FROM people").await, 4);
}

async fn demonstration_staff_signs_in(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let loaded = demo::load(&at.desk).await.unwrap();
    assert_eq!(loaded.staff.len(), 4);
    for (role, mail, password) in loaded.staff {
        let attempt =
            Attempt { mail, password, source: Source::UNKNOWN, browser: None, device: Device::parse("") };
        let secret = sign_in(&at.desk, attempt).await.unwrap().session;
        let Some(Actor::Staff(who)) = session(&at.desk, &secret, Use::Asks).await.unwrap() else {
            panic!("nobody")
        };
        assert_eq!(who.role, role);
    }
}

async fn demonstration_has_cases_of_every_status(engine: Engine) {
    let at = TestDesk::open(engine).await;
    demo::load(&at.desk).await.unwrap();
    let statuses: BTreeSet<_> = column(&at, "SELECT status FROM cases").await.into_iter().collect();
    let all: BTreeSet<_> = Status::ALL.iter().map(|status| status.code().to_owned()).collect();
    assert_eq!(statuses, all);
    let countries: BTreeSet<_> = column(&at, "SELECT country FROM cases").await.into_iter().collect();
    assert_eq!(countries.len(), 3);
    let coverage: BTreeSet<_> = column(&at, "SELECT coverage FROM cases").await.into_iter().collect();
    for expected in [
        Entitlement::Covered,
        Entitlement::NeedsValidation(ValidationReason::Expired),
        Entitlement::NeedsValidation(ValidationReason::UnknownSerial),
    ] {
        assert!(coverage.contains(expected.code()), "{expected:?} in {coverage:?}");
    }
    // Some targets are breached, and one will be within two minutes, at any hour of the day.
    let overdue = count(&at, "SELECT COUNT(*) FROM cases WHERE is_open = 1 AND due_utc_s < 1795442400").await;
    assert!(overdue >= 2, "{overdue} overdue");
    let soon = "SELECT COUNT(*) FROM cases WHERE is_open = 1 AND due_utc_s BETWEEN 1795442400 AND 1795442520";
    assert!(count(&at, soon).await >= 1);
    // Numbers rise with time.
    let by_time = "SELECT number FROM cases WHERE country = 'VE' ORDER BY opened_utc_s";
    let numbers = column(&at, by_time).await;
    assert!(numbers.is_sorted() && numbers.len() >= 4, "{numbers:?}");
}

/// One case was closed so long ago that it cannot be reopened, on any day of loading.
#[tokio::test]
async fn demonstration_has_a_closed_case_beyond_reopening() {
    const DAY: i64 = 24 * 3600;
    // A Monday in December, one in January, one in the week after Easter.
    for days in [21, 49, 133] {
        let at = TestDesk::open(Engine::Sqlite).await;
        at.clock.advance(days * DAY);
        demo::load(&at.desk).await.unwrap();
        let number = column(&at, "SELECT number FROM cases ORDER BY opened_utc_s").await.swap_remove(0);
        let number = CaseNumber::parse(&number).unwrap();
        let page = read_case(&at.desk, &Actor::Customer(number), number).await.unwrap();
        assert!(page.report.is_some_and(|report| report.end.can_be_followed(page.now)), "{days}");
        let reopen = Command::Reopen { said: Note::parse("Volvió la raya.").unwrap() };
        let refused =
            execute_command(&at.desk, &Actor::Customer(number), number, Expected::Any, reopen).await;
        assert!(matches!(refused, Err(DeskError::Refused(Refusal::ReopenWindowOver))), "{refused:?}");
    }
}

async fn demonstration_mails_are_never_delivered(engine: Engine) {
    let at = TestDesk::open(engine).await;
    demo::load(&at.desk).await.unwrap();
    let states: BTreeSet<_> = column(&at, "SELECT state FROM outbox").await.into_iter().collect();
    assert_eq!(states.into_iter().collect::<Vec<_>>(), ["sent"]);
    for recipient in column(&at, "SELECT recipient FROM outbox").await {
        assert!(recipient.ends_with(".example"), "{recipient}");
    }
    // Nor when the scheduler runs: then only the staff gets mails.
    scheduler::tick(&at.desk).await.unwrap();
    let later = column(&at, "SELECT kind FROM outbox WHERE state = 'queued'").await;
    assert!(later.iter().all(|kind| kind.starts_with("warning")), "{later:?}");
}

async fn demonstration_register_is_complete(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    demo::register(&at.desk).await.unwrap();
    assert_eq!(count(&at, "SELECT COUNT(*) FROM contracts").await, 17);
    assert_eq!(count(&at, "SELECT COUNT(*) FROM plans").await, 7);
    let today = "2026-11-23".parse().unwrap();
    let mut connection = at.connection().await;
    let rows =
        sqlx::query("SELECT serial, manufacturer FROM equipment").fetch_all(&mut connection).await.unwrap();
    assert!(rows.len() >= 60);
    for row in rows {
        let (serial, maker): (String, String) = (row.get(0), row.get(1));
        let serial = Serial::parse(&serial).unwrap();
        assert!(
            !SerialFormats::default().recognise(&serial, Some(&maker), today).flagged_unknown,
            "{maker} {serial}"
        );
    }
}

async fn coverage(at: &TestDesk, sample: &Sample) -> Entitlement {
    let wish = an_opening(sample.serial);
    let report = a_form(sample).report().unwrap();
    let opened =
        open_case(&at.desk, &Actor::Anonymous, desk::cases::open::OpenCase { report, ..wish }).await.unwrap();
    let mut connection = at.connection().await;
    let rows = sqlx::query("SELECT document FROM case_events WHERE case_number = $1 ORDER BY version")
        .bind(opened.number.as_compact())
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let history: Vec<_> =
        rows.iter().map(|row| serde_json::from_str(row.get::<&str, _>(0)).unwrap()).collect();
    Case::from_history(&history).unwrap().opening.coverage
}

async fn demonstration_samples_have_the_entitlement_that_they_name(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    for sample in [demo::CARACAS, demo::BOGOTA, demo::TIJUANA, demo::MARACAIBO] {
        assert_eq!(coverage(&at, &sample).await, Entitlement::Covered, "{sample:?}");
    }
    assert_eq!(coverage(&at, &demo::EXPIRED).await, Entitlement::NeedsValidation(ValidationReason::Expired));
    assert_eq!(
        coverage(&at, &demo::FUTURE).await,
        Entitlement::NeedsValidation(ValidationReason::NotYetInForce)
    );
    for sample in demo::SAMPLES {
        let number = ContractNumber::parse(sample.contract, default_formats()).unwrap();
        assert_eq!(number.as_str(), sample.contract);
    }
}

async fn every_country_has_a_default_plan_without_a_register(engine: Engine) {
    let at = TestDesk::open(engine).await;
    assert_eq!(
        column(&at, "SELECT name FROM plans ORDER BY id").await,
        ["Estándar Venezuela", "Estándar Colombia", "Estándar México"]
    );
    for (country, sample) in
        [(Country::Ve, demo::CARACAS), (Country::Co, demo::BOGOTA), (Country::Mx, demo::TIJUANA)]
    {
        assert_eq!(sample.country, country);
        assert_eq!(
            coverage(&at, &sample).await,
            Entitlement::NeedsValidation(ValidationReason::UnknownContract)
        );
    }
    let opened = column(&at, "SELECT calendar_id || '' FROM cases ORDER BY calendar_id").await;
    assert_eq!(opened, ["1", "2", "3"], "each in its own country's calendar");
    // Monday, 10:00 in Caracas: the first response of a P1 is due in a quarter of an hour.
    let due = "SELECT due_utc_s FROM cases WHERE country = 'VE'";
    assert_eq!(count(&at, due).await, START.0 + 15 * 60);
    // The next start finds them.
    at.another().await;
    assert_eq!(count(&at, "SELECT COUNT(*) FROM plans").await, 3);
}

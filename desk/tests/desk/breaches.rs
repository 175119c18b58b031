//! Breached targets in mails, on every engine: the target, and contract and hours where a correction changed them
//! since.

use desk::cases::open::{OpenCase, open_case};
use desk::cases::read::read_case;
use desk::documents::closing_report::closing_account;
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::scheduler;
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{AskedBy, Channel, Command, ContractRef, RevisionCommand, TerminationCommand, Verdict};
use domain::case_number::CaseNumber;
use domain::contract_number::{ContractNumber, default_formats};
use domain::priority::Priority;
use domain::serial::Serial;
use domain::sla_plan::SlaMetric;
use domain::text::PersonName;
use sqlx::Row;

use crate::support::{TestDesk, a_form, an_opening, both_engines, contact, execute, reason, resolve, staff};

both_engines! {
    breach_names_the_target_and_contract_that_it_missed,
    breach_keeps_its_due_time_when_the_priority_changes,
    breach_revealed_by_a_correction_is_mailed_to_assignee_and_supervisors,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

async fn close(test: &TestDesk, number: CaseNumber) {
    execute(&test.desk, &staff(Role::Supervisor), number, resolve("Se reemplazó la fuente")).await;
    let who = PersonName::parse("Luis Peña").ok();
    let channel = Some(Channel::Phone);
    execute(
        &test.desk,
        &staff(Role::Supervisor),
        number,
        Command::Verify { verdict: Verdict::Works, channel, who, said: None },
    )
    .await;
}

/// The text of the last mail to the customer.
async fn last_mail(test: &TestDesk, number: CaseNumber) -> String {
    let row = sqlx::query(
        "SELECT body_text FROM outbox WHERE case_number = $1 AND kind NOT IN ('warning', 'warnings')
         ORDER BY id DESC LIMIT 1",
    )
    .bind(number.as_compact())
    .fetch_one(&mut test.connection().await)
    .await
    .unwrap();
    // Independent of line breaks.
    row.get::<String, _>(0).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Opened in the evening at a site covered day and night, with a first response of ten minutes, met after 12 min 50 s.
/// Then corrected to a contract with hours from eight to six.
async fn corrected(test: &TestDesk, key: &str) -> CaseNumber {
    let wish = OpenCase { report: a_form(&demo::CARACAS).report().unwrap(), ..an_opening(key) };
    let number = open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number;
    test.clock.advance(12 * MINUTE + 50);
    scheduler::tick(&test.desk).await.unwrap();
    execute(&test.desk, &staff(Role::Supervisor), number, contact()).await;
    let to = ContractRef {
        contract: Some(ContractNumber::parse(demo::MARACAIBO.contract, default_formats()).unwrap()),
        serial: Serial::parse(demo::MARACAIBO.serial).unwrap(),
    };
    let reason = reason("Se leyó la etiqueta de otro equipo");
    execute(
        &test.desk,
        &staff(Role::Supervisor),
        number,
        Command::Revision(RevisionCommand::Correct { to, reason, resolved: None }),
    )
    .await;
    number
}

async fn breach_names_the_target_and_contract_that_it_missed(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    test.clock.advance(9 * HOUR);
    let closed = corrected(&test, "broken-closed-0001").await;
    let cancelled = corrected(&test, "broken-cancelled-01").await;
    let file = read_case(&test.desk, &Actor::Customer(closed), closed).await.unwrap();
    let missed = file.missed.iter().find(|missed| missed.clock.kind == SlaMetric::FirstResponse).unwrap();
    assert_eq!((missed.clock.applied_target_s(), missed.clock.used_s), (600, 0));
    let under = missed.under.as_ref().unwrap();
    assert_eq!(under.calendar.as_deref(), Some("24x7"));
    assert_eq!(under.contract.as_ref().unwrap().as_str(), demo::CARACAS.contract);

    close(&test, closed).await;
    let cancel =
        TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason: reason("Ya no hace falta") };
    execute(&test.desk, &staff(Role::Supervisor), cancelled, Command::Termination(cancel)).await;
    for number in [closed, cancelled] {
        let text = last_mail(&test, number).await;
        for words in ["10 min", demo::CARACAS.contract, "24x7", "Se incumplió el"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let account = read_case(&test.desk, &staff(Role::Agent), number).await.unwrap().report.unwrap();
        let told = account.measured.iter().find(|of| of.kind == SlaMetric::FirstResponse).unwrap();
        assert_eq!((told.target_s, told.under.as_ref()), (600, Some(under)));
    }
    assert!(!closing_account(&test.desk, &staff(Role::Agent), closed).await.unwrap().is_empty());
    scheduler::tick(&test.desk).await.unwrap();
    let proof = check(&test.desk, SchedulerState::UpToDate).await.unwrap();
    assert!(proof.inconsistencies.is_empty(), "{:?}", proof.inconsistencies);
}

async fn breach_keeps_its_due_time_when_the_priority_changes(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let wish =
        OpenCase { report: a_form(&demo::CARACAS).report().unwrap(), ..an_opening("broken-late-0001") };
    let number = open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number;
    test.clock.advance(5 * MINUTE);
    execute(&test.desk, &staff(Role::Supervisor), number, contact()).await;
    // Four hours for the resolution. After the breach another priority gives eight.
    test.clock.advance(4 * HOUR);
    scheduler::tick(&test.desk).await.unwrap();
    let to = Priority::P2;
    execute(
        &test.desk,
        &staff(Role::Supervisor),
        number,
        Command::ChangePriority { to, reason: reason("Ya hay un equipo de respaldo") },
    )
    .await;
    let text = last_mail(&test, number).await;
    assert!(text.contains("no lo cumplimos") && !text.contains("prometida ahora"), "{text}");
    test.clock.advance(HOUR + 18 * MINUTE);
    close(&test, number).await;
    let text = last_mail(&test, number).await;
    assert!(text.contains("5 h 23 min") && text.contains("4 h") && !text.contains("8 h"), "{text}");
}

async fn breach_revealed_by_a_correction_is_mailed_to_assignee_and_supervisors(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    // An hour or less under hours from eight to six; ten minutes under the right contract.
    let wish =
        OpenCase { report: a_form(&demo::MARACAIBO).report().unwrap(), ..an_opening("revealed-000001") };
    let number = open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number;
    test.clock.advance(12 * MINUTE);
    execute(&test.desk, &staff(Role::Supervisor), number, contact()).await;
    scheduler::tick(&test.desk).await.unwrap();
    let warned = "SELECT document FROM case_events WHERE case_number = $1 AND kind = 'warned'";
    let count = async || {
        let all = sqlx::query(warned).bind(number.as_compact());
        let all = all.fetch_all(&mut test.connection().await).await.unwrap();
        all.iter().filter(|row| row.get::<String, _>(0).contains("\"level\":100")).count()
    };
    assert_eq!(count().await, 0, "kept, as far as anybody knows");
    let to = ContractRef {
        contract: Some(ContractNumber::parse(demo::CARACAS.contract, default_formats()).unwrap()),
        serial: Serial::parse(demo::CARACAS.serial).unwrap(),
    };
    let reason = reason("Era el contrato de otro sitio");
    execute(
        &test.desk,
        &staff(Role::Supervisor),
        number,
        Command::Revision(RevisionCommand::Correct { to, reason, resolved: None }),
    )
    .await;
    scheduler::tick(&test.desk).await.unwrap();
    scheduler::tick(&test.desk).await.unwrap();
    assert_eq!(count().await, 1);
    let file = read_case(&test.desk, &staff(Role::Agent), number).await.unwrap();
    assert_eq!(file.missed.len(), 1);
    assert_eq!(file.missed[0].under, None, "its figures say why");
}

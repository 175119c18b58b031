//! Verification over the store, on every engine: confirmation, closing, reminders, and their mails.

use std::collections::BTreeSet;

use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::scheduler;
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{Case, Channel, CloseReason, Command, End, Event, Refusal, Status, Verdict};
use domain::case_number::CaseNumber;
use domain::sla_plan::SlaMetric;
use domain::text::PersonName;
use sqlx::Row;

use crate::support::{
    QueuedMail, TestDesk, a_case, both_engines, contact, mails, note, page, resolve, staff,
};

both_engines! {
    confirmation_by_link_closes_the_case_and_mails_the_closing_report,
    failed_verification_reopens_the_case_with_a_new_resolution_target,
    unanswered_resolution_is_reminded_of_and_never_closed_by_the_scheduler,
    verification_is_refused_for_the_link_of_another_case,
}

const HOUR: i64 = 3600;

fn by_link(verdict: Verdict) -> Command {
    Command::Verify { verdict, channel: None, who: None, said: Some(note("Probado en los dos pisos")) }
}

/// A case that was opened, contacted after ten minutes and resolved an hour later.
async fn resolved(test: &TestDesk) -> CaseNumber {
    let number = a_case(&test.desk).await.number;
    let agent = staff(Role::Agent);
    test.clock.advance(600);
    execute_command(&test.desk, &agent, number, Expected::Version(1), contact()).await.unwrap();
    test.clock.advance(HOUR);
    execute_command(
        &test.desk,
        &agent,
        number,
        Expected::Version(2),
        resolve("Se reemplazó la fuente del switch"),
    )
    .await
    .unwrap();
    number
}

async fn confirmation_by_link_closes_the_case_and_mails_the_closing_report(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = resolved(&test).await;
    let customer = Actor::Customer(number);
    test.clock.advance(HOUR);
    execute_command(&test.desk, &customer, number, Expected::Any, by_link(Verdict::Works)).await.unwrap();
    let file = page(&test.desk, number).await;
    assert_eq!(file.status, Status::Closed);
    assert!(!file.came_back());
    let account = file.report.as_ref().unwrap();
    assert!(matches!(account.end, End::Closed(closed) if closed.reason == CloseReason::Confirmed));
    let took: Vec<_> = account.measured.iter().map(|m| (m.kind, m.business_s, m.is_met())).collect();
    let expected = [(SlaMetric::FirstResponse, 600, true), (SlaMetric::Resolution, 600 + HOUR, true)];
    assert_eq!(took, expected);
    // The row equals the folded history.
    let case = Case::from_history(&file.history).unwrap();
    assert_eq!(case.closing_report(&file.hours.spans).as_ref(), Some(account));

    let mails = mails(&test, number).await;
    let subjects: Vec<_> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    let of = |words: &str| words.replace("{}", &number.to_string());
    let heads: Vec<_> = subjects.iter().map(|subject| subject.split(" · ").next().unwrap()).collect();
    assert_eq!(heads, [of("Caso {} abierto"), of("Caso {}: ¿quedó resuelto?"), of("Caso {} cerrado")]);
    let rests: BTreeSet<_> = subjects.iter().map(|subject| subject.split_once(" · ").unwrap().1).collect();
    assert_eq!(rests.len(), 1, "all of them name equipment and site: {rests:?}");
    assert!(mails[1].text.contains("Se reemplazó la fuente del switch"), "{}", mails[1].text);
    for words in ["10 min", "1 h 10 min", "Cumplido", "SOLUCIÓN VERIFICADA CON USTED"] {
        assert!(mails[2].text.contains(words), "{words}: {}", mails[2].text);
    }
    assert!(
        mails[0].thread.is_none() && mails[1].thread.is_some() && mails[1].thread == mails[2].thread,
        "one thread"
    );

    let again =
        execute_command(&test.desk, &customer, number, Expected::Any, by_link(Verdict::StillFails)).await;
    assert!(matches!(again, Err(DeskError::Refused(Refusal::NothingToVerify))));
    let seen = read_case(&test.desk, &customer, number).await.unwrap();
    assert_eq!(seen.report, file.report, "the customer reads the same account");
}

async fn failed_verification_reopens_the_case_with_a_new_resolution_target(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = resolved(&test).await;
    test.clock.advance(HOUR);
    let customer = Actor::Customer(number);
    execute_command(&test.desk, &customer, number, Expected::Any, by_link(Verdict::StillFails))
        .await
        .unwrap();
    let file = page(&test.desk, number).await;
    assert_eq!(file.status, Status::InProgress);
    let resolution = file.clocks.iter().find(|clock| clock.kind == SlaMetric::Resolution).unwrap();
    assert_eq!((resolution.cycle, resolution.used_s), (2, 0));
    let row = sqlx::query("SELECT is_open FROM cases WHERE number = $1")
        .bind(number.as_compact())
        .fetch_one(&mut test.connection().await)
        .await
        .unwrap();
    assert_eq!(row.get::<i64, _>(0), 1, "back in the queue and on the wall");
    assert!(file.came_back());
    let QueuedMail { subject, text, thread, .. } = mails(&test, number).await.pop().unwrap();
    assert!(subject.starts_with(&format!("Caso {number} abierto de nuevo · ")), "{subject}");
    for words in
        ["La solución está prometida ahora a más tardar", "Sigue fallando", "Probado en los dos pisos"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(thread.is_some(), "in the case's thread");

    let agent = staff(Role::Agent);
    execute_command(
        &test.desk,
        &agent,
        number,
        Expected::Version(file.version),
        resolve("Se reemplazó la fuente del switch"),
    )
    .await
    .unwrap();
    let who = Some(PersonName::parse("Ana Rivas").unwrap());
    let word = Command::Verify { verdict: Verdict::Works, channel: Some(Channel::Phone), who, said: None };
    execute_command(&test.desk, &agent, number, Expected::Any, word).await.unwrap();
    let account = page(&test.desk, number).await.report.unwrap();
    let cycles: Vec<_> = account.measured.iter().map(|m| (m.kind, m.cycle)).collect();
    let expected = [(SlaMetric::FirstResponse, 1), (SlaMetric::Resolution, 1), (SlaMetric::Resolution, 2)];
    assert_eq!(cycles, expected);
}

async fn unanswered_resolution_is_reminded_of_and_never_closed_by_the_scheduler(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = resolved(&test).await;
    for _ in 0..15 * 24 {
        test.clock.advance(HOUR);
        scheduler::tick(&test.desk).await.unwrap();
    }
    let file = page(&test.desk, number).await;
    let count = |wanted: fn(&Event) -> bool| file.history.iter().filter(|e| wanted(&e.event)).count();
    assert_eq!(count(|event| matches!(event, Event::VerificationReminded { .. })), 2);
    assert_eq!(count(|event| matches!(event, Event::VerificationUnanswered)), 1);
    assert_eq!((file.status, file.awaits_decision), (Status::Resolved, true));
    let reminders = mails(&test, number).await;
    let reminders = reminders.iter().filter(|mail| mail.subject.contains("falta su confirmación"));
    assert_eq!(reminders.count(), 2);
}

async fn verification_is_refused_for_the_link_of_another_case(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = resolved(&test).await;
    let other = a_case(&test.desk).await.number;
    for actor in [Actor::Customer(other), Actor::Anonymous] {
        let refused =
            execute_command(&test.desk, &actor, number, Expected::Any, by_link(Verdict::Works)).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{actor:?}");
    }
    assert_eq!(page(&test.desk, number).await.status, Status::Resolved);
}

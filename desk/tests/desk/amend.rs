//! Amendments of contact, location and fault, and mails that are sent again, on every engine.

use desk::Desk;
use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::outbox::read;
use desk::outbox::{ResendError, Settings, deliver_due, resend};
use desk::search::{catch_up, search};
use desk::store::Engine;
use domain::actor::{Actor, NotPermitted, Role};
use domain::case::{
    AMENDMENTS_PER_HOUR, AmendForm, AskedBy, Command, Event, Refusal, Report, RevisionCommand, RevisionEvent,
    RevisionRefusal, TerminationCommand, report_at,
};
use domain::case_number::CaseNumber;
use domain::phone::Phone;
use domain::search::Found;
use domain::text::Reason;
use domain::view::{CasePage, MailState};

use crate::outbox::over_smtp;
use crate::support::smtp::{Manner, Server};
use crate::support::{TestDesk, a_case, both_engines, nth_mail, staff};

both_engines! {
    amendment_by_staff_updates_contact_place_and_fault_wherever_they_show,
    customer_amends_all_but_the_place_within_a_limit,
    refused_mails_are_sent_again_to_the_amended_address,
    refused_mails_are_sent_again_by_an_agent_to_the_same_address,
    mail_address_of_an_ended_case_can_be_amended,
}

async fn deliver(desk: &Desk, server: &Server) -> usize {
    deliver_due(desk, &over_smtp(server), &Settings::default()).await.unwrap()
}

async fn page(desk: &Desk, actor: &Actor, number: CaseNumber) -> CasePage {
    read_case(desk, actor, number).await.unwrap()
}

async fn report(desk: &Desk, number: CaseNumber) -> Report {
    page(desk, &staff(Role::Agent), number).await.opening.report
}

/// An amendment by a writer who saw that report.
fn typed(seen: &Report, change: impl FnOnce(&mut AmendForm)) -> Command {
    let mut form = AmendForm { reason: "Se anotó mal".into(), ..AmendForm::of(seen) };
    change(&mut form);
    let what = Box::new(form.read(seen).unwrap());
    Command::Revision(RevisionCommand::Amend { what, undelivered: 99 })
}

fn refusal(outcome: Result<u32, DeskError>) -> Refusal {
    match outcome {
        Err(DeskError::Refused(refusal)) => refusal,
        Err(DeskError::NotPermitted(refused)) => refused.into(),
        other => panic!("{other:?}"),
    }
}

async fn amendment_by_staff_updates_contact_place_and_fault_wherever_they_show(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    for role in [Role::Agent, Role::Technician] {
        let number = a_case(desk).await.number;
        let seen = report(desk, number).await;
        let command = typed(&seen, |form| {
            form.name = "Carmen Ortiz".into();
            form.phone = "0212-5550199 ext. 12".into();
            form.second = "0424-555.01.98".into();
            form.location = "Torre Sur, sótano".into();
            form.fault = "No enciende y huele a quemado.".into();
        });
        test.clock.advance(60);
        execute_command(desk, &staff(role), number, Expected::Version(1), command.clone()).await.unwrap();
        let file = page(desk, &staff(Role::Agent), number).await;
        let now = &file.opening.report;
        let phones: Vec<String> = now.contact.phones().map(Phone::international).collect();
        assert_eq!(phones, ["+58 212 555 0199 ext. 12", "+58 424 555 0198"]);
        assert_eq!(
            (now.contact.name.as_str(), now.location.as_str(), now.fault.as_str()),
            ("Carmen Ortiz", "Torre Sur, sótano", "No enciende y huele a quemado.")
        );
        // The original statement is still in the history.
        assert_eq!(report_at(&file.history, 1).unwrap(), seen);
        let Event::Revision(RevisionEvent::Amended { what, resent }) = &file.history[1].event else {
            panic!()
        };
        // The waiting opening mail has the same address, so it is not sent again.
        assert_eq!((*resent, what.reason.as_str()), (0, "Se anotó mal"));
        let told = file.mails.last().unwrap();
        assert!(told.subject.contains("datos corregidos"), "{}", told.subject);
        assert_eq!(file.mails.len(), 2);
        // A repeated or outdated amendment changes nothing.
        let stale = refusal(execute_command(desk, &staff(role), number, Expected::Version(2), command).await);
        assert_eq!(stale, RevisionRefusal::ReportChanged.into());
        let nothing = typed(&report(desk, number).await, |_| ());
        let same = refusal(execute_command(desk, &staff(role), number, Expected::Version(2), nothing).await);
        assert_eq!(same, RevisionRefusal::SameReport.into());
    }
    catch_up(desk).await.unwrap();
    for text in ["carmen ortiz", "555 0198", "0199", "quemado"] {
        let found = search(desk, &staff(Role::Agent), text).await.unwrap();
        assert!(matches!(&found, Found::Cases(rows) if rows.len() == 2), "{text}: {found:?}");
    }
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn customer_amends_all_but_the_place_within_a_limit(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let (number, other) = (a_case(desk).await.number, a_case(desk).await.number);
    let customer = Actor::Customer(number);
    let seen = report(desk, number).await;
    let place = typed(&seen, |form| form.location = "Otra torre".into());
    let refused = refusal(execute_command(desk, &customer, number, Expected::Any, place).await);
    assert_eq!(refused, Refusal::NotPermitted(NotPermitted));
    let fault = typed(&seen, |form| form.fault = "Ahora tampoco hay luz en el panel.".into());
    let strangers =
        execute_command(desk, &Actor::Customer(other), number, Expected::Any, fault.clone()).await;
    assert_eq!(refusal(strangers), Refusal::NotPermitted(NotPermitted));
    execute_command(desk, &customer, number, Expected::Any, fault).await.unwrap();
    let theirs = page(desk, &customer, number).await;
    assert_eq!(theirs.opening.report.fault.as_str(), "Ahora tampoco hay luz en el panel.");
    assert!(matches!(theirs.history[1].event, Event::Revision(RevisionEvent::Amended { .. })));
    // Customers get no mail about their own amendments.
    assert_eq!(page(desk, &staff(Role::Agent), number).await.mails.len(), 1);

    for nth in 1..AMENDMENTS_PER_HOUR {
        let second = typed(&report(desk, number).await, |form| form.second = format!("0414 555 020{nth}"));
        execute_command(desk, &customer, number, Expected::Any, second).await.unwrap();
    }
    let more = typed(&report(desk, number).await, |form| form.second = String::new());
    let refused = refusal(execute_command(desk, &customer, number, Expected::Any, more.clone()).await);
    assert_eq!(refused, RevisionRefusal::TooManyAmendments.into());
    execute_command(desk, &staff(Role::Agent), number, Expected::Any, more).await.unwrap();
    test.clock.advance(3600);
    let later = typed(&report(desk, number).await, |form| form.name = "Luis Peña Gil".into());
    execute_command(desk, &customer, number, Expected::Any, later).await.unwrap();
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn refused_mails_are_sent_again_to_the_amended_address(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let mut server = Server::start([Manner::Refuses]).await;
    let (number, agent) = (a_case(desk).await.number, staff(Role::Agent));
    assert_eq!(page(desk, &agent, number).await.undelivered, None);
    deliver(desk, &server).await;
    for reader in [&agent, &Actor::Customer(number)] {
        let told = page(desk, reader, number).await.undelivered.unwrap();
        assert_eq!((told.address.as_str(), told.count), ("luis.pena@example.com", 1));
        assert_eq!(told.at, test.clock.now());
    }
    server.behave(Manner::Takes);
    assert_eq!(deliver(desk, &server).await, 0, "nobody tries by itself");
    let right = typed(&report(desk, number).await, |form| form.mail = "l.pena@example.com".into());
    execute_command(desk, &agent, number, Expected::Any, right).await.unwrap();
    let file = page(desk, &agent, number).await;
    let Event::Revision(RevisionEvent::Amended { resent: 1, .. }) = &file.history[1].event else {
        panic!("{:?}", file.history[1])
    };
    assert_eq!(file.undelivered, None);
    assert_eq!(deliver(desk, &server).await, 2);
    let (first, second) = (server.next().await, server.next().await);
    for taken in [&first, &second] {
        assert_eq!(taken.to, ["RCPT TO:<l.pena@example.com>"]);
    }
    let opening = read(desk, &Actor::System, nth_mail(desk, 1).await).await.unwrap();
    assert_eq!(opening.line.seen.state, MailState::Sent);
    assert!(opening.line.seen.subject.contains(&number.grouped()) || !opening.text.is_empty());
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn refused_mails_are_sent_again_by_an_agent_to_the_same_address(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let mut server = Server::start([Manner::Refuses]).await;
    let (number, agent) = (a_case(desk).await.number, staff(Role::Agent));
    deliver(desk, &server).await;
    let stranger = resend(desk, &Actor::Customer(number), number).await;
    assert!(matches!(stranger, Err(ResendError::Desk(DeskError::NotPermitted(_)))));
    server.behave(Manner::Takes);
    resend(desk, &agent, number).await.unwrap();
    assert_eq!(page(desk, &agent, number).await.undelivered, None);
    assert_eq!(deliver(desk, &server).await, 1);
    assert_eq!(server.next().await.to, ["RCPT TO:<luis.pena@example.com>"]);
    let again = resend(desk, &agent, number).await;
    assert!(matches!(again, Err(ResendError::NoneGivenUp)));
}

async fn mail_address_of_an_ended_case_can_be_amended(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let number = a_case(desk).await.number;
    let reason = Reason::parse("Ya no hace falta").unwrap();
    let cancel = TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason };
    execute_command(desk, &staff(Role::Agent), number, Expected::Version(1), Command::Termination(cancel))
        .await
        .unwrap();
    let right = typed(&report(desk, number).await, |form| form.mail = "l.pena@example.com".into());
    execute_command(desk, &Actor::Customer(number), number, Expected::Any, right).await.unwrap();
    let file = page(desk, &staff(Role::Agent), number).await;
    assert!(file.mails.iter().all(|mail| mail.recipient == "l.pena@example.com"), "{:?}", file.mails);
    let told = read(desk, &Actor::System, nth_mail(desk, 3).await).await.unwrap();
    assert!(!told.text.contains("Luis") && !told.text.contains("Se anotó mal"), "{}", told.text);
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

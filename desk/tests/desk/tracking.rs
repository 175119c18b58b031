//! Links to cases that are renewed and expire: the one before leads nowhere, and the new one goes to the contact alone.

use desk::DeskError;
use desk::access::limits::Source;
use desk::access::tokens::TrackingLink;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::cases::tracking::{Held, LinkError, RenewError, held, renew_own};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{
    Audience, Command, Event, MessageCommand, Recorded, Refusal, TerminationCommand, TrackingCommand,
    TrackingRefusal,
};
use domain::case_number::CaseNumber;

use crate::support::{TestDesk, a_case, both_engines, execute, mails, note, page, reason, staff};

both_engines! {
    renewed_link_ends_the_one_before_and_goes_to_the_contact_alone,
    staff_renews_a_link_with_a_reason_that_the_customer_does_not_read,
    link_expires_after_the_end_of_its_case_and_is_renewed_by_mail,
    link_is_not_renewed_where_no_mail_would_arrive,
}

const DAY: i64 = 86_400;

/// The case that a contact's link leads to.
async fn case_of(at: &TestDesk, tracking: &str) -> CaseNumber {
    let Held { number, participant } = held(&at.desk, tracking).await.unwrap();
    assert_eq!(participant, None);
    number
}

fn source() -> Source {
    Source::of("192.0.2.1".parse().unwrap())
}

fn link(at: &TestDesk, number: CaseNumber, generation: u32) -> String {
    at.desk.tokens().tracking(TrackingLink::of_generation(number, generation))
}

async fn renew(at: &TestDesk, tracking: &str) -> Result<(), RenewError> {
    renew_own(&at.desk, tracking, None, source()).await
}

async fn is_unknown(at: &TestDesk, tracking: &str) -> bool {
    matches!(held(&at.desk, tracking).await, Err(LinkError::Desk(DeskError::NotFound)))
}

async fn renewed_link_ends_the_one_before_and_goes_to_the_contact_alone(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let opened = a_case(&at.desk).await;
    assert_eq!(case_of(&at, &opened.tracking).await, opened.number);
    assert!(is_unknown(&at, &link(&at, opened.number, 1)).await, "no link counts before it was given");
    renew(&at, &opened.tracking).await.unwrap();
    let next = link(&at, opened.number, 1);
    assert!(is_unknown(&at, &opened.tracking).await);
    assert_eq!(case_of(&at, &next).await, opened.number);

    let [opening, renewed] = mails(&at, opened.number).await.try_into().unwrap();
    assert_eq!((opening.kind.as_str(), renewed.kind.as_str()), ("opening", "links"));
    assert!(renewed.subject.contains(&opened.number.to_string()), "{}", renewed.subject);
    // The mail of the opening had not been sent: it gets the link that counts.
    for mail in [&opening.text, &renewed.text] {
        assert!(mail.contains(&format!("/track/{next}")) && !mail.contains(&opened.tracking), "{mail}");
    }
    let again = renew(&at, &opened.tracking).await;
    assert!(matches!(again, Err(RenewError::Desk(DeskError::NotFound))), "{again:?}");
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn staff_renews_a_link_with_a_reason_that_the_customer_does_not_read(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let opened = a_case(&at.desk).await;
    let why = reason("Lo reenvió a un tercero");
    let renew = || Command::Tracking(TrackingCommand::Renew { reason: why.clone(), undelivered: 0 });
    let technician = staff(Role::Technician);
    let refused = execute_command(&at.desk, &technician, opened.number, Expected::Any, renew()).await;
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{refused:?}");
    execute(&at.desk, &staff(Role::Agent), opened.number, renew()).await;
    assert!(is_unknown(&at, &opened.tracking).await);
    let told = |history: &[Recorded]| history.last().unwrap().event.clone();
    let file = page(&at.desk, opened.number).await;
    assert_eq!(told(&file.history), Event::TrackingRenewed { reason: Some(why.clone()) });
    let customer = Actor::Customer(opened.number);
    let seen = read_case(&at.desk, &customer, opened.number).await.unwrap();
    assert_eq!(told(&seen.history), Event::TrackingRenewed { reason: None });
    // An agent who read the case before may go on: the renewal changes nothing of its course.
    let next = Command::Message(MessageCommand::SendUpdate { text: note("Vamos en camino."), next: None });
    execute_command(&at.desk, &staff(Role::Agent), opened.number, Expected::Version(1), next).await.unwrap();
    let mails = mails(&at, opened.number).await;
    assert!(mails.last().unwrap().text.contains(&link(&at, opened.number, 1)));
    assert!(mails.iter().all(|mail| !mail.text.contains(why.as_str())), "the reason is internal");
}

async fn link_expires_after_the_end_of_its_case_and_is_renewed_by_mail(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (open, ended) = (a_case(&at.desk).await, a_case(&at.desk).await);
    let cancel = Command::Termination(TerminationCommand::CancelOwn { reason: None });
    execute(&at.desk, &Actor::Customer(ended.number), ended.number, cancel).await;
    at.clock.advance(90 * DAY - 1);
    assert_eq!(case_of(&at, &ended.tracking).await, ended.number);
    at.clock.advance(1);
    assert!(matches!(held(&at.desk, &ended.tracking).await, Err(LinkError::Expired)));
    assert_eq!(case_of(&at, &open.tracking).await, open.number, "open cases have no end");
    assert!(is_unknown(&at, &link(&at, ended.number, 1)).await, "expired is told to former holders alone");

    renew(&at, &ended.tracking).await.unwrap();
    let next = link(&at, ended.number, 1);
    assert!(is_unknown(&at, &ended.tracking).await);
    assert_eq!(case_of(&at, &next).await, ended.number, "its time runs anew");
    assert!(mails(&at, ended.number).await.last().unwrap().text.contains(&next));
    at.clock.advance(90 * DAY);
    assert!(matches!(held(&at.desk, &next).await, Err(LinkError::Expired)));
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn link_is_not_renewed_where_no_mail_would_arrive(engine: Engine) {
    // Without a register no contract covers the case: its mails may be held.
    let at = TestDesk::open(engine).await;
    let opened = a_case(&at.desk).await;
    let refused = |outcome: Result<(), RenewError>, why: TrackingRefusal| {
        let is_it = matches!(&outcome, Err(RenewError::Desk(DeskError::Refused(Refusal::Tracking(told)))) if *told == why);
        assert!(is_it, "{outcome:?}");
    };
    refused(renew(&at, &opened.tracking).await, TrackingRefusal::Unverified);
    let seen = Command::AddNote { audience: Audience::Internal, text: note("Se revisó.") };
    execute(&at.desk, &staff(Role::Agent), opened.number, seen).await;
    sqlx::query("UPDATE outbox SET state = 'dead', hold = NULL WHERE case_number = $1")
        .bind(opened.number.as_compact())
        .execute(&mut at.connection().await)
        .await
        .unwrap();
    refused(renew(&at, &opened.tracking).await, TrackingRefusal::Unreachable);
    assert_eq!(case_of(&at, &opened.tracking).await, opened.number, "it stays as it was");
}

//! Terminations and links over the store, on every engine.

use desk::Desk;
use desk::DeskError;
use desk::access::tokens::TrackingLink;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, OpenCaseError, OpenedCase, open_case};
use desk::cases::queue::{Filter, queue};
use desk::cases::read::read_case;
use desk::lab::demo::{self, Sample};
use desk::retention::erase_case;
use desk::scheduler;
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{
    AskedBy, Channel, Command, ContractRef, ErasureReason, Event, LinkCommand, LinkKind, LinkRefusal,
    Refusal, RevisionCommand, SlaResult, Status, TerminationCommand,
};
use domain::case_number::CaseNumber;
use domain::contract_number::{ContractNumber, default_formats};
use domain::intake::IntakeForm;
use domain::serial::Serial;
use domain::text::Note;
use domain::view::CasePage;
use sqlx::Row;

use crate::support::{QueuedMail, TestDesk, a_case, a_form, an_opening, both_engines, mails, reason, staff};

both_engines! {
    cancellation_by_customer_removes_the_case_from_queue_and_wall,
    cancellation_by_staff_is_mailed_with_its_reason,
    duplicate_is_closed_for_a_case_of_the_same_organisation_alone,
    mutual_duplicates_in_parallel_leave_one_case_open,
    related_cases_show_to_staff_in_both_and_to_no_customer,
    follow_up_case_names_its_ended_previous_case,
    corrected_contract_is_mailed_with_the_changed_target,
}

const HOUR: i64 = 3600;

async fn page(desk: &Desk, number: CaseNumber) -> CasePage {
    read_case(desk, &staff(Role::Agent), number).await.unwrap()
}

async fn as_customer(desk: &Desk, number: CaseNumber) -> CasePage {
    read_case(desk, &Actor::Customer(number), number).await.unwrap()
}

fn duplicate(of: CaseNumber) -> Command {
    Command::Termination(TerminationCommand::CloseAsDuplicate { of, other: None })
}

fn relate(other: CaseNumber) -> Command {
    Command::Link(LinkCommand::Relate { other, known: None })
}

/// Opens a case for a piece of equipment with a mail address.
async fn opened(desk: &Desk, key: &str, sample: &Sample, mail: &str) -> OpenedCase {
    let form = IntakeForm { contact_mail: mail.to_owned(), ..a_form(sample) };
    let wish = OpenCase { report: form.report().unwrap(), ..an_opening(key) };
    open_case(desk, &Actor::Anonymous, wish).await.unwrap()
}

async fn is_listed(desk: &Desk, number: CaseNumber) -> bool {
    let rows = queue(desk, &staff(Role::Agent), Filter::default(), 1).await.unwrap().snapshot.rows;
    rows.iter().any(|row| row.number == number)
}

async fn cancellation_by_customer_removes_the_case_from_queue_and_wall(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let number = a_case(desk).await.number;
    assert!(is_listed(desk, number).await);
    test.clock.advance(2 * HOUR);
    let customer = Actor::Customer(number);
    let withdraw =
        Command::Termination(TerminationCommand::CancelOwn { reason: Some(reason("Se arregló solo")) });
    execute_command(desk, &customer, number, Expected::Any, withdraw).await.unwrap();
    assert!(!is_listed(desk, number).await);
    let wall = desk::cases::wall::snapshot(desk, &staff(Role::Agent)).await.unwrap();
    assert!(wall.rows.iter().all(|row| row.number != number));

    let file = page(desk, number).await;
    assert_eq!(file.status, Status::Cancelled);
    let account = file.report.unwrap();
    // Covered day and night with a target of an hour: the breach remains.
    let kept: Vec<_> = account.measured.iter().map(|measured| measured.result).collect();
    assert_eq!(kept, [SlaResult::Breached, SlaResult::Cancelled]);
    assert_eq!(as_customer(desk, number).await.report, Some(account), "both read the same");

    let mails = mails(&test, number).await;
    let QueuedMail { kind, subject, text, thread } = &mails[1];
    assert_eq!(kind, "cancelled");
    assert!(subject.starts_with(&format!("Caso {number} cancelado · ")), "{subject}");
    assert!(thread.is_some(), "in the case's thread");
    for words in ["Se arregló solo", "El cliente", "COMPROMISOS QUE NO CUMPLIMOS", "2 h de servicio"] {
        assert!(text.contains(words), "{words}: {text}");
    }

    // Weeks later there is still no survey.
    for _ in 0..30 {
        test.clock.advance(24 * HOUR);
        scheduler::tick(desk).await.unwrap();
    }
    assert_eq!(page(desk, number).await.version, file.version);
    let asked = sqlx::query("SELECT 1 FROM surveys WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_optional(&mut test.connection().await)
        .await
        .unwrap();
    assert!(asked.is_none());
}

async fn cancellation_by_staff_is_mailed_with_its_reason(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let cancel = Command::Termination(TerminationCommand::Cancel {
        asked_by: AskedBy::Desk,
        reason: reason("Se registró dos veces la misma llamada"),
    });
    let technician =
        execute_command(&test.desk, &staff(Role::Technician), number, Expected::Version(1), cancel.clone())
            .await;
    assert!(matches!(technician, Err(DeskError::NotPermitted(_))));
    execute_command(&test.desk, &staff(Role::Agent), number, Expected::Version(1), cancel).await.unwrap();
    let text = &mails(&test, number).await[1].text;
    assert!(text.contains("Se registró dos veces la misma llamada"), "{text}");
    assert!(!text.contains("NO CUMPLIMOS"), "nothing was broken: {text}");
}

async fn duplicate_is_closed_for_a_case_of_the_same_organisation_alone(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let agent = staff(Role::Agent);
    let first = opened(desk, "first-of-two-0001", &demo::CARACAS, "ana@example.com").await.number;
    let second = opened(desk, "second-of-two-001", &demo::CARACAS, "luis@example.com").await.number;
    let theirs = opened(desk, "somebody-elses-01", &demo::BOGOTA, "eva@example.com").await.number;
    let missing = CaseNumber::new(first.country(), 2026, 999_999).unwrap();
    for (of, refusal) in [
        (second, LinkRefusal::Itself),
        (missing, LinkRefusal::NoSuchCase),
        (theirs, LinkRefusal::AnotherOrganisation),
    ] {
        let refused = execute_command(desk, &agent, second, Expected::Version(1), duplicate(of)).await;
        assert!(
            matches!(&refused, Err(DeskError::Refused(Refusal::Link(why))) if *why == refusal),
            "{refused:?}"
        );
    }
    execute_command(desk, &agent, second, Expected::Version(1), duplicate(first)).await.unwrap();
    assert_eq!(page(desk, second).await.status, Status::Duplicate);
    assert!(!is_listed(desk, second).await && is_listed(desk, first).await);

    // Both files show it. The customer of the duplicate is told the number, the other's customer nothing.
    let links = |page: &CasePage| -> Vec<_> {
        page.links.iter().map(|link| (link.kind, link.number, link.status)).collect()
    };
    assert_eq!(links(&page(desk, second).await), [(LinkKind::DuplicateOf, Some(first), Some(Status::New))]);
    assert_eq!(
        links(&page(desk, first).await),
        [(LinkKind::HasDuplicate, Some(second), Some(Status::Duplicate))]
    );
    let seen = as_customer(desk, second).await;
    assert_eq!(links(&seen), [(LinkKind::DuplicateOf, Some(first), None)]);
    assert!(seen.links.iter().all(|link| link.tracking.is_none()), "no way in is given");
    let seen = as_customer(desk, first).await;
    assert_eq!(seen.links, []);
    assert!(seen.history.iter().all(|entry| !matches!(entry.event, Event::Link(_))));

    let mails = mails(&test, second).await;
    let QueuedMail { kind, text, thread, .. } = &mails[1];
    assert_eq!((kind.as_str(), thread.is_some()), ("duplicate", true));
    assert!(text.contains(&first.to_string()), "{text}");
    assert!(
        !text.contains(&desk.tokens().tracking(TrackingLink::first(first))),
        "another's link stays out: {text}"
    );

    // A case with duplicates cannot become one itself.
    let third = opened(desk, "third-of-three-01", &demo::CARACAS, "ana@example.com").await.number;
    let refused = execute_command(desk, &agent, first, Expected::Version(2), duplicate(third)).await;
    assert!(matches!(refused, Err(DeskError::Refused(Refusal::Link(LinkRefusal::CarriesDuplicates)))));
    // A mail to the holder of the other case's link contains that link.
    execute_command(desk, &agent, third, Expected::Version(1), duplicate(first)).await.unwrap();
    let text = &crate::support::mails(&test, third).await[1].text;
    assert!(text.contains(&desk.tokens().tracking(TrackingLink::first(first))), "{text}");
}

async fn mutual_duplicates_in_parallel_leave_one_case_open(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let one = opened(desk, "race-number-one-01", &demo::CARACAS, "ana@example.com").await.number;
    let two = opened(desk, "race-number-two-02", &demo::CARACAS, "luis@example.com").await.number;
    let agent = staff(Role::Agent);
    let (first, second) = tokio::join!(
        execute_command(desk, &agent, one, Expected::Version(1), duplicate(two)),
        execute_command(desk, &agent, two, Expected::Version(1), duplicate(one)),
    );
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    let open = [page(desk, one).await.status, page(desk, two).await.status];
    assert_eq!(open.iter().filter(|status| status.is_open()).count(), 1, "{open:?}");
}

async fn related_cases_show_to_staff_in_both_and_to_no_customer(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let agent = staff(Role::Technician);
    let one = opened(desk, "related-number-01", &demo::CARACAS, "ana@example.com").await.number;
    let two = opened(desk, "related-number-02", &demo::BOGOTA, "eva@example.com").await.number;
    execute_command(desk, &agent, one, Expected::Version(1), relate(two)).await.unwrap();
    for (own, other) in [(one, two), (two, one)] {
        let file = page(desk, own).await;
        assert_eq!((file.links[0].kind, file.links[0].number), (LinkKind::Related, Some(other)));
        assert_eq!(as_customer(desk, own).await.links, []);
        let twice = execute_command(desk, &agent, own, Expected::Any, relate(other)).await;
        assert!(matches!(twice, Err(DeskError::Refused(_))));
    }
    let unrelate = Command::Link(LinkCommand::Unrelate { other: one });
    execute_command(desk, &agent, two, Expected::Any, unrelate).await.unwrap();
    assert_eq!((page(desk, one).await.links, page(desk, two).await.links), (vec![], vec![]));
}

/// A cancelled case, which a new one can follow.
async fn ended(desk: &Desk, key: &str, mail: &str) -> OpenedCase {
    let opened = opened(desk, key, &demo::CARACAS, mail).await;
    let withdraw = Command::Termination(TerminationCommand::CancelOwn { reason: None });
    execute_command(desk, &Actor::Customer(opened.number), opened.number, Expected::Any, withdraw)
        .await
        .unwrap();
    opened
}

async fn follow_up_case_names_its_ended_previous_case(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let old = ended(desk, "has-ended-number-1", "ana@example.com").await;
    let wish = |key: &str, mail: &str| OpenCase {
        report: IntakeForm { contact_mail: mail.to_owned(), ..a_form(&demo::CARACAS) }.report().unwrap(),
        previous_case: Some(old.number),
        ..an_opening(key)
    };
    // Without the old case's link nobody can follow it.
    for stranger in [Actor::Anonymous, Actor::Customer(a_case(desk).await.number)] {
        let refused = open_case(desk, &stranger, wish("a-stranger-tries-it", "x@example.com")).await;
        assert!(matches!(refused, Err(OpenCaseError::NotPermitted(_))));
    }
    let holder = Actor::Customer(old.number);
    let new = open_case(desk, &holder, wish("takes-it-up-again-1", "ana@example.com")).await.unwrap();
    let again = open_case(desk, &holder, wish("takes-it-up-again-1", "ana@example.com")).await.unwrap();
    assert_eq!(new, again);

    let (file, earlier) = (page(desk, new.number).await, page(desk, old.number).await);
    assert_eq!((file.links[0].kind, file.links[0].number), (LinkKind::Follows, Some(old.number)));
    let followed: Vec<_> = earlier.links.iter().map(|link| (link.kind, link.number)).collect();
    assert_eq!(followed, [(LinkKind::FollowedBy, Some(new.number))], "once, however often it was sent");
    assert!(mails(&test, new.number).await[0].text.contains(&format!("Sigue al caso {}", old.number)));

    // The new case leads to the old one, because the reader came from there; not the other way round.
    let seen = as_customer(desk, new.number).await;
    assert_eq!(seen.links[0].tracking.as_ref(), Some(&old.tracking));
    let seen = as_customer(desk, old.number).await;
    assert_eq!((seen.links[0].kind, seen.links[0].number), (LinkKind::FollowedBy, None));
    let told = serde_json::to_string(&seen).unwrap();
    assert!(!told.contains(&new.number.as_compact()), "{told}");

    // The old case's link is not sent to another address.
    let other = open_case(desk, &holder, wish("takes-it-up-again-2", "eva@example.com")).await.unwrap();
    assert_eq!(as_customer(desk, other.number).await.links[0].tracking, None);

    // Erased addresses are alike, and are nobody's: they open no link.
    test.clock.advance(HOUR);
    let cancel = Command::Termination(TerminationCommand::CancelOwn { reason: None });
    execute_command(desk, &Actor::Customer(other.number), other.number, Expected::Any, cancel).await.unwrap();
    for number in [old.number, other.number] {
        let admin = staff(Role::Administrator);
        erase_case(desk, &admin, number, ErasureReason::Request).await.unwrap();
    }
    assert_eq!(as_customer(desk, other.number).await.links[0].tracking, None);
}

async fn corrected_contract_is_mailed_with_the_changed_target(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let number = a_case(desk).await.number;
    let agent = staff(Role::Agent);
    let contact = Command::LogContact { channel: Channel::Phone, note: Some(Note::parse("Hola").unwrap()) };
    execute_command(desk, &agent, number, Expected::Version(1), contact).await.unwrap();
    let cover = |sample: &Sample, serial: &str| ContractRef {
        contract: Some(ContractNumber::parse(sample.contract, default_formats()).unwrap()),
        serial: Serial::parse(serial).unwrap(),
    };
    let correct =
        |to, why| Command::Revision(RevisionCommand::Correct { to, reason: reason(why), resolved: None });
    let to = cover(&demo::CARACAS, "FOC2614Z9Z9");
    execute_command(desk, &agent, number, Expected::Version(2), correct(to, "Se leyó mal el serial"))
        .await
        .unwrap();
    let to = cover(&demo::MARACAIBO, demo::MARACAIBO.serial);
    execute_command(desk, &agent, number, Expected::Version(3), correct(to, "Es de la planta"))
        .await
        .unwrap();
    let mails = mails(&test, number).await;
    let kinds: Vec<_> = mails.iter().map(|mail| mail.kind.as_str()).collect();
    assert_eq!(kinds, ["opening", "corrected", "corrected"]);
    assert!(mails[1].thread.is_some(), "in the case's thread");
    let text = &mails[1].text;
    for words in ["FOC2614A1B2", "FOC2614Z9Z9", "Se leyó mal el serial"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let text = &mails[2].text;
    for words in [demo::CARACAS.contract, demo::MARACAIBO.contract, "antes:", "ahora:", "Resolución"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test]
async fn case_page_queries_are_served_by_indexes() {
    let test = TestDesk::with_register(Engine::Sqlite).await;
    let history = "EXPLAIN QUERY PLAN SELECT e.document, c.customer, c.equipment
         FROM case_events e JOIN cases c ON c.number = e.case_number
         WHERE e.case_number = 'X' ORDER BY e.version";
    let link = "EXPLAIN QUERY PLAN SELECT cases.status, cases.contract_number, contracts.organisation_id
         FROM cases LEFT JOIN contracts ON contracts.number = cases.contract_number WHERE cases.number = 'X'";
    for query in [history, link] {
        let plan: Vec<String> = sqlx::query(query)
            .fetch_all(&mut test.connection().await)
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.get("detail"))
            .collect();
        // No full scan, and no sort.
        assert!(plan.iter().all(|step| step.contains("SEARCH")), "{plan:?}");
    }
}

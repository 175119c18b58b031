//! The life of cases over the store, on every engine: opening, work, time, reading, the feed.

use std::collections::BTreeSet;

use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, OpenCaseError, open_case};
use desk::cases::queue::{Filter, queue};
use desk::cases::read::read_case;
use desk::cases::wall::{missed, snapshot};
use desk::contracts::entitlement::{Question, check_entitlement};
use desk::lab::demo;
use desk::live::feed;
use desk::scheduler;
use desk::store::Engine;
use domain::actor::{Actor, DisplayId, Role, Scope};
use domain::case::{Audience, Channel, ClockState, Command, Event, Origin, PauseReason, Refusal, Status};
use domain::contract_number::{ContractNumber, default_formats};
use domain::country::Country;
use domain::entitlement::{Entitlement, EntitlementView, ValidationReason};
use domain::intake::IntakeForm;
use domain::mail_address::MailAddress;
use domain::priority::Priority;
use domain::serial::Serial;
use domain::sla_plan::SlaMetric;
use domain::text::Reason;
use domain::time::Instant;
use domain::view::{CasePage, QueueState};
use sqlx::Executor;
use tokio_util::sync::CancellationToken;

use crate::support::explain;
use crate::support::{
    START, TestDesk, a_case, a_form, an_opening, both_engines, contact, note, page, resolve, staff,
};

both_engines! {
    same_submission_in_parallel_opens_one_case_with_one_mail,
    parallel_openings_get_consecutive_numbers,
    openings_in_one_batch_keep_their_own_reports,
    failed_opening_leaves_the_rest_of_its_batch_intact,
    stranger_is_refused_telephone_openings_and_commands,
    unregistered_contract_opens_a_case_that_needs_validation,
    entitlement_check_tells_a_stranger_nothing_of_mismatched_numbers,
    commands_lead_a_case_from_contact_to_resolved,
    command_on_an_old_version_conflicts_unless_it_only_adds_facts,
    parallel_notes_are_all_recorded,
    customer_reads_their_own_case_without_internal_entries,
    opening_in_doubt_reveals_nothing_of_the_register,
    forged_tracking_links_are_refused,
    warnings_are_recorded_once_by_two_nodes,
    pause_end_is_recorded_by_the_scheduler,
    feed_delivers_every_change_in_order_to_every_node,
    wall_shows_its_scope_and_resumes_from_a_sequence_number,
    queue_is_ordered_by_due_time_and_clamps_its_pages,
    page_queries_are_served_by_indexes,
}

fn pause(until: Instant) -> Command {
    Command::Pause { reason: PauseReason::SparePart, detail: None, until, allowed_by: None }
}

fn attention(page: &CasePage) -> ClockState {
    let clock = page.clocks.iter().find(|clock| clock.kind == SlaMetric::FirstResponse).unwrap();
    clock.reading(&page.hours.spans, page.now).state
}

async fn same_submission_in_parallel_opens_one_case_with_one_mail(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let wishes = (0..8).map(|_| open_case(desk, &Actor::Anonymous, an_opening("0123456789abcdef")));
    let opened = futures::future::join_all(wishes).await;
    let numbers: BTreeSet<_> = opened.into_iter().map(|opened| opened.unwrap().number).collect();
    assert_eq!(numbers.len(), 1);
    let file = page(desk, *numbers.first().unwrap()).await;
    assert_eq!((file.history.len(), file.mails.len()), (1, 1));
    assert_eq!(file.opening.coverage, Entitlement::Covered);
}

async fn parallel_openings_get_consecutive_numbers(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let wishes: Vec<_> = (0..40).map(|n| an_opening(&format!("parallel-submission-{n}"))).collect();
    let opening = wishes.into_iter().map(|wish| open_case(desk, &Actor::Anonymous, wish));
    let opened = futures::future::join_all(opening).await;
    let sequences: BTreeSet<_> = opened.into_iter().map(|opened| opened.unwrap().number.sequence()).collect();
    assert_eq!(sequences, (1..=40).collect());
}

/// Wishes of so many customers, each with an address and a serial of their own.
fn wishes(count: usize) -> Vec<OpenCase> {
    let wish = |place: usize| {
        let mut wish = an_opening(&format!("together-{place}"));
        wish.report.contact.mail = MailAddress::parse(&format!("customer{place}@example.com")).unwrap();
        wish.report.serial = Serial::parse(&format!("TOGETHER{place:03}")).unwrap();
        wish
    };
    (0..count).map(wish).collect()
}

async fn openings_in_one_batch_keep_their_own_reports(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let opening = wishes(70).into_iter().map(|wish| open_case(desk, &Actor::Anonymous, wish));
    for (place, opened) in futures::future::join_all(opening).await.into_iter().enumerate() {
        let file = page(desk, opened.unwrap().number).await;
        let report = &file.opening.report;
        assert_eq!(report.contact.mail.as_str(), format!("customer{place}@example.com"));
        assert_eq!(report.serial.as_str(), format!("TOGETHER{place:03}"));
        assert_eq!((file.history.len(), file.mails.len()), (1, 1));
    }
}

async fn failed_opening_leaves_the_rest_of_its_batch_intact(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let desk = &at.desk;
    // Behind the desk's back: a row that the database does not take, and a country without numbers.
    let mut behind = at.connection().await;
    behind.execute("CREATE UNIQUE INDEX one_case_a_serial ON cases (serial)").await.unwrap();
    behind
        .execute("INSERT INTO case_numbers (country, year, last) VALUES ('MX', 2026, 99999999)")
        .await
        .unwrap();
    let mut wishes = wishes(20);
    wishes[11].report.serial = wishes[4].report.serial.clone();
    wishes[7].report.country = Country::Mx;
    let opening = wishes.into_iter().map(|wish| open_case(desk, &Actor::Anonymous, wish));
    let opened = futures::future::join_all(opening).await;
    assert!(matches!(opened[7], Err(OpenCaseError::NumbersExhausted(Country::Mx))));
    assert!(matches!(opened[11], Err(OpenCaseError::Store(_))));
    assert_eq!(opened.iter().filter(|opened| opened.is_ok()).count(), 18);
}

async fn stranger_is_refused_telephone_openings_and_commands(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let mut wish = an_opening("by-telephone-0001");
    wish.origin = Origin::Telephone;
    let refused = open_case(desk, &Actor::Anonymous, wish).await;
    assert!(matches!(refused, Err(OpenCaseError::NotPermitted(_))));
    let opened = a_case(desk).await;
    for actor in [
        Actor::Anonymous,
        Actor::Customer(opened.number),
        Actor::Display { id: DisplayId(1), scope: Scope::default() },
    ] {
        let refused = execute_command(desk, &actor, opened.number, Expected::Version(1), contact()).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{actor:?}");
    }
    assert_eq!(page(desk, opened.number).await.version, 1, "nothing was written");
}

async fn unregistered_contract_opens_a_case_that_needs_validation(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let opened = a_case(desk).await;
    let file = page(desk, opened.number).await;
    assert_eq!(file.opening.coverage, Entitlement::NeedsValidation(ValidationReason::UnknownContract));
    assert_eq!(file.clocks.len(), 2, "the standing promise holds");
}

async fn entitlement_check_tells_a_stranger_nothing_of_mismatched_numbers(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let ask = async |actor: &Actor, contract: &str, serial: &str| {
        let question = Question {
            contract: ContractNumber::parse(contract, default_formats()).ok(),
            serial: Serial::parse(serial).ok(),
            country: Some(Country::Ve),
        };
        check_entitlement(desk, actor, &question).await.unwrap()
    };
    let mine = ask(&Actor::Anonymous, demo::CARACAS.contract, demo::CARACAS.serial).await;
    assert!(matches!(mine.seen, EntitlementView::Covered { customer: None, .. }));
    let theirs = ask(&Actor::Anonymous, demo::BOGOTA.contract, demo::BOGOTA.serial).await;
    let EntitlementView::Covered { country, .. } = theirs.seen else { panic!("{:?}", theirs.seen) };
    assert_eq!(country, Some(Country::Co), "whoever holds both numbers may know where it stands");
    let unknown = ask(&Actor::Anonymous, "CT-9999-9999", "ZZZZ9999").await;
    // A contract that exists, an expired one, a serial that is somebody else's: the same words, the same terms.
    for (contract, serial) in [
        (demo::CARACAS.contract, "ZZZZ9999"),
        (demo::CARACAS.contract, demo::BOGOTA.serial),
        (demo::EXPIRED.contract, demo::EXPIRED.serial),
        ("CT-9999-9999", demo::CARACAS.serial),
    ] {
        let seen = ask(&Actor::Anonymous, contract, serial).await;
        assert_eq!((&seen.seen, &seen.terms), (&unknown.seen, &unknown.terms), "{contract} {serial}");
        assert_eq!(seen.hours, unknown.hours, "{contract} {serial}");
    }
    let told = ask(&staff(Role::Agent), demo::EXPIRED.contract, demo::EXPIRED.serial).await;
    assert!(matches!(told.seen, EntitlementView::Doubtful { doubt: ValidationReason::Expired, .. }));
}

async fn commands_lead_a_case_from_contact_to_resolved(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let TestDesk { desk, clock, .. } = &test;
    let agent = staff(Role::Agent);
    let number = a_case(desk).await.number;
    let work =
        async |seen, command| execute_command(desk, &agent, number, Expected::Version(seen), command).await;
    clock.advance(300);
    assert_eq!(attention(&page(desk, number).await), ClockState::Running);
    assert_eq!(work(1, contact()).await.unwrap(), 2);
    assert_eq!(attention(&page(desk, number).await), ClockState::Met);
    clock.advance(300);
    assert_eq!(work(2, pause(clock.now().plus(3600))).await.unwrap(), 3);
    assert_eq!(page(desk, number).await.status, Status::OnHold);
    clock.advance(60);
    assert_eq!(work(3, Command::Resume).await.unwrap(), 4);
    let reason = Reason::parse("Afecta a toda la sede").unwrap();
    assert_eq!(work(4, Command::ChangePriority { to: Priority::P4, reason }).await.unwrap(), 5);
    assert_eq!(work(5, resolve("Switch reemplazado")).await.unwrap(), 6);
    let file = page(desk, number).await;
    assert_eq!((file.status, file.priority, file.version), (Status::Resolved, Priority::P4, 6));
    let again = work(6, resolve("Otra vez")).await;
    assert!(matches!(again, Err(DeskError::Refused(Refusal::AlreadyResolved))));
}

async fn command_on_an_old_version_conflicts_unless_it_only_adds_facts(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let TestDesk { desk, clock, .. } = &test;
    let agent = staff(Role::Agent);
    let number = a_case(desk).await.number;
    execute_command(desk, &agent, number, Expected::Version(1), contact()).await.unwrap();
    let refused =
        execute_command(desk, &agent, number, Expected::Version(1), pause(clock.now().plus(600))).await;
    let Err(DeskError::Conflict { seen: 1, since }) = refused else { panic!("{refused:?}") };
    assert!(matches!(since.as_slice(), [entry] if matches!(entry.event, Event::Contacted { .. })));
    let text = note("Lo que vi en la consola");
    let noted = Command::AddNote { audience: Audience::Internal, text };
    assert_eq!(execute_command(desk, &agent, number, Expected::Version(1), noted).await.unwrap(), 3);
}

async fn parallel_notes_are_all_recorded(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let agent = staff(Role::Agent);
    let number = a_case(desk).await.number;
    let writing = (0..20).map(|n| {
        let text = note(&format!("Nota número {n}"));
        execute_command(
            desk,
            &agent,
            number,
            Expected::Version(1),
            Command::AddNote { audience: Audience::Public, text },
        )
    });
    for written in futures::future::join_all(writing).await {
        written.unwrap();
    }
    let file = page(desk, number).await;
    let versions: Vec<_> = file.history.iter().map(|entry| entry.version).collect();
    assert_eq!(versions, (1..=21).collect::<Vec<_>>());
}

async fn customer_reads_their_own_case_without_internal_entries(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let agent = staff(Role::Agent);
    let (opened, other) = (a_case(desk).await, a_case(desk).await);
    let secret = note("El cliente debe tres facturas");
    let internal = Command::AddNote { audience: Audience::Internal, text: secret.clone() };
    execute_command(desk, &agent, opened.number, Expected::Version(1), internal).await.unwrap();
    let spoken = Command::LogContact { channel: Channel::Phone, note: Some(secret.clone()) };
    execute_command(desk, &agent, opened.number, Expected::Version(2), spoken).await.unwrap();
    assert_eq!(desk.tokens().case(&opened.tracking), Some(opened.number));
    let customer = Actor::Customer(opened.number);
    let seen = read_case(desk, &customer, opened.number).await.unwrap();
    let wire = serde_json::to_string(&seen).unwrap();
    assert!(!wire.contains(secret.as_str()));
    assert_eq!((seen.history.len(), seen.mails.len()), (2, 0));
    for actor in [&customer, &Actor::Anonymous] {
        let refused = read_case(desk, actor, other.number).await;
        assert!(matches!(refused, Err(DeskError::NotFound)));
    }
}

/// Whoever opens a case with numbers that are not theirs holds its link, and learns nothing of the register by it.
async fn opening_in_doubt_reveals_nothing_of_the_register(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let in_doubt = [
        (demo::CARACAS.contract, demo::BOGOTA.serial),
        (demo::CARACAS.contract, "FOC2614A1B9"),
        (demo::EXPIRED.contract, demo::EXPIRED.serial),
    ];
    let mut told = BTreeSet::new();
    for (nth, (contract, serial)) in in_doubt.into_iter().enumerate() {
        let form = IntakeForm {
            contract: contract.to_owned(),
            serial: serial.to_owned(),
            country: "VE".to_owned(),
            ..a_form(&demo::CARACAS)
        };
        let wish = OpenCase { report: form.report().unwrap(), ..an_opening(&format!("doubt-{nth}")) };
        let number = open_case(desk, &Actor::Anonymous, wish).await.unwrap().number;
        assert!(matches!(page(desk, number).await.opening.coverage, Entitlement::NeedsValidation(_)));
        let seen = read_case(desk, &Actor::Customer(number), number).await.unwrap();
        assert_eq!(seen.equipment, serial, "as it was typed");
        let json = serde_json::to_string(&seen).unwrap();
        for typed in [contract, serial] {
            assert!(json.contains(typed), "{json}");
        }
        told.insert((
            serde_json::to_string(&seen.opening.coverage).unwrap(),
            serde_json::to_string(&seen.opening.terms).unwrap(),
            serde_json::to_string(&seen.opening.hours).unwrap(),
        ));
        for why in ["unknown_serial", "serial_not_covered", "expired", "not_yet_in_force", "unknown_contract"]
        {
            assert!(!json.contains(&format!("\"{why}\"")), "{why} in {json}");
        }
    }
    assert_eq!(told.len(), 1, "whatever the doubt is, the same is told: {told:?}");
    // What belongs together is the holder's, and so is its name.
    let own = a_case(desk).await.number;
    let seen = read_case(desk, &Actor::Customer(own), own).await.unwrap();
    assert_eq!(seen.equipment, page(desk, own).await.equipment);
    assert_eq!(seen.opening.coverage, Entitlement::Covered);
}

async fn forged_tracking_links_are_refused(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let desk = &test.desk;
    let opened = a_case(desk).await;
    let (number, code) = opened.tracking.split_once('-').unwrap();
    let flipped = if code.starts_with('0') { "1" } else { "0" }.to_owned() + &code[1..];
    for link in [
        String::new(),
        number.to_owned(),
        format!("{number}-"),
        format!("{number}-{}", &code[..30]),
        format!("{number}-{flipped}"),
        format!("{number}-{}", code.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A")),
        format!("{}-{code}", number.to_lowercase()),
        format!("{number}-%"),
        format!("{number}-{code}{code}"),
        "ñ-ñ".to_owned(),
    ] {
        assert_eq!(desk.tokens().case(&link), None, "{link}");
    }
}

async fn warnings_are_recorded_once_by_two_nodes(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let other = test.another().await;
    for _ in 0..40 {
        test.clock.advance(60);
        let (one, two) = tokio::join!(scheduler::tick(&test.desk), scheduler::tick(&other));
        one.unwrap();
        two.unwrap();
    }
    let file = page(&test.desk, number).await;
    let levels: Vec<_> = file
        .history
        .iter()
        .filter_map(|entry| match entry.event {
            Event::Warned { clock: SlaMetric::FirstResponse, cycle: 1, level } => Some(level),
            _ => None,
        })
        .collect();
    assert_eq!(levels, [50, 75, 90, 100]);
}

async fn pause_end_is_recorded_by_the_scheduler(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let TestDesk { desk, clock, .. } = &test;
    let agent = staff(Role::Agent);
    let number = a_case(desk).await.number;
    execute_command(desk, &agent, number, Expected::Version(1), contact()).await.unwrap();
    execute_command(desk, &agent, number, Expected::Version(2), pause(clock.now().plus(600))).await.unwrap();
    let next = scheduler::tick(desk).await.unwrap();
    assert_eq!(next, Some(START.plus(600)));
    clock.advance(600);
    scheduler::tick(desk).await.unwrap();
    let file = page(desk, number).await;
    assert_eq!(file.status, Status::InProgress);
    assert!(matches!(file.history.last().unwrap().event, Event::Resumed { .. }));
}

async fn feed_delivers_every_change_in_order_to_every_node(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    // A file has one process: what another wrote into it would be found at the next look only.
    let other = match engine {
        Engine::Sqlite => test.desk.clone(),
        Engine::Postgres => test.another().await,
    };
    let stop = CancellationToken::new();
    let served = [&test.desk, &other].map(|desk| tokio::spawn(feed::serve(desk.clone(), stop.clone())));
    let mut here = test.desk.feed().follow();
    let opening = (0..30).map(|n| {
        let desk = if n % 2 == 0 { &test.desk } else { &other };
        open_case(desk, &Actor::Anonymous, an_opening(&format!("fed-submission-{n:04}")))
    });
    let opened: BTreeSet<_> = futures::future::join_all(opening)
        .await
        .into_iter()
        .map(|opened| opened.unwrap().number.as_compact())
        .collect();
    let (mut heard, mut last) = (BTreeSet::new(), 0);
    while heard.len() < opened.len() {
        let item = here.recv().await.unwrap();
        assert!(item.seq > last, "{} after {last}", item.seq);
        last = item.seq;
        heard.insert(item.number.to_string());
    }
    assert_eq!(heard, opened);
    stop.cancel();
    for task in served {
        task.await.unwrap();
    }
}

async fn wall_shows_its_scope_and_resumes_from_a_sequence_number(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let number = a_case(desk).await.number;
    let mut wish = an_opening("a-case-in-colombia");
    wish.report = a_form(&demo::BOGOTA).report().unwrap();
    let colombian = open_case(desk, &Actor::Anonymous, wish).await.unwrap().number;
    let wall = |country| Actor::Display { id: DisplayId(1), scope: Scope { country } };
    let shown = async |country| {
        let rows = snapshot(desk, &wall(country)).await.unwrap().rows;
        rows.into_iter().map(|row| row.number).collect::<BTreeSet<_>>()
    };
    assert_eq!(shown(None).await, BTreeSet::from([number, colombian]));
    assert_eq!(shown(Some(Country::Co)).await, BTreeSet::from([colombian]));
    assert!(snapshot(desk, &Actor::Anonymous).await.is_err());
    let stop = CancellationToken::new();
    let served = tokio::spawn(feed::serve(desk.clone(), stop.clone()));
    desk.feed().changes().wait_for(|head| *head >= 2).await.unwrap();
    let since = missed(desk, &wall(None), 1).await.unwrap().unwrap();
    assert_eq!(since.iter().map(|change| change.row.number).collect::<Vec<_>>(), [colombian]);
    assert_eq!(missed(desk, &wall(Some(Country::Ve)), 1).await.unwrap(), Some(Vec::new()));
    assert_eq!(missed(desk, &wall(None), 999).await.unwrap(), None, "from the future");
    stop.cancel();
    served.await.unwrap();
}

async fn queue_is_ordered_by_due_time_and_clamps_its_pages(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let TestDesk { desk, clock, .. } = &test;
    let first = a_case(desk).await.number;
    clock.advance(60);
    let second = a_case(desk).await.number;
    let agent = staff(Role::Agent);
    let numbers = async |filter| {
        let page = queue(desk, &agent, filter, 99).await.unwrap();
        assert_eq!((page.paging.page, page.paging.pages), (1, 1));
        page.snapshot.rows.into_iter().map(|row| row.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(Filter::default()).await, [first, second]);
    execute_command(desk, &agent, first, Expected::Version(1), contact()).await.unwrap();
    assert_eq!(numbers(Filter::default()).await, [second, first], "its next promise is later");
    let new =
        Filter { state: QueueState::Only(Status::New), country: Some(Country::Ve), ..Filter::default() };
    assert_eq!(numbers(new).await, [second]);
    assert!(queue(desk, &Actor::Customer(first), Filter::default(), 1).await.is_err());
}

/// Every query of a page is served by an index: no sorting, no reading of all rows.
async fn page_queries_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&test).await;
    for (sql, index) in [
        (
            "SELECT number FROM cases WHERE is_open = 1 AND sort_key < 5 ORDER BY sort_key, number LIMIT 50",
            "cases_by_rank",
        ),
        (
            "SELECT number FROM cases WHERE is_open = 1 AND country = 'VE' AND sort_key >= 5 ORDER BY sort_key, number LIMIT 50",
            "cases_by_country_and_rank",
        ),
        (
            "SELECT number FROM cases WHERE status = 'new' AND sort_key < 5 ORDER BY sort_key, number LIMIT 50",
            "cases_by_status_and_rank",
        ),
        (
            "SELECT number FROM cases WHERE alarm_utc_s <= 5 ORDER BY alarm_utc_s LIMIT 100",
            "cases_by_alarm",
        ),
        ("SELECT MIN(alarm_utc_s) FROM cases WHERE alarm_utc_s > 5", "cases_by_alarm"),
        (
            "SELECT number FROM cases WHERE holder_id = 7 AND is_open = 1 AND sort_key < 5 ORDER BY sort_key, number LIMIT 50",
            "cases_by_holder_and_rank",
        ),
        (
            "SELECT number FROM cases WHERE holder_id = 7 AND status = 'new' AND sort_key < 5 ORDER BY sort_key, number LIMIT 50",
            "cases_by_holder_status_and_rank",
        ),
        ("SELECT number FROM cases WHERE seq > 5 ORDER BY seq LIMIT 200", "cases_by_seq"),
        (
            "SELECT number FROM cases WHERE submission_key = 'K7'",
            if engine == Engine::Sqlite { "sqlite_autoindex_cases_2" } else { "cases_submission_key_key" },
        ),
        (
            "SELECT number FROM cases WHERE serial = 'X' AND is_open = 1 ORDER BY number LIMIT 1",
            "cases_by_serial",
        ),
        (
            "SELECT id FROM outbox WHERE state = 'sent' ORDER BY next_attempt_utc_s DESC, id DESC LIMIT 50",
            "outbox_by_next_attempt",
        ),
        ("SELECT id FROM outbox WHERE case_number = 'N7' ORDER BY id", "outbox_by_case"),
        (
            "SELECT next_attempt_utc_s FROM outbox WHERE mailbox = 'a7' ORDER BY next_attempt_utc_s DESC LIMIT 1 OFFSET 2",
            "outbox_by_mailbox",
        ),
        (
            "SELECT created_utc_s FROM outbox WHERE sender = 's7' ORDER BY created_utc_s DESC LIMIT 1 OFFSET 19",
            "outbox_by_sender",
        ),
        ("DELETE FROM known_browsers WHERE seen_utc_s <= 5", "known_browsers_by_use"),
        (
            "DELETE FROM known_browsers WHERE person_id = 5",
            "known_browsers_by_person",
        ),
        ("SELECT MIN(turn_utc_s) FROM warnings", "warnings_by_turn"),
        ("SELECT case_number, clock, cycle, level FROM warnings WHERE turn_utc_s <= 5", "warnings_by_turn"),
        (
            "SELECT number FROM cases WHERE number IN (SELECT case_number FROM warnings WHERE turn_utc_s <= 5)",
            "warnings_by_turn",
        ),
        (
            "SELECT case_number FROM pause_overlaps WHERE month BETWEEN '2026-02' AND '2026-03'
             ORDER BY month DESC, answered_utc_s DESC, case_number DESC, version DESC LIMIT 50",
            "pause_overlaps_by_month",
        ),
        (
            "SELECT case_number FROM pause_overlaps WHERE reason = 'customer' AND month BETWEEN '2026-02' AND '2026-03'
             ORDER BY month DESC, answered_utc_s DESC, case_number DESC, version DESC LIMIT 50",
            "pause_overlaps_by_reason",
        ),
        (
            "SELECT case_number FROM surveys WHERE state = 'open' ORDER BY turn_utc_s, case_number LIMIT 50",
            "surveys_by_turn",
        ),
        (
            "SELECT case_number FROM surveys WHERE follow_up = 'open' ORDER BY ended_utc_s, case_number LIMIT 50",
            "surveys_by_follow_up",
        ),
        ("SELECT COUNT(*) FROM surveys WHERE month BETWEEN '2025-02' AND '2025-02'", "surveys_by_month"),
        (
            "SELECT case_number FROM visits WHERE from_utc_s >= 5 AND from_utc_s < 9 ORDER BY from_utc_s, case_number",
            "visits_by_window",
        ),
        (
            "SELECT case_number FROM visits
             WHERE technician_id = 7 AND held_to_utc_s > 99000 AND held_from_utc_s < 99500",
            "visits_by_technician_held",
        ),
        (
            "SELECT case_number FROM visits WHERE held_to_utc_s > 99000 ORDER BY held_to_utc_s LIMIT 2000",
            "visits_by_held",
        ),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}

//! The life of cases over the store, on every engine: commands, time, reading, the feed.

use std::collections::BTreeSet;

use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCaseError, open_case};
use desk::cases::queue::{Filter, queue};
use desk::cases::read::read_case;
use desk::cases::wall::{missed, snapshot};
use desk::lab::demo;
use desk::live::feed;
use desk::scheduler;
use desk::store::Engine;
use domain::actor::{Actor, DisplayId, Role, Scope};
use domain::case::{Audience, Channel, ClockState, Command, Event, Origin, PauseReason, Refusal, Status};
use domain::country::Country;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::text::Reason;
use domain::time::Instant;
use domain::view::{CasePage, QueueState};
use tokio_util::sync::CancellationToken;

use crate::support::{
    START, TestDesk, a_case, a_form, an_opening, both_engines, contact, note, page, resolve, staff,
};

both_engines! {
    stranger_is_refused_telephone_openings_and_commands,
    commands_lead_a_case_from_contact_to_resolved,
    command_on_an_old_version_conflicts_unless_it_only_adds_facts,
    parallel_notes_are_all_recorded,
    customer_reads_their_own_case_without_internal_entries,
    forged_tracking_links_are_refused,
    warnings_are_recorded_once_by_two_nodes,
    pause_end_is_recorded_by_the_scheduler,
    feed_delivers_every_change_in_order_to_every_node,
    wall_shows_its_scope_and_resumes_from_a_sequence_number,
    queue_is_ordered_by_due_time_and_clamps_its_pages,
}

fn pause(until: Instant) -> Command {
    Command::Pause { reason: PauseReason::SparePart, detail: None, until, allowed_by: None }
}

fn attention(page: &CasePage) -> ClockState {
    let clock = page.clocks.iter().find(|clock| clock.kind == SlaMetric::FirstResponse).unwrap();
    clock.reading(&page.hours.spans, page.now).state
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
    assert_eq!(desk.tokens().case(&opened.tracking).map(|link| link.number), Some(opened.number));
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
    // A SQLite file has one process: it would find another's commits only at its next look.
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
    let mut connection = test.connection().await;
    let (first, second): (i64, i64) =
        sqlx::query_as("SELECT MIN(seq), MAX(seq) FROM cases").fetch_one(&mut connection).await.unwrap();
    desk.feed().changes().wait_for(|head| *head >= second).await.unwrap();
    let since = missed(desk, &wall(None), first).await.unwrap().unwrap();
    assert_eq!(since.iter().map(|change| change.row.number).collect::<Vec<_>>(), [colombian]);
    assert_eq!(missed(desk, &wall(Some(Country::Ve)), first).await.unwrap(), Some(Vec::new()));
    assert_eq!(missed(desk, &wall(None), second + 999).await.unwrap(), None, "from the future");
    // Changes elsewhere, however many, are none of a scope's.
    let agent = staff(Role::Agent);
    let opening = (0..200).map(|n| {
        let mut wish = an_opening(&format!("one-of-many-{n}"));
        wish.origin = Origin::Telephone;
        open_case(desk, &agent, wish)
    });
    assert!(futures::future::join_all(opening).await.iter().all(Result::is_ok));
    assert_eq!(missed(desk, &wall(None), second).await.unwrap(), None, "too many");
    assert_eq!(missed(desk, &wall(Some(Country::Co)), second).await.unwrap(), Some(Vec::new()));
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

//! The demonstration taken out again: all of it, and nothing of the desk's own.

use desk::Desk;
use desk::DeskError;
use desk::cases::open::open_case;
use desk::lab::demo;
use desk::lab::demo::remove::{MixedCases, Mixture, Removal, Request, remove};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{AssignmentCommand, Audience, Command, LinkCommand};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use sqlx::{AssertSqlSafe, Row};

use crate::support::{TestDesk, a_case, add_staff, an_opening, both_engines, execute, note, page, staff};

both_engines! {
    whole_demonstration_goes_and_the_desk_is_sound,
    dry_run_changes_nothing_and_only_administrators_ask,
    case_of_the_desks_own_keeps_what_it_rests_on,
    note_of_an_own_agent_is_told_before_and_keeps_the_case,
    linked_case_stays_with_the_one_that_names_it,
}

async fn rows(at: &TestDesk, table: &str) -> i64 {
    let text = format!("SELECT COUNT(*) FROM {table}");
    sqlx::query(AssertSqlSafe(text)).fetch_one(&mut at.connection().await).await.unwrap().get(0)
}

async fn ask(desk: &Desk, request: Request, mixed: MixedCases) -> Removal {
    remove(desk, &Actor::System, request, mixed).await.unwrap()
}

async fn is_sound(desk: &Desk) {
    desk::search::catch_up(desk).await.unwrap();
    let report = check(desk, SchedulerState::Unknown).await.unwrap();
    assert_eq!(report.inconsistencies, []);
}

/// The first case of the demonstration that is open still.
async fn a_demo_case(at: &TestDesk) -> CaseNumber {
    let text = "SELECT number FROM cases WHERE is_open = 1 AND submission_key LIKE 'demo-%' AND number NOT IN \
                (SELECT case_number FROM case_events WHERE kind LIKE 'link%' OR kind LIKE 'withdrawn%') ORDER BY number";
    let rows = sqlx::query(text).fetch_all(&mut at.connection().await).await.unwrap();
    CaseNumber::parse(&rows[0].get::<String, _>(0)).unwrap()
}

async fn whole_demonstration_goes_and_the_desk_is_sound(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let plans = rows(&at, "plans").await;
    demo::load(&at.desk).await.unwrap();
    is_sound(&at.desk).await;
    let told = ask(&at.desk, Request::DryRun, MixedCases::Keep).await;
    assert_eq!((told.cases.len(), told.people.len(), told.displays), (16, 4, 1));
    assert!(
        told.mixed.is_empty() && told.people_kept.is_empty() && told.contracts_kept.is_empty(),
        "{told:?}"
    );
    assert_eq!(told.mails, rows(&at, "outbox").await);
    assert_eq!(ask(&at.desk, Request::Apply, MixedCases::Keep).await, told);
    for table in [
        "case_events",
        "cases",
        "case_terms",
        "visits",
        "visit_files",
        "surveys",
        "survey_workers",
        "warnings",
        "pause_overlaps",
        "promises",
        "milestones",
        "outbox",
        "people",
        "person_changes",
        "sessions",
        "displays",
        "contracts",
        "equipment",
        "sites",
        "organisations",
        "register_terms",
        "register_changes",
    ] {
        assert_eq!(rows(&at, table).await, 0, "{table}");
    }
    assert!(rows(&at, "plans").await > plans, "plans are points to start from");
    is_sound(&at.desk).await;
    assert!(ask(&at.desk, Request::DryRun, MixedCases::Remove).await.is_empty());
    // Numbers go on where they were, and the series is whole.
    let next = a_case(&at.desk).await;
    assert!(next.number.sequence() > 1, "{}", next.number);
    is_sound(&at.desk).await;
    demo::load(&at.desk).await.unwrap();
    is_sound(&at.desk).await;
    assert_eq!(ask(&at.desk, Request::Apply, MixedCases::Keep).await.cases.len(), 16);
    is_sound(&at.desk).await;
}

async fn dry_run_changes_nothing_and_only_administrators_ask(engine: Engine) {
    let at = TestDesk::open(engine).await;
    demo::load(&at.desk).await.unwrap();
    let before = check(&at.desk, SchedulerState::Unknown).await.unwrap().digest;
    ask(&at.desk, Request::DryRun, MixedCases::Remove).await;
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().digest, before);
    for actor in [staff(Role::Supervisor), Actor::Anonymous] {
        let refused = remove(&at.desk, &actor, Request::Apply, MixedCases::Keep).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{refused:?}");
    }
}

async fn case_of_the_desks_own_keeps_what_it_rests_on(engine: Engine) {
    let at = TestDesk::open(engine).await;
    demo::load(&at.desk).await.unwrap();
    let own = open_case(&at.desk, &Actor::Anonymous, an_opening("own")).await.unwrap().number;
    let people = desk::access::staff::people(&at.desk, &Actor::System).await.unwrap();
    let marta = people.iter().find(|person| person.role == Role::Agent).unwrap();
    let actor =
        Actor::Staff(domain::actor::Staff { id: marta.id, name: marta.name.to_string(), role: marta.role });
    execute(&at.desk, &actor, own, Command::Assignment(AssignmentCommand::Claim)).await;
    let before = page(&at.desk, own).await;
    let done = ask(&at.desk, Request::Apply, MixedCases::Keep).await;
    assert_eq!(done.contracts_kept, [demo::CARACAS.contract]);
    assert_eq!(done.people_kept, [marta.mail.as_str()]);
    assert_eq!((done.people.len(), done.cases.len()), (3, 16));
    assert_eq!((rows(&at, "cases").await, rows(&at, "equipment").await), (1, 1));
    assert_eq!(
        (rows(&at, "contracts").await, rows(&at, "sites").await, rows(&at, "organisations").await),
        (1, 1, 1)
    );
    assert_eq!(page(&at.desk, own).await, before);
    is_sound(&at.desk).await;
    let left = desk::access::staff::people(&at.desk, &Actor::System).await.unwrap();
    assert!(left.iter().all(|person| person.service == desk::access::staff::Service::Ended), "{left:?}");
}

async fn note_of_an_own_agent_is_told_before_and_keeps_the_case(engine: Engine) {
    let at = TestDesk::open(engine).await;
    demo::load(&at.desk).await.unwrap();
    let luis = add_staff(&at.desk, "Luis Mora", "luis@cumbre.example", Role::Agent, Language::Es).await;
    let number = a_demo_case(&at).await;
    let text = Command::AddNote { audience: Audience::Internal, text: note("La llamé yo.") };
    execute(&at.desk, &Actor::Staff(luis), number, text).await;
    let told = ask(&at.desk, Request::DryRun, MixedCases::Keep).await;
    let [mixed] = &told.mixed[..] else { panic!("{told:?}") };
    assert_eq!((mixed.number, &mixed.why), (number, &Mixture::WorkedOnBy(vec!["Luis Mora".to_owned()])));
    assert!(!told.cases.contains(&number) && !told.contracts_kept.is_empty());
    let whole = ask(&at.desk, Request::DryRun, MixedCases::Remove).await;
    assert_eq!((whole.cases.len(), whole.mixed.len(), whole.contracts_kept.len()), (16, 1, 0));

    ask(&at.desk, Request::Apply, MixedCases::Keep).await;
    is_sound(&at.desk).await;
    assert_eq!(rows(&at, "cases").await, 1);
    assert!(page(&at.desk, number).await.version > 1);
    ask(&at.desk, Request::Apply, MixedCases::Remove).await;
    is_sound(&at.desk).await;
    assert_eq!((rows(&at, "cases").await, rows(&at, "people").await), (0, 1), "Luis stays");
}

async fn linked_case_stays_with_the_one_that_names_it(engine: Engine) {
    let at = TestDesk::open(engine).await;
    demo::load(&at.desk).await.unwrap();
    let luis = add_staff(&at.desk, "Luis Mora", "luis@cumbre.example", Role::Agent, Language::Es).await;
    let (number, own) = (a_demo_case(&at).await, a_case(&at.desk).await.number);
    let relate = Command::Link(LinkCommand::Relate { other: number, known: None });
    execute(&at.desk, &Actor::Staff(luis), own, relate).await;
    for mixed in [MixedCases::Keep, MixedCases::Remove] {
        let told = ask(&at.desk, Request::DryRun, mixed).await;
        assert!(told.mixed.iter().any(|case| case.number == number), "{told:?}");
        assert!(!told.cases.contains(&number), "{told:?}");
    }
    ask(&at.desk, Request::Apply, MixedCases::Remove).await;
    is_sound(&at.desk).await;
    assert_eq!(rows(&at, "cases").await, 2);
}

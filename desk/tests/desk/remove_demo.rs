//! The demonstration taken out again: all of it, and nothing of the desk's own.

use desk::Desk;
use desk::DeskError;
use desk::access::demonstration::{AGENT, SUPERVISOR};
use desk::cases::open::open_case;
use desk::cases::queue::{Filter, queue};
use desk::lab::demo;
use desk::lab::demo::remove::{MixedCases, Mixture, Removal, Request, remove};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::case::{Assignee, AssignmentCommand, Audience, Command, LinkCommand, Status};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::view::QueueState;
use sqlx::{AssertSqlSafe, Row};

use crate::support::{TestDesk, a_case, add_staff, an_opening, both_engines, execute, note, page, staff};

both_engines! {
    whole_demonstration_goes_and_the_desk_is_sound,
    dry_run_changes_nothing_and_only_administrators_ask,
    case_of_the_desks_own_keeps_what_it_rests_on,
    note_of_an_own_agent_is_told_before_and_keeps_the_case,
    linked_case_stays_with_the_one_that_names_it,
    demonstration_account_that_a_history_names_stays,
    every_table_about_a_case_or_a_person_is_cleared,
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

/// The cases that the queue counts, open ones and ended ones, in all countries.
async fn counted(desk: &Desk) -> i64 {
    let mut all = 0;
    for state in [QueueState::Open, QueueState::Only(Status::Resolved), QueueState::Ended] {
        let filter = Filter { state, ..Filter::default() };
        let seen = queue(desk, &staff(Role::Supervisor), filter, 1).await.unwrap().counts;
        all += seen.countries.iter().sum::<i64>();
    }
    all
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
        "case_documents",
        "case_mailboxes",
        "search_words",
        "visits",
        "visit_files",
        "message_files",
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
    assert_eq!(counted(&at.desk).await, 0, "no ended case is left to count");
    is_sound(&at.desk).await;
    assert!(ask(&at.desk, Request::DryRun, MixedCases::Remove).await.is_empty());
    // Numbers go on where they were, and the series is whole.
    let next = a_case(&at.desk).await;
    assert!(next.number.sequence() > 1, "{}", next.number);
    assert_eq!(counted(&at.desk).await, 1);
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
    let actor = Actor::Staff(domain::actor::Staff {
        id: marta.id,
        name: marta.name.to_string(),
        role: marta.role,
        composed: None,
    });
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

async fn demonstration_account_that_a_history_names_stays(engine: Engine) {
    let at = TestDesk::open(engine).await;
    demo::load(&at.desk).await.unwrap();
    let people = desk::access::staff::people(&at.desk, &Actor::System).await.unwrap();
    let of = |mail: &str| people.iter().find(|person| person.mail.as_str() == mail).unwrap().id;
    let boss = Staff {
        id: of(SUPERVISOR.mail),
        name: SUPERVISOR.name.to_owned(),
        role: Role::Supervisor,
        composed: None,
    };
    let own = a_case(&at.desk).await.number;
    let give = async |by: Staff, id: PersonId, name: &str| {
        let to = Assignee { id, name: name.to_owned() };
        let give = Command::Assignment(AssignmentCommand::Assign { to });
        execute(&at.desk, &Actor::Staff(by), own, give).await;
    };
    // Marta did nothing here: others gave her the case, and took it away again.
    give(boss, of(AGENT.mail), AGENT.name).await;
    let luis = add_staff(&at.desk, "Luis Mora", "luis@cumbre.example", Role::Agent, Language::Es).await;
    let ana = add_staff(&at.desk, "Ana Rivas", "ana@cumbre.example", Role::Supervisor, Language::Es).await;
    give(ana, luis.id, "Luis Mora").await;
    let mut done = ask(&at.desk, Request::Apply, MixedCases::Keep).await;
    done.people_kept.sort();
    assert_eq!(done.people_kept, [AGENT.mail, SUPERVISOR.mail]);
    assert_eq!(rows(&at, "cases").await, 1);
    is_sound(&at.desk).await;
}

/// The lists of tables are written by hand. A table that a later migration adds must be in them.
async fn every_table_about_a_case_or_a_person_is_cleared(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let lists = include_str!("../../src/lab/demo/remove/rows.rs");
    let columns = match engine {
        Engine::Sqlite => {
            "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'
             AND c.name IN ('case_number', 'person_id')"
        }
        Engine::Postgres => {
            "SELECT table_name::text, column_name::text FROM information_schema.columns
             WHERE table_schema = current_schema() AND column_name IN ('case_number', 'person_id')"
        }
    };
    let found = sqlx::query(columns).fetch_all(&mut at.connection().await).await.unwrap();
    assert!(found.len() > 20, "{}", found.len());
    for row in found {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        // Cleared by the case: the person is the demonstration's as well, or keeps the account.
        if (table.as_str(), column.as_str()) == ("survey_workers", "person_id") {
            continue;
        }
        assert!(lists.contains(&format!("\"DELETE FROM {table} WHERE {column} = $1\"")), "{table}.{column}");
    }
}

//! The integrity check: it finds nothing after random commands, and finds every kind of damage.

use desk::Desk;
use desk::DeskError;
use desk::cases::attachments::{FileError, attach};
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, OpenCaseError, open_case};
use desk::lab::integrity_check::{Inconsistency, SchedulerState, check};
use desk::scheduler;
use desk::search;
use desk::store::Engine;
use domain::actor::{Actor, Role, Staff};
use domain::attachment::FileKind;
use domain::case::{Case, Category, Channel, Command, LinkCommand, Recorded, Status, Verdict};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::text::{Note, PersonName};
use domain_testing::{Cast, Context, Request, Step, some_step};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::support::{TestDesk, a_case, add_staff, an_opening, both_engines, staff};

both_engines! {
    integrity_check_finds_nothing_after_any_history,
    integrity_check_finds_changed_files_and_one_sided_links,
    integrity_check_finds_every_kind_of_inconsistency,
    integrity_check_expects_no_mail_for_reopenings_of_older_versions,
}

async fn hire(desk: &Desk, name: &str, role: Role) -> Staff {
    let local = name.split(' ').next().unwrap().to_lowercase();
    add_staff(desk, name, &format!("{local}@vigia.example"), role, Language::Es).await
}

async fn people(desk: &Desk) -> Cast {
    Cast {
        agent: hire(desk, "Marta Salas", Role::Agent).await,
        colleague: hire(desk, "Diego Rangel", Role::Agent).await,
        supervisor: hire(desk, "Elena Duarte", Role::Supervisor).await,
        technician: hire(desk, "Rosa Campos", Role::Technician).await,
        other_technician: hire(desk, "Pedro Osorio", Role::Technician).await,
    }
}

async fn read(at: &TestDesk, number: CaseNumber) -> Case {
    let rows = sqlx::query("SELECT document FROM case_events WHERE case_number = $1 ORDER BY version")
        .bind(number.as_compact())
        .fetch_all(&mut at.connection().await)
        .await
        .unwrap();
    let history: Vec<Recorded> =
        rows.iter().map(|row| serde_json::from_str(&row.get::<String, _>(0)).unwrap()).collect();
    Case::from_history(&history).unwrap()
}

/// Runs the steps on related cases. Refused ones leave no trace. Gives the number of cases.
async fn tell(at: &TestDesk, people: &Cast, steps: &[Step]) -> u64 {
    let mut numbers = vec![a_case(&at.desk).await.number, a_case(&at.desk).await.number];
    for step in steps {
        at.clock.advance(step.after_s);
        let mut cases = Vec::new();
        for number in &numbers {
            cases.push(read(at, *number).await);
        }
        let case = &cases[step.case_index(cases.len())];
        let known: Vec<(CaseNumber, Status)> =
            cases.iter().map(|case| (case.opening.number, case.status())).collect();
        let context = Context { people, resolved: None, cases: &known };
        let hours = at.desk.hours(&case.opening.hours).await.unwrap();
        let now = at.clock.now();
        let has_ended =
            case.closing_report(&hours.spans).is_some_and(|report| report.end.can_be_followed(now));
        for (actor, request) in step.requests(case, context, &hours, now) {
            // The form is not offered before the end of the case, and four cases are enough.
            if matches!(request, Request::Follow) && !(has_ended && numbers.len() < 4) {
                continue;
            }
            numbers.extend(ask_for(at, case.opening.number, &actor, request).await);
        }
    }
    u64::try_from(numbers.len()).unwrap()
}

/// Makes a request of the desk. Gives the following case, if one was opened.
async fn ask_for(at: &TestDesk, number: CaseNumber, actor: &Actor, request: Request) -> Option<CaseNumber> {
    let outcome = match request {
        Request::Do(command) => {
            execute_command(&at.desk, actor, number, Expected::Any, *command).await.map(drop)
        }
        Request::Attach(file) => match attach(&at.desk, actor, number, file.name, file.content).await {
            Ok(_) => Ok(()),
            Err(FileError::Desk(error)) => Err(error),
            Err(error) => panic!("{error}"),
        },
        Request::Follow => {
            let key = format!("follows-{}-{}", number.as_compact(), at.clock.now().0);
            let wish = OpenCase { previous_case: Some(number), ..an_opening(&key) };
            return match open_case(&at.desk, actor, wish).await {
                Ok(opened) => Some(opened.number),
                Err(OpenCaseError::Store(error)) => panic!("{error}"),
                Err(_) => None,
            };
        }
    };
    match outcome {
        Ok(()) | Err(DeskError::Refused(_) | DeskError::NotPermitted(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Enough for most kinds of events to occur.
const HISTORIES: u64 = 26;

async fn integrity_check_finds_nothing_after_any_history(engine: Engine) {
    let mut runner = TestRunner::deterministic();
    let steps = proptest::collection::vec(some_step(), 20..45);
    let all: Vec<Vec<Step>> =
        (0..HISTORIES).map(|_| steps.new_tree(&mut runner).unwrap().current()).collect();
    let at = TestDesk::with_register(engine).await;
    let people = people(&at.desk).await;
    let mut cases = 0;
    for steps in &all {
        cases += tell(&at, &people, steps).await;
    }
    let proof = check(&at.desk, SchedulerState::Unknown).await.unwrap();
    assert_eq!(proof.inconsistencies, []);
    scheduler::tick(&at.desk).await.unwrap();
    search::catch_up(&at.desk).await.unwrap();
    let proof = check(&at.desk, SchedulerState::UpToDate).await.unwrap();
    assert_eq!(proof.inconsistencies, []);
    assert_eq!(proof.cases, cases);
    assert!(proof.happened.len() > 40, "{:?}", proof.happened);
    for kind in [
        "event.duplicate",
        "event.related",
        "event.followed_by",
        "visit.event.attached",
        "visit.event.detached",
    ] {
        assert!(proof.happened.contains_key(kind), "{kind}: {:?}", proof.happened);
    }
}

async fn integrity_check_finds_changed_files_and_one_sided_links(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (number, technician) = crate::files::on_site(&at).await;
    let content = b"\x89PNG\r\n\x1A\n of a screen".to_vec();
    let kept = attach(&at.desk, &technician, number, "foto", content).await.unwrap();
    assert_eq!(kept.kind, FileKind::Png);
    let other = a_case(&at.desk).await.number;
    let relate = Command::Link(LinkCommand::Relate { other, known: None });
    execute_command(&at.desk, &staff(Role::Agent), number, Expected::Any, relate).await.unwrap();
    assert_eq!(check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
    let mut connection = at.connection().await;
    for (damage, expected) in [
        ("UPDATE visit_files SET content = $1", "other bytes than those that came in"),
        ("UPDATE visit_files SET content = $1, file_id = 'x'", "no history names it"),
        ("DELETE FROM visit_files WHERE content = $1", "is not kept"),
    ] {
        let other = b"\x89PNG\r\n\x1A\n of a street".to_vec();
        sqlx::query(damage).bind(other).execute(&mut connection).await.unwrap();
        let found = check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies;
        assert!(found.iter().any(|finding| finding.to_string().contains(expected)), "{damage}: {found:?}");
    }
    sqlx::query("DELETE FROM case_events WHERE case_number = $1 AND version = 2")
        .bind(other.as_compact())
        .execute(&mut connection)
        .await
        .unwrap();
    let found = check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies;
    let alone = format!("{number}, entry 0: the link related with {other}");
    assert!(found.iter().any(|finding| finding.to_string().starts_with(&alone)), "{alone}: {found:?}");
}

async fn integrity_check_finds_every_kind_of_inconsistency(engine: Engine) {
    let damages = [
        ("UPDATE cases SET status = 'closed'", "Row"),
        ("UPDATE cases SET alarm_utc_s = 5", "Row"),
        ("UPDATE cases SET holder_name = 'x'", "Row"),
        ("UPDATE outbox SET kind = 'news'", "Mails"),
        ("DELETE FROM outbox", "Mails"),
        ("UPDATE sequences SET value = value + 1 WHERE name = 'feed'", "Numbers"),
        ("UPDATE case_numbers SET last = 9", "Numbers"),
        ("DELETE FROM cases", "Row"),
    ];
    let at = TestDesk::with_register(engine).await;
    a_case(&at.desk).await;
    assert_eq!(check(&at.desk, SchedulerState::UpToDate).await.unwrap().inconsistencies, []);
    // On PostgreSQL a transaction has its own numbers of entries.
    let damages = damages
        .into_iter()
        .filter(|(damage, _)| engine == Engine::Sqlite || !damage.starts_with("UPDATE sequences"));
    for (damage, kind) in damages {
        let mut connection = at.connection().await;
        connection.execute("CREATE TABLE kept_cases AS SELECT * FROM cases").await.unwrap();
        let restore = ["outbox", "sequences", "case_numbers"];
        for table in restore {
            let keep = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}");
            connection.execute(AssertSqlSafe(keep)).await.unwrap();
        }
        connection.execute(damage).await.unwrap();
        let found = check(&at.desk, SchedulerState::UpToDate).await.unwrap().inconsistencies;
        assert!(found.iter().any(|finding| format!("{finding:?}").starts_with(kind)), "{damage}: {found:?}");
        for table in restore.into_iter().chain(["cases"]) {
            for step in [
                format!("DELETE FROM {table}"),
                format!("INSERT INTO {table} SELECT * FROM kept_{table}"),
                format!("DROP TABLE kept_{table}"),
            ] {
                connection.execute(AssertSqlSafe(step)).await.unwrap();
            }
        }
    }
    at.clock.advance(3600);
    let found = check(&at.desk, SchedulerState::UpToDate).await.unwrap().inconsistencies;
    assert!(found.iter().any(|finding| matches!(finding, Inconsistency::Overdue { .. })), "{found:?}");
}

async fn integrity_check_expects_no_mail_for_reopenings_of_older_versions(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let note = |text| Note::parse(text).unwrap();
    let ask =
        async |command| execute_command(&at.desk, &staff(Role::Agent), number, Expected::Any, command).await;
    let come_back = async || {
        let resolve = Command::Resolve {
            category: Category::Hardware,
            cause: note("Cable dañado"),
            solution: note("Cable nuevo"),
            chosen: None,
            classification: None,
        };
        ask(resolve).await.unwrap();
        let who = PersonName::parse("Luis Peña").ok();
        let verdict = Verdict::StillFails;
        ask(Command::Verify { verdict, channel: Some(Channel::Phone), who, said: None }).await.unwrap();
    };
    let mails = async || {
        let found = check(&at.desk, SchedulerState::Unknown).await.unwrap().inconsistencies;
        found.into_iter().filter(|finding| matches!(finding, Inconsistency::Mails { .. })).count()
    };
    ask(Command::LogContact { channel: Channel::Phone, note: None }).await.unwrap();
    come_back().await;
    assert_eq!(mails().await, 0);
    let mut connection = at.connection().await;
    let lost = "DELETE FROM outbox WHERE kind = 'reopened'";
    connection.execute(lost).await.unwrap();
    assert_eq!(mails().await, 1, "a mail was lost");

    // As a version without these mails left it.
    connection.execute("DROP TABLE mails_since").await.unwrap();
    connection.execute("DELETE FROM _sqlx_migrations WHERE version = 11").await.unwrap();
    at.another().await;
    assert_eq!(mails().await, 0, "none was written");

    at.clock.advance(3600);
    come_back().await;
    assert_eq!(mails().await, 0, "one of two was");
    connection.execute(lost).await.unwrap();
    assert_eq!(mails().await, 1, "from then on each has its own");
}

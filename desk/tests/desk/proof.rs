//! The read model, the mails and the numbers follow from the history, whatever was asked of the desk and in whatever order;
//! and whoever looks for contradictions finds them.

use desk::Desk;
use desk::clockwork;
use desk::people::{NewPerson, add_person};
use desk::proof::{Finding, Timekeeping, prove};
use desk::work_case::{WorkCaseError, work_case};
use domain::actor::{Actor, Role, Staff};
use domain::case::{Case, Recorded};
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use domain::text::PersonName;
use domain::words::Language;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::support::{TestDesk, a_case, desks_with_register};
use crate::wishes::{Cast, Wish, some_wish};

async fn hire(desk: &Desk, name: &str, role: Role) -> Staff {
    let local = name.split(' ').next().unwrap().to_lowercase();
    let person = NewPerson {
        name: PersonName::parse(name).unwrap(),
        mail: MailAddress::parse(&format!("{local}@vigia.example")).unwrap(),
        role,
        language: Language::Es,
        password: "una-clave-larga-de-prueba".to_owned(),
    };
    let id = add_person(desk, &Actor::System, person).await.unwrap();
    Staff { id, name: name.to_owned(), role }
}

async fn people(desk: &Desk) -> Cast {
    Cast {
        agent: hire(desk, "Marta Salas", Role::Agent).await,
        colleague: hire(desk, "Diego Rangel", Role::Agent).await,
        supervisor: hire(desk, "Elena Duarte", Role::Supervisor).await,
        technician: hire(desk, "Rosa Campos", Role::Technician).await,
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

/// Asks for everything in turn; refused wishes leave no trace.
async fn tell(at: &TestDesk, people: &Cast, wishes: &[Wish]) -> CaseNumber {
    let number = a_case(&at.desk).await.number;
    for wish in wishes {
        at.clock.advance(wish.after_s);
        let case = read(at, number).await;
        let hours = at.desk.hours(&case.opening.hours).await.unwrap();
        for (actor, command) in wish.commands(&case, people, None, &hours, at.clock.now()) {
            match work_case(&at.desk, &actor, number, u32::MAX, command).await {
                Ok(_) | Err(WorkCaseError::Refused(_)) => {}
                Err(error) => panic!("{}: {error}", at.engine),
            }
        }
    }
    number
}

/// Enough for most kinds of events to come up.
const HISTORIES: u64 = 18;

#[tokio::test]
async fn rows_mails_and_numbers_follow_from_any_history() {
    let mut runner = TestRunner::deterministic();
    let wishes = proptest::collection::vec(some_wish(), 20..45);
    let all: Vec<Vec<Wish>> =
        (0..HISTORIES).map(|_| wishes.new_tree(&mut runner).unwrap().current()).collect();
    for at in desks_with_register().await {
        let people = people(&at.desk).await;
        for wishes in &all {
            tell(&at, &people, wishes).await;
        }
        let proof = prove(&at.desk, Timekeeping::Unknown).await.unwrap();
        assert_eq!(proof.findings, [], "{}", at.engine);
        clockwork::tick(&at.desk).await.unwrap();
        let proof = prove(&at.desk, Timekeeping::UpToDate).await.unwrap();
        assert_eq!(proof.findings, [], "{}", at.engine);
        assert!(proof.cases == HISTORIES && proof.happened.len() > 30, "{}: {:?}", at.engine, proof.happened);
    }
}

#[tokio::test]
async fn every_kind_of_contradiction_is_found() {
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
    for at in desks_with_register().await {
        a_case(&at.desk).await;
        assert_eq!(prove(&at.desk, Timekeeping::UpToDate).await.unwrap().findings, [], "{}", at.engine);
        for (damage, kind) in damages {
            let mut connection = at.connection().await;
            connection.execute("CREATE TABLE kept_cases AS SELECT * FROM cases").await.unwrap();
            let restore = ["outbox", "sequences", "case_numbers"];
            for table in restore {
                let keep = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}");
                connection.execute(AssertSqlSafe(keep)).await.unwrap();
            }
            connection.execute(damage).await.unwrap();
            let found = prove(&at.desk, Timekeeping::UpToDate).await.unwrap().findings;
            assert!(
                found.iter().any(|finding| format!("{finding:?}").starts_with(kind)),
                "{}: {damage}: {found:?}",
                at.engine
            );
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
        let found = prove(&at.desk, Timekeeping::UpToDate).await.unwrap().findings;
        assert!(found.iter().any(|finding| matches!(finding, Finding::Overdue { .. })), "{found:?}");
    }
}

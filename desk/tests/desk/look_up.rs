//! One search box for customers, contacts, contracts, sites, equipment and cases, on every engine.

use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, open_case};
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::search::{catch_up, catch_up_register, customer, look_up};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{Command, ContractRef, RevisionCommand};
use domain::contract_number::{ContractNumber, default_formats};
use domain::entitlement::{Entitlement, ValidationReason};
use domain::intake::IntakeForm;
use domain::search::{Force, Found, LookedUp};
use domain::serial::Serial;
use domain::text::Reason;
use sqlx::{Executor, Row};

use crate::support::{TestDesk, a_case, a_form, an_opening, both_engines, explain, staff};

both_engines! {
    register_entries_are_found_by_name_contract_site_and_serial,
    customer_card_shows_contracts_equipment_contacts_and_open_cases,
    backfill_indexes_the_register_of_an_older_version_once,
    case_without_contract_number_is_validated_by_its_serial,
    register_queries_are_served_by_indexes,
}

async fn looked_up(test: &TestDesk, said: &str) -> LookedUp {
    look_up(&test.desk, &staff(Role::Agent), said).await.unwrap()
}

/// Serials, contracts, sites and customers that a text finds.
async fn names(test: &TestDesk, said: &str) -> (Vec<String>, Vec<String>, Vec<String>, Vec<String>) {
    let found = looked_up(test, said).await.register;
    (
        found.customers.into_iter().map(|found| found.name).collect(),
        found.contracts.into_iter().map(|found| found.number).collect(),
        found.sites.into_iter().map(|found| found.name).collect(),
        found.equipment.into_iter().map(|found| found.serial).collect(),
    )
}

async fn register_entries_are_found_by_name_contract_site_and_serial(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    for text in ["FOC2614A1B2", "foc 2614 a1b2", "FOC-2614"] {
        let (_, _, _, serials) = names(&test, text).await;
        assert_eq!(serials, [demo::CARACAS.serial], "{text}");
    }
    // By its last characters, with others of the same ending.
    let (_, _, _, serials) = names(&test, "a1b2").await;
    assert!(serials.contains(&demo::CARACAS.serial.to_owned()), "{serials:?}");
    assert!(serials.iter().all(|serial| serial.ends_with("A1B2")), "{serials:?}");
    for text in ["CPS-VE-004213-58", "cps ve 4213", "004213", "4213", "1358"] {
        let (_, contracts, ..) = names(&test, text).await;
        assert_eq!(contracts, [demo::CARACAS.contract], "{text}");
    }
    for text in ["CUMBRE avila", "banco cumbre", "ávila cumbre"] {
        let (customers, contracts, _, serials) = names(&test, text).await;
        assert_eq!(customers, ["Banco Cumbre del Ávila"], "{text}");
        assert_eq!(contracts, [demo::CARACAS.contract, "CPS-VE-005240-81"], "{text}");
        assert!(serials.contains(&demo::CARACAS.serial.to_owned()), "{text}");
    }
    for text in ["", "a", "nadie", "cumbre zulia"] {
        assert!(looked_up(&test, text).await.register.is_empty(), "{text}");
    }
    let refused = look_up(&test.desk, &Actor::Anonymous, "cumbre").await;
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
    let refused = customer(&test.desk, &Actor::Anonymous, 1).await;
    assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
}

async fn customer_card_shows_contracts_equipment_contacts_and_open_cases(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let number = a_case(desk).await.number;
    catch_up(desk).await.unwrap();
    // By the contact's telephone, which only the case has.
    for text in ["0142", "luis peña", "luis.pena@example.com", "cumbre"] {
        let found = looked_up(&test, text).await;
        assert!(matches!(&found.cases, Found::Cases(rows) if rows.len() == 1), "{text}");
        let card = found.card.unwrap_or_else(|| panic!("{text}"));
        assert_eq!(card.customer.name, "Banco Cumbre del Ávila");
        let contract = &card.contracts[0];
        assert_eq!((contract.number.as_str(), contract.force), (demo::CARACAS.contract, Force::InForce));
        assert!(card.equipment.iter().any(|found| found.serial == demo::CARACAS.serial));
        let open: Vec<_> = card.open.rows.iter().map(|row| row.number).collect();
        assert_eq!(open, [number]);
        assert!(!card.open.rows[0].clocks.is_empty() && !card.open.hours.is_empty());
        assert_eq!(card.people.len(), 1);
        assert_eq!(card.people[0].contact.name.as_str(), "Luis Peña");
    }
    assert_eq!(customer(desk, &staff(Role::Agent), 9_999).await.unwrap(), None);
}

async fn backfill_indexes_the_register_of_an_older_version_once(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let mut connection = test.connection().await;
    connection.execute("DELETE FROM register_terms").await.unwrap();
    assert!(looked_up(&test, "cumbre").await.register.is_empty());
    catch_up_register(&test.desk).await.unwrap();
    assert!(looked_up(&test, "cumbre").await.register.is_empty(), "nothing has changed since");
    connection.execute("UPDATE register_search SET version = 0").await.unwrap();
    let other = test.another().await;
    let (one, two) = tokio::join!(catch_up_register(&test.desk), catch_up_register(&other));
    one.unwrap();
    two.unwrap();
    assert_eq!(names(&test, "cumbre").await.0, ["Banco Cumbre del Ávila"]);
}

async fn case_without_contract_number_is_validated_by_its_serial(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let form = IntakeForm {
        contract: String::new(),
        no_contract: "yes".into(),
        company: "Banco Cumbre".into(),
        ..a_form(&demo::CARACAS)
    };
    let wish = OpenCase { report: form.report().unwrap(), ..an_opening("without") };
    let number = open_case(desk, &Actor::Anonymous, wish).await.unwrap().number;
    let agent = staff(Role::Agent);
    let file = desk::cases::read::read_case(desk, &agent, number).await.unwrap();
    assert_eq!(file.opening.coverage, Entitlement::NeedsValidation(ValidationReason::NoContract));
    let registered = file.registered.unwrap();
    assert_eq!(registered.contract, demo::CARACAS.contract);
    // A stranger sees no register entry of a serial.
    let theirs = desk::cases::read::read_case(desk, &Actor::Customer(number), number).await.unwrap();
    assert_eq!(theirs.registered, None);
    catch_up(desk).await.unwrap();
    let found = looked_up(&test, "luis peña").await;
    assert!(matches!(&found.cases, Found::Cases(rows) if rows.len() == 1));
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);

    let to = ContractRef {
        contract: ContractNumber::parse(&registered.contract, default_formats()).ok(),
        serial: Serial::parse(demo::CARACAS.serial).unwrap(),
    };
    let reason = Reason::parse("Según el registro").unwrap();
    let correct = Command::Revision(RevisionCommand::Correct { to, reason, resolved: None });
    execute_command(desk, &agent, number, Expected::Version(1), correct).await.unwrap();
    let file = desk::cases::read::read_case(desk, &agent, number).await.unwrap();
    assert_eq!(file.opening.coverage, Entitlement::Covered);
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);

    let meant = IntakeForm {
        contract: "CPS-VE-004213-61".into(),
        contract_meant: "yes".into(),
        ..a_form(&demo::CARACAS)
    };
    let wish = OpenCase { report: meant.report().unwrap(), ..an_opening("meant") };
    let number = open_case(desk, &Actor::Anonymous, wish).await.unwrap().number;
    let file = desk::cases::read::read_case(desk, &agent, number).await.unwrap();
    assert_eq!(file.opening.coverage, Entitlement::NeedsValidation(ValidationReason::UnknownContract));
    assert_eq!(file.opening.report.contract.unwrap().as_str(), "CPS-VE-004213-61");
}

/// Rows for PostgreSQL's planner.
const ENOUGH: [&str; 2] = [
    "INSERT INTO register_terms (kind, term, entity)
     SELECT 'equipment', convert_to('term' || n * 7919 % 10007, 'UTF8'), 'E' || n FROM generate_series(1, 20000) AS n",
    "ANALYZE register_terms",
];

async fn register_queries_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let mut connection = explain::at_work(&test).await;
    let (low, high) = if engine == Engine::Postgres {
        for step in ENOUGH {
            connection.execute(step).await.unwrap();
        }
        ("'\\x7465726d37'::bytea", "'\\x7465726d37ff'::bytea")
    } else {
        ("x'7465726d37'", "x'7465726d37ff'")
    };
    let (explain, column) = match engine {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        Engine::Postgres => ("EXPLAIN", "QUERY PLAN"),
    };
    let one = format!(
        "SELECT entity FROM register_terms WHERE kind = 'equipment' AND (term >= {low} AND term < {high})"
    );
    for (sql, whole) in [
        (format!("SELECT DISTINCT entity FROM ({one}) AS found ORDER BY entity LIMIT 8"), "register_terms"),
        (
            format!("SELECT entity FROM ({one} INTERSECT {one}) AS found ORDER BY entity LIMIT 8"),
            "register_terms",
        ),
    ] {
        let plan = sqlx::query(sqlx::AssertSqlSafe(format!("{explain} {sql}")));
        let rows = plan.fetch_all(&mut connection).await.unwrap();
        let plan: Vec<String> = rows.into_iter().map(|row| row.get(column)).collect();
        let plan = plan.join("; ");
        assert!(!plan.contains(&format!("SCAN {whole}")) && !plan.contains("Seq Scan"), "{plan}");
    }
    let open = "SELECT number FROM cases WHERE contract_number IN ('CPS-VE-004213-58') AND is_open = 1";
    explain::is_served_by(&mut connection, engine, open, "cases_by_contract").await;
}

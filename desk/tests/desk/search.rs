//! Search of cases, on every engine: by number at once, by everything else after the indexer.

use std::fmt::Write as _;

use desk::Desk;
use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, open_case};
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::search::{SHOWN, catch_up, search};
use desk::store::Engine;
use domain::actor::{Actor, DisplayId, Role, Scope};
use domain::case::{AskedBy, Command, ContractRef, RevisionCommand, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::contract_number::{ContractNumber, default_formats};
use domain::intake::IntakeForm;
use domain::search::Found;
use domain::serial::Serial;
use domain::text::Reason;
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::support::{TestDesk, a_form, an_opening, both_engines, explain, staff};

both_engines! {
    case_is_found_by_number_at_once_and_by_terms_once_indexed,
    amended_report_is_found_by_its_new_terms_alone,
    search_lists_open_cases_first_newest_first_up_to_a_limit,
    search_is_permitted_to_staff_alone,
    cases_are_indexed_once_by_two_nodes_older_ones_included,
    integrity_check_finds_missing_and_extra_terms_without_quoting_them,
    search_queries_are_served_by_indexes,
    indexer_query_is_served_by_the_primary_key,
}

/// A case opened a minute after the last one.
async fn opened(test: &TestDesk, key: &str, form: &IntakeForm) -> CaseNumber {
    test.clock.advance(60);
    let wish = OpenCase { report: form.report().unwrap(), ..an_opening(key) };
    open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number
}

/// Luis Peña's case in Caracas, and María Gómez's in Maracaibo.
async fn two_cases(test: &TestDesk) -> (CaseNumber, CaseNumber) {
    let words = str::to_owned;
    let gomez = IntakeForm {
        contact_name: words("María Gómez"),
        contact_phone: words("0414-555.01.77"),
        contact_mail: words("m.gomez@lacteos.example"),
        fault: words("La consola muestra el error E47."),
        ..a_form(&demo::MARACAIBO)
    };
    (opened(test, "pena", &a_form(&demo::CARACAS)).await, opened(test, "gomez", &gomez).await)
}

async fn looked_for(desk: &Desk, text: &str) -> Found {
    search(desk, &staff(Role::Agent), text).await.unwrap()
}

async fn found(desk: &Desk, text: &str) -> Vec<CaseNumber> {
    match looked_for(desk, text).await {
        Found::Nothing => Vec::new(),
        Found::Case(number) => vec![number],
        Found::Cases(rows) | Found::Many(rows) => rows.into_iter().map(|row| row.number).collect(),
    }
}

async fn case_is_found_by_number_at_once_and_by_terms_once_indexed(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let (pena, gomez) = two_cases(&test).await;
    assert_eq!(looked_for(desk, &pena.grouped()).await, Found::Case(pena));
    for part in ["1", "26-1", "VE 26 000001", &pena.as_compact()[2..], &pena.as_compact()[4..]] {
        assert_eq!(found(desk, part).await, [pena], "{part}");
    }
    assert_eq!(looked_for(desk, "peña").await, Found::Cases(Vec::new()), "not yet");
    for text in ["", " - ", "a"] {
        assert_eq!(looked_for(desk, text).await, Found::Nothing, "{text}");
    }

    catch_up(desk).await.unwrap();
    for (text, expected) in [
        ("pena", vec![pena]),
        ("GÓMEZ maria", vec![gomez]),
        ("rivas", vec![gomez, pena]),
        ("rivas 0142", vec![pena]),
        ("0414 555 01 77", vec![gomez]),
        ("+58 (212) 555-0142", vec![pena]),
        ("cumbre avila", vec![pena]),
        ("zulia", vec![gomez]),
        ("m.gomez@lacteos", vec![gomez]),
        ("CPS-VE-004690-82", vec![gomez]),
        ("4690", vec![gomez]),
        ("9082", vec![gomez]),
        ("a1b2", vec![pena]),
        ("lacteos.example", vec![gomez]),
        ("004690", vec![gomez]),
        ("foc2614", vec![pena]),
        ("consola e47", vec![gomez]),
        ("gomez 2", vec![gomez]),
        ("gomez 1", vec![]),
        ("pena gomez", vec![]),
        ("nadie", vec![]),
    ] {
        assert_eq!(found(desk, text).await, expected, "{text}");
    }
    let Found::Cases(rows) = looked_for(desk, "gomez").await else { panic!() };
    let row = &rows[0];
    assert_eq!(row.customer, "Lácteos del Zulia");
    assert_eq!(row.contact.name.as_str(), "María Gómez");
    assert_eq!(row.contact.phone.e164(), "+584145550177");
    assert_eq!((row.opened_at, row.zone.name.as_str()), (test.clock.now(), "America/Caracas"));
    assert!(!row.equipment.is_empty());
}

async fn amended_report_is_found_by_its_new_terms_alone(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let number = opened(&test, "wrong", &a_form(&demo::CARACAS)).await;
    catch_up(desk).await.unwrap();
    assert_eq!(found(desk, "foc2614a1b2 avila").await, [number]);
    let to = ContractRef {
        contract: Some(ContractNumber::parse(demo::MARACAIBO.contract, default_formats()).unwrap()),
        serial: Serial::parse(demo::MARACAIBO.serial).unwrap(),
    };
    let reason = Reason::parse("Se leyó mal").unwrap();
    let correct = Command::Revision(RevisionCommand::Correct { to, reason, resolved: None });
    test.clock.advance(60);
    execute_command(desk, &staff(Role::Agent), number, Expected::Any, correct).await.unwrap();
    catch_up(desk).await.unwrap();
    for wrong in ["foc2614a1b2", "avila", "004213"] {
        assert_eq!(found(desk, wrong).await, [], "{wrong}");
    }
    for right in [demo::MARACAIBO.serial, demo::MARACAIBO.contract, "zulia", "pena 0142"] {
        assert_eq!(found(desk, right).await, [number], "{right}");
    }
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn search_lists_open_cases_first_newest_first_up_to_a_limit(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let mut numbers = Vec::new();
    for place in 0..SHOWN + 2 {
        numbers.push(opened(&test, &format!("many-{place}"), &a_form(&demo::CARACAS)).await);
    }
    for number in &numbers[SHOWN - 1..] {
        let reason = Reason::parse("Ya no hace falta").unwrap();
        let cancel = TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason };
        execute_command(desk, &staff(Role::Agent), *number, Expected::Any, Command::Termination(cancel))
            .await
            .unwrap();
    }
    catch_up(desk).await.unwrap();
    let Found::Many(rows) = looked_for(desk, "conmutador").await else { panic!() };
    let (open, ended) = numbers.split_at(SHOWN - 1);
    let expected: Vec<CaseNumber> = open.iter().rev().chain(ended.last()).copied().collect();
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), expected);
    assert!(rows.iter().take(SHOWN - 1).all(|row| row.status.is_open()));
    assert!(!rows[SHOWN - 1].status.is_open());
}

async fn search_is_permitted_to_staff_alone(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, _) = two_cases(&test).await;
    catch_up(&test.desk).await.unwrap();
    let display = Actor::Display { id: DisplayId(1), scope: Scope { country: None } };
    for actor in [Actor::Anonymous, Actor::Customer(number), display] {
        for text in ["pena", number.as_compact().as_str()] {
            let refused = search(&test.desk, &actor, text).await;
            assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{actor:?}");
        }
    }
    for role in Role::ALL {
        assert!(search(&test.desk, &staff(role), "pena").await.is_ok(), "{role:?}");
    }
}

/// Number of terms.
async fn terms(test: &TestDesk) -> i64 {
    let mut connection = test.connection().await;
    let row = sqlx::query("SELECT COUNT(*) FROM case_terms").fetch_one(&mut connection).await.unwrap();
    row.get(0)
}

async fn cases_are_indexed_once_by_two_nodes_older_ones_included(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    // More than one portion of the indexer.
    let mut numbers = Vec::new();
    for place in 0..35 {
        let form = IntakeForm { contact_phone: format!("0414 555 9{place:03}"), ..a_form(&demo::CARACAS) };
        numbers.push(opened(&test, &format!("node-{place}"), &form).await);
    }
    let other = test.another().await;
    let (one, two) = tokio::join!(catch_up(&test.desk), catch_up(&other));
    one.unwrap();
    two.unwrap();
    assert_eq!(check(&other, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
    assert_eq!(found(&other, "pena 9007").await, [numbers[7]]);
    let all = terms(&test).await;

    // As an older version left it.
    let mut connection = test.connection().await;
    for step in [
        "DROP TABLE case_terms",
        "DROP TABLE search_progress",
        "DELETE FROM _sqlx_migrations WHERE version = 10",
    ] {
        connection.execute(step).await.unwrap();
    }
    let newer = test.another().await;
    assert_eq!(found(&newer, "pena 9007").await, [], "the schema alone brings none");
    catch_up(&newer).await.unwrap();
    assert_eq!(found(&newer, "pena 9007").await, [numbers[7]]);
    assert_eq!(terms(&test).await, all);
    // A second run has nothing to do.
    catch_up(&newer).await.unwrap();
    assert_eq!(terms(&test).await, all);
    assert_eq!(check(&newer, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn integrity_check_finds_missing_and_extra_terms_without_quoting_them(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, _) = two_cases(&test).await;
    catch_up(&test.desk).await.unwrap();
    let inconsistencies = async || check(&test.desk, SchedulerState::Unknown).await.unwrap().inconsistencies;
    assert_eq!(inconsistencies().await, []);
    let mut connection = test.connection().await;
    for (damage, expected) in [
        ("UPDATE case_terms SET term = $1 WHERE case_number = $2 AND term = $3", "1 too many"),
        ("DELETE FROM case_terms WHERE case_number = $2 AND term <> $1 AND term <> $3", "0 too many"),
    ] {
        let kept = "CREATE TABLE kept_terms AS SELECT * FROM case_terms";
        connection.execute(kept).await.unwrap();
        sqlx::query(damage)
            .bind(b"perez".to_vec())
            .bind(number.as_compact())
            .bind(b"pena".to_vec())
            .execute(&mut connection)
            .await
            .unwrap();
        let told: Vec<String> = inconsistencies().await.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        let begins = format!("{number}: case_terms.term is");
        assert!(told[0].starts_with(&begins) && told[0].contains(expected), "{told:?}");
        assert!(!told[0].contains("perez") && !told[0].contains("0142"), "{told:?}");
        for step in [
            "DELETE FROM case_terms",
            "INSERT INTO case_terms SELECT * FROM kept_terms",
            "DROP TABLE kept_terms",
        ] {
            connection.execute(step).await.unwrap();
        }
    }
    // Not indexed yet, so nothing is missing.
    connection.execute("UPDATE search_progress SET seq = 0").await.unwrap();
    connection.execute("DELETE FROM case_terms").await.unwrap();
    assert_eq!(inconsistencies().await, []);
}

/// Terms for PostgreSQL's planner: some of two cases, some of every third one.
const TERMS: [&str; 3] = [
    "INSERT INTO case_terms (term, case_number)
     SELECT convert_to('rare' || n * 7919 % 10007, 'UTF8'), 'N' || n FROM generate_series(1, 20000) AS n",
    "INSERT INTO case_terms (term, case_number)
     SELECT convert_to('often' || n % 3, 'UTF8'), 'N' || n FROM generate_series(1, 20000) AS n",
    "ANALYZE case_terms",
];

async fn search_queries_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let mut connection = explain::at_work(&test).await;
    if engine == Engine::Postgres {
        for step in TERMS {
            connection.execute(step).await.unwrap();
        }
    }
    let (explain, column) = match engine {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        Engine::Postgres => ("EXPLAIN", "QUERY PLAN"),
    };
    let bytes = |text: &str| {
        let mut digits = String::new();
        for byte in text.bytes() {
            write!(digits, "{byte:02x}").unwrap();
        }
        if engine == Engine::Sqlite { format!("x'{digits}'") } else { format!("'\\x{digits}'::bytea") }
    };
    let range = |term: &str, text: &str| {
        format!("{term} >= {} AND {term} < {}", bytes(text), bytes(&format!("{text}~")))
    };
    let rare = format!("SELECT case_number FROM case_terms WHERE {}", range("term", "rare777"));
    let often = range("held.term", "often1");
    for (sql, index) in [
        (format!("SELECT COUNT(*) FROM ({rare} LIMIT 1000) AS held"), "case_terms"),
        (
            format!(
                "SELECT case_number FROM case_terms WHERE term = {} ORDER BY case_number DESC LIMIT 101",
                bytes("rare777")
            ),
            "case_terms",
        ),
        (
            format!(
                "SELECT cases.number FROM cases WHERE cases.number IN ({rare} UNION ALL
                 SELECT found.number AS case_number FROM cases found WHERE found.number IN ('N7', 'N8'))
                 AND (EXISTS (SELECT 1 FROM case_terms held WHERE held.case_number = cases.number AND ({often}))
                      OR cases.number IN ('N8'))
                 ORDER BY cases.is_open DESC, cases.opened_utc_s DESC, cases.number DESC LIMIT 51"
            ),
            "case_terms_by_case",
        ),
    ] {
        let plan = sqlx::query(AssertSqlSafe(format!("{explain} {sql}")));
        let rows = plan.fetch_all(&mut connection).await.unwrap();
        let plan: Vec<String> = rows.into_iter().map(|row| row.get(column)).collect();
        let plan = plan.join("; ");
        assert!(plan.contains(index), "{plan}");
        for whole in ["SCAN case", "SCAN found", "Seq Scan"] {
            assert!(!plan.contains(whole), "{plan}");
        }
    }
}

async fn indexer_query_is_served_by_the_primary_key(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let mut connection = explain::at_work(&test).await;
    let index = if engine == Engine::Sqlite { "(seq>?)" } else { "case_events_pkey" };
    let next = "SELECT seq, case_number FROM case_events
                WHERE seq > 7 AND kind IN ('opened', 'revision:corrected', 'revision:amended')
                ORDER BY seq LIMIT 16";
    explain::is_served_by(&mut connection, engine, next, index).await;
}

//! Search of cases, on every engine: by number at once, by everything else after the indexer.

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
    case_is_found_by_number_at_once_and_by_words_once_indexed,
    amended_report_is_found_by_its_new_words_alone,
    search_lists_open_cases_first_newest_first_up_to_a_limit,
    search_is_permitted_to_staff_alone,
    cases_are_indexed_once_by_two_nodes_older_ones_included,
    integrity_check_finds_missing_and_extra_words_without_quoting_them,
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

async fn case_is_found_by_number_at_once_and_by_words_once_indexed(engine: Engine) {
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

async fn amended_report_is_found_by_its_new_words_alone(engine: Engine) {
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

/// All documents and words.
async fn index(test: &TestDesk) -> Vec<String> {
    let text = "SELECT words FROM case_documents UNION ALL SELECT word FROM search_words ORDER BY 1";
    let rows = sqlx::query(text).fetch_all(&mut test.connection().await).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
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
    let all = index(&test).await;

    // As an older version left it.
    let mut connection = test.connection().await;
    for step in [
        "DROP TABLE case_documents",
        "DROP TABLE search_words",
        "DROP TABLE case_mailboxes",
        "DROP TABLE customer_entries",
        "DROP TABLE customer_sessions",
        "DROP INDEX contracts_by_contact_mail",
        "CREATE TABLE case_terms (term BYTEA NOT NULL, case_number TEXT NOT NULL)",
        // The later step has a column of a table of the earlier one.
        "DELETE FROM _sqlx_migrations WHERE version IN (51, 63)",
    ] {
        connection.execute(step).await.unwrap();
    }
    let newer = test.another().await;
    assert_eq!(found(&newer, "pena 9007").await, [], "the schema alone brings none");
    catch_up(&newer).await.unwrap();
    assert_eq!(found(&newer, "pena 9007").await, [numbers[7]]);
    assert_eq!(index(&test).await, all);
    // A second run has nothing to do.
    catch_up(&newer).await.unwrap();
    assert_eq!(index(&test).await, all);
    assert_eq!(check(&newer, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

async fn integrity_check_finds_missing_and_extra_words_without_quoting_them(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, _) = two_cases(&test).await;
    catch_up(&test.desk).await.unwrap();
    let inconsistencies = async || check(&test.desk, SchedulerState::Unknown).await.unwrap().inconsistencies;
    assert_eq!(inconsistencies().await, []);
    let mut connection = test.connection().await;
    let kept = "CREATE TABLE kept AS SELECT id, case_number, words FROM case_documents";
    connection.execute(kept).await.unwrap();
    connection.execute("CREATE TABLE kept_boxes AS SELECT * FROM case_mailboxes").await.unwrap();
    for (damage, expected) in [
        ("UPDATE case_documents SET words = words || ' perez' WHERE case_number = $1", "1 too many"),
        ("UPDATE case_documents SET words = 'pena' WHERE case_number = $1", "0 too many"),
        ("DELETE FROM case_documents WHERE case_number = $1", "0 too many"),
        ("DELETE FROM case_mailboxes WHERE case_number = $1", "0 too many"),
    ] {
        sqlx::query(damage).bind(number.as_compact()).execute(&mut connection).await.unwrap();
        let told: Vec<String> = inconsistencies().await.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        let begins = format!("{number}: case_documents.words is");
        assert!(told[0].starts_with(&begins) && told[0].contains(expected), "{told:?}");
        assert!(!told[0].contains("perez") && !told[0].contains("0142"), "{told:?}");
        for step in [
            "DELETE FROM case_documents",
            "INSERT INTO case_documents (id, case_number, words) SELECT id, case_number, words FROM kept",
            "DELETE FROM case_mailboxes",
            "INSERT INTO case_mailboxes SELECT * FROM kept_boxes",
        ] {
            connection.execute(step).await.unwrap();
        }
    }
    // Not indexed yet, so nothing is missing.
    connection.execute("UPDATE search_progress SET seq = 0").await.unwrap();
    connection.execute("DELETE FROM case_documents").await.unwrap();
    assert_eq!(inconsistencies().await, []);
}

/// Documents for PostgreSQL's planner: each has a rare word, and one that every third has.
const DOCUMENTS: [&str; 4] = [
    "INSERT INTO case_documents (id, case_number, words)
     SELECT n, 'N' || n, 'rare' || n * 7919 % 10007 || ' often' || n % 3 || CASE WHEN n % 100 = 0 THEN ' =open' ELSE '' END FROM generate_series(1, 20000) AS n",
    "INSERT INTO search_words (id, word) SELECT n, md5(CAST(n AS TEXT)) FROM generate_series(1, 200000) AS n",
    "ANALYZE case_documents",
    "ANALYZE search_words",
];

/// Each query of the search, with what must serve it.
const fn queries(engine: Engine) -> &'static [(&'static str, &'static str)] {
    match engine {
        Engine::Sqlite => &[
            (
                "SELECT rowid FROM case_index WHERE case_index MATCH '\"a\"' ORDER BY rowid DESC LIMIT 51",
                "case_index VIRTUAL TABLE INDEX",
            ),
            (
                "SELECT word FROM search_words WHERE word >= 'conmu' AND word < 'conmv' LIMIT 65",
                "INDEX sqlite_autoindex_search_words_2 (word>? AND word<?)",
            ),
            (
                "SELECT word FROM search_words_index WHERE word LIKE '%mutad%' LIMIT 64",
                "search_words_index VIRTUAL TABLE INDEX 0:L",
            ),
        ],
        Engine::Postgres => &[
            (
                "SELECT id FROM case_documents WHERE terms @@ CAST($q$'rare777' & 'often1'$q$ AS tsquery)
                 ORDER BY id + 0 DESC LIMIT 51",
                "case_index",
            ),
            (
                "SELECT id FROM (SELECT id, terms FROM case_documents ORDER BY id DESC LIMIT 2000) AS newest
                 WHERE terms @@ CAST($q$'often1'$q$ AS tsquery) ORDER BY id DESC LIMIT 51",
                "case_documents_pkey",
            ),
            (
                "SELECT id FROM case_documents WHERE words LIKE '%=open%' AND terms @@ CAST($q$'often1':*$q$ AS tsquery)
                 ORDER BY id + 0 DESC LIMIT 51",
                "case_index_of_open",
            ),
            (
                "SELECT word FROM search_words WHERE word ~>=~ 'conmu' AND word ~<~ 'conmv' LIMIT 65",
                "search_words_by_beginning",
            ),
            ("SELECT word FROM search_words WHERE word LIKE '%ab12cd%' LIMIT 64", "search_words_index"),
            (
                "SELECT word FROM search_words WHERE word IN ('conmutador', 'comutador')",
                // Of two indexes of words either serves; the sample of the rows decides.
                "search_words_",
            ),
        ],
    }
}

async fn search_queries_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let mut connection = test.connection().await;
    if engine == Engine::Postgres {
        for step in DOCUMENTS {
            connection.execute(step).await.unwrap();
        }
    }
    let (explain, column) = match engine {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        Engine::Postgres => ("EXPLAIN", "QUERY PLAN"),
    };
    for (sql, index) in queries(engine) {
        let plan = sqlx::query(AssertSqlSafe(format!("{explain} {sql}")));
        let rows = plan.fetch_all(&mut connection).await.unwrap();
        let plan: Vec<String> = rows.into_iter().map(|row| row.get(column)).collect();
        let plan = plan.join("; ");
        assert!(plan.contains(index), "{plan}");
        assert!(!plan.contains("Seq Scan") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

async fn indexer_query_is_served_by_the_primary_key(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let mut connection = explain::at_work(&test).await;
    let index = if engine == Engine::Sqlite { "(seq>? AND seq<?)" } else { "case_events_pkey" };
    let next = "SELECT seq, case_number FROM case_events
                WHERE seq > 7 AND seq <= 9 ORDER BY seq LIMIT 16";
    explain::is_served_by(&mut connection, engine, next, index).await;
}

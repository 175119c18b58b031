//! What cases are found by beyond their opening, and how. It is every text of the history and of the register, parts of
//! words, and slips of the pen. On every engine.

use desk::Desk;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, open_case};
use desk::import::{Mode, import_equipment};
use desk::lab::demo;
use desk::lab::integrity_check::{SchedulerState, check};
use desk::register::{EntryKey, Fields, Resolved, Saved, Target, entry, save};
use desk::retention::erase_case;
use desk::search::{catch_up, search};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{AskedBy, Audience, Command, ErasureReason, MessageCommand, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::intake::IntakeForm;
use domain::search::Found;
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::support::{
    TestDesk, a_case, a_form, an_opening, both_engines, contact, count, execute, note, reason, resolve, staff,
};

both_engines! {
    case_is_found_by_every_text_of_its_history,
    words_must_all_be_there_wherever_they_stand,
    parts_of_words_and_slips_are_found_when_nothing_nearer_is,
    case_is_found_by_every_serial_that_its_equipment_has_or_had,
    erased_words_leave_every_index_with_their_case,
    indexes_are_made_anew_from_the_tables_at_the_next_start,
    found_cases_are_the_same_without_an_index_of_parts,
    listed_cases_are_written_once_and_fast,
}

async fn found(desk: &Desk, text: &str) -> Vec<CaseNumber> {
    match search(desk, &staff(Role::Agent), text).await.unwrap() {
        Found::Nothing => Vec::new(),
        Found::Case(number) => vec![number],
        Found::Cases(rows) | Found::Many(rows) => rows.into_iter().map(|row| row.number).collect(),
    }
}

async fn is_sound(desk: &Desk) {
    assert_eq!(check(desk, SchedulerState::Unknown).await.unwrap().inconsistencies, []);
}

/// A case with another contact and fault.
async fn told(test: &TestDesk, key: &str, name: &str, fault: &str) -> CaseNumber {
    test.clock.advance(60);
    let form = IntakeForm {
        contact_name: name.to_owned(),
        contact_mail: format!("{key}@lacteos.example"),
        fault: fault.to_owned(),
        ..a_form(&demo::MARACAIBO)
    };
    let wish = OpenCase { report: form.report().unwrap(), ..an_opening(key) };
    open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number
}

async fn case_is_found_by_every_text_of_its_history(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let other = a_case(desk).await.number;
    let number = told(&test, "texts", "María Gómez", "La consola muestra el error E47.").await;
    let agent = staff(Role::Agent);
    let internal = Command::AddNote { audience: Audience::Internal, text: note("Preguntar por el Álamo") };
    execute(desk, &agent, number, internal).await;
    execute(desk, &agent, number, contact()).await;
    let update = MessageCommand::SendUpdate { text: note("Llega un bastidor mañana"), next: None };
    execute(desk, &agent, number, Command::Message(update)).await;
    let wrote = MessageCommand::Write { text: note("Huele a quemado") };
    execute(desk, &Actor::Customer(number), number, Command::Message(wrote)).await;
    execute(desk, &agent, number, resolve("Se cambió el ventilador")).await;
    catch_up(desk).await.unwrap();
    for text in [
        "alamo",
        "BASTIDOR",
        "quemado",
        "ventilador",
        "fuente dañada",
        "no hay nadie",
        "gomez ventilador bastidor",
        "zulia quemado",
        "e47 alamo",
    ] {
        let expected = if text == "no hay nadie" { vec![] } else { vec![number] };
        assert_eq!(found(desk, text).await, expected, "{text}");
    }
    // By the register: maker, site and customer of the equipment.
    assert_eq!(found(desk, "banco cumbre avila").await, [other]);
    assert_eq!(found(desk, "cisco peña").await, [other]);
    is_sound(desk).await;
}

async fn words_must_all_be_there_wherever_they_stand(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let one = told(&test, "one", "Rosa Díaz", "El router del almacén reinicia cada hora").await;
    let two = told(&test, "two", "Rosa Díaz", "El router de la oficina pierde el enlace").await;
    catch_up(desk).await.unwrap();
    assert_eq!(found(desk, "rosa router").await, [two, one], "the newest first");
    assert_eq!(found(desk, "router reinicia").await, [one]);
    assert_eq!(found(desk, "enlace diaz router").await, [two]);
    assert_eq!(found(desk, "reinicia enlace").await, []);
    // Open ones come first, as soon as the end of a case is followed.
    let cancel =
        TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason: reason("Ya no hace falta") };
    execute(desk, &staff(Role::Agent), two, Command::Termination(cancel)).await;
    catch_up(desk).await.unwrap();
    assert_eq!(found(desk, "rosa router").await, [one, two]);
}

async fn parts_of_words_and_slips_are_found_when_nothing_nearer_is(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let pena = a_case(desk).await.number;
    let gomez = told(&test, "gomez", "María Gómez", "El repetidor muestra el error E47X9931.").await;
    catch_up(desk).await.unwrap();
    for (text, expected) in [
        // The middle of words and codes, and their last characters.
        ("epetid", vec![gomez]),
        ("mutador", vec![pena]),
        ("X993", vec![gomez]),
        ("14a1b", vec![pena]),
        ("a1b2", vec![pena]),
        ("gomez 993", vec![gomez]),
        // A letter wrong, missing, doubled, swapped.
        ("repitidor", vec![gomez]),
        ("conmutdor", vec![pena]),
        ("conmmutador", vec![pena]),
        ("comnutador", vec![pena]),
        ("GOMES repetidor", vec![gomez]),
        ("gomez reptidor", vec![gomez]),
        // Two slips, a slip in a code, and a word that no case has.
        ("conmtadr", vec![]),
        ("E47X9932", vec![]),
        ("gomez conmutdor", vec![]),
        ("xilofono", vec![]),
    ] {
        assert_eq!(found(desk, text).await, expected, "{text}");
    }
    // What begins so is found alone.
    let near = told(&test, "near", "Ana Conmu", "Nada que se parezca a lo otro").await;
    catch_up(desk).await.unwrap();
    assert_eq!(found(desk, "conmu").await, [near, pena]);
    let gomes = told(&test, "gomes", "Luz Gomes", "El teclado no responde desde ayer").await;
    catch_up(desk).await.unwrap();
    assert_eq!(found(desk, "gomes").await, [gomes]);
}

async fn case_is_found_by_every_serial_that_its_equipment_has_or_had(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let number = a_case(desk).await.number;
    catch_up(desk).await.unwrap();
    assert_eq!(found(desk, "FOC2614Z9Q7").await, []);
    let key = EntryKey::Equipment(demo::CARACAS.serial.to_owned());
    let Resolved::Entry(read) = entry(desk, &staff(Role::Agent), &key).await.unwrap() else { panic!() };
    let mut fields: Fields = read.fields;
    fields.insert("serial".to_owned(), "FOC2614Z9Q7".to_owned());
    fields.insert("model".to_owned(), "Nexus 7010".to_owned());
    let target = Target::Existing { key, version: read.version };
    save(desk, &staff(Role::Administrator), target, fields, Saved::Asked).await.unwrap();
    catch_up(desk).await.unwrap();
    for text in ["FOC2614Z9Q7", "z9q7", demo::CARACAS.serial, "a1b2", "nexus 7010"] {
        assert_eq!(found(desk, text).await, [number], "{text}");
    }
    is_sound(desk).await;

    // An import of the command line that gives the equipment another site. No indexer is at work beside it.
    let csv = "serial,manufacturer,model,platform,contract,site,address,country,zone\n\
               FOC2614Z9Q7,Cisco,Nexus 7010,network,CPS-VE-004213-58,Sede Chuao,Calle Uno 7 Caracas,VE,America/Caracas\n";
    import_equipment(desk, &Actor::System, csv.as_bytes(), Mode::Apply).await.unwrap();
    assert_eq!(found(desk, "sede chuao").await, [number]);
    is_sound(desk).await;
}

async fn erased_words_leave_every_index_with_their_case(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let kept = told(&test, "kept", "Rosa Díaz", "El repetidor no enciende").await;
    let number = told(&test, "gone", "Tulio Zambrano", "El repetidor zumba").await;
    let agent = staff(Role::Agent);
    let said = Command::AddNote { audience: Audience::Internal, text: note("Llamar a Eudomar") };
    execute(desk, &agent, number, said).await;
    execute(desk, &agent, number, contact()).await;
    let cancel =
        TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason: reason("Ya no hace falta") };
    execute(desk, &agent, number, Command::Termination(cancel)).await;
    catch_up(desk).await.unwrap();
    assert_eq!(found(desk, "eudomar zambrano").await, [number]);
    erase_case(desk, &staff(Role::Administrator), number, ErasureReason::Request).await.unwrap();
    // Nothing follows the history in between.
    for text in ["eudomar", "zambrano", "udomar", "zambrnao", "zumba", "gone@lacteos.example"] {
        assert_eq!(found(desk, text).await, [], "{text}");
    }
    assert_eq!(found(desk, "repetidor").await, [kept], "the other case keeps its words");
    assert_eq!(found(desk, "repitidor").await, [kept]);
    let words = "SELECT COUNT(*) FROM search_words WHERE word IN ('eudomar', 'zambrano', 'tulio', 'zumba')";
    assert_eq!(count(&test, words).await, 0);
    if engine == Engine::Sqlite {
        // The pages of the index hold them no more.
        for pages in ["case_index_data", "search_words_index_data"] {
            let text = format!(
                "SELECT COUNT(*) FROM {pages} WHERE instr(block, CAST('udoma' AS BLOB)) > 0 OR instr(block, CAST('zambran' AS BLOB)) > 0"
            );
            let row = sqlx::query(AssertSqlSafe(text)).fetch_one(&mut test.connection().await).await.unwrap();
            assert_eq!(row.get::<i64, _>(0), 0, "{pages}");
        }
    }
    catch_up(desk).await.unwrap();
    assert_eq!(found(desk, "eudomar").await, []);
    is_sound(desk).await;
}

async fn indexes_are_made_anew_from_the_tables_at_the_next_start(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    catch_up(&test.desk).await.unwrap();
    let steps: &[&str] = match engine {
        Engine::Sqlite => &[
            "DROP TRIGGER case_documents_inserted",
            "DROP TRIGGER case_documents_deleted",
            "DROP TRIGGER case_documents_updated",
            "DROP TRIGGER search_words_inserted",
            "DROP TRIGGER search_words_deleted",
            "DROP TABLE case_index",
            "DROP TABLE search_words_index",
        ],
        Engine::Postgres => &[
            "ALTER TABLE case_documents DROP COLUMN terms",
            "DROP INDEX search_words_index",
            "DROP EXTENSION pg_trgm",
        ],
    };
    let mut connection = test.connection().await;
    for step in steps {
        connection.execute(*step).await.unwrap();
    }
    let again = test.another().await;
    for text in ["conmutador", "mutador", "conmutdor"] {
        assert_eq!(found(&again, text).await, [number], "{text}");
    }
}

/// A server whose owner lets nobody make an extension.
const NO_EXTENSION: [&str; 4] = [
    "DROP EXTENSION pg_trgm CASCADE",
    "CREATE FUNCTION refused() RETURNS event_trigger LANGUAGE plpgsql
     AS 'BEGIN RAISE EXCEPTION ''no extensions here''; END'",
    "CREATE EVENT TRIGGER refused ON ddl_command_start WHEN TAG IN ('CREATE EXTENSION') EXECUTE FUNCTION refused()",
    "SELECT 1",
];

async fn found_cases_are_the_same_without_an_index_of_parts(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    if engine == Engine::Postgres {
        let mut connection = test.connection().await;
        for step in NO_EXTENSION {
            connection.execute(step).await.unwrap();
        }
    }
    // It starts, and says what is missing in its log.
    let desk = test.another().await;
    let number = a_case(&desk).await.number;
    catch_up(&desk).await.unwrap();
    for text in ["conmutador", "mutador", "conmutdor", "14a1b"] {
        assert_eq!(found(&desk, text).await, [number], "{text}");
    }
    is_sound(&desk).await;
}

async fn listed_cases_are_written_once_and_fast(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let mut numbers = Vec::new();
    for place in 0..150 {
        numbers.push(
            told(&test, &format!("old-{place}"), "Rosa Díaz", &format!("Falla f{place}x de la unidad")).await,
        );
    }
    catch_up(desk).await.unwrap();
    let mut connection = test.connection().await;
    for step in [
        "DELETE FROM case_documents",
        "DELETE FROM search_words",
        "INSERT INTO cases_to_index (case_number) SELECT number FROM cases",
    ] {
        connection.execute(step).await.unwrap();
    }
    assert_eq!(found(desk, "rosa").await, []);
    is_sound(desk).await;
    catch_up(desk).await.unwrap();
    assert_eq!(count(&test, "SELECT COUNT(*) FROM cases_to_index").await, 0);
    assert_eq!(found(desk, "falla f77x").await, [numbers[77]]);
    // An entry between reading and writing is not lost: the version is compared.
    let text = Command::AddNote { audience: Audience::Internal, text: note("Visto en el tablero") };
    execute_command(desk, &staff(Role::Agent), numbers[3], Expected::Any, text).await.unwrap();
    catch_up(desk).await.unwrap();
    assert_eq!(found(desk, "tablero").await, [numbers[3]]);
    is_sound(desk).await;
}

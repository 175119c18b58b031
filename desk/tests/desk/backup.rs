//! A desk as a file, and back: on either engine, from one to the other, with whatever goes wrong.

use std::io::{self, BufReader, Write};

use desk::backfill::Backfill;
use desk::backup::{BackupError, Checked, TableTally, restore, transfer, verify, write};
use desk::cases::attachments::{attach, read_file};
use desk::cases::execute::{Expected, execute_command};
use desk::cases::message_files::{Part, SentFile, Words, read_message_file, write_with_files};
use desk::cases::read::read_case;
use desk::diagnosis::{self, SchemaAge};
use desk::lab::demo;
use desk::lab::integrity_check::{IntegrityReport, SchedulerState, check, record};
use desk::lab::simulation::{Settings, run};
use desk::people::links::open_link;
use desk::people::password_reset;
use desk::store::{Engine, StoreError};
use domain::actor::{Actor, Role};
use domain::attachment::FileKind;
use domain::case::{Audience, Command};
use domain::text::Note;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::files::on_site;
use crate::invitations::{MARTA, agent, mail, mailed_links};
use crate::support::{EmptyPlace, START, TestDesk, a_case, both_engines, is_in_reach, note, staff};

both_engines! {
    backup_of_a_worked_desk_restores_on_both_engines,
    restore_into_a_database_that_holds_anything_is_refused,
    any_changed_byte_of_a_backup_is_found_and_nothing_is_restored,
    cut_backup_restores_nothing_and_its_place_can_be_used_again,
    backup_under_writes_is_one_moment,
    restore_of_contradicting_rows_is_refused,
    backup_of_an_older_schema_is_migrated_and_of_a_newer_one_refused,
    failing_disk_ends_a_backup_without_its_end,
    database_tells_its_age_its_clock_and_its_last_check,
    any_texts_numbers_and_bytes_survive,
    link_mailed_before_a_restore_opens_nothing_afterwards,
    links_and_waiting_sign_ins_of_an_older_backup_are_passed_over,
}

/// The backup of what stands at an address.
async fn backup_of(address: &str) -> (Vec<u8>, Vec<TableTally>) {
    let mut file = Vec::new();
    let tables = write(address, START, &mut file).await.unwrap();
    (file, tables)
}

async fn told(test: &TestDesk) -> IntegrityReport {
    let report = check(&test.desk, SchedulerState::Unknown).await.unwrap();
    assert_eq!(report.inconsistencies, Vec::new());
    report
}

/// The same desk: its histories, rows and mails.
fn same(one: &IntegrityReport, other: &IntegrityReport) {
    assert_eq!((one.cases, one.events, &one.digest), (other.cases, other.events, &other.digest));
    assert_eq!(one.mails, other.mails);
}

fn in_reach() -> impl Iterator<Item = Engine> {
    [Engine::Sqlite, Engine::Postgres].into_iter().filter(|engine| is_in_reach(*engine))
}

async fn backup_of_a_worked_desk_restores_on_both_engines(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let settings = Settings { cases: 12, seed: 13, days: 12, database: at.address.clone() };
    // The simulation has runtimes of its own.
    let simulated = tokio::task::spawn_blocking(move || run(&settings)).await.unwrap().unwrap();
    let (file, written) = backup_of(&at.address).await;
    assert_eq!(verify(&*file).unwrap().1, written);
    for other in in_reach() {
        let place = EmptyPlace::new(other).await;
        let now = at.clock.now().plus(366 * 86_400);
        let restored = restore(&place.address, now, &*file).await.unwrap();
        assert_eq!(restored.tables, written);
        assert_eq!(restored.checked, Checked::Whole { cases: simulated.cases });
        assert_eq!(backup_of(&place.address).await.1, written, "{other:?}");
        // By the pipe, out of what was restored: there and back again.
        let further = EmptyPlace::new(engine).await;
        let (from, to) = (place.address.clone(), further.address.clone());
        let moved = tokio::task::spawn_blocking(move || transfer(&from, &to, now)).await.unwrap().unwrap();
        assert_eq!(moved.tables, written, "{other:?} to {engine:?}");
        let further = TestDesk::over(further).await;
        further.clock.advance(366 * 86_400);
        assert_eq!(told(&further).await.digest, simulated.digest);
        // Numbers go on where they were.
        demo::register(&further.desk).await.unwrap();
        a_case(&further.desk).await;
    }
}

async fn restore_into_a_database_that_holds_anything_is_refused(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    a_case(&test.desk).await;
    let before = told(&test).await;
    let (file, _) = backup_of(&test.address).await;
    let refused = restore(&test.address, START, &*file).await.unwrap_err();
    assert!(matches!(refused, BackupError::Store(StoreError::NotEmpty)), "{refused}");
    same(&told(&test).await, &before);
    let place = EmptyPlace::new(engine).await;
    // An empty database is no desk, and a backup of it is none.
    let refused = write(&place.address, START, Vec::new()).await.unwrap_err();
    assert!(
        matches!(refused, BackupError::Store(StoreError::NoDesk(_) | StoreError::Unreachable { .. })),
        "{refused}"
    );
    restore(&place.address, START, &*file).await.unwrap();
    let again = restore(&place.address, START, &*file).await.unwrap_err();
    assert!(matches!(again, BackupError::Store(StoreError::NotEmpty)), "{again}");
}

async fn any_changed_byte_of_a_backup_is_found_and_nothing_is_restored(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, technician) = on_site(&test).await;
    let photograph = [b"\xFF\xD8\xFF\xE1\x00\x18Exif\0\0".as_slice(), &[7; 900]].concat();
    let kept = attach(&test.desk, &technician, number, "foto.jpg", photograph.clone()).await;
    let document = SentFile { name: "acta.pdf".into(), content: b"%PDF-1.4".to_vec() };
    let words = Words::OfCustomer(note("El acta"));
    let customer = Actor::Customer(number);
    write_with_files(&test.desk, &customer, number, Expected::Any, words, vec![document]).await.unwrap();
    let (file, _) = backup_of(&test.address).await;
    let id = kept.unwrap().id;
    let place = EmptyPlace::new(engine).await;
    // Every byte of the first and of the last lines, and some of all others, in one bit or in all.
    let chosen = (0..400).chain((0..file.len()).step_by(97)).chain(file.len() - 400..file.len());
    for (count, at) in chosen.enumerate() {
        let mut changed = file.clone();
        changed[at] ^= if count % 2 == 0 { 1 << (count / 2 % 8) } else { 0xFF };
        assert!(verify(&*changed).is_err(), "byte {at} of {}", file.len());
        if count % 150 == 0 {
            restore(&place.address, START, &*changed).await.unwrap_err();
        }
    }
    restore(&place.address, START, &*file).await.unwrap();
    let restored = TestDesk::over(place).await;
    let (kept, bytes) = read_file(&restored.desk, &technician, number, &id).await.unwrap();
    assert_eq!((kept.kind, bytes), (FileKind::Jpeg, photograph));
    let sent = read_case(&restored.desk, &customer, number).await.unwrap().files[0].files[0].clone();
    let (_, bytes) =
        read_message_file(&restored.desk, &customer, number, &sent.id, Part::Whole).await.unwrap();
    assert_eq!((sent.name.as_str(), bytes.as_slice()), ("acta.pdf", b"%PDF-1.4".as_slice()));
}

async fn cut_backup_restores_nothing_and_its_place_can_be_used_again(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    a_case(&test.desk).await;
    let (file, _) = backup_of(&test.address).await;
    let place = EmptyPlace::new(engine).await;
    for share in 0..12 {
        let cut = &file[..(file.len() - 1) * share / 11];
        let refused = restore(&place.address, START, cut).await.unwrap_err();
        assert!(matches!(refused, BackupError::Incomplete { .. } | BackupError::NotABackup), "{refused}");
    }
    // Something behind the end is not of it.
    let longer = [&file[..], b"\n"].concat();
    assert!(matches!(verify(&*longer), Err(BackupError::Damaged { .. })));
    restore(&place.address, START, &*file).await.unwrap();
    same(&told(&TestDesk::over(place).await).await, &told(&test).await);
}

/// A file that lets others go on whenever something was written to it.
struct Slow(Vec<u8>);

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        std::thread::yield_now();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn backup_under_writes_is_one_moment(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    for _ in 0..20 {
        a_case(&test.desk).await;
    }
    let desk = test.desk.clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let writing = tokio::spawn(async move {
        let (mut stopped, mut written) = (stopped, 0_u64);
        while stopped.try_recv().is_err() {
            let number = a_case(&desk).await.number;
            let command =
                Command::AddNote { audience: Audience::Internal, text: Note::parse("Visto.").unwrap() };
            execute_command(&desk, &staff(Role::Agent), number, Expected::Version(1), command).await.unwrap();
            written += 1;
        }
        written
    });
    let address = test.address.clone();
    let backups = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut files = Vec::new();
            for _ in 0..5 {
                let mut file = Slow(Vec::new());
                write(&address, START, &mut file).await.unwrap();
                files.push(file.0);
            }
            files
        })
    });
    let files = tokio::task::spawn_blocking(move || backups.join().unwrap()).await.unwrap();
    stop.send(()).unwrap();
    assert!(writing.await.unwrap() > 0);
    let mut before = 0;
    for file in files {
        let place = EmptyPlace::new(engine).await;
        // The integrity check of the restore finds whatever does not belong together.
        let Checked::Whole { cases } = restore(&place.address, START, &*file).await.unwrap().checked else {
            panic!("the same version");
        };
        assert!(cases >= 20 && cases >= before, "{cases}");
        before = cases;
    }
}

async fn restore_of_contradicting_rows_is_refused(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    a_case(&test.desk).await;
    test.connection().await.execute("UPDATE cases SET status = 'closed'").await.unwrap();
    let (file, _) = backup_of(&test.address).await;
    let place = EmptyPlace::new(engine).await;
    let refused = restore(&place.address, START, &*file).await.unwrap_err();
    assert!(matches!(refused, BackupError::Inconsistent { .. }), "{refused}");
    assert!(write(&place.address, START, Vec::new()).await.is_err(), "nothing is there");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

/// The file with its lines changed by `change`, and digests that fit.
fn rewritten(file: &[u8], mut change: impl FnMut(&str, &str) -> String) -> Vec<u8> {
    let text = std::str::from_utf8(file).unwrap();
    let (mut lines, mut table, mut rows, mut sum) = (Vec::new(), String::new(), 0_u64, [0_u64; 4]);
    for line in text.lines() {
        if line.starts_with("{\"rows\":") {
            let bytes: Vec<u8> = sum.iter().flat_map(|lane: &u64| lane.to_le_bytes()).collect();
            let digest = hex(&bytes);
            lines.push(format!("{{\"rows\":{rows},\"digest\":\"{digest}\"}}"));
            continue;
        }
        if line.starts_with("{\"table\":") {
            line.split('"').nth(3).unwrap().clone_into(&mut table);
            (rows, sum) = (0, [0; 4]);
        }
        let line = change(&table, line);
        if line.starts_with('[') {
            rows += 1;
            for (lane, bytes) in sum.iter_mut().zip(Sha256::digest(&line).chunks(8)) {
                *lane = lane.wrapping_add(u64::from_le_bytes(bytes.try_into().unwrap()));
            }
        }
        lines.push(line);
    }
    let last = lines.pop().unwrap();
    let all: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    let sha256 = hex(&Sha256::digest(&all));
    let tables = last.split([':', ',']).nth(1).unwrap();
    format!("{all}{{\"tables\":{tables},\"sha256\":\"{sha256}\"}}\n").into_bytes()
}

/// A backup of one case of the demonstration, as schema 24 wrote it.
const OF_SCHEMA_24: &str = "tests/desk/fixtures/schema_24.backup";

async fn backup_of_an_older_schema_is_migrated_and_of_a_newer_one_refused(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    a_case(&test.desk).await;
    let (file, _) = backup_of(&test.address).await;
    assert_eq!(rewritten(&file, |_, line| line.to_owned()), file);
    let header = verify(&*file).unwrap().0;
    let (from, to) = (format!("\"schema\":{}", header.schema), format!("\"schema\":{}", header.schema + 1));
    let newer = rewritten(&file, |_, line| line.replacen(&from, &to, 1));
    let place = EmptyPlace::new(engine).await;
    let refused = restore(&place.address, START, &*newer).await.unwrap_err();
    assert!(matches!(&refused, BackupError::Newer { program } if *program == header.program), "{refused}");
    let lacking = rewritten(&file, |_, line| line.replacen("[\"recorded_by\",", "[\"recorded\",", 1));
    let refused = restore(&place.address, START, &*lacking).await.unwrap_err();
    assert!(matches!(refused, BackupError::Tables { .. }), "{refused}");

    let older = std::fs::read(format!("{}/{OF_SCHEMA_24}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let restored = restore(&place.address, START, &*older).await.unwrap();
    assert_eq!((restored.checked, restored.header.schema), (Checked::Older, 24));
    let restored = TestDesk::over(place).await;
    restored.clock.advance(30 * 86_400);
    for backfill in Backfill::ALL {
        backfill.run(&restored.desk).await.unwrap();
    }
    assert_eq!(told(&restored).await.cases, 1);
}

async fn link_mailed_before_a_restore_opens_nothing_afterwards(engine: Engine) {
    let test = TestDesk::open(engine).await;
    agent(&test.desk, "Marta Salas", MARTA).await;
    agent(&test.desk, "Luis Peña", "luis@vigia.example").await;
    password_reset::send(&test.desk, &mail("luis@vigia.example")).await.unwrap();
    let [of_luis] = mailed_links(&test).await.try_into().unwrap();
    let (file, _) = backup_of(&test.address).await;
    password_reset::send(&test.desk, &mail(MARTA)).await.unwrap();
    let [before] = mailed_links(&test).await.try_into().unwrap();
    assert!(open_link(&test.desk, &before).await.unwrap().is_some());

    let place = EmptyPlace::new(engine).await;
    restore(&place.address, START, &*file).await.unwrap();
    let restored = TestDesk::over(place).await;
    assert_eq!(open_link(&restored.desk, &of_luis).await.unwrap(), None, "open at the backup");
    password_reset::send(&restored.desk, &mail("luis@vigia.example")).await.unwrap();
    let [after] = mailed_links(&restored).await.try_into().unwrap();
    let number = |link: &str| link.split('-').next().unwrap().to_owned();
    assert_eq!(number(&before), number(&after), "numbers are given again");
    assert_eq!(open_link(&restored.desk, &before).await.unwrap(), None);
    let open = open_link(&restored.desk, &after).await.unwrap().unwrap();
    assert_eq!(open.mail.as_str(), "luis@vigia.example");
}

async fn links_and_waiting_sign_ins_of_an_older_backup_are_passed_over(engine: Engine) {
    let test = TestDesk::open(engine).await;
    agent(&test.desk, "Marta Salas", MARTA).await;
    let (file, written) = backup_of(&test.address).await;
    let left_out = [
        (
            r#"{"table":"account_links","columns":[["id","integer"],["person_id","integer"],["purpose","text"],["token_hash","text"],["expires_utc_s","integer"]]}"#,
            r#"[1,1,"password_reset","00",9999999999]"#,
        ),
        (
            r#"{"table":"sign_in_steps","columns":[["token_hash","text"],["person_id","integer"],["expires_utc_s","integer"],["by_public_password","integer"],["provider_id","integer"],["proven_utc_s","integer"],["end_session","text"],["id_token","text"],["provider_sid","text"]]}"#,
            r#"["00",1,9999999999,0,null,null,"","",""]"#,
        ),
    ];
    let older: Vec<String> = left_out
        .iter()
        .map(|(head, row)| {
            format!("{head}\n{row}\n{{\"rows\":1,\"digest\":\"{}\"}}\n", hex(&Sha256::digest(row)))
        })
        .collect();
    let (from, to) =
        (format!("{{\"tables\":{}", written.len()), format!("{{\"tables\":{}", written.len() + 2));
    let older = rewritten(&file, |table, line| match line {
        line if table == "people" && line.starts_with("{\"table\":") => format!("{}{line}", older.concat()),
        line => line.replacen(&from, &to, 1),
    });
    let place = EmptyPlace::new(engine).await;
    assert_eq!(restore(&place.address, START, &*older).await.unwrap().tables, written);
    let restored = TestDesk::over(place).await;
    let counted = "SELECT (SELECT COUNT(*) FROM account_links) + (SELECT COUNT(*) FROM sign_in_steps)";
    let row = sqlx::query(counted).fetch_one(&mut restored.connection().await).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 0);
}

/// A disk that is full after some bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that cannot be read.
struct Torn;

impl io::Read for Torn {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

async fn failing_disk_ends_a_backup_without_its_end(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let failed = write(&test.address, START, Full(2000)).await.unwrap_err();
    assert!(matches!(failed, BackupError::Output(_)), "{failed}");
    // Whoever cannot be read from ends a restore the same way.
    let place = EmptyPlace::new(engine).await;
    let failed = restore(&place.address, START, BufReader::new(Torn)).await.unwrap_err();
    assert!(matches!(failed, BackupError::Input(_)), "{failed}");
}

async fn any_texts_numbers_and_bytes_survive(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let rows = proptest::collection::vec(
        ("[^\u{0}]{0,40}", any::<i64>(), proptest::collection::vec(any::<u8>(), 0..60)),
        80,
    );
    let mut runner = TestRunner::deterministic();
    let rows = rows.new_tree(&mut runner).unwrap().current();
    let mut connection = test.connection().await;
    for (place, (text, number, bytes)) in rows.iter().enumerate() {
        let insert =
            "INSERT INTO warnings (case_number, clock, cycle, level, turn_utc_s) VALUES ($1, $2, $3, $4, 0)";
        let query = sqlx::query(insert).bind(format!("{place}")).bind(text).bind(*number);
        query.bind(number.wrapping_neg()).execute(&mut connection).await.unwrap();
        let insert = "INSERT INTO register_terms (kind, term, entity) VALUES ($1, $2, $3)";
        let query = sqlx::query(insert).bind(text).bind(bytes.clone()).bind(format!("{place}"));
        query.execute(&mut connection).await.unwrap();
    }
    drop(connection);
    let (file, written) = backup_of(&test.address).await;
    for other in in_reach() {
        let place = EmptyPlace::new(other).await;
        assert_eq!(restore(&place.address, START, &*file).await.unwrap().tables, written);
        let restored = TestDesk::over(place).await;
        let mut connection = restored.connection().await;
        for (place, (text, number, bytes)) in rows.iter().enumerate() {
            let read = "SELECT w.clock, w.cycle, t.term FROM warnings w, register_terms t \
                        WHERE w.case_number = $1 AND t.entity = $1";
            let row = sqlx::query(read).bind(format!("{place}")).fetch_one(&mut connection).await.unwrap();
            let found: (String, i64, Vec<u8>) = (row.get(0), row.get(1), row.get(2));
            assert_eq!(found, (text.clone(), *number, bytes.clone()));
        }
        let sessions = AssertSqlSafe("SELECT COUNT(*) FROM sessions".to_owned());
        assert_eq!(sqlx::query(sessions).fetch_one(&mut connection).await.unwrap().get::<i64, _>(0), 0);
    }
}

async fn database_tells_its_age_its_clock_and_its_last_check(engine: Engine) {
    let place = EmptyPlace::new(engine).await;
    assert!(diagnosis::state(&place.address).await.is_err(), "no desk");
    let test = TestDesk::with_register(engine).await;
    let at_first = diagnosis::state(&test.address).await.unwrap();
    assert_eq!(at_first.schema, SchemaAge::Current);
    let content = at_first.content.unwrap();
    assert_eq!((content.last_entry, content.integrity, content.dead_mails), (None, None, 0));

    a_case(&test.desk).await;
    let mut connection = test.connection().await;
    connection.execute("UPDATE outbox SET state = 'dead'").await.unwrap();
    connection.execute("UPDATE cases SET status = 'closed'").await.unwrap();
    let report = check(&test.desk, SchedulerState::Unknown).await.unwrap();
    record(&test.desk, &report).await.unwrap();
    record(&test.desk, &report).await.unwrap();
    let later = diagnosis::state(&test.address).await.unwrap();
    assert!(later.clock.since(at_first.clock) < 3600, "it goes");
    let content = later.content.unwrap();
    assert_eq!((content.last_entry, content.dead_mails), (Some(START), 1));
    let outcome = content.integrity.unwrap();
    assert_eq!((outcome.at, outcome.cases), (START, 1));
    assert_eq!(outcome.contradictions, i64::try_from(report.inconsistencies.len()).unwrap());
    assert!(outcome.contradictions > 0 && outcome.first.is_some(), "{outcome:?}");

    let newest = "UPDATE _sqlx_migrations SET version = version + 1 WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    connection.execute(newest).await.unwrap();
    let newer = diagnosis::state(&test.address).await.unwrap();
    assert_eq!((newer.schema, newer.content), (SchemaAge::Newer, None));
    connection
        .execute(AssertSqlSafe("DELETE FROM _sqlx_migrations WHERE version > 20".to_owned()))
        .await
        .unwrap();
    assert_eq!(diagnosis::state(&test.address).await.unwrap().schema, SchemaAge::Older);
}

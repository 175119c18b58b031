//! The audit log and the chains: what is written down, and that no row can be changed, removed, added or reordered unnoticed.

use desk::DeskError;
use desk::access::device::Device;
use desk::access::limits::Source;
use desk::access::sign_in::{Attempt, SignInError, sign_in, sign_out};
use desk::audit::{AuditFilter, Fault, Verified, head, read, seal, verify};
use desk::backfill::Backfill;
use desk::backup;
use desk::lab::demo;
use desk::lab::demo::remove::{MixedCases, Request, remove};
use desk::people::keep::{Keep, keep};
use desk::retention::erase_case;
use desk::search::look_up;
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::audit::{AuditAuthor, AuditData, AuditEvent, AuditKind, SignInRefusal};
use domain::case::{AskedBy, Command, ErasureReason, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use futures::future::join_all;
use sqlx::{AnyConnection, AssertSqlSafe, Executor, Row};

use crate::support::{
    EmptyPlace, START, TestDesk, a_case, add_staff, an_opening, both_engines, contact, execute, is_in_reach,
    reason, staff,
};

both_engines! {
    any_changed_value_of_the_log_or_a_history_is_found_and_named,
    row_that_is_taken_out_is_found_and_named,
    row_that_is_added_is_found_and_named,
    rows_that_change_places_are_found,
    erasure_and_removal_of_the_demonstration_keep_the_chains_whole,
    text_of_an_erased_history_cannot_be_changed_either,
    histories_of_an_older_version_are_chained_and_no_others,
    each_of_many_seals_holds_its_own_entries,
    backup_and_restore_keep_the_chains,
    head_that_was_kept_elsewhere_is_found_or_missed,
    sign_ins_refusals_and_changes_are_written_down,
    reading_by_search_is_written_down_without_its_words,
    refused_sign_ins_beyond_their_number_are_counted_to_the_last,
    log_is_read_by_administrators_page_by_page,
    network_ends_and_the_chain_stays_whole,
}

async fn verified(at: &TestDesk) -> Verified {
    verify(&at.address, None).await.unwrap()
}

async fn is_whole(at: &TestDesk) {
    assert_eq!(verified(at).await.findings, []);
}

async fn run(at: &TestDesk, statement: &str) {
    at.connection().await.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
}

/// A case with a few entries, which are sealed.
async fn a_sealed_case(at: &TestDesk) -> CaseNumber {
    let number = a_case(&at.desk).await.number;
    let agent = staff(Role::Agent);
    for _ in 0..3 {
        execute(&at.desk, &agent, number, contact()).await;
    }
    seal(&at.desk).await.unwrap();
    number
}

async fn an_ended_case(at: &TestDesk) -> CaseNumber {
    let number = a_case(&at.desk).await.number;
    execute(&at.desk, &staff(Role::Agent), number, contact()).await;
    let cancel =
        TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason: reason("Ya no hace falta") };
    execute(&at.desk, &staff(Role::Agent), number, Command::Termination(cancel)).await;
    number
}

/// Tables with the column that names a row, and columns of texts and of numbers.
const CHAINED: [(&str, &str, &[&str], &[&str]); 2] = [
    (
        "audit_log",
        "id",
        &["kind", "country", "words", "network", "network_salt", "network_digest", "document", "digest"],
        &["id", "at_utc_s"],
    ),
    (
        "case_events",
        "seq",
        &["case_number", "kind", "document", "salt", "digest"],
        &["seq", "version", "at_utc_s"],
    ),
];

async fn keys(connection: &mut AnyConnection, table: &str, key: &str) -> Vec<i64> {
    let text = format!("SELECT {key} FROM {table} ORDER BY {key}");
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn any_changed_value_of_the_log_or_a_history_is_found_and_named(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    a_sealed_case(&at).await;
    add_staff(&at.desk, "Luis Mora", "luis@vigia.example", Role::Agent, Language::Es).await;
    is_whole(&at).await;
    let mut connection = at.connection().await;
    let mut tried = 0_usize;
    for (table, key, texts, numbers) in CHAINED {
        for id in keys(&mut connection, table, key).await {
            for column in texts {
                let text = format!("SELECT {column} FROM {table} WHERE {key} = {id}");
                let before: String =
                    sqlx::query(AssertSqlSafe(text)).fetch_one(&mut connection).await.unwrap().get(0);
                let mut after: Vec<char> = before.chars().collect();
                // Another byte of each value, so that all places are met.
                match after.len() {
                    0 => after.push('x'),
                    length => {
                        let place = tried.wrapping_mul(7) % length;
                        after[place] = if after[place] == 'x' { 'y' } else { 'x' };
                    }
                }
                let after: String = after.into_iter().collect();
                let put = async |connection: &mut AnyConnection, value: &str| {
                    let text = format!("UPDATE {table} SET {column} = $1 WHERE {key} = {id}");
                    sqlx::query(AssertSqlSafe(text))
                        .bind(value.to_owned())
                        .execute(connection)
                        .await
                        .unwrap();
                };
                put(&mut connection, &after).await;
                let found = verified(&at).await;
                assert!(!found.is_whole(), "{table}.{column} of {id}: {before:?} became {after:?}");
                let is_named = found
                    .findings
                    .iter()
                    .any(|one| one.table == table && one.id.starts_with(&id.to_string()));
                assert!(
                    is_named || *column == "case_number",
                    "{table}.{column} of {id}: {:?}",
                    found.findings
                );
                put(&mut connection, &before).await;
                tried += 1;
            }
            for column in numbers {
                // Far away, so that no other row is there.
                let shift = async |connection: &mut AnyConnection, by: i64, key_now: i64| {
                    let text =
                        format!("UPDATE {table} SET {column} = {column} + {by} WHERE {key} = {key_now}");
                    sqlx::query(AssertSqlSafe(text)).execute(connection).await.unwrap();
                };
                let moved = if *column == key { id + 1_000_000_000 } else { id };
                shift(&mut connection, 1_000_000_000, id).await;
                assert!(!verified(&at).await.is_whole(), "{table}.{column} of {id}");
                shift(&mut connection, -1_000_000_000, moved).await;
                tried += 1;
            }
        }
    }
    assert!(tried > 60, "{tried}");
    is_whole(&at).await;
}

async fn row_that_is_taken_out_is_found_and_named(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_sealed_case(&at).await.as_compact();
    for (statement, table, id) in [
        (
            format!("DELETE FROM case_events WHERE case_number = '{number}' AND version = 2"),
            "case_events",
            format!("{number} 2"),
        ),
        (
            format!("DELETE FROM case_events WHERE case_number = '{number}' AND version = 4"),
            "case_events",
            format!("{number} 4"),
        ),
    ] {
        run(&at, &statement).await;
        let found = verified(&at).await;
        let is_named = found
            .findings
            .iter()
            .any(|one| (one.table, &one.id) == (table, &id) && one.fault == Fault::Missing);
        assert!(is_named, "{statement}: {:?}", found.findings);
        assert!(found.findings.iter().any(|one| one.fault == Fault::Seal), "{:?}", found.findings);
    }
    // All of it, and the row of the case: the seal tells.
    run(&at, &format!("DELETE FROM case_events WHERE case_number = '{number}'")).await;
    run(&at, &format!("DELETE FROM cases WHERE number = '{number}'")).await;
    assert!(verified(&at).await.findings.iter().any(|one| one.fault == Fault::Seal));

    add_staff(&at.desk, "Luis Mora", "luis@vigia.example", Role::Agent, Language::Es).await;
    let last = head(&at.desk).await.unwrap().unwrap().0;
    run(&at, &format!("DELETE FROM audit_log WHERE id IN (1, {last})")).await;
    let found = verified(&at).await;
    for id in [1, last] {
        let is_named = found.findings.iter().any(|one| {
            (one.table, one.id.as_str(), one.fault) == ("audit_log", &*id.to_string(), Fault::Missing)
        });
        assert!(is_named, "{id}: {:?}", found.findings);
    }
    // Behind a gap no digest tells: a text that cannot be read is named, and ends nothing.
    run(&at, "UPDATE audit_log SET document = '{' WHERE id = 2").await;
    let found = verified(&at).await;
    assert!(
        found.findings.iter().any(|one| (one.id.as_str(), one.fault) == ("2", Fault::Changed)),
        "{:?}",
        found.findings
    );
}

async fn row_that_is_added_is_found_and_named(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_sealed_case(&at).await.as_compact();
    run(
        &at,
        &format!(
            "INSERT INTO case_events (seq, case_number, version, at_utc_s, kind, document, salt, digest)
             SELECT seq + 900000000, case_number, version + 1, at_utc_s, kind, document, salt, digest
             FROM case_events WHERE case_number = '{number}' AND version = 4"
        ),
    )
    .await;
    let found = verified(&at).await;
    assert!(
        found.findings.iter().any(|one| one.table == "case_events" && one.id.contains(&number)),
        "{:?}",
        found.findings
    );
    run(&at, "DELETE FROM case_events WHERE version = 5").await;
    is_whole(&at).await;
    run(
        &at,
        "INSERT INTO audit_log (id, at_utc_s, kind, country, words, network, network_salt, network_digest, document, digest)
         SELECT id + 900000000, at_utc_s, kind, country, words, network, network_salt, network_digest, document, digest
         FROM audit_log WHERE id = 1",
    )
    .await;
    let found = verified(&at).await;
    assert!(
        found.findings.iter().any(|one| (one.id.as_str(), one.fault) == ("900000001", Fault::Added)),
        "{:?}",
        found.findings
    );
    run(&at, "DELETE FROM audit_log WHERE id > 900000000").await;
    run(
        &at,
        "INSERT INTO removed_events (seq, of_case, version, digest, removal) VALUES (900000000, 'N', 1, '00', 77)",
    )
    .await;
    assert!(verified(&at).await.findings.iter().any(|one| one.table == "removed_events"));
}

async fn rows_that_change_places_are_found(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    a_sealed_case(&at).await;
    add_staff(&at.desk, "Luis Mora", "luis@vigia.example", Role::Agent, Language::Es).await;
    for swap in [
        "UPDATE case_events SET version = CASE version WHEN 2 THEN 30 WHEN 3 THEN 20 ELSE version END",
        "UPDATE case_events SET version = version / 10 WHERE version >= 20",
        "UPDATE audit_log SET id = id + 1000 WHERE id IN (1, 2)",
        "UPDATE audit_log SET id = 1003 - id + 0 WHERE id IN (1001, 1002)",
    ] {
        run(&at, swap).await;
        assert!(!verified(&at).await.is_whole(), "{swap}");
    }
}

async fn erasure_and_removal_of_the_demonstration_keep_the_chains_whole(engine: Engine) {
    let at = TestDesk::open(engine).await;
    demo::load(&at.desk).await.unwrap();
    seal(&at.desk).await.unwrap();
    is_whole(&at).await;
    remove(&at.desk, &Actor::System, Request::Apply, MixedCases::Remove).await.unwrap();
    is_whole(&at).await;
    demo::register(&at.desk).await.unwrap();
    let number = an_ended_case(&at).await;
    seal(&at.desk).await.unwrap();
    erase_case(&at.desk, &staff(Role::Administrator), number, ErasureReason::Request).await.unwrap();
    is_whole(&at).await;
    seal(&at.desk).await.unwrap();
    let whole = verified(&at).await;
    assert_eq!((whole.findings, whole.pending), (vec![], 0));
    assert!(whole.sealed_to > 0 && whole.events >= 4);
    let salts = "SELECT COUNT(*) FROM case_events WHERE salt <> ''";
    assert_eq!(crate::support::count(&at, salts).await, 0, "nothing tells what was erased");
    // What is left of a case that was taken out is covered as well.
    run(&at, "DELETE FROM removed_events WHERE version = 1").await;
    assert!(!verified(&at).await.is_whole());
}

async fn text_of_an_erased_history_cannot_be_changed_either(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = an_ended_case(&at).await;
    erase_case(&at.desk, &staff(Role::Administrator), number, ErasureReason::Request).await.unwrap();
    is_whole(&at).await;
    run(&at, "UPDATE case_events SET document = REPLACE(document, 'N. N.', 'Ana R')").await;
    let found = verified(&at).await;
    assert!(
        found.findings.iter().any(|one| one.id.starts_with(&number.as_compact())),
        "{:?}",
        found.findings
    );
}

/// A backup of one case of the demonstration, as schema 24 wrote it.
const OF_SCHEMA_24: &str = "tests/desk/fixtures/schema_24.backup";

async fn histories_of_an_older_version_are_chained_and_no_others(engine: Engine) {
    let place = EmptyPlace::new(engine).await;
    let older = std::fs::read(format!("{}/{OF_SCHEMA_24}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    backup::restore(&place.address, START, &*older).await.unwrap();
    let at = TestDesk::over(place).await;
    at.clock.advance(30 * 86_400);
    let found = verified(&at).await;
    assert_eq!((found.findings, found.pending, found.sealed_to), (vec![], 1, 0));
    seal(&at.desk).await.unwrap();
    assert_eq!(verified(&at).await.sealed_to, 0, "nothing is sealed before it has its chain");
    for backfill in Backfill::ALL {
        backfill.run(&at.desk).await.unwrap();
    }
    seal(&at.desk).await.unwrap();
    let found = verified(&at).await;
    assert_eq!((found.findings, found.pending), (vec![], 0));
    assert!(found.sealed_to > 0);
    let begun = AuditFilter { kind: Some(AuditKind::Begun), ..AuditFilter::default() };
    let begun = read(&at.desk, &Actor::System, &begun, None, 10).await.unwrap().entries;
    assert!(matches!(begun[0].record.event, AuditEvent::Begun { older } if older > 0), "{begun:?}");
    run(&at, "INSERT INTO chains_to_bring_in (case_number) SELECT number FROM cases").await;
    assert!(verified(&at).await.findings.iter().any(|one| one.table == "chains_to_bring_in"));
    run(&at, "DELETE FROM chains_to_bring_in").await;
    run(&at, "UPDATE case_events SET salt = '', digest = '' WHERE version = 1").await;
    assert!(verified(&at).await.findings.iter().any(|one| one.fault == Fault::Added));
}

async fn each_of_many_seals_holds_its_own_entries(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let mut ends = vec![0];
    for _ in 0..4 {
        a_sealed_case(&at).await;
        ends.push(verified(&at).await.sealed_to);
    }
    is_whole(&at).await;
    let broken = |found: Verified| {
        let seals = found.findings.into_iter().filter(|one| one.fault == Fault::Seal);
        seals.map(|one| one.id).collect::<Vec<_>>()
    };
    let of_second = format!("{}..{}", ends[1] + 1, ends[2]);
    run(&at, &format!("UPDATE case_events SET digest = 'x' WHERE seq = {}", ends[2])).await;
    assert_eq!(broken(verified(&at).await), [of_second.as_str()]);
    // The last of all: its seal has one entry less, and no other row.
    run(&at, &format!("DELETE FROM case_events WHERE seq > {}", ends[3])).await;
    let of_last = format!("{}..{}", ends[3] + 1, ends[4]);
    assert_eq!(broken(verified(&at).await), [of_second, of_last]);
}

async fn backup_and_restore_keep_the_chains(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    a_sealed_case(&at).await;
    let (_, kept) = head(&at.desk).await.unwrap().unwrap();
    let mut file = Vec::new();
    backup::write(&at.address, START, &mut file).await.unwrap();
    add_staff(&at.desk, "Luis Mora", "luis@vigia.example", Role::Agent, Language::Es).await;
    let (_, later) = head(&at.desk).await.unwrap().unwrap();
    for other in [Engine::Sqlite, Engine::Postgres].into_iter().filter(|other| is_in_reach(*other)) {
        let place = EmptyPlace::new(other).await;
        backup::restore(&place.address, START, &*file).await.unwrap();
        let there = TestDesk::over(place).await;
        execute(&there.desk, &staff(Role::Agent), a_case(&there.desk).await.number, contact()).await;
        seal(&there.desk).await.unwrap();
        let found = verify(&there.address, Some(&kept)).await.unwrap();
        assert_eq!(found.findings, [], "{other:?}");
        assert!(found.anchored.is_some() && found.events == 6, "{found:?}");
        // What was kept after the backup is not in it, and the finding says so.
        let missed = verify(&there.address, Some(&later)).await.unwrap();
        assert!(matches!(&missed.findings[..], [one] if one.fault == Fault::Head), "{missed:?}");
        assert!(missed.findings[0].message(Language::Es).contains("respaldo"), "{missed:?}");
    }
}

async fn head_that_was_kept_elsewhere_is_found_or_missed(engine: Engine) {
    let at = TestDesk::open(engine).await;
    add_staff(&at.desk, "Luis Mora", "luis@vigia.example", Role::Agent, Language::Es).await;
    let (id, digest) = head(&at.desk).await.unwrap().unwrap();
    add_staff(&at.desk, "Ana Rivas", "ana@vigia.example", Role::Agent, Language::Es).await;
    assert_eq!(verify(&at.address, Some(&digest)).await.unwrap().anchored, Some(id));
    let found = verify(&at.address, Some("00ff")).await.unwrap();
    assert!(matches!(&found.findings[..], [one] if one.fault == Fault::Head), "{found:?}");
}

async fn entries(at: &TestDesk, kind: AuditKind) -> Vec<(AuditAuthor, AuditEvent)> {
    let filter = AuditFilter { kind: Some(kind), ..AuditFilter::default() };
    let page = read(&at.desk, &staff(Role::Administrator), &filter, None, 50).await.unwrap();
    page.entries.into_iter().map(|entry| (entry.record.by, entry.record.event)).collect()
}

async fn sign_ins_refusals_and_changes_are_written_down(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let luis = add_staff(&at.desk, "Luis Mora", "luis@vigia.example", Role::Agent, Language::Es).await;
    let themself = AuditAuthor::Staff { id: luis.id, name: "Luis Mora".into() };
    let attempt = |mail: &'static str, password: &'static str| {
        let source = Source::of([203, 0, 113, 9].into());
        Attempt { mail, password, source, browser: None, device: Device::parse("") }
    };
    for mail in ["luis@vigia.example", "nadie@vigia.example"] {
        let refused = sign_in(&at.desk, attempt(mail, "otra cosa muy distinta")).await;
        assert!(matches!(refused, Err(SignInError::Wrong)));
    }
    let refused = entries(&at, AuditKind::SignInRefused).await;
    let wrong = AuditEvent::SignInRefused { reason: SignInRefusal::Wrong };
    assert_eq!(refused, [(AuditAuthor::Unknown, wrong.clone()), (themself.clone(), wrong)]);
    let session =
        sign_in(&at.desk, attempt("luis@vigia.example", "una-clave-de-prueba-larga")).await.unwrap();
    assert_eq!(entries(&at, AuditKind::SignedIn).await.len(), 1);
    sign_out(&at.desk, &session.session).await.unwrap();
    sign_out(&at.desk, &session.session).await.unwrap();
    let ended = entries(&at, AuditKind::SessionsEnded).await;
    assert_eq!(ended, [(themself, AuditEvent::SessionsEnded { sessions: 1 })], "once");
    keep(&at.desk, &staff(Role::Administrator), luis.id, vec![Keep::Role(Role::Supervisor)]).await.unwrap();
    let (by, event) = entries(&at, AuditKind::PersonChanged).await.remove(0);
    assert!(matches!(by, AuditAuthor::Staff { name, .. } if name == "Marta Salas"));
    let AuditEvent::PersonChanged { name, what, role, .. } = event else { panic!("{event:?}") };
    assert_eq!((name.as_str(), what.as_str(), role), ("Luis Mora", "role_changed", Some(Role::Supervisor)));
    let document = "SELECT COUNT(*) FROM audit_log WHERE document LIKE '%nadie@%'";
    assert_eq!(crate::support::count(&at, document).await, 0, "what was typed is not kept");
    is_whole(&at).await;
}

async fn refused_sign_ins_beyond_their_number_are_counted_to_the_last(engine: Engine) {
    let at = TestDesk::open(engine).await;
    let tries = async |count: u64| {
        for _ in 0..count {
            let source = Source::of([203, 0, 113, 9].into());
            let (mail, password) = ("nadie@vigia.example", "otra cosa muy distinta");
            let attempt = Attempt { mail, password, source, browser: None, device: Device::parse("") };
            assert!(sign_in(&at.desk, attempt).await.is_err());
        }
        head(&at.desk).await.unwrap();
    };
    tries(305).await;
    // These are counted alone: no entry comes after them.
    tries(7).await;
    let lost = entries(&at, AuditKind::Lost).await;
    let lost = lost.iter().map(|(_, event)| match event {
        AuditEvent::Lost { entries } => *entries,
        other => panic!("{other:?}"),
    });
    assert_eq!(lost.sum::<u64>(), 12);
    let written = "SELECT COUNT(*) FROM audit_log WHERE kind = 'sign_in_refused'";
    assert_eq!(crate::support::count(&at, written).await, 300);
    is_whole(&at).await;
}

async fn reading_by_search_is_written_down_without_its_words(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    a_case(&at.desk).await;
    desk::search::catch_up(&at.desk).await.unwrap();
    look_up(&at.desk, &staff(Role::Agent), "peña").await.unwrap();
    let searched = entries(&at, AuditKind::Searched).await;
    assert!(
        searched
            .iter()
            .any(|(_, event)| *event == AuditEvent::Searched { data: AuditData::Cases, results: 1 }),
        "{searched:?}"
    );
    let words = "SELECT COUNT(*) FROM audit_log WHERE document LIKE '%peña%' OR words LIKE '%peña%'";
    assert_eq!(crate::support::count(&at, words).await, 0);
}

async fn log_is_read_by_administrators_page_by_page(engine: Engine) {
    let at = TestDesk::open(engine).await;
    for (name, mail) in [("Ana Rivas", "ana@vigia.example"), ("Luis Mora", "luis@vigia.example")] {
        add_staff(&at.desk, name, mail, Role::Agent, Language::Es).await;
    }
    for role in [Role::Agent, Role::Technician, Role::Supervisor] {
        let refused = read(&at.desk, &staff(role), &AuditFilter::default(), None, 10).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{role:?}");
    }
    let administrator = staff(Role::Administrator);
    let all = AuditFilter::default();
    let first = read(&at.desk, &administrator, &all, None, 1).await.unwrap();
    let second = read(&at.desk, &administrator, &all, first.next, 1).await.unwrap();
    assert!(first.entries[0].id > second.entries[0].id && first.next.is_some());
    let luis = AuditFilter { words: " LUIS ".into(), ..AuditFilter::default() };
    assert_eq!(read(&at.desk, &administrator, &luis, None, 10).await.unwrap().entries.len(), 1);
    let later = AuditFilter { from: Some(START.plus(1)), ..AuditFilter::default() };
    assert_eq!(read(&at.desk, &administrator, &later, None, 10).await.unwrap().entries, []);
}

async fn network_ends_and_the_chain_stays_whole(engine: Engine) {
    let at = TestDesk::open(engine).await;
    add_staff(&at.desk, "Luis Mora", "luis@vigia.example", Role::Agent, Language::Es).await;
    let attempt = Attempt {
        mail: "luis@vigia.example",
        password: "una-clave-de-prueba-larga",
        source: Source::of([203, 0, 113, 9].into()),
        browser: None,
        device: Device::parse(""),
    };
    // Long ago, so that the time is over by any clock.
    at.clock.advance(-4_000 * 86_400);
    sign_in(&at.desk, attempt).await.unwrap();
    let with = "SELECT COUNT(*) FROM audit_log WHERE network = '203.0.113.9'";
    assert_eq!(crate::support::count(&at, with).await, 1);
    is_whole(&at).await;
    at.clock.advance(4_000 * 86_400);
    desk::retention::run(&at.desk).await.unwrap();
    assert_eq!(crate::support::count(&at, with).await, 0);
    is_whole(&at).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chains_of_two_nodes_that_write_at_the_same_time_are_whole() {
    if !is_in_reach(Engine::Postgres) {
        return;
    }
    let at = TestDesk::with_register(Engine::Postgres).await;
    let nodes = [at.desk.clone(), at.another().await];
    let number = a_case(&at.desk).await.number;
    let work = (0..16_usize).map(|count| {
        let desk = nodes[count % 2].clone();
        async move {
            desk::cases::open::open_case(&desk, &Actor::Anonymous, an_opening(&format!("chain-{count}")))
                .await
                .unwrap();
            execute(&desk, &staff(Role::Agent), number, contact()).await;
            let mail = format!("agent{count}@vigia.example");
            add_staff(&desk, "Luis Mora", &mail, Role::Agent, Language::Es).await;
            desk.note_refused(&staff(Role::Agent), "GET /desk/admin/audit".into());
            seal(&desk).await.unwrap();
        }
    });
    join_all(work).await;
    for desk in &nodes {
        assert!(head(desk).await.unwrap().is_some(), "what was noted is written");
    }
    let last = crate::support::count(&at, "SELECT MAX(seq) FROM case_events").await;
    loop {
        seal(&at.desk).await.unwrap();
        let found = verified(&at).await;
        assert_eq!(found.findings, []);
        // A transaction of another database on the server may hold the horizon back for a moment.
        if found.sealed_to == last {
            break;
        }
    }
    assert_eq!(entries(&at, AuditKind::Forbidden).await.len(), 16);
}

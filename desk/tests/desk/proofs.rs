//! Proofs of cases: each reader's file is good, has what that reader may know, and tells the figures of page and reports.

use desk::DeskError;
use desk::access::tokens::TrackingLink;
use desk::audit::{AuditFilter, head, read};
use desk::backup;
use desk::cases::read::read_case;
use desk::cases::tracking::held;
use desk::proof::{prove, public_key_at};
use desk::retention::erase_case;
use desk::store::Engine;
use domain::actor::{Actor, ParticipantId, Role};
use domain::audit::{AuditData, AuditEvent, AuditKind};
use domain::case::{
    AskedBy, Audience, Channel, Command, ErasureReason, ParticipantCommand, PauseReason, TerminationCommand,
};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::proof::{EntryText, Finding, ProofReader, Verdict, verify};
use domain::text::PersonName;
use sqlx::{AssertSqlSafe, Executor};

use crate::support::{
    EmptyPlace, START, TestDesk, a_case, both_engines, execute, note, reason, resolve, staff,
};

both_engines! {
    customers_file_has_no_internal_word_and_is_good,
    file_tells_the_figures_of_the_page_and_of_the_reports,
    figures_of_a_case_that_ended_years_ago_stay,
    file_has_no_address_of_a_participant_who_gets_none,
    file_of_an_erased_case_is_good_and_has_no_name,
    file_is_refused_to_others_and_taking_it_is_written_down,
    entry_that_was_changed_by_hand_is_found_in_the_file,
    key_comes_back_with_a_backup,
    history_of_an_older_version_is_chained_when_its_proof_is_asked_for,
}

const HOUR: i64 = 3600;

async fn verdict(at: &TestDesk, actor: &Actor, number: CaseNumber) -> (String, Verdict) {
    let file = prove(&at.desk, actor, number).await.unwrap();
    let verdict = verify(file.as_bytes(), &[at.desk.proof_key()]).unwrap();
    (file, verdict)
}

async fn good(at: &TestDesk, actor: &Actor, number: CaseNumber) -> (String, Verdict) {
    let (file, verdict) = verdict(at, actor, number).await;
    assert!(verdict.is_good(), "{:?} {:?}", verdict.findings, verdict.clocks);
    (file, verdict)
}

/// A case with internal words in every place that has them.
async fn with_secrets(at: &TestDesk) -> CaseNumber {
    let number = a_case(&at.desk).await.number;
    let agent = staff(Role::Agent);
    let secret = || note("SECRETO de la mesa");
    at.clock.advance(600);
    let noted = Command::AddNote { audience: Audience::Internal, text: secret() };
    execute(&at.desk, &agent, number, noted).await;
    let contact = Command::LogContact { channel: Channel::Phone, note: Some(secret()) };
    execute(&at.desk, &agent, number, contact).await;
    let public = Command::AddNote { audience: Audience::Public, text: note("Vamos en camino") };
    execute(&at.desk, &agent, number, public).await;
    let pause = Command::Pause {
        reason: PauseReason::SparePart,
        detail: Some(reason("SECRETO del repuesto")),
        until: at.clock.now().plus(2 * HOUR),
        allowed_by: None,
    };
    execute(&at.desk, &agent, number, pause).await;
    at.clock.advance(HOUR);
    execute(&at.desk, &agent, number, Command::Resume).await;
    number
}

fn cancel() -> Command {
    let reason = reason("Ya no hace falta");
    Command::Termination(TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason })
}

async fn customers_file_has_no_internal_word_and_is_good(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = with_secrets(&at).await;
    let (customers, own) = good(&at, &Actor::Customer(number), number).await;
    let (providers, whole) = good(&at, &staff(Role::Agent), number).await;
    assert!(providers.matches("SECRETO").count() == 3 && !customers.contains("SECRETO"), "{customers}");
    assert!(customers.contains("Vamos en camino"));
    assert_eq!((own.proof.reader, whole.proof.reader), (ProofReader::Customer, ProofReader::Provider));
    let digests = |verdict: &Verdict| -> Vec<String> {
        verdict.proof.history.iter().map(|entry| entry.digest.clone()).collect()
    };
    assert_eq!(digests(&own), digests(&whole), "both files tell of one history");
    let texts = own.proof.history.iter().map(|entry| &entry.text);
    assert!(texts.clone().any(|text| matches!(text, EntryText::Withheld { .. })));
    assert!(texts.clone().any(|text| matches!(text, EntryText::Reduced { .. })));
    let is_whole = |entry: &domain::proof::Entry| matches!(entry.text, EntryText::Whole { .. });
    assert!(whole.proof.history.iter().all(is_whole));
    let kept = whole.proof.log.unwrap();
    assert_eq!(head(&at.desk).await.unwrap().map(|(id, _)| id >= kept.id), Some(true));
}

async fn file_tells_the_figures_of_the_page_and_of_the_reports(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = with_secrets(&at).await;
    at.clock.advance(30 * HOUR);
    execute(&at.desk, &staff(Role::Agent), number, resolve("Se cambió")).await;
    let (_, verdict) = good(&at, &Actor::Customer(number), number).await;
    let page = read_case(&at.desk, &Actor::Customer(number), number).await.unwrap();
    for clock in &page.clocks {
        let told =
            verdict.proof.told.iter().find(|told| (told.kind, told.cycle) == (clock.kind, clock.cycle));
        let told = told.unwrap();
        assert_eq!((told.used_s, told.target_s), (clock.used_s, clock.applied_target_s()), "{clock:?}");
    }
    assert!(verdict.proof.counted.len() >= 2, "{:?}", verdict.proof.counted);
    // A row of the reports that was changed by hand is found.
    let mut connection = at.connection().await;
    let change =
        format!("UPDATE promises SET target_s = target_s + 60 WHERE case_number = '{}'", number.as_compact());
    connection.execute(AssertSqlSafe(change)).await.unwrap();
    let file = prove(&at.desk, &staff(Role::Agent), number).await.unwrap();
    let findings = verify(file.as_bytes(), &[at.desk.proof_key()]).unwrap().findings;
    assert!(matches!(&findings[..], [Finding::Counted { .. }, ..]), "{findings:?}");
    // And so is one that was taken out of them.
    let take = format!("DELETE FROM promises WHERE case_number = '{}'", number.as_compact());
    connection.execute(AssertSqlSafe(take)).await.unwrap();
    let file = prove(&at.desk, &staff(Role::Agent), number).await.unwrap();
    let untold = verify(file.as_bytes(), &[at.desk.proof_key()]).unwrap().findings;
    assert!(untold.len() == findings.len() && findings.iter().all(|one| untold.contains(one)), "{untold:?}");
}

async fn figures_of_a_case_that_ended_years_ago_stay(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = with_secrets(&at).await;
    execute(&at.desk, &staff(Role::Agent), number, cancel()).await;
    let (_, then) = good(&at, &staff(Role::Agent), number).await;
    let used = async || -> Vec<i64> {
        let page = read_case(&at.desk, &staff(Role::Agent), number).await.unwrap();
        page.clocks.iter().map(|clock| clock.used_s).collect()
    };
    let used_then = used().await;
    assert!(used_then.iter().any(|used_s| *used_s > 0), "{used_then:?}");
    // Longer than calendars are laid out for cases that are open.
    at.clock.advance(4 * 366 * 24 * HOUR);
    let (_, now) = good(&at, &staff(Role::Agent), number).await;
    assert_eq!(then.proof.told, now.proof.told);
    assert_eq!(used_then, used().await);
}

async fn file_has_no_address_of_a_participant_who_gets_none(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = with_secrets(&at).await;
    for (name, mail) in [("Eva Díaz", "eva.diaz@example.com"), ("Raúl Mora", "raul.mora@example.com")] {
        let invite = ParticipantCommand::Invite {
            name: PersonName::parse(name).unwrap(),
            mail: MailAddress::parse(mail).unwrap(),
            language: Language::Es,
        };
        execute(&at.desk, &staff(Role::Agent), number, Command::Participant(invite)).await;
    }
    let link = at.desk.tokens().tracking(TrackingLink::of_participant(number, ParticipantId(1)));
    let eva = held(&at.desk, &link).await.unwrap().actor(None);
    assert!(matches!(prove(&at.desk, &eva, number).await, Err(DeskError::NotFound)));
    let (file, verdict) = good(&at, &Actor::Customer(number), number).await;
    assert_eq!(verdict.proof.reader, ProofReader::Customer);
    assert!(file.contains("Raúl Mora") && !file.contains("SECRETO"), "{file}");
    assert!(!file.contains("raul.mora@example.com") && !file.contains("eva.diaz@example.com"), "{file}");
    assert!(good(&at, &staff(Role::Agent), number).await.0.contains("raul.mora@example.com"));
}

async fn file_of_an_erased_case_is_good_and_has_no_name(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = with_secrets(&at).await;
    execute(&at.desk, &staff(Role::Agent), number, cancel()).await;
    let (before, _) = good(&at, &staff(Role::Agent), number).await;
    assert!(before.contains("luis.pena@example.com") && before.contains("Ya no hace falta"), "{before}");
    erase_case(&at.desk, &staff(Role::Administrator), number, ErasureReason::Request).await.unwrap();
    for actor in [Actor::Customer(number), staff(Role::Agent)] {
        let (file, verdict) = good(&at, &actor, number).await;
        for word in ["SECRETO", "Ya no hace falta", "luis.pena@example.com"] {
            assert!(!file.contains(word), "{word}");
        }
        let is_erased = |entry: &domain::proof::Entry| matches!(entry.text, EntryText::Erased { .. });
        assert!(verdict.proof.history.iter().any(is_erased));
    }
}

async fn file_is_refused_to_others_and_taking_it_is_written_down(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let other = a_case(&at.desk).await.number;
    for actor in [Actor::Customer(other), Actor::Anonymous] {
        let refused = prove(&at.desk, &actor, number).await;
        assert!(matches!(refused, Err(DeskError::NotFound)), "{actor:?}");
    }
    prove(&at.desk, &Actor::Customer(number), number).await.unwrap();
    prove(&at.desk, &staff(Role::Agent), number).await.unwrap();
    let filter = AuditFilter { kind: Some(AuditKind::Exported), ..AuditFilter::default() };
    let page = read(&at.desk, &staff(Role::Administrator), &filter, None, 50).await.unwrap();
    let taken: Vec<_> = page.entries.into_iter().map(|entry| entry.record.event).collect();
    assert_eq!(taken, [AuditEvent::Exported { data: AuditData::Proof, results: 1 }]);
}

async fn entry_that_was_changed_by_hand_is_found_in_the_file(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = with_secrets(&at).await;
    let change = "UPDATE case_events SET document = REPLACE(document, 'Vamos en camino', 'Ya llegamos')";
    at.connection().await.execute(change).await.unwrap();
    let (_, found) = verdict(&at, &staff(Role::Agent), number).await;
    let noted = found.proof.history.iter().rfind(|entry| entry.kind == "noted").unwrap();
    assert_eq!(found.findings, [Finding::Chain { version: noted.version }]);
}

async fn key_comes_back_with_a_backup(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = a_case(&at.desk).await.number;
    let file = prove(&at.desk, &Actor::Customer(number), number).await.unwrap();
    assert_eq!(public_key_at(&at.address).await.unwrap(), Some(at.desk.proof_key()));
    let mut written = Vec::new();
    backup::write(&at.address, START, &mut written).await.unwrap();
    let place = EmptyPlace::new(engine).await;
    backup::restore(&place.address, START, &*written).await.unwrap();
    assert_eq!(public_key_at(&place.address).await.unwrap(), Some(at.desk.proof_key()));
    let there = TestDesk::over(place).await;
    assert!(verify(file.as_bytes(), &[there.desk.proof_key()]).unwrap().is_good());
}

async fn history_of_an_older_version_is_chained_when_its_proof_is_asked_for(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = with_secrets(&at).await;
    for change in [
        "UPDATE case_events SET salt = '', digest = ''".to_owned(),
        format!("INSERT INTO chains_to_bring_in (case_number) VALUES ('{}')", number.as_compact()),
    ] {
        at.connection().await.execute(AssertSqlSafe(change)).await.unwrap();
    }
    good(&at, &Actor::Customer(number), number).await;
}

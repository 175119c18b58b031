//! Personal data of one person: told, handed out, erased, and what must not bring them back.

use std::collections::BTreeSet;

use desk::Desk;
use desk::DeskError;
use desk::outbox::{ResendError, counts, list, resend, retry, retry_all, trouble};
use desk::retention::{Extent, erase_case, export, known_of};
use desk::store::Engine;
use domain::actor::Role;
use domain::case::{AmendForm, Audience, Command, ErasureReason, Refusal, RevisionCommand};
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use sqlx::Row;

use crate::retention::{admin, ended, is_sound};
use crate::support::{TestDesk, a_case, both_engines, count, execute, note, page, staff};

both_engines! {
    erased_mail_is_never_sent_nor_counted_as_undelivered,
    indexer_that_read_before_an_erasure_brings_nothing_back,
    people_of_one_mailbox_are_told_apart,
    one_person_is_handed_out_and_erased,
}

async fn erased_mail_is_never_sent_nor_counted_as_undelivered(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = ended(&at).await;
    sqlx::query("UPDATE outbox SET state = 'dead', attempts = 3")
        .execute(&mut at.connection().await)
        .await
        .unwrap();
    assert!(page(&at.desk, number).await.undelivered.is_some());
    assert!(counts(&at.desk).await.unwrap().dead > 0 && trouble(&at.desk, &admin()).await.unwrap().dead > 0);
    erase_case(&at.desk, &admin(), number, ErasureReason::Request).await.unwrap();
    assert_eq!(page(&at.desk, number).await.undelivered, None);
    assert_eq!(counts(&at.desk).await.unwrap().dead, 0);
    assert_eq!(trouble(&at.desk, &admin()).await.unwrap().dead, 0);
    let again = resend(&at.desk, &staff(Role::Agent), number).await;
    assert!(matches!(again, Err(ResendError::NoneGivenUp)), "{again:?}");
    for mail in list(&at.desk, &admin(), None, 1).await.unwrap().rows {
        let again = retry(&at.desk, &admin(), mail.id).await;
        assert!(matches!(again, Err(DeskError::Refused(Refusal::DoneAlready))), "{again:?}");
    }
    assert_eq!(retry_all(&at.desk, &admin()).await.unwrap(), 0);
    assert_eq!(count(&at, "SELECT COUNT(*) FROM outbox WHERE state = 'queued'").await, 0);
}

async fn indexer_that_read_before_an_erasure_brings_nothing_back(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let number = ended(&at).await;
    desk::search::catch_up(&at.desk).await.unwrap();
    let mail = page(&at.desk, number).await.opening.report.contact.mail;
    let mut connection = at.connection().await;
    let document = "SELECT words FROM case_documents WHERE case_number = $1";
    let before = sqlx::query(document).bind(number.as_compact()).fetch_one(&mut connection).await.unwrap();
    erase_case(&at.desk, &admin(), number, ErasureReason::Request).await.unwrap();
    // It writes last what it read first.
    for (write, text) in [
        ("UPDATE case_documents SET words = $1 WHERE case_number = $2", before.get(0)),
        ("INSERT INTO case_mailboxes (mailbox, case_number) VALUES ($1, $2)", mail.mailbox()),
    ] {
        sqlx::query(write).bind(text).bind(number.as_compact()).execute(&mut connection).await.unwrap();
    }
    assert_eq!(known_of(&at.desk, &admin(), &mail).await.unwrap().cases.len(), 1);
    is_sound(&at.desk).await;
    assert!(known_of(&at.desk, &admin(), &mail).await.unwrap().cases.is_empty());
}

/// The file of a person, read again.
async fn exported(desk: &Desk, mail: &MailAddress, chosen: &[CaseNumber]) -> serde_json::Value {
    serde_json::from_slice(&export(desk, &admin(), mail, chosen).await.unwrap()).unwrap()
}

/// An amendment of the contact by the staff.
async fn amend_contact(desk: &Desk, number: CaseNumber, name: &str, mail: &str) {
    let seen = page(desk, number).await.opening.report;
    let form = AmendForm {
        name: name.to_owned(),
        phone: "+58 212 555 0199".to_owned(),
        mail: mail.to_owned(),
        reason: "Es otra persona".to_owned(),
        ..AmendForm::of(&seen)
    };
    let what = Box::new(form.read(&seen).unwrap());
    let amend = Command::Revision(RevisionCommand::Amend { what, undelivered: 0 });
    execute(desk, &staff(Role::Agent), number, amend).await;
}

async fn people_of_one_mailbox_are_told_apart(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (ana, luis) = (a_case(&at.desk).await.number, a_case(&at.desk).await.number);
    for text in ["Nota interna.", "Otra nota interna."] {
        let noted = Command::AddNote { audience: Audience::Internal, text: note(text) };
        execute(&at.desk, &staff(Role::Agent), ana, noted).await;
    }
    // What went to Luis went to him alone.
    sqlx::query("UPDATE outbox SET state = 'sent', sent_utc_s = created_utc_s")
        .execute(&mut at.connection().await)
        .await
        .unwrap();
    amend_contact(&at.desk, ana, "Carmen Ortiz", "ventas+caracas@cumbre.example").await;
    amend_contact(&at.desk, luis, "Hugo Salas", "ventas+bogota@cumbre.example").await;
    desk::search::catch_up(&at.desk).await.unwrap();
    let carmen = MailAddress::parse("Ventas+Caracas@cumbre.example").unwrap();
    let known = known_of(&at.desk, &admin(), &carmen).await.unwrap();
    let mut told: Vec<_> =
        known.cases.iter().map(|case| (case.contact.as_str(), case.mail.as_str())).collect();
    told.sort_unstable();
    let both =
        [("Carmen Ortiz", "ventas+caracas@cumbre.example"), ("Hugo Salas", "ventas+bogota@cumbre.example")];
    assert_eq!((told, known.extent), (both.to_vec(), Extent::Whole));
    let file = exported(&at.desk, &carmen, &[ana]).await.to_string();
    assert!(file.contains("Carmen Ortiz") && !file.contains("Hugo Salas"), "{file}");
    for others in ["Luis Peña", "luis.pena@example.com", "555 0142", "Nota interna", "Otra nota"] {
        assert!(!file.contains(others), "{others}: {file}");
    }
}

async fn one_person_is_handed_out_and_erased(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let (number, open) = (ended(&at).await, a_case(&at.desk).await.number);
    desk::search::catch_up(&at.desk).await.unwrap();
    let mail = page(&at.desk, open).await.opening.report.contact.mail;
    let known = known_of(&at.desk, &admin(), &mail).await.unwrap();
    let seen: Vec<_> = known.cases.iter().map(|case| (case.number, case.ended)).collect();
    assert_eq!(seen, [(open, false), (number, true)]);
    let file = exported(&at.desk, &mail, &[open, number]).await;
    assert_eq!((file["mail"].as_str(), file["complete"].as_bool()), (Some(mail.as_str()), Some(true)));
    let numbers: BTreeSet<_> =
        file["cases"].as_array().unwrap().iter().map(|case| case["number"].as_str()).collect();
    let both = [open.to_string(), number.to_string()];
    assert_eq!(numbers, both.iter().map(|number| Some(number.as_str())).collect());
    let some = exported(&at.desk, &mail, &[number]).await;
    let [case] = &some["cases"].as_array().unwrap()[..] else { panic!("{some}") };
    assert_eq!(
        (case["number"].as_str(), some["complete"].as_bool()),
        (Some(number.to_string().as_str()), Some(false))
    );
    let mails = case["mails"].as_array().unwrap();
    assert!(!mails.is_empty() && mails.iter().all(|sent| sent["recipient"] == mail.as_str()), "{mails:?}");
    erase_case(&at.desk, &admin(), number, ErasureReason::Request).await.unwrap();
    let left = known_of(&at.desk, &admin(), &mail).await.unwrap();
    assert_eq!(left.cases.len(), 1, "the open one is needed");
    let nobody = MailAddress::parse("nadie@cumbre.example").unwrap();
    assert!(known_of(&at.desk, &admin(), &nobody).await.unwrap().cases.is_empty());
}

//! Files of visits over the store, on every engine: stored unchanged, identified by their bytes, readable with their
//! case, and deleted when removed.

use desk::DeskError;
use desk::cases::attachments::{FileError, attach, detach, read_file};
use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::attachment::{Attachment, FileKind, FileProblem, MOST_BYTES, MOST_FILES};
use domain::case::visit::{Conformity, CustomerStatement, Meeting, VisitCommand, VisitRefusal, WorkReport};
use domain::case::{Channel, Command, Refusal};
use domain::case_number::CaseNumber;
use domain::text::PersonName;
use sqlx::Row;

use crate::support::{TestDesk, a_case, both_engines, note, staff};
use crate::visits::{ask, file, hire, window};

both_engines! {
    files_are_stored_unchanged_and_read_with_their_case,
    file_without_an_image_signature_is_refused_under_any_name,
    files_are_added_and_removed_only_while_the_technician_is_on_site,
}

const HOUR: i64 = 3600;

/// A distinct photograph per seed.
fn photograph(seed: u8) -> Vec<u8> {
    let mut bytes = b"\xFF\xD8\xFF\xE1\x00\x18Exif\0\0".to_vec();
    bytes.extend((0..=255_u8).cycle().take(5000).map(|byte| byte.wrapping_mul(seed)));
    bytes
}

/// A case with a technician on site, and the technician.
pub(crate) async fn on_site(test: &TestDesk) -> (CaseNumber, Actor) {
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    let who =
        Actor::Staff(Staff { id: rosa.id, name: rosa.name.clone(), role: Role::Technician, composed: None });
    let number = a_case(&test.desk).await.number;
    let word = CustomerStatement { who: PersonName::parse("Ana Rivas").unwrap(), channel: Channel::Phone };
    let meeting = Meeting { window: window(2, 2), technician: rosa };
    ask(test, number, VisitCommand::Agree { meeting, word }).await.unwrap();
    test.clock.advance(2 * HOUR);
    execute_command(&test.desk, &who, number, Expected::Version(1), Command::Visit(VisitCommand::Arrive))
        .await
        .unwrap();
    (number, who)
}

async fn stored(test: &TestDesk, number: CaseNumber) -> i64 {
    sqlx::query("SELECT COUNT(*) FROM visit_files WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_one(&mut test.connection().await)
        .await
        .unwrap()
        .get(0)
}

fn refused<T>(outcome: Result<T, impl Into<FileError>>, expected: VisitRefusal) -> bool {
    let error = outcome.err().map(Into::into);
    matches!(error, Some(FileError::Desk(DeskError::Refused(Refusal::Visit(found)))) if found == expected)
}

async fn files_are_stored_unchanged_and_read_with_their_case(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, who) = on_site(&test).await;
    let content = photograph(3);
    let kept = attach(&test.desk, &who, number, "C:\\fakepath\\IMG_1.html", content.clone()).await.unwrap();
    assert_eq!((kept.kind, kept.name.as_str()), (FileKind::Jpeg, "IMG_1.html.jpg"));
    assert_eq!(usize::try_from(kept.bytes).unwrap(), content.len());
    for actor in [who.clone(), staff(Role::Agent), Actor::Customer(number)] {
        let read = read_file(&test.desk, &actor, number, &kept.id).await.unwrap();
        assert_eq!(read, (kept.clone(), content.clone()), "nothing of it was changed");
    }
    let other = a_case(&test.desk).await.number;
    for actor in [Actor::Anonymous, Actor::Customer(other)] {
        let hidden = read_file(&test.desk, &actor, number, &kept.id).await;
        assert!(matches!(hidden, Err(DeskError::NotFound)));
    }
    let elsewhere = read_file(&test.desk, &staff(Role::Agent), other, &kept.id).await;
    assert!(matches!(elsewhere, Err(DeskError::NotFound)), "a file belongs to one case");

    let file = file(&test.desk, number).await;
    assert_eq!(file.visits[0].files, std::slice::from_ref(&kept));
    let document = serde_json::to_string(&file.history).unwrap();
    assert!(document.len() < content.len() * 2, "the history holds no bytes");
    let theirs = read_case(&test.desk, &Actor::Customer(number), number).await.unwrap();
    assert_eq!(theirs.visits[0].files, [kept]);
}

async fn file_without_an_image_signature_is_refused_under_any_name(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, who) = on_site(&test).await;
    let mut large = photograph(1);
    large.resize(MOST_BYTES + 1, 0);
    for (content, expected) in [
        (b"<!doctype html><script>alert(1)</script>".to_vec(), FileProblem::UnknownKind),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), FileProblem::UnknownKind),
        (Vec::new(), FileProblem::Empty),
        (large, FileProblem::TooLarge),
    ] {
        let outcome = attach(&test.desk, &who, number, "foto.jpg", content).await;
        assert!(matches!(outcome, Err(FileError::Problem(found)) if found == expected), "{expected:?}");
    }
    assert_eq!(stored(&test, number).await, 0);
}

async fn files_are_added_and_removed_only_while_the_technician_is_on_site(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, who) = on_site(&test).await;
    let add =
        async |actor: &Actor, seed: u8| attach(&test.desk, actor, number, "a.jpg", photograph(seed)).await;
    let first = add(&who, 1).await.unwrap();
    assert!(refused(add(&who, 1).await, VisitRefusal::SameFile));
    let other = Actor::Staff(Staff {
        id: PersonId(999),
        name: "Otro".into(),
        role: Role::Technician,
        composed: None,
    });
    assert!(refused(add(&other, 2).await, VisitRefusal::OtherTechnician));
    let stranger = add(&Actor::Customer(number), 2).await;
    assert!(matches!(stranger, Err(FileError::Desk(DeskError::NotPermitted(_)))));

    for seed in 2..=u8::try_from(MOST_FILES).unwrap() {
        add(&who, seed).await.unwrap();
    }
    assert!(refused(add(&who, 99).await, VisitRefusal::TooManyFiles));
    assert_eq!(stored(&test, number).await, 20);

    detach(&test.desk, &who, number, first.id.clone()).await.unwrap();
    assert_eq!(stored(&test, number).await, 19, "its bytes are gone");
    assert!(matches!(read_file(&test.desk, &who, number, &first.id).await, Err(DeskError::NotFound)));
    assert!(refused(detach(&test.desk, &who, number, first.id).await, VisitRefusal::NoSuchFile));

    execute_command(&test.desk, &who, number, Expected::Version(1), Command::Visit(VisitCommand::Start))
        .await
        .unwrap();
    let last: Attachment = add(&who, 1).await.unwrap();
    let report = WorkReport::new(note("Listo."), Vec::new()).unwrap();
    let conformity = Conformity::Unsigned { reason: note("Salió antes") };
    let end = Command::Visit(VisitCommand::End { report, conformity });
    execute_command(&test.desk, &who, number, Expected::Version(1), end).await.unwrap();
    assert!(refused(add(&who, 50).await, VisitRefusal::NoVisit));
    assert!(refused(detach(&test.desk, &who, number, last.id.clone()).await, VisitRefusal::NoVisit));
    assert!(read_file(&test.desk, &Actor::Customer(number), number, &last.id).await.is_ok());
}

#[tokio::test]
async fn file_content_is_read_by_an_index() {
    let test = TestDesk::with_register(Engine::Sqlite).await;
    let rows = sqlx::query(
        "EXPLAIN QUERY PLAN SELECT content FROM visit_files WHERE case_number = 'X' AND file_id = 'Y'",
    )
    .fetch_all(&mut test.connection().await)
    .await
    .unwrap();
    let plan: Vec<String> = rows.into_iter().map(|row| row.get("detail")).collect();
    assert!(plan.join("; ").contains("USING INDEX"), "{plan:?}");
}

//! No-shows, on every engine: recipients, targets, and undoing.

use desk::DeskError;
use desk::access::staff::{NewPerson, add_person};
use desk::backfill::Backfill;
use desk::cases::execute::{Expected, execute_command};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::case::visit::{
    CustomerStatement, Meeting, NoShowReason, Side, Stage, Technician, VisitCommand, VisitRefusal,
};
use domain::case::{Channel, ClockState, Command, Refusal};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::sla_plan::SlaMetric;
use domain::text::PersonName;
use sqlx::{Executor, Row};

use crate::support::{TestDesk, a_case, both_engines, note};
use crate::visits::{ask, file, hire, window};

both_engines! {
    customer_no_show_is_mailed_to_customer_and_staff,
    technician_no_show_is_mailed_to_the_assignee,
    no_show_of_an_older_version_is_counted_by_the_rule_of_its_plan,
    no_show_is_recorded_by_the_booked_technician_alone,
}

const HOUR: i64 = 3600;

/// A visit of Rosa's tomorrow at noon, agreed by telephone.
async fn agreed(test: &TestDesk) -> (CaseNumber, Technician) {
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    let number = a_case(&test.desk).await.number;
    let word = CustomerStatement { who: PersonName::parse("Ana Rivas").unwrap(), channel: Channel::Phone };
    let meeting = Meeting { window: window(26, 2), technician: rosa.clone() };
    ask(test, number, VisitCommand::Agree { meeting, word }).await.unwrap();
    (number, rosa)
}

/// Adds another member of the staff.
async fn employ(test: &TestDesk, name: &str, mail: &str, role: Role) -> Staff {
    let person = NewPerson {
        name: PersonName::parse(name).unwrap(),
        mail: MailAddress::parse(mail).unwrap(),
        role,
        language: Language::Es,
        password: "una-clave-de-prueba-larga".to_owned(),
    };
    let id = add_person(&test.desk, &Actor::System, person).await.unwrap();
    Staff { id, name: name.to_owned(), role, composed: None }
}

async fn on_site(
    test: &TestDesk,
    who: &Technician,
    number: CaseNumber,
    command: VisitCommand,
) -> Result<u32, DeskError> {
    let staff = Staff { id: who.id, name: who.name.clone(), role: Role::Technician, composed: None };
    execute_command(&test.desk, &Actor::Staff(staff), number, Expected::Any, Command::Visit(command)).await
}

/// Recipient, kind and subject of the mails since the agreement.
async fn told(test: &TestDesk, number: CaseNumber) -> Vec<(String, String, String)> {
    let rows = sqlx::query(
        "SELECT recipient, kind, subject || ' ' || body_text FROM outbox WHERE case_number = $1
         AND (subject LIKE '%no se realizó%' OR subject LIKE '%no realizada%' OR subject LIKE '%sigue en pie%')
         ORDER BY id",
    )
    .bind(number.as_compact())
    .fetch_all(&mut test.connection().await)
    .await
    .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

async fn outcomes(test: &TestDesk, number: CaseNumber) -> Vec<String> {
    let rows = sqlx::query(
        "SELECT outcome FROM promises WHERE case_number = $1 AND clock = 'on_site' ORDER BY cycle",
    )
    .bind(number.as_compact())
    .fetch_all(&mut test.connection().await)
    .await
    .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

fn no_show() -> VisitCommand {
    VisitCommand::NoShow {
        reason: NoShowReason::ContactAbsent,
        note: Some(note("Vigilante de turno: Pedro")),
    }
}

async fn holds(test: &TestDesk) {
    let proof = check(&test.desk, SchedulerState::Unknown).await.unwrap();
    assert_eq!(proof.inconsistencies, []);
}

async fn customer_no_show_is_mailed_to_customer_and_staff(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, rosa) = agreed(&test).await;
    employ(&test, "Andrés Quintero", "andres@example.com", Role::Supervisor).await;
    test.clock.advance(25 * HOUR);
    on_site(&test, &rosa, number, VisitCommand::Arrive).await.unwrap();
    let early = on_site(&test, &rosa, number, no_show()).await;
    let expected = Refusal::Visit(VisitRefusal::WindowNotBegun);
    assert!(matches!(early, Err(DeskError::Refused(refusal)) if refusal == expected));
    assert_eq!(outcomes(&test, number).await, ["kept"]);
    test.clock.advance(HOUR + 1200);
    on_site(&test, &rosa, number, no_show()).await.unwrap();
    assert!(outcomes(&test, number).await.is_empty(), "it did not happen");

    let mails = told(&test, number).await;
    let (contact, desk): (Vec<_>, Vec<_>) = mails.iter().partition(|(_, kind, _)| kind == "visit");
    let [(recipient, _, text)] = contact.as_slice() else { panic!("{mails:?}") };
    assert_eq!(recipient, "luis.pena@example.com");
    assert!(text.contains("El contacto no está") && !text.contains("Vigilante"), "{text}");
    let [(recipient, kind, text)] = desk.as_slice() else { panic!("{mails:?}") };
    let expected = ("andres@example.com", "visit_missed");
    assert_eq!((recipient.as_str(), kind.as_str()), expected, "nobody holds the case");
    assert!(text.contains("Vigilante"), "{text}");
    let page = file(&test.desk, number).await;
    assert!(matches!(page.visits[0].stage, Stage::Missed { by: Side::Customer, .. }));
    let clock = page.clocks.iter().find(|clock| clock.kind == SlaMetric::OnSite).unwrap();
    assert_eq!(clock.reading(&page.hours.spans, page.now).state, ClockState::Void);
    holds(&test).await;

    test.clock.advance(599);
    on_site(&test, &rosa, number, VisitCommand::UndoMiss).await.unwrap();
    assert_eq!(outcomes(&test, number).await, ["kept"]);
    let mails = told(&test, number).await;
    assert!(mails.last().unwrap().2.contains("sigue en pie"), "{mails:?}");
    on_site(&test, &rosa, number, VisitCommand::Start).await.unwrap();
    holds(&test).await;
}

async fn technician_no_show_is_mailed_to_the_assignee(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, _) = agreed(&test).await;
    let assignee = employ(&test, "Pedro Gil", "pedro@example.com", Role::Agent).await;
    let take = Command::Assignment(domain::case::AssignmentCommand::Claim);
    execute_command(&test.desk, &Actor::Staff(assignee), number, Expected::Any, take).await.unwrap();
    test.clock.advance(29 * HOUR);
    let reason = note("Se averió el vehículo.");
    ask(&test, number, VisitCommand::DidNotCome { reason }).await.unwrap();
    assert_eq!(outcomes(&test, number).await, ["missed"]);
    let mails = told(&test, number).await;
    let to: Vec<&str> = mails.iter().map(|(to, _, _)| to.as_str()).collect();
    assert_eq!(to, ["luis.pena@example.com", "pedro@example.com"]);
    assert!(!mails[0].2.contains("averió") && mails[1].2.contains("averió"), "{mails:?}");
    holds(&test).await;
}

/// An entry of a version without the rule, which counted as met in rows and clocks.
async fn no_show_of_an_older_version_is_counted_by_the_rule_of_its_plan(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, rosa) = agreed(&test).await;
    test.clock.advance(26 * HOUR);
    on_site(&test, &rosa, number, VisitCommand::Arrive).await.unwrap();
    let kept = sqlx::query("SELECT clocks FROM cases WHERE number = $1")
        .bind(number.as_compact())
        .fetch_one(&mut test.connection().await)
        .await
        .unwrap();
    let (clocks, version): (String, u32) = (kept.get(0), file(&test.desk, number).await.version);
    on_site(&test, &rosa, number, no_show()).await.unwrap();
    let mut connection = test.connection().await;
    let (old, number_text) = (clocks, number.as_compact());
    for (text, value) in [
        ("UPDATE cases SET clocks = $2 WHERE number = $1", old.as_str()),
        (
            "INSERT INTO promises (case_number, clock, cycle, outcome, settled_utc_s, day, country, priority,
                                   target_s, used_s)
             VALUES ($1, 'on_site', 1, $2, 0, '2026-11-24', 'VE', 'P1', 7200, 0)",
            "kept",
        ),
    ] {
        sqlx::query(text).bind(&number_text).bind(value).execute(&mut connection).await.unwrap();
    }
    // The entry as it was serialised then.
    let undo = "UPDATE case_events SET document = REPLACE(document, ',\"reason\":\"contact_absent\"', '')
                WHERE kind = 'visit:missed'";
    connection.execute(undo).await.unwrap();
    let migration = include_str!("../../migrations/0018_visits.sql");
    let told_anew = migration.split_once("-- end of what is told anew").unwrap().0;
    connection.execute(told_anew).await.unwrap();
    assert_eq!(Backfill::SlaRecords.run(&test.desk).await.unwrap(), 1);
    assert!(outcomes(&test, number).await.is_empty());
    let page = file(&test.desk, number).await;
    assert_eq!(page.version, version + 1);
    let reason = page.visits[0].stage.clone();
    assert!(matches!(reason, Stage::Missed { by: Side::Customer, reason: None, .. }), "{reason:?}");
}

async fn no_show_is_recorded_by_the_booked_technician_alone(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, rosa) = agreed(&test).await;
    test.clock.advance(26 * HOUR);
    on_site(&test, &rosa, number, VisitCommand::Arrive).await.unwrap();
    let other = Technician { id: PersonId(rosa.id.0 + 100), name: "Otro".into() };
    let refused = on_site(&test, &other, number, no_show()).await;
    let expected = Refusal::Visit(VisitRefusal::OtherTechnician);
    assert!(matches!(refused, Err(DeskError::Refused(refusal)) if refusal == expected));
}

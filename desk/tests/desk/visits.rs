//! Visits over the store, on every engine: offered, agreed by link, moved, called off and completed, with their mails
//! and invitations.

use desk::Desk;
use desk::DeskError;
use desk::access::tokens::{TrackingLink, VisitLink};
use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::cases::visits::{agenda, answer_visit, read_visit, technicians};
use desk::store::Engine;
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::case::visit::{
    AnswerSource, Conformity, CustomerStatement, Meeting, MoveTo, Side, Stage, Technician, VisitAnswer,
    VisitCommand, VisitId, VisitRefusal, Windows, WorkReport,
};
use domain::case::{Case, Channel, Command, Refusal};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::sla_plan::SlaMetric;
use domain::text::PersonName;
use domain::time::Span;
use domain::view::{CasePage, LinkState, VisitOver};
use sqlx::Row;

use crate::support::{START, TestDesk, a_case, add_staff, both_engines, note, staff};

both_engines! {
    visit_is_offered_accepted_by_link_and_completed,
    visit_link_answers_its_own_visit_alone_until_it_expires,
    visit_is_moved_by_customer_then_staff_then_cancelled,
    visit_is_refused_for_an_unknown_technician,
    visit_agreed_by_telephone_is_reassigned_to_another_technician,
}

const HOUR: i64 = 3600;

pub(crate) fn window(after_h: i64, hours: i64) -> Span {
    Span::new(START.plus(after_h * HOUR), START.plus((after_h + hours) * HOUR))
}

fn windows(all: &[(i64, i64)]) -> Windows {
    Windows::new(all.iter().map(|(after, hours)| window(*after, *hours)).collect()).unwrap()
}

/// Adds a technician to the staff.
pub(crate) async fn hire(desk: &Desk, name: &str, mail: &str) -> Technician {
    let Staff { id, name, .. } = add_staff(desk, name, mail, Role::Technician, Language::Es).await;
    Technician { id, name }
}

pub(crate) async fn file(desk: &Desk, number: CaseNumber) -> CasePage {
    read_case(desk, &staff(Role::Agent), number).await.unwrap()
}

pub(crate) async fn ask(
    test: &TestDesk,
    number: CaseNumber,
    command: VisitCommand,
) -> Result<u32, DeskError> {
    let seen = file(&test.desk, number).await.version;
    execute_command(&test.desk, &staff(Role::Agent), number, Expected::Version(seen), Command::Visit(command))
        .await
}

/// A case with a first contact.
async fn an_answered_case(test: &TestDesk) -> CaseNumber {
    let number = a_case(&test.desk).await.number;
    let contact = Command::LogContact { channel: Channel::Phone, note: None };
    execute_command(&test.desk, &staff(Role::Agent), number, Expected::Version(1), contact).await.unwrap();
    number
}

async fn offer(test: &TestDesk, number: CaseNumber, technician: &Technician, all: &[(i64, i64)]) {
    let technician = technician.clone();
    let command =
        VisitCommand::Offer { windows: windows(all), technician, note: Some(note("Lleve su carnet")) };
    ask(test, number, command).await.unwrap();
}

/// A mail about visits.
struct Sent {
    recipient: String,
    subject: String,
    text: String,
    thread: Option<String>,
    calendar: Option<String>,
}

impl Sent {
    /// The last part of its link to the visit.
    fn link(&self) -> String {
        let (_, rest) = self.text.split_once("/visit/").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    /// A property of its invitation.
    fn property(&self, name: &str) -> String {
        let calendar = self.calendar.as_deref().unwrap().replace("\r\n ", "");
        let line = calendar.split("\r\n").find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_start_matches(':').to_owned()
    }
}

async fn mails(test: &TestDesk, number: CaseNumber) -> Vec<Sent> {
    let rows = sqlx::query(
        "SELECT recipient, subject, body_text, thread_id, calendar FROM outbox
         WHERE case_number = $1 AND kind IN ('visit', 'visit_staff') ORDER BY id",
    )
    .bind(number.as_compact())
    .fetch_all(&mut test.connection().await)
    .await
    .unwrap();
    let sent = |row: &sqlx::any::AnyRow| Sent {
        recipient: row.get(0),
        subject: row.get(1),
        text: test.desk.tokens().unsealed(&row.get::<String, _>(2)),
        thread: row.get(3),
        calendar: row
            .get::<Option<String>, _>(4)
            .map(|text| test.desk.tokens().unsealed(&text.replace("\r\n ", ""))),
    };
    rows.iter().map(sent).collect()
}

async fn visit_is_offered_accepted_by_link_and_completed(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    assert_eq!(technicians(&test.desk, &staff(Role::Agent)).await.unwrap(), std::slice::from_ref(&rosa));
    let number = an_answered_case(&test).await;
    offer(&test, number, &rosa, &[(26, 2), (28, 3)]).await;
    let offered = mails(&test, number).await.pop().unwrap();
    assert!(offered.subject.contains("elija el horario") && offered.thread.is_some(), "{}", offered.subject);
    assert!(offered.text.contains("Lleve su carnet") && offered.calendar.is_none(), "{}", offered.text);

    let link = offered.link();
    let page = read_visit(&test.desk, &link).await.unwrap();
    assert!(matches!(page.state, LinkState::Open(_)) && page.number == number);
    assert_eq!(file(&test.desk, number).await.version, 3, "whoever reads changes nothing");
    test.clock.advance(600);
    answer_visit(&test.desk, &link, None, VisitAnswer::Accept { window: window(28, 3) }).await.unwrap();
    let answered = read_visit(&test.desk, &link).await.unwrap().state;
    assert!(matches!(answered, LinkState::Answered(_)));
    let again = answer_visit(&test.desk, &link, None, VisitAnswer::Decline { note: None }).await;
    assert!(matches!(again, Err(DeskError::Refused(Refusal::Visit(VisitRefusal::NotCurrent)))));

    let link_of_agreement = assert_invitations(&test, number).await;
    assert_row(&test, number).await;
    let technician =
        Actor::Staff(Staff { id: rosa.id, name: rosa.name.clone(), role: Role::Technician, composed: None });
    assert_agenda(&test.desk, &technician, number).await;

    test.clock.advance(28 * HOUR);
    let report = WorkReport::new(note("Se cambió la fuente."), Vec::new()).unwrap();
    let conformity = Conformity::Unsigned { reason: note("El contacto salió antes") };
    for command in [VisitCommand::Arrive, VisitCommand::Start, VisitCommand::End { report, conformity }] {
        let command = Command::Visit(command);
        execute_command(&test.desk, &technician, number, Expected::Version(1), command).await.unwrap();
    }
    for link in [&link, &link_of_agreement] {
        let over = read_visit(&test.desk, link).await.unwrap().state;
        assert_eq!(over, LinkState::Over(VisitOver::Done { at: test.clock.now() }));
    }
    let file = file(&test.desk, number).await;
    assert!(matches!(file.visits[0].stage, Stage::Ended(_)));
    let on_site = file.clocks.iter().find(|clock| clock.kind == SlaMetric::OnSite).unwrap();
    assert_eq!((on_site.used_s, on_site.breach), (600, None));
    let case = Case::from_history(&file.history).unwrap();
    assert_eq!(case.visits().list(), file.visits, "the read model is the history");
}

/// The contact and the technician have an invitation to the same window. Gives the code of the contact's link.
async fn assert_invitations(test: &TestDesk, number: CaseNumber) -> String {
    let sent = mails(test, number).await;
    let [_, contact, technician] = sent.as_slice() else { panic!("{}", sent.len()) };
    assert_eq!(contact.recipient, "luis.pena@example.com");
    assert_eq!(technician.recipient, "rosa@example.com");
    for mail in [contact, technician] {
        assert_eq!(mail.property("METHOD"), "REQUEST");
        assert_eq!(mail.property("DTSTART;TZID=America/Caracas"), "20261124T140000");
        assert_eq!(mail.property("DTEND;TZID=America/Caracas"), "20261124T170000");
        assert_eq!(mail.property("SEQUENCE"), "2");
        assert_eq!(mail.property("UID"), format!("{}-1@vigia.example", test.desk.tokens().reply_tag(number)));
        assert!(
            mail.subject.ends_with(" · Cisco Catalyst 9300-48P, Torre Ávila, Caracas"),
            "{}",
            mail.subject
        );
    }
    let way = format!("\\nhttps://vigia.example/visit/{}", contact.link());
    assert!(contact.property("DESCRIPTION").ends_with(&way), "{}", contact.property("DESCRIPTION"));
    let way = format!("\\nhttps://vigia.example/desk/cases/{}", number.as_compact());
    assert!(technician.property("DESCRIPTION").ends_with(&way), "{}", technician.property("DESCRIPTION"));
    contact.link()
}

async fn assert_row(test: &TestDesk, number: CaseNumber) {
    let row = sqlx::query("SELECT stage, from_utc_s, technician_id FROM visits WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_one(&mut test.connection().await)
        .await
        .unwrap();
    assert_eq!(row.get::<String, _>(0), "agreed");
    assert_eq!(row.get::<i64, _>(1), window(28, 3).from.0);
}

/// The visit of tomorrow is on the agenda of its technician and of supervisors, and on no other.
async fn assert_agenda(desk: &Desk, technician: &Actor, number: CaseNumber) {
    assert!(agenda(desk, technician, 0).await.unwrap().entries.is_empty(), "nothing today");
    let tomorrow = agenda(desk, technician, 1).await.unwrap().entries;
    assert_eq!(tomorrow.len(), 1);
    assert_eq!(tomorrow[0].number, number);
    let other = Actor::Staff(Staff {
        id: PersonId(999),
        name: "Otro".into(),
        role: Role::Technician,
        composed: None,
    });
    assert!(agenda(desk, &other, 1).await.unwrap().entries.is_empty());
    assert_eq!(agenda(desk, &staff(Role::Supervisor), 1).await.unwrap().entries.len(), 1);
}

async fn visit_link_answers_its_own_visit_alone_until_it_expires(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    let number = an_answered_case(&test).await;
    offer(&test, number, &rosa, &[(26, 2)]).await;
    let link = mails(&test, number).await.pop().unwrap().link();
    assert!(test.desk.tokens().case(&link).is_none(), "it opens no case");
    assert!(
        test.desk.tokens().visit_link(&test.desk.tokens().tracking(TrackingLink::first(number))).is_none()
    );
    let read = test.desk.tokens().visit_link(&link).unwrap();
    let expected = VisitLink { number, visit: VisitId(1), revision: 1, expires: window(26, 2).to };
    assert_eq!(read, expected);
    // Another visit, revision or expiry needs another code.
    let (what, code) = link.rsplit_once('-').unwrap();
    for forged in [
        what.replacen("-1-1-", "-2-1-", 1),
        what.replacen("-1-1-", "-1-2-", 1),
        format!("{what}0"),
        String::new(),
    ] {
        assert!(test.desk.tokens().visit_link(&format!("{forged}-{code}")).is_none(), "{forged}");
    }
    test.clock.advance(28 * HOUR);
    assert_eq!(read_visit(&test.desk, &link).await.unwrap().state, LinkState::Expired);
    let late = answer_visit(&test.desk, &link, None, VisitAnswer::Decline { note: None }).await;
    assert!(matches!(late, Err(DeskError::Refused(Refusal::Visit(VisitRefusal::NotCurrent)))));
}

async fn visit_is_moved_by_customer_then_staff_then_cancelled(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    let pedro = hire(&test.desk, "Pedro Gil", "pedro@example.com").await;
    let number = an_answered_case(&test).await;
    offer(&test, number, &rosa, &[(26, 2)]).await;
    let given = AnswerSource::ByStaff(CustomerStatement {
        who: PersonName::parse("Ana Rivas").unwrap(),
        channel: Channel::Phone,
    });
    let answer = VisitAnswer::Accept { window: window(26, 2) };
    ask(&test, number, VisitCommand::Answer { answer, given }).await.unwrap();

    let link = mails(&test, number).await[1].link();
    let proposed =
        VisitAnswer::Propose { windows: windows(&[(50, 2)]), note: Some(note("Ese día no hay nadie")) };
    answer_visit(&test.desk, &link, None, proposed).await.unwrap();
    ask(&test, number, VisitCommand::Confirm { window: window(50, 2) }).await.unwrap();

    let word = CustomerStatement { who: PersonName::parse("Ana Rivas").unwrap(), channel: Channel::Phone };
    let to = MoveTo::Agreed { window: window(52, 2), word };
    let (by, reason) = (Side::Us, note("El repuesto llega más tarde"));
    ask(&test, number, VisitCommand::Move { by, reason, technician: pedro, to }).await.unwrap();
    let visit = file(&test.desk, number).await.visits.pop().unwrap();
    assert_eq!((visit.moved_by_customer, visit.moved_by_us), (1, 1));

    let reason = note("Se resolvió a distancia");
    ask(&test, number, VisitCommand::CallOff { by: Side::Us, reason }).await.unwrap();
    let told: Vec<_> = mails(&test, number)
        .await
        .iter()
        .filter(|mail| mail.calendar.is_some())
        .map(|mail| {
            let to = mail.recipient.split('@').next().unwrap().to_owned();
            (to, mail.property("METHOD"), mail.property("SEQUENCE").parse::<u32>().unwrap())
        })
        .collect();
    let of = |to: &str, method: &str, sequence| (to.to_owned(), method.to_owned(), sequence);
    assert_eq!(
        told,
        [
            of("luis.pena", "REQUEST", 2),
            of("rosa", "REQUEST", 2),
            of("luis.pena", "CANCEL", 4),
            of("rosa", "CANCEL", 4),
            of("luis.pena", "REQUEST", 5),
            of("rosa", "REQUEST", 5),
            // Moved in one command: removed from one technician's calendar, and moved in the contact's.
            of("rosa", "CANCEL", 7),
            of("luis.pena", "REQUEST", 7),
            of("pedro", "REQUEST", 7),
            of("luis.pena", "CANCEL", 8),
            of("pedro", "CANCEL", 8),
        ]
    );
    let threads: Vec<_> = mails(&test, number).await.into_iter().map(|mail| mail.thread).collect();
    assert!(threads.iter().all(|thread| thread.is_some() && *thread == threads[0]), "one thread");
}

async fn visit_is_refused_for_an_unknown_technician(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    let number = a_case(&test.desk).await.number;
    let stranger = Technician { id: rosa.id, name: "Alguien más".into() };
    let command = VisitCommand::Offer { windows: windows(&[(26, 2)]), technician: stranger, note: None };
    let refused = ask(&test, number, command).await;
    assert!(matches!(refused, Err(DeskError::Refused(Refusal::Visit(VisitRefusal::NoSuchTechnician)))));
    for actor in [Actor::Anonymous, Actor::Customer(number)] {
        let command =
            VisitCommand::Offer { windows: windows(&[(26, 2)]), technician: rosa.clone(), note: None };
        let refused =
            execute_command(&test.desk, &actor, number, Expected::Version(1), Command::Visit(command)).await;
        assert!(matches!(refused, Err(DeskError::NotPermitted(_))));
        assert!(agenda(&test.desk, &actor, 0).await.is_err());
    }
}

/// Recipient, method and sequence of the invitation of each mail.
async fn invitations(test: &TestDesk, number: CaseNumber) -> Vec<(String, String, u32)> {
    let mails = mails(test, number).await;
    let told = mails.iter().filter(|mail| mail.calendar.is_some()).map(|mail| {
        let to = mail.recipient.split('@').next().unwrap().to_owned();
        (to, mail.property("METHOD"), mail.property("SEQUENCE").parse::<u32>().unwrap())
    });
    told.collect()
}

async fn visit_agreed_by_telephone_is_reassigned_to_another_technician(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let rosa = hire(&test.desk, "Rosa Marín", "rosa@example.com").await;
    let pedro = hire(&test.desk, "Pedro Gil", "pedro@example.com").await;
    let number = a_case(&test.desk).await.number;
    let word = CustomerStatement { who: PersonName::parse("Ana Rivas").unwrap(), channel: Channel::Phone };
    let meeting = Meeting { window: window(26, 2), technician: rosa.clone() };
    ask(&test, number, VisitCommand::Agree { meeting, word: word.clone() }).await.unwrap();
    let visit = file(&test.desk, number).await.visits.pop().unwrap();
    assert_eq!(visit.appointment().unwrap().word, Some(word));

    let note = Some(note("Rosa está de permiso"));
    let command = VisitCommand::Reassign { technician: pedro.clone(), note };
    ask(&test, number, command.clone()).await.unwrap();
    let again = ask(&test, number, command).await;
    assert!(matches!(again, Err(DeskError::Refused(Refusal::Visit(VisitRefusal::SameTechnician)))));
    let visit = file(&test.desk, number).await.visits.pop().unwrap();
    assert_eq!((visit.moved_by_us, visit.moved_by_customer), (0, 0));
    assert_eq!(visit.technician, pedro);
    assert_eq!(visit.appointment().unwrap().window, window(26, 2));

    let of = |to: &str, method: &str, sequence| (to.to_owned(), method.to_owned(), sequence);
    assert_eq!(
        invitations(&test, number).await,
        [
            of("luis.pena", "REQUEST", 1),
            of("rosa", "REQUEST", 1),
            of("luis.pena", "REQUEST", 2),
            of("rosa", "CANCEL", 2),
            of("pedro", "REQUEST", 2),
        ]
    );
    let told = mails(&test, number).await.remove(2);
    assert!(told.subject.contains("va otro técnico"), "{}", told.subject);
    assert!(told.text.contains("Pedro Gil") && told.text.contains("Rosa está de permiso"), "{}", told.text);
    let who = |one: &Technician| {
        Actor::Staff(Staff { id: one.id, name: one.name.clone(), role: Role::Technician, composed: None })
    };
    assert!(agenda(&test.desk, &who(&rosa), 1).await.unwrap().entries.is_empty());
    assert_eq!(agenda(&test.desk, &who(&pedro), 1).await.unwrap().entries.len(), 1);
}

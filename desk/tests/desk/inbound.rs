//! Mails that come in, over the store: each once, in the case that it answers, or in the triage list.

use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::inbound::delivery::{OwnMailbox, State, Taken, WaitReason, deliver};
use desk::inbound::triage::{InboundId, discard, join, list, read};
use desk::store::Engine;
use desk::{Desk, DeskError};
use domain::actor::{Actor, Role};
use domain::case::visit::{Stage, VisitCommand, Windows};
use domain::case::{Channel, Command, Event, MessageEvent, Origin, PauseReason, Refusal, Status};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::view::MailState;
use sqlx::Row;

use crate::outbox::{deliver as send, over_smtp, state};
use crate::support::smtp::{Manner, Server};
use crate::support::{TestDesk, a_case, add_staff, both_engines, count, explain, page, reason, staff};
use crate::visits::{ask, hire, window};

both_engines! {
    reply_is_a_message_of_the_customer_once_and_ends_the_wait,
    reply_finds_its_case_by_address_thread_or_number,
    number_alone_joins_nothing_unless_the_author_is_genuine,
    strangers_and_new_mails_wait_for_triage,
    colleague_who_answers_a_mail_leaves_an_internal_note,
    programs_change_nothing_and_loops_end_after_two,
    failed_delivery_makes_a_dead_letter_of_the_mail_that_it_names,
    calendar_answers_do_what_the_link_does,
    mail_of_the_triage_list_is_decided_once,
    undecided_mail_is_not_kept_for_ever,
    erased_case_keeps_nothing_of_its_mails,
    triage_queries_are_served_by_indexes,
}

const CONTACT: &str = "luis.pena@example.com";

async fn take(desk: &Desk, mail: &str) -> Taken {
    let address = MailAddress::parse("mesa@vigia.example").unwrap();
    let mailbox = OwnMailbox { address, authserv_id: Some("mx.vigia.example".to_owned()) };
    deliver(desk, mail.as_bytes(), &mailbox).await.unwrap()
}

/// State and reason of a mail that is taken now.
async fn came(desk: &Desk, mail: &str) -> (State, Option<WaitReason>) {
    match take(desk, mail).await {
        Taken::Now { state, reason, .. } => (state, reason),
        Taken::Before => panic!("taken before: {mail}"),
    }
}

fn mail(id: &str, from: &str, headers: &str, body: &str) -> String {
    format!(
        "From: Luis Peña <{from}>\r\nTo: Vigía <mesa@vigia.example>\r\nMessage-ID: <{id}@example.com>\r\n{headers}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
}

/// Message-ID and text of the first mail about a case.
async fn first_mail(test: &TestDesk, number: CaseNumber) -> (String, String) {
    let row =
        sqlx::query("SELECT message_id, body_text FROM outbox WHERE case_number = $1 ORDER BY id LIMIT 1")
            .bind(number.as_compact())
            .fetch_one(&mut test.connection().await)
            .await
            .unwrap();
    (row.get(0), test.desk.tokens().unsealed(&row.get::<String, _>(1)))
}

/// The customer's messages of a case.
async fn messages(desk: &Desk, number: CaseNumber) -> Vec<String> {
    let page = read_case(desk, &staff(Role::Agent), number).await.unwrap();
    let told = |entry: &domain::case::Recorded| match &entry.event {
        Event::Message(MessageEvent::CustomerWrote { text }) => {
            assert_eq!(entry.origin, Origin::Mail);
            Some(text.as_str().to_owned())
        }
        _ => None,
    };
    page.history.iter().filter_map(told).collect()
}

async fn reply_is_a_message_of_the_customer_once_and_ends_the_wait(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let until = test.desk.now().plus(86_400);
    let contact = Command::LogContact { channel: Channel::Phone, note: None };
    let wait = Command::Pause {
        reason: PauseReason::Customer,
        detail: Some(reason("Falta el acta")),
        until,
        allowed_by: None,
    };
    for command in [contact, wait] {
        execute_command(&test.desk, &staff(Role::Agent), number, Expected::Any, command).await.unwrap();
    }
    assert_eq!(page(&test.desk, number).await.status, Status::OnHold);
    let (id, text) = first_mail(&test, number).await;
    let quoted = text.lines().map(|line| format!("> {line}\r\n")).collect::<Vec<_>>().concat();
    let body = format!(
        "El acta va adjunta.\r\n\r\nEl lun, 23 nov 2026 a las 10:00, Vigía (<mesa@vigia.example>)\r\nescribió:\r\n\r\n{quoted}"
    );
    let reply = mail("r1", CONTACT, &format!("Subject: Re: x\r\nIn-Reply-To: {id}"), &body);
    assert_eq!(came(&test.desk, &reply).await, (State::Joined, None));
    assert_eq!(page(&test.desk, number).await.status, Status::InProgress, "the wait has ended");
    // Another way through the net, another process.
    let copy = format!("Received: from elsewhere\r\n{reply}");
    assert_eq!(take(&test.another().await, &copy).await, Taken::Before);
    assert_eq!(messages(&test.desk, number).await, ["El acta va adjunta."]);
    assert_eq!(count(&test, "SELECT COUNT(*) FROM inbound_mails").await, 1);
    // The same id with other words is another mail.
    assert_eq!(came(&test.desk, &reply.replace("acta va", "acta no va")).await.0, State::Joined);
}

async fn reply_finds_its_case_by_address_thread_or_number(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let tag = test.desk.tokens().reply_tag(number);
    let tagged = mail("a", CONTACT, "Subject: x", "Uno").replace("<mesa@", &format!("<mesa+{tag}@"));
    let (id, _) = first_mail(&test, number).await;
    let threaded = mail("b", CONTACT, &format!("Subject: x\r\nReferences: <other@x>\r\n {id}"), "Dos");
    let genuine = "Authentication-Results: mx.vigia.example; dmarc=pass header.from=example.com\r\n";
    let numbered = mail("c", CONTACT, &format!("{genuine}Subject: Sobre el caso {number}"), "Tres");
    for text in [tagged, threaded, numbered] {
        assert_eq!(came(&test.desk, &text).await, (State::Joined, None), "{text}");
    }
    assert_eq!(messages(&test.desk, number).await, ["Uno", "Dos", "Tres"]);
    let forged = mail("d", CONTACT, "Subject: x", "Cuatro").replace("<mesa@", &format!("<mesa+{tag}0@"));
    assert_eq!(came(&test.desk, &forged).await, (State::Waiting, Some(WaitReason::NoCase)));
}

async fn number_alone_joins_nothing_unless_the_author_is_genuine(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    add_staff(&test.desk, "Marta Salas", "marta@vigia.example", Role::Agent, Language::Es).await;
    let subject = format!("Subject: Caso {number}");
    let found = |results: &str| format!("Authentication-Results: {results}\r\n{subject}");
    for (id, headers) in [
        ("none", subject.clone()),
        ("fail", found("mx.vigia.example; dmarc=fail header.from=example.com")),
        ("elsewhere", found("mx.elsewhere.example; dmarc=pass header.from=example.com")),
    ] {
        let numbered = mail(id, CONTACT, &headers, "Cancelen la visita");
        assert_eq!(
            came(&test.desk, &numbered).await,
            (State::Waiting, Some(WaitReason::NumberAlone)),
            "{id}"
        );
    }
    assert!(messages(&test.desk, number).await.is_empty());
    let rows = list(&test.desk, &staff(Role::Agent), 1).await.unwrap().rows;
    assert_eq!(rows.iter().map(|line| line.case).collect::<Vec<_>>(), [Some(number); 3]);
    let genuine = found("mx.vigia.example; dmarc=pass header.from=vigia.example");
    let colleague = mail("colleague", "marta@vigia.example", &genuine, "Llevo el repuesto");
    assert_eq!(came(&test.desk, &colleague).await, (State::Joined, None));
}

async fn strangers_and_new_mails_wait_for_triage(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let (id, _) = first_mail(&test, number).await;
    let forwarded = mail("a", "otra@example.com", &format!("Subject: x\r\nIn-Reply-To: {id}"), "Soy otra");
    assert_eq!(came(&test.desk, &forwarded).await, (State::Waiting, Some(WaitReason::UnverifiedSender)));
    let new = mail("b", "nueva@example.com", "Subject: Impresora", "No imprime");
    assert_eq!(came(&test.desk, &new).await, (State::Waiting, Some(WaitReason::NoCase)));
    assert!(messages(&test.desk, number).await.is_empty());
    let shown = list(&test.desk, &staff(Role::Agent), 1).await.unwrap();
    let seen: Vec<_> = shown.rows.iter().map(|line| (line.sender.as_str(), line.case)).collect();
    assert_eq!(seen, [("nueva@example.com", None), ("otra@example.com", Some(number))], "the newest first");
    let technician = list(&test.desk, &staff(Role::Technician), 1).await;
    assert!(matches!(technician, Err(DeskError::NotPermitted(_))));
}

async fn colleague_who_answers_a_mail_leaves_an_internal_note(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    add_staff(&test.desk, "Marta Salas", "marta@vigia.example", Role::Agent, Language::Es).await;
    let (id, _) = first_mail(&test, number).await;
    let guessed = mail("a", "marta@vigia.example", &format!("Subject: {number}"), "Con el número solo");
    assert_eq!(came(&test.desk, &guessed).await, (State::Waiting, Some(WaitReason::UnverifiedSender)));
    // The customer knows the id as well.
    let thread = format!("Subject: x\r\nIn-Reply-To: {id}");
    let forged = mail("f", "marta@vigia.example", &thread, "Cierren el caso");
    assert_eq!(came(&test.desk, &forged).await, (State::Waiting, Some(WaitReason::UnverifiedSender)));
    let genuine = "Authentication-Results: mx.vigia.example; dmarc=pass header.from=vigia.example\r\n";
    let answer = mail("b", "marta@vigia.example", &format!("{genuine}{thread}"), "Llevo el repuesto");
    assert_eq!(came(&test.desk, &answer).await, (State::Joined, None));
    let page = page(&test.desk, number).await;
    assert!(page.history.iter().any(
        |entry| matches!(&entry.event, Event::Noted { text, .. } if text.as_str() == "Llevo el repuesto")
    ));
}

async fn programs_change_nothing_and_loops_end_after_two(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let (id, _) = first_mail(&test, number).await;
    let thread = format!("Subject: Re: x\r\nIn-Reply-To: {id}");
    let version = page(&test.desk, number).await.version;
    for headers in ["Auto-Submitted: auto-replied (vacation)", "Precedence: bulk", "List-Id: <x.y>"] {
        let machine = mail(headers, CONTACT, &format!("{thread}\r\n{headers}"), "Fuera de la oficina");
        assert_eq!(came(&test.desk, &machine).await, (State::Noted, None), "{headers}");
    }
    let own = mail("own", "mesa@vigia.example", &thread, "Hola");
    assert_eq!(came(&test.desk, &own).await.0, State::Noted);
    assert_eq!(page(&test.desk, number).await.version, version);
    let states = [State::Joined, State::Joined, State::Noted, State::Noted];
    for (nth, state) in states.into_iter().enumerate() {
        let again = mail(&format!("loop{nth}"), CONTACT, &thread, "Su solicitud fue recibida");
        assert_eq!(came(&test.desk, &again).await.0, state, "{nth}");
    }
    assert_eq!(messages(&test.desk, number).await.len(), 2);
}

async fn failed_delivery_makes_a_dead_letter_of_the_mail_that_it_names(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let server = Server::start([Manner::Takes]).await;
    send(&test.desk, &over_smtp(&server)).await;
    assert_eq!(state(&test.desk, 1).await.0, MailState::Sent);
    let (id, _) = first_mail(&test, number).await;
    let report = |action: &str, id: &str| {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nTo: mesa@vigia.example\r\nSubject: Undelivered {action}\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; {CONTACT}\r\n\
             Action: {action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n\r\n\
             --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {id}\r\nSubject: x\r\n\r\n--b--\r\n"
        )
    };
    assert_eq!(came(&test.desk, &report("delayed", &id)).await.0, State::Noted);
    assert_eq!(came(&test.desk, &report("failed", "<made-up@vigia.example>")).await.0, State::Noted);
    assert_eq!(state(&test.desk, 1).await.0, MailState::Sent);
    assert_eq!(came(&test.desk, &report("failed", &id)).await.0, State::Marked);
    assert_eq!(state(&test.desk, 1).await.0, MailState::Dead);
    let page = page(&test.desk, number).await;
    assert!(page.undelivered.is_some(), "the agent sees it in the case");
}

fn calendar(id: &str, uid: &str, sequence: u32, method: &str, lines: &str) -> String {
    format!(
        "From: Luis Peña <{CONTACT}>\r\nTo: mesa@vigia.example\r\nSubject: Visita\r\nMessage-ID: <{id}@x>\r\n\
         Content-Type: text/calendar; charset=utf-8; method={method}\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\n\
         UID:{uid}\r\nSEQUENCE:{sequence}\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

async fn calendar_answers_do_what_the_link_does(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let contact = Command::LogContact { channel: Channel::Phone, note: None };
    execute_command(&test.desk, &staff(Role::Agent), number, Expected::Any, contact).await.unwrap();
    let technician = hire(&test.desk, "José Ríos", "jose@vigia.example").await;
    let windows = Windows::new(vec![window(24, 2)]).unwrap();
    ask(&test, number, VisitCommand::Offer { windows, technician, note: None }).await.unwrap();
    let visit = async || page(&test.desk, number).await.visits.last().unwrap().clone();
    let offered = visit().await;
    let uid = format!("{}-{}@vigia.example", test.desk.tokens().reply_tag(number), offered.id.0);
    let status = |status: &str| format!("ATTENDEE;PARTSTAT={status}:mailto:{CONTACT}");

    let stranger = calendar("s", &uid, offered.revision, "REPLY", &status("ACCEPTED"))
        .replace(CONTACT, "otro@example.com");
    assert_eq!(came(&test.desk, &stranger).await, (State::Waiting, Some(WaitReason::UnverifiedSender)));
    let without_code = format!("{}-{}@vigia.example", number.as_compact(), offered.id.0);
    let guessed = calendar("g", &without_code, offered.revision, "REPLY", &status("ACCEPTED"));
    assert_eq!(came(&test.desk, &guessed).await, (State::Waiting, Some(WaitReason::NumberAlone)));
    let accepted = calendar("a", &uid, offered.revision, "REPLY", &status("ACCEPTED"));
    assert_eq!(came(&test.desk, &accepted).await.0, State::Answered);
    let agreed = visit().await;
    assert!(matches!(agreed.stage, Stage::Agreed(_)), "{:?}", agreed.stage);
    let repeated = calendar("b", &uid, agreed.revision, "REPLY", &status("ACCEPTED"));
    assert_eq!(came(&test.desk, &repeated).await.0, State::Noted);
    let with_words = format!("COMMENT:Entren por atrás\r\n{}", status("ACCEPTED"));
    let remark = calendar("w", &uid, agreed.revision, "REPLY", &with_words);
    assert_eq!(came(&test.desk, &remark).await.0, State::Joined);
    assert!(messages(&test.desk, number).await[0].contains("Entren por atrás"));

    // 14:00 to 16:00 in Bogotá is 19:00 to 21:00 UTC.
    let times = "DTSTART;TZID=America/Bogota:20261125T140000\r\nDTEND;TZID=America/Bogota:20261125T160000";
    let counter = calendar("c", &uid, agreed.revision, "COUNTER", times);
    assert_eq!(came(&test.desk, &counter).await.0, State::Answered);
    let Stage::Proposed(proposed) = visit().await.stage else { panic!("not proposed") };
    assert_eq!(proposed.as_slice()[0].seconds(), 7200);
    assert_eq!(proposed.as_slice()[0].from.0 % 86_400, 19 * 3600);

    // A zone that no table has: told in words, and nothing is guessed.
    let unknown = calendar(
        "d",
        &uid,
        visit().await.revision,
        "COUNTER",
        &times.replace("America/Bogota", "Hora de Ana"),
    );
    assert_eq!(came(&test.desk, &unknown).await.0, State::Joined);
    assert!(
        messages(&test.desk, number).await[1].contains("2026-11-25 14:00"),
        "{:?}",
        messages(&test.desk, number).await
    );
    let declined = calendar("e", &uid, visit().await.revision, "REPLY", &status("DECLINED"));
    assert_eq!(came(&test.desk, &declined).await.0, State::Answered);
    assert!(matches!(visit().await.stage, Stage::Declined), "{:?}", visit().await.stage);
}

async fn mail_of_the_triage_list_is_decided_once(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let agent = staff(Role::Agent);
    let serial = desk::lab::demo::CARACAS.serial;
    came(
        &test.desk,
        &mail("a", "otra@example.com", "Subject: Equipo caído", &format!("No enciende el equipo {serial}.")),
    )
    .await;
    came(&test.desk, &mail("b", "spam@example.com", "Subject: Oferta", "Compre")).await;
    let rows = list(&test.desk, &agent, 1).await.unwrap().rows;
    let (wanted, unwanted) = (rows[1].id, rows[0].id);
    let shown = read(&test.desk, &agent, wanted).await.unwrap();
    assert_eq!(shown.recognised.serial.as_deref(), Some(serial));
    assert_eq!(shown.recognised.contract.as_deref(), Some(desk::lab::demo::CARACAS.contract));
    join(&test.desk, &agent, wanted, number).await.unwrap();
    let page = page(&test.desk, number).await;
    assert!(page.history.iter().any(|entry| matches!(&entry.event, Event::Noted { text, .. } if text.as_str().contains("otra@example.com"))));
    let twice = join(&test.desk, &agent, wanted, number).await;
    assert!(matches!(twice, Err(DeskError::Refused(Refusal::DoneAlready))), "{twice:?}");
    discard(&test.desk, &agent, unwanted).await.unwrap();
    assert!(matches!(
        discard(&test.desk, &agent, unwanted).await,
        Err(DeskError::Refused(Refusal::DoneAlready))
    ));
    assert!(matches!(discard(&test.desk, &agent, InboundId(99_999)).await, Err(DeskError::NotFound)));
    assert!(list(&test.desk, &agent, 1).await.unwrap().rows.is_empty());
}

async fn undecided_mail_is_not_kept_for_ever(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    came(&test.desk, &mail("a", "otra@example.com", "Subject: x", "Palabras")).await;
    let kept = async || count(&test, "SELECT COUNT(*) FROM inbound_mails").await;
    test.clock.advance(89 * 86_400);
    desk::retention::run(&test.desk).await.unwrap();
    assert_eq!(kept().await, 1);
    test.clock.advance(2 * 86_400);
    desk::retention::run(&test.desk).await.unwrap();
    assert_eq!(kept().await, 0);
}

async fn erased_case_keeps_nothing_of_its_mails(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let text = mail("a", CONTACT, &format!("Subject: {number}"), "Palabras muy personales");
    came(&test.desk, &text).await;
    let rows = "SELECT COUNT(*) FROM inbound_mails WHERE body LIKE '%personales%'";
    assert_eq!(count(&test, rows).await, 1);
    let solved = crate::support::resolve("Se cambió la fuente");
    for command in
        [crate::support::contact(), solved, Command::CloseUnconfirmed { reason: reason("Sin respuesta") }]
    {
        execute_command(&test.desk, &staff(Role::Supervisor), number, Expected::Any, command).await.unwrap();
    }
    desk::retention::erase_case(&test.desk, &Actor::System, number, domain::case::ErasureReason::Request)
        .await
        .unwrap();
    assert_eq!(count(&test, rows).await, 0);
    assert_eq!(take(&test.desk, &text).await, Taken::Before, "what was erased does not come back");
}

async fn triage_queries_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&test).await;
    for (sql, index) in [
        (
            "SELECT id FROM inbound_mails WHERE state = 'waiting' ORDER BY id DESC LIMIT 50",
            "inbound_mails_by_state",
        ),
        (
            "SELECT COUNT(*) FROM inbound_mails WHERE case_number = 'N7' AND sender = 'a' AND state = 'joined'",
            "inbound_mails_by_case",
        ),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}

//! Files of messages over the store, on every engine: from mails, from the case's page and from agents; who sees them, and
//! where they end.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::DeskError;
use desk::access::limits::Source;
use desk::cases::execute::Expected;
use desk::cases::message_files::{
    MessageError, Part, SentFile, Words, read_message_file, write_by_link, write_with_files,
};
use desk::cases::open::{OpenCase, OpenCaseError, open_with_files};
use desk::cases::read::read_case;
use desk::inbound::delivery::{OwnMailbox, State, Taken, WaitReason, deliver};
use desk::inbound::triage::{join, list};
use desk::lab::integrity_check::{SchedulerState, check};
use desk::retention::{erase_case, export};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::attachment::{Attachment, FileKind, FileProblem, MOST_BYTES, MOST_FILES, MOST_FILES_AT_OPENING};
use domain::case::{Audience, Command, ErasureReason, Event, MessageEvent, TerminationCommand};
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::retention::{admin, is_sound};
use crate::support::{
    TestDesk, a_case, an_opening, both_engines, contact, count, execute, explain, note, page, reason, staff,
};

both_engines! {
    files_of_a_mail_are_kept_once_and_what_is_refused_is_named,
    mail_of_files_alone_names_them_and_decoration_is_no_file,
    files_of_a_mail_from_the_triage_list_come_with_it,
    message_with_files_is_written_whole_or_not_at_all,
    opening_has_its_files_once_however_often_it_is_sent,
    refused_file_of_an_opening_opens_no_case,
    files_of_all_customers_have_a_bound_and_those_of_the_staff_have_none,
    network_that_used_its_share_refuses_no_other_its_files,
    mail_of_an_update_names_its_files_and_carries_none,
    files_of_internal_notes_are_hidden_from_the_customer,
    erased_case_keeps_no_file,
    person_gets_the_files_of_messages_that_they_may_read,
    integrity_check_finds_changed_files_of_messages,
    queries_of_message_files_are_served_by_indexes,
}

const CONTACT: &str = "luis.pena@example.com";
const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";
const PLACE: &[u8] = b"10.48N 66.90W";

/// A photograph with its place in Exif, of a colour per seed.
fn photograph(seed: u8) -> Vec<u8> {
    let mut jpeg = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(640, 480, Rgb([seed.wrapping_mul(11), 90, 40]));
    DynamicImage::from(picture).write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    let mut jpeg = jpeg.into_inner();
    let exif = [b"Exif\0\0MM\0\x2A\0\0\0\x08\0\0\0\0\0\0".as_slice(), PLACE].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    drop(jpeg.splice(2..2, [[0xFF, 0xE1].as_slice(), &length, &exif].concat()));
    jpeg
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|part| part == words)
}

fn sent(name: &str, content: &[u8]) -> SentFile {
    SentFile { name: name.to_owned(), content: content.to_vec() }
}

/// A part of a mail: its header fields, and its content.
fn part(headers: &str, content: &[u8]) -> String {
    let content = STANDARD.encode(content);
    format!("--b\r\n{headers}\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}\r\n")
}

fn attached(name: &str, content: &[u8]) -> String {
    part(
        &format!(
            "Content-Type: application/octet-stream; name=\"{name}\"\r\n\
             Content-Disposition: attachment; filename=\"{name}\""
        ),
        content,
    )
}

/// A mail of the contact about a case, with parts behind its words.
fn mail(test: &TestDesk, number: CaseNumber, from: &str, text: &str, parts: &[String]) -> String {
    let tag = test.desk.tokens().reply_tag(number);
    format!(
        "From: Luis Peña <{from}>\r\nTo: <mesa+{tag}@vigia.example>\r\nMessage-ID: <{}@x>\r\nSubject: Re: x\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{text}\r\n{}--b--\r\n",
        text.len(),
        parts.concat()
    )
}

async fn take(test: &TestDesk, mail: &str) -> Taken {
    let address = MailAddress::parse("mesa@vigia.example").unwrap();
    let mailbox = OwnMailbox { address, authserv_id: None };
    deliver(&test.desk, mail.as_bytes(), &mailbox).await.unwrap()
}

fn is_joined(taken: Taken) -> bool {
    matches!(taken, Taken::Now { state: State::Joined, .. })
}

/// The customer's messages with their files.
async fn messages(test: &TestDesk, number: CaseNumber) -> Vec<(String, Vec<Attachment>)> {
    let page = read_case(&test.desk, &Actor::Customer(number), number).await.unwrap();
    let told = |entry: &domain::case::Recorded| match &entry.event {
        Event::Message(MessageEvent::CustomerWrote { text }) => {
            let files = page.files.iter().find(|message| message.version == entry.version);
            Some((text.to_string(), files.map(|message| message.files.clone()).unwrap_or_default()))
        }
        _ => None,
    };
    page.history.iter().filter_map(told).collect()
}

async fn files_of_a_mail_are_kept_once_and_what_is_refused_is_named(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let parts = [
        attached("../fotos/panel.html", &photograph(1)),
        attached("acta.pdf", PDF),
        attached("la misma.jpg", &photograph(1)),
        attached("programa.exe", b"MZ\x90\0"),
        attached("rota.jpg", b"\xFF\xD8\xFF\xE0 no picture"),
        part("Content-Type: application/pgp-signature; name=firma.asc", b"-----BEGIN"),
    ];
    let text = mail(&test, number, CONTACT, "<p>Así está el panel.</p>", &parts);
    assert!(is_joined(take(&test, &text).await));
    assert_eq!(take(&test, &text).await, Taken::Before);
    let told = messages(&test, number).await;
    let [(words, files)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        words,
        "Así está el panel.\n\nArchivos del mensaje: 5. Sin guardar: 2 (programa.exe: tipo no admitido; \
         rota.jpg: imagen ilegible)."
    );
    let names: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.kind)).collect();
    assert_eq!(names, [("panel.html.jpg", FileKind::Jpeg), ("acta.pdf", FileKind::Pdf)]);
    assert_eq!(count(&test, "SELECT COUNT(*) FROM message_files").await, 2);
    let other = a_case(&test.desk).await.number;
    for part in [Part::Whole, Part::Thumbnail] {
        for reader in [Actor::Customer(number), staff(Role::Agent), staff(Role::Technician)] {
            let (file, content) =
                read_message_file(&test.desk, &reader, number, &files[0].id, part).await.unwrap();
            assert_eq!((&file, FileKind::sniff(&content)), (&files[0], Some(FileKind::Jpeg)));
            assert!(!holds(&content, PLACE) && !holds(&content, b"Exif"), "{part:?}");
        }
        for (reader, of) in [
            (Actor::Anonymous, number),
            (Actor::Customer(other), number),
            (Actor::Customer(other), other),
            (staff(Role::Agent), other),
        ] {
            let foreign = read_message_file(&test.desk, &reader, of, &files[0].id, part).await;
            assert!(matches!(foreign, Err(DeskError::NotFound)), "{reader:?}");
        }
    }
    let customer = Actor::Customer(number);
    let whole = read_message_file(&test.desk, &customer, number, &files[1].id, Part::Whole).await;
    assert_eq!(whole.unwrap().1, PDF);
    let none =
        read_message_file(&test.desk, &staff(Role::Agent), number, &files[1].id, Part::Thumbnail).await;
    assert!(matches!(none, Err(DeskError::NotFound)), "a document has no thumbnail");
    is_sound(&test.desk).await;
}

async fn mail_of_files_alone_names_them_and_decoration_is_no_file(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let alone = mail(&test, number, CONTACT, "", &[attached("panel.jpg", &photograph(1))]);
    assert!(is_joined(take(&test, &alone).await));
    let logo = {
        let mut png = Cursor::new(Vec::new());
        DynamicImage::from(RgbImage::new(120, 40)).write_to(&mut png, ImageFormat::Png).unwrap();
        png.into_inner()
    };
    let inline = |id: &str, content: &[u8]| {
        part(
            &format!(
                "Content-Type: image/png; name={id}.png\r\nContent-ID: <{id}>\r\nContent-Disposition: inline"
            ),
            content,
        )
    };
    let html = "<p>Sigue sin luz <img src=\"cid:luz\"> desde ayer por la noche.</p><p>-- <br>Luis Peña <img src=\"cid:logo\"></p>";
    let parts = [inline("luz", &logo), inline("logo", &logo), inline("foto", &photograph(2))];
    assert!(is_joined(take(&test, &mail(&test, number, CONTACT, html, &parts)).await));
    let told = messages(&test, number).await;
    let [(named, one), (words, two)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((named.as_str(), one.len()), ("Archivos del mensaje: panel.jpg.", 1));
    assert!(!words.contains("Archivos"), "{words}");
    let names: Vec<_> = two.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["luz.png", "foto.png.jpg"]);
}

async fn files_of_a_mail_from_the_triage_list_come_with_it(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let agent = staff(Role::Agent);
    let text = mail(
        &test,
        number,
        "otra@example.com",
        "<p>Soy la vecina.</p>",
        &[attached("calle.jpg", &photograph(3))],
    );
    assert!(matches!(take(&test, &text).await, Taken::Now { state: State::Waiting, .. }));
    assert_eq!(count(&test, "SELECT COUNT(*) FROM message_files").await, 0, "it is of no case yet");
    let waiting = list(&test.desk, &agent, 1).await.unwrap().rows[0].id;
    join(&test.desk, &agent, waiting, number).await.unwrap();
    let page = page(&test.desk, number).await;
    let [message] = page.files.as_slice() else { panic!("{:?}", page.files) };
    let entry = page.history.iter().find(|entry| entry.version == message.version).unwrap();
    assert!(matches!(&entry.event, Event::Noted { audience: Audience::Internal, .. }));
    assert_eq!(message.files[0].name.as_str(), "calle.jpg");
    assert!(messages(&test, number).await.is_empty());
    // Of the contact, by the number alone: its files are made ready when an agent adds it.
    let photograph = [attached("panel.jpg", &photograph(4))];
    let tag = test.desk.tokens().reply_tag(number);
    let numbered = mail(&test, number, CONTACT, "<p>Así está hoy.</p>", &photograph)
        .replace(&format!("mesa+{tag}@"), "mesa@")
        .replace("Subject: Re: x", &format!("Subject: {number}"));
    let alone = Some(WaitReason::NumberAlone);
    assert!(matches!(take(&test, &numbered).await, Taken::Now { reason, .. } if reason == alone));
    let waiting = list(&test.desk, &agent, 1).await.unwrap().rows[0].id;
    join(&test.desk, &agent, waiting, number).await.unwrap();
    let told = messages(&test, number).await;
    let [(words, files)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((words.as_str(), files[0].name.as_str()), ("Así está hoy.", "panel.jpg"));
}

async fn message_with_files_is_written_whole_or_not_at_all(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let customer = Actor::Customer(number);
    let write = async |actor: &Actor, files: Vec<SentFile>| {
        let words = Words::OfCustomer(note("Así está el panel."));
        write_with_files(&test.desk, actor, number, Expected::Any, words, files).await
    };
    let refused = |outcome: Result<u32, MessageError>| match outcome {
        Err(MessageError::Files(refused)) => refused,
        other => panic!("{other:?}"),
    };
    let version = page(&test.desk, number).await.version;
    let mut large = PDF.to_vec();
    large.resize(MOST_BYTES + 1, 0);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    let some = vec![
        sent("bien.pdf", PDF),
        sent("grande.pdf", &large),
        sent("dibujo.jpg", svg),
        sent("vacio.jpg", b""),
    ];
    let expected = [
        ("grande.pdf".to_owned(), FileProblem::TooLarge),
        ("dibujo.jpg".to_owned(), FileProblem::UnknownKind),
        ("vacio.jpg".to_owned(), FileProblem::Empty),
    ];
    assert_eq!(refused(write(&customer, some).await), expected);
    let numbered = |from: usize, count: usize| {
        (from..from + count)
            .map(|nth| sent("acta.pdf", format!("%PDF-1.4\n{nth}").as_bytes()))
            .collect::<Vec<_>>()
    };
    let too_many = [(String::new(), FileProblem::TooMany)];
    assert_eq!(refused(write(&customer, numbered(0, MOST_FILES + 1)).await), too_many);
    let stranger = write(&Actor::Anonymous, numbered(0, 1)).await;
    assert!(matches!(stranger, Err(MessageError::Desk(DeskError::NotPermitted(_)))));
    assert_eq!(page(&test.desk, number).await.version, version, "nothing was written");

    for round in 0..5 {
        write(&customer, numbered(round * MOST_FILES, MOST_FILES)).await.unwrap();
    }
    assert_eq!(refused(write(&customer, numbered(999, 1)).await), too_many, "the case has enough");
    let told = messages(&test, number).await;
    assert_eq!(told.iter().map(|(_, files)| files.len()).collect::<Vec<_>>(), [20; 5]);
    // A mail's words come in, and the file is named.
    let by_mail = mail(&test, number, CONTACT, "<p>Otra más.</p>", &[attached("otra.pdf", PDF)]);
    assert!(is_joined(take(&test, &by_mail).await));
    let (words, files) = messages(&test, number).await.pop().unwrap();
    assert!(files.is_empty() && words.contains("otra.pdf: demasiados archivos"), "{words}");
    is_sound(&test.desk).await;
}

async fn files_of_internal_notes_are_hidden_from_the_customer(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let agent = staff(Role::Agent);
    execute(&test.desk, &agent, number, contact()).await;
    for words in [
        Words::Note { audience: Audience::Internal, text: note("Solo nosotros") },
        Words::Note { audience: Audience::Public, text: note("Para todos") },
        Words::Update { text: note("Vamos en camino"), next: None },
    ] {
        let files = vec![sent("foto.jpg", &photograph(4))];
        write_with_files(&test.desk, &agent, number, Expected::Any, words, files).await.unwrap();
    }
    let all = page(&test.desk, number).await.files;
    let theirs = read_case(&test.desk, &Actor::Customer(number), number).await.unwrap().files;
    assert_eq!((all.len(), theirs.as_slice()), (3, &all[1..]));
    let read = async |at: usize| {
        let id = &all[at].files[0].id;
        read_message_file(&test.desk, &Actor::Customer(number), number, id, Part::Thumbnail).await
    };
    assert!(matches!(read(0).await, Err(DeskError::NotFound)));
    assert!(read(1).await.is_ok() && read(2).await.is_ok());
}

/// A case that has ended, whose customer sent a photograph.
async fn ended_with_a_photograph(test: &TestDesk) -> (CaseNumber, Attachment) {
    let number = a_case(&test.desk).await.number;
    let words = Words::OfCustomer(note("Así está el panel."));
    let files = vec![sent("La casa de Ana.jpg", &photograph(5))];
    write_with_files(&test.desk, &Actor::Customer(number), number, Expected::Any, words, files)
        .await
        .unwrap();
    execute(&test.desk, &staff(Role::Agent), number, contact()).await;
    let asked_by = domain::case::AskedBy::Customer;
    let cancel = TerminationCommand::Cancel { asked_by, reason: reason("Ya no hace falta") };
    execute(&test.desk, &staff(Role::Agent), number, Command::Termination(cancel)).await;
    let file = page(&test.desk, number).await.files[0].files[0].clone();
    (number, file)
}

async fn erased_case_keeps_no_file(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, file) = ended_with_a_photograph(&test).await;
    erase_case(&test.desk, &admin(), number, ErasureReason::Request).await.unwrap();
    let left = page(&test.desk, number).await.files;
    assert_eq!((left[0].files[0].name.as_str(), left[0].files[0].bytes), ("untitled.jpg", 0));
    for part in [Part::Whole, Part::Thumbnail] {
        let gone = read_message_file(&test.desk, &staff(Role::Agent), number, &file.id, part).await;
        assert!(matches!(gone, Err(DeskError::NotFound)), "{part:?}");
    }
    let bytes = "SELECT COUNT(*) FROM message_files WHERE LENGTH(content) > 0 OR thumbnail IS NOT NULL";
    assert_eq!(count(&test, bytes).await, 0);
    is_sound(&test.desk).await;
}

async fn person_gets_the_files_of_messages_that_they_may_read(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, _) = ended_with_a_photograph(&test).await;
    let internal = Words::Note { audience: Audience::Internal, text: note("Solo nosotros") };
    let files = vec![sent("interno.pdf", PDF)];
    write_with_files(&test.desk, &staff(Role::Agent), number, Expected::Any, internal, files).await.unwrap();
    desk::search::catch_up(&test.desk).await.unwrap();
    let mail = MailAddress::parse(CONTACT).unwrap();
    let exported = export(&test.desk, &admin(), &mail, &[number]).await.unwrap();
    let exported: serde_json::Value = serde_json::from_slice(&exported).unwrap();
    let files = exported["cases"][0]["message_files"].as_array().unwrap();
    let names: Vec<_> = files.iter().map(|file| file["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["La casa de Ana.jpg"]);
    let content = STANDARD.decode(files[0]["content"].as_str().unwrap()).unwrap();
    assert_eq!(FileKind::sniff(&content), Some(FileKind::Jpeg));
}

async fn integrity_check_finds_changed_files_of_messages(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (number, _) = ended_with_a_photograph(&test).await;
    is_sound(&test.desk).await;
    let mut connection = test.connection().await;
    for (damage, expected) in [
        ("UPDATE message_files SET content = $1", "not as many bytes"),
        ("UPDATE message_files SET content = $1, bytes = 3", "other bytes than those that came in"),
        ("UPDATE message_files SET thumbnail = NULL, kind = 'png', content = $1", "other bytes"),
        ("UPDATE message_files SET version = 99, content = $1", "came with no message"),
    ] {
        sqlx::query(damage).bind(b"abc".to_vec()).execute(&mut connection).await.unwrap();
        let found = check(&test.desk, SchedulerState::Unknown).await.unwrap().inconsistencies;
        let said = |finding: &desk::lab::integrity_check::Inconsistency| {
            let finding = finding.to_string();
            finding.starts_with(&number.as_compact()) && finding.contains(expected)
        };
        assert!(found.iter().any(said), "{damage}: {found:?}");
    }
}

async fn queries_of_message_files_are_served_by_indexes(engine: Engine) {
    let test = TestDesk::open(engine).await;
    let mut connection = explain::at_work(&test).await;
    let by_message = match engine {
        Engine::Sqlite => "sqlite_autoindex_message_files_1",
        Engine::Postgres => "message_files_pkey",
    };
    for (sql, index) in [
        (
            "SELECT file_id, name FROM message_files WHERE case_number = 'N7' ORDER BY version, place",
            by_message,
        ),
        (
            "SELECT content FROM message_files WHERE case_number = 'N7' AND file_id = 'F14'",
            "message_files_by_id",
        ),
        ("SELECT COUNT(*) FROM message_files WHERE case_number = 'N7'", "message_files"),
        ("SELECT hash FROM message_files WHERE case_number = 'N7' AND version = 1", by_message),
    ] {
        explain::is_served_by(&mut connection, engine, sql, index).await;
    }
}

async fn opening_has_its_files_once_however_often_it_is_sent(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let wish = || an_opening("opened-with-files");
    let files = || {
        let panel = photograph(1);
        let log = sent("eventos.log", "13:05 falló el disco\n".as_bytes());
        vec![sent("panel.jpg", &panel), sent("la misma.jpg", &panel), sent("acta.pdf", PDF), log]
    };
    let open = async |files: Vec<SentFile>| open_with_files(desk, &Actor::Anonymous, wish(), files).await;
    let first = open(files()).await.unwrap();
    let number = first.number;
    for again in [files(), vec![sent("acta.pdf", PDF)], Vec::new()] {
        assert_eq!(open(again).await.unwrap(), first, "what the case has is a repetition");
    }
    let other = open(vec![sent("otra.pdf", b"%PDF-1.5\n%%EOF\n")]).await;
    assert!(matches!(other, Err(OpenCaseError::SentBefore(known)) if known == number), "{other:?}");
    assert_eq!(count(&test, "SELECT COUNT(*) FROM message_files").await, 3);
    for reader in [Actor::Customer(number), staff(Role::Agent)] {
        let page = read_case(desk, &reader, number).await.unwrap();
        let [opening] = page.files.as_slice() else { panic!("{:?}", page.files) };
        assert_eq!((opening.version, opening.files.len()), (1, 3));
        let small =
            read_message_file(desk, &reader, number, &opening.files[0].id, Part::Thumbnail).await.unwrap();
        assert!(!holds(&small.1, PLACE));
    }
    // Those that wait together keep their files apart.
    let many = (0..4_u8).map(|nth| {
        let files = vec![sent("foto.jpg", &photograph(10 + nth))];
        open_with_files(desk, &Actor::Anonymous, an_opening(&format!("one-of-several-{nth:03}")), files)
    });
    let opened = futures::future::try_join_all(many).await.unwrap();
    for opened in opened {
        let page = read_case(desk, &Actor::Customer(opened.number), opened.number).await.unwrap();
        assert_eq!(page.files.len(), 1, "{}", opened.number);
    }
    is_sound(desk).await;
}

async fn refused_file_of_an_opening_opens_no_case(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let open = async |files: Vec<SentFile>| {
        open_with_files(&test.desk, &Actor::Anonymous, an_opening("refused-with-files"), files).await
    };
    let refused = open(vec![sent("panel.jpg", &photograph(1)), sent("dibujo.jpg", b"<svg/>")]).await;
    let Err(OpenCaseError::Files(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!(refused, [("dibujo.jpg".to_owned(), FileProblem::UnknownKind)]);
    let many = vec![sent("acta.pdf", PDF); MOST_FILES_AT_OPENING + 1];
    let Err(OpenCaseError::Files(refused)) = open(many).await else { panic!("they are too many") };
    assert_eq!(refused, [(String::new(), FileProblem::TooManyAtOpening)]);
    assert_eq!(count(&test, "SELECT COUNT(*) FROM cases").await, 0);
    assert_eq!(open(vec![sent("acta.pdf", PDF)]).await.unwrap().number.sequence(), 1, "no number was lost");
}

async fn files_of_all_customers_have_a_bound_and_those_of_the_staff_have_none(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let number = a_case(desk).await.number;
    let room = &desk.limits().customer_files;
    while room.take_many(&(), 1024, desk.now()).is_ok() {}
    while room.take_many(&(), 1, desk.now()).is_ok() {}
    let open = async |key: &str, files: Vec<SentFile>| {
        open_with_files(desk, &Actor::Anonymous, an_opening(key), files).await
    };
    let Err(OpenCaseError::Files(refused)) = open("beyond-the-bound", vec![sent("acta.pdf", PDF)]).await
    else {
        panic!("there is no room")
    };
    assert_eq!(refused, [(String::new(), FileProblem::EnoughToday)]);
    let write = async |actor: &Actor, words: Words| {
        write_with_files(desk, actor, number, Expected::Any, words, vec![sent("acta.pdf", PDF)]).await
    };
    let by_customer = write(&Actor::Customer(number), Words::OfCustomer(note("Va el acta."))).await;
    assert!(matches!(by_customer, Err(MessageError::Files(files)) if files[0].1 == FileProblem::EnoughToday));
    open("beyond-the-bound", Vec::new()).await.unwrap();
    write(&staff(Role::Agent), Words::Update { text: note("Va el acta."), next: None }).await.unwrap();
    // What was refused or not written costs nothing.
    room.give_back_many(&(), 1);
    open("within-the-bound", vec![sent("acta.pdf", PDF)]).await.unwrap();
    is_sound(desk).await;
}

async fn network_that_used_its_share_refuses_no_other_its_files(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let desk = &test.desk;
    let source = |address: &str| Source::of(address.parse().unwrap());
    let (one, other) = (source("192.0.2.1"), source("192.0.2.2"));
    let share = &desk.limits().network_files;
    while share.take_many(&one.site(), 1024, desk.now()).is_ok() {}
    while share.take_many(&one.site(), 1, desk.now()).is_ok() {}
    let open = async |key: &str, source: Source| {
        let wish = OpenCase { source: Some(source), ..an_opening(key) };
        open_with_files(desk, &Actor::Anonymous, wish, vec![sent("acta.pdf", PDF)]).await
    };
    let Err(OpenCaseError::Files(refused)) = open("of-the-one", one).await else {
        panic!("its share is used up")
    };
    assert_eq!(refused, [(String::new(), FileProblem::EnoughToday)]);
    let opened = open("of-the-other", other).await.unwrap();
    let write = async |source: Source| {
        let customer = Actor::Customer(opened.number);
        let files = vec![sent("foto.jpg", &photograph(6))];
        write_by_link(desk, (&customer, source), opened.number, note("Así está el panel."), files).await
    };
    let by_link = write(one).await;
    assert!(matches!(by_link, Err(MessageError::Files(files)) if files[0].1 == FileProblem::EnoughToday));
    write(other).await.unwrap();
}

async fn mail_of_an_update_names_its_files_and_carries_none(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = a_case(&test.desk).await.number;
    let words = Words::Update { text: note("Le mandamos el informe."), next: None };
    let files = vec![sent("Informe final.pdf", PDF)];
    write_with_files(&test.desk, &staff(Role::Agent), number, Expected::Any, words, files).await.unwrap();
    let told =
        "SELECT COUNT(*) FROM outbox WHERE kind = 'news' AND body_text LIKE '%Informe final.pdf (1 KB)%'
                AND body_html LIKE '%Informe final.pdf (1 KB)%'";
    assert_eq!(count(&test, told).await, 1);
}

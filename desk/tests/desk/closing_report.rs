//! The closing report as a document: independent readers find what the report says.

use std::collections::HashMap;
use std::io::Write;
use std::process::Command as Process;

use desk::DeskError;
use desk::cases::execute::{Expected, execute_command};
use desk::cases::open::{OpenCase, open_case};
use desk::cases::read::read_case;
use desk::documents::closing_report::closing_account;
use desk::lab::demo;
use desk::settings::{Request, SettingsFile, Subject, apply};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::case::{AskedBy, Category, Channel, Command, PauseReason, TerminationCommand, Verdict};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::text::Reason;
use sqlx::Row;

use crate::support::{TestDesk, a_case, a_form, an_opening, both_engines, note, snapshot, staff};

both_engines! {
    closing_report_pdf_says_what_the_report_says,
    closing_report_pdf_continues_long_pauses_on_further_pages,
    closing_report_pdf_keeps_letters_of_every_name,
    closing_report_text_matches_its_snapshot_in_every_language,
    closing_report_has_the_providers_name_and_logo,
}

const HOUR: i64 = 3600;

/// A closed case with so many pauses of an hour each.
async fn closed(test: &TestDesk, pauses: u32) -> CaseNumber {
    let number = a_case(&test.desk).await.number;
    close(test, number, pauses).await;
    number
}

async fn close(test: &TestDesk, number: CaseNumber, pauses: u32) {
    let agent = staff(Role::Agent);
    let work = async |command| {
        let seen = read_case(&test.desk, &agent, number).await.unwrap().version;
        execute_command(&test.desk, &agent, number, Expected::Version(seen), command).await.unwrap();
    };
    test.clock.advance(600);
    work(Command::LogContact { channel: Channel::Phone, note: None }).await;
    for _ in 0..pauses {
        let until = test.clock.now().plus(2 * HOUR);
        let reason = PauseReason::SparePart;
        work(Command::Pause { reason, detail: None, until, allowed_by: None }).await;
        test.clock.advance(HOUR);
        work(Command::Resume).await;
        test.clock.advance(60);
    }
    let (cause, solution) = (note("Fuente dañada"), note("Se cambió"));
    work(Command::Resolve {
        category: Category::Hardware,
        cause,
        solution,
        chosen: None,
        classification: None,
    })
    .await;
    test.clock.advance(HOUR);
    let verified = Command::Verify { verdict: Verdict::Works, channel: None, who: None, said: None };
    execute_command(&test.desk, &Actor::Customer(number), number, Expected::Any, verified).await.unwrap();
}

/// The output of one of Debian's readers (poppler-utils); `None` where they are not installed (`tools/needs.sh test`).
fn said_by(reader: &str, arguments: &[&str], bytes: &[u8]) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let mut process = Process::new(reader);
    process.args(arguments).arg(file.path());
    if reader == "pdftotext" {
        process.arg("-");
    }
    let read = process.output().ok()?;
    assert!(read.status.success() && read.stderr.is_empty(), "{}", String::from_utf8_lossy(&read.stderr));
    Some(String::from_utf8(read.stdout).unwrap())
}

/// The text of each page, by Debian's `pdftotext`.
fn pages(bytes: &[u8]) -> Option<Vec<String>> {
    let text = said_by("pdftotext", &["-raw", "-enc", "UTF-8"], bytes)?;
    let lines = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(text.trim_end_matches('\u{c}').split('\u{c}').map(lines).collect())
}

/// The shown texts, one per line, from the strings before `Tj` and the document's own table of letters.
fn shown(bytes: &[u8]) -> String {
    let raw: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let letters = letters(&raw);
    let text = |string: &str| -> String {
        let codes = codes(string);
        codes.chunks(2).map(|code| &*letters[&u16::from_be_bytes([code[0], code[1]])]).collect()
    };
    let strings = raw.lines().filter_map(|line| line.strip_suffix(" Tj")).map(text);
    strings.collect::<Vec<_>>().join("\n")
}

/// The bytes of a string in hexadecimal or literal form.
fn codes(string: &str) -> Vec<u8> {
    let inner = &string[1..string.len() - 1];
    if string.starts_with('<') {
        let byte = |at| u8::from_str_radix(&inner[at..at + 2], 16).unwrap();
        return (0..inner.len()).step_by(2).map(byte).collect();
    }
    let (mut codes, mut rest) = (Vec::new(), inner.chars());
    while let Some(c) = rest.next() {
        let c = match (c, rest.clone().next()) {
            ('\\', Some('0'..='7')) => {
                let digits: String = rest.by_ref().take(3).collect();
                char::from(u8::from_str_radix(&digits, 8).unwrap())
            }
            ('\\', Some(escaped)) => {
                rest.next();
                let known = [('n', '\n'), ('r', '\r'), ('t', '\t'), ('b', '\u{8}'), ('f', '\u{c}')];
                known.into_iter().find(|(name, _)| *name == escaped).map_or(escaped, |(_, c)| c)
            }
            (c, _) => c,
        };
        codes.push(u8::try_from(c).unwrap());
    }
    codes
}

/// The letters of a document by code: lines like `<0001> <0041>`.
fn letters(raw: &str) -> HashMap<u16, String> {
    let pair = |line: &str| {
        let (code, letter) = line.strip_prefix('<')?.strip_suffix('>')?.split_once("> <")?;
        let halves: Option<Vec<u16>> = (0..letter.len())
            .step_by(4)
            .map(|at| u16::from_str_radix(letter.get(at..at + 4)?, 16).ok())
            .collect();
        Some((u16::from_str_radix(code, 16).ok()?, String::from_utf16(&halves?).ok()?))
    };
    raw.lines().filter_map(pair).collect()
}

async fn closing_report_pdf_says_what_the_report_says(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = closed(&test, 1).await;
    let bytes = closing_account(&test.desk, &Actor::Customer(number), number).await.unwrap();
    let raw = String::from_utf8_lossy(&bytes);
    assert!(raw.starts_with("%PDF-1.7") && raw.contains("/Lang (es)"));
    assert!(raw.contains("/DisplayDocTitle true") && raw.contains("/Title"));
    assert!(bytes.len() < 64 * 1024, "{} bytes: no more letters than it uses", bytes.len());
    let read = shown(&bytes);
    let title = format!("Caso {}, de principio a fin", number.grouped());
    let expected = [
        &*title,
        "Luis Peña",
        "Torre Norte, piso 3, sala de redes",
        "Confirmado por el cliente",
        "Primer contacto",
        "10:10",
        "En horas de servicio",
        "10 min",
        "1 h 11 min",
        "Cumplido",
        "Pausas que no contaron",
        "En espera de un repuesto",
        "Página 1 de 1",
    ];
    for words in expected {
        assert!(read.contains(words), "{words:?} in {read}");
    }
    if let Some(said) = pages(&bytes) {
        assert_eq!(said.len(), 1, "{said:?}");
        for words in expected {
            assert!(said[0].contains(words), "{words:?} in {}", said[0]);
        }
    }
    assert_eq!(closing_account(&test.desk, &staff(Role::Technician), number).await.unwrap(), bytes);
    let other = a_case(&test.desk).await.number;
    for (actor, number) in
        [(Actor::Anonymous, number), (Actor::Customer(other), number), (staff(Role::Agent), other)]
    {
        let none = closing_account(&test.desk, &actor, number).await;
        assert!(matches!(none, Err(DeskError::NotFound)), "{actor:?}");
    }

    let row = sqlx::query("SELECT document FROM outbox WHERE case_number = $1 AND kind = 'closing'")
        .bind(number.as_compact())
        .fetch_one(&mut test.connection().await)
        .await
        .unwrap();
    assert_eq!(row.get::<Vec<u8>, _>(0), bytes, "the closing mail carries it");
}

async fn closing_report_pdf_continues_long_pauses_on_further_pages(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = closed(&test, 120).await;
    let bytes = closing_account(&test.desk, &staff(Role::Agent), number).await.unwrap();
    let read = shown(&bytes);
    assert_eq!(read.matches("En espera de un repuesto").count(), 120);
    let count = String::from_utf8_lossy(&bytes).matches("/Type /Page\n").count();
    assert!(count >= 3, "{count} pages");
    let said = pages(&bytes);
    assert!(said.is_none_or(|said| {
        said.len() == count
            && said.concat().matches("En espera de un repuesto").count() == 120
            && said.iter().enumerate().all(|(place, page)| {
                page.contains(&format!("Página {} de {count}", place + 1)) && page.contains(&number.grouped())
            })
    }));
}

async fn closing_report_pdf_keeps_letters_of_every_name(engine: Engine) {
    let names = ["Łucja Őrsi-Šimić", "Ğülşah Nguyễn Thị Hạnh", "Αλέξανδρος Ξένος", "Жанна Ёлкина", "王小明"];
    let test = TestDesk::with_register(engine).await;
    for (place, name) in names.into_iter().enumerate() {
        let form = IntakeForm { contact_name: name.to_owned(), ..a_form(&demo::CARACAS) };
        let wish = OpenCase { report: form.report().unwrap(), ..an_opening(&format!("name-{place}")) };
        let number = open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number;
        close(&test, number, 0).await;
        let bytes = closing_account(&test.desk, &staff(Role::Agent), number).await.unwrap();
        assert!(shown(&bytes).contains(name), "{name}");
        // A letter without a glyph is a box on the page, and is still read and copied.
        assert!(pages(&bytes).is_none_or(|said| said[0].contains(name)), "{name}: {:?}", pages(&bytes));
    }
}

#[tokio::test]
async fn closing_report_pdf_is_tagged_for_screen_readers() {
    let test = TestDesk::with_register(Engine::Sqlite).await;
    let number = closed(&test, 60).await;
    let bytes = closing_account(&test.desk, &staff(Role::Agent), number).await.unwrap();
    let raw = String::from_utf8_lossy(&bytes);
    // Its metadata claim PDF/UA-1 and have its title, as that standard requires.
    assert!(raw.contains("/Metadata ") && raw.contains("/Type /Metadata") && raw.contains("/Subtype /XML"));
    assert!(raw.contains("<pdfuaid:part>1</pdfuaid:part>"));
    assert!(raw.contains(&format!("<rdf:li xml:lang=\"x-default\">Caso {}", number.grouped())), "its title");
    assert!(raw.contains("/Marked true") && raw.contains("/StructTreeRoot") && raw.contains("/Scope /Row"));
    let Some(about) = said_by("pdfinfo", &[], &bytes) else { return };
    for words in ["Tagged: yes", "Title: Caso"] {
        let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(about.contains(words), "{words} in {about}");
    }
    let fonts = said_by("pdffonts", &[], &bytes).unwrap();
    let fonts: Vec<&str> = fonts.lines().skip(2).collect();
    assert_eq!(fonts.len(), 2, "{fonts:?}");
    assert!(
        fonts.iter().all(|font| font.contains("CID TrueType") && font.contains("yes yes yes")),
        "{fonts:?}"
    );

    let tree = said_by("pdfinfo", &["-struct-text"], &bytes).unwrap();
    let count = |part: &str| tree.lines().filter(|line| line.trim_start().starts_with(part)).count();
    assert_eq!((count("Document"), count("H1"), count("Table (block)")), (1, 1, count("H2")), "{tree}");
    assert_eq!((count("TH "), count("TR (")), (count("TD "), count("TD ")), "{tree}");
    let words = tree.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words.matches("\"En espera de un repuesto\"").count(), 60, "on all pages: {words}");
    for words in ["\"Primer contacto\"", "\"Luis Peña\""] {
        assert!(tree.contains(words), "{words} in {tree}");
    }
    assert!(!tree.contains("Página"), "the number of a page is no part of the text: {tree}");
}

async fn closing_report_text_matches_its_snapshot_in_every_language(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let (mut closed, mut cancelled) = (Vec::new(), Vec::new());
    for language in Language::ALL {
        let open = async |key: &str| {
            let wish = OpenCase { language, ..an_opening(&format!("{key}-{}", language.code())) };
            open_case(&test.desk, &Actor::Anonymous, wish).await.unwrap().number
        };
        // The key is another one in each database.
        let key = test.desk.proof_key().fingerprint();
        let account = async |number| {
            let document = closing_account(&test.desk, &staff(Role::Agent), number).await.unwrap();
            let text = shown(&document);
            assert!(text.contains(&key), "{text}");
            text.replace(&key, "0000 0000")
        };
        let number = open("closed").await;
        close(&test, number, 1).await;
        closed.push((language, account(number).await));

        let number = open("cancelled").await;
        let reason = Reason::parse("Ya no hace falta").unwrap();
        let cancel = TerminationCommand::Cancel { asked_by: AskedBy::Customer, reason };
        let agent = staff(Role::Agent);
        execute_command(&test.desk, &agent, number, Expected::Version(1), Command::Termination(cancel))
            .await
            .unwrap();
        cancelled.push((language, account(number).await));
    }
    snapshot::holds("account_of_a_closed_case", &snapshot::in_each_language(&closed));
    snapshot::holds("account_of_a_cancelled_case", &snapshot::in_each_language(&cancelled));
}

async fn closing_report_has_the_providers_name_and_logo(engine: Engine) {
    let test = TestDesk::with_register(engine).await;
    let number = closed(&test, 1).await;
    let customer = Actor::Customer(number);
    let plain = closing_account(&test.desk, &customer, number).await.unwrap();
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(!holds(&plain, "/Image"));
    let text = crate::provider::whole();
    let files = vec![SettingsFile { subject: Subject::Provider, text }];
    let request = Request::Apply { effective_from: test.desk.now() };
    apply(&test.desk, &Actor::System, files, request).await.unwrap();
    let own = closing_account(&test.desk, &customer, number).await.unwrap();
    assert!(holds(&own, "/Image") && holds(&own, "/Logo Do"));
    assert!(holds(&own, "<rdf:li>Andina TI · Centro de Contacto Regional</rdf:li>"));
    let Some(images) = said_by("pdfimages", &["-list"], &own) else { return };
    let picture = images.lines().nth(2).unwrap();
    let columns: Vec<&str> = picture.split_whitespace().collect();
    assert_eq!(columns[..6], ["1", "0", "image", "1", "1", "rgb"], "{images}");
    assert_eq!(pages(&own), pages(&plain), "the words are the same");
}

//! The account of a closed case as a document: what an independent reader finds in it is what the account says.

use std::io::Write;
use std::process::Command as Process;

use desk::account::closing_account;
use desk::read_case::{ReadCaseError, read_case};
use desk::work_case::work_case;
use domain::actor::{Actor, Role};
use domain::case::{Category, Channel, Command, PauseReason, Verdict};
use domain::case_number::CaseNumber;
use sqlx::Row;

use crate::support::{TestDesk, a_case, desks_with_register, staff};
use crate::visits::note;

const HOUR: i64 = 3600;

/// A case with so many pauses of an hour each, resolved, confirmed and so closed.
async fn closed(test: &TestDesk, pauses: u32) -> CaseNumber {
    let number = a_case(&test.desk).await.number;
    let agent = staff(Role::Agent);
    let work = async |command| {
        let seen = read_case(&test.desk, &agent, number).await.unwrap().version;
        work_case(&test.desk, &agent, number, seen, command).await.unwrap();
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
    work(Command::Resolve { category: Category::Hardware, cause, solution }).await;
    test.clock.advance(HOUR);
    let verified = Command::Verify { verdict: Verdict::Works, channel: None, who: None, said: None };
    work_case(&test.desk, &Actor::Customer(number), number, u32::MAX, verified).await.unwrap();
    number
}

/// The text of each page, as Debian's `pdftotext` reads it: none where that is not installed (`tools/needs.sh test`).
fn pages(bytes: &[u8]) -> Option<Vec<String>> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let read = Process::new("pdftotext").args(["-raw", "-enc", "UTF-8"]).arg(file.path()).arg("-").output();
    let read = read.ok()?;
    assert!(read.status.success() && read.stderr.is_empty(), "{}", String::from_utf8_lossy(&read.stderr));
    let text = String::from_utf8(read.stdout).unwrap();
    let lines = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(text.trim_end_matches('\u{c}').split('\u{c}').map(lines).collect())
}

/// What the pages show, one text a line: read here from the strings before `Tj`, plain or in hexadecimal digits.
fn shown(bytes: &[u8]) -> String {
    let latin = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    let hex = |digits: &str| {
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        latin(&(0..digits.len()).step_by(2).map(byte).collect::<Vec<_>>())
    };
    let raw = latin(bytes);
    let strings = raw.lines().filter_map(|line| line.strip_suffix(" Tj")).map(|string| {
        let inner = &string[1..string.len() - 1];
        if string.starts_with('<') { hex(inner) } else { inner.replace('\\', "") }
    });
    strings.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn it_says_what_the_account_says() {
    for test in desks_with_register().await {
        let number = closed(&test, 1).await;
        let bytes = closing_account(&test.desk, &Actor::Customer(number), number).await.unwrap();
        let raw = String::from_utf8_lossy(&bytes);
        assert!(raw.starts_with("%PDF-1.7") && raw.contains("/Lang (es)"), "{}", test.engine);
        assert!(raw.contains("/DisplayDocTitle true") && raw.contains("/Title"), "{raw}");
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
            assert!(matches!(none, Err(ReadCaseError::NotFound)), "{actor:?}");
        }

        let row = sqlx::query("SELECT document FROM outbox WHERE case_number = $1 AND kind = 'closing'")
            .bind(number.as_compact())
            .fetch_one(&mut test.connection().await)
            .await
            .unwrap();
        assert_eq!(row.get::<Vec<u8>, _>(0), bytes, "the closing mail carries it: {}", test.engine);
    }
}

#[tokio::test]
async fn a_long_list_of_pauses_goes_on_over_pages() {
    for test in desks_with_register().await {
        let number = closed(&test, 120).await;
        let bytes = closing_account(&test.desk, &staff(Role::Agent), number).await.unwrap();
        let read = shown(&bytes);
        assert_eq!(read.matches("En espera de un repuesto").count(), 120, "{}", test.engine);
        let count = String::from_utf8_lossy(&bytes).matches("/Type /Page\n").count();
        assert!(count >= 3, "{count} pages");
        let said = pages(&bytes);
        assert!(said.is_none_or(|said| {
            said.len() == count
                && said.concat().matches("En espera de un repuesto").count() == 120
                && said.iter().enumerate().all(|(place, page)| {
                    page.contains(&format!("Página {} de {count}", place + 1))
                        && page.contains(&number.grouped())
                })
        }));
    }
}

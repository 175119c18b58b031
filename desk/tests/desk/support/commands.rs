//! Commands to the desk, and its answers, for the tests of many rooms.

use desk::Desk;
use desk::access::staff::{NewPerson, add_person};
use desk::cases::execute::{Expected, execute_command};
use desk::cases::read::read_case;
use desk::outbox::{MailId, list};
use desk::reports::{Separators, SheetFor};
use domain::actor::{Actor, Role, Staff};
use domain::case::{Category, Channel, Command};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::text::{Note, PersonName, Reason};
use domain::view::CasePage;
use sqlx::Row;

use super::{TestDesk, staff};

pub fn note(text: &str) -> Note {
    Note::parse(text).unwrap()
}

pub fn reason(text: &str) -> Reason {
    Reason::parse(text).unwrap()
}

/// The log of a telephone call with the customer.
pub fn contact() -> Command {
    Command::LogContact { channel: Channel::Phone, note: None }
}

pub fn resolve(solution: &str) -> Command {
    let (cause, solution) = (note("Fuente dañada"), note(solution));
    Command::Resolve { category: Category::Hardware, cause, solution, chosen: None, classification: None }
}

/// Executes a command on any version of the case.
pub async fn execute(desk: &Desk, actor: &Actor, number: CaseNumber, command: Command) {
    execute_command(desk, actor, number, Expected::Any, command).await.unwrap();
}

/// The mail that was queued as the `nth`, from 1: ids have gaps on `PostgreSQL`.
pub async fn nth_mail(desk: &Desk, nth: i64) -> MailId {
    let mut ids = Vec::new();
    for page in 1.. {
        let shown = list(desk, &Actor::System, None, page).await.unwrap();
        ids.extend(shown.rows.iter().map(|line| line.id));
        if shown.paging.page == shown.paging.pages {
            break;
        }
    }
    // The newest comes first.
    ids[ids.len() - usize::try_from(nth).unwrap()]
}

/// The case as an agent reads it.
pub async fn page(desk: &Desk, number: CaseNumber) -> CasePage {
    read_case(desk, &staff(Role::Agent), number).await.unwrap()
}

/// Adds an account of the staff.
pub async fn add_staff(desk: &Desk, name: &str, mail: &str, role: Role, language: Language) -> Staff {
    let person = NewPerson {
        name: PersonName::parse(name).unwrap(),
        mail: MailAddress::parse(mail).unwrap(),
        role,
        language,
        password: "una-clave-de-prueba-larga".to_owned(),
    };
    let id = add_person(desk, &Actor::System, person).await.unwrap();
    Staff { id, name: name.to_owned(), role, composed: None }
}

/// A mail in the outbox.
#[derive(Debug)]
pub struct QueuedMail {
    pub kind: String,
    pub subject: String,
    /// The plain form, with its links unsealed.
    pub text: String,
    pub thread: Option<String>,
}

/// The mails of a case, in the order in which they were queued.
pub async fn mails(test: &TestDesk, number: CaseNumber) -> Vec<QueuedMail> {
    let rows = sqlx::query(
        "SELECT kind, subject, body_text, thread_id FROM outbox WHERE case_number = $1 ORDER BY id",
    )
    .bind(number.as_compact())
    .fetch_all(&mut test.connection().await)
    .await
    .unwrap();
    let text = |row: &sqlx::any::AnyRow| test.desk.tokens().unsealed(&row.get::<String, _>(2));
    rows.iter()
        .map(|row| QueuedMail { kind: row.get(0), subject: row.get(1), text: text(row), thread: row.get(3) })
        .collect()
}

/// The number that a query gives.
pub async fn count(test: &TestDesk, sql: &'static str) -> i64 {
    sqlx::query(sql).fetch_one(&mut test.connection().await).await.unwrap().get(0)
}

/// A spreadsheet as a Spanish browser in Caracas gets it.
pub fn caracas_sheet() -> SheetFor {
    let language = Language::Es;
    SheetFor { language, separators: Separators::of(language, Some("es-VE,es;q=0.9")) }
}

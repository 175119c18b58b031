//! A mail that an administrator sends to themselves, to learn what the mail server says.

use std::time::Duration;

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::text::PersonName;
use sqlx::Row;

use super::message::Queued;
use super::queue::host;
use super::stationery::Stationery;
use super::transport::{SmtpTimeouts, Transport};
use crate::Desk;
use crate::DeskError;
use crate::access::tokens::hex;
use crate::mail::{AccountMail, Composed};
use crate::store::StoreError;

/// Limits of each stage and of the answer to the content: a page waits for them, and a request has 30 seconds in all.
const TRYING: SmtpTimeouts = SmtpTimeouts { step: Duration::from_secs(4), word: Duration::from_secs(8) };

/// What became of a mail that was sent as a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestMail {
    /// Whom it went to.
    pub recipient: MailAddress,
    /// Its end.
    pub outcome: TestOutcome,
}

/// The end of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestOutcome {
    /// The mail server took it, with these words.
    Accepted(String),
    /// No server is named: the mail is a file now, and reached nobody.
    Written,
    /// It was not taken, for this reason, with the server's words where it said any.
    Refused(String),
}

/// Sends a mail to the member of the staff who asks, at once and past the outbox.
///
/// # Errors
/// See [`DeskError`]. A server that refuses is an outcome, not an error.
pub async fn send_test(desk: &Desk, actor: &Actor, transport: &Transport) -> Result<TestMail, DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let brand = desk.brand();
    let link = format!("{}/desk/admin/server", desk.public_url());
    let compose = |name: &PersonName, language| {
        (language, AccountMail { name, language, link, desk: desk.public_url(), brand: &brand }.test())
    };
    send_to_oneself(desk, actor, transport, compose).await
}

/// Sends a mail to the member of the staff who asks. `compose` gets their name and language, and gives the mail with its own
/// language.
pub(super) async fn send_to_oneself(
    desk: &Desk,
    actor: &Actor,
    transport: &Transport,
    compose: impl FnOnce(&PersonName, Language) -> (Language, Composed),
) -> Result<TestMail, DeskError> {
    let Actor::Staff(staff) = actor else { return Err(NotPermitted.into()) };
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT name, mail, language FROM people WHERE id = $1")
        .bind(staff.id.0)
        .fetch_optional(&mut *reader)
        .await
        .map_err(StoreError::from)?;
    reader.done();
    let row = row.ok_or(DeskError::NotFound)?;
    let text = |place: usize| -> Result<String, StoreError> { Ok(row.try_get(place)?) };
    let wrong = |what: &str| StoreError::inconsistent("people", what);
    let name = PersonName::parse(&text(0)?).map_err(|_| wrong("name"))?;
    let recipient = MailAddress::parse(&text(1)?).map_err(|_| wrong("mail"))?;
    let language = Language::from_code(&text(2)?).ok_or_else(|| wrong("language"))?;
    let (language, composed) = compose(&name, language);
    let mail = queued(desk, (&name, &recipient), language, composed);
    let stationery = Stationery::of(desk, &mail, transport.sender()).await?;
    let outcome = match transport.send(&mail, &stationery, TRYING).await {
        Ok(_) if matches!(transport, Transport::Folder { .. }) => TestOutcome::Written,
        Ok(words) => TestOutcome::Accepted(words),
        Err(failure) => {
            let (why, text) = (failure.why.to_string(), failure.text);
            TestOutcome::Refused(if why == text { why } else { format!("{why}: {text}") })
        }
    };
    Ok(TestMail { recipient, outcome })
}

fn queued(
    desk: &Desk,
    (name, recipient): (&PersonName, &MailAddress),
    language: Language,
    composed: Composed,
) -> Queued {
    let chance = hex(&desk.ports().random::<8>());
    Queued {
        id: 0,
        message_id: format!("<test.{chance}@{}>", host(desk.public_url())),
        case_number: String::new(),
        language: language.code().to_owned(),
        recipient_name: name.to_string(),
        recipient: recipient.to_string(),
        subject: composed.subject,
        body_text: composed.text,
        body_html: composed.html,
        thread_id: None,
        attempts: 0,
        created_utc_s: desk.now().0,
        calendar: None,
        document: None,
    }
}

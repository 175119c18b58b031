//! Queueing of mails, and the time of their first attempt.

use domain::calendar::ServiceHours;
use domain::case::Case;
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::mail_allowance::{Hold, PER_MAILBOX_AND_HOUR, PER_SENDER_AND_DAY, Turn, Used};
use domain::text::PersonName;
use domain::time::Instant;
use domain::view::MailState;
use sqlx::Row;

use super::MailKind;
use crate::Desk;
use crate::access::tokens::hex;
use crate::contracts::labels::Labels;
use crate::mail::{self, Composed, mail_context};
use crate::store::take_numbers_in_order;
use crate::store::{Guarded, Statement, StoreError, Table, Tx, insert_all};

/// Cause of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The desk: the mail is never held.
    Desk,
    /// A stranger: the mail counts against the allowance and has none of their words.
    Stranger,
}

impl Cause {
    /// The cause of a case's mails to its contact.
    pub(super) const fn of(case: &Case) -> Self {
        if case.is_unverified() { Self::Stranger } else { Self::Desk }
    }

    /// The recipient's name as sent. A stranger's words do not go out in the desk's name, not even as a name.
    pub(super) fn name(self, name: Option<&PersonName>) -> &str {
        match self {
            Self::Desk => name.map_or("", PersonName::as_str),
            Self::Stranger => "",
        }
    }
}

/// A mail to queue.
pub(super) struct NewMail<'a> {
    pub(super) kind: MailKind,
    /// About which case; `None` for a mail about an account.
    pub(super) case: Option<CaseNumber>,
    pub(super) language: Language,
    /// The recipient's name; `None` where nothing but the address is known.
    pub(super) name: Option<&'a PersonName>,
    pub(super) address: &'a MailAddress,
    pub(super) composed: Composed,
    /// Its invitation.
    pub(super) calendar: Option<String>,
    /// Its document, a PDF.
    pub(super) document: Option<Vec<u8>>,
    /// Its cause.
    pub(super) cause: Cause,
}

/// The keys by which a mail counts against the allowance.
pub(super) struct MailQuota {
    pub(super) mailbox: String,
    pub(super) sender: Option<String>,
}

/// A mail with its id, thread and time of the first attempt.
pub(crate) struct Outgoing<'a> {
    mail: NewMail<'a>,
    id: i64,
    message_id: String,
    thread_id: Option<String>,
    now: Instant,
    turn: Turn,
    counted: Option<MailQuota>,
}

/// Previous mails of a case.
#[derive(Default)]
pub(crate) struct Thread {
    /// Message-ID of the first mail, the root of the thread.
    pub(super) first: Option<String>,
    /// The case's sender, as counted by the allowance.
    pub(crate) sender: Option<String>,
    /// Why the first mail waits for the staff, if it does. Then the sender is not stored.
    pub(super) by_hand: Option<Hold>,
}

impl Thread {
    /// When a mail to `address` is sent, and what it counts against.
    pub(super) fn turn(
        self,
        cause: Cause,
        address: &MailAddress,
        used: Used,
        now: Instant,
    ) -> (Turn, Option<MailQuota>) {
        let turn = match (cause, self.by_hand) {
            (Cause::Desk, _) => return (Turn::Now, None),
            // Without a stored sender the allowance is unknown, so all mails wait with the first.
            (Cause::Stranger, Some(hold)) => Turn::ByHand(hold),
            (Cause::Stranger, None) => used.turn(now),
        };
        // A mail that is not sent counts for nothing.
        let goes = !matches!(turn, Turn::ByHand(_));
        (turn, goes.then(|| MailQuota { mailbox: address.mailbox(), sender: self.sender }))
    }
}

/// State, next attempt and hold of a row.
pub(super) const fn placed(turn: Turn, now: Instant) -> (MailState, Instant, Option<&'static str>) {
    match turn {
        Turn::Now => (MailState::Queued, now, None),
        Turn::Later(at, hold) => (MailState::Queued, at, Some(hold.code())),
        Turn::ByHand(hold) => (MailState::Dead, now, Some(hold.code())),
    }
}

impl<'a> Outgoing<'a> {
    /// The opening mail, the first of its thread.
    pub(crate) fn opening(
        desk: &Desk,
        case: &'a Case,
        (hours, labels): (&ServiceHours, &Labels),
        id: i64,
        (sender, used): (Option<String>, Used),
    ) -> Self {
        let kind = MailKind::of_opening(case.opening.coverage);
        let mail = to_contact(case, kind, mail::opening(&mail_context(desk, case, hours, labels.clone())));
        Self::new(desk, mail, id, Thread { sender, ..Thread::default() }, used)
    }

    pub(super) fn new(desk: &Desk, mail: NewMail<'a>, id: i64, mut thread: Thread, used: Used) -> Self {
        let now = desk.now();
        let thread_id = thread.first.take();
        let (turn, counted) = thread.turn(mail.cause, mail.address, used, now);
        let chance = hex(&desk.ports().random::<8>());
        let about = mail.case.map_or_else(|| "account".to_owned(), |case| case.as_compact());
        let message_id = format!("<{about}.{chance}@{}>", host(desk.public_url()));
        Self { mail, id, message_id, thread_id, now, turn, counted }
    }

    pub(crate) fn bind(statement: Statement, outgoing: &Self) -> Statement {
        let Self { mail, id, message_id, thread_id, now, turn, counted } = outgoing;
        let (state, turn, hold) = placed(*turn, *now);
        let name = mail.cause.name(mail.name);
        statement
            .bind(*id)
            .bind(message_id.as_str())
            .bind(mail.case.map(|case| case.as_compact()).unwrap_or_default())
            .bind(mail.kind.code())
            .bind(mail.language.code())
            .bind(name)
            .bind(mail.address.as_str())
            .bind(mail.composed.subject.as_str())
            .bind(mail.composed.text.as_str())
            .bind(mail.composed.html.as_str())
            .bind(thread_id.as_deref())
            .bind(state.code())
            .bind(0_i64)
            .bind(now.0)
            .bind(turn.0)
            .bind(0_i64)
            .bind(None::<i64>)
            .bind(None::<&str>)
            .bind(mail.calendar.as_deref())
            .bind(mail.document.clone())
            .bind(counted.as_ref().map(|counted| counted.mailbox.as_str()))
            .bind(counted.as_ref().and_then(|counted| counted.sender.as_deref()))
            .bind(hold)
    }
}

/// The outbox.
pub(crate) const OUTBOX: Table = Table {
    head: "INSERT INTO outbox (id, message_id, case_number, kind, language, recipient_name, recipient, subject,
                               body_text, body_html, thread_id, state, attempts, created_utc_s, next_attempt_utc_s,
                               leased_until_utc_s, sent_utc_s, last_error, calendar, document, mailbox, sender, hold)",
    columns: 23,
    tail: "",
};

pub(super) fn to_contact(case: &Case, kind: MailKind, composed: Composed) -> NewMail<'_> {
    let contact = &case.opening.report.contact;
    NewMail {
        kind,
        case: Some(case.opening.number),
        language: case.opening.language,
        name: Some(&contact.name),
        address: &contact.mail,
        composed,
        calendar: None,
        document: None,
        cause: Cause::of(case),
    }
}

/// Queues one mail: of a case that may have had others, or of none.
pub(super) async fn queue(desk: &Desk, tx: &mut Tx, mail: NewMail<'_>) -> Result<(), StoreError> {
    let id = take_numbers_in_order(tx, "outbox", 1).await?;
    let thread = match mail.case {
        Some(case) => thread_of(tx, case).await?,
        None => Thread::default(),
    };
    let used = used(tx, id, mail.cause, mail.address, thread.sender.as_deref()).await?;
    put(tx, Outgoing::new(desk, mail, id, thread, used)).await
}

/// Writes a mail into the outbox.
pub(super) async fn put(tx: &mut Tx, outgoing: Outgoing<'_>) -> Result<(), StoreError> {
    tx.ring_for_mails();
    insert_all(tx.connection(), OUTBOX.head, OUTBOX.columns, &[outgoing], Outgoing::bind).await
}

pub(super) async fn thread_of(tx: &mut Tx, case: CaseNumber) -> Result<Thread, StoreError> {
    let row = sqlx::query(
        "SELECT message_id, sender, CASE WHEN state = 'dead' AND attempts = 0 THEN hold END AS by_hand
         FROM outbox WHERE case_number = $1 ORDER BY id LIMIT 1",
    )
    .bind(case.as_compact())
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(Thread::default()) };
    let by_hand: Option<String> = row.try_get(2)?;
    Ok(Thread {
        first: Some(row.try_get(0)?),
        sender: row.try_get(1)?,
        by_hand: by_hand.as_deref().and_then(Hold::from_code),
    })
}

/// The part of a stranger's allowance used by other mails than `id`, by index. No other mail uses it until the commit.
pub(super) async fn used(
    tx: &mut Tx,
    id: i64,
    cause: Cause,
    address: &MailAddress,
    sender: Option<&str>,
) -> Result<Used, StoreError> {
    if cause == Cause::Desk {
        return Ok(Used::default());
    }
    let mut counted = vec![Guarded::Mailbox(address.mailbox())];
    counted.extend(sender.map(|sender| Guarded::Sender(sender.to_owned())));
    tx.lock(&counted).await?;
    let row = sqlx::query(
        "SELECT (SELECT next_attempt_utc_s FROM outbox WHERE mailbox = $1 AND id <> $5
                 ORDER BY next_attempt_utc_s DESC LIMIT 1 OFFSET $2) AS by_mailbox,
                (SELECT created_utc_s FROM outbox WHERE sender = $3 AND id <> $5
                 ORDER BY created_utc_s DESC LIMIT 1 OFFSET $4) AS by_sender",
    )
    .bind(address.mailbox())
    .bind(PER_MAILBOX_AND_HOUR - 1)
    .bind(sender.unwrap_or_default())
    .bind(PER_SENDER_AND_DAY - 1)
    .bind(id)
    .fetch_one(tx.connection())
    .await?;
    let (by_mailbox, by_sender): (Option<i64>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Used { by_mailbox: by_mailbox.map(Instant), by_sender: by_sender.map(Instant) })
}

/// The host of the public address, for Message-IDs (RFC 5322, 3.6.4).
pub(super) fn host(public_url: &str) -> String {
    let rest = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    let host: String = host.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    if host.is_empty() { "localhost".to_owned() } else { host }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn message_id_host_is_the_bare_host() {
        assert_eq!(host("https://vigia.example"), "vigia.example");
        assert_eq!(host("http://127.0.0.1:3000/desk"), "127.0.0.1");
        assert_eq!(host("https://user@vigia.example:8443"), "vigia.example");
        assert_eq!(host("https://evil>\r\n.example"), "evil.example");
        assert_eq!(host(""), "localhost");
    }
}

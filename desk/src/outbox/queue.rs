//! Putting mails into the outbox, and when each may go.

use domain::case::{Case, Event};
use domain::case_number::CaseNumber;
use domain::entitlement::{Coverage, Hours};
use domain::mail_address::MailAddress;
use domain::text::PersonName;
use domain::time::Instant;
use domain::view::MailState;
use domain::words::Language;
use sqlx::Row;

use super::Kind;
use crate::Desk;
use crate::case_log::take_numbers;
use crate::mail::{self, Composed, Letter};
use crate::store::{StoreError, Tx};
use crate::tokens::hex;

const HOUR_S: i64 = 3600;
/// A mail whose turn would come later than this is not sent by itself: news that old is none, and 10,000 of them are an
/// attack. It is laid before the supervisors, who can send it all the same.
const LATEST_S: i64 = 24 * HOUR_S;
const TOO_MANY: &str = "too many mails to this address";

/// A mail to queue.
struct NewMail<'a> {
    kind: Kind,
    case: CaseNumber,
    language: Language,
    name: &'a PersonName,
    address: &'a MailAddress,
    composed: Composed,
}

/// Queues the mail with the case's number, in the transaction that opens the case.
pub(crate) async fn queue_opening(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    hours: &Hours,
) -> Result<(), StoreError> {
    let kind = match case.opening.coverage {
        Coverage::Covered => Kind::Opening,
        Coverage::ToValidate(_) => Kind::UnverifiedOpening,
    };
    let composed = mail::opening(&letter(desk, case, hours));
    insert(desk, tx, to_contact(case, kind, composed)).await
}

/// Queues the mail that an event is told by, in the transaction of the event; most are told by none. `case` is the case
/// after it.
pub(crate) async fn queue_for(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    hours: &Hours,
    event: &Event,
) -> Result<(), StoreError> {
    let letter = letter(desk, case, hours);
    let (kind, composed) = match event {
        Event::Resolved { solution, .. } => (Kind::Resolution, mail::resolution(&letter, solution)),
        Event::VerificationReminded { .. } => (Kind::Reminder, mail::reminder(&letter)),
        Event::Closed { .. } => match case.closing_report(&hours.spans) {
            Some(report) => (Kind::Closing, mail::closing(&letter, &report)),
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    insert(desk, tx, to_contact(case, kind, composed)).await
}

fn letter<'a>(desk: &Desk, case: &'a Case, hours: &'a Hours) -> Letter<'a> {
    let link = format!("{}/track/{}", desk.public_url(), desk.tokens().tracking(case.opening.number));
    Letter { case, hours, link }
}

fn to_contact(case: &Case, kind: Kind, composed: Composed) -> NewMail<'_> {
    let contact = &case.opening.report.contact;
    NewMail {
        kind,
        case: case.opening.number,
        language: case.opening.language,
        name: &contact.name,
        address: &contact.mail,
        composed,
    }
}

async fn insert(desk: &Desk, tx: &mut Tx, mail: NewMail<'_>) -> Result<(), StoreError> {
    let now = desk.now();
    // First of all: it holds the lock under which the allowance is read, on every node.
    let id = take_numbers(tx, "outbox", 1).await?;
    let thread_id = thread_of(tx, mail.case).await?;
    let (state, turn, trouble) = match turn(tx, mail.kind, mail.address, now).await? {
        turn if turn.since(now) > LATEST_S => (MailState::Dead, now, Some(TOO_MANY)),
        turn => (MailState::Queued, turn, None),
    };
    let chance = hex(&desk.ports().random::<8>());
    let message_id = format!("<{}.{id}.{chance}@{}>", mail.case.as_compact(), host(desk.public_url()));
    sqlx::query(
        "INSERT INTO outbox (id, message_id, case_number, kind, language, recipient_name, recipient, subject,
                             body_text, body_html, thread_id, state, attempts, created_utc_s, next_attempt_utc_s,
                             leased_until_utc_s, sent_utc_s, last_error)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, $14, 0, NULL, $15)",
    )
    .bind(id)
    .bind(message_id)
    .bind(mail.case.as_compact())
    .bind(mail.kind.code())
    .bind(mail.language.code())
    .bind(mail.name.as_str())
    .bind(mail.address.as_str())
    .bind(mail.composed.subject)
    .bind(mail.composed.text)
    .bind(mail.composed.html)
    .bind(thread_id)
    .bind(state.code())
    .bind(now.0)
    .bind(turn.0)
    .bind(trouble)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The Message-ID of the case's first mail: what all later ones answer to.
async fn thread_of(tx: &mut Tx, case: CaseNumber) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT message_id FROM outbox WHERE case_number = $1 ORDER BY id LIMIT 1")
        .bind(case.as_compact())
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// When a mail may go: now, or an hour after the one that used up the address's allowance. So no hour ever sees more than
/// the allowance, however many are queued; the index gives the one row that decides.
async fn turn(tx: &mut Tx, kind: Kind, address: &MailAddress, now: Instant) -> Result<Instant, StoreError> {
    let row = sqlx::query(
        "SELECT next_attempt_utc_s FROM outbox WHERE recipient = $1 AND kind = $2
         ORDER BY next_attempt_utc_s DESC LIMIT 1 OFFSET $3",
    )
    .bind(address.as_str())
    .bind(kind.code())
    .bind(kind.per_hour() - 1)
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(now) };
    Ok(Instant(row.try_get(0)?).plus(HOUR_S).max(now))
}

/// The host of the desk's own address: the right-hand side of its Message-IDs (RFC 5322, 3.6.4).
fn host(public_url: &str) -> String {
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
    fn the_host_stands_alone() {
        assert_eq!(host("https://vigia.example"), "vigia.example");
        assert_eq!(host("http://127.0.0.1:3000/desk"), "127.0.0.1");
        assert_eq!(host("https://user@vigia.example:8443"), "vigia.example");
        assert_eq!(host("https://evil>\r\n.example"), "evil.example");
        assert_eq!(host(""), "localhost");
    }
}

//! The mail with the links of open cases, which anybody can cause who knows an address.

use domain::calendar::ServiceHours;
use domain::case::{Case, report_at};
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use domain::mail_allowance::Turn;
use domain::time::Instant;
use sqlx::AnyConnection;

use super::MailKind;
use super::queue::{Cause, NewMail, Outgoing, Thread, put, thread_of, to_contact, used};
use crate::Desk;
use crate::access::tokens::sealed_tracking;
use crate::events::{self, labels};
use crate::mail::{self, mail_context};
use crate::store::take_numbers;
use crate::store::{StoreError, Tx};

/// One that waits, or that went so recently, answers whoever asks again.
const ONCE_IN_S: i64 = 600;

/// What somebody asked for who lost their links, as far as it is theirs.
pub(crate) struct Wanted<'a> {
    /// Open cases with the same address, the newest first.
    pub(crate) cases: &'a [Case],
    /// How many others there are beyond these.
    pub(crate) more: Option<usize>,
    /// The hours of the first.
    pub(crate) hours: &'a ServiceHours,
    /// Who asks, as they are counted.
    pub(crate) sender: Option<&'a str>,
}

/// Queues the mail with the links of cases to the address that they all have, in the thread of the first. Not, when the
/// same was just sent or waits, nor when the sender's allowance is used up: whoever still needs it asks again.
pub(crate) async fn queue_links(desk: &Desk, tx: &mut Tx, wanted: &Wanted<'_>) -> Result<(), StoreError> {
    let Some((newest, others)) = wanted.cases.split_first() else { return Ok(()) };
    let (number, address) = (newest.opening.number, &newest.opening.report.contact.mail);
    let now = desk.now();
    if is_on_its_way(tx, address, now).await? {
        return Ok(());
    }
    // Before the allowance is read: it holds the lock under which that is done, on every node.
    let id = take_numbers(tx, "outbox", 1).await?;
    let used = used(tx, id, Cause::Stranger, address, wanted.sender).await?;
    if let Turn::ByHand(hold) = used.turn(now) {
        tracing::info!(hold = hold.code(), "links that were asked for are not sent");
        return Ok(());
    }
    let link = |case: &Case| {
        let number = case.opening.number;
        (number, format!("{}/track/{}", desk.public_url(), sealed_tracking(number)))
    };
    let others: Vec<_> = others.iter().map(link).collect();
    let labels = labels(tx.connection(), number).await?;
    let composed = mail::links(&mail_context(desk, newest, wanted.hours, labels), &others, wanted.more);
    // Anybody may ask, whoever opened the case: it is counted, and nobody is called by name.
    let mail = NewMail { cause: Cause::Stranger, ..to_contact(newest, MailKind::Links, composed) };
    // Whether it goes is a question of who asks now, not of who once sent the case.
    let first = thread_of(tx, number).await?.first;
    let thread = Thread { first, sender: wanted.sender.map(str::to_owned), by_hand: None };
    put(tx, Outgoing::new(desk, mail, id, thread, used)).await
}

/// Whether such a mail to this very address waits, or went just now.
async fn is_on_its_way(tx: &mut Tx, address: &MailAddress, now: Instant) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT id FROM outbox WHERE mailbox = $1 AND next_attempt_utc_s > $2 AND kind = $3 AND recipient = $4 LIMIT 1",
    )
    .bind(address.mailbox())
    .bind(now.plus(-ONCE_IN_S).0)
    .bind(MailKind::Links.code())
    .bind(address.as_str())
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.is_some())
}

/// The customer's link to `other`, if mails about it go to the same address as those about `case`, and always went there:
/// whoever reads one case's mails holds the other's link already, but whoever holds its link may name any address later.
pub(crate) async fn link_of_same_contact(
    desk: &Desk,
    connection: &mut AnyConnection,
    case: &Case,
    other: CaseNumber,
) -> Result<Option<String>, StoreError> {
    let ours = addresses(connection, case.opening.number).await?;
    let theirs = addresses(connection, other).await?;
    let is_same = matches!((&ours[..], &theirs[..]), ([ours], [theirs]) if ours == theirs);
    Ok(is_same.then(|| desk.tokens().tracking(other)))
}

/// The addresses that mails of a case went to, from its opening to now, each once.
async fn addresses(connection: &mut AnyConnection, number: CaseNumber) -> Result<Vec<String>, StoreError> {
    let history = events::history(connection, number).await?;
    let reports = history.iter().filter_map(|entry| report_at(&history, entry.version));
    let mut addresses: Vec<_> = reports.map(|report| report.contact.mail.as_str().to_lowercase()).collect();
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}

//! The mail with the links of open cases. Anybody who knows an address can cause it.

use domain::calendar::ServiceHours;
use domain::case::{Case, Tracking, report_at};
use domain::case_number::CaseNumber;
use domain::mail_address::MailAddress;
use domain::mail_allowance::Turn;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use super::MailKind;
use super::queue::{Cause, NewMail, Outgoing, Thread, put, queue, thread_of, to_contact, used};
use crate::Desk;
use crate::access::tokens::{TrackingLink, sealed_tracking};
use crate::events::{self, labels};
use crate::mail::{self, CaseMailContext, changed, mail_context};
use crate::projections::tracking;
use crate::store::take_numbers_in_order;
use crate::store::{StoreError, Tx};

/// A mail that waits, or was sent within this many seconds, answers further requests.
const ONCE_IN_S: i64 = 600;

/// A request for lost links, as far as the address matches.
pub(crate) struct LinkRequest<'a> {
    /// Open cases with the same address, newest first.
    pub(crate) cases: &'a [Case],
    /// Number of further cases that are left out.
    pub(crate) more: Option<usize>,
    /// Service hours of the first case.
    pub(crate) hours: &'a ServiceHours,
    /// The requester, as counted by the allowance.
    pub(crate) sender: Option<&'a str>,
}

/// Queues the mail with the links of cases to their common address, in the thread of the first. It is not queued when
/// the same mail waits or was just sent, nor beyond the sender's allowance. The requester can ask again.
pub(crate) async fn queue_links(
    desk: &Desk,
    tx: &mut Tx,
    wanted: &LinkRequest<'_>,
) -> Result<(), StoreError> {
    let Some((newest, others)) = wanted.cases.split_first() else { return Ok(()) };
    let (number, address) = (newest.opening.number, &newest.opening.report.contact.mail);
    let now = desk.now();
    if is_queued_or_recent(tx, address, now).await? {
        return Ok(());
    }
    // Of no mail: a number that is taken and not used would be missing in the outbox.
    let used = used(tx, 0, Cause::Stranger, address, wanted.sender).await?;
    if let Turn::ByHand(hold) = used.turn(now) {
        tracing::info!(hold = hold.code(), "links that were asked for are not sent");
        return Ok(());
    }
    let id = take_numbers_in_order(tx, "outbox", 1).await?;
    let link = |case: &Case| {
        let number = case.opening.number;
        (number, format!("{}/track/{}", desk.public_url(), sealed_tracking(TrackingLink::of(case))))
    };
    let others: Vec<_> = others.iter().map(link).collect();
    let labels = labels(tx.connection(), number).await?;
    let composed = mail::links(&mail_context(desk, newest, wanted.hours, labels), &others, wanted.more);
    // Anybody may ask, so the mail counts as a stranger's and has no name.
    let mail = NewMail { cause: Cause::Stranger, ..to_contact(newest, MailKind::Links, composed) };
    // The allowance is that of the requester, not of the case's sender.
    let first = thread_of(tx, number).await?.first;
    let thread = Thread { first, sender: wanted.sender.map(str::to_owned), by_hand: None };
    put(tx, Outgoing::new(desk, mail, id, thread, used)).await
}

/// Queues the mail with the new link of a case. Mails of the case that are not sent yet get that link as well: theirs has just
/// ended.
pub(super) async fn queue_renewed(
    desk: &Desk,
    tx: &mut Tx,
    mail_context: &CaseMailContext<'_>,
) -> Result<(), StoreError> {
    let case = mail_context.case;
    let (number, generation) = (case.opening.number, case.tracking().generation);
    let before = TrackingLink::of_generation(number, generation.saturating_sub(1));
    let link = |link: TrackingLink| format!("/track/{}", sealed_tracking(link));
    sqlx::query(
        "UPDATE outbox SET body_text = REPLACE(body_text, $2, $3), body_html = REPLACE(body_html, $2, $3)
         WHERE case_number = $1 AND state <> 'sent'",
    )
    .bind(number.as_compact())
    .bind(link(before))
    .bind(link(TrackingLink::of(case)))
    .execute(tx.connection())
    .await?;
    relink_calendars(tx, number, (&link(before), &link(TrackingLink::of(case)))).await?;
    queue(desk, tx, to_contact(case, MailKind::Links, mail::link_renewed(mail_context))).await
}

/// Replaces a link in the invitations of mails that are not sent yet. Their lines are folded, so each is read whole.
async fn relink_calendars(
    tx: &mut Tx,
    number: CaseNumber,
    (before, now): (&str, &str),
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT id, calendar FROM outbox WHERE case_number = $1 AND state <> 'sent' AND calendar IS NOT NULL",
    )
    .bind(number.as_compact())
    .fetch_all(tx.connection())
    .await?;
    for row in &rows {
        let (id, calendar): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        sqlx::query("UPDATE outbox SET calendar = $2 WHERE id = $1")
            .bind(id)
            .bind(changed(&calendar, |line| line.replace(before, now)))
            .execute(tx.connection())
            .await?;
    }
    Ok(())
}

/// Whether such a mail to this address waits or was just sent.
async fn is_queued_or_recent(tx: &mut Tx, address: &MailAddress, now: Instant) -> Result<bool, StoreError> {
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

/// The customer's link to `other`, if its mails have always had the address of `case`'s mails. Then the reader has that
/// link already. The present address alone is not enough, since a link's holder can amend it.
pub(crate) async fn link_of_same_contact(
    desk: &Desk,
    connection: &mut AnyConnection,
    case: &Case,
    other: CaseNumber,
) -> Result<Option<String>, StoreError> {
    let ours = addresses(connection, case.opening.number).await?;
    let theirs = addresses(connection, other).await?;
    let is_same = matches!((&ours[..], &theirs[..]), ([ours], [theirs]) if ours == theirs);
    let counts = if is_same { tracking::of_case(connection, other).await? } else { None };
    let link = |Tracking { generation, .. }| TrackingLink::of_generation(other, generation);
    Ok(counts.map(|counts| desk.tokens().tracking(link(counts))))
}

/// All addresses of a case's mails since its opening. Erased ones are none: they are alike in all erased cases.
async fn addresses(connection: &mut AnyConnection, number: CaseNumber) -> Result<Vec<String>, StoreError> {
    let history = events::history(connection, number).await?;
    let reports = history.iter().filter_map(|entry| report_at(&history, entry.version));
    let mails = reports.map(|report| report.contact.mail).filter(|mail| !mail.is_erased());
    let mut addresses: Vec<_> = mails.map(|mail| mail.as_str().to_lowercase()).collect();
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}

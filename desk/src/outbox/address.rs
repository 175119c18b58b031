//! Undelivered mails after an amended address: they are sent to the new one.

use domain::actor::{Action, Actor, NotPermitted, may};
use domain::calendar::ServiceHours;
use domain::case::{Amendment, Author, Case};
use domain::case_number::CaseNumber;
use domain::view::MailState;
use sqlx::Row;
use thiserror::Error;

use super::MailKind;
use super::queue::{Cause, NewMail, placed, queue, thread_of, to_contact, used};
use crate::Desk;
use crate::error::{DeskError, holds_desk_error};
use crate::events;
use crate::mail::{self, mail_context};
use crate::reach::Reach;
use crate::store::{StoreError, Tx};

/// What stands for the recipient of a mail whose content was erased. No server has it (RFC 2606, 2).
pub(crate) const ERASED_RECIPIENT: &str = "erased@erased.invalid";

/// The mails of a case that are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selection {
    /// Dead letters.
    GivenUp,
    /// Dead letters, and mails that wait or are held. A mail in delivery is left alone.
    NotTaken,
}

/// An undelivered mail.
struct Untaken {
    id: i64,
    /// Whether the allowance held it before any attempt: its address is not at fault.
    is_held: bool,
    /// Whether a stranger caused it when it was written.
    is_strangers: bool,
}

impl Untaken {
    /// The cause of sending it to another address. A customer's amendment does not make a mail the desk's own.
    fn cause(&self, case: &Case, by: &Author) -> Cause {
        if self.is_strangers && by.is_customer() { Cause::Stranger } else { Cause::of(case) }
    }
}

/// Why no mail is sent again.
#[derive(Debug, Clone, Error)]
pub enum ResendError {
    /// The case has no dead letter.
    #[error("no mail was given up")]
    NoneGivenUp,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(ResendError: NotPermitted, StoreError);

/// Sends the dead letters of a case again, to the contact's present address.
///
/// # Errors
/// See [`ResendError`].
pub async fn resend(desk: &Desk, actor: &Actor, number: CaseNumber) -> Result<(), ResendError> {
    let (at_work, actor) = (desk.clone(), actor.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let history = events::history(tx.connection(), number).await?;
                if history.is_empty() {
                    return Err(DeskError::NotFound.into());
                }
                let case = events::fold(&history)?;
                Reach::of(&actor).require(tx.connection(), number).await?;
                may(&actor, Action::WorkCase, case.subject())?;
                match send_anew(&at_work, tx, &case, Selection::GivenUp, &Author::from(&actor)).await? {
                    0 => Err(ResendError::NoneGivenUp),
                    _ => Ok(()),
                }
            })
        })
        .await
}

/// Number of undelivered mails to the customer.
pub(crate) async fn count_undelivered(tx: &mut Tx, case: &Case) -> Result<u32, StoreError> {
    // Mails with links of other cases are left alone and not sent again.
    let found = of_case(tx, case.opening.number, Selection::NotTaken, "").await?;
    Ok(u32::try_from(found.iter().filter(|mail| !mail.is_held).count()).unwrap_or(u32::MAX))
}

/// Number of mails to the customer that were given up: their present address takes none.
pub(crate) async fn count_given_up(tx: &mut Tx, case: &Case) -> Result<u32, StoreError> {
    let address = case.opening.report.contact.mail.as_str();
    let found = of_case(tx, case.opening.number, Selection::GivenUp, address).await?;
    Ok(u32::try_from(found.len()).unwrap_or(u32::MAX))
}

/// Queues the mail of an amendment, and sends undelivered mails to the new address.
pub(crate) async fn queue_amendment(
    desk: &Desk,
    tx: &mut Tx,
    (case, hours): (&Case, &ServiceHours),
    what: &Amendment,
    by: &Author,
) -> Result<(), StoreError> {
    if what.mail().is_some() {
        send_anew(desk, tx, case, Selection::NotTaken, by).await?;
    }
    if !what.is_told(by) {
        return Ok(());
    }
    let labels = events::labels(tx.connection(), case.opening.number).await?;
    let composed = mail::amended(&mail_context(desk, case, hours, labels), what, by);
    let mail = to_contact(case, MailKind::Amended, composed);
    // The holder of a case's link can enter any address as the contact's, even in a covered case.
    let mail = if by.is_customer() { NewMail { cause: Cause::Stranger, ..mail } } else { mail };
    queue(desk, tx, mail).await
}

/// Queues mails again for the contact's present address, within its allowance. Gives their number.
async fn send_anew(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    which: Selection,
    by: &Author,
) -> Result<usize, StoreError> {
    let (contact, now) = (&case.opening.report.contact, desk.now());
    let found = of_case(tx, case.opening.number, which, contact.mail.as_str()).await?;
    for mail in &found {
        let (thread, owed_to) = (thread_of(tx, case.opening.number).await?, mail.cause(case, by));
        let used = used(tx, mail.id, owed_to, &contact.mail, thread.sender.as_deref()).await?;
        let (turn, counted) = thread.turn(owed_to, &contact.mail, used, now);
        let (state, next, hold) = placed(turn, now);
        sqlx::query(
            "UPDATE outbox SET recipient = $2, recipient_name = $3, state = $4, attempts = 0, next_attempt_utc_s = $5,
                               leased_until_utc_s = 0, last_error = NULL, refusal = NULL, refused_utc_s = NULL,
                               mailbox = $6, sender = $7, hold = $8
             WHERE id = $1",
        )
        .bind(mail.id)
        .bind(contact.mail.as_str())
        .bind(owed_to.name(Some(&contact.name)))
        .bind(state.code())
        .bind(next.0)
        .bind(counted.as_ref().map(|counted| counted.mailbox.as_str()))
        .bind(counted.as_ref().and_then(|counted| counted.sender.as_deref()))
        .bind(hold)
        .execute(tx.connection())
        .await?;
    }
    tx.ring_for_mails();
    Ok(found.len())
}

/// Undelivered mails of a case. A person who amends one case must not get links of others. So mails with such links go
/// to their original `address` alone.
async fn of_case(
    tx: &mut Tx,
    number: CaseNumber,
    which: Selection,
    address: &str,
) -> Result<Vec<Untaken>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, kind, state, CASE WHEN attempts = 0 THEN hold END AS hold,
                CASE WHEN mailbox IS NOT NULL OR hold IS NOT NULL THEN 1 ELSE 0 END AS is_strangers
         FROM outbox
         WHERE case_number = $1 AND (state = 'dead' OR (state = 'queued' AND leased_until_utc_s = 0))
           AND (kind NOT IN ('links', 'duplicate') OR recipient = $2) AND recipient <> $3
         ORDER BY id",
    )
    .bind(number.as_compact())
    .bind(address)
    // An erased mail says nothing that anybody should get.
    .bind(ERASED_RECIPIENT)
    .fetch_all(tx.connection())
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let (kind, state): (String, String) = (row.try_get(1)?, row.try_get(2)?);
        let kind = MailKind::from_code(&kind).ok_or_else(|| StoreError::inconsistent("outbox", &kind))?;
        let is_held = row.try_get::<Option<String>, _>(3)?.is_some();
        let is_given_up = state == MailState::Dead.code() && !is_held;
        if kind.is_customers() && (which == Selection::NotTaken || is_given_up) {
            let is_strangers = row.try_get::<i64, _>(4)? == 1;
            found.push(Untaken { id: row.try_get(0)?, is_held, is_strangers });
        }
    }
    Ok(found)
}

//! What becomes of mails when the contact's address is put right: those that no server has taken go to the new one.

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
use crate::store::{StoreError, Tx};

/// Which of a case's mails to its customer are sent anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Those that were given up.
    GivenUp,
    /// Those as well that wait for their turn, for another try or for the staff's hand. What is under way stays where it is.
    NotTaken,
}

/// A mail that no server has taken.
struct Untaken {
    id: i64,
    /// Whether it waits because strangers cause too many, and was not tried: nothing is wrong with its address.
    is_held: bool,
    /// Whether it was a stranger's doing when it was written.
    is_strangers: bool,
}

impl Untaken {
    /// Whose doing it is that it goes to another address: the customer's word makes nothing the desk's own.
    fn cause(&self, case: &Case, by: &Author) -> Cause {
        if self.is_strangers && by.is_customer() { Cause::Stranger } else { Cause::of(case) }
    }
}

/// Why nothing was sent again.
#[derive(Debug, Clone, Error)]
pub enum ResendError {
    /// No mail of the case was given up: there is nothing to send.
    #[error("no mail was given up")]
    NoneGivenUp,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(ResendError: NotPermitted, StoreError);

/// Sends the mails of a case that were given up once more, to the contact's present address.
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
                may(&actor, Action::WorkCase, case.subject())?;
                match send_anew(&at_work, tx, &case, Which::GivenUp, &Author::from(&actor)).await? {
                    0 => Err(ResendError::NoneGivenUp),
                    _ => Ok(()),
                }
            })
        })
        .await
}

/// How many mails to the customer no server has taken.
pub(crate) async fn count_undelivered(tx: &mut Tx, case: &Case) -> Result<u32, StoreError> {
    // Those that open other cases stay where they are: nothing of them is sent again.
    let found = of_case(tx, case.opening.number, Which::NotTaken, "").await?;
    Ok(u32::try_from(found.iter().filter(|mail| !mail.is_held).count()).unwrap_or(u32::MAX))
}

/// Queues the mail of an amendment, and sends what no server has taken to the address that is right now.
pub(crate) async fn queue_amendment(
    desk: &Desk,
    tx: &mut Tx,
    (case, hours): (&Case, &ServiceHours),
    what: &Amendment,
    by: &Author,
) -> Result<(), StoreError> {
    if what.mail().is_some() {
        send_anew(desk, tx, case, Which::NotTaken, by).await?;
    }
    if !what.is_told(by) {
        return Ok(());
    }
    let labels = events::labels(tx.connection(), case.opening.number).await?;
    let composed = mail::amended(&mail_context(desk, case, hours, labels), what, by);
    let mail = to_contact(case, MailKind::Amended, composed);
    // Whoever holds a case's link can name any address as its contact's, whatever its contract covers.
    let mail = if by.is_customer() { NewMail { cause: Cause::Stranger, ..mail } } else { mail };
    queue(desk, tx, mail).await
}

/// Puts mails back into the queue, for the contact's present address and within its allowance; how many there were.
async fn send_anew(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    which: Which,
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
        .bind(owed_to.name(&contact.name))
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

/// Mails of a case that no server has taken. Whoever changes the address of one case must not get the links of others: mails
/// that hold such go to the very `address` that they were written for, or nowhere.
async fn of_case(
    tx: &mut Tx,
    number: CaseNumber,
    which: Which,
    address: &str,
) -> Result<Vec<Untaken>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, kind, state, CASE WHEN attempts = 0 THEN hold END AS hold,
                CASE WHEN mailbox IS NOT NULL OR hold IS NOT NULL THEN 1 ELSE 0 END AS is_strangers
         FROM outbox
         WHERE case_number = $1 AND (state = 'dead' OR (state = 'queued' AND leased_until_utc_s = 0))
           AND (kind NOT IN ('links', 'duplicate') OR recipient = $2)
         ORDER BY id",
    )
    .bind(number.as_compact())
    .bind(address)
    .fetch_all(tx.connection())
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let (kind, state): (String, String) = (row.try_get(1)?, row.try_get(2)?);
        let kind = MailKind::from_code(&kind).ok_or_else(|| StoreError::inconsistent("outbox", &kind))?;
        let is_held = row.try_get::<Option<String>, _>(3)?.is_some();
        let is_given_up = state == MailState::Dead.code() && !is_held;
        if kind.is_customers() && (which == Which::NotTaken || is_given_up) {
            let is_strangers = row.try_get::<i64, _>(4)? == 1;
            found.push(Untaken { id: row.try_get(0)?, is_held, is_strangers });
        }
    }
    Ok(found)
}

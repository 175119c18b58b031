//! What becomes of mails when the contact's address is put right: those that no server has taken go to the new one.

use domain::actor::{Action, Actor, NotPermitted, may};
use domain::case::{Amendment, Author, Case};
use domain::case_number::CaseNumber;
use domain::entitlement::Hours;
use domain::view::MailState;
use sqlx::Row;
use thiserror::Error;

use super::Kind;
use super::queue::{HOUR_S, LATEST_S, letter, queue, to_contact, used_up};
use crate::Desk;
use crate::case_log;
use crate::mail;
use crate::store::{StoreError, Tx};

/// Which of a case's mails to its customer are sent anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Those that were given up.
    GivenUp,
    /// Those as well that wait for another try. What is under way stays where it is.
    NotTaken,
}

/// Why nothing was sent again.
#[derive(Debug, Clone, Error)]
pub enum ResendError {
    /// The actor may not do it.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// There is no such case.
    #[error("there is no such case")]
    NotFound,
    /// No mail of the case was given up.
    #[error("no mail was given up")]
    NoneGivenUp,
    /// Try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sends the mails of a case that were given up once more, to the contact's present address.
///
/// # Errors
/// See [`ResendError`].
pub async fn resend(desk: &Desk, actor: &Actor, number: CaseNumber) -> Result<(), ResendError> {
    let (at_work, actor) = (desk.clone(), actor.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let history = case_log::history(tx.connection(), number).await?;
                if history.is_empty() {
                    return Err(ResendError::NotFound);
                }
                let case = case_log::fold(&history)?;
                may(&actor, Action::WorkCase, case.subject())?;
                match send_anew(&at_work, tx, &case, Which::GivenUp).await? {
                    0 => Err(ResendError::NoneGivenUp),
                    _ => Ok(()),
                }
            })
        })
        .await
}

/// How many mails to the customer no server has taken.
pub(crate) async fn count_undelivered(tx: &mut Tx, case: &Case) -> Result<u32, StoreError> {
    let found = of_case(tx, case.opening.number, Which::NotTaken).await?;
    Ok(u32::try_from(found.len()).unwrap_or(u32::MAX))
}

/// Queues the mail of an amendment, and sends what no server has taken to the address that is right now.
pub(crate) async fn queue_amendment(
    desk: &Desk,
    tx: &mut Tx,
    (case, hours): (&Case, &Hours),
    what: &Amendment,
    by: &Author,
) -> Result<(), StoreError> {
    if what.mail().is_some() {
        send_anew(desk, tx, case, Which::NotTaken).await?;
    }
    if !what.is_told(by) {
        return Ok(());
    }
    let composed = mail::amended(&letter(desk, case, hours), what, by);
    queue(desk, tx, to_contact(case, Kind::Amended, composed)).await
}

/// Puts mails back into the queue, for the contact's present address and within its allowance; how many there were.
async fn send_anew(desk: &Desk, tx: &mut Tx, case: &Case, which: Which) -> Result<usize, StoreError> {
    let (contact, now) = (&case.opening.report.contact, desk.now());
    let found = of_case(tx, case.opening.number, which).await?;
    for (id, kind) in &found {
        let used_up = used_up(tx, *kind, &contact.mail).await?;
        let turn = used_up.map_or(now, |used_up| now.max(used_up.plus(HOUR_S)));
        if turn.since(now) > LATEST_S {
            continue;
        }
        sqlx::query(
            "UPDATE outbox SET recipient = $2, recipient_name = $3, state = 'queued', attempts = 0,
                               next_attempt_utc_s = $4, leased_until_utc_s = 0, last_error = NULL
             WHERE id = $1",
        )
        .bind(*id)
        .bind(contact.mail.as_str())
        .bind(contact.name.as_str())
        .bind(turn.0)
        .execute(tx.connection())
        .await?;
    }
    tx.ring_for_mails();
    Ok(found.len())
}

async fn of_case(tx: &mut Tx, number: CaseNumber, which: Which) -> Result<Vec<(i64, Kind)>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, kind, state FROM outbox
         WHERE case_number = $1 AND (state = 'dead' OR (state = 'queued' AND leased_until_utc_s = 0))
         ORDER BY id",
    )
    .bind(number.as_compact())
    .fetch_all(tx.connection())
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, kind, state): (i64, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let kind = Kind::from_code(&kind).ok_or_else(|| StoreError::inconsistent("outbox", &kind))?;
        if kind.is_customers() && (which == Which::NotTaken || state == MailState::Dead.code()) {
            found.push((id, kind));
        }
    }
    Ok(found)
}

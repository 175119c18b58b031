//! Invitations: people come to the desk by a link that they are mailed. Until they take it they cannot sign in.

use domain::actor::{Action, Actor, NotPermitted, PersonId, Role, Subject, may};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use sqlx::Row;
use thiserror::Error;

use super::links::{Purpose, give_link};
use crate::Desk;
use crate::access::changes;
use crate::access::staff::{forget_links, sign_in_name};
use crate::error::{DeskError, holds_desk_error};
use crate::mail::AccountMail;
use crate::outbox::{AccountLetter, MailKind, queue_account_mail};
use crate::store::take_numbers;
use crate::store::{StoreError, Tx};

/// Somebody to be invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitee {
    /// As colleagues and customers read it.
    pub name: PersonName,
    /// Where the link goes, and what they sign in with.
    pub mail: MailAddress,
    /// What they will be there for.
    pub role: Role,
}

/// Why nobody was invited.
#[derive(Debug, Clone, Error)]
pub enum InviteError {
    /// These, by their places in the list, sign in here already or are invited.
    #[error("somebody has these mail addresses already: {0:?}")]
    Taken(Vec<usize>),
    /// They have chosen a password already, or are not invited.
    #[error("not invited")]
    NotInvited,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(InviteError: NotPermitted, StoreError, sqlx::Error);

/// Invites people, in one language: all of them or none.
///
/// # Errors
/// See [`InviteError`].
pub async fn invite(
    desk: &Desk,
    actor: &Actor,
    invitees: Vec<Invitee>,
    language: Language,
) -> Result<Vec<PersonId>, InviteError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let (inner, by) = (desk.clone(), actor.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let (mut added, mut taken) = (Vec::new(), Vec::new());
                for (place, invitee) in invitees.iter().enumerate() {
                    match add(tx, invitee, language).await? {
                        Some(id) => added.push((id, invitee)),
                        None => taken.push(place),
                    }
                }
                if !taken.is_empty() {
                    return Err(InviteError::Taken(taken));
                }
                for (id, invitee) in &added {
                    let change = PersonChange::Invited { role: invitee.role };
                    changes::record(tx, *id, &by, inner.now(), &change).await?;
                    write_to(&inner, tx, *id, (&invitee.name, &invitee.mail, language), &by).await?;
                }
                Ok(added.into_iter().map(|(id, _)| id).collect())
            })
        })
        .await
}

/// Adds somebody who cannot sign in yet; `None` when somebody has the address.
async fn add(tx: &mut Tx, invitee: &Invitee, language: Language) -> Result<Option<PersonId>, StoreError> {
    let id = take_numbers(tx, "people", 1).await?;
    let done = sqlx::query(
        "INSERT INTO people (id, name, mail, role, password_hash, language, active) VALUES ($1, $2, $3, $4, '', $5, 0)
         ON CONFLICT (mail) DO NOTHING",
    )
    .bind(id)
    .bind(invitee.name.as_str())
    .bind(sign_in_name(&invitee.mail))
    .bind(invitee.role.code())
    .bind(language.code())
    .execute(tx.connection())
    .await?;
    Ok((done.rows_affected() == 1).then_some(PersonId(id)))
}

/// Gives somebody a link and mails it to them.
async fn write_to(
    desk: &Desk,
    tx: &mut Tx,
    id: PersonId,
    (name, address, language): (&PersonName, &MailAddress, Language),
    by: &Actor,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE people SET invited_utc_s = $2 WHERE id = $1")
        .bind(id.0)
        .bind(desk.now().0)
        .execute(tx.connection())
        .await?;
    let link = give_link(desk, tx, id, Purpose::Invitation).await?;
    let by = match by {
        Actor::Staff(staff) => staff.name.as_str(),
        _ => "",
    };
    let brand = desk.brand();
    let letter = AccountMail { name, language, link, desk: desk.public_url(), brand: &brand };
    let composed = letter.invitation(by, Purpose::Invitation.lasts_s() / 3600);
    queue_account_mail(
        desk,
        tx,
        AccountLetter { kind: MailKind::Invitation, name, address, language, composed },
    )
    .await
}

/// Sends an invitation once more, to somebody who has not come yet or whose invitation was withdrawn. The link before it leads
/// nowhere any more.
///
/// # Errors
/// See [`InviteError`].
pub async fn invite_again(desk: &Desk, actor: &Actor, id: PersonId) -> Result<(), InviteError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let (inner, by) = (desk.clone(), actor.clone());
    desk.store().write(move |tx| Box::pin(async move { send_again(&inner, tx, id, &by).await })).await
}

/// The same within a transaction.
pub(super) async fn send_again(
    desk: &Desk,
    tx: &mut Tx,
    id: PersonId,
    by: &Actor,
) -> Result<(), InviteError> {
    let (name, mail, language) = invited(tx, id).await?;
    changes::record(tx, id, by, desk.now(), &PersonChange::InvitedAgain).await?;
    Ok(write_to(desk, tx, id, (&name, &mail, language), by).await?)
}

/// Withdraws an invitation that was not taken: its link leads nowhere any more.
///
/// # Errors
/// See [`InviteError`].
pub async fn withdraw_invitation(desk: &Desk, actor: &Actor, id: PersonId) -> Result<(), InviteError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let (now, by) = (desk.now(), actor.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                invited(tx, id).await?;
                withdraw(tx, id).await?;
                Ok(changes::record(tx, id, &by, now, &PersonChange::InvitationWithdrawn).await?)
            })
        })
        .await
}

/// Ends somebody's invitation, with the link in it.
pub(super) async fn withdraw(tx: &mut Tx, id: PersonId) -> Result<(), StoreError> {
    sqlx::query("UPDATE people SET invited_utc_s = NULL WHERE id = $1")
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    forget_links(tx, id).await
}

/// Somebody who never chose a password.
async fn invited(tx: &mut Tx, id: PersonId) -> Result<(PersonName, MailAddress, Language), InviteError> {
    let row = sqlx::query("SELECT name, mail, language, password_hash FROM people WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?
        .ok_or(DeskError::NotFound)?;
    let text = |column: &str| -> Result<String, StoreError> { Ok(row.try_get(column)?) };
    let wrong = |what: &str| StoreError::inconsistent("people", what);
    if !text("password_hash")?.is_empty() {
        return Err(InviteError::NotInvited);
    }
    Ok((
        PersonName::parse(&text("name")?).map_err(|_| wrong("name"))?,
        MailAddress::parse(&text("mail")?).map_err(|_| wrong("mail"))?,
        Language::from_code(&text("language")?).unwrap_or_default(),
    ))
}

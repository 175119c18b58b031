//! Use-case: accounts of the staff. People are added and deactivated, because histories name them. Only accounts of the
//! demonstration that no history names are deleted (`vigia demo remove`).

use domain::actor::{Action, Actor, NotPermitted, PersonId, Role, Subject, may};
use domain::case::Assignee;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::phone::Extension;
use domain::text::PersonName;
use domain::time::Instant;
use sqlx::Row;
use thiserror::Error;

use crate::Desk;
use crate::access::browsers;
use crate::access::changes;
use crate::access::demonstration;
use crate::access::passwords::{self, HashFailed, NewPassword, PasswordProblem};
use crate::access::second_factor;
use crate::access::second_step;
use crate::error::{DeskError, holds_desk_error};
use crate::store::take_numbers;
use crate::store::{StoreError, Tx};

/// A new member of the staff.
#[derive(Clone)]
pub struct NewPerson {
    /// The name that colleagues and customers read.
    pub name: PersonName,
    /// Mail address for the sign-in, in any case of letters.
    pub mail: MailAddress,
    /// Their role.
    pub role: Role,
    /// Their language.
    pub language: Language,
    /// Password as typed; it is checked when they are added.
    pub password: String,
}

impl std::fmt::Debug for NewPerson {
    /// The password is omitted.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPerson")
            .field("mail", &self.mail)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A member of the staff on the administrators' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Id of the person.
    pub id: PersonId,
    /// The name that colleagues and customers read.
    pub name: PersonName,
    /// Mail address for the sign-in.
    pub mail: MailAddress,
    /// Their role.
    pub role: Role,
    /// The name of their composed role; `None` for a standing one.
    pub composed: Option<String>,
    /// Telephone extension; `None` for people without one.
    pub extension: Option<Extension>,
    /// Whether they are active.
    pub service: Service,
    /// Whether they ever chose a password, or were given one.
    pub joined: Joined,
}

/// Whether somebody ever came to the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// They have a password.
    Yes,
    /// They were invited, and never chose one.
    Never,
}

/// For how many seconds an invitation is good.
pub const INVITED_S: i64 = 48 * 3600;

/// Whether somebody can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// They can sign in.
    Active,
    /// They were invited and have not come yet.
    Invited {
        /// When the link ends that they were mailed.
        until: Instant,
    },
    /// They were put out of service.
    Ended,
}

/// Why an account or password is refused.
#[derive(Debug, Clone, Error)]
pub enum PeopleError {
    /// Another account has this mail address.
    #[error("somebody has this mail address already")]
    MailTaken,
    /// Choose another password.
    #[error(transparent)]
    Password(#[from] PasswordProblem),
    /// The hash failed. Try again later.
    #[error(transparent)]
    Hash(#[from] HashFailed),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(PeopleError: NotPermitted, StoreError, sqlx::Error);

/// A mail address as sign-in knows it: in small letters.
pub(crate) fn sign_in_name(mail: &MailAddress) -> String {
    mail.as_str().to_lowercase()
}

/// Adds a member of the staff.
///
/// # Errors
/// See [`PeopleError`].
pub async fn add_person(desk: &Desk, actor: &Actor, person: NewPerson) -> Result<PersonId, PeopleError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let password = NewPassword::parse(&person.password, &person.name, &person.mail)?;
    let hash = passwords::hash(password, desk.ports()).await?;
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let id = insert(tx, &person, hash).await?;
                changes::record(tx, id, &by, now, &PersonChange::Added { role: person.role }).await?;
                Ok(id)
            })
        })
        .await
}

/// Writes somebody who can sign in at once, with the hash of their password.
pub(crate) async fn insert(tx: &mut Tx, person: &NewPerson, hash: String) -> Result<PersonId, PeopleError> {
    let id = take_numbers(tx, "people", 1).await?;
    let done = sqlx::query(
        "INSERT INTO people (id, name, mail, role, password_hash, language, active) VALUES ($1, $2, $3, $4, $5, $6, 1)
         ON CONFLICT (mail) DO NOTHING",
    )
    .bind(id)
    .bind(person.name.as_str())
    .bind(sign_in_name(&person.mail))
    .bind(person.role.code())
    .bind(hash)
    .bind(person.language.code())
    .execute(tx.connection())
    .await?;
    if done.rows_affected() != 1 {
        return Err(PeopleError::MailTaken);
    }
    begin_service(tx, PersonId(id), &person.mail).await?;
    Ok(PersonId(id))
}

/// Sets a person's password; their sessions end, and links that were mailed to them lead nowhere any more.
///
/// # Errors
/// See [`PeopleError`].
pub async fn set_password(desk: &Desk, actor: &Actor, id: PersonId, typed: &str) -> Result<(), PeopleError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let person = read(desk, Some(id)).await?.pop().ok_or(DeskError::NotFound)?;
    let password = NewPassword::parse(typed, &person.name, &person.mail)?;
    let hash = passwords::hash(password, desk.ports()).await?;
    let (by, now) = (actor.clone(), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                // Whoever has a password waits for no invitation.
                sqlx::query("UPDATE people SET password_hash = $2, invited_utc_s = NULL WHERE id = $1")
                    .bind(id.0)
                    .bind(hash)
                    .execute(tx.connection())
                    .await?;
                changes::record(tx, id, &by, now, &PersonChange::PasswordChanged).await?;
                forget_links(tx, id).await?;
                Ok(end_sessions(tx, id).await?)
            })
        })
        .await
}

/// Lets somebody sign in, from now on. Where others work, the demonstration's accounts are closed, whatever was changed of them.
pub(crate) async fn begin_service(tx: &mut Tx, id: PersonId, mail: &MailAddress) -> Result<(), StoreError> {
    sqlx::query("UPDATE people SET active = 1, invited_utc_s = NULL WHERE id = $1")
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    if !demonstration::is_ours(mail.as_str()) {
        sqlx::query("DELETE FROM sessions WHERE by_public_password = 1").execute(tx.connection()).await?;
        close_demonstration(tx).await?;
    }
    Ok(())
}

/// Closes the demonstration's accounts.
async fn close_demonstration(tx: &mut Tx) -> Result<(), StoreError> {
    for member in demonstration::STAFF {
        let row = sqlx::query("SELECT id FROM people WHERE mail = $1")
            .bind(member.mail)
            .fetch_optional(tx.connection())
            .await?;
        let Some(row) = row else { continue };
        let id = PersonId(row.try_get(0)?);
        sqlx::query("UPDATE people SET active = 0 WHERE id = $1").bind(id.0).execute(tx.connection()).await?;
        end_sessions(tx, id).await?;
        second_factor::forget(tx, id).await?;
        forget_links(tx, id).await?;
    }
    Ok(())
}

/// Links that were mailed to somebody lead nowhere any more.
pub(crate) async fn forget_links(tx: &mut Tx, id: PersonId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM account_links WHERE person_id = $1").bind(id.0).execute(tx.connection()).await?;
    Ok(())
}

/// Ends all sessions of somebody and their sign-ins that wait for a code, and forgets their browsers.
pub(crate) async fn end_sessions(tx: &mut Tx, id: PersonId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sessions WHERE person_id = $1").bind(id.0).execute(tx.connection()).await?;
    second_step::forget_waiting(tx, id).await?;
    browsers::forget(tx, id).await?;
    Ok(())
}

/// All members of the staff, active or not, in the order in which they were added.
///
/// # Errors
/// See [`DeskError`].
pub async fn people(desk: &Desk, actor: &Actor) -> Result<Vec<PersonView>, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    Ok(read(desk, None).await?)
}

/// An active member of the staff, by the register.
pub(crate) async fn somebody(tx: &mut Tx, id: PersonId) -> Result<Option<Assignee>, StoreError> {
    let row = sqlx::query("SELECT name FROM people WHERE id = $1 AND active = 1")
        .bind(id.0)
        .fetch_optional(tx.connection())
        .await?;
    row.map(|row| Ok(Assignee { id, name: row.try_get(0)? })).transpose()
}

/// Everybody, or one person alone.
pub(crate) async fn read(desk: &Desk, only: Option<PersonId>) -> Result<Vec<PersonView>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let rows = match only {
        Some(id) => sqlx::query(
            "SELECT p.id, p.name, p.mail, p.role, p.active, p.invited_utc_s, p.password_hash, p.extension, r.name AS composed
             FROM people p LEFT JOIN composed_roles r ON r.id = p.composed_role_id WHERE p.id = $1",
        )
        .bind(id.0),
        None => sqlx::query(
            "SELECT p.id, p.name, p.mail, p.role, p.active, p.invited_utc_s, p.password_hash, p.extension, r.name AS composed
             FROM people p LEFT JOIN composed_roles r ON r.id = p.composed_role_id ORDER BY p.id",
        ),
    };
    rows.fetch_all(&mut *reader).await?.iter().map(seen).collect()
}

fn seen(row: &sqlx::any::AnyRow) -> Result<PersonView, StoreError> {
    let text = |column: &str| -> Result<String, StoreError> { Ok(row.try_get(column)?) };
    let role = text("role")?;
    let (active, invited): (i64, Option<i64>) = (row.try_get("active")?, row.try_get("invited_utc_s")?);
    let service = match (active, invited) {
        (1, _) => Service::Active,
        (_, Some(invited)) => Service::Invited { until: Instant(invited).plus(INVITED_S) },
        (_, None) => Service::Ended,
    };
    let extension: Option<String> = row.try_get("extension")?;
    let joined = if text("password_hash")?.is_empty() { Joined::Never } else { Joined::Yes };
    Ok(PersonView {
        id: PersonId(row.try_get("id")?),
        name: PersonName::parse(&text("name")?).map_err(|error| StoreError::inconsistent("people", error))?,
        mail: MailAddress::parse(&text("mail")?)
            .map_err(|error| StoreError::inconsistent("people", error))?,
        role: Role::from_code(&role).ok_or_else(|| StoreError::inconsistent("people", role))?,
        composed: row.try_get("composed")?,
        extension: extension
            .map(Extension::try_from)
            .transpose()
            .map_err(|error| StoreError::inconsistent("people", error))?,
        service,
        joined,
    })
}

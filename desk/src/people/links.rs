//! Links by which somebody chooses a password: sent by mail, good once and for a while.

use domain::actor::{Actor, NotPermitted, PersonId, Role, Staff};
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use domain::time::Instant;
use sqlx::Row;
use thiserror::Error;

use crate::Desk;
use crate::access::changes;
use crate::access::passwords::{self, HashFailed, NO_PASSWORD, NewPassword, PasswordProblem};
use crate::access::staff::{INVITED_S, begin_service, end_sessions};
use crate::access::tokens;
use crate::error::{DeskError, holds_desk_error};
use crate::store::take_numbers;
use crate::store::{StoreError, Tx};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody who was invited comes to the desk.
    Invitation,
    /// Somebody forgot their password.
    PasswordReset,
}

impl Purpose {
    /// Its code in the database.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Invitation, Self::PasswordReset].into_iter().find(|purpose| purpose.code() == code)
    }

    /// For how many seconds a link is good.
    #[must_use]
    pub const fn lasts_s(self) -> i64 {
        match self {
            Self::Invitation => INVITED_S,
            Self::PasswordReset => 30 * 60,
        }
    }
}

/// A link that is good still, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLink {
    /// What it is for.
    pub purpose: Purpose,
    /// Who chooses a password by it.
    pub name: PersonName,
    /// What they sign in with.
    pub mail: MailAddress,
    id: i64,
    person: PersonId,
    role: Role,
}

impl OpenLink {
    /// What they are there for.
    pub(crate) const fn role(&self) -> Role {
        self.role
    }
}

/// Why no password was chosen.
#[derive(Debug, Clone, Error)]
pub enum ChoosePasswordError {
    /// The link was used, is too old, or never was.
    #[error("the link leads nowhere")]
    NoLink,
    /// Choose another password.
    #[error(transparent)]
    Password(#[from] PasswordProblem),
    /// Try again later.
    #[error(transparent)]
    Hash(#[from] HashFailed),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(ChoosePasswordError: NotPermitted, StoreError, sqlx::Error);

/// Gives somebody a link, in the place of an earlier one for the same; its address, without the code.
pub(crate) async fn give_link(
    desk: &Desk,
    tx: &mut Tx,
    person: PersonId,
    purpose: Purpose,
) -> Result<String, StoreError> {
    let now = desk.now();
    sqlx::query("DELETE FROM account_links WHERE expires_utc_s <= $1")
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    let id = take_numbers(tx, "account_links", 1).await?;
    let token = desk.tokens().account_link(id, desk.ports().random());
    sqlx::query(
        "INSERT INTO account_links (id, person_id, purpose, token_hash, expires_utc_s) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person_id, purpose) DO UPDATE
         SET id = excluded.id, token_hash = excluded.token_hash, expires_utc_s = excluded.expires_utc_s",
    )
    .bind(id)
    .bind(person.0)
    .bind(purpose.code())
    .bind(tokens::hash(&token))
    .bind(now.plus(purpose.lasts_s()).0)
    .execute(tx.connection())
    .await?;
    Ok(format!("{}/desk/password/{}", desk.public_url(), tokens::sealed(&token)))
}

/// What a link is good for; `None` when it was used, is too old, or never was.
///
/// # Errors
/// When the database does not answer.
pub async fn open_link(desk: &Desk, link: &str) -> Result<Option<OpenLink>, StoreError> {
    match named(desk, link) {
        Some((id, token_hash)) => open_named(desk, id, &token_hash).await,
        None => Ok(None),
    }
}

/// What a link is known by: its id, and the hash of its token. They open nothing. `None` for what is no link.
pub(crate) fn named(desk: &Desk, link: &str) -> Option<(i64, String)> {
    desk.tokens().account(link).map(|id| (id, tokens::hash(link)))
}

/// What a link that is known by its id and hash is good for.
pub(crate) async fn open_named(
    desk: &Desk,
    id: i64,
    token_hash: &str,
) -> Result<Option<OpenLink>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT l.purpose, l.person_id, p.name, p.mail, p.role FROM account_links l JOIN people p ON p.id = l.person_id
         WHERE l.id = $1 AND l.token_hash = $2 AND l.expires_utc_s > $3",
    )
    .bind(id)
    .bind(token_hash)
    .bind(desk.now().0)
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let Some(row) = row else { return Ok(None) };
    let wrong = |what: &str| StoreError::inconsistent("account_links", what);
    let (purpose, name, mail, role): (String, String, String, String) =
        (row.try_get("purpose")?, row.try_get("name")?, row.try_get("mail")?, row.try_get("role")?);
    Ok(Some(OpenLink {
        purpose: Purpose::from_code(&purpose).ok_or_else(|| wrong("purpose"))?,
        name: PersonName::parse(&name).map_err(|_| wrong("name"))?,
        mail: MailAddress::parse(&mail).map_err(|_| wrong("mail"))?,
        id,
        person: PersonId(row.try_get("person_id")?),
        role: Role::from_code(&role).ok_or_else(|| wrong("role"))?,
    }))
}

/// Takes the password that somebody chooses by a link, which leads nowhere from then on. Their sessions end.
///
/// # Errors
/// See [`ChoosePasswordError`].
pub async fn choose_password(desk: &Desk, link: &str, typed: &str) -> Result<Purpose, ChoosePasswordError> {
    let open = open_link(desk, link).await?.ok_or(ChoosePasswordError::NoLink)?;
    let password = NewPassword::parse(typed, &open.name, &open.mail)?;
    let hash = passwords::hash(password, desk.ports()).await?;
    let (now, purpose) = (desk.now(), open.purpose);
    desk.store().write(move |tx| Box::pin(async move { take(tx, &open, &hash, now).await })).await?;
    tracing::info!(purpose = purpose.code(), "a password was chosen by a link");
    Ok(purpose)
}

async fn take(tx: &mut Tx, open: &OpenLink, hash: &str, now: Instant) -> Result<(), ChoosePasswordError> {
    let used =
        sqlx::query("DELETE FROM account_links WHERE id = $1").bind(open.id).execute(tx.connection()).await?;
    if used.rows_affected() != 1 {
        return Err(ChoosePasswordError::NoLink);
    }
    let themself =
        Actor::Staff(Staff { id: open.person, name: open.name.to_string(), role: open.role, composed: None });
    let change = match open.purpose {
        Purpose::Invitation => {
            begin_service(tx, open.person, &open.mail).await?;
            PersonChange::Joined
        }
        Purpose::PasswordReset => PersonChange::PasswordReset,
    };
    sqlx::query("UPDATE people SET password_hash = $2 WHERE id = $1")
        .bind(open.person.0)
        .bind(hash)
        .execute(tx.connection())
        .await?;
    end_sessions(tx, open.person).await?;
    changes::record(tx, open.person, &themself, now, &change).await?;
    Ok(())
}

/// Takes an invitation of a person whom an identity provider vouches for: they choose no password. Gives who came, or `None` where the
/// link was used meanwhile, or is for something else.
pub(crate) async fn join(tx: &mut Tx, open: &OpenLink, now: Instant) -> Result<Option<PersonId>, StoreError> {
    if open.purpose != Purpose::Invitation {
        return Ok(None);
    }
    let used =
        sqlx::query("DELETE FROM account_links WHERE id = $1").bind(open.id).execute(tx.connection()).await?;
    if used.rows_affected() != 1 {
        return Ok(None);
    }
    begin_service(tx, open.person, &open.mail).await?;
    sqlx::query("UPDATE people SET password_hash = $2 WHERE id = $1 AND password_hash = ''")
        .bind(open.person.0)
        .bind(NO_PASSWORD)
        .execute(tx.connection())
        .await?;
    let themself =
        Actor::Staff(Staff { id: open.person, name: open.name.to_string(), role: open.role, composed: None });
    changes::record(tx, open.person, &themself, now, &PersonChange::Joined).await?;
    Ok(Some(open.person))
}

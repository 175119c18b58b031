//! Use-case: members of the staff keep their own account: password, language, sessions.

use domain::actor::{Action, Actor, NotPermitted, PersonId, Staff, Subject, may};
use domain::audit::AuditEvent;
use domain::i18n::Language;
use domain::person_change::PersonChange;
use domain::time::Instant;
use sqlx::Row;
use thiserror::Error;

use super::browsers;
use super::changes;
use super::demonstration;
use super::limits::Guess;
use super::passwords::{self, HashFailed, NewPassword, PasswordProblem, Seat};
use super::second_step::forget_waiting;
use super::session_limits;
use super::sign_in::{IDLE_S, LONGEST_S, own_hash};
use super::staff::{PersonView, forget_links, read};
use super::tokens;
use super::trusted_devices;
use crate::Desk;
use crate::audit::{self, Noted};
use crate::error::{DeskError, holds_desk_error};
use crate::store::{StoreError, Tx, row};

/// Digits of a session's name: enough to tell one person's sessions apart.
const NAME_DIGITS: usize = 16;

/// What a session is called on its owner's page. It opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionName(String);

impl SessionName {
    /// The name of the session that a secret opens.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self::of_hash(tokens::hash(secret))
    }

    /// The name of the session whose secret has a hash.
    pub(crate) fn of_hash(mut hash: String) -> Self {
        hash.truncate(NAME_DIGITS);
        Self(hash)
    }

    /// Reads the name that a form sends. Any text names no session or one.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As it stands in a form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A session, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// What it is ended by.
    pub name: SessionName,
    /// Browser and system, as they were at the sign-in; empty when unknown.
    pub device: String,
    /// The address that the sign-in came from; empty when unknown.
    pub network: String,
    /// When it began.
    pub begun_at: Instant,
    /// When it was last used, to the minute.
    pub seen_at: Instant,
}

row! {
    struct SessionRow {
        token_hash: String,
        device: String,
        network: String,
        created_utc_s: i64,
        seen_utc_s: i64,
    }
}

/// One's own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAccount {
    /// Name, mail address and role.
    pub person: PersonView,
    /// The language of mails to them.
    pub language: Language,
    /// Sessions that have not ended, the one used last first.
    pub sessions: Vec<SessionView>,
}

/// An account of the demonstration is everybody's: nobody changes what others sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an account of the demonstration is not changed")]
pub struct SharedAccount;

/// Why somebody may not change how they sign in.
#[derive(Debug, Clone, Error)]
pub(crate) enum NotOwn {
    #[error(transparent)]
    Shared(#[from] SharedAccount),
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(NotOwn: NotPermitted, StoreError);

/// Why one's own account was left as it is.
#[derive(Debug, Clone, Error)]
pub enum AccountError {
    /// An account of the demonstration is not changed.
    #[error(transparent)]
    Shared(#[from] SharedAccount),
    /// The current password is another one.
    #[error("the current password is wrong")]
    WrongCurrent,
    /// Too many wrong ones: wait some minutes.
    #[error("too many tries")]
    TooManyTries,
    /// The account has a second factor, and none was given lately in this session: see
    /// [`factor_wanted`](super::factor_proof::factor_wanted).
    #[error("a second factor is wanted first")]
    FactorWanted,
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(AccountError: NotPermitted, StoreError, sqlx::Error);

impl From<NotOwn> for AccountError {
    fn from(error: NotOwn) -> Self {
        match error {
            NotOwn::Shared(error) => Self::Shared(error),
            NotOwn::Desk(error) => Self::Desk(error),
        }
    }
}

/// Why a password was not changed.
#[derive(Debug, Clone, Error)]
pub enum ChangePasswordError {
    /// It is not for whoever asks to change.
    #[error(transparent)]
    Account(#[from] AccountError),
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

holds_desk_error!(ChangePasswordError: NotPermitted, StoreError, sqlx::Error);

/// The member of the staff who asks.
pub(crate) fn owner(actor: &Actor) -> Result<&Staff, NotPermitted> {
    may(actor, Action::KeepOwnAccount, Subject::Desk)?;
    match actor {
        Actor::Staff(staff) => Ok(staff),
        _ => Err(NotPermitted),
    }
}

/// The account of the member of the staff who asks, if it is theirs alone.
pub(crate) async fn own_alone(desk: &Desk, actor: &Actor) -> Result<PersonView, NotOwn> {
    let id = owner(actor)?.id;
    let person = read(desk, Some(id)).await?.pop().ok_or(DeskError::NotFound)?;
    if demonstration::is_ours(person.mail.as_str()) { Err(SharedAccount.into()) } else { Ok(person) }
}

/// The account of the member of the staff who asks. Visitors of the demonstration do not see each other's networks.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_account(desk: &Desk, actor: &Actor) -> Result<OwnAccount, DeskError> {
    let id = owner(actor)?.id;
    let person = read(desk, Some(id)).await?.pop().ok_or(DeskError::NotFound)?;
    let now = desk.now();
    let mut reader = desk.store().reader().await?;
    let row =
        sqlx::query("SELECT language FROM people WHERE id = $1").bind(id.0).fetch_one(&mut *reader).await?;
    let language: String = row.try_get(0)?;
    let rows: Vec<SessionRow> = sqlx::query_as(
        "SELECT token_hash, device, network, created_utc_s, seen_utc_s FROM sessions
         WHERE person_id = $1 AND created_utc_s > $2 AND seen_utc_s > $3
         ORDER BY seen_utc_s DESC, token_hash",
    )
    .bind(id.0)
    .bind(now.0 - LONGEST_S)
    .bind(now.0 - IDLE_S)
    .fetch_all(&mut *reader)
    .await?;
    let limits = session_limits::of_role(&mut reader, person.role).await?;
    reader.done();
    let goes_on = |row: &SessionRow| limits.hold(row.created_utc_s, row.seen_utc_s, now.0);
    let is_shared = demonstration::is_ours(person.mail.as_str());
    let session = |row: SessionRow| {
        let mut name = row.token_hash;
        name.truncate(NAME_DIGITS);
        SessionView {
            name: SessionName(name),
            device: row.device,
            network: if is_shared { String::new() } else { row.network },
            begun_at: Instant(row.created_utc_s),
            seen_at: Instant(row.seen_utc_s),
        }
    };
    Ok(OwnAccount {
        person,
        language: Language::from_code(&language).unwrap_or_default(),
        sessions: rows.into_iter().filter(goes_on).map(session).collect(),
    })
}

/// Which sessions somebody ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ends {
    /// One of them.
    One(SessionName),
    /// All but the one that is in use. Browsers that they trust are trusted no more, this one included.
    AllBut(SessionName),
}

/// Ends sessions of the member of the staff who asks; how many there were. Their next requests are refused and their open
/// streams end within seconds.
///
/// # Errors
/// See [`AccountError`].
pub async fn end_sessions(desk: &Desk, actor: &Actor, ends: Ends) -> Result<u64, AccountError> {
    let id = own_alone(desk, actor).await?.id;
    let (by, now) = (actor.clone(), desk.now());
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let text = match &ends {
                Ends::One(_) => {
                    "DELETE FROM sessions WHERE person_id = $1 AND substr(token_hash, 1, 16) = $2"
                }
                Ends::AllBut(_) => {
                    "DELETE FROM sessions WHERE person_id = $1 AND substr(token_hash, 1, 16) <> $2"
                }
            };
            // Whoever ends all others knows none of them: no browser is spared the second factor either.
            if matches!(ends, Ends::AllBut(_)) {
                trusted_devices::forget(tx, id).await?;
            }
            let (Ends::One(name) | Ends::AllBut(name)) = ends;
            let done = sqlx::query(text).bind(id.0).bind(name.0).execute(tx.connection()).await?;
            let sessions = done.rows_affected();
            if sessions > 0 {
                let event = AuditEvent::SessionsEnded { sessions };
                audit::record(tx, &Noted::of(&by, now, event)).await?;
            }
            Ok::<_, StoreError>(sessions)
        })
    });
    Ok(work.await?)
}

/// Ends all sessions of the member of the staff who asks but the one in use. What some of them began with is good no more.
pub(super) async fn end_others(
    tx: &mut Tx,
    id: PersonId,
    kept: &SessionName,
    (by, now): (&Actor, Instant),
) -> Result<(), StoreError> {
    let done = sqlx::query("DELETE FROM sessions WHERE person_id = $1 AND substr(token_hash, 1, 16) <> $2")
        .bind(id.0)
        .bind(kept.as_str())
        .execute(tx.connection())
        .await?;
    let sessions = done.rows_affected();
    if sessions > 0 {
        audit::record(tx, &Noted::of(by, now, AuditEvent::SessionsEnded { sessions })).await?;
    }
    Ok(())
}

/// Another language for the mails that the member of the staff who asks is sent.
///
/// # Errors
/// See [`DeskError`].
pub async fn set_own_language(desk: &Desk, actor: &Actor, language: Language) -> Result<(), DeskError> {
    let id = owner(actor)?.id;
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            sqlx::query("UPDATE people SET language = $2 WHERE id = $1")
                .bind(id.0)
                .bind(language.code())
                .execute(tx.connection())
                .await?;
            Ok::<_, StoreError>(())
        })
    });
    Ok(work.await?)
}

/// Gives the member of the staff who asks another password. All sessions but `kept` end, and browsers that knew them are
/// strangers again. Wrong current passwords are counted as at the sign-in: whoever sits at an open session may guess no more.
///
/// # Errors
/// See [`ChangePasswordError`].
pub async fn change_own_password(
    desk: &Desk,
    actor: &Actor,
    kept: SessionName,
    (current, new): (&str, &str),
) -> Result<(), ChangePasswordError> {
    let person = proven(desk, actor, &kept, current).await?;
    let (id, now) = (person.id, desk.now());
    let password = NewPassword::parse(new, &person.name, &person.mail)?;
    let hash = passwords::hash(password, desk.ports()).await?;
    let by = actor.clone();
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                set_hash(tx, id, &hash).await?;
                sqlx::query("DELETE FROM sessions WHERE person_id = $1 AND substr(token_hash, 1, 16) <> $2")
                    .bind(id.0)
                    .bind(kept.0)
                    .execute(tx.connection())
                    .await?;
                forget_waiting(tx, id).await?;
                forget_links(tx, id).await?;
                browsers::forget(tx, id).await?;
                changes::record(tx, id, &by, now, &PersonChange::PasswordChanged).await?;
                Ok(())
            })
        })
        .await
}

/// The account of the member of the staff who asks, if it is theirs alone and they know its password. Wrong ones are counted by
/// the session in which they are typed.
pub(super) async fn proven(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
    current: &str,
) -> Result<PersonView, AccountError> {
    let person = own_alone(desk, actor).await?;
    let guess = Guess::Known { account: person.mail.to_string(), browser: session.0.clone() };
    let limits = &desk.limits().sign_ins;
    limits.take(&guess, desk.now()).map_err(|_| AccountError::TooManyTries)?;
    let fits = fits(desk, person.id, current).await;
    if !matches!(fits, Ok(false)) {
        limits.give_back(&guess);
    }
    if fits? {
        return Ok(person);
    }
    tracing::warn!(person = person.id.0, "an account was not changed: the current password is wrong");
    Err(AccountError::WrongCurrent)
}

/// Whether somebody's password is the one that was typed.
async fn fits(desk: &Desk, id: PersonId, typed: &str) -> Result<bool, StoreError> {
    let kept = own_hash(desk, id).await?;
    // Whoever is signed in has a seat.
    Ok(passwords::verify(typed, kept, Seat::Reserved).await.unwrap_or(false))
}

/// Keeps what was made of a new password.
pub(crate) async fn set_hash(tx: &mut Tx, id: PersonId, hash: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE people SET password_hash = $2 WHERE id = $1")
        .bind(id.0)
        .bind(hash)
        .execute(tx.connection())
        .await?;
    Ok(())
}

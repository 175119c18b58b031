//! Passkeys of the staff (`WebAuthn`). One alone signs its owner in, since the device asks for a finger, a face or a PIN.
//! After a password it is the second factor (`docs/decisions/0061`).

mod challenges;
mod entry;
mod registration;
mod relying_party;

use domain::actor::{Action, Actor, NotPermitted, PersonId, Subject, may};
use domain::passkey::{PasskeyName, PasskeyNameLength};
use domain::person_change::PersonChange;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};
use thiserror::Error;
use webauthn_rs::prelude::Passkey;

pub use challenges::CHALLENGE_S;
pub(crate) use challenges::forget as forget_challenges;
pub use entry::{Challenge, ask, enter, prove};
pub use registration::{Registration, begin, finish};
pub use relying_party::NoPasskeysHere;

use super::changes;
use super::factor_proof::{PROVEN_S, is_proven};
use super::own_account::{AccountError, NotOwn, SessionName, end_others, own_alone, owner, proven};
use super::second_factor;
use crate::Desk;
use crate::error::{DeskError, holds_desk_error};
use crate::store::{StoreError, Tx, row};
use relying_party::RelyingParty;

/// The most passkeys of one person.
pub const MOST: usize = 20;

/// Why a passkey was not added, changed or taken.
#[derive(Debug, Clone, Error)]
pub enum PasskeyError {
    /// The public address can have none.
    #[error(transparent)]
    NotHere(#[from] NoPasskeysHere),
    /// The challenge was answered, is too old, or is another browser's: begin again.
    #[error("the challenge waits no more")]
    Over,
    /// No passkey of this desk, or of its present address: it was removed, or its owner is out of service.
    #[error("the passkey is not known")]
    Unknown,
    /// Its counter stood still or went back: the key was copied, or a copy was put back.
    #[error("the passkey may have been copied")]
    Copied,
    /// The person's identity provider alone lets them in.
    #[error("the identity provider alone lets them in")]
    ProviderOnly,
    /// The answer does not prove it.
    #[error("the answer is wrong")]
    Wrong,
    /// It is registered already.
    #[error("the passkey is registered already")]
    Registered,
    /// Its owner has [`MOST`] already.
    #[error("there are {MOST} passkeys already")]
    TooMany,
    /// The role needs a second factor, and this is the last one: it is not given up.
    #[error("the role needs a second factor")]
    Required,
    /// The name is empty or too long.
    #[error(transparent)]
    Name(#[from] PasskeyNameLength),
    /// It is not for whoever asks to change.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(PasskeyError: NotPermitted, StoreError, sqlx::Error);

impl From<NotOwn> for PasskeyError {
    fn from(error: NotOwn) -> Self {
        Self::Account(error.into())
    }
}

/// A passkey, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyView {
    /// What forms name it by. It opens nothing.
    pub id: String,
    /// As its owner named it.
    pub name: String,
    /// When it was added.
    pub added_at: Instant,
    /// When it last signed its owner in; `None` before the first time.
    pub used_at: Option<Instant>,
    /// The host that it was made for, where that is not the desk's any more; `None` for one that is good.
    pub elsewhere: Option<String>,
}

/// One's own passkeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPasskeys {
    /// In the order in which they were added.
    pub passkeys: Vec<PasskeyView>,
    /// Whether the public address can have any.
    pub here: Result<(), NoPasskeysHere>,
    /// Recovery codes that were not used.
    pub codes_left: u32,
}

row! {
    struct PasskeyRow {
        credential_id: String,
        name: String,
        rp_id: String,
        added_utc_s: i64,
        used_utc_s: Option<i64>,
    }
}

/// The passkeys of the member of the staff who asks.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_passkeys(desk: &Desk, actor: &Actor) -> Result<OwnPasskeys, DeskError> {
    let id = owner(actor)?.id;
    let party = RelyingParty::of(desk.public_url());
    let mut reader = desk.store().reader().await?;
    let rows: Vec<PasskeyRow> = sqlx::query_as(
        "SELECT credential_id, name, rp_id, added_utc_s, used_utc_s FROM passkeys
         WHERE person_id = $1 ORDER BY added_utc_s, credential_id",
    )
    .bind(id.0)
    .fetch_all(&mut *reader)
    .await?;
    let codes_left = second_factor::codes_left(&mut reader, id).await?;
    reader.done();
    let ours = party.as_ref().map(|party| party.id.clone()).unwrap_or_default();
    let view = |row: PasskeyRow| PasskeyView {
        id: row.credential_id,
        name: row.name,
        added_at: Instant(row.added_utc_s),
        used_at: row.used_utc_s.map(Instant),
        elsewhere: (row.rp_id != ours).then_some(row.rp_id),
    };
    Ok(OwnPasskeys { passkeys: rows.into_iter().map(view).collect(), here: party.map(drop), codes_left })
}

/// Whether the public address can have passkeys: without them the sign-in offers none.
#[must_use]
pub fn are_possible(desk: &Desk) -> bool {
    RelyingParty::of(desk.public_url()).is_ok()
}

/// The host that passkeys are made for; `None` where the public address can have none.
pub(crate) fn host(desk: &Desk) -> Option<String> {
    RelyingParty::of(desk.public_url()).ok().map(|party| party.id)
}

/// Whether somebody has a passkey that is good at a host.
pub(crate) async fn are_good(
    connection: &mut AnyConnection,
    person: PersonId,
    host: Option<&str>,
) -> Result<bool, StoreError> {
    let Some(host) = host else { return Ok(false) };
    let row = sqlx::query("SELECT 1 FROM passkeys WHERE person_id = $1 AND rp_id = $2 LIMIT 1")
        .bind(person.0)
        .bind(host)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Whether somebody has a passkey. It counts as second factor, for this address or a former one: a host that is set wrongly lets
/// nobody in by the password alone.
pub(crate) async fn are_set(connection: &mut AnyConnection, person: PersonId) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM passkeys WHERE person_id = $1 LIMIT 1")
        .bind(person.0)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Whether somebody has a passkey, for administrators.
///
/// # Errors
/// See [`DeskError`].
pub async fn has_passkeys(desk: &Desk, actor: &Actor, person: PersonId) -> Result<bool, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let are_set = are_set(&mut reader, person).await?;
    reader.done();
    Ok(are_set)
}

/// Another name for a passkey of the member of the staff who asks.
///
/// # Errors
/// See [`PasskeyError`].
pub async fn rename(desk: &Desk, actor: &Actor, id: &str, name: &str) -> Result<(), PasskeyError> {
    let person = own_alone(desk, actor).await?.id;
    let (id, name) = (id.to_owned(), PasskeyName::parse(name)?);
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let done =
                sqlx::query("UPDATE passkeys SET name = $3 WHERE person_id = $1 AND credential_id = $2")
                    .bind(person.0)
                    .bind(id)
                    .bind(name.as_str())
                    .execute(tx.connection())
                    .await?;
            if done.rows_affected() == 1 { Ok(()) } else { Err(PasskeyError::Unknown) }
        })
    });
    work.await
}

/// Removes a passkey of the member of the staff who asks. Their password and a second factor are asked for. Their other sessions
/// end, since any of them may have begun with it. The last second factor of a role that needs one stays.
///
/// # Errors
/// See [`PasskeyError`].
pub async fn remove(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
    id: &str,
    current: &str,
) -> Result<(), PasskeyError> {
    let person = proven(desk, actor, session, current).await?.id;
    let (id, by, now, host) = (id.to_owned(), actor.clone(), desk.now(), host(desk));
    let session = session.clone();
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            if !is_proven(tx.connection(), person, &session, now, PROVEN_S).await? {
                return Err(AccountError::FactorWanted.into());
            }
            let row = sqlx::query(
                "DELETE FROM passkeys WHERE person_id = $1 AND credential_id = $2 RETURNING name, rp_id",
            )
            .bind(person.0)
            .bind(id)
            .fetch_optional(tx.connection())
            .await?;
            let row = row.ok_or(PasskeyError::Unknown)?;
            let (name, of): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            // One of a former address opens nothing here: its owner would be left with recovery codes alone.
            let is_left = second_factor::is_usable(tx.connection(), person, host.as_deref()).await?;
            if !is_left && second_factor::is_required_of(tx, person).await? {
                return Err(PasskeyError::Required);
            }
            if host.as_deref() == Some(of.as_str()) {
                forget_useless(tx, person, host.as_deref(), (&by, now)).await?;
            }
            second_factor::forget_unneeded(tx, person).await?;
            changes::record(tx, person, &by, now, &PersonChange::PasskeyRemoved { name }).await?;
            Ok::<_, PasskeyError>(end_others(tx, person, &session, (&by, now)).await?)
        })
    });
    work.await
}

/// Forgets passkeys of former hosts when nothing is left that is good at the host of today. They could not be given, and would
/// leave their owner with recovery codes alone.
pub(crate) async fn forget_useless(
    tx: &mut Tx,
    person: PersonId,
    host: Option<&str>,
    (by, now): (&Actor, Instant),
) -> Result<(), StoreError> {
    if second_factor::is_usable(tx.connection(), person, host).await? {
        return Ok(());
    }
    let count = forget(tx, person).await?;
    if count > 0 {
        changes::record(tx, person, by, now, &PersonChange::PasskeysRemoved { count }).await?;
    }
    Ok(())
}

/// Forgets somebody's passkeys and what waits for one; how many there were.
pub(crate) async fn forget(tx: &mut Tx, person: PersonId) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM passkeys WHERE person_id = $1")
        .bind(person.0)
        .execute(tx.connection())
        .await?;
    challenges::forget(tx, person).await?;
    Ok(done.rows_affected())
}

/// The stored form of a passkey.
fn written(passkey: &Passkey) -> Result<String, StoreError> {
    serde_json::to_string(passkey).map_err(|error| StoreError::inconsistent("passkeys", error))
}

/// A passkey from its stored form.
fn parsed(text: &str) -> Result<Passkey, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::inconsistent("passkeys", error))
}

/// The passkeys of somebody that are good at this address.
async fn of_person(
    connection: &mut AnyConnection,
    person: PersonId,
    party: &RelyingParty,
) -> Result<Vec<Passkey>, StoreError> {
    let rows = sqlx::query(
        "SELECT credential FROM passkeys WHERE person_id = $1 AND rp_id = $2 ORDER BY added_utc_s, credential_id",
    )
    .bind(person.0)
    .bind(party.id.clone())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| parsed(&row.try_get::<String, _>(0)?)).collect()
}

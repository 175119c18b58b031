//! A passkey is added. The password is asked for, and a second factor where there is one. The device makes a key, and the
//! desk keeps the public half.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::actor::{Actor, PersonId};
use domain::passkey::PasskeyName;
use domain::person_change::PersonChange;
use sqlx::{AnyConnection, Row};
use webauthn_rs::prelude::{Passkey, RegisterPublicKeyCredential, Uuid};
use webauthn_rs_proto::ResidentKeyRequirement;

use super::challenges::{self, CHALLENGE_S, Pending};
use super::relying_party::RelyingParty;
use super::{MOST, PasskeyError, written};
use crate::Desk;
use crate::access::factor_proof::{PROVEN_S, is_proven, mark_proven};
use crate::access::own_account::{AccountError, SessionName, own_alone, proven};
use crate::access::{changes, second_factor, staff, tokens};
use crate::error::DeskError;
use crate::store::{StoreError, Tx};

/// The longest id of a passkey (`WebAuthn`, 4), in bytes.
const ID_BYTES: usize = 1023;

/// What a browser makes a passkey from.
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    /// What the form carries. It is good once, in the session in which it was begun.
    pub token: String,
    /// The options of `navigator.credentials.create`, as JSON; bytes are in base64 for URLs.
    pub options: String,
}

// Secrets are not printed.
impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Registration")
    }
}

/// Begins to add a passkey of the member of the staff who asks. Their password is asked for, and a second factor if they have one.
///
/// # Errors
/// See [`PasskeyError`].
pub async fn begin(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
    current: &str,
) -> Result<Registration, PasskeyError> {
    let party = RelyingParty::of(desk.public_url())?;
    let person = proven(desk, actor, session, current).await?;
    let mut reader = desk.store().reader().await?;
    let (ids, handle) = known(&mut reader, person.id).await?;
    let is_proven = is_proven(&mut reader, person.id, session, desk.now(), PROVEN_S).await?;
    reader.done();
    if !is_proven {
        return Err(AccountError::FactorWanted.into());
    }
    if ids.len() >= MOST {
        return Err(PasskeyError::TooMany);
    }
    let handle = handle.unwrap_or_else(|| desk.ports().random::<16>());
    let (mut asked, state) = party
        .library
        .start_passkey_registration(
            Uuid::from_bytes(handle),
            person.mail.as_str(),
            person.name.as_str(),
            Some(ids),
        )
        .map_err(|error| StoreError::inconsistent("passkeys", error))?;
    // The library would leave it to the device whether the key signs in by itself.
    if let Some(selection) = &mut asked.public_key.authenticator_selection {
        selection.resident_key = Some(ResidentKeyRequirement::Required);
        selection.require_resident_key = true;
    }
    let options = serde_json::to_string(&asked.public_key)
        .map_err(|error| StoreError::inconsistent("passkeys", error))?;
    let session = session.as_str().to_owned();
    let pending = Pending::Registration { session, handle: tokens::hex(&handle), state };
    let token = challenges::keep(desk, &pending, Some(person.id)).await?;
    Ok(Registration { token, options })
}

/// Ids of somebody's passkeys, and what devices were told that they are called.
async fn known(
    connection: &mut AnyConnection,
    person: PersonId,
) -> Result<(Vec<Vec<u8>>, Option<[u8; 16]>), StoreError> {
    let rows = sqlx::query(
        "SELECT credential_id, handle FROM passkeys WHERE person_id = $1 ORDER BY added_utc_s, credential_id",
    )
    .bind(person.0)
    .fetch_all(connection)
    .await?;
    let mut ids = Vec::with_capacity(rows.len());
    let mut handle = None;
    for row in rows {
        let (id, of): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let id = URL_SAFE_NO_PAD.decode(id).map_err(|error| StoreError::inconsistent("passkeys", error))?;
        ids.push(id);
        handle = handle.or_else(|| tokens::unhex(&of)?.try_into().ok());
    }
    Ok((ids, handle))
}

/// Adds the passkey that a browser made in this session. Recovery codes for whoever has none: they are shown this once.
///
/// # Errors
/// See [`PasskeyError`].
pub async fn finish(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
    (token, name): (&str, &str),
    answer: &str,
) -> Result<Vec<String>, PasskeyError> {
    let party = RelyingParty::of(desk.public_url())?;
    let person = own_alone(desk, actor).await?;
    let name = PasskeyName::parse(name)?;
    let answer: RegisterPublicKeyCredential =
        serde_json::from_str(answer).map_err(|_| PasskeyError::Wrong)?;
    let pending = challenges::take(desk, token).await?.ok_or(PasskeyError::Over)?;
    let Pending::Registration { session: begun_in, handle, state } = pending else {
        return Err(PasskeyError::Over);
    };
    // A session belongs to one person.
    if begun_in != session.as_str() {
        return Err(PasskeyError::Over);
    }
    let passkey = party.library.finish_passkey_registration(&answer, &state).map_err(|error| {
        tracing::warn!(person = person.id.0, %error, "a passkey was not added");
        PasskeyError::Wrong
    })?;
    if passkey.cred_id().len() > ID_BYTES {
        return Err(PasskeyError::Wrong);
    }
    let kept = Kept { person: person.id, handle, rp_id: party.id, name: name.as_str().to_owned() };
    let (by, now, codes) = (actor.clone(), desk.now(), second_factor::fresh_codes(desk.ports()));
    let session = session.clone();
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let id = kept.person;
            // They may have been put out of service since the challenge was taken.
            staff::somebody(tx, id).await?.ok_or(DeskError::NotFound)?;
            // The proof was asked for when it was begun, and another factor may have come since.
            if !is_proven(tx.connection(), id, &session, now, PROVEN_S + CHALLENGE_S).await? {
                return Err(AccountError::FactorWanted.into());
            }
            insert(tx, &kept, &passkey, now.0).await?;
            if known(tx.connection(), id).await?.0.len() > MOST {
                return Err(PasskeyError::TooMany);
            }
            let shown = if second_factor::codes_left(tx.connection(), id).await? == 0 {
                second_factor::keep_codes(tx, id, &codes).await?;
                codes
            } else {
                Vec::new()
            };
            mark_proven(tx, id, &session, now).await?;
            changes::record(tx, id, &by, now, &PersonChange::PasskeyAdded { name: kept.name }).await?;
            Ok::<_, PasskeyError>(shown)
        })
    });
    let codes = work.await?;
    tracing::info!(person = person.id.0, "a passkey was added");
    Ok(codes)
}

/// What is kept beside the key.
struct Kept {
    person: PersonId,
    handle: String,
    rp_id: String,
    name: String,
}

async fn insert(tx: &mut Tx, kept: &Kept, passkey: &Passkey, now_s: i64) -> Result<(), PasskeyError> {
    let done = sqlx::query(
        "INSERT INTO passkeys (credential_id, person_id, handle, rp_id, name, credential, added_utc_s)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (credential_id) DO NOTHING",
    )
    .bind(URL_SAFE_NO_PAD.encode(passkey.cred_id()))
    .bind(kept.person.0)
    .bind(kept.handle.clone())
    .bind(kept.rp_id.clone())
    .bind(kept.name.clone())
    .bind(written(passkey)?)
    .bind(now_s)
    .execute(tx.connection())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(PasskeyError::Registered) }
}

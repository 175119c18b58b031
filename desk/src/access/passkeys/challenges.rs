//! Challenges that wait for a browser's answer. They are stored, because another node may get the answer. Each is answered once.

use domain::actor::PersonId;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyAuthentication, PasskeyRegistration};

use crate::Desk;
use crate::access::tokens;
use crate::store::{StoreError, Tx};

/// An answer is waited for so long, in seconds.
pub const CHALLENGE_S: i64 = 300;

/// What an answer is held against.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Pending {
    /// A passkey that is being added.
    Registration {
        /// The session in which it was begun.
        session: String,
        /// The owner's handle, in hexadecimal.
        handle: String,
        /// The library's state.
        state: PasskeyRegistration,
    },
    /// A sign-in by a passkey alone.
    SignIn {
        /// The library's state.
        state: DiscoverableAuthentication,
    },
    /// The second step of a sign-in whose password was right.
    SecondStep {
        /// Hash of the step's token.
        step: String,
        /// The library's state.
        state: PasskeyAuthentication,
    },
}

/// Keeps a challenge; the secret by which its browser is known again.
pub(super) async fn keep(
    desk: &Desk,
    pending: &Pending,
    person: Option<PersonId>,
) -> Result<String, StoreError> {
    let secret = tokens::fresh(desk.ports());
    let state = serde_json::to_string(pending)
        .map_err(|error| StoreError::inconsistent("passkey_challenges", error.to_string()))?;
    let (hash, now) = (tokens::hash(&secret), desk.now());
    desk.store()
        .write_beside(Vec::new(), move |tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM passkey_challenges WHERE expires_utc_s <= $1")
                    .bind(now.0)
                    .execute(tx.connection())
                    .await?;
                sqlx::query(
                    "INSERT INTO passkey_challenges (token_hash, person_id, state, expires_utc_s)
                     VALUES ($1, $2, $3, $4)",
                )
                .bind(hash)
                .bind(person.map(|person| person.0))
                .bind(state)
                .bind(now.plus(CHALLENGE_S).0)
                .execute(tx.connection())
                .await?;
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    Ok(secret)
}

/// Takes the challenge of a secret: no other answer to it counts. `None` when it was answered, is too old, or never was.
pub(super) async fn take(desk: &Desk, secret: &str) -> Result<Option<Pending>, StoreError> {
    let (hash, now) = (tokens::hash(secret), desk.now());
    let state: Option<String> = desk
        .store()
        .write_beside(Vec::new(), move |tx| {
            Box::pin(async move {
                let row = sqlx::query(
                    "DELETE FROM passkey_challenges WHERE token_hash = $1 AND expires_utc_s > $2 RETURNING state",
                )
                .bind(hash)
                .bind(now.0)
                .fetch_optional(tx.connection())
                .await?;
                Ok::<Option<String>, StoreError>(row.map(|row| row.try_get(0)).transpose()?)
            })
        })
        .await?;
    // A challenge of another version of the desk is none of this one.
    Ok(state.and_then(|state| serde_json::from_str(&state).ok()))
}

/// Challenges of somebody wait no more.
pub(crate) async fn forget(tx: &mut Tx, id: PersonId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM passkey_challenges WHERE person_id = $1")
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

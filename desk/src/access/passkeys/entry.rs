//! The sign-in by a passkey: alone, or as the second step after a password.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::actor::{Actor, PersonId};
use domain::audit::{AuditAuthor, SignInProof, SignInRefusal};
use serde::Deserialize;
use sqlx::Row;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyAuthentication, PublicKeyCredential,
    WebauthnError,
};

use super::challenges::{self, Pending};
use super::relying_party::RelyingParty;
use super::{PasskeyError, of_person, parsed, written};
use crate::Desk;
use crate::access::factor_proof::mark_proven;
use crate::access::own_account::{SessionName, own_alone};
use crate::access::second_step::{Entered, Waiting, waiting_by_hash};
use crate::access::sign_in::{Began, Verified, allows_desk_sign_in, begin, note_refusal};
use crate::access::tokens;
use crate::store::StoreError;

/// What a browser is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The secret of the browser, for a cookie: the answer counts in that browser alone.
    pub secret: String,
    /// The options of `navigator.credentials.get`, as JSON; bytes are in base64 for URLs.
    pub options: String,
}

// Secrets are not printed.
impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Challenge")
    }
}

/// Asks a browser for a passkey: of anybody, or of the person whose password was right in the second step of this token.
///
/// # Errors
/// See [`PasskeyError`].
pub async fn ask(desk: &Desk, step: Option<&str>) -> Result<Challenge, PasskeyError> {
    let party = RelyingParty::of(desk.public_url())?;
    let failed = |error: WebauthnError| StoreError::inconsistent("passkeys", error);
    let (asked, pending, person) = match step {
        None => {
            let (mut asked, state) = party.library.start_discoverable_authentication().map_err(failed)?;
            // A button asks, and not the field of the mail address.
            asked.mediation = None;
            (asked, Pending::SignIn { state }, None)
        }
        Some(token) => {
            let step = tokens::hash(token);
            let waiting = waiting_by_hash(desk, &step).await?.ok_or(PasskeyError::Over)?;
            let person = waiting.verified.id;
            let mut reader = desk.store().reader().await?;
            let passkeys = of_person(&mut reader, person, &party).await?;
            reader.done();
            if passkeys.is_empty() {
                return Err(PasskeyError::Unknown);
            }
            let (asked, state) = party.library.start_passkey_authentication(&passkeys).map_err(failed)?;
            (asked, Pending::SecondStep { step, state }, Some(person))
        }
    };
    let options = serde_json::to_string(&asked.public_key)
        .map_err(|error| StoreError::inconsistent("passkeys", error))?;
    let secret = challenges::keep(desk, &pending, person).await?;
    Ok(Challenge { secret, options })
}

/// Signs a member of the staff in by the answer of a passkey, in the browser that was asked for it.
///
/// # Errors
/// See [`PasskeyError`].
pub async fn enter(desk: &Desk, secret: &str, answer: &str, how: Began<'_>) -> Result<Entered, PasskeyError> {
    let party = RelyingParty::of(desk.public_url())?;
    let answer: PublicKeyCredential = serde_json::from_str(answer).map_err(|_| PasskeyError::Wrong)?;
    let pending = challenges::take(desk, secret).await?.ok_or(PasskeyError::Over)?;
    let found = stored(desk, &party, answer.get_credential_id()).await?;
    let (outcome, owner) = match pending {
        Pending::SignIn { state } => {
            let owner = found.as_ref().map(|found| found.owner.clone());
            (alone(&party, &answer, state, found), owner)
        }
        Pending::SecondStep { step, state } => {
            let waiting = waiting_by_hash(desk, &step).await?.ok_or(PasskeyError::Over)?;
            let owner = waiting.owner();
            (after_password(&party, &answer, (step, &state), &waiting, found), Some(owner))
        }
        Pending::Registration { .. } => return Err(PasskeyError::Over),
    };
    let proven = outcome.inspect_err(|error| {
        if matches!(error, PasskeyError::Unknown | PasskeyError::Wrong | PasskeyError::Copied) {
            note_refusal(desk, owner.clone(), how.source, SignInRefusal::Passkey);
        }
    })?;
    let (person, by_public_password) = (proven.verified.id, proven.by_public_password);
    let verified = proven.verified.clone();
    let proof = match (&proven.step, &verified.by_provider) {
        (None, _) => SignInProof::Passkey,
        (Some(_), None) => SignInProof::PasswordAndPasskey,
        (Some(_), Some(_)) => SignInProof::ProviderAndFactor,
    };
    if proof == SignInProof::Passkey && !allows_desk_sign_in(desk, person).await? {
        note_refusal(desk, owner, how.source, SignInRefusal::ProviderOnly);
        return Err(PasskeyError::ProviderOnly);
    }
    keep_use(desk, proven, None).await?;
    let signed_in =
        begin(desk, verified, by_public_password, how, proof).await?.ok_or(PasskeyError::Unknown)?;
    tracing::info!(person = person.0, "signed in by a passkey");
    Ok(Entered { signed_in, recovery_codes: Vec::new() })
}

/// Takes the answer of a passkey as the second factor in an open session of its owner, in the browser that was asked for it.
///
/// # Errors
/// See [`PasskeyError`].
pub async fn prove(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
    secret: &str,
    answer: &str,
) -> Result<(), PasskeyError> {
    let party = RelyingParty::of(desk.public_url())?;
    let person = own_alone(desk, actor).await?.id;
    let answer: PublicKeyCredential = serde_json::from_str(answer).map_err(|_| PasskeyError::Wrong)?;
    let pending = challenges::take(desk, secret).await?.ok_or(PasskeyError::Over)?;
    let Pending::SignIn { state } = pending else { return Err(PasskeyError::Over) };
    let found = stored(desk, &party, answer.get_credential_id()).await?;
    let found = found.filter(|found| found.verified.id == person);
    let proven = alone(&party, &answer, state, found)?;
    keep_use(desk, proven, Some(session.clone())).await
}

/// Somebody who has proven that they hold their passkey.
struct Proven {
    verified: Verified,
    by_public_password: i64,
    /// The stored form that the answer was checked against.
    before: String,
    /// The key with its counter since.
    passkey: Passkey,
    /// Hash of the second step's token, which is used up.
    step: Option<String>,
}

/// A passkey as it is stored, with its owner, who is in service.
struct Stored {
    verified: Verified,
    owner: AuditAuthor,
    handle: String,
    credential: String,
}

async fn stored(desk: &Desk, party: &RelyingParty, id: &[u8]) -> Result<Option<Stored>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT k.person_id, k.handle, k.credential, p.name, p.password_hash, p.factor_resets FROM passkeys k
         JOIN people p ON p.id = k.person_id
         WHERE k.credential_id = $1 AND k.rp_id = $2 AND p.active = 1",
    )
    .bind(URL_SAFE_NO_PAD.encode(id))
    .bind(party.id.clone())
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let read = |row: sqlx::any::AnyRow| -> Result<Stored, StoreError> {
        let id = PersonId(row.try_get("person_id")?);
        Ok(Stored {
            verified: Verified {
                id,
                password_hash: row.try_get("password_hash")?,
                factor_resets: row.try_get("factor_resets")?,
                by_provider: None,
            },
            owner: AuditAuthor::Staff { id, name: row.try_get("name")? },
            handle: row.try_get("handle")?,
            credential: row.try_get("credential")?,
        })
    };
    row.map(read).transpose()
}

/// The passkey says whose it is.
fn alone(
    party: &RelyingParty,
    answer: &PublicKeyCredential,
    state: DiscoverableAuthentication,
    found: Option<Stored>,
) -> Result<Proven, PasskeyError> {
    let (handle, _) =
        party.library.identify_discoverable_authentication(answer).map_err(|_| PasskeyError::Wrong)?;
    let stored = found.ok_or(PasskeyError::Unknown)?;
    if stored.handle != tokens::hex(handle.as_bytes()) {
        return Err(PasskeyError::Unknown);
    }
    let passkey = parsed(&stored.credential)?;
    let outcome = party.library.finish_discoverable_authentication_v2(answer, state, &passkey);
    proven(stored, passkey, outcome, 0, None)
}

/// The password has said who it is.
fn after_password(
    party: &RelyingParty,
    answer: &PublicKeyCredential,
    (step, state): (String, &PasskeyAuthentication),
    waiting: &Waiting,
    found: Option<Stored>,
) -> Result<Proven, PasskeyError> {
    let is_theirs = |found: &Stored| found.verified.id == waiting.verified.id;
    let mut stored = found.filter(is_theirs).ok_or(PasskeyError::Unknown)?;
    stored.verified.by_provider.clone_from(&waiting.verified.by_provider);
    let passkey = parsed(&stored.credential)?;
    let outcome = party.library.finish_passkey_authentication(answer, state);
    proven(stored, passkey, outcome, waiting.by_public_password, Some(step))
}

/// What the library found, held against the counter as it is stored now: the challenge of a second step holds an older one.
fn proven(
    stored: Stored,
    mut passkey: Passkey,
    outcome: Result<AuthenticationResult, WebauthnError>,
    by_public_password: i64,
    step: Option<String>,
) -> Result<Proven, PasskeyError> {
    let person = stored.verified.id.0;
    let refused = |error: WebauthnError| {
        tracing::warn!(person, %error, "a sign-in failed: the passkey was refused");
        match error {
            WebauthnError::CredentialPossibleCompromise => PasskeyError::Copied,
            WebauthnError::CredentialNotFound => PasskeyError::Unknown,
            _ => PasskeyError::Wrong,
        }
    };
    let result = outcome.map_err(refused)?;
    // Keys without a counter send zero for ever. Whether the library changes its copy says nothing: it takes other flags over too.
    let before = counter(&stored.credential)?;
    if (result.counter() > 0 || before > 0) && result.counter() <= before {
        return Err(refused(WebauthnError::CredentialPossibleCompromise));
    }
    passkey.update_credential(&result).ok_or(PasskeyError::Wrong)?;
    let Stored { verified, credential: before, .. } = stored;
    Ok(Proven { verified, by_public_password, before, passkey, step })
}

/// The counter in a passkey's stored form. The library shows it to nobody.
fn counter(credential: &str) -> Result<u32, StoreError> {
    #[derive(Deserialize)]
    struct Outer {
        cred: Inner,
    }
    #[derive(Deserialize)]
    struct Inner {
        counter: u32,
    }
    let read: Outer =
        serde_json::from_str(credential).map_err(|error| StoreError::inconsistent("passkeys", error))?;
    Ok(read.cred.counter)
}

/// Keeps the counter and the time of a use, and uses the second step up. In an open session it is a second factor that was given. A
/// use that came between refuses this one: both may have sent the same counter.
async fn keep_use(desk: &Desk, proven: Proven, session: Option<SessionName>) -> Result<(), PasskeyError> {
    let Proven { verified, before, passkey, step, .. } = proven;
    let person = verified.id;
    let (id, after, now) = (URL_SAFE_NO_PAD.encode(passkey.cred_id()), written(&passkey)?, desk.now());
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let kept = sqlx::query(
                "UPDATE passkeys SET credential = $3, used_utc_s = $4 WHERE credential_id = $1 AND credential = $2",
            )
            .bind(id)
            .bind(before)
            .bind(after)
            .bind(now.0)
            .execute(tx.connection())
            .await?;
            if kept.rows_affected() != 1 {
                return Err(PasskeyError::Over);
            }
            if let Some(session) = session {
                mark_proven(tx, person, &session, now).await?;
            }
            let Some(step) = step else { return Ok(()) };
            let used = sqlx::query("DELETE FROM sign_in_steps WHERE token_hash = $1")
                .bind(step)
                .execute(tx.connection())
                .await?;
            if used.rows_affected() == 1 { Ok(()) } else { Err(PasskeyError::Over) }
        })
    });
    work.await
}

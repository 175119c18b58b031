//! The second step of a sign-in: the password was right, and a code or a passkey is wanted. Codes work without a script: what
//! waits is known by a secret that the form carries.

use domain::actor::{Actor, PersonId, Role, Staff};
use domain::audit::{AuditAuthor, SignInProof, SignInRefusal};
use domain::person_change::PersonChange;
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use super::browsers::Token;
use super::by_provider::Columns;
use super::changes;
use super::demonstration;
use super::passkeys;
use super::second_factor::{
    CodeError, SetUp, confirm_in, counted, fresh_codes, has_codes, is_set, keep_secret, required, set_up,
    take,
};
use super::sign_in::{Began, SignedIn, Verified, begin, note_refusal, still_stands};
use super::tokens;
use super::trusted_devices;
use crate::Desk;
use crate::store::{StoreError, Tx};

/// A code is waited for so long.
const LASTS_S: i64 = 600;

/// What is wanted of somebody whose password was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A code of their device, or a recovery code.
    Code,
    /// A passkey, or a recovery code.
    Passkey,
    /// A recovery code: all passkeys were made for another address of the desk.
    RecoveryCode,
    /// One of these.
    CodeOrPasskey,
    /// Their role needs a second factor, and they have none: set it up, and confirm it by a code.
    SetUp(SetUp),
}

/// A sign-in that waits for its code.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondStep {
    /// What the form carries. It opens nothing without a code.
    pub token: String,
    /// What is wanted.
    pub wanted: Wanted,
}

// Secrets are not printed.
impl std::fmt::Debug for SecondStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecondStep")
    }
}

/// Somebody who has signed in by a code.
#[derive(Clone, PartialEq, Eq)]
pub struct Entered {
    /// Session and browser.
    pub signed_in: SignedIn,
    /// Recovery codes, for whoever has just set a second factor up: they are shown this once.
    pub recovery_codes: Vec<String>,
}

impl std::fmt::Debug for Entered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entered")
    }
}

/// The second factors that somebody has; `None` without any.
pub(super) async fn asked_for(
    desk: &Desk,
    connection: &mut AnyConnection,
    id: PersonId,
) -> Result<Option<Wanted>, StoreError> {
    let host = passkeys::host(desk);
    let codes = has_codes(connection, id).await?;
    let passkeys = passkeys::are_good(connection, id, host.as_deref()).await?;
    Ok(match (codes, passkeys) {
        (true, true) => Some(Wanted::CodeOrPasskey),
        (true, false) => Some(Wanted::Code),
        (false, true) => Some(Wanted::Passkey),
        (false, false) => passkeys::are_set(connection, id).await?.then_some(Wanted::RecoveryCode),
    })
}

/// Whether a code or a passkey is wanted of a person whose password was right. `None` when the password is enough, as in a
/// browser that they trust.
pub(crate) async fn wanted(
    desk: &Desk,
    verified: Verified,
    by_public_password: i64,
    browser: Option<&Token>,
) -> Result<Option<SecondStep>, StoreError> {
    let id = verified.id;
    let mut reader = desk.store().reader().await?;
    let asked_for = asked_for(desk, &mut reader, id).await?;
    if let (Some(_), Some(browser)) = (&asked_for, browser)
        && trusted_devices::trusts(&mut reader, id, browser, desk.now()).await?
    {
        reader.done();
        return Ok(None);
    }
    let row =
        sqlx::query("SELECT role, mail FROM people WHERE id = $1").bind(id.0).fetch_one(&mut *reader).await?;
    let (role, mail): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    // Everybody shares an account of the demonstration: a factor of one visitor would keep out all others.
    let is_required = !demonstration::is_ours(&mail)
        && required(&mut reader).await?.iter().any(|needs| needs.code() == role);
    reader.done();
    if asked_for.is_none() && !is_required {
        return Ok(None);
    }
    let token = tokens::fresh(desk.ports());
    let secret = asked_for.is_none().then(|| totp_rs::Secret::from(desk.ports().random::<20>()).to_base32());
    let (hash, kept, now) = (tokens::hash(&token), secret.clone(), desk.now());
    let by = Columns::of(verified.by_provider.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                // The password was changed meanwhile: nothing waits, and the token opens nothing.
                if !still_stands(tx, &verified).await? {
                    return Ok(());
                }
                if let Some(secret) = kept {
                    keep_secret(tx, id, secret).await?;
                }
                wait(tx, &hash, id, (by_public_password, by), now).await
            })
        })
        .await?;
    let wanted = match (asked_for, secret) {
        (Some(wanted), _) => wanted,
        (None, Some(secret)) => Wanted::SetUp(set_up(&secret, &mail)?),
        (None, None) => return Ok(None),
    };
    Ok(Some(SecondStep { token, wanted }))
}

async fn wait(
    tx: &mut Tx,
    token_hash: &str,
    id: PersonId,
    (by_public_password, by): (i64, Columns),
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sign_in_steps WHERE expires_utc_s <= $1")
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    sqlx::query(
        "INSERT INTO sign_in_steps (token_hash, person_id, expires_utc_s, by_public_password, provider_id, proven_utc_s,
                                    end_session, id_token, provider_sid)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(token_hash)
    .bind(id.0)
    .bind(now.plus(LASTS_S).0)
    .bind(by_public_password)
    .bind(by.provider_id)
    .bind(by.proven_utc_s)
    .bind(by.end_session)
    .bind(by.id_token)
    .bind(by.provider_sid)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Sign-ins of somebody that wait for a code wait no more, and a secret that no code confirmed is forgotten.
pub(super) async fn forget_waiting(tx: &mut Tx, id: PersonId) -> Result<(), StoreError> {
    for text in [
        "DELETE FROM sign_in_steps WHERE person_id = $1",
        "DELETE FROM second_factors WHERE person_id = $1 AND since_utc_s IS NULL",
    ] {
        sqlx::query(text).bind(id.0).execute(tx.connection()).await?;
    }
    passkeys::forget_challenges(tx, id).await
}

/// What a sign-in that waits still wants, for its form after a wrong code; `None` when it waits no more.
///
/// # Errors
/// When the database does not answer.
pub async fn second_step(desk: &Desk, token: &str) -> Result<Option<SecondStep>, StoreError> {
    let Some(waiting) = waiting(desk, token).await? else { return Ok(None) };
    let id = waiting.verified.id;
    let mut reader = desk.store().reader().await?;
    let asked_for = asked_for(desk, &mut reader, id).await?;
    let secret: Option<String> = sqlx::query("SELECT secret FROM second_factors WHERE person_id = $1")
        .bind(id.0)
        .fetch_optional(&mut *reader)
        .await?
        .map(|row| row.try_get(0))
        .transpose()?;
    reader.done();
    let wanted = match (asked_for, secret) {
        (Some(wanted), _) => wanted,
        (None, Some(secret)) => Wanted::SetUp(set_up(&secret, &waiting.mail)?),
        (None, None) => return Ok(None),
    };
    Ok(Some(SecondStep { token: token.to_owned(), wanted }))
}

/// A sign-in whose password was right.
pub(super) struct Waiting {
    /// Whose it is, with the hash that the password was compared with.
    pub(super) verified: Verified,
    name: String,
    mail: String,
    role: Role,
    /// 1 after the demonstration's public password, else 0.
    pub(super) by_public_password: i64,
}

impl Waiting {
    /// Whose it is, as an author.
    pub(super) fn owner(&self) -> AuditAuthor {
        AuditAuthor::Staff { id: self.verified.id, name: self.name.clone() }
    }
}

async fn waiting(desk: &Desk, token: &str) -> Result<Option<Waiting>, StoreError> {
    waiting_by_hash(desk, &tokens::hash(token)).await
}

/// The sign-in that waits under the hash of its token; `None` when it waits no more.
pub(super) async fn waiting_by_hash(desk: &Desk, token_hash: &str) -> Result<Option<Waiting>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT s.person_id, s.by_public_password, s.provider_id, s.proven_utc_s, s.end_session, s.id_token, s.provider_sid, p.name,
                p.mail, p.role, p.password_hash, p.factor_resets
         FROM sign_in_steps s
         JOIN people p ON p.id = s.person_id
         WHERE s.token_hash = $1 AND s.expires_utc_s > $2 AND p.active = 1",
    )
    .bind(token_hash)
    .bind(desk.now().0)
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let read = |row: sqlx::any::AnyRow| -> Result<Waiting, StoreError> {
        let role: String = row.try_get("role")?;
        Ok(Waiting {
            // A changed password ends what waits, so this is the one that was compared. So does a removed second factor.
            verified: Verified {
                id: PersonId(row.try_get("person_id")?),
                password_hash: row.try_get("password_hash")?,
                factor_resets: row.try_get("factor_resets")?,
                by_provider: Columns::read(&row)?,
            },
            by_public_password: row.try_get("by_public_password")?,
            name: row.try_get("name")?,
            mail: row.try_get("mail")?,
            role: Role::from_code(&role).ok_or_else(|| StoreError::inconsistent("people", role))?,
        })
    };
    row.map(read).transpose()
}

/// Signs somebody in whose password was right, by a code. The sign-in waits no more then.
///
/// # Errors
/// See [`CodeError`]. A sign-in that waits no more reads as a wrong code.
pub async fn enter(desk: &Desk, token: &str, code: &str, how: Began<'_>) -> Result<Entered, CodeError> {
    let waiting = waiting(desk, token).await?.ok_or(CodeError::Wrong)?;
    let id = waiting.verified.id;
    let (hash, code, now) = (tokens::hash(token), code.to_owned(), desk.now());
    let codes = fresh_codes(desk.ports());
    let owner = waiting.owner();
    let themself = Actor::Staff(Staff { id, name: waiting.name, role: waiting.role, composed: None });
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let was_set = is_set(tx.connection(), id).await?;
            if was_set {
                take(tx, id, &code, now).await?;
            } else {
                confirm_in(tx, id, &code, now, &codes).await?;
                changes::record(tx, id, &themself, now, &PersonChange::SecondFactorSet).await?;
            }
            let used = sqlx::query("DELETE FROM sign_in_steps WHERE token_hash = $1")
                .bind(hash)
                .execute(tx.connection())
                .await?;
            if used.rows_affected() != 1 {
                return Err(CodeError::Wrong);
            }
            Ok(if was_set { Vec::new() } else { codes })
        })
    });
    let recovery_codes = counted(desk, id, how.source, work).await.inspect_err(|error| {
        if matches!(error, CodeError::Wrong) {
            tracing::warn!(person = id.0, "a sign-in failed: the code was wrong");
            note_refusal(desk, Some(owner.clone()), how.source, SignInRefusal::Code);
        }
    })?;
    let proof = match waiting.verified.by_provider {
        Some(_) => SignInProof::ProviderAndFactor,
        None => SignInProof::Code,
    };
    let begun = begin(desk, waiting.verified, waiting.by_public_password, how, proof).await?;
    let signed_in = begun.ok_or(CodeError::Wrong)?;
    tracing::info!(person = id.0, "signed in");
    Ok(Entered { signed_in, recovery_codes })
}

//! Use-case: sign-in of the staff, sessions, and sign-out.

use domain::actor::{Actor, PersonId, Role, Staff};
use domain::audit::{AuditAuthor, AuditEvent, SignInProof, SignInRefusal};
use domain::mail_address::MailAddress;
use domain::time::Instant;
use sqlx::{AnyConnection, FromRow, Row};
use thiserror::Error;

use crate::Desk;
pub use crate::access::browsers::KNOWN_S;
use crate::access::browsers::{self, Token};
use crate::access::by_provider::{self, ByProvider, Columns, ProviderSignOut};
use crate::access::composed_roles::held;
use crate::access::demonstration;
use crate::access::device::Device;
use crate::access::limits::{Guess, Source};
use crate::access::passwords::{self, Seat};
use crate::access::second_step::{self, SecondStep};
use crate::access::tokens;
use crate::audit::{self, Noted};
use crate::store::{Guarded, StoreError, Tx, row};

/// The longest time of a session, in seconds.
pub const LONGEST_S: i64 = 12 * 3600;
/// A session ends without a request for this long, in seconds.
pub const IDLE_S: i64 = 2 * 3600;
/// A session is fresh for so long after its sign-in, in seconds: administrators then sign in again before they administer.
pub const FRESH_S: i64 = 3600;
/// Precision of a session's last use, in seconds: a write per request would be wasteful.
const SEEN_EVERY_S: i64 = 60;

/// Why a sign-in fails.
#[derive(Debug, Clone, Error)]
pub enum SignInError {
    /// Mail address or password is wrong; the answer does not say which.
    #[error("wrong mail address or password")]
    Wrong,
    /// Too many wrong passwords for this account or from this network, or too many sign-ins at once: wait some minutes.
    /// A known browser is not locked out by others' attempts.
    #[error("too many tries")]
    TooManyTries,
    /// The password is right, and the person's identity provider alone lets them in.
    #[error("the identity provider alone lets them in")]
    ProviderOnly,
    /// The password is right, and a code is wanted: see [`enter`](super::second_step::enter).
    #[error("a code is wanted")]
    CodeWanted(Box<SecondStep>),
    /// Try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

row! {
    struct PersonRow {
        id: i64,
        password_hash: String,
        factor_resets: i64,
    }
}

/// An attempt to sign in.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The mail address as typed.
    pub mail: &'a str,
    /// The password as it was typed.
    pub password: &'a str,
    /// The network of the request.
    pub source: Source,
    /// The token of a known browser.
    pub browser: Option<&'a str>,
    /// What the browser says of itself: its owner knows the session again by it.
    pub device: Device,
}

/// Where and how a session begins.
#[derive(Clone, Copy)]
pub struct Began<'a> {
    /// The network from which they sign in.
    pub source: Source,
    /// The token that the browser was given when somebody last signed in there.
    pub browser: Option<&'a str>,
    /// What the browser says of itself: its owner knows the session again by it.
    pub device: Device,
}

/// A successful sign-in.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Secret of the session, for a cookie.
    pub session: String,
    /// Token of the browser, for a cookie of [`KNOWN_S`].
    pub browser: String,
}

// Neither passwords nor secrets are printed.
impl std::fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attempt")
    }
}

impl std::fmt::Debug for Began<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Began")
    }
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignedIn")
    }
}

/// Signs a person in.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::access::device::Device;
/// use desk::access::limits::Source;
/// use desk::access::sign_in::{Attempt, Use, session, sign_in};
/// use desk::access::staff::{NewPerson, add_person};
/// use domain::actor::{Actor, Role};
/// use domain::i18n::Language;
///
/// let password = "tres caballos y un tren";
/// let ana = NewPerson {
///     name: PersonName::parse("Ana Rivas").map_err(|_| "no name")?,
///     mail: MailAddress::parse("ana@vigia.example").map_err(|_| "no address")?,
///     role: Role::Agent,
///     language: Language::Es,
///     password: password.into(),
/// };
/// add_person(&desk, &Actor::System, ana).await?;
///
/// let attempt = Attempt { mail: "Ana@vigia.example", password, source: Source::UNKNOWN, browser: None, device: Device::parse("") };
/// let signed_in = sign_in(&desk, attempt).await?;
/// assert!(matches!(session(&desk, &signed_in.session, Use::Asks).await?, Some(Actor::Staff(_))));
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`SignInError`]. An unknown address takes as long as a wrong password.
pub async fn sign_in(desk: &Desk, attempt: Attempt<'_>) -> Result<SignedIn, SignInError> {
    let mail = attempt.mail.trim().to_lowercase();
    let now = desk.now();
    if mail.len() > MailAddress::MAX {
        return Err(SignInError::Wrong);
    }
    let token = attempt.browser.and_then(Token::parse);
    let guess = match &token {
        Some(token) if browsers::knows(desk, token, &mail, now).await? => {
            Guess::Known { account: mail.clone(), browser: token.hash() }
        }
        _ => Guess::New { account: mail.clone(), source: attempt.source },
    };
    let limits = &desk.limits().sign_ins;
    if limits.take(&guess, now).is_err() {
        note_refusal(desk, None, attempt.source, SignInRefusal::TooMany);
        return Err(SignInError::TooManyTries);
    }
    let verified = match guessed(desk, &mail, attempt.password, &guess).await {
        // Guesses are what is limited: whoever knows the password may come and go, whoever finds no seat made none.
        outcome @ (Ok(_)
        | Err(
            SignInError::TooManyTries
            | SignInError::CodeWanted(_)
            | SignInError::ProviderOnly
            | SignInError::Store(_),
        )) => {
            limits.give_back(&guess);
            outcome?
        }
        Err(SignInError::Wrong) => {
            let owner = owner_of(desk, &mail).await?;
            note_refusal(desk, owner, attempt.source, SignInRefusal::Wrong);
            return Err(SignInError::Wrong);
        }
    };
    let verified = renew(desk, verified, attempt.password).await?;
    let by_public_password = i64::from(attempt.password == demonstration::PASSWORD);
    let person = verified.id;
    if !allows_desk_sign_in(desk, person).await? {
        let owner = owner_of(desk, &mail).await?;
        note_refusal(desk, owner, attempt.source, SignInRefusal::ProviderOnly);
        return Err(SignInError::ProviderOnly);
    }
    if let Some(step) =
        second_step::wanted(desk, verified.clone(), by_public_password, token.as_ref()).await?
    {
        return Err(SignInError::CodeWanted(Box::new(step)));
    }
    let Attempt { source, browser, device, .. } = attempt;
    let how = Began { source, browser, device };
    let signed_in = begin(desk, verified, by_public_password, how, SignInProof::Password).await?;
    let signed_in = signed_in.ok_or(SignInError::Wrong)?;
    tracing::info!(person = person.0, "signed in");
    Ok(signed_in)
}

/// Has a refused sign-in written down soon. What was typed as the address is not: it may be a password.
pub(crate) fn note_refusal(desk: &Desk, owner: Option<AuditAuthor>, source: Source, reason: SignInRefusal) {
    let event = AuditEvent::SignInRefused { reason };
    let noted = Noted::by(owner.unwrap_or(AuditAuthor::Unknown), desk.now(), event);
    desk.note(noted.in_network(desk.ports(), &network_of(source)));
}

/// The owner of an account that is active, as an author.
async fn owner_of(desk: &Desk, mail: &str) -> Result<Option<AuditAuthor>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT id, name FROM people WHERE mail = $1 AND active = 1")
        .bind(mail)
        .fetch_optional(&mut *reader)
        .await?;
    reader.done();
    row.map(|row| Ok(AuditAuthor::Staff { id: PersonId(row.try_get(0)?), name: row.try_get(1)? })).transpose()
}

/// The network of a request; empty when it is unknown.
fn network_of(source: Source) -> String {
    if source == Source::UNKNOWN { String::new() } else { source.address().to_string() }
}

/// Whether a person may sign in with a password or passkey of the desk.
pub(super) async fn allows_desk_sign_in(desk: &Desk, person: PersonId) -> Result<bool, StoreError> {
    let mut reader = desk.store().reader().await?;
    let allows = by_provider::allows_desk_sign_in(&mut reader, person).await?;
    reader.done();
    Ok(allows)
}

/// A person whose password was right, and the hash that it was compared with. Or one whose identity provider vouches for
/// them, and the hash that was theirs then.
#[derive(Clone)]
pub(crate) struct Verified {
    pub(crate) id: PersonId,
    pub(crate) password_hash: String,
    /// How many second factors of theirs had been removed by then.
    pub(crate) factor_resets: i64,
    /// The provider; `None` for the desk's own means.
    pub(crate) by_provider: Option<ByProvider>,
}

/// Keeps a stronger hash of a password that was just compared, where its hash was made with lower parameters than those of today.
/// Where that fails, the one that fits stays.
async fn renew(desk: &Desk, verified: Verified, typed: &str) -> Result<Verified, StoreError> {
    let Ok(Some(fresh)) = passwords::renewed(typed, &verified.password_hash, desk.ports()).await else {
        return Ok(verified);
    };
    let (id, before, after) = (verified.id, verified.password_hash.clone(), fresh.clone());
    let is_kept = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let done =
                    sqlx::query("UPDATE people SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
                        .bind(id.0)
                        .bind(before)
                        .bind(after)
                        .execute(tx.connection())
                        .await?;
                Ok::<_, StoreError>(done.rows_affected() == 1)
            })
        })
        .await?;
    if is_kept {
        tracing::info!(person = id.0, "a password was hashed anew");
        return Ok(Verified { password_hash: fresh, ..verified });
    }
    // Another sign-in at the same time hashed it anew, or it was changed: what stands now is compared.
    let stands = own_hash(desk, id).await?;
    let fits = passwords::verify(typed, stands.clone(), Seat::Reserved).await.unwrap_or(false);
    Ok(match stands {
        Some(password_hash) if fits => Verified { password_hash, ..verified },
        // The hash that was compared is no longer theirs: the sign-in ends with it.
        _ => verified,
    })
}

/// The hash of somebody's password; `None` when they are not in service.
pub(super) async fn own_hash(desk: &Desk, id: PersonId) -> Result<Option<String>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT password_hash FROM people WHERE id = $1 AND active = 1")
        .bind(id.0)
        .fetch_optional(&mut *reader)
        .await?;
    reader.done();
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

/// Whether that password still is theirs, they are active, no second factor was removed, and their account not disconnected from the
/// provider meanwhile. Their row stays locked until the transaction ends, so a change of these comes before or after all of it.
pub(super) async fn still_stands(tx: &mut Tx, verified: &Verified) -> Result<bool, StoreError> {
    let locked = sqlx::query(
        "UPDATE people SET active = 1 WHERE id = $1 AND active = 1 AND password_hash = $2 AND factor_resets = $3",
    )
    .bind(verified.id.0)
    .bind(&verified.password_hash)
    .bind(verified.factor_resets)
    .execute(tx.connection())
    .await?;
    if locked.rows_affected() != 1 {
        return Ok(false);
    }
    match &verified.by_provider {
        Some(by) => by_provider::is_connected(tx.connection(), verified.id, by.provider).await,
        None => Ok(true),
    }
}

/// The person, if the password is right. Failures are logged without the input.
async fn guessed(desk: &Desk, mail: &str, password: &str, guess: &Guess) -> Result<Verified, SignInError> {
    let mut reader = desk.store().reader().await?;
    let person: Option<PersonRow> =
        sqlx::query_as("SELECT id, password_hash, factor_resets FROM people WHERE mail = $1 AND active = 1")
            .bind(mail)
            .fetch_optional(&mut *reader)
            .await
            .map_err(StoreError::from)?;
    drop(reader);
    let (seat, browser) = match guess {
        Guess::Known { .. } => (Seat::Reserved, "known"),
        Guess::New { .. } => (Seat::Open, "new"),
    };
    // As for an unknown account: it takes as long.
    let person = if demonstration::refuses(desk, password).await? {
        tracing::warn!(browser, "the demonstration's password was refused");
        None
    } else {
        person
    };
    let hash = person.as_ref().map(|person| person.password_hash.clone());
    let fits = passwords::verify(password, hash, seat).await.map_err(|passwords::Full| {
        tracing::warn!(browser, "a sign-in was turned away: too many at once");
        SignInError::TooManyTries
    })?;
    match person {
        Some(PersonRow { id, password_hash, factor_resets }) if fits => {
            Ok(Verified { id: PersonId(id), password_hash, factor_resets, by_provider: None })
        }
        person => {
            let person = person.map(|person| person.id);
            tracing::warn!(person, browser, "a sign-in failed");
            Err(SignInError::Wrong)
        }
    }
}

/// Begins a session in a browser; `None` when the password was changed since it was compared, a second factor removed, or the
/// person deactivated.
pub(crate) async fn begin(
    desk: &Desk,
    verified: Verified,
    by_public_password: i64,
    began: Began<'_>,
    proof: SignInProof,
) -> Result<Option<SignedIn>, StoreError> {
    let person = verified.id;
    let session = tokens::fresh(desk.ports());
    let token = began.browser.and_then(Token::parse).unwrap_or_else(|| Token::fresh(desk.ports()));
    let (token_hash, browser, now) = (tokens::hash(&session), token.hash(), desk.now());
    let device = began.device.to_string();
    let network = network_of(began.source);
    let factor_at = match proof {
        SignInProof::Password | SignInProof::Provider => None,
        SignInProof::Code
        | SignInProof::Passkey
        | SignInProof::PasswordAndPasskey
        | SignInProof::ProviderAndFactor => Some(now.0),
    };
    let ports = desk.ports().clone();
    let by = Columns::of(verified.by_provider.clone());
    let has_begun = desk
        .store()
        .write_beside(vec![Guarded::Sessions], move |tx| {
            Box::pin(async move {
                forget_ended(tx.connection(), now).await?;
                if !still_stands(tx, &verified).await? {
                    return Ok(false);
                }
                sqlx::query(
                    "INSERT INTO sessions (token_hash, person_id, created_utc_s, seen_utc_s, by_public_password, device, network,
                                           factor_utc_s, provider_id, proven_utc_s, end_session, id_token, provider_sid)
                     VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                )
                .bind(token_hash)
                .bind(person.0)
                .bind(now.0)
                .bind(by_public_password)
                .bind(device)
                .bind(network.clone())
                .bind(factor_at)
                .bind(by.provider_id)
                .bind(by.proven_utc_s)
                .bind(by.end_session)
                .bind(by.id_token)
                .bind(by.provider_sid)
                .execute(tx.connection())
                .await?;
                browsers::remember(tx, &browser, person, now).await?;
                let row = sqlx::query("SELECT name FROM people WHERE id = $1")
                    .bind(person.0)
                    .fetch_one(tx.connection())
                    .await?;
                let by = AuditAuthor::Staff { id: person, name: row.try_get(0)? };
                let noted = Noted::by(by, now, AuditEvent::SignedIn { proof });
                audit::record(tx, &noted.in_network(&ports, &network)).await?;
                Ok::<_, StoreError>(true)
            })
        })
        .await?;
    Ok(has_begun.then(|| SignedIn { session, browser: token.into_secret() }))
}

row! {
    struct SessionRow {
        id: i64,
        name: String,
        role: String,
        created_utc_s: i64,
        seen_utc_s: i64,
        by_public_password: i64,
        idle_s: Option<i64>,
        longest_s: Option<i64>,
    }
}

/// Use of a session by a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A request of the person: the session is in use.
    Asks,
    /// A background request of a page, perhaps without anyone there: it does not prolong the session.
    Watches,
}

/// The person of a session's secret; `None` when it is unknown or has ended.
///
/// # Errors
/// When the database does not answer.
pub async fn session(desk: &Desk, secret: &str, usage: Use) -> Result<Option<Actor>, StoreError> {
    let token_hash = tokens::hash(secret);
    let now = desk.now();
    let mut reader = desk.store().reader().await?;
    let found = sqlx::query(
        "SELECT p.id, p.name, p.role, s.created_utc_s, s.seen_utc_s, s.by_public_password, l.idle_s, l.longest_s,
                p.composed_role_id AS role_id, r.version AS role_version, r.document AS role_document
         FROM sessions s JOIN people p ON p.id = s.person_id
         LEFT JOIN session_limits l ON l.role = p.role
         LEFT JOIN composed_roles r ON r.id = p.composed_role_id
         WHERE s.token_hash = $1 AND s.created_utc_s > $2 AND s.seen_utc_s > $3 AND p.active = 1",
    )
    .bind(&token_hash)
    .bind(now.0 - LONGEST_S)
    .bind(now.0 - IDLE_S)
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let Some(found) = found else { return Ok(None) };
    let (row, composed) = (SessionRow::from_row(&found)?, held(&found)?);
    let has_ended = row.longest_s.is_some_and(|longest_s| row.created_utc_s <= now.0 - longest_s)
        || row.idle_s.is_some_and(|idle_s| row.seen_utc_s <= now.0 - idle_s);
    if has_ended {
        return Ok(None);
    }
    if row.by_public_password == 1 && desk.demo_access() == demonstration::Access::Closed {
        return Ok(None);
    }
    let role = Role::from_code(&row.role).ok_or_else(|| StoreError::inconsistent("people", &row.role))?;
    if usage == Use::Asks && now.0 - row.seen_utc_s > SEEN_EVERY_S {
        desk.store()
            .write_beside(Vec::new(), move |tx| {
                Box::pin(async move {
                    sqlx::query("UPDATE sessions SET seen_utc_s = $2 WHERE token_hash = $1")
                        .bind(token_hash)
                        .bind(now.0)
                        .execute(tx.connection())
                        .await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
    }
    Ok(Some(Actor::Staff(Staff { id: PersonId(row.id), name: row.name, role, composed })))
}

/// The person of a session's secret while its row is kept, even when its time is over. `None` when it is unknown, or its
/// person is out of service. Such a session permits nothing: what was typed in it is kept for its person.
///
/// # Errors
/// When the database does not answer.
pub async fn last_person(desk: &Desk, secret: &str) -> Result<Option<Actor>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT p.id, p.name, p.role FROM sessions s JOIN people p ON p.id = s.person_id
         WHERE s.token_hash = $1 AND p.active = 1",
    )
    .bind(tokens::hash(secret))
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let Some(row) = row else { return Ok(None) };
    let (id, name, role): (i64, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let role = Role::from_code(&role).ok_or_else(|| StoreError::inconsistent("people", role))?;
    Ok(Some(Actor::Staff(Staff { id: PersonId(id), name, role, composed: None })))
}

/// How long ago the person of a session proved themself, in seconds; `None` when there is no session. An identity provider may have
/// asked for no proof for hours, and not say when it did.
///
/// # Errors
/// When the database does not answer.
pub async fn age_s(desk: &Desk, secret: &str) -> Result<Option<i64>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT COALESCE(proven_utc_s, created_utc_s) FROM sessions WHERE token_hash = $1")
        .bind(tokens::hash(secret))
        .fetch_optional(&mut *reader)
        .await?;
    reader.done();
    let now = desk.now();
    row.map(|row| Ok(now.since(Instant(row.try_get(0)?)))).transpose()
}

/// Ends a session. To end it twice is no failure. Gives what is to be told to the identity provider, if one began it that has a
/// sign-out.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(desk: &Desk, secret: &str) -> Result<Option<ProviderSignOut>, StoreError> {
    let (token_hash, now) = (tokens::hash(secret), desk.now());
    desk.store()
        .write_beside(Vec::new(), move |tx| {
            Box::pin(async move {
                let row = sqlx::query(
                    "SELECT p.id, p.name, s.end_session, s.id_token, i.client_id FROM sessions s
                     JOIN people p ON p.id = s.person_id
                     LEFT JOIN identity_providers i ON i.id = s.provider_id
                     WHERE s.token_hash = $1",
                )
                .bind(&token_hash)
                .fetch_optional(tx.connection())
                .await?;
                let done = sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
                    .bind(&token_hash)
                    .execute(tx.connection())
                    .await?;
                let Some(row) = row.filter(|_| done.rows_affected() == 1) else { return Ok(None) };
                let by = AuditAuthor::Staff { id: PersonId(row.try_get(0)?), name: row.try_get(1)? };
                let event = AuditEvent::SessionsEnded { sessions: 1 };
                audit::record(tx, &Noted::by(by, now, event)).await?;
                let (end_session, id_token): (String, String) = (row.try_get(2)?, row.try_get(3)?);
                let client_id: Option<String> = row.try_get(4)?;
                Ok(client_id.filter(|_| !end_session.is_empty()).map(|client_id| ProviderSignOut {
                    end_session,
                    client_id,
                    id_token,
                }))
            })
        })
        .await
}

async fn forget_ended(connection: &mut AnyConnection, now: Instant) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sessions WHERE created_utc_s <= $1 OR seen_utc_s <= $2")
        .bind(now.0 - LONGEST_S)
        .bind(now.0 - IDLE_S)
        .execute(connection)
        .await?;
    Ok(())
}

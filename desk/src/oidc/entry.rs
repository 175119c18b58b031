//! Whom an identity signs in: the subject at a provider, and never a mail address.

use domain::actor::{Actor, NotPermitted, PersonId, Role, Staff};
use domain::audit::{AuditAuthor, SignInProof, SignInRefusal};
use domain::i18n::Language;
use domain::identity_provider::{IdentityProblem, IdentityProviderId, Strangers};
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use domain::time::Instant;
use sqlx::Row;
use thiserror::Error;

use super::departure::REQUEST_S;
use super::providers::IdentityProviderView;
use crate::Desk;
use crate::access::browsers::Token;
use crate::access::by_provider::ByProvider;
use crate::access::changes;
use crate::access::demonstration;
use crate::access::factor_proof::{PROVEN_S, is_proven};
use crate::access::own_account::SessionName;
use crate::access::passwords::NO_PASSWORD;
use crate::access::second_step::{self, SecondStep};
use crate::access::sign_in::{Began, SignedIn, Verified, begin, note_refusal};
use crate::access::staff::{NewPerson, PeopleError, insert};
use crate::error::{DeskError, holds_desk_error};
use crate::people::keep::{Entitled, KeepError, role_by_groups};
use crate::people::links;
use crate::store::{StoreError, Tx};

/// What a provider says of a person, verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Identifies the person at the provider.
    pub subject: String,
    /// Their groups there.
    pub groups: Vec<String>,
    /// Their name there; empty where it is not told.
    pub name: String,
    /// Their mail address there; empty where it is not told, or was not verified. It identifies no person.
    pub mail: String,
    /// When they proved themself there; `None` where the provider does not say.
    pub proven_at: Option<Instant>,
    /// Hash of the id of their session there (`sid`); empty where it is not told.
    pub sid: String,
    /// The address of the provider's sign-out; empty for none.
    pub end_session: String,
    /// The ID token; empty without a sign-out, or when it is too long for one.
    pub id_token: String,
}

// Neither tokens nor personal data are printed.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

/// How a person proved themself at the provider, as the administrator reads its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvenBy {
    /// By one factor, or it is not told: the desk's own second factor follows.
    OneFactor,
    /// By two.
    TwoFactors,
}

/// What a sign-in by a provider comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entrance {
    /// They are signed in.
    In(SignedIn),
    /// The desk's second factor is wanted.
    CodeWanted(Box<SecondStep>),
}

/// Why a person did not come in.
#[derive(Debug, Clone, Error)]
pub enum EntryError {
    /// For this reason.
    #[error("{0:?}")]
    Refused(IdentityProblem),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(EntryError: NotPermitted, StoreError, sqlx::Error);

impl From<KeepError> for EntryError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Desk(error) => Self::Desk(error),
            KeepError::LastAdministrator
            | KeepError::MailTaken
            | KeepError::NeverJoined
            | KeepError::OwnFactor
            | KeepError::ChangedMeanwhile(_)
            | KeepError::Shared(_) => Self::Refused(IdentityProblem::Failed),
        }
    }
}

/// Whom a provider vouches for.
struct Known {
    id: PersonId,
    name: String,
    password_hash: String,
    factor_resets: i64,
}

/// Signs a person in by their identity. Roles follow their groups. A person who is not known gets an account where the provider's
/// settings say so, and reads mails in `language`.
///
/// # Errors
/// See [`EntryError`].
pub async fn enter(
    desk: &Desk,
    provider: &IdentityProviderView,
    identity: Identity,
    proven: ProvenBy,
    how: Began<'_>,
    language: Language,
) -> Result<Entrance, EntryError> {
    let (inner, of, who) = (desk.clone(), provider.clone(), identity.clone());
    let work = desk
        .store()
        .write(move |tx| Box::pin(async move { recognise(&inner, tx, &of, &who, language).await }));
    let known = work.await.inspect_err(|error| note(desk, provider, error, how))?;
    go_on(desk, provider.id, known, identity, proven, how).await
}

/// Has it written down soon that a person whom the provider vouches for was refused.
fn note(desk: &Desk, provider: &IdentityProviderView, error: &EntryError, how: Began<'_>) {
    if let EntryError::Refused(problem) = error {
        tracing::warn!(
            provider = provider.id.0,
            problem = problem.code(),
            "a sign-in by a provider was refused"
        );
        note_refusal(desk, None, how.source, SignInRefusal::Provider);
    }
}

/// The second factor, unless the provider's counts; then the session.
async fn go_on(
    desk: &Desk,
    provider: IdentityProviderId,
    known: Known,
    identity: Identity,
    proven: ProvenBy,
    how: Began<'_>,
) -> Result<Entrance, EntryError> {
    let Known { id, name, password_hash, factor_resets } = known;
    let by = ByProvider {
        provider,
        proven_at: identity.proven_at,
        sid: identity.sid,
        end_session: identity.end_session,
        id_token: identity.id_token,
    };
    let verified = Verified { id, password_hash, factor_resets, by_provider: Some(by) };
    if proven == ProvenBy::OneFactor {
        let token = how.browser.and_then(Token::parse);
        if let Some(step) = second_step::wanted(desk, verified.clone(), 0, token.as_ref()).await? {
            return Ok(Entrance::CodeWanted(Box::new(step)));
        }
    }
    let Some(signed_in) = begin(desk, verified, 0, how, SignInProof::Provider).await? else {
        let owner = AuditAuthor::Staff { id, name };
        note_refusal(desk, Some(owner), how.source, SignInRefusal::Provider);
        return Err(EntryError::Refused(IdentityProblem::Inactive));
    };
    tracing::info!(person = id.0, provider = provider.0, "signed in by an identity provider");
    Ok(Entrance::In(signed_in))
}

async fn recognise(
    desk: &Desk,
    tx: &mut Tx,
    provider: &IdentityProviderView,
    identity: &Identity,
    language: Language,
) -> Result<Known, EntryError> {
    let row = sqlx::query(
        "SELECT p.id, p.name, p.role, p.active, p.password_hash, p.factor_resets
         FROM person_identities n JOIN people p ON p.id = n.person_id
         WHERE n.provider_id = $1 AND n.subject = $2",
    )
    .bind(provider.id.0)
    .bind(identity.subject.as_str())
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return arrive(desk, tx, provider, identity, language).await };
    let (active, role): (i64, String) = (row.try_get("active")?, row.try_get("role")?);
    let id = PersonId(row.try_get("id")?);
    if active != 1 {
        return Err(EntryError::Refused(IdentityProblem::Inactive));
    }
    let role = Role::from_code(&role).ok_or_else(|| StoreError::inconsistent("people", role))?;
    let judged = provider.set.group_roles.judge(&identity.groups, role);
    let entitled = role_by_groups(desk, tx, id, judged, provider.set.name.as_str()).await?;
    if entitled == Entitled::No {
        return Err(EntryError::Refused(IdentityProblem::NoGroup));
    }
    sqlx::query("UPDATE person_identities SET used_utc_s = $3 WHERE provider_id = $1 AND subject = $2")
        .bind(provider.id.0)
        .bind(identity.subject.as_str())
        .bind(desk.now().0)
        .execute(tx.connection())
        .await?;
    Ok(Known {
        id,
        name: row.try_get("name")?,
        password_hash: row.try_get("password_hash")?,
        factor_resets: row.try_get("factor_resets")?,
    })
}

/// A person who is not known: an account by their group, if the provider's settings say so.
async fn arrive(
    desk: &Desk,
    tx: &mut Tx,
    provider: &IdentityProviderView,
    identity: &Identity,
    language: Language,
) -> Result<Known, EntryError> {
    let refused = |problem| Err(EntryError::Refused(problem));
    if provider.set.strangers == Strangers::Refused {
        return refused(IdentityProblem::Unknown);
    }
    let Some(role) = provider.set.group_roles.role_of(&identity.groups) else {
        return refused(IdentityProblem::NoGroup);
    };
    let (Ok(name), Ok(mail)) = (PersonName::parse(&identity.name), MailAddress::parse(&identity.mail)) else {
        return refused(IdentityProblem::NoMail);
    };
    // Accounts with these addresses are everybody's, and no second factor is wanted of them.
    if demonstration::is_ours(mail.as_str()) {
        return refused(IdentityProblem::Shared);
    }
    let person = NewPerson { name, mail, role, language, password: String::new() };
    // The address may be another person's here: its owner connects the account.
    let id = match insert(tx, &person, NO_PASSWORD.to_owned()).await {
        Ok(id) => id,
        Err(PeopleError::MailTaken) => return refused(IdentityProblem::MailTaken),
        Err(PeopleError::Desk(error)) => return Err(error.into()),
        Err(PeopleError::Password(_) | PeopleError::Hash(_)) => return refused(IdentityProblem::Failed),
    };
    keep(tx, provider.id, &identity.subject, id, desk.now()).await?;
    let name = person.name.to_string();
    let themself = Actor::Staff(Staff { id, name: name.clone(), role, composed: None });
    let change = PersonChange::JoinedByGroup { provider: provider.set.name.as_str().to_owned(), role };
    changes::record(tx, id, &themself, desk.now(), &change).await?;
    Ok(Known { id, name, password_hash: NO_PASSWORD.to_owned(), factor_resets: 0 })
}

/// Keeps whom an identity signs in.
async fn keep(
    tx: &mut Tx,
    provider: IdentityProviderId,
    subject: &str,
    person: PersonId,
    now: Instant,
) -> Result<(), EntryError> {
    let done = sqlx::query(
        "INSERT INTO person_identities (provider_id, subject, person_id, linked_utc_s) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(provider.0)
    .bind(subject)
    .bind(person.0)
    .bind(now.0)
    .execute(tx.connection())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(EntryError::Refused(IdentityProblem::Taken)) }
}

/// Connects the account of a person with an identity, in their session, which is known by the hash of its secret. A second factor was
/// given there, if they have one. It grants nothing: groups count at the next sign-in.
///
/// # Errors
/// See [`EntryError`].
pub async fn connect(
    desk: &Desk,
    provider: &IdentityProviderView,
    identity: Identity,
    person: PersonId,
    session: &str,
) -> Result<(), EntryError> {
    let (of, name, now) = (provider.id, provider.set.name.as_str().to_owned(), desk.now());
    let (session, of_session) = (session.to_owned(), SessionName::of_hash(session.to_owned()));
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT p.name, p.role FROM sessions s JOIN people p ON p.id = s.person_id
                 WHERE s.token_hash = $1 AND p.id = $2 AND p.active = 1",
            )
            .bind(session.clone())
            .bind(person.0)
            .fetch_optional(tx.connection())
            .await?;
            // The session ended meanwhile: nothing rests on it.
            let row = row.ok_or(EntryError::Refused(IdentityProblem::Over))?;
            // The proof was asked for when the browser left, and another factor may have come since.
            if !is_proven(tx.connection(), person, &of_session, now, PROVEN_S + REQUEST_S).await? {
                return Err(EntryError::Refused(IdentityProblem::Over));
            }
            let role: String = row.try_get(1)?;
            let role = Role::from_code(&role).ok_or_else(|| StoreError::inconsistent("people", role))?;
            keep(tx, of, &identity.subject, person, now).await?;
            let themself = Actor::Staff(Staff { id: person, name: row.try_get(0)?, role, composed: None });
            changes::record(tx, person, &themself, now, &PersonChange::IdentityLinked { provider: name })
                .await?;
            Ok::<_, EntryError>(())
        })
    });
    work.await
}

/// Takes an invitation, whose link is known by its id and hash, by an identity. The role is that of the invitation, unless the
/// person's groups have another.
pub(super) async fn join(
    desk: &Desk,
    provider: &IdentityProviderView,
    identity: Identity,
    proven: ProvenBy,
    (id, token_hash): (i64, &str),
    how: Began<'_>,
) -> Result<Entrance, EntryError> {
    let open = links::open_named(desk, id, token_hash).await?;
    let open = open.ok_or(EntryError::Refused(IdentityProblem::Over))?;
    let (inner, of, who) = (desk.clone(), provider.clone(), identity.clone());
    let language = Language::default();
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let joined = links::join(tx, &open, inner.now()).await?;
            let person = joined.ok_or(EntryError::Refused(IdentityProblem::Over))?;
            keep(tx, of.id, &who.subject, person, inner.now()).await?;
            let change = PersonChange::IdentityLinked { provider: of.set.name.as_str().to_owned() };
            let themself = Actor::Staff(Staff {
                id: person,
                name: open.name.to_string(),
                role: open.role(),
                composed: None,
            });
            changes::record(tx, person, &themself, inner.now(), &change).await?;
            // As at every sign-in: they are known now.
            recognise(&inner, tx, &of, &who, language).await
        })
    });
    let known = work.await.inspect_err(|error| note(desk, provider, error, how))?;
    go_on(desk, provider.id, known, identity, proven, how).await
}

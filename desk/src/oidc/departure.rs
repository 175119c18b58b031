//! A browser is sent to a provider. What its answer is held against is stored, because another node may get it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::actor::{Actor, PersonId};
use domain::identity_provider::IdentityProviderId;
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::Row;
use thiserror::Error;
use url::Url;

use super::metadata::{Metadata, ProviderFault, discover};
use super::providers::in_use;
use crate::Desk;
use crate::access::factor_proof::{PROVEN_S, is_proven};
use crate::access::own_account::{NotOwn, SessionName, own_alone};
use crate::access::tokens;
use crate::people::links;
use crate::store::StoreError;

/// An answer is waited for so long, in seconds.
pub const REQUEST_S: i64 = 600;

/// A proof at the provider may be so old, in seconds: a month. A provider that is given a bound says when the proof was (`OpenID`
/// Connect Core, 2).
const LONG_AGO_S: &str = "2592000";

/// What a browser is sent to a provider for.
#[derive(Clone, Copy)]
pub enum For<'a> {
    /// A sign-in.
    SignIn,
    /// A sign-in for which the provider asks for a proof anew.
    FreshSignIn,
    /// The account of the member of the staff who asks is connected, in the session of this secret.
    Connection {
        /// Who asks.
        actor: &'a Actor,
        /// The secret of their session.
        session: &'a str,
    },
    /// The invitation of this link is taken.
    Invitation(&'a str),
}

/// The same, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purpose {
    SignIn,
    FreshSignIn,
    Connection {
        person: PersonId,
        /// Hash of the session's secret.
        session: String,
    },
    Invitation {
        /// The link's id and hash: they open nothing.
        id: i64,
        token_hash: String,
    },
}

/// A browser that goes to a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Departure {
    /// Where it goes.
    pub address: String,
    /// The secret of the browser, for a cookie: the answer counts in that browser alone.
    pub browser: String,
}

// Secrets are not printed.
impl std::fmt::Debug for Departure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Departure")
    }
}

/// Why a browser was not sent to a provider.
#[derive(Debug, Clone, Error)]
pub enum DepartureError {
    /// The provider is not there, is paused, or has no client id.
    #[error("the identity provider is not in use")]
    Closed,
    /// The invitation was used, or is too old.
    #[error("the link leads nowhere")]
    NoLink,
    /// The actor may not change the account.
    #[error("the account is not changed")]
    NotOwn,
    /// The account has a second factor, and none was given lately in this session: see
    /// [`factor_wanted`](crate::access::factor_proof::factor_wanted).
    #[error("a second factor is wanted first")]
    FactorWanted,
    /// The provider could not be asked.
    #[error(transparent)]
    Provider(#[from] ProviderFault),
    /// Try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where a provider sends browsers back. Each has an address of its own, so that no provider answers for another (RFC 9700, 4.4).
#[must_use]
pub fn redirect_address(public_url: &str, id: IdentityProviderId) -> String {
    format!("{public_url}/desk/sign-in/callback/{}", id.0)
}

/// Sends a browser to a provider. `browser` is the secret that it had before, so that two tabs do not disturb each other.
/// `next` is a path of this site, for the page afterwards.
///
/// # Errors
/// See [`DepartureError`].
pub async fn depart(
    desk: &Desk,
    id: IdentityProviderId,
    what: For<'_>,
    next: &str,
    browser: Option<&str>,
) -> Result<Departure, DepartureError> {
    let kept = in_use(desk, id).await?.ok_or(DepartureError::Closed)?;
    let purpose = purpose(desk, what).await?;
    let set = &kept.view.set;
    let metadata = discover(desk.egress(), &set.issuer).await.inspect_err(|error| {
        tracing::warn!(provider = id.0, %error, "an identity provider could not be asked");
    })?;
    let (state, nonce, verifier) =
        (tokens::fresh(desk.ports()), tokens::fresh(desk.ports()), tokens::fresh(desk.ports()));
    let browser = browser.filter(|secret| tokens::is_secret(secret));
    let browser = browser.map_or_else(|| tokens::fresh(desk.ports()), str::to_owned);
    let mut address = Url::parse(&metadata.authorization_endpoint)
        .map_err(|_| ProviderFault::Address(metadata.authorization_endpoint.clone()))?;
    {
        let mut query = address.query_pairs_mut();
        query.append_pair("response_type", "code");
        query.append_pair("client_id", &set.client_id);
        query.append_pair("redirect_uri", &redirect_address(desk.public_url(), id));
        query.append_pair("scope", format!("openid {}", set.scopes).trim_end());
        query.append_pair("state", &state);
        query.append_pair("nonce", &nonce);
        query.append_pair("code_challenge", &challenge(&verifier));
        query.append_pair("code_challenge_method", "S256");
        if purpose == Purpose::FreshSignIn {
            query.append_pair("prompt", "login");
            query.append_pair("max_age", "0");
        } else {
            query.append_pair("max_age", LONG_AGO_S);
        }
    }
    let (next, begun) = (next.to_owned(), desk.now());
    let request = Request { provider: id, nonce, verifier, metadata, purpose, next, begun };
    keep(desk, &state, &browser, request).await?;
    Ok(Departure { address: address.into(), browser })
}

/// The challenge of a verifier by the method S256 (RFC 7636, 4.2).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

async fn purpose(desk: &Desk, what: For<'_>) -> Result<Purpose, DepartureError> {
    Ok(match what {
        For::SignIn => Purpose::SignIn,
        For::FreshSignIn => Purpose::FreshSignIn,
        For::Connection { actor, session } => {
            let person = own_alone(desk, actor).await.map_err(|error| match error {
                NotOwn::Desk(crate::DeskError::Store(error)) => DepartureError::Store(error),
                NotOwn::Shared(_) | NotOwn::Desk(_) => DepartureError::NotOwn,
            })?;
            let hash = tokens::hash(session);
            let name = SessionName::of_hash(hash.clone());
            let mut reader = desk.store().reader().await?;
            let is_proven = is_proven(&mut reader, person.id, &name, desk.now(), PROVEN_S).await?;
            reader.done();
            if !is_proven {
                return Err(DepartureError::FactorWanted);
            }
            Purpose::Connection { person: person.id, session: hash }
        }
        For::Invitation(link) => {
            let open = links::open_link(desk, link).await?.ok_or(DepartureError::NoLink)?;
            let named = links::named(desk, link).filter(|_| open.purpose == links::Purpose::Invitation);
            let (id, token_hash) = named.ok_or(DepartureError::NoLink)?;
            Purpose::Invitation { id, token_hash }
        }
    })
}

/// What an answer is held against.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) provider: IdentityProviderId,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) metadata: Metadata,
    pub(super) purpose: Purpose,
    pub(super) next: String,
    /// When the browser was sent.
    pub(super) begun: Instant,
}

async fn keep(desk: &Desk, state: &str, browser: &str, request: Request) -> Result<(), StoreError> {
    let json = |error: serde_json::Error| StoreError::inconsistent("identity_requests", error);
    let metadata = serde_json::to_string(&request.metadata).map_err(json)?;
    let purpose = serde_json::to_string(&request.purpose).map_err(json)?;
    let (state_hash, browser_hash, now) = (tokens::hash(state), tokens::hash(browser), request.begun);
    // Strangers come here: they hold up no other work.
    desk.store()
        .write_beside(Vec::new(), move |tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM identity_requests WHERE expires_utc_s <= $1")
                    .bind(now.0)
                    .execute(tx.connection())
                    .await?;
                sqlx::query(
                    "INSERT INTO identity_requests (state_hash, browser_hash, provider_id, nonce, verifier, metadata, purpose, next,
                                                    begun_utc_s, expires_utc_s)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                )
                .bind(state_hash)
                .bind(browser_hash)
                .bind(request.provider.0)
                .bind(request.nonce)
                .bind(request.verifier)
                .bind(metadata)
                .bind(purpose)
                .bind(request.next)
                .bind(now.0)
                .bind(now.plus(REQUEST_S).0)
                .execute(tx.connection())
                .await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
}

/// Whether there is a request with a state.
async fn is_waited_for(desk: &Desk, state: &str) -> Result<bool, StoreError> {
    if !tokens::is_secret(state) {
        return Ok(false);
    }
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT 1 FROM identity_requests WHERE state_hash = $1")
        .bind(tokens::hash(state))
        .fetch_optional(&mut *reader)
        .await?;
    reader.done();
    Ok(row.is_some())
}

/// Takes the request of a state: no other answer to it counts. `None` when it was answered, is too old, was made in another browser,
/// or to another provider.
pub(super) async fn take(
    desk: &Desk,
    provider: IdentityProviderId,
    state: &str,
    browser: &str,
) -> Result<Option<Request>, StoreError> {
    // A look first: whatever is sent to that address without a request costs no write.
    if !tokens::is_secret(browser) || !is_waited_for(desk, state).await? {
        return Ok(None);
    }
    let (state_hash, browser_hash, now) = (tokens::hash(state), tokens::hash(browser), desk.now());
    let row = desk
        .store()
        .write_beside(Vec::new(), move |tx| {
            Box::pin(async move {
                let row = sqlx::query(
                    "DELETE FROM identity_requests
                     WHERE state_hash = $1 AND browser_hash = $2 AND provider_id = $3 AND expires_utc_s > $4
                     RETURNING nonce, verifier, metadata, purpose, next, begun_utc_s",
                )
                .bind(state_hash)
                .bind(browser_hash)
                .bind(provider.0)
                .bind(now.0)
                .fetch_optional(tx.connection())
                .await?;
                let read = |row: sqlx::any::AnyRow| -> Result<_, StoreError> {
                    let texts: [String; 5] = [
                        row.try_get("nonce")?,
                        row.try_get("verifier")?,
                        row.try_get("metadata")?,
                        row.try_get("purpose")?,
                        row.try_get("next")?,
                    ];
                    let begun: i64 = row.try_get("begun_utc_s")?;
                    Ok((texts, begun))
                };
                row.map(read).transpose()
            })
        })
        .await?;
    let Some(([nonce, verifier, metadata, purpose, next], begun)) = row else { return Ok(None) };
    let begun = Instant(begun);
    // A request of another version of the desk is none of this one.
    let read = serde_json::from_str(&metadata).ok().zip(serde_json::from_str(&purpose).ok());
    Ok(read.map(|(metadata, purpose)| Request { provider, nonce, verifier, metadata, purpose, next, begun }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn challenge_is_that_of_the_standard() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}

//! The ID token of a provider. Signature, issuer, audience, nonce and times are verified by `openidconnect`. What that
//! library leaves open is checked here: the clocks' difference, a token from the future, the authorised party, the length of
//! the subject.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::identity_provider::GROUPS_READ_MAX;
use domain::time::Instant;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, IssuerUrl, Nonce};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::access::tokens;

/// How far the clocks of provider and desk may differ, in seconds.
pub(super) const CLOCKS_S: i64 = 60;
/// A token is used at once: one that was issued longer ago than this is none of this sign-in, in seconds.
pub(super) const OLDEST_S: i64 = 600;
/// The most characters of a subject (`OpenID` Connect Core, 2).
const SUBJECT_CHARS: usize = 255;

/// The algorithms of signatures: those with public keys. By a shared secret, a key that is public could be taken for one.
pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Why a token was not taken. Its reason is logged, and names no claim of a person.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum TokenFault {
    /// It has expired, or is of the future.
    #[error("the times of the token do not fit: {0}")]
    Clock(String),
    /// It proves nothing.
    #[error("the token proves nothing: {0}")]
    Proof(String),
}

/// What a token is held against.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    /// The access token that came with it.
    pub(super) access_token: &'a str,
    /// The provider's key set, as it was sent.
    pub(super) keys: &'a [u8],
    pub(super) now: Instant,
}

/// Claims of a verified token.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claims {
    /// Identifies the person at the provider.
    pub(super) subject: String,
    /// When they proved themself there; `None` where the provider does not say.
    pub(super) auth_time: Option<Instant>,
    /// By which means (`amr`).
    pub(super) amr: Vec<String>,
    /// The class of the proof (`acr`).
    pub(super) acr: Option<String>,
    /// All claims.
    pub(super) all: Map<String, Value>,
}

fn time(at: Instant) -> DateTime<Utc> {
    DateTime::from_timestamp(at.0, 0).unwrap_or_default()
}

/// Verifies a token.
pub(super) fn verified(raw: &str, expected: &Expected<'_>) -> Result<Claims, TokenFault> {
    let proof = |what: &dyn std::fmt::Display| TokenFault::Proof(what.to_string());
    let keys: CoreJsonWebKeySet = serde_json::from_slice(expected.keys).map_err(|error| proof(&error))?;
    let issuer = IssuerUrl::new(expected.issuer.to_owned()).map_err(|error| proof(&error))?;
    let (earlier, later, oldest) = (
        time(expected.now.plus(-CLOCKS_S)),
        time(expected.now.plus(CLOCKS_S)),
        time(expected.now.plus(-OLDEST_S)),
    );
    // As a public client: no secret is a key then.
    let verifier =
        CoreIdTokenVerifier::new_public_client(ClientId::new(expected.client_id.to_owned()), issuer, keys)
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || earlier)
            .set_issue_time_verifier_fn(move |issued| {
                if issued > later || issued < oldest { Err(format!("issued at {issued}")) } else { Ok(()) }
            });
    // What the parser says may hold a part of the token.
    let token = CoreIdToken::from_str(raw).map_err(|_| proof(&"it cannot be read"))?;
    let nonce = Nonce::new(expected.nonce.to_owned());
    let claims = token.claims(&verifier, &nonce).map_err(|error| match error {
        ClaimsVerificationError::Expired(words) => TokenFault::Clock(words),
        error => proof(&error),
    })?;
    if let Some(party) = claims.authorized_party()
        && party.as_str() != expected.client_id
    {
        return Err(proof(&"it was issued to another client"));
    }
    if let Some(hash) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|error| proof(&error))?;
        let key = token.signing_key(&verifier).map_err(|error| proof(&error))?;
        let access_token = AccessToken::new(expected.access_token.to_owned());
        let actual =
            AccessTokenHash::from_token(&access_token, algorithm, key).map_err(|error| proof(&error))?;
        if actual.as_str() != hash.as_str() {
            return Err(proof(&"it belongs to another access token"));
        }
    }
    let subject = claims.subject().as_str().to_owned();
    if !is_subject(&subject) {
        return Err(proof(&"the subject is none"));
    }
    let auth_time = claims.auth_time().map(|at| Instant(at.timestamp()));
    let all = payload(raw).ok_or_else(|| proof(&"it cannot be read"))?;
    Ok(Claims {
        subject,
        auth_time,
        amr: texts(all.get("amr")),
        acr: all.get("acr").and_then(Value::as_str).map(str::to_owned),
        all,
    })
}

/// Whether a text can identify a person at a provider.
pub(super) fn is_subject(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= SUBJECT_CHARS && !text.chars().any(char::is_control)
}

/// The claims of a token whose signature was verified.
pub(super) fn payload(raw: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(raw.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The id of a provider's session (`sid`) as it is kept: its hash, since providers set no bound to it. `None` for a claim that is none.
pub(super) fn kept_sid(claim: Option<&Value>) -> Option<String> {
    claim.and_then(Value::as_str).filter(|sid| !sid.is_empty()).map(tokens::hash)
}

/// A claim by its name; by the way to it where the name has dots, as in `realm_access.roles`. One without a value is none.
pub(super) fn claim<'a>(all: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = all.get(name).or_else(|| {
        let mut parts = name.split('.');
        let first = all.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    });
    found.filter(|value| !value.is_null())
}

/// A claim with texts: a list, or one.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).take(GROUPS_READ_MAX).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    #[test]
    fn groups_are_found_by_name_or_by_the_way_to_them() {
        let all = object(json!({
            "groups": ["a", 7, "b"],
            "realm_access": { "roles": ["desk"] },
            "https://desk.example/groups": "one",
        }));
        let groups = |name: &str| texts(claim(&all, name));
        assert_eq!(groups("groups"), ["a", "b"]);
        assert_eq!(groups("realm_access.roles"), ["desk"]);
        assert_eq!(groups("https://desk.example/groups"), ["one"]);
        assert!(groups("realm_access").is_empty() && groups("realm_access.none").is_empty());
        assert!(groups("").is_empty() && groups("nothing").is_empty());
    }

    #[test]
    fn token_that_is_none_proves_nothing() {
        let expected = Expected {
            issuer: "https://login.example",
            client_id: "desk",
            nonce: "n",
            access_token: "a",
            keys: b"{\"keys\":[]}",
            now: Instant(1_800_000_000),
        };
        for raw in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "....", "é"] {
            assert!(matches!(verified(raw, &expected), Err(TokenFault::Proof(_))), "{raw}");
        }
        assert!(matches!(verified("", &Expected { keys: b"[]", ..expected }), Err(TokenFault::Proof(_))));
    }
}

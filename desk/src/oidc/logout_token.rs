//! The logout token of a provider (`OpenID` Connect Back-Channel Logout 1.0, 2.4 and 2.6). `openidconnect` has its keys and signatures,
//! and no token of this kind: one may name a session alone, and no person.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::Instant;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyId};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::id_token::{ALGORITHMS, CLOCKS_S, OLDEST_S, TokenFault, is_subject, kept_sid, payload};

/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Kinds that a token may name as its own (`typ`), in small letters. Many providers name the general one, or none.
const KINDS: [&str; 3] = ["logout+jwt", "application/logout+jwt", "jwt"];

/// What a token is held against.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    /// The provider's key set, as it was sent.
    pub(super) keys: &'a [u8],
    pub(super) now: Instant,
}

/// Whose sessions have ended, as a verified token says. It names a person, a session, or both.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Logout {
    /// Identifies the token (`jti`): it counts once.
    pub(super) token_id: String,
    /// Identifies the person at the provider.
    pub(super) subject: Option<String>,
    /// Hash of the id of the provider's session.
    pub(super) sid: Option<String>,
}

// Neither sessions nor personal data are printed.
impl std::fmt::Debug for Logout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Logout")
    }
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<JsonWebKeyId>,
    typ: Option<String>,
    crit: Option<Value>,
}

/// Reads the header of a token. What is wrong with it is found before the provider is asked for its keys.
fn header(raw: &str) -> Result<Header, TokenFault> {
    let read = || -> Option<Header> {
        let bytes = URL_SAFE_NO_PAD.decode(raw.split('.').next()?).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    let header = read().ok_or_else(|| proof("it cannot be read"))?;
    let is_of_kind = header.typ.as_ref().is_none_or(|typ| KINDS.contains(&typ.to_ascii_lowercase().as_str()));
    if !is_of_kind || header.crit.is_some() {
        return Err(proof("it is another kind of token"));
    }
    if ALGORITHMS.contains(&header.alg) { Ok(header) } else { Err(proof("its algorithm is not taken")) }
}

fn proof(what: &str) -> TokenFault {
    TokenFault::Proof(what.to_owned())
}

/// Judges a token by itself, before its keys are known.
pub(super) fn check_form(raw: &str) -> Result<(), TokenFault> {
    header(raw)?;
    payload(raw).map(drop).ok_or_else(|| proof("it cannot be read"))
}

/// Verifies a token.
pub(super) fn verified(raw: &str, expected: &Expected<'_>) -> Result<Logout, TokenFault> {
    let header = header(raw)?;
    check_signature(raw, &header, expected.keys)?;
    let claims = payload(raw).ok_or_else(|| proof("it cannot be read"))?;
    if claims.get("iss").and_then(Value::as_str) != Some(expected.issuer) {
        return Err(proof("it has another issuer"));
    }
    if !is_for(claims.get("aud"), expected.client_id) {
        return Err(proof("it was issued to another client"));
    }
    check_times(&claims, expected.now)?;
    let events = claims.get("events").and_then(Value::as_object);
    if !events.and_then(|events| events.get(EVENT)).is_some_and(Value::is_object) {
        return Err(proof("it tells of no logout"));
    }
    // An ID token has one, and may not be taken for a logout token.
    if claims.contains_key("nonce") {
        return Err(proof("it has a nonce"));
    }
    let token_id = claims.get("jti").and_then(Value::as_str).filter(|id| !id.is_empty());
    let token_id = token_id.ok_or_else(|| proof("it has no id"))?.to_owned();
    let named = |name: &str| claims.get(name).filter(|value| !value.is_null());
    let subject = match named("sub").map(Value::as_str) {
        None => None,
        Some(Some(text)) if is_subject(text) => Some(text.to_owned()),
        Some(_) => return Err(proof("the subject is none")),
    };
    let sid = match named("sid") {
        None => None,
        claim => Some(kept_sid(claim).ok_or_else(|| proof("the session is none"))?),
    };
    if subject.is_none() && sid.is_none() {
        return Err(proof("it names neither person nor session"));
    }
    Ok(Logout { token_id, subject, sid })
}

/// Whether one key of the provider that the header fits has signed the token.
fn check_signature(raw: &str, header: &Header, keys: &[u8]) -> Result<(), TokenFault> {
    let parts = raw.split('.').count();
    let (content, signature) =
        raw.rsplit_once('.').filter(|_| parts == 3).ok_or_else(|| proof("it cannot be read"))?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| proof("it cannot be read"))?;
    let keys: CoreJsonWebKeySet =
        serde_json::from_slice(keys).map_err(|error| TokenFault::Proof(error.to_string()))?;
    let fits = |id: Option<&JsonWebKeyId>| header.kid.is_none() || header.kid.as_ref() == id;
    // The library holds the key's kind and use against the algorithm.
    let is_signed = keys
        .keys()
        .iter()
        .filter(|key| fits(key.key_id()))
        .any(|key| key.verify_signature(&header.alg, content.as_bytes(), &signature).is_ok());
    if is_signed { Ok(()) } else { Err(proof("the signature is not the provider's")) }
}

/// Whether an audience is the desk, and no other client.
fn is_for(audience: Option<&Value>, client_id: &str) -> bool {
    match audience {
        Some(Value::String(one)) => one == client_id,
        Some(Value::Array(several)) => matches!(several.as_slice(), [Value::String(one)] if one == client_id),
        _ => false,
    }
}

/// The same limits as those of an ID token.
fn check_times(claims: &Map<String, Value>, now: Instant) -> Result<(), TokenFault> {
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let (Some(issued), Some(expires)) = (time("iat"), time("exp")) else {
        return Err(proof("it has no times"));
    };
    let clock = |what: &str, at: i64| Err(TokenFault::Clock(format!("{what} at {at}")));
    if issued > now.0.saturating_add(CLOCKS_S) || issued < now.0.saturating_sub(OLDEST_S) {
        return clock("issued", issued);
    }
    if expires <= now.0.saturating_sub(CLOCKS_S) {
        return clock("expired", expires);
    }
    Ok(())
}

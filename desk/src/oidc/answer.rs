//! A browser comes back from a provider. Nothing of the answer is believed before it was held against what was asked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::audit::SignInRefusal;
use domain::i18n::Language;
use domain::identity_provider::{IdentityProblem, IdentityProviderId, Strangers, proves_two_factors};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::departure::{Purpose, Request, redirect_address, take};
use super::entry::{Entrance, EntryError, Identity, ProvenBy, connect, enter, join};
use super::id_token::{CLOCKS_S, Claims, Expected, TokenFault, claim, kept_sid, texts, verified};
use super::metadata::{ProviderFault, get, get_bytes, post, words};
use super::providers::{Kept, in_use};
use crate::Desk;
use crate::access::second_step::SecondStep;
use crate::access::sign_in::{Began, SignedIn, note_refusal};
use crate::access::tokens;
use crate::store::StoreError;

/// What is encoded of a field. The unreserved signs (RFC 3986, 2.3) stay: some providers do not decode a client's id and secret in
/// `Authorization`, and most of these have hyphens.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest ID token that is kept, in bytes. It goes back in one header, and proxies take some four thousand bytes of headers. Without
/// it the provider asks whether they want to sign out.
const HINT_BYTES: usize = 2048;

/// What a provider sends back by a browser.
#[derive(Clone, Copy, Default)]
pub struct Answer<'a> {
    /// The state of the request.
    pub state: &'a str,
    /// What is changed for tokens; `None` after a refusal.
    pub code: Option<&'a str>,
    /// Who answers (RFC 9207).
    pub issuer: Option<&'a str>,
    /// The code of a refusal.
    pub error: Option<&'a str>,
    /// The session in the browser, by its secret.
    pub session: Option<&'a str>,
}

// Codes are not printed.
impl std::fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer")
    }
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// They are signed in, and go on there.
    In {
        /// Session and browser.
        signed_in: SignedIn,
        /// A path of this site.
        next: String,
    },
    /// The desk's second factor is wanted.
    CodeWanted {
        /// The sign-in that waits.
        step: Box<SecondStep>,
        /// A path of this site.
        next: String,
    },
    /// The account was connected.
    Connected,
}

/// Why nothing came of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerError {
    /// The sign-in failed.
    NotIn {
        /// The reason.
        problem: IdentityProblem,
        /// The page after the sign-in, if it is known: a path of this site.
        next: Option<String>,
    },
    /// The account was not connected.
    NotConnected(IdentityProblem),
}

impl AnswerError {
    fn new(purpose: &Purpose, next: &str, problem: IdentityProblem) -> Self {
        match purpose {
            Purpose::Connection { .. } => Self::NotConnected(problem),
            Purpose::SignIn | Purpose::FreshSignIn | Purpose::Invitation { .. } => {
                Self::NotIn { problem, next: Some(next.to_owned()) }
            }
        }
    }
}

/// Takes the answer of a provider in the browser with this secret. A person who is not known yet reads mails in `language`.
///
/// # Errors
/// See [`AnswerError`].
pub async fn answer(
    desk: &Desk,
    id: IdentityProviderId,
    answer: Answer<'_>,
    browser: &str,
    how: Began<'_>,
    language: Language,
) -> Result<Came, AnswerError> {
    let lost = |problem| AnswerError::NotIn { problem, next: None };
    let failed = |error: StoreError| {
        tracing::error!(%error, "the sign-in by identity providers fails");
        lost(IdentityProblem::Failed)
    };
    let request = take(desk, id, answer.state, browser).await.map_err(failed)?;
    let request = request.ok_or(lost(IdentityProblem::Over))?;
    let refused = |problem| AnswerError::new(&request.purpose, &request.next, problem);
    let told = told(desk, id, &request, answer).await.inspect_err(|problem| {
        if *problem == IdentityProblem::Proof {
            note_refusal(desk, None, how.source, SignInRefusal::Provider);
        }
    });
    let (kept, told) = told.map_err(refused)?;
    let is_fresh = told.identity.proven_at.is_some_and(|at| at.0 >= request.begun.0 - CLOCKS_S);
    if request.purpose == Purpose::FreshSignIn && !is_fresh {
        return Err(refused(IdentityProblem::NotFresh));
    }
    let Told { identity, proven } = told;
    let entrance = match &request.purpose {
        Purpose::SignIn | Purpose::FreshSignIn => {
            enter(desk, &kept.view, identity, proven, how, language).await
        }
        Purpose::Connection { person, session } => {
            let is_theirs = answer.session.is_some_and(|secret| tokens::hash(secret) == *session);
            if !is_theirs {
                return Err(refused(IdentityProblem::Over));
            }
            let connected = connect(desk, &kept.view, identity, *person, session).await;
            return connected.map(|()| Came::Connected).map_err(|error| refused(problem(error)));
        }
        Purpose::Invitation { id, token_hash } => {
            join(desk, &kept.view, identity, proven, (*id, token_hash), how).await
        }
    };
    let next = request.next.clone();
    match entrance.map_err(|error| refused(problem(error)))? {
        Entrance::In(signed_in) => Ok(Came::In { signed_in, next }),
        Entrance::CodeWanted(step) => Ok(Came::CodeWanted { step, next }),
    }
}

fn problem(error: EntryError) -> IdentityProblem {
    match error {
        EntryError::Refused(problem) => problem,
        EntryError::Desk(error) => {
            tracing::error!(%error, "the sign-in by identity providers fails");
            IdentityProblem::Failed
        }
    }
}

/// What a provider said of a person, verified.
struct Told {
    identity: Identity,
    proven: ProvenBy,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
}

/// Holds an answer against its request, changes the code for tokens, and verifies them.
async fn told(
    desk: &Desk,
    id: IdentityProviderId,
    request: &Request,
    answer: Answer<'_>,
) -> Result<(Kept, Told), IdentityProblem> {
    let metadata = &request.metadata;
    let warn =
        |what: &str| tracing::warn!(provider = id.0, what, "an answer of an identity provider was refused");
    // Before anything else of the answer: another provider may have sent it (RFC 9207, 2.4).
    match answer.issuer {
        Some(issuer) if issuer != metadata.issuer => {
            warn("it names another issuer");
            return Err(IdentityProblem::Proof);
        }
        None if metadata.authorization_response_iss_parameter_supported => {
            warn("it names no issuer");
            return Err(IdentityProblem::Proof);
        }
        Some(_) | None => {}
    }
    if let Some(error) = answer.error {
        warn(&words(error.as_bytes()));
        return Err(match error {
            "access_denied" | "consent_required" | "login_required" | "interaction_required" => {
                IdentityProblem::Denied
            }
            "temporarily_unavailable" | "server_error" => IdentityProblem::Unreachable,
            _ => IdentityProblem::Refused,
        });
    }
    let code = answer.code.filter(|code| !code.is_empty()).ok_or(IdentityProblem::Proof)?;
    let kept = in_use(desk, id).await.map_err(|error| problem(EntryError::Desk(error.into())))?;
    let kept = kept.ok_or(IdentityProblem::Closed)?;
    // The settings were changed since the request was taken: the secret of another provider does not go to this one.
    if kept.view.set.issuer.as_str() != metadata.issuer {
        return Err(IdentityProblem::Over);
    }
    let faulty = |error: ProviderFault| {
        warn(&error.to_string());
        match error {
            ProviderFault::Refused { status: 400..=499, .. } => IdentityProblem::Refused,
            _ => IdentityProblem::Unreachable,
        }
    };
    let (authorization, form) = token_request(desk, &kept, request, code);
    let tokens: Tokens =
        post(desk.egress(), &metadata.token_endpoint, authorization, &form).await.map_err(faulty)?;
    let keys = get_bytes(desk.egress(), &metadata.jwks_uri, None).await.map_err(faulty)?;
    let expected = Expected {
        issuer: &metadata.issuer,
        client_id: &kept.view.set.client_id,
        nonce: &request.nonce,
        access_token: &tokens.access_token,
        keys: &keys,
        now: desk.now(),
    };
    let claims = verified(&tokens.id_token, &expected).map_err(|fault| {
        warn(&fault.to_string());
        match fault {
            TokenFault::Clock(_) => IdentityProblem::Clock,
            TokenFault::Proof(_) => IdentityProblem::Proof,
        }
    })?;
    let more = match (&metadata.userinfo_endpoint, is_whole(&kept, &claims)) {
        (Some(endpoint), false) => {
            let more: Map<String, Value> =
                get(desk.egress(), endpoint, Some(&tokens.access_token)).await.map_err(faulty)?;
            // An answer about another person is none (OpenID Connect Core, 5.3.2).
            if more.get("sub").and_then(Value::as_str) != Some(claims.subject.as_str()) {
                warn("it says more of another person");
                return Err(IdentityProblem::Proof);
            }
            more
        }
        _ => Map::new(),
    };
    let told = read(desk, &kept, request, (claims, more), tokens.id_token);
    Ok((kept, told))
}

/// The authorisation and the fields by which a code is changed for tokens.
fn token_request(desk: &Desk, kept: &Kept, request: &Request, code: &str) -> (Option<String>, String) {
    let (client_id, secret) = (kept.view.set.client_id.as_str(), kept.client_secret.as_str());
    let methods = request.metadata.token_endpoint_auth_methods_supported.as_deref();
    let takes_basic =
        methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
    let redirect = redirect_address(desk.public_url(), request.provider);
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect.as_str()),
        ("code_verifier", request.verifier.as_str()),
    ];
    let mut authorization = None;
    if secret.is_empty() {
        fields.push(("client_id", client_id));
    } else if takes_basic {
        let pair = format!("{}:{}", encoded(client_id), encoded(secret));
        authorization = Some(format!("Basic {}", STANDARD.encode(pair)));
    } else {
        fields.extend([("client_id", client_id), ("client_secret", secret)]);
    }
    let form = fields.iter().map(|&(name, value)| format!("{name}={}", encoded(value)));
    (authorization, form.collect::<Vec<_>>().join("&"))
}

/// A text as the value of a field.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Whether an ID token says all that is wanted: groups that have roles; name and mail address of a person who may be unknown. Many
/// providers say these at their userinfo endpoint.
fn is_whole(kept: &Kept, claims: &Claims) -> bool {
    let set = &kept.view.set;
    let has = |name: &str| claim(&claims.all, name).is_some();
    let has_groups = set.group_roles.is_empty() || has(&set.groups_claim);
    has_groups && (set.strangers == Strangers::Refused || (has("email") && has("name")))
}

fn read(
    desk: &Desk,
    kept: &Kept,
    request: &Request,
    (claims, more): (Claims, Map<String, Value>),
    id_token: String,
) -> Told {
    let set = &kept.view.set;
    let of = |name: &str| claim(&claims.all, name).or_else(|| claim(&more, name));
    let text = |name: &str| of(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_refuted = match of("email_verified") {
        Some(Value::Bool(verified)) => !verified,
        Some(Value::String(verified)) => verified == "false",
        _ => false,
    };
    let is_proven_twice = proves_two_factors(&set.factor_values, &claims.amr, claims.acr.as_deref());
    let now = desk.now();
    let end_session = request.metadata.end_session_endpoint.clone().unwrap_or_default();
    // It is kept for the sign-out alone.
    let is_kept = !end_session.is_empty() && id_token.len() <= HINT_BYTES;
    let identity = Identity {
        groups: texts(of(&set.groups_claim)),
        name: text("name"),
        mail: if is_refuted { String::new() } else { text("email") },
        // A provider's clock that is ahead makes no session fresh for longer.
        proven_at: claims.auth_time.map(|at| at.min(now)),
        // What the signed token says: the userinfo endpoint knows of no session.
        sid: kept_sid(claims.all.get("sid")).unwrap_or_default(),
        id_token: if is_kept { id_token } else { String::new() },
        end_session,
        subject: claims.subject,
    };
    let proven = if is_proven_twice { ProvenBy::TwoFactors } else { ProvenBy::OneFactor };
    Told { identity, proven }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreserved_signs_of_an_id_and_a_secret_stay() {
        assert_eq!(encoded("42-mesa.apps_x~8Q"), "42-mesa.apps_x~8Q");
        assert_eq!(encoded("a:b c+d&ñ"), "a%3Ab%20c%2Bd%26%C3%B1");
    }
}

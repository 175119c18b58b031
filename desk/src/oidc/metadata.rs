//! What a provider says of itself (`OpenID` Connect Discovery), and requests to it.

use std::time::Duration;

use domain::identity_provider::Issuer;
use domain::webhook::DeliveryFailure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::webhooks::{Egress, Fetch, Fetched, ReceiverUrl, fetch};

/// How long a provider may take for one answer.
const WITHIN: Duration = Duration::from_secs(8);
/// The most characters of a provider's own words that are repeated.
const WORDS_CHARS: usize = 200;

/// Why a provider could not be asked, in words for its administrator.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProviderFault {
    /// No answer came, or the address is not one to which the desk connects.
    #[error("{0:?}")]
    Unanswered(DeliveryFailure),
    /// It answered with an error, in these words.
    #[error("status {status}: {words}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Code and description, or the beginning of the answer.
        words: String,
    },
    /// The answer is not the JSON that it has to be.
    #[error("the answer cannot be read: {0}")]
    Unread(String),
    /// It calls itself otherwise.
    #[error("it calls itself {0}")]
    OtherIssuer(String),
    /// One of its addresses is none, or not https while the issuer is.
    #[error("an address is not usable: {0}")]
    Address(String),
}

/// What a provider says of itself. Kept with a request, so that the answer is held against the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// As it calls itself.
    pub issuer: String,
    /// Where browsers are sent.
    pub authorization_endpoint: String,
    /// Where a code is changed for tokens.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where it says more of a person; `None` without one.
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    /// Where browsers sign out; `None` without one.
    #[serde(default)]
    pub end_session_endpoint: Option<String>,
    /// Whether its answers name it (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// How it lets a client prove itself; `None` where it does not say, which means `client_secret_basic`.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// Asks a provider for what it says of itself.
pub(super) async fn discover(egress: &Egress, issuer: &Issuer) -> Result<Metadata, ProviderFault> {
    let metadata: Metadata = get(egress, &issuer.discovery(), None).await?;
    if metadata.issuer != issuer.as_str() {
        return Err(ProviderFault::OtherIssuer(words(metadata.issuer.as_bytes())));
    }
    let endpoints =
        [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri].into_iter();
    let others = metadata.userinfo_endpoint.iter().chain(&metadata.end_session_endpoint);
    for endpoint in endpoints.chain(others) {
        address(issuer.as_str(), endpoint)?;
    }
    Ok(metadata)
}

/// Asks a provider, for the operator, whether it says what it is.
///
/// # Errors
/// See [`ProviderFault`].
pub async fn check_issuer(egress: &Egress, issuer: &str) -> Result<(), ProviderFault> {
    let issuer = Issuer::parse(issuer).map_err(|_| ProviderFault::Address(words(issuer.as_bytes())))?;
    discover(egress, &issuer).await.map(drop)
}

/// An address of a provider. One that calls itself by https has no other ones.
fn address(issuer: &str, endpoint: &str) -> Result<ReceiverUrl, ProviderFault> {
    let refused = || ProviderFault::Address(words(endpoint.as_bytes()));
    let url = ReceiverUrl::parse(endpoint).map_err(|_| refused())?;
    let is_plain = !url.as_str().starts_with("https://");
    if is_plain && issuer.starts_with("https://") { Err(refused()) } else { Ok(url) }
}

/// Gets JSON, with an access token where one is needed.
pub(super) async fn get<T: DeserializeOwned>(
    egress: &Egress,
    endpoint: &str,
    access_token: Option<&str>,
) -> Result<T, ProviderFault> {
    let body = get_bytes(egress, endpoint, access_token).await?;
    serde_json::from_slice(&body).map_err(|error| ProviderFault::Unread(error.to_string()))
}

/// The same, as it was sent.
pub(super) async fn get_bytes(
    egress: &Egress,
    endpoint: &str,
    access_token: Option<&str>,
) -> Result<Vec<u8>, ProviderFault> {
    // It becomes a header.
    let fits = |token: &&str| token.bytes().all(|byte| byte.is_ascii_graphic());
    let authorization = access_token.filter(fits).map(|token| format!("Bearer {token}"));
    ask(egress, endpoint, authorization, None).await
}

/// Posts fields, and gives the answer's JSON.
pub(super) async fn post<T: DeserializeOwned>(
    egress: &Egress,
    endpoint: &str,
    authorization: Option<String>,
    form: &str,
) -> Result<T, ProviderFault> {
    let body = ask(egress, endpoint, authorization, Some(form)).await?;
    // The answer has tokens: what serde says of it is not repeated.
    serde_json::from_slice(&body).map_err(|_| ProviderFault::Unread(String::new()))
}

async fn ask(
    egress: &Egress,
    endpoint: &str,
    authorization: Option<String>,
    form: Option<&str>,
) -> Result<Vec<u8>, ProviderFault> {
    let url = ReceiverUrl::parse(endpoint).map_err(|_| ProviderFault::Address(words(endpoint.as_bytes())))?;
    let request = Fetch { url: &url, authorization, form };
    let Fetched { status, body } =
        fetch(egress, &request, WITHIN).await.map_err(ProviderFault::Unanswered)?;
    if status == 200 { Ok(body) } else { Err(ProviderFault::Refused { status, words: told(&body) }) }
}

/// An error in a provider's own words (RFC 6749, 5.2), else the beginning of what it sent.
fn told(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Told {
        error: String,
        #[serde(default)]
        error_description: String,
    }
    match serde_json::from_slice::<Told>(body) {
        Ok(told) => words(format!("{} {}", told.error, told.error_description).as_bytes()),
        Err(_) => words(body),
    }
}

/// A text of one line for people, whatever was sent.
pub(super) fn words(sent: &[u8]) -> String {
    let text = String::from_utf8_lossy(sent);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(WORDS_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_that_calls_itself_by_https_has_no_plain_address() {
        let issuer = "https://login.example";
        assert!(address(issuer, "https://login.example/token").is_ok());
        assert!(address("http://127.0.0.1:9000", "http://127.0.0.1:9000/token").is_ok());
        for wrong in ["http://login.example/token", "javascript:alert(1)", "https://a:b@login.example/", ""] {
            assert!(matches!(address(issuer, wrong), Err(ProviderFault::Address(_))), "{wrong}");
        }
    }

    #[test]
    fn refusal_is_told_in_the_providers_words() {
        let body = b"{\"error\":\"invalid_client\",\"error_description\":\"no\\nsuch client\"}";
        assert_eq!(told(body), "invalid_client no such client");
        assert_eq!(told(b"<h1>Bad\x07 gateway</h1>"), "<h1>Bad gateway</h1>");
    }
}

//! What the operator says of a mailbox.

use std::fmt;
use std::time::Duration;

use desk::outbox::Tls;

use super::tls::Authorities;

/// A mailbox from which mails are taken.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Its name in configuration, log and metrics: small letters, digits and `_`.
    pub name: String,
    /// The name of its server.
    pub host: String,
    /// The port of its server.
    pub port: u16,
    /// How the connection is secured. [`Tls::None`] is for this machine alone.
    pub tls: Tls,
    /// The operator's own certificate authorities.
    pub authorities: Authorities,
    /// The account at its server.
    pub user: String,
    /// What proves that the account is the desk's.
    pub proof: Proof,
    /// The folder that is read.
    pub folder: String,
    /// What becomes of a mail that was taken.
    pub taken: Taken,
    /// The folder for mails that are never taken: larger than a mail may be.
    pub refused_folder: String,
    /// How often it is looked at where its server cannot tell of new mails (`IDLE`).
    pub poll: Duration,
}

impl Mailbox {
    /// Words of a server without the secrets that it was sent: it may repeat them.
    #[must_use]
    pub fn without_secrets(&self, words: &str) -> String {
        let secrets = match &self.proof {
            Proof::Password(password) => vec![password],
            Proof::OAuth(client) => client.client_secret.iter().chain(&client.refresh_token).collect(),
        };
        let secrets = secrets.into_iter().map(|secret| secret.0.as_str()).filter(|secret| !secret.is_empty());
        secrets.fold(words.to_owned(), |words, secret| words.replace(secret, "…"))
    }
}

/// What proves that an account is the desk's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A password.
    Password(Secret),
    /// An access token, which an authorisation server issues (`XOAUTH2`).
    OAuth(OAuthClient),
}

/// The desk as a client of an authorisation server (RFC 6749).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthClient {
    /// Where tokens are issued.
    pub endpoint: TokenEndpoint,
    /// The client's id.
    pub client_id: String,
    /// The client's secret; public clients have none.
    pub client_secret: Option<Secret>,
    /// The refresh token. `None`: the client asks in its own name (grant `client_credentials`).
    pub refresh_token: Option<Secret>,
    /// The scope that is asked for. `None`: that of the refresh token.
    pub scope: Option<String>,
}

/// Where tokens are issued: an `https` address, or one of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenEndpoint {
    /// Whether the connection begins with TLS.
    pub security: EndpointSecurity,
    /// The server's name.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// The path with its query.
    pub path: String,
}

/// How an authorisation server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointSecurity {
    /// By TLS.
    Tls,
    /// In the clear, on this machine.
    None,
}

impl TokenEndpoint {
    /// Reads an address such as `https://oauth2.googleapis.com/token`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uri: http::Uri = text.trim().parse().ok()?;
        let host = uri.host()?.to_owned();
        let (security, usual) = match uri.scheme_str()? {
            "https" => (EndpointSecurity::Tls, 443),
            "http" if desk::host::is_this_machine(&host) => (EndpointSecurity::None, 80),
            _ => return None,
        };
        let is_plain = !uri.authority()?.as_str().contains('@') && !text.contains('#');
        let port = uri.port_u16().unwrap_or(usual);
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        is_plain.then_some(Self { security, host, port, path })
    }
}

/// What becomes of a mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is moved to a folder.
    Moved(String),
    /// It stays where it is, as read.
    Seen,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_asked_for_by_tls_or_on_this_machine() {
        let endpoint = TokenEndpoint::parse("https://login.example.com/t/oauth2/v2.0/token?a=b").unwrap();
        assert_eq!((endpoint.security, endpoint.port), (EndpointSecurity::Tls, 443));
        assert_eq!((&*endpoint.host, &*endpoint.path), ("login.example.com", "/t/oauth2/v2.0/token?a=b"));
        let near = TokenEndpoint::parse("http://127.0.0.1:8081/token").unwrap();
        assert_eq!((near.security, near.port), (EndpointSecurity::None, 8081));
        for wrong in ["", "login.example.com", "http://login.example.com/token", "https://a@b/c", "ftp://a/b"]
        {
            assert_eq!(TokenEndpoint::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn debug_output_omits_secrets() {
        assert_eq!(format!("{:?}", Proof::Password(Secret("s3cret".to_owned()))), "Password(…)");
    }
}

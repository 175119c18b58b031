//! Access tokens of an authorisation server (RFC 6749): by a refresh token, or in the client's own name.

use std::io;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use thiserror::Error;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

use super::settings::{EndpointSecurity, OAuthClient, Secret};
use super::tls::{self, AnyStream, Authorities};

/// How long the server may take.
const WITHIN: Duration = Duration::from_secs(30);
/// Most bytes of its answer.
const MAX_ANSWER: u64 = 64 * 1024;
/// How long a token is used whose server does not say.
const USUAL: Duration = Duration::from_mins(5);
/// A token is not used in its last seconds.
const MARGIN: Duration = Duration::from_mins(1);
/// The code for a refresh token that has ended, among others (RFC 6749, 5.2).
const ENDED: &str = "invalid_grant";
/// Most characters of an error's code.
const MAX_CODE: usize = 60;

/// Why no token was issued. The server's description is not repeated: it may name what was sent.
#[derive(Debug, Error)]
pub(super) enum TokenError {
    /// The server cannot be reached.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The server refused, with its code.
    #[error("refused with status {0}: {1}")]
    Refused(u16, String),
    /// The answer cannot be read.
    #[error("the answer cannot be read")]
    Confused,
}

/// The token that is in use.
#[derive(Default)]
pub(super) struct Tokens {
    current: Option<(String, Instant)>,
    /// A refresh token that replaced the configured one.
    refresh: Option<Secret>,
}

#[derive(Deserialize)]
struct Issued {
    access_token: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
}

#[derive(Deserialize)]
struct Problem {
    error: String,
}

impl Tokens {
    /// A token that is valid.
    pub(super) async fn access_token(&mut self, client: &OAuthClient) -> Result<String, TokenError> {
        if let Some((token, until)) = &self.current
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let refresh = self.refresh.as_ref().or(client.refresh_token.as_ref());
        let form = form(client, refresh);
        let asked = tokio::time::timeout(WITHIN, ask(client, &form)).await;
        let answer = asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        let (status, body) = parsed(&answer).ok_or(TokenError::Confused)?;
        if status != 200 {
            let code = code(&body);
            // A refresh token that was replaced may have ended: the configured one is tried next. Of no other failure is it
            // the cause.
            if code == ENDED {
                self.refresh = None;
            }
            return Err(TokenError::Refused(status, code));
        }
        let issued: Issued = serde_json::from_slice(&body).map_err(|_| TokenError::Confused)?;
        let is_plain = |token: &str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain(&issued.access_token) {
            return Err(TokenError::Confused);
        }
        let lasts = issued.expires_in.map_or(USUAL, |seconds| Duration::from_secs(seconds.min(86_400)));
        self.current = Some((issued.access_token.clone(), Instant::now() + lasts.saturating_sub(MARGIN)));
        self.refresh = issued.refresh_token.map(Secret).or(self.refresh.take());
        Ok(issued.access_token)
    }

    /// The token was not accepted: the next is a new one.
    pub(super) fn forget(&mut self) {
        self.current = None;
    }
}

fn form(client: &OAuthClient, refresh: Option<&Secret>) -> String {
    let grant = if refresh.is_some() { "refresh_token" } else { "client_credentials" };
    let fields = [
        ("grant_type", Some(grant)),
        ("client_id", Some(client.client_id.as_str())),
        ("client_secret", client.client_secret.as_ref().map(|secret| secret.0.as_str())),
        ("refresh_token", refresh.map(|secret| secret.0.as_str())),
        ("scope", client.scope.as_deref()),
    ];
    let pairs = fields.into_iter().filter_map(|(name, value)| {
        value.map(|value| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
    });
    pairs.collect::<Vec<_>>().join("&")
}

async fn ask(client: &OAuthClient, form: &str) -> io::Result<Vec<u8>> {
    let endpoint = &client.endpoint;
    let stream: AnyStream = Box::new(tls::connect(&endpoint.host, endpoint.port).await?);
    let mut stream = match endpoint.security {
        EndpointSecurity::Tls => tls::secure(stream, &endpoint.host, &Authorities::default()).await?,
        EndpointSecurity::None => stream,
    };
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAccept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        endpoint.path,
        endpoint.host,
        form.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(form.as_bytes()).await?;
    stream.flush().await?;
    let mut whole = Vec::new();
    let read = stream.take(MAX_ANSWER).read_to_end(&mut whole).await;
    // Some servers close without the end of TLS: the answer's own length says whether it is whole.
    if whole.is_empty() { read.map(|_| whole) } else { Ok(whole) }
}

/// Status and body of an answer; chunks are joined.
fn parsed(whole: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = whole.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, mut rest) = (std::str::from_utf8(&whole[..end]).ok()?, &whole[end + 4..]);
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let is_chunked = head.lines().filter_map(|line| line.split_once(':')).any(|(name, value)| {
        name.eq_ignore_ascii_case("transfer-encoding") && value.trim().eq_ignore_ascii_case("chunked")
    });
    if !is_chunked {
        return Some((status, rest.to_vec()));
    }
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let length = std::str::from_utf8(&rest[..end]).ok()?.split(';').next()?.trim();
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some((status, body));
        }
        let start = end + 2;
        body.extend_from_slice(rest.get(start..start.checked_add(length)?)?);
        rest = rest.get(start + length + 2..)?;
    }
}

/// The code of an error, if it is one.
fn code(body: &[u8]) -> String {
    let told = serde_json::from_slice(body).map(|problem: Problem| problem.error).unwrap_or_default();
    told.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        .take(MAX_CODE)
        .collect()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::super::settings::TokenEndpoint;
    use super::*;

    /// A client, and what its server is sent; the server gives the answers one after the other.
    async fn client(answers: &'static [&'static str]) -> (OAuthClient, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let playing = tokio::spawn(async move {
            let mut heard = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut whole = Vec::new();
                while !whole.ends_with(b"END") {
                    whole.push(stream.read_u8().await.unwrap());
                }
                heard.push(String::from_utf8(whole).unwrap());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            heard
        });
        let client = OAuthClient {
            endpoint: TokenEndpoint::parse(&format!("http://127.0.0.1:{port}/token")).unwrap(),
            client_id: "desk".to_owned(),
            client_secret: Some(Secret("a&b".to_owned())),
            refresh_token: Some(Secret("old".to_owned())),
            scope: Some("END".to_owned()),
        };
        (client, playing)
    }

    #[tokio::test]
    async fn token_is_kept_until_it_ends_and_the_refresh_token_is_replaced() {
        let (client, playing) = client(&[
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n28\r\n{\"access_token\":\"one\",\"refresh_token\":\"n\r\n\
             16\r\new\",\"expires_in\":3600}\r\n0\r\n\r\n",
            "HTTP/1.1 503 Service Unavailable\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\n\r\n{\"error\":\"invalid_grant\",\"error_description\":\"new is wrong\"}",
            "HTTP/1.1 200 OK\r\n\r\n{\"access_token\":\"two\"}",
        ])
        .await;
        let mut tokens = Tokens::default();
        assert_eq!(tokens.access_token(&client).await.unwrap(), "one");
        assert_eq!(tokens.access_token(&client).await.unwrap(), "one");
        tokens.forget();
        let failed = tokens.access_token(&client).await.unwrap_err();
        assert!(matches!(failed, TokenError::Refused(503, _)), "{failed}");
        let refused = tokens.access_token(&client).await.unwrap_err().to_string();
        assert_eq!(refused, "refused with status 400: invalid_grant");
        assert_eq!(tokens.access_token(&client).await.unwrap(), "two");
        let heard = playing.await.unwrap();
        assert!(heard[0].starts_with("POST /token HTTP/1.1\r\n"), "{}", heard[0]);
        for (asked, refresh) in heard.iter().zip(["old", "new", "new", "old"]) {
            let form = format!(
                "grant_type=refresh%5Ftoken&client_id=desk&client_secret=a%26b&refresh_token={refresh}&scope=END"
            );
            assert!(asked.ends_with(&form), "{asked}");
        }
    }

    #[test]
    fn broken_answers_are_no_answers() {
        for wrong in [
            "",
            "HTTP/1.1 200 OK",
            "220 smtp\r\n\r\n",
            "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
            "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
        ] {
            assert_eq!(parsed(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(code(b"{\"error\":\"a\\nb c\"}"), "abc");
        assert_eq!(code(b"<html>"), "");
    }
}

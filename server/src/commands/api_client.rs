//! Requests to the API of a desk, for the command line. Each has a connection of its own, and is answered as HTTP/1.0, whose
//! answers end with the connection.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::i18n::Language;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::config::PublicUrl;

/// The longest that an answer may take.
const WITHIN: Duration = Duration::from_secs(30);
/// The most bytes of an answer: two hundred cases have less.
const ANSWER: u64 = 16 * 1024 * 1024;

/// A request.
#[derive(Debug)]
pub(super) struct Asked {
    method: &'static str,
    /// Below `/api/v1`.
    path: String,
    key: Option<String>,
    body: Vec<u8>,
}

impl Asked {
    /// Asks for something.
    pub(super) const fn get(path: String) -> Self {
        Self { method: "GET", path, key: None, body: Vec::new() }
    }

    /// Sends JSON, with an idempotency key where one is needed.
    pub(super) const fn post(path: String, key: Option<String>, body: Vec<u8>) -> Self {
        Self { method: "POST", path, key, body }
    }

    /// The path with its query.
    #[cfg(test)]
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Sends a request and reads its answer.
pub(super) async fn ask(
    url: &PublicUrl,
    token: &str,
    language: Language,
    asked: &Asked,
) -> io::Result<Answer> {
    let sent = tokio::time::timeout(WITHIN, send(url, token, language, asked)).await;
    sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn send(url: &PublicUrl, token: &str, language: Language, asked: &Asked) -> io::Result<Answer> {
    let host = url.host().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, url.port())).await?;
    let head = head(url, token, language, asked)?;
    if !url.is_https() {
        return exchange(stream, &head, &asked.body).await;
    }
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    exchange(stream, &head, &asked.body).await
}

/// The request line and the headers. What would end a header early is refused.
fn head(url: &PublicUrl, token: &str, language: Language, asked: &Asked) -> io::Result<String> {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if !is_plain(token) || !asked.key.as_deref().is_none_or(is_plain) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let Asked { method, path, key, body } = asked;
    let key = key.as_ref().map(|key| format!("Idempotency-Key: {key}\r\n")).unwrap_or_default();
    Ok(format!(
        "{method} /api/v1{path} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n\
         Accept-Language: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{key}\r\n",
        url.host(),
        language.code(),
        body.len()
    ))
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    head: &str,
    body: &[u8],
) -> io::Result<Answer> {
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.flush().await?;
    let mut whole = Vec::new();
    stream.take(ANSWER).read_to_end(&mut whole).await?;
    parsed(&whole).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The status and the body of an answer; `None` for what is no answer of HTTP.
fn parsed(whole: &[u8]) -> Option<Answer> {
    let end = whole.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(&whole[..end]).ok()?, &whole[end + 4..]);
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_is_cut_into_status_and_body() {
        let answer = parsed(b"HTTP/1.0 404 Not Found\r\nA: b\r\n\r\n{}").unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (404, &b"{}"[..]));
        for wrong in [&b""[..], b"HTTP/1.1 200 OK", b"SMTP 200\r\n\r\n", b"HTTP/1.1 x\r\n\r\n"] {
            assert!(parsed(wrong).is_none());
        }
    }

    #[test]
    fn header_cannot_be_ended_early() {
        let url = PublicUrl::parse("http://desk.example:81").unwrap();
        let asked = |key: &str| Asked::post("/cases".to_owned(), Some(key.to_owned()), Vec::new());
        assert!(
            head(&url, "vigia_1", Language::En, &asked("a b")).unwrap().contains("Idempotency-Key: a b\r\n")
        );
        assert!(head(&url, "vigia_1", Language::En, &asked("a\r\nX: y")).is_err());
        assert!(head(&url, "vigia_1\n", Language::En, &asked("a")).is_err());
    }
}

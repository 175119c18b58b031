//! One request to a receiver and its answer, over a connection of its own.
//!
//! The response is parsed by `httparse`. There is no client library: its pool, redirects, proxies of the environment and
//! resolution of names are what must not happen here (`docs/decisions/0053`).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::webhook::DeliveryFailure;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Host;

use super::egress::Egress;
use super::receiver::{ReceiverUrl, Transport, UrlProblem};

/// How long one address may take to connect: one that is dead leaves time for the others.
const CONNECT_WITHIN: Duration = Duration::from_secs(4);
/// The most bytes of an answer's head.
const HEAD_BYTES: usize = 16 * 1024;
/// The most header fields of an answer.
const HEADERS: usize = 64;
/// The most bytes of an answer's body that are read.
const BODY_BYTES: usize = 1024;
/// The most characters of an answer that are kept.
const EXCERPT_CHARS: usize = 300;
/// The longest wait that a receiver can ask for, in seconds: an hour. No receiver holds a delivery beyond its waits.
const RETRY_AFTER_MAX_S: i64 = 3600;

/// A request.
pub(super) struct Post<'a> {
    pub(super) url: &'a ReceiverUrl,
    /// Header fields of ours; their values have no control characters.
    pub(super) headers: [(&'static str, String); 3],
    pub(super) body: &'a str,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attempt {
    /// The HTTP status, if there was an answer.
    pub(super) status: Option<u16>,
    /// Why it failed; `None` when the receiver took it.
    pub(super) failure: Option<DeliveryFailure>,
    /// The beginning of the answer, if it failed by it.
    pub(super) answer: Option<String>,
    /// For how many seconds a receiver that did not take it wants no other attempt, if it says so.
    pub(super) retry_after_s: Option<i64>,
}

impl Attempt {
    pub(super) const fn failed(failure: DeliveryFailure) -> Self {
        Self { status: None, failure: Some(failure), answer: None, retry_after_s: None }
    }

    fn answered(status: u16, body: &[u8], retry_after_s: Option<i64>) -> Self {
        let failure = match status {
            200..=299 => None,
            300..=399 => Some(DeliveryFailure::Redirected),
            _ => Some(DeliveryFailure::Refused),
        };
        let answer = failure.is_some().then(|| excerpt(body)).filter(|text| !text.is_empty());
        Self {
            status: Some(status),
            failure,
            answer,
            retry_after_s: retry_after_s.filter(|_| failure.is_some()),
        }
    }
}

/// A text of one line for people, whatever the receiver sent.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").chars().take(EXCERPT_CHARS).collect()
}

/// Sends a request within a time limit for the whole exchange, resolution included.
pub(super) async fn post(egress: &Egress, request: &Post<'_>, within: Duration) -> Attempt {
    match tokio::time::timeout(within, attempt(egress, request)).await {
        Ok(Ok(attempt)) => attempt,
        Ok(Err(failure)) => Attempt::failed(failure),
        Err(_) => Attempt::failed(DeliveryFailure::TimedOut),
    }
}

async fn attempt(egress: &Egress, request: &Post<'_>) -> Result<Attempt, DeliveryFailure> {
    exchange(opened(egress, request.url).await?, request).await
}

/// A connection to a judged address, in plain or over TLS.
pub(super) trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Connection for T {}

/// Resolves and judges the host of an address, and connects to it.
pub(super) async fn opened(
    egress: &Egress,
    url: &ReceiverUrl,
) -> Result<Box<dyn Connection>, DeliveryFailure> {
    let addresses = egress.addresses(url).await.map_err(|problem| match problem {
        UrlProblem::NameUnknown => DeliveryFailure::NameUnknown,
        UrlProblem::Malformed | UrlProblem::Credentials | UrlProblem::Plain | UrlProblem::AddressRefused => {
            DeliveryFailure::AddressRefused
        }
    })?;
    let stream = connected(&addresses).await.ok_or(DeliveryFailure::Unreachable)?;
    match url.transport() {
        Transport::Plain => Ok(Box::new(stream)),
        Transport::Tls => {
            let name = match url.host() {
                Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).ok(),
                Some(Host::Ipv4(address)) => {
                    Some(ServerName::IpAddress(std::net::IpAddr::V4(address).into()))
                }
                Some(Host::Ipv6(address)) => {
                    Some(ServerName::IpAddress(std::net::IpAddr::V6(address).into()))
                }
                None => None,
            };
            let name = name.ok_or(DeliveryFailure::Tls)?;
            let config = egress.tls().map_err(|_| DeliveryFailure::Tls)?;
            let stream = TlsConnector::from(Arc::clone(&config)).connect(name, stream).await;
            Ok(Box::new(stream.map_err(|_| DeliveryFailure::Tls)?))
        }
    }
}

/// A connection to the first of the judged addresses that answers.
async fn connected(addresses: &[SocketAddr]) -> Option<TcpStream> {
    for address in addresses {
        let connecting = tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(address));
        if let Ok(Ok(stream)) = connecting.await {
            // Only later, if the system refuses it.
            let _ = stream.set_nodelay(true);
            return Some(stream);
        }
    }
    None
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &Post<'_>,
) -> Result<Attempt, DeliveryFailure> {
    let whole = written(request);
    // A receiver may answer, and close, before it has read everything.
    let sent = async {
        stream.write_all(whole.as_bytes()).await?;
        stream.flush().await
    }
    .await;
    let mut read = Vec::with_capacity(1024);
    let head = head(&mut stream, &mut read).await;
    let Some(Head { status, from, length, retry_after_s, .. }) = head else {
        tracing::debug!(sent = sent.is_ok(), "a receiver of a webhook gave no answer in HTTP");
        return Err(DeliveryFailure::Broken);
    };
    let mut body = read.split_off(from);
    let most = length.unwrap_or(BODY_BYTES).min(BODY_BYTES);
    // 2xx is enough: what else it says is not kept.
    while body.len() < most && !(200..=299).contains(&status) {
        let mut more = [0; BODY_BYTES];
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => break,
            Ok(count) => body.extend_from_slice(&more[..count]),
        }
    }
    body.truncate(most);
    // The receiver learns that this is the end; it may be gone.
    let _ = stream.shutdown().await;
    Ok(Attempt::answered(status, &body, retry_after_s))
}

/// The request as it is sent.
fn written(request: &Post<'_>) -> String {
    let Post { url, headers, body } = request;
    let mut whole = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Vigia-Webhooks/1\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n",
        url.target(),
        url.authority(),
        body.len()
    );
    for (name, value) in headers {
        whole.push_str(name);
        whole.push_str(": ");
        whole.push_str(value);
        whole.push_str("\r\n");
    }
    whole.push_str("\r\n");
    whole.push_str(body);
    whole
}

/// The head of an answer.
pub(super) struct Head {
    pub(super) status: u16,
    /// Where the body begins in the bytes that were read.
    pub(super) from: usize,
    /// The length of the body, if it is told.
    pub(super) length: Option<usize>,
    /// Whether the body comes in chunks.
    pub(super) is_chunked: bool,
    /// `Retry-After` in seconds, if it is told like this. A date there is not read.
    retry_after_s: Option<i64>,
}

/// Reads until the head is whole, and leaves interim answers (1xx) behind.
pub(super) async fn head(stream: &mut (impl AsyncRead + Unpin), read: &mut Vec<u8>) -> Option<Head> {
    loop {
        if let Some(head) = parsed(read).ok()? {
            if !(100..=199).contains(&head.status) {
                return Some(head);
            }
            read.drain(..head.from);
            continue;
        }
        if read.len() >= HEAD_BYTES {
            return None;
        }
        let mut more = [0; 1024];
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => read.extend_from_slice(&more[..count]),
        }
    }
}

/// What a receiver sent is not HTTP.
struct NotHttp;

/// The head at the beginning of what was read; `None` while it is not whole.
fn parsed(read: &[u8]) -> Result<Option<Head>, NotHttp> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(read).map_err(|_| NotHttp)? {
        httparse::Status::Partial => Ok(None),
        httparse::Status::Complete(from) => {
            let value = |name: &str| {
                let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
                header.and_then(|header| str::from_utf8(header.value).ok()).map(str::trim)
            };
            let length = value("content-length").and_then(|value| value.parse().ok());
            let is_chunked =
                value("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
            let asked_s = value("retry-after").and_then(|value| value.parse::<u32>().ok());
            let retry_after_s = asked_s.map(|asked_s| i64::from(asked_s).min(RETRY_AFTER_MAX_S));
            let status = response.code.ok_or(NotHttp)?;
            Ok(Some(Head { status, from, length, is_chunked, retry_after_s }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(sent: &[u8]) -> Result<Attempt, DeliveryFailure> {
        let url = ReceiverUrl::parse("http://receiver.example/hook?a=b").unwrap();
        let request = Post {
            url: &url,
            headers: [
                ("webhook-id", "msg_1".into()),
                ("webhook-timestamp", "1".into()),
                ("webhook-signature", "v1,x".into()),
            ],
            body: "{}",
        };
        let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
        theirs.write_all(sent).await.unwrap();
        theirs.shutdown().await.unwrap();
        exchange(ours, &request).await
    }

    #[tokio::test]
    async fn answers_are_judged_by_their_status() {
        let taken = Attempt { status: Some(204), failure: None, answer: None, retry_after_s: None };
        assert_eq!(answer(b"HTTP/1.1 204 No Content\r\n\r\n").await, Ok(taken.clone()));
        assert_eq!(answer(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n").await, Ok(taken));
        let moved = answer(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n").await.unwrap();
        assert_eq!((moved.status, moved.failure), (Some(302), Some(DeliveryFailure::Redirected)));
        let refused = answer(b"HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nno \x07wayandmore").await.unwrap();
        assert_eq!(refused.answer.as_deref(), Some("no w"), "as many bytes as it told, on one line");
        for broken in [&b""[..], b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200", b"HTTP/1.1 abc OK\r\n\r\n"] {
            assert_eq!(answer(broken).await, Err(DeliveryFailure::Broken));
        }
    }

    #[tokio::test]
    async fn wait_that_a_receiver_asks_for_is_read_in_seconds_and_bounded() {
        for (header, asked_s) in [
            ("Retry-After: 30\r\n", Some(30)),
            ("retry-after:  7200 \r\n", Some(RETRY_AFTER_MAX_S)),
            ("Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n", None),
            ("Retry-After: -5\r\n", None),
            ("Retry-After: 99999999999999999999\r\n", None),
            ("", None),
        ] {
            let head = format!("HTTP/1.1 429 Too Many Requests\r\n{header}\r\n");
            let limited = answer(head.as_bytes()).await.unwrap();
            assert_eq!((limited.status, limited.retry_after_s), (Some(429), asked_s), "{header}");
        }
        let taken = answer(b"HTTP/1.1 200 OK\r\nRetry-After: 30\r\n\r\nok").await.unwrap();
        assert_eq!(taken.retry_after_s, None);
    }

    #[tokio::test]
    async fn no_more_of_an_answer_is_kept_than_its_beginning() {
        let endless = [b"HTTP/1.1 500 No\r\n\r\n".to_vec(), vec![b'x'; 40_000]].concat();
        assert_eq!(answer(&endless).await.unwrap().answer.unwrap().len(), EXCERPT_CHARS);
        let head = [b"HTTP/1.1 200 OK\r\nA: ".to_vec(), vec![b'x'; 40_000], b"\r\n\r\n".to_vec()].concat();
        assert_eq!(answer(&head).await, Err(DeliveryFailure::Broken));
    }

    #[test]
    fn request_is_whole() {
        let url = ReceiverUrl::parse("http://receiver.example:81/hook?a=b").unwrap();
        let headers = [
            ("webhook-id", "msg_1".into()),
            ("webhook-timestamp", "1".into()),
            ("webhook-signature", "v1,x".into()),
        ];
        let written = written(&Post { url: &url, headers, body: "{\"á\":1}" });
        assert_eq!(
            written,
            "POST /hook?a=b HTTP/1.1\r\nHost: receiver.example:81\r\nUser-Agent: Vigia-Webhooks/1\r\n\
             Content-Type: application/json\r\nContent-Length: 8\r\nConnection: close\r\nwebhook-id: msg_1\r\n\
             webhook-timestamp: 1\r\nwebhook-signature: v1,x\r\n\r\n{\"á\":1}"
        );
    }
}

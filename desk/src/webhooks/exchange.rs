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
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: &'a str,
}

/// A request whose answer is read, whatever its status.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) url: &'a ReceiverUrl,
    /// Header fields of ours; their values have no control characters.
    pub(super) headers: Vec<(&'static str, String)>,
    /// Empty for [`Method::Get`].
    pub(super) body: &'a str,
    /// The most bytes of the answer's body that are read.
    pub(super) most: usize,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// To be given something.
    Get,
    /// To take its body, which is JSON.
    Post,
    /// To take its body, which is the fields of a form.
    PostForm,
}

/// An answer in HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The body, or its beginning.
    pub(super) body: Vec<u8>,
    /// Whether the body is whole.
    pub(super) is_whole: bool,
    pub(super) retry_after_s: Option<i64>,
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

    /// What an answer says of an attempt.
    pub(super) fn answered(status: u16, body: &[u8], retry_after_s: Option<i64>) -> Self {
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

/// Sends a request within a time limit for the whole exchange, resolution included. Of an answer that takes it, nothing else is read.
pub(super) async fn post(egress: &Egress, request: &Post<'_>, within: Duration) -> Attempt {
    let Post { url, headers, body } = request;
    let asked = Ask { method: Method::Post, url, headers: headers.clone(), body, most: BODY_BYTES };
    match bounded(egress, &asked, Reads::Refusals, within).await {
        Ok(Answer { status, body, retry_after_s, .. }) => Attempt::answered(status, &body, retry_after_s),
        Err(failure) => Attempt::failed(failure),
    }
}

/// Sends a request within a time limit for the whole exchange, and gives its answer.
///
/// # Errors
/// When there is no answer in HTTP.
pub(super) async fn ask(
    egress: &Egress,
    asked: &Ask<'_>,
    within: Duration,
) -> Result<Answer, DeliveryFailure> {
    bounded(egress, asked, Reads::Everything, within).await
}

/// Which bodies are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// Those of answers that refuse.
    Refusals,
    /// All of them.
    Everything,
}

async fn bounded(
    egress: &Egress,
    asked: &Ask<'_>,
    reads: Reads,
    within: Duration,
) -> Result<Answer, DeliveryFailure> {
    tokio::time::timeout(within, attempt(egress, asked, reads))
        .await
        .unwrap_or(Err(DeliveryFailure::TimedOut))
}

async fn attempt(egress: &Egress, asked: &Ask<'_>, reads: Reads) -> Result<Answer, DeliveryFailure> {
    let addresses = egress.addresses(asked.url).await.map_err(|problem| match problem {
        UrlProblem::NameUnknown => DeliveryFailure::NameUnknown,
        UrlProblem::Malformed | UrlProblem::Credentials | UrlProblem::Plain | UrlProblem::AddressRefused => {
            DeliveryFailure::AddressRefused
        }
    })?;
    let stream = connected(&addresses).await.ok_or(DeliveryFailure::Unreachable)?;
    match asked.url.transport() {
        Transport::Plain => exchange(stream, asked, reads).await,
        Transport::Tls => {
            let name = match asked.url.host() {
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
            exchange(stream.map_err(|_| DeliveryFailure::Tls)?, asked, reads).await
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
    asked: &Ask<'_>,
    reads: Reads,
) -> Result<Answer, DeliveryFailure> {
    let whole = written(asked);
    // A receiver may answer, and close, before it has read everything.
    let sent = async {
        stream.write_all(whole.as_bytes()).await?;
        stream.flush().await
    }
    .await;
    let mut read = Vec::with_capacity(1024);
    let head = head(&mut stream, &mut read).await;
    let Some(Head { status, from, length, is_chunked, retry_after_s }) = head else {
        tracing::debug!(sent = sent.is_ok(), "a receiver of a webhook gave no answer in HTTP");
        return Err(DeliveryFailure::Broken);
    };
    let begun = read.split_off(from);
    let is_read = reads == Reads::Everything || !(200..=299).contains(&status);
    let length = if is_chunked { None } else { length };
    let (mut body, mut is_whole) =
        if is_read { rest(&mut stream, begun, asked.most, length).await } else { (Vec::new(), false) };
    if is_chunked {
        (body, is_whole) = unchunked(&body);
    }
    is_whole &= body.len() <= asked.most;
    body.truncate(asked.most);
    // The receiver learns that this is the end; it may be gone.
    let _ = stream.shutdown().await;
    Ok(Answer { status, body, is_whole, retry_after_s })
}

/// The last bytes of a body in chunks without trailers.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Reads a body up to its length or its end, little more than `most` bytes of it. Gives it, and whether it ended.
async fn rest(
    stream: &mut (impl AsyncRead + Unpin),
    begun: Vec<u8>,
    most: usize,
    length: Option<usize>,
) -> (Vec<u8>, bool) {
    let mut body = begun;
    // Marks of chunks take room as well.
    let bound = length.unwrap_or(usize::MAX).min(most + most / 8 + 1024);
    let mut more = vec![0; 16 * 1024];
    while body.len() < bound {
        if length.is_none() && body.ends_with(LAST_CHUNK) {
            return (body, true);
        }
        match stream.read(&mut more).await {
            Ok(0) => return (body, length.is_none()),
            Err(_) => return (body, false),
            Ok(count) => body.extend_from_slice(&more[..count]),
        }
    }
    let is_whole = length.is_some_and(|length| body.len() >= length);
    body.truncate(length.unwrap_or(usize::MAX));
    (body, is_whole)
}

/// A body without the marks of its chunks, and whether its last chunk is there.
fn unchunked(read: &[u8]) -> (Vec<u8>, bool) {
    let (mut body, mut left) = (Vec::with_capacity(read.len()), read);
    loop {
        let Ok(httparse::Status::Complete((from, size))) = httparse::parse_chunk_size(left) else {
            return (body, false);
        };
        left = &left[from..];
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size == 0 {
            return (body, true);
        }
        body.extend_from_slice(&left[..size.min(left.len())]);
        let Some(next) = size.checked_add(2).and_then(|behind| left.get(behind..)) else {
            return (body, false);
        };
        left = next;
    }
}

/// The request as it is sent.
fn written(asked: &Ask<'_>) -> String {
    let Ask { method, url, headers, body, .. } = asked;
    let of = |kind: &str| format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
    let (method, of_body) = match method {
        Method::Get => ("GET", String::new()),
        Method::Post => ("POST", of("application/json")),
        Method::PostForm => ("POST", of("application/x-www-form-urlencoded")),
    };
    let mut whole = format!(
        "{method} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Vigia-Webhooks/1\r\n{of_body}Connection: close\r\n",
        url.target(),
        url.authority(),
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
struct Head {
    status: u16,
    /// Where the body begins in the bytes that were read.
    from: usize,
    /// The length of the body, if it is told.
    length: Option<usize>,
    /// Whether the body comes in chunks.
    is_chunked: bool,
    /// `Retry-After` in seconds, if it is told like this. A date there is not read.
    retry_after_s: Option<i64>,
}

/// Reads until the head is whole, and leaves interim answers (1xx) behind.
async fn head(stream: &mut (impl AsyncRead + Unpin), read: &mut Vec<u8>) -> Option<Head> {
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
            let asked_s = value("retry-after").and_then(|value| value.parse::<u32>().ok());
            let retry_after_s = asked_s.map(|asked_s| i64::from(asked_s).min(RETRY_AFTER_MAX_S));
            let is_chunked = value("transfer-encoding")
                .is_some_and(|coding| coding.to_ascii_lowercase().ends_with("chunked"));
            Ok(Some(Head { status: response.code.ok_or(NotHttp)?, from, length, is_chunked, retry_after_s }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<'a>(method: Method, url: &'a ReceiverUrl, body: &'a str, most: usize) -> Ask<'a> {
        let headers = vec![
            ("webhook-id", "msg_1".into()),
            ("webhook-timestamp", "1".into()),
            ("webhook-signature", "v1,x".into()),
        ];
        Ask { method, url, headers, body, most }
    }

    /// What a receiver answers that sends these bytes and closes.
    async fn whole(sent: &[u8], reads: Reads, most: usize) -> Result<Answer, DeliveryFailure> {
        let url = ReceiverUrl::parse("http://receiver.example/hook?a=b").unwrap();
        let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
        theirs.write_all(sent).await.unwrap();
        theirs.shutdown().await.unwrap();
        exchange(ours, &asked(Method::Post, &url, "{}", most), reads).await
    }

    async fn answer(sent: &[u8]) -> Result<Attempt, DeliveryFailure> {
        let answer = whole(sent, Reads::Refusals, BODY_BYTES).await?;
        Ok(Attempt::answered(answer.status, &answer.body, answer.retry_after_s))
    }

    #[tokio::test]
    async fn answer_is_read_by_its_length_by_chunks_or_to_the_end() {
        for (sent, body, is_whole) in [
            (&b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more"[..], "hello", true),
            (&b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"[..], "hello", false),
            (&b"HTTP/1.1 200 OK\r\n\r\nhello"[..], "hello", true),
            (
                &b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"[..],
                "hello",
                true,
            ),
            (
                &b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n9\r\nlo"[..],
                "hello",
                false,
            ),
            (&b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"[..], "hello wo", false),
        ] {
            let Answer { body: read, is_whole: ended, .. } = whole(sent, Reads::Everything, 8).await.unwrap();
            assert_eq!((String::from_utf8(read).unwrap().as_str(), ended), (body, is_whole));
        }
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
        let written = written(&asked(Method::Post, &url, "{\"á\":1}", BODY_BYTES));
        assert_eq!(
            written,
            "POST /hook?a=b HTTP/1.1\r\nHost: receiver.example:81\r\nUser-Agent: Vigia-Webhooks/1\r\n\
             Content-Type: application/json\r\nContent-Length: 8\r\nConnection: close\r\nwebhook-id: msg_1\r\n\
             webhook-timestamp: 1\r\nwebhook-signature: v1,x\r\n\r\n{\"á\":1}"
        );
        let got = super::written(&asked(Method::Get, &url, "", BODY_BYTES));
        assert!(got.starts_with("GET /hook?a=b HTTP/1.1\r\n") && !got.contains("Content-"));
    }
}

//! One request whose whole answer is wanted, by the same guarded way out as deliveries: identity providers are asked by it.

use std::time::Duration;

use domain::webhook::DeliveryFailure;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use super::egress::Egress;
use super::exchange::{head, opened};
use super::receiver::ReceiverUrl;

/// The most bytes of an answer's body. The largest key sets have some ten thousand.
const ANSWER_BYTES: usize = 256 * 1024;

/// A request.
pub(crate) struct Fetch<'a> {
    pub(crate) url: &'a ReceiverUrl,
    /// The value of `Authorization`, if there is one; without control characters.
    pub(crate) authorization: Option<String>,
    /// The fields that are posted, already encoded; `None` for a GET.
    pub(crate) form: Option<&'a str>,
}

/// An answer. No redirect is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fetched {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Sends a request within a time limit for the whole exchange, resolution included.
pub(crate) async fn fetch(
    egress: &Egress,
    request: &Fetch<'_>,
    within: Duration,
) -> Result<Fetched, DeliveryFailure> {
    let exchanging = async {
        let mut stream = opened(egress, request.url).await?;
        let whole = written(request);
        // A server may answer, and close, before it has read everything.
        let sent = stream.write_all(whole.as_bytes()).await.is_ok() && stream.flush().await.is_ok();
        let fetched = answer(&mut stream).await;
        if fetched.is_err() {
            tracing::debug!(sent, "an identity provider gave no answer in HTTP");
        }
        fetched
    };
    let fetched = tokio::time::timeout(within, exchanging).await;
    let fetched = fetched.unwrap_or(Err(DeliveryFailure::TimedOut))?;
    if (300..=399).contains(&fetched.status) { Err(DeliveryFailure::Redirected) } else { Ok(fetched) }
}

/// The request as it is sent.
fn written(request: &Fetch<'_>) -> String {
    let Fetch { url, authorization, form } = request;
    let verb = if form.is_some() { "POST" } else { "GET" };
    let mut whole = format!(
        "{verb} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Vigia-Sign-In/1\r\nAccept: application/json\r\nConnection: close\r\n",
        url.target(),
        url.authority()
    );
    if let Some(value) = authorization {
        whole.push_str("Authorization: ");
        whole.push_str(value);
        whole.push_str("\r\n");
    }
    if let Some(form) = form {
        let length = form.len().to_string();
        whole.push_str("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ");
        whole.push_str(&length);
        whole.push_str("\r\n\r\n");
        whole.push_str(form);
    } else {
        whole.push_str("\r\n");
    }
    whole
}

async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> Result<Fetched, DeliveryFailure> {
    let mut read = Vec::with_capacity(4096);
    let head = head(stream, &mut read).await.ok_or(DeliveryFailure::Broken)?;
    let mut body = read.split_off(head.from);
    let most = head.length.unwrap_or(ANSWER_BYTES + 1);
    if head.length.is_some_and(|length| length > ANSWER_BYTES) {
        return Err(DeliveryFailure::Broken);
    }
    while body.len() < most {
        if head.is_chunked && unchunked(&body).is_some() {
            break;
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            // Some servers close without the end of TLS: the answer's own length says whether it is whole.
            Ok(0) | Err(_) => break,
            Ok(count) => body.extend_from_slice(&more[..count]),
        }
    }
    if body.len() > ANSWER_BYTES && head.length.is_none() {
        return Err(DeliveryFailure::Broken);
    }
    if head.is_chunked {
        body = unchunked(&body).ok_or(DeliveryFailure::Broken)?;
    } else if head.length.is_some_and(|length| body.len() < length) {
        return Err(DeliveryFailure::Broken);
    }
    body.truncate(most);
    Ok(Fetched { status: head.status, body })
}

/// A body that came in chunks; `None` while its end is not there.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let length = str::from_utf8(&rest[..end]).ok()?.split(';').next()?.trim();
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        let start = end + 2;
        body.extend_from_slice(rest.get(start..start.checked_add(length)?)?);
        rest = rest.get((start + length).checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(sent: &[u8]) -> Result<Fetched, DeliveryFailure> {
        let (mut ours, mut theirs) = tokio::io::duplex(1024 * 1024);
        theirs.write_all(sent).await.unwrap();
        theirs.shutdown().await.unwrap();
        answer(&mut ours).await
    }

    #[tokio::test]
    async fn answer_is_read_by_its_length_in_chunks_or_to_its_end() {
        for sent in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}and more"[..],
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;a=b\r\n}\r\n0\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}",
        ] {
            let fetched = answered(sent).await.unwrap();
            assert_eq!((fetched.status, fetched.body.as_slice()), (200, &b"{}"[..]));
        }
    }

    #[tokio::test]
    async fn answer_that_is_cut_off_or_too_large_is_none() {
        let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        let endless = [head, vec![b'x'; ANSWER_BYTES + 1]].concat();
        let told = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", ANSWER_BYTES + 1);
        for sent in [
            &b""[..],
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}",
            &endless,
            told.as_bytes(),
        ] {
            assert_eq!(answered(sent).await, Err(DeliveryFailure::Broken));
        }
    }

    #[test]
    fn request_is_whole() {
        let url = ReceiverUrl::parse("https://login.example/token?a=b").unwrap();
        let posted = Fetch { url: &url, authorization: Some("Basic YTpi".into()), form: Some("code=1") };
        assert_eq!(
            written(&posted),
            "POST /token?a=b HTTP/1.1\r\nHost: login.example\r\nUser-Agent: Vigia-Sign-In/1\r\nAccept: application/json\r\n\
             Connection: close\r\nAuthorization: Basic YTpi\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: 6\r\n\r\ncode=1"
        );
        let asked = Fetch { url: &url, authorization: None, form: None };
        assert!(
            written(&asked).starts_with("GET /token?a=b HTTP/1.1\r\n")
                && written(&asked).ends_with("\r\n\r\n")
        );
    }
}

//! The address that people type: whether this desk answers there, and whether its certificate will do in two weeks.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use app::operations::Finding;
use desk::host::is_this_machine;
use domain::i18n::Language;
use domain::t;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, RootCertStore};

use crate::config::PublicUrl;

/// The longest that the address may take.
const WITHIN: Duration = Duration::from_secs(5);
/// Certificates are renewed earlier than this before they end.
const SOON: Duration = Duration::from_hours(14 * 24);
/// How the answer of this program begins.
const ALIVE: &str = "HTTP/1.1 200";
/// Bytes of the answer that are read.
const ANSWER: u64 = 256;

/// What answers at the address.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// A desk.
    Desk(Certificate),
    /// Something else, which began so.
    Other(String),
}

/// What the certificate is worth.
#[derive(Debug, PartialEq, Eq)]
enum Certificate {
    /// None was asked for.
    None,
    /// It will do for two weeks at least.
    Valid,
    /// It ends within two weeks.
    Ends,
}

/// Asks the address for the desk's sign of life.
pub(super) async fn public_address(url: &PublicUrl, language: Language) -> Finding {
    let asked = tokio::time::timeout(WITHIN, ask(url)).await;
    let answer = asked.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let address: &str = url;
    match answer {
        Ok(Answer::Desk(Certificate::None)) if !is_this_machine(url.host()) => {
            Finding::notice(t!(language, "doctor.plain", address = address))
        }
        Ok(Answer::Desk(Certificate::Ends)) => {
            Finding::notice(t!(language, "doctor.certificate_ends", address = address))
        }
        Ok(Answer::Desk(_)) => Finding::fine(t!(language, "doctor.address", address = address)),
        Ok(Answer::Other(began)) => {
            Finding::wrong(t!(language, "doctor.address_other", address = address, answer = began))
        }
        Err(error) => unanswered(&error, address, language),
    }
}

/// A certificate that nobody may trust is wrong; that nothing answers may only mean that the desk is stopped.
fn unanswered(error: &io::Error, address: &str, language: Language) -> Finding {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            Finding::notice(t!(language, "doctor.certificate_issuer", address = address))
        }
        Some(error) => {
            Finding::wrong(t!(language, "doctor.certificate_wrong", address = address, error = error))
        }
        None => Finding::notice(t!(language, "doctor.address_silent", address = address, error = error)),
    }
}

async fn ask(url: &PublicUrl) -> io::Result<Answer> {
    let host = url.host().trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, url.port())).await?;
    if !url.is_https() {
        return answer(stream, url.host(), Certificate::None).await;
    }
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let provider = Arc::new(ring::default_provider());
    let roots = Arc::new(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(Arc::clone(&roots))
        .with_no_client_auth();
    let stream = TlsConnector::from(Arc::new(config)).connect(name.clone(), stream).await?;
    let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let soon = UnixTime::since_unix_epoch(Duration::from_secs(UnixTime::now().as_secs()) + SOON);
    let certificate =
        if is_valid_at(shown, &name, soon, roots, provider) { Certificate::Valid } else { Certificate::Ends };
    answer(stream, url.host(), certificate).await
}

/// Whether certificates that are valid now will be so at another time.
fn is_valid_at(
    shown: &[CertificateDer<'_>],
    name: &ServerName<'_>,
    at: UnixTime,
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
) -> bool {
    let Some((own, others)) = shown.split_first() else { return false };
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
    verifier.is_ok_and(|verifier| verifier.verify_server_cert(own, others, name, &[], at).is_ok())
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    host: &str,
    certificate: Certificate,
) -> io::Result<Answer> {
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.take(ANSWER).read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(match text.lines().next().unwrap_or_default() {
        line if line.starts_with(ALIVE) => Answer::Desk(certificate),
        line => Answer::Other(line.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// What is found at an address that answers everything with `said`.
    async fn found(scheme: &str, said: &'static [u8]) -> Finding {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 64];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(said).await;
        });
        let url = PublicUrl::parse(&format!("{scheme}://127.0.0.1:{port}")).unwrap();
        public_address(&url, Language::En).await
    }

    #[tokio::test]
    async fn desk_is_told_from_anything_else_that_answers() {
        use app::operations::Verdict;
        assert_eq!(found("http", b"HTTP/1.1 200 OK\r\n\r\nok\n").await.verdict, Verdict::Fine);
        let other = found("http", b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
        assert_eq!(
            (other.verdict, other.text.contains("502 Bad Gateway")),
            (Verdict::Wrong, true),
            "{}",
            other.text
        );
        let plain = found("https", b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        assert_eq!(
            (plain.verdict, plain.text.contains("certificate")),
            (Verdict::Wrong, true),
            "{}",
            plain.text
        );
        let silent = PublicUrl::parse("http://127.0.0.1:1").unwrap();
        assert_eq!(public_address(&silent, Language::En).await.verdict, Verdict::Notice);
    }

    #[test]
    fn untrusted_and_expired_certificates_are_told_apart() {
        use app::operations::Verdict;
        let of = |error: CertificateError| {
            let error = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::InvalidCertificate(error));
            unanswered(&error, "https://desk.example.com", Language::En).verdict
        };
        assert_eq!(of(CertificateError::UnknownIssuer), Verdict::Notice);
        assert_eq!(of(CertificateError::Expired), Verdict::Wrong);
        assert_eq!(of(CertificateError::NotValidForName), Verdict::Wrong);
    }
}

//! A mail server with TLS, a certificate made for the test, and a sign-in.

use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The sign-in: user `desk`, password `s3cret` (RFC 4616), in base 64.
const CREDENTIALS: &str = "AGRlc2sAczNjcmV0";

/// A certificate authority that signs any name.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap())
    }

    /// As PEM text of an operator's file.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server of TLS with a certificate for `name`.
    pub(crate) fn acceptor(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Security of the server's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// By STARTTLS.
    StartTls,
    /// From the first byte on.
    Implicit,
    /// None; it would accept a sign-in unencrypted.
    Never,
}

/// Whether a command was readable on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    Clear,
    Secured,
}

type Heard = Arc<Mutex<Vec<(Line, String)>>>;

/// The server, for as long as the test runs.
pub(crate) struct SecureServer {
    pub(crate) port: u16,
    heard: Heard,
}

impl SecureServer {
    /// Listens as `name`, with a certificate of `authority`.
    pub(crate) async fn start(security: Security, authority: &Authority, name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (acceptor, heard) = (authority.acceptor(name), Heard::default());
        let ears = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A dropped connection does not matter to the server.
                tokio::spawn(serve(stream, security, acceptor.clone(), Arc::clone(&ears)));
            }
        });
        Self { port, heard }
    }

    /// Commands that begin with `command`, and whether they were readable on the wire.
    pub(crate) fn heard(&self, command: &str) -> Vec<(Line, String)> {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|(_, line)| line.starts_with(command)).cloned().collect()
    }
}

async fn serve(
    stream: TcpStream,
    security: Security,
    acceptor: TlsAcceptor,
    heard: Heard,
) -> std::io::Result<()> {
    if security == Security::Implicit {
        return talk(acceptor.accept(stream).await?, Line::Secured, &heard, "", true).await.map(drop);
    }
    let offer = if security == Security::StartTls { "250-STARTTLS\r\n" } else { "" };
    if let Some(stream) = talk(stream, Line::Clear, &heard, offer, true).await? {
        talk(acceptor.accept(stream).await?, Line::Secured, &heard, "", false).await?;
    }
    Ok(())
}

/// Talks until the client closes, or asks for TLS: then it returns the stream.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    line_is: Line,
    heard: &Heard,
    offer: &str,
    greets: bool,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    if greets {
        stream.write_all(b"220 test\r\n").await?;
        stream.flush().await?;
    }
    let mut signed_in = false;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let command = line.trim_end().to_owned();
        heard.lock().unwrap().push((line_is, command.clone()));
        let answer = match command.get(..4).unwrap_or_default() {
            "EHLO" => format!("250-test\r\n{offer}250-8BITMIME\r\n250 AUTH PLAIN\r\n"),
            "STAR" => {
                stream.write_all(b"220 2.0.0 go on\r\n").await?;
                stream.flush().await?;
                return Ok(Some(stream.into_inner()));
            }
            "AUTH" => {
                signed_in = command.strip_prefix("AUTH PLAIN ") == Some(CREDENTIALS);
                let answer = if signed_in { "235 2.7.0 welcome\r\n" } else { "535 5.7.8 wrong\r\n" };
                answer.to_owned()
            }
            "MAIL" if !signed_in => "530 5.7.0 Authentication required\r\n".to_owned(),
            "MAIL" | "RCPT" => "250 2.1.0 OK\r\n".to_owned(),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                stream.flush().await?;
                loop {
                    line.clear();
                    if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
                        break;
                    }
                }
                "250 2.0.0 taken\r\n".to_owned()
            }
            "QUIT" => "221 2.0.0 bye\r\n".to_owned(),
            _ => "500 5.5.1 what?\r\n".to_owned(),
        };
        stream.write_all(answer.as_bytes()).await?;
        stream.flush().await?;
    }
}

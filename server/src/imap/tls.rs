//! Connections to servers of mailboxes and tokens, with TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long a sent byte may stay unacknowledged, and a silent connection unasked: a peer that is gone is noticed.
const UNHEARD: Duration = Duration::from_mins(1);

/// A connection, whether by TLS or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Any connection.
pub(super) type AnyStream = Box<dyn Stream>;

/// Certificate authorities of the operator, beside the public ones.
#[derive(Debug, Clone, Default)]
pub struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// Reads one or several certificates in PEM form; `None` if there is none, or one cannot be read.
    #[must_use]
    pub fn from_pem(pem: &[u8]) -> Option<Self> {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
        let authorities = Self(certificates);
        (!authorities.0.is_empty() && authorities.roots().is_some()).then_some(authorities)
    }

    /// The authorities that are believed.
    fn roots(&self) -> Option<RootCertStore> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        self.0.iter().try_for_each(|one| roots.add(one.clone())).ok()?;
        Some(roots)
    }
}

/// A connection to a server, without TLS so far.
pub(super) async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let socket = socket2::SockRef::from(&stream);
    let keepalive = socket2::TcpKeepalive::new().with_time(UNHEARD).with_interval(UNHEARD);
    let set_up = stream
        .set_nodelay(true)
        .and_then(|()| socket.set_tcp_keepalive(&keepalive))
        .and_then(|()| socket.set_tcp_user_timeout(Some(UNHEARD * 2)));
    if let Err(error) = set_up {
        tracing::debug!(%error, "a connection could not be set up");
    }
    Ok(stream)
}

/// The same connection by TLS, after the server has shown a valid certificate of `host`.
pub(super) async fn secure(
    stream: AnyStream,
    host: &str,
    authorities: &Authorities,
) -> io::Result<AnyStream> {
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(io::Error::other)?;
    let roots = authorities.roots().ok_or(io::ErrorKind::InvalidData)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    Ok(Box::new(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_without_a_certificate_is_no_authority() {
        for wrong in [
            "",
            "x",
            "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        ] {
            assert!(Authorities::from_pem(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }
}

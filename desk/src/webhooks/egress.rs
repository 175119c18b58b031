//! The way out: names are resolved here, every address is judged, and the connection goes to a judged address.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use url::Host;

use super::address::{AllowedNetwork, Judgement, judge};
use super::receiver::{ReceiverUrl, Transport, UrlProblem};

/// Gives the addresses of a name.
pub type Resolve = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Where the desk may connect to, and whom it believes.
#[derive(Clone)]
pub struct Egress {
    allowed: Arc<[AllowedNetwork]>,
    resolve: Resolve,
    /// Certificate authorities of the operator, beside the public ones.
    own_roots: Arc<[CertificateDer<'static>]>,
    /// Made at the first connection.
    tls: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

impl Default for Egress {
    /// No network is allowed, names are resolved by the system, and public authorities are believed.
    fn default() -> Self {
        let resolve = |name: String| -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            Box::pin(async move {
                let found = tokio::net::lookup_host((name, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            })
        };
        Self {
            allowed: Arc::new([]),
            resolve: Arc::new(resolve),
            own_roots: Arc::new([]),
            tls: Arc::default(),
        }
    }
}

impl Egress {
    /// The same with networks that the operator allows.
    #[must_use]
    pub fn allowing(self, networks: Vec<AllowedNetwork>) -> Self {
        Self { allowed: networks.into(), ..self }
    }

    /// The same with another resolution of names.
    #[must_use]
    pub fn resolving(self, resolve: Resolve) -> Self {
        Self { resolve, ..self }
    }

    /// The same with the certificate authorities of a PEM file; `None` when it has none.
    #[must_use]
    pub fn trusting(self, pem: &[u8]) -> Option<Self> {
        let roots: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
        let mut store = RootCertStore::empty();
        let is_whole = !roots.is_empty() && roots.iter().all(|root| store.add(root.clone()).is_ok());
        is_whole.then(|| Self { own_roots: roots.into(), tls: Arc::default(), ..self })
    }

    /// The addresses of a receiver, all of them judged. One that is refused refuses all: whoever gives several answers to
    /// one name hides something.
    ///
    /// # Errors
    /// See [`UrlProblem`].
    pub async fn addresses(&self, url: &ReceiverUrl) -> Result<Vec<SocketAddr>, UrlProblem> {
        let found = match url.host() {
            Some(Host::Ipv4(address)) => vec![IpAddr::V4(address)],
            Some(Host::Ipv6(address)) => vec![IpAddr::V6(address)],
            Some(Host::Domain(name)) => {
                (self.resolve)(name.to_owned()).await.map_err(|_| UrlProblem::NameUnknown)?
            }
            None => return Err(UrlProblem::Malformed),
        };
        let mut judged = found.iter().map(|address| judge(*address, &self.allowed));
        let worst = if found.is_empty() {
            return Err(UrlProblem::NameUnknown);
        } else if judged.clone().any(|judgement| judgement == Judgement::Refused) {
            Judgement::Refused
        } else if judged.all(|judgement| judgement == Judgement::Allowed) {
            Judgement::Allowed
        } else {
            Judgement::Public
        };
        match (worst, url.transport()) {
            (Judgement::Refused, _) => Err(UrlProblem::AddressRefused),
            (Judgement::Public, Transport::Plain) => Err(UrlProblem::Plain),
            (Judgement::Public, Transport::Tls) | (Judgement::Allowed, _) => {
                let port = url.port();
                Ok(found.into_iter().map(|address| SocketAddr::new(address, port)).collect())
            }
        }
    }

    /// The settings of TLS, which all connections share, so that sessions are resumed.
    pub(super) fn tls(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        if let Some(made) = self.tls.get() {
            return Ok(Arc::clone(made));
        }
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(self.own_roots.iter().cloned());
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::clone(self.tls.get_or_init(|| Arc::new(config))))
    }
}

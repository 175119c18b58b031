//! The desk as its browsers know it: passkeys belong to the host of the public address.

use std::time::Duration;

use thiserror::Error;
use url::Url;
use webauthn_rs::prelude::{Webauthn, WebauthnBuilder};

use super::challenges::CHALLENGE_S;

/// The desk's name on the screens of devices, as for codes of the second factor.
const NAME: &str = "Vigía";

/// The public address can have no passkeys: it is a number, or neither https nor `localhost`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the public address can have no passkeys: they need a host name, and https unless it is localhost")]
pub struct NoPasskeysHere;

/// The host that passkeys are made for, and the library that checks answers for it.
pub(super) struct RelyingParty {
    /// The host of the public address; an accented name in its ASCII form.
    pub(super) id: String,
    /// Checks origin, host, flags, counter and signature.
    pub(super) library: Webauthn,
}

impl RelyingParty {
    /// The relying party of a public address.
    pub(super) fn of(public_url: &str) -> Result<Self, NoPasskeysHere> {
        let origin = Url::parse(public_url).map_err(|_| NoPasskeysHere)?;
        let id = origin.domain().ok_or(NoPasskeysHere)?.to_owned();
        // Browsers have passkeys in secure contexts alone.
        let is_secure = origin.scheme() == "https" || id == "localhost" || id.ends_with(".localhost");
        if !is_secure {
            return Err(NoPasskeysHere);
        }
        let patience = Duration::from_secs(u64::try_from(CHALLENGE_S).unwrap_or_default());
        let library = WebauthnBuilder::new(&id, &origin)
            .and_then(|builder| builder.rp_name(NAME).timeout(patience).build())
            .map_err(|_| NoPasskeysHere)?;
        Ok(Self { id, library })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_host_name_in_a_secure_context() {
        for (address, id) in [
            ("https://vigia.example", Some("vigia.example")),
            ("https://mesa.vigia.example:8443", Some("mesa.vigia.example")),
            ("https://vigía.example", Some("xn--viga-xpa.example")),
            ("http://localhost:8080", Some("localhost")),
            ("http://127.0.0.1:8080", None),
            ("https://192.0.2.7", None),
            ("https://[2001:db8::7]", None),
            ("http://vigia.example", None),
            ("", None),
        ] {
            assert_eq!(RelyingParty::of(address).ok().map(|party| party.id).as_deref(), id, "{address}");
        }
    }
}

//! Addresses of receivers, as administrators type them.

use std::fmt;

use thiserror::Error;
use url::{Host, Url};

/// The most characters of an address.
const URL_CHARS_MAX: usize = 500;

/// Why an address is none of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UrlProblem {
    /// It is not an address of the web, or too long.
    #[error("not an address that begins with https://, or longer than {URL_CHARS_MAX} characters")]
    Malformed,
    /// It holds a name and a password, which belong into no log: receivers know the desk by its signature.
    #[error("the address holds a name or a password")]
    Credentials,
    /// It is plain HTTP, to a receiver outside of the networks that the operator allows.
    #[error("the address is not https")]
    Plain,
    /// Its name has no address.
    #[error("the name of the host is unknown")]
    NameUnknown,
    /// It leads to an address that the desk does not connect to.
    #[error("the address is in a network to which the desk does not connect")]
    AddressRefused,
}

/// The address of a receiver: `https`, or `http` in an allowed network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverUrl(Url);

/// Whether an address asks for TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// `https`.
    Tls,
    /// `http`.
    Plain,
}

impl ReceiverUrl {
    /// Parses an address as browsers do, so that `https://0x7f.1` is known to be 127.0.0.1.
    ///
    /// # Errors
    /// See [`UrlProblem`].
    pub fn parse(typed: &str) -> Result<Self, UrlProblem> {
        let typed = typed.trim();
        // The parser drops tabs and line ends silently.
        if typed.chars().count() > URL_CHARS_MAX || typed.chars().any(|c| c.is_control() || c.is_whitespace())
        {
            return Err(UrlProblem::Malformed);
        }
        let mut url = Url::parse(typed).map_err(|_| UrlProblem::Malformed)?;
        let is_web = matches!(url.scheme(), "https" | "http") && url.has_host() && url.port() != Some(0);
        if !is_web || url.as_str().len() > 2 * URL_CHARS_MAX {
            return Err(UrlProblem::Malformed);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlProblem::Credentials);
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The address as it is kept and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Scheme and host alone: the rest of an address of a chat program is a secret.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0[..url::Position::BeforePath]
    }

    pub(super) fn transport(&self) -> Transport {
        if self.0.scheme() == "https" { Transport::Tls } else { Transport::Plain }
    }

    pub(super) fn host(&self) -> Option<Host<&str>> {
        self.0.host()
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// The value of the header `Host`.
    pub(super) fn authority(&self) -> &str {
        &self.0[url::Position::BeforeHost..url::Position::AfterPort]
    }

    /// What stands in the first line of a request.
    pub(super) fn target(&self) -> &str {
        &self.0[url::Position::BeforePath..url::Position::AfterQuery]
    }
}

impl fmt::Display for ReceiverUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_address_are_those_of_a_request() {
        let url = ReceiverUrl::parse(" https://Hooks.example:8443/a%20b?c=d#e ").unwrap();
        assert_eq!((url.authority(), url.target(), url.port()), ("hooks.example:8443", "/a%20b?c=d", 8443));
        assert_eq!(url.as_str(), "https://hooks.example:8443/a%20b?c=d");
        assert_eq!(url.origin(), "https://hooks.example:8443");
        let bare = ReceiverUrl::parse("http://[2001:DB8::1]").unwrap();
        assert_eq!((bare.authority(), bare.target(), bare.port()), ("[2001:db8::1]", "/", 80));
        assert_eq!(bare.transport(), Transport::Plain);
    }

    #[test]
    fn what_is_no_address_of_the_web_is_refused() {
        for wrong in [
            "",
            "hooks.example",
            "ftp://hooks.example",
            "file:///etc/passwd",
            "data:text/plain,x",
            "javascript:1",
            "gopher://hooks.example",
            "https://",
            "https://a b.example",
            "https://hooks.example:0",
            "https://h\nx.example",
            "https://hooks.example:99999",
            "https://[::1",
            "https://%00.example",
            "unix:/run/x",
        ] {
            assert_eq!(ReceiverUrl::parse(wrong), Err(UrlProblem::Malformed), "{wrong:?}");
        }
        let long = format!("https://hooks.example/{}", "x".repeat(URL_CHARS_MAX));
        assert_eq!(ReceiverUrl::parse(&long), Err(UrlProblem::Malformed));
        for wrong in [
            "https://a@hooks.example",
            "https://a:b@hooks.example",
            "https://9.9.9.9@127.0.0.1/",
            "https://:b@h.example",
        ] {
            assert_eq!(ReceiverUrl::parse(wrong), Err(UrlProblem::Credentials), "{wrong:?}");
        }
    }
}

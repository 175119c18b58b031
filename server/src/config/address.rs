//! Addresses as the operator writes them.

use std::fmt;
use std::ops::Deref;
use std::path::Path;

use ::http::Uri;

/// The public address: scheme, host and port of every link, as browsers write an origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads `http://…` or `https://…` with neither path nor user; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.trim().parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
        let usual = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let host = authority.host().to_ascii_lowercase();
        let after = authority.as_str().get(host.len()..).filter(|_| !authority.as_str().contains('@'))?;
        let port = match after.strip_prefix(':') {
            Some(port) => Some(port.parse::<u16>().ok()?).filter(|port| *port != usual),
            None if after.is_empty() => None,
            None => return None,
        };
        if host.is_empty() || !matches!(uri.path(), "" | "/") || uri.query().is_some() || text.contains('#') {
            return None;
        }
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Some(Self(format!("{scheme}://{host}{port}")))
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The port, which no address needs to name.
    #[must_use]
    pub fn port(&self) -> u16 {
        let usual = if self.is_https() { 443 } else { 80 };
        let rest = self.0.rsplit_once(':').map_or("", |(_, rest)| rest);
        rest.parse().unwrap_or(usual)
    }

    /// The host alone.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => host,
            _ => rest,
        }
    }
}

impl Default for PublicUrl {
    fn default() -> Self {
        Self("http://localhost:8080".to_owned())
    }
}

impl Deref for PublicUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of the database. It may hold a password, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseAddress(String);

impl DatabaseAddress {
    /// Reads `sqlite:PATH` or `postgres://…`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(':')?;
        let known = match scheme {
            "sqlite" => !rest.is_empty(),
            "postgres" | "postgresql" => rest.starts_with("//"),
            _ => false,
        };
        known.then(|| Self(text.trim().to_owned()))
    }

    /// The database in a file; `None` where the path would read as something else.
    #[must_use]
    pub fn file(path: &Path) -> Option<Self> {
        let path = path.to_str().filter(|path| !path.contains(['?', '%']))?;
        Some(Self(format!("sqlite:{path}")))
    }
}

impl Deref for DatabaseAddress {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_once(':') {
            Some(("sqlite", _)) => f.write_str(&self.0),
            _ => f.write_str("postgres:…"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin() {
        for (text, origin, host) in [
            ("http://localhost:8080", "http://localhost:8080", "localhost"),
            ("https://Casos.Example.com/", "https://casos.example.com", "casos.example.com"),
            ("https://casos.example.com:443", "https://casos.example.com", "casos.example.com"),
            ("http://casos.example.com:443", "http://casos.example.com:443", "casos.example.com"),
            ("http://[::1]:8080", "http://[::1]:8080", "[::1]"),
            ("http://[::1]", "http://[::1]", "[::1]"),
        ] {
            let url = PublicUrl::parse(text).unwrap();
            assert_eq!((&*url, url.host()), (origin, host), "{text}");
            let named = origin.rsplit(':').next().and_then(|port| port.parse().ok());
            let usual = if origin.starts_with("https:") { 443 } else { 80 };
            assert_eq!(url.port(), named.unwrap_or(usual), "{text}");
        }
        for wrong in [
            "",
            "localhost:8080",
            "ftp://example.com",
            "https://",
            "https:///x",
            "https://example.com/desk",
            "https://example.com/?a",
            "https://example.com/#a",
            "https://user@example.com",
            "https://example.com:",
            "https://example.com:99999",
            "https://exa mple.com",
        ] {
            assert_eq!(PublicUrl::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn database_address_is_a_file_or_a_server() {
        for right in ["sqlite:data/vigia.db", "sqlite:///var/lib/vigia.db", "postgres://vigia@db/vigia"] {
            assert_eq!(&*DatabaseAddress::parse(right).unwrap(), right);
        }
        for wrong in ["", "sqlite:", "vigia.db", "mysql://db", "postgres:vigia"] {
            assert_eq!(DatabaseAddress::parse(wrong), None, "{wrong}");
        }
        assert_eq!(DatabaseAddress::file(Path::new("100%/vigia.db")), None);
    }
}

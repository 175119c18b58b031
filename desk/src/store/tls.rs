//! TLS on the way to a PostgreSQL server.

use std::borrow::Cow;

use crate::host::is_this_machine;

/// The server by environment variables where the address omits it (libpq's names, which sqlx obeys).
#[derive(Debug, Default)]
pub(super) struct Environment {
    host: Option<String>,
    sslmode: Option<String>,
}

impl Environment {
    /// The environment of this process.
    pub(super) fn read() -> Self {
        Self { host: std::env::var("PGHOST").ok(), sslmode: std::env::var("PGSSLMODE").ok() }
    }
}

/// The address with TLS required, if the server is another machine and `sslmode` does not decide otherwise. By default
/// sqlx continues unencrypted with a server without TLS, and with an attacker who claims that.
pub(super) fn secured<'a>(address: &'a str, environment: &Environment) -> Cow<'a, str> {
    let is_decided = parameters(address).any(|(name, _)| matches!(name, "sslmode" | "ssl-mode"));
    if is_decided || environment.sslmode.is_some() || is_near(address, environment) {
        return Cow::Borrowed(address);
    }
    let join = if address.contains('?') { '&' } else { '?' };
    Cow::Owned(format!("{address}{join}sslmode=require"))
}

/// Whether the server is on this machine, by a socket or by a loopback address.
fn is_near(address: &str, environment: &Environment) -> bool {
    let named = parameters(address).filter(|(name, _)| matches!(*name, "host" | "hostaddr")).last();
    let host = named.map_or_else(|| host(address), |(_, value)| value);
    let host = match (host, &environment.host) {
        ("", Some(host)) => host.as_str(),
        // The socket that sqlx finds, else localhost.
        ("", None) => return true,
        (host, _) => host,
    };
    let is_socket =
        host.starts_with('/') || host.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%2f"));
    is_socket || is_this_machine(host)
}

/// The host of `postgres://USER:PASSWORD@HOST:PORT/NAME`.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => place,
    }
}

fn parameters(address: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.split_once('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_secured(address: &str, environment: &Environment) -> bool {
        let secured = secured(address, environment);
        assert!(secured.starts_with(address), "{secured}");
        secured.len() > address.len()
    }

    #[test]
    fn remote_database_uses_tls_unless_configured_otherwise() {
        let none = Environment::default();
        for far in [
            "postgres://vigia:a%40b@db.example.com/vigia",
            "postgres://vigia@10.0.0.5:5432/vigia?application_name=desk",
            "postgresql://db/vigia",
            "postgres://[2001:db8::1]:5432/vigia",
            "postgres:///vigia?host=db.example.com",
            "postgres://localhost@db.example.com/vigia",
            "postgres://localhost/vigia?host=db.example.com",
        ] {
            assert!(is_secured(far, &none), "{far}");
        }
        assert_eq!(secured("postgres://db/v", &none), "postgres://db/v?sslmode=require");
        assert_eq!(secured("postgres://db/v?a=b", &none), "postgres://db/v?a=b&sslmode=require");
        for near in [
            "postgres://vigia:secret@localhost/vigia",
            "postgres://vigia@127.0.0.1:5433/vigia",
            "postgres://[::1]:5432/vigia",
            "postgres:///vigia",
            "postgres://vigia@/vigia",
            "postgres:///vigia?host=/run/postgresql",
            "postgres://%2Frun%2Fpostgresql/vigia",
        ] {
            assert!(!is_secured(near, &none), "{near}");
        }
        for mode in ["disable", "prefer", "verify-full"] {
            assert!(!is_secured(&format!("postgres://db/v?sslmode={mode}"), &none), "{mode}");
        }
    }

    #[test]
    fn tls_environment_is_read_like_the_driver() {
        let far = Environment { host: Some("db.example.com".to_owned()), sslmode: None };
        assert!(is_secured("postgres:///vigia", &far));
        assert!(!is_secured("postgres://localhost/vigia", &far));
        let decided = Environment { host: None, sslmode: Some("disable".to_owned()) };
        assert!(!is_secured("postgres://db.example.com/vigia", &decided));
    }
}

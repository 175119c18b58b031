//! Host names and addresses.

use std::net::IpAddr;

/// Whether a host is the local machine, so that its traffic crosses no network (RFC 6761, 6.3).
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let host =
        host.trim().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
    let address = || host.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback());
    host == "localhost" || host.ends_with(".localhost") || address()
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn loopback_names_are_recognised() {
        for own in [
            "localhost",
            "LocalHost.",
            "db.localhost",
            "127.0.0.1",
            "127.8.9.1",
            "::1",
            "[::1]",
            "::ffff:127.0.0.1",
        ] {
            assert!(is_this_machine(own), "{own}");
        }
        for far in [
            "",
            "db",
            "10.0.0.2",
            "localhost.example.com",
            "localhosts",
            "127.0.0.1.example.com",
            "0.0.0.0",
            "::",
        ] {
            assert!(!is_this_machine(far), "{far}");
        }
    }
}

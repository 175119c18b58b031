//! The address of a request: the peer's, or the one that a trusted proxy names.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// The caller's address. Hops are read from the last one back: only those that our own proxies wrote are believed. An
/// unreadable hop ends the reading: the hops before it are the caller's own claim.
#[must_use]
pub fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut known = peer.to_canonical();
    if !trusted.contains(&known) {
        return known;
    }
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    for line in lines.into_iter().rev() {
        for written in line.as_bytes().rsplit(|byte| *byte == b',') {
            match hop(written) {
                Some(address) if trusted.contains(&address) => known = address,
                Some(address) => return address,
                None => return known,
            }
        }
    }
    known
}

/// An address as proxies write it: alone, in brackets, with a port.
fn hop(written: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(written).ok()?.trim().trim_matches('"');
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    let address: Option<IpAddr> = text.parse().ok().or_else(in_brackets).or_else(with_port);
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXIES: [&str; 2] = ["10.0.0.2", "10.0.0.3"];

    fn from(peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted = PROXIES.map(|proxy| proxy.parse().unwrap());
        caller(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn forwarded_address_is_parsed_in_every_format() {
        for written in [
            "203.0.113.7",
            "203.0.113.7:50123",
            " 203.0.113.7 ",
            "\"203.0.113.7:50123\"",
            "::ffff:203.0.113.7",
            "[::ffff:203.0.113.7]:50123",
        ] {
            assert_eq!(from("10.0.0.2", &[&format!("198.51.100.1, {written}")]), "203.0.113.7", "{written}");
        }
        for written in ["2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:443"] {
            assert_eq!(from("10.0.0.2", &["198.51.100.1", written]), "2001:db8::7", "{written}");
        }
    }

    #[test]
    fn forwarded_address_of_an_untrusted_caller_is_ignored() {
        for unread in ["unknown", "_hidden", "203.0.113.7:port", "", "fe80::1%eth0", "203.0.113.7 via"] {
            let said = from("10.0.0.2", &[&format!("198.51.100.1, {unread}")]);
            assert_eq!(said, "10.0.0.2", "{unread}");
            // With several of our own proxies in a row, the nearest readable address counts.
            assert_eq!(from("10.0.0.2", &[&format!("198.51.100.1, {unread}, 10.0.0.3")]), "10.0.0.3");
        }
        assert_eq!(from("192.0.2.1", &["203.0.113.7"]), "192.0.2.1", "a peer that nobody trusts");
        assert_eq!(from("10.0.0.2", &[]), "10.0.0.2");
        assert_eq!(from("::ffff:10.0.0.2", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(from("10.0.0.2", &["203.0.113.7", "10.0.0.3, 10.0.0.2"]), "203.0.113.7");
    }
}

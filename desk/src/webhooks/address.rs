//! Which addresses the desk connects to: a pure judgement by the registries of special addresses (RFC 6890 and its
//! updates).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network of the provider's own with receivers, which the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedNetwork {
    base: IpAddr,
    prefix: u8,
}

impl AllowedNetwork {
    /// Parses `10.1.0.0/16`, `fd00:7::/64`, or one address. `None` for anything else, or for an address with bits beyond
    /// the prefix.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) =
            text.trim().split_once('/').map_or((text.trim(), None), |(a, p)| (a, Some(p)));
        let base: IpAddr = address.parse().ok()?;
        let longest = if base.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= longest)?
            }
            Some(_) => return None,
        };
        let network = Self { base, prefix };
        (network.masked(base) == Some(bits(base))).then_some(network)
    }

    /// The bits of an address of the same family up to the prefix.
    fn masked(self, address: IpAddr) -> Option<u128> {
        if self.base.is_ipv4() != address.is_ipv4() {
            return None;
        }
        let width = if address.is_ipv4() { 32 } else { 128 };
        let rest = width - u32::from(self.prefix);
        Some(bits(address).checked_shr(rest).and_then(|head| head.checked_shl(rest)).unwrap_or(0))
    }

    fn holds(self, address: IpAddr) -> bool {
        self.masked(address) == Some(bits(self.base))
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// What the desk does with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// An address of the public Internet: the desk connects, over TLS.
    Public,
    /// In a network that the operator allows: the desk connects, without TLS too.
    Allowed,
    /// The desk does not connect.
    Refused,
}

/// Judges an address. What the operator allows overrules the rest.
///
/// # Examples
/// ```
/// use desk::webhooks::{AllowedNetwork, Judgement, judge};
///
/// let own = [AllowedNetwork::parse("10.1.0.0/16").unwrap()];
/// assert_eq!(judge("10.1.2.3".parse().unwrap(), &own), Judgement::Allowed);
/// assert_eq!(judge("::ffff:10.1.2.3".parse().unwrap(), &own), Judgement::Allowed);
/// assert_eq!(judge("10.2.0.1".parse().unwrap(), &own), Judgement::Refused);
/// assert_eq!(judge("169.254.169.254".parse().unwrap(), &own), Judgement::Refused);
/// assert_eq!(judge("9.9.9.9".parse().unwrap(), &own), Judgement::Public);
/// ```
#[must_use]
pub fn judge(address: IpAddr, allowed: &[AllowedNetwork]) -> Judgement {
    // ::ffff:10.0.0.1 is 10.0.0.1 to the system.
    let address = address.to_canonical();
    if allowed.iter().any(|network| network.holds(address)) {
        return Judgement::Allowed;
    }
    let is_public = match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    };
    if is_public { Judgement::Public } else { Judgement::Refused }
}

/// Networks of IPv4 that are not of the public Internet, as address and prefix.
const SPECIAL_V4: [([u8; 4], u32); 17] = [
    // This network, and the unspecified address.
    ([0, 0, 0, 0], 8),
    // Private.
    ([10, 0, 0, 0], 8),
    // Between providers and their customers (CGNAT); metadata of Alibaba's cloud.
    ([100, 64, 0, 0], 10),
    // Loopback.
    ([127, 0, 0, 0], 8),
    // The wire server of Azure, which answers its machines alone.
    ([168, 63, 129, 16], 32),
    // Link-local; metadata of most clouds.
    ([169, 254, 0, 0], 16),
    // Private.
    ([172, 16, 0, 0], 12),
    // Of the IETF; metadata of Oracle's cloud.
    ([192, 0, 0, 0], 24),
    // Documentation.
    ([192, 0, 2, 0], 24),
    // Anycast relays of 6to4.
    ([192, 88, 99, 0], 24),
    // Private.
    ([192, 168, 0, 0], 16),
    // Benchmarks.
    ([198, 18, 0, 0], 15),
    // Documentation.
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Sinks of reverse look-ups (AS112).
    ([192, 31, 196, 0], 24),
    ([192, 175, 48, 0], 24),
    // Multicast, reserved, broadcast.
    ([224, 0, 0, 0], 3),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|(base, prefix)| {
        let rest = 32 - prefix;
        address.to_bits() >> rest == Ipv4Addr::from(*base).to_bits() >> rest
    })
}

/// Networks of `2000::/3` that are not of the public Internet, as address and prefix.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    // Of the IETF: Teredo, ORCHID, benchmarks. Teredo carries an address of IPv4.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4, which carries an address of IPv4.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// Translation to IPv4 (NAT64, RFC 6052): the last 32 bits are the address that is reached.
const NAT64: Ipv6Addr = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);

fn is_public_v6(address: Ipv6Addr) -> bool {
    let within = |base: Ipv6Addr, prefix: u32| {
        let rest = 128 - prefix;
        address.to_bits() >> rest == base.to_bits() >> rest
    };
    if within(NAT64, 96) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // All else outside is loopback, unspecified, unique local, link-local, site-local, multicast or not given out.
    let is_global_unicast = within(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    is_global_unicast && !SPECIAL_V6.iter().any(|(base, prefix)| within(*base, *prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(address: &str) -> Judgement {
        judge(address.parse().unwrap(), &[])
    }

    #[test]
    fn special_networks_end_where_the_registries_say() {
        for (inside, outside) in [
            ("0.255.255.255", "1.0.0.0"),
            ("10.255.255.255", "11.0.0.0"),
            ("100.127.255.255", "100.128.0.0"),
            ("127.255.255.255", "128.0.0.1"),
            ("169.254.255.255", "169.255.0.0"),
            ("172.31.255.255", "172.32.0.0"),
            ("192.168.255.255", "192.169.0.0"),
            ("198.19.255.255", "198.20.0.0"),
            ("224.0.0.0", "223.255.255.255"),
            ("2001:1ff:ffff::1", "2001:200::1"),
            ("2001:db8:ffff::1", "2001:db9::1"),
            ("2002:ffff::1", "2003::1"),
            ("3fff:fff::1", "3ffe::1"),
            ("1fff:ffff::1", "2a00::1"),
            ("4000::1", "3fff:1000::1"),
            ("64:ff9b::a00:1", "64:ff9b::909:909"),
        ] {
            assert_eq!(judged(inside), Judgement::Refused, "{inside}");
            assert_eq!(judged(outside), Judgement::Public, "{outside}");
        }
    }

    #[test]
    fn allowed_network_is_an_address_and_a_prefix() {
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.1/8",
            "10.0.0/8",
            "fd00::/129",
            "a/8",
            "10.0.0.0/8/8",
        ] {
            assert_eq!(AllowedNetwork::parse(wrong), None, "{wrong}");
        }
        let holds = |network: &str, address: &str| {
            AllowedNetwork::parse(network).unwrap().holds(address.parse().unwrap())
        };
        assert!(holds("10.0.0.0/8", "10.255.0.1") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("0.0.0.0/0", "9.9.9.9") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("::/0", "::1") && !holds("::/0", "9.9.9.9"));
        assert!(holds("127.0.0.1", "127.0.0.1") && !holds("127.0.0.1", "127.0.0.2"));
        assert!(holds("fd00:7::/64", "fd00:7::9") && !holds("fd00:7::/64", "fd00:8::9"));
    }
}

//! Networks of requests, as far as limits distinguish senders.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use domain::time::Instant;

use super::{Quota, RateLimiter, TooOften};

/// Source address of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source(IpAddr);

/// A range of addresses of one sender, by its first address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Source {
    /// An unknown address. All of these share one allowance.
    pub const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// The source of an address; an IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// The network of one household or machine: IPv4 /32, IPv6 /64.
    #[must_use]
    pub fn address(self) -> Network {
        self.cut(64)
    }

    /// The network of one customer of a provider: IPv4 /32, IPv6 /48.
    #[must_use]
    pub fn site(self) -> Network {
        self.cut(48)
    }

    fn cut(self, prefix: u32) -> Network {
        match self.0 {
            IpAddr::V4(_) => Network(self.0),
            IpAddr::V6(address) => {
                let kept = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
                Network(IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & kept)))
            }
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Limits senders by their networks: IPv4 /32, IPv6 /64 and /48.
#[derive(Debug)]
pub struct NetworkLimiter {
    address: RateLimiter<Network>,
    site: RateLimiter<Network>,
}

impl NetworkLimiter {
    /// A limiter that gives an IPv6 /48 network `sites` times the quota of an address.
    #[must_use]
    pub fn new(name: &'static str, quota: Quota, sites: u32) -> Self {
        let site = Quota { burst: quota.burst.saturating_mul(sites), ..quota };
        Self { address: RateLimiter::new(name, quota), site: RateLimiter::new(name, site) }
    }

    /// Counts an attempt of a sender.
    ///
    /// # Errors
    /// [`TooOften`] when one of its networks is beyond its quota.
    pub fn take(&self, source: Source, now: Instant) -> Result<(), TooOften> {
        self.address.take(&source.address(), now)?;
        // A refusal by one network costs the other nothing.
        self.site.take(&source.site(), now).inspect_err(|_| self.address.give_back(&source.address()))
    }

    /// Refunds an attempt that should not have counted.
    pub fn give_back(&self, source: Source) {
        self.address.give_back(&source.address());
        self.site.give_back(&source.site());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(address: &str) -> Source {
        Source::of(address.parse().unwrap())
    }

    #[test]
    fn sources_are_grouped_by_network() {
        let (one, two) = (source("192.0.2.1"), source("192.0.2.2"));
        assert_ne!(one.address(), two.address());
        assert_eq!(source("::ffff:192.0.2.1"), one);
        let (one, two) = (source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
        assert_eq!(one.address(), two.address());
        let neighbour = source("2001:db8:1:3::1");
        assert_ne!(one.address(), neighbour.address());
        assert_eq!(one.site(), neighbour.site());
        assert_ne!(one.site(), source("2001:db8:2:2::1").site());
    }

    #[test]
    fn ipv6_networks_of_one_provider_customer_share_a_limit() {
        let limiter = NetworkLimiter::new("test", Quota { burst: 5, refill_s: 60 }, 4);
        let hops = (0..1000_u32).map(|hop| source(&format!("2001:db8:1:{hop:x}::1")));
        let through = hops.filter(|hop| limiter.take(*hop, Instant(0)).is_ok()).count();
        assert_eq!(through, 20);
        assert!(limiter.take(source("2001:db8:2::1"), Instant(0)).is_ok());
        let one = (0..10).filter(|_| limiter.take(source("192.0.2.1"), Instant(0)).is_ok()).count();
        assert_eq!(one, 5);
    }
}

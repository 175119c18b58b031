//! How often somebody may ask, open a case or try to sign in (`docs/decisions/0020`). In memory, per process.

mod rate_limiter;
mod sign_in;
mod source;

pub use rate_limiter::{Quota, RateLimiter, TooOften};
pub(crate) use sign_in::{Guess, SignIns};
pub use source::{Network, NetworkLimiter, Source};

/// How many addresses' worth a network of IPv6 /48 is.
const SITES: u32 = 4;

/// What strangers look up, and write by a link: more than anybody types.
const REQUESTS: Quota = Quota { burst: 60, refill_s: 60 };
/// Cases that strangers open from one address: a company behind one address has several people report one outage.
const OPENINGS: Quota = Quota { burst: 30, refill_s: 600 };
/// Links that strangers ask for who lost theirs: a company behind one address has several people who did.
const LINKS: Quota = Quota { burst: 10, refill_s: 3600 };
/// Cases that strangers open anywhere and that no contract validates: what people can look through.
const UNVALIDATED: Quota = Quota { burst: 200, refill_s: 1200 };

/// The limits of a desk.
#[derive(Debug)]
pub struct Limits {
    /// What strangers look up, and write by a link.
    pub requests: NetworkLimiter,
    /// Cases that strangers open.
    pub openings: NetworkLimiter,
    /// Links that strangers ask for who lost theirs.
    pub(crate) links: NetworkLimiter,
    /// Cases that strangers open and that no contract validates, wherever they come from.
    pub(crate) unvalidated: RateLimiter<()>,
    /// Tries to sign in.
    pub(crate) sign_ins: SignIns,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: NetworkLimiter::new("requests", REQUESTS, SITES),
            openings: NetworkLimiter::new("openings", OPENINGS, SITES),
            links: NetworkLimiter::new("links that were lost", LINKS, SITES),
            unvalidated: RateLimiter::new("openings to be validated", UNVALIDATED),
            sign_ins: SignIns::default(),
        }
    }
}

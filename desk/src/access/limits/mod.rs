//! Rate limits of requests, openings and sign-ins (`docs/decisions/0020`), in the memory of each process.

use std::collections::HashSet;
use std::sync::Mutex;

use domain::actor::{DisplayId, IntegrationId, PersonId};

mod rate_limiter;
mod sign_in;
mod source;

pub use rate_limiter::{Allowance, Quota, RateLimiter, TooOften};
pub(crate) use sign_in::{Guess, SignIns};
pub use source::{Network, NetworkLimiter, Source};

/// Allowance of an IPv6 /48 network, as a multiple of an address.
const SITES: u32 = 4;

/// Requests of strangers, and answers by a link: more than anybody types.
const REQUESTS: Quota = Quota { burst: 60, refill_s: 60 };
/// Openings by strangers from one address: several people of a company may report one outage.
const OPENINGS: Quota = Quota { burst: 30, refill_s: 600 };
/// Openings by strangers with files, from one address: each may be as large as all files of a message.
const OPENING_FILES: Quota = Quota { burst: 15, refill_s: 900 };
/// Files of customers that are kept, in KiB from anywhere. It is a day of a thousand cases, each with four photographs of a
/// megabyte as browsers make them. An attack fills 8 GiB of the disk on its first day and 4 on each further one.
const CUSTOMER_FILES: Quota = Quota { burst: 4 * 1024 * 1024, refill_s: 24 * 3600 };
/// The share of one network in them, by openings and by messages from a case's page. It keeps one sender from refusing all
/// others their files for a day.
const NETWORK_FILES: Quota = Quota { burst: 1024 * 1024, ..CUSTOMER_FILES };
/// Requests of strangers for lost links: several people of a company may have lost theirs.
const LINKS: Quota = Quota { burst: 10, refill_s: 3600 };
/// Reports, files and searches of one customer who is signed in, each of which may read all cases of a company. It is a
/// morning of looking through twelve months, with searches between.
const OWN_READS: Quota = Quota { burst: 60, refill_s: 600 };
/// Openings by strangers that need validation, from anywhere: as many as the staff can validate.
const UNVALIDATED: Quota = Quota { burst: 200, refill_s: 1200 };

/// Screens that begin to wait for a pairing: the walls of a whole contact centre, each with another code every ten minutes.
const SCREENS: Quota = Quota { burst: 30, refill_s: 600 };

/// Pairing codes that one member of the staff types: a room full of screens.
const PAIRINGS: Quota = Quota { burst: 20, refill_s: 600 };

/// Requests with a wrong token from one address: a program that was not told of a new one.
const WRONG_TOKENS: Quota = Quota { burst: 60, refill_s: 60 };

/// The limits of a desk.
#[derive(Debug)]
pub struct Limits {
    /// Requests of strangers, and answers by a link.
    pub requests: NetworkLimiter,
    /// Openings by strangers.
    pub openings: NetworkLimiter,
    /// Openings by strangers with files.
    pub opening_files: NetworkLimiter,
    /// KiB of files of customers that are kept, from anywhere. The staff has no such limit.
    pub customer_files: RateLimiter<()>,
    /// The same of openings and messages from one network.
    pub network_files: RateLimiter<Network>,
    /// Requests of strangers for lost links.
    pub(crate) links: NetworkLimiter,
    /// Reports, files and searches of a customer who is signed in, by mailbox.
    pub own_reads: RateLimiter<String>,
    /// Openings by strangers that need validation, from anywhere.
    pub(crate) unvalidated: RateLimiter<()>,
    /// Screens that begin to wait for a pairing.
    pub(crate) screens: NetworkLimiter,
    /// Pairing codes that a member of the staff types.
    pub(crate) pairings: RateLimiter<PersonId>,
    /// Displays whose sight is being written down: one write of each at a time.
    pub(crate) noted: Mutex<HashSet<DisplayId>>,
    /// Requests of integrations. Each has a quota of its own.
    pub integrations: RateLimiter<IntegrationId>,
    /// Requests with a wrong token.
    pub wrong_tokens: NetworkLimiter,
    /// Integrations whose last use is being written down: one write of each at a time.
    pub(crate) used: Mutex<HashSet<IntegrationId>>,
    /// Attempts to sign in.
    pub(crate) sign_ins: SignIns,
    /// Codes of second factors.
    pub(crate) codes: SignIns,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: NetworkLimiter::new("requests", REQUESTS, SITES),
            openings: NetworkLimiter::new("openings", OPENINGS, SITES),
            opening_files: NetworkLimiter::new("openings with files", OPENING_FILES, SITES),
            customer_files: RateLimiter::new("KiB of customers' files", CUSTOMER_FILES),
            network_files: RateLimiter::new("KiB of a network's files", NETWORK_FILES),
            links: NetworkLimiter::new("links that were lost", LINKS, SITES),
            own_reads: RateLimiter::new("reports and files of a customer", OWN_READS),
            unvalidated: RateLimiter::new("openings to be validated", UNVALIDATED),
            screens: NetworkLimiter::new("screens that wait", SCREENS, SITES),
            pairings: RateLimiter::new("pairing codes", PAIRINGS),
            noted: Mutex::default(),
            integrations: RateLimiter::new("requests of an integration", REQUESTS),
            wrong_tokens: NetworkLimiter::new("wrong tokens", WRONG_TOKENS, SITES),
            used: Mutex::default(),
            sign_ins: SignIns::of_passwords(),
            codes: SignIns::of_codes(),
        }
    }
}

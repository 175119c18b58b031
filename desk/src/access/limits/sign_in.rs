//! Limits of password guesses, by account, by network and by both, so that no stranger can lock a person out.
//!
//! A known browser is counted by itself alone (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). So attacks
//! from elsewhere do not lock it out.

use domain::time::Instant;

use super::{Network, NetworkLimiter, Quota, RateLimiter, Source, TooOften};

/// Wrong passwords for one account from one network or known browser: 60 an hour in the long run.
const PAIR: Quota = Quota { burst: 10, refill_s: 600 };
/// Wrong passwords from one network, for any accounts: enough for a contact centre's typing errors in the morning.
const NETWORK: Quota = Quota { burst: 30, refill_s: 1800 };
/// Wrong passwords for one account from anywhere: more than one network can use up, so that no network locks an account
/// alone.
const ACCOUNT: Quota = Quota { burst: 150, refill_s: 5400 };
/// Wrong codes for one account from anywhere: whoever makes them knows the password, and a code has six digits alone.
const CODES: Quota = Quota { burst: 20, refill_s: 3600 };

/// The limits of sign-ins.
#[derive(Debug)]
pub(crate) struct SignIns {
    networks: NetworkLimiter,
    pairs: RateLimiter<(Network, String)>,
    accounts: RateLimiter<String>,
    browsers: RateLimiter<(String, String)>,
}

/// A guess before it is checked.
#[derive(Debug, Clone)]
pub(crate) enum Guess {
    /// In a browser that is known for this account.
    Known {
        /// The account as typed.
        account: String,
        /// Hash of the browser's token.
        browser: String,
    },
    /// In another browser.
    New {
        /// The account as typed.
        account: String,
        /// The network of the request.
        source: Source,
    },
}

impl SignIns {
    /// The limits of passwords.
    pub(crate) fn of_passwords() -> Self {
        Self::with(RateLimiter::new("sign-ins to an account", ACCOUNT))
    }

    /// The limits of codes of second factors.
    pub(crate) fn of_codes() -> Self {
        Self::with(RateLimiter::new("codes of an account", CODES))
    }

    fn with(accounts: RateLimiter<String>) -> Self {
        Self {
            // An IPv6 /48 counts as one address, so that it cannot use up an account either.
            networks: NetworkLimiter::new("sign-ins of a network", NETWORK, 1),
            pairs: RateLimiter::new("sign-ins to an account from a network", PAIR),
            accounts,
            browsers: RateLimiter::new("sign-ins in a known browser", PAIR),
        }
    }

    /// Counts a guess before it is checked.
    pub(crate) fn take(&self, guess: &Guess, now: Instant) -> Result<(), TooOften> {
        match guess {
            Guess::Known { account, browser } => self.browsers.take(&(browser.clone(), account.clone()), now),
            Guess::New { account, source } => {
                let pair = (source.address(), account.clone());
                self.networks.take(*source, now)?;
                // A refused guess costs nothing elsewhere.
                self.pairs.take(&pair, now).inspect_err(|_| self.networks.give_back(*source))?;
                self.accounts.take(account, now).inspect_err(|_| {
                    self.networks.give_back(*source);
                    self.pairs.give_back(&pair);
                })
            }
        }
    }

    /// Refunds a right password, because only guesses are limited.
    pub(crate) fn give_back(&self, guess: &Guess) {
        match guess {
            Guess::Known { account, browser } => {
                self.browsers.give_back(&(browser.clone(), account.clone()));
            }
            Guess::New { account, source } => {
                self.networks.give_back(*source);
                self.pairs.give_back(&(source.address(), account.clone()));
                self.accounts.give_back(account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_S: i64 = 3600;

    fn new(account: &str, address: &str) -> Guess {
        Guess::New { account: account.to_owned(), source: Source::of(address.parse().unwrap()) }
    }

    /// Number of permitted guesses, one every `every_s` seconds until `until_s`.
    fn through(limits: &SignIns, guess: &Guess, every_s: usize, until_s: i64) -> usize {
        (0..until_s).step_by(every_s).filter(|at| limits.take(guess, Instant(*at)).is_ok()).count()
    }

    #[test]
    fn attack_from_one_network_locks_no_account() {
        for stranger in ["192.0.2.1", "2001:db8:1:2::1"] {
            let limits = SignIns::of_passwords();
            let made = through(&limits, &new("marta", stranger), 4, 6 * HOUR_S);
            assert!(made < 500, "{made} guesses in six hours from {stranger}");
            assert!(limits.take(&new("marta", "198.51.100.7"), Instant(6 * HOUR_S)).is_ok(), "{stranger}");
        }
    }

    #[test]
    fn attack_from_many_networks_of_a_site_locks_no_account() {
        let limits = SignIns::of_passwords();
        for at in 0..4 * HOUR_S {
            let _ = limits.take(&new("marta", &format!("2001:db8:1:{:x}::1", at % 65_536)), Instant(at));
        }
        assert!(limits.take(&new("marta", "198.51.100.7"), Instant(4 * HOUR_S)).is_ok());
    }

    #[test]
    fn codes_of_an_account_are_limited_from_everywhere() {
        let limits = SignIns::of_codes();
        let guesses = (0..200).map(|nth| new("7", &format!("192.0.2.{nth}")));
        let made = guesses.filter(|guess| limits.take(guess, Instant(0)).is_ok()).count();
        assert_eq!(made, 20);
    }

    #[test]
    fn password_spraying_from_one_network_is_limited() {
        let limits = SignIns::of_passwords();
        let guesses = (0..150).map(|nth| new(&format!("person{nth}"), "192.0.2.1"));
        let made = guesses.filter(|guess| limits.take(guess, Instant(0)).is_ok()).count();
        assert_eq!(made, 30);
    }

    #[test]
    fn known_browser_signs_in_during_an_attack() {
        let limits = SignIns::of_passwords();
        for nth in 0..1000 {
            let _ = limits.take(&new("marta", &format!("192.0.{}.{}", nth / 250, nth % 250)), Instant(0));
        }
        assert!(limits.take(&new("marta", "198.51.100.7"), Instant(0)).is_err(), "guessed from everywhere");
        let known = Guess::Known { account: "marta".to_owned(), browser: "token".to_owned() };
        assert!(limits.take(&known, Instant(0)).is_ok());
        let made = 1 + through(&limits, &known, 1, HOUR_S);
        assert!(made <= 70, "{made} guesses in an hour in one browser");
    }

    #[test]
    fn successful_sign_ins_are_not_limited() {
        let limits = SignIns::of_passwords();
        for guess in [
            new("marta", "192.0.2.1"),
            Guess::Known { account: "marta".to_owned(), browser: "token".to_owned() },
        ] {
            for _ in 0..1000 {
                assert!(limits.take(&guess, Instant(0)).is_ok());
                limits.give_back(&guess);
            }
        }
    }
}

//! Time and randomness, passed in so that tests and simulations bring their own.

use std::fmt;
use std::sync::Arc;

use domain::time::Instant;

type Clock = dyn Fn() -> Instant + Send + Sync;
type Chance = dyn Fn(&mut [u8]) + Send + Sync;

/// Source of the time and of random bytes.
#[derive(Clone)]
pub struct Ports {
    clock: Arc<Clock>,
    chance: Arc<Chance>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

impl Ports {
    /// Time and randomness from the caller.
    pub fn new(
        clock: impl Fn() -> Instant + Send + Sync + 'static,
        chance: impl Fn(&mut [u8]) + Send + Sync + 'static,
    ) -> Self {
        Self { clock: Arc::new(clock), chance: Arc::new(chance) }
    }

    /// The machine's clock and the operating system's randomness.
    ///
    /// # Panics
    /// When the operating system has no randomness: nothing secret could be made.
    #[must_use]
    pub fn system() -> Self {
        Self::new(
            || {
                // A machine whose clock was never set may be before 1970.
                let since_1970 = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
                Instant(i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX))
            },
            |bytes| getrandom::fill(bytes).expect("the operating system gives random bytes"),
        )
    }

    /// The same randomness at a fixed time.
    #[must_use]
    pub(crate) fn at(&self, moment: Instant) -> Self {
        Self { clock: Arc::new(move || moment), chance: Arc::clone(&self.chance) }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Instant {
        (self.clock)()
    }

    /// `N` random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.chance)(&mut bytes);
        bytes
    }
}

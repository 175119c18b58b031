//! How often something may be tried: the generic cell rate algorithm (GCRA) per key, in memory of a fixed size.
//!
//! A key is kept as a keyed hash beside the moment at which its allowance is whole again. The table never grows: a new key
//! takes the place of the one among eight that has used least of its allowance. Made-up keys therefore displace each other,
//! lock nobody out, and do not free whoever has used theirs up.

use std::hash::{BuildHasher, Hash, RandomState};
use std::marker::PhantomData;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::time::Instant;
use thiserror::Error;

/// Sets of the table.
const SETS: usize = 1024;
/// Keys of a set: 8,192 keys in all, in 128 KiB.
const WAYS: usize = 8;
/// A limit writes no more than one line of refusals to the log in so many seconds.
const LOG_EVERY_S: i64 = 10;

/// How much is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Tries at once.
    pub burst: u32,
    /// Seconds until a used-up allowance is whole again.
    pub refill_s: u32,
}

impl Quota {
    /// What one try costs.
    fn cost_ms(self) -> i64 {
        i64::from(self.refill_s) * 1000 / i64::from(self.burst.max(1))
    }

    /// What the whole allowance costs.
    fn whole_ms(self) -> i64 {
        self.cost_ms() * i64::from(self.burst)
    }
}

/// Tried too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("tried too often: the next try is let through in {wait_s} s")]
pub struct TooOften {
    /// Seconds until the next try is let through.
    pub wait_s: i64,
}

/// Lets each key through as its quota says.
#[derive(Debug)]
pub struct RateLimiter<K> {
    /// As the log names it.
    name: &'static str,
    quota: Quota,
    hasher: RandomState,
    table: Mutex<Table>,
    refusals: Mutex<Refusals>,
    of: PhantomData<fn(K)>,
}

#[derive(Debug)]
struct Table(Box<[[Slot; WAYS]]>);

/// A key; an empty slot has used nothing of its allowance.
#[derive(Debug, Clone, Copy)]
struct Slot {
    tag: u64,
    whole_at_ms: i64,
}

const EMPTY: Slot = Slot { tag: 0, whole_at_ms: i64::MIN };

impl Table {
    /// The slots in one of which a key stands, if it stands in any.
    fn set(&mut self, tag: u64) -> &mut [Slot; WAYS] {
        // The lowest digits of a hash: whatever is cut off does not matter.
        #[expect(clippy::cast_possible_truncation, reason = "the lowest digits are what is wanted")]
        let place = tag as usize % SETS;
        &mut self.0[place]
    }

    /// The slot of a key, or the one that is given up for it.
    fn slot(&mut self, tag: u64) -> &mut Slot {
        let set = self.set(tag);
        let found = set.iter().position(|slot| slot.tag == tag);
        let place = found.unwrap_or_else(|| {
            let least = (0..WAYS).min_by_key(|place| set[*place].whole_at_ms).unwrap_or(0);
            set[least] = Slot { tag, ..EMPTY };
            least
        });
        &mut set[place]
    }
}

/// Refusals since the last line in the log.
#[derive(Debug)]
struct Refusals {
    told_at: Option<Instant>,
    untold: u64,
}

impl<K: Hash> RateLimiter<K> {
    /// A limiter that nobody has used yet.
    #[must_use]
    pub fn new(name: &'static str, quota: Quota) -> Self {
        Self {
            name,
            quota,
            hasher: RandomState::new(),
            table: Mutex::new(Table(vec![[EMPTY; WAYS]; SETS].into_boxed_slice())),
            refusals: Mutex::new(Refusals { told_at: None, untold: 0 }),
            of: PhantomData,
        }
    }

    /// Takes one try of `key`.
    ///
    /// # Errors
    /// [`TooOften`] when none is left. Refusals are written to the log: without the key, so without personal data.
    pub fn take(&self, key: &K, now: Instant) -> Result<(), TooOften> {
        let tag = self.hasher.hash_one(key);
        let taken = self.charge(tag, now);
        if taken.is_err() {
            self.tell(tag, now);
        }
        taken
    }

    /// Gives a try back that turned out to be none of those that are limited.
    pub fn give_back(&self, key: &K) {
        let tag = self.hasher.hash_one(key);
        let cost_ms = self.quota.cost_ms();
        if let Some(slot) = locked(&self.table).set(tag).iter_mut().find(|slot| slot.tag == tag) {
            slot.whole_at_ms = slot.whole_at_ms.saturating_sub(cost_ms);
        }
    }

    fn charge(&self, tag: u64, now: Instant) -> Result<(), TooOften> {
        let (now_ms, whole_ms) = (now.0.saturating_mul(1000), self.quota.whole_ms());
        let mut table = locked(&self.table);
        let slot = table.slot(tag);
        // A clock that is set back makes nobody wait longer than an empty allowance does.
        let from_ms = slot.whole_at_ms.clamp(now_ms, now_ms.saturating_add(whole_ms));
        let whole_at_ms = from_ms.saturating_add(self.quota.cost_ms());
        let over_ms = whole_at_ms.saturating_sub(now_ms).saturating_sub(whole_ms);
        if over_ms > 0 {
            return Err(TooOften { wait_s: over_ms.saturating_add(999) / 1000 });
        }
        slot.whole_at_ms = whole_at_ms;
        Ok(())
    }

    /// Writes a refusal to the log, or counts it for the next line.
    fn tell(&self, tag: u64, now: Instant) {
        let mut refusals = locked(&self.refusals);
        refusals.untold += 1;
        if refusals.told_at.is_some_and(|told_at| (0..LOG_EVERY_S).contains(&now.since(told_at))) {
            return;
        }
        let refused = std::mem::take(&mut refusals.untold);
        refusals.told_at = Some(now);
        drop(refusals);
        // The tag tells one source from many; it is keyed anew at every start.
        tracing::warn!(limit = self.name, refused, key = format!("{tag:016x}"), "refused by a rate limit");
    }
}

/// A poisoned lock still holds what is usable: every update is a single write.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota { burst: 3, refill_s: 30 };

    fn limiter() -> RateLimiter<u64> {
        RateLimiter::new("test", QUOTA)
    }

    fn passes(limiter: &RateLimiter<u64>, key: u64, at: i64) -> bool {
        limiter.take(&key, Instant(at)).is_ok()
    }

    #[test]
    fn limiter_allows_a_burst_then_a_steady_rate() {
        let limiter = limiter();
        assert!((0..3).all(|_| passes(&limiter, 1, 0)));
        assert_eq!(limiter.take(&1, Instant(0)), Err(TooOften { wait_s: 10 }));
        assert!(passes(&limiter, 2, 0), "others have their own");
        assert_eq!(limiter.take(&1, Instant(9)), Err(TooOften { wait_s: 1 }));
        assert!(passes(&limiter, 1, 10));
        assert!(!passes(&limiter, 1, 10));
        assert!((0..3).all(|_| passes(&limiter, 1, 1000)));
        assert!(!passes(&limiter, 1, 1000));
    }

    #[test]
    fn refunded_tokens_can_be_spent_once() {
        let limiter = limiter();
        for _ in 0..5 {
            assert!(passes(&limiter, 1, 0));
            limiter.give_back(&1);
        }
        limiter.give_back(&1);
        assert!((0..3).all(|_| passes(&limiter, 1, 0)));
        assert!(!passes(&limiter, 1, 0));
        limiter.give_back(&2);
    }

    #[test]
    fn flood_of_new_keys_neither_blocks_nor_frees_a_key() {
        let limiter = limiter();
        while passes(&limiter, 1, 0) {}
        // Far more than the table holds.
        for key in 2..200_000 {
            assert!(passes(&limiter, key, 0), "{key}");
        }
        assert!(!passes(&limiter, 1, 0), "it is still known");
    }

    #[test]
    fn limiter_table_is_bounded() {
        assert_eq!(size_of::<[Slot; WAYS]>() * SETS, 128 * 1024);
    }

    #[test]
    fn limiter_recovers_after_the_clock_is_set_back() {
        let limiter = limiter();
        while passes(&limiter, 1, 100_000) {}
        assert_eq!(limiter.take(&1, Instant(0)), Err(TooOften { wait_s: 10 }));
    }

    #[test]
    fn limiter_accepts_every_instant() {
        let limiter = limiter();
        for at in [i64::MIN, i64::MIN / 1000, -1, i64::MAX / 1000, i64::MAX] {
            let _ = passes(&limiter, 1, at);
        }
    }
}

//! Rate limits by the generic cell rate algorithm (GCRA) per key, in memory of a fixed size.
//!
//! A key is stored as a keyed hash with the time at which its allowance is full again. The table never grows: among
//! eight slots, a new key replaces the one that has used least. So made-up keys displace each other. They lock nobody
//! out, and do not free a key that is used up.

use std::hash::{BuildHasher, Hash, RandomState};
use std::marker::PhantomData;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::time::Instant;
use thiserror::Error;

/// Number of sets in the table.
const SETS: usize = 1024;
/// Keys per set: 8,192 keys in all, in 128 KiB.
const WAYS: usize = 8;
/// The shortest time between two log lines of a limit, in seconds.
const LOG_EVERY_S: i64 = 10;

/// A quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Attempts at once.
    pub burst: u32,
    /// Seconds until a used-up allowance is full again.
    pub refill_s: u32,
}

impl Quota {
    /// Cost of one attempt, in milliseconds.
    fn cost_ms(self) -> i64 {
        i64::from(self.refill_s) * 1000 / i64::from(self.burst.max(1))
    }

    /// Cost of the whole allowance, in milliseconds.
    fn whole_ms(self) -> i64 {
        self.cost_ms() * i64::from(self.burst)
    }
}

/// The quota is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("tried too often: the next try is let through in {wait_s} s")]
pub struct TooOften {
    /// Seconds until the next attempt is permitted.
    pub wait_s: i64,
}

/// What is left of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Attempts that would be let through at once.
    pub left: i64,
    /// Seconds until the quota is whole again, rounded up.
    pub whole_in_s: i64,
}

/// Limits each key by its quota.
#[derive(Debug)]
pub struct RateLimiter<K> {
    /// Name in the log.
    name: &'static str,
    quota: Quota,
    hasher: RandomState,
    table: Mutex<Table>,
    refusals: Mutex<Refusals>,
    of: PhantomData<fn(K)>,
}

#[derive(Debug)]
struct Table(Box<[[Slot; WAYS]]>);

/// A slot of a key; an empty one has a full allowance.
#[derive(Debug, Clone, Copy)]
struct Slot {
    tag: u64,
    whole_at_ms: i64,
}

const EMPTY: Slot = Slot { tag: 0, whole_at_ms: i64::MIN };

impl Table {
    /// The slots that may have a key.
    fn set(&mut self, tag: u64) -> &mut [Slot; WAYS] {
        // The lowest bits of a hash, so truncation does not matter.
        #[expect(clippy::cast_possible_truncation, reason = "the lowest digits are what is wanted")]
        let place = tag as usize % SETS;
        &mut self.0[place]
    }

    /// The slot of a key, or the one that it replaces.
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

/// Refusals since the last log line.
#[derive(Debug)]
struct Refusals {
    told_at: Option<Instant>,
    untold: u64,
}

impl<K: Hash> RateLimiter<K> {
    /// A new limiter.
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

    /// Counts an attempt of `key`.
    ///
    /// # Errors
    /// [`TooOften`] beyond the quota. Refusals are logged without the key, so without personal data.
    pub fn take(&self, key: &K, now: Instant) -> Result<(), TooOften> {
        self.take_of(key, self.quota, now).map(drop)
    }

    /// The same where each key has a quota of its own. Gives what is left of it.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub fn take_of(&self, key: &K, quota: Quota, now: Instant) -> Result<Allowance, TooOften> {
        let tag = self.hasher.hash_one(key);
        let taken = self.charge(tag, quota, 1, now);
        if taken.is_err() {
            self.tell(tag, now);
        }
        taken
    }

    /// Counts as many attempts of `key` at once: all or none.
    ///
    /// # Errors
    /// As [`take`](Self::take). More than a whole allowance is never let through.
    pub fn take_many(&self, key: &K, attempts: u32, now: Instant) -> Result<(), TooOften> {
        let tag = self.hasher.hash_one(key);
        let taken = self.charge(tag, self.quota, attempts, now).map(drop);
        if taken.is_err() {
            self.tell(tag, now);
        }
        taken
    }

    /// Refunds an attempt that should not have counted.
    pub fn give_back(&self, key: &K) {
        self.give_back_many(key, 1);
    }

    /// Refunds attempts that were counted at once.
    pub fn give_back_many(&self, key: &K, attempts: u32) {
        let tag = self.hasher.hash_one(key);
        let cost_ms = self.quota.cost_ms().saturating_mul(i64::from(attempts));
        if let Some(slot) = locked(&self.table).set(tag).iter_mut().find(|slot| slot.tag == tag) {
            slot.whole_at_ms = slot.whole_at_ms.saturating_sub(cost_ms);
        }
    }

    fn charge(&self, tag: u64, quota: Quota, attempts: u32, now: Instant) -> Result<Allowance, TooOften> {
        let (now_ms, whole_ms) = (now.0.saturating_mul(1000), quota.whole_ms());
        let mut table = locked(&self.table);
        let slot = table.slot(tag);
        // A clock that is set back lets nobody wait longer than for a full refill.
        let from_ms = slot.whole_at_ms.clamp(now_ms, now_ms.saturating_add(whole_ms));
        let whole_at_ms = from_ms.saturating_add(quota.cost_ms().saturating_mul(i64::from(attempts)));
        let over_ms = whole_at_ms.saturating_sub(now_ms).saturating_sub(whole_ms);
        if over_ms > 0 {
            return Err(TooOften { wait_s: over_ms.saturating_add(999) / 1000 });
        }
        slot.whole_at_ms = whole_at_ms;
        let used_ms = whole_at_ms.saturating_sub(now_ms);
        Ok(Allowance {
            left: whole_ms.saturating_sub(used_ms) / quota.cost_ms().max(1),
            whole_in_s: used_ms.saturating_add(999) / 1000,
        })
    }

    /// Logs a refusal, or counts it for the next line.
    fn tell(&self, tag: u64, now: Instant) {
        let mut refusals = locked(&self.refusals);
        refusals.untold += 1;
        if refusals.told_at.is_some_and(|told_at| (0..LOG_EVERY_S).contains(&now.since(told_at))) {
            return;
        }
        let refused = std::mem::take(&mut refusals.untold);
        refusals.told_at = Some(now);
        drop(refusals);
        // The tag distinguishes sources; its key is new at every start.
        tracing::warn!(limit = self.name, refused, key = format!("{tag:016x}"), "refused by a rate limit");
    }
}

/// A poisoned lock is still usable, because every update is a single write.
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
    fn what_is_left_of_a_quota_of_its_own_is_told() {
        let (limiter, quota) = (limiter(), Quota { burst: 2, refill_s: 10 });
        assert_eq!(limiter.take_of(&1, quota, Instant(0)), Ok(Allowance { left: 1, whole_in_s: 5 }));
        assert_eq!(limiter.take_of(&1, quota, Instant(0)), Ok(Allowance { left: 0, whole_in_s: 10 }));
        assert_eq!(limiter.take_of(&1, quota, Instant(0)), Err(TooOften { wait_s: 5 }));
        assert_eq!(limiter.take_of(&1, quota, Instant(5)), Ok(Allowance { left: 0, whole_in_s: 10 }));
    }

    #[test]
    fn attempts_at_once_are_counted_all_or_none() {
        let limiter = limiter();
        assert!(limiter.take_many(&1, 4, Instant(0)).is_err(), "more than there ever is");
        assert!(limiter.take_many(&1, 2, Instant(0)).is_ok());
        assert_eq!(limiter.take_many(&1, 2, Instant(0)), Err(TooOften { wait_s: 10 }));
        assert!(limiter.take_many(&1, 1, Instant(0)).is_ok(), "the refused ones cost nothing");
        limiter.give_back_many(&1, 3);
        assert!(limiter.take_many(&1, 3, Instant(0)).is_ok());
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
        // Far more keys than slots.
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

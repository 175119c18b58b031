//! How often somebody may try: a token bucket per key, in memory, bounded.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

use domain::time::Instant;

/// Keys remembered at once; beyond that the ones that are full again are forgotten first.
const REMEMBERED: usize = 10_000;

/// Lets each key through `burst` times at once, and again as time passes: all of the burst within `refill_s` seconds.
#[derive(Debug)]
pub struct Limit<K> {
    burst: i64,
    refill_s: i64,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: i64,
    since: Instant,
}

impl<K: Hash + Eq> Limit<K> {
    /// Lets through `burst` at once, and all of it again within `refill_s` seconds.
    #[must_use]
    pub fn new(burst: i64, refill_s: i64) -> Self {
        Self { burst, refill_s, buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes one try of `key`; `false` when none is left.
    pub fn take(&self, key: K, now: Instant) -> bool {
        // A poisoned lock still holds a usable map: every update of it is a single insert.
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.len() >= REMEMBERED {
            buckets.retain(|_, bucket| now.since(bucket.since) < self.refill_s);
        }
        if buckets.len() >= REMEMBERED {
            return false;
        }
        let bucket = buckets.entry(key).or_insert(Bucket { left: self.burst, since: now });
        let earned = now.since(bucket.since).max(0) * self.burst / self.refill_s;
        if earned > 0 {
            bucket.left = (bucket.left + earned).min(self.burst);
            bucket.since = now;
        }
        let allowed = bucket.left > 0;
        bucket.left -= i64::from(allowed);
        allowed
    }
}

impl<K: Hash + Eq> Limit<K> {
    /// Gives a try back that turned out to be none of those that are limited.
    pub fn give_back(&self, key: &K) {
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(key) {
            bucket.left = (bucket.left + 1).min(self.burst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again_and_no_more_than_that() {
        let limit = Limit::new(2, 30);
        for _ in 0..5 {
            assert!(limit.take("a", Instant(0)));
            limit.give_back(&"a");
        }
        limit.give_back(&"a");
        assert!((0..2).all(|_| limit.take("a", Instant(0))));
        assert!(!limit.take("a", Instant(0)));
        limit.give_back(&"nobody");
    }

    #[test]
    fn a_burst_then_a_trickle() {
        let limit = Limit::new(3, 30);
        let at = Instant;
        assert!((0..3).all(|_| limit.take("a", at(0))));
        assert!(!limit.take("a", at(0)));
        assert!(limit.take("b", at(0)), "others have their own");
        assert!(!limit.take("a", at(9)));
        assert!(limit.take("a", at(10)));
        assert!(!limit.take("a", at(10)));
        assert!((0..3).all(|_| limit.take("a", at(1000))));
        assert!(!limit.take("a", at(1000)));
    }
}

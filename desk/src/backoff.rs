//! Waits between attempts, which mails and webhooks share: each has a table of its own.

/// A table of waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    /// Waits before the second attempt, the third and so on, in seconds. After the last there is no other attempt.
    pub(crate) waits_s: &'static [i64],
    /// Waits vary by up to this share, so that what failed together is not tried again together.
    pub(crate) jitter_percent: i64,
}

impl Backoff {
    /// Seconds to wait after the `attempt`-th attempt (from 1); `None` after the last. `chance` is random.
    pub(crate) fn wait_s(self, attempt: i64, chance: [u8; 2]) -> Option<i64> {
        let place = usize::try_from(attempt.max(1) - 1).ok()?;
        let wait_s = self.waits_s.get(place)?;
        let spread_s = wait_s * self.jitter_percent / 100;
        let roll = i64::from(u16::from_le_bytes(chance));
        Some(wait_s - spread_s + 2 * spread_s * roll / i64::from(u16::MAX))
    }
}

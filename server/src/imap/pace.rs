//! How long is waited after what went wrong: pure, with time and chance from the caller.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

/// The first wait before another connection.
const CONNECTION: Duration = Duration::from_millis(500);
/// The longest wait before another connection.
const LONGEST_CONNECTION: Duration = Duration::from_mins(10);
/// The first wait after the account was refused: servers lock accounts that are tried too often.
const ACCOUNT: Duration = Duration::from_mins(1);
/// The longest wait after the account was refused.
const LONGEST_ACCOUNT: Duration = Duration::from_hours(1);
/// The first wait for a mail that could not be taken twice. The first time it is tried again at once.
const MAIL: Duration = Duration::from_secs(15);
/// The longest wait for a mail.
const LONGEST_MAIL: Duration = Duration::from_hours(1);
/// Most mails that wait. Of more, the oldest are tried again at once.
const MAX_WAITING: usize = 10_000;

/// What a mailbox waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The connection failed.
    Connection,
    /// The account was refused.
    Account,
}

/// The wait before the next connection. It doubles with each failure in a row. Chance cuts it to between half of it and the
/// whole: nodes do not come all at once.
pub(super) fn before_connection(cause: Cause, failures: u32, chance: u8) -> Duration {
    let whole = match cause {
        Cause::Connection => doubled(CONNECTION, failures, LONGEST_CONNECTION),
        Cause::Account => doubled(ACCOUNT, failures, LONGEST_ACCOUNT),
    };
    whole * (256 + u32::from(chance)) / 512
}

/// A wait that doubles from the first failure on.
fn doubled(first: Duration, failures: u32, longest: Duration) -> Duration {
    first.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX)).min(longest)
}

/// A mail that could not be taken so far.
#[derive(Debug, Clone, Copy)]
struct Trial {
    times: u32,
    not_before: Instant,
}

/// Mails of one numbering that wait for another try, so that others are taken meanwhile.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    numbering: Option<u32>,
    trials: BTreeMap<u32, Trial>,
    /// Mails that turned out to be too large, beside what their server said.
    oversized: Vec<u32>,
}

impl Waiting {
    /// Begins with a folder. What is known of another numbering says nothing of this one.
    pub(super) fn begin(&mut self, numbering: Option<u32>) {
        if numbering.is_none() || self.numbering != numbering {
            *self = Self { numbering, ..Self::default() };
        }
    }

    /// Whether a mail may be tried now.
    pub(super) fn is_due(&self, uid: u32, now: Instant) -> bool {
        self.trials.get(&uid).is_none_or(|trial| trial.not_before <= now)
    }

    /// A mail is tried now. Unless it is taken, it waits.
    pub(super) fn tried(&mut self, uid: u32, now: Instant) {
        let times = self.trials.get(&uid).map_or(1, |trial| trial.times.saturating_add(1));
        let wait = if times == 1 { Duration::ZERO } else { doubled(MAIL, times - 1, LONGEST_MAIL) };
        self.trials.insert(uid, Trial { times, not_before: now + wait });
        if self.trials.len() > MAX_WAITING {
            self.trials.pop_first();
        }
    }

    /// A mail was taken, or is gone.
    pub(super) fn settled(&mut self, uid: u32) {
        self.trials.remove(&uid);
        self.oversized.retain(|one| *one != uid);
    }

    /// Whether a mail waits.
    pub(super) fn has(&self, uid: u32) -> bool {
        self.trials.contains_key(&uid)
    }

    /// Of the mails that wait, only these are in the folder still.
    pub(super) fn keep(&mut self, there: &BTreeSet<u32>) {
        self.trials.retain(|uid, _| there.contains(uid));
    }

    /// A mail is larger than its server said.
    pub(super) fn is_too_large(&mut self, uid: u32) {
        if self.oversized.len() < MAX_WAITING {
            self.oversized.push(uid);
        }
    }

    /// Whether a mail was larger than its server said.
    pub(super) fn was_too_large(&self, uid: u32) -> bool {
        self.oversized.contains(&uid)
    }

    /// How many mails wait.
    pub(super) fn count(&self) -> usize {
        self.trials.len()
    }

    /// When the next of them is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.trials.values().map(|trial| trial.not_before).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_differ_by_chance() {
        let wait = |failures, chance| before_connection(Cause::Connection, failures, chance).as_millis();
        assert_eq!([wait(1, 0), wait(2, 0), wait(3, 0), wait(11, 0)], [250, 500, 1000, 256_000]);
        assert_eq!((wait(1, 255), wait(200, 255)), (499, 598_828));
        assert_eq!(before_connection(Cause::Account, 1, 0), Duration::from_secs(30));
        assert_eq!(before_connection(Cause::Account, 90, 0), Duration::from_mins(30));
    }

    #[test]
    fn mail_is_tried_again_at_once_and_then_waits() {
        let (mut waiting, now) = (Waiting::default(), Instant::now());
        waiting.begin(Some(1));
        assert!(waiting.is_due(7, now) && waiting.next().is_none());
        waiting.tried(7, now);
        assert!(waiting.is_due(7, now));
        waiting.tried(7, now);
        let due = now + Duration::from_secs(15);
        assert!(!waiting.is_due(7, now) && waiting.is_due(7, due) && waiting.is_due(8, now));
        assert_eq!((waiting.count(), waiting.next()), (1, Some(due)));
        for _ in 0..40 {
            waiting.tried(7, now);
        }
        assert_eq!(waiting.next(), Some(now + Duration::from_hours(1)));
        waiting.settled(7);
        assert_eq!(waiting.count(), 0);
    }

    #[test]
    fn mail_that_is_gone_is_waited_for_no_more() {
        let (mut waiting, now) = (Waiting::default(), Instant::now());
        waiting.begin(Some(1));
        waiting.tried(7, now);
        waiting.tried(8, now);
        waiting.keep(&BTreeSet::from([8, 9]));
        assert!(!waiting.has(7) && waiting.has(8) && !waiting.has(9));
        waiting.keep(&BTreeSet::new());
        assert_eq!((waiting.count(), waiting.next()), (0, None));
    }

    #[test]
    fn other_numbering_knows_nothing() {
        let (mut waiting, now) = (Waiting::default(), Instant::now());
        waiting.begin(Some(1));
        for _ in 0..2 {
            waiting.tried(7, now);
        }
        waiting.is_too_large(8);
        waiting.begin(Some(1));
        assert!(!waiting.is_due(7, now) && waiting.was_too_large(8));
        waiting.begin(Some(2));
        assert!(waiting.is_due(7, now) && !waiting.was_too_large(8));
    }

    #[test]
    fn memory_of_waiting_mails_is_bounded() {
        let (mut waiting, now) = (Waiting::default(), Instant::now());
        for uid in 0..u32::try_from(MAX_WAITING).unwrap() + 10 {
            waiting.tried(uid, now);
            waiting.is_too_large(uid);
        }
        assert_eq!((waiting.count(), waiting.oversized.len()), (MAX_WAITING, MAX_WAITING));
    }
}

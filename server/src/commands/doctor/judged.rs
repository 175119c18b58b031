//! What figures mean: pure, and each with its test.

use domain::time::Instant;

/// Clocks that differ by less tell the same time.
const SAME_S: i64 = 5;
/// A history may be ahead by as much: nodes differ, and a step of the clock is small.
const AHEAD_S: i64 = 60;
/// Bytes with which the desk goes on for weeks, and those with which it soon stops.
const ENOUGH: u64 = 2_000_000_000;
const LEAST: u64 = 200_000_000;
/// An integrity check is asked for once in as many seconds.
const STALE_S: i64 = 35 * 24 * 3600;
/// What others than the owner may do.
const OTHERS: u32 = 0o077;

/// How this machine's clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drift {
    /// It agrees with the database's clock and with the histories.
    None,
    /// The database's clock says something else.
    FromDatabase {
        /// Seconds that this machine is ahead; below zero when it is behind.
        ahead_s: i64,
    },
    /// An entry of a history is of the future: the clock was set back.
    BehindHistory {
        /// Seconds until that entry.
        by_s: i64,
    },
}

pub(super) fn drift(now: Instant, database: Instant, last_entry: Option<Instant>) -> Drift {
    let ahead_s = now.since(database);
    let by_s = last_entry.map_or(0, |last| last.since(now));
    if ahead_s.abs() > SAME_S {
        Drift::FromDatabase { ahead_s }
    } else if by_s > AHEAD_S {
        Drift::BehindHistory { by_s }
    } else {
        Drift::None
    }
}

/// How much room a disk has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Enough,
    Little,
    None,
}

pub(super) const fn room(free_bytes: u64) -> Room {
    match free_bytes {
        ENOUGH.. => Room::Enough,
        LEAST.. => Room::Little,
        _ => Room::None,
    }
}

/// Whether the last integrity check is too long ago.
pub(super) fn is_stale(checked: Instant, now: Instant) -> bool {
    now.since(checked) > STALE_S
}

/// Whether other accounts may do anything with a file of this mode.
pub(super) const fn is_open_to_others(mode: u32) -> bool {
    mode & OTHERS != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_is_held_against_database_and_history() {
        let at = |s: i64| Instant(1_000_000 + s);
        for (database, last, expected) in [
            (at(0), None, Drift::None),
            (at(5), Some(at(60)), Drift::None),
            (at(-6), None, Drift::FromDatabase { ahead_s: 6 }),
            (at(6), Some(at(500)), Drift::FromDatabase { ahead_s: -6 }),
            (at(0), Some(at(61)), Drift::BehindHistory { by_s: 61 }),
            (at(0), Some(at(-9999)), Drift::None),
        ] {
            assert_eq!(drift(at(0), database, last), expected);
        }
    }

    #[test]
    fn disk_has_enough_little_or_no_room() {
        for (free, expected) in [
            (0, Room::None),
            (LEAST - 1, Room::None),
            (LEAST, Room::Little),
            (ENOUGH - 1, Room::Little),
            (ENOUGH, Room::Enough),
            (u64::MAX, Room::Enough),
        ] {
            assert_eq!(room(free), expected, "{free}");
        }
    }

    #[test]
    fn check_is_stale_after_five_weeks() {
        assert!(!is_stale(Instant(0), Instant(STALE_S)));
        assert!(is_stale(Instant(0), Instant(STALE_S + 1)));
    }

    #[test]
    fn any_right_of_others_is_open() {
        assert!([0o644, 0o640, 0o601, 0o750].into_iter().all(is_open_to_others));
        assert!([0o600, 0o700, 0o400, 0o10_0600].into_iter().all(|mode| !is_open_to_others(mode)));
    }
}

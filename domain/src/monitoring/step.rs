//! What becomes of an alert: a case, a note in its case, or nothing.

use super::AlertState;
use crate::time::Instant;

/// The shortest time between two notes of one kind about one alert, in seconds: an hour. A flapping alert fills no history.
pub const NOTE_EVERY_S: i64 = 3600;

/// How the case of an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseStanding {
    /// It is open.
    Open,
    /// It has ended, or is no more.
    Ended,
}

/// What is kept of an alert that has come before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptAlert {
    /// How its case stands; `None` when it could not become one.
    pub case: Option<CaseStanding>,
    /// When its case last heard that it fires: its opening, or a note.
    pub told_firing: Option<Instant>,
    /// When its case last heard that it is over.
    pub told_resolved: Option<Instant>,
}

/// What is done with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A case is opened.
    Open,
    /// Its case gets a note.
    Note,
    /// Its case knows it already, or will hear of it later.
    Keep,
}

/// The step for an alert that comes now. An alert never closes a case: that it is over is told, and a person decides.
///
/// When an alert flaps, its case rather says that it fires than that it is over. What fires after it was over is told. What
/// is over within an hour of the last such note is not.
#[must_use]
pub fn step(kept: Option<&KeptAlert>, state: AlertState, now: Instant) -> Step {
    let open = kept.filter(|kept| kept.case == Some(CaseStanding::Open));
    let is_long_ago = |told: Option<Instant>| told.is_none_or(|told| now.since(told) >= NOTE_EVERY_S);
    match (state, open) {
        (AlertState::Firing, None) => Step::Open,
        (AlertState::Resolved, None) => Step::Keep,
        (AlertState::Firing, Some(kept)) => {
            let was_over = kept.told_resolved > kept.told_firing;
            if was_over || is_long_ago(kept.told_firing) { Step::Note } else { Step::Keep }
        }
        (AlertState::Resolved, Some(kept)) => {
            if is_long_ago(kept.told_resolved) {
                Step::Note
            } else {
                Step::Keep
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Instant = Instant(1_800_000_000);

    fn kept(case: CaseStanding, firing: i64, resolved: Option<i64>) -> KeptAlert {
        KeptAlert {
            case: Some(case),
            told_firing: Some(T.plus(firing)),
            told_resolved: resolved.map(|at| T.plus(at)),
        }
    }

    #[test]
    fn alert_opens_a_case_unless_one_is_open() {
        let unplaced = KeptAlert { case: None, told_firing: None, told_resolved: None };
        for before in [None, Some(&unplaced), Some(&kept(CaseStanding::Ended, 0, None))] {
            assert_eq!(step(before, AlertState::Firing, T), Step::Open);
            assert_eq!(step(before, AlertState::Resolved, T), Step::Keep);
        }
    }

    #[test]
    fn case_hears_once_an_hour_that_its_alert_still_fires() {
        let before = kept(CaseStanding::Open, 0, None);
        let at = |seconds| step(Some(&before), AlertState::Firing, T.plus(seconds));
        assert_eq!((at(0), at(NOTE_EVERY_S - 1), at(NOTE_EVERY_S)), (Step::Keep, Step::Keep, Step::Note));
    }

    #[test]
    fn case_of_a_flapping_alert_hears_little_and_ends_on_the_safe_side() {
        let (mut told, mut notes) = (kept(CaseStanding::Open, 0, None), 0);
        // A change every minute, for an hour.
        for minute in 1..60 {
            let now = T.plus(minute * 60);
            let state = if minute % 2 == 1 { AlertState::Resolved } else { AlertState::Firing };
            if step(Some(&told), state, now) == Step::Note {
                notes += 1;
                match state {
                    AlertState::Firing => told.told_firing = Some(now),
                    AlertState::Resolved => told.told_resolved = Some(now),
                }
            }
        }
        assert_eq!(notes, 2, "over, and firing again");
        assert!(told.told_firing > told.told_resolved);
    }
}

//! The order of work, by which queue and wall sort: a band, and a place in it.
//!
//! Targets that can still be met come first: at risk, then on track, then paused, each by due time or end of the pause.
//! Breached targets have a band of their own, newest first. Between two entries a rank changes at [`Case::next_turn`]
//! alone, so one number holds it ([`Rank::sort_key`]).

use serde::{Deserialize, Serialize};

use super::evolve::Case;
use super::sla_clock::{ClockState, SlaClock, SlaStatus, TimerState};
use crate::calendar::Spans;
use crate::priority::Priority;
use crate::time::Instant;

/// State of a case as a whole, in the order of display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// A target is nearly used up and not breached.
    AtRisk,
    /// Every open target is in time.
    OnTrack,
    /// Every open target is paused.
    Paused,
    /// An open target is breached, and no other is at risk.
    Breached,
    /// No target is open.
    Done,
}

/// Bits of a key below the band.
const BAND_SHIFT: u32 = 40;
const MOMENT_SHIFT: u32 = 3;
/// The last moment that a key can hold, in seconds: far beyond every target.
const LAST_S: i64 = (1 << (BAND_SHIFT - MOMENT_SHIFT)) - 1;

impl Band {
    /// All bands, in their order.
    pub const ALL: [Self; 5] = [Self::AtRisk, Self::OnTrack, Self::Paused, Self::Breached, Self::Done];

    /// Whether an open target can still be met.
    #[must_use]
    pub const fn can_be_saved(self) -> bool {
        matches!(self, Self::AtRisk | Self::OnTrack | Self::Paused)
    }

    /// The clock state shown for the whole case: its colour, shape and word.
    #[must_use]
    pub const fn state(self) -> ClockState {
        match self {
            Self::AtRisk => ClockState::Warning,
            Self::OnTrack => ClockState::Running,
            Self::Paused => ClockState::Paused,
            Self::Breached => ClockState::Breached,
            Self::Done => ClockState::Met,
        }
    }

    /// The lowest key of the band, above every key of the bands before it.
    #[must_use]
    pub const fn first_key(self) -> i64 {
        let place: i64 = match self {
            Self::AtRisk => 0,
            Self::OnTrack => 1,
            Self::Paused => 2,
            Self::Breached => 3,
            Self::Done => 4,
        };
        place << BAND_SHIFT
    }

    /// Whether the latest moment comes first.
    const fn is_newest_first(self) -> bool {
        matches!(self, Self::Breached | Self::Done)
    }
}

/// Place of a case in the order of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    /// The band.
    pub band: Band,
    /// When the deciding target is due, resumes or was breached; the last target's end in [`Band::Done`]. Beyond all
    /// moments when unknown.
    pub at: Instant,
    /// The deciding target and its reading; `None` when no target is open.
    pub decided_by: Option<(SlaClock, SlaStatus)>,
}

impl Rank {
    /// The rank of a case by its clocks at `now`.
    ///
    /// A target at risk goes before a breached one, because it can be saved. Among targets at risk or on track, the
    /// first due decides. Among paused ones it is the first to resume, among breached ones the latest breach. A
    /// breached target that is paused counts as breached.
    #[must_use]
    pub fn of(clocks: &[SlaClock], spans: &Spans, now: Instant) -> Self {
        let open = clocks.iter().filter(|clock| !clock.run.is_over());
        let ranked = open.map(|clock| Self::of_one(clock, spans, now));
        let turn = |rank: &Self| match rank.band {
            Band::AtRisk => (0, rank.at.0),
            Band::Breached => (1, rank.at.0.saturating_neg()),
            Band::OnTrack => (2, rank.at.0),
            Band::Paused | Band::Done => (3, rank.at.0),
        };
        ranked.min_by_key(turn).unwrap_or_else(|| {
            let ended = clocks.iter().map(|clock| clock.as_of).max();
            Self { band: Band::Done, at: ended.unwrap_or(Instant(0)), decided_by: None }
        })
    }

    fn of_one(clock: &SlaClock, spans: &Spans, now: Instant) -> Self {
        let reading = clock.reading(spans, now);
        let due = reading.due.unwrap_or(Instant(LAST_S));
        let (band, at) = match (reading.state, clock.run) {
            (ClockState::Breached, _) => {
                let broken = clock.breach.or_else(|| clock.folded(spans, now).breach);
                (Band::Breached, broken.map_or(due, |breach| breach.at))
            }
            (ClockState::Warning, _) => (Band::AtRisk, due),
            (ClockState::Paused, TimerState::Paused { until }) => (Band::Paused, until),
            _ => (Band::OnTrack, due),
        };
        Self { band, at, decided_by: Some((*clock, reading)) }
    }

    /// The rank as one number: the lower comes first. At the same moment the higher priority comes first.
    #[must_use]
    pub fn sort_key(&self, priority: Priority) -> i64 {
        let at = self.at.0.clamp(0, LAST_S);
        let moment = if self.band.is_newest_first() { LAST_S - at } else { at };
        let order = i64::try_from(priority.index()).unwrap_or(0);
        self.band.first_key() | (moment << MOMENT_SHIFT) | order
    }
}

impl Case {
    /// The rank of the case at `now`.
    #[must_use]
    pub fn rank(&self, spans: &Spans, now: Instant) -> Rank {
        Rank::of(&self.clocks(spans, now), spans, now)
    }

    /// When time alone changes the rank next: a target becomes at risk, or is breached.
    #[must_use]
    pub fn next_turn(&self, spans: &Spans, now: Instant) -> Option<Instant> {
        let clocks = self.clocks(spans, now);
        clocks.iter().flat_map(|clock| clock.turns(spans)).filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::case::Breach;
    use crate::sla_plan::SlaMetric;
    use crate::time::Span;

    const NOW: Instant = Instant(100_000);

    fn clock(target_s: i64, used_s: i64, run: TimerState) -> SlaClock {
        SlaClock {
            kind: SlaMetric::FirstResponse,
            cycle: 1,
            target_s,
            used_s,
            as_of: NOW,
            run,
            used_up: None,
            breach: None,
        }
    }

    fn broken(ago_s: i64) -> SlaClock {
        let breach = Breach { at: NOW.plus(-ago_s), target_s: 900, due: None };
        SlaClock { breach: Some(breach), ..clock(900, 901 + ago_s, TimerState::Running) }
    }

    fn key(clocks: &[SlaClock]) -> i64 {
        Rank::of(clocks, &Spans::always(), NOW).sort_key(Priority::P2)
    }

    fn band(clocks: &[SlaClock]) -> Band {
        Rank::of(clocks, &Spans::always(), NOW).band
    }

    #[test]
    fn rank_puts_running_targets_before_breaches_newest_first() {
        let until = NOW.plus(60);
        let in_order = [
            clock(900, 900 - 155, TimerState::Running),
            // Less of the target is left, but it is due later.
            clock(86_400, 86_400 - 1200, TimerState::Running),
            clock(900, 0, TimerState::Running),
            clock(14_400, 0, TimerState::Running),
            clock(900, 890, TimerState::Paused { until }),
            broken(0),
            broken(600),
            broken(58 * 3600),
            SlaClock { run: TimerState::Stopped, as_of: NOW, ..broken(10) },
            clock(900, 5, TimerState::Stopped),
        ];
        let keys: Vec<i64> = in_order.iter().map(|clock| key(&[*clock])).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(keys[8], keys[9], "of what is done the end alone counts");
    }

    #[test]
    fn rank_follows_a_running_target_before_a_breached_one() {
        let late = broken(3600);
        let about_to_break = clock(3600, 3500, TimerState::Running);
        let far = clock(86_400, 0, TimerState::Running);
        assert_eq!(band(&[late, about_to_break]), Band::AtRisk);
        assert_eq!(band(&[late, far]), Band::Breached);
        assert_eq!(key(&[late, broken(60), far]), key(&[broken(60)]), "the one that broke last");
        let wait = TimerState::Paused { until: NOW.plus(86_400) };
        assert_eq!(key(&[SlaClock { run: wait, ..late }]), key(&[late]), "a wait mends nothing");
        assert_eq!(band(&[clock(900, 0, wait), far]), Band::OnTrack);
    }

    #[test]
    fn equal_ranks_are_ordered_by_priority() {
        let rank = Rank::of(&[clock(900, 0, TimerState::Running)], &Spans::always(), NOW);
        let keys = Priority::ALL.map(|priority| rank.sort_key(priority));
        assert!(keys.is_sorted_by(|one, next| one < next), "{keys:?}");
    }

    #[test]
    fn target_due_beyond_the_horizon_ranks_last_in_its_band() {
        let known = Span::new(Instant(0), NOW.plus(3600));
        let spans = Spans::new(known, vec![known], Vec::new()).unwrap();
        let rank = Rank::of(&[clock(86_400, 0, TimerState::Running)], &spans, NOW);
        let key = rank.sort_key(Priority::P4);
        assert!(key >= Band::OnTrack.first_key() && key < Band::Paused.first_key(), "{rank:?}");
    }

    fn run() -> impl Strategy<Value = TimerState> {
        prop_oneof![
            Just(TimerState::Running),
            (1_i64..9000).prop_map(|later| TimerState::Paused { until: NOW.plus(later) }),
            Just(TimerState::Stopped),
        ]
    }

    proptest! {
        /// Between two turns every key is constant and lies in its band.
        #[test]
        fn sort_key_is_valid_until_its_next_change(
            all in prop::collection::vec((60_i64..5000, 0_i64..6000, run()), 1..4),
            later_s in 0_i64..12_000,
        ) {
            let spans = Spans::always();
            let fold = |(target_s, used_s, run)| {
                let at = NOW.plus(target_s - used_s);
                let breach = (used_s > target_s).then_some(Breach { at, target_s, due: None });
                SlaClock { breach, ..clock(target_s, used_s, run) }
            };
            let clocks: Vec<SlaClock> = all.into_iter().map(fold).collect();
            let later = NOW.plus(later_s);
            let ends = clocks.iter().filter_map(|clock| match clock.run {
                TimerState::Paused { until } => Some(until),
                _ => None,
            });
            let turns = clocks.iter().flat_map(|clock| clock.turns(&spans)).chain(ends);
            let turned = turns.into_iter().any(|at| at > NOW && at <= later);
            let at = |now| Rank::of(&clocks, &spans, now);
            let (key, then) = (at(NOW).sort_key(Priority::P1), at(later).sort_key(Priority::P1));
            if !turned {
                prop_assert_eq!(key, then);
            }
            let band = at(later).band;
            prop_assert_eq!(Band::ALL.into_iter().rfind(|band| band.first_key() <= then), Some(band));
            prop_assert_eq!(then < Band::Breached.first_key(), band.can_be_saved());
        }
    }
}

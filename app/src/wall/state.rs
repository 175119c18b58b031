//! The data of the wall: open cases and their hours, kept current by the server's messages.
//!
//! Pure, so that it is tested on the host. Bounded: a case that leaves takes all its data along.

use std::collections::{BTreeMap, HashMap};

use domain::calendar::{ServiceHours, Spans, ZoneView};
use domain::case::{Band, Rank, ServiceHoursRef};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use domain::view::{CaseRow, Change, Snapshot};

/// Age at which a fresh snapshot is requested: a display runs for months, and its clocks and hours reach back one day.
const FRESH_S: i64 = 12 * 3600;
/// A fresh snapshot is requested when the hours of a case are known for less than this.
const HORIZON_S: i64 = 2 * 86_400;
/// A snapshot that did not come is requested again after this long.
const ASK_AGAIN_S: i64 = 300;

/// The open cases, as of the server's last message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WallState {
    /// The hours of every row, and no others.
    hours: HashMap<ServiceHoursRef, ServiceHours>,
    rows: BTreeMap<CaseNumber, CaseRow>,
    /// Cases whose agreed visit clashes with another.
    clashing: Vec<CaseNumber>,
    /// Number of the last change that was applied.
    seq: i64,
    /// The server's time in the last snapshot; `None` before the first.
    taken_at: Option<Instant>,
    /// When a fresh snapshot was last requested.
    requested_at: Option<Instant>,
    /// Cases of each band that the last snapshot counted and did not contain.
    more: [i64; Band::ALL.len()],
}

/// A case in the order of the wall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<'a> {
    /// The row of the case.
    pub row: &'a CaseRow,
    /// Its hours.
    pub hours: &'a ServiceHours,
    /// Its place in the order of work.
    pub rank: Rank,
}

/// Cases in each band.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cases with a breached target.
    pub breached: usize,
    /// Cases with a target at risk.
    pub warning: usize,
    /// Cases in which all targets are on time.
    pub running: usize,
    /// Cases on hold.
    pub paused: usize,
}

impl WallState {
    /// Replaces everything by a snapshot.
    pub fn apply_snapshot(&mut self, snapshot: Snapshot) {
        self.hours = snapshot.hours.into_iter().collect();
        self.rows = snapshot.rows.into_iter().filter(CaseRow::is_open).map(|row| (row.number, row)).collect();
        self.seq = snapshot.seq;
        self.clashing = snapshot.clashing;
        self.taken_at = Some(snapshot.now);
        self.requested_at = None;
        self.more = snapshot.more;
        for row in self.rows.values() {
            // A case without hours shows all the same, with its clocks stopped.
            self.hours.entry(row.hours.clone()).or_insert_with(|| nothing_known(&row.hours, snapshot.now));
        }
        self.forget_unused_hours();
    }

    /// Applies a change, unless a later one was applied already.
    pub fn apply_change(&mut self, change: Change) {
        let Change { seq, row, hours, clashing } = change;
        let is_older = self.rows.get(&row.number).is_some_and(|known| row.version < known.version);
        if seq <= self.seq || is_older {
            return;
        }
        self.seq = seq;
        self.clashing = clashing;
        if row.is_open() {
            self.hours.insert(row.hours.clone(), hours);
            self.rows.insert(row.number, row);
        } else {
            self.rows.remove(&row.number);
        }
        self.forget_unused_hours();
    }

    /// Whether the agreed visit of a case clashes with another.
    #[must_use]
    pub fn clashes(&self, number: CaseNumber) -> bool {
        self.clashing.contains(&number)
    }

    fn forget_unused_hours(&mut self) {
        let rows = &self.rows;
        self.hours.retain(|hours_ref, _| rows.values().any(|row| row.hours == *hours_ref));
    }

    /// Whether a snapshot has come.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.taken_at.is_some()
    }

    /// Whether a fresh snapshot is due at `now`: the data is old, or does not reach far enough.
    #[must_use]
    pub fn wants_snapshot(&self, now: Instant) -> bool {
        let Some(taken_at) = self.taken_at else { return false };
        let is_old = now.since(taken_at) >= FRESH_S;
        let ends_soon = self.hours.values().any(|hours| hours.spans.known().to.since(now) < HORIZON_S);
        let asked_lately =
            self.requested_at.is_some_and(|requested_at| now.since(requested_at) < ASK_AGAIN_S);
        // Hours that end soon by themselves (of an unknown calendar) do not cause requests without a pause.
        let came_lately = now.since(taken_at) < ASK_AGAIN_S;
        // Cases that were only counted change unseen.
        let is_counted = self.more.iter().any(|count| *count > 0);
        (is_old || ends_soon || is_counted) && !asked_lately && !came_lately
    }

    /// Notes that a fresh snapshot was requested at `now`.
    pub fn snapshot_requested(&mut self, now: Instant) {
        self.requested_at = Some(now);
    }

    /// All cases at `now`, in the queue's order of work. Of equals the older stands first.
    #[must_use]
    pub fn sorted(&self, now: Instant) -> Vec<Line<'_>> {
        let mut lines: Vec<Line<'_>> = self.lines(now).collect();
        lines.sort_by_cached_key(|line| {
            let row = line.row;
            (line.rank.sort_key(row.priority), row.opened_at, row.number)
        });
        lines
    }

    fn lines(&self, now: Instant) -> impl Iterator<Item = Line<'_>> {
        self.rows.values().filter_map(move |row| {
            let hours = self.hours.get(&row.hours)?;
            Some(Line { row, hours, rank: row.rank(hours, now) })
        })
    }

    /// Cases in each band, with those that were counted and not sent.
    #[must_use]
    pub fn counts(&self, lines: &[Line<'_>]) -> Counts {
        let of = |band: Band| {
            let place = Band::ALL.iter().position(|other| *other == band);
            let more = place.and_then(|place| self.more.get(place)).copied().unwrap_or(0);
            lines.iter().filter(|line| line.rank.band == band).count() + usize::try_from(more).unwrap_or(0)
        };
        Counts {
            breached: of(Band::Breached),
            warning: of(Band::AtRisk),
            running: of(Band::OnTrack),
            paused: of(Band::Paused),
        }
    }

    /// The zone that all cases share, else that of a case in the zone `preferred`; `None` when there is none.
    #[must_use]
    pub fn zone(&self, preferred: &str) -> Option<&ZoneView> {
        let first = &self.hours.values().next()?.zone;
        if self.hours.values().all(|hours| hours.zone.name == first.name) {
            return Some(first);
        }
        self.hours.values().map(|hours| &hours.zone).find(|zone| zone.name == preferred)
    }
}

fn nothing_known(hours_ref: &ServiceHoursRef, at: Instant) -> ServiceHours {
    let zone = ZoneView { name: hours_ref.zone.clone(), offset_s: 0, changes: Vec::new() };
    ServiceHours { spans: Spans::unknown(at), zone }
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;

    fn order(state: &WallState, now: i64) -> Vec<u32> {
        state.sorted(Instant(now)).iter().map(|line| line.row.number.sequence()).collect()
    }

    fn left(line: &Line<'_>) -> Option<i64> {
        line.rank.decided_by.map(|(_, reading)| reading.remaining_s)
    }

    #[test]
    fn running_targets_come_first_and_breaches_last_newest_first() {
        let state = wall([
            row(1, [attention(1800)]),
            row(2, [paused(attention(60), T + 99_999)]),
            row(3, [attention(600)]),
            row(4, [attention(300)]),
            row(5, [attention(2400)]),
            row(6, [attention(1300)]),
        ]);
        // 10:20, 1200 s after the opening
        assert_eq!(order(&state, T + 1200), [6, 1, 5, 2, 3, 4]);
        let lines = state.sorted(Instant(T + 1200));
        let remaining: Vec<_> = lines.iter().map(left).collect();
        assert_eq!(remaining, [100, 600, 1200, 60, -600, -900].map(Some));
        let counted = state.counts(&lines);
        assert_eq!(counted, Counts { breached: 2, warning: 1, running: 2, paused: 1 });
    }

    #[test]
    fn cases_beyond_the_snapshot_are_counted_and_requested_again() {
        let mut state = WallState::default();
        let rows = vec![row(1, [attention(1800)])];
        let hours = vec![(hours_ref(), hours())];
        state.apply_snapshot(Snapshot {
            seq: 1,
            now: Instant(T),
            hours,
            rows,
            more: [0, 7, 0, 40, 0],
            clashing: Vec::new(),
        });
        let counted = state.counts(&state.sorted(Instant(T)));
        assert_eq!(counted, Counts { breached: 40, warning: 0, running: 8, paused: 0 });
        assert!(state.wants_snapshot(Instant(T + ASK_AGAIN_S)));
    }

    #[test]
    fn counting_stops_at_lunch_and_resumes() {
        let state = wall([row(1, [attention(3 * 3600)])]);
        let left = |now| left(&state.sorted(Instant(now))[0]).unwrap();
        assert_eq!(left(NOON), 3600);
        assert_eq!(left(NOON + 1800), 3600);
        assert_eq!(left(NOON + 3600), 3600);
        assert_eq!(left(NOON + 3601), 3599);
    }

    #[test]
    fn pause_ends_by_itself() {
        let state = wall([row(1, [paused(attention(60), T + 100)]), row(2, [attention(600)])]);
        assert_eq!(order(&state, T + 99), [2, 1]);
        assert_eq!(order(&state, T + 100), [1, 2]);
    }

    #[test]
    fn met_target_does_not_rank() {
        let mut done = attention(60);
        done.run = domain::case::TimerState::Stopped;
        let state = wall([row(1, [done, resolution(7200)]), row(2, [attention(600)])]);
        assert_eq!(order(&state, T + 10), [2, 1]);
    }

    #[test]
    fn equal_ranks_are_ordered_by_priority_then_age() {
        let mut older = row(3, [attention(600)]);
        older.opened_at = Instant(T - 1);
        let mut first = row(2, [attention(600)]);
        first.priority = domain::priority::Priority::P1;
        let state = wall([row(1, [attention(600)]), first, older]);
        assert_eq!(order(&state, T + 1), [2, 3, 1]);
    }

    #[test]
    fn newer_changes_apply_and_older_ones_are_ignored() {
        let mut state = wall([row(1, [attention(600)])]);
        state.apply_change(change(11, row(2, [attention(60)])));
        assert_eq!(order(&state, T + 1), [2, 1]);
        let mut newer = row(1, [attention(30)]);
        newer.version = 3;
        state.apply_change(change(12, newer));
        assert_eq!(order(&state, T + 1), [1, 2]);
        // its number is new, its version is not
        state.apply_change(change(13, row(1, [attention(6000)])));
        assert_eq!(order(&state, T + 1), [1, 2]);
    }

    #[test]
    fn resolved_case_is_removed_and_an_older_change_ignored() {
        let mut state = wall([row(1, [attention(600)])]);
        let mut resolved = row(1, [attention(600)]);
        (resolved.version, resolved.status) = (4, domain::case::Status::Resolved);
        state.apply_change(change(20, resolved));
        state.apply_change(change(19, row(1, [attention(600)])));
        assert_eq!(order(&state, T), Vec::<u32>::new());
        assert!(state.hours.is_empty(), "hours of rows that are gone are dropped");
    }

    #[test]
    fn case_with_missing_hours_is_shown() {
        let mut state = WallState::default();
        let snapshot = Snapshot {
            seq: 1,
            now: Instant(T),
            hours: Vec::new(),
            rows: vec![row(1, [attention(60)])],
            more: [0; 5],
            clashing: Vec::new(),
        };
        state.apply_snapshot(snapshot);
        assert_eq!(left(&state.sorted(Instant(T + 500))[0]), Some(60));
    }

    #[test]
    fn snapshot_is_requested_in_time_and_not_repeatedly() {
        let mut state = wall([row(1, [attention(60)])]);
        assert!(!WallState::default().wants_snapshot(Instant(T)), "the first one comes unasked");
        assert!(!state.wants_snapshot(Instant(T + FRESH_S - 1)));
        assert!(state.wants_snapshot(Instant(T + FRESH_S)));
        state.snapshot_requested(Instant(T + FRESH_S));
        assert!(!state.wants_snapshot(Instant(T + FRESH_S + ASK_AGAIN_S - 1)));
        assert!(state.wants_snapshot(Instant(T + FRESH_S + ASK_AGAIN_S)));
    }

    #[test]
    fn snapshot_is_requested_before_the_hours_run_out() {
        let mut state = WallState::default();
        let mut hours = hours();
        let until = Instant(T + HORIZON_S + 600);
        hours.spans = hours.spans.window(domain::time::Span::new(Instant(T - 3600), until));
        let rows = vec![row(1, [attention(60)])];
        state.apply_snapshot(Snapshot {
            seq: 1,
            now: Instant(T),
            hours: vec![(hours_ref(), hours)],
            rows,
            more: [0; 5],
            clashing: Vec::new(),
        });
        assert!(!state.wants_snapshot(Instant(T + 600)));
        assert!(state.wants_snapshot(Instant(T + 601)));
    }

    #[test]
    fn zone_is_the_shared_one_or_that_of_the_display() {
        let mut state = wall([row(1, [attention(60)])]);
        assert_eq!(state.zone("Asia/Tokyo").map(|zone| zone.name.as_str()), Some("America/Caracas"));
        let mut other = row(2, [attention(60)]);
        other.hours.zone = "America/Bogota".to_owned();
        let mut change = change(30, other);
        change.hours.zone.name = "America/Bogota".to_owned();
        state.apply_change(change);
        assert_eq!(state.zone("America/Bogota").map(|zone| zone.name.as_str()), Some("America/Bogota"));
        assert_eq!(state.zone("Asia/Tokyo"), None);
    }
}

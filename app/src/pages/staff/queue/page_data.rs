//! The rows of a page of the queue, in the order of work.

use std::sync::Arc;

use domain::calendar::ServiceHours;
use domain::case::{Band, Rank, SlaClock, SlaStatus};
use domain::case_number::CaseNumber;
use domain::page::Paging;
use domain::sla_plan::SlaMetric;
use domain::time::Instant;
use domain::view::{CaseRow, QueueCounts, QueuePage, QueueState};

/// The most breached cases in the band.
const BAND_ROWS: usize = 3;

/// A row with its service hours.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub row: CaseRow,
    pub hours: Arc<ServiceHours>,
    /// The first words of the fault.
    pub fault: String,
    /// Whether its agreed visit clashes with another.
    pub clashes: bool,
}

impl Line {
    /// Its place in the order of work at `now`, and the clock that decides.
    pub(super) fn rank(&self, now: Instant) -> Rank {
        self.row.rank(&self.hours, now)
    }

    /// One of its clocks, read at `now`.
    pub(super) fn clock(&self, kind: SlaMetric, now: Instant) -> Option<(SlaClock, SlaStatus)> {
        let clock = self.row.clocks.iter().find(|clock| clock.kind == kind)?;
        Some((*clock, clock.reading(&self.hours.spans, now)))
    }
}

/// A page of the queue in the browser.
#[derive(Debug, Clone)]
pub(super) struct QueueData {
    pub seq: i64,
    pub paging: Paging,
    pub counts: QueueCounts,
    lines: Vec<Arc<Line>>,
}

/// The cases of the list and of the band.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// The list.
    pub list: Vec<CaseNumber>,
    /// The newest of the breached cases, where they stand apart.
    pub band: Vec<CaseNumber>,
}

impl QueueData {
    pub(super) fn line(&self, number: CaseNumber) -> Option<&Arc<Line>> {
        self.lines.iter().find(|line| line.row.number == number)
    }

    /// The hours of the first case, for a zone to show times in.
    pub(super) fn hours(&self) -> Option<&ServiceHours> {
        self.lines.first().map(|line| &*line.hours)
    }

    /// The cases in the order of work at `now`. Equal ranks stay in the server's order.
    pub(super) fn order(&self, state: QueueState, now: Instant) -> Order {
        let ranked = self.lines.iter().map(|line| {
            let rank = line.rank(now);
            (rank.sort_key(line.row.priority), rank.band, line.row.number)
        });
        let mut ranked: Vec<(i64, Band, CaseNumber)> = ranked.collect();
        ranked.sort_by_key(|(key, ..)| *key);
        let stands_apart = |band: Band| state.has_band() && band == Band::Breached;
        let of = |apart: bool| {
            let those = ranked.iter().filter(move |(_, band, _)| stands_apart(*band) == apart);
            those.map(|(_, _, number)| *number)
        };
        Order { list: of(false).collect(), band: of(true).take(BAND_ROWS).collect() }
    }
}

impl From<QueuePage> for QueueData {
    fn from(page: QueuePage) -> Self {
        let QueuePage { snapshot, paging, faults, counts } = page;
        let hours: Vec<_> =
            snapshot.hours.into_iter().map(|(hours_ref, hours)| (hours_ref, Arc::new(hours))).collect();
        let of_row = |row: &CaseRow| {
            hours.iter().find(|(hours_ref, _)| *hours_ref == row.hours).map(|(_, hours)| Arc::clone(hours))
        };
        let fault_of = |row: &CaseRow| {
            let found = faults.iter().find(|(number, _)| *number == row.number);
            found.map(|(_, fault)| fault.clone()).unwrap_or_default()
        };
        // The server names the hours of every row; a row without them has no clock to show.
        let clashing = snapshot.clashing;
        let line = |row: CaseRow| {
            let clashes = clashing.contains(&row.number);
            Some(Arc::new(Line { hours: of_row(&row)?, fault: fault_of(&row), clashes, row }))
        };
        let lines = snapshot.rows.into_iter().filter_map(line).collect();
        Self { seq: snapshot.seq, paging, counts, lines }
    }
}

#[cfg(test)]
mod tests {
    use domain::calendar::week::CalendarId;
    use domain::calendar::{Spans, ZoneView};
    use domain::case::{ServiceHoursRef, TimerState};
    use domain::priority::Priority;
    use domain::time::Span;
    use domain::view::Snapshot;

    use super::*;
    use crate::wall::sample;

    fn hours_ref() -> ServiceHoursRef {
        ServiceHoursRef { calendar: CalendarId(1), version: 1, zone: "America/Caracas".to_owned() }
    }

    fn row(sequence: u32, used_s: i64, run: TimerState) -> CaseRow {
        let clock = SlaClock {
            kind: SlaMetric::FirstResponse,
            cycle: 1,
            target_s: 900,
            used_s,
            as_of: Instant(0),
            run,
            used_up: None,
            breach: None,
        };
        let row = sample::row(sequence, [clock]);
        CaseRow { priority: Priority::P1, opened_at: Instant(0), hours: hours_ref(), ..row }
    }

    fn held(rows: Vec<CaseRow>) -> QueueData {
        let day = Span::new(Instant(0), Instant(86_400));
        let spans = Spans::new(day, vec![day], Vec::new()).unwrap();
        let zone = ZoneView { name: "America/Caracas".to_owned(), offset_s: -14_400, changes: Vec::new() };
        let hours = vec![(hours_ref(), ServiceHours { spans, zone })];
        let snapshot = Snapshot { seq: 1, now: Instant(0), hours, rows, more: [0; 5], clashing: Vec::new() };
        let counts = QueueCounts::default();
        QueueData::from(QueuePage { snapshot, paging: Paging::of(4, 1), faults: Vec::new(), counts })
    }

    fn order(held: &QueueData, at: i64) -> (Vec<u32>, Vec<u32>) {
        let Order { list, band } = held.order(QueueState::Open, Instant(at));
        let numbers = |all: Vec<CaseNumber>| all.iter().map(CaseNumber::sequence).collect();
        (numbers(list), numbers(band))
    }

    #[test]
    fn running_targets_come_first_and_breaches_apart() {
        let held = held(vec![
            row(1, 100, TimerState::Running),
            row(2, 899, TimerState::Stopped),
            row(3, 650, TimerState::Paused { until: Instant(500) }),
            row(4, 200, TimerState::Running),
        ]);
        assert_eq!(order(&held, 499), (vec![4, 1, 3, 2], vec![]));
        // The pause has ended by itself: 150 s are left of that case, 100 and 200 s of the others.
        assert_eq!(order(&held, 600), (vec![4, 3, 1, 2], vec![]));
        // 4 was breached at 701 and 3 at 751: the newest stands first.
        assert_eq!(order(&held, 760), (vec![1, 2], vec![3, 4]));
        let all = held.order(QueueState::Breached, Instant(760));
        assert_eq!((all.list.len(), all.band.len()), (4, 0), "where only they are wanted they are the list");
    }
}

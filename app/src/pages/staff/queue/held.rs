//! The rows of a page of the queue, in the order of what is due first.

use std::sync::Arc;

use domain::case::{Clock, Reading};
use domain::case_number::CaseNumber;
use domain::entitlement::Hours;
use domain::terms::ClockKind;
use domain::time::Instant;
use domain::view::{CaseRow, Mark, QueuePage};
use domain::weight::Priority;

/// A row with the hours that count for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub row: CaseRow,
    pub hours: Arc<Hours>,
    pub mark: Mark,
    /// Whether its agreed visit clashes with another.
    pub clashes: bool,
}

impl Line {
    /// The promise that presses most, read at `now`.
    pub(super) fn pressing(&self, now: Instant) -> Option<(Clock, Reading)> {
        self.row.pressing(&self.hours, now).map(|(clock, reading)| (*clock, reading))
    }

    /// One of the promises, read at `now`.
    pub(super) fn promise(&self, kind: ClockKind, now: Instant) -> Option<(Clock, Reading)> {
        let clock = self.row.clocks.iter().find(|clock| clock.kind == kind)?;
        Some((*clock, clock.reading(&self.hours.spans, now)))
    }
}

/// A page of the queue as the browser holds it.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub seq: i64,
    pub total: i64,
    pub page: u32,
    pub pages: u32,
    lines: Vec<Arc<Line>>,
}

/// The place of a case in the queue: what waits comes after what runs, and what is done comes last; at the same second
/// the heavier case comes first.
type Place = (u8, i64, Priority, CaseNumber);

impl Held {
    pub(super) fn line(&self, number: CaseNumber) -> Option<&Arc<Line>> {
        self.lines.iter().find(|line| line.row.number == number)
    }

    /// The hours of the first case: where the reader is told a time.
    pub(super) fn hours(&self) -> Option<&Hours> {
        self.lines.first().map(|line| &*line.hours)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The cases by the business time that really remains at `now`, the least first.
    pub(super) fn order(&self, now: Instant) -> Vec<CaseNumber> {
        let mut places: Vec<Place> = self.lines.iter().map(|line| place(line, now)).collect();
        places.sort_unstable();
        places.into_iter().map(|(_, _, _, number)| number).collect()
    }
}

fn place(line: &Line, now: Instant) -> Place {
    use domain::case::ClockState::Paused;
    let (class, left_s) = match line.pressing(now) {
        Some((_, reading)) => (u8::from(reading.state == Paused), reading.remaining_s),
        None => (2, line.row.opened_at.0.saturating_neg()),
    };
    (class, left_s, line.row.priority, line.row.number)
}

impl From<QueuePage> for Held {
    fn from(page: QueuePage) -> Self {
        let QueuePage { snapshot, total, page, pages, marks } = page;
        let hours: Vec<_> = snapshot.hours.into_iter().map(|(kept, hours)| (kept, Arc::new(hours))).collect();
        let of_row = |row: &CaseRow| {
            hours.iter().find(|(kept, _)| *kept == row.hours).map(|(_, hours)| Arc::clone(hours))
        };
        let mark_of = |row: &CaseRow| {
            let found = marks.iter().find(|(number, _)| *number == row.number);
            found.map(|(_, mark)| mark.clone()).unwrap_or_default()
        };
        // The server names the hours of every row; a row without would have no clock to show.
        let clashing = snapshot.clashing;
        let line = |row: CaseRow| {
            let clashes = clashing.contains(&row.number);
            Some(Arc::new(Line { hours: of_row(&row)?, mark: mark_of(&row), clashes, row }))
        };
        let lines = snapshot.rows.into_iter().filter_map(line).collect();
        Self { seq: snapshot.seq, total, page, pages, lines }
    }
}

#[cfg(test)]
mod tests {
    use domain::calendar::week::CalendarId;
    use domain::calendar::{Spans, ZoneView};
    use domain::case::{HoursKept, Run, Status};
    use domain::country::Country;
    use domain::entitlement::Coverage;
    use domain::time::Span;
    use domain::view::Snapshot;
    use domain::weight::Platform;

    use super::*;

    fn kept() -> HoursKept {
        HoursKept { calendar: CalendarId(1), version: 1, zone: "America/Caracas".to_owned() }
    }

    fn row(sequence: u32, used_s: i64, run: Run) -> CaseRow {
        let clock = Clock {
            kind: ClockKind::Attention,
            cycle: 1,
            target_s: 900,
            used_s,
            as_of: Instant(0),
            run,
            breach: None,
        };
        CaseRow {
            number: CaseNumber::new(Country::Ve, 2026, sequence).unwrap(),
            version: 1,
            country: Country::Ve,
            status: Status::New,
            priority: Priority::P1,
            coverage: Coverage::Covered,
            customer: String::new(),
            platform: Platform::Network,
            equipment: String::new(),
            place: String::new(),
            opened_at: Instant(0),
            hours: kept(),
            clocks: vec![clock],
        }
    }

    fn held(rows: Vec<CaseRow>) -> Held {
        let day = Span::new(Instant(0), Instant(86_400));
        let spans = Spans::new(day, vec![day], Vec::new()).unwrap();
        let zone = ZoneView { name: "America/Caracas".to_owned(), offset_s: -14_400, changes: Vec::new() };
        let snapshot = Snapshot {
            seq: 1,
            now: Instant(0),
            hours: vec![(kept(), Hours { spans, zone })],
            rows,
            clashing: Vec::new(),
        };
        Held::from(QueuePage { snapshot, total: 4, page: 1, pages: 1, marks: Vec::new() })
    }

    fn order(held: &Held, at: i64) -> Vec<u32> {
        held.order(Instant(at)).iter().map(CaseNumber::sequence).collect()
    }

    #[test]
    fn what_is_due_first_stands_first_and_what_waits_or_is_done_stands_last() {
        let held = held(vec![
            row(1, 100, Run::Running),
            row(2, 899, Run::Stopped),
            row(3, 650, Run::Paused { until: Instant(500) }),
            row(4, 200, Run::Running),
        ]);
        assert_eq!(order(&held, 499), [4, 1, 3, 2]);
        // The wait has ended by itself: 150 s are left of that case, 100 and 200 s of the others.
        assert_eq!(order(&held, 600), [4, 3, 1, 2]);
    }
}

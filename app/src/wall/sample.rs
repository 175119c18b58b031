//! Cases for the tests of the wall.

use domain::calendar::week::CalendarId;
use domain::calendar::{ServiceHours, Spans, ZoneView};
use domain::case::{ServiceHoursRef, SlaClock, Status, TimerState};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::Entitlement;
use domain::priority::{Platform, Priority};
use domain::sla_plan::SlaMetric;
use domain::time::{Instant, Span};
use domain::view::{CaseRow, Change, Snapshot};
use serde_json::json;

use super::state::WallState;

/// Tuesday 17 March 2026, 10:00 in Caracas: the opening of the sample cases.
pub(crate) const T: i64 = 1_773_756_000;
/// 12:00 of that day, when the desk closes for an hour.
pub(super) const NOON: i64 = T + 2 * 3600;
pub(super) const DAY: i64 = 86_400;

/// Open 08:00 to 12:00 and 13:00 to 17:00 every day; known from a day before to two weeks after.
pub(crate) fn hours() -> ServiceHours {
    let span = |from: i64, to: i64| Span::new(Instant(from), Instant(to));
    let open = (-1..14).flat_map(|day| {
        let eight = T + day * DAY - 2 * 3600;
        [span(eight, eight + 4 * 3600), span(eight + 5 * 3600, eight + 9 * 3600)]
    });
    let spans = Spans::new(span(T - 2 * DAY, T + 15 * DAY), open, Vec::new()).unwrap();
    ServiceHours {
        spans,
        zone: ZoneView { name: "America/Caracas".to_owned(), offset_s: -14_400, changes: Vec::new() },
    }
}

pub(crate) fn hours_ref() -> ServiceHoursRef {
    ServiceHoursRef { calendar: CalendarId(1), version: 1, zone: "America/Caracas".to_owned() }
}

fn clock(kind: SlaMetric, target_s: i64) -> SlaClock {
    SlaClock {
        kind,
        cycle: 1,
        target_s,
        used_s: 0,
        as_of: Instant(T),
        run: TimerState::Running,
        used_up: None,
        breach: None,
    }
}

pub(crate) fn attention(target_s: i64) -> SlaClock {
    clock(SlaMetric::FirstResponse, target_s)
}

pub(super) fn resolution(target_s: i64) -> SlaClock {
    clock(SlaMetric::Resolution, target_s)
}

pub(super) fn paused(clock: SlaClock, until: i64) -> SlaClock {
    SlaClock { run: TimerState::Paused { until: Instant(until) }, ..clock }
}

/// Read from JSON: a new field with a default changes nothing here.
pub(crate) fn row(sequence: u32, clocks: impl Into<Vec<SlaClock>>) -> CaseRow {
    let row = json!({
        "number": CaseNumber::new(Country::Ve, 2026, sequence).unwrap(),
        "version": 1,
        "country": Country::Ve,
        "status": Status::New,
        "priority": Priority::P2,
        "coverage": Entitlement::Covered,
        "customer": "Banco Andino",
        "platform": Platform::Network,
        "equipment": "",
        "place": "Torre Ávila, Caracas",
        "opened_at": Instant(T),
        "hours": hours_ref(),
        "clocks": clocks.into(),
    });
    serde_json::from_value(row).unwrap()
}

pub(super) fn wall(rows: impl Into<Vec<CaseRow>>) -> WallState {
    let mut state = WallState::default();
    let hours = vec![(hours_ref(), hours())];
    state.apply_snapshot(Snapshot {
        seq: 10,
        now: Instant(T),
        hours,
        rows: rows.into(),
        more: [0; 5],
        clashing: Vec::new(),
    });
    state
}

pub(super) fn change(seq: i64, row: CaseRow) -> Change {
    Change { seq, row, hours: hours(), clashing: Vec::new() }
}

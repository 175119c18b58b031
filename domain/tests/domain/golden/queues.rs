//! Rows and lists of cases: queue, wall, and changes.

use domain::case::{Assignee, Band, Status, TimerState};
use domain::country::Country;
use domain::entitlement::{Entitlement, ValidationReason};
use domain::page::Paging;
use domain::priority::{Platform, Priority};
use domain::view::{CaseBadge, CaseRow, Change, QueueCounts, QueuePage, QueueState, Snapshot};
use serde_json::json;

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    let unmarked = CaseRow { mark: CaseBadge { assignee: None, unanswered: None }, ..row() };
    let parts = [QueueState::Open, QueueState::Breached, QueueState::Only(Status::OnHold), QueueState::Ended];
    vec![
        golden!("case_row", CaseRow, [row(), unmarked]),
        golden!("case_mark", CaseBadge, [mark(), CaseBadge { assignee: None, unanswered: None }]),
        golden!("holder", Assignee, [assignee()]),
        golden!("snapshot", Snapshot, [snapshot()]),
        golden!("case_change", Change, [change()]),
        golden!("queue_page", QueuePage, [page()]),
        golden!("queue_state", QueueState { Open, Breached, Only, Ended }, parts),
        golden!("queue_counts", QueueCounts, [counts()]),
    ]
}

pub(super) fn mark() -> CaseBadge {
    CaseBadge { assignee: Some(assignee()), unanswered: Some(at(4)) }
}

/// Parsed from JSON: a field with a default shows in the snapshot, without a change here.
fn row() -> CaseRow {
    let paused = domain::case::SlaClock {
        run: TimerState::Paused { until: at(30) },
        breach: None,
        used_up: None,
        ..clock()
    };
    let row = json!({
        "number": number(),
        "version": 6,
        "country": Country::Ve,
        "status": Status::InProgress,
        "priority": Priority::P2,
        "coverage": Entitlement::NeedsValidation(ValidationReason::Expired),
        "customer": "Banco del Sur",
        "platform": Platform::DataCentre,
        "equipment": "Cisco Catalyst 9300",
        "place": "Sede Centro",
        "opened_at": at(0),
        "hours": hours_kept(),
        "clocks": [clock(), paused],
        "mark": mark(),
    });
    serde_json::from_value(row).unwrap()
}

pub(super) fn snapshot() -> Snapshot {
    Snapshot {
        seq: 41,
        now: at(5),
        hours: vec![(hours_kept(), hours())],
        rows: vec![row()],
        more: Band::ALL.map(|band| if band == Band::Done { 3 } else { 0 }),
        clashing: vec![number()],
    }
}

fn change() -> Change {
    Change { seq: 42, row: row(), hours: hours(), clashing: vec![other_number()] }
}

fn counts() -> QueueCounts {
    QueueCounts { states: [7, 1, 2, 3, 1, 1, 9], mine: 2, nobodys: 3, countries: vec![4, 2, 1], breached: 1 }
}

fn page() -> QueuePage {
    QueuePage {
        snapshot: snapshot(),
        paging: Paging { total: 51, page: 2, pages: 2 },
        faults: vec![(number(), "No hay red".into())],
        counts: counts(),
    }
}

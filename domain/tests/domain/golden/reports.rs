//! Reports of supervisors.

use domain::calendar::{Month, Period};
use domain::case::{Answered, PauseReason};
use domain::country::Country;
use domain::page::{Page, Paging};
use domain::priority::Priority;
use domain::reports::{
    BreachList, BreachRow, CaseVolume, CaseVolumes, Days, Figures, KindFigures, Late, OverlapFilter,
    OverlapList, OverlapRow, Share, SlaReport, SlaReportFilter,
};
use domain::sla_plan::SlaMetric;

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    kept().into_iter().chain(missed()).chain(overlaps()).collect()
}

fn days() -> Days {
    Days::new("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap()).unwrap()
}

fn filter() -> SlaReportFilter {
    SlaReportFilter {
        days: days(),
        country: Some(Country::Mx),
        priority: Some(Priority::P1),
        contract: Some(contract()),
    }
}

fn figures() -> Figures {
    Figures { met: 9, breached: 1, median_s: Some(600), ninetieth_s: Some(1200) }
}

fn kept() -> Vec<Golden> {
    let unfiltered = SlaReportFilter { country: None, priority: None, contract: None, ..filter() };
    let none = Figures { met: 0, breached: 0, median_s: None, ninetieth_s: None };
    let kind = || KindFigures {
        kind: SlaMetric::NextUpdate,
        total: figures(),
        by_priority: vec![(Priority::P1, figures())],
        by_country: vec![(Country::Co, figures())],
    };
    let flow = CaseVolume { opened: 10, resolved: 8, reopened: 1 };
    let flows = CaseVolumes {
        total: flow,
        by_priority: vec![(Priority::P1, flow)],
        by_country: vec![(Country::Co, flow)],
    };
    let report = SlaReport {
        filter: filter(),
        cases: flows.clone(),
        kinds: vec![kind()],
        pending: 2,
        month: Month::new(2026, 11).unwrap(),
    };
    vec![
        golden!("report_days", Days, [days()]),
        golden!("kept_filter", SlaReportFilter, [filter(), unfiltered]),
        golden!("share", Share, [Share::of(1, 3).unwrap()]),
        golden!("figures", Figures, [figures(), none]),
        golden!("kind_figures", KindFigures, [kind()]),
        golden!("flow", CaseVolume, [flow]),
        golden!("flows", CaseVolumes, [flows]),
        golden!("kept_report", SlaReport, [report]),
    ]
}

fn missed() -> Vec<Golden> {
    let row = BreachRow {
        number: number(),
        country: Country::Ve,
        customer: "Banco del Sur".into(),
        priority: Priority::P1,
        due: at(15),
        target_s: 900,
        late: Late::By(60),
        zone: zone_view(),
    };
    let list = BreachList {
        filter: filter(),
        kind: SlaMetric::FirstResponse,
        page: Page { rows: vec![row.clone()], paging: one_page() },
    };
    vec![
        golden!("paging", Paging, [one_page()]),
        golden!("page", Page<u32>, [Page { rows: vec![7_u32], paging: one_page() }]),
        golden!("missed_row", BreachRow, [row]),
        golden!("late", Late { By, Still }, [Late::By(60), Late::Still(120)]),
        golden!("missed_list", BreachList, [list]),
    ]
}

fn overlaps() -> Vec<Golden> {
    let period = Period { from: Month::new(2026, 10).unwrap(), to: Month::new(2026, 11).unwrap() };
    let wanted = OverlapFilter { period, reason: Some(PauseReason::Customer) };
    let all = OverlapFilter { reason: None, ..wanted };
    let row = OverlapRow {
        number: number(),
        country: Country::Ve,
        customer: "Banco del Sur".into(),
        reason: PauseReason::Customer,
        set_by: "Luis".into(),
        from: at(10),
        answered_at: at(20),
        answer: Answered::Message,
        to: at(30),
        overlap_s: 600,
        zone: zone_view(),
    };
    let list = OverlapList {
        filter: wanted,
        page: Page { rows: vec![row.clone()], paging: one_page() },
        now: at(40),
    };
    vec![
        golden!("overlap_filter", OverlapFilter, [wanted, all]),
        golden!("overlap_row", OverlapRow, [row]),
        golden!("overlap_list", OverlapList, [list]),
    ]
}

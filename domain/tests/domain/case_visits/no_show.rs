//! No-shows and arrivals, and their undoing.

use super::{HOUR, VisitHistory, note, refused, staff};
use domain::actor::Role;
use domain::case::invariants::violations;
use domain::case::visit::{
    NoShowReason, Side, Stage, VisitAnswer, VisitCommand, VisitEvent, VisitId, VisitRefusal,
};
use domain::case::{ClockState, SlaCompliance, TimerState, UNDO_S};
use domain::sla_plan::{NoShowRule, SlaMetric, SlaPlan};

use crate::case::caracas;

#[test]
fn no_show_records_the_absent_side() {
    let mut visits = VisitHistory::agreed();
    assert_eq!(visits.ask(27 * HOUR, did_not_come()), refused(VisitRefusal::WindowNotOver));
    assert_eq!(visits.ask(27 * HOUR, no_show()), refused(VisitRefusal::NotArrived), "go there first");
    visits.ask(29 * HOUR, did_not_come()).unwrap();
    let at = visits.opened.plus(30 * HOUR);
    let clock = visits.on_site(30 * HOUR);
    assert_eq!(
        (clock.run, clock.reading(&visits.spans, at).state),
        (TimerState::Stopped, ClockState::Breached)
    );
    let case = visits.history.case();
    assert!(case.visits().live().is_none());
    visits.offer(30 * HOUR, &[(50, 2)]).unwrap();
    assert_eq!(visits.history.case().visits().latest().unwrap().id, VisitId(2), "a visit of its own");
    let window = visits.window(50, 2);
    visits.by_link(31 * HOUR, VisitAnswer::Accept { window }).unwrap();
    let past = visits.history.case().past_clocks(&visits.spans, visits.opened.plus(32 * HOUR));
    assert!(past[0].breach.is_some(), "broken for good");
    assert!(visits.violations(40 * HOUR).is_empty());
}

fn no_show() -> VisitCommand {
    VisitCommand::NoShow { reason: NoShowReason::ContactAbsent, note: None }
}

fn did_not_come() -> VisitCommand {
    VisitCommand::DidNotCome { reason: note("Se averió el vehículo.") }
}

#[test]
fn no_show_is_refused_before_the_window_begins() {
    let mut visits = VisitHistory::agreed();
    visits.ask(26 * HOUR - 46 * 60, VisitCommand::Arrive).unwrap();
    assert_eq!(visits.ask(26 * HOUR - 46 * 60, no_show()), refused(VisitRefusal::WindowNotBegun));
    assert_eq!(visits.ask(26 * HOUR - 1, no_show()), refused(VisitRefusal::WindowNotBegun));
    visits.ask(26 * HOUR, no_show()).unwrap();
    let reason = Some(NoShowReason::ContactAbsent);
    assert!(
        matches!(visits.stage(), Stage::Missed { by: Side::Customer, reason: said, .. } if said == reason)
    );
}

#[test]
fn no_show_counts_by_the_rule_of_the_plan() {
    let not_received = no_show;
    let rule = |no_show, arrived_s: i64, missed_s: i64| {
        let mut visits = VisitHistory::agreed_under(SlaPlan::default().with_no_show(no_show));
        visits.ask(26 * HOUR + arrived_s, VisitCommand::Arrive).unwrap();
        visits.ask(26 * HOUR + missed_s, not_received()).unwrap();
        assert_eq!(visits.violations(40 * HOUR), []);
        let at = visits.opened.plus(40 * HOUR);
        let clock = visits.on_site(40 * HOUR);
        let settled = visits.history.case().settled(&visits.spans, at);
        let counted = settled.into_iter().find(|settled| settled.kind == SlaMetric::OnSite);
        (clock.reading(&visits.spans, at).state, counted.map(|settled| settled.outcome))
    };
    let neither = (ClockState::Void, None);
    assert_eq!(
        rule(NoShowRule::Neutral, 0, 1200),
        neither,
        "kept it is not, whatever the plan leaves unsaid"
    );
    let customers = NoShowRule::CustomersFault { wait_s: 900 };
    assert_eq!(rule(customers, 0, 899), neither, "not waited for as long as the plan says");
    let kept = (ClockState::Met, Some(SlaCompliance::Met));
    assert_eq!(rule(customers, 0, 900), kept);
    assert_eq!(rule(customers, -3600, 899), neither, "before the window nobody is kept waiting");
    let missed = (ClockState::Breached, Some(SlaCompliance::Breached));
    for no_show in [NoShowRule::Neutral, customers] {
        assert_eq!(rule(no_show, 2 * HOUR + 60, 3 * HOUR), missed, "whoever came late has broken it before");
    }
}

#[test]
fn older_plan_without_the_visit_rule_round_trips() {
    let written = serde_json::to_value(SlaPlan::default()).unwrap();
    assert!(written.get("no_show").is_none(), "{written}");
    let mut with = written.clone();
    with["no_show"] = serde_json::json!({ "customers_fault": { "wait_s": 900 } });
    let read: SlaPlan = serde_json::from_value(with.clone()).unwrap();
    assert_eq!(read.no_show(), NoShowRule::CustomersFault { wait_s: 900 });
    assert_eq!(serde_json::to_value(read).unwrap(), with);
    with["no_show"] = serde_json::json!({ "customers_fault": { "wait_s": -1 } });
    assert!(serde_json::from_value::<SlaPlan>(with).is_err());
    let old = r#"{"missed":{"by":"customer","note":null}}"#;
    let read: VisitEvent = serde_json::from_str(old).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), old, "nor does an old entry change");
}

#[test]
fn undo_no_show_is_refused_after_ten_minutes() {
    let mut visits = VisitHistory::agreed();
    visits.ask(26 * HOUR, VisitCommand::Arrive).unwrap();
    let before = visits.history.case().visits().latest().cloned();
    let clock = visits.on_site(40 * HOUR);
    let (at, back) = (26 * HOUR + 1200, || VisitCommand::UndoMiss);
    assert_eq!(visits.ask(at, back()), refused(VisitRefusal::NoMissToUndo));
    visits.ask(at, no_show()).unwrap();
    let others = visits.ask_as(&staff(10, Role::Technician), at + 60, back());
    assert_eq!(others, refused(VisitRefusal::OtherTechnician));
    visits.ask(at + UNDO_S - 1, back()).unwrap();
    assert_eq!(
        visits.history.case().visits().latest().cloned(),
        before,
        "on site, as if nothing had been said"
    );
    assert_eq!(visits.on_site(40 * HOUR), clock, "and the arrival counts");
    visits.ask(at + UNDO_S, no_show()).unwrap();
    assert_eq!(visits.ask(at + 2 * UNDO_S, back()), refused(VisitRefusal::NoMissToUndo), "too late");
    assert_eq!(visits.violations(40 * HOUR), []);

    let mut visits = VisitHistory::agreed();
    let (before, at) = (visits.history.case().visits().latest().cloned(), 29 * HOUR);
    visits.ask(at, did_not_come()).unwrap();
    visits.ask(at + 60, back()).unwrap();
    assert_eq!(visits.history.case().visits().latest().cloned(), before, "the technician is still to come");
    visits.ask(at + 120, VisitCommand::Arrive).unwrap();
    assert_eq!(visits.on_site(40 * HOUR).used_s, 3 * HOUR + 120, "late, by all of it");
    assert_eq!(visits.violations(40 * HOUR), []);
}

#[test]
fn undo_arrival_restores_the_visit() {
    let mut visits = VisitHistory::agreed();
    let hours = caracas(&visits.spans);
    let before = visits.history.case().visits().latest().cloned();
    let (at, back) = (26 * HOUR, || VisitCommand::UndoArrival);
    assert_eq!(visits.ask(at, back()), refused(VisitRefusal::NothingToUndo), "nobody is there");
    visits.ask(at, VisitCommand::Arrive).unwrap();
    let others = visits.ask_as(&staff(10, Role::Technician), at + 60, back());
    assert_eq!(others, refused(VisitRefusal::OtherTechnician));
    visits.ask(at + 300, back()).unwrap();
    assert_eq!(visits.history.case().visits().latest().cloned(), before, "as agreed, its links hold again");
    let clock = visits.on_site(at + 600);
    assert_eq!((clock.run, clock.used_s), (TimerState::Running, 600), "as if it had never stood still");

    visits.ask(at + 900, VisitCommand::Arrive).unwrap();
    assert_eq!(visits.on_site(at + HOUR).used_s, 900);
    assert_eq!(violations(visits.history.entries(), visits.opened.plus(30 * HOUR), |_| Some(&hours)), []);
    let late = visits.ask(at + 900 + UNDO_S, back());
    assert_eq!(late, refused(VisitRefusal::NothingToUndo), "too late");
    visits.ask(at + 960, VisitCommand::Start).unwrap();
    assert_eq!(visits.ask(at + 1000, back()), refused(VisitRefusal::NothingToUndo), "work rests on it");
}

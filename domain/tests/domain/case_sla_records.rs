//! Settled SLA targets for reports: each counts once, and does not change.

use crate::case::{History, caracas, contact, eight_to_five, resolved};
use domain::case::{
    AskedBy, Event, ReopenCause, SlaCompliance, SlaRecord, Termination, TransitionKind, transitions,
};
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::text::Reason;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn reason() -> Reason {
    Reason::parse("Así lo pide el contrato").unwrap()
}

fn of(settled: &[SlaRecord], kind: SlaMetric) -> Vec<(SlaCompliance, i64, Option<i64>)> {
    let ours = settled.iter().filter(|settled| settled.kind == kind);
    ours.map(|settled| (settled.outcome, settled.at.0, settled.used_s)).collect()
}

#[test]
fn target_is_breached_when_used_up_and_stays_breached() {
    let (spans, monday) = eight_to_five();
    // P1: contact within a quarter of an hour.
    let mut history = History::opened(monday, Priority::P1);
    let early = history.case().settled(&spans, monday.plus(900));
    assert_eq!(early, [], "open, and unbroken to its last second");
    let broken = (SlaCompliance::Breached, monday.0 + 901, None);
    let settled = history.case().settled(&spans, monday.plus(901));
    assert_eq!(of(&settled, SlaMetric::FirstResponse), [broken]);

    history.at(1000, Event::PriorityChanged { from: Priority::P1, to: Priority::P4, reason: reason() });
    history.at(1200, contact());
    let settled = history.case().settled(&spans, monday.plus(30 * DAY));
    let attention = settled.iter().find(|settled| settled.kind == SlaMetric::FirstResponse).unwrap();
    assert_eq!((attention.outcome, attention.at), (SlaCompliance::Breached, monday.plus(901)));
    assert_eq!((attention.priority, attention.target_s), (Priority::P1, 900), "what held when it broke");
    assert_eq!(attention.used_s, Some(1200));
}

#[test]
fn every_cycle_of_a_reopened_case_is_recorded() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P2);
    history.at(600, contact());
    history.at(2 * HOUR, resolved("Cable reemplazado"));
    let back = Event::Reopened { cause: ReopenCause::StillFails, said: None, target_s: HOUR };
    history.at(3 * HOUR, back);
    let case = history.case();
    let kept = (SlaCompliance::Met, monday.0 + 2 * HOUR, Some(2 * HOUR));
    let missed = (SlaCompliance::Breached, monday.0 + 4 * HOUR + 1, None);
    let settled = |after_s| of(&case.settled(&spans, monday.plus(after_s)), SlaMetric::Resolution);
    assert_eq!(settled(4 * HOUR), [kept]);
    assert_eq!(settled(5 * HOUR), [kept, missed]);
    let steps = transitions(history.entries()).unwrap();
    let steps: Vec<_> = steps.iter().map(|step| (step.step, step.version, step.priority)).collect();
    assert_eq!(
        steps,
        [(TransitionKind::Resolved, 3, Priority::P2), (TransitionKind::Reopened, 4, Priority::P2)]
    );
}

#[test]
fn unfinished_target_of_a_cancelled_case_is_no_record() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    let asked_by = AskedBy::Customer;
    history.at(1000, Event::Terminated(Termination::Cancelled { asked_by, reason: Some(reason()) }));
    let settled = history.case().settled(&spans, monday.plus(DAY));
    // The contact was late; the resolution was not.
    assert_eq!(
        of(&settled, SlaMetric::FirstResponse),
        [(SlaCompliance::Breached, monday.0 + 901, Some(1000))]
    );
    assert_eq!(of(&settled, SlaMetric::Resolution), []);
}

#[test]
fn scheduler_runs_at_a_breach_without_a_warning_level() {
    let (spans, monday) = eight_to_five();
    let terms = {
        use domain::sla_plan::{SlaPlan, SlaTargets};
        let targets = SlaTargets { first_response_s: 600, update_s: HOUR, resolution_s: DAY };
        SlaPlan::new(1, [targets; 4], vec![50], domain::priority::Matrix::default()).unwrap()
    };
    let mut history = History::under(monday, Priority::P3, terms);
    history.at(300, Event::Warned { clock: SlaMetric::FirstResponse, cycle: 1, level: 50 });
    let next = |after_s| history.case().next_run(&caracas(&spans), monday.plus(after_s));
    assert_eq!(next(300), Some(monday.plus(450)), "it becomes at risk");
    assert_eq!(next(450), Some(monday.plus(601)));
}

//! Promises that were kept or missed, as reports count them: once, when that was settled, and for good.

use crate::case::{History, caracas, contact, eight_to_five, resolved};
use domain::case::{AskedBy, Event, Outcome, ReopenCause, Settled, Step, Withdrawal, milestones};
use domain::terms::ClockKind;
use domain::text::Reason;
use domain::weight::Priority;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn reason() -> Reason {
    Reason::parse("Así lo pide el contrato").unwrap()
}

fn of(settled: &[Settled], kind: ClockKind) -> Vec<(Outcome, i64, Option<i64>)> {
    let ours = settled.iter().filter(|settled| settled.kind == kind);
    ours.map(|settled| (settled.outcome, settled.at.0, settled.used_s)).collect()
}

#[test]
fn a_promise_is_missed_when_its_time_runs_out_and_whatever_comes_later() {
    let (spans, monday) = eight_to_five();
    // P1: contact within a quarter of an hour.
    let mut history = History::opened(monday, Priority::P1);
    let early = history.case().settled(&spans, monday.plus(900));
    assert_eq!(early, [], "open, and unbroken to its last second");
    let broken = (Outcome::Missed, monday.0 + 901, None);
    let settled = history.case().settled(&spans, monday.plus(901));
    assert_eq!(of(&settled, ClockKind::Attention), [broken]);

    history.at(1000, Event::PriorityChanged { from: Priority::P1, to: Priority::P4, reason: reason() });
    history.at(1200, contact());
    let settled = history.case().settled(&spans, monday.plus(30 * DAY));
    let attention = settled.iter().find(|settled| settled.kind == ClockKind::Attention).unwrap();
    assert_eq!((attention.outcome, attention.at), (Outcome::Missed, monday.plus(901)));
    assert_eq!((attention.priority, attention.target_s), (Priority::P1, 900), "what held when it broke");
    assert_eq!(attention.used_s, Some(1200));
}

#[test]
fn every_cycle_of_a_case_that_comes_back_counts() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P2);
    history.at(600, contact());
    history.at(2 * HOUR, resolved("Cable reemplazado"));
    let back = Event::Reopened { cause: ReopenCause::StillFails, said: None, target_s: HOUR };
    history.at(3 * HOUR, back);
    let case = history.case();
    let kept = (Outcome::Kept, monday.0 + 2 * HOUR, Some(2 * HOUR));
    let missed = (Outcome::Missed, monday.0 + 4 * HOUR + 1, None);
    let settled = |after_s| of(&case.settled(&spans, monday.plus(after_s)), ClockKind::Resolution);
    assert_eq!(settled(4 * HOUR), [kept]);
    assert_eq!(settled(5 * HOUR), [kept, missed]);
    let steps = milestones(history.entries()).unwrap();
    let steps: Vec<_> = steps.iter().map(|step| (step.step, step.version, step.priority)).collect();
    assert_eq!(steps, [(Step::Resolved, 3, Priority::P2), (Step::Reopened, 4, Priority::P2)]);
}

#[test]
fn what_a_case_went_no_further_with_counts_as_neither() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    let asked_by = AskedBy::Customer;
    history.at(1000, Event::Withdrawn(Withdrawal::Cancelled { asked_by, reason: Some(reason()) }));
    let settled = history.case().settled(&spans, monday.plus(DAY));
    // The contact was late before; the solution was not.
    assert_eq!(of(&settled, ClockKind::Attention), [(Outcome::Missed, monday.0 + 901, Some(1000))]);
    assert_eq!(of(&settled, ClockKind::Resolution), []);
}

#[test]
fn time_looks_at_a_case_when_a_promise_breaks_even_where_its_plan_does_not_warn_of_it() {
    let (spans, monday) = eight_to_five();
    let terms = {
        use domain::terms::{Targets, Terms};
        let targets = Targets { attention_s: 600, update_s: HOUR, resolution_s: DAY };
        Terms::new(1, [targets; 4], vec![50], domain::weight::Matrix::default()).unwrap()
    };
    let mut history = History::under(monday, Priority::P3, terms);
    history.at(300, Event::Warned { clock: ClockKind::Attention, cycle: 1, level: 50 });
    let next = |after_s| history.case().next_alarm(&caracas(&spans), monday.plus(after_s));
    assert_eq!(next(300), Some(monday.plus(450)), "it becomes at risk");
    assert_eq!(next(450), Some(monday.plus(601)));
}

//! The SLA target of an agreed visit: arrival within the window.

use super::{HOUR, VisitHistory, note, statement, technician};
use domain::case::visit::{MoveTo, Side, VisitAnswer, VisitCommand, VisitId};
use domain::case::{ClockState, TimerState};
use domain::sla_plan::SlaMetric;

#[test]
fn on_site_target_begins_with_the_window_and_is_met_by_arrival() {
    let visits = VisitHistory::agreed();
    let before = visits.on_site(20 * HOUR);
    assert_eq!(before.run, TimerState::Paused { until: visits.opened.plus(26 * HOUR) });
    let reading = |after_s| visits.on_site(after_s).reading(&visits.spans, visits.opened.plus(after_s));
    assert_eq!((reading(20 * HOUR).state, reading(20 * HOUR).remaining_s), (ClockState::Paused, 2 * HOUR));
    assert_eq!((reading(27 * HOUR).state, reading(27 * HOUR).remaining_s), (ClockState::Running, HOUR));
    assert_eq!(reading(27 * HOUR).due, Some(visits.opened.plus(28 * HOUR)));
    assert_eq!(reading(28 * HOUR).state, ClockState::Warning, "in time to the last second");
    assert_eq!(reading(28 * HOUR + 1).state, ClockState::Breached);
    // A display reads the same from the clock of the day before.
    let display = before.reading(&visits.spans, visits.opened.plus(27 * HOUR));
    assert_eq!(display, reading(27 * HOUR));
}

#[test]
fn early_arrival_meets_the_target_at_its_own_time() {
    let mut visits = VisitHistory::agreed();
    visits.ask(25 * HOUR, VisitCommand::Arrive).unwrap();
    let clock = visits.on_site(40 * HOUR);
    assert_eq!((clock.as_of, clock.used_s), (visits.opened.plus(25 * HOUR), 0));
    assert_eq!(clock.reading(&visits.spans, visits.opened.plus(40 * HOUR)).state, ClockState::Met);
}

#[test]
fn visit_outside_hours_counts_wall_clock_time() {
    let mut visits = VisitHistory::new();
    // Monday from 20 to 22, when the calendar is closed.
    visits.offer(600, &[(12, 2)]).unwrap();
    let window = visits.window(12, 2);
    visits.by_link(700, VisitAnswer::Accept { window }).unwrap();
    let at = visits.opened.plus(13 * HOUR);
    assert_eq!(visits.on_site(13 * HOUR).reading(&visits.spans, at).remaining_s, HOUR);
    let explained = visits.history.case().explain(SlaMetric::OnSite, &visits.spans, at);
    assert_eq!(explained.iter().map(|stretch| stretch.counted_s).sum::<i64>(), HOUR);
}

#[test]
fn visit_moved_in_time_voids_its_window_and_is_counted() {
    let mut visits = VisitHistory::agreed();
    let windows = visits.windows(&[(50, 2)]);
    visits.by_link(2000, VisitAnswer::Propose { windows, note: None }).unwrap();
    let case = visits.history.case();
    assert_eq!(case.visits().latest().unwrap().moved_by_customer, 1);
    assert!(case.timers().all(|track| track.kind != SlaMetric::OnSite), "nothing is promised meanwhile");
    let window = visits.window(50, 2);
    visits.ask(2100, VisitCommand::Confirm { window }).unwrap();

    let to = MoveTo::Agreed { window: visits.window(54, 2), word: statement() };
    let (by, reason) = (Side::Us, note("El repuesto llega más tarde"));
    visits.ask(2200, VisitCommand::Move { by, reason, technician: technician(), to }).unwrap();
    let visit = visits.history.case().visits().latest().unwrap().clone();
    assert_eq!((visit.id, visit.moved_by_us, visit.moved_by_customer), (VisitId(1), 1, 1));
    assert_eq!(visit.meeting().unwrap().window, visits.window(54, 2));
    assert_eq!(visits.on_site(2300).cycle, 3);
    assert!(visits.history.case().past_cycles().is_empty());
}

#[test]
fn missed_window_stays_breached_when_the_visit_is_moved() {
    let mut visits = VisitHistory::agreed();
    let late = 28 * HOUR + 60;
    let to = MoveTo::Offer(visits.windows(&[(50, 2)]));
    let (by, reason) = (Side::Us, note("El técnico tuvo un percance"));
    visits.ask(late, VisitCommand::Move { by, reason, technician: technician(), to }).unwrap();
    let window = visits.window(50, 2);
    visits.by_link(late + 60, VisitAnswer::Accept { window }).unwrap();
    visits.ask(50 * HOUR, VisitCommand::Arrive).unwrap();
    let case = visits.history.case();
    let past = case.past_clocks(&visits.spans, visits.opened.plus(51 * HOUR));
    assert_eq!(past.len(), 1);
    assert_eq!(past[0].breach.unwrap().at, visits.opened.plus(28 * HOUR + 1));
    assert_eq!(visits.on_site(51 * HOUR).breach, None, "the second promise was kept");
}

//! Verification, closing, reopening, and the closing report.

use crate::case::{self, History, agent, caracas, contact, customer, eight_to_five, resolve};
use domain::actor::Actor;
use domain::case::{Channel, CloseReason, Command, Event, PauseReason, Refusal, Status, Verdict};
use domain::priority::Priority;
use domain::sla_plan::{ClosingRules, ReopenBudget, SlaMetric, SlaPlan, SlaPlanProblem};
use domain::text::{Note, Reason};
use domain::time::Instant;
use proptest::prelude::*;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn by_link(verdict: Verdict) -> Command {
    Command::Verify { verdict, channel: None, who: None, said: None }
}

fn by_telephone(verdict: Verdict) -> Command {
    let who = Some(domain::text::PersonName::parse("María Rojas").unwrap());
    Command::Verify { verdict, channel: Some(Channel::Phone), who, said: None }
}

/// Opened on a Monday at eight, contacted after ten minutes, resolved after two hours.
fn resolved_case() -> (History, domain::calendar::ServiceHours, Instant) {
    let (spans, monday) = eight_to_five();
    let hours = caracas(&spans);
    let mut history = History::opened(monday, Priority::P1);
    history.at(600, contact());
    history.ask(2 * HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    (history, hours, monday)
}

#[test]
fn confirmation_closes_the_case() {
    let (mut history, hours, monday) = resolved_case();
    let customer = customer(&history);
    assert_eq!(history.case().status(), Status::Resolved);
    history.ask(3 * HOUR, by_link(Verdict::Works), &customer, &hours).unwrap();
    let case = history.case();
    assert_eq!(case.status(), Status::Closed);
    let closed = *case.closed().unwrap();
    assert_eq!((closed.reason, closed.at), (CloseReason::Confirmed, monday.plus(3 * HOUR)));
    // Five business days later, a Monday, to the end of the day in Caracas.
    assert_eq!(closed.reopen_until, monday.plus(7 * DAY + 16 * HOUR));
    assert_eq!(
        history.ask(4 * HOUR, by_link(Verdict::StillFails), &customer, &hours),
        Err(Refusal::NothingToVerify)
    );
}

#[test]
fn verification_by_link_is_permitted_to_the_customer_alone() {
    let (mut history, hours, _) = resolved_case();
    let refused = history.ask(3 * HOUR, by_link(Verdict::Works), &agent(), &hours);
    assert!(matches!(refused, Err(Refusal::NotPermitted(_))));
    let customer = customer(&history);
    let refused = history.ask(3 * HOUR, by_telephone(Verdict::Works), &customer, &hours);
    assert!(matches!(refused, Err(Refusal::NotPermitted(_))));
    let other =
        Actor::Customer(domain::case_number::CaseNumber::new(domain::country::Country::Ve, 2026, 1).unwrap());
    let refused = history.ask(3 * HOUR, by_link(Verdict::Works), &other, &hours);
    assert!(matches!(refused, Err(Refusal::NotPermitted(_))));
    history.ask(3 * HOUR, by_telephone(Verdict::Works), &agent(), &hours).unwrap();
    assert_eq!(history.case().status(), Status::Closed);
}

#[test]
fn edge_05_time_between_resolved_and_reopened_is_not_counted() {
    let (mut history, hours, monday) = resolved_case();
    let customer = customer(&history);
    history.ask(6 * HOUR, by_link(Verdict::StillFails), &customer, &hours).unwrap();
    let case = history.case();
    let now = monday.plus(7 * HOUR);
    let first = case.past_clocks(&hours.spans, now);
    let second = case.clocks(&hours.spans, now);
    let second = second.iter().find(|clock| clock.kind == SlaMetric::Resolution).unwrap();
    assert_eq!((first[0].cycle, first[0].used_s), (1, 2 * HOUR));
    assert_eq!((second.cycle, second.used_s), (2, HOUR));
    // The reopening does not change the first response.
    assert_eq!(case.first_contact(), Some(monday.plus(600)));
}

#[test]
fn edge_06_reopened_case_has_a_new_target_and_its_old_cycle_stands() {
    for (budget, target_s) in [(ReopenBudget::Fresh, 8 * HOUR), (ReopenBudget::Remaining, 6 * HOUR)] {
        let rules = ClosingRules { reopen_budget: budget, ..ClosingRules::default() };
        let (spans, monday) = eight_to_five();
        let hours = caracas(&spans);
        let terms = SlaPlan::default().with_closing(rules).unwrap();
        let mut history = History::under(monday, Priority::P1, terms);
        history.at(600, contact());
        history.ask(2 * HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
        let before = history.case().clocks(&spans, monday.plus(5 * HOUR));
        let customer = customer(&history);
        history.ask(5 * HOUR, by_link(Verdict::StillFails), &customer, &hours).unwrap();
        let case = history.case();
        let now = monday.plus(5 * HOUR);
        let clocks = case.clocks(&spans, now);
        let resolution = clocks.iter().find(|clock| clock.kind == SlaMetric::Resolution).unwrap();
        assert_eq!((resolution.target_s, resolution.used_s, resolution.breach), (target_s, 0, None));
        let first = before.iter().find(|clock| clock.kind == SlaMetric::Resolution).unwrap();
        assert_eq!(case.past_clocks(&spans, now)[0], *first, "{budget:?}");
        assert_eq!(case.status(), Status::InProgress);
        // The second round is independent of the first.
        history.ask(6 * HOUR, resolve("Puerto cambiado"), &agent(), &hours).unwrap();
        history.ask(6 * HOUR, by_telephone(Verdict::Works), &agent(), &hours).unwrap();
        assert_eq!(history.case().status(), Status::Closed);
    }
}

#[test]
fn closed_case_reopens_until_its_reopening_period_ends() {
    let (mut history, hours, monday) = resolved_case();
    let customer = customer(&history);
    let back = || Command::Reopen { said: Note::parse("Volvió a fallar").unwrap() };
    assert_eq!(history.ask(3 * HOUR, back(), &customer, &hours), Err(Refusal::NotClosed));
    history.ask(3 * HOUR, by_link(Verdict::Works), &customer, &hours).unwrap();
    let until = history.case().closed().unwrap().reopen_until.since(monday);
    assert_eq!(history.ask(until, back(), &customer, &hours), Err(Refusal::ReopenWindowOver));
    history.ask(until - 1, back(), &customer, &hours).unwrap();
    assert_eq!(history.case().status(), Status::InProgress);
    assert!(history.case().closed().is_none());
}

#[test]
fn unanswered_resolution_is_reminded_twice_and_then_left_to_the_agent() {
    let (mut history, hours, monday) = resolved_case();
    let mut asked = Vec::new();
    // Hour by hour for three weeks: each reminder comes once, and the case is not closed by time.
    for hour in 2..21 * 24 {
        let now = monday.plus(hour * HOUR);
        for command in history.case().due_commands(&hours, now) {
            asked.push((hour, command.clone()));
            history.ask(hour * HOUR, command, &Actor::System, &hours).unwrap();
        }
    }
    let end_of = |day: i64| day * 24 + 16;
    let expected = [
        (end_of(1), Command::Remind { nth: 1 }),
        (end_of(3), Command::Remind { nth: 2 }),
        (end_of(7), Command::AskForDecision),
    ];
    assert_eq!(asked, expected);
    assert_eq!(history.case().status(), Status::Resolved);
    assert!(history.case().awaits_decision());
    assert_eq!(history.case().next_run(&hours, monday.plus(30 * DAY)), None);
    let reason = Reason::parse("Tres llamadas sin respuesta").unwrap();
    history.ask(22 * DAY, Command::CloseUnconfirmed { reason }, &agent(), &hours).unwrap();
    assert_eq!(history.case().closed().unwrap().reason, CloseReason::Unconfirmed);
}

#[test]
fn holidays_and_closed_days_are_no_business_days() {
    let spans = case::ClosedAt::lunch_holiday();
    let monday = case::ClosedAt::MONDAY;
    let hours = caracas(&spans);
    // Tuesday is a closure: the first business day after Monday is Wednesday.
    assert_eq!(hours.business_days_after(monday, 1), monday.plus(2 * DAY + 16 * HOUR));
    assert_eq!(hours.business_days_after(monday, 0), monday.plus(16 * HOUR));
    assert_eq!(hours.business_days_after(monday, 4), monday.plus(7 * DAY + 16 * HOUR));
}

#[test]
fn reminder_days_out_of_order_are_refused() {
    for (reminder_days, decision_days) in [(vec![3, 1], 5), (vec![0], 5), (vec![1, 5], 5), (vec![2, 2], 5)] {
        let rules = ClosingRules { reminder_days, decision_days, ..ClosingRules::default() };
        assert_eq!(SlaPlan::default().with_closing(rules), Err(SlaPlanProblem::ReminderDays));
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Contact,
    Pause,
    Resume,
    Resolve,
    Works,
    StillFails,
    CloseUnconfirmed,
    Reopen,
}

const STEPS: [Step; 8] = [
    Step::Contact,
    Step::Pause,
    Step::Resume,
    Step::Resolve,
    Step::Works,
    Step::StillFails,
    Step::CloseUnconfirmed,
    Step::Reopen,
];

fn command(step: Step, at: Instant) -> Command {
    match step {
        Step::Contact => Command::LogContact { channel: Channel::Phone, note: None },
        Step::Pause => Command::Pause {
            reason: PauseReason::Customer,
            detail: None,
            until: at.plus(5 * HOUR),
            allowed_by: None,
        },
        Step::Resume => Command::Resume,
        Step::Resolve => resolve("Cable reemplazado"),
        Step::Works => by_telephone(Verdict::Works),
        Step::StillFails => by_telephone(Verdict::StillFails),
        Step::CloseUnconfirmed => {
            Command::CloseUnconfirmed { reason: Reason::parse("Sin respuesta").unwrap() }
        }
        Step::Reopen => Command::Reopen { said: Note::parse("Volvió a fallar").unwrap() },
    }
}

proptest! {
    /// For any history: the closing report agrees with the clocks, cycles count up, and ended cycles never change.
    #[test]
    fn closing_report_equals_the_clocks(
        steps in prop::collection::vec((1..30_000_i64, prop::sample::select(&STEPS[..])), 0..40),
    ) {
        let (spans, monday) = eight_to_five();
        let hours = caracas(&spans);
        let mut history = History::opened(monday, Priority::P3);
        let mut after_s = 0;
        let mut over: Vec<domain::case::SlaClock> = Vec::new();
        for (wait_s, step) in steps {
            after_s += wait_s;
            let now = monday.plus(after_s);
            let _ = history.ask(after_s, command(step, now), &agent(), &hours);
            let case = history.case();
            let past = case.past_clocks(&spans, now);
            prop_assert_eq!(&past[..over.len()], &over[..]);
            over = past;
            let closed = case.closing_report(&spans);
            prop_assert_eq!(closed.is_some(), case.status() == Status::Closed);
            let Some(account) = closed else { continue };
            let is_told = |clock: &domain::case::SlaClock| clock.kind != SlaMetric::NextUpdate;
            let clocks: Vec<_> = over.iter().copied().chain(case.clocks(&spans, now)).filter(is_told).collect();
            prop_assert_eq!(account.measured.len(), clocks.len());
            for measured in &account.measured {
                let clock = clocks.iter().find(|c| (c.kind, c.cycle) == (measured.kind, measured.cycle)).unwrap();
                prop_assert_eq!(measured.business_s, clock.used_s);
                prop_assert_eq!(measured.target_s, clock.applied_target_s());
                prop_assert_eq!(measured.is_met(), clock.breach.is_none());
                let explained: i64 = spans.elapsed(measured.span.from, measured.span.to, &[]);
                prop_assert!(measured.business_s <= explained && measured.business_s <= measured.span.seconds());
            }
        }
        let resolved = matches!(history.case().status(), Status::Resolved | Status::Closed);
        prop_assert_eq!(resolved, history.case().resolved_at().is_some());
    }
}

#[test]
fn history_round_trips_through_json() {
    let (mut history, hours, _) = resolved_case();
    let customer = customer(&history);
    history.ask(3 * HOUR, by_link(Verdict::StillFails), &customer, &hours).unwrap();
    for entry in history.entries() {
        let json = serde_json::to_string(entry).unwrap();
        assert_eq!(&serde_json::from_str::<domain::case::Recorded>(&json).unwrap(), entry);
        assert!(matches!(entry.event, Event::Opened(_)) || json.len() < 1000, "{json}");
    }
}

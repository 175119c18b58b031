//! SLA clocks over whole histories: edge cases, and properties of any history.

use crate::case::{ClosedAt, History, agent, caracas, contact, eight_to_five, resolve, resolved};
use domain::actor::Actor;
use domain::case::{
    AttemptOutcome, Channel, ClockState, Command, Event, PauseReason, Refusal, ResumeCause, SlaClock, Status,
    TimerState, decide,
};
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::text::{Note, Reason};
use domain::time::Instant;
use proptest::prelude::*;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

fn of(clocks: &[SlaClock], kind: SlaMetric) -> SlaClock {
    *clocks.iter().find(|clock| clock.kind == kind).expect("the case has the promise")
}

fn attempt() -> Event {
    Event::ContactAttempted { channel: Channel::Phone, outcome: AttemptOutcome::NoAnswer, note: None }
}

fn pause(reason: PauseReason, until: Instant) -> Event {
    Event::Paused { reason, detail: None, until, allowed_by: None }
}

fn resumed() -> Event {
    Event::Resumed { cause: ResumeCause::ByStaff }
}

fn priority(from: Priority, to: Priority) -> Event {
    Event::PriorityChanged { from, to, reason: Reason::parse("Reclasificado").unwrap() }
}

#[test]
fn edge_01_paused_target_has_no_due_time_and_resumes_in_time() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    history.at(10 * MINUTE, contact());
    history.at(HOUR, pause(PauseReason::SparePart, monday.plus(30 * 24 * HOUR)));
    let resolution = of(&history.case().clocks(&spans, monday.plus(14 * 24 * HOUR)), SlaMetric::Resolution);
    let reading = resolution.reading(&spans, monday.plus(14 * 24 * HOUR));
    assert_eq!((reading.state, reading.due, reading.remaining_s), (ClockState::Paused, None, 7 * HOUR));
    history.at(14 * 24 * HOUR, resumed());
    let resolution = of(&history.case().clocks(&spans, monday.plus(14 * 24 * HOUR)), SlaMetric::Resolution);
    let reading = resolution.reading(&spans, monday.plus(14 * 24 * HOUR));
    assert_eq!((reading.state, reading.remaining_s), (ClockState::Running, 7 * HOUR));
}

#[test]
fn edge_02_pause_over_a_weekend_excludes_business_time_alone() {
    let (spans, monday) = eight_to_five();
    let friday_16 = monday.plus(4 * 24 * HOUR + 8 * HOUR);
    let mut history = History::opened(friday_16.plus(-HOUR), Priority::P2);
    history.at(0, contact());
    history.at(HOUR, pause(PauseReason::Customer, friday_16.plus(90 * HOUR)));
    // Monday 09:00: an hour of Friday and an hour of Monday were paused; the weekend does not count.
    history.at_instant(monday.plus(7 * 24 * HOUR + HOUR), resumed());
    let now = monday.plus(7 * 24 * HOUR + 2 * HOUR);
    let resolution = of(&history.case().clocks(&spans, now), SlaMetric::Resolution);
    assert_eq!(resolution.used_s, 2 * HOUR);
}

#[test]
fn edge_03_pauses_survive_a_change_of_priority() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    history.at(MINUTE, contact());
    history.at(HOUR, pause(PauseReason::Customer, monday.plus(3 * HOUR)));
    history.at(2 * HOUR, resumed());
    history.at(3 * HOUR, priority(Priority::P1, Priority::P3));
    let resolution = of(&history.case().clocks(&spans, monday.plus(4 * HOUR)), SlaMetric::Resolution);
    assert_eq!((resolution.target_s, resolution.used_s), (24 * HOUR, 3 * HOUR));
}

#[test]
fn edge_04_resolving_while_paused_excludes_the_pause() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    history.at(MINUTE, contact());
    history.at(HOUR, pause(PauseReason::Customer, monday.plus(4 * HOUR)));
    history.at(3 * HOUR, resolved("Listo, reiniciado"));
    let case = history.case();
    let resolution = of(&case.clocks(&spans, monday.plus(9 * HOUR)), SlaMetric::Resolution);
    assert_eq!(
        (case.status(), resolution.used_s, resolution.run),
        (Status::Resolved, HOUR, TimerState::Stopped)
    );
}

#[test]
fn edge_07_first_response_stops_at_a_logged_human_contact_alone() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    history.at(MINUTE, attempt());
    history.at(
        2 * MINUTE,
        Event::Noted {
            audience: domain::case::Audience::Public,
            text: Note::parse("Acuse automático").unwrap(),
        },
    );
    history.at(3 * MINUTE, Event::Warned { clock: SlaMetric::FirstResponse, cycle: 1, level: 50 });
    let now = monday.plus(5 * MINUTE);
    assert_eq!(of(&history.case().clocks(&spans, now), SlaMetric::FirstResponse).run, TimerState::Running);
    history.at(6 * MINUTE, contact());
    let attention = of(&history.case().clocks(&spans, monday.plus(HOUR)), SlaMetric::FirstResponse);
    assert_eq!((attention.run, attention.used_s, attention.breach), (TimerState::Stopped, 6 * MINUTE, None));
    assert_eq!(history.case().attempts(), 1);
}

#[test]
fn edge_12_breach_stands_after_any_priority_change() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    history.at(20 * MINUTE, priority(Priority::P1, Priority::P4));
    let now = monday.plus(21 * MINUTE);
    let attention = of(&history.case().clocks(&spans, now), SlaMetric::FirstResponse);
    let breach = attention.breach.expect("15 minutes were promised and 20 passed");
    assert_eq!((breach.at, breach.target_s), (monday.plus(15 * MINUTE + 1), 15 * MINUTE));
    assert_eq!(attention.reading(&spans, now).state, ClockState::Breached);
    // A new target that is used up already is breached when it comes into force.
    let mut history = History::opened(monday, Priority::P4);
    history.at(20 * MINUTE, priority(Priority::P4, Priority::P1));
    let attention = of(&history.case().clocks(&spans, now), SlaMetric::FirstResponse);
    assert_eq!(attention.breach.map(|breach| breach.at), Some(monday.plus(20 * MINUTE)));
}

#[test]
fn edge_16_target_breaches_one_second_after_it_is_used_up() {
    let (spans, monday) = eight_to_five();
    for (after_s, state) in [(15 * MINUTE, ClockState::Met), (15 * MINUTE + 1, ClockState::Breached)] {
        let mut history = History::opened(monday, Priority::P1);
        history.at(after_s, contact());
        let now = monday.plus(HOUR);
        let attention = of(&history.case().clocks(&spans, now), SlaMetric::FirstResponse);
        assert_eq!(attention.reading(&spans, now).state, state, "after {after_s} s");
    }
    let history = History::opened(monday, Priority::P1);
    let reading = |after_s| {
        let clock = of(&history.case().clocks(&spans, monday), SlaMetric::FirstResponse);
        clock.reading(&spans, monday.plus(after_s))
    };
    assert_eq!(reading(15 * MINUTE - 1).used_percent(), 99);
    assert_eq!((reading(15 * MINUTE).used_percent(), reading(15 * MINUTE).state), (100, ClockState::Warning));
    assert_eq!(reading(15 * MINUTE + 1).state, ClockState::Breached);
}

#[test]
fn edge_17_warning_level_is_recorded_once() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    let mut seen = Vec::new();
    // Every second of the first half hour: each level comes once, in order, on its second.
    for second in 0..1800 {
        let now = monday.plus(second);
        for command in history.case().due_commands(&caracas(&spans), now) {
            let Command::Warn { clock, level, .. } = command else { panic!("{command:?}") };
            for event in decide(&history.case(), command, &Actor::System, &caracas(&spans), now).unwrap() {
                history.at_instant(now, event);
            }
            if clock == SlaMetric::FirstResponse {
                seen.push((level, second));
            }
        }
    }
    assert_eq!(seen, [(50, 450), (75, 675), (90, 810), (100, 900)]);
}

#[test]
fn edge_18_next_run_is_the_next_warning_level_of_any_target() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    assert_eq!(history.case().next_run(&caracas(&spans), monday), Some(monday.plus(450)));
    history.at(60, contact());
    // The next update is due within an hour of the contact; half of it is used first.
    let half_of_an_hour = monday.plus(60 + 30 * MINUTE);
    assert_eq!(history.case().next_run(&caracas(&spans), monday.plus(60)), Some(half_of_an_hour));
    history.at(HOUR, contact());
    history.at(HOUR, pause(PauseReason::Customer, monday.plus(2 * HOUR)));
    assert_eq!(history.case().next_run(&caracas(&spans), monday.plus(HOUR)), Some(monday.plus(2 * HOUR)));
    history.at(2 * HOUR, resolved("Reemplazado"));
    // No target is left. The customer is reminded of the verification at the end of the next business day.
    let tuesday_midnight = monday.plus(40 * HOUR);
    assert_eq!(history.case().next_run(&caracas(&spans), monday.plus(3 * HOUR)), Some(tuesday_midnight));
}

#[test]
fn edge_20_target_of_a_case_opened_outside_hours_counts_from_the_next_opening() {
    let (spans, monday) = eight_to_five();
    let sunday = monday.plus(-10 * HOUR);
    let history = History::opened(sunday, Priority::P1);
    let clock = of(&history.case().clocks(&spans, sunday), SlaMetric::FirstResponse);
    let reading = clock.reading(&spans, sunday);
    assert_eq!((reading.due, reading.counting), (Some(monday.plus(15 * MINUTE)), false));
    assert_eq!(clock.reading(&spans, monday.plus(-1)).used_s, 0);
    assert_eq!(clock.reading(&spans, monday.plus(1)).used_s, 1);
}

#[test]
fn edge_21_a_pause_outside_hours_adds_nothing() {
    let (spans, monday) = eight_to_five();
    let evening = monday.plus(10 * HOUR);
    let mut history = History::opened(monday, Priority::P2);
    history.at(0, contact());
    let plain = of(&history.case().clocks(&spans, monday.plus(26 * HOUR)), SlaMetric::Resolution);
    history.at_instant(evening, pause(PauseReason::Customer, evening.plus(HOUR)));
    history.at_instant(evening.plus(HOUR), resumed());
    let paused = of(&history.case().clocks(&spans, monday.plus(26 * HOUR)), SlaMetric::Resolution);
    assert_eq!(plain.used_s, paused.used_s);
}

#[test]
fn pause_ends_at_its_end_without_an_entry() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    history.at(0, contact());
    history.at(HOUR, pause(PauseReason::ThirdParty, monday.plus(2 * HOUR)));
    // The clock runs on without an entry, here and on any display.
    let paused = of(&history.case().clocks(&spans, monday.plus(90 * MINUTE)), SlaMetric::Resolution);
    let later = of(&history.case().clocks(&spans, monday.plus(3 * HOUR)), SlaMetric::Resolution);
    assert_eq!(paused.reading(&spans, monday.plus(3 * HOUR)).used_s, 2 * HOUR);
    assert_eq!((later.used_s, later.run), (2 * HOUR, TimerState::Running));
    // A late scheduler ends the pause at its expected end all the same.
    let commands = history.case().due_commands(&caracas(&spans), monday.plus(2 * HOUR + 300));
    assert_eq!(commands.first(), Some(&Command::EndPause));
    history.at(2 * HOUR + 300, Event::Resumed { cause: ResumeCause::EndCame });
    let ended = of(&history.case().clocks(&spans, monday.plus(3 * HOUR)), SlaMetric::Resolution);
    assert_eq!(ended.used_s, 2 * HOUR);
}

#[test]
fn end_of_a_pause_is_refused_until_it_comes() {
    let (spans, monday) = eight_to_five();
    let hours = caracas(&spans);
    let mut history = History::opened(monday, Priority::P1);
    history.at(0, contact());
    history.at(HOUR, pause(PauseReason::ThirdParty, monday.plus(2 * HOUR)));
    let mut end = |after_s| history.ask(after_s, Command::EndPause, &Actor::System, &hours);
    assert_eq!(end(2 * HOUR - 1), Err(Refusal::PauseNotOver));
    assert_eq!(end(2 * HOUR), Ok(()));
    assert_eq!(end(2 * HOUR), Err(Refusal::NotPaused), "it has ended");
}

#[test]
fn first_response_is_paused_by_an_agreed_date_alone() {
    let (spans, monday) = eight_to_five();
    for (reason, run) in [
        (PauseReason::Customer, TimerState::Running),
        (PauseReason::SparePart, TimerState::Running),
        (PauseReason::ThirdParty, TimerState::Running),
        (PauseReason::AgreedDate, TimerState::Paused { until: monday.plus(HOUR) }),
    ] {
        let mut history = History::opened(monday, Priority::P1);
        history.at(MINUTE, pause(reason, monday.plus(HOUR)));
        let attention = of(&history.case().clocks(&spans, monday.plus(2 * MINUTE)), SlaMetric::FirstResponse);
        assert_eq!(attention.run, run, "{reason:?}");
    }
}

#[test]
fn refusals_name_the_rule() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P2);
    let now = monday.plus(HOUR);
    let ask = |history: &History, command| decide(&history.case(), command, &agent(), &caracas(&spans), now);
    let until = |hours| Command::Pause {
        reason: PauseReason::Customer,
        detail: None,
        until: now.plus(hours * HOUR),
        allowed_by: None,
    };
    let reason = Reason::parse("Cliente crítico").unwrap();
    assert_eq!(ask(&history, resolve("Cable reemplazado")), Err(Refusal::ContactFirst));
    assert_eq!(ask(&history, Command::Resume), Err(Refusal::NotPaused));
    assert_eq!(ask(&history, until(0)), Err(Refusal::PauseEndsInThePast));
    assert_eq!(ask(&history, until(61 * 24)), Err(Refusal::PauseTooLong));
    let same = Command::ChangePriority { to: Priority::P2, reason };
    assert_eq!(ask(&history, same), Err(Refusal::SamePriority));
    history.at(0, contact());
    history.at(HOUR, pause(PauseReason::Customer, now.plus(HOUR)));
    assert_eq!(ask(&history, until(1)), Err(Refusal::AlreadyPaused));
    history.at(HOUR, resolved("Cable reemplazado"));
    assert_eq!(ask(&history, until(1)), Err(Refusal::AlreadyResolved));
    assert!(ask(&history, Command::LogContact { channel: Channel::Phone, note: None }).is_ok());
    let customer = Actor::Customer(history.case().opening.number);
    let refused = decide(&history.case(), Command::Resume, &customer, &caracas(&spans), now);
    assert!(matches!(refused, Err(Refusal::NotPermitted(_))));
}

#[test]
fn explanation_names_time_that_was_not_counted() {
    let monday = ClosedAt::MONDAY;
    let spans = ClosedAt::lunch_holiday();
    let mut history = History::opened(monday, Priority::P1);
    history.at(0, contact());
    history.at(HOUR, pause(PauseReason::SparePart, monday.plus(2 * HOUR)));
    let explained = history.case().explain(SlaMetric::Resolution, &spans, monday.plus(26 * HOUR));
    let counted: i64 = explained.iter().map(|stretch| stretch.counted_s).sum();
    assert_eq!(
        counted,
        of(&history.case().clocks(&spans, monday.plus(26 * HOUR)), SlaMetric::Resolution).used_s
    );
    let why = format!("{explained:?}");
    for reason in ["Counted", "OutsideHours", "Paused(SparePart)", "Closed(\"Día local\")"] {
        assert!(why.contains(reason), "{reason}: {why}");
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Attempt,
    Contact,
    PauseForCustomer,
    PauseToDate,
    Resume,
    Raise,
    Lower,
}

impl Step {
    fn command(self, at: Instant) -> Command {
        let reason = Reason::parse("Reclasificado").unwrap();
        match self {
            Self::Attempt => {
                let outcome = AttemptOutcome::Busy;
                Command::LogAttempt { channel: Channel::Phone, outcome, note: None }
            }
            Self::Contact => Command::LogContact { channel: Channel::Phone, note: None },
            Self::PauseForCustomer => Command::Pause {
                reason: PauseReason::Customer,
                detail: None,
                until: at.plus(5 * HOUR),
                allowed_by: None,
            },
            Self::PauseToDate => Command::Pause {
                reason: PauseReason::AgreedDate,
                detail: None,
                until: at.plus(30 * HOUR),
                allowed_by: None,
            },
            Self::Resume => Command::Resume,
            Self::Raise => Command::ChangePriority { to: Priority::P1, reason },
            Self::Lower => Command::ChangePriority { to: Priority::P4, reason },
        }
    }
}

fn some_step() -> impl Strategy<Value = Step> {
    prop::sample::select(vec![
        Step::Attempt,
        Step::Contact,
        Step::PauseForCustomer,
        Step::PauseToDate,
        Step::Resume,
        Step::Raise,
        Step::Lower,
    ])
}

proptest! {
    /// For any history: used and remaining time add up to the target, no figure is negative, and a breach is permanent.
    /// Explanations add up, and the time of folding does not change a reading.
    #[test]
    fn clock_invariants_hold_for_any_history(
        steps in prop::collection::vec((1..40_000_i64, some_step()), 0..25),
        look in 0..400_000_i64,
    ) {
        let (spans, monday) = eight_to_five();
        let mut history = History::opened(monday, Priority::P2);
        let mut at = monday;
        let hours = caracas(&spans);
        let mut broken: Vec<(SlaMetric, u32, Instant)> = Vec::new();
        for (after, step) in steps {
            at = at.plus(after);
            // Refused commands leave no trace, so the rest is a valid history.
            for event in decide(&history.case(), step.command(at), &agent(), &hours, at).unwrap_or_default() {
                history.at_instant(at, event);
            }
            let case = history.case();
            for clock in case.clocks(&spans, at) {
                let reading = clock.reading(&spans, at);
                prop_assert_eq!(reading.used_s + reading.remaining_s, clock.applied_target_s());
                prop_assert!(reading.used_s >= 0);
                prop_assert_eq!(clock.breach.is_some() || reading.remaining_s >= 0, true);
                let explained = case.explain(clock.kind, &spans, at);
                prop_assert_eq!(explained.iter().map(|s| s.counted_s).sum::<i64>(), reading.used_s);
                if let Some(breach) = clock.breach {
                    broken.push((clock.kind, clock.cycle, breach.at));
                }
            }
        }
        let end = at.plus(look);
        let case = history.case();
        let (early, late) = (case.clocks(&spans, at), case.clocks(&spans, end));
        for (early, late) in early.iter().zip(&late) {
            let (then, now) = (early.reading(&spans, end), late.reading(&spans, end));
            prop_assert_eq!((then.used_s, then.remaining_s, then.counting), (now.used_s, now.remaining_s, now.counting));
            prop_assert_eq!(then.state, now.state);
            let folded = early.folded(&spans, end).reading(&spans, end);
            prop_assert_eq!((folded.state, folded.remaining_s, folded.due), (now.state, now.remaining_s, now.due));
        }
        let news = case.past_updates(&spans, end);
        for (kind, cycle, breach) in broken {
            let clock = late.iter().chain(&news).find(|clock| (clock.kind, clock.cycle) == (kind, cycle));
            prop_assert_eq!(clock.and_then(|clock| clock.breach).map(|b| b.at), Some(breach), "{:?}", kind);
        }
    }
}

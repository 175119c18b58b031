//! Breached targets: value, due time and contract at the breach. Time that was used remains used.

use crate::case::{History, agent, caracas, contact, eight_to_five, resolve, resolved};
use domain::calendar::week::CalendarId;
use domain::calendar::{ServiceHours, Spans, ZoneView};
use domain::case::{
    AskedBy, Case, Channel, ClockState, Command, ContractRef, Event, Measured, MessageEvent,
    ResolvedContract, RevisionCommand, ServiceHoursRef, SlaClock, SlaCompliance, SlaResult, Termination,
    Verdict,
};
use domain::contract_number::{ContractNumber, default_formats};
use domain::entitlement::Entitlement;
use domain::priority::{Matrix, Priority};
use domain::serial::Serial;
use domain::sla_plan::{ClosingRules, ReopenBudget, SlaMetric, SlaPlan, SlaTargets};
use domain::text::{Note, Reason};
use domain::time::Instant;
use proptest::prelude::*;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// First response in minutes and resolution in hours, by priority.
fn plan(budget: ReopenBudget, attention_min: [i64; 4], resolution_h: [i64; 4]) -> SlaPlan {
    let of = |place: usize| SlaTargets {
        first_response_s: attention_min[place] * MINUTE,
        update_s: 4 * HOUR,
        resolution_s: resolution_h[place] * HOUR,
    };
    let terms = SlaPlan::new(3, [of(0), of(1), of(2), of(3)], vec![50, 100], Matrix::default()).unwrap();
    terms.with_closing(ClosingRules { reopen_budget: budget, ..ClosingRules::default() }).unwrap()
}

fn day_and_night() -> ServiceHours {
    let zone = ZoneView { name: "America/Caracas".into(), offset_s: -4 * 3600, changes: Vec::new() };
    ServiceHours { spans: Spans::always(), zone }
}

fn reason() -> Reason {
    Reason::parse("Así lo dice el contrato").unwrap()
}

fn priority(from: Priority, to: Priority) -> Event {
    Event::PriorityChanged { from, to, reason: reason() }
}

/// A correction to another contract.
fn correct(terms: SlaPlan) -> Command {
    let to = ContractRef {
        contract: Some(ContractNumber::parse("CT-0099-0001", default_formats()).unwrap()),
        serial: Serial::parse("FOC0913ZZZZ").unwrap(),
    };
    let hours = ServiceHoursRef { calendar: CalendarId(2), version: 1, zone: "America/Caracas".into() };
    let (customer, equipment) = ("Banco Andino".into(), "Switch".into());
    let resolved = ResolvedContract { coverage: Entitlement::Covered, terms, hours, customer, equipment };
    let resolved = Some(Box::new(resolved));
    Command::Revision(RevisionCommand::Correct { to, reason: reason(), resolved })
}

fn says(verdict: Verdict) -> Command {
    Command::Verify { verdict, channel: Some(Channel::Phone), who: None, said: None }
}

fn of(clocks: &[SlaClock], kind: SlaMetric) -> SlaClock {
    *clocks.iter().find(|clock| clock.kind == kind).unwrap()
}

fn told(case: &Case, spans: &Spans, kind: SlaMetric) -> Measured {
    let report = case.closing_report(spans).unwrap();
    report.measured.into_iter().rfind(|measured| measured.kind == kind).unwrap()
}

/// Opened on a Monday at six under hours that never end (P3, 30 min), contacted after 42 min 50 s. Then corrected to
/// office hours (P3, 1 h), in which none of that counts.
fn corrected_to_office_hours() -> (History, ServiceHours) {
    let (spans, monday) = eight_to_five();
    let always = plan(ReopenBudget::Fresh, [15, 15, 30, 60], [4, 8, 24, 40]);
    let office = plan(ReopenBudget::Fresh, [15, 30, 60, 60], [8, 16, 24, 40]);
    let mut history = History::under(monday.plus(-2 * HOUR), Priority::P3, always);
    history.at(42 * MINUTE + 50, contact());
    history.ask(HOUR, correct(office), &agent(), &day_and_night()).unwrap();
    (history, caracas(&spans))
}

#[test]
fn breach_before_a_correction_keeps_its_target_and_contract() {
    let (mut history, hours) = corrected_to_office_hours();
    let opened = history.case().opened_at;
    let now = opened.plus(3 * HOUR);
    let clock = of(&history.case().clocks(&hours.spans, now), SlaMetric::FirstResponse);
    assert_eq!((clock.used_s, clock.target_s, clock.applied_target_s()), (0, HOUR, 30 * MINUTE));
    let missed = history.case().missed(&hours.spans, now);
    assert_eq!(missed.len(), 1);
    let under = missed[0].under.clone().expect("0 s of 30 min alone does not say why");
    let contract = under.contract.as_ref().map(ContractNumber::as_str);
    assert_eq!((contract, under.hours.calendar), (Some("CT-0012-0007"), CalendarId(1)));

    let mut cancelled = history.case();
    history.ask(3 * HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    history.ask(3 * HOUR, says(Verdict::Works), &agent(), &hours).unwrap();
    let why = Termination::Cancelled { asked_by: AskedBy::Customer, reason: Some(reason()) };
    let mut entry = history.entries()[cancelled.version as usize].clone();
    entry.event = Event::Terminated(why);
    cancelled.evolve(&entry).unwrap();
    for case in [history.case(), cancelled] {
        let measured = told(&case, &hours.spans, SlaMetric::FirstResponse);
        assert_eq!(
            (measured.result, measured.target_s, measured.business_s),
            (SlaResult::Breached, 30 * MINUTE, 0)
        );
        assert_eq!(measured.under.as_ref(), Some(&under));
        assert_eq!(measured.breach.unwrap().due(), opened.plus(30 * MINUTE));
        let settled = case.settled(&hours.spans, now);
        let settled = settled.iter().find(|settled| settled.kind == SlaMetric::FirstResponse).unwrap();
        assert_eq!((settled.outcome, settled.target_s), (SlaCompliance::Breached, measured.target_s));
    }
}

#[test]
fn breach_keeps_its_target_when_a_longer_one_follows() {
    let hours = day_and_night();
    let monday = Instant(1_795_435_200);
    let terms = plan(ReopenBudget::Fresh, [15, 30, 60, 60], [4, 8, 24, 40]);
    let mut history = History::under(monday, Priority::P3, terms);
    history.at(600, contact());
    history.at(3 * HOUR + 8 * MINUTE, priority(Priority::P3, Priority::P1));
    history.at(4 * HOUR + 10 * MINUTE, priority(Priority::P1, Priority::P2));
    let now = monday.plus(5 * HOUR);
    let clock = of(&history.case().clocks(&hours.spans, now), SlaMetric::Resolution);
    let breach = clock.breach.unwrap();
    assert_eq!((breach.at, breach.due()), (monday.plus(4 * HOUR + 1), monday.plus(4 * HOUR)));
    let reading = clock.reading(&hours.spans, now);
    assert_eq!(
        (reading.state, reading.remaining_s),
        (ClockState::Breached, -HOUR),
        "late by an hour, of four"
    );
    assert_eq!((reading.due, reading.used_percent()), (Some(monday.plus(4 * HOUR)), 125));

    history.at(5 * HOUR + 23 * MINUTE, resolved("Cable reemplazado"));
    history.ask(6 * HOUR, says(Verdict::Works), &agent(), &hours).unwrap();
    let measured = told(&history.case(), &hours.spans, SlaMetric::Resolution);
    let used_s = 5 * HOUR + 23 * MINUTE;
    assert_eq!(
        (measured.result, measured.target_s, measured.business_s),
        (SlaResult::Breached, 4 * HOUR, used_s)
    );
    assert_eq!(measured.under, None, "its figures speak for themselves");
}

#[test]
fn target_used_up_at_closing_time_breaches_at_the_next_opening() {
    let (spans, monday) = eight_to_five();
    let hours = caracas(&spans);
    let closes = monday.plus(9 * HOUR);
    let mut history = History::opened(closes.plus(-HOUR), Priority::P3);
    history.at(1800, Event::Warned { clock: SlaMetric::FirstResponse, cycle: 1, level: 50 });
    for level in [75, 90] {
        history.at(3500, Event::Warned { clock: SlaMetric::FirstResponse, cycle: 1, level });
    }
    let last = Command::Warn { clock: SlaMetric::FirstResponse, cycle: 1, level: 100 };
    assert_eq!(history.case().next_run(&hours, closes.plus(-60)), Some(closes), "while somebody is there");
    assert_eq!(history.case().due_commands(&hours, closes.plus(-1)), []);
    assert_eq!(history.case().due_commands(&hours, closes), [last]);
    history.at(HOUR, Event::Warned { clock: SlaMetric::FirstResponse, cycle: 1, level: 100 });

    let opens = monday.plus(24 * HOUR);
    let case = history.case();
    assert_eq!(case.next_run(&hours, closes), Some(opens.plus(1)), "it breaks with the first second after");
    let clock = of(&case.clocks(&spans, opens.plus(HOUR)), SlaMetric::FirstResponse);
    let breach = clock.breach.unwrap();
    assert_eq!((breach.at, breach.due()), (opens.plus(1), closes), "counted then, due the day before");
    assert_eq!(clock.reading(&spans, opens.plus(HOUR)).due, Some(closes));
    let folded = of(&case.clocks(&spans, closes), SlaMetric::FirstResponse).folded(&spans, opens.plus(HOUR));
    assert_eq!(folded, clock);
}

#[test]
fn older_breaches_without_due_time_deserialise() {
    let breach: domain::case::Breach = serde_json::from_str(r#"{"at":1801,"target_s":1800}"#).unwrap();
    assert_eq!(breach.due(), Instant(1800));
    assert_eq!(serde_json::to_string(&breach).unwrap(), r#"{"at":1801,"target_s":1800}"#);
}

#[test]
fn breach_revealed_by_a_correction_warns_once() {
    let hours = day_and_night();
    let monday = Instant(1_795_435_200);
    let slow = plan(ReopenBudget::Fresh, [15, 30, 60, 60], [4, 8, 24, 40]);
    let quick = plan(ReopenBudget::Fresh, [10, 10, 10, 10], [4, 8, 24, 40]);
    let mut history = History::under(monday, Priority::P3, slow);
    history.at(20 * MINUTE, contact());
    let warns = |history: &History, after_s| {
        let due = history.case().due_commands(&hours, monday.plus(after_s));
        due.contains(&Command::Warn { clock: SlaMetric::FirstResponse, cycle: 1, level: 100 })
    };
    assert!(!warns(&history, HOUR), "kept, as far as anybody knows");
    history.ask(HOUR, correct(quick), &agent(), &hours).unwrap();
    assert!(warns(&history, HOUR));
    assert_eq!(history.case().next_run(&hours, monday.plus(HOUR)), Some(monday.plus(HOUR)));
    history.at(HOUR, Event::Warned { clock: SlaMetric::FirstResponse, cycle: 1, level: 100 });
    assert!(!warns(&history, HOUR));
}

#[test]
fn update_before_the_first_contact_meets_no_target() {
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P3);
    let text = Note::parse("Ya lo estamos mirando").unwrap();
    history.at(5 * MINUTE, Event::Message(MessageEvent::UpdateSent { text }));
    let clocks = history.case().clocks(&spans, monday.plus(10 * MINUTE));
    let kinds: Vec<_> = clocks.iter().map(|clock| (clock.kind, clock.run.is_over())).collect();
    assert_eq!(kinds, [(SlaMetric::FirstResponse, false), (SlaMetric::Resolution, false)]);
}

/// Three cycles under a plan that gives a new cycle the rest: 12,259 s and 12,628 s were used.
fn third_cycle() -> (History, ServiceHours, Instant, i64) {
    let hours = day_and_night();
    let monday = Instant(1_795_435_200);
    let terms = plan(ReopenBudget::Remaining, [15, 30, 60, 60], [8, 16, 24, 40]);
    let mut history = History::under(monday, Priority::P3, terms);
    history.at(600, contact());
    history.ask(12_259, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    history.ask(20_000, says(Verdict::StillFails), &agent(), &hours).unwrap();
    history.ask(20_000 + 12_628, resolve("Puerto cambiado"), &agent(), &hours).unwrap();
    history.ask(40_000, says(Verdict::StillFails), &agent(), &hours).unwrap();
    (history, hours, monday, 40_000)
}

#[test]
fn used_time_of_every_cycle_survives_changes_of_target() {
    let (mut history, hours, monday, at) = third_cycle();
    let target = |history: &History, after_s| {
        of(&history.case().clocks(&hours.spans, monday.plus(after_s)), SlaMetric::Resolution).target_s
    };
    assert_eq!(target(&history, at), 61_513, "86,400 - 12,259 - 12,628");
    let Event::Reopened { target_s, .. } = history.entries().last().unwrap().event else {
        panic!("reopened")
    };
    assert_eq!(target_s, 61_513, "as it was told");

    history.at(at + 100, priority(Priority::P3, Priority::P2));
    assert_eq!(target(&history, at + 100), 16 * HOUR - 12_259 - 12_628);

    let right = plan(ReopenBudget::Remaining, [15, 30, 60, 60], [12, 20, 30, 60]);
    history.ask(at + 200, correct(right), &agent(), &hours).unwrap();
    assert_eq!(target(&history, at + 200), 20 * HOUR - 12_259 - 12_628, "the right plan's");

    history.at(at + 300, priority(Priority::P2, Priority::P1));
    assert_eq!(target(&history, at + 300), 12 * HOUR - 12_259 - 12_628);
}

#[test]
fn correction_recounts_earlier_cycles_in_the_right_hours() {
    let (mut history, hours, monday, at) = third_cycle();
    let right = plan(ReopenBudget::Remaining, [15, 30, 60, 60], [8, 16, 24, 40]);
    history.ask(at + 100, correct(right), &agent(), &hours).unwrap();
    // From eight to five: all 12,259 s of the first cycle, and the second until five o'clock, 32,400 s after the opening.
    let (spans, _) = eight_to_five();
    let clock = of(&history.case().clocks(&spans, monday.plus(at + 100)), SlaMetric::Resolution);
    assert_eq!(clock.target_s, 24 * HOUR - 12_259 - (32_400 - 20_000));
}

#[derive(Debug, Clone, Copy)]
enum Turn {
    Contact,
    Resolve,
    Back,
    To(Priority),
    Correct,
}

fn turns() -> impl Strategy<Value = Turn> {
    prop_oneof![
        Just(Turn::Contact),
        Just(Turn::Resolve),
        Just(Turn::Back),
        prop::sample::select(&Priority::ALL[..]).prop_map(Turn::To),
        Just(Turn::Correct),
    ]
}

proptest! {
    /// For any history under such a plan: the target of each cycle is that of its priority minus the time used by earlier
    /// cycles. It is at least 1 s. The closing report agrees with settled targets.
    #[test]
    fn remaining_budget_excludes_time_of_earlier_cycles(steps in prop::collection::vec((1..20_000_i64, turns()), 0..25)) {
        let (spans, monday) = eight_to_five();
        let hours = caracas(&spans);
        let terms = plan(ReopenBudget::Remaining, [15, 30, 60, 60], [8, 16, 24, 40]);
        let mut history = History::under(monday, Priority::P3, terms);
        let mut after_s = 0;
        for (wait_s, turn) in steps {
            after_s += wait_s;
            let command = match turn {
                Turn::Contact => Command::LogContact { channel: Channel::Phone, note: None },
                Turn::Resolve => resolve("Cable reemplazado"),
                Turn::Back => says(Verdict::StillFails),
                Turn::To(to) => Command::ChangePriority { to, reason: reason() },
                Turn::Correct => correct(plan(ReopenBudget::Remaining, [15, 15, 15, 15], [4, 8, 12, 20])),
            };
            let _ = history.ask(after_s, command, &agent(), &hours);
            let (case, now) = (history.case(), monday.plus(after_s));
            let clock = of(&case.clocks(&spans, now), SlaMetric::Resolution);
            let used_s: i64 = case.past_clocks(&spans, now).iter().map(|past| past.used_s).sum();
            if clock.cycle > 1 && case.resolved_at().is_none() {
                let whole_s = case.opening.terms.targets(case.priority()).resolution_s;
                prop_assert_eq!(clock.target_s, (whole_s - used_s).max(1));
            }
            let mut ended = case.clone();
            let terminated = Termination::Cancelled { asked_by: AskedBy::Customer, reason: None };
            let mut entry = history.entries()[0].clone();
            (entry.version, entry.at, entry.event) = (case.version + 1, now, Event::Terminated(terminated));
            ended.evolve(&entry).unwrap();
            let settled = ended.settled(&spans, now);
            for measured in ended.closing_report(&spans).unwrap().measured {
                let of = |s: &&domain::case::SlaRecord| (s.kind, s.cycle) == (measured.kind, measured.cycle);
                let told = settled.iter().find(of).map(|settled| settled.target_s);
                prop_assert!(told.is_none_or(|target_s| target_s == measured.target_s));
                let late = measured.business_s > measured.target_s;
                prop_assert!(measured.result != SlaResult::Breached || late || measured.under.is_some());
            }
        }
    }
}

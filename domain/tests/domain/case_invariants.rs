//! Invariants of every history, tested over random histories.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{ClosedAt, History, agent, caracas, contact, eight_to_five};
use domain::actor::{Actor, PersonId};
use domain::calendar::ServiceHours;
use domain::calendar::week::CalendarId;
use domain::case::invariants::{Broken, Target, clocks, one_sided, violations};
use domain::case::visit::{Meeting, Side, Technician, VisitCommand, VisitEvent, VisitId, Windows};
use domain::case::{
    AskedBy, Case, ClockState, Command, ContractRef, Correction, Event, Link, LinkEvent, LinkKind, Recorded,
    ResolvedContract, RevisionCommand, RevisionEvent, ServiceHoursRef, SlaCompliance, SlaRecord, SlaResult,
    Status, Termination, TimerState, decide, erased, mirrored, transitions,
};
use domain::case_number::CaseNumber;
use domain::contract_number::{ContractNumber, default_formats};
use domain::country::Country;
use domain::entitlement::{Entitlement, ValidationReason};
use domain::priority::{Matrix, Priority};
use domain::reports::{Days, SlaReportFilter, SlaRow, SlaTotals};
use domain::sla_plan::{ClosingRules, ReopenBudget, SlaMetric, SlaPlan, SlaTargets, SurveyRules};
use domain::text::Reason;
use domain::time::{Instant, Span};
use domain_testing::{Cast, Context, Request, Step, some_step};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const HOUR: i64 = 3600;

/// Two calendars: one for openings, one for corrections.
pub(crate) struct Calendars(BTreeMap<CalendarId, ServiceHours>);

impl Calendars {
    pub(crate) fn new() -> Self {
        let usual = caracas(&eight_to_five().0);
        let corrected = caracas(&ClosedAt::lunch_holiday());
        Self(BTreeMap::from([(CalendarId(1), usual), (CalendarId(2), corrected)]))
    }

    pub(crate) fn of(&self, kept: &ServiceHoursRef) -> Option<&ServiceHours> {
        self.0.get(&kept.calendar)
    }
}

/// Another plan with other hours, shorter targets, and the rest of the time for a reopened case.
fn resolved() -> ResolvedContract {
    let targets =
        |hours: i64| SlaTargets { first_response_s: 20 * 60, update_s: 90 * 60, resolution_s: hours * HOUR };
    let closing = ClosingRules { reopen_budget: ReopenBudget::Remaining, ..ClosingRules::default() };
    let survey = SurveyRules { due_days: 0, ..SurveyRules::default() };
    let terms = SlaPlan::new(2, [2, 4, 6, 8].map(targets), vec![50, 100], Matrix::default());
    ResolvedContract {
        coverage: Entitlement::NeedsValidation(ValidationReason::UnknownContract),
        terms: terms.and_then(|terms| terms.with_closing(closing)?.with_survey(survey)).unwrap(),
        hours: ServiceHoursRef { calendar: CalendarId(2), version: 1, zone: "America/Caracas".into() },
        customer: String::new(),
        equipment: String::new(),
    }
}

/// The cases of one desk.
pub(crate) struct Cases<'s> {
    calendars: &'s Calendars,
    pub(crate) cases: Vec<History>,
}

impl<'s> Cases<'s> {
    /// Two cases of one customer after all `steps`. Refused commands leave no trace.
    pub(crate) fn after(calendars: &'s Calendars, steps: &[Step]) -> Self {
        let mut at = ClosedAt::MONDAY;
        let opened = |sequence| History::numbered(at, Priority::P2, sequence, None);
        let mut desk = Self { calendars, cases: vec![opened(4213), opened(4214)] };
        let (people, resolved) = (Cast::made_up(), resolved());
        for step in steps {
            at = at.plus(step.after_s);
            let place = step.case_index(desk.cases.len());
            let case = desk.cases[place].case();
            let cases: Vec<_> = desk.cases.iter().map(|history| number_and_status(&history.case())).collect();
            let context = Context { people: &people, resolved: Some(&resolved), cases: &cases };
            let hours = calendars.of(&case.opening.hours).unwrap();
            for (actor, request) in step.requests(&case, context, hours, at) {
                let command = match request {
                    Request::Follow => {
                        desk.follow(place, at);
                        continue;
                    }
                    Request::Attach(file) => {
                        let filed = file.filed(desk.cases[place].entries().len());
                        Command::Visit(VisitCommand::Attach(filed))
                    }
                    Request::Do(command) => *command,
                };
                desk.ask(place, command, &actor, at);
            }
        }
        desk
    }

    fn ask(&mut self, place: usize, command: Command, actor: &Actor, at: Instant) {
        let case = self.cases[place].case();
        let hours = self.calendars.of(&case.opening.hours).unwrap();
        for event in decide(&case, command, actor, hours, at).unwrap_or_default() {
            self.mirror(mirrored(&event, case.opening.number), at);
            self.cases[place].by(at, actor, event);
        }
    }

    /// Opens a case that follows another, as the desk does.
    fn follow(&mut self, place: usize, at: Instant) {
        let case = self.cases[place].case();
        let hours = self.calendars.of(&case.opening.hours).unwrap();
        let end = case.closing_report(&hours.spans).map(|report| report.end);
        // Four cases are enough.
        if self.cases.len() > 3 || !end.is_some_and(|end| end.can_be_followed(at)) {
            return;
        }
        let sequence = 4213 + u32::try_from(self.cases.len()).unwrap();
        let next = History::numbered(at, Priority::P3, sequence, Some(case.opening.number));
        self.mirror(mirrored(&next.entries()[0].event, next.case().opening.number), at);
        self.cases.push(next);
    }

    fn mirror(&mut self, mirrored: Option<(CaseNumber, Event)>, at: Instant) {
        let Some((other, event)) = mirrored else { return };
        let other = self.cases.iter_mut().find(|history| history.case().opening.number == other);
        other.unwrap().at_instant(at, event);
    }

    /// Links of every case.
    fn links(&self) -> BTreeMap<CaseNumber, Vec<Link>> {
        let links = |history: &History| (history.case().opening.number, history.case().links());
        self.cases.iter().map(links).collect()
    }
}

fn number_and_status(case: &Case) -> (CaseNumber, Status) {
    (case.opening.number, case.status())
}

proptest! {
    /// Clocks add up, and breaches are permanent. The closing report agrees with the clocks. Links stand in both histories.
    /// A history that is written and read again gives the same case.
    #[test]
    fn invariants_hold_for_any_history(steps in prop::collection::vec(some_step(), 1..70), look in 0..900_000_i64) {
        let calendars = Calendars::new();
        let desk = Cases::after(&calendars, &steps);
        let mut found: Vec<String> = one_sided(&desk.links()).iter().map(ToString::to_string).collect();
        for history in &desk.cases {
            let last = history.entries().last().unwrap().at;
            let broken = violations(history.entries(), last.plus(look), |kept| calendars.of(kept));
            found.extend(broken.iter().map(ToString::to_string));
            let written: Vec<String> =
                history.entries().iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
            let read: Vec<Recorded> = written.iter().map(|entry| serde_json::from_str(entry).unwrap()).collect();
            prop_assert_eq!(Case::from_history(&read).unwrap(), history.case());
            let bare = erased(read);
            prop_assert_eq!(&erased(bare.clone()), &bare);
            let (case, without) = (history.case(), Case::from_history(&bare).unwrap());
            let hours = calendars.of(&case.opening.hours).unwrap();
            prop_assert_eq!(without.settled(&hours.spans, last), case.settled(&hours.spans, last));
            prop_assert_eq!(clocks(&without, hours, last), clocks(&case, hours, last));
            prop_assert_eq!(transitions(&bare).unwrap(), transitions(history.entries()).unwrap());
            prop_assert_eq!((without.status(), without.links()), (case.status(), case.links()));
            let broken = violations(&bare, last.plus(look), |kept| calendars.of(kept));
            found.extend(broken.iter().map(ToString::to_string));
        }
        prop_assert_eq!(found, Vec::<String>::new());
    }
}

proptest! {
    /// Reports agree with each case. A target is met or breached once, as its clock and the closing report say. A settled
    /// target does not change. Due targets are those met plus those breached.
    #[test]
    fn report_totals_equal_the_sum_of_the_cases(steps in prop::collection::vec(some_step(), 1..70), look in 0..900_000_i64) {
        let calendars = Calendars::new();
        let desk = Cases::after(&calendars, &steps);
        let (mut book, mut all) = (SlaTotals::default(), 0);
        for history in &desk.cases {
            let (case, last) = (history.case(), history.entries().last().unwrap().at);
            let hours = calendars.of(&case.opening.hours).unwrap();
            let settled = case.settled(&hours.spans, last);
            let later = case.settled(&hours.spans, last.plus(look));
            let key = |settled: &SlaRecord| (settled.kind, settled.cycle);
            let stays = |settled: &SlaRecord| (key(settled), settled.outcome, settled.at, settled.priority);
            let keys: BTreeSet<_> = later.iter().map(key).collect();
            prop_assert_eq!(keys.len(), later.len());
            for settled in &settled {
                prop_assert!(later.iter().any(|other| stays(other) == stays(settled)), "{settled:?}");
            }
            let outcome = |of: (SlaMetric, u32)| settled.iter().find(|settled| key(settled) == of).map(|settled| settled.outcome);
            for clock in clocks(&case, hours, last) {
                let said = match (clock.reading(&hours.spans, last).state, clock.run) {
                    (ClockState::Breached, _) => Some(SlaCompliance::Breached),
                    (_, TimerState::Stopped) => Some(SlaCompliance::Met),
                    (_, TimerState::Running | TimerState::Paused { .. } | TimerState::Void) => None,
                };
                prop_assert_eq!(outcome((clock.kind, clock.cycle)), said);
            }
            for measured in case.closing_report(&hours.spans).into_iter().flat_map(|report| report.measured) {
                let said = match measured.result {
                    SlaResult::Met => Some(SlaCompliance::Met),
                    SlaResult::Breached => Some(SlaCompliance::Breached),
                    SlaResult::Cancelled => None,
                };
                prop_assert_eq!(outcome((measured.kind, measured.cycle)), said);
            }
            for settled in &settled {
                let SlaRecord { kind, priority, outcome, used_s, .. } = *settled;
                book.count(&SlaRow { kind, priority, country: Country::Ve, outcome, used_s, count: 1 });
                all += 1;
            }
        }
        let day = "2026-11-23".parse().unwrap();
        let days = Days::new(day, day).unwrap();
        let filter = SlaReportFilter { days, country: None, priority: None, contract: None };
        let mut due = 0;
        for kind in book.figures(&filter) {
            let of_priority: i64 = kind.by_priority.iter().map(|(_, line)| line.met + line.breached).sum();
            let of_country: i64 = kind.by_country.iter().map(|(_, line)| line.met + line.breached).sum();
            prop_assert_eq!((of_priority, of_country), (kind.total.due(), kind.total.due()));
            due += kind.total.due();
        }
        prop_assert_eq!(due, all);
    }
}

/// The name keys of all events that random commands reach.
const EVENT_KEYS: [&str; 51] = [
    "event.opened",
    "event.contact_attempted",
    "event.contacted",
    "event.noted",
    "event.paused",
    "event.resumed",
    "event.priority_changed",
    "event.resolved",
    "event.verified",
    "event.verification_reminded",
    "event.verification_unanswered",
    "event.closed",
    "event.reopened",
    "event.warned",
    "event.claimed",
    "event.released",
    "event.assigned",
    "event.transferred",
    "event.news_given",
    "event.news_promised",
    "event.customer_wrote",
    "event.weighed",
    "event.corrected",
    "event.contact_taken_back",
    "survey.event.fell_due",
    "survey.event.attempted",
    "survey.event.call_back",
    "survey.event.refused",
    "survey.event.answered",
    "survey.event.lapsed",
    "survey.event.follow_up_opened",
    "survey.event.followed_up",
    "visit.event.offered",
    "visit.event.proposed",
    "visit.event.declined",
    "visit.event.agreed",
    "visit.event.moved",
    "visit.event.called_off",
    "visit.event.missed",
    "visit.event.arrived",
    "visit.event.started",
    "visit.event.ended",
    "visit.event.reassigned",
    "visit.event.attached",
    "visit.event.detached",
    "event.cancelled",
    "event.duplicate",
    "event.has_duplicate",
    "event.related",
    "event.unrelated",
    "event.followed_by",
];

/// Random histories reach every kind of event, and many of them end. Otherwise the properties above would prove nothing.
#[test]
fn random_commands_reach_every_event() {
    let calendars = Calendars::new();
    let mut runner = TestRunner::deterministic();
    let steps = prop::collection::vec(some_step(), 40..80);
    let (mut seen, mut closed, mut broken) = (BTreeSet::new(), 0, 0);
    for _ in 0..300 {
        let desk = Cases::after(&calendars, &steps.new_tree(&mut runner).unwrap().current());
        for history in &desk.cases {
            seen.extend(history.entries().iter().map(|entry| entry.event.name_key()));
            let (case, last) = (history.case(), history.entries().last().unwrap().at);
            closed += usize::from(case.closed().is_some());
            let hours = calendars.of(&case.opening.hours).unwrap();
            broken += usize::from(case.clocks(&hours.spans, last).iter().any(|clock| clock.breach.is_some()));
        }
    }
    let missing: Vec<_> = EVENT_KEYS.iter().filter(|name| !seen.contains(*name)).collect();
    assert_eq!(missing, Vec::<&&str>::new(), "of {seen:?}");
    assert!(closed > 60 && broken > 60, "{closed} closed, {broken} broken");
}

#[test]
fn one_sided_link_is_found() {
    let monday = ClosedAt::MONDAY;
    let mut first = History::numbered(monday, Priority::P2, 4213, None);
    let mut second = History::numbered(monday, Priority::P2, 4214, None);
    let [one, two] = [&first, &second].map(|history| history.case().opening.number);
    let links = |histories: [&History; 2]| -> BTreeMap<CaseNumber, Vec<Link>> {
        histories.map(|history| (history.case().opening.number, history.case().links())).into()
    };
    for (event, kind) in [
        (Event::Link(LinkEvent::Related { other: two }), LinkKind::Related),
        (Event::Terminated(Termination::Duplicate { of: two }), LinkKind::DuplicateOf),
    ] {
        first.at(HOUR, event.clone());
        let found = one_sided(&links([&first, &second]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].case, &found[0].what), (one, &Broken::OneSided { kind, other: two }));
        second.at(HOUR, mirrored(&event, one).unwrap().1);
        assert_eq!(one_sided(&links([&first, &second])), []);
    }
    // The linked case does not exist.
    let alone = links([&first, &first]);
    assert_eq!(one_sided(&alone).len(), 2, "{alone:?}");
}

#[test]
fn ended_case_with_an_open_visit_violates_the_invariants() {
    let calendars = Calendars::new();
    let monday = ClosedAt::MONDAY;
    let mut history = History::opened(monday, Priority::P2);
    let window = Span::new(monday.plus(2 * HOUR), monday.plus(4 * HOUR));
    let windows = Windows::new(vec![window]).unwrap();
    let technician = Technician { id: PersonId(8), name: "Rosa".into() };
    history.at(
        HOUR,
        Event::Visit { visit: VisitId(1), what: VisitEvent::Offered { windows, technician, note: None } },
    );
    // No decision ends a case with an open visit: the desk calls it off first.
    history.at(HOUR, Event::Terminated(Termination::Cancelled { asked_by: AskedBy::Desk, reason: None }));
    let found = violations(history.entries(), monday.plus(HOUR), |kept| calendars.of(kept));
    assert!(found.iter().any(|violation| violation.what == Broken::Lingers("a visit")), "{found:?}");
}

#[test]
fn violation_names_case_clock_and_figures() {
    let calendars = Calendars::new();
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    history.at(HOUR, contact());
    // A correction without an earlier breach: no decision makes one, but a damaged database could have it.
    let breach = history.case().clocks(&spans, monday.plus(HOUR))[0].breach.unwrap();
    let to = history.case().cover();
    let (resolved, reason) = (resolved(), Reason::parse("Contrato equivocado").unwrap());
    let correction = Correction {
        from: to.clone(),
        to,
        resolved: ResolvedContract { terms: SlaPlan::default(), ..resolved },
        priority: Priority::P4,
        broken: Vec::new(),
        reason,
    };
    history.at(2 * HOUR, Event::Revision(RevisionEvent::Corrected(Box::new(correction))));
    let mut entries = history.entries().to_vec();
    assert_eq!(
        violations(&entries, monday, |kept| calendars.of(kept)),
        [],
        "the hours alone change: still broken"
    );
    if let Event::Revision(RevisionEvent::Corrected(correction)) = &mut entries[2].event {
        correction.resolved.terms = generous();
    }
    let found = violations(&entries, monday, |kept| calendars.of(kept));
    let erased = Broken::Erased { target: Target(SlaMetric::FirstResponse, 1), was: breach, now: None };
    assert_eq!(found[0].what, erased);
    let number = history.case().opening.number;
    let words = format!(
        "{number}, entry 3: attention (cycle 1): broken at {} with 900 s promised, and now None",
        breach.at.0
    );
    assert_eq!(found[0].to_string(), words);
    entries[1].version = 7;
    let found = violations(&entries, monday, |kept| calendars.of(kept));
    assert!(matches!(found[0].what, Broken::History(_)), "{found:?}");
}

/// Found by random histories: a correction measured ended visits by the plan's target.
#[test]
fn correction_preserves_the_agreed_window_of_a_visit() {
    let calendars = Calendars::new();
    let monday = ClosedAt::MONDAY;
    let mut history = History::opened(monday, Priority::P2);
    let technician = Technician { id: PersonId(10), name: "Rosa Marín".into() };
    let visit = |id, what| Event::Visit { visit: VisitId(id), what };
    for (id, day) in [(1, 1), (2, 2)] {
        let window = Span::new(monday.plus(day * 24 * HOUR), monday.plus(day * 24 * HOUR + 3 * HOUR));
        let windows = Windows::new(vec![window]).unwrap();
        let meeting = Meeting { window, technician: technician.clone() };
        let before = day * 24 * HOUR - 2 * HOUR;
        history.at(
            before,
            visit(id, VisitEvent::Offered { windows, technician: technician.clone(), note: None }),
        );
        history.at(before, visit(id, VisitEvent::Agreed { meeting, word: None }));
        history.at(day * 24 * HOUR + 2 * HOUR, visit(id, VisitEvent::Arrived));
        history.at(
            day * 24 * HOUR + 2 * HOUR,
            visit(id, VisitEvent::Missed { by: Side::Customer, note: None, reason: None }),
        );
    }
    let contract = ContractNumber::parse("CT-0099-0001", default_formats()).unwrap();
    let correct = RevisionCommand::Correct {
        to: ContractRef { contract: Some(contract), ..history.case().cover() },
        reason: Reason::parse("Contrato equivocado").unwrap(),
        resolved: Some(Box::new(resolved())),
    };
    let hours = caracas(&eight_to_five().0);
    history.ask(72 * HOUR, Command::Revision(correct), &agent(), &hours).unwrap();
    let (case, now) = (history.case(), monday.plus(80 * HOUR));
    let clocks = clocks(&case, calendars.of(&case.opening.hours).unwrap(), now);
    let visits: Vec<_> = clocks.iter().filter(|clock| clock.kind == SlaMetric::OnSite).collect();
    assert_eq!(visits.len(), 2);
    assert!(visits.iter().all(|visit| visit.target_s == 3 * HOUR && visit.breach.is_none()), "{visits:?}");
    assert_eq!(violations(history.entries(), now, |kept| calendars.of(kept)), []);
}

/// A plan under which an hour without contact is in time.
fn generous() -> SlaPlan {
    let targets = SlaTargets { first_response_s: HOUR, update_s: 8 * HOUR, resolution_s: 90 * HOUR };
    SlaPlan::new(3, [targets; 4], vec![50], Matrix::default()).unwrap()
}

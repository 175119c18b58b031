//! What no history may ever show, over random ones in which anything is asked in any order.

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
    Status, Termination, TimerState, decide, mirrored,
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
use domain_testing::{Around, Ask, Cast, Wish, some_wish};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const HOUR: i64 = 3600;

/// Two calendars: the one that cases are opened under, and the one that a correction finds.
struct Shelf(BTreeMap<CalendarId, ServiceHours>);

impl Shelf {
    fn new() -> Self {
        let usual = caracas(&eight_to_five().0);
        let corrected = caracas(&ClosedAt::lunch_holiday());
        Self(BTreeMap::from([(CalendarId(1), usual), (CalendarId(2), corrected)]))
    }

    fn of(&self, kept: &ServiceHoursRef) -> Option<&ServiceHours> {
        self.0.get(&kept.calendar)
    }
}

/// Another plan, with other hours, shorter promises and what is left over for a case that comes back.
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

/// Cases that know of each other, as one desk has them.
struct House<'s> {
    shelf: &'s Shelf,
    cases: Vec<History>,
}

impl<'s> House<'s> {
    /// Two cases of one customer, in which all of `wishes` were asked; refused ones leave no trace.
    fn told(shelf: &'s Shelf, wishes: &[Wish]) -> Self {
        let mut at = ClosedAt::MONDAY;
        let opened = |sequence| History::numbered(at, Priority::P2, sequence, None);
        let mut house = Self { shelf, cases: vec![opened(4213), opened(4214)] };
        let (people, resolved) = (Cast::made_up(), resolved());
        for wish in wishes {
            at = at.plus(wish.after_s);
            let place = wish.about(house.cases.len());
            let case = house.cases[place].case();
            let cases: Vec<_> = house.cases.iter().map(|history| house_row(&history.case())).collect();
            let around = Around { people: &people, resolved: Some(&resolved), cases: &cases };
            let hours = shelf.of(&case.opening.hours).unwrap();
            for (actor, ask) in wish.asked(&case, around, hours, at) {
                let command = match ask {
                    Ask::Follow => {
                        house.follow(place, at);
                        continue;
                    }
                    Ask::Attach(file) => {
                        let filed = file.filed(house.cases[place].entries().len());
                        Command::Visit(VisitCommand::Attach(filed))
                    }
                    Ask::Do(command) => *command,
                };
                house.ask(place, command, &actor, at);
            }
        }
        house
    }

    fn ask(&mut self, place: usize, command: Command, actor: &Actor, at: Instant) {
        let case = self.cases[place].case();
        let hours = self.shelf.of(&case.opening.hours).unwrap();
        for event in decide(&case, command, actor, hours, at).unwrap_or_default() {
            self.tell(mirrored(&event, case.opening.number), at);
            self.cases[place].by(at, actor, event);
        }
    }

    /// A new case that takes one up, as the desk opens it.
    fn follow(&mut self, place: usize, at: Instant) {
        let case = self.cases[place].case();
        let hours = self.shelf.of(&case.opening.hours).unwrap();
        let end = case.closing_report(&hours.spans).map(|report| report.end);
        // More would only be more of the same.
        if self.cases.len() > 3 || !end.is_some_and(|end| end.can_be_followed(at)) {
            return;
        }
        let sequence = 4213 + u32::try_from(self.cases.len()).unwrap();
        let next = History::numbered(at, Priority::P3, sequence, Some(case.opening.number));
        self.tell(mirrored(&next.entries()[0].event, next.case().opening.number), at);
        self.cases.push(next);
    }

    fn tell(&mut self, told: Option<(CaseNumber, Event)>, at: Instant) {
        let Some((other, event)) = told else { return };
        let other = self.cases.iter_mut().find(|history| history.case().opening.number == other);
        other.unwrap().at_instant(at, event);
    }

    /// Every case with its links.
    fn links(&self) -> BTreeMap<CaseNumber, Vec<Link>> {
        let links = |history: &History| (history.case().opening.number, history.case().links());
        self.cases.iter().map(links).collect()
    }
}

fn house_row(case: &Case) -> (CaseNumber, Status) {
    (case.opening.number, case.status())
}

proptest! {
    /// Whatever is asked: clocks add up, breaches stay, the account at the end is the clocks', links stand in both
    /// histories, and a history that was written down and read again makes the same case.
    #[test]
    fn invariants_hold_for_any_history(wishes in prop::collection::vec(some_wish(), 1..70), look in 0..900_000_i64) {
        let shelf = Shelf::new();
        let house = House::told(&shelf, &wishes);
        let mut found: Vec<String> = one_sided(&house.links()).iter().map(ToString::to_string).collect();
        for history in &house.cases {
            let last = history.entries().last().unwrap().at;
            let broken = violations(history.entries(), last.plus(look), |kept| shelf.of(kept));
            found.extend(broken.iter().map(ToString::to_string));
            let written: Vec<String> =
                history.entries().iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
            let read: Vec<Recorded> = written.iter().map(|entry| serde_json::from_str(entry).unwrap()).collect();
            prop_assert_eq!(Case::from_history(&read).unwrap(), history.case());
        }
        prop_assert_eq!(found, Vec::<String>::new());
    }
}

proptest! {
    /// Reports count what each case says: a promise is kept or missed once, as its clocks and the account at its end have it,
    /// what was settled stays, and what was due is what was kept and what was missed.
    #[test]
    fn report_totals_equal_the_sum_of_the_cases(wishes in prop::collection::vec(some_wish(), 1..70), look in 0..900_000_i64) {
        let shelf = Shelf::new();
        let house = House::told(&shelf, &wishes);
        let (mut book, mut all) = (SlaTotals::default(), 0);
        for history in &house.cases {
            let (case, last) = (history.case(), history.entries().last().unwrap().at);
            let hours = shelf.of(&case.opening.hours).unwrap();
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

/// A generator that never gets anywhere proves nothing: every kind of event comes up, and many histories end.
#[test]
fn random_commands_reach_every_event() {
    let shelf = Shelf::new();
    let mut runner = TestRunner::deterministic();
    let wishes = prop::collection::vec(some_wish(), 40..80);
    let (mut seen, mut closed, mut broken) = (BTreeSet::new(), 0, 0);
    for _ in 0..300 {
        let house = House::told(&shelf, &wishes.new_tree(&mut runner).unwrap().current());
        for history in &house.cases {
            seen.extend(history.entries().iter().map(|entry| entry.event.name_key()));
            let (case, last) = (history.case(), history.entries().last().unwrap().at);
            closed += usize::from(case.closed().is_some());
            let hours = shelf.of(&case.opening.hours).unwrap();
            broken += usize::from(case.clocks(&hours.spans, last).iter().any(|clock| clock.breach.is_some()));
        }
    }
    let all = [
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
    let missing: Vec<_> = all.iter().filter(|name| !seen.contains(*name)).collect();
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
    // Nobody has such a case.
    let alone = links([&first, &first]);
    assert_eq!(one_sided(&alone).len(), 2, "{alone:?}");
}

#[test]
fn ended_case_with_an_open_visit_violates_the_invariants() {
    let shelf = Shelf::new();
    let monday = ClosedAt::MONDAY;
    let mut history = History::opened(monday, Priority::P2);
    let window = Span::new(monday.plus(2 * HOUR), monday.plus(4 * HOUR));
    let windows = Windows::new(vec![window]).unwrap();
    let technician = Technician { id: PersonId(8), name: "Rosa".into() };
    history.at(
        HOUR,
        Event::Visit { visit: VisitId(1), what: VisitEvent::Offered { windows, technician, note: None } },
    );
    // The desk calls the visit off first: an end that leaves it is one that no decision makes.
    history.at(HOUR, Event::Terminated(Termination::Cancelled { asked_by: AskedBy::Desk, reason: None }));
    let found = violations(history.entries(), monday.plus(HOUR), |kept| shelf.of(kept));
    assert!(found.iter().any(|violation| violation.what == Broken::Lingers("a visit")), "{found:?}");
}

#[test]
fn violation_names_case_clock_and_figures() {
    let shelf = Shelf::new();
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    history.at(HOUR, contact());
    // A correction that forgets a breach: no decision makes one, a damaged database could hold one.
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
        violations(&entries, monday, |kept| shelf.of(kept)),
        [],
        "the hours alone change: still broken"
    );
    if let Event::Revision(RevisionEvent::Corrected(correction)) = &mut entries[2].event {
        correction.resolved.terms = generous();
    }
    let found = violations(&entries, monday, |kept| shelf.of(kept));
    let erased = Broken::Erased { target: Target(SlaMetric::FirstResponse, 1), was: breach, now: None };
    assert_eq!(found[0].what, erased);
    let number = history.case().opening.number;
    let words = format!(
        "{number}, entry 3: attention (cycle 1): broken at {} with 900 s promised, and now None",
        breach.at.0
    );
    assert_eq!(found[0].to_string(), words);
    entries[1].version = 7;
    let found = violations(&entries, monday, |kept| shelf.of(kept));
    assert!(matches!(found[0].what, Broken::History(_)), "{found:?}");
}

/// Found by the histories above: a correction measured visits that were over against the plan's own time.
#[test]
fn correction_preserves_the_agreed_window_of_a_visit() {
    let shelf = Shelf::new();
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
    let clocks = clocks(&case, shelf.of(&case.opening.hours).unwrap(), now);
    let visits: Vec<_> = clocks.iter().filter(|clock| clock.kind == SlaMetric::OnSite).collect();
    assert_eq!(visits.len(), 2);
    assert!(visits.iter().all(|visit| visit.target_s == 3 * HOUR && visit.breach.is_none()), "{visits:?}");
    assert_eq!(violations(history.entries(), now, |kept| shelf.of(kept)), []);
}

/// Terms under which an hour without contact is nothing.
fn generous() -> SlaPlan {
    let targets = SlaTargets { first_response_s: HOUR, update_s: 8 * HOUR, resolution_s: 90 * HOUR };
    SlaPlan::new(3, [targets; 4], vec![50], Matrix::default()).unwrap()
}

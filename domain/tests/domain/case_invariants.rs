//! What no history may ever show, over random ones in which anything is asked in any order.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::wishes::{Cast, Wish, some_wish};
use crate::case::{ClosedAt, History, agent, caracas, contact, eight_to_five};
use domain::actor::PersonId;
use domain::calendar::week::CalendarId;
use domain::case::invariants::{Broken, Promise, clocks, violations};
use domain::case::visit::{Meeting, Side, Technician, VisitEvent, VisitId, Windows};
use domain::case::{
    Case, Command, Correction, Cover, Event, HoursKept, Recorded, RevisionCommand, RevisionEvent, Standing,
    decide,
};
use domain::contract_number::{ContractNumber, default_formats};
use domain::entitlement::{Coverage, Doubt, Hours};
use domain::survey::SurveyRules;
use domain::terms::{ClockKind, ClosingRules, ReopenBudget, Targets, Terms};
use domain::text::Reason;
use domain::time::Span;
use domain::weight::{Matrix, Priority};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const HOUR: i64 = 3600;

/// Two calendars: the one that cases are opened under, and the one that a correction finds.
struct Shelf(BTreeMap<CalendarId, Hours>);

impl Shelf {
    fn new() -> Self {
        let usual = caracas(&eight_to_five().0);
        let corrected = caracas(&ClosedAt::lunch_holiday());
        Self(BTreeMap::from([(CalendarId(1), usual), (CalendarId(2), corrected)]))
    }

    fn of(&self, kept: &HoursKept) -> Option<&Hours> {
        self.0.get(&kept.calendar)
    }
}

/// Another plan, with other hours, shorter promises and what is left over for a case that comes back.
fn standing() -> Standing {
    let targets = |hours: i64| Targets {
        attention_s: 20 * 60,
        update_s: 90 * 60,
        on_site_s: 45 * 60,
        resolution_s: hours * HOUR,
    };
    let closing = ClosingRules { reopen_budget: ReopenBudget::Remaining, ..ClosingRules::default() };
    let survey = SurveyRules { due_days: 0, ..SurveyRules::default() };
    let terms = Terms::new(2, [2, 4, 6, 8].map(targets), vec![50, 100], Matrix::default());
    Standing {
        coverage: Coverage::ToValidate(Doubt::UnknownContract),
        terms: terms.and_then(|terms| terms.with_closing(closing)?.with_survey(survey)).unwrap(),
        hours: HoursKept { calendar: CalendarId(2), version: 1, zone: "America/Caracas".into() },
        customer: String::new(),
        equipment: String::new(),
    }
}

/// A history in which all of `wishes` were asked; refused ones leave no trace.
fn told(shelf: &Shelf, wishes: &[Wish]) -> History {
    let monday = ClosedAt::MONDAY;
    let (mut history, mut at) = (History::opened(monday, Priority::P2), monday);
    let (people, standing) = (Cast::made_up(), standing());
    for wish in wishes {
        at = at.plus(wish.after_s);
        let case = history.case();
        let hours = shelf.of(&case.opening.hours).unwrap();
        for (actor, command) in wish.commands(&case, &people, Some(&standing), hours, at) {
            let case = history.case();
            let hours = shelf.of(&case.opening.hours).unwrap();
            for event in decide(&case, command, &actor, hours, at).unwrap_or_default() {
                history.by(at, &actor, event);
            }
        }
    }
    history
}

proptest! {
    /// Whatever is asked: clocks add up, breaches stay, the account at the end is the clocks', and a history that was
    /// written down and read again makes the same case.
    #[test]
    fn no_history_breaks_them(wishes in prop::collection::vec(some_wish(), 1..60), look in 0..900_000_i64) {
        let shelf = Shelf::new();
        let history = told(&shelf, &wishes);
        let last = history.entries().last().unwrap().at;
        let found = violations(history.entries(), last.plus(look), |kept| shelf.of(kept));
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        prop_assert_eq!(found, Vec::<String>::new());
        let written: Vec<String> =
            history.entries().iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
        let read: Vec<Recorded> = written.iter().map(|entry| serde_json::from_str(entry).unwrap()).collect();
        prop_assert_eq!(Case::from_history(&read).unwrap(), history.case());
    }
}

/// A generator that never gets anywhere proves nothing: every kind of event comes up, and many histories end.
#[test]
fn the_wishes_lead_to_every_event() {
    let shelf = Shelf::new();
    let mut runner = TestRunner::deterministic();
    let wishes = prop::collection::vec(some_wish(), 30..60);
    let (mut seen, mut closed, mut broken) = (BTreeSet::new(), 0, 0);
    for _ in 0..300 {
        let history = told(&shelf, &wishes.new_tree(&mut runner).unwrap().current());
        seen.extend(history.entries().iter().map(|entry| entry.event.name_key()));
        let (case, last) = (history.case(), history.entries().last().unwrap().at);
        closed += usize::from(case.closed().is_some());
        let hours = shelf.of(&case.opening.hours).unwrap();
        broken += usize::from(case.clocks(&hours.spans, last).iter().any(|clock| clock.breach.is_some()));
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
        "event.cancelled",
    ];
    let missing: Vec<_> = all.iter().filter(|name| !seen.contains(*name)).collect();
    assert_eq!(missing, Vec::<&&str>::new(), "of {seen:?}");
    assert!(closed > 60 && broken > 60, "{closed} closed, {broken} broken");
}

#[test]
fn what_is_wrong_is_named_with_case_clock_and_figures() {
    let shelf = Shelf::new();
    let (spans, monday) = eight_to_five();
    let mut history = History::opened(monday, Priority::P1);
    history.at(HOUR, contact());
    // A correction that forgets a breach: no decision makes one, a damaged database could hold one.
    let breach = history.case().clocks(&spans, monday.plus(HOUR))[0].breach.unwrap();
    let to = history.case().cover();
    let (standing, reason) = (standing(), Reason::parse("Contrato equivocado").unwrap());
    let correction = Correction {
        from: to.clone(),
        to,
        standing: Standing { terms: Terms::default(), ..standing },
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
        correction.standing.terms = generous();
    }
    let found = violations(&entries, monday, |kept| shelf.of(kept));
    let erased = Broken::Erased { promise: Promise(ClockKind::Attention, 1), was: breach, now: None };
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
fn a_correction_leaves_a_visit_the_window_that_was_agreed() {
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
        history
            .at(day * 24 * HOUR + 2 * HOUR, visit(id, VisitEvent::Missed { by: Side::Customer, note: None }));
    }
    let contract = ContractNumber::parse("CT-0099-0001", default_formats()).unwrap();
    let correct = RevisionCommand::Correct {
        to: Cover { contract, ..history.case().cover() },
        reason: Reason::parse("Contrato equivocado").unwrap(),
        standing: Some(Box::new(standing())),
    };
    let hours = caracas(&eight_to_five().0);
    history.ask(72 * HOUR, Command::Revision(correct), &agent(), &hours).unwrap();
    let (case, now) = (history.case(), monday.plus(80 * HOUR));
    let clocks = clocks(&case, shelf.of(&case.opening.hours).unwrap(), now);
    let visits: Vec<_> = clocks.iter().filter(|clock| clock.kind == ClockKind::OnSite).collect();
    assert_eq!(visits.len(), 2);
    assert!(visits.iter().all(|visit| visit.target_s == 3 * HOUR && visit.breach.is_none()), "{visits:?}");
    assert_eq!(violations(history.entries(), now, |kept| shelf.of(kept)), []);
}

/// Terms under which an hour without contact is nothing.
fn generous() -> Terms {
    let targets =
        Targets { attention_s: HOUR, update_s: 8 * HOUR, on_site_s: 8 * HOUR, resolution_s: 90 * HOUR };
    Terms::new(3, [targets; 4], vec![50], Matrix::default()).unwrap()
}

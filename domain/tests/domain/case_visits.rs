//! Visits: by agreement alone, moved by either side, missed, done; and the promise to be there in time.

use std::num::NonZeroU16;

use crate::case::{self, History, agent, caracas, eight_to_five, resolve};
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::attachment::{Attachment, ContentHash, FileId};
use domain::calendar::Spans;
use domain::case::invariants::{Violation, violations};
use domain::case::visit::{
    AnswerSource, Conformity, CustomerStatement, Meeting, MoveTo, NoShowReason, Part, Side, Signature,
    SignatureProblem, Stage, Technician, VisitAnswer, VisitCommand, VisitEvent, VisitId, VisitRefusal,
    Windows, WindowsProblem, WorkReport, solution_due_before,
};
use domain::case::{
    Channel, ClockState, Command, Event, PauseReason, Refusal, SlaClock, SlaCompliance, TimerState, UNDO_S,
};
use domain::priority::Priority;
use domain::sla_plan::{NoShowRule, SlaMetric, SlaPlan};
use domain::text::{Note, PersonName, Reason};
use domain::time::{Instant, Span};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A case opened on Monday at eight and answered at once, with the hours of its site.
struct Told {
    history: History,
    spans: Spans,
    opened: Instant,
}

impl Told {
    fn new() -> Self {
        let mut told = Self::unanswered();
        told.history.at(0, case::contact());
        told
    }

    /// Nobody has spoken with the customer.
    fn unanswered() -> Self {
        let (spans, opened) = eight_to_five();
        Self { history: History::opened(opened, Priority::P2), spans, opened }
    }

    /// The same as [`Told::agreed`] under other terms.
    fn agreed_under(terms: SlaPlan) -> Self {
        let (spans, opened) = eight_to_five();
        let mut told = Self { history: History::under(opened, Priority::P2, terms), spans, opened };
        told.history.at(0, case::contact());
        let meeting = Meeting { window: told.window(26, 2), technician: technician() };
        told.ask(900, VisitCommand::Agree { meeting, word: word() }).unwrap();
        told
    }

    fn violations(&self, until_s: i64) -> Vec<Violation> {
        let hours = caracas(&self.spans);
        violations(self.history.entries(), self.opened.plus(until_s), |_| Some(&hours))
    }

    /// From so many hours after the opening on, for so many hours.
    fn window(&self, after_h: i64, hours: i64) -> Span {
        Span::new(self.opened.plus(after_h * HOUR), self.opened.plus((after_h + hours) * HOUR))
    }

    fn windows(&self, all: &[(i64, i64)]) -> Windows {
        Windows::new(all.iter().map(|(after, hours)| self.window(*after, *hours)).collect()).unwrap()
    }

    fn ask_as(&mut self, actor: &Actor, after_s: i64, command: VisitCommand) -> Result<(), Refusal> {
        self.history.ask(after_s, Command::Visit(command), actor, &caracas(&self.spans))
    }

    fn ask(&mut self, after_s: i64, command: VisitCommand) -> Result<(), Refusal> {
        self.ask_as(&agent(), after_s, command)
    }

    fn offer(&mut self, after_s: i64, windows: &[(i64, i64)]) -> Result<(), Refusal> {
        let windows = self.windows(windows);
        self.ask(after_s, VisitCommand::Offer { windows, technician: technician(), note: None })
    }

    fn by_link(&mut self, after_s: i64, answer: VisitAnswer) -> Result<(), Refusal> {
        let case = self.history.case();
        let revision = case.visits().latest().unwrap().revision;
        let actor = Actor::Customer(case.opening.number);
        self.ask_as(
            &actor,
            after_s,
            VisitCommand::Answer { answer, given: AnswerSource::ByLink { revision } },
        )
    }

    /// Offered within the first hour, and accepted: Tuesday from ten to twelve.
    fn agreed() -> Self {
        let mut told = Self::new();
        told.offer(600, &[(26, 2), (30, 2)]).unwrap();
        let window = told.window(26, 2);
        told.by_link(1200, VisitAnswer::Accept { window }).unwrap();
        told
    }

    fn stage(&self) -> Stage {
        self.history.case().visits().latest().unwrap().stage.clone()
    }

    fn on_site(&self, after_s: i64) -> SlaClock {
        let clocks = self.history.case().clocks(&self.spans, self.opened.plus(after_s));
        clocks.into_iter().find(|clock| clock.kind == SlaMetric::OnSite).unwrap()
    }
}

fn technician() -> Technician {
    Technician { id: PersonId(9), name: "Rosa Marín".into() }
}

fn staff(id: i64, role: Role) -> Actor {
    Actor::Staff(Staff { id: PersonId(id), name: "Rosa Marín".into(), role })
}

fn note(text: &str) -> Note {
    Note::parse(text).unwrap()
}

fn word() -> CustomerStatement {
    CustomerStatement { who: PersonName::parse("Luis Peña").unwrap(), channel: Channel::Phone }
}

fn signature() -> Signature {
    Signature::new(vec![vec![(10, 20), (30, 40), (50, 60)], vec![(70, 80)]]).unwrap()
}

fn end() -> VisitCommand {
    let part = Part { quantity: NonZeroU16::MIN, name: Reason::parse("Fuente de poder").unwrap() };
    VisitCommand::End {
        report: WorkReport::new(note("Se cambió la fuente."), vec![part]).unwrap(),
        conformity: Conformity::Signed {
            name: PersonName::parse("Ana Rivas").unwrap(),
            signature: signature(),
        },
    }
}

fn refused(refusal: VisitRefusal) -> Result<(), Refusal> {
    Err(Refusal::Visit(refusal))
}

#[test]
fn windows_are_limited_in_number_distance_and_length() {
    let span = |from: i64, to: i64| Span::new(Instant(from), Instant(to));
    let problem = |windows: Vec<Span>| Windows::new(windows).unwrap_err();
    assert_eq!(problem(vec![]), WindowsProblem::Empty);
    assert_eq!(problem(vec![span(0, HOUR); 4]), WindowsProblem::TooMany);
    assert_eq!(problem(vec![span(0, 1799)]), WindowsProblem::TooShort);
    assert_eq!(problem(vec![span(HOUR, 0)]), WindowsProblem::TooShort);
    assert_eq!(problem(vec![span(0, 12 * HOUR + 1)]), WindowsProblem::TooLong);
    assert_eq!(problem(vec![span(HOUR, 3 * HOUR), span(0, HOUR + 1)]), WindowsProblem::Overlap);
    let windows = Windows::new(vec![span(2 * HOUR, 3 * HOUR), span(0, 2 * HOUR)]).unwrap();
    assert_eq!(windows.as_slice(), [span(0, 2 * HOUR), span(2 * HOUR, 3 * HOUR)], "in order");
    assert!(serde_json::from_str::<Windows>("[]").is_err(), "nor by the wire");
}

#[test]
fn signature_is_validated_within_its_bounds() {
    assert_eq!(signature().path(), "M10 20L30 40L50 60M70 80");
    assert_eq!(Signature::new(vec![vec![(1, 1)]]), Err(SignatureProblem::Empty));
    assert_eq!(Signature::new(vec![vec![(601, 1); 5]]), Err(SignatureProblem::Outside));
    assert_eq!(Signature::new(vec![vec![(1, 1); 3001]]), Err(SignatureProblem::TooLong));
    assert!(serde_json::from_str::<Signature>("[[[1,1],[2,2],[3,9999]]]").is_err());
}

#[test]
fn visit_is_offered_accepted_and_completed() {
    let mut told = Told::agreed();
    let case = told.history.case();
    let visit = case.visits().latest().unwrap();
    assert_eq!((visit.id, visit.revision), (VisitId(1), 2));
    let appointment = visit.appointment().unwrap();
    assert_eq!((appointment.window, appointment.agreed_at), (told.window(26, 2), told.opened.plus(1200)));

    let at = 26 * HOUR + 900;
    told.ask(at, VisitCommand::Arrive).unwrap();
    assert_eq!(told.history.case().first_contact(), Some(told.opened), "it came before the offer");
    told.ask(at + 60, VisitCommand::Start).unwrap();
    told.ask(at + HOUR, end()).unwrap();
    let Stage::Ended(done) = told.stage() else { panic!("{:?}", told.stage()) };
    assert_eq!(
        (done.arrived_at, done.started_at, done.ended_at),
        (told.opened.plus(at), told.opened.plus(at + 60), told.opened.plus(at + HOUR))
    );
    assert_eq!(done.report.parts().len(), 1);
    let clock = told.on_site(40 * HOUR);
    assert_eq!((clock.run, clock.used_s, clock.breach), (TimerState::Stopped, 900, None));
}

#[test]
fn contact_comes_before_a_visit() {
    let mut told = Told::unanswered();
    assert_eq!(told.offer(600, &[(26, 2)]), refused(VisitRefusal::ContactFirst));
    let contacts = |told: &Told| {
        let contacts = told.history.entries().iter().filter_map(|entry| match entry.event {
            Event::Contacted { channel, .. } => Some((entry.at, channel)),
            _ => None,
        });
        contacts.collect::<Vec<_>>()
    };
    // Whoever agrees with the customer speaks with them, and so does whoever writes their answer down.
    let meeting = Meeting { window: told.window(26, 2), technician: technician() };
    told.ask(900, VisitCommand::Agree { meeting, word: word() }).unwrap();
    assert_eq!(contacts(&told), [(told.opened.plus(900), Channel::Phone)]);

    // An offer from before contact had to come first: a link that is followed is no contact.
    let offered = || {
        let mut told = Told::unanswered();
        let windows = told.windows(&[(26, 2)]);
        let what = VisitEvent::Offered { windows, technician: technician(), note: None };
        told.history.at(600, Event::Visit { visit: VisitId(1), what });
        told
    };
    let mut told = offered();
    let window = told.window(26, 2);
    let answer = VisitAnswer::Accept { window };
    told.ask(700, VisitCommand::Answer { answer: answer.clone(), given: AnswerSource::ByStaff(word()) })
        .unwrap();
    assert_eq!(contacts(&told), [(told.opened.plus(700), Channel::Phone)]);
    let mut told = offered();
    told.by_link(700, answer).unwrap();
    assert_eq!(contacts(&told), []);
    told.ask(26 * HOUR, VisitCommand::Arrive).unwrap();
    assert_eq!(contacts(&told), [(told.opened.plus(26 * HOUR), Channel::OnSite)], "face to face");
}

#[test]
fn window_beyond_the_resolution_target_is_flagged() {
    let mut told = Told::new();
    let due = |told: &Told, after_s: i64, from_s: i64, to_s: i64| {
        let now = told.opened.plus(after_s);
        let clocks = told.history.case().clocks(&told.spans, now);
        let window = Span::new(told.opened.plus(from_s), told.opened.plus(to_s));
        solution_due_before(window, &clocks, &told.spans, now)
    };
    // P2: sixteen hours of service, which end on Tuesday at three in the afternoon.
    let promised_s = 31 * HOUR;
    let promised = Some(told.opened.plus(promised_s));
    assert_eq!(due(&told, 600, promised_s - HOUR, promised_s), None, "in time to the last second");
    assert_eq!(due(&told, 600, promised_s - HOUR, promised_s + 1), promised);
    assert_eq!(due(&told, 600, DAY + promised_s, DAY + promised_s + HOUR), promised);
    assert_eq!(due(&told, promised_s + 60, 50 * HOUR, 52 * HOUR), promised, "nor once that is over");
    let (reason, until) = (PauseReason::SparePart, told.opened.plus(80 * HOUR));
    told.history.at(700, Event::Paused { reason, detail: None, until, allowed_by: None });
    assert_eq!(due(&told, 800, 50 * HOUR, 52 * HOUR), None, "nobody knows when it is due");
}

#[test]
fn departure_is_refused_without_an_agreed_window() {
    let mut told = Told::new();
    assert_eq!(told.ask(60, VisitCommand::Arrive), refused(VisitRefusal::NotAgreed));
    told.offer(600, &[(26, 2)]).unwrap();
    for command in [VisitCommand::Arrive, VisitCommand::Start, end()] {
        assert!(told.ask(700, command).is_err());
    }
    let windows = told.windows(&[(50, 2)]);
    told.by_link(800, VisitAnswer::Propose { windows, note: None }).unwrap();
    assert_eq!(told.ask(900, VisitCommand::Arrive), refused(VisitRefusal::NotAgreed));
    told.by_link(1000, VisitAnswer::Decline { note: None }).unwrap();
    assert_eq!(told.ask(1100, VisitCommand::Arrive), refused(VisitRefusal::NotAgreed));

    let mut told = Told::agreed();
    assert_eq!(told.ask(2000, VisitCommand::Start), refused(VisitRefusal::NotArrived));
    told.ask(26 * HOUR, VisitCommand::Arrive).unwrap();
    assert_eq!(told.ask(26 * HOUR, end()), refused(VisitRefusal::NotStarted));
    assert_eq!(told.ask(26 * HOUR, VisitCommand::Arrive), refused(VisitRefusal::OnSite));
}

#[test]
fn windows_in_the_past_or_too_far_ahead_are_refused() {
    let mut told = Told::new();
    assert_eq!(told.offer(2 * HOUR, &[(2, 2)]), refused(VisitRefusal::InThePast));
    assert_eq!(told.offer(0, &[(61 * 24, 2)]), refused(VisitRefusal::TooFarAhead));
    told.offer(0, &[(1, 2), (26, 2)]).unwrap();
    let (gone, never) = (told.window(1, 2), told.window(40, 2));
    let late = told.by_link(HOUR + 1, VisitAnswer::Accept { window: gone });
    assert_eq!(late, refused(VisitRefusal::InThePast));
    let other = told.by_link(HOUR + 1, VisitAnswer::Accept { window: never });
    assert_eq!(other, refused(VisitRefusal::NotNamed));
}

#[test]
fn answer_is_refused_for_an_outdated_offer() {
    let mut told = Told::new();
    told.offer(600, &[(26, 2)]).unwrap();
    told.offer(700, &[(28, 2)]).unwrap();
    let window = told.window(28, 2);
    let customer = Actor::Customer(told.history.case().opening.number);
    let accept = |revision| VisitCommand::Answer {
        answer: VisitAnswer::Accept { window },
        given: AnswerSource::ByLink { revision },
    };
    assert_eq!(told.ask_as(&customer, 800, accept(1)), refused(VisitRefusal::NotCurrent));
    told.ask_as(&customer, 800, accept(2)).unwrap();
    assert_eq!(told.ask_as(&customer, 900, accept(2)), refused(VisitRefusal::NotCurrent), "once");
    assert!(matches!(told.ask(900, accept(3)), Err(Refusal::NotPermitted(_))), "nobody answers for them");
}

#[test]
fn agreement_by_telephone_records_person_and_channel() {
    let mut told = Told::new();
    told.offer(600, &[(26, 2)]).unwrap();
    let window = told.window(26, 2);
    let given = AnswerSource::ByStaff(word());
    told.ask(900, VisitCommand::Answer { answer: VisitAnswer::Accept { window }, given }).unwrap();
    let Stage::Agreed(appointment) = told.stage() else { panic!("{:?}", told.stage()) };
    assert_eq!(appointment.word, Some(word()));
}

#[test]
fn answer_is_refused_while_nothing_is_offered() {
    let mut told = Told::new();
    told.offer(600, &[(26, 2)]).unwrap();
    let (offered, proposed) = (told.window(26, 2), told.window(50, 2));
    let confirmed = told.ask(650, VisitCommand::Confirm { window: offered });
    assert_eq!(confirmed, refused(VisitRefusal::NothingOffered), "an offer is the customer's to accept");
    let windows = told.windows(&[(50, 2)]);
    told.by_link(700, VisitAnswer::Propose { windows: windows.clone(), note: None }).unwrap();
    let accepted = told.by_link(800, VisitAnswer::Accept { window: proposed });
    assert_eq!(accepted, refused(VisitRefusal::NothingOffered), "a proposal is the desk's to confirm");
    told.by_link(900, VisitAnswer::Decline { note: None }).unwrap();
    let proposed_again = told.by_link(1000, VisitAnswer::Propose { windows, note: None });
    assert_eq!(proposed_again, refused(VisitRefusal::NothingOffered), "it was declined");
}

#[test]
fn window_proposed_by_the_customer_is_confirmed() {
    let mut told = Told::new();
    told.offer(600, &[(26, 2)]).unwrap();
    let windows = told.windows(&[(50, 2), (54, 2)]);
    told.by_link(700, VisitAnswer::Propose { windows, note: Some(note("Mejor el miércoles")) }).unwrap();
    let (wrong, right) = (told.window(26, 2), told.window(54, 2));
    assert_eq!(told.ask(800, VisitCommand::Confirm { window: wrong }), refused(VisitRefusal::NotNamed));
    told.ask(800, VisitCommand::Confirm { window: right }).unwrap();
    assert_eq!(told.history.case().visits().live().unwrap().meeting().unwrap().window, right);
}

#[test]
fn on_site_target_begins_with_the_window_and_is_met_by_arrival() {
    let told = Told::agreed();
    let before = told.on_site(20 * HOUR);
    assert_eq!(before.run, TimerState::Paused { until: told.opened.plus(26 * HOUR) });
    let reading = |after_s| told.on_site(after_s).reading(&told.spans, told.opened.plus(after_s));
    assert_eq!((reading(20 * HOUR).state, reading(20 * HOUR).remaining_s), (ClockState::Paused, 2 * HOUR));
    assert_eq!((reading(27 * HOUR).state, reading(27 * HOUR).remaining_s), (ClockState::Running, HOUR));
    assert_eq!(reading(27 * HOUR).due, Some(told.opened.plus(28 * HOUR)));
    assert_eq!(reading(28 * HOUR).state, ClockState::Warning, "in time to the last second");
    assert_eq!(reading(28 * HOUR + 1).state, ClockState::Breached);
    // What a display was sent the day before reads the same.
    let display = before.reading(&told.spans, told.opened.plus(27 * HOUR));
    assert_eq!(display, reading(27 * HOUR));
}

#[test]
fn early_arrival_meets_the_target_at_its_own_time() {
    let mut told = Told::agreed();
    told.ask(25 * HOUR, VisitCommand::Arrive).unwrap();
    let clock = told.on_site(40 * HOUR);
    assert_eq!((clock.as_of, clock.used_s), (told.opened.plus(25 * HOUR), 0));
    assert_eq!(clock.reading(&told.spans, told.opened.plus(40 * HOUR)).state, ClockState::Met);
}

#[test]
fn visit_outside_hours_counts_wall_clock_time() {
    let mut told = Told::new();
    // Monday from 20 to 22, when the calendar is closed.
    told.offer(600, &[(12, 2)]).unwrap();
    let window = told.window(12, 2);
    told.by_link(700, VisitAnswer::Accept { window }).unwrap();
    let at = told.opened.plus(13 * HOUR);
    assert_eq!(told.on_site(13 * HOUR).reading(&told.spans, at).remaining_s, HOUR);
    let explained = told.history.case().explain(SlaMetric::OnSite, &told.spans, at);
    assert_eq!(explained.iter().map(|stretch| stretch.counted_s).sum::<i64>(), HOUR);
}

#[test]
fn visit_moved_in_time_voids_its_window_and_is_counted() {
    let mut told = Told::agreed();
    let windows = told.windows(&[(50, 2)]);
    told.by_link(2000, VisitAnswer::Propose { windows, note: None }).unwrap();
    let case = told.history.case();
    assert_eq!(case.visits().latest().unwrap().moved_by_customer, 1);
    assert!(case.timers().all(|track| track.kind != SlaMetric::OnSite), "nothing is promised meanwhile");
    let window = told.window(50, 2);
    told.ask(2100, VisitCommand::Confirm { window }).unwrap();

    let to = MoveTo::Agreed { window: told.window(54, 2), word: word() };
    let (by, reason) = (Side::Us, note("El repuesto llega más tarde"));
    told.ask(2200, VisitCommand::Move { by, reason, technician: technician(), to }).unwrap();
    let visit = told.history.case().visits().latest().unwrap().clone();
    assert_eq!((visit.id, visit.moved_by_us, visit.moved_by_customer), (VisitId(1), 1, 1));
    assert_eq!(visit.meeting().unwrap().window, told.window(54, 2));
    assert_eq!(told.on_site(2300).cycle, 3);
    assert!(told.history.case().past_cycles().is_empty());
}

#[test]
fn missed_window_stays_breached_when_the_visit_is_moved() {
    let mut told = Told::agreed();
    let late = 28 * HOUR + 60;
    let to = MoveTo::Offer(told.windows(&[(50, 2)]));
    let (by, reason) = (Side::Us, note("El técnico tuvo un percance"));
    told.ask(late, VisitCommand::Move { by, reason, technician: technician(), to }).unwrap();
    let window = told.window(50, 2);
    told.by_link(late + 60, VisitAnswer::Accept { window }).unwrap();
    told.ask(50 * HOUR, VisitCommand::Arrive).unwrap();
    let case = told.history.case();
    let past = case.past_clocks(&told.spans, told.opened.plus(51 * HOUR));
    assert_eq!(past.len(), 1);
    assert_eq!(past[0].breach.unwrap().at, told.opened.plus(28 * HOUR + 1));
    assert_eq!(told.on_site(51 * HOUR).breach, None, "the second promise was kept");
}

#[test]
fn no_show_records_the_absent_side() {
    let mut told = Told::agreed();
    assert_eq!(told.ask(27 * HOUR, did_not_come()), refused(VisitRefusal::WindowNotOver));
    assert_eq!(told.ask(27 * HOUR, no_show()), refused(VisitRefusal::NotArrived), "go there first");
    told.ask(29 * HOUR, did_not_come()).unwrap();
    let at = told.opened.plus(30 * HOUR);
    let clock = told.on_site(30 * HOUR);
    assert_eq!(
        (clock.run, clock.reading(&told.spans, at).state),
        (TimerState::Stopped, ClockState::Breached)
    );
    let case = told.history.case();
    assert!(case.visits().live().is_none());
    told.offer(30 * HOUR, &[(50, 2)]).unwrap();
    assert_eq!(told.history.case().visits().latest().unwrap().id, VisitId(2), "a visit of its own");
    let window = told.window(50, 2);
    told.by_link(31 * HOUR, VisitAnswer::Accept { window }).unwrap();
    let past = told.history.case().past_clocks(&told.spans, told.opened.plus(32 * HOUR));
    assert!(past[0].breach.is_some(), "broken for good");
    assert!(told.violations(40 * HOUR).is_empty());
}

fn no_show() -> VisitCommand {
    VisitCommand::NoShow { reason: NoShowReason::ContactAbsent, note: None }
}

fn did_not_come() -> VisitCommand {
    VisitCommand::DidNotCome { reason: note("Se averió el vehículo.") }
}

#[test]
fn no_show_is_refused_before_the_window_begins() {
    let mut told = Told::agreed();
    told.ask(26 * HOUR - 46 * 60, VisitCommand::Arrive).unwrap();
    assert_eq!(told.ask(26 * HOUR - 46 * 60, no_show()), refused(VisitRefusal::WindowNotBegun));
    assert_eq!(told.ask(26 * HOUR - 1, no_show()), refused(VisitRefusal::WindowNotBegun));
    told.ask(26 * HOUR, no_show()).unwrap();
    let reason = Some(NoShowReason::ContactAbsent);
    assert!(matches!(told.stage(), Stage::Missed { by: Side::Customer, reason: said, .. } if said == reason));
}

#[test]
fn no_show_counts_by_the_rule_of_the_plan() {
    let not_received = no_show;
    let rule = |no_show, arrived_s: i64, missed_s: i64| {
        let mut told = Told::agreed_under(SlaPlan::default().with_no_show(no_show));
        told.ask(26 * HOUR + arrived_s, VisitCommand::Arrive).unwrap();
        told.ask(26 * HOUR + missed_s, not_received()).unwrap();
        assert_eq!(told.violations(40 * HOUR), []);
        let at = told.opened.plus(40 * HOUR);
        let clock = told.on_site(40 * HOUR);
        let settled = told.history.case().settled(&told.spans, at);
        let counted = settled.into_iter().find(|settled| settled.kind == SlaMetric::OnSite);
        (clock.reading(&told.spans, at).state, counted.map(|settled| settled.outcome))
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
    let mut told = Told::agreed();
    told.ask(26 * HOUR, VisitCommand::Arrive).unwrap();
    let before = told.history.case().visits().latest().cloned();
    let clock = told.on_site(40 * HOUR);
    let (at, back) = (26 * HOUR + 1200, || VisitCommand::UndoMiss);
    assert_eq!(told.ask(at, back()), refused(VisitRefusal::NoMissToUndo));
    told.ask(at, no_show()).unwrap();
    let others = told.ask_as(&staff(10, Role::Technician), at + 60, back());
    assert_eq!(others, refused(VisitRefusal::OtherTechnician));
    told.ask(at + UNDO_S - 1, back()).unwrap();
    assert_eq!(
        told.history.case().visits().latest().cloned(),
        before,
        "on site, as if nothing had been said"
    );
    assert_eq!(told.on_site(40 * HOUR), clock, "and the arrival counts");
    told.ask(at + UNDO_S, no_show()).unwrap();
    assert_eq!(told.ask(at + 2 * UNDO_S, back()), refused(VisitRefusal::NoMissToUndo), "too late");
    assert_eq!(told.violations(40 * HOUR), []);

    let mut told = Told::agreed();
    let (before, at) = (told.history.case().visits().latest().cloned(), 29 * HOUR);
    told.ask(at, did_not_come()).unwrap();
    told.ask(at + 60, back()).unwrap();
    assert_eq!(told.history.case().visits().latest().cloned(), before, "the technician is still to come");
    told.ask(at + 120, VisitCommand::Arrive).unwrap();
    assert_eq!(told.on_site(40 * HOUR).used_s, 3 * HOUR + 120, "late, by all of it");
    assert_eq!(told.violations(40 * HOUR), []);
}

#[test]
fn undo_arrival_restores_the_visit() {
    let mut told = Told::agreed();
    let hours = caracas(&told.spans);
    let before = told.history.case().visits().latest().cloned();
    let (at, back) = (26 * HOUR, || VisitCommand::UndoArrival);
    assert_eq!(told.ask(at, back()), refused(VisitRefusal::NothingToUndo), "nobody is there");
    told.ask(at, VisitCommand::Arrive).unwrap();
    let others = told.ask_as(&staff(10, Role::Technician), at + 60, back());
    assert_eq!(others, refused(VisitRefusal::OtherTechnician));
    told.ask(at + 300, back()).unwrap();
    assert_eq!(told.history.case().visits().latest().cloned(), before, "as agreed, its links hold again");
    let clock = told.on_site(at + 600);
    assert_eq!((clock.run, clock.used_s), (TimerState::Running, 600), "as if it had never stood still");

    told.ask(at + 900, VisitCommand::Arrive).unwrap();
    assert_eq!(told.on_site(at + HOUR).used_s, 900);
    assert_eq!(violations(told.history.entries(), told.opened.plus(30 * HOUR), |_| Some(&hours)), []);
    let late = told.ask(at + 900 + UNDO_S, back());
    assert_eq!(late, refused(VisitRefusal::NothingToUndo), "too late");
    told.ask(at + 960, VisitCommand::Start).unwrap();
    assert_eq!(told.ask(at + 1000, back()), refused(VisitRefusal::NothingToUndo), "work rests on it");
}

#[test]
fn visit_is_cancelled_by_customer_or_staff() {
    let mut told = Told::agreed();
    told.by_link(2000, VisitAnswer::Decline { note: Some(note("Ya funciona")) }).unwrap();
    assert!(matches!(told.stage(), Stage::CalledOff { by: Side::Customer }));
    let off = || VisitCommand::CallOff { by: Side::Us, reason: note("Se resolvió a distancia") };
    assert_eq!(told.ask(2100, off()), refused(VisitRefusal::NoVisit));
    let mut told = Told::agreed();
    told.ask(2000, off()).unwrap();
    assert!(told.history.case().timers().all(|track| track.kind != SlaMetric::OnSite));
    let mut told = Told::agreed();
    told.ask(26 * HOUR, VisitCommand::Arrive).unwrap();
    assert_eq!(told.ask(26 * HOUR, off()), refused(VisitRefusal::OnSite));
}

#[test]
fn technician_reports_their_own_visit_and_staff_on_their_behalf() {
    let mut told = Told::agreed();
    let other = told.ask_as(&staff(10, Role::Technician), 26 * HOUR, VisitCommand::Arrive);
    assert_eq!(other, refused(VisitRefusal::OtherTechnician));
    told.ask_as(&staff(9, Role::Technician), 26 * HOUR, VisitCommand::Arrive).unwrap();
    told.ask_as(&staff(1, Role::Agent), 26 * HOUR + 60, VisitCommand::Start).unwrap();
}

#[test]
fn resolution_is_refused_while_a_visit_is_under_way() {
    let mut told = Told::agreed();
    told.history.at(1300, case::contact());
    let hours = caracas(&told.spans);
    let early = told.history.ask(1400, resolve("Se cambió el cable"), &agent(), &hours);
    assert_eq!(early, refused(VisitRefusal::UnderWay));
    told.ask(1500, VisitCommand::CallOff { by: Side::Customer, reason: note("No hace falta") }).unwrap();
    told.history.ask(1600, resolve("Se cambió el cable"), &agent(), &hours).unwrap();
    let after = told.offer(DAY, &[(50, 2)]);
    assert_eq!(after, Err(Refusal::AlreadyResolved));
}

#[test]
fn closing_report_lists_visits() {
    let mut told = Told::agreed();
    let at = 26 * HOUR;
    told.ask(at, VisitCommand::Arrive).unwrap();
    told.ask(at, VisitCommand::Start).unwrap();
    told.ask(at + HOUR, end()).unwrap();
    told.history.at(at + HOUR, case::resolved("Se cambió la fuente"));
    let works = Command::Verify {
        verdict: domain::case::Verdict::Works,
        channel: Some(Channel::OnSite),
        who: Some(PersonName::parse("Ana Rivas").unwrap()),
        said: None,
    };
    told.history.ask(at + 2 * HOUR, works, &agent(), &caracas(&told.spans)).unwrap();
    let account = told.history.case().closing_report(&told.spans).unwrap();
    assert_eq!(account.visits.len(), 1);
    assert_eq!(account.visits[0].ended_at, told.opened.plus(at + HOUR));
    let kinds: Vec<_> = account.measured.iter().map(|measured| measured.kind).collect();
    assert_eq!(kinds, [SlaMetric::FirstResponse, SlaMetric::OnSite, SlaMetric::Resolution]);
    // A history survives the wire as it is.
    let json = serde_json::to_string(told.history.entries()).unwrap();
    let read: Vec<domain::case::Recorded> = serde_json::from_str(&json).unwrap();
    assert_eq!(read, told.history.entries());
    assert!(read.iter().any(|entry| matches!(entry.event, Event::Visit { .. })));
}

/// A file that no other is like.
fn attachment(seed: u8) -> Attachment {
    let digits = |count| format!("{seed:02x}").repeat(count);
    let (id, hash) = (FileId::parse(&digits(16)).unwrap(), ContentHash::parse(&digits(32)).unwrap());
    Attachment::of(id, "foto.jpg", b"\xFF\xD8\xFF\xE0\0\0", hash).unwrap()
}

#[test]
fn a_visit_is_agreed_by_telephone_in_one_step() {
    let mut told = Told::new();
    let agree =
        |window| VisitCommand::Agree { meeting: Meeting { window, technician: technician() }, word: word() };
    let (short, past) = (Span::new(told.opened.plus(DAY), told.opened.plus(DAY + 600)), told.window(0, 2));
    assert_eq!(told.ask(600, agree(short)), refused(VisitRefusal::Window(WindowsProblem::TooShort)));
    assert_eq!(told.ask(600, agree(past)), refused(VisitRefusal::InThePast));
    let window = told.window(26, 2);
    told.ask(600, agree(window)).unwrap();
    let visit = told.history.case().visits().latest().unwrap().clone();
    assert_eq!((visit.id, visit.technician.clone()), (VisitId(1), technician()));
    assert_eq!(
        visit.appointment().map(|agreed| (agreed.window, agreed.word.clone())),
        Some((window, Some(word())))
    );
    assert_eq!(
        told.on_site(1200).run,
        TimerState::Paused { until: told.window(26, 2).from },
        "the promise to be there in time holds"
    );
    assert_eq!(told.ask(1200, agree(window)), refused(VisitRefusal::AlreadyAgreed));
    let customer = Actor::Customer(told.history.case().opening.number);
    assert!(matches!(told.ask_as(&customer, 1200, agree(window)), Err(Refusal::NotPermitted(_))));

    // After an offer that nobody answered it is the same visit, and after one that is over another.
    let mut told = Told::new();
    told.offer(600, &[(26, 2)]).unwrap();
    told.ask(1200, agree(told.window(30, 2))).unwrap();
    assert_eq!(told.history.case().visits().list().len(), 1);
    told.ask(1800, VisitCommand::CallOff { by: Side::Us, reason: note("No hace falta") }).unwrap();
    told.ask(2400, agree(told.window(30, 2))).unwrap();
    assert_eq!(told.history.case().visits().latest().unwrap().id, VisitId(2));
}

#[test]
fn reassigned_visit_stays_at_its_window() {
    let mut told = Told::agreed();
    let before = told.on_site(2 * HOUR);
    let revision = told.history.case().visits().latest().unwrap().revision;
    let other = Technician { id: PersonId(10), name: "Pedro Gil".into() };
    let reassign = |technician| VisitCommand::Reassign { technician, note: None };
    assert_eq!(told.ask(1800, reassign(technician())), refused(VisitRefusal::SameTechnician));
    told.ask(1800, reassign(other.clone())).unwrap();
    let case = told.history.case();
    let visit = case.visits().latest().unwrap();
    assert_eq!((visit.moved_by_us, visit.moved_by_customer, &visit.technician), (0, 0, &other));
    assert_eq!(visit.revision, revision + 1, "what was sent before is void");
    assert_eq!(told.on_site(2 * HOUR), before, "the same promise goes on");
    assert_eq!(
        told.ask_as(&staff(9, Role::Technician), 26 * HOUR, VisitCommand::Arrive),
        refused(VisitRefusal::OtherTechnician)
    );
    told.ask_as(&staff(10, Role::Technician), 26 * HOUR, VisitCommand::Arrive).unwrap();
    assert_eq!(told.ask(27 * HOUR, reassign(technician())), refused(VisitRefusal::NotAgreed));
}

#[test]
fn files_are_added_and_removed_only_while_on_site() {
    let mut told = Told::agreed();
    let rosa = staff(9, Role::Technician);
    let attach = |seed| VisitCommand::Attach(attachment(seed));
    let detach = |seed| VisitCommand::Detach { id: attachment(seed).id };
    assert_eq!(told.ask_as(&rosa, 25 * HOUR, attach(1)), refused(VisitRefusal::NoVisit));
    told.ask_as(&rosa, 26 * HOUR, VisitCommand::Arrive).unwrap();
    told.ask_as(&rosa, 26 * HOUR, attach(1)).unwrap();
    assert_eq!(told.ask_as(&rosa, 26 * HOUR, attach(1)), refused(VisitRefusal::SameFile));
    assert_eq!(
        told.ask_as(&staff(8, Role::Technician), 26 * HOUR, detach(1)),
        refused(VisitRefusal::OtherTechnician)
    );
    told.ask_as(&rosa, 26 * HOUR, detach(1)).unwrap();
    assert_eq!(told.ask_as(&rosa, 26 * HOUR, detach(1)), refused(VisitRefusal::NoSuchFile));
    for seed in 1..=20 {
        told.ask_as(&rosa, 26 * HOUR, attach(seed)).unwrap();
    }
    assert_eq!(told.ask_as(&rosa, 26 * HOUR, attach(21)), refused(VisitRefusal::TooManyFiles));
    told.ask_as(&rosa, 27 * HOUR, VisitCommand::Start).unwrap();
    told.ask_as(&rosa, 28 * HOUR, end()).unwrap();
    assert_eq!(told.ask_as(&rosa, 28 * HOUR, detach(1)), refused(VisitRefusal::NoVisit));
    assert_eq!(told.history.case().visits().latest().unwrap().files.len(), 20);
}

#[test]
fn file_without_its_bytes_is_refused() {
    let typed = serde_json::json!({ "visit": { "attach": serde_json::to_value(attachment(1)).unwrap() } });
    assert!(serde_json::from_value::<Command>(typed).is_err());
}

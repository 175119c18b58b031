//! Offers, answers and agreements; a time that is moved or cancelled.

use super::{DAY, HOUR, VisitHistory, note, refused, staff, statement, technician};
use domain::actor::{Actor, PersonId, Role};
use domain::case::visit::{
    AnswerSource, Meeting, Side, Stage, Technician, VisitAnswer, VisitCommand, VisitEvent, VisitId,
    VisitRefusal, Windows, WindowsProblem, solution_due_before,
};
use domain::case::{Channel, Event, PauseReason, Refusal, TimerState};
use domain::sla_plan::SlaMetric;
use domain::time::{Instant, Span};

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
fn contact_comes_before_a_visit() {
    let mut visits = VisitHistory::unanswered();
    assert_eq!(visits.offer(600, &[(26, 2)]), refused(VisitRefusal::ContactFirst));
    let contacts = |visits: &VisitHistory| {
        let contacts = visits.history.entries().iter().filter_map(|entry| match entry.event {
            Event::Contacted { channel, .. } => Some((entry.at, channel)),
            _ => None,
        });
        contacts.collect::<Vec<_>>()
    };
    // An agent who agrees with the customer, or records their answer, has contacted them.
    let meeting = Meeting { window: visits.window(26, 2), technician: technician() };
    visits.ask(900, VisitCommand::Agree { meeting, word: statement() }).unwrap();
    assert_eq!(contacts(&visits), [(visits.opened.plus(900), Channel::Phone)]);

    // Opening an offer's link is no contact.
    let offered = || {
        let mut visits = VisitHistory::unanswered();
        let windows = visits.windows(&[(26, 2)]);
        let what = VisitEvent::Offered { windows, technician: technician(), note: None };
        visits.history.at(600, Event::Visit { visit: VisitId(1), what });
        visits
    };
    let mut visits = offered();
    let window = visits.window(26, 2);
    let answer = VisitAnswer::Accept { window };
    visits
        .ask(700, VisitCommand::Answer { answer: answer.clone(), given: AnswerSource::ByStaff(statement()) })
        .unwrap();
    assert_eq!(contacts(&visits), [(visits.opened.plus(700), Channel::Phone)]);
    let mut visits = offered();
    visits.by_link(700, answer).unwrap();
    assert_eq!(contacts(&visits), []);
    visits.ask(26 * HOUR, VisitCommand::Arrive).unwrap();
    assert_eq!(contacts(&visits), [(visits.opened.plus(26 * HOUR), Channel::OnSite)], "face to face");
}

#[test]
fn window_beyond_the_resolution_target_is_flagged() {
    let mut visits = VisitHistory::new();
    let due = |visits: &VisitHistory, after_s: i64, from_s: i64, to_s: i64| {
        let now = visits.opened.plus(after_s);
        let clocks = visits.history.case().clocks(&visits.spans, now);
        let window = Span::new(visits.opened.plus(from_s), visits.opened.plus(to_s));
        solution_due_before(window, &clocks, &visits.spans, now)
    };
    // P2: sixteen hours of service, which end on Tuesday at three in the afternoon.
    let promised_s = 31 * HOUR;
    let promised = Some(visits.opened.plus(promised_s));
    assert_eq!(due(&visits, 600, promised_s - HOUR, promised_s), None, "in time to the last second");
    assert_eq!(due(&visits, 600, promised_s - HOUR, promised_s + 1), promised);
    assert_eq!(due(&visits, 600, DAY + promised_s, DAY + promised_s + HOUR), promised);
    assert_eq!(due(&visits, promised_s + 60, 50 * HOUR, 52 * HOUR), promised, "nor once that is over");
    let (reason, until) = (PauseReason::SparePart, visits.opened.plus(80 * HOUR));
    visits.history.at(700, Event::Paused { reason, detail: None, until, allowed_by: None });
    assert_eq!(due(&visits, 800, 50 * HOUR, 52 * HOUR), None, "nobody knows when it is due");
}

#[test]
fn windows_in_the_past_or_too_far_ahead_are_refused() {
    let mut visits = VisitHistory::new();
    assert_eq!(visits.offer(2 * HOUR, &[(2, 2)]), refused(VisitRefusal::InThePast));
    assert_eq!(visits.offer(0, &[(61 * 24, 2)]), refused(VisitRefusal::TooFarAhead));
    visits.offer(0, &[(1, 2), (26, 2)]).unwrap();
    let (gone, never) = (visits.window(1, 2), visits.window(40, 2));
    let late = visits.by_link(HOUR + 1, VisitAnswer::Accept { window: gone });
    assert_eq!(late, refused(VisitRefusal::InThePast));
    let other = visits.by_link(HOUR + 1, VisitAnswer::Accept { window: never });
    assert_eq!(other, refused(VisitRefusal::NotNamed));
}

#[test]
fn answer_is_refused_for_an_outdated_offer() {
    let mut visits = VisitHistory::new();
    visits.offer(600, &[(26, 2)]).unwrap();
    visits.offer(700, &[(28, 2)]).unwrap();
    let window = visits.window(28, 2);
    let customer = Actor::Customer(visits.history.case().opening.number);
    let accept = |revision| VisitCommand::Answer {
        answer: VisitAnswer::Accept { window },
        given: AnswerSource::ByLink { revision },
    };
    assert_eq!(visits.ask_as(&customer, 800, accept(1)), refused(VisitRefusal::NotCurrent));
    visits.ask_as(&customer, 800, accept(2)).unwrap();
    assert_eq!(visits.ask_as(&customer, 900, accept(2)), refused(VisitRefusal::NotCurrent), "once");
    assert!(matches!(visits.ask(900, accept(3)), Err(Refusal::NotPermitted(_))), "nobody answers for them");
}

#[test]
fn agreement_by_telephone_records_person_and_channel() {
    let mut visits = VisitHistory::new();
    visits.offer(600, &[(26, 2)]).unwrap();
    let window = visits.window(26, 2);
    let given = AnswerSource::ByStaff(statement());
    visits.ask(900, VisitCommand::Answer { answer: VisitAnswer::Accept { window }, given }).unwrap();
    let Stage::Agreed(appointment) = visits.stage() else { panic!("{:?}", visits.stage()) };
    assert_eq!(appointment.word, Some(statement()));
}

#[test]
fn answer_is_refused_while_nothing_is_offered() {
    let mut visits = VisitHistory::new();
    visits.offer(600, &[(26, 2)]).unwrap();
    let (offered, proposed) = (visits.window(26, 2), visits.window(50, 2));
    let confirmed = visits.ask(650, VisitCommand::Confirm { window: offered });
    assert_eq!(confirmed, refused(VisitRefusal::NothingOffered), "an offer is the customer's to accept");
    let windows = visits.windows(&[(50, 2)]);
    visits.by_link(700, VisitAnswer::Propose { windows: windows.clone(), note: None }).unwrap();
    let accepted = visits.by_link(800, VisitAnswer::Accept { window: proposed });
    assert_eq!(accepted, refused(VisitRefusal::NothingOffered), "a proposal is the desk's to confirm");
    visits.by_link(900, VisitAnswer::Decline { note: None }).unwrap();
    let proposed_again = visits.by_link(1000, VisitAnswer::Propose { windows, note: None });
    assert_eq!(proposed_again, refused(VisitRefusal::NothingOffered), "it was declined");
}

#[test]
fn window_proposed_by_the_customer_is_confirmed() {
    let mut visits = VisitHistory::new();
    visits.offer(600, &[(26, 2)]).unwrap();
    let windows = visits.windows(&[(50, 2), (54, 2)]);
    visits.by_link(700, VisitAnswer::Propose { windows, note: Some(note("Mejor el miércoles")) }).unwrap();
    let (wrong, right) = (visits.window(26, 2), visits.window(54, 2));
    assert_eq!(visits.ask(800, VisitCommand::Confirm { window: wrong }), refused(VisitRefusal::NotNamed));
    visits.ask(800, VisitCommand::Confirm { window: right }).unwrap();
    assert_eq!(visits.history.case().visits().live().unwrap().meeting().unwrap().window, right);
}

#[test]
fn visit_is_cancelled_by_customer_or_staff() {
    let mut visits = VisitHistory::agreed();
    visits.by_link(2000, VisitAnswer::Decline { note: Some(note("Ya funciona")) }).unwrap();
    assert!(matches!(visits.stage(), Stage::CalledOff { by: Side::Customer }));
    let off = || VisitCommand::CallOff { by: Side::Us, reason: note("Se resolvió a distancia") };
    assert_eq!(visits.ask(2100, off()), refused(VisitRefusal::NoVisit));
    let mut visits = VisitHistory::agreed();
    visits.ask(2000, off()).unwrap();
    assert!(visits.history.case().timers().all(|track| track.kind != SlaMetric::OnSite));
    let mut visits = VisitHistory::agreed();
    visits.ask(26 * HOUR, VisitCommand::Arrive).unwrap();
    assert_eq!(visits.ask(26 * HOUR, off()), refused(VisitRefusal::OnSite));
}

#[test]
fn a_visit_is_agreed_by_telephone_in_one_step() {
    let mut visits = VisitHistory::new();
    let agree = |window| VisitCommand::Agree {
        meeting: Meeting { window, technician: technician() },
        word: statement(),
    };
    let (short, past) =
        (Span::new(visits.opened.plus(DAY), visits.opened.plus(DAY + 600)), visits.window(0, 2));
    assert_eq!(visits.ask(600, agree(short)), refused(VisitRefusal::Window(WindowsProblem::TooShort)));
    assert_eq!(visits.ask(600, agree(past)), refused(VisitRefusal::InThePast));
    let window = visits.window(26, 2);
    visits.ask(600, agree(window)).unwrap();
    let visit = visits.history.case().visits().latest().unwrap().clone();
    assert_eq!((visit.id, visit.technician.clone()), (VisitId(1), technician()));
    assert_eq!(
        visit.appointment().map(|agreed| (agreed.window, agreed.word.clone())),
        Some((window, Some(statement())))
    );
    assert_eq!(
        visits.on_site(1200).run,
        TimerState::Paused { until: visits.window(26, 2).from },
        "the promise to be there in time holds"
    );
    assert_eq!(visits.ask(1200, agree(window)), refused(VisitRefusal::AlreadyAgreed));
    let customer = Actor::Customer(visits.history.case().opening.number);
    assert!(matches!(visits.ask_as(&customer, 1200, agree(window)), Err(Refusal::NotPermitted(_))));

    // After an unanswered offer the visit is the same; after a completed visit it is another.
    let mut visits = VisitHistory::new();
    visits.offer(600, &[(26, 2)]).unwrap();
    visits.ask(1200, agree(visits.window(30, 2))).unwrap();
    assert_eq!(visits.history.case().visits().list().len(), 1);
    visits.ask(1800, VisitCommand::CallOff { by: Side::Us, reason: note("No hace falta") }).unwrap();
    visits.ask(2400, agree(visits.window(30, 2))).unwrap();
    assert_eq!(visits.history.case().visits().latest().unwrap().id, VisitId(2));
}

#[test]
fn reassigned_visit_stays_at_its_window() {
    let mut visits = VisitHistory::agreed();
    let before = visits.on_site(2 * HOUR);
    let revision = visits.history.case().visits().latest().unwrap().revision;
    let other = Technician { id: PersonId(10), name: "Pedro Gil".into() };
    let reassign = |technician| VisitCommand::Reassign { technician, note: None };
    assert_eq!(visits.ask(1800, reassign(technician())), refused(VisitRefusal::SameTechnician));
    visits.ask(1800, reassign(other.clone())).unwrap();
    let case = visits.history.case();
    let visit = case.visits().latest().unwrap();
    assert_eq!((visit.moved_by_us, visit.moved_by_customer, &visit.technician), (0, 0, &other));
    assert_eq!(visit.revision, revision + 1, "what was sent before is void");
    assert_eq!(visits.on_site(2 * HOUR), before, "the same promise goes on");
    assert_eq!(
        visits.ask_as(&staff(9, Role::Technician), 26 * HOUR, VisitCommand::Arrive),
        refused(VisitRefusal::OtherTechnician)
    );
    visits.ask_as(&staff(10, Role::Technician), 26 * HOUR, VisitCommand::Arrive).unwrap();
    assert_eq!(visits.ask(27 * HOUR, reassign(technician())), refused(VisitRefusal::NotAgreed));
}

//! Work on site: report, signature and files.

use super::{DAY, HOUR, VisitHistory, attachment, end, note, refused, signature, staff};
use domain::actor::Role;
use domain::case::visit::{
    Side, Signature, SignatureProblem, Stage, VisitAnswer, VisitCommand, VisitId, VisitRefusal,
};
use domain::case::{Channel, Command, Event, Refusal, TimerState};
use domain::sla_plan::SlaMetric;
use domain::text::PersonName;

use crate::case::{self, agent, caracas, resolve};

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
    let mut visits = VisitHistory::agreed();
    let case = visits.history.case();
    let visit = case.visits().latest().unwrap();
    assert_eq!((visit.id, visit.revision), (VisitId(1), 2));
    let appointment = visit.appointment().unwrap();
    assert_eq!((appointment.window, appointment.agreed_at), (visits.window(26, 2), visits.opened.plus(1200)));

    let at = 26 * HOUR + 900;
    visits.ask(at, VisitCommand::Arrive).unwrap();
    assert_eq!(visits.history.case().first_contact(), Some(visits.opened), "it came before the offer");
    visits.ask(at + 60, VisitCommand::Start).unwrap();
    visits.ask(at + HOUR, end()).unwrap();
    let Stage::Ended(done) = visits.stage() else { panic!("{:?}", visits.stage()) };
    assert_eq!(
        (done.arrived_at, done.started_at, done.ended_at),
        (visits.opened.plus(at), visits.opened.plus(at + 60), visits.opened.plus(at + HOUR))
    );
    assert_eq!(done.report.parts().len(), 1);
    let clock = visits.on_site(40 * HOUR);
    assert_eq!((clock.run, clock.used_s, clock.breach), (TimerState::Stopped, 900, None));
}

#[test]
fn departure_is_refused_without_an_agreed_window() {
    let mut visits = VisitHistory::new();
    assert_eq!(visits.ask(60, VisitCommand::Arrive), refused(VisitRefusal::NotAgreed));
    visits.offer(600, &[(26, 2)]).unwrap();
    for command in [VisitCommand::Arrive, VisitCommand::Start, end()] {
        assert!(visits.ask(700, command).is_err());
    }
    let windows = visits.windows(&[(50, 2)]);
    visits.by_link(800, VisitAnswer::Propose { windows, note: None }).unwrap();
    assert_eq!(visits.ask(900, VisitCommand::Arrive), refused(VisitRefusal::NotAgreed));
    visits.by_link(1000, VisitAnswer::Decline { note: None }).unwrap();
    assert_eq!(visits.ask(1100, VisitCommand::Arrive), refused(VisitRefusal::NotAgreed));

    let mut visits = VisitHistory::agreed();
    assert_eq!(visits.ask(2000, VisitCommand::Start), refused(VisitRefusal::NotArrived));
    visits.ask(26 * HOUR, VisitCommand::Arrive).unwrap();
    assert_eq!(visits.ask(26 * HOUR, end()), refused(VisitRefusal::NotStarted));
    assert_eq!(visits.ask(26 * HOUR, VisitCommand::Arrive), refused(VisitRefusal::OnSite));
}

#[test]
fn technician_reports_their_own_visit_and_staff_on_their_behalf() {
    let mut visits = VisitHistory::agreed();
    let other = visits.ask_as(&staff(10, Role::Technician), 26 * HOUR, VisitCommand::Arrive);
    assert_eq!(other, refused(VisitRefusal::OtherTechnician));
    visits.ask_as(&staff(9, Role::Technician), 26 * HOUR, VisitCommand::Arrive).unwrap();
    visits.ask_as(&staff(1, Role::Agent), 26 * HOUR + 60, VisitCommand::Start).unwrap();
}

#[test]
fn resolution_is_refused_while_a_visit_is_under_way() {
    let mut visits = VisitHistory::agreed();
    visits.history.at(1300, case::contact());
    let hours = caracas(&visits.spans);
    let early = visits.history.ask(1400, resolve("Se cambió el cable"), &agent(), &hours);
    assert_eq!(early, refused(VisitRefusal::UnderWay));
    visits.ask(1500, VisitCommand::CallOff { by: Side::Customer, reason: note("No hace falta") }).unwrap();
    visits.history.ask(1600, resolve("Se cambió el cable"), &agent(), &hours).unwrap();
    let after = visits.offer(DAY, &[(50, 2)]);
    assert_eq!(after, Err(Refusal::AlreadyResolved));
}

#[test]
fn closing_report_lists_visits() {
    let mut visits = VisitHistory::agreed();
    let at = 26 * HOUR;
    visits.ask(at, VisitCommand::Arrive).unwrap();
    visits.ask(at, VisitCommand::Start).unwrap();
    visits.ask(at + HOUR, end()).unwrap();
    visits.history.at(at + HOUR, case::resolved("Se cambió la fuente"));
    let works = Command::Verify {
        verdict: domain::case::Verdict::Works,
        channel: Some(Channel::OnSite),
        who: Some(PersonName::parse("Ana Rivas").unwrap()),
        said: None,
    };
    visits.history.ask(at + 2 * HOUR, works, &agent(), &caracas(&visits.spans)).unwrap();
    let account = visits.history.case().closing_report(&visits.spans).unwrap();
    assert_eq!(account.visits.len(), 1);
    assert_eq!(account.visits[0].ended_at, visits.opened.plus(at + HOUR));
    let kinds: Vec<_> = account.measured.iter().map(|measured| measured.kind).collect();
    assert_eq!(kinds, [SlaMetric::FirstResponse, SlaMetric::OnSite, SlaMetric::Resolution]);
    // A history is the same after serialisation.
    let json = serde_json::to_string(visits.history.entries()).unwrap();
    let read: Vec<domain::case::Recorded> = serde_json::from_str(&json).unwrap();
    assert_eq!(read, visits.history.entries());
    assert!(read.iter().any(|entry| matches!(entry.event, Event::Visit { .. })));
}

#[test]
fn files_are_added_and_removed_only_while_on_site() {
    let mut visits = VisitHistory::agreed();
    let rosa = staff(9, Role::Technician);
    let attach = |seed| VisitCommand::Attach(attachment(seed));
    let detach = |seed| VisitCommand::Detach { id: attachment(seed).id };
    assert_eq!(visits.ask_as(&rosa, 25 * HOUR, attach(1)), refused(VisitRefusal::NoVisit));
    visits.ask_as(&rosa, 26 * HOUR, VisitCommand::Arrive).unwrap();
    visits.ask_as(&rosa, 26 * HOUR, attach(1)).unwrap();
    assert_eq!(visits.ask_as(&rosa, 26 * HOUR, attach(1)), refused(VisitRefusal::SameFile));
    assert_eq!(
        visits.ask_as(&staff(8, Role::Technician), 26 * HOUR, detach(1)),
        refused(VisitRefusal::OtherTechnician)
    );
    visits.ask_as(&rosa, 26 * HOUR, detach(1)).unwrap();
    assert_eq!(visits.ask_as(&rosa, 26 * HOUR, detach(1)), refused(VisitRefusal::NoSuchFile));
    for seed in 1..=20 {
        visits.ask_as(&rosa, 26 * HOUR, attach(seed)).unwrap();
    }
    assert_eq!(visits.ask_as(&rosa, 26 * HOUR, attach(21)), refused(VisitRefusal::TooManyFiles));
    visits.ask_as(&rosa, 27 * HOUR, VisitCommand::Start).unwrap();
    visits.ask_as(&rosa, 28 * HOUR, end()).unwrap();
    assert_eq!(visits.ask_as(&rosa, 28 * HOUR, detach(1)), refused(VisitRefusal::NoVisit));
    assert_eq!(visits.history.case().visits().latest().unwrap().files.len(), 20);
}

#[test]
fn file_without_its_bytes_is_refused() {
    let typed = serde_json::json!({ "visit": { "attach": serde_json::to_value(attachment(1)).unwrap() } });
    assert!(serde_json::from_value::<Command>(typed).is_err());
}

//! Assignee of a case: claim, transfer, release and assign.

use super::{HOUR, MINUTE, assignee, customer, logged, of, opened, reason, staff};
use domain::actor::{Actor, Role};
use domain::case::{
    AssignmentCommand, AssignmentRefusal, Channel, Command, Refusal, RevisionCommand, Status, TimerState,
};
use domain::sla_plan::SlaMetric;

use crate::case::resolve;

#[test]
fn agent_claims_an_unassigned_case_and_transfers_their_own() {
    let (mut history, hours, _) = opened();
    let (ana, luis) = (staff(1, "Ana", Role::Agent), staff(2, "Luis", Role::Agent));
    let hold = Command::Assignment;
    let to_luis =
        || AssignmentCommand::Transfer { to: assignee(2, "Luis"), reason: reason("Conoce la sede") };
    let refused = |refusal| Err(Refusal::Assignment(refusal));
    assert_eq!(
        history.ask(1, hold(AssignmentCommand::Release), &ana, &hours),
        refused(AssignmentRefusal::Unassigned)
    );
    history.ask(1, hold(AssignmentCommand::Claim), &ana, &hours).unwrap();
    assert_eq!(history.case().assignee(), Some(&assignee(1, "Ana")));
    let theirs = AssignmentRefusal::AssignedTo("Ana".into());
    for command in [AssignmentCommand::Claim, AssignmentCommand::Release, to_luis()] {
        assert_eq!(history.ask(2, hold(command), &luis, &hours), refused(theirs.clone()));
    }
    let assign = AssignmentCommand::Assign { to: assignee(2, "Luis") };
    assert!(matches!(history.ask(3, hold(assign), &ana, &hours), Err(Refusal::NotPermitted(_))));
    history.ask(4, hold(to_luis()), &ana, &hours).unwrap();
    assert_eq!(history.case().assignee(), Some(&assignee(2, "Luis")));
    assert_eq!(history.ask(5, hold(to_luis()), &luis, &hours), refused(AssignmentRefusal::SamePerson));
    history.ask(6, hold(AssignmentCommand::Release), &luis, &hours).unwrap();
    assert_eq!(history.case().assignee(), None);
}

#[test]
fn contact_and_claim_assigns_an_unassigned_case() {
    let (ana, luis) = (staff(1, "Ana", Role::Agent), staff(2, "Luis", Role::Agent));
    let contact = |next| Command::ContactAndClaim { channel: Channel::Phone, note: None, next };
    let (mut history, hours, monday) = opened();
    history.ask(60, contact(None), &ana, &hours).unwrap();
    assert_eq!(history.case().assignee(), Some(&assignee(1, "Ana")));
    assert!(history.case().first_contact().is_some());
    let undoable_contact = history.case().undoable_contact().expect("the contact can still be taken back");
    history.ask(120, contact(Some(monday.plus(HOUR))), &luis, &hours).unwrap();
    assert_eq!(history.case().assignee(), Some(&assignee(1, "Ana")), "nobody's case is taken away");
    let back = Command::Revision(RevisionCommand::UndoContact { contact: undoable_contact.contact });
    assert!(history.ask(130, back, &ana, &hours).is_err(), "another contact rests on it");

    let (mut left, ..) = opened();
    left.ask(60, logged(), &ana, &hours).unwrap();
    assert_eq!(left.case().assignee(), None, "who says otherwise leaves it");
    let by_customer = left.ask(70, contact(None), &customer(&left), &hours);
    assert!(matches!(by_customer, Err(Refusal::NotPermitted(_))));
}

#[test]
fn assign_is_permitted_to_supervisors_alone() {
    let (mut history, hours, _) = opened();
    let supervisor = staff(3, "Andrés", Role::Supervisor);
    let assign = |id, name| Command::Assignment(AssignmentCommand::Assign { to: assignee(id, name) });
    history.ask(1, assign(1, "Ana"), &supervisor, &hours).unwrap();
    history.ask(2, assign(2, "Luis"), &supervisor, &hours).unwrap();
    assert_eq!(history.case().assignee(), Some(&assignee(2, "Luis")));
    for actor in [customer(&history), Actor::System] {
        assert!(matches!(history.ask(3, assign(1, "Ana"), &actor, &hours), Err(Refusal::NotPermitted(_))));
    }
    let before = history.case().clocks(&hours.spans, history.case().opened_at.plus(HOUR));
    history.ask(4, assign(1, "Ana"), &supervisor, &hours).unwrap();
    let after = history.case().clocks(&hours.spans, history.case().opened_at.plus(HOUR));
    assert_eq!(before, after, "who is on a case moves no clock");
}

#[test]
fn edge_24_case_reported_by_staff_runs_like_any_other() {
    let (mut history, hours, monday) = opened();
    let reporter = history.case().opening.report.reporter.to_string();
    let own = staff(5, &reporter, Role::Agent);
    history.ask(MINUTE, Command::Assignment(AssignmentCommand::Claim), &own, &hours).unwrap();
    let attention = of(&history.case(), SlaMetric::FirstResponse, &hours, monday.plus(10 * MINUTE)).unwrap();
    assert_eq!(
        (attention.run, attention.used_s),
        (TimerState::Running, 10 * MINUTE),
        "being on it is no contact"
    );
    let late = monday.plus(16 * MINUTE);
    history.ask(16 * MINUTE, logged(), &own, &hours).unwrap();
    let attention = of(&history.case(), SlaMetric::FirstResponse, &hours, late).unwrap();
    assert!(attention.run == TimerState::Stopped && attention.breach.is_some());
    history.ask(HOUR, resolve("Cable reemplazado"), &own, &hours).unwrap();
    assert_eq!(history.case().status(), Status::Resolved);
}

//! Changed impact and urgency, and corrected contracts.

use super::{HOUR, MINUTE, correct, customer, of, opened, other_plan, reason, under};
use domain::calendar::week::CalendarId;
use domain::case::{Command, Event, PriorityInputs, Refusal, RevisionCommand, RevisionRefusal};
use domain::entitlement::Entitlement;
use domain::priority::{Priority, Severity, Urgency};
use domain::sla_plan::SlaMetric;

use crate::case::{agent, contact};

#[test]
fn reprioritization_applies_from_then_on_and_leaves_the_report() {
    let (mut history, hours, monday) = opened();
    history.at(0, contact());
    let to = PriorityInputs { severity: Severity::Low, urgency: Urgency::Medium };
    let weigh = || {
        Command::Revision(RevisionCommand::Reprioritize { to, reason: reason("Hay un equipo de respaldo") })
    };
    history.ask(3 * HOUR, weigh(), &agent(), &hours).unwrap();
    let case = history.case();
    assert_eq!((case.priority_inputs(), case.priority()), (to, Priority::P4));
    let report = &case.opening.report;
    assert_eq!((report.severity, report.urgency), (Severity::High, Urgency::High), "as the customer stated");
    let resolution = of(&case, SlaMetric::Resolution, &hours, monday.plus(3 * HOUR)).unwrap();
    assert_eq!((resolution.target_s, resolution.used_s), (40 * HOUR, 3 * HOUR));
    let update = of(&case, SlaMetric::NextUpdate, &hours, monday.plus(3 * HOUR)).unwrap();
    assert_eq!(
        update.breach.map(|breach| breach.at),
        Some(monday.plus(HOUR + 1)),
        "broken before, broken now"
    );
    let same = history.ask(4 * HOUR, weigh(), &agent(), &hours);
    assert_eq!(same, Err(Refusal::Revision(RevisionRefusal::SamePriorityInputs)));
    let customer = customer(&history);
    assert!(matches!(history.ask(4 * HOUR, weigh(), &customer, &hours), Err(Refusal::NotPermitted(_))));
}

#[test]
fn edge_10_correction_applies_the_targets_of_the_right_plan() {
    let (mut history, hours, monday) = opened();
    history.at(12 * MINUTE, contact());
    history.ask(2 * HOUR, correct(Some(under(other_plan()))), &agent(), &hours).unwrap();
    let case = history.case();
    let now = monday.plus(2 * HOUR);
    let targets: Vec<_> = case.clocks(&hours.spans, now).iter().map(|c| (c.kind, c.target_s)).collect();
    // High and high is P2 by the matrix, but an agent had set P1, which remains.
    let expected = [
        (SlaMetric::FirstResponse, 600),
        (SlaMetric::NextUpdate, 2 * HOUR),
        (SlaMetric::Resolution, 20 * HOUR),
    ];
    assert_eq!(targets, expected);
    assert_eq!((case.opening.coverage, case.opening.hours.calendar), (Entitlement::Covered, CalendarId(2)));
    // Recounted: twelve minutes are too long for the right plan, and breaches of the wrong one remain.
    let broken = |kind| of(&case, kind, &hours, now).unwrap().breach.map(|breach| breach.target_s);
    assert_eq!((broken(SlaMetric::FirstResponse), broken(SlaMetric::NextUpdate)), (Some(600), Some(HOUR)));
    let Event::Opened(opening) = &history.entries()[0].event else { panic!("an opening") };
    assert_ne!(opening.report.serial, case.opening.report.serial, "the original stands in the history");
    let unasked = history.ask(3 * HOUR, correct(None), &agent(), &hours);
    assert_eq!(unasked, Err(Refusal::Revision(RevisionRefusal::SameContractRef)));
}

#[test]
fn correction_from_the_wire_is_refused_unless_looked_up() {
    let wire = serde_json::to_string(&correct(Some(under(other_plan())))).unwrap();
    assert!(!wire.contains("Banco"), "{wire}");
    let (mut history, hours, _) = opened();
    let read: Command = serde_json::from_str(&wire).unwrap();
    let refused = history.ask(MINUTE, read, &agent(), &hours);
    assert_eq!(refused, Err(Refusal::Revision(RevisionRefusal::NotLookedUp)));
}

//! Attention: who is on a case, the news that its customer is owed, waits, and what is put right after the opening.

use crate::case::{History, agent, caracas, contact, eight_to_five, resolve};
use domain::actor::{Actor, PersonId, Role, Staff};
use domain::calendar::ServiceHours;
use domain::calendar::week::CalendarId;
use domain::case::{
    Assignee, AssignmentCommand, AssignmentRefusal, Audience, Case, Channel, ClockState, Command,
    ContractRef, Event, MESSAGES_PER_HOUR, MessageCommand, MessageRefusal, PauseReason, PriorityInputs,
    Refusal, ResolvedContract, ResumeCause, RevisionCommand, RevisionRefusal, ServiceHoursRef, SlaClock,
    Status, TimerState, UnansweredMessages,
};
use domain::contract_number::{ContractNumber, default_formats};
use domain::entitlement::Entitlement;
use domain::priority::{Matrix, Priority, Severity, Urgency};
use domain::serial::Serial;
use domain::sla_plan::{SlaMetric, SlaPlan, SlaTargets, WaitingRules};
use domain::text::{Note, Reason};
use domain::time::Instant;
use proptest::prelude::*;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn note(text: &str) -> Note {
    Note::parse(text).unwrap()
}

fn reason(text: &str) -> Reason {
    Reason::parse(text).unwrap()
}

fn staff(id: i64, name: &str, role: Role) -> Actor {
    Actor::Staff(Staff { id: PersonId(id), name: name.into(), role })
}

fn assignee(id: i64, name: &str) -> Assignee {
    Assignee { id: PersonId(id), name: name.into() }
}

fn customer(history: &History) -> Actor {
    Actor::Customer(history.case().opening.number)
}

fn of(case: &Case, kind: SlaMetric, hours: &ServiceHours, now: Instant) -> Option<SlaClock> {
    case.clocks(&hours.spans, now).into_iter().find(|clock| clock.kind == kind)
}

fn news(text: &str, next: Option<Instant>) -> Command {
    Command::Message(MessageCommand::SendUpdate { text: note(text), next })
}

fn message(text: &str) -> Command {
    Command::Message(MessageCommand::Write { text: note(text) })
}

fn wait(reason: PauseReason, until: Instant) -> Command {
    Command::Pause { reason, detail: None, until, allowed_by: None }
}

fn logged() -> Command {
    Command::LogContact { channel: Channel::Phone, note: None }
}

/// Opened on a Monday at eight, P1.
fn opened() -> (History, ServiceHours, Instant) {
    let (spans, monday) = eight_to_five();
    (History::opened(monday, Priority::P1), caracas(&spans), monday)
}

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
fn edge_08_first_response_is_met_by_a_person_on_any_channel() {
    for channel in Channel::ALL {
        let (mut history, hours, monday) = opened();
        let customer = customer(&history);
        history.ask(MINUTE, message("¿Hay novedades?"), &customer, &hours).unwrap();
        let now = monday.plus(2 * MINUTE);
        // The customer's own words fulfil nothing that they are owed.
        assert_eq!(
            of(&history.case(), SlaMetric::FirstResponse, &hours, now).unwrap().run,
            TimerState::Running
        );
        assert_eq!(history.case().unanswered(), Some(monday.plus(MINUTE)));
        let speak = Command::LogContact { channel, note: None };
        history.ask(3 * MINUTE, speak.clone(), &agent(), &hours).unwrap();
        let attention = of(&history.case(), SlaMetric::FirstResponse, &hours, now.plus(HOUR)).unwrap();
        assert_eq!((attention.run, attention.used_s), (TimerState::Stopped, 3 * MINUTE), "{channel:?}");
        assert_eq!(history.case().unanswered(), None);
        history.ask(10 * MINUTE, message("Sigue igual"), &customer, &hours).unwrap();
        history.ask(20 * MINUTE, message("¿Siguen ahí?"), &customer, &hours).unwrap();
        let update = of(&history.case(), SlaMetric::NextUpdate, &hours, monday.plus(30 * MINUTE)).unwrap();
        assert_eq!(
            (update.cycle, update.used_s, update.run),
            (1, 27 * MINUTE, TimerState::Running),
            "{channel:?}"
        );
        assert_eq!(history.case().unanswered(), Some(monday.plus(10 * MINUTE)), "the oldest of them");
        history.ask(30 * MINUTE, speak, &agent(), &hours).unwrap();
        let update = of(&history.case(), SlaMetric::NextUpdate, &hours, monday.plus(31 * MINUTE)).unwrap();
        assert_eq!((update.cycle, update.used_s, update.breach), (2, MINUTE, None), "{channel:?}");
    }
}

#[test]
fn unanswered_messages_count_since_the_last_reply() {
    let unanswered_messages =
        |history: &History| UnansweredMessages::of(history.entries(), history.case().unanswered()?);
    let (mut history, hours, monday) = opened();
    let customer = customer(&history);
    assert_eq!(unanswered_messages(&history), None, "nothing was written");
    history.ask(MINUTE, message("¿Hay novedades?"), &customer, &hours).unwrap();
    history.ask(2 * MINUTE, logged(), &agent(), &hours).unwrap();
    assert_eq!(unanswered_messages(&history), None, "it was answered");
    history.ask(3 * MINUTE, message("Sigue igual"), &customer, &hours).unwrap();
    let inward = Command::AddNote { audience: Audience::Internal, text: note("Llamar mañana") };
    history.ask(4 * MINUTE, inward, &agent(), &hours).unwrap();
    history.ask(5 * MINUTE, message("¿Siguen ahí?"), &customer, &hours).unwrap();
    let waits = UnansweredMessages { count: 2, at: monday.plus(5 * MINUTE), newest: note("¿Siguen ahí?") };
    assert_eq!(unanswered_messages(&history), Some(waits), "a note is no answer, and a contact was one");
    history.ask(6 * MINUTE, news("Vamos en camino.", None), &agent(), &hours).unwrap();
    assert_eq!(unanswered_messages(&history), None);
}

#[test]
fn edge_09_update_target_begins_with_the_first_contact() {
    let (mut history, hours, monday) = opened();
    let kinds = |history: &History, after_s| {
        let clocks = history.case().clocks(&hours.spans, monday.plus(after_s));
        clocks.iter().map(|clock| clock.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&history, 0), [SlaMetric::FirstResponse, SlaMetric::Resolution]);
    // A mail is no contact: attention runs on, and no other promise takes its place.
    history.ask(MINUTE, news("Recibimos su caso", None), &agent(), &hours).unwrap();
    assert_eq!(kinds(&history, MINUTE), [SlaMetric::FirstResponse, SlaMetric::Resolution]);
    let attention = of(&history.case(), SlaMetric::FirstResponse, &hours, monday.plus(5 * MINUTE)).unwrap();
    assert_eq!((attention.run, attention.used_s), (TimerState::Running, 5 * MINUTE));
    history.ask(6 * MINUTE, logged(), &agent(), &hours).unwrap();
    assert_eq!(
        kinds(&history, 7 * MINUTE),
        [SlaMetric::FirstResponse, SlaMetric::NextUpdate, SlaMetric::Resolution]
    );
    let update = of(&history.case(), SlaMetric::NextUpdate, &hours, monday.plus(7 * MINUTE)).unwrap();
    assert_eq!((update.target_s, update.used_s), (HOUR, MINUTE));
    history.ask(HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    let update = of(&history.case(), SlaMetric::NextUpdate, &hours, monday.plus(9 * HOUR)).unwrap();
    assert_eq!((update.run, update.breach), (TimerState::Stopped, None), "the solution is the last news");
}

#[test]
fn update_meets_its_target_unless_it_is_late() {
    let (mut history, hours, monday) = opened();
    history.at(0, contact());
    history.ask(30 * MINUTE, news("El repuesto salió del almacén", None), &agent(), &hours).unwrap();
    let late = monday.plus(30 * MINUTE + 2 * HOUR);
    assert_eq!(
        of(&history.case(), SlaMetric::NextUpdate, &hours, late).unwrap().reading(&hours.spans, late).state,
        ClockState::Breached
    );
    history.ask(30 * MINUTE + 2 * HOUR, logged(), &agent(), &hours).unwrap();
    let past = history.case().past_updates(&hours.spans, late);
    let told: Vec<_> = past.iter().map(|clock| (clock.cycle, clock.used_s, clock.breach.is_some())).collect();
    assert_eq!(told, [(1, 30 * MINUTE, false), (2, 2 * HOUR, true)]);
    // Warnings come once per cycle, as for every other promise.
    let due = history.case().due_commands(&hours, late.plus(45 * MINUTE));
    let levels: Vec<_> = due
        .iter()
        .filter_map(|command| match command {
            Command::Warn { clock: SlaMetric::NextUpdate, cycle: 3, level } => Some(*level),
            _ => None,
        })
        .collect();
    assert_eq!(levels, [50, 75]);
}

#[test]
fn edge_19_committed_update_is_never_paused() {
    let (mut history, hours, monday) = opened();
    let by = monday.plus(5 * HOUR);
    let promise = Command::Message(MessageCommand::Contact { channel: Channel::Phone, note: None, next: by });
    history.ask(MINUTE, promise, &agent(), &hours).unwrap();
    let committed = |history: &History, after_s: i64| {
        let now = monday.plus(after_s);
        let clock = of(&history.case(), SlaMetric::CommittedUpdate, &hours, now).unwrap();
        (clock.reading(&hours.spans, now), clock)
    };
    assert_eq!(committed(&history, HOUR).0.due, Some(by));
    assert!(of(&history.case(), SlaMetric::NextUpdate, &hours, monday.plus(HOUR)).is_none(), "in its place");
    history.ask(HOUR, wait(PauseReason::SparePart, monday.plus(3 * HOUR)), &agent(), &hours).unwrap();
    let reading = committed(&history, 2 * HOUR).0;
    assert_eq!((reading.due, reading.state), (Some(by), ClockState::Running));
    // Nor does it stand in the way of the others: they follow the wait and the priority as ever.
    let change = Command::ChangePriority { to: Priority::P3, reason: reason("Hay respaldo") };
    history.ask(4 * HOUR, change, &agent(), &hours).unwrap();
    let resolution = of(&history.case(), SlaMetric::Resolution, &hours, monday.plus(4 * HOUR)).unwrap();
    assert_eq!((resolution.target_s, resolution.used_s), (24 * HOUR, 2 * HOUR));
    assert_eq!(committed(&history, 4 * HOUR).0.due, Some(by));
    assert_eq!(committed(&history, 5 * HOUR).0.state, ClockState::Warning);
    let (reading, clock) = committed(&history, 5 * HOUR + 1);
    assert_eq!(
        (reading.state, clock.breach.map(|breach| breach.at)),
        (ClockState::Breached, Some(by.plus(1)))
    );
    // The news comes late; the plan's own turn begins, and the broken date is kept.
    history.ask(6 * HOUR, news("Llegó el repuesto", None), &agent(), &hours).unwrap();
    let case = history.case();
    let update = of(&case, SlaMetric::NextUpdate, &hours, monday.plus(6 * HOUR)).unwrap();
    assert_eq!((update.cycle, update.target_s, update.used_s), (1, 4 * HOUR, 0));
    let past = case.past_updates(&hours.spans, monday.plus(7 * HOUR));
    assert!(past.len() == 1 && past[0].kind == SlaMetric::CommittedUpdate && past[0].breach.is_some());
}

#[test]
fn committed_update_outside_hours_is_due_at_its_moment() {
    let (mut history, hours, monday) = opened();
    let tonight = monday.plus(14 * HOUR);
    let promise =
        Command::Message(MessageCommand::Contact { channel: Channel::Phone, note: None, next: tonight });
    history.ask(MINUTE, promise, &agent(), &hours).unwrap();
    let now = monday.plus(13 * HOUR);
    let clock = of(&history.case(), SlaMetric::CommittedUpdate, &hours, now).unwrap();
    let reading = clock.reading(&hours.spans, now);
    assert_eq!((reading.due, reading.remaining_s, reading.counting), (Some(tonight), HOUR, true));
    let explained = history.case().explain(SlaMetric::CommittedUpdate, &hours.spans, now);
    assert_eq!(explained.iter().map(|stretch| stretch.counted_s).sum::<i64>(), clock.used_s);
    for (after_s, refusal) in [(0, MessageRefusal::UpdateInThePast), (31 * DAY, MessageRefusal::UpdateTooFar)]
    {
        let command = news("Le llamo luego", Some(now.plus(after_s)));
        assert_eq!(history.ask(13 * HOUR, command, &agent(), &hours), Err(Refusal::Message(refusal)));
    }
}

#[test]
fn customer_message_ends_a_pause_for_the_customer_alone() {
    for (waits_for, status) in [
        (PauseReason::Customer, Status::InProgress),
        (PauseReason::SparePart, Status::OnHold),
        (PauseReason::ThirdParty, Status::OnHold),
        (PauseReason::AgreedDate, Status::OnHold),
    ] {
        let (mut history, hours, monday) = opened();
        let customer = customer(&history);
        history.at(0, contact());
        history.ask(HOUR, wait(waits_for, monday.plus(5 * HOUR)), &agent(), &hours).unwrap();
        history.ask(2 * HOUR, message("Ya lo reinicié"), &customer, &hours).unwrap();
        assert_eq!(history.case().status(), status, "{waits_for:?}");
        let ended = history.entries().iter().any(
            |entry| matches!(entry.event, Event::Resumed { cause } if cause == ResumeCause::CustomerAnswered),
        );
        assert_eq!(ended, waits_for == PauseReason::Customer);
    }
}

#[test]
fn customer_messages_are_limited_and_refused_once_closed() {
    let (mut history, hours, _) = opened();
    let customer = customer(&history);
    for _ in 0..MESSAGES_PER_HOUR {
        history.ask(MINUTE, message("Hola"), &customer, &hours).unwrap();
    }
    let refused = |refusal| Err(Refusal::Message(refusal));
    let again = history.ask(HOUR, message("Hola"), &customer, &hours);
    assert_eq!(again, refused(MessageRefusal::TooManyMessages));
    history.ask(HOUR + MINUTE, message("Hola"), &customer, &hours).unwrap();
    for other in [agent(), Actor::Anonymous] {
        let refused = history.ask(2 * HOUR, message("Soy el cliente"), &other, &hours);
        assert!(matches!(refused, Err(Refusal::NotPermitted(_))));
    }
    history.ask(3 * HOUR, logged(), &agent(), &hours).unwrap();
    history.ask(3 * HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    let reason = reason("Sin respuesta");
    history.ask(4 * HOUR, Command::CloseUnconfirmed { reason }, &agent(), &hours).unwrap();
    assert_eq!(history.ask(5 * HOUR, message("Gracias"), &customer, &hours), refused(MessageRefusal::Closed));
}

#[test]
fn pauses_together_are_limited_by_the_plan() {
    let (spans, monday) = eight_to_five();
    let hours = caracas(&spans);
    let terms = SlaPlan::default().with_waiting(WaitingRules { max_total_days: 3 });
    let mut history = History::under(monday, Priority::P3, terms);
    history.at(0, contact());
    let until = |days| wait(PauseReason::SparePart, monday.plus(days * DAY));
    let refused = Err(Refusal::WaitedTooLong { days: 3 });
    assert_eq!(history.ask(0, until(4), &agent(), &hours), refused);
    history.ask(0, until(3), &agent(), &hours).unwrap();
    // Ended early: what it took counts, not what was expected of it.
    history.ask(DAY, Command::Resume, &agent(), &hours).unwrap();
    assert_eq!(history.ask(2 * DAY, until(5), &agent(), &hours), refused);
    history.ask(2 * DAY, until(4), &agent(), &hours).unwrap();
}

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

/// A plan whose promises are all other than the usual ones.
fn other_plan() -> SlaPlan {
    let of =
        |n: i64| SlaTargets { first_response_s: n * 600, update_s: n * 7200, resolution_s: n * 20 * HOUR };
    SlaPlan::new(9, [of(1), of(2), of(3), of(4)], vec![50, 100], Matrix::default()).unwrap()
}

fn correct(resolved: Option<ResolvedContract>) -> Command {
    let to = ContractRef {
        contract: Some(ContractNumber::parse("CT-0099-0001", default_formats()).unwrap()),
        serial: Serial::parse("FOC0913ZZZZ").unwrap(),
    };
    let reason = reason("El serial era de otro equipo");
    Command::Revision(RevisionCommand::Correct { to, reason, resolved: resolved.map(Box::new) })
}

fn under(terms: SlaPlan) -> ResolvedContract {
    ResolvedContract {
        coverage: Entitlement::Covered,
        terms,
        hours: ServiceHoursRef { calendar: CalendarId(2), version: 1, zone: "America/Caracas".into() },
        customer: "Banco Andino".into(),
        equipment: "Switch".into(),
    }
}

#[test]
fn edge_10_correction_applies_the_targets_of_the_right_plan() {
    let (mut history, hours, monday) = opened();
    history.at(12 * MINUTE, contact());
    history.ask(2 * HOUR, correct(Some(under(other_plan()))), &agent(), &hours).unwrap();
    let case = history.case();
    let now = monday.plus(2 * HOUR);
    let targets: Vec<_> = case.clocks(&hours.spans, now).iter().map(|c| (c.kind, c.target_s)).collect();
    // High and high is P2 by the matrix, but somebody had made it P1: that stands.
    let expected = [
        (SlaMetric::FirstResponse, 600),
        (SlaMetric::NextUpdate, 2 * HOUR),
        (SlaMetric::Resolution, 20 * HOUR),
    ];
    assert_eq!(targets, expected);
    assert_eq!((case.opening.coverage, case.opening.hours.calendar), (Entitlement::Covered, CalendarId(2)));
    // Told again: twelve minutes were too long for the right plan; and what the wrong one had broken stays broken.
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

#[test]
fn older_histories_deserialise() {
    let before = r#"{"paused":{"reason":"customer","detail":null,"until":1795440000}}"#;
    assert!(matches!(serde_json::from_str::<Event>(before), Ok(Event::Paused { allowed_by: None, .. })));
    let terms = serde_json::to_value(SlaPlan::default()).unwrap();
    let mut older = terms.clone();
    older.as_object_mut().unwrap().remove("waiting");
    assert_eq!(serde_json::from_value::<SlaPlan>(older).unwrap(), SlaPlan::default());
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Contact,
    News,
    Commit,
    Message,
    Wait,
    Resume,
    Weigh,
    Lighten,
    Correct,
    Resolve,
    Reopen,
}

const STEPS: [Step; 11] = [
    Step::Contact,
    Step::News,
    Step::Commit,
    Step::Message,
    Step::Wait,
    Step::Resume,
    Step::Weigh,
    Step::Lighten,
    Step::Correct,
    Step::Resolve,
    Step::Reopen,
];

fn command(step: Step, now: Instant) -> Command {
    let weigh = |severity, urgency| {
        let to = PriorityInputs { severity, urgency };
        Command::Revision(RevisionCommand::Reprioritize { to, reason: reason("Reclasificado") })
    };
    match step {
        Step::Contact => logged(),
        Step::News => news("Seguimos en ello", None),
        Step::Commit => news("Le llamo luego", Some(now.plus(4 * HOUR))),
        Step::Message => message("¿Cómo va?"),
        Step::Wait => wait(PauseReason::Customer, now.plus(5 * HOUR)),
        Step::Resume => Command::Resume,
        Step::Weigh => weigh(Severity::Critical, Urgency::Critical),
        Step::Lighten => weigh(Severity::Low, Urgency::Low),
        Step::Correct => correct(Some(under(other_plan()))),
        Step::Resolve => resolve("Cable reemplazado"),
        Step::Reopen => Command::Verify {
            verdict: domain::case::Verdict::StillFails,
            channel: Some(Channel::Phone),
            who: None,
            said: None,
        },
    }
}

proptest! {
    /// For any history: used and remaining make the target, at most one promise of news is open, explanations add up, a
    /// breach never goes away, and whoever owes news has a clock for it.
    #[test]
    fn invariants_hold_for_any_history_of_contacts_and_messages(
        steps in prop::collection::vec((1..30_000_i64, prop::sample::select(&STEPS[..])), 0..30),
    ) {
        let (mut history, hours, monday) = opened();
        let customer = customer(&history);
        let mut after_s = 0;
        let mut broken = std::collections::BTreeSet::new();
        for (wait_s, step) in steps {
            after_s += wait_s;
            let now = monday.plus(after_s);
            let actor = if matches!(step, Step::Message) { customer.clone() } else { agent() };
            let _ = history.ask(after_s, command(step, now), &actor, &hours);
            let case = history.case();
            let open = case.clocks(&hours.spans, now);
            for clock in &open {
                let reading = clock.reading(&hours.spans, now);
                prop_assert_eq!(reading.used_s + reading.remaining_s, clock.applied_target_s());
                prop_assert!(reading.used_s >= 0);
                let explained: i64 = case.explain(clock.kind, &hours.spans, now).iter().map(|s| s.counted_s).sum();
                prop_assert_eq!(explained, clock.used_s);
            }
            let is_news = |clock: &&SlaClock| matches!(clock.kind, SlaMetric::NextUpdate | SlaMetric::CommittedUpdate);
            let running = open.iter().filter(is_news).filter(|clock| clock.run != TimerState::Stopped).count();
            match (case.resolved_at(), case.first_contact()) {
                (Some(_), _) => prop_assert_eq!(running, 0),
                (None, Some(_)) => prop_assert_eq!(running, 1),
                // Before the first contact news are owed only to whom somebody promised them.
                (None, None) => prop_assert!(running <= 1),
            }
            let all = open.into_iter().chain(case.past_updates(&hours.spans, now));
            let all: Vec<_> = all.chain(case.past_clocks(&hours.spans, now)).collect();
            let now_broken: std::collections::BTreeSet<_> = all
                .iter()
                .filter(|clock| clock.breach.is_some())
                .map(|clock| (clock.kind, clock.cycle))
                .collect();
            prop_assert!(broken.is_subset(&now_broken), "{:?} {:?}", broken, now_broken);
            broken = now_broken;
            for entry in history.entries() {
                let json = serde_json::to_string(entry).unwrap();
                prop_assert_eq!(&serde_json::from_str::<domain::case::Recorded>(&json).unwrap(), entry);
            }
        }
    }
}

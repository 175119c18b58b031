//! Terminations and links of cases.

use crate::case::{History, agent, caracas, contact, eight_to_five, resolve};
use domain::actor::{Actor, NotPermitted, ParticipantOf, PersonId, Role, Staff};
use domain::calendar::ServiceHours;
use domain::case::visit::{Side, Technician, VisitCommand, VisitRefusal, Windows};
use domain::case::{
    AskedBy, ClockState, Command, End, Event, INVITATIONS_PER_HOUR, LinkCommand, LinkEvent, LinkKind,
    LinkRefusal, MessageCommand, Opening, Organisation, Other, PARTICIPANTS_MOST, Participant,
    ParticipantCommand, ParticipantRefusal, PauseReason, Refusal, SlaResult, Status, Termination,
    TerminationCommand, TimerState, Tracking, TrackingCommand, TrackingRefusal, decide, mirrored,
};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::mail_address::MailAddress;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::text::{Note, PersonName, Reason};
use domain::time::{Instant, Span};
use proptest::prelude::*;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn opened() -> (History, ServiceHours, Instant) {
    let (spans, monday) = eight_to_five();
    (History::opened(monday, Priority::P2), caracas(&spans), monday)
}

fn reason() -> Reason {
    Reason::parse("Ya no hace falta").unwrap()
}

fn cancel(asked_by: AskedBy) -> Command {
    Command::Termination(TerminationCommand::Cancel { asked_by, reason: reason() })
}

fn by_link() -> Command {
    Command::Termination(TerminationCommand::CancelOwn { reason: None })
}

fn other() -> CaseNumber {
    CaseNumber::new(Country::Ve, 2026, 4214).unwrap()
}

fn duplicate(of: CaseNumber, known: impl Into<Option<Other>>) -> Command {
    Command::Termination(TerminationCommand::CloseAsDuplicate { of, other: known.into() })
}

fn found(organisation: Organisation, status: Status) -> Other {
    Other::Found { organisation, status }
}

fn relate(other: CaseNumber, known: impl Into<Option<Other>>) -> Command {
    Command::Link(LinkCommand::Relate { other, known: known.into() })
}

fn clock(
    history: &History,
    hours: &ServiceHours,
    kind: SlaMetric,
    now: Instant,
) -> (TimerState, ClockState, i64) {
    let clocks = history.case().clocks(&hours.spans, now);
    let clock = clocks.iter().find(|clock| clock.kind == kind).unwrap();
    (clock.run, clock.reading(&hours.spans, now).state, clock.used_s)
}

#[test]
fn cancellation_voids_running_targets_and_preserves_breaches() {
    let (mut history, hours, monday) = opened();
    // First response was due within the first hours, without a contact.
    history.ask(8 * HOUR, cancel(AskedBy::Customer), &agent(), &hours).unwrap();
    let case = history.case();
    assert_eq!(case.status(), Status::Cancelled);
    let later = monday.plus(3 * DAY);
    let (run, state, _) = clock(&history, &hours, SlaMetric::FirstResponse, later);
    assert_eq!((run, state), (TimerState::Void, ClockState::Breached), "what was broken before stays broken");
    let (run, state, used_s) = clock(&history, &hours, SlaMetric::Resolution, later);
    assert_eq!((run, state, used_s), (TimerState::Void, ClockState::Void, 8 * HOUR), "and time stands still");
    let account = case.closing_report(&hours.spans).unwrap();
    let kept: Vec<_> = account.measured.iter().map(|measured| (measured.kind, measured.result)).collect();
    assert_eq!(
        kept,
        [(SlaMetric::FirstResponse, SlaResult::Breached), (SlaMetric::Resolution, SlaResult::Cancelled)]
    );
    assert_eq!(account.end.name_key(), "withdrawal.cancelled.customer");
    assert!(account.measured.iter().all(|measured| !measured.is_met()));
}

#[test]
fn cancelled_case_has_no_scheduled_run_and_no_survey() {
    let (mut history, hours, monday) = opened();
    history.at(600, contact());
    history.ask(HOUR, cancel(AskedBy::Desk), &agent(), &hours).unwrap();
    let case = history.case();
    for days in [0, 1, 30, 200] {
        let now = monday.plus(HOUR + days * DAY);
        assert_eq!(case.due_commands(&hours, now), []);
        assert_eq!(case.next_run(&hours, now), None);
        assert_eq!(case.survey_due(&hours), None);
    }
    assert!(case.survey().asked().is_none());
}

#[test]
fn cancellation_ends_the_pause_and_still_takes_notes() {
    let (mut history, hours, monday) = opened();
    history.at(600, contact());
    let pause = Command::Pause {
        reason: PauseReason::Customer,
        detail: None,
        until: monday.plus(3 * DAY),
        allowed_by: None,
    };
    history.ask(HOUR, pause, &agent(), &hours).unwrap();
    let customer = Actor::Customer(history.case().opening.number);
    history.ask(2 * HOUR, by_link(), &customer, &hours).unwrap();
    assert!(history.case().pause().is_none());
    let note = Note::parse("Avisó por teléfono").unwrap();
    let noted = Command::AddNote { audience: domain::case::Audience::Internal, text: note.clone() };
    history.ask(3 * HOUR, noted, &agent(), &hours).unwrap();
    history
        .ask(
            4 * HOUR,
            Command::LogContact { channel: domain::case::Channel::Phone, note: None },
            &agent(),
            &hours,
        )
        .unwrap();
    let (run, ..) = clock(&history, &hours, SlaMetric::Resolution, monday.plus(5 * HOUR));
    assert_eq!((history.case().status(), run), (Status::Cancelled, TimerState::Void));
    for (command, actor) in [
        (resolve("Nada"), agent()),
        (Command::Reopen { said: note.clone() }, customer.clone()),
        (cancel(AskedBy::Desk), agent()),
        (Command::Message(MessageCommand::Write { text: note.clone() }), customer),
        (Command::Message(MessageCommand::SendUpdate { text: note, next: None }), agent()),
    ] {
        assert_eq!(history.ask(5 * HOUR, command, &actor, &hours), Err(Refusal::Terminated));
    }
}

#[test]
fn cancellation_is_refused_once_resolved() {
    let (mut history, hours, _) = opened();
    history.at(600, contact());
    history.ask(HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    assert_eq!(
        history.ask(2 * HOUR, cancel(AskedBy::Customer), &agent(), &hours),
        Err(Refusal::AlreadyResolved)
    );
}

#[test]
fn cancellation_is_permitted_by_actor_and_requester() {
    let (mut history, hours, _) = opened();
    let refused = Err(Refusal::NotPermitted(NotPermitted));
    let technician =
        Actor::Staff(Staff { id: PersonId(8), name: "Rosa".into(), role: Role::Technician, composed: None });
    let stranger = Actor::Customer(other());
    let customer = Actor::Customer(history.case().opening.number);
    for (command, actor) in [
        (cancel(AskedBy::Desk), technician.clone()),
        (cancel(AskedBy::Customer), customer.clone()),
        (by_link(), agent()),
        (by_link(), stranger),
        (duplicate(other(), found(Organisation::Same, Status::New)), technician),
        (relate(other(), found(Organisation::Same, Status::New)), customer.clone()),
    ] {
        assert_eq!(history.ask(HOUR, command, &actor, &hours), refused);
    }
    history.ask(HOUR, by_link(), &customer, &hours).unwrap();
    let case = history.case();
    let cancelled = Termination::Cancelled { asked_by: AskedBy::Customer, reason: None };
    assert_eq!(case.terminated().map(|terminated| &terminated.why), Some(&cancelled));
}

#[test]
fn duplicate_names_an_open_case_of_the_same_organisation() {
    let (mut history, hours, monday) = opened();
    let own = history.case().opening.number;
    for (command, refusal) in [
        (duplicate(own, found(Organisation::Same, Status::New)), LinkRefusal::Itself),
        (duplicate(other(), None), LinkRefusal::NotLookedUp),
        (duplicate(other(), Some(Other::Missing)), LinkRefusal::NoSuchCase),
        (duplicate(other(), found(Organisation::Another, Status::New)), LinkRefusal::AnotherOrganisation),
        (duplicate(other(), found(Organisation::Unknown, Status::New)), LinkRefusal::UnknownOrganisation),
        (duplicate(other(), found(Organisation::Same, Status::Closed)), LinkRefusal::HasEnded),
        (duplicate(other(), found(Organisation::Same, Status::Cancelled)), LinkRefusal::HasEnded),
        (duplicate(other(), found(Organisation::Same, Status::Duplicate)), LinkRefusal::HasEnded),
    ] {
        assert_eq!(history.ask(HOUR, command, &agent(), &hours), Err(Refusal::Link(refusal)));
    }
    history
        .ask(HOUR, duplicate(other(), found(Organisation::Same, Status::Resolved)), &agent(), &hours)
        .unwrap();
    let case = history.case();
    assert_eq!(case.status(), Status::Duplicate);
    let links: Vec<_> = case.links().iter().map(|link| (link.kind, link.other, link.at)).collect();
    assert_eq!(links, [(LinkKind::DuplicateOf, other(), monday.plus(HOUR))]);
    let account = case.closing_report(&hours.spans).unwrap();
    assert!(!account.end.can_be_followed(monday.plus(90 * DAY)), "the other case goes on");
    assert_eq!(account.end.name_key(), "withdrawal.duplicate");
}

#[test]
fn case_with_duplicates_stays_open() {
    let (mut history, hours, _) = opened();
    history.at(600, Event::Link(LinkEvent::HasDuplicate { other: other() }));
    let customer = Actor::Customer(history.case().opening.number);
    for (command, actor) in [(cancel(AskedBy::Desk), agent()), (by_link(), customer)] {
        assert_eq!(
            history.ask(HOUR, command, &actor, &hours),
            Err(Refusal::Link(LinkRefusal::CarriesDuplicates))
        );
    }
}

#[test]
fn cancellation_cancels_agreed_visits_but_not_one_under_way() {
    let (mut history, hours, monday) = opened();
    history.at(600, contact());
    let window = Span::new(monday.plus(DAY), monday.plus(DAY + 2 * HOUR));
    let technician = Technician { id: PersonId(8), name: "Rosa".into() };
    let windows = Windows::new(vec![window]).unwrap();
    let offer = VisitCommand::Offer { windows, technician: technician.clone(), note: None };
    history.ask(HOUR, Command::Visit(offer), &agent(), &hours).unwrap();
    let customer = Actor::Customer(history.case().opening.number);
    let mut on_site = History::opened(monday, Priority::P2);
    for entry in history.entries().iter().skip(1) {
        on_site.at_instant(entry.at, entry.event.clone());
    }
    history.ask(2 * HOUR, by_link(), &customer, &hours).unwrap();
    let case = history.case();
    assert!(case.visits().live().is_none());
    assert_eq!(
        case.visits().latest().map(|visit| visit.stage.clone()),
        Some(domain::case::visit::Stage::CalledOff { by: Side::Customer })
    );

    let meeting = domain::case::visit::Meeting { window, technician };
    let visit = domain::case::visit::VisitId(1);
    let agreed = domain::case::visit::VisitEvent::Agreed { meeting, word: None };
    on_site.at(2 * HOUR, Event::Visit { visit, what: agreed });
    on_site.at(DAY, Event::Visit { visit, what: domain::case::visit::VisitEvent::Arrived });
    assert_eq!(
        on_site.ask(DAY + HOUR, cancel(AskedBy::Customer), &agent(), &hours),
        Err(Refusal::Visit(VisitRefusal::UnderWay))
    );
}

#[test]
fn related_cases_are_linked_once_and_unlinked() {
    let (mut history, hours, _) = opened();
    let own = history.case().opening.number;
    let known = found(Organisation::Another, Status::Closed);
    history.ask(HOUR, relate(other(), known), &agent(), &hours).unwrap();
    let links = history.case().links();
    assert_eq!((links[0].kind, links[0].other), (LinkKind::Related, other()));
    for (command, refusal) in [
        (relate(other(), known), LinkRefusal::AlreadyLinked),
        (relate(own, known), LinkRefusal::Itself),
        (relate(other(), Some(Other::Missing)), LinkRefusal::NoSuchCase),
    ] {
        assert_eq!(history.ask(HOUR, command, &agent(), &hours), Err(Refusal::Link(refusal)));
    }
    let unrelate = Command::Link(LinkCommand::Unrelate { other: other() });
    history.ask(2 * HOUR, unrelate.clone(), &agent(), &hours).unwrap();
    assert_eq!(history.case().links(), []);
    assert_eq!(history.ask(3 * HOUR, unrelate, &agent(), &hours), Err(Refusal::Link(LinkRefusal::NotLinked)));
}

#[test]
fn link_events_are_mirrored_in_the_other_case() {
    let own = CaseNumber::new(Country::Ve, 2026, 4213).unwrap();
    let told = |event: LinkEvent| Some((other(), Event::Link(event)));
    for (event, expected) in [
        (Event::Link(LinkEvent::Related { other: other() }), told(LinkEvent::Related { other: own })),
        (Event::Link(LinkEvent::Unrelated { other: other() }), told(LinkEvent::Unrelated { other: own })),
        (
            Event::Terminated(Termination::Duplicate { of: other() }),
            told(LinkEvent::HasDuplicate { other: own }),
        ),
        (Event::Terminated(Termination::Cancelled { asked_by: AskedBy::Desk, reason: None }), None),
        (Event::Link(LinkEvent::FollowedBy { other: other() }), None),
        (Event::Link(LinkEvent::HasDuplicate { other: other() }), None),
    ] {
        assert_eq!(mirrored(&event, own), expected);
    }
    let (history, ..) = opened();
    let opening = Opening { previous_case: Some(other()), ..history.case().opening };
    let opened = Event::Opened(Box::new(opening));
    assert_eq!(mirrored(&opened, own), told(LinkEvent::FollowedBy { other: own }));
}

#[test]
fn older_opening_without_previous_case_deserialises() {
    let (history, ..) = opened();
    let json = serde_json::to_string(&history.entries()[0]).unwrap();
    assert!(!json.contains("follows"), "{json}");
    let read: domain::case::Recorded = serde_json::from_str(&json).unwrap();
    assert_eq!(read, history.entries()[0]);
}

#[test]
fn a_follow_up_is_refused_while_the_previous_case_can_go_on() {
    let (mut history, hours, monday) = opened();
    let end = |history: &History| history.case().closing_report(&hours.spans).map(|report| report.end);
    assert_eq!(End::permits_follow_up(None, monday.plus(90 * DAY)), Err(LinkRefusal::StillOpen));

    history.at(600, contact());
    history.ask(HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    assert_eq!(end(&history), None, "resolved is no end yet");
    history.ask(2 * HOUR, Command::CloseUnconfirmed { reason: reason() }, &agent(), &hours).unwrap();
    let end = end(&history);
    let Some(End::Closed(closed)) = &end else { panic!("{end:?}") };
    let last_moment = closed.reopen_until.plus(-1);
    assert_eq!(End::permits_follow_up(end.as_ref(), last_moment), Err(LinkRefusal::StillOpen));
    assert_eq!(End::permits_follow_up(end.as_ref(), closed.reopen_until), Ok(()));
}

#[test]
fn a_new_case_takes_up_one_whose_way_back_is_closed() {
    let (mut history, hours, monday) = opened();
    history.at(600, contact());
    history.ask(HOUR, resolve("Cable reemplazado"), &agent(), &hours).unwrap();
    history.ask(2 * HOUR, Command::CloseUnconfirmed { reason: reason() }, &agent(), &hours).unwrap();
    let end = history.case().closing_report(&hours.spans).unwrap().end;
    let End::Closed(closed) = &end else { panic!("{end:?}") };
    assert!(!end.can_be_followed(closed.reopen_until.plus(-1)));
    assert!(end.can_be_followed(closed.reopen_until));
    let form = IntakeForm::following(
        &history.case().opening.report,
        &domain::contract_number::ContractFormats::default(),
    );
    assert_eq!((form.contact_same.as_str(), form.fault.as_str(), form.severity.as_str()), ("yes", "", ""));
    let filled = IntakeForm {
        fault: "Volvió la falla del piso 7.".into(),
        severity: "low".into(),
        urgency: "low".into(),
        ..form
    };
    let report = filled.report().unwrap();
    let before = &history.case().opening.report;
    assert_eq!(
        (&report.contact, &report.contract, &report.serial),
        (&before.contact, &before.contract, &before.serial)
    );

    let (mut cancelled, hours, _) = opened();
    cancelled.ask(HOUR, cancel(AskedBy::Customer), &agent(), &hours).unwrap();
    assert!(cancelled.case().closing_report(&hours.spans).unwrap().end.can_be_followed(monday.plus(HOUR)));
}

proptest! {
    /// For any time of cancellation: breached targets remain breached, others are void or met, and no second is added.
    #[test]
    fn cancellation_leaves_past_clocks_unchanged(contact_min in 1i64..600, cancel_min in 600i64..3000, later_min in 1i64..9000) {
        let (mut history, hours, monday) = opened();
        history.at(contact_min * 60, contact());
        let at = monday.plus(cancel_min * 60);
        let before = history.case().clocks(&hours.spans, at);
        history.ask(cancel_min * 60, cancel(AskedBy::Customer), &agent(), &hours).unwrap();
        let after = history.case().clocks(&hours.spans, at.plus(later_min * 60));
        prop_assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            prop_assert_eq!((before.kind, before.used_s, before.breach), (after.kind, after.used_s, after.breach));
            prop_assert!(after.run.is_over());
            prop_assert_eq!(after.run == TimerState::Stopped, before.run == TimerState::Stopped);
        }
    }
}

#[test]
fn link_runs_from_the_end_of_the_case_or_a_later_renewal_and_not_while_it_is_open() {
    let (mut history, hours, monday) = opened();
    let renew = || Command::Tracking(TrackingCommand::Renew { reason: reason(), undelivered: 0 });
    let tracking = |history: &History| history.case().tracking();
    assert_eq!(tracking(&history), Tracking { generation: 0, runs_from: None });
    history.ask(600, renew(), &agent(), &hours).unwrap();
    assert_eq!(tracking(&history), Tracking { generation: 1, runs_from: None });
    history.ask(HOUR, cancel(AskedBy::Desk), &agent(), &hours).unwrap();
    let ended = monday.plus(HOUR);
    assert_eq!(tracking(&history), Tracking { generation: 1, runs_from: Some(ended) });
    history.ask(DAY, renew(), &agent(), &hours).unwrap();
    let renewed = Some(monday.plus(DAY));
    assert_eq!(tracking(&history), Tracking { generation: 2, runs_from: renewed }, "an ended case takes it");
}

#[test]
fn renewal_is_refused_while_its_mail_would_not_arrive() {
    let (mut history, hours, _) = opened();
    let customer = Actor::Customer(history.case().opening.number);
    let own = |undelivered| Command::Tracking(TrackingCommand::RenewOwn { undelivered });
    let unreachable = Refusal::Tracking(TrackingRefusal::Unreachable);
    assert_eq!(history.ask(600, own(1), &customer, &hours), Err(unreachable.clone()));
    let renew = Command::Tracking(TrackingCommand::Renew { reason: reason(), undelivered: 2 });
    assert_eq!(history.ask(600, renew, &agent(), &hours), Err(unreachable));
    assert_eq!(history.ask(600, own(0), &agent(), &hours), Err(Refusal::NotPermitted(NotPermitted)));
    assert!(history.ask(600, own(0), &customer, &hours).is_ok());
}

fn invite(mail: &str) -> Command {
    Command::Participant(ParticipantCommand::Invite {
        name: PersonName::parse("Eva Díaz").unwrap(),
        mail: MailAddress::parse(mail).unwrap(),
        language: Language::Pt,
    })
}

/// Gives a command, and records its events in the actor's name.
fn asked(
    history: &mut History,
    after_s: i64,
    command: Command,
    actor: &Actor,
    hours: &ServiceHours,
) -> Result<(), Refusal> {
    let now = history.case().opened_at.plus(after_s);
    for event in decide(&history.case(), command, actor, hours, now)? {
        history.by(now, actor, event);
    }
    Ok(())
}

#[test]
fn customer_invites_few_at_a_time_and_the_staff_up_to_the_limit() {
    let (mut history, hours, _) = opened();
    let customer = Actor::Customer(history.case().opening.number);
    let refused = |why: ParticipantRefusal| Err(Refusal::Participant(why));
    let contact = history.case().opening.report.contact.mail.to_string().to_uppercase();
    assert_eq!(
        asked(&mut history, 1, invite(&contact), &customer, &hours),
        refused(ParticipantRefusal::AlreadyHere)
    );
    for nth in 0..INVITATIONS_PER_HOUR {
        asked(&mut history, 2, invite(&format!("eva{nth}@example.com")), &customer, &hours).unwrap();
    }
    let again = invite("EVA0@example.com");
    assert_eq!(
        asked(&mut history, 3, again.clone(), &agent(), &hours),
        refused(ParticipantRefusal::AlreadyHere)
    );
    let more = invite("luis@example.com");
    assert_eq!(
        asked(&mut history, HOUR, more.clone(), &customer, &hours),
        refused(ParticipantRefusal::TooOften)
    );
    asked(&mut history, HOUR + 2, more, &customer, &hours).unwrap();
    for nth in INVITATIONS_PER_HOUR + 1..PARTICIPANTS_MOST {
        asked(&mut history, HOUR + 3, invite(&format!("eva{nth}@example.com")), &agent(), &hours).unwrap();
    }
    assert_eq!(history.case().participants().len(), PARTICIPANTS_MOST);
    let one_more = invite("one@example.com");
    assert_eq!(
        asked(&mut history, HOUR + 4, one_more, &agent(), &hours),
        refused(ParticipantRefusal::TooMany)
    );

    // Who is invited again is another participant: the link from before stays dead.
    let first = history.case().participant_of("eva0@example.com").unwrap().id;
    let remove = Command::Participant(ParticipantCommand::Remove { participant: first });
    asked(&mut history, HOUR + 5, remove.clone(), &customer, &hours).unwrap();
    assert_eq!(asked(&mut history, HOUR + 6, remove, &agent(), &hours), refused(ParticipantRefusal::NotHere));
    asked(&mut history, HOUR + 7, again, &agent(), &hours).unwrap();
    assert_ne!(history.case().participant_of("eva0@example.com").unwrap().id, first);

    asked(&mut history, 2 * HOUR, cancel(AskedBy::Desk), &agent(), &hours).unwrap();
    assert_eq!(
        asked(&mut history, 3 * HOUR, invite("late@example.com"), &agent(), &hours),
        refused(ParticipantRefusal::Ended)
    );
}

#[test]
fn participant_writes_and_leaves_and_says_nothing_for_the_contact() {
    let (mut history, hours, _) = opened();
    asked(&mut history, 1, invite("eva@example.com"), &agent(), &hours).unwrap();
    let number = history.case().opening.number;
    let Participant { id, name, .. } = history.case().participants()[0].clone();
    let eva = Actor::Participant(ParticipantOf { number, id, name });
    let write = Command::Message(MessageCommand::Write { text: Note::parse("¿Cuándo vienen?").unwrap() });
    asked(&mut history, 2, write, &eva, &hours).unwrap();
    assert_eq!(
        history.case().unanswered(),
        Some(history.case().opened_at.plus(2)),
        "the desk owes an answer"
    );
    let renew = Command::Tracking(TrackingCommand::RenewOwn { undelivered: 0 });
    for command in [by_link(), renew, invite("luis@example.com")] {
        assert_eq!(asked(&mut history, 3, command, &eva, &hours), Err(Refusal::NotPermitted(NotPermitted)));
    }
    let leave = || Command::Participant(ParticipantCommand::Leave);
    let customer = Actor::Customer(number);
    assert_eq!(asked(&mut history, 4, leave(), &customer, &hours), Err(Refusal::NotPermitted(NotPermitted)));
    asked(&mut history, 4, leave(), &eva, &hours).unwrap();
    assert!(history.case().participants().is_empty());
    let late = Command::Message(MessageCommand::Write { text: Note::parse("¿Siguen ahí?").unwrap() });
    for command in [leave(), late] {
        let refused = asked(&mut history, 5, command, &eva, &hours);
        assert_eq!(refused, Err(ParticipantRefusal::NotHere.into()));
    }

    // Who left is invited by the staff alone, in whatever spelling of the mailbox.
    for again in ["eva@example.com", "Eva+casa@example.com"] {
        let refused = asked(&mut history, 6, invite(again), &customer, &hours);
        assert_eq!(refused, Err(ParticipantRefusal::HasLeft.into()), "{again}");
    }
    asked(&mut history, 7, invite("eva@example.com"), &agent(), &hours).unwrap();
    let id = history.case().participants()[0].id;
    let remove = Command::Participant(ParticipantCommand::Remove { participant: id });
    asked(&mut history, 8, remove, &customer, &hours).unwrap();
    asked(&mut history, 9, invite("eva@example.com"), &customer, &hours).unwrap();
}

//! Undone contacts: possible while nothing builds on them, with clocks as if they had never stopped.

use crate::case::{History, agent, caracas, eight_to_five, note};
use domain::actor::Actor;
use domain::calendar::ServiceHours;
use domain::case::invariants::violations;
use domain::case::{
    Audience, Channel, Command, MessageCommand, PauseReason, Refusal, RevisionCommand, RevisionRefusal,
    SlaClock, Status, TimerState, UNDO_S, UndoableContact, WaitOverlap, wait_overlaps,
};
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::time::Instant;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// Opened on a Monday at eight, P2: first response within half an hour, updates every two hours.
fn opened() -> (History, ServiceHours, Instant) {
    let (spans, monday) = eight_to_five();
    (History::opened(monday, Priority::P2), caracas(&spans), monday)
}

fn contact(channel: Channel) -> Command {
    Command::LogContact { channel, note: None }
}

fn take_back(contact: u32) -> Command {
    Command::Revision(RevisionCommand::UndoContact { contact })
}

fn refused() -> Result<(), Refusal> {
    Err(RevisionRefusal::NothingToUndo.into())
}

fn message(text: &str) -> Command {
    Command::Message(MessageCommand::Write { text: note(text) })
}

fn of(history: &History, kind: SlaMetric, hours: &ServiceHours, now: Instant) -> Option<SlaClock> {
    history.case().clocks(&hours.spans, now).into_iter().find(|clock| clock.kind == kind)
}

#[test]
fn undo_contact_resumes_the_clocks_that_it_stopped() {
    let (mut history, hours, monday) = opened();
    let customer = Actor::Customer(history.case().opening.number);
    history.ask(MINUTE, message("¿Hay novedades?"), &customer, &hours).unwrap();
    let before = history.case();
    history.ask(5 * MINUTE, contact(Channel::Phone), &agent(), &hours).unwrap();
    assert_eq!(
        history.case().undoable_contact(),
        Some(UndoableContact { contact: 3, at: monday.plus(5 * MINUTE) })
    );
    let inward = Command::AddNote { audience: Audience::Internal, text: note("Era otro caso") };
    history.ask(6 * MINUTE, inward, &agent(), &hours).unwrap();
    history.ask(8 * MINUTE, take_back(3), &agent(), &hours).unwrap();

    let (case, now) = (history.case(), monday.plus(8 * MINUTE));
    assert_eq!((case.status(), case.first_contact(), case.undoable_contact()), (Status::New, None, None));
    assert_eq!(case.unanswered(), Some(monday.plus(MINUTE)), "what the customer wrote waits again");
    assert_eq!(case.clocks(&hours.spans, now), before.clocks(&hours.spans, now));
    let attention = of(&history, SlaMetric::FirstResponse, &hours, now).unwrap();
    assert_eq!((attention.run, attention.used_s), (TimerState::Running, 8 * MINUTE));
    assert_eq!(violations(history.entries(), monday.plus(3 * HOUR), |_| Some(&hours)), []);

    // A real contact later: it meets the first response, and an update is owed.
    history.ask(20 * MINUTE, contact(Channel::Phone), &agent(), &hours).unwrap();
    let attention = of(&history, SlaMetric::FirstResponse, &hours, monday.plus(HOUR)).unwrap();
    assert_eq!((attention.run, attention.used_s, attention.breach), (TimerState::Stopped, 20 * MINUTE, None));
    assert!(of(&history, SlaMetric::NextUpdate, &hours, monday.plus(HOUR)).is_some());
    assert_eq!(violations(history.entries(), monday.plus(3 * HOUR), |_| Some(&hours)), []);
}

#[test]
fn undo_contact_restores_the_update_target() {
    let (mut history, hours, monday) = opened();
    history.ask(MINUTE, contact(Channel::Phone), &agent(), &hours).unwrap();
    let next = monday.plus(5 * HOUR);
    let promise = MessageCommand::Contact { channel: Channel::Phone, note: None, next };
    let before = history.case();
    history.ask(HOUR, Command::Message(promise), &agent(), &hours).unwrap();
    assert_eq!(of(&history, SlaMetric::NextUpdate, &hours, monday.plus(HOUR)), None, "a date took its place");
    let undoable_contact = history.case().undoable_contact().map(|undoable_contact| undoable_contact.contact);
    assert_eq!(undoable_contact, Some(3), "the date is part of the contact");
    history.ask(HOUR + MINUTE, take_back(3), &agent(), &hours).unwrap();
    let now = monday.plus(HOUR + MINUTE);
    assert_eq!(history.case().clocks(&hours.spans, now), before.clocks(&hours.spans, now));
    assert_eq!(history.case().first_contact(), Some(monday.plus(MINUTE)), "there was one before");
    history.ask(2 * HOUR, contact(Channel::Mail), &agent(), &hours).unwrap();
    assert_eq!(violations(history.entries(), monday.plus(9 * HOUR), |_| Some(&hours)), []);
}

#[test]
fn undo_contact_is_refused_after_ten_minutes_or_later_entries() {
    let (mut history, hours, _) = opened();
    assert_eq!(history.ask(0, take_back(1), &agent(), &hours), refused(), "there is none");
    history.ask(MINUTE, contact(Channel::Phone), &agent(), &hours).unwrap();
    assert_eq!(history.ask(2 * MINUTE, take_back(3), &agent(), &hours), refused(), "it is another");
    let late_s = MINUTE + UNDO_S;
    assert_eq!(history.ask(late_s, take_back(2), &agent(), &hours), refused(), "too late");
    let customer = Actor::Customer(history.case().opening.number);
    let theirs = history.ask(2 * MINUTE, take_back(2), &customer, &hours);
    assert!(matches!(theirs, Err(Refusal::NotPermitted(_))), "it is not theirs to take back");
    let news = MessageCommand::SendUpdate { text: note("Como le dije, vamos en camino."), next: None };
    history.ask(2 * MINUTE, Command::Message(news), &agent(), &hours).unwrap();
    assert_eq!(history.ask(3 * MINUTE, take_back(2), &agent(), &hours), refused(), "news rest on it");

    let (mut history, hours, _) = opened();
    history.ask(MINUTE, contact(Channel::OnSite), &agent(), &hours).unwrap();
    assert_eq!(history.ask(2 * MINUTE, take_back(2), &agent(), &hours), refused(), "face to face");

    let (mut history, hours, _) = opened();
    history.ask(MINUTE, contact(Channel::Phone), &agent(), &hours).unwrap();
    history.ask(2 * MINUTE, take_back(2), &agent(), &hours).unwrap();
    assert_eq!(history.ask(3 * MINUTE, take_back(2), &agent(), &hours), refused(), "once");
}

#[test]
fn undo_contact_is_accepted_after_the_pause_has_ended() {
    let (mut history, hours, monday) = opened();
    let until = monday.plus(6 * MINUTE);
    let wait = Command::Pause { reason: PauseReason::Customer, detail: None, until, allowed_by: None };
    history.ask(MINUTE, wait, &agent(), &hours).unwrap();
    history.ask(2 * MINUTE, contact(Channel::Phone), &agent(), &hours).unwrap();
    // The end of the pause is not recorded yet.
    history.ask(6 * MINUTE, take_back(3), &agent(), &hours).unwrap();
    assert_eq!(history.case().first_contact(), None);
    let attention = of(&history, SlaMetric::FirstResponse, &hours, monday.plus(6 * MINUTE)).unwrap();
    assert_eq!((attention.run, attention.used_s), (TimerState::Running, 6 * MINUTE));
    assert_eq!(violations(history.entries(), monday.plus(3 * HOUR), |_| Some(&hours)), []);
}

#[test]
fn undone_contact_leaves_no_wait_overlap() {
    let (mut history, hours, monday) = opened();
    let wait = Command::Pause {
        reason: PauseReason::Customer,
        detail: None,
        until: monday.plus(4 * HOUR),
        allowed_by: None,
    };
    history.ask(MINUTE, wait, &agent(), &hours).unwrap();
    history.ask(HOUR, contact(Channel::Phone), &agent(), &hours).unwrap();
    let answered: Vec<Instant> =
        wait_overlaps(history.entries()).iter().map(|overlap: &WaitOverlap| overlap.answered_at).collect();
    assert_eq!(answered, [monday.plus(HOUR)]);
    history.ask(HOUR + MINUTE, take_back(3), &agent(), &hours).unwrap();
    assert_eq!(wait_overlaps(history.entries()), []);
}

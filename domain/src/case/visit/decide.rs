//! The rules that accept or refuse a command about a visit.

use super::booking::Conflicts;
use super::event::{MoveTo, VisitCommand, VisitEvent};
use super::no_show;
use super::refusal::{MAX_AHEAD_S, VisitRefusal};
use super::state::{Stage, Visit};
use super::values::{AnswerSource, Meeting, Side, Technician, VisitAnswer, VisitId, Windows};
use crate::actor::Actor;
use crate::attachment::MOST_FILES;
use crate::case::event::{Channel, Event};
use crate::case::evolve::Case;
use crate::case::revision::UNDO_S;
use crate::text::Note;
use crate::time::{Instant, Span};

/// The events of `command`, given at `now` by an actor whom the policy permits it.
pub(in crate::case) fn decide(
    case: &Case,
    command: VisitCommand,
    actor: &Actor,
    now: Instant,
) -> Result<Vec<Event>, VisitRefusal> {
    let latest = case.visits().latest();
    let on = |id: VisitId, events: Vec<VisitEvent>| {
        events.into_iter().map(|what| Event::Visit { visit: id, what }).collect::<Vec<_>>()
    };
    match command {
        VisitCommand::Offer { windows, technician, note } => {
            check_offer(case, &windows, now)?;
            let id = case.visits().id_for_offer();
            Ok(on(id, vec![VisitEvent::Offered { windows, technician, note }]))
        }
        VisitCommand::Agree { meeting, word } => {
            check_none_agreed(latest)?;
            check_window(meeting.window, now)?;
            let id = case.visits().id_for_offer();
            // The agent who records the customer's statement has spoken with them.
            let contact = first_contact(case, word.channel);
            let agreed = on(id, vec![VisitEvent::Agreed { meeting, word: Some(word) }]);
            Ok(contact.into_iter().chain(agreed).collect())
        }
        VisitCommand::Reassign { technician: to, note } => {
            let visit = latest.ok_or(VisitRefusal::NoVisit)?;
            let Meeting { technician: from, .. } = visit.meeting().ok_or(VisitRefusal::NotAgreed)?;
            if from.id == to.id {
                return Err(VisitRefusal::SameTechnician);
            }
            Ok(on(visit.id, vec![VisitEvent::Reassigned { from, to, note }]))
        }
        VisitCommand::Attach(_) | VisitCommand::Detach { .. } => {
            let visit = latest.filter(|visit| visit.is_under_way()).ok_or(VisitRefusal::NoVisit)?;
            check_technician(visit, actor)?;
            Ok(on(visit.id, vec![file_event(visit, command)?]))
        }
        VisitCommand::Answer { answer, given } => {
            let visit = latest.ok_or(VisitRefusal::NoVisit)?;
            let contact = match &given {
                AnswerSource::ByStaff(word) => first_contact(case, word.channel),
                AnswerSource::ByLink { .. } => None,
            };
            let answered = on(visit.id, answered(visit, answer, given, now)?);
            Ok(contact.into_iter().chain(answered).collect())
        }
        VisitCommand::Confirm { window } => {
            let visit = latest.ok_or(VisitRefusal::NoVisit)?;
            let Stage::Proposed(windows) = &visit.stage else { return Err(VisitRefusal::NothingOffered) };
            let agreed = agreed(visit, windows, window, None, now)?;
            Ok(on(visit.id, vec![agreed]))
        }
        VisitCommand::Move { by, reason, technician, to } => {
            let visit = latest.ok_or(VisitRefusal::NoVisit)?;
            let from = visit.meeting().ok_or(VisitRefusal::NotAgreed)?;
            let next = next_time(to, technician, &reason, now)?;
            Ok(on(visit.id, vec![VisitEvent::Moved { by, from, note: Some(reason) }, next]))
        }
        VisitCommand::CallOff { by, reason } => {
            let visit = case.visits().live().ok_or(VisitRefusal::NoVisit)?;
            if visit.arrived_at().is_some() {
                return Err(VisitRefusal::OnSite);
            }
            let off = VisitEvent::CalledOff { by, from: visit.meeting(), note: Some(reason) };
            Ok(on(visit.id, vec![off]))
        }
        command => at_site(case, command, actor, now),
    }
}

/// An offer needs a first contact, windows in the future and no agreed time.
fn check_offer(case: &Case, windows: &Windows, now: Instant) -> Result<(), VisitRefusal> {
    check_none_agreed(case.visits().latest())?;
    check_ahead(windows, now)?;
    if case.first_contact().is_none() { Err(VisitRefusal::ContactFirst) } else { Ok(()) }
}

/// The offer or the agreement that replaces a moved time.
fn next_time(
    to: MoveTo,
    technician: Technician,
    reason: &Note,
    now: Instant,
) -> Result<VisitEvent, VisitRefusal> {
    match to {
        MoveTo::Offer(windows) => {
            check_ahead(&windows, now)?;
            Ok(VisitEvent::Offered { windows, technician, note: Some(reason.clone()) })
        }
        MoveTo::Agreed { window, word } => {
            check_window(window, now)?;
            Ok(VisitEvent::Agreed { meeting: Meeting { window, technician }, word: Some(word) })
        }
    }
}

/// Like [`decide`], for a booking that other visits or absences speak against. They are recorded first.
pub(in crate::case) fn overrule(
    case: &Case,
    (command, conflicts, reason): (VisitCommand, Conflicts, Note),
    actor: &Actor,
    now: Instant,
) -> Result<Vec<Event>, VisitRefusal> {
    let events = decide(case, command, actor, now)?;
    let booked = events.iter().find_map(|event| match event {
        Event::Visit { visit, .. } if !conflicts.is_empty() => Some(*visit),
        _ => None,
    });
    let Conflicts { clashes, absences } = conflicts;
    let overruled =
        booked.map(|visit| Event::Visit { visit, what: VisitEvent::Overruled { clashes, absences, reason } });
    Ok(overruled.into_iter().chain(events).collect())
}

/// Events at the site, no-shows, and what undoes them.
fn at_site(
    case: &Case,
    command: VisitCommand,
    actor: &Actor,
    now: Instant,
) -> Result<Vec<Event>, VisitRefusal> {
    let visit = case.visits().latest().ok_or(VisitRefusal::NotAgreed)?;
    check_technician(visit, actor)?;
    let what = match command {
        VisitCommand::UndoArrival => {
            check_undo_arrival(case, visit, now)?;
            VisitEvent::ArrivalUndone
        }
        VisitCommand::UndoMiss => no_show::undone(visit, now)?,
        VisitCommand::NoShow { .. } | VisitCommand::DidNotCome { .. } => {
            no_show::missed(visit, command, now)?
        }
        command => on_site(visit, command)?,
    };
    // The technician meets the customer face to face.
    let contact = match what {
        VisitEvent::Arrived => first_contact(case, Channel::OnSite),
        _ => None,
    };
    Ok([Event::Visit { visit: visit.id, what }].into_iter().chain(contact).collect())
}

/// The first contact, if there was none before.
fn first_contact(case: &Case, channel: Channel) -> Option<Event> {
    case.first_contact().is_none().then_some(Event::Contacted { channel, note: None, length_s: None })
}

/// An arrival can be undone as long as a contact, while no work, no file and no first contact builds on it.
fn check_undo_arrival(case: &Case, visit: &Visit, now: Instant) -> Result<(), VisitRefusal> {
    match visit.stage {
        Stage::OnSite { arrived_at, .. }
            if now < arrived_at.plus(UNDO_S)
                && visit.files.is_empty()
                && case.first_contact() != Some(arrived_at) =>
        {
            Ok(())
        }
        _ => Err(VisitRefusal::NothingToUndo),
    }
}

/// Refuses while a time is agreed or the technician is on site.
fn check_none_agreed(latest: Option<&Visit>) -> Result<(), VisitRefusal> {
    match latest.map(|visit| &visit.stage) {
        Some(Stage::Agreed(_)) => Err(VisitRefusal::AlreadyAgreed),
        Some(Stage::OnSite { .. } | Stage::Working { .. }) => Err(VisitRefusal::OnSite),
        _ => Ok(()),
    }
}

/// Files are added and removed only while the technician is on site.
fn file_event(visit: &Visit, command: VisitCommand) -> Result<VisitEvent, VisitRefusal> {
    match command {
        VisitCommand::Attach(_) if visit.files.len() >= MOST_FILES => Err(VisitRefusal::TooManyFiles),
        VisitCommand::Attach(file) if visit.files.iter().any(|known| known.hash == file.hash) => {
            Err(VisitRefusal::SameFile)
        }
        VisitCommand::Attach(file) => Ok(VisitEvent::Attached(file)),
        VisitCommand::Detach { id } => {
            let file = visit.file(&id).ok_or(VisitRefusal::NoSuchFile)?.clone();
            Ok(VisitEvent::Detached { file })
        }
        _ => Err(VisitRefusal::NoSuchFile),
    }
}

/// The events of the customer's answer.
fn answered(
    visit: &Visit,
    answer: VisitAnswer,
    given: AnswerSource,
    now: Instant,
) -> Result<Vec<VisitEvent>, VisitRefusal> {
    if let AnswerSource::ByLink { revision } = given
        && revision != visit.revision
    {
        return Err(VisitRefusal::NotCurrent);
    }
    let moved = |note| {
        let by = Side::Customer;
        visit.meeting().map(|from| VisitEvent::Moved { by, from, note })
    };
    Ok(match (answer, &visit.stage) {
        (VisitAnswer::Accept { window }, Stage::Offered(windows)) => {
            vec![agreed(visit, windows, window, Some(given), now)?]
        }
        (
            VisitAnswer::Propose { windows, note },
            Stage::Offered(_) | Stage::Proposed(_) | Stage::Agreed(_),
        ) => {
            check_ahead(&windows, now)?;
            let proposed = VisitEvent::Proposed { windows, note: note.clone(), word: given.word() };
            moved(note).into_iter().chain([proposed]).collect()
        }
        (VisitAnswer::Decline { note }, Stage::Offered(_) | Stage::Proposed(_)) => {
            vec![VisitEvent::Declined { note, word: given.word() }]
        }
        (VisitAnswer::Decline { note }, Stage::Agreed(_)) => {
            vec![VisitEvent::CalledOff { by: Side::Customer, from: visit.meeting(), note }]
        }
        _ => return Err(VisitRefusal::NothingOffered),
    })
}

fn agreed(
    visit: &Visit,
    named: &Windows,
    window: Span,
    given: Option<AnswerSource>,
    now: Instant,
) -> Result<VisitEvent, VisitRefusal> {
    if !named.holds(window) {
        return Err(VisitRefusal::NotNamed);
    }
    check_begins_ahead(window, now)?;
    let meeting = Meeting { window, technician: visit.technician.clone() };
    Ok(VisitEvent::Agreed { meeting, word: given.and_then(AnswerSource::word) })
}

/// The event of a command on site.
fn on_site(visit: &Visit, command: VisitCommand) -> Result<VisitEvent, VisitRefusal> {
    match (command, &visit.stage) {
        (VisitCommand::Arrive, Stage::Agreed(_)) => Ok(VisitEvent::Arrived),
        (VisitCommand::Arrive, Stage::OnSite { .. } | Stage::Working { .. }) => Err(VisitRefusal::OnSite),
        (VisitCommand::Arrive, _) => Err(VisitRefusal::NotAgreed),
        (VisitCommand::Start, Stage::OnSite { .. }) => Ok(VisitEvent::Started),
        (VisitCommand::End { report, conformity }, Stage::Working { .. }) => {
            Ok(VisitEvent::Ended { report, conformity })
        }
        (VisitCommand::End { .. }, Stage::OnSite { .. }) => Err(VisitRefusal::NotStarted),
        _ => Err(VisitRefusal::NotArrived),
    }
}

/// Technicians report their own visits alone. Other staff records what a technician tells them.
fn check_technician(visit: &Visit, actor: &Actor) -> Result<(), VisitRefusal> {
    match actor {
        Actor::Staff(staff) if staff.role.goes_on_visits() && staff.id != visit.technician.id => {
            Err(VisitRefusal::OtherTechnician)
        }
        _ => Ok(()),
    }
}

fn check_ahead(windows: &Windows, now: Instant) -> Result<(), VisitRefusal> {
    windows.as_slice().iter().try_for_each(|window| check_begins_ahead(*window, now))
}

/// Checks a window that was agreed without an offer, by the rules of an offer.
fn check_window(window: Span, now: Instant) -> Result<(), VisitRefusal> {
    check_ahead(&Windows::new(vec![window])?, now)
}

fn check_begins_ahead(window: Span, now: Instant) -> Result<(), VisitRefusal> {
    if window.from <= now {
        return Err(VisitRefusal::InThePast);
    }
    if window.to.since(now) > MAX_AHEAD_S { Err(VisitRefusal::TooFarAhead) } else { Ok(()) }
}

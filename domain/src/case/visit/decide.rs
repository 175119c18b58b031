//! The rules of what may happen to a visit, and when.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::event::{MoveTo, VisitCommand, VisitEvent};
use super::state::{Stage, Visit};
use super::values::{Given, Meeting, Side, VisitAnswer, VisitId, Windows, WindowsProblem};
use crate::actor::{Actor, Role};
use crate::attachment::MOST_FILES;
use crate::case::event::{Channel, Event};
use crate::case::evolve::Case;
use crate::case::revision::TAKE_BACK_S;
use crate::t;
use crate::time::{Instant, Span};
use crate::words::Language;

/// No visit is planned further ahead: 60 days.
pub const MAX_AHEAD_S: i64 = 60 * 24 * 3600;

/// Why a wish about a visit was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitRefusal {
    /// No visit is under way: offer one first.
    #[error("no visit is under way")]
    NoVisit,
    /// The offer was answered or replaced meanwhile: look at the case.
    #[error("the offer is no longer the latest")]
    NotCurrent,
    /// There is nothing to answer.
    #[error("no offer waits for an answer")]
    NothingOffered,
    /// The window is none of those that were named.
    #[error("the window was not named")]
    NotNamed,
    /// A window must lie ahead.
    #[error("a window has begun already")]
    InThePast,
    /// A window is too far away.
    #[error("a window is more than {} days ahead", MAX_AHEAD_S / 86_400)]
    TooFarAhead,
    /// A time is agreed: move the visit instead.
    #[error("a time is agreed")]
    AlreadyAgreed,
    /// No time is agreed with the customer: nobody goes without.
    #[error("no time is agreed")]
    NotAgreed,
    /// The technician is on site already.
    #[error("the technician is on site")]
    OnSite,
    /// Arrival comes first.
    #[error("nobody has arrived")]
    NotArrived,
    /// The work must begin first.
    #[error("the work has not begun")]
    NotStarted,
    /// The agreed window is not over: the technician may still come.
    #[error("the agreed window is not over")]
    WindowNotOver,
    /// The visit is another technician's.
    #[error("the visit is another technician's")]
    OtherTechnician,
    /// There is no such technician in service.
    #[error("there is no such technician")]
    NoSuchTechnician,
    /// The window is none that a technician could keep.
    #[error(transparent)]
    Window(#[from] WindowsProblem),
    /// It is their visit already.
    #[error("the visit is that technician's already")]
    SameTechnician,
    /// The visit has as many files as one can have.
    #[error("the visit has {MOST_FILES} files")]
    TooManyFiles,
    /// The same bytes are there already.
    #[error("the file is there already")]
    SameFile,
    /// There is no such file.
    #[error("there is no such file")]
    NoSuchFile,
    /// A visit is still under way: end it or call it off first.
    #[error("a visit is under way")]
    UnderWay,
    /// Nobody has spoken with the customer yet: contact comes first (letter, step 5), and somebody travels only as agreed
    /// with them (step 6).
    #[error("no contact is logged")]
    ContactFirst,
    /// Nobody has just arrived, or something rests on it.
    #[error("no arrival can be taken back")]
    NothingToTakeBack,
}

impl VisitRefusal {
    /// The broken rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn words(self, language: Language) -> String {
        let key = match self {
            Self::NoVisit => "visit.refusal.no_visit",
            Self::NotCurrent => "visit.refusal.not_current",
            Self::NothingOffered => "visit.refusal.nothing_offered",
            Self::NotNamed => "visit.refusal.not_named",
            Self::InThePast => "visit.refusal.in_the_past",
            Self::TooFarAhead => {
                return t!(language, "visit.refusal.too_far_ahead", days = MAX_AHEAD_S / 86_400);
            }
            Self::AlreadyAgreed => "visit.refusal.already_agreed",
            Self::NotAgreed => "visit.refusal.not_agreed",
            Self::OnSite => "visit.refusal.on_site",
            Self::NotArrived => "visit.refusal.not_arrived",
            Self::NotStarted => "visit.refusal.not_started",
            Self::WindowNotOver => "visit.refusal.window_not_over",
            Self::OtherTechnician => "visit.refusal.other_technician",
            Self::NoSuchTechnician => "visit.refusal.no_such_technician",
            Self::UnderWay => "visit.refusal.under_way",
            Self::ContactFirst => "visit.refusal.contact_first",
            Self::NothingToTakeBack => "visit.refusal.nothing_to_take_back",
            Self::Window(problem) => return problem.words(language),
            Self::SameTechnician => "visit.refusal.same_technician",
            Self::TooManyFiles => return t!(language, "file.problem.too_many", most = MOST_FILES),
            Self::SameFile => "file.problem.same",
            Self::NoSuchFile => "file.problem.gone",
        };
        t!(language, key).into_owned()
    }
}

/// What happens to the visits of `case` when `actor`, who is permitted to, asks for `command` at `now`.
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
            nothing_agreed(latest)?;
            ahead(&windows, now)?;
            if case.first_contact().is_none() {
                return Err(VisitRefusal::ContactFirst);
            }
            let id = case.visits().id_for_offer();
            Ok(on(id, vec![VisitEvent::Offered { windows, technician, note }]))
        }
        VisitCommand::Agree { meeting, word } => {
            nothing_agreed(latest)?;
            fits(meeting.window, now)?;
            let id = case.visits().id_for_offer();
            // Whoever writes the customer's word down has spoken with them.
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
            ours(visit, actor)?;
            Ok(on(visit.id, vec![filed(visit, command)?]))
        }
        VisitCommand::Answer { answer, given } => {
            let visit = latest.ok_or(VisitRefusal::NoVisit)?;
            let contact = match &given {
                Given::Told(word) => first_contact(case, word.channel),
                Given::ByLink { .. } => None,
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
            let next = match to {
                MoveTo::Offer(windows) => {
                    ahead(&windows, now)?;
                    VisitEvent::Offered { windows, technician, note: Some(reason.clone()) }
                }
                MoveTo::Agreed { window, word } => {
                    fits(window, now)?;
                    VisitEvent::Agreed { meeting: Meeting { window, technician }, word: Some(word) }
                }
            };
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
        VisitCommand::TakeArrivalBack => {
            let visit = latest.ok_or(VisitRefusal::NotAgreed)?;
            ours(visit, actor)?;
            may_take_back(case, visit, now)?;
            Ok(on(visit.id, vec![VisitEvent::ArrivalTakenBack]))
        }
        VisitCommand::Miss { .. } | VisitCommand::Arrive | VisitCommand::Start | VisitCommand::End { .. } => {
            let visit = latest.ok_or(VisitRefusal::NotAgreed)?;
            ours(visit, actor)?;
            let happened = on_site(visit, command, now)?;
            // Face to face with the customer.
            let contact = match happened {
                VisitEvent::Arrived => first_contact(case, Channel::OnSite),
                _ => None,
            };
            Ok(on(visit.id, vec![happened]).into_iter().chain(contact).collect())
        }
    }
}

/// A human speaks with the customer: the first contact, if nobody was sooner.
fn first_contact(case: &Case, channel: Channel) -> Option<Event> {
    case.first_contact().is_none().then_some(Event::Contacted { channel, note: None })
}

/// An arrival is taken back for as long as a contact is, while nothing rests on it: no work, no file, no first contact.
fn may_take_back(case: &Case, visit: &Visit, now: Instant) -> Result<(), VisitRefusal> {
    match visit.stage {
        Stage::OnSite { arrived_at, .. }
            if now < arrived_at.plus(TAKE_BACK_S)
                && visit.files.is_empty()
                && case.first_contact() != Some(arrived_at) =>
        {
            Ok(())
        }
        _ => Err(VisitRefusal::NothingToTakeBack),
    }
}

/// Refuses while a time is agreed or somebody is on site.
fn nothing_agreed(latest: Option<&Visit>) -> Result<(), VisitRefusal> {
    match latest.map(|visit| &visit.stage) {
        Some(Stage::Agreed(_)) => Err(VisitRefusal::AlreadyAgreed),
        Some(Stage::OnSite { .. } | Stage::Working { .. }) => Err(VisitRefusal::OnSite),
        _ => Ok(()),
    }
}

/// Files come and go while somebody is on site.
fn filed(visit: &Visit, command: VisitCommand) -> Result<VisitEvent, VisitRefusal> {
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

/// What comes of the customer's answer.
fn answered(
    visit: &Visit,
    answer: VisitAnswer,
    given: Given,
    now: Instant,
) -> Result<Vec<VisitEvent>, VisitRefusal> {
    if let Given::ByLink { revision } = given
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
            ahead(&windows, now)?;
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
    given: Option<Given>,
    now: Instant,
) -> Result<VisitEvent, VisitRefusal> {
    if !named.holds(window) {
        return Err(VisitRefusal::NotNamed);
    }
    begins_ahead(window, now)?;
    let meeting = Meeting { window, technician: visit.technician.clone() };
    Ok(VisitEvent::Agreed { meeting, word: given.and_then(Given::word) })
}

/// What happens on site, or for want of anybody there.
fn on_site(visit: &Visit, command: VisitCommand, now: Instant) -> Result<VisitEvent, VisitRefusal> {
    match (command, &visit.stage) {
        (VisitCommand::Arrive, Stage::Agreed(_)) => Ok(VisitEvent::Arrived),
        (VisitCommand::Arrive, Stage::OnSite { .. } | Stage::Working { .. }) => Err(VisitRefusal::OnSite),
        (VisitCommand::Arrive, _) => Err(VisitRefusal::NotAgreed),
        (VisitCommand::Start, Stage::OnSite { .. }) => Ok(VisitEvent::Started),
        (VisitCommand::End { report, conformity }, Stage::Working { .. }) => {
            Ok(VisitEvent::Ended { report, conformity })
        }
        (VisitCommand::End { .. }, Stage::OnSite { .. }) => Err(VisitRefusal::NotStarted),
        // Whoever says that the customer was not there has been there: their arrival stands before it.
        (VisitCommand::Miss { by: Side::Customer, note }, Stage::OnSite { .. }) => {
            Ok(VisitEvent::Missed { by: Side::Customer, note })
        }
        (VisitCommand::Miss { by: Side::Us, .. }, Stage::Agreed(agreed)) if now <= agreed.window.to => {
            Err(VisitRefusal::WindowNotOver)
        }
        (VisitCommand::Miss { by: Side::Us, note }, Stage::Agreed(_)) => {
            Ok(VisitEvent::Missed { by: Side::Us, note })
        }
        _ => Err(VisitRefusal::NotArrived),
    }
}

/// A technician does what is theirs; others of the staff write down what the technician tells them.
fn ours(visit: &Visit, actor: &Actor) -> Result<(), VisitRefusal> {
    match actor {
        Actor::Staff(staff) if staff.role == Role::Technician && staff.id != visit.technician.id => {
            Err(VisitRefusal::OtherTechnician)
        }
        _ => Ok(()),
    }
}

fn ahead(windows: &Windows, now: Instant) -> Result<(), VisitRefusal> {
    windows.as_slice().iter().try_for_each(|window| begins_ahead(*window, now))
}

/// A window that nobody offered is checked like one that somebody did.
fn fits(window: Span, now: Instant) -> Result<(), VisitRefusal> {
    ahead(&Windows::new(vec![window])?, now)
}

fn begins_ahead(window: Span, now: Instant) -> Result<(), VisitRefusal> {
    if window.from <= now {
        return Err(VisitRefusal::InThePast);
    }
    if window.to.since(now) > MAX_AHEAD_S { Err(VisitRefusal::TooFarAhead) } else { Ok(()) }
}

//! Linked cases: a following case, a duplicate, or two related ones.
//!
//! Each link stands in the history of both cases, written in one transaction. [`mirrored`] gives the other case's
//! entry.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::decide::Refusal;
use super::event::Event;
use super::evolve::{Case, Status};
use super::termination::Termination;
use crate::actor::Action;
use crate::case_number::CaseNumber;
use crate::i18n::Language;
use crate::t;
use crate::time::Instant;

choices! {
    /// Relation of another case to a case.
    pub enum LinkKind: "link" {
        /// The earlier case, which this one follows.
        Follows = "follows",
        /// A later case, which follows this one.
        FollowedBy = "followed_by",
        /// The case in favour of which this one was closed.
        DuplicateOf = "duplicate_of",
        /// A case that was closed as a duplicate of this one.
        HasDuplicate = "has_duplicate",
        /// A related case.
        Related = "related",
    }
}

impl LinkKind {
    /// The same relation, seen from the other case.
    #[must_use]
    pub const fn seen_from_there(self) -> Self {
        match self {
            Self::Follows => Self::FollowedBy,
            Self::FollowedBy => Self::Follows,
            Self::DuplicateOf => Self::HasDuplicate,
            Self::HasDuplicate => Self::DuplicateOf,
            Self::Related => Self::Related,
        }
    }
}

/// A linked case and its relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The relation.
    pub kind: LinkKind,
    /// Number of the other case.
    pub other: CaseNumber,
    /// Time of the link.
    pub at: Instant,
}

/// An event between two cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkEvent {
    /// The cases were linked as related.
    Related {
        /// Number of the other case.
        other: CaseNumber,
    },
    /// The link was removed.
    Unrelated {
        /// Number of the other case.
        other: CaseNumber,
    },
    /// A new case follows this one.
    FollowedBy {
        /// Number of the new case.
        other: CaseNumber,
    },
    /// Another case was closed as a duplicate of this one.
    HasDuplicate {
        /// Number of the case that was closed as a duplicate.
        other: CaseNumber,
    },
}

impl LinkEvent {
    /// The event's kind: the tags of its stored form.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Related { .. } => "link:related",
            Self::Unrelated { .. } => "link:unrelated",
            Self::FollowedBy { .. } => "link:followed_by",
            Self::HasDuplicate { .. } => "link:has_duplicate",
        }
    }

    /// The key of the event's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Related { .. } => "event.related",
            Self::Unrelated { .. } => "event.unrelated",
            Self::FollowedBy { .. } => "event.followed_by",
            Self::HasDuplicate { .. } => "event.has_duplicate",
        }
    }
}

/// Commands to link two cases as related, or to remove that link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkCommand {
    /// Link this case to another.
    Relate {
        /// Number of the other case.
        other: CaseNumber,
        /// The register's answer about the other case. The desk looks it up; it never comes from outside.
        #[serde(skip)]
        known: Option<Other>,
    },
    /// Remove the link.
    Unrelate {
        /// Number of the other case.
        other: CaseNumber,
    },
}

impl LinkCommand {
    /// The action that the policy must permit.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Relate { .. } | Self::Unrelate { .. } => Action::LinkCases,
        }
    }
}

/// The register's answer about another case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// No case has that number.
    Missing,
    /// The case exists.
    Found {
        /// Its organisation, compared with this case's.
        organisation: Organisation,
        /// Its status.
        status: Status,
    },
}

/// Organisation of another case, compared with this case's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Organisation {
    /// The same organisation.
    Same,
    /// Another organisation.
    Another,
    /// The contract of one of the two is not in the register.
    Unknown,
}

/// Why two cases cannot be linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkRefusal {
    /// No case has that number.
    #[error("there is no such case")]
    NoSuchCase,
    /// The number is the case's own.
    #[error("it is the case itself")]
    Itself,
    /// The other case belongs to another organisation.
    #[error("the cases are of different organisations")]
    AnotherOrganisation,
    /// The organisation of one of the cases is unknown: correct its contract first.
    #[error("the organisation of one of the cases is not known")]
    UnknownOrganisation,
    /// The other case has ended.
    #[error("the other case has ended")]
    HasEnded,
    /// Other cases were closed in favour of this one.
    #[error("other cases were closed in favour of this one")]
    CarriesDuplicates,
    /// They are linked already.
    #[error("the cases are linked")]
    AlreadyLinked,
    /// They are not linked as related.
    #[error("the cases are not linked")]
    NotLinked,
    /// The case is open or can still be reopened, so that no case can follow it.
    #[error("the case has not ended")]
    StillOpen,
    /// The desk has not looked the other case up. A fault of the caller.
    #[error("nobody looked the other case up")]
    NotLookedUp,
}

impl LinkRefusal {
    /// The rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        let key = match self {
            Self::NoSuchCase => "link.refusal.no_such_case",
            Self::Itself => "link.refusal.itself",
            Self::AnotherOrganisation => "link.refusal.another_organisation",
            Self::UnknownOrganisation => "link.refusal.unknown_organisation",
            Self::HasEnded => "link.refusal.has_ended",
            Self::CarriesDuplicates => "link.refusal.carries_duplicates",
            Self::AlreadyLinked => "link.refusal.already_linked",
            Self::NotLinked => "link.refusal.not_linked",
            Self::StillOpen => "link.refusal.still_open",
            Self::NotLookedUp => "link.refusal.not_looked_up",
        };
        t!(language, key).into_owned()
    }
}

/// Links from link events. The opening and the termination of a case add others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Links(Vec<Link>);

impl Links {
    pub(super) fn evolve(&mut self, at: Instant, event: &LinkEvent) {
        let (kind, other) = match *event {
            LinkEvent::Related { other } => (LinkKind::Related, other),
            LinkEvent::FollowedBy { other } => (LinkKind::FollowedBy, other),
            LinkEvent::HasDuplicate { other } => (LinkKind::HasDuplicate, other),
            LinkEvent::Unrelated { other } => {
                self.0.retain(|link| (link.kind, link.other) != (LinkKind::Related, other));
                return;
            }
        };
        self.0.push(Link { kind, other, at });
    }
}

impl Case {
    /// The linked cases, in the order of their links.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let previous_case =
            self.opening.previous_case.map(|other| (LinkKind::Follows, other, self.opened_at));
        let duplicate = self.terminated().and_then(|terminated| match terminated.why {
            Termination::Duplicate { of } => Some((LinkKind::DuplicateOf, of, terminated.at)),
            Termination::Cancelled { .. } => None,
        });
        let told = |(kind, other, at)| Link { kind, other, at };
        previous_case
            .map(told)
            .into_iter()
            .chain(self.recorded_links().0.iter().copied())
            .chain(duplicate.map(told))
            .collect()
    }
}

/// The other case and its entry, when `event` happens to case `own` and links two cases.
#[must_use]
pub fn mirrored(event: &Event, own: CaseNumber) -> Option<(CaseNumber, Event)> {
    let (other, told) = match event {
        Event::Opened(opening) => (opening.previous_case?, LinkEvent::FollowedBy { other: own }),
        Event::Terminated(Termination::Duplicate { of }) => (*of, LinkEvent::HasDuplicate { other: own }),
        Event::Link(LinkEvent::Related { other }) => (*other, LinkEvent::Related { other: own }),
        Event::Link(LinkEvent::Unrelated { other }) => (*other, LinkEvent::Unrelated { other: own }),
        _ => return None,
    };
    Some((other, Event::Link(told)))
}

pub(super) fn decide(case: &Case, command: &LinkCommand) -> Result<Event, Refusal> {
    let is_related =
        |other| case.links().iter().any(|link| (link.kind, link.other) == (LinkKind::Related, other));
    let event = match *command {
        LinkCommand::Relate { other, .. } if other == case.opening.number => {
            return Err(LinkRefusal::Itself.into());
        }
        LinkCommand::Relate { known: None, .. } => return Err(LinkRefusal::NotLookedUp.into()),
        LinkCommand::Relate { known: Some(Other::Missing), .. } => {
            return Err(LinkRefusal::NoSuchCase.into());
        }
        LinkCommand::Relate { other, .. } if is_related(other) => {
            return Err(LinkRefusal::AlreadyLinked.into());
        }
        LinkCommand::Relate { other, known: Some(Other::Found { .. }) } => LinkEvent::Related { other },
        LinkCommand::Unrelate { other } if !is_related(other) => return Err(LinkRefusal::NotLinked.into()),
        LinkCommand::Unrelate { other } => LinkEvent::Unrelated { other },
    };
    Ok(Event::Link(event))
}

/// Whether `of` is open and of the same organisation, so that `case` can be closed as its duplicate.
pub(super) fn goes_on(case: &Case, of: CaseNumber, other: Option<Other>) -> Result<(), LinkRefusal> {
    if of == case.opening.number {
        return Err(LinkRefusal::Itself);
    }
    match other {
        None => Err(LinkRefusal::NotLookedUp),
        Some(Other::Missing) => Err(LinkRefusal::NoSuchCase),
        Some(Other::Found { organisation: Organisation::Another, .. }) => {
            Err(LinkRefusal::AnotherOrganisation)
        }
        Some(Other::Found { organisation: Organisation::Unknown, .. }) => {
            Err(LinkRefusal::UnknownOrganisation)
        }
        Some(Other::Found { status, .. }) if status.is_end() => Err(LinkRefusal::HasEnded),
        Some(Other::Found { organisation: Organisation::Same, .. }) => Ok(()),
    }
}

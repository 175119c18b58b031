//! Who is on a case: one person of the staff at a time, or nobody yet.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::decide::Refusal;
use super::evolve::Case;
use crate::actor::{Action, Actor, NotPermitted, PersonId, may};
use crate::i18n::Language;
use crate::t;
use crate::text::Reason;

/// Somebody of the staff who is on a case, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignee {
    /// Identifies the member of the staff.
    pub id: PersonId,
    /// As colleagues read it.
    pub name: String,
}

/// A case changed hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentEvent {
    /// Somebody took a case that nobody was on.
    Claimed {
        /// Who took the case; nobody had it.
        by: Assignee,
    },
    /// Nobody is on it any more.
    Released {
        /// Who had the case and let it go.
        from: Assignee,
    },
    /// Somebody in charge gave it to a person.
    Assigned {
        /// Who was on it.
        from: Option<Assignee>,
        /// Who has the case now.
        to: Assignee,
    },
    /// Whoever was on it handed it on.
    Transferred {
        /// Who was on it.
        from: Assignee,
        /// Who has the case now.
        to: Assignee,
        /// Why it was handed on; the staff reads it.
        reason: Reason,
    },
}

impl AssignmentEvent {
    /// The event's kind, as it stands beside the entry: the tags of its stored form.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Claimed { .. } => "holding:claimed",
            Self::Released { .. } => "holding:released",
            Self::Assigned { .. } => "holding:assigned",
            Self::Transferred { .. } => "holding:transferred",
        }
    }

    /// Who is on the case from then on.
    #[must_use]
    pub const fn assignee(&self) -> Option<&Assignee> {
        match self {
            Self::Released { .. } => None,
            Self::Claimed { by: to } | Self::Assigned { to, .. } | Self::Transferred { to, .. } => Some(to),
        }
    }

    /// The key of the event's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Claimed { .. } => "event.claimed",
            Self::Released { .. } => "event.released",
            Self::Assigned { .. } => "event.assigned",
            Self::Transferred { .. } => "event.transferred",
        }
    }
}

/// Wishes about who is on a case. A name that comes from outside is worth nothing: the desk puts in the one on its
/// register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentCommand {
    /// Take a case that nobody is on.
    Claim,
    /// Let it go, for whoever comes next.
    Release,
    /// Give it to a person.
    Assign {
        /// Who gets the case, whoever has it now.
        to: Assignee,
    },
    /// Hand it on.
    Transfer {
        /// Who gets the case.
        to: Assignee,
        /// Why it is handed on; the staff reads it.
        reason: Reason,
    },
}

impl AssignmentCommand {
    /// Whom it names.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Claim | Self::Release => None,
            Self::Assign { to } | Self::Transfer { to, .. } => Some(to.id),
        }
    }

    /// The same about the person whom the register has under that id.
    #[must_use]
    pub fn about(self, known: Assignee) -> Self {
        match self {
            Self::Claim | Self::Release => self,
            Self::Assign { .. } => Self::Assign { to: known },
            Self::Transfer { reason, .. } => Self::Transfer { to: known, reason },
        }
    }

    /// Whether it overrides what somebody else may just have settled.
    #[must_use]
    pub const fn requires_current_version(&self) -> bool {
        matches!(self, Self::Assign { .. } | Self::Transfer { .. })
    }
}

/// Why a case does not change hands.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentRefusal {
    /// Somebody else is on it: ask them to hand it on, or somebody in charge to assign it.
    #[error("{0} is on the case")]
    #[serde(rename = "held_by")]
    AssignedTo(String),
    /// Nobody is on it: claim it.
    #[error("nobody is on the case")]
    #[serde(rename = "held_by_nobody")]
    Unassigned,
    /// That person is on it already.
    #[error("that person is on the case already")]
    SamePerson,
    /// Nobody who works here has that id.
    #[error("no such person works here")]
    UnknownPerson,
}

impl AssignmentRefusal {
    /// The broken rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::AssignedTo(name) => t!(language, "refusal.held_by", name = name),
            Self::Unassigned => t!(language, "refusal.held_by_nobody").into_owned(),
            Self::SamePerson => t!(language, "refusal.same_person").into_owned(),
            Self::UnknownPerson => t!(language, "refusal.unknown_person").into_owned(),
        }
    }
}

/// Agents take what is free, and let go or hand on what is theirs; those who may assign do so with any case.
pub(super) fn decide(
    case: &Case,
    command: AssignmentCommand,
    actor: &Actor,
) -> Result<AssignmentEvent, Refusal> {
    use AssignmentCommand as C;
    let Actor::Staff(staff) = actor else { return Err(NotPermitted.into()) };
    if case.closed().is_some() {
        return Err(Refusal::AlreadyResolved);
    }
    let in_charge = may(actor, Action::AssignCase, case.subject());
    let held_by =
        |assignee: &Assignee| Refusal::Assignment(AssignmentRefusal::AssignedTo(assignee.name.clone()));
    match (command, case.assignee().cloned()) {
        (C::Claim, None) => {
            Ok(AssignmentEvent::Claimed { by: Assignee { id: staff.id, name: staff.name.clone() } })
        }
        (C::Claim, Some(assignee)) if assignee.id == staff.id => Err(AssignmentRefusal::SamePerson.into()),
        (C::Claim, Some(assignee)) => Err(held_by(&assignee)),
        (C::Release | C::Transfer { .. }, None) => Err(AssignmentRefusal::Unassigned.into()),
        (C::Release | C::Transfer { .. }, Some(assignee))
            if assignee.id != staff.id && in_charge.is_err() =>
        {
            Err(held_by(&assignee))
        }
        (C::Release, Some(from)) => Ok(AssignmentEvent::Released { from }),
        (C::Assign { to } | C::Transfer { to, .. }, Some(assignee)) if assignee.id == to.id => {
            Err(AssignmentRefusal::SamePerson.into())
        }
        (C::Assign { to }, from) => {
            in_charge?;
            Ok(AssignmentEvent::Assigned { from, to })
        }
        (C::Transfer { to, reason }, Some(from)) => Ok(AssignmentEvent::Transferred { from, to, reason }),
    }
}

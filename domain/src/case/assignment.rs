//! The assignee of a case: one member of the staff at a time, or none.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::decide::Refusal;
use super::evolve::Case;
use crate::actor::{Action, Actor, NotPermitted, PersonId, may};
use crate::i18n::Language;
use crate::t;
use crate::text::Reason;

/// The assignee, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignee {
    /// Identifies the member of the staff.
    pub id: PersonId,
    /// The name that colleagues read.
    pub name: String,
}

/// A change of the assignee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentEvent {
    /// A member of the staff took an unassigned case.
    Claimed {
        /// The new assignee.
        by: Assignee,
    },
    /// The assignee released the case.
    Released {
        /// The former assignee.
        from: Assignee,
    },
    /// A supervisor assigned the case.
    Assigned {
        /// The former assignee, if there was one.
        from: Option<Assignee>,
        /// The new assignee.
        to: Assignee,
    },
    /// The assignee transferred the case.
    Transferred {
        /// The former assignee.
        from: Assignee,
        /// The new assignee.
        to: Assignee,
        /// Reason of the transfer; the staff reads it.
        reason: Reason,
    },
}

impl AssignmentEvent {
    /// The event's kind: the tags of its stored form.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Claimed { .. } => "holding:claimed",
            Self::Released { .. } => "holding:released",
            Self::Assigned { .. } => "holding:assigned",
            Self::Transferred { .. } => "holding:transferred",
        }
    }

    /// The assignee after the event.
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

/// Commands about the assignee. The desk replaces a name from outside by the one on its register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentCommand {
    /// Take an unassigned case.
    Claim,
    /// Release the case.
    Release,
    /// Assign the case to a person.
    Assign {
        /// The new assignee, whoever the present one is.
        to: Assignee,
    },
    /// Transfer the case to a colleague.
    Transfer {
        /// The new assignee.
        to: Assignee,
        /// Reason of the transfer; the staff reads it.
        reason: Reason,
    },
}

impl AssignmentCommand {
    /// The person that the command names.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Claim | Self::Release => None,
            Self::Assign { to } | Self::Transfer { to, .. } => Some(to.id),
        }
    }

    /// The same command, with the person that the register has under that id.
    #[must_use]
    pub fn about(self, known: Assignee) -> Self {
        match self {
            Self::Claim | Self::Release => self,
            Self::Assign { .. } => Self::Assign { to: known },
            Self::Transfer { reason, .. } => Self::Transfer { to: known, reason },
        }
    }

    /// Whether the command overrides a decision that a colleague may have made since.
    #[must_use]
    pub const fn requires_current_version(&self) -> bool {
        matches!(self, Self::Assign { .. } | Self::Transfer { .. })
    }
}

/// Why the assignee does not change.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentRefusal {
    /// A colleague is the assignee: they transfer the case, or a supervisor assigns it.
    #[error("{0} is on the case")]
    #[serde(rename = "held_by")]
    AssignedTo(String),
    /// The case has no assignee: claim it.
    #[error("nobody is on the case")]
    #[serde(rename = "held_by_nobody")]
    Unassigned,
    /// That person is the assignee already.
    #[error("that person is on the case already")]
    SamePerson,
    /// No active member of the staff has that id.
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

/// Agents claim unassigned cases, and release or transfer their own. Supervisors and integrations assign any case. An
/// integration is nobody's assignee, so it claims none.
pub(super) fn decide(
    case: &Case,
    command: AssignmentCommand,
    actor: &Actor,
) -> Result<AssignmentEvent, Refusal> {
    use AssignmentCommand as C;
    let me = match actor {
        Actor::Staff(staff) => Some(staff),
        Actor::Integration(_) => None,
        Actor::Anonymous
        | Actor::Customer(_)
        | Actor::CustomerBeside { .. }
        | Actor::Participant(_)
        | Actor::Contact(_)
        | Actor::Display { .. }
        | Actor::System => return Err(NotPermitted.into()),
    };
    let is_mine = |assignee: &Assignee| me.is_some_and(|me| me.id == assignee.id);
    if case.closed().is_some() {
        return Err(Refusal::AlreadyResolved);
    }
    let in_charge = may(actor, Action::AssignCase, case.subject());
    let held_by =
        |assignee: &Assignee| Refusal::Assignment(AssignmentRefusal::AssignedTo(assignee.name.clone()));
    match (command, case.assignee().cloned()) {
        (C::Claim, None) => {
            let me = me.ok_or(NotPermitted)?;
            Ok(AssignmentEvent::Claimed { by: Assignee { id: me.id, name: me.name.clone() } })
        }
        (C::Claim, Some(assignee)) if is_mine(&assignee) => Err(AssignmentRefusal::SamePerson.into()),
        (C::Claim, Some(assignee)) => Err(held_by(&assignee)),
        (C::Release | C::Transfer { .. }, None) => Err(AssignmentRefusal::Unassigned.into()),
        (C::Release | C::Transfer { .. }, Some(assignee)) if !is_mine(&assignee) && in_charge.is_err() => {
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

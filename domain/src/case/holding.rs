//! Who is on a case: one person of the staff at a time, or nobody yet.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::decide::Refusal;
use super::evolve::Case;
use crate::actor::{Action, Actor, NotPermitted, PersonId, may};
use crate::t;
use crate::text::Reason;
use crate::words::Language;

/// Somebody of the staff who is on a case, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Identifies the member of the staff.
    pub id: PersonId,
    /// As colleagues read it.
    pub name: String,
}

/// A case changed hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldingEvent {
    /// Somebody took a case that nobody was on.
    Claimed {
        /// Who took the case; nobody had it.
        by: Holder,
    },
    /// Nobody is on it any more.
    Released {
        /// Who had the case and let it go.
        from: Holder,
    },
    /// Somebody in charge gave it to a person.
    Assigned {
        /// Who was on it.
        from: Option<Holder>,
        /// Who has the case now.
        to: Holder,
    },
    /// Whoever was on it handed it on.
    Transferred {
        /// Who was on it.
        from: Holder,
        /// Who has the case now.
        to: Holder,
        /// Why it was handed on; the staff reads it.
        reason: Reason,
    },
}

impl HoldingEvent {
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
    pub const fn holder(&self) -> Option<&Holder> {
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
pub enum HoldingCommand {
    /// Take a case that nobody is on.
    Claim,
    /// Let it go, for whoever comes next.
    Release,
    /// Give it to a person.
    Assign {
        /// Who gets the case, whoever has it now.
        to: Holder,
    },
    /// Hand it on.
    Transfer {
        /// Who gets the case.
        to: Holder,
        /// Why it is handed on; the staff reads it.
        reason: Reason,
    },
}

impl HoldingCommand {
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
    pub fn about(self, known: Holder) -> Self {
        match self {
            Self::Claim | Self::Release => self,
            Self::Assign { .. } => Self::Assign { to: known },
            Self::Transfer { reason, .. } => Self::Transfer { to: known, reason },
        }
    }

    /// Whether it overrides what somebody else may just have settled.
    #[must_use]
    pub const fn steers(&self) -> bool {
        matches!(self, Self::Assign { .. } | Self::Transfer { .. })
    }
}

/// Why a case does not change hands.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldingRefusal {
    /// Somebody else is on it: ask them to hand it on, or somebody in charge to assign it.
    #[error("{0} is on the case")]
    HeldBy(String),
    /// Nobody is on it: claim it.
    #[error("nobody is on the case")]
    HeldByNobody,
    /// That person is on it already.
    #[error("that person is on the case already")]
    SamePerson,
    /// Nobody who works here has that id.
    #[error("no such person works here")]
    UnknownPerson,
}

impl HoldingRefusal {
    /// The broken rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn words(&self, language: Language) -> String {
        match self {
            Self::HeldBy(name) => t!(language, "refusal.held_by", name = name),
            Self::HeldByNobody => t!(language, "refusal.held_by_nobody").into_owned(),
            Self::SamePerson => t!(language, "refusal.same_person").into_owned(),
            Self::UnknownPerson => t!(language, "refusal.unknown_person").into_owned(),
        }
    }
}

/// Agents take what is free, and let go or hand on what is theirs; those who may assign do so with any case.
pub(super) fn decide(case: &Case, command: HoldingCommand, actor: &Actor) -> Result<HoldingEvent, Refusal> {
    use HoldingCommand as C;
    let Actor::Staff(staff) = actor else { return Err(NotPermitted.into()) };
    if case.closed().is_some() {
        return Err(Refusal::AlreadyResolved);
    }
    let in_charge = may(actor, Action::AssignCase, case.subject());
    let held_by = |holder: &Holder| Refusal::Holding(HoldingRefusal::HeldBy(holder.name.clone()));
    match (command, case.holder().cloned()) {
        (C::Claim, None) => {
            Ok(HoldingEvent::Claimed { by: Holder { id: staff.id, name: staff.name.clone() } })
        }
        (C::Claim, Some(holder)) if holder.id == staff.id => Err(HoldingRefusal::SamePerson.into()),
        (C::Claim, Some(holder)) => Err(held_by(&holder)),
        (C::Release | C::Transfer { .. }, None) => Err(HoldingRefusal::HeldByNobody.into()),
        (C::Release | C::Transfer { .. }, Some(holder)) if holder.id != staff.id && in_charge.is_err() => {
            Err(held_by(&holder))
        }
        (C::Release, Some(from)) => Ok(HoldingEvent::Released { from }),
        (C::Assign { to } | C::Transfer { to, .. }, Some(holder)) if holder.id == to.id => {
            Err(HoldingRefusal::SamePerson.into())
        }
        (C::Assign { to }, from) => {
            in_charge?;
            Ok(HoldingEvent::Assigned { from, to })
        }
        (C::Transfer { to, reason }, Some(from)) => Ok(HoldingEvent::Transferred { from, to, reason }),
    }
}

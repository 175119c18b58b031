//! Ends of a case that are no solution: it is cancelled, or closed as a duplicate of another.
//!
//! Either ends every open promise without counting it as kept: its time stops, and no more is said of it. What was broken
//! before stays broken.

use serde::{Deserialize, Serialize};

use super::decide::Refusal;
use super::event::Event;
use super::evolve::Case;
use super::links::{LinkKind, LinkRefusal, Other};
use super::visit::{Side, VisitEvent, VisitRefusal};
use crate::actor::Action;
use crate::case_number::CaseNumber;
use crate::text::Reason;
use crate::time::Instant;

choices! {
    /// On whose account a case is cancelled.
    pub enum AskedBy: "asked_by" {
        /// The customer no longer wants it.
        Customer = "customer",
        /// The desk opened it by mistake.
        Desk = "desk",
    }
}

/// Why a case goes no further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Termination {
    /// Nobody wants it any more, or it should never have been opened.
    Cancelled {
        /// On whose account.
        asked_by: AskedBy,
        /// Why. A customer who cancels by the case's link may leave it out.
        reason: Option<Reason>,
    },
    /// Another case of the same organisation is about the same: that one goes on.
    Duplicate {
        /// The case that goes on.
        of: CaseNumber,
    },
}

impl Termination {
    /// The event's kind, as it stands beside the entry: the tags of its stored form.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cancelled { .. } => "withdrawn:cancelled",
            Self::Duplicate { .. } => "withdrawn:duplicate",
        }
    }

    /// The key of the event's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Cancelled { .. } => "event.cancelled",
            Self::Duplicate { .. } => "event.duplicate",
        }
    }

    /// The key of what its account says of it, in one line.
    #[must_use]
    pub const fn account_key(&self) -> &'static str {
        match self {
            Self::Cancelled { asked_by: AskedBy::Customer, .. } => "withdrawal.cancelled.customer",
            Self::Cancelled { asked_by: AskedBy::Desk, .. } => "withdrawal.cancelled.desk",
            Self::Duplicate { .. } => "withdrawal.duplicate",
        }
    }

    /// Whose wish it was, as visits count it: a duplicate is the desk's finding.
    const fn side(&self) -> Side {
        match self {
            Self::Cancelled { asked_by: AskedBy::Customer, .. } => Side::Customer,
            Self::Cancelled { asked_by: AskedBy::Desk, .. } | Self::Duplicate { .. } => Side::Us,
        }
    }
}

/// How a case was withdrawn, as the history tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminationRecord {
    /// When the case came to its end.
    pub at: Instant,
    /// Whether it was cancelled or is a duplicate, and why.
    pub why: Termination,
}

/// Wishes to end a case without a solution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminationCommand {
    /// Write down that the case is cancelled. The customer reads the reason.
    Cancel {
        /// On whose account.
        asked_by: AskedBy,
        /// Why it is cancelled; the customer reads it.
        reason: Reason,
    },
    /// Cancel one's own case, as the customer.
    #[serde(rename = "withdraw")]
    CancelOwn {
        /// Why, if they say so.
        reason: Option<Reason>,
    },
    /// Close it as a duplicate.
    CloseAsDuplicate {
        /// The case that goes on.
        of: CaseNumber,
        /// What the register says of that case. The desk looks it up: it never comes from outside.
        #[serde(skip)]
        other: Option<Other>,
    },
}

impl TerminationCommand {
    /// What one must be permitted to do for it.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Cancel { .. } | Self::CloseAsDuplicate { .. } => Action::CancelCase,
            Self::CancelOwn { .. } => Action::CancelOwnCase,
        }
    }
}

pub(super) fn decide(case: &Case, command: TerminationCommand) -> Result<Vec<Event>, Refusal> {
    if case.resolved_at().is_some() {
        return Err(Refusal::AlreadyResolved);
    }
    // Their customers were told that this one goes on.
    if case.links().iter().any(|link| link.kind == LinkKind::HasDuplicate) {
        return Err(LinkRefusal::CarriesDuplicates.into());
    }
    let why = match command {
        TerminationCommand::Cancel { asked_by, reason } => {
            Termination::Cancelled { asked_by, reason: Some(reason) }
        }
        TerminationCommand::CancelOwn { reason } => {
            Termination::Cancelled { asked_by: AskedBy::Customer, reason }
        }
        TerminationCommand::CloseAsDuplicate { of, other } => {
            super::links::goes_on(case, of, other)?;
            Termination::Duplicate { of }
        }
    };
    let off = call_off(case, why.side())?;
    Ok(off.into_iter().chain([Event::Terminated(why)]).collect())
}

/// Nobody travels for a case that goes no further; but who is on site finishes first.
fn call_off(case: &Case, by: Side) -> Result<Option<Event>, VisitRefusal> {
    let Some(visit) = case.visits().live() else { return Ok(None) };
    if visit.arrived_at().is_some() {
        return Err(VisitRefusal::UnderWay);
    }
    let what = VisitEvent::CalledOff { by, from: visit.meeting(), note: None };
    Ok(Some(Event::Visit { visit: visit.id, what }))
}

//! Termination of a case without a solution: cancelled, or closed as a duplicate.
//!
//! A termination voids every open target. Breaches remain.

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
    /// On whose request a case is cancelled.
    pub enum AskedBy: "asked_by" {
        /// The customer no longer wants it.
        Customer = "customer",
        /// The desk opened it by mistake.
        Desk = "desk",
    }
}

/// Why a case was terminated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Termination {
    /// The customer no longer wants it, or it was opened by mistake.
    Cancelled {
        /// On whose request.
        asked_by: AskedBy,
        /// The reason; optional for a customer who cancels by the case's link.
        reason: Option<Reason>,
    },
    /// Another case of the same organisation is about the same fault.
    Duplicate {
        /// Number of the other case.
        of: CaseNumber,
    },
}

impl Termination {
    /// The event's kind: the tags of its stored form.
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

    /// The key of the closing report's line about it.
    #[must_use]
    pub const fn account_key(&self) -> &'static str {
        match self {
            Self::Cancelled { asked_by: AskedBy::Customer, .. } => "withdrawal.cancelled.customer",
            Self::Cancelled { asked_by: AskedBy::Desk, .. } => "withdrawal.cancelled.desk",
            Self::Duplicate { .. } => "withdrawal.duplicate",
        }
    }

    /// The side whose visit is called off. A duplicate is the desk's finding.
    const fn side(&self) -> Side {
        match self {
            Self::Cancelled { asked_by: AskedBy::Customer, .. } => Side::Customer,
            Self::Cancelled { asked_by: AskedBy::Desk, .. } | Self::Duplicate { .. } => Side::Us,
        }
    }
}

/// The termination in a case's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminationRecord {
    /// Time of the termination.
    pub at: Instant,
    /// Whether it was cancelled or is a duplicate, and why.
    pub why: Termination,
}

/// Commands to terminate a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerminationCommand {
    /// Cancel the case. The customer reads the reason.
    Cancel {
        /// On whose request.
        asked_by: AskedBy,
        /// The reason; the customer reads it.
        reason: Reason,
    },
    /// Cancel one's own case, as the customer.
    #[serde(rename = "withdraw")]
    CancelOwn {
        /// The customer's reason, if they give one.
        reason: Option<Reason>,
    },
    /// Close the case as a duplicate.
    CloseAsDuplicate {
        /// Number of the other case.
        of: CaseNumber,
        /// The register's answer about the other case. The desk looks it up; it never comes from outside.
        #[serde(skip)]
        other: Option<Other>,
    },
}

impl TerminationCommand {
    /// The action that the policy must permit.
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
    // The customers of those cases were told that this one goes on.
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

/// Calls off an agreed visit. A technician on site finishes first.
fn call_off(case: &Case, by: Side) -> Result<Option<Event>, VisitRefusal> {
    let Some(visit) = case.visits().live() else { return Ok(None) };
    if visit.arrived_at().is_some() {
        return Err(VisitRefusal::UnderWay);
    }
    let what = VisitEvent::CalledOff { by, from: visit.meeting(), note: None };
    Ok(Some(Event::Visit { visit: visit.id, what }))
}

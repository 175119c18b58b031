//! Revisions after the opening: impact and urgency, contract and serial, the report, and undone contacts.
//!
//! The opening keeps the customer's own statement. Changed priority inputs count from their moment on. A correction
//! recounts the whole case in the right hours and against the right targets. Earlier breaches remain.
//!
//! A contact logged by mistake can be undone while nothing builds on it. The clocks that it stopped run on as if it had
//! not been. Both entries stay in the history.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::amendment::{self, Amendment};
use super::decide::Refusal;
use super::event::{Event, ServiceHoursRef};
use super::evolve::Case;
use super::sla_clock::SlaClock;
use super::timer::Breach;
use crate::actor::{Action, Actor};
use crate::calendar::{ServiceHours, Spans};
use crate::contract_number::ContractNumber;
use crate::entitlement::Entitlement;
use crate::i18n::Language;
use crate::priority::{Priority, Severity, Urgency};
use crate::serial::Serial;
use crate::sla_plan::{SlaMetric, SlaPlan};
use crate::t;
use crate::text::Reason;
use crate::time::Instant;

/// A contact can be undone for this long, in seconds: 10 minutes.
pub const UNDO_S: i64 = 10 * 60;

/// A contact that can still be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoableContact {
    /// Version of the entry of the contact.
    pub contact: u32,
    /// Time of the entry.
    pub at: Instant,
}

impl UndoableContact {
    /// The first instant at which it can no longer be undone.
    #[must_use]
    pub const fn until(self) -> Instant {
        self.at.plus(UNDO_S)
    }
}

/// Impact and urgency: the priority follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriorityInputs {
    /// Impact on the business.
    pub severity: Severity,
    /// How soon the service must be restored.
    pub urgency: Urgency,
}

/// Contract and serial of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRef {
    /// The contract; `None` while it is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractNumber>,
    /// The affected equipment.
    pub serial: Serial,
}

impl ContractRef {
    /// The contract's number, or the words for an unknown one.
    #[must_use]
    pub fn contract_words(&self, language: Language) -> String {
        self.contract.as_ref().map_or_else(|| t!(language, "contract.none").into_owned(), ToString::to_string)
    }
}

/// The register's answer for a contract and a serial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedContract {
    /// Whether the contract covers the serial.
    pub coverage: Entitlement,
    /// Its SLA plan.
    pub terms: SlaPlan,
    /// The service hours that count.
    pub hours: ServiceHoursRef,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
}

/// A correction of contract or serial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Contract and serial before.
    pub from: ContractRef,
    /// Contract and serial after.
    pub to: ContractRef,
    /// The register's answer for the new ones.
    #[serde(rename = "standing")]
    pub resolved: ResolvedContract,
    /// The priority after.
    pub priority: Priority,
    /// Breaches up to then, each with its cycle. No correction removes them.
    pub broken: Vec<(SlaMetric, u32, Breach)>,
    /// Reason of the correction.
    pub reason: Reason,
}

/// A revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionEvent {
    /// Impact or urgency were changed.
    #[serde(rename = "weighed")]
    Reprioritized {
        /// The values before.
        from: PriorityInputs,
        /// The values after.
        to: PriorityInputs,
        /// The priority after.
        priority: Priority,
        /// Reason of the change; the customer reads it.
        reason: Reason,
    },
    /// Contract or serial were corrected.
    Corrected(Box<Correction>),
    /// A contact was undone: it had been logged by mistake.
    #[serde(rename = "contact_taken_back")]
    ContactUndone {
        /// Version of the contact's entry.
        contact: u32,
    },
    /// Contact, location or fault were amended.
    Amended {
        /// The changes and their reason.
        what: Box<Amendment>,
        /// Number of refused mails that are sent again to the new address.
        #[serde(default)]
        resent: u32,
    },
}

impl RevisionEvent {
    /// The event's kind: the tags of its stored form.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Reprioritized { .. } => "revision:weighed",
            Self::Corrected(_) => "revision:corrected",
            Self::ContactUndone { .. } => "revision:contact_taken_back",
            Self::Amended { .. } => "revision:amended",
        }
    }

    /// The key of the event's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Reprioritized { .. } => "event.weighed",
            Self::Corrected(_) => "event.corrected",
            Self::ContactUndone { .. } => "event.contact_taken_back",
            Self::Amended { .. } => "event.amended",
        }
    }
}

/// Commands to revise a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionCommand {
    /// Change impact or urgency.
    #[serde(rename = "weigh")]
    Reprioritize {
        /// The new values.
        to: PriorityInputs,
        /// Reason of the change; the customer reads it.
        reason: Reason,
    },
    /// Correct contract or serial.
    Correct {
        /// The right ones.
        to: ContractRef,
        /// Reason of the correction.
        reason: Reason,
        /// The register's answer. The desk looks it up; it never comes from outside.
        #[serde(skip)]
        resolved: Option<Box<ResolvedContract>>,
    },
    /// Undo a contact that was logged by mistake.
    #[serde(rename = "take_contact_back")]
    UndoContact {
        /// Version of the contact's entry.
        contact: u32,
    },
    /// Amend contact, location or fault.
    Amend {
        /// The changes and their reason.
        what: Box<Amendment>,
        /// Number of the case's refused mails. The desk counts them; it never comes from outside.
        #[serde(skip)]
        undelivered: u32,
    },
}

impl RevisionCommand {
    /// The action that the policy must permit.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Reprioritize { .. } => Action::ChangePriority,
            Self::Correct { .. } => Action::CorrectCase,
            Self::UndoContact { .. } => Action::WorkCase,
            Self::Amend { what, .. } => what.action(),
        }
    }

    /// Whether the command needs the current version. An amendment names the values that it replaces.
    #[must_use]
    pub const fn requires_current_version(&self) -> bool {
        !matches!(self, Self::Amend { .. })
    }
}

/// Why a revision is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionRefusal {
    /// The case has that impact and urgency already.
    #[error("severity and urgency are the same")]
    #[serde(rename = "same_weight")]
    SamePriorityInputs,
    /// The case has that contract and serial already.
    #[error("contract and serial are the same")]
    #[serde(rename = "same_cover")]
    SameContractRef,
    /// The desk has not asked the register. A fault of the caller.
    #[error("nobody looked the contract up")]
    NotLookedUp,
    /// It is too late, a later entry builds on the contact, or it is another contact: add a note.
    #[error("no such contact can be taken back")]
    #[serde(rename = "nothing_to_take_back")]
    NothingToUndo,
    /// The amendment changes nothing.
    #[error("nothing is changed")]
    SameReport,
    /// Another person changed the report since it was read: read it again.
    #[error("it was changed meanwhile")]
    ReportChanged,
    /// The customer amended [`super::AMENDMENTS_PER_HOUR`] times within the hour: call instead.
    #[error("more than {} changes within an hour", amendment::AMENDMENTS_PER_HOUR)]
    TooManyAmendments,
}

impl RevisionRefusal {
    /// The rule in the reader's language, with what to do instead.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        match self {
            Self::SamePriorityInputs => t!(language, "refusal.same_weight").into_owned(),
            Self::SameContractRef => t!(language, "refusal.same_cover").into_owned(),
            Self::NotLookedUp => t!(language, "refusal.not_looked_up").into_owned(),
            Self::NothingToUndo => t!(language, "refusal.nothing_to_take_back").into_owned(),
            Self::SameReport => t!(language, "refusal.same_report").into_owned(),
            Self::ReportChanged => t!(language, "refusal.report_changed").into_owned(),
            Self::TooManyAmendments => t!(language, "refusal.too_many_amendments").into_owned(),
        }
    }
}

pub(super) fn decide(
    case: &Case,
    command: RevisionCommand,
    actor: &Actor,
    hours: &ServiceHours,
    now: Instant,
) -> Result<Event, Refusal> {
    let matrix = case.opening.terms.matrix();
    let revised = match command {
        RevisionCommand::Reprioritize { .. } if case.resolved_at().is_some() => {
            return Err(Refusal::AlreadyResolved);
        }
        RevisionCommand::Reprioritize { to, .. } if to == case.priority_inputs() => {
            return Err(RevisionRefusal::SamePriorityInputs.into());
        }
        RevisionCommand::Reprioritize { to, reason } => RevisionEvent::Reprioritized {
            from: case.priority_inputs(),
            to,
            priority: matrix.priority(to.severity, to.urgency),
            reason,
        },
        RevisionCommand::Correct { .. } if case.closed().is_some() => return Err(Refusal::AlreadyResolved),
        RevisionCommand::Correct { to, .. } if to == case.cover() => {
            return Err(RevisionRefusal::SameContractRef.into());
        }
        RevisionCommand::UndoContact { contact } => {
            let undoable_contact = case.undoable_contact().filter(|undoable_contact| {
                undoable_contact.contact == contact && now < undoable_contact.until()
            });
            match undoable_contact {
                Some(_) if !is_update_breached(case, hours, now) => RevisionEvent::ContactUndone { contact },
                _ => return Err(RevisionRefusal::NothingToUndo.into()),
            }
        }
        RevisionCommand::Amend { what, undelivered } => {
            amendment::decide(case, *what, undelivered, actor, now)?
        }
        RevisionCommand::Correct { resolved: None, .. } => return Err(RevisionRefusal::NotLookedUp.into()),
        RevisionCommand::Correct { to, reason, resolved: Some(resolved) } => {
            let PriorityInputs { severity, urgency } = case.priority_inputs();
            let followed = case.priority() == matrix.priority(severity, urgency);
            let priority = resolved.terms.matrix().priority(severity, urgency);
            RevisionEvent::Corrected(Box::new(Correction {
                from: case.cover(),
                to,
                priority: if followed { priority } else { case.priority() },
                broken: case.breaches(&hours.spans, now),
                resolved: *resolved,
                reason,
            }))
        }
    };
    Ok(Event::Revision(revised))
}

/// Whether the update target that the contact began is breached already: an undo removes no breach.
fn is_update_breached(case: &Case, hours: &ServiceHours, now: Instant) -> bool {
    let is_news = |clock: &SlaClock| matches!(clock.kind, SlaMetric::NextUpdate | SlaMetric::CommittedUpdate);
    case.clocks(&hours.spans, now).iter().any(|clock| is_news(clock) && clock.breach.is_some())
}

impl Case {
    /// All breaches by `now`, in every cycle, updates among them.
    #[must_use]
    pub fn breaches(&self, spans: &Spans, now: Instant) -> Vec<(SlaMetric, u32, Breach)> {
        let past = self.past_clocks(spans, now).into_iter().chain(self.past_updates(spans, now));
        let clocks = past.chain(self.clocks(spans, now));
        clocks.filter_map(|clock| Some((clock.kind, clock.cycle, clock.breach?))).collect()
    }
}

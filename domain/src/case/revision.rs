//! What is put right after the opening: how much a case weighs, and under which contract and serial it stands.
//!
//! The customer's own statement is never touched: it stands in the opening. A change of weight counts from its moment
//! on. A correction tells the whole case again, as if it had been opened rightly: every promise is counted in the right
//! hours and against the right targets. What was broken before either of them stays broken.
//!
//! A contact that was logged by a slip of the finger is taken back while nothing rests on it: what it stopped runs on as
//! if it had never stood still. Both stay in the history.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::amendment::{self, Amendment};
use super::decide::Refusal;
use super::event::{Event, ServiceHoursRef};
use super::evolve::Case;
use super::sla_clock::SlaClock;
use super::timer::Breach;
use crate::actor::{Action, Actor};
use crate::calendar::ServiceHours;
use crate::contract_number::ContractNumber;
use crate::entitlement::Entitlement;
use crate::i18n::Language;
use crate::priority::{Priority, Severity, Urgency};
use crate::serial::Serial;
use crate::sla_plan::{SlaMetric, SlaPlan};
use crate::t;
use crate::text::Reason;
use crate::time::Instant;

/// A contact can be taken back for so many seconds: 10 minutes.
pub const UNDO_S: i64 = 10 * 60;

/// A contact that can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoableContact {
    /// The entry of the history that says that somebody spoke with the customer.
    pub contact: u32,
    /// When it was logged.
    pub at: Instant,
}

impl UndoableContact {
    /// The first instant at which it is too late.
    #[must_use]
    pub const fn until(self) -> Instant {
        self.at.plus(UNDO_S)
    }
}

/// How bad it is, and how soon it must be well again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriorityInputs {
    /// How badly the business is hit.
    pub severity: Severity,
    /// How soon the service must be restored.
    pub urgency: Urgency,
}

/// What a case stands under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractRef {
    /// The contract; `None` while nobody knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractNumber>,
    /// The affected equipment.
    pub serial: Serial,
}

impl ContractRef {
    /// The contract's number, or that nobody knows it.
    #[must_use]
    pub fn contract_words(&self, language: Language) -> String {
        self.contract.as_ref().map_or_else(|| t!(language, "contract.none").into_owned(), ToString::to_string)
    }
}

/// What the register says about a contract and a serial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedContract {
    /// Whether the contract covers the serial.
    pub coverage: Entitlement,
    /// What its plan promises.
    pub terms: SlaPlan,
    /// Which hours count.
    pub hours: ServiceHoursRef,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
}

/// Contract or serial were wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// What the case stood under.
    pub from: ContractRef,
    /// What it stands under.
    pub to: ContractRef,
    /// What the register says of it.
    #[serde(rename = "standing")]
    pub resolved: ResolvedContract,
    /// The order of work that follows.
    pub priority: Priority,
    /// Promises that were broken by then, each in its cycle: no correction takes them back.
    pub broken: Vec<(SlaMetric, u32, Breach)>,
    /// Why the agent corrected it.
    pub reason: Reason,
}

/// Something was put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionEvent {
    /// Severity or urgency are other than the customer stated.
    #[serde(rename = "weighed")]
    Reprioritized {
        /// What they were.
        from: PriorityInputs,
        /// What they are.
        to: PriorityInputs,
        /// The order of work that follows.
        priority: Priority,
        /// Why severity or urgency were changed; the customer reads it.
        reason: Reason,
    },
    /// Contract or serial were wrong.
    Corrected(Box<Correction>),
    /// A contact had been logged by mistake: nobody had spoken with the customer.
    #[serde(rename = "contact_taken_back")]
    ContactUndone {
        /// The entry that says so.
        contact: u32,
    },
    /// Contact, place or fault were put right.
    Amended {
        /// What, and why.
        what: Box<Amendment>,
        /// Mails that no server had taken and that go to the new address.
        #[serde(default)]
        resent: u32,
    },
}

impl RevisionEvent {
    /// The event's kind, as it stands beside the entry: the tags of its stored form.
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

/// Wishes to put something right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionCommand {
    /// Severity or urgency are other than the customer stated.
    #[serde(rename = "weigh")]
    Reprioritize {
        /// What they are.
        to: PriorityInputs,
        /// Why severity or urgency are changed; the customer reads it.
        reason: Reason,
    },
    /// Contract or serial are wrong.
    Correct {
        /// The right ones.
        to: ContractRef,
        /// Why the agent corrects it.
        reason: Reason,
        /// What the register says of them. The desk looks it up: it never comes from outside.
        #[serde(skip)]
        resolved: Option<Box<ResolvedContract>>,
    },
    /// A contact was logged by mistake.
    #[serde(rename = "take_contact_back")]
    UndoContact {
        /// The entry that says that somebody spoke with the customer.
        contact: u32,
    },
    /// Contact, place or fault are wrong.
    Amend {
        /// What, and why.
        what: Box<Amendment>,
        /// Mails of the case that no server has taken. The desk counts them: it never comes from outside.
        #[serde(skip)]
        undelivered: u32,
    },
}

impl RevisionCommand {
    /// What one must be permitted to do for it.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Reprioritize { .. } => Action::ChangePriority,
            Self::Correct { .. } => Action::CorrectCase,
            Self::UndoContact { .. } => Action::WorkCase,
            Self::Amend { what, .. } => what.action(),
        }
    }

    /// Whether it must rest on what the case is now. An amendment names what it changes.
    #[must_use]
    pub const fn requires_current_version(&self) -> bool {
        !matches!(self, Self::Amend { .. })
    }
}

/// Why nothing is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionRefusal {
    /// The case has that severity and urgency.
    #[error("severity and urgency are the same")]
    #[serde(rename = "same_weight")]
    SamePriorityInputs,
    /// The case stands under that contract and serial.
    #[error("contract and serial are the same")]
    #[serde(rename = "same_cover")]
    SameContractRef,
    /// The register was not asked. Ask the desk, not the rule.
    #[error("nobody looked the contract up")]
    NotLookedUp,
    /// It is too late, something rests on the contact, or it is another one: write a note.
    #[error("no such contact can be taken back")]
    #[serde(rename = "nothing_to_take_back")]
    NothingToUndo,
    /// Nothing is other than it was.
    #[error("nothing is changed")]
    SameReport,
    /// Somebody else changed it since it was read: look again.
    #[error("it was changed meanwhile")]
    ReportChanged,
    /// The customer has changed a lot within the hour: call.
    #[error("more than {} changes within an hour", amendment::AMENDMENTS_PER_HOUR)]
    TooManyAmendments,
}

impl RevisionRefusal {
    /// The broken rule in the reader's language, with what to do instead.
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
                Some(_) if !is_news_broken(case, hours, now) => RevisionEvent::ContactUndone { contact },
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
                broken: broken(case, hours, now),
                resolved: *resolved,
                reason,
            }))
        }
    };
    Ok(Event::Revision(revised))
}

/// Whether the news that a contact made due are late already: what is broken is not made undone.
fn is_news_broken(case: &Case, hours: &ServiceHours, now: Instant) -> bool {
    let is_news = |clock: &SlaClock| matches!(clock.kind, SlaMetric::NextUpdate | SlaMetric::CommittedUpdate);
    case.clocks(&hours.spans, now).iter().any(|clock| is_news(clock) && clock.breach.is_some())
}

/// What was broken by `now`, in whichever cycle.
fn broken(case: &Case, hours: &ServiceHours, now: Instant) -> Vec<(SlaMetric, u32, Breach)> {
    let clocks = case
        .past_clocks(&hours.spans, now)
        .into_iter()
        .chain(case.past_updates(&hours.spans, now))
        .chain(case.clocks(&hours.spans, now));
    clocks.filter_map(|clock| Some((clock.kind, clock.cycle, clock.breach?))).collect()
}

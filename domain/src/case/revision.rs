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
use super::clocks::Clock;
use super::decide::Refusal;
use super::event::{Event, HoursKept};
use super::evolve::Case;
use super::track::Breach;
use crate::actor::{Action, Actor};
use crate::contract_number::ContractNumber;
use crate::entitlement::{Coverage, Hours};
use crate::serial::Serial;
use crate::t;
use crate::terms::{ClockKind, Terms};
use crate::text::Reason;
use crate::time::Instant;
use crate::weight::{Priority, Severity, Urgency};
use crate::words::Language;

/// A contact can be taken back for so many seconds: 10 minutes.
pub const TAKE_BACK_S: i64 = 10 * 60;

/// A contact that can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeBack {
    /// The entry of the history that says that somebody spoke with the customer.
    pub contact: u32,
    /// When it was logged.
    pub at: Instant,
}

impl TakeBack {
    /// The first instant at which it is too late.
    #[must_use]
    pub const fn until(self) -> Instant {
        self.at.plus(TAKE_BACK_S)
    }
}

/// How bad it is, and how soon it must be well again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight {
    /// How badly the business is hit.
    pub severity: Severity,
    /// How soon the service must be restored.
    pub urgency: Urgency,
}

/// What a case stands under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// The contract; `None` while nobody knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractNumber>,
    /// The affected equipment.
    pub serial: Serial,
}

impl Cover {
    /// The contract's number, or that nobody knows it.
    #[must_use]
    pub fn contract_words(&self, language: Language) -> String {
        self.contract.as_ref().map_or_else(|| t!(language, "contract.none").into_owned(), ToString::to_string)
    }
}

/// What the register says about a contract and a serial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Whether the contract covers the serial.
    pub coverage: Coverage,
    /// What its plan promises.
    pub terms: Terms,
    /// Which hours count.
    pub hours: HoursKept,
    /// The organisation; empty when unknown.
    pub customer: String,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
}

/// Contract or serial were wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// What the case stood under.
    pub from: Cover,
    /// What it stands under.
    pub to: Cover,
    /// What the register says of it.
    pub standing: Standing,
    /// The order of work that follows.
    pub priority: Priority,
    /// Promises that were broken by then, each in its cycle: no correction takes them back.
    pub broken: Vec<(ClockKind, u32, Breach)>,
    /// Why the agent corrected it.
    pub reason: Reason,
}

/// Something was put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionEvent {
    /// Severity or urgency are other than the customer stated.
    Weighed {
        /// What they were.
        from: Weight,
        /// What they are.
        to: Weight,
        /// The order of work that follows.
        priority: Priority,
        /// Why severity or urgency were changed; the customer reads it.
        reason: Reason,
    },
    /// Contract or serial were wrong.
    Corrected(Box<Correction>),
    /// A contact had been logged by mistake: nobody had spoken with the customer.
    ContactTakenBack {
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
            Self::Weighed { .. } => "revision:weighed",
            Self::Corrected(_) => "revision:corrected",
            Self::ContactTakenBack { .. } => "revision:contact_taken_back",
            Self::Amended { .. } => "revision:amended",
        }
    }

    /// The key of the event's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Weighed { .. } => "event.weighed",
            Self::Corrected(_) => "event.corrected",
            Self::ContactTakenBack { .. } => "event.contact_taken_back",
            Self::Amended { .. } => "event.amended",
        }
    }
}

/// Wishes to put something right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionCommand {
    /// Severity or urgency are other than the customer stated.
    Weigh {
        /// What they are.
        to: Weight,
        /// Why severity or urgency are changed; the customer reads it.
        reason: Reason,
    },
    /// Contract or serial are wrong.
    Correct {
        /// The right ones.
        to: Cover,
        /// Why the agent corrects it.
        reason: Reason,
        /// What the register says of them. The desk looks it up: it never comes from outside.
        #[serde(skip)]
        standing: Option<Box<Standing>>,
    },
    /// A contact was logged by mistake.
    TakeContactBack {
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
            Self::Weigh { .. } => Action::ChangePriority,
            Self::Correct { .. } => Action::CorrectCase,
            Self::TakeContactBack { .. } => Action::WorkCase,
            Self::Amend { what, .. } => what.action(),
        }
    }

    /// Whether it must rest on what the case is now. An amendment names what it changes.
    #[must_use]
    pub const fn steers(&self) -> bool {
        !matches!(self, Self::Amend { .. })
    }
}

/// Why nothing is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevisionRefusal {
    /// The case has that severity and urgency.
    #[error("severity and urgency are the same")]
    SameWeight,
    /// The case stands under that contract and serial.
    #[error("contract and serial are the same")]
    SameCover,
    /// The register was not asked. Ask the desk, not the rule.
    #[error("nobody looked the contract up")]
    NotLookedUp,
    /// It is too late, something rests on the contact, or it is another one: write a note.
    #[error("no such contact can be taken back")]
    NothingToTakeBack,
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
    pub fn words(self, language: Language) -> String {
        match self {
            Self::SameWeight => t!(language, "refusal.same_weight").into_owned(),
            Self::SameCover => t!(language, "refusal.same_cover").into_owned(),
            Self::NotLookedUp => t!(language, "refusal.not_looked_up").into_owned(),
            Self::NothingToTakeBack => t!(language, "refusal.nothing_to_take_back").into_owned(),
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
    hours: &Hours,
    now: Instant,
) -> Result<Event, Refusal> {
    let matrix = case.opening.terms.matrix();
    let revised = match command {
        RevisionCommand::Weigh { .. } if case.resolved_at().is_some() => {
            return Err(Refusal::AlreadyResolved);
        }
        RevisionCommand::Weigh { to, .. } if to == case.weight() => {
            return Err(RevisionRefusal::SameWeight.into());
        }
        RevisionCommand::Weigh { to, reason } => RevisionEvent::Weighed {
            from: case.weight(),
            to,
            priority: matrix.priority(to.severity, to.urgency),
            reason,
        },
        RevisionCommand::Correct { .. } if case.closed().is_some() => return Err(Refusal::AlreadyResolved),
        RevisionCommand::Correct { to, .. } if to == case.cover() => {
            return Err(RevisionRefusal::SameCover.into());
        }
        RevisionCommand::TakeContactBack { contact } => {
            let slip = case.slip().filter(|slip| slip.contact == contact && now < slip.until());
            match slip {
                Some(_) if !is_news_broken(case, hours, now) => RevisionEvent::ContactTakenBack { contact },
                _ => return Err(RevisionRefusal::NothingToTakeBack.into()),
            }
        }
        RevisionCommand::Amend { what, undelivered } => {
            amendment::decide(case, *what, undelivered, actor, now)?
        }
        RevisionCommand::Correct { standing: None, .. } => return Err(RevisionRefusal::NotLookedUp.into()),
        RevisionCommand::Correct { to, reason, standing: Some(standing) } => {
            let Weight { severity, urgency } = case.weight();
            let followed = case.priority() == matrix.priority(severity, urgency);
            let follows = standing.terms.matrix().priority(severity, urgency);
            RevisionEvent::Corrected(Box::new(Correction {
                from: case.cover(),
                to,
                priority: if followed { follows } else { case.priority() },
                broken: broken(case, hours, now),
                standing: *standing,
                reason,
            }))
        }
    };
    Ok(Event::Revision(revised))
}

/// Whether the news that a contact made due are late already: what is broken is not made undone.
fn is_news_broken(case: &Case, hours: &Hours, now: Instant) -> bool {
    let is_news = |clock: &Clock| matches!(clock.kind, ClockKind::Update | ClockKind::Committed);
    case.clocks(&hours.spans, now).iter().any(|clock| is_news(clock) && clock.breach.is_some())
}

/// What was broken by `now`, in whichever cycle.
fn broken(case: &Case, hours: &Hours, now: Instant) -> Vec<(ClockKind, u32, Breach)> {
    let clocks = case
        .past_clocks(&hours.spans, now)
        .into_iter()
        .chain(case.past_news(&hours.spans, now))
        .chain(case.clocks(&hours.spans, now));
    clocks.filter_map(|clock| Some((clock.kind, clock.cycle, clock.breach?))).collect()
}

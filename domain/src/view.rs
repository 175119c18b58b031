//! Cases as pages show them: rows of queue and wall, and the page of one case. The types cross the wire.

mod queue;
mod visits;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::actor::PersonId;
use crate::attachment::MessageFiles;
use crate::calendar::ServiceHours;
use crate::case::visit::Visit;
use crate::case::{
    Assignee, Audience, Band, BreachedTarget, ClosingReport, Explained, LinkKind, Opening, Participant,
    PriorityInputs, Rank, Recorded, ServiceHoursRef, SlaClock, Status, UnansweredMessages, UndoableContact,
};
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::entitlement::{Entitlement, RegisteredView};
use crate::i18n::Language;
use crate::mail_allowance::Hold;
use crate::priority::{Platform, Priority};
use crate::site::Site;
use crate::sla_plan::SlaMetric;
use crate::t;
use crate::time::Instant;
use crate::whatsapp::SentUpdate;

pub use queue::{QueueCounts, QueuePage, QueueState};
pub use visits::{Agenda, AgendaEntry, Booked, LinkState, VisitOver, VisitPage};

/// A case as a line of a queue or a wall. Holds no personal data of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRow {
    /// Number of the case.
    pub number: CaseNumber,
    /// Number of entries in its history.
    pub version: u32,
    /// Country of the site.
    pub country: Country,
    /// Its status.
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// Its entitlement.
    pub coverage: Entitlement,
    /// The organisation; empty when the contract is not registered.
    pub customer: String,
    /// Platform of the equipment.
    pub platform: Platform,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
    /// The site as registered, else the location in the customer's words. Empty for cases of older versions.
    pub place: String,
    /// Time of the opening.
    pub opened_at: Instant,
    /// Its service hours.
    pub hours: ServiceHoursRef,
    /// Clocks of its SLA targets.
    pub clocks: Vec<SlaClock>,
    /// Assignee and unanswered message.
    #[serde(default)]
    pub mark: CaseBadge,
}

impl CaseRow {
    /// Its place in words: the site or location, or the country where neither is stored.
    #[must_use]
    pub fn place(&self, language: Language) -> Cow<'_, str> {
        if self.place.is_empty() {
            t!(language, self.country.name_key()).into_owned().into()
        } else {
            self.place.as_str().into()
        }
    }

    /// Whether work is left to do.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status.is_open()
    }

    /// Whether the case was reopened, so that its resolution has a new target.
    #[must_use]
    pub fn came_back(&self) -> bool {
        came_back(&self.clocks)
    }

    /// Its place in the order of work at `now`.
    #[must_use]
    pub fn rank(&self, hours: &ServiceHours, now: Instant) -> Rank {
        Rank::of(&self.clocks, &hours.spans, now)
    }
}

fn came_back(clocks: &[SlaClock]) -> bool {
    clocks.iter().any(|clock| clock.kind == SlaMetric::Resolution && clock.cycle > 1)
}

/// The data of a wall or queue, up to a sequence number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Changes with a higher number follow.
    pub seq: i64,
    /// The server's time.
    pub now: Instant,
    /// The service hours that the rows name.
    pub hours: Vec<(ServiceHoursRef, ServiceHours)>,
    /// Open cases, in the order of work.
    pub rows: Vec<CaseRow>,
    /// Number of open cases of each band that are left out, in the order of [`Band::ALL`].
    #[serde(default)]
    pub more: [i64; Band::ALL.len()],
    /// Cases whose agreed visit clashes with another of the same technician.
    pub clashing: Vec<CaseNumber>,
}

/// A changed case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Sequence number of the change.
    pub seq: i64,
    /// The case after the change. A case that is not open leaves the wall.
    pub row: CaseRow,
    /// The service hours that the row names.
    pub hours: ServiceHours,
    /// All cases whose agreed visit clashes with another. A change of one case can change that of others.
    pub clashing: Vec<CaseNumber>,
}

/// Assignee of a case, and the time of its oldest unanswered message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseBadge {
    /// The assignee.
    #[serde(rename = "holder")]
    pub assignee: Option<Assignee>,
    /// Time of the customer's oldest message without a reply.
    pub unanswered: Option<Instant>,
}

/// The page of one case, for its customer or for the staff. It lacks what the reader may not see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CasePage {
    /// Number of the case.
    pub number: CaseNumber,
    /// Number of entries in the history, including those that the reader may not see.
    pub version: u32,
    /// Time of the opening.
    pub opened_at: Instant,
    /// The opening, as corrected and amended since.
    pub opening: Opening,
    /// Its status.
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// Impact and urgency in force. The first history entry has the customer's statement.
    #[serde(rename = "weight")]
    pub priority_inputs: PriorityInputs,
    /// Assignee and unanswered message, for the staff.
    pub mark: CaseBadge,
    /// The contact that can be undone, for the staff.
    #[serde(rename = "slip")]
    pub undoable_contact: Option<UndoableContact>,
    /// Number of failed attempts to reach the customer.
    pub attempts: u32,
    /// The organisation, for the staff; empty otherwise or when unknown.
    pub customer: String,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
    /// Its site as registered, for the staff.
    pub site: Option<Site>,
    /// The register's entry for its serial, for the staff while the case needs validation.
    pub registered: Option<RegisteredView>,
    /// Clocks of its SLA targets.
    pub clocks: Vec<SlaClock>,
    /// For each target every stretch of its time, with why it counted or not.
    pub explained: Vec<(SlaMetric, Vec<Explained>)>,
    /// Breached targets of every cycle, each with the target in force then.
    pub missed: Vec<BreachedTarget>,
    /// The closing report, once the case has ended.
    pub report: Option<ClosingReport>,
    /// Linked cases, as far as the reader may know them.
    pub links: Vec<LinkView>,
    /// Its visits, in order.
    pub visits: Vec<Visit>,
    /// Whether the verification is overdue, so that the staff must decide.
    pub awaits_decision: bool,
    /// The history, in order.
    pub history: Vec<Recorded>,
    /// The files of messages that the reader may see, in the order of the messages. Nodes of earlier versions send none.
    #[serde(default)]
    pub files: Vec<MessageFiles>,
    /// The updates that were sent by WhatsApp, for the staff. Nodes of earlier versions send none.
    #[serde(default)]
    pub whatsapp: Vec<SentUpdate>,
    /// The mails of the case, for the staff.
    pub mails: Vec<MailView>,
    /// Why the opening mail is held, if it is.
    pub number_held: Option<Hold>,
    /// Refused mails to the customer, whose address must be amended.
    pub undelivered: Option<Undelivered>,
    /// Other people on the case, for its contact and the staff. Nodes of earlier versions send none.
    #[serde(default)]
    pub participants: Vec<Participant>,
    /// Its service hours.
    pub hours: ServiceHours,
    /// The server's time.
    pub now: Instant,
}

impl CasePage {
    /// Whether the case was reopened, so that its resolution has a new target.
    #[must_use]
    pub fn came_back(&self) -> bool {
        came_back(&self.clocks)
    }

    /// The customer's unanswered messages, for the staff.
    #[must_use]
    pub fn unanswered_messages(&self) -> Option<UnansweredMessages> {
        UnansweredMessages::of(&self.history, self.mark.unanswered?)
    }
}

/// A linked case, as far as the reader may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    /// Its relation to this case.
    pub kind: LinkKind,
    /// Time of the link.
    pub at: Instant,
    /// Its number, if the reader may see it.
    pub number: Option<CaseNumber>,
    /// Its status, for the staff.
    pub status: Option<Status>,
    /// The last part of the customer's link to it, if the reader may see it.
    pub tracking: Option<String>,
}

/// What a member of the staff does on a case's page. Writing in one of several tabs counts as writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// They have the page open.
    Reading,
    /// They are writing.
    Writing,
}

/// A member of the staff who has a case open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Id of the person.
    pub id: PersonId,
    /// Name of the person.
    pub name: String,
    /// What they do.
    pub doing: Doing,
}

/// The colleagues who have a case open, for one tab of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// The id of the tab in its signs of life.
    pub tab: String,
    /// The colleagues, without the reader.
    pub others: Vec<Present>,
}

/// A mail of a case and its delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailView {
    /// Its audience: the customer, or the staff alone.
    pub audience: Audience,
    /// Subject line of the mail.
    pub subject: String,
    /// Mail address to which it goes.
    pub recipient: String,
    /// Its delivery state.
    pub state: MailState,
    /// Time when it was queued.
    pub created_at: Instant,
    /// Time when a server accepted it.
    pub sent_at: Option<Instant>,
    /// Why it is held, if it is.
    pub hold: Option<Hold>,
}

/// Dead letters of a case to its customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undelivered {
    /// Address of the latest.
    pub address: String,
    /// Their number, at least 1.
    pub count: u32,
    /// Time when the latest became a dead letter.
    pub at: Instant,
}

choices! {
    /// Delivery state of a mail.
    pub enum MailState: "mail_state" {
        /// Waiting to be sent.
        Queued = "queued",
        /// Accepted by a server.
        Sent = "sent",
        /// A dead letter: call the customer.
        Dead = "dead",
    }
}

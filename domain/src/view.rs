//! What is shown of cases: rows of queue and wall, and the page of one case. The shapes that cross the wire.

mod queue;
mod visits;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::actor::PersonId;
use crate::calendar::ServiceHours;
use crate::case::visit::Visit;
use crate::case::{
    Assignee, Audience, Band, BreachedTarget, ClosingReport, Explained, LinkKind, Opening, PriorityInputs,
    Rank, Recorded, ServiceHoursRef, SlaClock, Status, UnansweredMessages, UndoableContact,
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

pub use queue::{QueueCounts, QueuePage, QueueState};
pub use visits::{Agenda, AgendaEntry, Booked, LinkState, VisitOver, VisitPage};

/// A case as a line of a queue or a wall. Holds no personal data of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRow {
    /// Number of the case.
    pub number: CaseNumber,
    /// How many entries its history has.
    pub version: u32,
    /// Where its site is.
    pub country: Country,
    /// Where it stands.
    pub status: Status,
    /// The order of work.
    pub priority: Priority,
    /// Whether the contract covers it.
    pub coverage: Entitlement,
    /// The organisation; empty when the contract is not registered.
    pub customer: String,
    /// What kind of thing it is.
    pub platform: Platform,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
    /// The site as registered, else the place in the customer's words; empty for cases from before either was kept.
    pub place: String,
    /// When it was opened.
    pub opened_at: Instant,
    /// Which hours count for it.
    pub hours: ServiceHoursRef,
    /// Clocks of its SLA targets.
    pub clocks: Vec<SlaClock>,
    /// Who is on it, and whether its customer waits for an answer.
    #[serde(default)]
    pub mark: CaseBadge,
}

impl CaseRow {
    /// Where it is, in words: the site, or the country while nothing nearer is kept.
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

    /// Whether the case came back after it had been resolved or closed: its solution is promised anew since.
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

/// Everything that a wall or a queue shows, up to a number of the desk's sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Changes with a higher number follow.
    pub seq: i64,
    /// The server's time.
    pub now: Instant,
    /// The hours that the rows name.
    pub hours: Vec<(ServiceHoursRef, ServiceHours)>,
    /// Open cases, in the order of work.
    pub rows: Vec<CaseRow>,
    /// How many open cases of each band are not among them, in the order of [`Band::ALL`].
    #[serde(default)]
    pub more: [i64; Band::ALL.len()],
    /// Cases whose agreed visit clashes with another of the same technician.
    pub clashing: Vec<CaseNumber>,
}

/// One case as it stands after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The change's number in the desk's sequence.
    pub seq: i64,
    /// The case now; one that is no longer open leaves the wall.
    pub row: CaseRow,
    /// The hours that the row names.
    pub hours: ServiceHours,
    /// All cases whose agreed visit clashes with another by then: a change of one case changes that of others.
    pub clashing: Vec<CaseNumber>,
}

/// Who is on a case, and whether its customer waits for an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseBadge {
    /// Who is on it.
    #[serde(rename = "holder")]
    pub assignee: Option<Assignee>,
    /// Since when the customer waits for an answer to what they wrote.
    pub unanswered: Option<Instant>,
}

/// The page of one case, for its customer or for the staff; what the reader may not see has been taken out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CasePage {
    /// Number of the case.
    pub number: CaseNumber,
    /// How many entries the history has, those that the reader may not see included.
    pub version: u32,
    /// When it was opened.
    pub opened_at: Instant,
    /// What was settled at the opening.
    pub opening: Opening,
    /// Where it stands.
    pub status: Status,
    /// The order of work now.
    pub priority: Priority,
    /// Severity and urgency now; what the customer stated stands in the opening.
    #[serde(rename = "weight")]
    pub priority_inputs: PriorityInputs,
    /// Who is on it and since when its customer waits for an answer, for the staff.
    pub mark: CaseBadge,
    /// The contact that can be taken back, for the staff.
    #[serde(rename = "slip")]
    pub undoable_contact: Option<UndoableContact>,
    /// How often somebody tried to reach the customer in vain.
    pub attempts: u32,
    /// The organisation, for the staff; empty otherwise or when unknown.
    pub customer: String,
    /// Maker and model as registered, else the serial.
    pub equipment: String,
    /// Where it stands as registered, for the staff.
    pub site: Option<Site>,
    /// What the register holds under its serial, for the staff and while the case is to be validated.
    pub registered: Option<RegisteredView>,
    /// Clocks of its SLA targets.
    pub clocks: Vec<SlaClock>,
    /// For each promise every stretch of its time, and why it counted or did not.
    pub explained: Vec<(SlaMetric, Vec<Explained>)>,
    /// Promises that were broken, in every cycle, each with the target that it broke.
    pub missed: Vec<BreachedTarget>,
    /// The account of the case once it has ended.
    pub report: Option<ClosingReport>,
    /// Cases that belong to it, as far as the reader may know of them.
    pub links: Vec<LinkView>,
    /// Its visits, in order.
    pub visits: Vec<Visit>,
    /// Whether the customer has not said for long whether it works, so that somebody must decide.
    pub awaits_decision: bool,
    /// What happened, in order.
    pub history: Vec<Recorded>,
    /// The mails of the case, for the staff.
    pub mails: Vec<MailView>,
    /// Why the mail with the number of the case is held back, if it is.
    pub number_held: Option<Hold>,
    /// Mails to the customer that were given up: the address must be put right.
    pub undelivered: Option<Undelivered>,
    /// The hours that count.
    pub hours: ServiceHours,
    /// The server's time.
    pub now: Instant,
}

impl CasePage {
    /// Whether the case came back after it had been resolved or closed: its solution is promised anew since.
    #[must_use]
    pub fn came_back(&self) -> bool {
        came_back(&self.clocks)
    }

    /// The customer's messages that nobody has answered, for the staff.
    #[must_use]
    pub fn unanswered_messages(&self) -> Option<UnansweredMessages> {
        UnansweredMessages::of(&self.history, self.mark.unanswered?)
    }
}

/// Another case, as far as the reader of this one may know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    /// What it is to this one.
    pub kind: LinkKind,
    /// When the link was made.
    pub at: Instant,
    /// Its number, if the reader holds it.
    pub number: Option<CaseNumber>,
    /// Where it stands, for the staff.
    pub status: Option<Status>,
    /// The last part of the customer's link to it, if the reader holds it.
    pub tracking: Option<String>,
}

/// What somebody does on the page of a case; whoever writes on one of two pages writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// They have it open.
    Reading,
    /// They are writing something on it.
    Writing,
}

/// Somebody of the staff who has a case open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Identifies the member of the staff.
    pub id: PersonId,
    /// Name of the member of the staff.
    pub name: String,
    /// What they do.
    pub doing: Doing,
}

/// Who else has a case open, for one page of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// What the page names itself by when it gives a sign of life.
    pub tab: String,
    /// Members of the staff who have the case open, but for the reader.
    pub others: Vec<Present>,
}

/// A mail of a case and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailView {
    /// For whom it is: its customer, or the staff alone.
    pub audience: Audience,
    /// Subject line of the mail.
    pub subject: String,
    /// Mail address to which it goes.
    pub recipient: String,
    /// What became of it.
    pub state: MailState,
    /// When it was queued.
    pub created_at: Instant,
    /// When a server took it.
    pub sent_at: Option<Instant>,
    /// Why it is held back, if it is.
    pub hold: Option<Hold>,
}

/// Mails of a case to its customer that were given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undelivered {
    /// The address of the latest of them.
    pub address: String,
    /// How many there are; at least one.
    pub count: u32,
    /// When the latest was given up.
    pub at: Instant,
}

choices! {
    /// What became of a mail.
    pub enum MailState: "mail_state" {
        /// Waits for its turn.
        Queued = "queued",
        /// A server took it.
        Sent = "sent",
        /// Given up: somebody must call the customer.
        Dead = "dead",
    }
}

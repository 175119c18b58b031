//! What can happen to a case: its history is a list of these, and nothing in it is ever changed.

use serde::{Deserialize, Serialize};

use super::assignment::AssignmentEvent;
use super::links::LinkEvent;
use super::message::MessageEvent;
use super::revision::RevisionEvent;
use super::termination::Termination;
use super::visit::{VisitEvent, VisitId};
use crate::actor::{Actor, BrowserOf, PersonId};
use crate::calendar::week::CalendarId;
use crate::case_number::CaseNumber;
use crate::entitlement::Entitlement;
use crate::i18n::Language;
use crate::priority::Priority;
use crate::report::Report;
use crate::sla_plan::{SlaMetric, SlaPlan};
use crate::survey::SurveyEvent;
use crate::text::{Note, PersonName, Reason};
use crate::time::Instant;

/// One entry of a case's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// 1 for the opening, one more for each entry: the case's version after it.
    pub version: u32,
    /// When it happened.
    pub at: Instant,
    /// Who did it.
    pub by: Author,
    /// The door by which it came in.
    pub origin: Origin,
    /// What happened, with everything that is needed to fold it.
    pub event: Event,
}

/// Who wrote an entry, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The customer or their contact.
    Customer,
    /// The same, in a browser where a member of the staff has signed in before.
    CustomerBeside(BrowserOf),
    /// A member of the staff.
    Staff {
        /// Identifies the member of the staff.
        id: PersonId,
        /// Their name when they wrote it.
        name: String,
    },
    /// The desk itself.
    System,
}

impl Author {
    /// Whether the customer wrote it, in whoever's browser.
    #[must_use]
    pub const fn is_customer(&self) -> bool {
        matches!(self, Self::Customer | Self::CustomerBeside(_))
    }
}

impl From<&Actor> for Author {
    fn from(actor: &Actor) -> Self {
        match actor {
            Actor::Anonymous | Actor::Customer(_) => Self::Customer,
            Actor::CustomerBeside { browser, .. } => Self::CustomerBeside(browser.clone()),
            Actor::Staff(staff) => Self::Staff { id: staff.id, name: staff.name.clone() },
            Actor::Display { .. } | Actor::System => Self::System,
        }
    }
}

/// The way an entry came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The self-service portal.
    Portal,
    /// A call that an agent wrote down.
    Telephone,
    /// The staff's workspace.
    Workspace,
    /// The desk's own scheduler.
    #[serde(rename = "clockwork")]
    Scheduler,
    /// The command line.
    CommandLine,
}

/// Something that happened to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The case was opened (letter, steps 1 to 4).
    Opened(Box<Opening>),
    /// Somebody tried to reach the customer and did not. Stops no clock.
    ContactAttempted {
        /// How they tried.
        channel: Channel,
        /// Why it came to nothing.
        outcome: AttemptOutcome,
        /// What else is worth knowing.
        note: Option<Note>,
    },
    /// A human spoke with the customer (letter, step 5). The first stops attention.
    Contacted {
        /// How they spoke.
        channel: Channel,
        /// What was said.
        note: Option<Note>,
    },
    /// Something was written down.
    Noted {
        /// Who may read it.
        audience: Audience,
        /// What was written.
        text: Note,
    },
    /// The clocks that the reason allows stand still from now on.
    Paused {
        /// What is waited for.
        reason: PauseReason,
        /// In the writer's words.
        detail: Option<Reason>,
        /// When the wait is expected to end; the clocks run again by themselves then.
        until: Instant,
        /// Who allowed it, when not the writer.
        #[serde(default)]
        allowed_by: Option<PersonName>,
    },
    /// The wait is over.
    Resumed {
        /// What ended it.
        cause: ResumeCause,
    },
    /// The order of work was overruled. The customer's severity and urgency stand as they were given.
    PriorityChanged {
        /// What it was.
        from: Priority,
        /// What it is.
        to: Priority,
        /// Why the agent overruled the priority.
        reason: Reason,
    },
    /// The desk says that it works again; the customer's word comes next.
    Resolved {
        /// What kind of solution it was.
        category: Category,
        /// What was wrong.
        cause: Note,
        /// What was done.
        solution: Note,
    },
    /// The customer's contact said whether it works (letter, step 7).
    Verified {
        /// Whether the solution works, as the customer says.
        verdict: Verdict,
        /// How it reached the desk; `None` when they gave it themselves, by the case's link.
        channel: Option<Channel>,
        /// Who said it, when somebody of the staff wrote it down.
        who: Option<PersonName>,
        /// In their words.
        said: Option<Note>,
    },
    /// The customer was asked once more whether it works.
    VerificationReminded {
        /// 1 for the first time.
        nth: u8,
    },
    /// The customer has not answered for as long as the plan waits: somebody must decide.
    VerificationUnanswered,
    /// The case is done.
    Closed {
        /// On whose word.
        reason: CloseReason,
        /// Why, when the customer did not confirm.
        note: Option<Reason>,
        /// The first instant at which the case can no longer be opened again.
        reopen_until: Instant,
    },
    /// It is not done after all: resolution begins a new cycle.
    Reopened {
        /// What brought it back.
        cause: ReopenCause,
        /// In the customer's words.
        said: Option<Note>,
        /// What is promised for the new cycle, in business seconds.
        target_s: i64,
    },
    /// Something happened to a visit (letter, step 6).
    Visit {
        /// Which of the case's visits.
        visit: VisitId,
        /// What happened to it.
        what: VisitEvent,
    },
    /// A share of a promise was used up, and the people in charge were told.
    Warned {
        /// Which SLA target was warned of.
        clock: SlaMetric,
        /// In which of its cycles.
        cycle: u32,
        /// Which share, in per cent.
        level: u8,
    },
    /// The case changed hands.
    #[serde(rename = "holding")]
    Assignment(AssignmentEvent),
    /// The desk or the customer told the other something.
    #[serde(rename = "talk")]
    Message(MessageEvent),
    /// Something was put right.
    Revision(RevisionEvent),
    /// The customer is asked how it went (letter, step 8).
    Survey(SurveyEvent),
    /// The case goes no further: it is cancelled, or a duplicate.
    #[serde(rename = "withdrawn")]
    Terminated(Termination),
    /// Another case belongs to it.
    Link(LinkEvent),
}

impl Event {
    /// Whether it changes what somebody who works on the case should know before they write: a warning does not, and
    /// neither does a reminder, the survey, a photograph or a link to another case.
    #[must_use]
    pub const fn is_work(&self) -> bool {
        !matches!(
            self,
            Self::Warned { .. }
                | Self::VerificationReminded { .. }
                | Self::VerificationUnanswered
                | Self::Survey(_)
                | Self::Link(_)
                | Self::Visit { what: VisitEvent::Attached(_) | VisitEvent::Detached { .. }, .. }
        )
    }

    /// The event's kind, as it stands beside the entry: the tags of its stored form. Queries ask by it, so it never changes.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Opened(_) => "opened",
            Self::ContactAttempted { .. } => "contact_attempted",
            Self::Contacted { .. } => "contacted",
            Self::Noted { .. } => "noted",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::PriorityChanged { .. } => "priority_changed",
            Self::Resolved { .. } => "resolved",
            Self::Verified { .. } => "verified",
            Self::VerificationReminded { .. } => "verification_reminded",
            Self::VerificationUnanswered => "verification_unanswered",
            Self::Closed { .. } => "closed",
            Self::Reopened { .. } => "reopened",
            Self::Visit { what, .. } => what.kind(),
            Self::Warned { .. } => "warned",
            Self::Assignment(event) => event.kind(),
            Self::Message(event) => event.kind(),
            Self::Revision(event) => event.kind(),
            Self::Survey(event) => event.kind(),
            Self::Terminated(why) => why.kind(),
            Self::Link(event) => event.kind(),
        }
    }

    /// The key of the event's name in the language files.
    #[must_use]
    pub const fn name_key(&self) -> &'static str {
        match self {
            Self::Opened(_) => "event.opened",
            Self::ContactAttempted { .. } => "event.contact_attempted",
            Self::Contacted { .. } => "event.contacted",
            Self::Noted { .. } => "event.noted",
            Self::Paused { .. } => "event.paused",
            Self::Resumed { .. } => "event.resumed",
            Self::PriorityChanged { .. } => "event.priority_changed",
            Self::Resolved { .. } => "event.resolved",
            Self::Verified { .. } => "event.verified",
            Self::VerificationReminded { .. } => "event.verification_reminded",
            Self::VerificationUnanswered => "event.verification_unanswered",
            Self::Closed { .. } => "event.closed",
            Self::Reopened { .. } => "event.reopened",
            Self::Visit { what, .. } => what.name_key(),
            Self::Warned { .. } => "event.warned",
            Self::Assignment(event) => event.name_key(),
            Self::Message(event) => event.name_key(),
            Self::Revision(event) => event.name_key(),
            Self::Survey(event) => event.name_key(),
            Self::Terminated(why) => why.name_key(),
            Self::Link(event) => event.name_key(),
        }
    }
}

/// Everything that was settled when the case was opened; later changes of plans and calendars leave it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The number that stands in all that follows.
    pub number: CaseNumber,
    /// What the customer reported.
    pub report: Report,
    /// Whether the contract covers it.
    pub coverage: Entitlement,
    /// Follows from severity and urgency by the plan's matrix.
    pub priority: Priority,
    /// What the plan promised on that day.
    pub terms: SlaPlan,
    /// Which hours count.
    pub hours: ServiceHoursRef,
    /// The language that the customer is written to in.
    pub language: Language,
    /// The earlier case that this one takes up, whose way back was closed.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "follows")]
    pub previous_case: Option<CaseNumber>,
}

/// Which hours count for a case: a calendar, as it stood at the opening, in the zone of the site.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ServiceHoursRef {
    /// The calendar's id.
    pub calendar: CalendarId,
    /// The version of the calendar that the case keeps.
    pub version: u32,
    /// IANA name of the site's zone.
    pub zone: String,
}

choices! {
    /// How people reach each other.
    pub enum Channel: "channel" {
        /// By telephone, in either direction.
        Phone = "phone",
        /// By mail, written by a human.
        Mail = "mail",
        /// By video call.
        Video = "video",
        /// Face to face.
        OnSite = "on_site",
    }
}

choices! {
    /// Why an attempt to reach the customer came to nothing.
    pub enum AttemptOutcome: "attempt" {
        /// It rang, nobody answered.
        NoAnswer = "no_answer",
        /// The line was busy.
        Busy = "busy",
        /// Somebody else's number.
        WrongNumber = "wrong_number",
        /// A machine answered.
        Voicemail = "voicemail",
    }
}

choices! {
    /// Who may read a note.
    pub enum Audience: "audience" {
        /// The staff alone.
        Internal = "internal",
        /// The customer too.
        Public = "public",
    }
}

choices! {
    /// What a case waits for.
    pub enum PauseReason: "pause_reason" {
        /// An answer or an act of the customer.
        Customer = "customer",
        /// A spare part.
        SparePart = "spare_part",
        /// Somebody outside the desk and the customer.
        ThirdParty = "third_party",
        /// A moment that the customer named.
        AgreedDate = "agreed_date",
    }
}

choices! {
    /// What kind of solution it was: what reports are counted by.
    pub enum Category: "category" {
        /// Something was set differently.
        Configuration = "configuration",
        /// A part or the whole was repaired or replaced.
        Hardware = "hardware",
        /// Software was installed, updated or restarted.
        Software = "software",
        /// A line or a service of somebody else came back.
        ThirdParty = "third_party",
        /// Somebody was shown how to do it.
        Guidance = "guidance",
        /// Nothing was found to be wrong.
        NoFault = "no_fault",
    }
}

choices! {
    /// What the customer's contact says of a solution.
    pub enum Verdict: "verdict" {
        /// The customer confirms that the solution works.
        Works = "works",
        /// It does not.
        StillFails = "still_fails",
    }
}

choices! {
    /// On whose word a case is closed.
    pub enum CloseReason: "close_reason" {
        /// The customer's contact said that it works.
        Confirmed = "confirmed",
        /// The customer did not answer, and somebody of the staff decided.
        Unconfirmed = "unconfirmed",
    }
}

choices! {
    /// What brought a case back.
    pub enum ReopenCause: "reopen_cause" {
        /// The customer's contact said that it still fails.
        StillFails = "still_fails",
        /// It failed again after the case was closed.
        CameBack = "came_back",
    }
}

choices! {
    /// What ended a wait.
    pub enum ResumeCause: "resume_cause" {
        /// A member of the staff went on.
        ByStaff = "by_staff",
        /// The expected end came.
        EndCame = "end_came",
        /// The customer wrote, which was what the case waited for.
        CustomerAnswered = "customer_answered",
    }
}

impl PauseReason {
    /// Whether a wait for this reason stops a clock. Attention is stopped by nothing but a moment that the customer
    /// named: until somebody has spoken with the customer, no other reason can be theirs.
    #[must_use]
    pub const fn stops(self, clock: SlaMetric) -> bool {
        match clock {
            SlaMetric::FirstResponse => matches!(self, Self::AgreedDate),
            SlaMetric::NextUpdate | SlaMetric::Resolution => true,
            // A date that somebody committed to is moved by nothing.
            SlaMetric::CommittedUpdate | SlaMetric::OnSite => false,
        }
    }
}

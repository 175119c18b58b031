//! Events of a case. Its history is a list of them and is never changed.

use serde::{Deserialize, Serialize};

use super::assignment::AssignmentEvent;
use super::links::LinkEvent;
use super::message::MessageEvent;
use super::participant::ParticipantEvent;
use super::revision::RevisionEvent;
use super::termination::Termination;
use super::visit::{VisitEvent, VisitId};
use crate::actor::{Actor, BrowserOf, IntegrationId, ParticipantId, PersonId};
use crate::calendar::week::CalendarId;
use crate::case_number::CaseNumber;
use crate::causes::Classification;
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
    /// The case's version after the entry, from 1 for the opening.
    pub version: u32,
    /// Time of the entry.
    pub at: Instant,
    /// Author of the entry.
    pub by: Author,
    /// The entrance by which it came.
    pub origin: Origin,
    /// The event, with everything that the fold needs.
    pub event: Event,
}

/// Author of an entry, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The customer or the customer's contact.
    Customer,
    /// The customer, in a browser where a member of the staff has signed in before.
    CustomerBeside(BrowserOf),
    /// A participant of the case.
    Participant {
        /// Who it is among the participants.
        id: ParticipantId,
        /// Their name.
        name: PersonName,
    },
    /// A member of the staff.
    Staff {
        /// Identifies the member of the staff.
        id: PersonId,
        /// Their name when they wrote it.
        name: String,
    },
    /// Another system with its token.
    Integration {
        /// Identifies the integration.
        id: IntegrationId,
        /// Its name when it wrote it.
        name: String,
    },
    /// The desk itself.
    System,
}

impl Author {
    /// Whether the customer is the author, in any browser. A participant is another person.
    #[must_use]
    pub const fn is_customer(&self) -> bool {
        matches!(self, Self::Customer | Self::CustomerBeside(_))
    }
}

impl From<&Actor> for Author {
    fn from(actor: &Actor) -> Self {
        match actor {
            Actor::Anonymous | Actor::Customer(_) | Actor::Contact(_) => Self::Customer,
            Actor::CustomerBeside { browser, .. } => Self::CustomerBeside(browser.clone()),
            Actor::Participant(own) => Self::Participant { id: own.id, name: own.name.clone() },
            Actor::Staff(staff) => Self::Staff { id: staff.id, name: staff.name.clone() },
            Actor::Integration(integration) => {
                Self::Integration { id: integration.id, name: integration.name.clone() }
            }
            Actor::Display { .. } | Actor::System => Self::System,
        }
    }
}

/// The entrance by which an entry came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The self-service portal.
    Portal,
    /// A call that an agent recorded.
    Telephone,
    /// The staff's workspace.
    Workspace,
    /// The desk's own scheduler.
    #[serde(rename = "clockwork")]
    Scheduler,
    /// The command line.
    CommandLine,
    /// A mail that came in.
    Mail,
    /// A program, by the API.
    Api,
    /// A message that came in by WhatsApp.
    #[serde(rename = "whatsapp")]
    WhatsApp,
}

/// Everything that can happen to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The case was opened (letter, steps 1 to 4).
    Opened(Box<Opening>),
    /// An attempt to reach the customer failed. It stops no clock.
    ContactAttempted {
        /// The channel of the attempt.
        channel: Channel,
        /// Why the attempt failed.
        outcome: AttemptOutcome,
        /// A remark about the attempt.
        note: Option<Note>,
    },
    /// A person of the desk contacted the customer (letter, step 5). The first contact meets the first response.
    Contacted {
        /// The channel of the contact.
        channel: Channel,
        /// Summary of the contact.
        note: Option<Note>,
        /// Length of the call in seconds; `None` for other contacts, and where the exchange did not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        length_s: Option<i64>,
    },
    /// A note was added.
    Noted {
        /// Who may read it.
        audience: Audience,
        /// Text of the note.
        text: Note,
    },
    /// The case was paused. The reason decides which clocks stop.
    Paused {
        /// What is waited for.
        reason: PauseReason,
        /// Detail in the writer's words.
        detail: Option<Reason>,
        /// Expected end of the pause. The clocks run again from then on.
        until: Instant,
        /// The person who approved the pause, when not the writer.
        #[serde(default)]
        allowed_by: Option<PersonName>,
    },
    /// The pause ended.
    Resumed {
        /// What ended it.
        cause: ResumeCause,
    },
    /// The priority was changed. The customer's severity and urgency do not change.
    PriorityChanged {
        /// The priority before.
        from: Priority,
        /// The priority after.
        to: Priority,
        /// Reason of the change.
        reason: Reason,
    },
    /// The desk resolved the case. The customer's verification comes next.
    Resolved {
        /// Category of the solution.
        category: Category,
        /// Cause of the fault.
        cause: Note,
        /// The solution.
        solution: Note,
        /// Category and cause of the provider's tree, if one was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        classification: Option<Box<Classification>>,
    },
    /// The customer's contact gave a verdict on the solution (letter, step 7).
    Verified {
        /// The verdict.
        verdict: Verdict,
        /// The channel of the verdict; `None` when the customer gave it by the case's link.
        channel: Option<Channel>,
        /// The person who gave the verdict, when the staff recorded it.
        who: Option<PersonName>,
        /// The customer's words.
        said: Option<Note>,
    },
    /// The customer was reminded of the verification.
    VerificationReminded {
        /// Number of the reminder, from 1.
        nth: u8,
    },
    /// The verification is overdue by the plan. The staff must decide.
    VerificationUnanswered,
    /// The case was closed.
    Closed {
        /// Confirmed by the customer or not.
        reason: CloseReason,
        /// Reason of closing without a confirmation.
        note: Option<Reason>,
        /// The first instant at which the case can no longer be reopened.
        reopen_until: Instant,
    },
    /// The case was reopened. Resolution begins a new cycle.
    Reopened {
        /// Why the case was reopened.
        cause: ReopenCause,
        /// The customer's words.
        said: Option<Note>,
        /// The target of the new cycle, in business seconds.
        target_s: i64,
    },
    /// Something happened to a visit (letter, step 6).
    Visit {
        /// The visit's id within the case.
        visit: VisitId,
        /// The event of the visit.
        what: VisitEvent,
    },
    /// A warning level of an SLA target was reached, and the people in charge were told.
    Warned {
        /// Which SLA target was warned of.
        clock: SlaMetric,
        /// Number of its cycle.
        cycle: u32,
        /// The level in per cent.
        level: u8,
    },
    /// The assignee changed.
    #[serde(rename = "holding")]
    Assignment(AssignmentEvent),
    /// The desk or the customer sent a message.
    #[serde(rename = "talk")]
    Message(MessageEvent),
    /// Priority inputs, contract, report or a contact were revised.
    Revision(RevisionEvent),
    /// An event of the survey (letter, step 8).
    Survey(SurveyEvent),
    /// The case was cancelled or closed as a duplicate.
    #[serde(rename = "withdrawn")]
    Terminated(Termination),
    /// The case was linked to another, or unlinked.
    Link(LinkEvent),
    /// Another person was invited to the case, left it, or was removed from it.
    Participant(ParticipantEvent),
    /// The link to the case's page was renewed: the one before leads nowhere, and the new one was mailed to the contact.
    TrackingRenewed {
        /// Why the staff renewed it; `None` when its holder did.
        reason: Option<Reason>,
    },
    /// Names, telephones, mails, free texts and files were erased from every entry. Figures and times stay.
    Erased {
        /// Why they were erased.
        reason: ErasureReason,
    },
}

impl Event {
    /// Whether the event changes what an agent should know before writing. Warnings, reminders, the survey, files and
    /// links do not.
    #[must_use]
    pub const fn is_work(&self) -> bool {
        !matches!(
            self,
            Self::Warned { .. }
                | Self::VerificationReminded { .. }
                | Self::VerificationUnanswered
                | Self::Survey(_)
                | Self::Link(_)
                | Self::TrackingRenewed { .. }
                | Self::Participant(_)
                | Self::Erased { .. }
                | Self::Visit { what: VisitEvent::Attached(_) | VisitEvent::Detached { .. }, .. }
        )
    }

    /// The event's kind: the tags of its stored form. Queries filter by it, so it never changes.
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
            Self::Participant(event) => event.kind(),
            Self::TrackingRenewed { .. } => "tracking_renewed",
            Self::Erased { .. } => "erased",
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
            Self::Participant(event) => event.name_key(),
            Self::TrackingRenewed { .. } => "event.tracking_renewed",
            Self::Erased { .. } => "event.erased",
        }
    }
}

choices! {
    /// Why personal data were erased.
    pub enum ErasureReason: "erasure" {
        /// The time for which the desk keeps them is over.
        Retention = "retention",
        /// The person concerned asked for it.
        Request = "request",
    }
}

/// Everything that was fixed at the opening. Later changes of plans and calendars do not change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Number of the case.
    pub number: CaseNumber,
    /// The customer's report.
    pub report: Report,
    /// Result of the entitlement check.
    pub coverage: Entitlement,
    /// Follows from severity and urgency by the plan's matrix.
    pub priority: Priority,
    /// The plan in force at the opening.
    pub terms: SlaPlan,
    /// The service hours that count.
    pub hours: ServiceHoursRef,
    /// The customer's language.
    pub language: Language,
    /// The case that this one follows.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "follows")]
    pub previous_case: Option<CaseNumber>,
}

/// The service hours of a case: a version of a calendar, in the zone of the site.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ServiceHoursRef {
    /// The calendar's id.
    pub calendar: CalendarId,
    /// Version of the calendar at the opening.
    pub version: u32,
    /// IANA name of the site's time zone.
    pub zone: String,
}

choices! {
    /// Channels of a contact.
    pub enum Channel: "channel" {
        /// By telephone, in either direction.
        Phone = "phone",
        /// By mail, written by a human.
        Mail = "mail",
        /// By video call.
        Video = "video",
        /// Face to face, at the site.
        OnSite = "on_site",
        /// By WhatsApp.
        WhatsApp = "whatsapp",
    }
}

choices! {
    /// Why an attempt to reach the customer failed.
    pub enum AttemptOutcome: "attempt" {
        /// No answer.
        NoAnswer = "no_answer",
        /// The line was busy.
        Busy = "busy",
        /// The number of another person.
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
    /// What a pause waits for.
    pub enum PauseReason: "pause_reason" {
        /// An answer or an act of the customer.
        Customer = "customer",
        /// A spare part.
        SparePart = "spare_part",
        /// A third party.
        ThirdParty = "third_party",
        /// A date that the customer named.
        AgreedDate = "agreed_date",
    }
}

choices! {
    /// Category of a solution. Reports count by it.
    pub enum Category: "category" {
        /// A setting was changed.
        Configuration = "configuration",
        /// A part or the whole was repaired or replaced.
        Hardware = "hardware",
        /// Software was installed, updated or restarted.
        Software = "software",
        /// A third party's line or service came back.
        ThirdParty = "third_party",
        /// The user was shown how to do it.
        Guidance = "guidance",
        /// No fault was found.
        NoFault = "no_fault",
    }
}

choices! {
    /// The customer's verdict on a solution.
    pub enum Verdict: "verdict" {
        /// The customer confirms that the solution works.
        Works = "works",
        /// The solution does not work.
        StillFails = "still_fails",
    }
}

choices! {
    /// Basis on which a case is closed.
    pub enum CloseReason: "close_reason" {
        /// The customer's contact confirmed the solution.
        Confirmed = "confirmed",
        /// The customer did not answer, and a member of the staff decided.
        Unconfirmed = "unconfirmed",
    }
}

choices! {
    /// Why a case is reopened.
    pub enum ReopenCause: "reopen_cause" {
        /// The customer's contact said that it still fails.
        StillFails = "still_fails",
        /// It failed again after the case was closed.
        CameBack = "came_back",
    }
}

choices! {
    /// What ended a pause.
    pub enum ResumeCause: "resume_cause" {
        /// A member of the staff resumed the case.
        ByStaff = "by_staff",
        /// The expected end came.
        EndCame = "end_came",
        /// The customer wrote, while the case waited for the customer.
        CustomerAnswered = "customer_answered",
    }
}

impl PauseReason {
    /// Whether a pause for this reason stops a clock. First response is stopped by an agreed date alone: before the
    /// first contact, no other reason can be the customer's.
    #[must_use]
    pub const fn stops(self, clock: SlaMetric) -> bool {
        match clock {
            SlaMetric::FirstResponse => matches!(self, Self::AgreedDate),
            SlaMetric::NextUpdate | SlaMetric::Resolution => true,
            // A committed time does not move.
            SlaMetric::CommittedUpdate | SlaMetric::OnSite => false,
        }
    }
}

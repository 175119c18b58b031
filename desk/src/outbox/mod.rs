//! Mails on their way out: a row in the transaction of whatever caused it, then a server's word that it has it.
//!
//! A mail is queued in the same transaction as the event that it tells of, so it goes out exactly when the event stands.
//! Workers ([`work`]) lease rows, send them and write down what came of it. A lease runs out by itself: a process that
//! is killed loses nothing. A mail that a server took in the instant before the process could write that down is sent
//! once more, as the same mail: its Message-ID belongs to the row, and its bytes follow from the row alone.
//!
//! Adding a mail: its words in `domain/locales/mail.yml`, its content beside `mail`'s opening, its `MailKind` with the sample
//! that the admin pages show, and a function that queues it in the transaction of its event.

mod address;
mod links;
mod message;
mod notice;
mod outcome;
mod queue;
mod reading;
mod refusal;
mod samples;
mod transport;
mod visit;
mod warning;
mod worker;

use domain::case::Audience;
use domain::choices;
use domain::entitlement::Entitlement;

pub use address::{ResendError, resend};
pub(crate) use address::{count_undelivered, queue_amendment};
pub(crate) use links::{Wanted, link_of_same_contact, queue_links};
pub use message::Sender;
pub(crate) use queue::{OUTBOX, Outgoing, queue_correction, queue_for};
pub use reading::{Counts, Mail, MailId, MailLine, Trouble, counts, list, read, retry, retry_all, trouble};
pub(crate) use reading::{mails_of, number_held};
pub use samples::{Sample, samples};
pub use transport::{Delivery, Login, MailSink, Roots, RootsProblem, SmtpSettings, Tls, Transport};
pub(crate) use warning::{hold_answer, next_warning, warn};
pub(crate) use worker::next_due;
pub use worker::{Settings, deliver_due, work, work_with};

choices! {
    /// What a mail is about, in the order of a case's life.
    pub(crate) enum MailKind: "mails.kind" {
        /// The opening of a case that the contract covers: whoever opened it holds both numbers of a contract.
        Opening = "opening",
        /// The opening of a case that anybody may have opened, with any address in it.
        UnverifiedOpening = "opening_unverified",
        /// What the staff writes to the customer.
        CustomerUpdate = "news",
        /// Another order of work.
        PriorityChanged = "reweighed",
        /// Contract or serial put right.
        Corrected = "corrected",
        /// Contact, place or fault put right.
        Amended = "amended",
        /// An offer of a visit, or what became of one.
        Visit = "visit",
        /// The same for the technician who goes.
        VisitStaff = "visit_staff",
        /// A visit that did not happen: for whoever is in charge of the case.
        VisitMissed = "visit_missed",
        /// The links of a mailbox's open cases, which somebody asked for who lost theirs.
        Links = "links",
        /// A promise of a case runs out, or its customer wrote: for the people in charge.
        Warning = "warning",
        /// The same of many cases at once.
        Warnings = "warnings",
        /// The solution, with the question whether it works.
        Resolution = "resolution",
        /// The same question once more.
        Reminder = "reminder",
        /// A case is open again.
        Reopened = "reopened",
        /// The end of a case, with its times.
        Closing = "closing",
        /// The end of a case that nobody wants any more.
        Cancelled = "cancelled",
        /// The end of a case in whose place another goes on.
        Duplicate = "duplicate",
        /// The question how it went.
        Survey = "survey",
    }
}

impl MailKind {
    /// The mail with the number of a case that is opened.
    pub(crate) const fn of_opening(coverage: Entitlement) -> Self {
        match coverage {
            Entitlement::Covered => Self::Opening,
            Entitlement::NeedsValidation(_) => Self::UnverifiedOpening,
        }
    }

    /// Whether it goes to the customer.
    const fn is_customers(self) -> bool {
        !matches!(self, Self::VisitStaff | Self::VisitMissed | Self::Warning | Self::Warnings)
    }

    /// Who is written to by a kind, given as it stands in the database: its customer, or the staff alone.
    pub(crate) fn audience_of(code: &str) -> Audience {
        match Self::from_code(code) {
            Some(kind) if !kind.is_customers() => Audience::Internal,
            _ => Audience::Public,
        }
    }
}

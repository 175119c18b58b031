//! Mails on their way out: a row in the transaction of whatever caused it, then a server's word that it has it.
//!
//! A mail is queued in the same transaction as the event that it tells of, so it goes out exactly when the event stands.
//! Workers ([`work`]) lease rows, send them and write down what came of it. A lease runs out by itself: a process that
//! is killed loses nothing. A mail that a server took in the instant before the process could write that down is sent
//! once more, as the same mail: its Message-ID belongs to the row, and its bytes follow from the row alone.
//!
//! Adding a mail: its words in `domain/locales/mail.yml`, its content beside `mail`'s opening, its `Kind` with the sample
//! that the admin pages show, and a function that queues it in the transaction of its event.

mod address;
mod message;
mod queue;
mod reading;
mod samples;
mod transport;
mod visit;
mod warning;
mod worker;

use domain::entitlement::Coverage;

pub use address::{ResendError, resend};
pub(crate) use address::{count_undelivered, queue_amendment};
pub use message::Sender;
pub(crate) use queue::{OUTBOX, Outgoing, letter, queue_correction, queue_for};
pub(crate) use reading::mails_of;
pub use reading::{Counts, Mail, MailId, MailLine, MailsPage, OutboxError, PAGE, counts, list, read, retry};
pub use samples::{Sample, samples};
pub use transport::{Courier, Login, Roots, RootsProblem, SmtpSettings, Taken, Tls, Transport};
pub(crate) use warning::{next_warning, warn};
pub(crate) use worker::next_due;
pub use worker::{Settings, deliver_due, work, work_with};

/// What a mail is about. Each kind has its own allowance per recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The opening of a case that the contract covers: whoever opened it holds both numbers of a contract.
    Opening,
    /// The opening of a case that anybody may have opened, with any address in it.
    UnverifiedOpening,
    /// The solution, with the question whether it works.
    Resolution,
    /// The same question once more.
    Reminder,
    /// A case is open again.
    Reopened,
    /// The end of a case, with its times.
    Closing,
    /// What the staff writes to the customer.
    News,
    /// Another order of work.
    Reweighed,
    /// Contract or serial put right.
    Corrected,
    /// Contact, place or fault put right.
    Amended,
    /// The end of a case that nobody wants any more.
    Cancelled,
    /// The end of a case in whose place another goes on.
    Duplicate,
    /// The question how it went.
    Survey,
    /// An offer of a visit, or what became of one.
    Visit,
    /// The same for the technician who goes.
    VisitStaff,
    /// A promise of a case runs out: for the people in charge.
    Warning,
    /// The same of many cases at once.
    Warnings,
}

impl Kind {
    /// All kinds, in the order of a case's life.
    const ALL: [Self; 17] = [
        Self::Opening,
        Self::UnverifiedOpening,
        Self::News,
        Self::Reweighed,
        Self::Corrected,
        Self::Amended,
        Self::Visit,
        Self::VisitStaff,
        Self::Warning,
        Self::Warnings,
        Self::Resolution,
        Self::Reminder,
        Self::Reopened,
        Self::Closing,
        Self::Cancelled,
        Self::Duplicate,
        Self::Survey,
    ];

    /// The mail with the number of a case that is opened.
    pub(crate) const fn of_opening(coverage: Coverage) -> Self {
        match coverage {
            Coverage::Covered => Self::Opening,
            Coverage::ToValidate(_) => Self::UnverifiedOpening,
        }
    }

    /// Whether it goes to the customer.
    const fn is_customers(self) -> bool {
        !matches!(self, Self::VisitStaff | Self::Warning | Self::Warnings)
    }

    /// The kind of a code.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::UnverifiedOpening => "opening_unverified",
            Self::Resolution => "resolution",
            Self::Reminder => "reminder",
            Self::Reopened => "reopened",
            Self::Closing => "closing",
            Self::News => "news",
            Self::Reweighed => "reweighed",
            Self::Corrected => "corrected",
            Self::Amended => "amended",
            Self::Cancelled => "cancelled",
            Self::Duplicate => "duplicate",
            Self::Survey => "survey",
            Self::Visit => "visit",
            Self::VisitStaff => "visit_staff",
            Self::Warning => "warning",
            Self::Warnings => "warnings",
        }
    }

    /// The key of the kind's name.
    const fn name_key(self) -> &'static str {
        match self {
            Self::Opening => "mails.kind.opening",
            Self::UnverifiedOpening => "mails.kind.opening_unverified",
            Self::Resolution => "mails.kind.resolution",
            Self::Reminder => "mails.kind.reminder",
            Self::Reopened => "mails.kind.reopened",
            Self::Closing => "mails.kind.closing",
            Self::News => "mails.kind.news",
            Self::Reweighed => "mails.kind.reweighed",
            Self::Corrected => "mails.kind.corrected",
            Self::Amended => "mails.kind.amended",
            Self::Cancelled => "mails.kind.cancelled",
            Self::Duplicate => "mails.kind.duplicate",
            Self::Survey => "mails.kind.survey",
            Self::Visit => "mails.kind.visit",
            Self::VisitStaff => "mails.kind.visit_staff",
            Self::Warning => "mails.kind.warning",
            Self::Warnings => "mails.kind.warnings",
        }
    }

    /// Mails of this kind that one address gets within any hour; further ones wait for their turn. Anybody can open a
    /// case in another's name: the desk must not become a weapon (`reliability.md`, row 8: at most 3).
    pub(crate) const fn per_hour(self) -> i64 {
        match self {
            Self::Opening
            | Self::Resolution
            | Self::Reminder
            | Self::Reopened
            | Self::Closing
            | Self::News
            | Self::Reweighed
            | Self::Corrected
            | Self::Cancelled
            | Self::Duplicate
            | Self::Survey
            | Self::Visit => 20,
            // A day's work changes more than once.
            Self::VisitStaff | Self::Warning | Self::Warnings => 60,
            // Whoever holds a case's link can name any address as its contact's.
            Self::UnverifiedOpening | Self::Amended => 3,
        }
    }
}

//! Mails on their way out: a row in the transaction of whatever caused it, then a server's word that it has it.
//!
//! A mail is queued in the same transaction as the event that it tells of, so it goes out exactly when the event stands.
//! Workers ([`work`]) lease rows, send them and write down what came of it. A lease runs out by itself: a process that
//! is killed loses nothing. A mail that a server took in the instant before the process could write that down is sent
//! once more, as the same mail: its Message-ID belongs to the row, and its bytes follow from the row alone.
//!
//! Adding a mail: its words in `domain/locales/mail.yml`, its content beside `mail`'s opening, its `Kind` with the sample
//! that the admin pages show, and a function that queues it in the transaction of its event.

mod message;
mod queue;
mod reading;
mod samples;
mod transport;
mod visit;
mod worker;

pub use message::Sender;
pub(crate) use queue::{queue_for, queue_openings};
pub(crate) use reading::mails_of;
pub use reading::{Counts, Mail, MailId, MailLine, MailsPage, OutboxError, PAGE, counts, list, read, retry};
pub use samples::{Sample, samples};
pub use transport::{Courier, Login, SmtpSettings, Taken, Tls, Transport};
pub(crate) use worker::next_due;
pub use worker::{Settings, deliver_due, work, work_with};

/// What a mail is about. Each kind has its own allowance per recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The opening of a case that the contract covers: whoever opened it holds both numbers of a contract.
    Opening,
    /// The opening of a case that anybody may have opened, with any address in it.
    UnverifiedOpening,
    /// The solution, with the question whether it works.
    Resolution,
    /// The same question once more.
    Reminder,
    /// The end of a case, with its times.
    Closing,
    /// What the staff writes to the customer.
    News,
    /// Another order of work.
    Reweighed,
    /// The question how it went.
    Survey,
    /// An offer of a visit, or what became of one.
    Visit,
    /// The same for the technician who goes.
    VisitStaff,
}

impl Kind {
    /// All kinds, in the order of a case's life.
    const ALL: [Self; 10] = [
        Self::Opening,
        Self::UnverifiedOpening,
        Self::News,
        Self::Reweighed,
        Self::Visit,
        Self::VisitStaff,
        Self::Resolution,
        Self::Reminder,
        Self::Closing,
        Self::Survey,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::UnverifiedOpening => "opening_unverified",
            Self::Resolution => "resolution",
            Self::Reminder => "reminder",
            Self::Closing => "closing",
            Self::News => "news",
            Self::Reweighed => "reweighed",
            Self::Survey => "survey",
            Self::Visit => "visit",
            Self::VisitStaff => "visit_staff",
        }
    }

    /// Mails of this kind that one address gets within any hour; further ones wait for their turn. Anybody can open a
    /// case in another's name: the desk must not become a weapon (`reliability.md`, row 8: at most 3).
    const fn per_hour(self) -> i64 {
        match self {
            Self::Opening
            | Self::Resolution
            | Self::Reminder
            | Self::Closing
            | Self::News
            | Self::Reweighed
            | Self::Survey
            | Self::Visit => 20,
            // A day's work changes more than once.
            Self::VisitStaff => 60,
            Self::UnverifiedOpening => 3,
        }
    }
}

//! Mails on their way out: a row in the transaction of whatever caused it, then a server's word that it has it.
//!
//! A mail is queued in the same transaction as the event that it tells of, so it goes out exactly when the event stands.
//! Workers ([`work`]) lease rows, send them and write down what came of it. A lease runs out by itself: a process that
//! is killed loses nothing. A mail that a server took in the instant before the process could write that down is sent
//! once more, as the same mail: its Message-ID belongs to the row, and its bytes follow from the row alone.
//!
//! Adding a mail: its words in `domain/locales/mail.yml`, its content beside `mail`'s opening, its `MailKind` with the event
//! that queues it, and the sample that the admin pages show.

mod account;
mod address;
mod kind;
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

pub(crate) use account::{AccountLetter, queue_account_mail};
pub use address::{ResendError, resend};
pub(crate) use address::{count_undelivered, queue_amendment};
pub(crate) use kind::{MailKind, queue_correction, queue_for};
pub(crate) use links::{Wanted, link_of_same_contact, queue_links};
pub use message::Sender;
pub(crate) use queue::{OUTBOX, Outgoing};
pub use reading::{Counts, Mail, MailId, MailLine, Trouble, counts, list, read, retry, retry_all, trouble};
pub(crate) use reading::{mails_of, number_held};
pub use samples::{Sample, samples};
pub use transport::{Delivery, Login, MailSink, Roots, RootsProblem, SmtpSettings, Tls, Transport};
pub(crate) use warning::{hold_answer, next_warning, warn};
pub(crate) use worker::next_due;
pub use worker::{Settings, deliver_due, work, work_with};

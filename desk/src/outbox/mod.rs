//! The outbox: mails are queued in the transaction of their event, then delivered to a server.
//!
//! A mail goes out if and only if its event is committed. Workers ([`work`]) lease rows, send them and record the
//! outcome. A lease expires, so a killed process loses no mail. A process that dies before it records a delivery causes
//! a repetition of the same mail: its Message-ID and bytes follow from the row alone.
//!
//! To add a mail, write its words in `domain/locales/mail.yml` and its content beside `mail`'s opening. Then add its
//! `MailKind` with the event that queues it, and a sample for the admin pages.

mod account;
mod address;
mod choices;
mod customer;
mod erasure;
mod kind;
mod links;
mod message;
mod notice;
mod outcome;
mod participants;
mod queue;
mod reading;
mod recipients;
mod refusal;
mod samples;
mod stationery;
mod text_sample;
mod transport;
mod trial;
mod visit;
mod warning;
mod worker;

pub(crate) use account::{AccountLetter, queue_account_mail, tell_owners};
pub(crate) use address::{ERASED_RECIPIENT, count_given_up, count_undelivered, queue_amendment};
pub use address::{ResendError, resend};
pub(crate) use customer::{CompanyInvitation, EntryMail, queue_company_invitation, queue_entry_mail};
pub(crate) use erasure::{NOTHING, emptied, empty_account_mails, empty_invitations_by};
pub(crate) use kind::{MailKind, queue_correction, queue_for};
pub(crate) use links::{LinkRequest, link_of_same_contact, queue_links};
pub use message::{ReplyAddresses, Sender};
pub(crate) use participants::{empty_mails_of, queue_invitation};
pub(crate) use queue::{OUTBOX, Outgoing};
pub use reading::{Counts, Mail, MailId, MailLine, Trouble, counts, list, read, retry, retry_all, trouble};
pub(crate) use reading::{mails_of, number_held};
pub use samples::{Sample, samples};
pub use text_sample::{MailPreview, MailTextTrial, preview_mail_text, send_mail_text};
pub use transport::{Delivery, Login, MailSink, Roots, RootsProblem, SmtpSettings, Tls, Transport};
pub use trial::{TestMail, TestOutcome, send_test};
pub(crate) use warning::{hold_answer, next_warning, warn};
pub(crate) use worker::next_due;
pub use worker::{Settings, deliver_due, work, work_with};

//! Texts that the provider writes itself, filled with a case's values: canned replies, and words of mails.
//!
//! [`settings`](crate::settings) writes them.

mod mail_texts;
mod replies;
mod values;

pub(crate) use mail_texts::{MailTextShelf, MailTexts, put_mail_text, read_mail_text};
pub use replies::replies_for;
pub(crate) use replies::{put_reply, read_reply};
pub(crate) use values::{Values, matter};

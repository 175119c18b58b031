//! The mail by which a customer signs in. Anybody who knows an address can cause it.

use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::mail_allowance::Turn;

use super::MailKind;
use super::queue::{Cause, NewMail, Outgoing, Thread, put, used};
use crate::Desk;
use crate::access::tokens::{ENTRY, SEALED_CODE, sealed};
use crate::mail::EntryLetter;
use crate::store::{StoreError, Tx, take_numbers_in_order};

/// A mail with a code and a link to sign in.
pub(crate) struct EntryMail<'a> {
    /// Whose mails are read by who signs in.
    pub(crate) address: &'a MailAddress,
    pub(crate) language: Language,
    /// The last part of the link.
    pub(crate) link: &'a str,
    /// How long it is good.
    pub(crate) minutes: i64,
    /// The requester, as counted by the allowance.
    pub(crate) sender: &'a str,
}

/// Queues it; whether it is sent. Beyond the allowance of strangers it is not: who asks can ask again.
pub(crate) async fn queue_entry_mail(
    desk: &Desk,
    tx: &mut Tx,
    mail: EntryMail<'_>,
) -> Result<bool, StoreError> {
    let EntryMail { address, language, link, minutes, sender } = mail;
    // Of no mail: a number that is taken and not used would be missing in the outbox.
    let used = used(tx, 0, Cause::Stranger, address, Some(sender)).await?;
    // Sent later it would be over.
    if let Turn::Later(_, hold) | Turn::ByHand(hold) = used.turn(desk.now()) {
        tracing::info!(hold = hold.code(), "a code to sign in is not sent");
        return Ok(false);
    }
    let id = take_numbers_in_order(tx, "outbox", 1).await?;
    let link = format!("{}{ENTRY}{}", desk.public_url(), sealed(link));
    let brand = desk.brand();
    let code = SEALED_CODE.to_string();
    let letter = EntryLetter { language, code, link, minutes, desk: desk.public_url(), brand: &brand };
    let mail = NewMail {
        kind: MailKind::SignInCode,
        case: None,
        language,
        name: None,
        address,
        composed: letter.compose(),
        calendar: None,
        document: None,
        cause: Cause::Stranger,
    };
    let thread = Thread { sender: Some(sender.to_owned()), ..Thread::default() };
    put(tx, Outgoing::new(desk, mail, id, thread, used)).await?;
    Ok(true)
}

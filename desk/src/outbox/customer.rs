//! Mails to customers about their account: the code by which they sign in, and that a company's cases are open to them. Anybody
//! who knows an address can cause the first, and a customer the second.

use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::mail_allowance::Turn;

use super::MailKind;
use super::queue::{Cause, NewMail, Outgoing, Thread, put, used};
use crate::Desk;
use crate::access::tokens::{ENTRY, SEALED_CODE, sealed};
use crate::mail::{CompanyLetter, EntryLetter};
use crate::store::{StoreError, Tx, take_numbers_in_order};

/// Where customers sign in.
const SIGN_IN: &str = "/my/sign-in";

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

/// A mail that says that a company's cases are open to its reader. It has no secret: who reads its address's mails signs in.
pub(crate) struct CompanyInvitation<'a> {
    /// Who is invited.
    pub(crate) address: &'a MailAddress,
    pub(crate) language: Language,
    /// Name of the company.
    pub(crate) company: &'a str,
    /// Address of the colleague, or name of the provider.
    pub(crate) by: &'a str,
    /// The colleague's network, as counted by the allowance; `None` for the provider.
    pub(crate) sender: Option<&'a str>,
}

/// Queues it. Beyond the allowance of strangers it waits, or is sent by hand.
pub(crate) async fn queue_company_invitation(
    desk: &Desk,
    tx: &mut Tx,
    mail: CompanyInvitation<'_>,
) -> Result<(), StoreError> {
    let CompanyInvitation { address, language, company, by, sender } = mail;
    let id = take_numbers_in_order(tx, "outbox", 1).await?;
    let used = used(tx, id, Cause::Stranger, address, sender).await?;
    let brand = desk.brand();
    let link = format!("{}{SIGN_IN}", desk.public_url());
    let letter = CompanyLetter { language, company, by, link, desk: desk.public_url(), brand: &brand };
    let mail = NewMail {
        kind: MailKind::CompanyInvitation,
        case: None,
        language,
        name: None,
        address,
        composed: letter.compose(),
        calendar: None,
        document: None,
        cause: Cause::Stranger,
    };
    let thread = Thread { sender: sender.map(str::to_owned), ..Thread::default() };
    put(tx, Outgoing::new(desk, mail, id, thread, used)).await
}

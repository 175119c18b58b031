//! Mails to members of the staff about their own account. They belong to no case.

use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::text::PersonName;

use super::MailKind;
use super::queue::{Cause, NewMail, queue};
use crate::Desk;
use crate::mail::Composed;
use crate::store::{StoreError, Tx};

/// A mail about an account, and whom it goes to.
pub(crate) struct AccountLetter<'a> {
    pub(crate) kind: MailKind,
    pub(crate) name: &'a PersonName,
    pub(crate) address: &'a MailAddress,
    pub(crate) language: Language,
    pub(crate) composed: Composed,
}

/// Queues one, at once: it goes to an address that the desk itself keeps.
pub(crate) async fn queue_account_mail(
    desk: &Desk,
    tx: &mut Tx,
    letter: AccountLetter<'_>,
) -> Result<(), StoreError> {
    let AccountLetter { kind, name, address, language, composed } = letter;
    let mail = NewMail {
        kind,
        case: None,
        language,
        name: Some(name),
        address,
        composed,
        calendar: None,
        document: None,
        cause: Cause::Desk,
    };
    queue(desk, tx, mail).await
}

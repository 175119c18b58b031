//! Mails that lose what they say, and to whom they went. They stay in the list with their times.

use super::ERASED_RECIPIENT;
use crate::store::{StoreError, Tx};

/// The update that empties mails. The recipient that stands in their place is $1, and the text $2.
macro_rules! emptied {
    ($which:literal) => {
        concat!(
            "UPDATE outbox SET recipient_name = '', recipient = $1, subject = $2, body_text = $2, body_html = $2, \
             calendar = NULL, document = NULL, mailbox = NULL, sender = NULL, last_error = NULL, refusal = NULL, attempts = 0, \
             hold = NULL, state = CASE WHEN state = 'queued' THEN 'dead' ELSE state END WHERE ",
            $which
        )
    };
}
pub(crate) use emptied;

/// What stands for an erased text of a mail.
pub(crate) const NOTHING: &str = "[…]";

/// Empties the mails about the account of an address, in lower case, in every spelling of its mailbox. They are codes to
/// sign in, and invitations to companies.
pub(crate) async fn empty_account_mails(tx: &mut Tx, address: &str, mailbox: &str) -> Result<(), StoreError> {
    for (text, which) in [
        (emptied!("mailbox = $3 AND kind IN ('sign_in_code', 'company_invitation')"), mailbox),
        // One that waits for the staff counts against no allowance, and has no mailbox.
        (emptied!("case_number = '' AND kind = 'company_invitation' AND lower(recipient) = $3"), address),
    ] {
        sqlx::query(text)
            .bind(ERASED_RECIPIENT)
            .bind(NOTHING)
            .bind(which.to_owned())
            .execute(tx.connection())
            .await?;
    }
    Ok(())
}

/// Empties the invitations to companies that name an address as who invited.
pub(crate) async fn empty_invitations_by(tx: &mut Tx, address: &str) -> Result<(), StoreError> {
    let named = address.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    sqlx::query(emptied!(
        "case_number = '' AND kind = 'company_invitation' AND body_text LIKE $3 ESCAPE '!'"
    ))
    .bind(ERASED_RECIPIENT)
    .bind(NOTHING)
    .bind(format!("%{named}%"))
    .execute(tx.connection())
    .await?;
    Ok(())
}

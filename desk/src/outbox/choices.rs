//! Mails that their reader does not want: which of them are not queued (`docs/decisions/0066`).

use domain::case::Case;
use domain::customer_profile::{OptionalMail, read};
use domain::mail_address::MailAddress;
use sqlx::Row;

use super::MailKind;
use crate::store::{StoreError, Tx};

/// Whether a mail to the contact of a case is queued. One that is not wanted is counted, so that no mail seems lost.
pub(super) async fn is_wanted(tx: &mut Tx, case: &Case, kind: MailKind) -> Result<bool, StoreError> {
    let Some(optional) = optional(kind) else { return Ok(true) };
    if !is_declined(tx, &case.opening.report.contact.mail, optional).await? {
        return Ok(true);
    }
    sqlx::query(
        "INSERT INTO unwanted_mails (case_number, kind, mails) VALUES ($1, $2, 1)
         ON CONFLICT (case_number, kind) DO UPDATE SET mails = unwanted_mails.mails + 1",
    )
    .bind(case.opening.number.as_compact())
    .bind(kind.code())
    .execute(tx.connection())
    .await?;
    Ok(false)
}

/// Whether who reads the mails of an address does without such mails.
pub(super) async fn is_declined(
    tx: &mut Tx,
    address: &MailAddress,
    mail: OptionalMail,
) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT declined FROM customer_profiles WHERE address = $1")
        .bind(address.as_str().to_lowercase())
        .fetch_optional(tx.connection())
        .await?;
    let Some(row) = row else { return Ok(false) };
    let declined: String = row.try_get(0)?;
    Ok(read(&declined).contains(&mail))
}

/// The choice that a kind of mail to the contact belongs to; `None` for what is always mailed.
const fn optional(kind: MailKind) -> Option<OptionalMail> {
    match kind {
        MailKind::CustomerUpdate => Some(OptionalMail::Updates),
        MailKind::Reminder => Some(OptionalMail::Reminders),
        MailKind::Survey => Some(OptionalMail::Survey),
        _ => None,
    }
}

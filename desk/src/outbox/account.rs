//! Mails to members of the staff about their own account. They belong to no case.

use domain::actor::PersonId;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::person_change::PersonChange;
use domain::text::PersonName;
use domain::time::Instant;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::MailKind;
use super::queue::{Cause, NewMail, queue};
use crate::Desk;
use crate::access::demonstration;
use crate::mail::{AccountMail, ChangedBy, Composed};
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

/// The most mails of one turn.
const BATCH: i64 = 100;

/// A change of an account, and whom it is told.
struct Told {
    at: Instant,
    change: PersonChange,
    by: Option<(PersonId, String)>,
    id: PersonId,
    name: PersonName,
    mail: MailAddress,
    language: Language,
}

/// Queues the mails about changed accounts, each once. Changes are written with their notices, in one transaction; the mails come
/// with the next turn of any node.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn tell_owners(desk: &Desk) -> Result<(), StoreError> {
    // Read first, so that an idle desk does not write.
    let mut reader = desk.store().reader().await?;
    let waiting = sqlx::query("SELECT 1 FROM account_notices LIMIT 1").fetch_optional(&mut *reader).await?;
    reader.done();
    if waiting.is_none() {
        return Ok(());
    }
    let inner = desk.clone();
    desk.store().write(move |tx| Box::pin(async move { tell(&inner, tx).await })).await
}

async fn tell(desk: &Desk, tx: &mut Tx) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT n.change_id, c.at_utc_s, c.change, c.by_id, c.by_name, p.id, p.name, p.mail, p.language
         FROM account_notices n JOIN person_changes c ON c.id = n.change_id JOIN people p ON p.id = n.person_id
         ORDER BY n.change_id LIMIT $1",
    )
    .bind(BATCH)
    .fetch_all(tx.connection())
    .await?;
    let brand = desk.brand();
    for row in &rows {
        let change_id: i64 = row.try_get(0)?;
        sqlx::query("DELETE FROM account_notices WHERE change_id = $1")
            .bind(change_id)
            .execute(tx.connection())
            .await?;
        let told = match Told::read(row) {
            Ok(told) => told,
            // The change stays in the account's history. Those behind it do not wait for what no turn can read.
            Err(error) => {
                tracing::error!(change_id, %error, "a change of an account is told by no mail: it cannot be read");
                continue;
            }
        };
        // Addresses of the demonstration's accounts receive no mail.
        if demonstration::is_ours(told.mail.as_str()) {
            continue;
        }
        let letter = AccountMail {
            name: &told.name,
            language: told.language,
            link: format!("{}/desk/account", desk.public_url()),
            desk: desk.public_url(),
            brand: &brand,
        };
        let by = match &told.by {
            Some((id, _)) if *id == told.id => ChangedBy::Themself,
            Some((_, name)) => ChangedBy::Colleague(name),
            None => ChangedBy::Operator,
        };
        let composed = letter.changed(&told.change, by, told.at);
        let letter = AccountLetter {
            kind: MailKind::AccountChanged,
            name: &told.name,
            address: &told.mail,
            language: told.language,
            composed,
        };
        queue_account_mail(desk, tx, letter).await?;
    }
    Ok(())
}

impl Told {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let text = |column: usize| -> Result<String, StoreError> { Ok(row.try_get(column)?) };
        let wrong = |what: &str| StoreError::inconsistent("account_notices", what);
        let (by_id, by_name): (Option<i64>, Option<String>) = (row.try_get(3)?, row.try_get(4)?);
        Ok(Self {
            at: Instant(row.try_get(1)?),
            change: serde_json::from_str(&text(2)?).map_err(|_| wrong("change"))?,
            by: by_id.map(|id| (PersonId(id), by_name.unwrap_or_default())),
            id: PersonId(row.try_get(5)?),
            name: PersonName::parse(&text(6)?).map_err(|_| wrong("name"))?,
            mail: MailAddress::parse(&text(7)?).map_err(|_| wrong("mail"))?,
            language: Language::from_code(&text(8)?).unwrap_or_default(),
        })
    }
}

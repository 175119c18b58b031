//! Forgotten passwords: a link by mail, to the address that somebody signs in with and to no other.
//!
//! Whoever asks learns nothing, not even by a clock: they are answered before anything is looked up.

use domain::actor::PersonId;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::text::PersonName;
use domain::time::Instant;
use sqlx::Row;

use super::links::{Purpose, give_link};
use crate::Desk;
use crate::access::limits::{Source, TooOften};
use crate::mail::AccountMail;
use crate::outbox::{AccountLetter, MailKind, queue_account_mail};
use crate::store::{StoreError, Tx};

/// Takes the address of somebody who forgot their password, and sends a link behind the answer.
///
/// # Errors
/// [`TooOften`] when links are asked for too often from a network, whatever the addresses.
pub fn ask(desk: &Desk, mail: MailAddress, source: Source) -> Result<(), TooOften> {
    desk.limits().links.take(source, desk.now())?;
    let desk = desk.clone();
    tokio::spawn(async move {
        if let Err(error) = send(&desk, &mail).await {
            tracing::error!(%error, "a link for a forgotten password could not be sent");
        }
    });
    Ok(())
}

/// Queues the mail with the link, if somebody in service signs in with that address. While their link is good they are sent no
/// other, so that strangers who ask cannot end it.
///
/// # Errors
/// When the database does not answer.
pub async fn send(desk: &Desk, mail: &MailAddress) -> Result<(), StoreError> {
    let (mail, inner) = (mail.as_str().to_lowercase(), desk.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let Some(person) = find(tx, &mail).await? else { return Ok(()) };
                if has_open_link(tx, person.id, inner.now()).await? {
                    return Ok(());
                }
                let link = give_link(&inner, tx, person.id, Purpose::PasswordReset).await?;
                let brand = inner.brand();
                let letter = AccountMail {
                    name: &person.name,
                    language: person.language,
                    link,
                    desk: inner.public_url(),
                    brand: &brand,
                };
                let composed = letter.password_reset(Purpose::PasswordReset.lasts_s() / 60);
                let letter = AccountLetter {
                    kind: MailKind::PasswordReset,
                    name: &person.name,
                    address: &person.mail,
                    language: person.language,
                    composed,
                };
                queue_account_mail(&inner, tx, letter).await
            })
        })
        .await
}

/// Somebody who is written to.
struct Addressee {
    id: PersonId,
    name: PersonName,
    mail: MailAddress,
    language: Language,
}

async fn find(tx: &mut Tx, mail: &str) -> Result<Option<Addressee>, StoreError> {
    let row = sqlx::query("SELECT id, name, mail, language FROM people WHERE mail = $1 AND active = 1")
        .bind(mail)
        .fetch_optional(tx.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let text = |column: &str| -> Result<String, StoreError> { Ok(row.try_get(column)?) };
    let wrong = |what: &str| StoreError::inconsistent("people", what);
    Ok(Some(Addressee {
        id: PersonId(row.try_get("id")?),
        name: PersonName::parse(&text("name")?).map_err(|_| wrong("name"))?,
        mail: MailAddress::parse(&text("mail")?).map_err(|_| wrong("mail"))?,
        language: Language::from_code(&text("language")?).unwrap_or_default(),
    }))
}

async fn has_open_link(tx: &mut Tx, person: PersonId, now: Instant) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM account_links WHERE person_id = $1 AND purpose = $2 AND expires_utc_s > $3",
    )
    .bind(person.0)
    .bind(Purpose::PasswordReset.code())
    .bind(now.0)
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.is_some())
}

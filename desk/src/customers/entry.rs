//! The sign-in of customers: six digits, or a link, in a mail to the address that they typed.
//!
//! The answer is the same for every address, and comes before any look-up: it tells nobody whose cases there are.

use domain::i18n::Language;
use domain::mail_address::MailAddress;
use sqlx::{AnyConnection, Row};
use thiserror::Error;

use super::{companies, session};
use crate::Desk;
use crate::access::limits::{Source, TooOften};
use crate::access::tokens;
use crate::outbox::{EntryMail, queue_entry_mail};
use crate::store::{Guarded, StoreError, Tx};

/// How long a code and its link are good, in seconds.
pub const LASTS_S: i64 = 15 * 60;
/// The most codes that a browser tries for one mail. Six digits and five tries: one guess of 200,000 succeeds.
const TRIES: i64 = 5;

/// A request for a code.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The address to sign in with.
    pub mail: MailAddress,
    /// Language of the mail.
    pub language: Language,
    /// The network of the request.
    pub source: Source,
}

/// The secret of the browser that asked. The digits are good in this browser alone.
#[derive(Clone, PartialEq, Eq)]
pub struct EntrySecret(String);

impl std::fmt::Debug for EntrySecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EntrySecret")
    }
}

impl EntrySecret {
    /// A new random secret.
    #[must_use]
    pub fn fresh(desk: &Desk) -> Self {
        Self(tokens::fresh(desk.ports()))
    }

    /// The secret as the browser's cookie has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why nobody is signed in.
#[derive(Debug, Clone, Error)]
pub enum EntryError {
    /// The code or link is wrong, used, or too old: ask for another one. The answer does not say which.
    #[error("the code or link is not good")]
    NotGood,
    /// Try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes a request, and sends the mail behind the answer if the address is of a customer.
///
/// # Errors
/// [`TooOften`] when links and codes are asked for too often from a network, whatever the addresses.
pub fn ask(desk: &Desk, asked: Asked) -> Result<EntrySecret, TooOften> {
    desk.limits().links.take(asked.source, desk.now())?;
    let secret = EntrySecret::fresh(desk);
    let (desk, kept) = (desk.clone(), secret.clone());
    tokio::spawn(async move {
        if let Err(error) = send(&desk, &asked, &kept).await {
            tracing::error!(%error, "a code to sign in could not be sent");
        }
    });
    Ok(secret)
}

/// Stores the entry of a browser, and queues its mail if the address is of a customer.
///
/// # Errors
/// When the database does not answer.
pub async fn send(desk: &Desk, asked: &Asked, secret: &EntrySecret) -> Result<(), StoreError> {
    let inner = desk.clone();
    let (asked, hash) = (asked.clone(), tokens::hash(&secret.0));
    let sender = desk.tokens().sender(asked.source.site());
    let subjects = vec![Guarded::Mailbox(asked.mail.mailbox()), Guarded::Sender(sender.clone())];
    desk.store()
        .write_beside(subjects, move |tx| {
            Box::pin(async move {
                let (now, address) = (inner.now(), asked.mail.as_str().to_lowercase());
                let id = tokens::hex(&inner.ports().random::<16>());
                sqlx::query("DELETE FROM customer_entries WHERE expires_utc_s <= $1")
                    .bind(now.0)
                    .execute(tx.connection())
                    .await?;
                sqlx::query(
                    "INSERT INTO customer_entries (id, browser_hash, address, tries, expires_utc_s)
                     VALUES ($1, $2, $3, 0, $4)",
                )
                .bind(id.clone())
                .bind(hash)
                .bind(address.clone())
                .bind(now.plus(LASTS_S).0)
                .execute(tx.connection())
                .await?;
                if !is_customer(tx.connection(), &asked.mail, &address).await? {
                    return Ok(());
                }
                let link = inner.tokens().entry_link(&id);
                let mail = EntryMail {
                    address: &asked.mail,
                    language: asked.language,
                    link: &link,
                    minutes: LASTS_S / 60,
                    sender: &sender,
                };
                // Without a mail nobody has the code: it would be there to be guessed alone.
                if !queue_entry_mail(&inner, tx, mail).await? {
                    sqlx::query("DELETE FROM customer_entries WHERE id = $1")
                        .bind(id)
                        .execute(tx.connection())
                        .await?;
                }
                Ok(())
            })
        })
        .await
}

/// Whether an address is the contact's of a case or of a contract, a participant's, or one of a company's people. Another one is sent nothing.
async fn is_customer(
    connection: &mut AnyConnection,
    mail: &MailAddress,
    address: &str,
) -> Result<bool, StoreError> {
    let found = sqlx::query(
        "SELECT case_number FROM case_mailboxes WHERE address = $1
         UNION ALL SELECT case_number FROM participants WHERE address = $1
         UNION ALL SELECT number FROM contracts WHERE lower(contact_mail) = $1 LIMIT 1",
    )
    .bind(address.to_owned())
    .fetch_optional(&mut *connection)
    .await?;
    if found.is_some() {
        return Ok(true);
    }
    companies::is_let_in(connection, mail).await
}

/// Signs a customer in by the digits, in the browser that asked for them. Gives the session's secret.
///
/// # Errors
/// See [`EntryError`].
pub async fn enter_by_code(desk: &Desk, secret: &str, typed: &str) -> Result<String, EntryError> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let (inner, hash) = (desk.clone(), tokens::hash(secret));
    let entered: Result<_, StoreError> = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                let Some((id, address)) = tried(tx, &hash, inner.now().0).await? else {
                    return Ok(Err(EntryError::NotGood));
                };
                // A code is good for minutes and few tries: how long the comparison takes tells nothing in time.
                if inner.tokens().entry_code(&id) != digits {
                    return Ok(Err(EntryError::NotGood));
                }
                begin(&inner, tx, &id, &address).await.map(Ok)
            })
        })
        .await;
    entered?
}

/// Counts a try of the browser's latest entry; its id and address, while tries are left.
async fn tried(tx: &mut Tx, hash: &str, now_s: i64) -> Result<Option<(String, String)>, StoreError> {
    let row = sqlx::query(
        "UPDATE customer_entries SET tries = tries + 1
         WHERE browser_hash = $1 AND expires_utc_s > $2 AND tries < $3 RETURNING id, address",
    )
    .bind(hash.to_owned())
    .bind(now_s)
    .bind(TRIES)
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

/// The address that a link signs in; `None` when it was used, is too old, or never was. It signs nobody in.
///
/// # Errors
/// When the database does not answer.
pub async fn open_link(desk: &Desk, link: &str) -> Result<Option<MailAddress>, StoreError> {
    let Some(id) = desk.tokens().entry(link) else { return Ok(None) };
    let mut reader = desk.store().reader().await?;
    let address = entry(&mut reader, id, desk.now().0).await?;
    reader.done();
    Ok(address.and_then(|address| MailAddress::parse(&address).ok()))
}

async fn entry(connection: &mut AnyConnection, id: &str, now_s: i64) -> Result<Option<String>, StoreError> {
    let row = sqlx::query("SELECT address FROM customer_entries WHERE id = $1 AND expires_utc_s > $2")
        .bind(id.to_owned())
        .bind(now_s)
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

/// Signs a customer in by the mail's link, in any browser. Gives the session's secret.
///
/// # Errors
/// See [`EntryError`].
pub async fn enter_by_link(desk: &Desk, link: &str) -> Result<String, EntryError> {
    let Some(id) = desk.tokens().entry(link).map(str::to_owned) else { return Err(EntryError::NotGood) };
    let inner = desk.clone();
    let entered: Result<_, StoreError> = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                match entry(tx.connection(), &id, inner.now().0).await? {
                    Some(address) => begin(&inner, tx, &id, &address).await.map(Ok),
                    None => Ok(Err(EntryError::NotGood)),
                }
            })
        })
        .await;
    entered?
}

/// Begins the session of an entry, which is good once.
async fn begin(desk: &Desk, tx: &mut Tx, id: &str, address: &str) -> Result<String, StoreError> {
    sqlx::query("DELETE FROM customer_entries WHERE id = $1").bind(id).execute(tx.connection()).await?;
    companies::enter(tx, address, desk.now()).await?;
    session::begin(desk, tx, address).await
}

//! Use-cases: the profile of a customer who is signed in.

use domain::actor::{Action, Actor, Subject, may};
use domain::country::Country;
use domain::customer_profile::{CustomerProfile, read, written};
use domain::i18n::Language;
use domain::phone::Phone;
use domain::text::PersonName;
use domain::time::Instant;
use sqlx::{AssertSqlSafe, Row};

use super::address_of;
use crate::Desk;
use crate::DeskError;
use crate::store::{StoreError, Tx};

/// The profile of the customer; an empty one if they have said nothing.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_profile(desk: &Desk, actor: &Actor) -> Result<CustomerProfile, DeskError> {
    may(actor, Action::KeepProfile, Subject::Desk)?;
    let address = address_of(actor)?;
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT name, phone, language, declined FROM customer_profiles WHERE address = $1")
        .bind(address)
        .fetch_optional(&mut *reader)
        .await?;
    reader.done();
    let Some(row) = row else { return Ok(CustomerProfile::default()) };
    let text = |place: usize| row.try_get::<String, _>(place).map_err(StoreError::from);
    Ok(CustomerProfile {
        name: PersonName::parse(&text(0)?).ok(),
        // With the code of its country.
        phone: Phone::parse_with_extension(Country::HOME, &text(1)?).ok(),
        language: Language::from_code(&text(2)?),
        declined: read(&text(3)?),
    })
}

/// Keeps the profile of the customer, in place of the one before.
///
/// # Errors
/// See [`DeskError`].
pub async fn keep_profile(desk: &Desk, actor: &Actor, profile: &CustomerProfile) -> Result<(), DeskError> {
    may(actor, Action::KeepProfile, Subject::Desk)?;
    let (address, now) = (address_of(actor)?, desk.now());
    let CustomerProfile { name, phone, language, declined } = profile.clone();
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO customer_profiles (address, name, phone, language, declined, changed_utc_s)
                     VALUES ($1, $2, $3, $4, $5, $6)
                     ON CONFLICT (address) DO UPDATE
                     SET name = EXCLUDED.name, phone = EXCLUDED.phone, language = EXCLUDED.language,
                         declined = EXCLUDED.declined, changed_utc_s = EXCLUDED.changed_utc_s",
                )
                .bind(address)
                .bind(name.map(|name| name.to_string()).unwrap_or_default())
                .bind(phone.map(|phone| phone.international()).unwrap_or_default())
                .bind(language.map_or("", Language::code))
                .bind(written(&declined))
                .bind(now.0)
                .execute(tx.connection())
                .await?;
                Ok(())
            })
        })
        .await
}

/// Forgets the profile of an address.
pub(crate) async fn forget(tx: &mut Tx, address: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM customer_profiles WHERE address = $1")
        .bind(address.to_owned())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The condition that an address is on no case of others, the contact's of no contract, and no company's.
const ON_NOTHING_ELSE: &str =
    "NOT EXISTS (SELECT 1 FROM participants p WHERE p.address = customer_profiles.address)
     AND NOT EXISTS (SELECT 1 FROM contracts k WHERE lower(k.contact_mail) = customer_profiles.address)
     AND NOT EXISTS (SELECT 1 FROM company_members c WHERE c.address = customer_profiles.address
                     AND c.standing <> 'removed')";

/// Forgets the profile of an address that is the contact's of no case but this one, and on nothing else.
pub(crate) async fn forget_unneeded(tx: &mut Tx, address: &str, erased: &str) -> Result<(), StoreError> {
    let text = format!(
        "DELETE FROM customer_profiles WHERE address = $1
         AND NOT EXISTS (SELECT 1 FROM case_mailboxes m WHERE m.address = $1 AND m.case_number <> $2)
         AND {ON_NOTHING_ELSE}"
    );
    sqlx::query(AssertSqlSafe(text))
        .bind(address.to_owned())
        .bind(erased.to_owned())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets profiles that were not changed since `before` and whose address is on nothing any more. Their reader left the
/// case of others, or was taken out of their company. Gives their number.
pub(crate) async fn sweep(tx: &mut Tx, before: Instant) -> Result<u64, StoreError> {
    let text = format!(
        "DELETE FROM customer_profiles WHERE changed_utc_s <= $1
         AND NOT EXISTS (SELECT 1 FROM case_mailboxes m WHERE m.address = customer_profiles.address)
         AND {ON_NOTHING_ELSE}"
    );
    let done = sqlx::query(AssertSqlSafe(text)).bind(before.0).execute(tx.connection()).await?;
    Ok(done.rows_affected())
}

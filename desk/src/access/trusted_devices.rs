//! Trusted devices: browsers in which a member of the staff gave the second factor, and is not asked for it again for thirty days.
//! The password is asked for every time.

use domain::actor::{Actor, PersonId};
use domain::audit::{AuditAccess, AuditAuthor, AuditEvent};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};

use super::browsers::{self, Token};
use super::limits::Source;
use super::own_account::{AccountError, own_alone, owner};
use super::second_step::Entered;
use super::sign_in::Began;
use super::tokens;
use crate::Desk;
use crate::audit::{self, Noted};
use crate::error::DeskError;
use crate::store::{StoreError, Tx, row};

/// A browser is trusted for so long, in seconds.
pub const TRUSTED_S: i64 = 30 * 24 * 3600;
/// Digits of a browser's hash that tell one person's browsers apart. They open nothing.
const NAME_DIGITS: usize = 16;

/// A trusted browser, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedDevice {
    /// What forms name it by.
    pub name: String,
    /// Browser and system, as they were at the sign-in; empty when unknown.
    pub device: String,
    /// The address that the sign-in came from; empty when unknown.
    pub network: String,
    /// When the second factor was given there.
    pub since: Instant,
    /// When it is asked for again.
    pub until: Instant,
}

row! {
    struct DeviceRow {
        token_hash: String,
        device: String,
        network: String,
        since_utc_s: i64,
        until_utc_s: i64,
    }
}

/// Trusts the browser in which somebody has just given the second factor. Only such a sign-in makes an [`Entered`]. The browser
/// gets a fresh token with it: the one that it had may have been copied, or put there, by another person.
///
/// # Errors
/// When the database does not answer.
pub async fn trust(desk: &Desk, entered: &mut Entered, how: Began<'_>) -> Result<(), StoreError> {
    let (token, signed_in) = (Token::fresh(desk.ports()), &entered.signed_in);
    let (session, before) = (tokens::hash(&signed_in.session), tokens::hash(&signed_in.browser));
    let (browser, device, now) = (token.hash(), how.device.to_string(), desk.now());
    let is_known = how.source != Source::UNKNOWN;
    let network = if is_known { how.source.address().to_string() } else { String::new() };
    let is_trusted = desk
        .store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("DELETE FROM trusted_devices WHERE until_utc_s <= $1")
                    .bind(now.0)
                    .execute(tx.connection())
                    .await?;
                let row = sqlx::query(
                    "SELECT p.id, p.name FROM sessions s JOIN people p ON p.id = s.person_id
                     WHERE s.token_hash = $1 AND s.factor_utc_s IS NOT NULL",
                )
                .bind(session)
                .fetch_optional(tx.connection())
                .await?;
                // The session was ended meanwhile, as by a removed factor: nothing rests on it.
                let Some(row) = row else { return Ok(false) };
                let (person, name): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
                browsers::replace(tx, &before, &browser).await?;
                sqlx::query(
                    "INSERT INTO trusted_devices (token_hash, person_id, device, network, since_utc_s, until_utc_s)
                     VALUES ($1, $2, $3, $4, $5, $6)
                     ON CONFLICT (token_hash, person_id) DO UPDATE SET device = excluded.device,
                         network = excluded.network, since_utc_s = excluded.since_utc_s,
                         until_utc_s = excluded.until_utc_s",
                )
                .bind(browser)
                .bind(person)
                .bind(device.clone())
                .bind(network)
                .bind(now.0)
                .bind(now.plus(TRUSTED_S).0)
                .execute(tx.connection())
                .await?;
                let by = AuditAuthor::Staff { id: PersonId(person), name };
                let event =
                    AuditEvent::AccessGiven { access: AuditAccess::TrustedDevice, id: person, name: device };
                audit::record(tx, &Noted::by(by, now, event)).await?;
                Ok::<_, StoreError>(true)
            })
        })
        .await?;
    if is_trusted {
        entered.signed_in.browser = token.into_secret();
    }
    Ok(())
}

/// Whether somebody trusts a browser.
pub(super) async fn trusts(
    connection: &mut AnyConnection,
    person: PersonId,
    browser: &Token,
    now: Instant,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM trusted_devices WHERE token_hash = $1 AND person_id = $2 AND until_utc_s > $3",
    )
    .bind(browser.hash())
    .bind(person.0)
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// The browsers that the member of the staff who asks trusts, the newest first.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_trusted(desk: &Desk, actor: &Actor) -> Result<Vec<TrustedDevice>, DeskError> {
    let id = owner(actor)?.id;
    let mut reader = desk.store().reader().await?;
    let rows: Vec<DeviceRow> = sqlx::query_as(
        "SELECT token_hash, device, network, since_utc_s, until_utc_s FROM trusted_devices
         WHERE person_id = $1 AND until_utc_s > $2 ORDER BY since_utc_s DESC, token_hash",
    )
    .bind(id.0)
    .bind(desk.now().0)
    .fetch_all(&mut *reader)
    .await?;
    reader.done();
    let shown = |row: DeviceRow| {
        let mut name = row.token_hash;
        name.truncate(NAME_DIGITS);
        TrustedDevice {
            name,
            device: row.device,
            network: row.network,
            since: Instant(row.since_utc_s),
            until: Instant(row.until_utc_s),
        }
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The member of the staff who asks trusts a browser no more.
///
/// # Errors
/// See [`AccountError`].
pub async fn distrust(desk: &Desk, actor: &Actor, name: &str) -> Result<(), AccountError> {
    let id = own_alone(desk, actor).await?.id;
    let (now, by, name) = (desk.now(), actor.clone(), name.to_owned());
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let done = sqlx::query(
                "DELETE FROM trusted_devices WHERE person_id = $1 AND substr(token_hash, 1, 16) = $2",
            )
            .bind(id.0)
            .bind(name)
            .execute(tx.connection())
            .await?;
            if done.rows_affected() > 0 {
                let event = AuditEvent::AccessEnded { access: AuditAccess::TrustedDevice, id: id.0 };
                audit::record(tx, &Noted::of(&by, now, event)).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    Ok(work.await?)
}

/// No browser is trusted any more by this person: the password changed, a second factor was removed, or all other sessions ended.
pub(super) async fn forget(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM trusted_devices WHERE person_id = $1")
        .bind(person.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

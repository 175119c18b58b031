//! The second factor: a code of six digits that a device makes every half minute (RFC 6238). Recovery codes serve a member
//! of the staff who lost the device. Each counts once. A passkey is a second factor as well (`super::passkeys`).

use std::fmt::Write as _;

use domain::actor::{Action, Actor, NotPermitted, PersonId, Role, Subject, may};
use domain::audit::AuditEvent;
use domain::person_change::PersonChange;
use domain::time::Instant;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcodegen::{QrCode, QrCodeEcc};
use sqlx::{AnyConnection, Row};
use thiserror::Error;
use totp_rs::{Builder, Secret, Totp};

use super::changes;
use super::factor_proof::{PROVEN_S, is_proven, mark_proven};
use super::limits::{Guess, Source};
use super::own_account::{
    AccountError, NotOwn, SessionName, SharedAccount, end_others, own_alone, owner, proven,
};
use super::passkeys;
use super::second_step::forget_waiting;
use super::tokens;
use super::trusted_devices;
use crate::Desk;
use crate::Ports;
use crate::audit::{self, Noted};
use crate::error::{DeskError, holds_desk_error};
use crate::store::{StoreError, Tx};

/// Recovery codes that somebody is given.
const RECOVERY_CODES: usize = 10;
/// Signs of recovery codes: none is taken for another. 32 of them, so 5 bits each.
const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Modules of the margin around a QR code (ISO/IEC 18004).
const MARGIN: i32 = 4;

/// A secret that was made for somebody and waits for its first code.
#[derive(Clone, PartialEq, Eq)]
pub struct SetUp {
    /// For those who type it: groups of four.
    pub secret: String,
    /// The picture that a telephone reads, as SVG.
    pub picture: String,
}

// The secret is not printed.
impl std::fmt::Debug for SetUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetUp")
    }
}

/// How somebody's second factor stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Factor {
    /// They sign in with the password alone.
    None,
    /// A secret was made and waits for its first code.
    Pending(SetUp),
    /// They sign in with a code.
    Set {
        /// Since when.
        since: Instant,
        /// Recovery codes that were not used.
        codes_left: u32,
    },
}

/// Why a code was not taken.
#[derive(Debug, Clone, Error)]
pub enum CodeError {
    /// It is wrong, or was used.
    #[error("the code is wrong")]
    Wrong,
    /// Too many wrong ones: wait some minutes.
    #[error("too many tries")]
    TooManyTries,
    /// Their role needs a second factor: it is not given up.
    #[error("the role needs a second factor")]
    Required,
    /// The account has a second factor, and none was given lately in this session.
    #[error("a second factor is wanted first")]
    FactorWanted,
    /// An account of the demonstration is not changed.
    #[error(transparent)]
    Shared(#[from] SharedAccount),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(CodeError: NotPermitted, StoreError, sqlx::Error);

impl From<NotOwn> for CodeError {
    fn from(error: NotOwn) -> Self {
        match error {
            NotOwn::Shared(error) => Self::Shared(error),
            NotOwn::Desk(error) => Self::Desk(error),
        }
    }
}

struct Kept {
    secret: String,
    since: Option<Instant>,
}

async fn kept(connection: &mut AnyConnection, person: PersonId) -> Result<Option<Kept>, StoreError> {
    let row = sqlx::query("SELECT secret, since_utc_s FROM second_factors WHERE person_id = $1")
        .bind(person.0)
        .fetch_optional(connection)
        .await?;
    let read = |row: sqlx::any::AnyRow| -> Result<Kept, StoreError> {
        let since: Option<i64> = row.try_get(1)?;
        Ok(Kept { secret: row.try_get(0)?, since: since.map(Instant) })
    };
    row.map(read).transpose()
}

/// Whether a person has a second factor that can be given at the host of today. That is codes of a device, or a passkey that
/// is good there.
pub(crate) async fn is_usable(
    connection: &mut AnyConnection,
    person: PersonId,
    host: Option<&str>,
) -> Result<bool, StoreError> {
    Ok(has_codes(connection, person).await? || passkeys::are_good(connection, person, host).await?)
}

/// Whether somebody has a second factor: codes of a device, or a passkey, of a former host as well.
pub(crate) async fn is_set(connection: &mut AnyConnection, person: PersonId) -> Result<bool, StoreError> {
    Ok(has_codes(connection, person).await? || passkeys::are_set(connection, person).await?)
}

/// Whether somebody signs in with codes of a device.
pub(crate) async fn has_codes(connection: &mut AnyConnection, person: PersonId) -> Result<bool, StoreError> {
    Ok(kept(connection, person).await?.is_some_and(|kept| kept.since.is_some()))
}

/// Recovery codes of somebody that were not used.
pub(super) async fn codes_left(connection: &mut AnyConnection, person: PersonId) -> Result<u32, StoreError> {
    let row = sqlx::query("SELECT COUNT(*) FROM recovery_codes WHERE person_id = $1")
        .bind(person.0)
        .fetch_one(connection)
        .await?;
    let left: i64 = row.try_get(0)?;
    Ok(u32::try_from(left).unwrap_or(u32::MAX))
}

/// The second factor of the member of the staff who asks.
///
/// # Errors
/// See [`DeskError`].
pub async fn own_factor(desk: &Desk, actor: &Actor) -> Result<Factor, DeskError> {
    let id = owner(actor)?.id;
    let mut reader = desk.store().reader().await?;
    let Some(kept) = kept(&mut reader, id).await? else { return Ok(Factor::None) };
    let Some(since) = kept.since else {
        let mail = mail_of(&mut reader, id).await?;
        return Ok(Factor::Pending(set_up(&kept.secret, &mail)?));
    };
    let codes_left = codes_left(&mut reader, id).await?;
    reader.done();
    Ok(Factor::Set { since, codes_left })
}

async fn mail_of(connection: &mut AnyConnection, id: PersonId) -> Result<String, StoreError> {
    let row = sqlx::query("SELECT mail FROM people WHERE id = $1").bind(id.0).fetch_one(connection).await?;
    Ok(row.try_get(0)?)
}

/// Whether somebody signs in with codes of a device.
///
/// # Errors
/// See [`DeskError`].
pub async fn has_factor(desk: &Desk, actor: &Actor, person: PersonId) -> Result<bool, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    Ok(has_codes(&mut reader, person).await?)
}

/// Makes a secret for the member of the staff who asks, unless a code has confirmed one already. Their password is asked for, and
/// a second factor if they have one: whoever sits at an open session sets up nothing.
///
/// # Errors
/// See [`AccountError`].
pub async fn begin(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
    current: &str,
) -> Result<(), AccountError> {
    let id = proven(desk, actor, session, current).await?.id;
    let secret = Secret::from(desk.ports().random::<20>()).to_base32();
    let (now, session) = (desk.now(), session.clone());
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            if !is_proven(tx.connection(), id, &session, now, PROVEN_S).await? {
                return Err(AccountError::FactorWanted);
            }
            Ok(keep_secret(tx, id, secret).await?)
        })
    });
    work.await
}

/// Forgets the secret of the member of the staff who asks that waits for its first code, and sign-ins that wait. A secret that
/// was confirmed stays.
///
/// # Errors
/// See [`AccountError`].
pub async fn cancel(desk: &Desk, actor: &Actor) -> Result<(), AccountError> {
    let id = own_alone(desk, actor).await?.id;
    let work = desk.store().write(move |tx| Box::pin(async move { forget_waiting(tx, id).await }));
    Ok(work.await?)
}

/// Keeps a secret that waits for its first code. One that was confirmed stays.
pub(super) async fn keep_secret(tx: &mut Tx, id: PersonId, secret: String) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO second_factors (person_id, secret, last_step) VALUES ($1, $2, 0)
         ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret, last_step = 0
         WHERE second_factors.since_utc_s IS NULL",
    )
    .bind(id.0)
    .bind(secret)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Confirms the secret of the member of the staff who asks by its first code; their recovery codes, which are shown this once. A
/// second factor that they have since the secret was made comes first.
///
/// # Errors
/// See [`CodeError`].
pub async fn confirm(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
    code: &str,
    source: Source,
) -> Result<Vec<String>, CodeError> {
    let id = own_alone(desk, actor).await?.id;
    let (now, codes, code, by) = (desk.now(), fresh_codes(desk.ports()), code.to_owned(), actor.clone());
    let (shown, session) = (codes.clone(), session.clone());
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            if !is_proven(tx.connection(), id, &session, now, PROVEN_S).await? {
                return Err(CodeError::FactorWanted);
            }
            confirm_in(tx, id, &code, now, &codes).await?;
            mark_proven(tx, id, &session, now).await?;
            Ok::<_, CodeError>(changes::record(tx, id, &by, now, &PersonChange::SecondFactorSet).await?)
        })
    });
    counted(desk, id, source, work).await?;
    Ok(shown)
}

/// Confirms a secret by its first code, in a transaction.
pub(super) async fn confirm_in(
    tx: &mut Tx,
    id: PersonId,
    code: &str,
    now: Instant,
    codes: &[String],
) -> Result<(), CodeError> {
    let kept =
        kept(tx.connection(), id).await?.filter(|kept| kept.since.is_none()).ok_or(CodeError::Wrong)?;
    take_code(tx, id, &kept.secret, code, now).await?;
    sqlx::query("UPDATE second_factors SET since_utc_s = $2 WHERE person_id = $1")
        .bind(id.0)
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    Ok(keep_codes(tx, id, codes).await?)
}

/// Takes a code of the device, or a recovery code, of somebody who has a second factor. It counts no more. Whoever has a passkey
/// alone has recovery codes as well.
pub(super) async fn take(tx: &mut Tx, id: PersonId, code: &str, now: Instant) -> Result<(), CodeError> {
    let kept = kept(tx.connection(), id).await?.filter(|kept| kept.since.is_some());
    let by_device = match kept {
        Some(kept) => take_code(tx, id, &kept.secret, code, now).await,
        None => Err(CodeError::Wrong),
    };
    match by_device {
        Err(CodeError::Wrong) => {
            let used = sqlx::query("DELETE FROM recovery_codes WHERE person_id = $1 AND code_hash = $2")
                .bind(id.0)
                .bind(tokens::hash(&plain(code)))
                .execute(tx.connection())
                .await?;
            if used.rows_affected() == 1 { Ok(()) } else { Err(CodeError::Wrong) }
        }
        outcome => outcome,
    }
}

/// Takes a code of the device. The step that it belongs to is kept: no code of it, or of an earlier one, counts again.
async fn take_code(
    tx: &mut Tx,
    id: PersonId,
    secret: &str,
    code: &str,
    now: Instant,
) -> Result<(), CodeError> {
    let typed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let now = u64::try_from(now.0).unwrap_or_default();
    let step = totp(secret)?.check(&typed, now).ok_or(CodeError::Wrong)?;
    let taken =
        sqlx::query("UPDATE second_factors SET last_step = $2 WHERE person_id = $1 AND last_step < $2")
            .bind(id.0)
            .bind(i64::try_from(step).unwrap_or(i64::MAX))
            .execute(tx.connection())
            .await?;
    if taken.rows_affected() == 1 { Ok(()) } else { Err(CodeError::Wrong) }
}

fn totp(secret: &str) -> Result<Totp, StoreError> {
    let wrong = |error: &dyn std::fmt::Display| StoreError::inconsistent("second_factors", error.to_string());
    let secret = Secret::try_from_base32(secret).map_err(|error| wrong(&error))?;
    Builder::new().with_secret(secret).build().map_err(|error| wrong(&error))
}

/// New recovery codes for the member of the staff who asks, in the place of those that are left; they are shown this once.
///
/// # Errors
/// See [`CodeError`].
pub async fn new_recovery_codes(
    desk: &Desk,
    actor: &Actor,
    code: &str,
    source: Source,
) -> Result<Vec<String>, CodeError> {
    let id = own_alone(desk, actor).await?.id;
    let (now, codes, code, by) = (desk.now(), fresh_codes(desk.ports()), code.to_owned(), actor.clone());
    let shown = codes.clone();
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            take(tx, id, &code, now).await?;
            keep_codes(tx, id, &codes).await?;
            Ok::<_, CodeError>(changes::record(tx, id, &by, now, &PersonChange::RecoveryCodesMade).await?)
        })
    });
    counted(desk, id, source, work).await?;
    Ok(shown)
}

/// The member of the staff who asks signs in without codes from then on: with a passkey, or the password alone. A code is asked
/// for. Their other sessions end.
///
/// # Errors
/// See [`CodeError`].
pub async fn remove_own(
    desk: &Desk,
    actor: &Actor,
    session: &SessionName,
    code: &str,
    source: Source,
) -> Result<(), CodeError> {
    let id = own_alone(desk, actor).await?.id;
    let (now, code, by, host) = (desk.now(), code.to_owned(), actor.clone(), passkeys::host(desk));
    let session = session.clone();
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            let has_passkeys = passkeys::are_good(tx.connection(), id, host.as_deref()).await?;
            if is_required_of(tx, id).await? && !has_passkeys {
                return Err(CodeError::Required);
            }
            if !has_codes(tx.connection(), id).await? {
                return Err(CodeError::Wrong);
            }
            take(tx, id, &code, now).await?;
            remove(tx, id, host.as_deref(), (&by, now)).await?;
            changes::record(tx, id, &by, now, &PersonChange::SecondFactorRemoved).await?;
            Ok::<_, CodeError>(end_others(tx, id, &session, (&by, now)).await?)
        })
    });
    counted(desk, id, source, work).await?;
    Ok(())
}

/// Forgets somebody's second factors and recovery codes.
pub(crate) async fn forget(tx: &mut Tx, id: PersonId) -> Result<(), StoreError> {
    passkeys::forget(tx, id).await?;
    forget_secret(tx, id).await?;
    forget_unneeded(tx, id).await
}

/// Removes the secret that somebody's device makes codes from. Passkeys of former hosts go with the last factor that is good at
/// the host of today.
pub(crate) async fn remove(
    tx: &mut Tx,
    id: PersonId,
    host: Option<&str>,
    by: (&Actor, Instant),
) -> Result<(), StoreError> {
    forget_secret(tx, id).await?;
    passkeys::forget_useless(tx, id, host, by).await?;
    forget_unneeded(tx, id).await
}

async fn forget_secret(tx: &mut Tx, id: PersonId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM second_factors WHERE person_id = $1")
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets what rested on a second factor that was removed. These are browsers in which it was asked for once, and sign-ins
/// that wait or are under way. Recovery codes go with the last factor.
pub(crate) async fn forget_unneeded(tx: &mut Tx, id: PersonId) -> Result<(), StoreError> {
    trusted_devices::forget(tx, id).await?;
    forget_waiting(tx, id).await?;
    sqlx::query("UPDATE people SET factor_resets = factor_resets + 1 WHERE id = $1")
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    if !is_set(tx.connection(), id).await? {
        sqlx::query("DELETE FROM recovery_codes WHERE person_id = $1")
            .bind(id.0)
            .execute(tx.connection())
            .await?;
    }
    Ok(())
}

/// Whether somebody's role needs a second factor.
pub(super) async fn is_required_of(tx: &mut Tx, id: PersonId) -> Result<bool, StoreError> {
    let row =
        sqlx::query("SELECT 1 FROM second_factor_roles r JOIN people p ON p.role = r.role WHERE p.id = $1")
            .bind(id.0)
            .fetch_optional(tx.connection())
            .await?;
    Ok(row.is_some())
}

/// Does what asks for a code, within the limits of codes. Wrong codes are what is limited.
pub(super) async fn counted<T>(
    desk: &Desk,
    id: PersonId,
    source: Source,
    work: impl Future<Output = Result<T, CodeError>>,
) -> Result<T, CodeError> {
    let guess = Guess::New { account: id.0.to_string(), source };
    let limits = &desk.limits().codes;
    limits.take(&guess, desk.now()).map_err(|_| CodeError::TooManyTries)?;
    let outcome = work.await;
    if !matches!(outcome, Err(CodeError::Wrong)) {
        limits.give_back(&guess);
    }
    outcome
}

/// Recovery codes that nobody has: two groups of five signs, 50 bits.
pub(super) fn fresh_codes(ports: &Ports) -> Vec<String> {
    let code = |_| {
        let sign = |byte: u8| SIGNS.get(usize::from(byte % 32)).map_or('a', |sign| char::from(*sign));
        let signs: Vec<char> = ports.random::<10>().into_iter().map(sign).collect();
        let (first, second) = signs.split_at(5);
        format!("{}-{}", first.iter().collect::<String>(), second.iter().collect::<String>())
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// A recovery code as it is compared.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Keeps recovery codes in the place of those that are left.
pub(super) async fn keep_codes(tx: &mut Tx, id: PersonId, codes: &[String]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM recovery_codes WHERE person_id = $1")
        .bind(id.0)
        .execute(tx.connection())
        .await?;
    for code in codes {
        sqlx::query("INSERT INTO recovery_codes (person_id, code_hash) VALUES ($1, $2)")
            .bind(id.0)
            .bind(tokens::hash(&plain(code)))
            .execute(tx.connection())
            .await?;
    }
    Ok(())
}

/// What somebody is shown who sets a secret up.
pub(super) fn set_up(secret: &str, mail: &str) -> Result<SetUp, StoreError> {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    let account = utf8_percent_encode(mail, NON_ALPHANUMERIC);
    let address = format!("otpauth://totp/Vig%C3%ADa:{account}?secret={secret}&issuer=Vig%C3%ADa");
    let code = QrCode::encode_text(&address, QrCodeEcc::Medium)
        .map_err(|error| StoreError::inconsistent("second_factors", error.to_string()))?;
    Ok(SetUp { secret: groups.join(" "), picture: picture(&code) })
}

/// A QR code as SVG, a path of its dark modules.
fn picture(code: &QrCode) -> String {
    let side = code.size() + 2 * MARGIN;
    let places = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    let mut dark = String::new();
    for (x, y) in places.filter(|(x, y)| code.get_module(*x, *y)) {
        // Writing to a string does not fail.
        let _ = write!(dark, "M{} {}h1v1h-1z", x + MARGIN, y + MARGIN);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path fill=\"#000\" d=\"{dark}\"/></svg>"
    )
}

/// The roles whose people must sign in with a second factor.
///
/// # Errors
/// See [`DeskError`].
pub async fn required_roles(desk: &Desk, actor: &Actor) -> Result<Vec<Role>, DeskError> {
    may(actor, Action::ReadPeople, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    Ok(required(&mut reader).await?)
}

pub(super) async fn required(connection: &mut AnyConnection) -> Result<Vec<Role>, StoreError> {
    let rows =
        sqlx::query("SELECT role FROM second_factor_roles ORDER BY role").fetch_all(connection).await?;
    let role = |row: &sqlx::any::AnyRow| -> Result<Role, StoreError> {
        let code: String = row.try_get(0)?;
        Role::from_code(&code).ok_or_else(|| StoreError::inconsistent("second_factor_roles", code))
    };
    rows.iter().map(role).collect()
}

/// Requires a second factor of a role; `by` is the name of whoever settled it, if it was a member of the staff.
pub(crate) async fn require_of(
    tx: &mut Tx,
    role: Role,
    by: Option<String>,
    now: Instant,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO second_factor_roles (role, at_utc_s, by_name) VALUES ($1, $2, $3)
         ON CONFLICT (role) DO NOTHING",
    )
    .bind(role.code())
    .bind(now.0)
    .bind(by)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Settles which roles must sign in with a second factor. Whoever has none sets it up at their next sign-in.
///
/// # Errors
/// See [`DeskError`].
pub async fn require(desk: &Desk, actor: &Actor, roles: Vec<Role>) -> Result<(), DeskError> {
    may(actor, Action::Administer, Subject::Desk)?;
    let now = desk.now();
    let by = match actor {
        Actor::Staff(staff) => Some(staff.name.clone()),
        _ => None,
    };
    let actor = actor.clone();
    let work = desk.store().write(move |tx| {
        Box::pin(async move {
            for role in Role::ALL {
                if roles.contains(&role) {
                    require_of(tx, role, by.clone(), now).await?;
                } else {
                    sqlx::query("DELETE FROM second_factor_roles WHERE role = $1")
                        .bind(role.code())
                        .execute(tx.connection())
                        .await?;
                }
            }
            let event = AuditEvent::SettingChanged {
                subject: "second_factor".to_owned(),
                name: roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(" "),
            };
            audit::record(tx, &Noted::of(&actor, now, event)).await?;
            Ok::<_, StoreError>(())
        })
    });
    work.await?;
    tracing::info!("the roles that need a second factor were settled");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_shown_in_groups_and_as_a_picture() {
        let shown = set_up("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "marta@vigia.example").unwrap();
        assert_eq!(shown.secret, "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP");
        assert!(shown.picture.starts_with("<svg ") && shown.picture.ends_with("</svg>"));
        assert_eq!(format!("{shown:?}"), "SetUp");
    }

    #[test]
    fn recovery_codes_are_ten_and_compared_without_hyphen_or_case() {
        let drawn = std::sync::atomic::AtomicU8::new(0);
        let chance = move |bytes: &mut [u8]| {
            bytes.fill_with(|| drawn.fetch_add(7, std::sync::atomic::Ordering::SeqCst));
        };
        let codes = fresh_codes(&Ports::new(|| Instant(0), chance));
        assert_eq!(codes.len(), RECOVERY_CODES);
        assert!(codes.iter().all(|code| code.len() == 11 && plain(code).len() == 10), "{codes:?}");
        assert_eq!(plain(" ABCDE-23456 "), "abcde23456");
    }
}

//! Use-case: a screen without a keyboard becomes a display. It shows a code, somebody of the staff types it, and the screen
//! is given a secret of its own.
//!
//! A code is valid for ten minutes and once. The screen's secret is 256 random bits in its cookie. Its code follows from it
//! by the desk's key. So nothing of the code is stored but a hash under that key. At most [`WAITING_MAX`] screens wait at
//! once. A member of the staff types at most 20 codes in ten minutes on each node. Of 481 million codes, 20 guesses find one
//! of 5,000 once in 4,800 times. Who guesses may add displays anyway.

use domain::actor::{Action, Actor, DisplayId, Scope, Subject, may};
use domain::display::{DisplayName, PairingCode};
use domain::time::Instant;
use sqlx::Row;
use thiserror::Error;

use super::displays::{NewDisplay, give_secret, insert};
use super::limits::Source;
use crate::access::tokens;
use crate::store::{StoreError, Tx, row};
use crate::{Desk, DeskError};

/// Lifetime of a code in seconds.
pub const CODE_S: i64 = 600;

/// The most screens that wait at once, of all networks: so many that no few networks fill it, and that rows stay few.
pub const WAITING_MAX: i64 = 5_000;

/// Screens that wait at a moment.
pub const COUNT_WAITING: &str =
    "SELECT COUNT(*) FROM waiting_screens WHERE expires_utc_s > $1 AND display_id IS NULL";
/// Forgets screens whose codes expired before a moment.
pub const FORGET_EXPIRED: &str = "DELETE FROM waiting_screens WHERE expires_utc_s < $1";
/// The screen that shows the code of a hash at a moment.
pub const FIND_BY_CODE: &str = "SELECT screen_hash FROM waiting_screens
     WHERE code_hash = $1 AND expires_utc_s > $2 AND display_id IS NULL";

/// What a screen is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    /// A code, until this moment. The browser keeps the secret.
    Waits {
        /// The screen's own secret.
        secret: String,
        /// What it shows.
        code: PairingCode,
        /// When another code takes its place.
        until: Instant,
    },
    /// It is a display from now on, with this secret.
    Paired(String),
}

/// Why a screen cannot wait.
#[derive(Debug, Error)]
pub enum WaitError {
    /// Too many screens of this network began to wait, or too many wait at all.
    #[error("too many screens wait")]
    Crowded,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a code makes no display.
#[derive(Debug, Error)]
pub enum PairError {
    /// No screen shows it now: it is mistyped, too old, or was typed already.
    #[error("no screen shows this code")]
    UnknownCode,
    /// The member of the staff has typed too many.
    #[error("too many codes were typed")]
    TooOften,
    /// Not permitted, or the database.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<StoreError> for PairError {
    fn from(error: StoreError) -> Self {
        Self::Desk(error.into())
    }
}

row! {
    struct WaitingRow {
        expires_utc_s: i64,
        display_id: Option<i64>,
    }
}

/// Where a waiting screen stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its code is valid.
    Waits {
        /// Until then.
        until: Instant,
    },
    /// Somebody has typed its code.
    IsTyped,
    /// It has no code, or one that is too old.
    Unknown,
}

/// Where the screen of a secret stands. It changes nothing, so a screen may ask every other second.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(desk: &Desk, carried: &str) -> Result<Standing, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row: Option<WaitingRow> =
        sqlx::query_as("SELECT expires_utc_s, display_id FROM waiting_screens WHERE screen_hash = $1")
            .bind(tokens::hash(carried))
            .fetch_optional(&mut *reader)
            .await?;
    Ok(match row {
        Some(WaitingRow { display_id: Some(_), .. }) => Standing::IsTyped,
        Some(WaitingRow { expires_utc_s, .. }) if desk.now().0 < expires_utc_s => {
            Standing::Waits { until: Instant(expires_utc_s) }
        }
        _ => Standing::Unknown,
    })
}

/// What the screen of a secret is to show: its code, a new code if it has none, or the wall. `source` is its network.
///
/// # Errors
/// See [`WaitError`].
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::access::limits::Source;
/// use desk::access::pairing::{Screen, pair_by_code, show};
/// use domain::actor::{Role, Scope};
/// use domain::display::DisplayName;
///
/// let Screen::Waits { secret, code, .. } = show(&desk, Source::UNKNOWN, None).await? else { panic!() };
/// let supervisor = staff(2, "Andrés Quintero", Role::Supervisor);
/// pair_by_code(&desk, &supervisor, &code, &DisplayName::parse("Sala norte")?, Scope { country: None }).await?;
/// assert!(matches!(show(&desk, Source::UNKNOWN, Some(&secret)).await?, Screen::Paired(_)));
/// # Ok(()) }) }
/// ```
pub async fn show(desk: &Desk, source: Source, carried: Option<&str>) -> Result<Screen, WaitError> {
    if let Some(secret) = carried.filter(|secret| tokens::is_secret(secret)) {
        match standing(desk, secret).await? {
            Standing::Waits { until } => {
                let code = desk.tokens().screen_code(secret);
                return Ok(Screen::Waits { secret: secret.to_owned(), code, until });
            }
            Standing::IsTyped => {
                if let Some(own) = claim(desk, secret).await? {
                    return Ok(Screen::Paired(own));
                }
            }
            Standing::Unknown => {}
        }
    }
    begin(desk, source).await
}

/// Gives a screen whose code was typed the secret of its display; `None` when the display was revoked meanwhile. It gives the
/// same once more: an answer may be lost on its way.
async fn claim(desk: &Desk, secret: &str) -> Result<Option<String>, StoreError> {
    let (screen, own, now) = (tokens::hash(secret), desk.tokens().display_secret(secret), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let row = sqlx::query(
                    "SELECT d.id, d.browser_hash FROM waiting_screens w JOIN displays d ON d.id = w.display_id
                     WHERE w.screen_hash = $1 AND d.revoked_utc_s IS NULL",
                )
                .bind(&screen)
                .fetch_optional(tx.connection())
                .await?;
                let Some(row) = row else { return Ok::<_, StoreError>(None) };
                let (id, browser): (i64, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
                match browser {
                    None => give_secret(tx, id, &own, now).await?,
                    Some(known) if known == tokens::hash(&own) => {}
                    Some(_) => return Ok(None),
                }
                Ok(Some(own))
            })
        })
        .await
}

/// Gives a screen a secret and a code. One that finds no room has used up nothing of its network's allowance.
async fn begin(desk: &Desk, source: Source) -> Result<Screen, WaitError> {
    desk.limits().screens.take(source, desk.now()).map_err(|_| WaitError::Crowded)?;
    let begun = wait(desk).await;
    if !matches!(begun, Ok(Screen::Waits { .. })) {
        desk.limits().screens.give_back(source);
    }
    begun
}

/// Writes a new waiting screen, if there is room for it.
async fn wait(desk: &Desk) -> Result<Screen, WaitError> {
    let (now, secret) = (desk.now(), tokens::fresh(desk.ports()));
    let code = desk.tokens().screen_code(&secret);
    let (screen, hash) = (tokens::hash(&secret), desk.tokens().code_hash(&code));
    let until = now.plus(CODE_S);
    let begun = desk.store().write(move |tx| {
        Box::pin(async move {
            // A screen that was typed may be slow to notice.
            sqlx::query(FORGET_EXPIRED).bind(now.plus(-CODE_S).0).execute(tx.connection()).await?;
            let row = sqlx::query(COUNT_WAITING).bind(now.0).fetch_one(tx.connection()).await?;
            let waiting: i64 = row.try_get(0)?;
            if waiting >= WAITING_MAX {
                return Ok::<_, StoreError>(false);
            }
            // Two screens of one code are as likely as a guess; the second one asks again.
            let done = sqlx::query(
                "INSERT INTO waiting_screens (screen_hash, code_hash, expires_utc_s) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING",
            )
            .bind(screen)
            .bind(hash)
            .bind(until.0)
            .execute(tx.connection())
            .await?;
            Ok(done.rows_affected() == 1)
        })
    });
    if begun.await? { Ok(Screen::Waits { secret, code, until }) } else { Err(WaitError::Crowded) }
}

/// Adds a display: the screen that shows `code`.
///
/// # Errors
/// See [`PairError`].
pub async fn pair_by_code(
    desk: &Desk,
    actor: &Actor,
    code: &PairingCode,
    name: &DisplayName,
    scope: Scope,
) -> Result<DisplayId, PairError> {
    may(actor, Action::ManageDisplays, Subject::Desk).map_err(DeskError::from)?;
    if let Actor::Staff(staff) = actor {
        desk.limits().pairings.take(&staff.id, desk.now()).map_err(|_| PairError::TooOften)?;
    }
    let hash = desk.tokens().code_hash(code);
    // The display has no link: the hash is that of a secret that nobody knows.
    let (link_hash, now) = (tokens::hash(&tokens::fresh(desk.ports())), desk.now());
    let by = actor.clone();
    let fresh = NewDisplay { name: name.as_str().to_owned(), link_hash, scope, at: now, by };
    let paired = desk.store().write(move |tx| {
        Box::pin(async move {
            let Some(screen) = waiting(tx, &hash, now).await? else { return Ok(None) };
            let id = insert(tx, fresh).await?;
            sqlx::query(
                "UPDATE waiting_screens SET display_id = $2, code_hash = NULL, expires_utc_s = $3 WHERE screen_hash = $1",
            )
            .bind(screen)
            .bind(id)
            .bind(now.plus(CODE_S).0)
            .execute(tx.connection())
            .await?;
            Ok::<_, StoreError>(Some(DisplayId(id)))
        })
    });
    paired.await?.ok_or(PairError::UnknownCode)
}

/// The screen that shows a code now, by its hash.
async fn waiting(tx: &mut Tx, code_hash: &str, now: Instant) -> Result<Option<String>, StoreError> {
    let row = sqlx::query(FIND_BY_CODE).bind(code_hash).bind(now.0).fetch_optional(tx.connection()).await?;
    row.map(|row| Ok(row.try_get(0)?)).transpose()
}

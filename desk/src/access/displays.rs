//! Use-case: wall displays. Each reads one scope and nothing else, and can be revoked. A link makes one browser the
//! display, once. From then on that browser has a secret of its own.

use std::collections::HashSet;
use std::sync::{MutexGuard, PoisonError};

use domain::actor::{Action, Actor, DisplayId, Scope, Subject, may};
use domain::audit::{AuditAccess, AuditEvent};
use domain::case::Author;
use domain::country::Country;
use domain::page::{Page, Paging};
use domain::time::Instant;
use sqlx::Row;

use crate::Desk;
use crate::DeskError;
use crate::access::tokens;
use crate::audit::{self, Noted};
use crate::store::take_numbers;
use crate::store::{StoreError, Tx, row};

/// A display on the administrators' page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayView {
    /// Id of the display.
    pub id: DisplayId,
    /// Name of the display.
    pub name: String,
    /// The part of the desk that it shows.
    pub scope: Scope,
    /// Time when it was added.
    pub created_at: Instant,
    /// Time when a browser became it.
    pub paired_at: Option<Instant>,
    /// Time when it was last seen, to the minute.
    pub seen_at: Option<Instant>,
    /// Time when it was revoked.
    pub revoked_at: Option<Instant>,
    /// Who added it; `None` for one of an earlier version.
    pub added_by: Option<Author>,
    /// Who revoked it.
    pub revoked_by: Option<Author>,
}

row! {
    struct DisplayRow {
        id: i64,
        name: String,
        country: Option<String>,
        created_utc_s: i64,
        paired_utc_s: Option<i64>,
        seen_utc_s: Option<i64>,
        revoked_utc_s: Option<i64>,
        added_by: Option<String>,
        revoked_by: Option<String>,
    }
}

/// How often the time of a display that shows the wall is written down, in seconds.
pub const SEEN_EVERY_S: i64 = 60;

impl TryFrom<DisplayRow> for DisplayView {
    type Error = StoreError;

    fn try_from(row: DisplayRow) -> Result<Self, StoreError> {
        let country = match row.country.as_deref() {
            None => None,
            Some(code) => {
                Some(Country::from_code(code).ok_or_else(|| StoreError::inconsistent("displays", code))?)
            }
        };
        Ok(Self {
            id: DisplayId(row.id),
            name: row.name,
            scope: Scope { country },
            created_at: Instant(row.created_utc_s),
            paired_at: row.paired_utc_s.map(Instant),
            seen_at: row.seen_utc_s.map(Instant),
            revoked_at: row.revoked_utc_s.map(Instant),
            added_by: author(row.added_by)?,
            revoked_by: author(row.revoked_by)?,
        })
    }
}

/// The author of a change, from what is stored.
pub(super) fn author(stored: Option<String>) -> Result<Option<Author>, StoreError> {
    let read = |text: String| serde_json::from_str(&text);
    stored.map(read).transpose().map_err(|error| StoreError::inconsistent("displays", error))
}

/// The author of a change, as it is stored.
pub(super) fn stored_author(actor: &Actor) -> Result<String, StoreError> {
    serde_json::to_string(&Author::from(actor)).map_err(|error| StoreError::inconsistent("displays", error))
}

/// Adds a display. Gives the secret of its link, which is shown once and not stored.
///
/// # Errors
/// See [`DeskError`].
pub async fn add_display(
    desk: &Desk,
    actor: &Actor,
    name: &str,
    scope: Scope,
) -> Result<(DisplayId, String), DeskError> {
    may(actor, Action::ManageDisplays, Subject::Desk)?;
    let secret = tokens::fresh(desk.ports());
    let (name, link_hash) = (name.trim().to_owned(), tokens::hash(&secret));
    let (at, by) = (desk.now(), actor.clone());
    let fresh = NewDisplay { name, link_hash, scope, at, by };
    let id = desk.store().write(move |tx| Box::pin(async move { insert(tx, fresh).await })).await?;
    Ok((DisplayId(id), secret))
}

/// A display that is added.
pub(super) struct NewDisplay {
    pub(super) name: String,
    /// The hash of its link's secret.
    pub(super) link_hash: String,
    pub(super) scope: Scope,
    pub(super) at: Instant,
    /// Who adds it.
    pub(super) by: Actor,
}

/// Writes a new display, and gives its id.
pub(super) async fn insert(tx: &mut Tx, new: NewDisplay) -> Result<i64, StoreError> {
    let id = take_numbers(tx, "displays", 1).await?;
    let event = AuditEvent::AccessGiven { access: AuditAccess::Display, id, name: new.name.clone() };
    audit::record(tx, &Noted::of(&new.by, new.at, event).in_country(new.scope.country)).await?;
    sqlx::query(
        "INSERT INTO displays (id, name, token_hash, country, created_utc_s, added_by) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(new.name)
    .bind(new.link_hash)
    .bind(new.scope.country.map(Country::code))
    .bind(new.at.0)
    .bind(stored_author(&new.by)?)
    .execute(tx.connection())
    .await?;
    Ok(id)
}

/// The display of a browser's secret; `None` when it is unknown or revoked. That it was seen is noted
/// afterwards.
///
/// # Errors
/// When the database does not answer.
pub async fn display(desk: &Desk, secret: &str) -> Result<Option<Actor>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let row: Option<DisplayRow> = sqlx::query_as(
        "SELECT id, name, country, created_utc_s, paired_utc_s, seen_utc_s, revoked_utc_s, added_by, revoked_by
         FROM displays WHERE browser_hash = $1 AND revoked_utc_s IS NULL",
    )
    .bind(tokens::hash(secret))
    .fetch_optional(&mut *reader)
    .await?;
    reader.done();
    let Some(view) = row.map(DisplayView::try_from).transpose()? else { return Ok(None) };
    let now = desk.now();
    let is_due = view.seen_at.is_none_or(|seen| now.since(seen) >= SEEN_EVERY_S);
    // Noted beside the answer, by one task at a time: a wall reads on while the database has no time to write.
    if is_due && noted(desk).insert(view.id) {
        let desk = desk.clone();
        tokio::spawn(async move {
            if let Err(error) = note_seen(&desk, view.id, now).await {
                tracing::warn!(%error, display = view.id.0, "when a display was seen could not be noted");
            }
            noted(&desk).remove(&view.id);
        });
    }
    Ok(Some(Actor::Display { id: view.id, scope: view.scope }))
}

/// The displays whose sight is being written down. A poisoned lock is still usable: every change of the set is whole.
fn noted(desk: &Desk) -> MutexGuard<'_, HashSet<DisplayId>> {
    desk.limits().noted.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn note_seen(desk: &Desk, id: DisplayId, now: Instant) -> Result<(), StoreError> {
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("UPDATE displays SET seen_utc_s = $2 WHERE id = $1")
                    .bind(id.0)
                    .bind(now.0)
                    .execute(tx.connection())
                    .await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
}

/// Result of opening a display's link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pairing {
    /// The browser is the display from now on, with this secret. The link is used up.
    Paired(String),
    /// The browser is that display already.
    Here,
    /// Another browser is that display.
    Elsewhere,
    /// The link is unknown or revoked.
    Unknown,
}

/// Makes the browser that opens a display's link the display, once. `carried` is the browser's present secret.
///
/// # Errors
/// When the database does not answer.
pub async fn pair(desk: &Desk, link: &str, carried: Option<&str>) -> Result<Pairing, StoreError> {
    let (link, carried) = (tokens::hash(link), carried.map(tokens::hash));
    let (fresh, now) = (tokens::fresh(desk.ports()), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let row = sqlx::query(
                    "SELECT id, browser_hash FROM displays WHERE token_hash = $1 AND revoked_utc_s IS NULL",
                )
                .bind(link)
                .fetch_optional(tx.connection())
                .await?;
                let Some(row) = row else { return Ok(Pairing::Unknown) };
                let (id, browser): (i64, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
                match browser {
                    None => {
                        give_secret(tx, id, &fresh, now).await?;
                        Ok(Pairing::Paired(fresh))
                    }
                    Some(known) if carried.as_deref() == Some(known.as_str()) => Ok(Pairing::Here),
                    Some(_) => Ok(Pairing::Elsewhere),
                }
            })
        })
        .await
}

/// Gives a display that still has its link's secret, as older versions did, one of its own; `None` for any other.
///
/// # Errors
/// When the database does not answer.
pub async fn renew(desk: &Desk, id: DisplayId, carried: &str) -> Result<Option<String>, StoreError> {
    let carried = tokens::hash(carried);
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query("SELECT 1 FROM displays WHERE token_hash = $1 AND browser_hash = $1 AND id = $2")
        .bind(&carried)
        .bind(id.0)
        .fetch_optional(&mut *reader)
        .await?;
    reader.done();
    if row.is_none() {
        return Ok(None);
    }
    let (fresh, now) = (tokens::fresh(desk.ports()), desk.now());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                give_secret(tx, id.0, &fresh, now).await?;
                Ok::<_, StoreError>(Some(fresh))
            })
        })
        .await
}

pub(super) async fn give_secret(tx: &mut Tx, id: i64, secret: &str, now: Instant) -> Result<(), StoreError> {
    sqlx::query("UPDATE displays SET browser_hash = $2, paired_utc_s = $3 WHERE id = $1")
        .bind(id)
        .bind(tokens::hash(secret))
        .bind(now.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The rows of a page of displays.
pub const LIST_PAGE: &str =
    "SELECT id, name, country, created_utc_s, paired_utc_s, seen_utc_s, revoked_utc_s, added_by, revoked_by
     FROM displays ORDER BY id DESC LIMIT $1 OFFSET $2";

/// A page of the displays, newest first.
///
/// # Errors
/// See [`DeskError`].
pub async fn list_displays(desk: &Desk, actor: &Actor, wanted: u32) -> Result<Page<DisplayView>, DeskError> {
    may(actor, Action::ManageDisplays, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let count = sqlx::query("SELECT COUNT(*) FROM displays").fetch_one(&mut *reader).await;
    let total = count.and_then(|row| row.try_get(0)).map_err(StoreError::from)?;
    let paging = Paging::of(total, wanted);
    let rows: Vec<DisplayRow> = sqlx::query_as(LIST_PAGE)
        .bind(i64::from(Paging::ROWS))
        .bind(paging.offset())
        .fetch_all(&mut *reader)
        .await
        .map_err(StoreError::from)?;
    let rows = rows.into_iter().map(DisplayView::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, paging })
}

/// All displays, newest first.
///
/// # Errors
/// See [`DeskError`].
pub async fn displays(desk: &Desk, actor: &Actor) -> Result<Vec<DisplayView>, DeskError> {
    may(actor, Action::ManageDisplays, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let rows: Vec<DisplayRow> = sqlx::query_as(
        "SELECT id, name, country, created_utc_s, paired_utc_s, seen_utc_s, revoked_utc_s, added_by, revoked_by
         FROM displays ORDER BY id DESC LIMIT 200",
    )
    .fetch_all(&mut *reader)
    .await
    .map_err(StoreError::from)?;
    Ok(rows.into_iter().map(DisplayView::try_from).collect::<Result<_, _>>()?)
}

/// Revokes a display: its next request is refused, and its open stream ends.
///
/// # Errors
/// See [`DeskError`].
pub async fn revoke_display(desk: &Desk, actor: &Actor, id: DisplayId) -> Result<(), DeskError> {
    may(actor, Action::ManageDisplays, Subject::Desk)?;
    let (now, by, actor) = (desk.now(), stored_author(actor)?, actor.clone());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let done = sqlx::query(
                    "UPDATE displays SET revoked_utc_s = $2, revoked_by = $3 WHERE id = $1 AND revoked_utc_s IS NULL",
                )
                .bind(id.0)
                .bind(now.0)
                .bind(by)
                .execute(tx.connection())
                .await
                .map_err(StoreError::from)?;
                if done.rows_affected() != 1 {
                    return Err(DeskError::NotFound);
                }
                let event = AuditEvent::AccessEnded { access: AuditAccess::Display, id: id.0 };
                audit::record(tx, &Noted::of(&actor, now, event)).await?;
                Ok(())
            })
        })
        .await
}

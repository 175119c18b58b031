//! Use-case: the agents' queue, a page at a time, the first due first.

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::case::Status;
use domain::country::Country;
use domain::view::QueuePage;
use sqlx::Row;
use thiserror::Error;

use crate::Desk;
use crate::board::{CaseRecord, with_hours};
use crate::store::StoreError;

/// Rows of a page.
pub const PAGE: u32 = 50;

/// Which cases to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// One state alone; `None` for all that are open.
    pub status: Option<Status>,
    /// One country alone.
    pub country: Option<Country>,
}

/// Why nothing is shown.
#[derive(Debug, Clone, Error)]
pub enum QueueError {
    /// The actor may not see it.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// Try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

// Four texts, each served by an index of its own from first row to last: one text with optional conditions would make
// the database read and sort all cases for a page.
const OPEN: &str =
    "SELECT number, version, seq, country, status, priority, coverage, customer, platform, equipment,
        opened_utc_s, calendar_id, calendar_version, zone, clocks
 FROM cases WHERE is_open = 1 ORDER BY due_utc_s, number LIMIT $1 OFFSET $2";
const OPEN_IN_COUNTRY: &str =
    "SELECT number, version, seq, country, status, priority, coverage, customer, platform, equipment,
        opened_utc_s, calendar_id, calendar_version, zone, clocks
 FROM cases WHERE is_open = 1 AND country = $3 ORDER BY due_utc_s, number LIMIT $1 OFFSET $2";
const IN_STATUS: &str =
    "SELECT number, version, seq, country, status, priority, coverage, customer, platform, equipment,
        opened_utc_s, calendar_id, calendar_version, zone, clocks
 FROM cases WHERE status = $3 ORDER BY due_utc_s, number LIMIT $1 OFFSET $2";
const IN_STATUS_AND_COUNTRY: &str =
    "SELECT number, version, seq, country, status, priority, coverage, customer, platform, equipment,
        opened_utc_s, calendar_id, calendar_version, zone, clocks
 FROM cases WHERE status = $3 AND country = $4 ORDER BY due_utc_s, number LIMIT $1 OFFSET $2";

/// A page of the queue; pages count from 1, one that lies beyond the last is the last.
///
/// # Errors
/// See [`QueueError`].
pub async fn queue(desk: &Desk, actor: &Actor, filter: Filter, page: u32) -> Result<QueuePage, QueueError> {
    may(actor, Action::ReadQueue, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let seq = desk.feed().head();
    let (rows, count) = match (filter.status, filter.country) {
        (None, None) => (OPEN, "SELECT COUNT(*) FROM cases WHERE is_open = 1"),
        (None, Some(_)) => (OPEN_IN_COUNTRY, "SELECT COUNT(*) FROM cases WHERE is_open = 1 AND country = $1"),
        (Some(_), None) => (IN_STATUS, "SELECT COUNT(*) FROM cases WHERE status = $1"),
        (Some(_), Some(_)) => {
            (IN_STATUS_AND_COUNTRY, "SELECT COUNT(*) FROM cases WHERE status = $1 AND country = $2")
        }
    };
    let conditions = [filter.status.map(Status::code), filter.country.map(Country::code)];
    let mut counting = sqlx::query(count);
    for condition in conditions.into_iter().flatten() {
        counting = counting.bind(condition);
    }
    let total: i64 =
        counting.fetch_one(&mut *reader).await.and_then(|row| row.try_get(0)).map_err(StoreError::from)?;
    let pages = u32::try_from((total.max(1) - 1) / i64::from(PAGE) + 1).unwrap_or(u32::MAX);
    let page = page.clamp(1, pages);
    let mut listing = sqlx::query_as::<_, CaseRecord>(rows)
        .bind(i64::from(PAGE))
        .bind(i64::from(page - 1) * i64::from(PAGE));
    for condition in conditions.into_iter().flatten() {
        listing = listing.bind(condition);
    }
    let records = listing.fetch_all(&mut *reader).await.map_err(StoreError::from)?;
    drop(reader);
    Ok(QueuePage { snapshot: with_hours(desk, seq, records).await?, total, page, pages })
}

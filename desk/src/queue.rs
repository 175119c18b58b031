//! Use-case: the agents' queue, a page at a time, the first due first.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::actor::{Action, Actor, NotPermitted, PersonId, Subject, may};
use domain::case::Status;
use domain::country::Country;
use domain::view::{Mark, QueuePage};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow, Row};
use thiserror::Error;

use crate::Desk;
use crate::attended::MarkRecord;
use crate::board::{CaseRecord, with_hours};
use crate::feed;
use crate::store::StoreError;

/// Rows of a page; the texts below say so too.
pub const PAGE: u32 = 50;

/// Which cases to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// One state alone; `None` for all that are open.
    pub status: Option<Status>,
    /// One country alone.
    pub country: Option<Country>,
    /// Whose cases.
    pub whose: Whose,
}

impl Filter {
    fn conditions(&self) -> impl Iterator<Item = &'static str> {
        [self.status.map(Status::code), self.country.map(Country::code)].into_iter().flatten()
    }
}

/// Whose cases to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Whose {
    /// Whoever is on them.
    #[default]
    Anybodys,
    /// One person's.
    Of(PersonId),
    /// Those that nobody is on.
    Nobodys,
}

impl Whose {
    /// How the rows are marked; `None` for all of them.
    const fn holder_id(self) -> Option<i64> {
        match self {
            Self::Anybodys => None,
            Self::Of(person) => Some(person.0),
            Self::Nobodys => Some(0),
        }
    }
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

/// The text that lists the cases of which a condition holds.
///
/// How many is written out: SQLite plans with a bound limit, and so plans anew each time that one is bound, which took
/// longer than to find the rows.
macro_rules! listing {
    ($condition:literal) => {
        concat!(
            "SELECT number, version, seq, country, status, priority, coverage, customer, platform, equipment, place,
                    opened_utc_s, calendar_id, calendar_version, zone, clocks, holder_id, holder_name, unanswered_utc_s
             FROM cases WHERE ",
            $condition,
            " ORDER BY due_utc_s, number LIMIT 50 OFFSET $1"
        )
    };
}

// Texts for each question, each served by an index of its own from first row to last: one text with optional conditions
// would make the database read and sort all cases for a page.
const OPEN: &str = listing!("is_open = 1");
const OPEN_IN_COUNTRY: &str = listing!("is_open = 1 AND country = $2");
const IN_STATUS: &str = listing!("status = $2");
const IN_STATUS_AND_COUNTRY: &str = listing!("status = $2 AND country = $3");

// The country of somebody's cases is looked at row by row: of one person's there are few.
const HELD: &str = listing!("holder_id = $2 AND is_open = 1");
const HELD_IN_COUNTRY: &str = listing!("holder_id = $2 AND is_open = 1 AND country = $3");
const HELD_IN_STATUS: &str = listing!("holder_id = $2 AND status = $3");
const HELD_IN_STATUS_AND_COUNTRY: &str = listing!("holder_id = $2 AND status = $3 AND country = $4");

/// A page of the queue; pages count from 1, one that lies beyond the last is the last.
///
/// # Errors
/// See [`QueueError`].
pub async fn queue(desk: &Desk, actor: &Actor, filter: Filter, page: u32) -> Result<QueuePage, QueueError> {
    may(actor, Action::ReadQueue, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let seq = desk.feed().head();
    let total = total(desk, &mut reader, filter).await?;
    let (rows, _) = texts(filter);
    let pages = u32::try_from((total.max(1) - 1) / i64::from(PAGE) + 1).unwrap_or(u32::MAX);
    let page = page.clamp(1, pages);
    let mut listing = sqlx::query(rows).bind(i64::from(page - 1) * i64::from(PAGE));
    if let Some(id) = filter.whose.holder_id() {
        listing = listing.bind(id);
    }
    for condition in filter.conditions() {
        listing = listing.bind(condition);
    }
    let rows = listing.fetch_all(&mut *reader).await.map_err(StoreError::from)?;
    reader.done();
    let read = |row: &AnyRow| Ok((CaseRecord::from_row(row)?, Mark::from(MarkRecord::from_row(row)?)));
    let (records, marks): (Vec<_>, Vec<_>) = rows
        .iter()
        .map(read)
        .collect::<Result<Vec<_>, sqlx::Error>>()
        .map_err(StoreError::from)?
        .into_iter()
        .unzip();
    let snapshot = with_hours(desk, seq, records).await?;
    let marks = snapshot.rows.iter().map(|row| row.number).zip(marks).collect();
    Ok(QueuePage { snapshot, total, page, pages, marks })
}

/// How many cases each filter holds, as of one entry of the desk's history.
///
/// The database counts by walking an index: 6 ms for 100,000 cases, for every agent who looks (`make bench`). Nothing
/// changes between two entries, so each filter is counted once for all who look meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    as_of: i64,
    totals: HashMap<Filter, i64>,
}

impl Counts {
    fn known(&self, as_of: i64, filter: Filter) -> Option<i64> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.as_of == as_of { counted.totals.get(&filter).copied() } else { None }
    }

    fn keep(&self, as_of: i64, filter: Filter, total: i64) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.as_of < as_of {
            *counted = Counted { as_of, totals: HashMap::new() };
        }
        if counted.as_of == as_of {
            counted.totals.insert(filter, total);
        }
    }
}

/// How many cases a filter holds.
async fn total(desk: &Desk, reader: &mut AnyConnection, filter: Filter) -> Result<i64, StoreError> {
    // Asked first: what is counted afterwards is at least as new.
    let as_of = feed::last_entry_number(reader).await?;
    if let Some(total) = desk.counts().known(as_of, filter) {
        return Ok(total);
    }
    let (_, count) = texts(filter);
    let mut counting = sqlx::query(count);
    if let Some(id) = filter.whose.holder_id() {
        counting = counting.bind(id);
    }
    for condition in filter.conditions() {
        counting = counting.bind(condition);
    }
    let total = counting.fetch_one(reader).await?.try_get(0)?;
    desk.counts().keep(as_of, filter, total);
    Ok(total)
}

/// The text that lists the cases of a filter, and the one that counts them.
const fn texts(filter: Filter) -> (&'static str, &'static str) {
    match (filter.whose, filter.status, filter.country) {
        (Whose::Anybodys, None, None) => (OPEN, "SELECT COUNT(*) FROM cases WHERE is_open = 1"),
        (Whose::Anybodys, None, Some(_)) => {
            (OPEN_IN_COUNTRY, "SELECT COUNT(*) FROM cases WHERE is_open = 1 AND country = $1")
        }
        (Whose::Anybodys, Some(_), None) => (IN_STATUS, "SELECT COUNT(*) FROM cases WHERE status = $1"),
        (Whose::Anybodys, Some(_), Some(_)) => {
            (IN_STATUS_AND_COUNTRY, "SELECT COUNT(*) FROM cases WHERE status = $1 AND country = $2")
        }
        (_, None, None) => (HELD, "SELECT COUNT(*) FROM cases WHERE holder_id = $1 AND is_open = 1"),
        (_, None, Some(_)) => (
            HELD_IN_COUNTRY,
            "SELECT COUNT(*) FROM cases WHERE holder_id = $1 AND is_open = 1 AND country = $2",
        ),
        (_, Some(_), None) => {
            (HELD_IN_STATUS, "SELECT COUNT(*) FROM cases WHERE holder_id = $1 AND status = $2")
        }
        (_, Some(_), Some(_)) => (
            HELD_IN_STATUS_AND_COUNTRY,
            "SELECT COUNT(*) FROM cases WHERE holder_id = $1 AND status = $2 AND country = $3",
        ),
    }
}

//! Counts of the queue's filters.
//!
//! The database counts by walking an index. Counts change only with entries of the history, so one count serves all
//! readers until then. Each filter's count is a sum over it. Counts are exact up to [`EXACT_UP_TO`] open cases. Above
//! that, an old count is shown while a new one is made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::actor::PersonId;
use domain::case::{Band, Status};
use domain::country::Country;
use domain::view::{QueueCounts, QueueState};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::{Filter, Whose};
use crate::Desk;
use crate::events;
use crate::reach::{Reach, bound};
use crate::store::StoreError;

/// The most open cases with exact counts, which take a few milliseconds. Above it a count may be a second old.
const EXACT_UP_TO: i64 = 10_000;
/// How long a count of more cases is shown: as long as some counts take.
const SHOWN_FOR: Duration = Duration::from_secs(1);
/// The age above which a count is never shown.
const SHOWN_AT_MOST: Duration = Duration::from_secs(10);

/// The latest counts.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<Last>);

#[derive(Debug, Default)]
struct Last {
    at_work: Option<AtWork>,
    /// Counts the changes by time alone. A count that was begun before such a change is not exact.
    changes: u64,
    /// Counts of ended cases, by assignee.
    ended: HashMap<Whose, Ended>,
}

/// Counts of ended cases as of one entry of the history.
#[derive(Debug, Clone)]
struct Ended {
    as_of: i64,
    at_work: Arc<[Cell]>,
    cells: Arc<[Cell]>,
}

/// Counts of open cases, of all assignees.
#[derive(Debug, Clone)]
struct AtWork {
    /// The entry of the history that they are exact for; `None` after a change by time alone.
    as_of: Option<i64>,
    /// When the count began.
    counted_at: Instant,
    cells: Arc<[Cell]>,
    /// Whether a newer count is in progress.
    is_recounted: bool,
}

/// State of the count of open cases.
enum Known {
    /// A count to be shown.
    Shown(Arc<[Cell]>),
    /// An old count to be shown while a newer one is made.
    Aged(Arc<[Cell]>),
    /// No count that may be shown.
    Unknown,
}

impl Counts {
    fn last(&self) -> MutexGuard<'_, Last> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at_work(&self, as_of: i64, now: Instant) -> Known {
        let mut last = self.last();
        let Some(known) = last.at_work.as_mut() else { return Known::Unknown };
        let cells = Arc::clone(&known.cells);
        let age = now.saturating_duration_since(known.counted_at);
        if age > SHOWN_AT_MOST {
            // Another node may have changed ranks by time, which leaves no entry.
            Known::Unknown
        } else if known.as_of == Some(as_of) {
            Known::Shown(cells)
        } else if sum(&cells) <= EXACT_UP_TO {
            Known::Unknown
        } else if age <= SHOWN_FOR || known.is_recounted {
            Known::Shown(cells)
        } else {
            known.is_recounted = true;
            Known::Aged(cells)
        }
    }

    /// The token of a count, taken before it begins and given back with it.
    fn begin(&self) -> Begun {
        Begun { changes: self.last().changes, at: Instant::now() }
    }

    fn keep_at_work(&self, as_of: i64, begun: Begun, cells: &Arc<[Cell]>) {
        let mut last = self.last();
        if last.at_work.as_ref().is_none_or(|known| known.as_of <= Some(as_of)) {
            // A count that time has overtaken is not exact. For many cases it is good enough for a moment.
            let as_of = (begun.changes == last.changes).then_some(as_of);
            let (counted_at, cells) = (begun.at, Arc::clone(cells));
            last.at_work = Some(AtWork { as_of, counted_at, cells, is_recounted: false });
        }
    }

    fn ended(&self, as_of: i64, whose: Whose, at_work: &Arc<[Cell]>) -> Option<Arc<[Cell]>> {
        let last = self.last();
        let known = last.ended.get(&whose)?;
        (known.as_of == as_of && Arc::ptr_eq(&known.at_work, at_work)).then(|| Arc::clone(&known.cells))
    }

    fn keep_ended(&self, whose: Whose, ended: Ended) {
        self.last().ended.insert(whose, ended);
    }

    /// Invalidates the counts, although the history has no new entry.
    pub(crate) fn forget(&self) {
        let mut last = self.last();
        last.changes += 1;
        if let Some(known) = last.at_work.as_mut() {
            known.as_of = None;
        }
    }
}

/// Token of a count in progress.
#[derive(Debug, Clone, Copy)]
struct Begun {
    changes: u64,
    at: Instant,
}

/// Number of cases of one status, country and assignee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    /// `None` for ended cases.
    status: Option<Status>,
    is_breached: bool,
    country: Country,
    /// 0 for unassigned cases.
    holder_id: i64,
    count: i64,
}

impl Cell {
    fn is_in(&self, state: QueueState) -> bool {
        match state {
            QueueState::Open => self.status.is_some_and(Status::is_open),
            QueueState::Breached => self.is_breached,
            QueueState::Only(status) => self.status == Some(status),
            QueueState::Ended => self.status.is_none(),
        }
    }
}

fn sum(cells: &[Cell]) -> i64 {
    cells.iter().map(|cell| cell.count).sum()
}

/// Counts of one assignee's cases, or of all.
struct Tally {
    at_work: Arc<[Cell]>,
    whose: Whose,
    ended: Arc<[Cell]>,
}

impl Tally {
    fn count(&self, state: QueueState, country: Option<Country>) -> i64 {
        self.wanted(state, country).map(|cell| cell.count).sum()
    }

    fn breached(&self, state: QueueState, country: Option<Country>) -> i64 {
        self.wanted(state, country).filter(|cell| cell.is_breached).map(|cell| cell.count).sum()
    }

    fn wanted(&self, state: QueueState, country: Option<Country>) -> impl Iterator<Item = &Cell> {
        let holder = self.whose.holder_id();
        let at_work = self.at_work.iter().filter(move |cell| holder.is_none_or(|id| id == cell.holder_id));
        at_work
            .chain(self.ended.iter())
            .filter(move |cell| country.is_none_or(|country| country == cell.country) && cell.is_in(state))
    }
}

/// The count of each filter, together with the other filters in force.
pub(super) async fn of(
    desk: &Desk,
    reader: &mut AnyConnection,
    filter: Filter,
    me: Option<PersonId>,
) -> Result<QueueCounts, StoreError> {
    // Taken first, so that the count is at least as new.
    let begun = desk.counts().begin();
    let as_of = events::last_entry_number(desk.store(), reader).await?;
    let Filter { state, country, whose } = filter;
    let at_work = at_work(desk, reader, as_of, begun).await?;
    let shown = tally(desk, reader, as_of, whose, &at_work).await?;
    let nobodys = tally(desk, reader, as_of, Whose::Nobodys, &at_work).await?;
    let mine = match me {
        Some(me) => tally(desk, reader, as_of, Whose::Of(me), &at_work).await?.count(state, country),
        None => 0,
    };
    Ok(counted(filter, &shown, &nobodys, mine))
}

/// The counts that a page shows.
fn counted(filter: Filter, shown: &Tally, nobodys: &Tally, mine: i64) -> QueueCounts {
    let Filter { state, country, .. } = filter;
    QueueCounts {
        states: QueueState::ALL.map(|state| shown.count(state, country)),
        mine,
        nobodys: nobodys.count(state, country),
        countries: Country::ALL.map(|country| shown.count(state, Some(country))).into(),
        breached: shown.breached(state, country),
    }
}

/// The same of the cases within a narrow reach, counted for this reader alone. They are few, so no count is kept.
pub(super) async fn within(
    reader: &mut AnyConnection,
    reach: &Reach,
    filter: Filter,
    me: Option<PersonId>,
) -> Result<QueueCounts, StoreError> {
    let at_work: Arc<[Cell]> = count_at_work(reader, reach).await?.into();
    let shown = tally_within(reader, reach, filter.whose, &at_work).await?;
    let nobodys = tally_within(reader, reach, Whose::Nobodys, &at_work).await?;
    let mine = match me {
        Some(me) => {
            let mine = tally_within(reader, reach, Whose::Of(me), &at_work).await?;
            mine.count(filter.state, filter.country)
        }
        None => 0,
    };
    Ok(counted(filter, &shown, &nobodys, mine))
}

async fn tally_within(
    reader: &mut AnyConnection,
    reach: &Reach,
    whose: Whose,
    at_work: &Arc<[Cell]>,
) -> Result<Tally, StoreError> {
    let (condition, binds) = reach.condition("cases", 2);
    let holder = match whose.holder_id() {
        Some(_) => "holder_id = $1",
        None => "$1 = 0",
    };
    let text = format!(
        "SELECT country, COUNT(*) FROM cases
         WHERE {holder} AND is_open = 0 AND status <> 'resolved'{condition} GROUP BY country"
    );
    let query = sqlx::query(AssertSqlSafe(text)).bind(whose.holder_id().unwrap_or_default());
    let query = bound(query, binds);
    let mut ended = Vec::new();
    for row in query.fetch_all(reader).await? {
        let code: String = row.try_get(0)?;
        let Some(country) = Country::from_code(&code) else { continue };
        let holder_id = whose.holder_id().unwrap_or_default();
        ended.push(Cell { status: None, is_breached: false, country, holder_id, count: row.try_get(1)? });
    }
    Ok(Tally { at_work: Arc::clone(at_work), whose, ended: ended.into() })
}

/// Counts of all open cases.
async fn at_work(
    desk: &Desk,
    reader: &mut AnyConnection,
    as_of: i64,
    begun: Begun,
) -> Result<Arc<[Cell]>, StoreError> {
    match desk.counts().at_work(as_of, begun.at) {
        Known::Shown(cells) => Ok(cells),
        Known::Aged(cells) => {
            tokio::spawn(recount(desk.clone()));
            Ok(cells)
        }
        Known::Unknown => {
            let cells: Arc<[Cell]> = count_at_work(reader, &Reach::default()).await?.into();
            desk.counts().keep_at_work(as_of, begun, &cells);
            Ok(cells)
        }
    }
}

/// Makes a new count in the background.
async fn recount(desk: Desk) {
    let counting = async {
        let mut reader = desk.store().reader().await?;
        let begun = desk.counts().begin();
        let as_of = events::last_entry_number(desk.store(), &mut reader).await?;
        let cells: Arc<[Cell]> = count_at_work(&mut reader, &Reach::default()).await?.into();
        desk.counts().keep_at_work(as_of, begun, &cells);
        Ok::<_, StoreError>(())
    };
    if let Err(error) = counting.await {
        // The old count expires, and then the next reader counts.
        tracing::warn!(%error, "the queue could not be counted");
    }
}

async fn tally(
    desk: &Desk,
    reader: &mut AnyConnection,
    as_of: i64,
    whose: Whose,
    at_work: &Arc<[Cell]>,
) -> Result<Tally, StoreError> {
    let at_work = Arc::clone(at_work);
    if let Some(ended) = desk.counts().ended(as_of, whose, &at_work) {
        return Ok(Tally { at_work, whose, ended });
    }
    let cells: Arc<[Cell]> = count_ended(reader, whose, &at_work).await?.into();
    let ended = Ended { as_of, at_work: Arc::clone(&at_work), cells: Arc::clone(&cells) };
    desk.counts().keep_ended(whose, ended);
    Ok(Tally { at_work, whose, ended: cells })
}

/// Counts open and resolved cases in one walk of an index, for all filters.
async fn count_at_work(reader: &mut AnyConnection, reach: &Reach) -> Result<Vec<Cell>, StoreError> {
    let (condition, binds) = reach.condition("cases", 2);
    let query = sqlx::query(AssertSqlSafe(format!(
        "SELECT status, country, holder_id, CASE WHEN sort_key >= $1 THEN 1 ELSE 0 END AS breached, COUNT(*)
         FROM cases WHERE status IN ('new', 'in_progress', 'on_hold', 'resolved'){condition}
         GROUP BY status, country, holder_id, CASE WHEN sort_key >= $1 THEN 1 ELSE 0 END"
    )))
    .bind(Band::Breached.first_key());
    let query = bound(query, binds);
    let rows = query.fetch_all(reader).await?;
    let wrong = || StoreError::inconsistent("cases", "a state or country that does not exist");
    let cell = |row: &AnyRow| {
        let (status, country): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let status = Status::from_code(&status).ok_or_else(wrong)?;
        let is_beyond: i64 = row.try_get(3)?;
        Ok(Cell {
            status: Some(status),
            is_breached: status.is_open() && is_beyond == 1,
            country: Country::from_code(&country).ok_or_else(wrong)?,
            holder_id: row.try_get(2)?,
            count: row.try_get(4)?,
        })
    };
    rows.iter().map(cell).collect()
}

/// Counts ended cases. The total is computed without a walk. It is the numbers that were given, minus those that were
/// removed with the demonstration, minus the open cases.
async fn count_ended(
    reader: &mut AnyConnection,
    whose: Whose,
    at_work: &[Cell],
) -> Result<Vec<Cell>, StoreError> {
    // A series of cases is named by its country and year, as in "VE 2026".
    let given_out = "SELECT country, CAST(SUM(last) AS BIGINT)
                         - COALESCE((SELECT CAST(SUM(removed) AS BIGINT) FROM removed_numbers
                                     WHERE series LIKE case_numbers.country || ' %'), 0)
                     FROM case_numbers GROUP BY country";
    let held = "SELECT country, COUNT(*) FROM cases
                WHERE holder_id = $1 AND is_open = 0 AND status <> 'resolved' GROUP BY country";
    let (query, at_work) = match whose.holder_id() {
        Some(id) => (sqlx::query(held).bind(id), &[][..]),
        None => (sqlx::query(given_out), at_work),
    };
    let mut cells = Vec::new();
    for row in query.fetch_all(reader).await? {
        let code: String = row.try_get(0)?;
        let Some(country) = Country::from_code(&code) else { continue };
        let others: i64 = at_work.iter().filter(|cell| cell.country == country).map(|cell| cell.count).sum();
        let count = (row.try_get::<i64, _>(1)? - others).max(0);
        let holder_id = whose.holder_id().unwrap_or_default();
        cells.push(Cell { status: None, is_breached: false, country, holder_id, count });
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(count: i64) -> Arc<[Cell]> {
        let status = Some(Status::New);
        [Cell { status, is_breached: false, country: Country::Ve, holder_id: 0, count }].into()
    }

    /// A count begun at `at`.
    fn begun(counts: &Counts, at: Instant) -> Begun {
        Begun { at, ..counts.begin() }
    }

    #[test]
    fn few_cases_are_counted_anew_after_every_entry() {
        let (counts, now) = (Counts::default(), Instant::now());
        counts.keep_at_work(7, begun(&counts, now), &cells(EXACT_UP_TO));
        assert!(matches!(counts.at_work(7, now), Known::Shown(_)));
        assert!(matches!(counts.at_work(8, now), Known::Unknown));
        counts.forget();
        assert!(matches!(counts.at_work(7, now), Known::Unknown));
    }

    #[test]
    fn a_count_that_time_overtook_is_not_exact() {
        let (counts, now) = (Counts::default(), Instant::now());
        let before = begun(&counts, now);
        counts.forget();
        counts.keep_at_work(7, before, &cells(1));
        assert!(matches!(counts.at_work(7, now), Known::Unknown));
        counts.keep_at_work(7, begun(&counts, now), &cells(1));
        assert!(matches!(counts.at_work(7, now), Known::Shown(_)));
    }

    #[test]
    fn a_count_grows_too_old_without_an_entry() {
        let (counts, now) = (Counts::default(), Instant::now());
        counts.keep_at_work(7, begun(&counts, now), &cells(1));
        assert!(matches!(counts.at_work(7, now + SHOWN_AT_MOST * 2), Known::Unknown));
    }

    #[test]
    fn a_count_of_many_cases_is_shown_while_one_other_is_made() {
        let (counts, first) = (Counts::default(), Instant::now());
        counts.keep_at_work(7, begun(&counts, first), &cells(EXACT_UP_TO + 1));
        assert!(matches!(counts.at_work(8, first + SHOWN_FOR), Known::Shown(_)));
        let late = first + SHOWN_FOR * 2;
        assert!(matches!(counts.at_work(8, late), Known::Aged(_)));
        assert!(matches!(counts.at_work(9, late), Known::Shown(_)));
        counts.keep_at_work(9, begun(&counts, late), &cells(EXACT_UP_TO + 2));
        assert!(matches!(counts.at_work(9, late), Known::Shown(cells) if sum(&cells) == EXACT_UP_TO + 2));
        assert!(matches!(counts.at_work(10, late + SHOWN_AT_MOST * 2), Known::Unknown));
    }
}

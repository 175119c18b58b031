//! How many cases each filter of the queue holds.
//!
//! The database counts by walking an index, for every agent who looks. Nothing changes between two entries of the desk's
//! history, so what is there is counted once for all who look meanwhile, and every filter's count is a sum over it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::actor::PersonId;
use domain::case::{Band, Status};
use domain::country::Country;
use domain::view::{QueueCounts, QueueState};
use sqlx::{AnyConnection, Row};

use super::{Filter, Whose};
use crate::Desk;
use crate::events;
use crate::store::StoreError;

/// What was counted, as of one entry of the desk's history.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    as_of: i64,
    tallies: HashMap<Whose, Arc<Tally>>,
}

impl Counts {
    fn known(&self, as_of: i64, whose: Whose) -> Option<Arc<Tally>> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.as_of == as_of { counted.tallies.get(&whose).cloned() } else { None }
    }

    fn keep(&self, as_of: i64, whose: Whose, tally: &Arc<Tally>) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.as_of < as_of {
            *counted = Counted { as_of, tallies: HashMap::new() };
        }
        if counted.as_of == as_of {
            counted.tallies.insert(whose, Arc::clone(tally));
        }
    }

    /// What was counted is not so any more, though nothing was added to the history.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tallies.clear();
    }
}

/// Cases of one kind in one country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    /// None for those that came to their end.
    status: Option<Status>,
    is_breached: bool,
    country: Country,
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

/// The cases of somebody, or of everybody, by kind and country.
#[derive(Debug, Default)]
struct Tally(Vec<Cell>);

impl Tally {
    fn count(&self, state: QueueState, country: Option<Country>) -> i64 {
        let wanted = self.0.iter().filter(|cell| country.is_none_or(|country| country == cell.country));
        wanted.filter(|cell| cell.is_in(state)).map(|cell| cell.count).sum()
    }

    fn breached(&self, state: QueueState, country: Option<Country>) -> i64 {
        let cells = self.0.iter().filter(|cell| cell.is_breached).copied();
        Self(cells.collect()).count(state, country)
    }
}

/// How many cases each filter would show beside what is in force.
pub(super) async fn of(
    desk: &Desk,
    reader: &mut AnyConnection,
    filter: Filter,
    me: Option<PersonId>,
) -> Result<QueueCounts, StoreError> {
    // Asked first: what is counted afterwards is at least as new.
    let as_of = events::last_entry_number(reader).await?;
    let Filter { state, country, whose } = filter;
    let shown = tally(desk, reader, as_of, whose).await?;
    let nobodys = tally(desk, reader, as_of, Whose::Nobodys).await?;
    let mine = match me {
        Some(me) => tally(desk, reader, as_of, Whose::Of(me)).await?,
        None => Arc::default(),
    };
    Ok(QueueCounts {
        states: QueueState::ALL.map(|state| shown.count(state, country)),
        mine: mine.count(state, country),
        nobodys: nobodys.count(state, country),
        countries: Country::ALL.map(|country| shown.count(state, Some(country))).into(),
        breached: shown.breached(state, country),
    })
}

async fn tally(
    desk: &Desk,
    reader: &mut AnyConnection,
    as_of: i64,
    whose: Whose,
) -> Result<Arc<Tally>, StoreError> {
    if let Some(tally) = desk.counts().known(as_of, whose) {
        return Ok(tally);
    }
    let mut cells = at_work(reader, whose).await?;
    cells.extend(ended(reader, whose, &cells).await?);
    let tally = Arc::new(Tally(cells));
    desk.counts().keep(as_of, whose, &tally);
    Ok(tally)
}

/// What is left to do, and what waits for the customer's word.
async fn at_work(reader: &mut AnyConnection, whose: Whose) -> Result<Vec<Cell>, StoreError> {
    let held =
        "SELECT status, country, CASE WHEN sort_key >= $1 THEN 1 ELSE 0 END AS breached, COUNT(*) FROM cases
                WHERE holder_id = $2 AND status IN ('new', 'in_progress', 'on_hold', 'resolved')
                GROUP BY status, country, CASE WHEN sort_key >= $1 THEN 1 ELSE 0 END";
    let all =
        "SELECT status, country, CASE WHEN sort_key >= $1 THEN 1 ELSE 0 END AS breached, COUNT(*) FROM cases
               WHERE status IN ('new', 'in_progress', 'on_hold', 'resolved')
               GROUP BY status, country, CASE WHEN sort_key >= $1 THEN 1 ELSE 0 END";
    let first = Band::Breached.first_key();
    let query = match whose.holder_id() {
        Some(id) => sqlx::query(held).bind(first).bind(id),
        None => sqlx::query(all).bind(first),
    };
    let wrong = || StoreError::inconsistent("cases", "a state or country that does not exist");
    let mut cells = Vec::new();
    for row in query.fetch_all(reader).await? {
        let (status, country): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let status = Status::from_code(&status).ok_or_else(wrong)?;
        let is_beyond: i64 = row.try_get(2)?;
        cells.push(Cell {
            status: Some(status),
            is_breached: status.is_open() && is_beyond == 1,
            country: Country::from_code(&country).ok_or_else(wrong)?,
            count: row.try_get(3)?,
        });
    }
    Ok(cells)
}

/// What came to its end. Of everybody's there are ever more, so they are not walked through: numbers have no gaps, and those
/// that were given out and are not at work have ended.
async fn ended(reader: &mut AnyConnection, whose: Whose, at_work: &[Cell]) -> Result<Vec<Cell>, StoreError> {
    let given_out = "SELECT country, CAST(SUM(last) AS BIGINT) FROM case_numbers GROUP BY country";
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
        cells.push(Cell { status: None, is_breached: false, country, count });
    }
    Ok(cells)
}

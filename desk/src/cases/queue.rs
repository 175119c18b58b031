//! Use-case: the queue, page by page in the order of work. The newest breached cases come with every page, in a band of
//! their own.

use domain::actor::{Action, Actor, PersonId, Subject, may};
use domain::case::Band;
use domain::country::Country;
use domain::page::Paging;
use domain::view::{QueuePage, QueueState};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use crate::Desk;
use crate::DeskError;
use crate::cases::wall::{seen_by, with_hours};
use crate::projections::case_row::{CASE_COLUMNS, CaseRecord};
use crate::reach::{Bind, Reach, bound};
use crate::store::StoreError;

mod counts;

pub(crate) use counts::Counts;

/// Number of breached cases on each page.
pub const BAND_ROWS: u32 = 3;

/// Filter of the queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// State of the cases.
    pub state: QueueState,
    /// One country; `None` for all.
    pub country: Option<Country>,
    /// Assignee of the cases.
    pub whose: Whose,
}

/// Assignee of the cases in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Whose {
    /// Any assignee or none.
    #[default]
    Anybodys,
    /// One person.
    Of(PersonId),
    /// No assignee.
    Nobodys,
}

impl Whose {
    /// The value of the rows' column; `None` for all rows.
    const fn holder_id(self) -> Option<i64> {
        match self {
            Self::Anybodys => None,
            Self::Of(person) => Some(person.0),
            Self::Nobodys => Some(0),
        }
    }
}

/// A section of a filter's cases, served by one index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    /// All of it.
    Whole,
    /// Cases without a breach.
    Savable,
    /// Breached cases.
    Breached,
}

/// The conditions of a section within a reader's reach. Their values join `binds`, which stand for `$2` and further.
fn conditions(filter: Filter, section: Section, reach: &Reach, binds: &mut Vec<Bind>) -> String {
    let mut all = Vec::new();
    let mut add = |condition: &'static str, bind: Bind| {
        binds.push(bind);
        all.push(format!("{condition} ${}", binds.len() + 1));
    };
    if let Some(id) = filter.whose.holder_id() {
        add("holder_id =", Bind::Number(id));
    }
    let is_open = match filter.state {
        QueueState::Open | QueueState::Breached => Some("is_open = 1"),
        QueueState::Only(status) => {
            add("status =", Bind::Text(status.code()));
            None
        }
        // Resolved cases are few, so they are skipped row by row.
        QueueState::Ended => Some("is_open = 0 AND status <> 'resolved'"),
    };
    if let Some(country) = filter.country {
        add("country =", Bind::Text(country.code()));
    }
    let first = Bind::Number(Band::Breached.first_key());
    match section {
        Section::Whole => {}
        Section::Savable => add("sort_key <", first),
        Section::Breached => add("sort_key >=", first),
    }
    all.extend(is_open.map(str::to_owned));
    let (within, more) = reach.condition("cases", binds.len() + 2);
    binds.extend(more);
    format!("{}{within}", all.join(" AND "))
}

/// The query for a page's cases of a section from `$1` on, and its values from `$2` on. The limit is part of the text,
/// because SQLite plans anew for each bound limit, which took longer than the query.
fn listing(filter: Filter, section: Section, reach: &Reach) -> (String, Vec<Bind>) {
    let mut binds = Vec::new();
    let rows = Paging::ROWS;
    let listed = conditions(filter, section, reach, &mut binds);
    let listed = format!(
        "SELECT {CASE_COLUMNS}, fault FROM cases WHERE {listed} ORDER BY sort_key, number LIMIT {rows} OFFSET $1"
    );
    if !filter.state.has_band() {
        return (listed, binds);
    }
    // The band comes with the same trip, whatever was counted: a breached case leaves the other section at once.
    let band = conditions(filter, Section::Breached, reach, &mut binds);
    let text = format!(
        "SELECT * FROM ({listed}) AS listed UNION ALL SELECT * FROM
         (SELECT {CASE_COLUMNS}, fault FROM cases WHERE {band} ORDER BY sort_key, number LIMIT {BAND_ROWS}) AS band"
    );
    (text, binds)
}

async fn list(
    reader: &mut AnyConnection,
    (text, binds): (String, Vec<Bind>),
    offset: i64,
) -> Result<Vec<AnyRow>, StoreError> {
    let query = sqlx::query(AssertSqlSafe(text)).bind(offset);
    let query = bound(query, binds);
    Ok(query.fetch_all(reader).await?)
}

/// A page of the queue, counted from 1. A page beyond the last is the last.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # let number = a_case(&desk).await?;
/// use desk::cases::queue::{Filter, Whose, queue};
///
/// let unassigned = Filter { whose: Whose::Nobodys, ..Filter::default() };
/// let page = queue(&desk, &agent(), unassigned, 1).await?;
/// assert_eq!(page.snapshot.rows[0].number, number);
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn queue(desk: &Desk, actor: &Actor, filter: Filter, page: u32) -> Result<QueuePage, DeskError> {
    may(actor, Action::ReadQueue, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let seq = desk.feed().head();
    let me = if let Actor::Staff(staff) = actor { Some(staff.id) } else { None };
    let reach = Reach::of(actor);
    let counts = if reach.is_whole() {
        counts::of(desk, &mut reader, filter, me).await?
    } else {
        counts::within(&mut reader, &reach, filter, me).await?
    };
    let place = QueueState::ALL.iter().position(|state| *state == filter.state);
    let held = place.and_then(|place| counts.states.get(place)).copied().unwrap_or(0);
    let (section, total) = if filter.state.has_band() {
        (Section::Savable, held - counts.breached)
    } else if filter.state == QueueState::Breached {
        (Section::Breached, held)
    } else {
        (Section::Whole, held)
    };
    let paging = Paging::of(total, page);
    let rows = list(&mut reader, listing(filter, section, &reach), paging.offset()).await?;
    reader.done();
    let read = |row: &AnyRow| Ok((CaseRecord::from_row(row)?, row.try_get("fault")?));
    let (records, faults): (Vec<_>, Vec<String>) = rows
        .iter()
        .map(read)
        .collect::<Result<Vec<_>, sqlx::Error>>()
        .map_err(StoreError::from)?
        .into_iter()
        .unzip();
    let snapshot = seen_by(&reach, with_hours(desk, seq, records).await?);
    let faults = snapshot.rows.iter().map(|row| row.number).zip(faults).collect();
    Ok(QueuePage { snapshot, paging, faults, counts })
}

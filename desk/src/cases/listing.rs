//! Use-case: cases for programs, the last changed first, page by page from a cursor.
//!
//! A cursor is the number of a case's last entry. A case that changes while pages are read moves to the front: who reads again
//! from the time of the first page on misses none.

use std::fmt::Write as _;

use domain::actor::{Action, Actor, PersonId, Subject, may, scope_of};
use domain::audit::AuditData;
use domain::calendar::ServiceHours;
use domain::case::{ServiceHoursRef, Status};
use domain::country::Country;
use domain::priority::Priority;
use domain::time::Instant;
use domain::view::CaseRow;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow, Row};

use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;
use crate::cases::queue::Whose;
use crate::cases::wall::with_hours;
use crate::projections::case_row::{CASE_COLUMNS, CaseRecord};
use crate::reach::{Bind, Reach, bound};
use crate::store::StoreError;

/// The most cases of a page.
pub const LIST_ROWS_MAX: u32 = 200;

/// How far the numbers of entries may be out of the order of their times, in seconds: entries that are written at once.
const SKEW_S: i64 = 60;

/// Which cases are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Of one status; `None` for all.
    pub status: Option<Status>,
    /// Of one country, beside the actor's scope; `None` for all.
    pub country: Option<Country>,
    /// Of one priority; `None` for all.
    pub priority: Option<Priority>,
    /// Assignee of the cases.
    pub whose: Whose,
    /// With an entry at this time or later; `None` for all.
    pub changed_since: Option<Instant>,
}

/// A case of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedCase {
    /// Its row.
    pub row: CaseRow,
    /// Time of its last entry.
    pub changed_at: Instant,
    /// First words of its fault description.
    pub fault: String,
}

/// A page of cases.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseList {
    /// The cases, the last changed first.
    pub cases: Vec<ListedCase>,
    /// The service hours that the rows name.
    pub hours: Vec<(ServiceHoursRef, ServiceHours)>,
    /// Where the next page begins; `None` for the last page.
    pub next: Option<i64>,
    /// The server's time.
    pub now: Instant,
}

/// The query of a page, and its values from `$2` on. `$1` is the cursor.
fn listing(filter: &CaseFilter, scope: Option<Country>, reach: &Reach, rows: u32) -> (String, Vec<Bind>) {
    let mut binds = Vec::new();
    let mut conditions = String::new();
    // SQLite would take the index of country or status, and sort all that it finds there. A cast keeps it to the order of
    // changes; PostgreSQL, which knows how many rows there are, does not see one.
    let mut add = |column: &str, bind: Bind| {
        binds.push(bind);
        // Writing into a string cannot fail.
        let _ = write!(conditions, " AND {column} = ${}", binds.len() + 1);
    };
    for country in [scope, filter.country].into_iter().flatten() {
        add("CAST(country AS TEXT)", Bind::Text(country.code()));
    }
    if let Some(status) = filter.status {
        add("CAST(status AS TEXT)", Bind::Text(status.code()));
    }
    if let Some(priority) = filter.priority {
        add("priority", Bind::Text(priority.code()));
    }
    match filter.whose {
        Whose::Anybodys => {}
        Whose::Of(PersonId(id)) => add("holder_id", Bind::Number(id)),
        Whose::Nobodys => add("holder_id", Bind::Number(0)),
    }
    let (within, more) = reach.condition("cases", binds.len() + 2);
    conditions += &within;
    binds.extend(more);
    // One more than the page has: it says whether there is a next one.
    let limit = rows + 1;
    let text = format!(
        "SELECT {CASE_COLUMNS}, fault,
                (SELECT e.at_utc_s FROM case_events e WHERE e.case_number = cases.number AND e.version = cases.version)
                    AS changed_utc_s
         FROM cases WHERE seq < $1{conditions} ORDER BY seq DESC LIMIT {limit}"
    );
    (text, binds)
}

/// A page of at most `rows` cases in the actor's scope, from a cursor on.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # let number = a_case(&desk).await?;
/// use desk::cases::listing::{CaseFilter, list_cases};
///
/// let page = list_cases(&desk, &agent(), &CaseFilter::default(), None, 50).await?;
/// assert_eq!((page.cases[0].row.number, page.next), (number, None));
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn list_cases(
    desk: &Desk,
    actor: &Actor,
    filter: &CaseFilter,
    from: Option<i64>,
    rows: u32,
) -> Result<CaseList, DeskError> {
    may(actor, Action::ReadQueue, Subject::Desk)?;
    let rows = rows.clamp(1, LIST_ROWS_MAX);
    let (text, binds) = listing(filter, scope_of(actor).country, &Reach::of(actor), rows);
    let query = bound(sqlx::query(AssertSqlSafe(text)).bind(from.unwrap_or(i64::MAX)), binds);
    let mut reader = desk.store().reader().await?;
    let read = query.fetch_all(&mut *reader).await.map_err(StoreError::from)?;
    reader.done();
    let page = usize::try_from(rows).unwrap_or(usize::MAX);
    let more = read.len() > page;
    let mut found = read.iter().take(page).map(found).collect::<Result<Vec<_>, _>>()?;
    let last = found.last().map(|(record, _, changed)| (record.seq, *changed));
    let is_wanted =
        |at: Instant, slack_s: i64| filter.changed_since.is_none_or(|since| at.plus(slack_s) >= since);
    found.retain(|(_, _, changed)| is_wanted(*changed, 0));
    let next = last.filter(|(_, changed)| more && is_wanted(*changed, SKEW_S)).map(|(seq, _)| seq);
    let (records, beside): (Vec<_>, Vec<_>) =
        found.into_iter().map(|(record, fault, changed)| (record, (fault, changed))).unzip();
    let snapshot = with_hours(desk, 0, records).await?;
    let listed = |(row, (fault, changed_at))| ListedCase { row, changed_at, fault };
    let cases: Vec<_> = snapshot.rows.into_iter().zip(beside).map(listed).collect();
    desk.note_reading(actor, Reading::List(AuditData::Cases), cases.len());
    Ok(CaseList { cases, hours: snapshot.hours, next, now: snapshot.now })
}

fn found(row: &AnyRow) -> Result<(CaseRecord, String, Instant), StoreError> {
    Ok((CaseRecord::from_row(row)?, row.try_get("fault")?, Instant(row.try_get("changed_utc_s")?)))
}

//! Use-case: the wall. First a snapshot, then numbered changes.

use std::collections::HashMap;

use domain::actor::{Action, Actor, Subject, may, scope_of};
use domain::calendar::ServiceHours;
use domain::case::{Band, ServiceHoursRef, Status};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::priority::Priority;
use domain::time::Instant;
use domain::view::{CaseRow, Change, Snapshot};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, FromRow, Row};

use crate::Desk;
use crate::DeskError;
use crate::cases::bookings::clashing;
use crate::events::last_entry_number;
use crate::projections::case_row::{CASE_COLUMNS, CaseRecord};
use crate::reach::{self, Bind, Reach, bound};
use crate::store::StoreError;

/// The most changes of one read.
pub(crate) const CHANGES: i64 = 200;

/// All open cases in the actor's scope, in the order of work.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// # let number = a_case(&desk).await?;
/// use desk::cases::wall::snapshot;
/// use domain::actor::{Actor, DisplayId, Scope};
///
/// let display = Actor::Display { id: DisplayId(1), scope: Scope::default() };
/// let wall = snapshot(&desk, &display).await?;
/// assert_eq!(wall.rows[0].number, number);
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn snapshot(desk: &Desk, actor: &Actor) -> Result<Snapshot, DeskError> {
    may(actor, Action::ReadWall, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    // Read before the rows: a change in between comes twice, which is harmless, and none is missed.
    let seq = desk.feed().head();
    let seen = Seen { country: scope_of(actor).country, reach: Reach::of(actor) };
    let mut records = listed(&mut reader, Part::Savable, &seen).await?;
    let savable = records.len();
    records.extend(listed(&mut reader, Part::Breached, &seen).await?);
    let breached = records.len() - savable;
    let more = if savable == Part::Savable.rows() || breached == Part::Breached.rows() {
        beyond(&mut reader, &seen, savable, breached).await?
    } else {
        Default::default()
    };
    drop(reader);
    Ok(Snapshot { more, ..seen_by(&seen.reach, with_hours(desk, seq, records).await?) })
}

/// The cases that a reader of the wall sees.
struct Seen {
    /// The country of a display or integration; `None` for all.
    country: Option<Country>,
    /// The reach of a composed role.
    reach: Reach,
}

impl Seen {
    /// The conditions of it, and their values, which stand for `$first` and further.
    fn condition(&self, first: usize) -> (String, Vec<Bind>) {
        let (mut text, mut binds) = (String::new(), Vec::new());
        if let Some(country) = self.country {
            text = format!(" AND country = ${first}");
            binds.push(Bind::Text(country.code()));
        }
        let (within, more) = self.reach.condition("cases", first + binds.len());
        binds.extend(more);
        (text + &within, binds)
    }
}

/// A snapshot without numbers of cases out of reach.
pub(crate) fn seen_by(reach: &Reach, mut snapshot: Snapshot) -> Snapshot {
    if !reach.is_whole() {
        let rows = &snapshot.rows;
        snapshot.clashing.retain(|number| rows.iter().any(|row| row.number == *number));
    }
    snapshot
}

/// The most urgent cases that are announced.
const URGENT: i64 = 99;

/// New P1 cases without an assignee, the oldest first.
///
/// # Errors
/// See [`DeskError`].
pub async fn urgent(desk: &Desk, actor: &Actor) -> Result<Vec<CaseNumber>, DeskError> {
    may(actor, Action::ReadWall, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let (condition, binds) = Reach::of(actor).condition("cases", 4);
    let query = sqlx::query(AssertSqlSafe(format!(
        "SELECT number FROM cases WHERE holder_id = 0 AND status = $1 AND priority = $2{condition}
         ORDER BY opened_utc_s, number LIMIT $3"
    )))
    .bind(Status::New.code())
    .bind(Priority::P1.code())
    .bind(URGENT);
    let query = bound(query, binds);
    let rows = query.fetch_all(&mut *reader).await.map_err(StoreError::from)?;
    let read = |row: &AnyRow| {
        let number: String = row.try_get(0)?;
        CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))
    };
    Ok(rows.iter().map(read).collect::<Result<_, StoreError>>()?)
}

/// A part of the open cases on a wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Cases without a breach.
    Savable,
    /// Breached cases.
    Breached,
}

impl Part {
    /// The most rows of the part: more than a wall shows.
    const fn rows(self) -> usize {
        match self {
            Self::Savable => 400,
            Self::Breached => 100,
        }
    }
}

/// The first rows of a part.
async fn listed(reader: &mut AnyConnection, part: Part, seen: &Seen) -> Result<Vec<CaseRecord>, StoreError> {
    let compared = match part {
        Part::Savable => "<",
        Part::Breached => ">=",
    };
    let (condition, binds) = seen.condition(2);
    let text = format!(
        "SELECT {CASE_COLUMNS} FROM cases WHERE is_open = 1{condition} AND sort_key {compared} $1
         ORDER BY sort_key, number LIMIT {rows}",
        rows = part.rows()
    );
    let query = bound(sqlx::query(AssertSqlSafe(text)).bind(Band::Breached.first_key()), binds);
    read(&query.fetch_all(reader).await?)
}

/// The rows of a query for [`CASE_COLUMNS`].
fn read(rows: &[AnyRow]) -> Result<Vec<CaseRecord>, StoreError> {
    Ok(rows.iter().map(CaseRecord::from_row).collect::<Result<_, sqlx::Error>>()?)
}

/// Number of open cases of each band that are left out.
async fn beyond(
    reader: &mut AnyConnection,
    seen: &Seen,
    savable: usize,
    breached: usize,
) -> Result<[i64; Band::ALL.len()], StoreError> {
    let (condition, binds) = seen.condition(1);
    let counts = Band::ALL.map(|band| format!("COUNT(CASE WHEN sort_key < {} THEN 1 END)", band.first_key()));
    let text = format!("SELECT {}, COUNT(*) FROM cases WHERE is_open = 1{condition}", counts.join(", "));
    let query = bound(sqlx::query(AssertSqlSafe(text)), binds);
    let row = query.fetch_one(reader).await?;
    let mut sent = (savable, breached);
    let mut more = [0; Band::ALL.len()];
    for (place, band) in Band::ALL.into_iter().enumerate() {
        let (before, up_to): (i64, i64) = (row.try_get(place)?, row.try_get(place + 1)?);
        // The first of each part are sent, so the bands are used up in their order.
        let left = if band.can_be_saved() { &mut sent.0 } else { &mut sent.1 };
        let shown = usize::try_from(up_to - before).unwrap_or(0).min(*left);
        *left -= shown;
        if let Some(more) = more.get_mut(place) {
            *more = up_to - before - i64::try_from(shown).unwrap_or(0);
        }
    }
    Ok(more)
}

/// Makes a snapshot of rows, with their service hours.
pub(crate) async fn with_hours(
    desk: &Desk,
    seq: i64,
    records: Vec<CaseRecord>,
) -> Result<Snapshot, StoreError> {
    let mut rows = records.into_iter().map(CaseRow::try_from).collect::<Result<Vec<_>, _>>()?;
    let mut hours: HashMap<ServiceHoursRef, ServiceHours> = HashMap::new();
    for row in &mut rows {
        let laid = desk.hours(&row.hours).await?;
        fold(row, &laid, desk.now());
        if !hours.contains_key(&row.hours) {
            hours.insert(row.hours.clone(), desk.hours_for_display(&laid));
        }
    }
    let hours = hours.into_iter().collect();
    Ok(Snapshot {
        seq,
        now: desk.now(),
        hours,
        rows,
        more: Default::default(),
        clashing: clashing(desk).await?,
    })
}

/// Folds a row's clocks up to now. A display's hours begin shortly before, while a case may have been quiet for longer.
fn fold(row: &mut CaseRow, hours: &ServiceHours, now: Instant) {
    for clock in &mut row.clocks {
        *clock = clock.folded(&hours.spans, now);
    }
}

/// The cases of a country, or of all, and of a reach whose last change is above one number and not above another. Each comes
/// once, in its present state. [`CHANGES`] at most: ask again from the last.
pub(crate) async fn changes_between(
    desk: &Desk,
    after: i64,
    to: i64,
    country: Option<Country>,
    reach: &Reach,
) -> Result<Vec<Change>, StoreError> {
    let mut reader = desk.store().reader().await?;
    // The cast keeps SQLite to the order of changes.
    let in_country = if country.is_some() { "AND CAST(country AS TEXT) = $4" } else { "" };
    let (condition, binds) = reach.condition("cases", if country.is_some() { 5 } else { 4 });
    let text = format!(
        "SELECT {CASE_COLUMNS} FROM cases WHERE seq > $1 AND seq <= $2 {in_country}{condition} ORDER BY seq LIMIT $3"
    );
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(after).bind(to).bind(CHANGES);
    if let Some(country) = country {
        query = query.bind(country.code());
    }
    let records = read(&bound(query, binds).fetch_all(&mut *reader).await?)?;
    drop(reader);
    let clashing = if records.is_empty() { Vec::new() } else { clashing(desk).await? };
    let mut changes = Vec::with_capacity(records.len());
    for record in records {
        let seq = record.seq;
        let mut row = CaseRow::try_from(record)?;
        let laid = desk.hours(&row.hours).await?;
        fold(&mut row, &laid, desk.now());
        let (hours, clashing) = (desk.hours_for_display(&laid), clashing.clone());
        changes.push(within(reach, Change { seq, row, hours, clashing }));
    }
    Ok(changes)
}

/// A change without numbers of other cases, for a reader of some cases alone.
fn within(reach: &Reach, mut change: Change) -> Change {
    if !reach.is_whole() {
        let own = change.row.number;
        change.clashing.retain(|number| *number == own);
    }
    change
}

/// A change of a case as an actor sees it; `None` when the case is out of reach.
///
/// # Errors
/// When the database does not answer.
pub async fn change_for(desk: &Desk, actor: &Actor, change: &Change) -> Result<Option<Change>, StoreError> {
    let is_seen = reach::exists_for(desk, actor, change.row.number).await?;
    Ok(is_seen.then(|| within(&Reach::of(actor), change.clone())))
}

/// The changed cases in a reader's scope after `seq`. `None` when they are so many that a snapshot is better.
///
/// # Errors
/// See [`DeskError`].
pub async fn missed(desk: &Desk, actor: &Actor, seq: i64) -> Result<Option<Vec<Change>>, DeskError> {
    may(actor, Action::ReadWall, Subject::Desk)?;
    let head = desk.feed().head();
    // The feed may just be sending what is above its head to those who came earlier.
    let mut reader = desk.store().reader().await?;
    let complete = last_entry_number(desk.store(), &mut reader).await?.max(head);
    reader.done();
    if seq > complete {
        return Ok(None);
    }
    let changes = changes_between(desk, seq, complete, scope_of(actor).country, &Reach::of(actor)).await?;
    let is_whole = i64::try_from(changes.len()).is_ok_and(|count| count < CHANGES);
    Ok(is_whole.then_some(changes))
}

/// Metrics: the number of open cases, and of breached ones without a target at risk.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(desk: &Desk) -> Result<(i64, i64), StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT COUNT(*), COUNT(CASE WHEN sort_key >= $1 THEN 1 END) FROM cases WHERE is_open = 1",
    )
    .bind(Band::Breached.first_key())
    .fetch_one(&mut *reader)
    .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

//! Use-case: what a wall shows. A snapshot first, then numbered changes.

use std::collections::HashMap;

use domain::actor::{Action, Actor, NotPermitted, Subject, may, scope_of};
use domain::calendar::week::CalendarId;
use domain::case::{HoursKept, Status};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::{Coverage, Doubt, Hours};
use domain::time::Instant;
use domain::view::{CaseRow, Change, Snapshot};
use domain::weight::{Platform, Priority};
use sqlx::Row;
use thiserror::Error;

use crate::Desk;
use crate::store::{StoreError, row};

/// Rows that a wall is sent at most: more than any wall can page through.
const ROWS: i64 = 500;
/// Changes that are read at once.
const CHANGES: i64 = 200;

/// Why nothing is shown.
#[derive(Debug, Clone, Error)]
pub enum BoardError {
    /// The actor may not see it.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// Try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

row! {
    pub(crate) struct CaseRecord {
        number: String,
        version: i64,
        seq: i64,
        country: String,
        status: String,
        priority: String,
        coverage: String,
        customer: String,
        platform: String,
        equipment: String,
        opened_utc_s: i64,
        calendar_id: i64,
        calendar_version: i64,
        zone: String,
        clocks: String,
    }
}

impl TryFrom<CaseRecord> for CaseRow {
    type Error = StoreError;

    fn try_from(record: CaseRecord) -> Result<Self, StoreError> {
        let wrong = |what: &str| StoreError::inconsistent("cases", format!("{}: {what}", record.number));
        Ok(Self {
            number: CaseNumber::parse(&record.number).map_err(|_| wrong("number"))?,
            version: u32::try_from(record.version).map_err(|_| wrong("version"))?,
            country: Country::from_code(&record.country).ok_or_else(|| wrong("country"))?,
            status: Status::from_code(&record.status).ok_or_else(|| wrong("status"))?,
            priority: Priority::from_code(&record.priority).ok_or_else(|| wrong("priority"))?,
            coverage: coverage(&record.coverage).ok_or_else(|| wrong("coverage"))?,
            platform: Platform::from_code(&record.platform).ok_or_else(|| wrong("platform"))?,
            opened_at: Instant(record.opened_utc_s),
            hours: HoursKept {
                calendar: CalendarId(record.calendar_id),
                version: u32::try_from(record.calendar_version).map_err(|_| wrong("calendar_version"))?,
                zone: record.zone.clone(),
            },
            clocks: serde_json::from_str(&record.clocks).map_err(|_| wrong("clocks"))?,
            customer: record.customer,
            equipment: record.equipment,
        })
    }
}

fn coverage(code: &str) -> Option<Coverage> {
    let doubts = [
        Doubt::NoContract,
        Doubt::UnknownContract,
        Doubt::NotYetInForce,
        Doubt::Expired,
        Doubt::UnknownSerial,
        Doubt::SerialNotCovered,
    ];
    let all = doubts.into_iter().map(Coverage::ToValidate).chain([Coverage::Covered]);
    all.into_iter().find(|coverage| coverage.code() == code)
}

/// All open cases that the actor may see, the first due first.
///
/// # Errors
/// See [`BoardError`].
pub async fn snapshot(desk: &Desk, actor: &Actor) -> Result<Snapshot, BoardError> {
    may(actor, Action::ReadBoard, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    // Read before the rows: a change in between comes once more, which does no harm; none is missed.
    let seq = desk.feed().head();
    let records: Vec<CaseRecord> = match scope_of(actor).country {
        None => sqlx::query_as(
            "SELECT number, version, seq, country, status, priority, coverage, customer, platform, equipment,
                        opened_utc_s, calendar_id, calendar_version, zone, clocks
                 FROM cases WHERE is_open = 1 ORDER BY due_utc_s, number LIMIT $1",
        )
        .bind(ROWS)
        .fetch_all(&mut *reader)
        .await,
        Some(country) => sqlx::query_as(
            "SELECT number, version, seq, country, status, priority, coverage, customer, platform, equipment,
                        opened_utc_s, calendar_id, calendar_version, zone, clocks
                 FROM cases WHERE is_open = 1 AND country = $2 ORDER BY due_utc_s, number LIMIT $1",
        )
        .bind(ROWS)
        .bind(country.code())
        .fetch_all(&mut *reader)
        .await,
    }
    .map_err(StoreError::from)?;
    drop(reader);
    Ok(with_hours(desk, seq, records).await?)
}

/// Makes a snapshot of rows, with the hours that they name.
pub(crate) async fn with_hours(
    desk: &Desk,
    seq: i64,
    records: Vec<CaseRecord>,
) -> Result<Snapshot, StoreError> {
    let mut rows = records.into_iter().map(CaseRow::try_from).collect::<Result<Vec<_>, _>>()?;
    let mut hours: HashMap<HoursKept, Hours> = HashMap::new();
    for row in &mut rows {
        let laid = desk.hours(&row.hours).await?;
        fold(row, &laid, desk.now());
        if !hours.contains_key(&row.hours) {
            hours.insert(row.hours.clone(), desk.hours_for_display(&laid));
        }
    }
    let hours = hours.into_iter().collect();
    Ok(Snapshot { seq, now: desk.now(), hours, rows })
}

/// Folds a row's clocks on to now: the hours that a display is sent begin not long before, and a case may have been
/// quiet for longer.
fn fold(row: &mut CaseRow, hours: &Hours, now: Instant) {
    for clock in &mut row.clocks {
        *clock = clock.folded(&hours.spans, now);
    }
}

/// The cases that changed after a number of the sequence, each once as it stands now, in the order of their last
/// change. At most some hundred at once: ask again from the last.
pub(crate) async fn changes_after(desk: &Desk, seq: i64) -> Result<Vec<Change>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let records: Vec<CaseRecord> = sqlx::query_as(
        "SELECT number, version, seq, country, status, priority, coverage, customer, platform, equipment,
                opened_utc_s, calendar_id, calendar_version, zone, clocks
         FROM cases WHERE seq > $1 ORDER BY seq LIMIT $2",
    )
    .bind(seq)
    .bind(CHANGES)
    .fetch_all(&mut *reader)
    .await?;
    drop(reader);
    let mut changes = Vec::with_capacity(records.len());
    for record in records {
        let seq = record.seq;
        let mut row = CaseRow::try_from(record)?;
        let laid = desk.hours(&row.hours).await?;
        fold(&mut row, &laid, desk.now());
        changes.push(Change { seq, row, hours: desk.hours_for_display(&laid) });
    }
    Ok(changes)
}

/// What a display that comes back missed: the cases in its scope that changed after `seq`. `None` when that is so much
/// that a snapshot is the better answer.
///
/// # Errors
/// See [`BoardError`].
pub async fn missed(desk: &Desk, actor: &Actor, seq: i64) -> Result<Option<Vec<Change>>, BoardError> {
    may(actor, Action::ReadBoard, Subject::Desk)?;
    if seq > desk.feed().head() {
        return Ok(None);
    }
    let changes = changes_after(desk, seq).await?;
    if i64::try_from(changes.len()).is_ok_and(|count| count >= CHANGES) {
        return Ok(None);
    }
    let scope = scope_of(actor);
    Ok(Some(changes.into_iter().filter(|change| scope.holds(change.row.country)).collect()))
}

/// How many cases are open, and how many of them are past due: for metrics.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(desk: &Desk) -> Result<(i64, i64), StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT COUNT(*), COUNT(CASE WHEN due_utc_s < $1 AND status <> 'on_hold' THEN 1 END)
         FROM cases WHERE is_open = 1",
    )
    .bind(desk.now().0)
    .fetch_one(&mut *reader)
    .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

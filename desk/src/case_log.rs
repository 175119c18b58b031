//! Histories in the database: reading one, and appending to one together with everything that follows from it.

use domain::actor::Actor;
use domain::case::{Author, Band, Case, Event, Origin, Rank, Recorded, ServiceHoursRef};
use domain::case_number::CaseNumber;
use domain::contract_number::ContractNumber;
use domain::entitlement::ServiceHours;
use domain::site::Site;
use domain::text::Location;
use domain::time::Instant;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::rank_rows::fault;
use crate::register;
use crate::store::{Statement, StoreError, Table, Tx, insert_all, list, portions};

/// After everything that is due: cases that wait for nobody's promise.
const NEVER_DUE: i64 = i64::MAX;

/// What a case is called in lists, settled when it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    /// The organisation; empty when unknown.
    pub(crate) customer: String,
    /// Maker and model as registered, else the serial.
    pub(crate) equipment: String,
    /// Where it stands as registered.
    pub(crate) site: Option<Site>,
}

impl Labels {
    /// The site as registered, else the place in the customer's words.
    pub(crate) fn place(&self, location: &Location) -> String {
        self.site.as_ref().map_or_else(|| location.to_string(), Site::label)
    }

    /// Reads customer, equipment and site from a row, in its columns from `first` on.
    fn read(row: &AnyRow, first: usize) -> Result<Self, StoreError> {
        let is_placed = row.try_get::<Option<i64>, _>(first + 2)?.is_some();
        Ok(Self {
            customer: row.try_get(first)?,
            equipment: row.try_get(first + 1)?,
            site: is_placed.then(|| register::read_site(row, first + 2)).transpose()?,
        })
    }
}

/// The whole history of a case, in order; empty when there is no such case.
pub(crate) async fn history(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Vec<Recorded>, StoreError> {
    let rows = sqlx::query("SELECT document FROM case_events WHERE case_number = $1 ORDER BY version")
        .bind(number.as_compact())
        .fetch_all(connection)
        .await?;
    rows.iter().map(recorded).collect()
}

/// The same together with what the case is called in lists, in one trip; `None` when there is no such case.
pub(crate) async fn history_and_labels(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Option<(Vec<Recorded>, Labels)>, StoreError> {
    let rows = sqlx::query(
        "SELECT e.document, c.customer, c.equipment, s.id, s.name, s.address
         FROM case_events e JOIN cases c ON c.number = e.case_number LEFT JOIN sites s ON s.id = c.site_id
         WHERE e.case_number = $1 ORDER BY e.version",
    )
    .bind(number.as_compact())
    .fetch_all(connection)
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let labels = Labels::read(first, 1)?;
    Ok(Some((rows.iter().map(recorded).collect::<Result<_, _>>()?, labels)))
}

/// What a case is called in lists.
pub(crate) async fn labels(connection: &mut AnyConnection, number: CaseNumber) -> Result<Labels, StoreError> {
    let row = sqlx::query(
        "SELECT c.customer, c.equipment, s.id, s.name, s.address
         FROM cases c LEFT JOIN sites s ON s.id = c.site_id WHERE c.number = $1",
    )
    .bind(number.as_compact())
    .fetch_one(connection)
    .await?;
    Labels::read(&row, 0)
}

/// Cases as their histories make them, each with what it is called in lists, in the order of their numbers. Those that are
/// not there are left out.
pub(crate) async fn cases_and_labels(
    connection: &mut AnyConnection,
    numbers: &[CaseNumber],
) -> Result<Vec<(Case, Labels)>, StoreError> {
    let mut found = Vec::with_capacity(numbers.len());
    for some in portions(numbers) {
        let text = format!(
            "SELECT e.document, c.number, c.customer, c.equipment, s.id, s.name, s.address
             FROM case_events e JOIN cases c ON c.number = e.case_number LEFT JOIN sites s ON s.id = c.site_id
             WHERE e.case_number IN ({}) ORDER BY e.case_number, e.version",
            list(0, some.len())
        );
        let query = sqlx::query(AssertSqlSafe(text));
        let query = some.iter().fold(query, |query, number| query.bind(number.as_compact()));
        let rows = query.fetch_all(&mut *connection).await?;
        let number = |row: &AnyRow| row.try_get::<String, _>(1).ok();
        for rows in rows.chunk_by(|one, next| number(one) == number(next)) {
            let Some(first) = rows.first() else { continue };
            let labels = Labels::read(first, 2)?;
            let history = rows.iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
            found.push((fold(&history)?, labels));
        }
    }
    Ok(found)
}

/// An entry, from a row that begins with its document.
fn recorded(row: &AnyRow) -> Result<Recorded, StoreError> {
    let document: &str = row.try_get(0)?;
    serde_json::from_str(document).map_err(|error| StoreError::inconsistent("case_events", error))
}

/// Folds a history that the database holds.
pub(crate) fn fold(history: &[Recorded]) -> Result<Case, StoreError> {
    Case::from_history(history).map_err(|error| StoreError::inconsistent("case_events", error))
}

/// Puts events into the form in which they are kept: numbered on from `version`, with who, when and from where.
pub(crate) fn record(
    version: u32,
    events: Vec<Event>,
    actor: &Actor,
    origin: Origin,
    at: Instant,
) -> Vec<Recorded> {
    let stamp = |(version, event)| Recorded { version, at, by: Author::from(actor), origin, event };
    (version + 1..).zip(events).map(stamp).collect()
}

/// Appends to the desk's history, in the order given and under the lock of its sequence; the number of the last entry.
pub(crate) async fn append(tx: &mut Tx, entries: &[(CaseNumber, &Recorded)]) -> Result<i64, StoreError> {
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let last = take_numbers(tx, "feed", count).await?;
    let row = |(seq, &(number, entry))| LogEntry::new(seq, number, entry);
    let rows = (last - count + 1..).zip(entries).map(row).collect::<Result<Vec<_>, _>>()?;
    insert_all(tx.connection(), EVENTS.head, EVENTS.columns, &rows, LogEntry::bind).await?;
    tx.announce().await?;
    Ok(last)
}

/// The history, which is appended to.
pub(crate) const EVENTS: Table = Table {
    head: "INSERT INTO case_events (seq, case_number, version, at_utc_s, kind, document)",
    columns: 6,
    tail: "",
};

/// An entry of the history as its row.
pub(crate) struct LogEntry {
    seq: i64,
    number: CaseNumber,
    version: u32,
    at: Instant,
    kind: &'static str,
    document: String,
}

impl LogEntry {
    pub(crate) fn new(seq: i64, number: CaseNumber, entry: &Recorded) -> Result<Self, StoreError> {
        let document =
            serde_json::to_string(entry).map_err(|error| StoreError::inconsistent("case_events", error))?;
        let kind = entry.event.kind();
        Ok(Self { seq, number, version: entry.version, at: entry.at, kind, document })
    }

    pub(crate) fn bind(
        statement: Statement,
        Self { seq, number, version, at, kind, document }: &Self,
    ) -> Statement {
        statement
            .bind(*seq)
            .bind(number.as_compact())
            .bind(i64::from(*version))
            .bind(at.0)
            .bind(*kind)
            .bind(document.as_str())
    }
}

/// The next `count` numbers of a sequence: the last of them.
pub(crate) async fn take_numbers(tx: &mut Tx, name: &str, count: i64) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "INSERT INTO sequences (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = sequences.value + excluded.value
         RETURNING value",
    )
    .bind(name)
    .bind(count)
    .fetch_one(tx.connection())
    .await?;
    Ok(row.try_get(0)?)
}

/// The part of a case's row that changes with its history.
pub(crate) struct Summary {
    pub(crate) clocks: String,
    /// The moment by which the case has its place in its band.
    pub(crate) due_utc_s: i64,
    /// Its place in the order of work, as of the moment at which it was summed up.
    pub(crate) sort_key: i64,
    pub(crate) alarm_utc_s: Option<i64>,
    pub(crate) is_open: i64,
}

pub(crate) fn summary(case: &Case, hours: &ServiceHours, now: Instant) -> Result<Summary, StoreError> {
    let clocks = case.clocks(&hours.spans, now);
    let rank = Rank::of(&clocks, &hours.spans, now);
    Ok(Summary {
        due_utc_s: if rank.band == Band::Done { NEVER_DUE } else { rank.at.0 },
        sort_key: rank.sort_key(case.priority()),
        alarm_utc_s: case.next_run(hours, now).map(|at| at.0),
        is_open: i64::from(case.status().is_open()),
        clocks: serde_json::to_string(&clocks).map_err(|error| StoreError::inconsistent("cases", error))?,
    })
}

/// The rows of cases that are opened.
pub(crate) const CASES: Table = Table {
    head: "INSERT INTO cases (number, version, seq, submission_key, country, status, priority, coverage, customer,
                              platform, equipment, contract_number, serial, opened_utc_s, calendar_id,
                              calendar_version, zone, clocks, is_open, due_utc_s, sort_key, alarm_utc_s, fault,
                              site_id, place)",
    columns: 25,
    tail: "",
};

/// A case that was just opened, as its row.
pub(crate) struct NewCase<'a> {
    pub(crate) case: &'a Case,
    pub(crate) labels: Labels,
    pub(crate) summary: Summary,
    pub(crate) submission_key: &'a str,
    /// The number of its opening in the desk's sequence.
    pub(crate) seq: i64,
}

impl NewCase<'_> {
    pub(crate) fn bind(statement: Statement, new: &Self) -> Statement {
        let Self { case, labels, summary, submission_key, seq } = new;
        let opening = &case.opening;
        let ServiceHoursRef { calendar, version, zone } = &opening.hours;
        statement
            .bind(opening.number.as_compact())
            .bind(i64::from(case.version))
            .bind(*seq)
            .bind(*submission_key)
            .bind(opening.report.country.code())
            .bind(case.status().code())
            .bind(case.priority().code())
            .bind(opening.coverage.code())
            .bind(labels.customer.as_str())
            .bind(opening.report.platform.code())
            .bind(labels.equipment.as_str())
            .bind(opening.report.contract.as_ref().map_or("", ContractNumber::as_str))
            .bind(opening.report.serial.as_str())
            .bind(case.opened_at.0)
            .bind(calendar.0)
            .bind(i64::from(*version))
            .bind(zone.as_str())
            .bind(summary.clocks.as_str())
            .bind(summary.is_open)
            .bind(summary.due_utc_s)
            .bind(summary.sort_key)
            .bind(summary.alarm_utc_s)
            .bind(fault(case))
            .bind(labels.site.as_ref().map(|site| site.id.0))
            .bind(labels.place(&opening.report.location))
    }
}

/// Brings the row of a case up to its history.
pub(crate) async fn update_row(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    now: Instant,
    seq: i64,
) -> Result<(), StoreError> {
    let Summary { clocks, due_utc_s, sort_key, alarm_utc_s, is_open } = summary(case, hours, now)?;
    let done = sqlx::query(
        "UPDATE cases SET version = $2, seq = $3, status = $4, priority = $5, clocks = $6, is_open = $7,
                          due_utc_s = $8, alarm_utc_s = $9, first_priority = $10, sort_key = $11, fault = $12,
                          place = CASE WHEN site_id IS NULL THEN $13 ELSE place END
         WHERE number = $1",
    )
    .bind(case.opening.number.as_compact())
    .bind(i64::from(case.version))
    .bind(seq)
    .bind(case.status().code())
    .bind(case.priority().code())
    .bind(clocks)
    .bind(is_open)
    .bind(due_utc_s)
    .bind(alarm_utc_s)
    .bind(case.opening.priority.code())
    .bind(sort_key)
    .bind(fault(case))
    .bind(case.opening.report.location.as_str())
    .execute(tx.connection())
    .await?;
    match done.rows_affected() {
        1 => Ok(()),
        rows => Err(StoreError::inconsistent("cases", format!("{rows} rows for {}", case.opening.number))),
    }
}

/// Writes the clocks of a case's row anew: what is told of its history has changed. The clocks are as they stood with its last
/// entry, its place in the order of work and when to look at it next are those of `now`.
pub(crate) async fn refresh_clocks(
    tx: &mut Tx,
    case: &Case,
    hours: &ServiceHours,
    history: &[Recorded],
    now: Instant,
) -> Result<(), StoreError> {
    let last = history.last().map_or(case.opened_at, |entry| entry.at);
    let Summary { clocks, .. } = summary(case, hours, last)?;
    let Summary { due_utc_s, sort_key, alarm_utc_s, .. } = summary(case, hours, now.max(last))?;
    sqlx::query(
        "UPDATE cases SET clocks = $2, due_utc_s = $3, sort_key = $4, alarm_utc_s = $5 WHERE number = $1",
    )
    .bind(case.opening.number.as_compact())
    .bind(clocks)
    .bind(due_utc_s)
    .bind(sort_key)
    .bind(alarm_utc_s)
    .execute(tx.connection())
    .await?;
    Ok(())
}

//! Histories in the database: reading, and appending with all projections.

use domain::actor::Actor;
use domain::case::{Author, Case, Event, Origin, Recorded};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::Ports;
use crate::audit::chain::{self, FIRST, Link};
use crate::audit::histories;
use crate::contracts::labels::Labels;
use crate::store::{
    Statement, Store, StoreError, Table, Tx, insert_all, list, portions, take_numbers_in_order,
};

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

/// History and labels of a case in one query; `None` when there is no such case.
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

/// Labels of a case in lists.
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

/// Folded cases with their labels, by number. Missing cases are left out.
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

/// Histories of cases, by number. Missing cases are left out.
pub(crate) async fn histories(
    connection: &mut AnyConnection,
    numbers: &[CaseNumber],
) -> Result<Vec<(CaseNumber, Vec<Recorded>)>, StoreError> {
    let mut found = Vec::with_capacity(numbers.len());
    for some in portions(numbers) {
        let text = format!(
            "SELECT document, case_number FROM case_events WHERE case_number IN ({}) ORDER BY case_number, version",
            list(0, some.len())
        );
        let query = sqlx::query(AssertSqlSafe(text));
        let query = some.iter().fold(query, |query, number| query.bind(number.as_compact()));
        let rows = query.fetch_all(&mut *connection).await?;
        let number = |row: &AnyRow| row.try_get::<String, _>(1).ok();
        for rows in rows.chunk_by(|one, next| number(one) == number(next)) {
            let Some(text) = rows.first().and_then(number) else { continue };
            let number = CaseNumber::parse(&text)
                .map_err(|error| StoreError::inconsistent("case_events", format!("{error:?}")))?;
            found.push((number, rows.iter().map(recorded).collect::<Result<_, _>>()?));
        }
    }
    Ok(found)
}

/// An entry, from a row that begins with its document.
fn recorded(row: &AnyRow) -> Result<Recorded, StoreError> {
    let document: &str = row.try_get(0)?;
    serde_json::from_str(document).map_err(|error| StoreError::inconsistent("case_events", error))
}

/// Folds a history of the database.
pub(crate) fn fold(history: &[Recorded]) -> Result<Case, StoreError> {
    Case::from_history(history).map_err(|error| StoreError::inconsistent("case_events", error))
}

/// Makes entries of events: numbered after `version`, with author, time and origin.
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

/// Appends entries of one case in the given order. Gives the number of the last one.
pub(crate) async fn append(
    tx: &mut Tx,
    ports: &Ports,
    number: CaseNumber,
    entries: &[Recorded],
) -> Result<i64, StoreError> {
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let last = take_numbers_in_order(tx, "feed", count).await?;
    let Some(first) = entries.first() else { return Ok(last) };
    let mut before = histories::head(tx, ports, number, first.version.saturating_sub(1)).await?;
    let mut rows = Vec::with_capacity(entries.len());
    for (seq, entry) in (last - count + 1..).zip(entries) {
        let row = LogEntry::new(seq, number, entry, &before, ports)?;
        before.clone_from(&row.digest);
        rows.push(row);
    }
    insert_all(tx.connection(), EVENTS.head, EVENTS.columns, &rows, LogEntry::bind).await?;
    tx.announce();
    Ok(last)
}

/// The history. Entries are appended; an erasure rewrites their texts in place, and `vigia demo remove` deletes whole histories.
pub(crate) const EVENTS: Table = Table {
    head: "INSERT INTO case_events (seq, case_number, version, at_utc_s, kind, document, salt, digest)",
    columns: 8,
    tail: "",
};

/// An entry as a row.
pub(crate) struct LogEntry {
    seq: i64,
    number: CaseNumber,
    version: u32,
    at: Instant,
    kind: &'static str,
    document: String,
    salt: String,
    digest: String,
}

impl LogEntry {
    /// The first entry of a history.
    pub(crate) fn opening(
        seq: i64,
        number: CaseNumber,
        entry: &Recorded,
        ports: &Ports,
    ) -> Result<Self, StoreError> {
        Self::new(seq, number, entry, FIRST, ports)
    }

    /// An entry; `before` is the digest of the one before it in the same history.
    fn new(
        seq: i64,
        number: CaseNumber,
        entry: &Recorded,
        before: &str,
        ports: &Ports,
    ) -> Result<Self, StoreError> {
        let document =
            serde_json::to_string(entry).map_err(|error| StoreError::inconsistent("case_events", error))?;
        let (kind, salt) = (entry.event.kind(), chain::salt(ports));
        let link = Link {
            seq,
            case: &number.as_compact(),
            version: i64::from(entry.version),
            at_utc_s: entry.at.0,
            kind,
            content: &chain::content(&salt, &document),
        };
        let digest = link.digest(before);
        Ok(Self { seq, number, version: entry.version, at: entry.at, kind, document, salt, digest })
    }

    pub(crate) fn bind(
        statement: Statement,
        Self { seq, number, version, at, kind, document, salt, digest }: &Self,
    ) -> Statement {
        statement
            .bind(*seq)
            .bind(number.as_compact())
            .bind(i64::from(*version))
            .bind(at.0)
            .bind(*kind)
            .bind(document.as_str())
            .bind(salt.as_str())
            .bind(digest.as_str())
    }
}

/// Number of the last committed entry below which none is missing; 0 when there is none.
pub(crate) async fn last_entry_number(store: &Store, reader: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(store.horizon(reader).await?.last)
}

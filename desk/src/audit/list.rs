//! Reading the audit log: pages, the newest first.

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::{AuditEntry, AuditKind};
use domain::country::Country;
use domain::time::Instant;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::Desk;
use crate::DeskError;
use crate::store::{Snapshot, StoreError, newest_schema};

/// The most entries of a page.
pub const AUDIT_ROWS_MAX: u32 = 200;

/// The last entry.
const HEAD: &str = "SELECT id, digest FROM audit_log ORDER BY id DESC LIMIT 1";

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of one kind. Without one, seals are left out: they say nothing of people.
    pub kind: Option<AuditKind>,
    /// With this in a name of a person, system or subject, or in the number of a case; empty for all.
    pub words: String,
    /// Not before this time.
    pub from: Option<Instant>,
    /// Before this time.
    pub to: Option<Instant>,
    /// About one country.
    pub country: Option<Country>,
}

/// A page of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries, the newest first.
    pub entries: Vec<AuditEntry>,
    /// The number from which the next page goes on; `None` on the last one.
    pub next: Option<i64>,
}

/// The entries before number `before` that are wanted, at most `rows`; without a number from the newest on. What was noted until
/// now is among them.
///
/// # Errors
/// See [`DeskError`].
pub async fn read(
    desk: &Desk,
    actor: &Actor,
    filter: &AuditFilter,
    before: Option<i64>,
    rows: u32,
) -> Result<AuditPage, DeskError> {
    may(actor, Action::ReadAudit, Subject::Desk)?;
    desk.audit().flush().await;
    let mut reader = desk.store().reader().await?;
    let page = find(&mut reader, filter, before, rows.clamp(1, AUDIT_ROWS_MAX)).await?;
    reader.done();
    Ok(page)
}

async fn find(
    connection: &mut AnyConnection,
    filter: &AuditFilter,
    before: Option<i64>,
    rows: u32,
) -> Result<AuditPage, StoreError> {
    let (text, words) = query(filter, rows);
    let mut statement = sqlx::query(AssertSqlSafe(text)).bind(before.unwrap_or(i64::MAX));
    statement = match filter.kind {
        Some(kind) => statement.bind(kind.code()),
        None => statement.bind(AuditKind::Sealed.code()),
    };
    if let Some(words) = words {
        statement = statement.bind(words);
    }
    for bound in [filter.from, filter.to].into_iter().flatten() {
        statement = statement.bind(bound.0);
    }
    if let Some(country) = filter.country {
        statement = statement.bind(country.code());
    }
    let mut found = statement.fetch_all(connection).await?;
    let most = usize::try_from(rows).unwrap_or(usize::MAX);
    let has_more = found.len() > most;
    found.truncate(most);
    let entries = found.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let next = entries.last().filter(|_| has_more).map(|last| last.id);
    Ok(AuditPage { entries, next })
}

/// The query for a page and one entry more, and the words that it is bound to.
pub(super) fn query(filter: &AuditFilter, rows: u32) -> (String, Option<String>) {
    let words = filter.words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let words = (!words.is_empty()).then(|| {
        let literal = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%{literal}%")
    });
    let mut conditions = vec![
        "id < $1".to_owned(),
        match filter.kind {
            Some(_) => "kind = $2".to_owned(),
            None => "kind <> $2".to_owned(),
        },
    ];
    let optional = [
        (words.is_some(), "words LIKE ", " ESCAPE '\\'"),
        (filter.from.is_some(), "at_utc_s >= ", ""),
        (filter.to.is_some(), "at_utc_s < ", ""),
        (filter.country.is_some(), "country = ", ""),
    ];
    let asked = optional.into_iter().filter(|(is_asked, ..)| *is_asked);
    for (place, (_, condition, end)) in (3..).zip(asked) {
        conditions.push(format!("{condition}${place}{end}"));
    }
    let text = format!(
        "SELECT id, at_utc_s, country, network, document, digest FROM audit_log WHERE {}
         ORDER BY id DESC LIMIT {}",
        conditions.join(" AND "),
        u64::from(rows) + 1
    );
    (text, words)
}

fn entry(row: &AnyRow) -> Result<AuditEntry, StoreError> {
    let wrong = |what: &str| StoreError::inconsistent("audit_log", what);
    let (country, network): (String, String) = (row.try_get(2)?, row.try_get(3)?);
    let country = match country.as_str() {
        "" => None,
        code => Some(Country::from_code(code).ok_or_else(|| wrong(code))?),
    };
    let document: &str = row.try_get(4)?;
    Ok(AuditEntry {
        id: row.try_get(0)?,
        at: Instant(row.try_get(1)?),
        record: serde_json::from_str(document).map_err(|error| wrong(&error.to_string()))?,
        network: (!network.is_empty()).then_some(network),
        country,
        digest: row.try_get(5)?,
    })
}

/// Number and digest of the last entry; `None` before the first.
///
/// # Errors
/// When the database does not answer.
pub async fn head(desk: &Desk) -> Result<Option<(i64, String)>, StoreError> {
    desk.audit().flush().await;
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(HEAD).fetch_optional(&mut *reader).await?;
    reader.done();
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

/// The same of the database at `address`, without opening a desk.
///
/// # Errors
/// When the database cannot be read, or its schema is of another version.
pub async fn head_at(address: &str) -> Result<Option<(i64, String)>, StoreError> {
    let mut snapshot = Snapshot::begin(address).await?;
    if snapshot.schema() != newest_schema() {
        return Err(StoreError::inconsistent("_sqlx_migrations", "the schema is of another version"));
    }
    let row = sqlx::query(HEAD).fetch_optional(snapshot.connection()).await?;
    snapshot.end().await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_a_query_follow_what_is_asked() {
        let all = AuditFilter::default();
        let (text, words) = query(&all, 50);
        assert!(text.contains("id < $1 AND kind <> $2\n"), "{text}");
        assert!(words.is_none() && text.ends_with("LIMIT 51"));
        let some = AuditFilter {
            kind: Some(AuditKind::Searched),
            words: "  Marta_ 100% ".into(),
            to: Some(Instant(5)),
            country: Some(Country::Ve),
            ..all
        };
        let (text, words) = query(&some, 50);
        assert!(
            text.contains("kind = $2 AND words LIKE $3 ESCAPE '\\' AND at_utc_s < $4 AND country = $5"),
            "{text}"
        );
        assert_eq!(words.as_deref(), Some("%marta\\_ 100\\%%"));
    }
}

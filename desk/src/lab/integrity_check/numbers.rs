//! Number series: each number is used once, and none is missing but those that were taken out with what they counted.
//!
//! On PostgreSQL the numbers of entries and mails have gaps. Their histories show there whether one is missing.

use std::collections::BTreeMap;

use domain::case_number::CaseNumber;
use sqlx::{AnyConnection, Row};

use super::Inconsistency;
use crate::store::{StoreError, has_gaps};

pub(super) async fn inconsistencies(
    connection: &mut AnyConnection,
) -> Result<Vec<Inconsistency>, StoreError> {
    let mut found = Vec::new();
    let removed = removed(connection).await?;
    let of_rows: &[_] = if has_gaps(connection) {
        &[]
    } else {
        &[
            ("feed", "SELECT COUNT(*), COALESCE(MAX(seq), 0) FROM case_events"),
            ("outbox", "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM outbox"),
        ]
    };
    for &(name, query) in of_rows {
        let row = sqlx::query(query).fetch_one(&mut *connection).await?;
        let (there, last): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let row = sqlx::query("SELECT value FROM sequences WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *connection)
            .await?;
        let counted = row.map(|row| row.try_get(0)).transpose()?.unwrap_or(0);
        // Rows above come from PostgreSQL, and the next start of a desk counts on from them.
        let gone = removed.get(name).map_or(0, |(_, highest)| *highest);
        if last.max(gone) <= counted {
            found.extend(judged(&removed, name.to_owned(), counted, (there, last)));
        }
    }
    found.extend(of_cases(connection, &removed).await?);
    Ok(found)
}

/// How many numbers of a series are no more, and the highest of them.
type Removed = BTreeMap<String, (i64, i64)>;

async fn removed(connection: &mut AnyConnection) -> Result<Removed, StoreError> {
    let rows =
        sqlx::query("SELECT series, removed, highest FROM removed_numbers").fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)))).collect()
}

fn judged(removed: &Removed, name: String, counted: i64, (there, last): (i64, i64)) -> Option<Inconsistency> {
    let (gone, highest) = removed.get(&name).copied().unwrap_or_default();
    let whole = counted == there + gone && counted == last.max(highest);
    (!whole).then_some(Inconsistency::Numbers { name, counted, there, last })
}

/// Case numbers, by country and year.
async fn of_cases(
    connection: &mut AnyConnection,
    removed: &Removed,
) -> Result<Vec<Inconsistency>, StoreError> {
    let mut used: BTreeMap<(String, i64), (i64, i64)> = BTreeMap::new();
    for row in sqlx::query("SELECT number FROM cases").fetch_all(&mut *connection).await? {
        let number: String = row.try_get(0)?;
        let number = CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("cases", error))?;
        let series = (number.country().code().to_owned(), i64::from(number.year()));
        let (there, last) = used.entry(series).or_default();
        *there += 1;
        *last = i64::from(number.sequence()).max(*last);
    }
    let mut found = Vec::new();
    for row in sqlx::query("SELECT country, year, last FROM case_numbers").fetch_all(connection).await? {
        let series: (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        let (there, last) = used.remove(&series).unwrap_or_default();
        let name = format!("{} {}", series.0, series.1);
        found.extend(judged(removed, name, row.try_get(2)?, (there, last)));
    }
    let uncounted = used.into_iter();
    found.extend(uncounted.filter_map(|((country, year), (there, last))| {
        judged(removed, format!("{country} {year}"), 0, (there, last))
    }));
    Ok(found)
}

//! Search terms of a case: complete and without others, once the indexer has passed its history.

use std::collections::BTreeSet;

use domain::case::Case;
use domain::search::index_terms;
use sqlx::{AnyConnection, Row};

use super::Inconsistency;
use crate::cases::lost_link::mailbox_term;
use crate::search;
use crate::store::StoreError;

/// The difference in figures, since terms have names and telephones. Terms are written up to the entry `followed`.
pub(super) async fn finding(
    connection: &mut AnyConnection,
    case: &Case,
    followed: i64,
) -> Result<Option<Inconsistency>, StoreError> {
    let number = case.opening.number;
    let last = search::last_of(connection, number).await?;
    if last.is_none_or(|last| last > followed) || search::waits(connection, number).await? {
        return Ok(None);
    }
    let row = sqlx::query("SELECT customer FROM cases WHERE number = $1")
        .bind(number.as_compact())
        .fetch_optional(&mut *connection)
        .await?;
    // A missing row is another inconsistency.
    let Some(row) = row else { return Ok(None) };
    let customer: String = row.try_get(0)?;
    let report = &case.opening.report;
    let all = index_terms(&customer, report).into_iter();
    let wanted: BTreeSet<Vec<u8>> =
        all.chain([mailbox_term(&report.contact.mail.mailbox())]).map(String::into_bytes).collect();
    let rows = sqlx::query("SELECT term FROM case_terms WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_all(connection)
        .await?;
    let there = rows.iter().map(|row| row.try_get(0)).collect::<Result<BTreeSet<Vec<u8>>, _>>()?;
    Ok((there != wanted).then(|| Inconsistency::Row {
        case: number,
        table: "case_terms",
        column: "term",
        row: Some(format!("{} too many", there.difference(&wanted).count())),
        log: Some(format!("{} more", wanted.difference(&there).count())),
    }))
}

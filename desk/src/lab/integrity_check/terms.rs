//! The search document of a case: complete and without other words, once the indexer has passed its history.

use std::collections::BTreeSet;

use domain::case::Case;
use sqlx::{AnyConnection, Row};

use super::Inconsistency;
use crate::search;
use crate::search::documents::read;
use crate::store::StoreError;

/// The difference in figures, since words have names and telephones. Documents are written up to the entry `followed`.
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
    // A missing row is another inconsistency.
    let Some(document) = read(connection, &[number]).await?.pop() else { return Ok(None) };
    let mailbox = format!("mailbox {} {}", document.mailbox, document.address);
    let wanted: BTreeSet<String> = document.words.into_iter().chain([mailbox]).collect();
    let rows = sqlx::query(
        "SELECT words, '' FROM case_documents WHERE case_number = $1
         UNION ALL SELECT '', mailbox || ' ' || address FROM case_mailboxes WHERE case_number = $1",
    )
    .bind(number.as_compact())
    .fetch_all(connection)
    .await?;
    let mut there = BTreeSet::new();
    for row in rows {
        let (words, mailbox): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        there.extend(words.split(' ').filter(|word| !word.is_empty()).map(str::to_owned));
        there.extend((!mailbox.is_empty()).then(|| format!("mailbox {mailbox}")));
    }
    Ok((there != wanted).then(|| Inconsistency::Row {
        case: number,
        table: "case_documents",
        column: "words",
        row: Some(format!("{} too many", there.difference(&wanted).count())),
        log: Some(format!("{} more", wanted.difference(&there).count())),
    }))
}

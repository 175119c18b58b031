//! The indexer: writes the documents of cases after their opening, and again after each entry.
//!
//! It is not part of the transaction of an opening, which many wait for. It follows the history and writes the documents of
//! several cases together. Its position is stored in the same transaction and compared with the one read, so that of
//! two nodes one writes. Cases that are older than the index, or bear a changed entry of the register, are listed.

use std::time::Duration;

use domain::case_number::CaseNumber;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::documents::{self, Document};
use super::register::catch_up_register;
use crate::Desk;
use crate::events;
use crate::store::{Guarded, StoreError, Tx, list, portions};

/// The shortest time between two looks: commits meanwhile are indexed together.
const REST: Duration = Duration::from_millis(100);
/// While others write, it rests this many times as long as it worked, because on SQLite all share one writer.
const SHARE: u32 = 20;
/// Rest while no one else writes, so that older cases are found soon.
const SHORT_REST: Duration = Duration::from_millis(5);
/// The longest rest. Most of a long look may have been waiting for the writer.
const LONGEST_REST: Duration = Duration::from_secs(2);
/// Wait after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Entries that are followed together: few enough that nobody waits long for the writer.
const PORTION: i64 = 16;

/// Listed cases that are written together. Nobody waits for older cases, so that their documents share more of the index's
/// pages.
const LISTED: i64 = 64;

/// Result of a look at the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Documents were written, by this or another node: there may be more.
    More,
    /// There is nothing to do.
    Done,
}

/// What other writers did meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// The history has grown.
    Write,
    /// It has not.
    Rest,
}

/// How long it rests after a look with more to do.
fn rest(took: Duration, others: Others) -> Duration {
    match others {
        Others::Write => (took * SHARE).clamp(REST, LONGEST_REST),
        Others::Rest => SHORT_REST,
    }
}

/// Follows the history until `stop`. It is idle while nothing is committed.
pub async fn serve(desk: Desk, stop: CancellationToken) {
    let mut changes = desk.feed().changes();
    let mut seen = 0;
    if let Err(error) = catch_up_register(&desk).await {
        tracing::error!(%error, "what the register is found by could not be written");
    }
    stop.run_until_cancelled(async {
        loop {
            let begun = Instant::now();
            match look(&desk, &mut seen).await {
                Ok(Look::More) => {
                    let others =
                        if changes.has_changed().unwrap_or_default() { Others::Write } else { Others::Rest };
                    // The next look covers all commits so far, so they need not wake it.
                    changes.mark_unchanged();
                    tokio::time::sleep(rest(begun.elapsed(), others)).await;
                }
                Ok(Look::Done) => {
                    // The feed lives as long as the desk.
                    if changes.changed().await.is_err() {
                        return;
                    }
                    tokio::time::sleep(REST).await;
                }
                Err(error) => {
                    tracing::error!(%error, "what cases are found by could not be written; trying again");
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
        }
    })
    .await;
}

/// Follows the history to its end, without a rest.
///
/// # Errors
/// When the database fails, or has data of no known version.
pub async fn catch_up(desk: &Desk) -> Result<(), StoreError> {
    let mut seen = 0;
    while look(desk, &mut seen).await? == Look::More {}
    Ok(())
}

/// Writes the documents of the next cases. Up to `seen` this process knows that there is nothing to do.
async fn look(desk: &Desk, seen: &mut i64) -> Result<Look, StoreError> {
    let mut reader = desk.store().reader().await?;
    // Read first: later commits are for the next look, and so are those above one that is still to come.
    let last = events::last_entry_number(desk.store(), &mut reader).await?;
    let before = followed(&mut reader).await?;
    let rows = sqlx::query(
        "SELECT seq, case_number FROM case_events WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3",
    )
    .bind(before.max(*seen))
    .bind(last)
    .bind(PORTION)
    .fetch_all(&mut *reader)
    .await?;
    let Some(row) = rows.last() else {
        reader.done();
        *seen = last;
        return index_relabelled(desk).await;
    };
    let to: i64 = row.try_get(0)?;
    let mut numbers = Vec::with_capacity(rows.len());
    for row in &rows {
        let number: String = row.try_get(1)?;
        numbers.push(
            CaseNumber::parse(&number).map_err(|error| StoreError::inconsistent("case_events", error))?,
        );
    }
    numbers.sort_unstable();
    numbers.dedup();
    let read = documents::read(&mut reader, &numbers).await?;
    reader.done();
    desk.store()
        .write_beside(vec![Guarded::SearchIndex], move |tx| {
            Box::pin(async move { put(tx, (before, to), &read).await })
        })
        .await?;
    Ok(Look::More)
}

/// Names the customer of an organisation's cases anew, and lists the cases for the indexer: their documents name the
/// customer. Of a contract's cases those are meant that bear the former name.
pub(crate) async fn relabel_cases(
    tx: &mut Tx,
    organisation: i64,
    former: &str,
    name: &str,
) -> Result<(), StoreError> {
    let of = "contract_number IN (SELECT k.number FROM contracts k WHERE k.organisation_id = $1) AND customer = $2";
    sqlx::query(AssertSqlSafe(format!(
        "INSERT INTO cases_to_index (case_number) SELECT number FROM cases WHERE {of}
         ON CONFLICT (case_number) DO NOTHING"
    )))
    .bind(organisation)
    .bind(former.to_owned())
    .execute(tx.connection())
    .await?;
    sqlx::query(AssertSqlSafe(format!("UPDATE cases SET customer = $3 WHERE {of}")))
        .bind(organisation)
        .bind(former.to_owned())
        .bind(name.to_owned())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Writes the terms of a changed register, and the documents of the cases that it lists, while the caller goes on. What
/// fails is done by the indexer later, or by the next start of the desk.
pub(crate) fn catch_up_register_behind(desk: &Desk) {
    let desk = desk.clone();
    tokio::spawn(async move {
        if let Err(error) = catch_up_both(&desk).await {
            tracing::error!(%error, "what changed entries are found by could not be written");
        }
    });
}

/// Writes the terms of a changed register, and the documents of the cases that it lists.
///
/// # Errors
/// When the database fails, or has data of no known version.
pub(crate) async fn catch_up_both(desk: &Desk) -> Result<(), StoreError> {
    catch_up_register(desk).await?;
    while index_relabelled(desk).await? == Look::More {
        // Others write in between.
        tokio::time::sleep(SHORT_REST).await;
    }
    Ok(())
}

/// Writes the documents of the next listed cases. They are read in the transaction that writes: another change of the
/// name waits.
async fn index_relabelled(desk: &Desk) -> Result<Look, StoreError> {
    let mut reader = desk.store().reader().await?;
    let some = sqlx::query("SELECT 1 FROM cases_to_index LIMIT 1").fetch_optional(&mut *reader).await?;
    reader.done();
    if some.is_none() {
        return Ok(Look::Done);
    }
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let rows =
                    sqlx::query("SELECT case_number FROM cases_to_index ORDER BY case_number DESC LIMIT $1")
                        .bind(LISTED)
                        .fetch_all(tx.connection())
                        .await?;
                let read = |row: &sqlx::any::AnyRow| -> Result<CaseNumber, StoreError> {
                    let number: String = row.try_get(0)?;
                    CaseNumber::parse(&number)
                        .map_err(|error| StoreError::inconsistent("cases_to_index", error))
                };
                let numbers: Vec<CaseNumber> = rows.iter().map(read).collect::<Result<_, _>>()?;
                let read = documents::read(tx.connection(), &numbers).await?;
                documents::put(tx, &read).await?;
                for some in portions(&numbers) {
                    let text =
                        format!("DELETE FROM cases_to_index WHERE case_number IN ({})", list(0, some.len()));
                    let deletion = sqlx::query(AssertSqlSafe(text));
                    let deletion =
                        some.iter().fold(deletion, |deletion, number| deletion.bind(number.as_compact()));
                    deletion.execute(tx.connection()).await?;
                }
                Ok::<_, StoreError>(Look::More)
            })
        })
        .await
}

/// Whether a case is listed, or may be: it is older than the index, or the register has changed and is still compared.
pub(crate) async fn waits(connection: &mut AnyConnection, number: CaseNumber) -> Result<bool, StoreError> {
    let text = "SELECT 1 FROM cases_to_index WHERE case_number = $1 UNION ALL
                SELECT 1 FROM register_search r JOIN sequences s ON s.name = 'register' AND s.value > r.version";
    let row = sqlx::query(text).bind(number.as_compact()).fetch_optional(connection).await?;
    Ok(row.is_some())
}

/// Replaces the documents of cases, unless another node did so since `before` was read.
async fn put(tx: &mut Tx, (before, to): (i64, i64), read: &[Document]) -> Result<(), StoreError> {
    let moved = sqlx::query("UPDATE search_progress SET seq = $1 WHERE seq = $2")
        .bind(to)
        .bind(before)
        .execute(tx.connection())
        .await?;
    if moved.rows_affected() == 0 {
        return Ok(());
    }
    documents::put(tx, read).await
}

/// The entry of the history up to which documents are written.
pub(crate) async fn followed(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query("SELECT seq FROM search_progress").fetch_one(connection).await?.try_get(0)?)
}

/// The last entry of a history.
pub(crate) async fn last_of(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query("SELECT MAX(seq) FROM case_events WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexer_catches_up_at_full_speed_while_no_other_write_waits() {
        let look = Duration::from_millis(20);
        assert!(rest(look, Others::Rest) < look, "most of the time is work");
        assert_eq!(rest(look, Others::Write), look * SHARE);
        assert_eq!(rest(Duration::from_secs(9), Others::Write), LONGEST_REST);
    }
}

//! The indexer: writes the terms of cases after their opening, and again after corrections and amendments.
//!
//! It is not part of the transaction of an opening, which many wait for. It follows the history and writes the terms of
//! several cases together. Its position is stored in the same transaction and compared with the one read, so that of
//! two nodes one writes. Histories older than the index are followed from their beginning.

use std::time::Duration;

use domain::case::Case;
use domain::case_number::CaseNumber;
use domain::search::index_terms;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::register::catch_up_register;
use crate::Desk;
use crate::cases::lost_link::mailbox_term;
use crate::events;
use crate::store::{StoreError, Tx, insert_all, list, portions};

/// The shortest time between two looks: commits meanwhile are indexed together.
const REST: Duration = Duration::from_millis(100);
/// While others write, it rests this many times as long as it worked, because all share one writer.
const SHARE: u32 = 20;
/// Rest while no one else writes, so that older cases are found soon.
const SHORT_REST: Duration = Duration::from_millis(5);
/// The longest rest. Most of a long look may have been waiting for the writer.
const LONGEST_REST: Duration = Duration::from_secs(2);
/// Wait after a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Entries that change the terms of a case. An erasure writes terms itself, and is followed too: a look that read the case
/// before it may write the old terms after it. An entry without a kind is of an older node in a mixed cluster and may be
/// any of them.
macro_rules! changes_terms {
    () => {
        "kind IN ('opened', 'revision:corrected', 'revision:amended', 'erased', '')"
    };
}

/// Result of a look at the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Terms were written, by this or another node: there may be more.
    More,
    /// There is nothing to do.
    Done,
}

/// A term of a case, as a row.
struct Held {
    term: Vec<u8>,
    number: String,
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

/// Writes the terms of the next cases. Up to `seen` this process knows that there is nothing to do.
async fn look(desk: &Desk, seen: &mut i64) -> Result<Look, StoreError> {
    let mut reader = desk.store().reader().await?;
    // Read first: later commits are for the next look.
    let last = events::last_entry_number(&mut reader).await?;
    let before = followed(&mut reader).await?;
    // Few enough that nobody waits long for the writer.
    let rows = sqlx::query(concat!(
        "SELECT seq, case_number FROM case_events WHERE seq > $1 AND ",
        changes_terms!(),
        " ORDER BY seq LIMIT 16"
    ))
    .bind(before.max(*seen))
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
    let held = held(&mut reader, &numbers).await?;
    reader.done();
    desk.store()
        .write(move |tx| Box::pin(async move { put(tx, (before, to), &numbers, &held).await }))
        .await?;
    Ok(Look::More)
}

/// The terms of cases in their present state.
async fn held(connection: &mut AnyConnection, numbers: &[CaseNumber]) -> Result<Vec<Held>, StoreError> {
    let cases = events::cases_and_labels(connection, numbers).await?;
    let held = cases.iter().flat_map(|(case, labels)| {
        let number = case.opening.number.as_compact();
        let terms = index_terms(&labels.customer, &case.opening.report).into_iter();
        let terms = terms.chain([mailbox_term(&case.opening.report.contact.mail.mailbox())]);
        terms.map(move |term| Held { term: term.into_bytes(), number: number.clone() })
    });
    Ok(held.collect())
}

/// Names the customer of an organisation's cases anew, and lists the cases for the indexer: their terms name the
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

/// Writes the terms of all relabelled cases, and those of the register, while the caller goes on. What fails is done by the
/// indexer later, or by the next start of the desk.
pub(crate) fn catch_up_relabelled_behind(desk: &Desk) {
    let desk = desk.clone();
    tokio::spawn(async move {
        if let Err(error) = catch_up_both(&desk).await {
            tracing::error!(%error, "what renamed entries are found by could not be written");
        }
    });
}

async fn catch_up_both(desk: &Desk) -> Result<(), StoreError> {
    while index_relabelled(desk).await? == Look::More {
        // Others write in between.
        tokio::time::sleep(SHORT_REST).await;
    }
    catch_up_register(desk).await
}

/// Writes the terms of the next relabelled cases. They are read in the transaction that writes: another change of the
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
                    sqlx::query("SELECT case_number FROM cases_to_index ORDER BY case_number LIMIT 16")
                        .fetch_all(tx.connection())
                        .await?;
                let read = |row: &sqlx::any::AnyRow| -> Result<CaseNumber, StoreError> {
                    let number: String = row.try_get(0)?;
                    CaseNumber::parse(&number)
                        .map_err(|error| StoreError::inconsistent("cases_to_index", error))
                };
                let numbers: Vec<CaseNumber> = rows.iter().map(read).collect::<Result<_, _>>()?;
                let terms = held(tx.connection(), &numbers).await?;
                replace(tx, &numbers, &terms).await?;
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

/// Whether a case waits for its terms since its customer was renamed.
pub(crate) async fn waits(connection: &mut AnyConnection, number: CaseNumber) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM cases_to_index WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Replaces the terms of cases, unless another node did so since `before` was read.
async fn put(
    tx: &mut Tx,
    (before, to): (i64, i64),
    numbers: &[CaseNumber],
    held: &[Held],
) -> Result<(), StoreError> {
    let moved = sqlx::query("UPDATE search_progress SET seq = $1 WHERE seq = $2")
        .bind(to)
        .bind(before)
        .execute(tx.connection())
        .await?;
    if moved.rows_affected() == 0 {
        return Ok(());
    }
    replace(tx, numbers, held).await
}

async fn replace(tx: &mut Tx, numbers: &[CaseNumber], held: &[Held]) -> Result<(), StoreError> {
    for some in portions(numbers) {
        let text = format!("DELETE FROM case_terms WHERE case_number IN ({})", list(0, some.len()));
        let deletion = sqlx::query(AssertSqlSafe(text));
        let deletion = some.iter().fold(deletion, |deletion, number| deletion.bind(number.as_compact()));
        deletion.execute(tx.connection()).await?;
    }
    insert_all(
        tx.connection(),
        "INSERT INTO case_terms (term, case_number)",
        2,
        held,
        |statement, Held { term, number }| statement.bind(term.clone()).bind(number.clone()),
    )
    .await?;
    // A case of the demonstration may have been taken out since it was read.
    for some in portions(numbers) {
        let text = format!(
            "DELETE FROM case_terms WHERE case_number IN ({})
             AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.number = case_terms.case_number)",
            list(0, some.len())
        );
        let deletion = sqlx::query(AssertSqlSafe(text));
        let deletion = some.iter().fold(deletion, |deletion, number| deletion.bind(number.as_compact()));
        deletion.execute(tx.connection()).await?;
    }
    Ok(())
}

/// Replaces the terms of one case, in the transaction that changes what it is found by.
pub(crate) async fn write_terms(tx: &mut Tx, case: &Case) -> Result<(), StoreError> {
    let number = case.opening.number.as_compact();
    let row = sqlx::query("SELECT customer FROM cases WHERE number = $1")
        .bind(number.clone())
        .fetch_one(tx.connection())
        .await?;
    let customer: String = row.try_get(0)?;
    let terms = index_terms(&customer, &case.opening.report).into_iter();
    let terms = terms.chain([mailbox_term(&case.opening.report.contact.mail.mailbox())]);
    let held: Vec<Held> =
        terms.map(|term| Held { term: term.into_bytes(), number: number.clone() }).collect();
    sqlx::query("DELETE FROM case_terms WHERE case_number = $1")
        .bind(number.clone())
        .execute(tx.connection())
        .await?;
    insert_all(
        tx.connection(),
        "INSERT INTO case_terms (term, case_number)",
        2,
        &held,
        |statement, Held { term, number }| statement.bind(term.clone()).bind(number.clone()),
    )
    .await
}

/// The entry of the history up to which terms are written.
pub(crate) async fn followed(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query("SELECT seq FROM search_progress").fetch_one(connection).await?.try_get(0)?)
}

/// The last entry of a history that changes its terms.
pub(crate) async fn last_of(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT MAX(seq) FROM case_events WHERE case_number = $1 AND ",
        changes_terms!()
    ))
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

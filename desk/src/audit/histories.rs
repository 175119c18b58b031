//! The chains of histories: the digest that the next entry goes on from, and histories of older versions.

use domain::case_number::CaseNumber;
use sqlx::Row;

use super::chain::{self, FIRST, Link, List};
use crate::Ports;
use crate::store::{StoreError, Tx};

/// The digest of a case's entry with number `version`, or what stands for it before the first.
///
/// A history of an older version gets its chain first.
pub(crate) async fn head(
    tx: &mut Tx,
    ports: &Ports,
    number: CaseNumber,
    version: u32,
) -> Result<String, StoreError> {
    if version == 0 {
        return Ok(FIRST.to_owned());
    }
    let row = sqlx::query("SELECT digest FROM case_events WHERE case_number = $1 AND version = $2")
        .bind(number.as_compact())
        .bind(i64::from(version))
        .fetch_optional(tx.connection())
        .await?;
    let head: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
    match head {
        Some(head) if head.is_empty() => bring_in(tx, ports, number).await,
        // A missing entry was taken out by hand, which a verification finds.
        head => Ok(head.unwrap_or_else(|| FIRST.to_owned())),
    }
}

/// Chains a history of an older version, as it is found. Gives the last digest. A history that was not listed by the upgrade
/// stays as it is: it was not written by the desk.
pub(crate) async fn bring_in(tx: &mut Tx, ports: &Ports, number: CaseNumber) -> Result<String, StoreError> {
    let listed = sqlx::query("DELETE FROM chains_to_bring_in WHERE case_number = $1")
        .bind(number.as_compact())
        .execute(tx.connection())
        .await?;
    let mut head = FIRST.to_owned();
    if listed.rows_affected() == 0 {
        return Ok(head);
    }
    let case = number.as_compact();
    let rows = sqlx::query(
        "SELECT seq, version, at_utc_s, kind, document FROM case_events WHERE case_number = $1 ORDER BY version",
    )
    .bind(case.clone())
    .fetch_all(tx.connection())
    .await?;
    for row in rows {
        let (seq, version, at_utc_s): (i64, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let (kind, document): (String, String) = (row.try_get(3)?, row.try_get(4)?);
        let salt = chain::salt(ports);
        let content = chain::content(&salt, &document);
        let link = Link { seq, case: &case, version, at_utc_s, kind: &kind, content: &content };
        head = link.digest(&head);
        sqlx::query("UPDATE case_events SET salt = $3, digest = $4 WHERE case_number = $1 AND version = $2")
            .bind(case.clone())
            .bind(version)
            .bind(salt)
            .bind(head.clone())
            .execute(tx.connection())
            .await?;
    }
    Ok(head)
}

/// Keeps the digest of a text that is to be erased, and empties its salt. The chain can be verified still, and nothing tells
/// what the text was.
pub(crate) async fn erase(tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    let case = number.as_compact();
    let rows =
        sqlx::query("SELECT version, salt, document FROM case_events WHERE case_number = $1 AND salt <> ''")
            .bind(case.clone())
            .fetch_all(tx.connection())
            .await?;
    for row in rows {
        let (version, salt, document): (i64, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        sqlx::query("INSERT INTO erased_contents (case_number, version, content) VALUES ($1, $2, $3)")
            .bind(case.clone())
            .bind(version)
            .bind(chain::content(&salt, &document))
            .execute(tx.connection())
            .await?;
    }
    sqlx::query("UPDATE case_events SET salt = '' WHERE case_number = $1")
        .bind(case)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// What is left of a history that is to be taken out, for the seals that cover it.
#[derive(Debug, Clone)]
pub(crate) struct Remains {
    seq: i64,
    case: String,
    version: i64,
    digest: String,
}

/// What will be left of histories, in the order of their numbers.
pub(crate) async fn remains(tx: &mut Tx, numbers: &[CaseNumber]) -> Result<Vec<Remains>, StoreError> {
    let mut found = Vec::new();
    for number in numbers {
        let case = number.as_compact();
        let rows = sqlx::query("SELECT seq, version, digest FROM case_events WHERE case_number = $1")
            .bind(case.clone())
            .fetch_all(tx.connection())
            .await?;
        for row in rows {
            let case = case.clone();
            found.push(Remains {
                seq: row.try_get(0)?,
                case,
                version: row.try_get(1)?,
                digest: row.try_get(2)?,
            });
        }
    }
    found.sort_by_key(|one| one.seq);
    Ok(found)
}

/// Their digest, for the entry of the audit log that says they were taken out.
pub(crate) fn digest_of_remains(remains: &[Remains]) -> (u64, String) {
    let mut list = List::new();
    for Remains { seq, case, version, digest } in remains {
        list.entry(*seq, case, *version, digest);
    }
    (list.lines(), list.digest())
}

/// Keeps them. `removal` is the number of that entry.
pub(crate) async fn keep_remains(tx: &mut Tx, remains: Vec<Remains>, removal: i64) -> Result<(), StoreError> {
    for Remains { seq, case, version, digest } in remains {
        sqlx::query(
            "INSERT INTO removed_events (seq, of_case, version, digest, removal) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(seq)
        .bind(case)
        .bind(version)
        .bind(digest)
        .bind(removal)
        .execute(tx.connection())
        .await?;
    }
    Ok(())
}

/// The digest of a history's texts as they stand, in the order of its entries.
pub(crate) async fn digest_of_texts(tx: &mut Tx, number: CaseNumber) -> Result<(u32, String), StoreError> {
    let rows = sqlx::query("SELECT document FROM case_events WHERE case_number = $1 ORDER BY version")
        .bind(number.as_compact())
        .fetch_all(tx.connection())
        .await?;
    let mut list = List::new();
    for row in &rows {
        list.text(row.try_get(0)?);
    }
    Ok((u32::try_from(rows.len()).unwrap_or(u32::MAX), list.digest()))
}

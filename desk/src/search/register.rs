//! Terms of the register, written after an import, and at the start where they are missing. The whole register is
//! compared then, and differences are written. Openings do not wait for it.

use std::collections::{BTreeSet, HashMap};

use domain::register::RegisterKind;
use domain::search::register_terms;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::Desk;
use crate::store::take_numbers;
use crate::store::{Statement, StoreError, Tx, insert_all, list, portions};

/// Number of entities compared together. Each portion is one transaction and writes most pages of the terms' indexes once.
/// `bench/administration.py` shows what an import waits for it.
const PORTION: i64 = 2_000;

/// The entries of a kind with the columns of their terms, the key first; a condition follows.
const fn columns(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Organisation => "SELECT o.id, o.name FROM organisations o",
        RegisterKind::Site => {
            "SELECT s.id, s.name, s.address, o.name FROM sites s JOIN organisations o ON o.id = s.organisation_id"
        }
        RegisterKind::Contract => {
            "SELECT c.number, o.name FROM contracts c JOIN organisations o ON o.id = c.organisation_id"
        }
        RegisterKind::Equipment => {
            "SELECT e.serial, e.manufacturer, e.model, s.name, o.name
             FROM equipment e JOIN sites s ON s.id = e.site_id
             JOIN contracts c ON c.number = e.contract_number JOIN organisations o ON o.id = c.organisation_id"
        }
    }
}

/// The column with the key of a kind.
const fn key_column(kind: RegisterKind) -> &'static str {
    match kind {
        RegisterKind::Organisation => "o.id",
        RegisterKind::Site => "s.id",
        RegisterKind::Contract => "c.number",
        RegisterKind::Equipment => "e.serial",
    }
}

/// Whether the keys of a kind are numbers.
const fn has_number(kind: RegisterKind) -> bool {
    matches!(kind, RegisterKind::Organisation | RegisterKind::Site)
}

/// The entity of a row of [`columns`].
fn entity(kind: RegisterKind, row: &AnyRow) -> Result<Entity, StoreError> {
    let key = if has_number(kind) { row.try_get::<i64, _>(0)?.to_string() } else { row.try_get(0)? };
    let words: Vec<String> = (1..row.len()).map(|place| row.try_get(place)).collect::<Result<_, _>>()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let codes = if has_number(kind) { Vec::new() } else { vec![key.as_str()] };
    let terms = register_terms(&words, &codes);
    Ok(Entity { key, terms })
}

/// A register entity with its terms.
struct Entity {
    key: String,
    terms: BTreeSet<String>,
}

/// The entities of rows of [`columns`]. Equipment is found by the serials, too, under which it was registered before.
async fn entities(
    connection: &mut AnyConnection,
    kind: RegisterKind,
    rows: &[AnyRow],
) -> Result<Vec<Entity>, StoreError> {
    let mut all: Vec<Entity> = rows.iter().map(|row| entity(kind, row)).collect::<Result<_, _>>()?;
    if kind != RegisterKind::Equipment {
        return Ok(all);
    }
    let mut former: HashMap<String, BTreeSet<String>> = HashMap::new();
    for some in portions(&all) {
        let text = format!(
            "SELECT equipment, serial FROM former_serials WHERE equipment IN ({})",
            list(0, some.len())
        );
        let query = some
            .iter()
            .fold(sqlx::query(AssertSqlSafe(text)), |query, entity| query.bind(entity.key.clone()));
        for row in query.fetch_all(&mut *connection).await? {
            let serial: String = row.try_get(1)?;
            former.entry(row.try_get(0)?).or_default().extend(register_terms(&[], &[serial.as_str()]));
        }
    }
    for entity in &mut all {
        entity.terms.extend(former.remove(&entity.key).unwrap_or_default());
    }
    Ok(all)
}

/// Marks the register as changed, so that its terms are compared again.
pub(crate) async fn changed(tx: &mut Tx) -> Result<(), StoreError> {
    take_numbers(tx, "register", 1).await.map(drop)
}

/// Writes the terms of a changed register.
///
/// # Errors
/// When the database does not answer.
pub async fn catch_up_register(desk: &Desk) -> Result<(), StoreError> {
    let mut reader = desk.store().reader().await?;
    let row = sqlx::query(
        "SELECT (SELECT value FROM sequences WHERE name = 'register') AS version, version AS written
         FROM register_search",
    )
    .fetch_one(&mut *reader)
    .await?;
    let (version, written): (Option<i64>, i64) = (row.try_get(0)?, row.try_get(1)?);
    let version = version.unwrap_or(0);
    reader.done();
    if version == written {
        return Ok(());
    }
    for kind in RegisterKind::ALL {
        let mut after = if has_number(kind) { "0".to_owned() } else { String::new() };
        while let Some(last) = look_at(desk, kind, &after).await? {
            after = last;
        }
    }
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("UPDATE register_search SET version = $1 WHERE version < $1")
                    .bind(version)
                    .execute(tx.connection())
                    .await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
}

/// Compares the next entities after a key, and writes differences. Gives the last key.
async fn look_at(desk: &Desk, kind: RegisterKind, after: &str) -> Result<Option<String>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let key = key_column(kind);
    let text = format!("{} WHERE {key} > $1 ORDER BY {key} LIMIT $2", columns(kind));
    let query = sqlx::query(AssertSqlSafe(text));
    let query = if has_number(kind) {
        query.bind(after.parse::<i64>().unwrap_or(0))
    } else {
        query.bind(after.to_owned())
    };
    let rows = query.bind(PORTION).fetch_all(&mut *reader).await?;
    let entities = entities(&mut reader, kind, &rows).await?;
    let Some(last) = entities.last().map(|entity| entity.key.clone()) else {
        reader.done();
        return Ok(None);
    };
    let mut held: HashMap<String, BTreeSet<Vec<u8>>> = HashMap::new();
    for some in portions(&entities) {
        let text = format!(
            "SELECT entity, term FROM register_terms WHERE kind = $1 AND entity IN ({})",
            list(1, some.len())
        );
        let query = sqlx::query(AssertSqlSafe(text)).bind(kind.code());
        let query = some.iter().fold(query, |query, entity| query.bind(entity.key.clone()));
        for row in query.fetch_all(&mut *reader).await? {
            held.entry(row.try_get(0)?).or_default().insert(row.try_get(1)?);
        }
    }
    reader.done();
    let differs = |entity: &Entity| {
        let terms: BTreeSet<Vec<u8>> = entity.terms.iter().map(|term| term.clone().into_bytes()).collect();
        held.get(&entity.key).is_none_or(|held| *held != terms)
    };
    let other: Vec<Entity> = entities.into_iter().filter(differs).collect();
    if !other.is_empty() {
        desk.store().write(move |tx| Box::pin(async move { put_anew(tx, kind, &other).await })).await?;
    }
    Ok(Some(last))
}

/// Writes the terms of entities as these are by now: another writer may have changed them since they were read.
async fn put_anew(tx: &mut Tx, kind: RegisterKind, read: &[Entity]) -> Result<(), StoreError> {
    for some in portions(read) {
        let text = format!("{} WHERE {} IN ({})", columns(kind), key_column(kind), list(0, some.len()));
        let query = some.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, Entity { key, .. }| {
            if has_number(kind) {
                query.bind(key.parse::<i64>().unwrap_or(0))
            } else {
                query.bind(key.clone())
            }
        });
        let rows = query.fetch_all(tx.connection()).await?;
        let entities = entities(tx.connection(), kind, &rows).await?;
        put(tx, kind, &entities).await?;
    }
    Ok(())
}

async fn put(tx: &mut Tx, kind: RegisterKind, entities: &[Entity]) -> Result<(), StoreError> {
    for some in portions(entities) {
        let text =
            format!("DELETE FROM register_terms WHERE kind = $1 AND entity IN ({})", list(1, some.len()));
        let deletion = sqlx::query(AssertSqlSafe(text)).bind(kind.code());
        let deletion = some.iter().fold(deletion, |deletion, entity| deletion.bind(entity.key.clone()));
        deletion.execute(tx.connection()).await?;
    }
    let mut rows: Vec<(&str, &str)> = entities
        .iter()
        .flat_map(|entity| entity.terms.iter().map(|term| (term.as_str(), entity.key.as_str())))
        .collect();
    let keys: Vec<String> = entities.iter().map(|entity| entity.key.clone()).collect();
    list_cases(tx, kind, &keys).await?;
    // In the order of the index: neighbours are on the same page.
    rows.sort_unstable();
    let bind = |statement: Statement, (term, key): &(&str, &str)| {
        statement.bind(kind.code()).bind(term.as_bytes().to_vec()).bind((*key).to_owned())
    };
    insert_all(tx.connection(), "INSERT INTO register_terms (kind, term, entity)", 3, &rows, bind).await
}

/// Lists the cases of entries for the indexer: their documents have the names and serials of these.
pub(crate) async fn list_cases(tx: &mut Tx, kind: RegisterKind, keys: &[String]) -> Result<(), StoreError> {
    for some in portions(keys) {
        let keys = list(0, some.len());
        let condition = match kind {
            RegisterKind::Organisation => {
                format!(
                    "c.contract_number IN (SELECT k.number FROM contracts k WHERE k.organisation_id IN ({keys}))"
                )
            }
            RegisterKind::Contract => format!("c.contract_number IN ({keys})"),
            RegisterKind::Site => format!("c.site_id IN ({keys})"),
            RegisterKind::Equipment => format!(
                "c.serial IN ({keys}) OR c.serial IN (SELECT f.serial FROM former_serials f WHERE f.equipment IN ({keys}))"
            ),
        };
        let text = format!(
            "INSERT INTO cases_to_index (case_number) SELECT c.number FROM cases c WHERE {condition}
             ON CONFLICT (case_number) DO NOTHING"
        );
        let insertion = some.iter().fold(sqlx::query(AssertSqlSafe(text)), |query, key| {
            if has_number(kind) {
                query.bind(key.parse::<i64>().unwrap_or(0))
            } else {
                query.bind(key.clone())
            }
        });
        insertion.execute(tx.connection()).await?;
    }
    Ok(())
}

/// Entries whose terms have changed with an entry that they name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Touched<'a> {
    /// An organisation with its contracts and sites. Its equipment is left to the next catch-up.
    Organisation(i64),
    /// A contract alone.
    Contract(&'a str),
    /// A site and its equipment.
    Site(i64),
    /// A piece of equipment alone.
    Equipment(&'a str),
}

impl Touched<'_> {
    /// The condition for entries of a kind, over `$1`; `None` for a kind that is not touched.
    const fn condition(self, kind: RegisterKind) -> Option<&'static str> {
        match (self, kind) {
            (Self::Organisation(_), RegisterKind::Organisation) => Some("o.id = $1"),
            (Self::Organisation(_), RegisterKind::Site) => Some("s.organisation_id = $1"),
            (Self::Organisation(_), RegisterKind::Contract) => Some("c.organisation_id = $1"),
            (Self::Contract(_), RegisterKind::Contract) => Some("c.number = $1"),
            (Self::Site(_), RegisterKind::Site) => Some("s.id = $1"),
            (Self::Site(_), RegisterKind::Equipment) => Some("e.site_id = $1"),
            (Self::Equipment(_), RegisterKind::Equipment) => Some("e.serial = $1"),
            // Equipment of an organisation may be thousands: its terms are written behind the change.
            _ => None,
        }
    }
}

/// Writes the terms of entries again, in the transaction that changed them.
pub(crate) async fn rewrite_terms(tx: &mut Tx, touched: Touched<'_>) -> Result<(), StoreError> {
    changed(tx).await?;
    for kind in RegisterKind::ALL {
        let Some(condition) = touched.condition(kind) else { continue };
        let query = sqlx::query(AssertSqlSafe(format!("{} WHERE {condition}", columns(kind))));
        let query = match touched {
            Touched::Organisation(id) | Touched::Site(id) => query.bind(id),
            Touched::Contract(key) | Touched::Equipment(key) => query.bind(key.to_owned()),
        };
        let rows = query.fetch_all(tx.connection()).await?;
        let entities = entities(tx.connection(), kind, &rows).await?;
        put(tx, kind, &entities).await?;
    }
    Ok(())
}

/// Removes the terms of an entry that is no more, and lists its cases.
pub(crate) async fn forget_terms(tx: &mut Tx, kind: RegisterKind, key: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM register_terms WHERE kind = $1 AND entity = $2")
        .bind(kind.code())
        .bind(key.to_owned())
        .execute(tx.connection())
        .await?;
    list_cases(tx, kind, &[key.to_owned()]).await
}

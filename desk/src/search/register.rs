//! Terms of the register, written after an import, and at the start where they are missing. The whole register is
//! compared then, and differences are written. Openings do not wait for it.

use std::collections::{BTreeSet, HashMap};

use domain::search::register_terms;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use crate::Desk;
use crate::store::take_numbers;
use crate::store::{Statement, StoreError, Tx, insert_all, list, portions};

/// Number of entities compared together.
const PORTION: i64 = 200;

/// A kind of register entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Organisation,
    Contract,
    Site,
    Equipment,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Organisation, Self::Contract, Self::Site, Self::Equipment];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Contract => "contract",
            Self::Site => "site",
            Self::Equipment => "equipment",
        }
    }

    /// The query for the next entities after a key, with the columns of their terms.
    const fn next(self) -> &'static str {
        match self {
            Self::Organisation => "SELECT id, name FROM organisations WHERE id > $1 ORDER BY id LIMIT $2",
            Self::Site => {
                "SELECT s.id, s.name, s.address, o.name FROM sites s JOIN organisations o ON o.id = s.organisation_id
                 WHERE s.id > $1 ORDER BY s.id LIMIT $2"
            }
            Self::Contract => {
                "SELECT c.number, o.name FROM contracts c JOIN organisations o ON o.id = c.organisation_id
                 WHERE c.number > $1 ORDER BY c.number LIMIT $2"
            }
            Self::Equipment => {
                "SELECT e.serial, e.manufacturer, e.model, s.name, o.name
                 FROM equipment e JOIN sites s ON s.id = e.site_id
                 JOIN contracts c ON c.number = e.contract_number JOIN organisations o ON o.id = c.organisation_id
                 WHERE e.serial > $1 ORDER BY e.serial LIMIT $2"
            }
        }
    }

    const fn has_number(self) -> bool {
        matches!(self, Self::Organisation | Self::Site)
    }

    /// An entity of a row of [`Self::next`].
    fn entity(self, row: &AnyRow) -> Result<Entity, StoreError> {
        let key = if self.has_number() { row.try_get::<i64, _>(0)?.to_string() } else { row.try_get(0)? };
        let words: Vec<String> = (1..row.len()).map(|place| row.try_get(place)).collect::<Result<_, _>>()?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let codes = if self.has_number() { Vec::new() } else { vec![key.as_str()] };
        let terms = register_terms(&words, &codes);
        Ok(Entity { key, terms })
    }
}

/// A register entity with its terms.
struct Entity {
    key: String,
    terms: BTreeSet<String>,
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
    for kind in Kind::ALL {
        let mut after = if kind.has_number() { "0".to_owned() } else { String::new() };
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
async fn look_at(desk: &Desk, kind: Kind, after: &str) -> Result<Option<String>, StoreError> {
    let mut reader = desk.store().reader().await?;
    let query = sqlx::query(kind.next());
    let query = if kind.has_number() {
        query.bind(after.parse::<i64>().unwrap_or(0))
    } else {
        query.bind(after.to_owned())
    };
    let rows = query.bind(PORTION).fetch_all(&mut *reader).await?;
    let entities: Vec<Entity> = rows.iter().map(|row| kind.entity(row)).collect::<Result<_, _>>()?;
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
        desk.store().write(move |tx| Box::pin(async move { put(tx, kind, &other).await })).await?;
    }
    Ok(Some(last))
}

async fn put(tx: &mut Tx, kind: Kind, entities: &[Entity]) -> Result<(), StoreError> {
    for some in portions(entities) {
        let text =
            format!("DELETE FROM register_terms WHERE kind = $1 AND entity IN ({})", list(1, some.len()));
        let deletion = sqlx::query(AssertSqlSafe(text)).bind(kind.code());
        let deletion = some.iter().fold(deletion, |deletion, entity| deletion.bind(entity.key.clone()));
        deletion.execute(tx.connection()).await?;
    }
    let rows: Vec<(&str, &str)> = entities
        .iter()
        .flat_map(|entity| entity.terms.iter().map(|term| (term.as_str(), entity.key.as_str())))
        .collect();
    let bind = |statement: Statement, (term, key): &(&str, &str)| {
        statement.bind(kind.code()).bind(term.as_bytes().to_vec()).bind((*key).to_owned())
    };
    insert_all(tx.connection(), "INSERT INTO register_terms (kind, term, entity)", 3, &rows, bind).await
}

//! The documents of cases in the database: written anew when a case, or what the register says of it, has changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::case_number::CaseNumber;
use domain::search::{RegisteredNames, document, is_spelt};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::events;
use crate::store::{Statement, StoreError, Tx, insert_all, is_used, list, portions, upsert_all};

/// What a case is found by.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// Number of the entry that opened the case.
    id: i64,
    pub(crate) number: CaseNumber,
    /// The version of the case that it was read at.
    version: i64,
    pub(crate) words: BTreeSet<String>,
    /// The mailbox of the contact.
    pub(crate) mailbox: String,
    /// The contact's address in lower case, as it stands in the case.
    pub(crate) address: String,
}

/// What else than its history a document needs.
struct Named {
    id: i64,
    registered: RegisteredNames,
    equipment: Option<String>,
}

/// The row of a case, of the site where it was opened, and of its equipment by the serial that this has now.
const NAMED: &str = "SELECT c.number, o.seq, c.customer, c.equipment, s.name, s.address,
       e.serial, e.manufacturer, e.model, n.name, n.address, g.name
FROM cases c
JOIN case_events o ON o.case_number = c.number AND o.version = 1
LEFT JOIN sites s ON s.id = c.site_id
LEFT JOIN former_serials f ON f.serial = c.serial
LEFT JOIN equipment e ON e.serial = COALESCE(f.equipment, c.serial)
LEFT JOIN sites n ON n.id = e.site_id
LEFT JOIN contracts k ON k.number = c.contract_number
LEFT JOIN organisations g ON g.id = k.organisation_id
WHERE c.number IN ";

/// The documents of cases as they are. Missing cases are left out.
pub(crate) async fn read(
    connection: &mut AnyConnection,
    numbers: &[CaseNumber],
) -> Result<Vec<Document>, StoreError> {
    let mut named = named(connection, numbers).await?;
    let mut found = Vec::with_capacity(numbers.len());
    for (number, history) in events::histories(connection, numbers).await? {
        let Some(Named { id, registered, .. }) = named.remove(&number.as_compact()) else { continue };
        let case = events::fold(&history)?;
        let mail = &case.opening.report.contact.mail;
        let (mailbox, address) = (mail.mailbox(), mail.as_str().to_lowercase());
        let words = document(&case, &history, &registered);
        found.push(Document { id, number, version: i64::from(case.version), words, mailbox, address });
    }
    Ok(found)
}

async fn named(
    connection: &mut AnyConnection,
    numbers: &[CaseNumber],
) -> Result<HashMap<String, Named>, StoreError> {
    let mut found: HashMap<String, Named> = HashMap::new();
    for some in portions(numbers) {
        let text = format!("{NAMED} ({})", list(0, some.len()));
        for row in query(text, some.iter().map(CaseNumber::as_compact)).fetch_all(&mut *connection).await? {
            found.insert(row.try_get(0)?, read_named(&row)?);
        }
    }
    let equipment: BTreeSet<String> = found.values().filter_map(|named| named.equipment.clone()).collect();
    let mut former: HashMap<String, Vec<String>> = HashMap::new();
    for some in portions(&equipment.into_iter().collect::<Vec<_>>()) {
        let text = format!(
            "SELECT equipment, serial FROM former_serials WHERE equipment IN ({})",
            list(0, some.len())
        );
        for row in query(text, some.iter().cloned()).fetch_all(&mut *connection).await? {
            former.entry(row.try_get(0)?).or_default().push(row.try_get(1)?);
        }
    }
    for named in found.values_mut() {
        let serials = named.equipment.as_ref().and_then(|serial| former.get(serial));
        named.registered.serials.extend(serials.into_iter().flatten().cloned());
    }
    Ok(found)
}

fn read_named(row: &AnyRow) -> Result<Named, StoreError> {
    let text = |place: usize| row.try_get::<Option<String>, _>(place);
    let equipment = text(6)?;
    let mut names = Vec::new();
    for place in [2, 3, 4, 5, 7, 8, 9, 10, 11] {
        names.extend(text(place)?);
    }
    let serials = equipment.iter().cloned().collect();
    Ok(Named { id: row.try_get(1)?, registered: RegisteredNames { names, serials }, equipment })
}

/// Puts documents in the place of those that cases had. A case that has changed since it was read, or is no more, is left
/// alone: its newer entries are still to be followed.
pub(crate) async fn put(tx: &mut Tx, read: &[Document]) -> Result<(), StoreError> {
    let mut current: BTreeMap<String, i64> = BTreeMap::new();
    let mut former: HashMap<String, String> = HashMap::new();
    for some in portions(read) {
        let numbers = || some.iter().map(|document| document.number.as_compact());
        let text = format!("SELECT number, version FROM cases WHERE number IN ({})", list(0, some.len()));
        for row in query(text, numbers()).fetch_all(tx.connection()).await? {
            current.insert(row.try_get(0)?, row.try_get(1)?);
        }
        let text = format!(
            "SELECT case_number, words FROM case_documents WHERE case_number IN ({})",
            list(0, some.len())
        );
        for row in query(text, numbers()).fetch_all(tx.connection()).await? {
            former.insert(row.try_get(0)?, row.try_get(1)?);
        }
    }
    let mut rows = Vec::new();
    let mut mailboxes = Vec::new();
    let (mut added, mut gone) = (BTreeSet::new(), BTreeSet::new());
    for Document { id, number, version, words, mailbox, address } in read {
        let number = number.as_compact();
        if current.get(&number) != Some(version) {
            continue;
        }
        mailboxes.push((mailbox.clone(), number.clone(), address.clone()));
        let text = words.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let before = former.remove(&number).unwrap_or_default();
        if before == text {
            continue;
        }
        gone.extend(before.split(' ').filter(|word| !words.contains(*word)).map(str::to_owned));
        added.extend(words.iter().filter(|word| is_spelt(word)).cloned());
        rows.push((*id, number, text));
    }
    upsert_all(
        tx.connection(),
        "INSERT INTO case_documents (id, case_number, words)",
        3,
        "ON CONFLICT (case_number) DO UPDATE SET words = excluded.words",
        &rows,
        |statement, (id, number, words)| statement.bind(*id).bind(number.clone()).bind(words.clone()),
    )
    .await?;
    put_mailboxes(tx, &mailboxes).await?;
    remember(tx, added).await?;
    forget_unused(tx, gone).await
}

async fn put_mailboxes(tx: &mut Tx, mailboxes: &[(String, String, String)]) -> Result<(), StoreError> {
    for some in portions(mailboxes) {
        let text = format!("DELETE FROM case_mailboxes WHERE case_number IN ({})", list(0, some.len()));
        query(text, some.iter().map(|(_, number, _)| number.clone())).execute(tx.connection()).await?;
    }
    insert_all(
        tx.connection(),
        "INSERT INTO case_mailboxes (mailbox, case_number, address)",
        3,
        mailboxes,
        |statement, (mailbox, number, address)| {
            statement.bind(mailbox.clone()).bind(number.clone()).bind(address.clone())
        },
    )
    .await
}

/// Adds words to those that are there.
async fn remember(tx: &mut Tx, words: BTreeSet<String>) -> Result<(), StoreError> {
    if words.is_empty() {
        return Ok(());
    }
    let row = sqlx::query("SELECT COALESCE(MAX(id), 0) FROM search_words").fetch_one(tx.connection()).await?;
    let last: i64 = row.try_get(0)?;
    let rows: Vec<(i64, String)> = (last + 1..).zip(words).collect();
    upsert_all(
        tx.connection(),
        "INSERT INTO search_words (id, word)",
        2,
        "ON CONFLICT (word) DO NOTHING",
        &rows,
        |statement, (id, word)| statement.bind(*id).bind(word.clone()),
    )
    .await
}

/// Removes words that no document has any more: they may have been a person's name.
pub(crate) async fn forget_unused(tx: &mut Tx, words: BTreeSet<String>) -> Result<(), StoreError> {
    let engine = tx.engine();
    for word in words.into_iter().filter(|word| is_spelt(word)) {
        if !is_used(tx.connection(), engine, &word).await? {
            sqlx::query("DELETE FROM search_words WHERE word = $1")
                .bind(word)
                .execute(tx.connection())
                .await?;
        }
    }
    Ok(())
}

/// Writes the document of a case anew, in the transaction that changes what it is found by.
pub(crate) async fn write_document(tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    let read = read(tx.connection(), &[number]).await?;
    put(tx, &read).await
}

/// The words of a case's document; none before it is written.
pub(crate) async fn words_of(tx: &mut Tx, number: CaseNumber) -> Result<BTreeSet<String>, StoreError> {
    let row = sqlx::query("SELECT words FROM case_documents WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_optional(tx.connection())
        .await?;
    let words = row.map(|row| row.try_get::<String, _>(0)).transpose()?.unwrap_or_default();
    Ok(words.split(' ').map(str::to_owned).collect())
}

/// A statement with texts as its values.
pub(super) fn query(text: String, values: impl Iterator<Item = String>) -> Statement {
    values.fold(sqlx::query(AssertSqlSafe(text)), sqlx::query::Query::bind)
}

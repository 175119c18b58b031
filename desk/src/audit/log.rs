//! Appending to the audit log.

use domain::actor::Actor;
use domain::audit::{AuditAuthor, AuditEvent, AuditRecord};
use domain::country::Country;
use domain::time::Instant;
use sqlx::Row as _;

use super::chain::{self, FIRST, Key, Row};
use crate::Ports;
use crate::store::{StoreError, Tx, insert_all, take_numbers};

/// The series of the log's numbers. Its row is locked until the commit, so that rows are chained one after the other.
pub(super) const SERIES: &str = "audit";

/// What is written down.
#[derive(Debug, Clone)]
pub(crate) struct Noted {
    pub(crate) at: Instant,
    pub(crate) record: AuditRecord,
    pub(crate) country: Option<Country>,
    network: Option<Network>,
}

/// A network with the salt of its digest.
#[derive(Debug, Clone)]
struct Network {
    text: String,
    salt: String,
}

impl Noted {
    /// What an actor did.
    pub(crate) fn of(actor: &Actor, at: Instant, event: AuditEvent) -> Self {
        Self::by(AuditAuthor::from(actor), at, event)
    }

    /// The same by an author who is no actor yet.
    pub(crate) const fn by(by: AuditAuthor, at: Instant, event: AuditEvent) -> Self {
        Self { at, record: AuditRecord { by, event }, country: None, network: None }
    }

    /// About a country.
    pub(crate) const fn in_country(mut self, country: Option<Country>) -> Self {
        self.country = country;
        self
    }

    /// By a request from a network; an empty one is unknown.
    pub(crate) fn in_network(mut self, ports: &Ports, network: &str) -> Self {
        self.network =
            (!network.is_empty()).then(|| Network { text: network.to_owned(), salt: chain::salt(ports) });
        self
    }
}

/// Writes down what was done, in the transaction that does it. Gives the number of the entry.
///
/// A work beside others does it last: other works wait for the end of the log from here to the commit.
pub(crate) async fn record(tx: &mut Tx, noted: &Noted) -> Result<i64, StoreError> {
    record_all(tx, std::slice::from_ref(noted)).await
}

/// The same for several. Gives the number of the last one.
pub(crate) async fn record_all(tx: &mut Tx, noted: &[Noted]) -> Result<i64, StoreError> {
    let count = i64::try_from(noted.len()).unwrap_or(i64::MAX);
    let last = take_numbers(tx, SERIES, count).await?;
    let (key, mut before) = key_and_head(tx, last - count).await?;
    let mut rows = Vec::with_capacity(noted.len());
    for (id, noted) in (last - count + 1..=last).zip(noted) {
        let row = StoredRow::of(id, noted, &key, &before)?;
        before.clone_from(&row.digest);
        rows.push(row);
    }
    insert_all(
        tx.connection(),
        "INSERT INTO audit_log
            (id, at_utc_s, kind, country, words, network, network_salt, network_digest, document, digest)",
        10,
        &rows,
        |statement, StoredRow { row, network, network_salt, digest }| {
            statement
                .bind(row.id)
                .bind(row.at_utc_s)
                .bind(row.kind.clone())
                .bind(row.country.clone())
                .bind(row.words.clone())
                .bind(network.clone())
                .bind(network_salt.clone())
                .bind(row.network_digest.clone())
                .bind(row.document.clone())
                .bind(digest.clone())
        },
    )
    .await?;
    Ok(last)
}

/// The installation's key, and the digest of the row with number `id`.
async fn key_and_head(tx: &mut Tx, id: i64) -> Result<(Key, String), StoreError> {
    let row = sqlx::query(
        "SELECT s.value, (SELECT a.digest FROM audit_log a WHERE a.id = $1) FROM secrets s WHERE s.name = 'audit'",
    )
    .bind(id)
    .fetch_one(tx.connection())
    .await?;
    let (key, head): (String, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
    // Without a head the row was taken out by hand, which a verification finds by its number.
    Ok((Key::of(&key)?, head.unwrap_or_else(|| FIRST.to_owned())))
}

/// A row with what its digest does not cover.
struct StoredRow {
    row: Row,
    network: String,
    network_salt: String,
    digest: String,
}

impl StoredRow {
    fn of(id: i64, noted: &Noted, key: &Key, before: &str) -> Result<Self, StoreError> {
        let Noted { at, record, country, network } = noted;
        let document =
            serde_json::to_string(record).map_err(|error| StoreError::inconsistent("audit_log", error))?;
        let (network, network_salt, network_digest) = match network {
            Some(Network { text, salt }) => (text.clone(), salt.clone(), chain::network(salt, text)),
            None => (String::new(), String::new(), String::new()),
        };
        let row = Row {
            id,
            at_utc_s: at.0,
            kind: record.event.kind().code().to_owned(),
            country: country.map_or_else(String::new, |country| country.code().to_owned()),
            words: record.words(),
            network_digest,
            document,
        };
        let digest = row.digest(key, before);
        Ok(Self { row, network, network_salt, digest })
    }
}

//! Settings of which the desk has one: a document by version, in a table of one shape.
//!
//! A version is never overwritten. The one in force is the latest that has taken effect.

use domain::time::Instant;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{AnyConnection, Row};

use super::{StoreError, Tx, row};

/// The statements of a table of documents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DocumentTable {
    pub(crate) name: &'static str,
    pub(crate) all: &'static str,
    pub(crate) in_force: &'static str,
    pub(crate) since_in_force: &'static str,
    pub(crate) newest: &'static str,
    pub(crate) put: &'static str,
}

/// The statements over the table of a name.
macro_rules! document_table {
    ($name:literal) => {
        $crate::store::documents::DocumentTable {
            name: $name,
            all: concat!(
                "SELECT version, document, effective_from_utc_s, recorded_at_utc_s, recorded_by FROM ",
                $name,
                " ORDER BY version"
            ),
            in_force: concat!(
                "SELECT document FROM ",
                $name,
                " WHERE effective_from_utc_s <= $1 ORDER BY version DESC LIMIT 1"
            ),
            since_in_force: concat!(
                "SELECT version, document, effective_from_utc_s, recorded_at_utc_s, recorded_by FROM ",
                $name,
                " WHERE version >= (SELECT COALESCE(MAX(version), 0) FROM ",
                $name,
                " WHERE effective_from_utc_s <= $1) ORDER BY version"
            ),
            newest: concat!("SELECT COALESCE(MAX(version), 0) FROM ", $name),
            put: concat!(
                "INSERT INTO ",
                $name,
                " (version, document, effective_from_utc_s, recorded_at_utc_s, recorded_by)
                 SELECT COALESCE(MAX(version), 0) + 1, $1, $2, $3, $4 FROM ",
                $name
            ),
        }
    };
}
pub(crate) use document_table;

/// A setting of which the desk has one.
pub(crate) trait SingleDocument: Serialize + DeserializeOwned {
    /// The table with its versions.
    const TABLE: DocumentTable;
}

/// A version of a document.
#[derive(Debug, Clone)]
pub(crate) struct DocumentVersion<T> {
    pub(crate) version: i64,
    pub(crate) document: T,
    pub(crate) effective_from: Instant,
    /// When it was written, and by whom as it is stored.
    pub(crate) recorded: (i64, String),
}

row! {
    struct VersionRow {
        version: i64,
        document: String,
        effective_from_utc_s: i64,
        recorded_at_utc_s: i64,
        recorded_by: String,
    }
}

/// A document as it is stored.
fn read<T: SingleDocument>(document: &str) -> Result<T, StoreError> {
    serde_json::from_str(document).map_err(|error| StoreError::inconsistent(T::TABLE.name, error))
}

/// All versions in their order; some dozens at most.
pub(crate) async fn all<T: SingleDocument>(
    connection: &mut AnyConnection,
) -> Result<Vec<DocumentVersion<T>>, StoreError> {
    versions(sqlx::query_as(T::TABLE.all).fetch_all(connection).await?)
}

/// The version in force at `now` and the later ones. Documents of earlier versions are not read.
pub(crate) async fn since_in_force<T: SingleDocument>(
    connection: &mut AnyConnection,
    now: Instant,
) -> Result<Vec<DocumentVersion<T>>, StoreError> {
    versions(sqlx::query_as(T::TABLE.since_in_force).bind(now.0).fetch_all(connection).await?)
}

fn versions<T: SingleDocument>(rows: Vec<VersionRow>) -> Result<Vec<DocumentVersion<T>>, StoreError> {
    let version = |row: VersionRow| {
        Ok(DocumentVersion {
            version: row.version,
            document: read(&row.document)?,
            effective_from: Instant(row.effective_from_utc_s),
            recorded: (row.recorded_at_utc_s, row.recorded_by),
        })
    };
    rows.into_iter().map(version).collect()
}

/// The document in force at `now`; `None` when no version has taken effect.
pub(crate) async fn in_force<T: SingleDocument>(
    connection: &mut AnyConnection,
    now: Instant,
) -> Result<Option<T>, StoreError> {
    let row = sqlx::query(T::TABLE.in_force).bind(now.0).fetch_optional(connection).await?;
    row.map(|row| read(&row.try_get::<String, _>(0)?)).transpose()
}

/// The number of the newest version, also of one that is planned; 0 for none.
pub(crate) async fn newest<T: SingleDocument>(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query(T::TABLE.newest).fetch_one(connection).await?.try_get(0)?)
}

/// Writes the next version, by time and author.
pub(crate) async fn put<T: SingleDocument>(
    tx: &mut Tx,
    document: &T,
    effective_from: Instant,
    (at, by): (i64, String),
) -> Result<(), StoreError> {
    let document =
        serde_json::to_string(document).map_err(|error| StoreError::inconsistent(T::TABLE.name, error))?;
    sqlx::query(T::TABLE.put)
        .bind(document)
        .bind(effective_from.0)
        .bind(at)
        .bind(by)
        .execute(tx.connection())
        .await?;
    Ok(())
}

//! The desk's key of proofs.

use domain::proof::{ProofKey, PublicKey};
use sqlx::Row;

use crate::Ports;
use crate::hex::{hex, unhex};
use crate::store::{Snapshot, Store, StoreError, newest_schema, secret};

/// The name of its seed among the secrets.
const NAME: &str = "proof";

/// Loads the installation's key, or makes it at the first start.
pub(crate) async fn load(store: &Store, ports: &Ports) -> Result<ProofKey, StoreError> {
    key_of(&secret(store, NAME, hex(&ports.random::<32>())).await?)
}

/// The public half of the key of the database at `address`, without opening a desk; `None` before its first start with proofs.
///
/// # Errors
/// When the database cannot be read, its schema is of another version, or the key is not as the desk keeps it.
pub async fn public_key_at(address: &str) -> Result<Option<PublicKey>, StoreError> {
    let mut snapshot = Snapshot::begin(address).await?;
    if snapshot.schema() != newest_schema() {
        return Err(StoreError::inconsistent("_sqlx_migrations", "the schema is of another version"));
    }
    let row = sqlx::query("SELECT value FROM secrets WHERE name = $1")
        .bind(NAME)
        .fetch_optional(snapshot.connection())
        .await?;
    snapshot.end().await?;
    let seed: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
    seed.map(|seed| key_of(&seed).map(|key| key.public())).transpose()
}

fn key_of(seed: &str) -> Result<ProofKey, StoreError> {
    let seed: Option<[u8; 32]> = unhex(seed).and_then(|seed| seed.try_into().ok());
    let seed = seed.ok_or_else(|| StoreError::inconsistent("secrets", "the key of proofs is damaged"))?;
    Ok(ProofKey::of_seed(&seed))
}

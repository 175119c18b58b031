//! Backups and restorations in the audit log.

use domain::actor::Actor;
use domain::audit::AuditEvent;

use crate::Ports;
use crate::audit::{self, Noted};
use crate::store::{Snapshot, Store, StoreError, newest_schema};

/// What was done with a whole desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// It was written into a file.
    BackedUp,
    /// It was filled from a file, or from another database.
    Restored,
}

/// Writes down in the database at `address` what was done with it. A schema of another version stays as it is: a backup is what
/// one makes before an upgrade.
///
/// # Errors
/// When the database cannot be written.
pub async fn note(address: &str, ports: &Ports, what: Whole) -> Result<(), StoreError> {
    let snapshot = Snapshot::begin(address).await?;
    let is_current = snapshot.schema() == newest_schema();
    snapshot.end().await?;
    if !is_current {
        return Ok(());
    }
    let store = Store::connect(address).await?;
    let written = write(&store, ports, what).await;
    store.close().await;
    written
}

async fn write(store: &Store, ports: &Ports, what: Whole) -> Result<(), StoreError> {
    audit::begin(store, ports).await?;
    let event = match what {
        Whole::BackedUp => AuditEvent::BackedUp,
        Whole::Restored => AuditEvent::Restored,
    };
    let noted = Noted::of(&Actor::System, ports.now(), event);
    store
        .write(move |tx| {
            Box::pin(async move {
                audit::record(tx, &noted).await?;
                Ok(())
            })
        })
        .await
}

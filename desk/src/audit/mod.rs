//! The audit log, and the chains over it and over the histories of cases (`docs/decisions/0060`).
//!
//! | part | content |
//! |---|---|
//! | `chain` | the digests, pure |
//! | `log` | an entry, written in the transaction of what it tells of |
//! | `queue` | entries that are written beside the answer: refusals and reading |
//! | `histories` | the chain of each history: its head, erasures, what is left of a case that was taken out |
//! | `seal` | entries that cover what histories have gained |
//! | `verify` | all of it held against the chains |
//! | `list` | pages of the log |

pub(crate) mod chain;
pub(crate) mod histories;
mod list;
mod log;
mod queue;
mod seal;
mod verify;

use domain::audit::{AuditAuthor, AuditEvent};
use sqlx::Row;

use crate::Ports;
use crate::hex::hex;
use crate::store::{Store, StoreError};

pub use list::{AUDIT_ROWS_MAX, AuditFilter, AuditPage, head, head_at, read};
pub(crate) use log::{Noted, record, record_all};
pub use queue::{AUDIT_LOST, AUDIT_NOTED};
pub(crate) use queue::{Queue, Reading};
pub(crate) use seal::sealed_to;
pub use seal::{seal, serve};
pub(crate) use verify::NETWORK_S;
pub use verify::{Fault, Finding, Verified, verify};

/// Makes the installation's key of the log at the first start, and the first entry: how many entries of histories were there
/// before it.
pub(crate) async fn begin(store: &Store, ports: &Ports) -> Result<(), StoreError> {
    let mut reader = store.reader().await?;
    let known =
        sqlx::query("SELECT 1 FROM secrets WHERE name = 'audit'").fetch_optional(&mut *reader).await?;
    reader.done();
    if known.is_some() {
        return Ok(());
    }
    let (fresh, now) = (hex(&ports.random::<32>()), ports.now());
    store
        .write(move |tx| {
            Box::pin(async move {
                let made = sqlx::query(
                    "INSERT INTO secrets (name, value) VALUES ('audit', $1) ON CONFLICT (name) DO NOTHING",
                )
                .bind(fresh)
                .execute(tx.connection())
                .await?;
                // Another node was faster.
                if made.rows_affected() == 0 {
                    return Ok(());
                }
                let older: i64 = sqlx::query("SELECT COUNT(*) FROM case_events")
                    .fetch_one(tx.connection())
                    .await?
                    .try_get(0)?;
                let event = AuditEvent::Begun { older: u64::try_from(older).unwrap_or_default() };
                record(tx, &Noted::by(AuditAuthor::System, now, event)).await?;
                Ok(())
            })
        })
        .await
}

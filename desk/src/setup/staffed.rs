//! Whether anybody works at the desk: a desk without staff tells its visitors so.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Desk;
use crate::store::StoreError;

/// Whether somebody was seen to work here. Once true it stays: the last administrator is never put out of service.
#[derive(Debug, Default)]
pub struct Staffed(AtomicBool);

/// Whether anybody can sign in. An empty desk is asked each time, any other once for each process.
///
/// # Errors
/// When the database does not answer.
pub async fn is_staffed(desk: &Desk) -> Result<bool, StoreError> {
    let seen = desk.staffed();
    if seen.0.load(Ordering::Relaxed) {
        return Ok(true);
    }
    let mut reader = desk.store().reader().await?;
    let row =
        sqlx::query("SELECT 1 FROM people WHERE active = 1 LIMIT 1").fetch_optional(&mut *reader).await?;
    reader.done();
    if row.is_some() {
        seen.0.store(true, Ordering::Relaxed);
    }
    Ok(row.is_some())
}

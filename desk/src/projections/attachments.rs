//! The bytes of files in the history.

use domain::case::Event;
use domain::case::visit::VisitEvent;
use domain::case_number::CaseNumber;

use crate::store::{StoreError, Tx};

/// Deletes the bytes of a file that an entry removed: a wrong photograph must not be stored.
pub(crate) async fn forget(tx: &mut Tx, number: CaseNumber, event: &Event) -> Result<(), StoreError> {
    let Event::Visit { what: VisitEvent::Detached { file }, .. } = event else { return Ok(()) };
    sqlx::query("DELETE FROM visit_files WHERE case_number = $1 AND file_id = $2")
        .bind(number.as_compact())
        .bind(file.id.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

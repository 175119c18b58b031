//! The provider's own waiting reasons, as they are in force. [`settings`](crate::settings) writes them.

use domain::actor::{Action, Actor, Subject, may};
use domain::i18n::Language;
use domain::waiting_reasons::{OfferedWait, WaitingReasons};

use crate::store::documents::{self, DocumentTable, SingleDocument, document_table};
use crate::{Desk, DeskError};

/// The waiting reasons that are offered beside the kinds of pauses, in one language. A provider that has set none offers none.
///
/// # Errors
/// See [`DeskError`].
pub async fn offered(desk: &Desk, actor: &Actor, language: Language) -> Result<Vec<OfferedWait>, DeskError> {
    may(actor, Action::ReadQueue, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let reasons = documents::in_force::<WaitingReasons>(&mut reader, desk.now()).await?;
    reader.done();
    Ok(reasons.map(|reasons| reasons.offered(language)).unwrap_or_default())
}

impl SingleDocument for WaitingReasons {
    const TABLE: DocumentTable = document_table!("waiting_reasons");
}

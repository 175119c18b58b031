//! The causes that the provider offers, as they are in force. [`settings`](crate::settings) writes them.

use domain::actor::{Action, Actor, Subject, may};
use domain::causes::{CauseTree, OfferedCauses};
use domain::i18n::Language;
use domain::time::Instant;
use sqlx::AnyConnection;

use crate::store::StoreError;
use crate::store::documents::{self, DocumentTable, SingleDocument, document_table};
use crate::{Desk, DeskError};

/// What an agent who resolves a case chooses a cause from, in one language.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::causes::offered;
/// use domain::i18n::Language;
///
/// let causes = offered(&desk, &agent(), Language::En).await?;
/// assert_eq!(causes.categories[0].name, "Networks");
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn offered(desk: &Desk, actor: &Actor, language: Language) -> Result<OfferedCauses, DeskError> {
    may(actor, Action::ReadQueue, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let tree = in_force(&mut reader, desk.now()).await?;
    reader.done();
    Ok(tree.offered(language))
}

/// The tree in force at `now`: the latest version that has taken effect, else the standing one.
pub(crate) async fn in_force(connection: &mut AnyConnection, now: Instant) -> Result<CauseTree, StoreError> {
    Ok(documents::in_force(connection, now).await?.unwrap_or_else(CauseTree::standing))
}

impl SingleDocument for CauseTree {
    const TABLE: DocumentTable = document_table!("causes");
}

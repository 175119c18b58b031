//! Use-case: files of visits. The history has their description (`VisitEvent::Attached`). The bytes are in a table of
//! their own; they are written and deleted in the transaction of their entry.

use domain::actor::{Action, Actor, Subject, may};
use domain::attachment::{Attachment, ContentHash, FileId, FileKind, FileProblem};
use domain::case::visit::VisitCommand;
use domain::case::{Command, Origin};
use domain::case_number::CaseNumber;
use sha2::{Digest, Sha256};
use sqlx::Row;
use thiserror::Error;

use crate::Desk;
use crate::access::tokens::hex;
use crate::cases::execute::{Expected, execute_command, execute_in};
use crate::error::{DeskError, holds_desk_error};
use crate::events;
use crate::reach::Reach;
use crate::store::{Guarded, StoreError, Tx};

/// Why a file was refused.
#[derive(Debug, Clone, Error)]
pub enum FileError {
    /// The file itself is not acceptable. Choose another one.
    #[error(transparent)]
    Problem(#[from] FileProblem),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(FileError: StoreError);

/// Adds a file to the visit under way. `claimed` is the sender's name of it. The bytes are stored unchanged.
///
/// # Errors
/// See [`FileError`].
pub async fn attach(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    claimed: &str,
    content: Vec<u8>,
) -> Result<Attachment, FileError> {
    // Refused before the transaction begins.
    FileKind::of(&content)?;
    let ours = |_| StoreError::inconsistent("visit_files", "digits that are none");
    let hash = ContentHash::parse(&hex(&Sha256::digest(&content))).map_err(ours)?;
    let (at_work, actor, claimed) = (desk.clone(), actor.clone(), claimed.to_owned());
    desk.store()
        .write_beside(vec![Guarded::Case(number)], move |tx| {
            Box::pin(async move {
                let id = FileId::parse(&hex(&at_work.ports().random::<16>())).map_err(ours)?;
                let file = Attachment::of(id, &claimed, &content, hash)?;
                let command = Command::Visit(VisitCommand::Attach(file.clone()));
                execute_in(&at_work, tx, &actor, Origin::Workspace, number, Expected::Any, command).await?;
                insert(tx, number, &file.id, content).await?;
                Ok(file)
            })
        })
        .await
}

/// Removes a file of the visit under way.
///
/// # Errors
/// See [`DeskError`].
pub async fn detach(desk: &Desk, actor: &Actor, number: CaseNumber, id: FileId) -> Result<(), DeskError> {
    let command = Command::Visit(VisitCommand::Detach { id });
    execute_command(desk, actor, number, Expected::Any, command).await.map(drop)
}

/// A file with its bytes, for readers of the case.
///
/// # Errors
/// See [`DeskError`]. For other actors the file does not exist.
pub async fn read_file(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    id: &FileId,
) -> Result<(Attachment, Vec<u8>), DeskError> {
    let mut reader = desk.store().reader().await?;
    let history = events::history(&mut reader, number).await?;
    if history.is_empty() {
        return Err(DeskError::NotFound);
    }
    let case = events::fold(&history)?;
    let subject = Subject::Case { number, country: case.opening.report.country };
    may(actor, Action::ReadCase, subject).map_err(|_| DeskError::NotFound)?;
    Reach::of(actor).require(&mut reader, number).await?;
    let file = case.visits().list().iter().find_map(|visit| visit.file(id)).ok_or(DeskError::NotFound)?;
    let row = sqlx::query("SELECT content FROM visit_files WHERE case_number = $1 AND file_id = $2")
        .bind(number.as_compact())
        .bind(id.as_str())
        .fetch_optional(&mut *reader)
        .await
        .map_err(StoreError::from)?;
    let row = row.ok_or_else(|| StoreError::inconsistent("visit_files", format!("{number}: no bytes")))?;
    Ok((file.clone(), row.try_get(0).map_err(StoreError::from)?))
}

async fn insert(tx: &mut Tx, number: CaseNumber, id: &FileId, content: Vec<u8>) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO visit_files (case_number, file_id, content) VALUES ($1, $2, $3)")
        .bind(number.as_compact())
        .bind(id.as_str())
        .bind(content)
        .execute(tx.connection())
        .await?;
    Ok(())
}

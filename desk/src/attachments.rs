//! Use-case: files of visits. The history holds what each is (`VisitEvent::Attached`); the bytes stand in a table of their
//! own, come in the same transaction and go with the entry that takes the file out.

use domain::actor::{Action, Actor, NotPermitted, Subject, may};
use domain::attachment::{Attachment, ContentHash, FileId, FileKind, FileProblem};
use domain::case::visit::{VisitCommand, VisitEvent};
use domain::case::{Command, Event, Origin};
use domain::case_number::CaseNumber;
use sha2::{Digest, Sha256};
use sqlx::Row;
use thiserror::Error;

use crate::Desk;
use crate::case_log;
use crate::store::{StoreError, Tx};
use crate::tokens::hex;
use crate::work_case::{WorkCaseError, within, work_case};

/// Why a file was not kept, shown or taken out.
#[derive(Debug, Clone, Error)]
pub enum FileError {
    /// There is no such case or file, or the actor may not know of it: both read the same.
    #[error("there is no such file")]
    NotFound,
    /// The file itself cannot be kept.
    #[error(transparent)]
    Problem(#[from] FileProblem),
    /// A rule of the desk would be broken.
    #[error(transparent)]
    Work(#[from] WorkCaseError),
    /// Try again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotPermitted> for FileError {
    fn from(_: NotPermitted) -> Self {
        Self::NotFound
    }
}

/// Adds a file to the visit that is under way; `claimed` is what its sender calls it. Nothing of the bytes is changed.
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
    // Refused before anybody waits for it.
    FileKind::of(&content)?;
    let ours = |_| StoreError::inconsistent("visit_files", "digits that are none");
    let hash = ContentHash::parse(&hex(&Sha256::digest(&content))).map_err(ours)?;
    let (at_work, actor, claimed) = (desk.clone(), actor.clone(), claimed.to_owned());
    desk.store()
        .write(move |tx| {
            Box::pin(async move {
                let id = FileId::parse(&hex(&at_work.ports().random::<16>())).map_err(ours)?;
                let file = Attachment::of(id, &claimed, &content, hash)?;
                let command = Command::Visit(VisitCommand::Attach(file.clone()));
                within(&at_work, tx, &actor, Origin::Workspace, number, u32::MAX, command).await?;
                insert(tx, number, &file.id, content).await?;
                Ok(file)
            })
        })
        .await
}

/// Takes a file out of the visit that is under way.
///
/// # Errors
/// See [`FileError`].
pub async fn detach(desk: &Desk, actor: &Actor, number: CaseNumber, id: FileId) -> Result<(), FileError> {
    let command = Command::Visit(VisitCommand::Detach { id });
    work_case(desk, actor, number, u32::MAX, command).await?;
    Ok(())
}

/// A file with its bytes, for those who may see the case.
///
/// # Errors
/// See [`FileError`].
pub async fn read_file(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    id: &FileId,
) -> Result<(Attachment, Vec<u8>), FileError> {
    let mut reader = desk.store().reader().await?;
    let history = case_log::history(&mut reader, number).await?;
    if history.is_empty() {
        return Err(FileError::NotFound);
    }
    let case = case_log::fold(&history)?;
    may(actor, Action::ReadCase, Subject::Case { number, country: case.opening.report.country })?;
    let file = case.visits().list().iter().find_map(|visit| visit.file(id)).ok_or(FileError::NotFound)?;
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

/// Lets the bytes of a file go that an entry has taken out: a wrong photograph is nobody's to keep.
pub(crate) async fn forget(tx: &mut Tx, number: CaseNumber, event: &Event) -> Result<(), StoreError> {
    let Event::Visit { what: VisitEvent::Detached { file }, .. } = event else { return Ok(()) };
    sqlx::query("DELETE FROM visit_files WHERE case_number = $1 AND file_id = $2")
        .bind(number.as_compact())
        .bind(file.id.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

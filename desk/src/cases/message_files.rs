//! Use-case: files of messages, and of openings. Their rows are written with the entry that they came with, and name it by its version; the
//! history says nothing of them (`docs/decisions/0054`).

use std::sync::Arc;

use domain::actor::{Action, Actor, Subject, may};
use domain::attachment::{
    Attachment, ContentHash, FileId, FileKind, FileName, FileProblem, MOST_FILES, MOST_FILES_OF_CASE,
    MessageFiles, Shown,
};
use domain::case::{Audience, Author, Command, MessageCommand, decide};
use domain::case_number::CaseNumber;
use domain::text::Note;
use domain::time::Instant;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::Desk;
use crate::access::limits::{Network, Source};
use crate::access::tokens::hex;
use crate::cases::execute::{Expected, execute_with, origin_of};
use crate::cases::read::shown_to_customer;
use crate::error::{DeskError, holds_desk_error};
use crate::events;
use crate::mail::SentWith;
use crate::pictures;
use crate::reach::Reach;
use crate::store::{Guarded, StoreError, Tx};

/// The name of the table, for errors.
const TABLE: &str = "message_files";
/// The version of the entry that opens a case.
pub(crate) const OPENING: i64 = 1;

/// A file as its sender sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    /// The sender's name of it.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A message that files can come with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// The customer's message.
    OfCustomer(Note),
    /// An update for the customer.
    Update {
        /// Its text.
        text: Note,
        /// Moment of the committed next update, in place of the plan's.
        next: Option<Instant>,
    },
    /// A note.
    Note {
        /// Its readers, who may see the files as well.
        audience: Audience,
        /// Its text.
        text: Note,
    },
}

impl Words {
    fn command(self) -> Command {
        match self {
            Self::OfCustomer(text) => Command::Message(MessageCommand::Write { text }),
            Self::Update { text, next } => Command::Message(MessageCommand::SendUpdate { text, next }),
            Self::Note { audience, text } => Command::AddNote { audience, text },
        }
    }
}

/// Why a message with files was not taken. Nothing of it was written.
#[derive(Debug, Clone, Error)]
pub enum MessageError {
    /// Files are refused: their sender's names, each with the reason.
    #[error("{} files are refused", .0.len())]
    Files(Vec<(String, FileProblem)>),
    /// See [`DeskError`].
    #[error(transparent)]
    Desk(#[from] DeskError),
}

holds_desk_error!(MessageError: StoreError);

/// A file that is ready to be kept: pictures are drawn anew, without the place where they were taken.
#[derive(Debug, Clone)]
pub(crate) struct ReadyFile {
    name: FileName,
    kind: FileKind,
    hash: ContentHash,
    content: Arc<Vec<u8>>,
    thumbnail: Option<Arc<Vec<u8>>>,
}

impl ReadyFile {
    /// Makes a file ready.
    ///
    /// # Errors
    /// See [`FileProblem`].
    pub(crate) fn of(file: SentFile) -> Result<Self, FileProblem> {
        pictures::unless_it_panics(|| Self::drawn(file)).unwrap_or(Err(FileProblem::Unreadable))
    }

    fn drawn(file: SentFile) -> Result<Self, FileProblem> {
        let sent_as = FileKind::with_message(&file.name, &file.content)?;
        let (kind, content, thumbnail) = if sent_as.shown() == Shown::AsDownload {
            (sent_as, file.content, None)
        } else {
            let drawn = pictures::redrawn(&file.content, sent_as).ok_or(FileProblem::Unreadable)?;
            (drawn.kind, drawn.content, Some(Arc::new(drawn.thumbnail)))
        };
        let hash = hex(&Sha256::digest(&content));
        let hash = ContentHash::parse(&hash).map_err(|_| FileProblem::Unreadable)?;
        let name = FileName::of(&file.name, kind);
        Ok(Self { name, kind, hash, content: Arc::new(content), thumbnail })
    }

    /// The file as a mail names it.
    fn told(&self) -> SentWith {
        let bytes = u32::try_from(self.content.len()).unwrap_or(u32::MAX);
        SentWith { name: self.name.clone(), bytes }
    }

    /// The KiB that it takes on the disk, begun ones included.
    fn kib(&self) -> u32 {
        let thumbnail = self.thumbnail.as_ref().map_or(0, |thumbnail| thumbnail.len());
        u32::try_from((self.content.len() + thumbnail).div_ceil(1024)).unwrap_or(u32::MAX)
    }

    /// Whether another file has the same bytes.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

/// The turn of the one work on files: whose request is gone gives its turn up, and none holds a thread while it waits.
static WORKING: Semaphore = Semaphore::const_new(1);

/// Does work on files beside the requests, one after the other: a photograph takes a good part of a second.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    let turn = WORKING.acquire().await.map_err(|error| StoreError::inconsistent(TABLE, error))?;
    let working = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    working.await.map_err(|error| StoreError::inconsistent(TABLE, error))
}

/// Room on the disk for files of one message or opening, and the network of its sender. It is taken out of what all
/// customers have in a day.
#[must_use]
pub(crate) struct TakenRoom<'a> {
    desk: &'a Desk,
    network: Option<Network>,
    kib: u32,
}

impl<'a> TakenRoom<'a> {
    /// Takes room for files. The staff, and systems of the provider, need none. `source` is `None` for what came by no network.
    ///
    /// # Errors
    /// [`FileProblem::EnoughToday`] when customers, or those of the network, have none left.
    pub(crate) fn take(
        desk: &'a Desk,
        actor: &Actor,
        source: Option<Source>,
        files: &[ReadyFile],
    ) -> Result<Self, FileProblem> {
        let needs_room = match Author::from(actor) {
            Author::Customer | Author::CustomerBeside(_) | Author::Participant { .. } => true,
            Author::Staff { .. } | Author::Integration { .. } | Author::System => false,
        };
        let kib = if needs_room { files.iter().map(ReadyFile::kib).fold(0, u32::saturating_add) } else { 0 };
        let network = source.map(Source::site).filter(|_| kib > 0);
        let limits = desk.limits();
        if let Some(network) = &network {
            let taken = limits.network_files.take_many(network, kib, desk.now());
            taken.map_err(|_| FileProblem::EnoughToday)?;
        }
        if kib > 0 && limits.customer_files.take_many(&(), kib, desk.now()).is_err() {
            // A refusal of all costs the network nothing.
            if let Some(network) = &network {
                limits.network_files.give_back_many(network, kib);
            }
            return Err(FileProblem::EnoughToday);
        }
        Ok(Self { desk, network, kib })
    }

    /// Gives the room back: nothing was written.
    pub(crate) fn give_back(self) {
        if self.kib > 0 {
            self.desk.limits().customer_files.give_back_many(&(), self.kib);
        }
        if let Some(network) = &self.network {
            self.desk.limits().network_files.give_back_many(network, self.kib);
        }
    }
}

/// Writes a message with its files, all or nothing. Gives the version after it.
///
/// # Errors
/// See [`MessageError`].
pub async fn write_with_files(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    expected: Expected,
    words: Words,
    files: Vec<SentFile>,
) -> Result<u32, MessageError> {
    write(desk, (actor, None), (number, expected), words, files).await
}

/// Writes a message by a case's link. Its files are taken out of the share of the sender's network, as those of openings are.
///
/// # Errors
/// See [`MessageError`].
pub async fn write_by_link(
    desk: &Desk,
    (actor, source): (&Actor, Source),
    number: CaseNumber,
    text: Note,
    files: Vec<SentFile>,
) -> Result<u32, MessageError> {
    write(desk, (actor, Some(source)), (number, Expected::Any), Words::OfCustomer(text), files).await
}

async fn write(
    desk: &Desk,
    (actor, source): (&Actor, Option<Source>),
    (number, expected): (CaseNumber, Expected),
    words: Words,
    files: Vec<SentFile>,
) -> Result<u32, MessageError> {
    // A stranger's files are not even read.
    let action = words.clone().command().action();
    may(actor, action, Subject::Case { number, country: number.country() }).map_err(DeskError::from)?;
    // Nor are those of a message that is refused anyway: pictures take time.
    would_be_taken(desk, actor, number, &words, files.len()).await?;
    let files = ready(files).await?;
    let taken = TakenRoom::take(desk, actor, source, &files)
        .map_err(|problem| MessageError::Files(vec![(String::new(), problem)]))?;
    let (at_work, actor) = (desk.clone(), actor.clone());
    let origin = origin_of(&actor);
    let written = desk
        .store()
        .write_beside(vec![Guarded::Case(number)], move |tx| {
            Box::pin(async move {
                if files.len() > room(tx.connection(), number).await? {
                    return Err(MessageError::Files(vec![(String::new(), FileProblem::TooMany)]));
                }
                let told: Vec<SentWith> = files.iter().map(ReadyFile::told).collect();
                let command = (words.command(), told.as_slice());
                let version = execute_with(&at_work, tx, &actor, origin, number, expected, command).await?;
                keep(&at_work, tx, number, &files).await?;
                Ok(version)
            })
        })
        .await;
    if written.is_err() {
        taken.give_back();
    }
    written
}

/// Whether the case takes such a message now. The transaction decides again.
async fn would_be_taken(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    words: &Words,
    files: usize,
) -> Result<(), MessageError> {
    let mut reader = desk.store().reader().await?;
    Reach::of(actor).require(&mut reader, number).await?;
    let history = events::history(&mut reader, number).await?;
    let room = room(&mut reader, number).await?;
    reader.done();
    let Some(last) = history.last() else { return Err(DeskError::NotFound.into()) };
    let now = desk.now().max(last.at);
    let case = events::fold(&history)?;
    let hours = desk.hours(&case.opening.hours).await?;
    decide(&case, words.clone().command(), actor, &hours, now).map_err(DeskError::from)?;
    if files > room {
        return Err(MessageError::Files(vec![(String::new(), FileProblem::TooMany)]));
    }
    Ok(())
}

/// All files of a message ready, or every reason why not.
async fn ready(files: Vec<SentFile>) -> Result<Vec<ReadyFile>, MessageError> {
    if files.len() > MOST_FILES {
        return Err(MessageError::Files(vec![(String::new(), FileProblem::TooMany)]));
    }
    made_ready(files).await?.map_err(MessageError::Files)
}

/// Files that are refused: their sender's names, each with the reason.
pub(crate) type Refused = Vec<(String, FileProblem)>;

/// Files made ready, equal ones once; or every reason why not.
pub(crate) async fn made_ready(files: Vec<SentFile>) -> Result<Result<Vec<ReadyFile>, Refused>, StoreError> {
    let read = beside(move || {
        let read = |file: SentFile| {
            let name = file.name.clone();
            ReadyFile::of(file).map_err(|problem| (name, problem))
        };
        files.into_iter().map(read).collect::<Vec<_>>()
    })
    .await?;
    let (mut ready, mut refused) = (Vec::<ReadyFile>::new(), Vec::new());
    for file in read {
        match file {
            Ok(file) if ready.iter().any(|other| other.is_same(&file)) => {}
            Ok(file) => ready.push(file),
            Err(problem) => refused.push(problem),
        }
    }
    Ok(if refused.is_empty() { Ok(ready) } else { Err(refused) })
}

/// How many files the messages of a case can still have.
pub(crate) async fn room(connection: &mut AnyConnection, number: CaseNumber) -> Result<usize, StoreError> {
    let row = sqlx::query("SELECT COUNT(*) FROM message_files WHERE case_number = $1")
        .bind(number.as_compact())
        .fetch_one(connection)
        .await?;
    let kept = usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or(usize::MAX);
    Ok(MOST_FILES_OF_CASE.saturating_sub(kept))
}

/// Whether a file with these bytes stands with a message of the case already.
pub(crate) async fn is_kept(tx: &mut Tx, number: CaseNumber, file: &ReadyFile) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM message_files WHERE case_number = $1 AND hash = $2 LIMIT 1")
        .bind(number.as_compact())
        .bind(file.hash.as_str())
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.is_some())
}

/// Whether each of some files came with the opening of a case.
pub(crate) async fn came_with_opening(
    tx: &mut Tx,
    number: CaseNumber,
    files: &[ReadyFile],
) -> Result<bool, StoreError> {
    if files.is_empty() {
        return Ok(true);
    }
    let rows = sqlx::query("SELECT hash FROM message_files WHERE case_number = $1 AND version = $2")
        .bind(number.as_compact())
        .bind(OPENING)
        .fetch_all(tx.connection())
        .await?;
    let kept = rows.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?;
    Ok(files.iter().all(|file| kept.iter().any(|hash| hash == file.hash.as_str())))
}

/// Writes files with the newest message or note of a case, in the transaction of that entry.
pub(crate) async fn keep(
    desk: &Desk,
    tx: &mut Tx,
    number: CaseNumber,
    files: &[ReadyFile],
) -> Result<(), StoreError> {
    if files.is_empty() {
        return Ok(());
    }
    // A message may cause further entries, so that the newest entry may be another one.
    let row = sqlx::query(
        "SELECT MAX(version) FROM case_events
         WHERE case_number = $1 AND kind IN ('talk:customer_wrote', 'talk:news_given', 'noted')",
    )
    .bind(number.as_compact())
    .fetch_one(tx.connection())
    .await?;
    let version: i64 = row.try_get(0)?;
    keep_with(desk, tx, number, version, files).await
}

/// Writes files with the entry of a version, in its transaction.
pub(crate) async fn keep_with(
    desk: &Desk,
    tx: &mut Tx,
    number: CaseNumber,
    version: i64,
    files: &[ReadyFile],
) -> Result<(), StoreError> {
    for (place, file) in (0_i64..).zip(files) {
        let id = FileId::parse(&hex(&desk.ports().random::<16>()))
            .map_err(|error| StoreError::inconsistent(TABLE, error))?;
        sqlx::query(
            "INSERT INTO message_files (case_number, version, place, file_id, name, kind, bytes, hash, thumbnail, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(number.as_compact())
        .bind(version)
        .bind(place)
        .bind(id.as_str())
        .bind(file.name.as_str())
        .bind(file.kind.code())
        .bind(i64::try_from(file.content.len()).unwrap_or(i64::MAX))
        .bind(file.hash.as_str())
        .bind(file.thumbnail.as_deref().cloned())
        .bind(file.content.as_ref().clone())
        .execute(tx.connection())
        .await?;
    }
    Ok(())
}

/// The files of a case's messages without their bytes, in the order of the messages.
pub(crate) async fn of_case(
    connection: &mut AnyConnection,
    number: CaseNumber,
) -> Result<Vec<MessageFiles>, StoreError> {
    let rows = sqlx::query(
        "SELECT file_id, name, kind, bytes, hash, version FROM message_files WHERE case_number = $1 ORDER BY version, place",
    )
    .bind(number.as_compact())
    .fetch_all(connection)
    .await?;
    let mut messages: Vec<MessageFiles> = Vec::new();
    for row in &rows {
        let (file, version) = (file(row)?, version(row)?);
        match messages.last_mut().filter(|last| last.version == version) {
            Some(last) => last.files.push(file),
            None => messages.push(MessageFiles { version, files: vec![file] }),
        }
    }
    Ok(messages)
}

/// A file, from a row that begins with id, name, kind, size and hash.
fn file(row: &AnyRow) -> Result<Attachment, StoreError> {
    let wrong = |what: &str| StoreError::inconsistent(TABLE, what);
    let (id, name, kind): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let (bytes, hash): (i64, String) = (row.try_get(3)?, row.try_get(4)?);
    Ok(Attachment {
        id: FileId::parse(&id).map_err(|_| wrong("an id that is none"))?,
        name: FileName::try_from(name).map_err(|_| wrong("a name that is none"))?,
        kind: FileKind::from_code(&kind).ok_or_else(|| wrong(&kind))?,
        bytes: u32::try_from(bytes).map_err(|_| wrong("a size that is none"))?,
        hash: ContentHash::parse(&hash).map_err(|_| wrong("a hash that is none"))?,
    })
}

/// The entry that the file of a row came with.
fn version(row: &AnyRow) -> Result<u32, StoreError> {
    u32::try_from(row.try_get::<i64, _>(5)?).map_err(|error| StoreError::inconsistent(TABLE, error))
}

/// Which bytes of a file are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The file itself.
    Whole,
    /// The picture made small.
    Thumbnail,
}

/// A file of a message with its bytes, for readers who may see the message.
///
/// # Errors
/// See [`DeskError`]. For other actors the file does not exist. A document has no thumbnail, and an erased file no bytes.
pub async fn read_message_file(
    desk: &Desk,
    actor: &Actor,
    number: CaseNumber,
    id: &FileId,
    part: Part,
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
    let text = match part {
        Part::Whole => {
            "SELECT file_id, name, kind, bytes, hash, version, content FROM message_files
             WHERE case_number = $1 AND file_id = $2"
        }
        Part::Thumbnail => {
            "SELECT file_id, name, kind, bytes, hash, version, thumbnail FROM message_files
             WHERE case_number = $1 AND file_id = $2"
        }
    };
    let row = sqlx::query(text)
        .bind(number.as_compact())
        .bind(id.as_str())
        .fetch_optional(&mut *reader)
        .await
        .map_err(StoreError::from)?
        .ok_or(DeskError::NotFound)?;
    let version = version(&row)?;
    let mut entry = history.into_iter().find(|entry| entry.version == version).ok_or(DeskError::NotFound)?;
    if may(actor, Action::ReadCaseFile, subject).is_err() && !shown_to_customer(&mut entry) {
        return Err(DeskError::NotFound);
    }
    let content: Option<Vec<u8>> = row.try_get(6).map_err(StoreError::from)?;
    let content = content.filter(|content| !content.is_empty()).ok_or(DeskError::NotFound)?;
    Ok((file(&row)?, content))
}

/// Empties the files of a case. Their rows stay, without their names, as the messages had files.
pub(crate) async fn erase(tx: &mut Tx, number: CaseNumber) -> Result<(), StoreError> {
    for message in of_case(tx.connection(), number).await? {
        for erased in message.files.iter().map(Attachment::erased) {
            sqlx::query(
                "UPDATE message_files SET name = $3, bytes = 0, hash = $4, content = $5, thumbnail = NULL
                 WHERE case_number = $1 AND file_id = $2",
            )
            .bind(number.as_compact())
            .bind(erased.id.as_str())
            .bind(erased.name.as_str())
            .bind(erased.hash.as_str())
            .bind(Vec::<u8>::new())
            .execute(tx.connection())
            .await?;
        }
    }
    Ok(())
}

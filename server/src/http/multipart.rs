//! Forms in several parts: fields with words, then files.

use std::time::Duration;

use app::request::RequestContext;
use app::{AppError, refused_files};
use axum::body::{Body, HttpBody};
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use desk::cases::message_files::SentFile;
use domain::attachment::{FileProblem, MOST_FILES};
use domain::i18n::Language;
use domain::t;
use tokio::sync::Semaphore;

use super::BODY_BYTES;
use super::files::{UPLOAD_BYTES, content};
use super::posted::Typed;

/// The most parts of a form; no form of ours has as many beside its files.
const MOST_PARTS: usize = 64;

/// The most MiB of a form with files, as its sender is told.
const MOST_MIB: usize = UPLOAD_BYTES / 1024 / 1024;

/// The name of the field of files.
pub(super) const FILES: &str = "files";

/// Whether a form comes in several parts.
pub(super) fn has_parts(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// Forms with files that are read at once: each is held in memory whole.
static READING: Semaphore = Semaphore::const_new(4);
/// The same of openings. A stranger who sends slowly takes no turn from people who have a case.
static OPENING: Semaphore = Semaphore::const_new(4);
/// How long the files of an opening wait for their turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is read of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// Its fields up to its files.
    Words,
    /// Its files as well.
    Files,
}

/// The fields of a form, and its files or what is wrong with them.
pub(super) type Form = (Typed, Result<Vec<SentFile>, String>);

/// Reads a form whose files stand behind its other fields. A body that is too large still gives those fields.
pub(super) async fn read(form: Multipart, language: Language, reads: Reads) -> Result<Form, AppError> {
    let _turn = READING.acquire().await.map_err(AppError::internal)?;
    let too_large = t!(language, "file.problem.too_large_together", most = MOST_MIB);
    parts(form, language, reads, too_large).await
}

/// The same of the case form. Its sender may be a stranger, so that turns and pace are apart from those of messages.
pub(super) async fn read_opening(
    asked: &RequestContext,
    form: Multipart,
    weight: Weight,
) -> Result<Form, AppError> {
    // Several forms would open several cases: the others are sent later.
    let too_large = t!(asked.language, "file.problem.too_large_with_opening", most = MOST_MIB);
    if weight == Weight::Light {
        return parts(form, asked.language, Reads::Files, too_large).await;
    }
    let turn = match asked.may_send_files() {
        Ok(()) => tokio::time::timeout(PATIENCE, OPENING.acquire()).await.map_err(|_| AppError::Unavailable),
        Err(error) => Err(error),
    };
    match turn {
        Ok(turn) => {
            let _turn = turn.map_err(AppError::internal)?;
            parts(form, asked.language, Reads::Files, too_large).await
        }
        // The words are given back with the reason.
        Err(error) => {
            let (typed, _) = parts(form, asked.language, Reads::Words, too_large).await?;
            Ok((typed, Err(error.message(asked.language))))
        }
    }
}

/// How large a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// As small as a form without files.
    Light,
    /// Larger, or of a size that its sender did not tell.
    Heavy,
}

impl Weight {
    /// The weight of a request's body.
    pub(super) fn of(body: &Body) -> Self {
        match body.size_hint().upper() {
            Some(bytes) if bytes <= BODY_BYTES as u64 => Self::Light,
            _ => Self::Heavy,
        }
    }
}

/// The parts of a form; `too_large` are the words for one whose files are too large together.
async fn parts(
    mut form: Multipart,
    language: Language,
    reads: Reads,
    too_large: String,
) -> Result<Form, AppError> {
    let mut room = BODY_BYTES;
    let mut typed = Typed::new();
    let (mut files, mut refused) = (Vec::new(), Vec::new());
    for _ in 0..MOST_PARTS {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) if refused.is_empty() => return Ok((typed, Ok(files))),
            Ok(None) => return Ok((typed, Err(refused_files(language, &refused)))),
            Err(error) if is_too_large(&error) => return Ok((typed, Err(too_large))),
            Err(_) => return Err(AppError::Malformed),
        };
        let name = field.name().unwrap_or_default().to_owned();
        let Some(claimed) = field.file_name().map(str::to_owned) else {
            typed.insert(name, text(field, &mut room).await?);
            continue;
        };
        if name != FILES {
            continue;
        }
        if reads == Reads::Words {
            return Ok((typed, Ok(Vec::new())));
        }
        match content(field).await {
            Ok(Ok(content)) if content.is_empty() && claimed.is_empty() => {}
            // Their bytes are not held: more than these are refused.
            Ok(_) if files.len() > MOST_FILES => {}
            Ok(Ok(content)) => files.push(SentFile { name: claimed, content }),
            Ok(Err(problem)) => refused.push((claimed, problem)),
            Err(error) if is_too_large(&error) => return Ok((typed, Err(too_large))),
            Err(_) => return Err(AppError::Malformed),
        }
    }
    let problem = FileProblem::TooMany.message(language);
    Ok((typed, Err(problem)))
}

fn is_too_large(error: &MultipartError) -> bool {
    error.status() == StatusCode::PAYLOAD_TOO_LARGE
}

/// The value of a field. All fields together have no more room than a whole form without files.
async fn text(mut field: Field<'_>, room: &mut usize) -> Result<String, AppError> {
    let mut value = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|_| AppError::Malformed)? {
        *room = room.checked_sub(chunk.len()).ok_or(AppError::Malformed)?;
        value.extend_from_slice(&chunk);
    }
    String::from_utf8(value).map_err(|_| AppError::Malformed)
}

//! Files of a case: those of its opening, of messages, of notes and of visits.

use app::AppError;
use axum::Extension;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use desk::DeskError;
use desk::cases::attachments::read_file;
use desk::cases::execute::Expected;
use desk::cases::message_files::{MessageError, Part, Words, read_message_file, write_with_files};
use desk::cases::read::{is_case, read_case};
use domain::actor::{Action, scope_of};
use domain::attachment::{Attachment, FileId, FileKind, FileProblem, Shown};
use domain::case::Audience;
use domain::t;
use domain::text::Note;
use serde_json::{Value, json};

use super::super::files::bytes;
use super::super::multipart::{FILES, Form, Reads, Sender, has_parts, read};
use super::caller::Caller;
use super::cases::Pairs;
use super::commands::{TEXT, done};
use super::input::{Fields, Parameters, case_number, if_match};
use super::json::tagged;
use super::operation::{Method, Operation};
use super::problem::ApiError;
use super::schema::{closed, codes, integer, integer_or_null, list_of, object, path, string};

const TAG: &str = "Attachments";

/// What files are sent with.
const KINDS: [&str; 2] = ["note", "message"];
/// The fields of the form beside its files.
const FIELDS: [&str; 3] = ["kind", "audience", "text"];

/// The operations of files.
pub(super) fn operations() -> Vec<Operation> {
    let example = json!({ "kind": "note", "audience": "internal", "text": "Registro del equipo.", "files": ["registro.pdf"] });
    vec![
        Operation::new(
            (Method::Get, "/cases/{number}/attachments"),
            get(list),
            ("listAttachments", TAG, "List the files of a case"),
        )
        .needs(Action::ReadCase)
        .of_uploads()
        .about("Those of its opening, its messages and its notes, each with the entry that it came with; then those of its visits.")
        .answers(200, "The files; the ETag is the version of the case.", "Attachments"),
        Operation::new(
            (Method::Post, "/cases/{number}/attachments"),
            post(add),
            ("addAttachments", TAG, "Send files with a note or a message"),
        )
        .needs(Action::WorkCase)
        .of_uploads()
        .about(
            "A note, internal unless its `audience` is `public`, or a message to the customer, whose `audience` is never \
             `internal`. All files are taken or none: JPEG, \
             PNG, WebP, PDF and text (.log, .txt), of 8 MiB each. The files stand behind the other fields.",
        )
        .parameter("IfMatchOptional")
        .parts("NewAttachments", example)
        .answers(201, "They are written; the answer has the version after it.", "CaseVersion"),
        Operation::new(
            (Method::Get, "/cases/{number}/attachments/{file}"),
            get(download),
            ("readAttachment", TAG, "Download a file of a case"),
        )
        .needs(Action::ReadCase)
        .downloads("The file.", &FileKind::ALL.map(FileKind::media_type)),
    ]
}

/// Parameters of files.
pub(super) fn parameters() -> Value {
    json!({
        "path_file": path(
            "file",
            "The id of a file.",
            &json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" }),
            &json!("00112233445566778899aabbccddeeff"),
        ),
    })
}

/// Schemas of files.
pub(super) fn schemas() -> Value {
    json!({
        "Attachments": object(
            &["attachments", "version"],
            json!({ "attachments": list_of("Attachment"), "version": integer() }),
        ),
        "Attachment": object(
            &["id", "name", "media_type", "bytes", "sha256", "entry", "visit"],
            json!({
                "id": string(),
                "name": string(),
                "media_type": codes(&FileKind::ALL.map(FileKind::media_type)),
                "bytes": { "type": "integer", "description": "0 once its content was erased." },
                "sha256": string(),
                "entry": { "type": ["integer", "null"], "description": "Version of the entry that it came with." },
                "visit": integer_or_null(),
            }),
        ),
        "NewAttachments": closed(
            &["text", FILES],
            json!({
                "kind": codes(&KINDS),
                "audience": codes(&Audience::ALL.map(Audience::code)),
                "text": { "type": "string", "minLength": 1, "maxLength": 4000 },
                "files": { "type": "array", "items": string(), "description": "One part for each file, with its name." },
            }),
        ),
    })
}

/// Lists the files of a case.
async fn list(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, ApiError> {
    let number = case_number(&number)?;
    Parameters::new(pairs, caller.language).done()?;
    let page = read_case(&caller.desk, &caller.actor, number).await?;
    let mut attachments = Vec::new();
    for message in &page.files {
        attachments
            .extend(message.files.iter().map(|file| told(file, &message.version.into(), &Value::Null)));
    }
    for visit in &page.visits {
        attachments.extend(visit.files.iter().map(|file| told(file, &Value::Null, &visit.id.0.into())));
    }
    Ok(tagged(StatusCode::OK, page.version, json!({ "attachments": attachments, "version": page.version })))
}

fn told(file: &Attachment, entry: &Value, visit: &Value) -> Value {
    json!({
        "id": file.id.as_str(),
        "name": file.name.as_str(),
        "media_type": file.kind.media_type(),
        "bytes": file.bytes,
        "sha256": file.hash.as_str(),
        "entry": entry,
        "visit": visit,
    })
}

/// Writes a note or a message with files.
async fn add(
    Extension(caller): Extension<Caller>,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let number = case_number(&number)?;
    if !has_parts(request.headers()) {
        return Err(ApiError::Bare(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    // A case of another scope is none, and files for none are not read.
    if !scope_of(&caller.actor).holds(number.country()) || !is_case(&caller.desk, number).await? {
        return Err(AppError::NotFound.into());
    }
    let expected = if_match(request.headers())?.unwrap_or(Expected::Any);
    // Its turn lasts until its files are written.
    let Form { typed, files, turn: _turn } =
        read(request, caller.language, Reads::Files, Sender::Staff).await?;
    let files = files.map_err(|words| ApiError::field(FILES, words))?;
    let mut fields = Fields::new(caller.language);
    for name in typed.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
        let words = t!(caller.language, "api.parameter").into_owned();
        fields.wrong(name, words);
    }
    if files.is_empty() {
        fields.wrong(FILES, FileProblem::Empty.message(caller.language));
    }
    let value = |name: &str| typed.get(name).map(String::as_str);
    let words = words(fields, value)?;
    let written = write_with_files(&caller.desk, &caller.actor, number, expected, words, files).await;
    let version = written.map_err(|error| match error {
        MessageError::Desk(error) => ApiError::from(error),
        error @ MessageError::Files(_) => ApiError::App(AppError::of_message(error, caller.language)),
    })?;
    let value = json!({ "number": number.as_compact(), "version": version });
    Ok(tagged(StatusCode::CREATED, version, value))
}

/// The note or the message of a form.
fn words<'a>(mut fields: Fields, value: impl Fn(&str) -> Option<&'a str>) -> Result<Words, ApiError> {
    let known = |code: &str| KINDS.into_iter().find(|known| *known == code);
    let kind = match value("kind") {
        None => Some(KINDS[0]),
        code => fields.choice("kind", code, known, &KINDS),
    };
    let audience = match value("audience") {
        None => Some(Audience::Internal),
        code => fields.choice("audience", code, Audience::from_code, &Audience::ALL.map(Audience::code)),
    };
    if kind == Some(KINDS[1]) && audience == Some(Audience::Internal) && value("audience").is_some() {
        // The customer would read words that their author held for internal.
        let words = t!(fields.language(), "api.choice", choices = Audience::Public.code());
        fields.wrong("audience", words);
    }
    let text = fields.text("text", value("text"), Note::parse, TEXT);
    let ((kind, audience), text) = done(kind.zip(audience).zip(text), fields)?;
    Ok(match kind {
        "message" => Words::Update { text, next: None },
        _ => Words::Note { audience, text },
    })
}

/// A file with its bytes.
async fn download(
    Extension(caller): Extension<Caller>,
    Path((number, file)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let number = case_number(&number)?;
    let id = FileId::parse(&file).map_err(|_| AppError::NotFound)?;
    let found = match read_message_file(&caller.desk, &caller.actor, number, &id, Part::Whole).await {
        Err(DeskError::NotFound) => read_file(&caller.desk, &caller.actor, number, &id).await,
        found => found,
    };
    let (file, content) = found?;
    Ok(bytes(file.kind.media_type(), Shown::AsDownload, file.name.as_str(), content))
}

//! Files of visits and the account of a closed case: what is kept as bytes and given out as bytes, to those who may see the
//! case.
//!
//! Uploads come as plain multipart forms, from a page without a script as from one with: the one asks for a page (`Accept:
//! text/html`) and is led back to it, the other is told in words.

use app::AppError;
use app::pages::staff::file_problem;
use app::request::Asked;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Extension, Form, Multipart, Path, State};
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use desk::account::closing_account;
use desk::attachments::{FileError, attach, detach, read_file};
use desk::read_case::ReadCaseError;
use desk::work_case::WorkCaseError;
use domain::actor::{Action, Actor, Subject, may};
use domain::attachment::{FileId, FileProblem, MOST_BYTES, Shown};
use domain::case::Refusal;
use domain::case::visit::VisitRefusal;
use domain::case_number::CaseNumber;
use serde::Deserialize;

use super::Site;
use super::forms::to;

/// The largest upload: four of the largest files at once, and what goes around them. One file is read at a time.
pub const UPLOAD_BYTES: usize = 4 * MOST_BYTES + 64 * 1024;
/// More parts than a form of ours has.
const MOST_PARTS: usize = 64;

/// A picture is drawn and does nothing; browsers' own page around it has a style.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'none'";

/// Why a file was not kept, as an address can carry it.
type Code = &'static str;

/// What came in with an upload.
#[derive(Debug, Default)]
struct Taken {
    /// Files that were kept.
    kept: usize,
    /// The first thing that was wrong.
    problem: Option<Code>,
    /// The day of the agenda that the form stood on.
    ahead: i32,
}

/// Adds files to the visit that is under way.
pub async fn add(
    State(site): State<Site>,
    Path(number): Path<String>,
    Extension(asked): Extension<Asked>,
    headers: HeaderMap,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    if let Some(response) = stranger(&asked, &headers) {
        return response;
    }
    let Ok(number) = CaseNumber::parse(&number) else { return StatusCode::NOT_FOUND.into_response() };
    // Before a byte of the body is read.
    if may(&asked.actor, Action::WorkCase, Subject::Case { number, country: number.country() }).is_err() {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Ok(multipart) = multipart else { return StatusCode::BAD_REQUEST.into_response() };
    let taken = match take(&site, &asked.actor, number, multipart).await {
        Ok(taken) => taken,
        Err(status) => return status.into_response(),
    };
    let problem = taken.problem.or((taken.kept == 0).then_some(FileProblem::Empty.code()));
    if wants_page(&headers) {
        return back(number, taken.ahead, problem);
    }
    match problem {
        None => StatusCode::CREATED.into_response(),
        Some(code) => (StatusCode::UNPROCESSABLE_ENTITY, file_problem(asked.language, code)).into_response(),
    }
}

async fn take(
    site: &Site,
    actor: &Actor,
    number: CaseNumber,
    mut multipart: Multipart,
) -> Result<Taken, StatusCode> {
    let mut taken = Taken::default();
    for _ in 0..MOST_PARTS {
        let field = match multipart.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(taken),
            Err(error) => {
                taken.problem.get_or_insert(unreadable(&error)?);
                return Ok(taken);
            }
        };
        if field.name() == Some("in") {
            let text = field.text().await.unwrap_or_default();
            taken.ahead = text.trim().parse::<i32>().unwrap_or(0).clamp(-60, 60);
        } else if field.name() == Some("file") {
            let name = field.file_name().unwrap_or_default().to_owned();
            let outcome = match content(field).await {
                Ok(Ok(content)) if content.is_empty() && name.is_empty() => continue,
                Ok(Ok(content)) => keep(site, actor, number, &name, content).await?,
                Ok(Err(problem)) => Err(problem.code()),
                Err(error) => {
                    taken.problem.get_or_insert(unreadable(&error)?);
                    return Ok(taken);
                }
            };
            match outcome {
                Ok(()) => taken.kept += 1,
                Err(code) => {
                    taken.problem.get_or_insert(code);
                }
            }
        }
    }
    Err(StatusCode::BAD_REQUEST)
}

/// The bytes of one part. What is too much is read past and not kept, so that what comes after it is still read.
async fn content(mut field: Field<'_>) -> Result<Result<Vec<u8>, FileProblem>, MultipartError> {
    let mut content = Vec::new();
    let mut fits = true;
    while let Some(chunk) = field.chunk().await? {
        fits = fits && content.len() + chunk.len() <= MOST_BYTES;
        if fits {
            content.extend_from_slice(&chunk);
        } else {
            content = Vec::new();
        }
    }
    Ok(if fits { Ok(content) } else { Err(FileProblem::TooLarge) })
}

/// A body that is longer than any upload is a file that is too large; one that is no form is nobody's mistake but its
/// program's.
fn unreadable(error: &MultipartError) -> Result<Code, StatusCode> {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Ok(FileProblem::TooLarge.code()),
        status => Err(status),
    }
}

async fn keep(
    site: &Site,
    actor: &Actor,
    number: CaseNumber,
    name: &str,
    content: Vec<u8>,
) -> Result<Result<(), Code>, StatusCode> {
    match attach(&site.desk, actor, number, name, content).await {
        Ok(_) => Ok(Ok(())),
        Err(error) => code(error).map(Err),
    }
}

/// What a person is told of a failure, as a code; a status where nobody is to be told more.
fn code(error: FileError) -> Result<Code, StatusCode> {
    Ok(match error {
        FileError::Problem(problem) => problem.code(),
        FileError::NotFound | FileError::Work(WorkCaseError::NotFound) => {
            return Err(StatusCode::NOT_FOUND);
        }
        FileError::Work(WorkCaseError::Refused(Refusal::NotPermitted(_))) => {
            return Err(StatusCode::FORBIDDEN);
        }
        FileError::Work(WorkCaseError::Refused(Refusal::Visit(refused))) => match refused {
            VisitRefusal::TooManyFiles => "too_many",
            VisitRefusal::SameFile => "same",
            VisitRefusal::NoSuchFile => "gone",
            VisitRefusal::OtherTechnician => "other_technician",
            _ => "closed",
        },
        FileError::Work(WorkCaseError::Refused(_) | WorkCaseError::Changed { .. }) => "closed",
        FileError::Store(error) | FileError::Work(WorkCaseError::Store(error)) => {
            tracing::error!(%error, "a file was not kept");
            "failed"
        }
    })
}

/// Whoever is not signed in goes to the sign-in: a session may have ended on the way to the site.
fn stranger(asked: &Asked, headers: &HeaderMap) -> Option<Response> {
    match asked.actor {
        Actor::Staff(_) => None,
        _ if wants_page(headers) => Some(to("/desk/sign-in?next=/desk/agenda", None)),
        _ => {
            let words = AppError::SignInFirst.words(asked.language);
            Some((StatusCode::UNAUTHORIZED, words).into_response())
        }
    }
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|kinds| kinds.to_str().ok()).is_some_and(|kinds| kinds.contains("text/html"))
}

/// Back to the day of the agenda, with what was wrong at the field that it was wrong at.
fn back(number: CaseNumber, ahead: i32, problem: Option<Code>) -> Response {
    let number = number.as_compact();
    let told = problem.map(|code| format!("&problem={code}&of={number}")).unwrap_or_default();
    to(&format!("/desk/agenda?in={ahead}{told}#files-{number}"), None)
}

/// The one field of the form that takes a file out.
#[derive(Debug, Deserialize)]
pub struct Remove {
    #[serde(rename = "in", default)]
    ahead: i32,
}

/// Takes a file out of the visit that is under way.
pub async fn remove(
    State(site): State<Site>,
    Path((number, id)): Path<(String, String)>,
    Extension(asked): Extension<Asked>,
    headers: HeaderMap,
    Form(form): Form<Remove>,
) -> Response {
    if let Some(response) = stranger(&asked, &headers) {
        return response;
    }
    let (Ok(number), Ok(id)) = (CaseNumber::parse(&number), FileId::parse(&id)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let problem = match detach(&site.desk, &asked.actor, number, id).await.map_err(code) {
        Ok(()) => None,
        Err(Ok(code)) => Some(code),
        Err(Err(status)) => return status.into_response(),
    };
    back(number, form.ahead.clamp(-60, 60), problem)
}

/// A file, for the staff.
pub async fn of_case(
    State(site): State<Site>,
    Path((number, id)): Path<(String, String)>,
    Extension(asked): Extension<Asked>,
) -> Response {
    match CaseNumber::parse(&number) {
        Ok(number) => serve(&site, &asked.actor, number, &id).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A file, for the holder of the case's link.
pub async fn of_tracking(State(site): State<Site>, Path((tracking, id)): Path<(String, String)>) -> Response {
    match site.desk.tokens().case(&tracking) {
        Some(number) => serve(&site, &Actor::Customer(number), number, &id).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn serve(site: &Site, actor: &Actor, number: CaseNumber, id: &str) -> Response {
    let Ok(id) = FileId::parse(id) else { return StatusCode::NOT_FOUND.into_response() };
    match read_file(&site.desk, actor, number, &id).await {
        Ok((file, content)) => bytes(file.kind.media_type(), file.kind.shown(), file.name.as_str(), content),
        Err(FileError::Store(error)) => {
            tracing::error!(%error, "a file could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The account of a closed case as a document, for the staff.
pub async fn account_of_case(
    State(site): State<Site>,
    Path(number): Path<String>,
    Extension(asked): Extension<Asked>,
) -> Response {
    match CaseNumber::parse(&number) {
        Ok(number) => account(&site, &asked.actor, number).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The same for the holder of the case's link.
pub async fn account_of_tracking(State(site): State<Site>, Path(tracking): Path<String>) -> Response {
    match site.desk.tokens().case(&tracking) {
        Some(number) => account(&site, &Actor::Customer(number), number).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn account(site: &Site, actor: &Actor, number: CaseNumber) -> Response {
    match closing_account(&site.desk, actor, number).await {
        Ok(content) => {
            bytes("application/pdf", Shown::AsDownload, &format!("{}.pdf", number.as_compact()), content)
        }
        Err(ReadCaseError::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(ReadCaseError::Store(error)) => {
            tracing::error!(%error, "the account of a case could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Bytes as what they are, never as a page: under a type of ours, without guessing, in a sandbox, for this site alone.
fn bytes(kind: &'static str, shown: Shown, name: &str, content: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_DISPOSITION, disposition(shown, name)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    (headers, content).into_response()
}

/// RFC 6266: the name in ASCII for old browsers, and as it is in the form of RFC 8187.
fn disposition(shown: Shown, name: &str) -> HeaderValue {
    let how = match shown {
        Shown::InPlace => "inline",
        Shown::AsDownload => "attachment",
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_ ()".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let whole: String = name
        .bytes()
        .map(|b| match b {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect();
    HeaderValue::try_from(format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{whole}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_their_quotes() {
        let header = disposition(Shown::AsDownload, "Acta \"1\"\r\nX: y; ñ.pdf");
        assert_eq!(
            header.to_str().unwrap(),
            "attachment; filename=\"Acta _1___X_ y_ _.pdf\"; \
             filename*=UTF-8''Acta%20%221%22%0D%0AX%3A%20y%3B%20%C3%B1.pdf"
        );
        assert!(disposition(Shown::InPlace, "a.png").to_str().unwrap().starts_with("inline; "));
    }
}

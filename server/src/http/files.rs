//! Files of visits and the closing report, for actors who may read the case.
//!
//! Uploads are plain multipart forms, from pages with a script and without one. `Accept: text/html` asks for a redirect to
//! the page; all others get the result as text.

use app::AppError;
use app::pages::staff::UploadReply;
use app::request::RequestContext;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Extension, Form, Multipart, Path, State};
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use desk::cases::attachments::{FileError, attach, detach, read_file};
use desk::cases::tracking::held;
use desk::documents::closing_report::closing_account;
use domain::actor::{Action, Actor, Subject, may};
use domain::attachment::{FileId, FileProblem, MOST_BYTES, MOST_BYTES_TOGETHER, Shown, told_name};
use domain::case::Refusal;
use domain::case::visit::VisitRefusal;
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::answer::{to, told};
use super::signed_in::SignedIn;
use super::{AppState, BODY_BYTES};

/// The largest upload: all files of a form, and as much around them as a form without files has.
pub const UPLOAD_BYTES: usize = MOST_BYTES_TOGETHER + BODY_BYTES;
/// The most parts of an upload; no form of ours has as many.
const MOST_PARTS: usize = 64;

/// A picture runs nothing. The style is for the page that browsers draw around it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'none'";

/// The reason why a file was refused, as an address carries it.
type Code = &'static str;

/// The reason why a file was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NotKept {
    /// For the page, in its address.
    code: Code,
    /// For a script.
    status: StatusCode,
}

impl NotKept {
    /// The file itself is refused.
    fn because(problem: FileProblem) -> Self {
        Self { code: problem.code(), status: StatusCode::UNPROCESSABLE_ENTITY }
    }

    /// The refusal that the visit's page can show; other errors are given back.
    fn of(error: AppError) -> Result<Self, AppError> {
        let code = match &error {
            AppError::Refused(refused) => match refused.refusal() {
                Some(Refusal::Visit(VisitRefusal::TooManyFiles)) => "too_many",
                Some(Refusal::Visit(VisitRefusal::SameFile)) => "same",
                Some(Refusal::Visit(VisitRefusal::NoSuchFile)) => "gone",
                Some(Refusal::Visit(VisitRefusal::OtherTechnician)) => "other_technician",
                _ => "closed",
            },
            AppError::Changed { .. } => "closed",
            AppError::Unavailable => "failed",
            _ => return Err(error),
        };
        Ok(Self { code, status: error.status() })
    }
}

/// The result of an upload.
#[derive(Debug, Default)]
struct Taken {
    /// How many files were stored.
    kept: usize,
    /// The files that were refused, by their sender's names.
    not_kept: Vec<(String, NotKept)>,
    /// The day of the agenda that the form stood on.
    ahead: i32,
}

impl Taken {
    /// The upload ends with an error. The error is shown beside the files that were stored; alone when none was.
    fn cut_off(mut self, name: String, error: AppError) -> Result<Self, AppError> {
        if self.kept == 0 {
            return Err(error);
        }
        self.not_kept.push((name, NotKept { code: "failed", status: error.status() }));
        Ok(self)
    }

    /// The body broke off. A body beyond the limit has a file that is too large. A body that is no form is a fault of the
    /// program that sent it.
    fn unreadable(mut self, name: String, error: &MultipartError) -> Result<Self, AppError> {
        if error.status() != StatusCode::PAYLOAD_TOO_LARGE {
            return self.cut_off(name, AppError::Malformed);
        }
        self.not_kept.push((name, NotKept::because(FileProblem::TooLarge)));
        Ok(self)
    }

    fn reply(&self) -> UploadReply {
        let coded = |(name, problem): &(String, NotKept)| (name.clone(), problem.code.to_owned());
        UploadReply::new(self.kept, self.not_kept.iter().map(coded).collect())
    }
}

/// Adds files to the visit that is under way.
pub async fn add(
    State(site): State<AppState>,
    Path(number): Path<String>,
    SignedIn(staff): SignedIn,
    Extension(asked): Extension<RequestContext>,
    headers: HeaderMap,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let actor = Actor::Staff(staff);
    let (number, multipart) = match checked(&number, &actor, multipart) {
        Ok(checked) => checked,
        Err(error) => return told(&error, asked.language),
    };
    let taken = match take(&site, &actor, number, multipart).await {
        Ok(taken) => taken,
        Err(error) => return told(&error, asked.language),
    };
    if wants_page(&headers) {
        return to(&taken.reply().address(taken.ahead, number), None);
    }
    match taken.not_kept.first() {
        None => StatusCode::CREATED.into_response(),
        Some((_, NotKept { status, .. })) => (*status, taken.reply().message(asked.language)).into_response(),
    }
}

/// The checks that need no byte of the body.
fn checked(
    number: &str,
    actor: &Actor,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<(CaseNumber, Multipart), AppError> {
    let number = CaseNumber::parse(number).map_err(|_| AppError::NotFound)?;
    may(actor, Action::WorkCase, Subject::Case { number, country: number.country() })
        .map_err(|_| AppError::NotPermitted)?;
    Ok((number, multipart.map_err(|_| AppError::Malformed)?))
}

async fn take(
    site: &AppState,
    actor: &Actor,
    number: CaseNumber,
    mut multipart: Multipart,
) -> Result<Taken, AppError> {
    let mut taken = Taken::default();
    for _ in 0..MOST_PARTS {
        let field = match multipart.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => {
                if taken.kept == 0 && taken.not_kept.is_empty() {
                    taken.not_kept.push((String::new(), NotKept::because(FileProblem::Empty)));
                }
                return Ok(taken);
            }
            Err(error) => return taken.unreadable(String::new(), &error),
        };
        if field.name() == Some("in") {
            let text = field.text().await.unwrap_or_default();
            taken.ahead = text.trim().parse::<i32>().unwrap_or(0).clamp(-60, 60);
        } else if field.name() == Some("file") {
            let claimed = field.file_name().unwrap_or_default().to_owned();
            let name = told_name(&claimed);
            let outcome = match content(field).await {
                Ok(Ok(content)) if content.is_empty() && claimed.is_empty() => continue,
                Ok(Ok(content)) => keep(site, actor, number, &claimed, content).await,
                Ok(Err(problem)) => Ok(Err(NotKept::because(problem))),
                Err(error) => return taken.unreadable(name, &error),
            };
            match outcome {
                Ok(Ok(())) => taken.kept += 1,
                Ok(Err(problem)) => taken.not_kept.push((name, problem)),
                Err(error) => return taken.cut_off(name, error),
            }
        }
    }
    taken.cut_off(String::new(), AppError::Malformed)
}

/// The bytes of one part. Bytes beyond the limit are read and dropped, so that the next part can be read.
pub(super) async fn content(mut field: Field<'_>) -> Result<Result<Vec<u8>, FileProblem>, MultipartError> {
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

async fn keep(
    site: &AppState,
    actor: &Actor,
    number: CaseNumber,
    name: &str,
    content: Vec<u8>,
) -> Result<Result<(), NotKept>, AppError> {
    match attach(&site.desk, actor, number, name, content).await {
        Ok(_) => Ok(Ok(())),
        Err(FileError::Problem(problem)) => Ok(Err(NotKept::because(problem))),
        Err(FileError::Desk(error)) => NotKept::of(error.into()).map(Err),
    }
}

pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|kinds| kinds.to_str().ok()).is_some_and(|kinds| kinds.contains("text/html"))
}

/// The field of the form that removes a file.
#[derive(Debug, Deserialize)]
pub struct Remove {
    #[serde(rename = "in", default)]
    ahead: i32,
}

/// Removes a file from the visit that is under way.
pub async fn remove(
    State(site): State<AppState>,
    Path((number, id)): Path<(String, String)>,
    SignedIn(staff): SignedIn,
    Extension(asked): Extension<RequestContext>,
    Form(form): Form<Remove>,
) -> Response {
    let (Ok(number), Ok(id)) = (CaseNumber::parse(&number), FileId::parse(&id)) else {
        return told(&AppError::NotFound, asked.language);
    };
    let reply = match detach(&site.desk, &Actor::Staff(staff), number, id).await {
        Ok(()) => UploadReply::default(),
        Err(error) => match NotKept::of(error.into()) {
            Ok(problem) => UploadReply::new(0, vec![(String::new(), problem.code.to_owned())]),
            Err(error) => return told(&error, asked.language),
        },
    };
    to(&reply.address(form.ahead.clamp(-60, 60), number), None)
}

/// A file, for the staff.
pub async fn of_case(
    State(site): State<AppState>,
    Path((number, id)): Path<(String, String)>,
    SignedIn(staff): SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    let number = CaseNumber::parse(&number).ok();
    answered(file(&site, &Actor::Staff(staff), number, &id).await, asked.language)
}

/// A file, for the holder of the case's link.
pub async fn of_tracking(
    State(site): State<AppState>,
    Path((tracking, id)): Path<(String, String)>,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    match holder(&site, &tracking).await {
        Ok((number, customer)) => answered(file(&site, &customer, Some(number), &id).await, asked.language),
        Err(error) => told(&error, asked.language),
    }
}

/// The case of a link, and its holder: the contact or a participant, whoever else is signed in.
pub(super) async fn holder(site: &AppState, tracking: &str) -> Result<(CaseNumber, Actor), AppError> {
    let held = held(&site.desk, tracking).await?;
    Ok((held.number, held.actor(None)))
}

async fn file(
    site: &AppState,
    actor: &Actor,
    number: Option<CaseNumber>,
    id: &str,
) -> Result<Response, AppError> {
    let number = number.ok_or(AppError::NotFound)?;
    let id = FileId::parse(id).map_err(|_| AppError::NotFound)?;
    let (file, content) = read_file(&site.desk, actor, number, &id).await?;
    Ok(bytes(file.kind.media_type(), file.kind.shown(), file.name.as_str(), content))
}

/// The closing report as a document, for the staff.
pub async fn account_of_case(
    State(site): State<AppState>,
    Path(number): Path<String>,
    SignedIn(staff): SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    let number = CaseNumber::parse(&number).ok();
    answered(account(&site, &Actor::Staff(staff), number).await, asked.language)
}

/// The same for the holder of the case's link.
pub async fn account_of_tracking(
    State(site): State<AppState>,
    Path(tracking): Path<String>,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    match holder(&site, &tracking).await {
        Ok((number, customer)) => answered(account(&site, &customer, Some(number)).await, asked.language),
        Err(error) => told(&error, asked.language),
    }
}

async fn account(site: &AppState, actor: &Actor, number: Option<CaseNumber>) -> Result<Response, AppError> {
    let number = number.ok_or(AppError::NotFound)?;
    let content = closing_account(&site.desk, actor, number).await?;
    Ok(bytes("application/pdf", Shown::AsDownload, &format!("{}.pdf", number.as_compact()), content))
}

fn answered(answer: Result<Response, AppError>, language: Language) -> Response {
    answer.unwrap_or_else(|error| told(&error, language))
}

/// An answer of bytes that no browser takes for a page: a type of ours, no sniffing, a sandbox, this site alone.
pub(super) fn bytes(kind: &'static str, shown: Shown, name: &str, content: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_DISPOSITION, disposition(shown, name)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    (headers, content).into_response()
}

/// Characters that are escaped in a file name: all but the unreserved ones, which RFC 8187 has among its `attr-char`.
const NAME_PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// RFC 6266: the name in ASCII for old browsers, and in full in the form of RFC 8187.
fn disposition(shown: Shown, name: &str) -> HeaderValue {
    let how = match shown {
        Shown::InPlace => "inline",
        Shown::AsDownload => "attachment",
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_ ()".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let whole = utf8_percent_encode(name, NAME_PART);
    HeaderValue::try_from(format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{whole}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_name_is_quoted_in_the_header() {
        let header = disposition(Shown::AsDownload, "Acta \"1\"\r\nX: y; ñ.pdf");
        assert_eq!(
            header.to_str().unwrap(),
            "attachment; filename=\"Acta _1___X_ y_ _.pdf\"; \
             filename*=UTF-8''Acta%20%221%22%0D%0AX%3A%20y%3B%20%C3%B1.pdf"
        );
        assert!(disposition(Shown::InPlace, "a.png").to_str().unwrap().starts_with("inline; "));
    }
}

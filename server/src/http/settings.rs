//! The forms of settings, and files of closures.

use app::AppError;
use app::pages::staff::{
    CLOSURES_FILE, LOGO_FILE, SettingsPosted, post_closures, post_mail_text, post_provider, post_settings,
    post_single, settings_address,
};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use desk::settings::{ICS_BYTES_MAX, Subject, export_closures};
use domain::calendar::week::CLOSURES_MAX;
use domain::causes::{CATEGORIES_MAX, CAUSES_MAX};
use domain::provider::LOGO_BYTES_MAX;

use super::answer::{to, told};
use super::posted::read_pairs_up_to;
use super::signed_in::SignedIn;
use super::table::{Listed, post};
use super::{AppState, BODY_BYTES, pages};

/// Most fields of a form: three for each closure of a calendar, and the week.
const MOST_FIELDS: usize = 3 * CLOSURES_MAX + 64;

/// The address and the handler of a subject's form; `None` for one that may bring a file, whose route takes large requests.
pub fn form(subject: Subject) -> Option<(String, Listed)> {
    let address = settings_address(subject);
    match subject {
        Subject::Calendars | Subject::Provider => None,
        Subject::MailTexts => Some((format!("{address}/{{id}}"), post(mail_text))),
        _ if subject.table().is_none() => Some((address.to_owned(), single_form(subject))),
        _ => Some((format!("{address}/{{id}}"), entry_form(subject))),
    }
}

/// Shows what the form of an entry would change, or changes it.
fn entry_form(subject: Subject) -> Listed {
    post(
        async move |State(site): State<AppState>,
                    Path(id): Path<String>,
                    _: SignedIn,
                    Extension(asked): Extension<RequestContext>,
                    request: Request| { take(site, &asked, subject, &id, request).await },
    )
}

/// The same of a subject that has one entry. The form may bring a value to try.
fn single_form(subject: Subject) -> Listed {
    post(
        async move |State(site): State<AppState>,
                    _: SignedIn,
                    Extension(asked): Extension<RequestContext>,
                    request: Request| {
            match read_pairs_up_to(request, MOST_ROWS_FIELDS, BODY_BYTES).await {
                Ok((parts, pairs)) => {
                    let posted = post_single(&asked, subject, pairs).await;
                    answer(site, &asked, parts, posted).await
                }
                Err(response) => response,
            }
        },
    )
}

/// Most bytes of a calendar's form: each closure has the names of three fields, a day, hours and a note.
const CALENDAR_BYTES: usize = CLOSURES_MAX * 1024;

/// Shows what a calendar's form would change, or changes it. The form may bring a file of closures.
pub async fn calendar(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        return take(site, &asked, Subject::Calendars, &id, request).await;
    }
    let (parts, body) = request.into_parts();
    let form = Request::from_parts(parts.clone(), body);
    let (pairs, file) = match read_parts(form, MOST_FIELDS, (CLOSURES_FILE, ICS_BYTES_MAX)).await {
        Ok(read) => read,
        Err(status) => return status.into_response(),
    };
    let posted = post_closures(&asked, &id, pairs, &file.unwrap_or_default()).await;
    answer(site, &asked, parts, posted).await
}

/// The same of the words of a mail, which can be tried as well.
async fn mail_text(
    State(site): State<AppState>,
    Path(kind): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, pairs) = match read_pairs_up_to(request, MOST_PARTS, BODY_BYTES).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let posted = post_mail_text(&asked, &kind, pairs).await;
    answer(site, &asked, parts, posted).await
}

/// The closures of a calendar in force, as an iCalendar file.
pub async fn closures(
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    let text = match id.parse() {
        Ok(id) => export_closures(&asked.desk, &asked.actor, id).await.map_err(AppError::from),
        Err(_) => Err(AppError::NotFound),
    };
    match text {
        Ok(text) => {
            let headers = [
                (CONTENT_TYPE, "text/calendar; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"closures.ics\""),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, text).into_response()
        }
        Err(error) => told(&error, asked.language),
    }
}

/// Most fields of the form of a subject that has one entry. That of causes is the largest: seven for each row, among them empty
/// ones.
const MOST_ROWS_FIELDS: usize = 7 * (CAUSES_MAX + 3 * CATEGORIES_MAX) + 16;

/// Most fields of the form of the provider and of words of mails: three for each telephone line or format, and the others.
const MOST_PARTS: usize = 128;
/// The longest text of a field in bytes; the longest value has some hundred characters. What is longer is cut to this: the
/// rules refuse it at its field.
const TEXT_BYTES: usize = 8 * 1024;

/// The same of the provider's form, which may bring the picture of a logo.
pub async fn provider(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let form = Request::from_parts(parts.clone(), body);
    let (pairs, picture) = match read_parts(form, MOST_PARTS, (LOGO_FILE, LOGO_BYTES_MAX)).await {
        Ok(read) => read,
        Err(status) => return status.into_response(),
    };
    let posted = post_provider(&asked, pairs, picture).await;
    answer(site, &asked, parts, posted).await
}

/// The fields of a multipart form of at most `most` parts, and the file that was chosen in it, by field and largest size.
async fn read_parts(
    request: Request,
    most: usize,
    (file_name, file_bytes): (&str, usize),
) -> Result<(Vec<(String, String)>, Option<Vec<u8>>), StatusCode> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| error.status())?;
    let (mut pairs, mut file) = (Vec::new(), None);
    for _ in 0..most {
        let Some(field) = form.next_field().await.map_err(|error| error.status())? else {
            return Ok((pairs, file));
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name == file_name {
            // One byte too many is enough to be refused.
            let bytes = read_up_to(field, file_bytes + 1).await?;
            file = Some(bytes).filter(|bytes| !bytes.is_empty());
        } else {
            let bytes = read_up_to(field, TEXT_BYTES).await?;
            pairs.push((name, text(bytes).ok_or(StatusCode::BAD_REQUEST)?));
        }
    }
    Err(StatusCode::BAD_REQUEST)
}

/// A field's text. Its last letter may be cut in two.
fn text(mut bytes: Vec<u8>) -> Option<String> {
    if bytes.len() == TEXT_BYTES
        && let Err(wrong) = std::str::from_utf8(&bytes)
        && wrong.error_len().is_none()
    {
        bytes.truncate(wrong.valid_up_to());
    }
    String::from_utf8(bytes).ok()
}

/// The first bytes of a part. The rest is read and dropped, so that the next part can be read.
async fn read_up_to(mut field: Field<'_>, most: usize) -> Result<Vec<u8>, StatusCode> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| error.status())? {
        let room = most.saturating_sub(bytes.len()).min(chunk.len());
        bytes.extend_from_slice(&chunk[..room]);
    }
    Ok(bytes)
}

async fn take(
    site: AppState,
    asked: &RequestContext,
    subject: Subject,
    id: &str,
    request: Request,
) -> Response {
    let bytes = if subject == Subject::Calendars { CALENDAR_BYTES } else { BODY_BYTES };
    let (parts, pairs) = match read_pairs_up_to(request, MOST_FIELDS, bytes).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let posted = post_settings(asked, subject, id, pairs).await;
    answer(site, asked, parts, posted).await
}

/// The answer to a form: the way to the next page, or the page again.
async fn answer(site: AppState, asked: &RequestContext, parts: Parts, posted: SettingsPosted) -> Response {
    match posted {
        SettingsPosted::Done(next) => to(&next, None),
        SettingsPosted::Again(status, reply) => pages::again(site, parts, *reply, status).await,
        SettingsPosted::Failed(error) => told(&error, asked.language),
    }
}

//! Messages with files: forms in several parts, from pages with a script and without one, and the files themselves.
//!
//! A script asks for text, and gets an error of a field as its name and its words, a line each.

use app::AppError;
use app::pages::PostReply;
use app::pages::portal::{TrackForm, TrackReply, post_message};
use app::pages::staff::post_case_message;
use app::request::{RateLimit, RequestContext};
use axum::Extension;
use axum::body::HttpBody;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use desk::cases::message_files::{Part, read_message_file};
use desk::cases::tracking::held;
use domain::actor::{Action, Actor, Subject, may};
use domain::attachment::{FileId, FileKind, Shown};
use domain::case_number::CaseNumber;
use domain::i18n::Language;

use super::answer::{to, told};
use super::files::{bytes, holder, wants_page};
use super::multipart::{FILES, Form, Reads, Sender, has_parts, read};
use super::signed_in::SignedIn;
use super::{AppState, BODY_BYTES, forms, pages};

/// Takes a customer's message with its files. Pages of earlier versions post it without files.
pub async fn of_customer(
    State(site): State<AppState>,
    Path(tracking): Path<String>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    if !has_parts(request.headers()) {
        // Without files it has no more room than any other form, and an announced excess is not waited for.
        if request.body().size_hint().lower() > BODY_BYTES as u64 {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        }
        return forms::take_on_case(site, &tracking, asked, TrackForm::Message, request).await;
    }
    // A stranger's body is not read.
    if let Err(error) = held(&site.desk, &tracking).await {
        return told(&error.into(), asked.language);
    }
    let is_page = wants_page(request.headers());
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    // Whoever sends too often gets their words back, and their files are not read.
    let reads = match asked.rate_limit {
        RateLimit::Within => Reads::Files,
        RateLimit::Exceeded => Reads::Words,
    };
    let sender = Sender::Customer(asked.source);
    // Its turn lasts until its files are written.
    let Form { typed, files, turn: _turn } = match read(request, asked.language, reads, sender).await {
        Ok(form) => form,
        Err(error) => return told(&error, asked.language),
    };
    let posted = match files {
        Ok(files) => post_message(&asked, &tracking, &typed, files).await,
        Err(words) => Err(AppError::Wrong(vec![(FILES.to_owned(), words)])),
    };
    match posted {
        Ok(()) if is_page => to(&format!("/track/{tracking}"), None),
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(error) if is_page => {
            let reply = PostReply::to(typed, &error, asked.language);
            let reply = TrackReply { form: TrackForm::Message, reply };
            pages::again(site, parts, reply, error.status()).await
        }
        Err(error) => in_lines(&error, asked.language),
    }
}

/// Takes an agent's update or note with its files.
pub async fn of_staff(
    State(site): State<AppState>,
    Path(number): Path<String>,
    SignedIn(staff): SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let Ok(case) = CaseNumber::parse(&number) else { return told(&AppError::NotFound, asked.language) };
    let subject = Subject::Case { number: case, country: case.country() };
    if may(&Actor::Staff(staff), Action::WorkCase, subject).is_err() {
        return told(&AppError::NotPermitted, asked.language);
    }
    let is_page = wants_page(request.headers());
    let page = request.uri().path().trim_end_matches("/messages").parse::<Uri>();
    let Ok(page) = page else { return told(&AppError::Malformed, asked.language) };
    let (mut parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    // Its turn lasts until its files are written.
    let read = read(request, asked.language, Reads::Files, Sender::Staff).await;
    let Form { typed, files, turn: _turn } = match read {
        Ok(form) => form,
        Err(error) => return told(&error, asked.language),
    };
    let posted = match files {
        Ok(files) => post_case_message(&asked, &number, &typed, files).await,
        Err(words) => Err(AppError::Wrong(vec![(FILES.to_owned(), words)])),
    };
    match posted {
        Ok(address) if is_page => to(&address, None),
        Ok(_) => StatusCode::CREATED.into_response(),
        Err(error @ (AppError::NotFound | AppError::NotPermitted)) => told(&error, asked.language),
        Err(error) if is_page => {
            let reply = PostReply::to(typed, &error, asked.language);
            // The form stands on the page of the case.
            parts.uri = page;
            pages::again(site, parts, reply, error.status()).await
        }
        Err(error) => in_lines(&error, asked.language),
    }
}

/// An error for a script: the field's name and its words, a line each; the words alone, if no field is wrong.
fn in_lines(error: &AppError, language: Language) -> Response {
    match error {
        AppError::Wrong(problems) => {
            let (field, words) = problems.first().cloned().unwrap_or_default();
            (error.status(), format!("{field}\n{words}")).into_response()
        }
        error => told(error, language),
    }
}

/// A file of a message, for the staff.
pub async fn file_of_case(
    State(site): State<AppState>,
    Path((number, id)): Path<(String, String)>,
    SignedIn(staff): SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    let number = CaseNumber::parse(&number).ok();
    file(&site, &Actor::Staff(staff), number, &id, Part::Whole, asked.language).await
}

/// The thumbnail of a picture, for the staff.
pub async fn thumbnail_of_case(
    State(site): State<AppState>,
    Path((number, id)): Path<(String, String)>,
    SignedIn(staff): SignedIn,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    let number = CaseNumber::parse(&number).ok();
    file(&site, &Actor::Staff(staff), number, &id, Part::Thumbnail, asked.language).await
}

/// A file of a message, for the holder of the case's link.
pub async fn file_of_tracking(
    State(site): State<AppState>,
    Path((tracking, id)): Path<(String, String)>,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    match holder(&site, &tracking).await {
        Ok((number, customer)) => {
            file(&site, &customer, Some(number), &id, Part::Whole, asked.language).await
        }
        Err(error) => told(&error, asked.language),
    }
}

/// The thumbnail of a picture, for the holder of the case's link.
pub async fn thumbnail_of_tracking(
    State(site): State<AppState>,
    Path((tracking, id)): Path<(String, String)>,
    Extension(asked): Extension<RequestContext>,
) -> Response {
    match holder(&site, &tracking).await {
        Ok((number, customer)) => {
            file(&site, &customer, Some(number), &id, Part::Thumbnail, asked.language).await
        }
        Err(error) => told(&error, asked.language),
    }
}

/// A file is only ever downloaded; its thumbnail is shown in the thread.
async fn file(
    site: &AppState,
    actor: &Actor,
    number: Option<CaseNumber>,
    id: &str,
    part: Part,
    language: Language,
) -> Response {
    let (Some(number), Ok(id)) = (number, FileId::parse(id)) else {
        return told(&AppError::NotFound, language);
    };
    match read_message_file(&site.desk, actor, number, &id, part).await {
        Ok((file, content)) => match part {
            Part::Whole => bytes(file.kind.media_type(), Shown::AsDownload, file.name.as_str(), content),
            Part::Thumbnail => bytes(FileKind::Jpeg.media_type(), Shown::InPlace, "thumbnail.jpg", content),
        },
        Err(error) => told(&error.into(), language),
    }
}
